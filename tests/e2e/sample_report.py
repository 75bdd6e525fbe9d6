# SPDX-License-Identifier: MIT OR Apache-2.0
"""A made-up report of `ronbus bench` with every workload and every kind of remark, always the same.

    sample_report.py FILE
"""

import json
import math
import random
import statistics
import sys

ROUNDS = 5

# name, label, version, runner, broadcast, how many times slower than ron-bus-single it is here
SYSTEMS = [
    ("ron-bus", "ron-bus, several publishers allowed", "0.1.0", "ronbus", True, 1.9),
    ("ron-bus-single", "ron-bus, one publisher promised", "0.1.0", "ronbus", True, 1.0),
    ("floor", "what no bus can beat", "0.1.0", "ronbus", True, 0.9),
    ("tokio", "tokio::sync::broadcast", "1.24.2", "rust", True, 26),
    ("async-broadcast", "async-broadcast, overflow on", "0.5.0", "rust", True, 61),
    ("flume", "flume, receivers share", "0.10.14", "rust", False, 37),
    ("flume-fanout", "flume, a queue for each subscriber", "0.10.14", "rust", True, 52),
    ("async-channel", "async-channel, receivers share", "1.7.1", "rust", False, 33),
    ("async-channel-fanout", "async-channel, a queue for each subscriber", "1.7.1", "rust", True, 47),
    ("disruptor-busyspin", "LMAX Disruptor, BusySpinWaitStrategy", "3.4.4", "java", True, 4.1),
    ("disruptor-yielding", "LMAX Disruptor, YieldingWaitStrategy", "3.4.4", "java", True, 4.6),
    ("disruptor-blocking", "LMAX Disruptor, BlockingWaitStrategy", "3.4.4", "java", True, 19),
    ("mutex-condvar", "mutex and condition variable, by hand", "g++ 12.2", "cpp", True, 30),
    ("boost-lockfree", "boost::lockfree::spsc_queue for each subscriber", "1.74", "cpp", True, 6.5),
    ("concurrentqueue", "moodycamel::ConcurrentQueue for each subscriber", "1.0.3", "cpp", True, 14),
    ("tbb", "tbb::concurrent_bounded_queue for each subscriber", "2021.8", "cpp", True, 79),
]
SLOWER = {name: slower for name, *_, slower in SYSTEMS}
LOSSY = [name for name, *_ in SYSTEMS if name != "floor" and not name.startswith("disruptor")]
GATED = [name for name, *_ in SYSTEMS if name not in ("floor", "tokio", "async-broadcast")]


class Sample:
    def __init__(self):
        self.random = random.Random(20261121)
        self.results = []

    def metric(self, value, spread=0.06):
        samples = [value * math.exp(self.random.gauss(0, spread)) for _ in range(ROUNDS)]
        if self.random.random() < 0.08:
            samples[0] *= 2.5  # a round in which something came between
        q1, median, q3 = statistics.quantiles(samples, n=4, method="inclusive")
        return {"median": median, "q1": q1, "q3": q3, "min": min(samples), "max": max(samples),
                "samples": samples}

    def exact(self, value):
        return {"median": value, "q1": value, "q3": value, "min": value, "max": value,
                "samples": [value] * ROUNDS}

    def add(self, workload, case, system, parameters, metrics):
        parameters = dict(word.split("=") for word in parameters.split())
        self.results.append({"workload": workload, "case": case, "system": system,
                             "parameters": parameters, "metrics": metrics})

    def time(self, system, base):
        return self.metric(base * SLOWER[system] * self.random.uniform(0.7, 1.4))

    def rate(self, system, base):
        return self.metric(base / SLOWER[system] * self.random.uniform(0.7, 1.4), 0.12)

    def lossy(self, workload, case, parameters, subscribers, systems=LOSSY):
        for system in systems:
            lost = self.random.choice([0, 0.00004, 0.02, 0.31, 0.74, 0.9996]) \
                if not system.startswith("ron-bus") else self.random.choice([0, 0.0004, 0.12])
            published = self.rate(system, 3e8)
            delivered = self.metric(published["median"] * subscribers * (1 - lost) / 2)
            self.add(workload, case, system, parameters,
                     {"publishes_per_s": published, "deliveries_per_s": delivered,
                      "lost_share": self.exact(lost)})

    def percentiles(self, p50, more=()):
        values = {"p50_ns": p50, "p90_ns": p50 * 1.4, "p99_ns": p50 * self.random.uniform(2, 9),
                  "p999_ns": p50 * self.random.uniform(12, 90), "max_ns": p50 * 400}
        metrics = {name: self.metric(value) for name, value in values.items()}
        metrics["count"] = self.exact(10000)
        return {**metrics, **dict(more)}


