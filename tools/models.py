#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Explores the models of tests/models.

    tools/models.py [--quick | --mutants] [NAME...]
    tools/models.py --self-test

See scripts/model, which calls this.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
from dataclasses import dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROMELA = os.path.join(ROOT, "tests", "models", "promela")
MEMORY_MB = 3000
DEPTH = 5_000_000
# What a model's header lists.
MUTANTS = re.compile(r"^// Mutants[^:]*: ((?:[A-Z_]+[,.]?\s*(?://\s*)?)+)", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """One search of one model, perhaps with something broken in it."""
    quick: bool
    liveness: bool
    model: str
    parameters: tuple
    mutants: tuple = ()
    mutant: str = ""

    def __str__(self):
        return " ".join([self.model, *self.parameters, self.mutant]).strip()


@dataclass(frozen=True)
class Outcome:
    held: bool | None  # None: it could not be told
    states: int
    text: str
    seconds: float = 0


class Broken(Exception):
    pass


def parse_runs(text):
    """The runs that a table describes."""
    runs = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        left, bar, mutants = line.partition("|")
        words = left.split()
        if not bar or len(words) < 3 or words[0] not in ("quick", "full") \
                or words[1] not in ("safety", "liveness"):
            raise Broken(f"runs.txt:{number}: not a run: {line}")
        runs.append(Run(words[0] == "quick", words[1] == "liveness", words[2], tuple(words[3:]),
                        tuple(mutants.split())))
    return runs


def mutants_of(text):
    """The mutants that the header of a model lists."""
    return set(re.findall(r"[A-Z_]+", " ".join(MUTANTS.findall(text))))


def check_table(runs, texts):
    """Every model is run, and every mutant it has; `texts` are the models by name."""
    faults = []
    for name in sorted({run.model for run in runs} - texts.keys()):
        faults.append(f"runs.txt: there is no model {name}")
    for name, text in sorted(texts.items()):
        run = {mutant for run in runs if run.model == name for mutant in run.mutants}
        if not any(run.model == name for run in runs):
            faults.append(f"{name}: is never run")
        faults += [f"{name}: no run catches {mutant}" for mutant in sorted(mutants_of(text) - run)]
        faults += [f"{name}: does not list the mutant {mutant}" for mutant in sorted(run - mutants_of(text))]
    return faults


def judge(output):
    """The outcome that spin's report tells."""
    errors = re.search(r"errors: (\d+)", output)
    states = re.search(r"^\s*([\d.e+]+) states, stored", output, re.MULTILINE)
    count = int(float(states.group(1))) if states else 0
    if not errors:
        return Outcome(None, count, "no report:\n" + output[-2000:])
    if errors.group(1) != "0":
        cause = re.search(r"^pan:\d+: (.*)$", output, re.MULTILINE)
        return Outcome(False, count, cause.group(1) if cause else "an error")
    if "Search not completed" in output or "max search depth too small" in output:
        return Outcome(None, count, "the search was cut short")
    return Outcome(True, count, "")


def command(folder, *words):
    result = subprocess.run(words, cwd=folder, text=True, capture_output=True, check=False)
    return result.returncode, result.stdout + result.stderr


def explore(run):
    start = time.monotonic()
    defines = [f"-D{word}" for word in (*run.parameters, run.mutant) if word]
    with tempfile.TemporaryDirectory() as folder:
        code, output = command(folder, "spin", "-a", *defines, os.path.join(PROMELA, run.model + ".pml"))
        if code == 0:
            kind = ["-DNFAIR=8"] if run.liveness else ["-DSAFETY"]
            # Optimizing takes longer than a small search.
            level = "-O0" if run.quick or run.mutant else "-O2"
            code, output = command(folder, "gcc", level, "-w", *kind, f"-DMEMLIM={MEMORY_MB}", "-o", "pan", "pan.c")
        if code != 0:
            raise Broken(f"{run}: {output[-2000:]}")
        # A sleeper may sleep for ever where nothing happens any more: the models say when it may.
        _, output = command(folder, "./pan", f"-m{DEPTH}", "-w23", *(["-a", "-f"] if run.liveness else ["-E"]))
        outcome = judge(output)
        if outcome.held is False and not run.mutant:
            keep_steps(folder, run)
    return Outcome(outcome.held, outcome.states, outcome.text, time.monotonic() - start)


def keep_steps(folder, run):
    """Keeps the steps that lead to a fault, to be read by a person."""
    _, steps = command(folder, "spin", "-t", "-p", "-g", "-l", *[f"-D{word}" for word in run.parameters],
                       os.path.join(PROMELA, run.model + ".pml"))
    path = os.path.join(ROOT, "build", "logs", "model-" + re.sub(r"\W+", "-", str(run)) + ".txt")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(steps)
    print(f"the steps that lead there: {os.path.relpath(path, ROOT)}")


def explore_all(runs):
    """Prints a line for each run; the number of good ones, of bad ones, and of states."""
    good = bad = states = 0
    jobs = int(os.environ.get("JOBS", os.cpu_count() or 1))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for run, outcome in zip(runs, pool.map(explore, runs)):
            is_good = outcome.held is (not run.mutant)
            told = {True: "holds", False: "wrong", None: "UNCLEAR"}[outcome.held]
            print(f"{'ok' if is_good else 'FAILED':7}{told:6}{outcome.states:>11,} states {outcome.seconds:6.1f} s  "
                  f"{run}{'  (' + outcome.text + ')' if outcome.text else ''}", flush=True)
            good, bad, states = good + is_good, bad + (not is_good), states + outcome.states
    return good, bad, states


class SelfTest(unittest.TestCase):
    TABLE = "# runs\nquick safety a X=1 Y=2 | M N\n\nfull liveness b |\n"
    TEXTS = {"a": "// Mutants, each caught: M,\n// N.\nbyte x;\n", "b": ""}

    def test_a_table_is_read(self):
        self.assertEqual(parse_runs(self.TABLE), [Run(True, False, "a", ("X=1", "Y=2"), ("M", "N")),
                                                  Run(False, True, "b", (), ())])

    def test_a_line_that_is_no_run_fails(self):
        for line in ("quick safety a", "slow safety a |", "quick liveliness a |", "quick |"):
            self.assertRaises(Broken, parse_runs, line)

    def test_a_whole_table_passes(self):
        self.assertEqual(check_table(parse_runs(self.TABLE), self.TEXTS), [])

    def test_a_mutant_nobody_runs_and_one_nobody_lists_fail(self):
        self.assertEqual(len(check_table(parse_runs(self.TABLE.replace("M N", "M"))[:], self.TEXTS)), 1)
        self.assertEqual(len(check_table(parse_runs(self.TABLE.replace("M N", "M N O")), self.TEXTS)), 1)

    def test_a_model_that_is_missing_or_never_run_fails(self):
        self.assertEqual(len(check_table(parse_runs(self.TABLE), {"a": self.TEXTS["a"]})), 1)
        self.assertEqual(len(check_table(parse_runs(self.TABLE), self.TEXTS | {"c": ""})), 1)

    def test_reports_are_read(self):
        good = "State-vector 88 byte, depth reached 210, errors: 0\n   229147 states, stored\n"
        self.assertEqual(judge(good), Outcome(True, 229147, ""))
        wrong = judge("pan:1: assertion violated x (at depth 1)\n" + good.replace("errors: 0", "errors: 1"))
        self.assertEqual((wrong.held, wrong.text), (False, "assertion violated x (at depth 1)"))

    def test_a_search_that_was_cut_short_does_not_hold(self):
        good = "State-vector 88 byte, depth reached 210, errors: 0\n   1.5e+06 states, stored\n"
        self.assertIsNone(judge("error: max search depth too small\n" + good).held)
        self.assertIsNone(judge("Warning: Search not completed\n" + good).held)
        self.assertIsNone(judge("Killed").held)
        self.assertEqual(judge(good).states, 1_500_000)


def main():
    words = sys.argv[1:]
    if words == ["--self-test"]:
        unittest.main(argv=sys.argv[:1])
    mode = words.pop(0) if words and words[0].startswith("-") else ""
    if mode not in ("", "--quick", "--mutants"):
        sys.exit(__doc__)
    with open(os.path.join(PROMELA, "runs.txt"), encoding="utf-8") as file:
        runs = parse_runs(file.read())
    texts = {}
    for name in sorted(os.listdir(PROMELA)):
        if name.endswith(".pml"):
            with open(os.path.join(PROMELA, name), encoding="utf-8") as file:
                texts[name.removesuffix(".pml")] = file.read()
    faults = check_table(runs, texts)
    if faults:
        sys.exit("\n".join(faults))
    if set(words) - texts.keys():
        print(f"scripts/model: no model is named {', '.join(sorted(set(words) - texts.keys()))}", file=sys.stderr)
        sys.exit(2)
    if words:
        runs = [run for run in runs if run.model in words]
    if mode == "--quick":
        runs = [run for run in runs if run.quick]
    if mode == "--mutants":
        runs = [Run(run.quick, run.liveness, run.model, run.parameters, (), mutant)
                for run in runs for mutant in run.mutants]
    start = time.monotonic()
    good, bad, states = explore_all(runs)
    what = "mutants found wrong" if mode == "--mutants" else "models hold"
    print(f"cases: {good} {bad}")
    print(f"{good} {what}, {bad} do not; {states:,} states in {time.monotonic() - start:.0f} s")
    sys.exit(0 if bad == 0 else 1)


if __name__ == "__main__":
    try:
        main()
    except Broken as problem:
        sys.exit(f"scripts/model: {problem}")
