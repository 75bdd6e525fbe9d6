#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The benchmarks' runner_rust from outside. See support.py for how to run it. Ends with 77 when the
runner is not built."""

import json
import math
import os
import subprocess
import sys
import time
import unittest

import support

BROADCASTS = ["tokio", "async-broadcast"]
QUEUES = ["flume", "async-channel"]
FANOUTS = ["flume-fanout", "async-channel-fanout"]
SYSTEMS = ["tokio", "async-broadcast", "flume", "flume-fanout", "async-channel",
           "async-channel-fanout"]
WAITING = [system for system in SYSTEMS if system != "tokio"]
LATENCIES = {"p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns", "count"}
RATES = {"publishes_per_s", "deliveries_per_s"}
LOSSY_RATES = RATES | {"lost_share"}
# (workload, parameters, systems, metrics)
RUNS = [
    ("throughput", "", SYSTEMS, {"ns_per_publish"}),
    ("throughput", "subscribers=0", SYSTEMS, {"ns_per_publish"}),
    ("throughput", "subscribers=8 slow=1 capacity=2", SYSTEMS, {"ns_per_publish"}),
    ("latency_service", "capacity=64", SYSTEMS, {"ns_per_receive"}),
    *[("latency", f"interval_us=10 receiver={receiver}", SYSTEMS, LATENCIES)
      for receiver in ("polling", "sleeping", "async")],
    ("slo", "rate=100000 subscribers=4 capacity=4096", SYSTEMS,
     LATENCIES | {"p95_ns", "deliveries_per_s", "lost_share"}),
    ("overflow", "capacity=64", BROADCASTS, {"ns_per_publish", "ns_per_lagged"}),
    ("overflow", "capacity=64", QUEUES + FANOUTS, {"ns_per_publish"}),
    ("bus_publish", "subscribers=1 burst=1 capacity=2 batched=0 epoch_yield=0", SYSTEMS, LOSSY_RATES),
    ("bus_publish", "subscribers=16 burst=256 capacity=2048 batched=0 epoch_yield=1", SYSTEMS,
     LOSSY_RATES),
    *[("ab_compare", f"subscribers={subscribers} capacity=64", SYSTEMS, LOSSY_RATES)
      for subscribers in (1, 8)],
    ("gated", "publishers=1 subscribers=1 batch=1", WAITING, RATES),
    ("gated", "publishers=3 subscribers=1 batch=1 capacity=2", WAITING, RATES),
    ("gated", "publishers=4 subscribers=8 batch=1 capacity=64", ["async-broadcast", *FANOUTS], RATES),
    ("fanout_scaling", "kind=idle subscribers=64", SYSTEMS, {"ns_per_publish"}),
    ("fanout_scaling", "kind=draining subscribers=8 publishers=4", SYSTEMS, LOSSY_RATES),
    ("fanout_scaling", "kind=churn churn_hz=0", SYSTEMS, {"publishes_per_s", "churns_per_s"}),
    ("fanout_scaling", "kind=churn churn_hz=1000 subscribers=0", SYSTEMS,
     {"publishes_per_s", "churns_per_s"}),
    ("fanout_scaling", "kind=publishers subscribers=2 publishers=4", SYSTEMS, {"publishes_per_s"}),
    *[("payloads", f"payload={payload}", SYSTEMS, {"ns_per_publish", "ns_per_receive"})
      for payload in ("u64", "bytes64", "bytes1024", "event", "shared64k")],
    ("construct", "capacity=256", SYSTEMS,
     {"ns_per_construct", "bytes_per_bus", "bytes_per_subscriber", "allocations_per_message"}),
]
# In a few milliseconds on a busy machine, the thread that comes and goes may not get to run.
MAY_BE_ZERO = {"lost_share", "bytes_per_subscriber", "allocations_per_message", "churns_per_s"}


class Runner:
    """A running runner."""

    def __enter__(self):
        self.process = subprocess.Popen([support.program], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True,
                                        env=support.environment())
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def send(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ask(self, line):
        self.send(line)
        return json.loads(self.process.stdout.readline())

    def measure(self, words):
        answer = self.ask(f"run {words}")
        if not answer["ok"]:
            raise AssertionError(f"{words}: {answer}")
        return answer["metrics"]

    def processors_of_threads(self):
        """What each thread may use, by its number."""
        found = {}
        tasks = f"/proc/{self.process.pid}/task"
        for task in os.listdir(tasks):
            try:
                found[int(task)] = frozenset(os.sched_getaffinity(int(task)))
            except OSError:
                pass  # It has ended.
        return found

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as file:
            user, system = file.read().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class Answers(unittest.TestCase):
    def test_the_list_names_systems_workloads_and_versions(self):
        with Runner() as runner:
            answer = runner.ask("list")
        self.assertEqual(answer["runner"], "rust")
        self.assertEqual([system["name"] for system in answer["systems"]], SYSTEMS)
        for system in answer["systems"]:
            self.assertEqual(set(system["workloads"]),
                             {workload for workload, _, systems, _ in RUNS
                              if system["name"] in systems})
            self.assertRegex(system["version"], r"^\d+\.\d+\.\d+$")
            self.assertIn("::" if system["name"] != "async-broadcast" else "overflow", system["label"])

    def test_every_workload_runs_and_gives_its_metrics(self):
        with Runner() as runner:
            for workload, parameters, systems, metrics in RUNS:
                for system in systems:
                    words = f"system={system} workload={workload} {parameters} millis=5"
                    with self.subTest(words):
                        found = runner.measure(words)
                        self.assertEqual(set(found), metrics)
                        for name, value in found.items():
                            self.assertTrue(math.isfinite(value), name)
                            if name not in MAY_BE_ZERO:
                                self.assertGreater(value, 0, name)

    def test_metrics_of_one_run_agree_with_each_other(self):
        with Runner() as runner:
            gated = runner.measure("system=flume-fanout workload=gated subscribers=3 millis=5")
            self.assertAlmostEqual(gated["deliveries_per_s"] / gated["publishes_per_s"], 3)
            lossy = runner.measure("system=tokio workload=bus_publish subscribers=4 millis=20")
            self.assertAlmostEqual(lossy["deliveries_per_s"] / lossy["publishes_per_s"],
                                   4 * (1 - lossy["lost_share"]), places=6)
            shared = runner.measure("system=flume workload=bus_publish subscribers=4 millis=20")
            self.assertAlmostEqual(shared["deliveries_per_s"] / shared["publishes_per_s"],
                                   1 - shared["lost_share"], places=6)
            slo = runner.measure("system=tokio workload=slo rate=10000 millis=20")
            order = [slo[name] for name in ("p50_ns", "p90_ns", "p95_ns", "p99_ns", "p999_ns", "max_ns")]
            self.assertEqual(order, sorted(order))
            seconds = slo["count"] / slo["deliveries_per_s"]
            # The first one comes at once, and one may be under way when the time is over.
            self.assertLessEqual(slo["count"], 4 * (10000 * seconds + 2))

    def test_subscribers_come_and_go_not_more_often_than_asked(self):
        with Runner() as runner:
            for system in SYSTEMS:
                words = f"system={system} workload=fanout_scaling kind=churn millis=200 churn_hz="
                paced = runner.measure(words + "100")["churns_per_s"]
                self.assertTrue(0 < paced <= 110, (system, paced))
                self.assertGreater(runner.measure(words + "0")["churns_per_s"], 0, system)

    def test_a_run_lasts_as_long_as_it_should(self):
        with Runner() as runner:
            for workload in ("throughput", "latency", "ab_compare", "payloads"):
                before = time.monotonic()
                runner.measure(f"system=tokio workload={workload} millis=300")
                self.assertGreaterEqual(time.monotonic() - before, 0.3, workload)

    def test_heap_memory_is_counted(self):
        with Runner() as runner:
            for system in SYSTEMS:
                found = runner.measure(f"system={system} workload=construct capacity=1024 millis=5")
                queues = found["bytes_per_subscriber"] if system in FANOUTS else found["bytes_per_bus"]
                self.assertGreaterEqual(queues, 1024 * 8, system)
                self.assertEqual(found["allocations_per_message"], 0, system)

    def test_what_a_system_cannot_do_is_unsupported_with_a_reason(self):
        with Runner() as runner:
            for words, reason in [
                    ("system=tokio workload=gated", "never waits"),
                    ("system=flume workload=gated subscribers=3", "share"),
                    ("system=async-channel workload=gated subscribers=2", "share"),
                    ("system=flume-fanout workload=gated batch=16", "several messages at once"),
                    ("system=tokio workload=bus_publish batched=1", "several messages at once"),
                    ("system=tokio workload=bus_publish mode=edge", "one way to publish"),
                    ("system=tokio workload=bus_publish flush=16", "flush")]:
                with self.subTest(words):
                    answer = runner.ask(f"run {words}")
                    self.assertEqual((answer["ok"], set(answer)), (False, {"ok", "unsupported"}))
                    self.assertIn(reason, answer["unsupported"])

    def test_a_bad_request_is_answered_with_the_word_and_what_is_allowed(self):
        with Runner() as runner:
            for request, *parts in [
                    ("", "empty", "list, run and quit"),
                    ("brew", "'brew'", "list, run and quit"),
                    ("list all", "'all'"),
                    ("quit now", "'now'"),
                    ("run coffee", "'coffee'", "name=value"),
                    ("run =3", "'=3'", "name=value"),
                    ("run workload=gated", "system= is missing"),
                    ("run system=tokio", "workload= is missing"),
                    ("run system=kafka workload=gated", "'kafka'", "tokio, async-broadcast"),
                    ("run system=tokio workload=brew", "'brew'", "throughput, latency_service"),
                    ("run system=tokio workload=slo rate=1 rate=2", "'rate'", "twice"),
                    ("run system=tokio workload=slo rate=0", "rate=0", "from 1 to"),
                    ("run system=tokio workload=slo millis=0", "millis=0", "from 1 to"),
                    ("run system=tokio workload=slo pin=2", "pin=2", "from 0 to 1"),
                    ("run system=tokio workload=slo pin=\"x\\", "pin=\"x\\"),
                    ("run system=tokio workload=slo floor=xadd", "'floor=xadd'", "slo"),
                    ("run system=tokio workload=throughput capacity=1", "capacity=1", "from 2 to"),
                    ("run system=tokio workload=latency receiver=deaf", "receiver=deaf",
                     "polling, sleeping, async"),
                    ("run system=tokio workload=payloads payload=u8", "payload=u8", "bytes64"),
                    ("run system=tokio workload=gated subscribers=-1", "subscribers=-1", "from 1 to"),
                    ("run system=tokio workload=fanout_scaling publishers=65", "publishers=65",
                     "from 1 to 64")]:
                with self.subTest(request=request):
                    answer = runner.ask(request)
                    self.assertEqual((answer["ok"], set(answer)), (False, {"ok", "error"}))
                    for part in parts:
                        self.assertIn(part, answer["error"])
            runner.measure("millis=5  workload=throughput system=tokio")  # It goes on.


class Life(unittest.TestCase):
    def test_quit_and_the_end_of_input_end_it_without_an_error(self):
        for text in (b"quit\nlist\n", b""):
            result = support.run(stdin=text)
            self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))

    def test_an_argument_is_a_usage_error(self):
        result = support.run("--brew")
        self.assertEqual((result.returncode, result.stdout), (2, b""))
        self.assertIn(b"--brew", result.stderr)

    def test_between_requests_it_uses_no_processor_and_has_one_thread(self):
        with Runner() as runner:
            runner.measure("system=tokio workload=bus_publish subscribers=4 millis=20")
            before = runner.processor_seconds()
            time.sleep(1)
            self.assertLess(runner.processor_seconds() - before, 0.05)
            self.assertEqual(len(runner.processors_of_threads()), 1)

    def test_a_pinned_run_has_each_worker_on_one_processor(self):
        allowed = os.sched_getaffinity(0)
        if len(allowed) == 1:
            self.skipTest("there is one processor")
        with Runner() as runner:
            for receiver in ("sleeping", "async"):
                for pin in (1, 0):
                    runner.send("run system=tokio workload=latency interval_us=100 millis=300 "
                                f"receiver={receiver} pin={pin}")
                    time.sleep(0.15)
                    found = runner.processors_of_threads().values()
                    self.assertTrue(json.loads(runner.process.stdout.readline())["ok"])
                    pinned = [next(iter(processors)) for processors in found if len(processors) == 1]
                    self.assertEqual(set(pinned), allowed if pin else set(), (receiver, pin))


if __name__ == "__main__":
    support.main(part_of_every_build=False)
