#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Explores the models of tests/models: protocols in Promela by spin, the product's own sources by Relacy.

    tools/models.py [--quick | --mutants | --record] [NAME...]
    tools/models.py --self-test

See scripts/model, which calls this.
"""

import concurrent.futures
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from dataclasses import dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROMELA = os.path.join(ROOT, "tests", "models", "promela")
RELACY = os.path.join(ROOT, "tests", "models", "relacy")
RECORD = os.path.join(ROOT, "docs", "MODELS.md")
# Sources of the product that the models need as they are.
PRODUCT = ("src/flavor/subscriptions.cpp", "src/wait/bell.cpp", "src/wait/suspension.cpp", "src/wait/waiter_set.cpp")
MEMORY_MB = 3000
DEPTH = 5_000_000
LONGEST = 300  # seconds
# Optimizing takes longer than a small search.
FAST, THOROUGH = ("-O1",), ("-O2",)
# Leaves out all models but the quick ones.
QUICK_ONLY = "-DRONBUS_QUICK_MODELS"
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

    unit = "states"

    def __str__(self):
        return " ".join([self.model, *self.parameters, self.mutant]).strip()

    def explore(self):
        return explore(self)


@dataclass(frozen=True)
class Planted:
    """An error in the product's sources, which a model must catch; or a test, where the name is of a suite and a case."""
    edits: tuple  # of (file, old words, new text)
    source: str  # or the program of the test
    model: str
    title: str = ""

    @property
    def is_for_test(self):
        return "." in self.model

    def __str__(self):
        file, old, _ = self.edits[0]
        return f"{self.title} {os.path.basename(file)}: {' '.join(old)[:60]}"


@dataclass(frozen=True)
class Execution:
    """A model over the product's own sources, perhaps with an error planted there."""
    quick: bool
    model: str
    program: str = ""
    planted: Planted | None = None

    unit = "executions"

    @property
    def mutant(self):
        return self.planted

    def __str__(self):
        return f"{self.model}: {self.planted}" if self.planted else self.model

    def explore(self):
        start = time.monotonic()
        if self.planted:
            with tempfile.TemporaryDirectory() as folder:
                program = build_planted(self.planted, folder)
                code, output = command(folder, program, self.model)
            if code < 0:
                return Outcome(False, 0, f"crashed by signal {-code}", time.monotonic() - start)
        else:
            _, output = command(ROOT, self.program, self.model)
        outcome = judge_execution(output)
        if outcome.held is False and not self.planted:
            keep(self, output)
        return Outcome(outcome.held, outcome.states, outcome.text, time.monotonic() - start)


@dataclass(frozen=True)
class Outcome:
    held: bool | None  # None: it could not be told
    states: int  # or executions
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


def command(folder, *words, timeout=LONGEST):
    try:
        result = subprocess.run(words, cwd=folder, text=True, capture_output=True, check=False, timeout=timeout)
    except subprocess.TimeoutExpired:
        return 124, f"took longer than {timeout:.0f} s"
    return result.returncode, result.stdout + result.stderr


def parse_planted(text):
    """The errors that a file describes."""
    planted, edits, title = [], [], ""
    for number, line in enumerate(text.splitlines(), 1):
        mark, _, rest = line.partition(" ")
        rest = rest.strip()
        if mark == "@":
            edits.append([rest, None, None])
        elif mark == "-" and edits and edits[-1][1] is None:
            edits[-1][1] = tuple(rest.split())
        elif mark == "+" and edits and edits[-1][1] is not None:
            edits[-1][2] = rest
        elif mark == "?" and edits and all(edit[2] is not None for edit in edits) and len(rest.split()) == 2:
            planted.append(Planted(tuple(map(tuple, edits)), *rest.split(), title))
            edits = []
        elif mark == "#" and not edits:
            title = rest
        elif line.strip() and not line.startswith("#"):
            raise Broken(f"mutants.txt:{number}: what is this: {line}")
    if edits:
        raise Broken("mutants.txt: the last error names no model")
    return planted