def fill(sample):
    for count in (1, 8):
        for system in LOSSY:
            sample.add("throughput", f"{count} idle", system, f"subscribers={count} slow=0",
                       {"ns_per_publish": sample.time(system, 1.4)})
    for system in LOSSY:
        sample.add("throughput", "1 lagging, capacity 2", system, "subscribers=1 slow=0 capacity=2",
                   {"ns_per_publish": sample.time(system, 1.6)})
    for system in LOSSY:
        sample.add("latency_service", "capacity 1024", system, "capacity=1024",
                   {"ns_per_receive": sample.time(system, 2.2)})
    for receiver, interval, base in (("polling", 10, 160), ("sleeping", 100, 4600),
                                     ("async", 100, 5100)):
        for system in LOSSY + ["disruptor-busyspin", "disruptor-blocking"]:
            p50 = base * (1 + math.log(SLOWER[system]) * sample.random.uniform(0.1, 0.5))
            sample.add("latency", f"{receiver}, every {interval} us", system,
                       f"interval_us={interval} receiver={receiver}", sample.percentiles(p50))
    for system in LOSSY:
        p50 = 5200 * (1 + math.log(SLOWER[system]) * 0.6)
        more = {"p95_ns": sample.metric(p50 * 1.8), "deliveries_per_s": sample.metric(4e6, 0.01),
                "lost_share": sample.exact(0)}
        sample.add("slo", "1 M/s to 4", system, "rate=1000000 subscribers=4 capacity=4096",
                   sample.percentiles(p50, more))
    for system in LOSSY:
        sample.add("overflow", "capacity 64", system, "capacity=64",
                   {"ns_per_publish": sample.time(system, 1.5),
                    "ns_per_lagged": sample.time(system, 3.1)})
    for subscribers in (4, 16):
        for batched in (0, 1):
            case = f"256 to {subscribers}, {'batched' if batched else 'classic'}"
            sample.lossy("bus_publish", case, f"subscribers={subscribers} burst=256 capacity=2048 "
                         f"batched={batched} epoch_yield=0", subscribers)
    for flush in (16, 32, 64, 128, 256):
        sample.lossy("bus_publish", f"1024 to 4, batched, flush {flush}",
                     f"subscribers=4 burst=1024 capacity=8192 batched=1 epoch_yield=0 flush={flush}",
                     4, ["ron-bus", "ron-bus-single"])
    for subscribers in (1, 8, 16):
        for capacity in (64, 1024):
            plural = "" if subscribers == 1 else "s"
            sample.lossy("ab_compare", f"{subscribers} subscriber{plural}, capacity {capacity}",
                         f"subscribers={subscribers} capacity={capacity}", subscribers)
    for publishers, subscribers, batch in ((1, 1, 1), (1, 1, 64), (1, 3, 1), (3, 1, 1), (4, 8, 1)):
        how = "one by one" if batch == 1 else f"batches of {batch}"
        for system in GATED:
            if publishers > 1 and system == "ron-bus-single":
                continue
            published = sample.rate(system, 4e8 if batch > 1 else 1.2e8)
            sample.add("gated", f"{publishers}x{subscribers} {how}", system,
                       f"publishers={publishers} subscribers={subscribers} batch={batch} "
                       "capacity=1024",
                       {"publishes_per_s": published,
                        "deliveries_per_s": sample.metric(published["median"] * subscribers)})
    for count in (1, 4, 16, 64, 256, 1024):
        for system in LOSSY:
            slope = count if "fanout" in system or system in ("tbb", "boost-lockfree") else 1
            base = 1.4 if slope == 1 else 0.4 * slope
            sample.add("fanout_scaling", f"{count} idle", system,
                       f"kind=idle subscribers={count}", {"ns_per_publish": sample.time(system, base)})
    for count in (1, 2, 4, 8, 16, 32):
        sample.lossy("fanout_scaling", f"{count} draining",
                     f"kind=draining subscribers={count} publishers=1", count)
    sample.lossy("fanout_scaling", "4 publishers, 8 draining",
                 "kind=draining subscribers=8 publishers=4", 8,
                 [name for name in LOSSY if name != "ron-bus-single"])
    for system in LOSSY:
        sample.add("fanout_scaling", "churn at full speed", system, "kind=churn churn_hz=0",
                   {"publishes_per_s": sample.rate(system, 9e7),
                    "churns_per_s": sample.rate(system, 4e6)})
    for count in (1, 2, 4, 8):
        for system in LOSSY:
            if system != "ron-bus-single":
                sample.add("fanout_scaling", f"{count} publishers", system,
                           f"kind=publishers subscribers=1 publishers={count}",
                           {"publishes_per_s": sample.rate(system, 9e7)})
    for case, payload, base in (("u64", "u64", 1.4), ("1024 bytes", "bytes1024", 40),
                                ("event with strings", "event", 9), ("shared 64 KiB", "shared64k", 12)):
        for system in LOSSY:
            sample.add("payloads", case, system, f"payload={payload}",
                       {"ns_per_publish": sample.time(system, base),
                        "ns_per_receive": sample.time(system, base * 1.3)})
    for system in LOSSY:
        sample.add("construct", "capacity 256", system, "capacity=256",
                   {"ns_per_construct": sample.time(system, 700),
                    "bytes_per_bus": sample.exact(round(4300 * SLOWER[system] ** 0.3)),
                    "bytes_per_subscriber": sample.exact(round(192 * SLOWER[system] ** 0.4)),
                    "allocations_per_message": sample.exact(0 if SLOWER[system] < 20 else 1)})
    for floor, value in (("xadd", 2.06), ("store", 0.35), ("fence", 9.4), ("line_round_trip", 310),
                         ("membarrier", 130), ("clock", 21), ("harness", 0.31)):
        sample.add("floors", floor.replace("_", " "), "floor", f"floor={floor}",
                   {"ns": sample.metric(value, 0.02)})
    for floor, interval, value in (("one_way_line", 10, 152), ("futex_wake", 100, 4310)):
        sample.add("floors", f"{floor.replace('_', ' ')}, every {interval} us", "floor",
                   f"floor={floor} interval_us={interval}", sample.percentiles(value))
    for batch, rate in ((1, 1.3e8), (64, 7.1e8)):
        how = "one by one" if batch == 1 else f"batches of {batch}"
        sample.add("floors", f"one way ring, {how}", "floor", f"floor=one_way_ring batch={batch}",
                   {"publishes_per_s": sample.metric(rate), "deliveries_per_s": sample.metric(rate)})


