#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Measures for the performance gate, and reports; what is a regression says tools/perf_gate.py.

    STRICT=0|1 ROUNDS=N MEASTIME=SECONDS tools/perf_gate_run.py [--prove|--rebaseline]

See scripts/perf_gate, which calls this.
"""

import glob
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import perf_gate
from perf_gate import BETTER, FAILED, UNCLEAR, CannotTell, UsageError

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build", "release")
BASELINES = os.path.join(ROOT, "testing", "performance", "baselines", "ron-bus")
INSTRUCTIONS = os.path.join(BASELINES, "instructions.json")
RATIOS = os.path.join(BASELINES, "ratios.json")
SCHEMA = 1


class Broken(Exception):
    """Something that is measured does not work."""


def run(*command, **options):
    """The standard output of a command that has to succeed."""
    result = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False, **options)
    if result.returncode != 0:
        raise Broken(f"{' '.join(command)} failed ({result.returncode}):\n"
                     f"{result.stdout[-8000:]}{result.stderr[-8000:]}")
    return result.stdout


def build(*targets):
    print(f"building {', '.join(targets)}", flush=True)
    run("cmake", "--preset", "release")
    run("cmake", "--build", "--preset", "release", "-j", str(os.cpu_count()), "--target", *targets)


# Where and of what a baseline is.


def machine():
    model = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return {"cpu": model, "cores": os.cpu_count(), "kernel": os.uname().release}


def commit():
    git = ("git", "-c", f"safe.directory={ROOT}")
    try:
        changed = run(*git, "status", "--porcelain", "--", "include", "src", "benches")
        return run(*git, "rev-parse", "--short", "HEAD").strip() + (" and changes" if changed else "")
    except (Broken, FileNotFoundError):
        return "unknown"


def about(report, command):
    return {"schema": SCHEMA, "machine": machine(), "compiler": report["compiler"],
            "libc": report["libc"], "fence": report["fence"], "commit": commit(), "command": command}


def save(path, baseline):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(baseline, file, indent=2)
        file.write("\n")
    print(f"wrote {os.path.relpath(path, ROOT)}")


def load(path):
    name = os.path.relpath(path, ROOT)
    try:
        with open(path, encoding="utf-8") as file:
            baseline = json.load(file)
    except FileNotFoundError:
        strict = "STRICT=1 " if path == RATIOS else ""
        raise CannotTell(f"{name} is missing; {strict}scripts/perf_gate --rebaseline writes it") from None
    except ValueError as error:
        raise Broken(f"{name}: {error}") from None
    if baseline.get("schema") != SCHEMA:
        raise Broken(f"{name}: schema is {baseline.get('schema')}, it should be {SCHEMA}")
    return baseline


# Repeatable figures.


def count_instructions(program="ronbus_instructions"):
    """(What the program says of itself, cost of a message on each path.)"""
    program = os.path.join(BUILD, program)
    native = json.loads(run(program))
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "counts")
        counted = json.loads(run(
            "valgrind", "-q", "--tool=callgrind", "--collect-atstart=no", "--collect-bus=yes",
            f"--callgrind-out-file={out}", program))
        totals = dict(map(totals_of, glob.glob(out + ".*")))
    if counted != native:
        raise CannotTell("under valgrind the program did something else than without: "
                         f"{json.dumps(counted)} instead of {json.dumps(native)}")
    return native, perf_gate.per_message(native["counted"], totals)


def totals_of(path):
    """(Name, (instructions, locked instructions)) of a file that callgrind wrote."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    name = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.MULTILINE)
    events = re.search(r"^events: (.+)$", text, re.MULTILINE)
    totals = re.search(r"^totals: (.+)$", text, re.MULTILINE)
    if not name or not events or not totals:
        raise Broken(f"callgrind wrote something else than was expected:\n{text[:1000]}")
    # Events that did not happen are left out at the end.
    values = dict(zip(events[1].split(), map(int, totals[1].split())))
    return name[1], (values.get("Ir", 0), values.get("Ge", 0))


def compare_counts(baseline, report, costs):
    if baseline["fence"] != report["fence"]:
        raise CannotTell(f"the baseline was counted with the fence {baseline['fence']}, this machine "
                         f"uses {report['fence']}")
    room, said = perf_gate.compiler_room(baseline["compiler"], report["compiler"])
    if said:
        print(f"note: {said}")
    return perf_gate.compare_instructions(baseline["paths"], costs, room)


def allocations_per_message():
    return float(run(os.path.join(BUILD, "ronbus_allocations")))


def bench(suite, *options, program="ronbus_bench"):
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        run(os.path.join(BUILD, program), suite, "--json", file.name, *options)
        return json.load(file)


# Figures of quiet machines.


