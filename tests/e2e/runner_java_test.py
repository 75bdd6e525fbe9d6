#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The benchmarks' runner_java from outside, and broken copies of it. See support.py for how to run
it. Ends with 77 when the runner is not built."""

import json
import math
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import support
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../benches/java/src/ron/bench")

SYSTEMS = ["disruptor-busyspin", "disruptor-yielding", "disruptor-blocking"]
LATENCIES = {"p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns", "count"}
RATES = {"publishes_per_s", "deliveries_per_s"}
POLLING, SLEEPING = SYSTEMS[:2], SYSTEMS[2:]
# (workload, parameters, systems, metrics)
RUNS = [
    ("throughput", "", SYSTEMS, {"ns_per_publish"}),
    ("throughput", "subscribers=0 slow=0 capacity=64", SYSTEMS, {"ns_per_publish"}),
    ("latency_service", "", SYSTEMS, {"ns_per_receive"}),
    ("latency", "interval_us=10 receiver=polling", POLLING, LATENCIES),
    ("latency", "interval_us=10 receiver=sleeping", SLEEPING, LATENCIES),
    ("slo", "rate=10000", SLEEPING, LATENCIES | {"p95_ns", "deliveries_per_s", "lost_share"}),
    ("gated", "publishers=1 subscribers=1 batch=1", SYSTEMS, RATES),
    ("gated", "publishers=1 subscribers=1 batch=16 capacity=16", SYSTEMS, RATES),
    ("gated", "publishers=1 subscribers=3 batch=64", SYSTEMS[1:], RATES),
    ("gated", "publishers=3 subscribers=1 batch=1", SYSTEMS, RATES),
    ("gated", "publishers=4 subscribers=8 batch=16 capacity=64", SYSTEMS[1:], RATES),
    ("fanout_scaling", "kind=publishers publishers=1", SYSTEMS, {"publishes_per_s"}),
    ("fanout_scaling", "kind=publishers publishers=4", SYSTEMS, {"publishes_per_s"}),
    *[("payloads", f"payload={payload}", SYSTEMS, {"ns_per_publish", "ns_per_receive"})
      for payload in ("u64", "bytes64", "bytes1024", "event", "shared64k")],
    ("construct", "", SYSTEMS, {"ns_per_construct", "bytes_per_bus", "bytes_per_subscriber",
                                "allocations_per_message"}),
]
MAY_BE_ZERO = {"lost_share", "allocations_per_message"}


class Runner:
    """A running runner."""

    def __init__(self, program=None):
        self.process = subprocess.Popen([program or support.program], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env=support.environment())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def send(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def receive(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, line):
        self.send(line)
        return self.receive()

    def threads(self):
        """(name, processors it may use) of every thread."""
        found = []
        tasks = f"/proc/{self.process.pid}/task"
        for task in os.listdir(tasks):
            try:
                with open(f"{tasks}/{task}/status", encoding="utf-8") as file:
                    status = dict(line.rstrip("\n").split(":\t", 1) for line in file)
                found.append((status["Name"], status["Cpus_allowed_list"]))
            except OSError:
                pass  # It has ended.
        return found

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as file:
            user, system = file.read().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class Answers(unittest.TestCase):
    def test_the_list_names_systems_workloads_and_the_version(self):
        with Runner() as runner:
            answer = runner.ask("list")
        self.assertEqual(answer["runner"], "java")
        self.assertEqual([system["name"] for system in answer["systems"]], SYSTEMS)
        for system in answer["systems"]:
            self.assertEqual(set(system["workloads"]),
                             {workload for workload, _, systems, _ in RUNS
                              if system["name"] in systems})
            self.assertRegex(system["version"], r"^\d+\.\d+\.\d+$")
            self.assertIn("Disruptor", system["label"])

    def test_every_workload_runs_and_gives_its_metrics(self):
        with Runner() as runner:
            for workload, parameters, systems, metrics in RUNS:
                for system in systems:
                    request = f"run system={system} workload={workload} {parameters} millis=5"
                    with self.subTest(request=request):
                        answer = runner.ask(request)
                        self.assertTrue(answer["ok"], answer)
                        self.assertEqual(set(answer["metrics"]), metrics)
                        for name, value in answer["metrics"].items():
                            self.assertTrue(math.isfinite(value), name)
                            if name not in MAY_BE_ZERO:
                                self.assertGreater(value, 0, name)

    def test_metrics_of_one_run_agree_with_each_other(self):
        with Runner() as runner:
            gated = runner.ask("run system=disruptor-yielding workload=gated publishers=2 "
                               "subscribers=3 millis=5")["metrics"]
            self.assertAlmostEqual(gated["deliveries_per_s"] / gated["publishes_per_s"], 3)
            slo = runner.ask("run system=disruptor-blocking workload=slo rate=1000 millis=20")["metrics"]
            order = [slo[name] for name in ("p50_ns", "p90_ns", "p95_ns", "p99_ns", "p999_ns", "max_ns")]
            self.assertEqual(order, sorted(order))
            self.assertEqual(slo["count"] % 4, 0)
            self.assertEqual((slo["lost_share"], slo["count"] <= 4 * 21), (0, True))

    def test_words_may_come_in_any_order(self):
        with Runner() as runner:
            self.assertTrue(runner.ask("run millis=5 batch=16 workload=gated  pin=0 "
                                       "system=disruptor-yielding")["ok"])

    def test_what_a_disruptor_cannot_do_is_unsupported_with_a_reason(self):
        many = f"subscribers={os.cpu_count()}"
        with Runner() as runner:
            for request, reason in [
                    ("disruptor-yielding workload=overflow capacity=64", "lossy"),
                    ("disruptor-yielding workload=bus_publish burst=256", "lossy"),
                    ("disruptor-yielding workload=ab_compare subscribers=8", "lossy"),
                    ("disruptor-yielding workload=throughput subscribers=1", "lossy"),
                    ("disruptor-yielding workload=throughput slow=1", "lossy"),
                    ("disruptor-yielding workload=fanout_scaling kind=churn", "lossy"),
                    ("disruptor-yielding workload=floors floor=xadd", "floor"),
                    ("disruptor-yielding workload=latency interval_us=10 receiver=async", "task"),
                    ("disruptor-yielding workload=latency interval_us=10 receiver=sleeping", "sleep"),
                    ("disruptor-blocking workload=latency interval_us=10 receiver=polling", "poll"),
                    ("disruptor-yielding workload=slo rate=1000", "sleep"),
                    ("disruptor-yielding workload=gated capacity=1000", "capacity=1000"),
                    ("disruptor-yielding workload=gated capacity=16 batch=64", "batch=64"),
                    (f"disruptor-busyspin workload=gated {many}", "processors")]:
                with self.subTest(request=request):
                    answer = runner.ask(f"run system={request} millis=5")
                    self.assertEqual((answer["ok"], set(answer)), (False, {"ok", "unsupported"}), answer)
                    self.assertIn(reason, answer["unsupported"])

    def test_a_bad_request_is_answered_with_the_word_and_what_is_allowed(self):
        gated = "run system=disruptor-yielding workload=gated"
        with Runner() as runner:
            for request, *parts in [
                    ("brew", "brew", "list, run or quit"),
                    ("", "empty"),
                    ("list all", "all"),
                    ("quit now", "now"),
                    ("run coffee", "coffee", "name=value"),
                    ("run =3", "=3", "name=value"),
                    ("run workload=gated", "system is missing"),
                    ("run system=disruptor-yielding", "workload is missing"),
                    ("run system=kafka workload=gated", "system=kafka", "disruptor-busyspin"),
                    ("run system=disruptor-yielding workload=brew", "workload=brew", "latency_service"),
                    (f"{gated} publishers=0", "publishers=0", "from 1 to"),
                    (f"{gated} publishers=x", "publishers=x", "from 1 to"),
                    (f"{gated} batch=1 batch=2", "batch=2", "twice"),
                    (f"{gated} floor=xadd", "floor=xadd", "publishers, subscribers"),
                    (f"{gated} millis=0", "millis=0", "from 1 to"),
                    (f"{gated} pin=2", "pin=2", "from 0 to 1"),
                    (f"{gated} capacity=99999999999999999999", "capacity=9", "from 1 to"),
                    ("run system=disruptor-yielding workload=latency receiver=polling", "interval_us"),
                    ("run system=disruptor-yielding workload=payloads payload=\"x\\", "payload=\"x\\")]:
                with self.subTest(request=request):
                    answer = runner.ask(request)
                    self.assertEqual((answer["ok"], set(answer)), (False, {"ok", "error"}))
                    for part in parts:
                        self.assertIn(part, answer["error"])
            self.assertTrue(runner.ask(f"{gated} millis=5")["ok"], "it goes on after bad requests")


class Life(unittest.TestCase):
    def test_quit_and_the_end_of_input_end_it_without_an_error(self):
        for text in (b"quit\nlist\n", b""):
            result = support.run(stdin=text)
            self.assertEqual((result.returncode, result.stdout, result.stderr), (0, b"", b""))

    def test_an_argument_is_a_usage_error(self):
        result = support.run("--brew")
        self.assertEqual((result.returncode, result.stdout), (2, b""))
        self.assertIn(b"--brew", result.stderr)

    def test_between_requests_it_uses_no_processor(self):
        with Runner() as runner:
            runner.ask("run system=disruptor-busyspin workload=gated millis=5")
            time.sleep(0.5)  # The compiler may still have something to do.
            before = runner.processor_seconds()
            time.sleep(1)
            self.assertLess(runner.processor_seconds() - before, 0.05)

    def test_a_pinned_run_has_each_worker_on_one_processor(self):
        request = "run system=disruptor-yielding workload=gated subscribers=2 millis=300 pin="
        processors = sorted(os.sched_getaffinity(0))
        with Runner() as runner:
            for pin in (1, 0):
                seen = set()
                runner.send(request + str(pin))
                while not select.select([runner.process.stdout], [], [], 0.02)[0]:
                    seen.update(thread for thread in runner.threads()
                                if thread[0].startswith("worker-"))
                answer = runner.receive()
                if "unsupported" in answer:
                    self.skipTest(answer["unsupported"])
                self.assertTrue(answer["ok"], answer)
                self.assertEqual({name for name, _ in seen}, {"worker-0", "worker-1", "worker-2"})
                pinned = {(f"worker-{i}", str(processors[i % len(processors)])) for i in range(3)}
                if pin:
                    self.assertLessEqual(pinned, seen)
                elif len(processors) > 1:
                    self.assertFalse(pinned & seen)


# Faults that the runner has to notice: (file, code, what it becomes, request, its answer)
MUTANTS = [
    ("NumberReceiver", "long value = event.value;",
     "long value = event.value; if (value == 100) return;",
     "gated publishers=1 subscribers=2", "received 0:101 where 0:100 was due"),
    ("Throughput", "long published = publisher.published();",
     "long published = publisher.published(); ring.get(ring.getCursor() - 3).value = 7;",
     "throughput", "the ring holds 0:7"),
    ("FanoutScaling", "long published = publishers.published();",
     "long published = publishers.published() + 1;",
     "fanout_scaling kind=publishers", "the ring counts"),
    ("StampReceiver", "long stamp = event.value;",
     "long stamp = event.value; if (histogram.count() == 10 && stamp != END) stamp -= 1_000_000_000;",
     "latency interval_us=10 receiver=polling", "received stamp"),
    ("LatencyService", "Rings.publish(ring, ++published);",
     "Rings.publish(ring, ++published == 50 ? 49 : published);",
     "latency_service", "received 0:49 where 50 was due"),
    ("Payloads", "payload.write(ring.get(sequence), ++published);",
     "payload.write(ring.get(sequence), ++published == 50 ? 49 : published);",
     "payloads payload=event", "not the one that was due"),
]


class Faults(unittest.TestCase):
    def test_a_wrong_answer_is_an_error_and_never_a_figure(self):
        with open(support.program, encoding="utf-8") as file:
            libraries = re.search(r'java/classes:([^"]+)"', file.read()).group(1)
        with tempfile.TemporaryDirectory() as folder:
            sources = shutil.copytree(SOURCES, os.path.join(folder, "src"))
            for name, code, broken, _, _ in MUTANTS:
                path = os.path.join(sources, name + ".java")
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                self.assertEqual(text.count(code), 1, name)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text.replace(code, broken))
            files = [entry.path for entry in os.scandir(sources)
                     if "jna" in libraries or entry.name != "JnaPinning.java"]
            subprocess.run(["javac", "-cp", libraries, "-d", os.path.join(folder, "java/classes"),
                            *files], check=True, timeout=support.PATIENCE)
            with Runner(shutil.copy(support.program, folder)) as runner:
                for name, _, _, request, expected in MUTANTS:
                    with self.subTest(fault_in=name):
                        answer = runner.ask(f"run system=disruptor-yielding workload={request} millis=5")
                        self.assertEqual((answer["ok"], set(answer)), (False, {"ok", "error"}), answer)
                        self.assertIn(expected, answer["error"])


if __name__ == "__main__":
    support.main(part_of_every_build=False)