def target(sample, claim, relation, limit, metric, of, against):
    """`of` and `against` are (workload, case, system); the first is ours."""
    def median(place):
        return next((result["metrics"][metric]["median"] for result in sample.results
                     if (result["workload"], result["case"], result["system"]) == place), None)

    def place_of(place):
        return {"workload": place[0], "case": place[1], "system": place[2], "metric": metric}

    ours, others = median(of), median(against)
    value = met = None
    if ours and others:
        turned = metric.startswith(("ns", "p")) and metric != "publishes_per_s" and relation == ">="
        value = others / ours if turned else ours / others
        met = value >= limit if relation == ">=" else value <= limit
    return {"claim": claim, "value": value, "relation": relation, "limit": limit, "met": met,
            "of": place_of(of), "against": place_of(against)}


def targets(sample):
    return [
        target(sample, "publish with one idle subscriber, several publishers allowed: at least 4 times "
               "as fast as tokio", ">=", 4, "ns_per_publish",
               ("throughput", "1 idle", "ron-bus"), ("throughput", "1 idle", "tokio")),
        target(sample, "publish with one idle subscriber, one publisher promised: at least 20 times as "
               "fast as tokio", ">=", 20, "ns_per_publish",
               ("throughput", "1 idle", "ron-bus-single"), ("throughput", "1 idle", "tokio")),
        target(sample, "ab_compare, every cell, several publishers allowed: at least 5 times every "
               "fan-out's deliveries/s", ">=", 5, "deliveries_per_s",
               ("ab_compare", "16 subscribers, capacity 1024", "ron-bus"),
               ("ab_compare", "16 subscribers, capacity 1024", "async-channel-fanout")),
        target(sample, "gated 1 to 1, one by one: at least 300 times the Java Disruptor", ">=", 300,
               "deliveries_per_s", ("gated", "1x1 one by one", "ron-bus-single"),
               ("gated", "1x1 one by one", "disruptor-busyspin")),
        target(sample, "polling end to end, one publisher promised: p50 at most 1.3 times the one-way "
               "floor", "<=", 1.3, "p50_ns", ("latency", "polling, every 10 us", "ron-bus-single"),
               ("floors", "one way line, every 10 us", "floor")),
        target(sample, "sleeping end to end, several publishers allowed: p50 below every rival's", "<=",
               1, "p50_ns", ("latency", "sleeping, every 100 us", "ron-bus"),
               ("latency", "sleeping, every 100 us", "zeromq")),
    ]


def sample_report():
    sample = Sample()
    fill(sample)
    return {
        "schema": 1,
        "machine": {"cpu": "AMD EPYC (family 25, model 17)", "cores": 2, "memory_mib": 7950,
                    "kernel": "6.1.0-27-amd64", "compiler": "g++ 12.2.0, -O2"},
        "commit": "abc1234",
        "command": "ronbus bench --quick --json report.json --html report.html",
        "started": "2026-11-21T12:00:00Z", "seconds": 170.2, "rounds": ROUNDS, "millis": 100,
        "pinned": False, "interrupted": False,
        "noise": ["other processes used 12 % of the processors",
                  "quartiles of the floor 'line round trip' are 14 % of its median apart"],
        "systems": [{"name": name, "label": label, "version": version, "runner": runner,
                     "broadcast": broadcast}
                    for name, label, version, runner, broadcast, _ in SYSTEMS],
        "skipped": [
            {"system": "zeromq", "workload": "", "case": "",
             "reason": "not installed: libzmq3-dev; run scripts/setup --bench"},
            {"system": "tokio", "workload": "gated", "case": "",
             "reason": "a broadcast that cannot wait"},
            {"system": "ron-bus-single", "workload": "gated", "case": "4x8 one by one",
             "reason": "only one publisher is promised"},
        ],
        "failures": [{"system": "tbb", "workload": "gated", "case": "4x8 one by one",
                      "reason": "<received> 41 & expected \"42\""},
                     {"system": "", "workload": "", "case": "", "reason": "runner_java died (exit 1)"}],
        "results": sample.results,
        "targets": targets(sample),
    }


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(sample_report(), file)