def plant(text, old, new):
    """The text with one place replaced."""
    pattern = re.compile(r"\s+".join(map(re.escape, old)))
    if len(pattern.findall(text)) != 1:
        raise Broken(f"found {len(pattern.findall(text))} times, not once: {' '.join(old)}")
    return pattern.sub(lambda _: new, text)


def judge_execution(output):
    """The outcome that the program of the models tells."""
    line = re.search(r"^\S+: (holds|FAILS), (\d+) executions \((.*)\)$", output, re.MULTILINE)
    if not line:
        return Outcome(None, 0, "no report:\n" + output[-2000:])
    if line.group(1) == "holds":
        return Outcome(True, int(line.group(2)), line.group(3))
    cause = output[line.end():].strip().partition("\n")[0]
    return Outcome(False, int(line.group(2)), cause)


def compile_source(root, flags, source, to):
    compiler = [*(["ccache"] if shutil.which("ccache") else []), "g++"]
    code, output = command(root, *compiler, "-std=c++23", *flags, "-DNDEBUG", "-DRONBUS_MODEL_CHECK", "-Iinclude",
                           "-Itests/models/relacy/include", "-Wall", "-Wextra", "-c", source, "-o", to)
    if code != 0:
        raise Broken(f"{source} does not compile:\n{output[-4000:]}")


def build(root, folder, sources, flags=FAST, pool_map=map):
    """The program of the models in these sources."""
    os.makedirs(folder, exist_ok=True)
    objects = [os.path.join(folder, os.path.basename(source) + ".o") for source in sources]
    list(pool_map(functools.partial(compile_source, root, flags), sources, objects))
    program = os.path.join(folder, "models")
    code, output = command(root, "g++", *objects, "-o", program)
    if code != 0:
        raise Broken(f"the models do not link:\n{output[-4000:]}")
    return program


def with_error(planted):
    """The files that it changes, as they are then."""
    texts = {}
    for file, old, new in planted.edits:
        if file not in texts:
            with open(os.path.join(ROOT, file), encoding="utf-8") as source:
                texts[file] = source.read()
        try:
            texts[file] = plant(texts[file], old, new)
        except Broken as problem:
            raise Broken(f"mutants.txt: {file}: {problem}") from problem
    return texts


def sources_of_models(quick):
    """All sources of models, or those that have quick ones."""
    sources = []
    for name in sorted(os.listdir(RELACY)):
        if name.endswith(".cpp"):
            with open(os.path.join(RELACY, name), encoding="utf-8") as file:
                text = file.read()
            if not quick or "Size::Full" not in text or "Size::Quick" in text:
                sources.append(f"tests/models/relacy/{name}")
    return sources


def without_others(text, model):
    """The text of a source without the registrations of other models: these take time to compile."""
    for start in (r"    Registered\{", r"const models::Registered "):
        pattern = re.compile(start + r"(?:(?!\n" + start + r"|\n\};?\n|\n\n)[\s\S])*\n")
        text = pattern.sub(lambda found: found.group(0) if f'"{model}"' in found.group(0) else "", text)
    return text


def build_planted(planted, folder):
    for part in ("include", "src", "tests/models/relacy"):
        shutil.copytree(os.path.join(ROOT, part), os.path.join(folder, part))
    for file, text in with_error(planted).items():
        with open(os.path.join(folder, file), "w", encoding="utf-8") as source:
            source.write(text)
    path = os.path.join(folder, "tests", "models", "relacy", planted.source + ".cpp")
    with open(path, encoding="utf-8") as source:
        text = without_others(source.read(), planted.model)
    with open(path, "w", encoding="utf-8") as source:
        source.write(text)
    names = ("main", "search", "system", planted.source)
    return build(folder, os.path.join(folder, "build"),
                 [*(f"tests/models/relacy/{name}.cpp" for name in names), *PRODUCT], ("-O0",))


def executions(pool, mode):
    """The models over the product's own sources, which this builds."""
    quick = mode == "--quick"
    program = build(ROOT, os.path.join(ROOT, "build", "quick_models" if quick else "models"),
                    [*sources_of_models(quick), *PRODUCT],
                    (*FAST, QUICK_ONLY) if quick else FAST if mode == "--mutants" else THOROUGH, pool.map)
    _, output = command(ROOT, program, "--list")
    return [Execution(size == "quick", name, program) for size, name, _ in map(str.split, output.splitlines())]


