#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the performance gate calls a regression: compares figures with their baselines.

tools/perf_gate_run.py measures and calls this; nothing here runs anything.

    tools/perf_gate.py --self-test
"""

import math
import re
import statistics
import sys
import unittest
from dataclasses import dataclass

# Repeatable figures. A processor executes the same instructions on every machine, so little room is
# needed; another version of the compiler chooses other ones.
INSTRUCTIONS_ROOM = 0.05
INSTRUCTIONS_ROOM_OTHER_VERSION = 0.25
LOCKED_ROOM = 0.02  # locked instructions per message, absolute: most paths have 0 or 1
REPEATABLE_WITHIN = 0.001

# Figures of quiet machines.
THROUGHPUT_ROOM = 0.10
LATENCY_ROOM = 0.20
MOST_OVERFLOW = 0.001
LEAST_BATCHED = 1.15
QUIET_SHARE = 0.05  # of the processors that others may use meanwhile
QUIET_SPREAD = 0.10  # of its median, between the quartiles of a floor
CONFIDENCE = 0.95

PASSED, BETTER, UNCLEAR, FAILED = "ok", "better", "unclear", "FAILED"


class UsageError(Exception):
    """A setting is wrong."""


class CannotTell(Exception):
    """There is nothing to compare with, or no way to measure here."""


@dataclass(frozen=True)
class Finding:
    name: str
    baseline: float | None
    now: float | None
    verdict: str
    note: str = ""


@dataclass(frozen=True)
class Settings:
    strict: bool = False
    rounds: int = 15
    seconds: float = 2.0


def settings_from(environment):
    strict = environment.get("STRICT", "") or "0"
    if strict not in ("0", "1"):
        raise UsageError(f"STRICT is '{strict}'; allowed are 0 and 1")
    rounds = environment.get("ROUNDS", "") or str(Settings.rounds)
    if not re.fullmatch(r"[0-9]{1,4}", rounds) or not 1 <= int(rounds) <= 1000:
        raise UsageError(f"ROUNDS is '{rounds}'; allowed are whole numbers from 1 to 1000")
    seconds = environment.get("MEASTIME", "") or str(Settings.seconds)
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]+)?", seconds) or not 0.1 <= float(seconds) <= 3600:
        raise UsageError(f"MEASTIME is '{seconds}'; allowed are seconds from 0.1 to 3600")
    return Settings(strict == "1", int(rounds), float(seconds))


def per_message(counted, totals):
    """Cost of one message on each path: {name: {"instructions": x, "locked": y}}.

    `counted` is what ronbus_instructions says it did, `totals` what callgrind counted: {name:
    (instructions, locked)}. What entering a round and turning the loop cost is taken off.
    """
    by_name = {path["name"]: path for path in counted}
    missing = sorted(by_name.keys() ^ totals.keys())
    if missing:
        raise CannotTell(f"callgrind and ronbus_instructions disagree about {', '.join(missing)}")
    costs = {}
    for event, kind in enumerate(("instructions", "locked")):
        entering = totals["no_loop"][event] / by_name["no_loop"]["rounds"]
        loops = by_name["empty_loop"]
        turning = (totals["empty_loop"][event] - loops["rounds"] * entering) / loops["iterations"]
        for name, path in by_name.items():
            if name in ("no_loop", "empty_loop"):
                continue
            own = totals[name][event] - path["rounds"] * entering - path["iterations"] * turning
            costs.setdefault(name, {})[kind] = round(own / path["messages"], 3)
    return costs


def compiler_room(baseline, now):
    """How many more instructions this compiler may need, and what is to be said about that."""
    if baseline == now:
        return INSTRUCTIONS_ROOM, None
    if baseline.split()[0] != now.split()[0]:
        raise CannotTell(f"the baseline was counted with {baseline}, this build is by {now}: "
                         "instruction counts of different compilers cannot be compared")
    room = INSTRUCTIONS_ROOM_OTHER_VERSION
    return room, (f"the baseline was counted with {baseline}, this build is by {now}: up to "
                  f"{room:+.0%} is let through instead of {INSTRUCTIONS_ROOM:+.0%}")


def compare_instructions(baseline, now, room=INSTRUCTIONS_ROOM):
    """Findings of costs as `per_message` returns them against those of the baseline."""
    findings = []
    for name in sorted(baseline.keys() | now.keys()):
        if name not in now:
            findings.append(Finding(name, baseline[name]["instructions"], None, FAILED, "is no longer counted"))
            continue
        if name not in baseline:
            findings.append(Finding(name, None, now[name]["instructions"], FAILED, "has no baseline"))
            continue
        before, after = baseline[name], now[name]
        allowed = before["instructions"] * (1 + room)
        verdict, note = PASSED, ""
        if after["instructions"] > allowed:
            verdict, note = FAILED, f"more than {allowed:.2f} instructions"
        elif after["locked"] > before["locked"] + LOCKED_ROOM:
            verdict = FAILED
            note = f"{after['locked']:g} locked instructions instead of {before['locked']:g}"
        elif after["instructions"] < before["instructions"] * (1 - INSTRUCTIONS_ROOM) or \
                after["locked"] < before["locked"] - LOCKED_ROOM:
            verdict = BETTER
        findings.append(Finding(name, before["instructions"], after["instructions"], verdict, note))
    return findings


def not_repeated(first, second):
    """Names of the paths whose cost differs between two counts of the same program."""
    return sorted(name for name in first.keys() | second.keys()
                  if name not in first or name not in second or any(
                      abs(first[name][kind] - second[name][kind]) >
                      max(REPEATABLE_WITHIN * first[name][kind], REPEATABLE_WITHIN)
                      for kind in ("instructions", "locked")))


def compare_allocations(allocations):
    verdict = FAILED if allocations > 0 else PASSED
    return Finding("allocations_per_message", 0, allocations, verdict, "must be 0" if allocations > 0 else "")


def interval(samples):
    """Where the median is, with 95 % confidence and whatever the distribution; all of a few samples."""
    ordered = sorted(samples)
    chances = 2 ** len(ordered)
    cut, outside = 0, 2 / chances
    while (outside := outside + 2 * math.comb(len(ordered), cut + 1) / chances) <= 1 - CONFIDENCE:
        cut += 1
    return ordered[cut], ordered[len(ordered) - 1 - cut]


def at_least(name, samples, bound, baseline=None):
    low, high = interval(samples)
    verdict = PASSED if low >= bound else FAILED if high < bound else UNCLEAR
    note = "" if verdict == PASSED else f"at least {bound:.4g} wanted, it is {low:.4g} to {high:.4g}"
    return Finding(name, baseline, statistics.median(samples), verdict, note)


def at_most(name, samples, bound, baseline=None):
    low, high = interval(samples)
    verdict = PASSED if high <= bound else FAILED if low > bound else UNCLEAR
    note = "" if verdict == PASSED else f"at most {bound:.4g} wanted, it is {low:.4g} to {high:.4g}"
    return Finding(name, baseline, statistics.median(samples), verdict, note)


def ratios_of(results):
    """What of a ronbus_bench report is compared: (throughputs, p95 latencies), as ratios to the floor
    of the same run, {name: ratio}. Throughputs rise, latencies fall when it gets better."""
    throughputs, latencies = {}, {}
    for result in results:
        name = result["name"]
        ratio = result.get("ratio_to_xadd") or result.get("ratio_to_floor")
        if name.startswith(("floor_", "harness_")) or not ratio:
            continue
        if "ratio_to_xadd" in result:
            throughputs[name] = 1 / ratio  # nanoseconds by nanoseconds
        elif result["unit"] == "M/s":
            throughputs[name] = ratio
        elif name.endswith("_p95"):
            latencies[name] = ratio
    return throughputs, latencies


def floors_of(results):
    """The medians of the floors of what `ratios_of` returns."""
    throughputs, latencies = ratios_of(results)
    compared = throughputs.keys() | latencies.keys()
    wanted = {name for result in results if result["name"] in compared
              for name in result["references"].values() if name.startswith("floor_")}
    return {result["name"]: result["median"] for result in results if result["name"] in wanted}


def noise_of_floors(samples):
    """What is to be said of floors, {name: [a median for each round]}, that do not keep still."""
    notes = []
    for name, values in sorted(samples.items()):
        if len(values) < 2:
            continue
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        if high - low > QUIET_SPREAD * median:
            notes.append(f"the middle half of {name} spans {(high - low) / median:.0%} of its median")
    return notes


def compare_ratios(baseline, samples, compare):
    """`samples` is {name: [a ratio for each round]}, `baseline` {name: {"median": ratio}}."""
    findings = []
    for name in sorted(baseline.keys() | samples.keys()):
        if name not in samples:
            findings.append(Finding(name, baseline[name]["median"], None, FAILED, "is no longer measured"))
        elif name not in baseline:
            findings.append(Finding(name, None, statistics.median(samples[name]), FAILED, "has no baseline"))
        else:
            findings.append(compare(name, samples[name], baseline[name]["median"]))
    return findings


def compare_throughputs(baseline, samples):
    return compare_ratios(baseline, samples, lambda name, values, median: at_least(
        name, values, median * (1 - THROUGHPUT_ROOM), median))


def compare_latencies(baseline, samples):
    return compare_ratios(baseline, samples, lambda name, values, median: at_most(
        name, values, median * (1 + LATENCY_ROOM), median))


def exit_code(repeatable, relative=(), noise=()):
    """0 passed, 1 failed, 3 could not tell. Noise has no say in what is repeatable."""
    if any(finding.verdict == FAILED for finding in repeatable):
        return 1
    if noise:
        return 3
    verdicts = {finding.verdict for finding in relative}
    return 1 if FAILED in verdicts else 3 if UNCLEAR in verdicts else 0


class SelfTest(unittest.TestCase):
    @staticmethod
    def costs(**paths):
        return {name: {"instructions": cost[0], "locked": cost[1]} for name, cost in paths.items()}

    def verdicts(self, before, after, **more):
        return [finding.verdict for finding in
                compare_instructions(self.costs(a=before), self.costs(a=after), **more)]

    def test_settings(self):
        self.assertEqual(settings_from({}), Settings(False, 15, 2.0))
        self.assertEqual(settings_from({"STRICT": "1", "ROUNDS": "3", "MEASTIME": "0.5"}), Settings(True, 3, 0.5))
        self.assertEqual(settings_from({"STRICT": "", "ROUNDS": "", "MEASTIME": ""}), Settings())
        for name, values in {"STRICT": ("yes", "2"), "ROUNDS": ("0", "-1", "x", "1.5", "1001"),
                             "MEASTIME": ("0", "-1", "x", "nan", "inf", "1e3", "4000")}.items():
            for value in values:
                with self.assertRaises(UsageError) as caught:
                    settings_from({name: value})
                self.assertIn(f"{name} is '{value}'; allowed", str(caught.exception))

    def test_loop_and_entry_are_taken_off(self):
        counted = [{"name": "no_loop", "rounds": 10, "iterations": 0, "messages": 0},
                   {"name": "empty_loop", "rounds": 10, "iterations": 1000, "messages": 1000},
                   {"name": "batch", "rounds": 10, "iterations": 100, "messages": 6400}]
        totals = {"no_loop": (120, 0), "empty_loop": (3120, 0), "batch": (120 + 300 + 6400 * 5, 6400)}
        self.assertEqual(per_message(counted, totals), {"batch": {"instructions": 5, "locked": 1}})

    def test_counts_for_something_else_cannot_be_told(self):
        with self.assertRaisesRegex(CannotTell, "publish"):
            per_message([{"name": "publish", "rounds": 1, "iterations": 1, "messages": 1}], {})

    def test_five_percent_more_pass_and_more_fail(self):
        self.assertEqual(self.verdicts((100, 0), (105, 0)), [PASSED])
        self.assertEqual(self.verdicts((100, 0), (105.1, 0)), [FAILED])
        self.assertEqual(self.verdicts((6, 0), (7, 0)), [FAILED])

    def test_better_is_said_and_passes(self):
        self.assertEqual(self.verdicts((100, 0), (94, 0)), [BETTER])
        self.assertEqual(self.verdicts((100, 1), (100, 0)), [BETTER])
        self.assertEqual(exit_code([Finding("a", 100, 94, BETTER)]), 0)

    def test_one_more_locked_instruction_fails(self):
        self.assertEqual(self.verdicts((100, 1), (101, 2)), [FAILED])
        self.assertEqual(self.verdicts((100, 1), (100, 1.01)), [PASSED])

    def test_a_path_without_baseline_fails_and_so_does_one_that_is_gone(self):
        both = compare_instructions(self.costs(old=(1, 0)), self.costs(new=(1, 0)))
        self.assertEqual([(f.name, f.verdict) for f in both], [("new", FAILED), ("old", FAILED)])

    def test_compilers(self):
        self.assertEqual(compiler_room("g++ 12.2.0", "g++ 12.2.0"), (INSTRUCTIONS_ROOM, None))
        room, said = compiler_room("g++ 12.2.0", "g++ 13.1.0")
        self.assertIn("13.1.0", said)
        self.assertEqual(self.verdicts((100, 0), (120, 0), room=room), [PASSED])
        self.assertEqual(self.verdicts((100, 0), (126, 0), room=room), [FAILED])
        with self.assertRaisesRegex(CannotTell, "clang 19"):
            compiler_room("g++ 12.2.0", "clang 19.1")

    def test_repeated(self):
        one = self.costs(a=(1000, 1), b=(10, 0))
        self.assertEqual(not_repeated(one, self.costs(a=(1000.9, 1), b=(10, 0))), [])
        self.assertEqual(not_repeated(one, self.costs(a=(1002, 1), b=(10, 0.5))), ["a", "b"])
        self.assertEqual(not_repeated(one, self.costs(a=(1000, 1))), ["b"])

    def test_any_allocation_fails(self):
        self.assertEqual(compare_allocations(0).verdict, PASSED)
        self.assertEqual(compare_allocations(0.0001).verdict, FAILED)

    def test_interval(self):
        self.assertEqual(interval([3]), (3, 3))
        self.assertEqual(interval([3, 1, 2]), (1, 3))
        self.assertEqual(interval(range(1, 6)), (1, 5))
        # The classic table of the sign test: ranks 1 and 6 of 6, 2 and 8 of 9, 6 and 15 of 20.
        self.assertEqual(interval(range(1, 7)), (1, 6))
        self.assertEqual(interval(range(1, 10)), (2, 8))
        self.assertEqual(interval(range(1, 21)), (6, 15))

    def test_throughput(self):
        baseline = {"a": {"median": 2.0}}
        for samples, verdict in (([1.9, 1.95, 1.85], PASSED), ([1.7, 1.75, 1.79], FAILED),
                                 ([1.7, 1.95, 1.85], UNCLEAR), ([9, 9, 9], PASSED)):
            self.assertEqual([f.verdict for f in compare_throughputs(baseline, {"a": samples})], [verdict])

    def test_latency(self):
        baseline = {"a": {"median": 2.0}}
        for samples, verdict in (([2.3, 2.4], PASSED), ([2.41, 2.5], FAILED), ([2.3, 2.5], UNCLEAR)):
            self.assertEqual([f.verdict for f in compare_latencies(baseline, {"a": samples})], [verdict])

    def test_a_ratio_without_baseline_fails_and_so_does_one_that_is_gone(self):
        self.assertEqual([f.verdict for f in compare_throughputs({"a": {"median": 1}}, {"b": [1]})],
                         [FAILED, FAILED])

    def test_ratios_of_a_report(self):
        report = [{"name": "floor_xadd", "unit": "ns", "ratio_to_xadd": 1.0},
                  {"name": "harness_loop", "unit": "ns", "ratio_to_xadd": 0.1},
                  {"name": "publish", "unit": "ns", "ratio_to_xadd": 0.5},
                  {"name": "gated", "unit": "M/s", "ratio_to_floor": 0.9},
                  {"name": "latency", "unit": "ns", "ratio_to_floor": 1.1},
                  {"name": "latency_p95", "unit": "ns", "ratio_to_floor": 1.2},
                  {"name": "nothing", "unit": "M/s", "ratio_to_floor": None},
                  {"name": "lost", "unit": "share"}]
        self.assertEqual(ratios_of(report), ({"publish": 2.0, "gated": 0.9}, {"latency_p95": 1.2}))

    def test_floors(self):
        def result(name, floor, unit="ns"):
            ratio = "ratio_to_xadd" if floor == "floor_xadd" else "ratio_to_floor"
            return {"name": name, "unit": unit, "median": 2.0, ratio: 1.0, "references": {ratio: floor}}
        report = [result("floor_xadd", "floor_xadd"), result("floor_store", "floor_xadd"),
                  result("publish", "floor_xadd"), result("publish_idle", "publish"),
                  result("floor_max", "floor_max"),
                  result("latency_max", "floor_max"), {"name": "lost", "median": 0, "unit": "share"}]
        self.assertEqual(floors_of(report), {"floor_xadd": 2.0})
        self.assertEqual(noise_of_floors({"a": [100, 104, 96, 100, 300], "b": [1]}), [])
        self.assertEqual(noise_of_floors({"a": [100, 106, 92, 94, 107]}),
                         ["the middle half of a spans 12% of its median"])

    def test_exit_codes(self):
        def findings(*verdicts):
            return [Finding("a", 1, 1, verdict) for verdict in verdicts]
        noise = ["others were at work"]
        self.assertEqual(exit_code(findings(PASSED, BETTER)), 0)
        self.assertEqual(exit_code(findings(PASSED, FAILED)), 1)
        self.assertEqual(exit_code(findings(FAILED), noise=noise), 1)
        self.assertEqual(exit_code(findings(PASSED), findings(FAILED), noise), 3)
        self.assertEqual(exit_code(findings(PASSED), findings(PASSED), noise), 3)
        self.assertEqual(exit_code(findings(PASSED), findings(FAILED, UNCLEAR)), 1)
        self.assertEqual(exit_code(findings(PASSED), findings(PASSED, UNCLEAR)), 3)
        self.assertEqual(exit_code(findings(PASSED), findings(PASSED)), 0)


def main():
    if sys.argv[1:] != ["--self-test"]:
        sys.exit(__doc__)
    unittest.main(argv=sys.argv[:1])


if __name__ == "__main__":
    main()
