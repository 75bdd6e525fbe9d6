#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A runner from outside: each system it lists runs each workload it lists, briefly, and wrong
requests are answered with the word that is wrong. See tests/e2e/support.py for how to run it."""

import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import support

PERCENTILES = {"p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns", "count"}
RATES = {"publishes_per_s", "deliveries_per_s"}
LOSSY_RATES = RATES | {"lost_share"}
COSTS = {"ns_per_publish", "ns_per_receive"}

# workload: [(words, metrics)]. Short, and still one of every kind.
RUNS = {
    "throughput": [("subscribers=0", {"ns_per_publish"}),
                   ("subscribers=2 slow=1", {"ns_per_publish"}),
                   ("subscribers=1 capacity=2 pin=1", {"ns_per_publish"})],
    "latency_service": [("capacity=64", {"ns_per_receive"}), ("", {"ns_per_receive"})],
    "latency": [("interval_us=10 receiver=polling", PERCENTILES),
                ("interval_us=100 receiver=sleeping", PERCENTILES),
                ("interval_us=100 receiver=async", PERCENTILES)],
    "slo": [("rate=100000 subscribers=2", PERCENTILES | {"p95_ns", "deliveries_per_s",
                                                         "lost_share"})],
    "overflow": [("capacity=64", {"ns_per_publish", "ns_per_lagged"})],
    "bus_publish": [("subscribers=2 burst=256 capacity=2048", LOSSY_RATES),
                    ("subscribers=2 burst=256 capacity=64 batched=1 epoch_yield=1", LOSSY_RATES),
                    ("burst=1024 capacity=8192 batched=1 flush=16", LOSSY_RATES),
                    ("burst=100 capacity=1024 mode=batched flush=16", LOSSY_RATES)],
    "ab_compare": [("subscribers=1 capacity=64", LOSSY_RATES),
                   ("subscribers=3 capacity=1024", LOSSY_RATES)],
    "gated": [("", RATES),
              ("publishers=1 subscribers=3 batch=16 capacity=64", RATES),
              ("publishers=3 subscribers=1 capacity=64", RATES),
              ("publishers=2 subscribers=2 batch=64 capacity=1024", RATES),
              ("publishers=3 subscribers=1 batch=64 capacity=65536", RATES)],
    "fanout_scaling": [("kind=idle subscribers=64", {"ns_per_publish"}),
                       ("kind=draining subscribers=4", LOSSY_RATES),
                       ("kind=draining subscribers=2 publishers=3", LOSSY_RATES),
                       ("kind=churn churn_hz=1000", {"publishes_per_s", "churns_per_s"}),
                       ("kind=churn churn_hz=0", {"publishes_per_s", "churns_per_s"}),
                       ("kind=publishers publishers=2", {"publishes_per_s"})],
    "payloads": [("payload=u64", COSTS), ("payload=bytes64", COSTS), ("payload=bytes1024", COSTS),
                 ("payload=event", COSTS), ("payload=shared64k", COSTS)],
    "construct": [("capacity=256", {"ns_per_construct", "bytes_per_bus", "bytes_per_subscriber",
                                    "allocations_per_message"})],
    "floors": [("floor=" + name, {"ns"}) for name in
               ("xadd", "store", "fence", "line_round_trip", "membarrier", "clock", "harness")] +
              [("floor=one_way_line interval_us=10", PERCENTILES),
               ("floor=futex_wake interval_us=100", PERCENTILES),
               ("floor=one_way_ring batch=1", RATES), ("floor=one_way_ring batch=64", RATES)],
}
# What a system may leave out: (system, metric).
UNSEEN = {("tbb", "bytes_per_bus"), ("tbb", "bytes_per_subscriber"),
          ("tbb", "allocations_per_message")}
# A rate or a cost of nothing would be no measurement; these may be nothing.
MAY_BE_ZERO = {"lost_share", "allocations_per_message", "bytes_per_subscriber", "churns_per_s"}


class Runner(unittest.TestCase):
    def answers(self, *lines, end="quit\n"):
        """The answers to some requests, by one runner that must end well."""
        result = support.run(stdin=("\n".join(lines) + "\n" + end).encode())
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        answers = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(len(answers), len(lines), result.stdout)
        return answers

    def systems(self):
        listed, = self.answers("list")
        self.assertEqual("runner_" + listed["runner"], os.path.basename(support.program))
        return {system["name"]: system["workloads"] for system in listed["systems"]}

    def any_system(self):
        return next(iter(self.systems()))

    def with_patience(self, line, answer):
        """The answer to a run, which may have been too short for a busy machine: a thread that was
        not running meanwhile has received nothing."""
        if answer.get("error") == "nothing arrived":
            answer, = self.answers(line.replace("millis=5", "millis=2000"))
        return answer

    def check_metrics(self, system, words, metrics, answer):
        if answer.keys() == {"ok", "unsupported"}:
            self.assertIs(answer["ok"], False)
            self.assertTrue(answer["unsupported"], words)
            return False
        self.assertEqual(answer.keys(), {"ok", "metrics"}, answer)
        self.assertIs(answer["ok"], True)
        expected = {metric for metric in metrics if (system, metric) not in UNSEEN}
        self.assertEqual(answer["metrics"].keys(), expected)
        for metric, value in answer["metrics"].items():
            self.assertTrue(value > 0 or (value == 0 and metric in MAY_BE_ZERO), (metric, value))
        return True

    def test_every_system_runs_every_workload_that_it_lists(self):
        for system, workloads in self.systems().items():
            self.assertTrue(workloads, system)
            for workload in workloads:
                lines = [f"run system={system} workload={workload} millis=5 {words}".rstrip()
                         for words, _ in RUNS[workload]]
                with self.subTest(system=system, workload=workload):
                    answers = [self.with_patience(line, answer)
                               for line, answer in zip(lines, self.answers(*lines))]
                    done = [self.check_metrics(system, line, metrics, answer)
                            for line, (_, metrics), answer in zip(lines, RUNS[workload], answers)]
                    self.assertTrue(any(done), "listed, but nothing of it is supported")

    def test_a_workload_that_is_not_listed_is_unsupported(self):
        for system, workloads in self.systems().items():
            for workload in RUNS.keys() - set(workloads):
                answer, = self.answers(f"run system={system} workload={workload}")
                self.assertIs(answer["ok"], False)
                self.assertIn(workload, answer["unsupported"])

    def test_words_may_come_in_any_order(self):
        system, workloads = next(iter(self.systems().items()))
        words = f"system={system} workload={workloads[0]} millis=5".split()
        answers = self.answers("run " + " ".join(words), "run " + " ".join(reversed(words)))
        self.assertTrue(all(answer["ok"] for answer in answers), answers)

    def test_a_wrong_word_is_named(self):
        system = self.any_system()
        workload = self.systems()[system][0]
        begin = f"run system={system} workload={workload}"
        wrong = {
            "run": ["system", "missing"],
            f"run system={system}": ["workload", "missing"],
            f"run system=nonsense workload={workload}": ["system=nonsense", system],
            f"run system={system} workload=nonsense": ["workload=nonsense", "throughput"],
            begin + " banana": ["banana", "name=value"],
            begin + " =3": ["=3", "name=value"],
            begin + " bananas=3": ["bananas=3", "millis"],
            begin + " millis=0": ["millis=0", "from 1 to 600000"],
            begin + " millis=5x": ["millis=5x", "from 1 to 600000"],
            begin + " millis=-5": ["millis=-5", "from 1 to 600000"],
            begin + " millis=": ["millis=", "from 1 to 600000"],
            begin + " millis=99999999999999999999": ["millis=99999999999999999999", "600000"],
            begin + " pin=2": ["pin=2", "from 0 to 1"],
            begin + " millis=5 millis=6": ["millis=6", "twice"],
            "launch": ["launch", "list"],
            "list everything": ["everything"],
            "quit now": ["now"],
            "": ["''"],
            "\u00fcber": ["\u00fcber"],
        }
        for (line, parts), answer in zip(wrong.items(), self.answers(*wrong)):
            with self.subTest(line=line):
                self.assertEqual(answer.keys(), {"ok", "error"})
                self.assertIs(answer["ok"], False)
                for part in parts:
                    self.assertIn(part, answer["error"])

    def test_it_goes_on_after_a_wrong_request(self):
        wrong, listed = self.answers("nonsense", "list")
        self.assertIs(wrong["ok"], False)
        self.assertTrue(listed["systems"])

    def test_bytes_that_are_no_text_are_answered(self):
        result = support.run(stdin=b"\xff\xfe\nquit\n")
        self.assertEqual(result.returncode, 0)
        self.assertIs(json.loads(result.stdout)["ok"], False)

    def test_the_end_of_the_input_ends_it(self):
        self.answers("list", end="")

    def test_each_answer_comes_before_the_next_request(self):
        with subprocess.Popen([support.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              env=support.environment()) as process:
            for _ in range(2):
                process.stdin.write(b"list\n")
                process.stdin.flush()
                self.assertTrue(json.loads(process.stdout.readline())["systems"])
            process.stdin.close()
            self.assertEqual(process.wait(support.PATIENCE), 0)

    def test_arguments_are_a_usage_error(self):
        result = support.run("--help-me")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stdout, b"")
        self.assertIn(b"list", result.stderr)


if __name__ == "__main__":
    support.main(part_of_every_build=False)