def explore(run):
    start = time.monotonic()
    defines = [f"-D{word}" for word in (*run.parameters, run.mutant) if word]
    source = os.path.join(PROMELA, run.model + ".pml")
    with tempfile.TemporaryDirectory() as folder:
        code, output = command(folder, "spin", "-a", *defines, source)
        if code == 0:
            kind = ["-DNFAIR=8"] if run.liveness else ["-DSAFETY"]
            level = "-O0" if run.quick or run.mutant else "-O2"
            code, output = command(folder, "gcc", level, "-w", *kind, f"-DMEMLIM={MEMORY_MB}", "-o", "pan", "pan.c")
        if code != 0:
            raise Broken(f"{run}: {output[-2000:]}")
        # A sleeper may sleep for ever where nothing happens any more: the models say when it may.
        _, output = command(folder, "./pan", f"-m{DEPTH}", "-w23", *(["-a", "-f"] if run.liveness else ["-E"]))
        outcome = judge(output)
        if outcome.held is False and not run.mutant:
            _, steps = command(folder, "spin", "-t", "-p", "-g", "-l", *defines, source)
            keep(run, steps)
    return Outcome(outcome.held, outcome.states, outcome.text, time.monotonic() - start)


def keep(run, story):
    """Keeps the steps that lead to a fault, to be read by a person."""
    path = os.path.join(ROOT, "build", "logs", "model-" + re.sub(r"\W+", "-", str(run)) + ".txt")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(story)
    print(f"the steps that lead there: {os.path.relpath(path, ROOT)}")


def explore_all(runs, pool):
    """Prints a line for each run; the number of good ones, of bad ones, of what was visited by unit, and all outcomes."""
    good = bad = 0
    outcomes = []
    visited = {"states": 0, "executions": 0}
    for run, outcome in zip(runs, pool.map(lambda run: run.explore(), runs)):
        is_good = outcome.held is (not run.mutant)
        told = {True: "holds", False: "wrong", None: "UNCLEAR"}[outcome.held]
        print(f"{'ok' if is_good else 'FAILED':7}{told:6}{outcome.states:>11,} {run.unit:10} {outcome.seconds:6.1f} s  "
              f"{run}{'  (' + outcome.text + ')' if outcome.text else ''}", flush=True)
        good, bad = good + is_good, bad + (not is_good)
        visited[run.unit] += outcome.states
        outcomes.append(outcome)
    return good, bad, visited, outcomes