class Others:
    """What others use of the processors, those included that a hypervisor gave to other machines."""

    def __init__(self):
        self.begin, self.used = time.monotonic(), self.used_by_others()

    @staticmethod
    def used_by_others():
        with open("/proc/stat", encoding="utf-8") as file:
            # user, nice, system, idle, iowait, irq, softirq, steal
            ticks = [int(word) for word in file.readline().split()[1:9]]
        busy = sum(ticks) - ticks[3] - ticks[4]
        own = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return busy / os.sysconf("SC_CLK_TCK") - sum(usage.ru_utime + usage.ru_stime for usage in own)

    def noise(self):
        elapsed = (time.monotonic() - self.begin) * os.cpu_count()
        share = max(0.0, (self.used_by_others() - self.used) / elapsed)
        return [f"others used {share:.0%} of the processors meanwhile"] if share > perf_gate.QUIET_SHARE else []


class Timed:
    """One ratio of each figure for each round."""

    def __init__(self, settings):
        self.throughputs, self.latencies, self.floors = {}, {}, {}
        self.batched, self.overflow = {}, []
        others = Others()
        for number in range(1, settings.rounds + 1):
            print(f"round {number} of {settings.rounds}", flush=True)
            self.measure(settings.seconds)
        self.noise = others.noise() + perf_gate.noise_of_floors(self.floors)

    def measure(self, seconds):
        core = bench("core", "--seconds", str(seconds))
        for results in (core, bench("threads", "--seconds", str(seconds))):
            throughputs, latencies = perf_gate.ratios_of(results)
            append(self.throughputs, throughputs)
            append(self.latencies, latencies)
            append(self.floors, perf_gate.floors_of(results))
        costs = {result["name"]: result["median"] for result in core}
        for kind in ("single", "shared"):
            self.batched.setdefault(f"batched_ahead_{kind}", []).append(
                costs[f"publish_{kind}"] / costs[f"publish_many_64_{kind}"])
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            run(os.path.join(BUILD, "ronbus"), "soak", "--duration", f"{seconds}s", "--json", file.name)
            self.overflow.append(json.load(file)["lost_share"])

    def compared(self, baseline):
        return [*perf_gate.compare_throughputs(baseline["throughput_to_floor"], self.throughputs),
                *perf_gate.compare_latencies(baseline["p95_latency_to_floor"], self.latencies),
                *(perf_gate.at_least(name, samples, perf_gate.LEAST_BATCHED)
                  for name, samples in self.batched.items()),
                perf_gate.at_most("soak_lost_share", self.overflow, perf_gate.MOST_OVERFLOW)]

    def baseline(self):
        return {"throughput_to_floor": described(self.throughputs),
                "p95_latency_to_floor": described(self.latencies)}


def append(samples, ratios):
    for name, ratio in ratios.items():
        samples.setdefault(name, []).append(ratio)


def described(samples):
    figures = {}
    for name, values in samples.items():
        low, high = perf_gate.interval(values)
        figures[name] = {"median": round(statistics.median(values), 4),
                         "low": round(low, 4), "high": round(high, 4)}
    return figures


def same_machine(baseline):
    own = machine()
    for key in ("cpu", "cores"):
        if baseline["machine"][key] != own[key]:
            raise CannotTell(f"the baseline of the timed figures is of {baseline['machine']['cpu']} with "
                             f"{baseline['machine']['cores']} cores, this is {own['cpu']} with {own['cores']}; "
                             "STRICT=1 scripts/perf_gate --rebaseline, at the commit to compare with, "
                             "makes one for this machine")


# What to say.


def show(findings):
    width = max(len(finding.name) for finding in findings)

    def figure(value):
        return "-" if value is None else f"{value:.4g}" if value < 10 else f"{value:.1f}"

    print(f"{'':{width}} {'baseline':>9} {'now':>9} {'change':>8}")
    for finding in findings:
        change = f"{finding.now / finding.baseline - 1:+8.1%}" if finding.baseline and finding.now else " " * 8
        note = f": {finding.note}" if finding.note else ""
        print(f"{finding.name:{width}} {figure(finding.baseline):>9} {figure(finding.now):>9} {change}  "
              f"{finding.verdict}{note}")
    better = [finding.name for finding in findings if finding.verdict == BETTER]
    if better:
        print(f"better by more than 5 %: {', '.join(better)}\n"
              "please keep it: scripts/perf_gate --rebaseline, and commit the baseline")


def programs(settings):
    timed = ["ronbus_bench", "ronbus_cli"] if settings.strict else []
    return ["ronbus_instructions", "ronbus_allocations", *timed]


def gate(settings):
    build(*programs(settings))
    baseline = load(INSTRUCTIONS)
    print(f"instructions per message ({baseline['commit']}, {baseline['compiler']}):", flush=True)
    repeatable = compare_counts(baseline, *count_instructions())
    repeatable.append(perf_gate.compare_allocations(allocations_per_message()))
    show(repeatable)
    relative, noise = [], []
    if settings.strict:
        timed_baseline = load(RATIOS)
        same_machine(timed_baseline)
        timed = Timed(settings)
        relative = timed.compared(timed_baseline)
        noise = timed.noise + [f"when the baseline was made, {note}" for note in timed_baseline["noise"]]
        print(f"by the floors of the same run ({timed_baseline['commit']}):")
        show(relative)
        for note in noise:
            print(f"noisy: {note}")
    code = perf_gate.exit_code(repeatable, relative, noise)
    print({0: "perf gate: passed", 1: "perf gate: FAILED", 3: "perf gate: could not tell"}[code])
    cases = [*repeatable, *relative]
    failed = sum(finding.verdict == FAILED for finding in cases)
    print(f"cases: {len(cases) - failed} {failed}")
    return code


def rebaseline(settings):
    build(*programs(settings))
    report, costs = count_instructions()
    unlike = perf_gate.not_repeated(costs, count_instructions()[1])
    if unlike:
        raise CannotTell(f"two counts of the same program differ: {', '.join(unlike)}")
    allocations = allocations_per_message()
    if allocations > 0:
        raise Broken(f"allocations per message are {allocations}; no baseline allows any")
    timed = None
    if settings.strict:
        timed = Timed(settings)
        for note in timed.noise:
            print(f"noisy: {note}; nothing can be told with this baseline")
    save(INSTRUCTIONS, {**about(report, "scripts/perf_gate --rebaseline"), "paths": costs})
    if timed:
        command = f"STRICT=1 ROUNDS={settings.rounds} MEASTIME={settings.seconds:g} scripts/perf_gate --rebaseline"
        save(RATIOS, {**about(report, command), "noise": timed.noise, **timed.baseline()})
    return 0


def prove():
    """Shows that the gate passes a build against itself and rejects a slowed one for what was slowed."""
    build("ronbus_instructions", "ronbus_instructions_slowed")
    report, costs = count_instructions()
    baseline = {**about(report, "scripts/perf_gate --prove"), "paths": costs}
    unslowed = compare_counts(baseline, *count_instructions())
    slowed = compare_counts(baseline, *count_instructions("ronbus_instructions_slowed"))
    show(slowed)
    rejected = {finding.name: finding for finding in slowed if finding.verdict == FAILED}
    wrong = [f"{finding.name}: the unslowed build is rejected" for finding in unslowed
             if finding.verdict == FAILED]
    for finding in slowed:
        # Receives are as they were; batches go another way.
        touched = re.match(r"(try_)?publish_(gated_)?(single|shared|event|bytes)$", finding.name)
        if bool(touched) != (finding.name in rejected):
            wrong.append(f"{finding.name}: {'should' if touched else 'should not'} have been rejected")
    if not any("locked" in finding.note for finding in rejected.values()):
        wrong.append("no fence was noticed")
    for fault in wrong:
        print(f"FAILED: {fault}")
    print(f"the gate {'does not work' if wrong else 'passes the build and rejects the slowed one'}: "
          f"{len(rejected)} of {len(slowed)} paths rejected")
    print(f"cases: {0 if wrong else 2} {2 if wrong else 0}")
    return 1 if wrong else 0


def prove_timed(settings):
    """The same for what is timed, in the suite core: the build, the slowed one and the build again, in
    turns, so that the machine is to all of them the same."""
    build("ronbus_bench", "ronbus_bench_slowed")
    before, slowed, after, floors = {}, {}, {}, {}
    others = Others()
    for number in range(1, settings.rounds + 1):
        print(f"round {number} of {settings.rounds}", flush=True)
        for samples, program in ((before, "ronbus_bench"), (slowed, "ronbus_bench_slowed"), (after, "ronbus_bench")):
            results = bench("core", "--seconds", str(settings.seconds), program=program)
            append(samples, perf_gate.ratios_of(results)[0])
            append(floors, perf_gate.floors_of(results))
    # The paths on which the loop takes long. What the fence costs depends on what it waits for.
    touched = ("publish_single", "publish_shared")
    baseline, slowed, after = ({name: samples[name] for name in touched}
                               for samples in (described(before), slowed, after))
    unslowed = perf_gate.compare_throughputs(baseline, after)
    rejected = perf_gate.compare_throughputs(baseline, slowed)
    print("the slowed build:")
    show(rejected)
    print("the unslowed build:")
    show(unslowed)
    noise = others.noise() + perf_gate.noise_of_floors(floors)
    for note in noise:
        print(f"noisy: {note}")
    if noise:
        return 3
    code = perf_gate.exit_code([], unslowed)
    if any(finding.verdict != FAILED for finding in rejected):
        code = 3 if any(finding.verdict == UNCLEAR for finding in rejected) else 1
    print({0: "the gate passes the build and rejects the slowed one", 1: "the gate does not work",
           3: "could not tell: some figures are too far apart; more ROUNDS help"}[code])
    return code


def main():
    try:
        settings = perf_gate.settings_from(os.environ)
        if sys.argv[1:] == ["--prove"]:
            return prove() or (prove_timed(settings) if settings.strict else 0)
        if sys.argv[1:] == ["--rebaseline"]:
            return rebaseline(settings)
        if sys.argv[1:]:
            raise UsageError(f"'{' '.join(sys.argv[1:])}' is none of --prove, --rebaseline")
        return gate(settings)
    except UsageError as error:
        print(f"perf gate: {error}", file=sys.stderr)
        return 2
    except CannotTell as error:
        print(f"perf gate: could not tell: {error}", file=sys.stderr)
        return 3
    except (Broken, OSError) as error:
        print(f"perf gate: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