def recorded(text, outcomes):
    """The text of docs/MODELS.md with these outcomes of executions, by name."""
    def bound(how):
        found = re.search(r"up to (\d+) preemptions", how)
        return found.group(1) if found else how
    rows = [f"| `{name}` | {bound(outcome.text)} | {outcome.states:,} |" for name, outcome in outcomes]
    head, heading, rest = text.partition("### Executions run\n")
    _, next_heading, tail = rest.partition("\n## ")
    if not heading or not next_heading:
        raise Broken("docs/MODELS.md has no place for the executions")
    total = sum(outcome.states for _, outcome in outcomes)
    return "\n".join([head + "### Executions run", "", f"{total:,} in all.", "",
                      "| Model | Preemptions up to | Executions |", "|---|---|--:|", *rows]) + "\n\n## " + tail


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

    def test_planted_errors_are_read(self):
        error, = parse_planted("# One.\n@ a.hpp\n- f( x )\n+ g(x)\n@ b.hpp\n- y\n+\n? here name\n")
        self.assertEqual(error, Planted((("a.hpp", ("f(", "x", ")"), "g(x)"), ("b.hpp", ("y",), "")), "here", "name",
                                        "One."))
        self.assertFalse(error.is_for_test)
        self.assertTrue(parse_planted("@ a.hpp\n- x\n+\n? unit Suite.case\n")[0].is_for_test)
        for text in ("- x\n", "@ a\n- x\n? s m\n", "@ a\n- x\n+ y\n", "@ a\n- x\n+ y\n? s\n", "what\n"):
            self.assertRaises(Broken, parse_planted, text)

    def test_an_error_is_planted_in_one_place_however_it_is_broken_into_lines(self):
        self.assertEqual(plant("a f(x,\n  y) b", ("f(x,", "y)"), "g()"), "a g() b")
        self.assertRaises(Broken, plant, "f() f()", ("f()",), "")
        self.assertRaises(Broken, plant, "g()", ("f()",), "")

    def test_executions_are_read(self):
        self.assertEqual(judge_execution("m: holds, 12 executions (all)\n"), Outcome(True, 12, "all"))
        self.assertEqual(judge_execution("m: FAILS, 3 executions (all)\nDEADLOCK\nmore\n"),
                         Outcome(False, 3, "DEADLOCK"))
        self.assertIsNone(judge_execution("Segmentation fault").held)

    def test_executions_are_recorded(self):
        text = recorded("a\n### Executions run\n\nold\n\n## Next\nb\n",
                        [("m", Outcome(True, 1200, "every execution with up to 3 preemptions")),
                         ("n", Outcome(True, 2, "every execution"))])
        self.assertEqual(text, "a\n### Executions run\n\n1,202 in all.\n\n| Model | Preemptions up to | Executions |\n"
                               "|---|---|--:|\n| `m` | 3 | 1,200 |\n| `n` | every execution | 2 |\n\n## Next\nb\n")
        self.assertRaises(Broken, recorded, "a\n", [])

    def test_other_models_are_left_out(self):
        text = ('const models::Registered a{"a", Full,\n    x<1>};\nconst models::Registered b{"b", Full, y};\n\n'
                'const std::array all{\n    Registered{"c", Full, z<[] {\n      },\n    1>},\n    Registered{"d", Quick, w},\n};\n')
        self.assertEqual(without_others(text, "b"), 'const models::Registered b{"b", Full, y};\n\nconst std::array all{\n};\n')
        self.assertEqual(without_others(text, "c"),
                         '\nconst std::array all{\n    Registered{"c", Full, z<[] {\n      },\n    1>},\n};\n')


def main():
    words = sys.argv[1:]
    if words == ["--self-test"]:
        unittest.main(argv=sys.argv[:1])
    mode = words.pop(0) if words and words[0].startswith("-") else ""
    if mode not in ("", "--quick", "--mutants", "--record") or (mode == "--record" and words):
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
    with open(os.path.join(RELACY, "mutants.txt"), encoding="utf-8") as file:
        planted = parse_planted(file.read())
    for error in planted:
        with_error(error)  # in any mode: whoever changes the code it is planted in changes it, too
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", os.cpu_count() or 1))) as pool:
        runs += executions(pool, mode)
        unknown = set(words) - {run.model for run in runs}
        if unknown:
            print(f"scripts/model: no model is named {', '.join(sorted(unknown))}", file=sys.stderr)
            sys.exit(2)
        if mode == "--mutants":
            runs = [Run(run.quick, run.liveness, run.model, run.parameters, (), mutant)
                    for run in runs if isinstance(run, Run) for mutant in run.mutants]
            runs += [Execution(False, error.model, "", error) for error in planted if not error.is_for_test]
        runs = [run for run in runs if (not words or run.model in words) and (mode != "--quick" or run.quick)]
        good, bad, visited, outcomes = explore_all(runs, pool)
    if mode == "--record" and not bad:
        with open(RECORD, encoding="utf-8") as file:
            text = recorded(file.read(), [(run.model, outcome) for run, outcome in zip(runs, outcomes)
                                          if isinstance(run, Execution)])
        with open(RECORD, "w", encoding="utf-8") as file:
            file.write(text)
    what = "mutants found wrong" if mode == "--mutants" else "models hold"
    print(f"cases: {good} {bad}")
    print(f"{good} {what}, {bad} do not; {visited['states']:,} states and {visited['executions']:,} executions "
          f"in {time.monotonic() - start:.0f} s")
    sys.exit(0 if bad == 0 else 1)


if __name__ == "__main__":
    try:
        main()
    except Broken as problem:
        sys.exit(f"scripts/model: {problem}")
