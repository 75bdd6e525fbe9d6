#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Breaks the sources in one place at a time; a model or a test must find it.

    tools/mutants.py [--table | --models | --planted] [WORD...]
    tools/mutants.py --self-test

See scripts/mutants, which calls this.

One program has all mutants: in a copy of the sources each order K is `model::order(K, order)` and
each fence K is executed `if (model::keep(K))`. The environment tells which one is broken. Only models
that reach it are run, those that take the shortest time first, and then tests under the thread
sanitizer that reach it.
"""

import concurrent.futures
import filecmp
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from collections import Counter
from dataclasses import asdict, dataclass

import models

ROOT = models.ROOT
FOLDER = os.path.join(ROOT, "build", "mutants")
SURVIVORS = os.path.join(models.RELACY, "equivalent.txt")
TABLE = os.path.join(ROOT, "docs", "MUTANTS.md")
# The façade itself, whose orders are those of its callers.
FACADE = ("include/ronbus/sync/atomic.hpp",)
# What all models have in common.
SHARED = tuple(f"tests/models/relacy/{name}" for name in ("model.hpp", "rings.hpp", "search.cpp", "system.cpp", "include"))
# Programs of the suite that run threads against each other.
TESTS = ("unit", "asio")
# What a mutant that is argued for is looked for, at most: the argument may be wrong.
SECONDS_ARGUED = 15
ORDER = re.compile(r"std::memory_order_(\w+)")
FENCE = re.compile(r"(?:\b[a-z_]+(?:\(\))?(?:\.|->))*\b(?:sync::fence|thread_fence|light|heavy|barrier|membarrier_all)\([^;{}]*\);")
READ = {"seq_cst": ("acquire",), "acquire": ("relaxed",)}
WRITE = {"seq_cst": ("release",), "release": ("relaxed",)}
BOTH = {"seq_cst": ("acq_rel",), "acq_rel": ("acquire", "release"), "acquire": ("relaxed",), "release": ("relaxed",)}


@dataclass(frozen=True)
class Mutant:
    site: int
    change: str  # "seq_cst → acq_rel" or "removed"
    file: str
    code: str
    nth: int = 1  # of those that read the same in the file

    @property
    def place(self):
        """The same as long as the code is."""
        return f"{self.file}: {self.code}" + (f" ({self.nth})" if self.nth > 1 else "")

    @property
    def environment(self):
        """For a program: what to do at which site."""
        return {"RONBUS_MUTANT": f"{self.site} {self.change.split()[-1]}"}

    def __str__(self):
        return f"{self.place}: {self.change}"


@dataclass(frozen=True)
class Result:
    killed_by: str  # the model or test, or nothing
    cause: str
    executions: int  # that were run in vain, or until it was found
    looked: tuple = ()  # the models and tests that did not find it
    file: str = ""  # what it was then


def without_comments(text):
    """The text, in which all comments are spaces."""
    return re.sub(r"//[^\n]*", lambda comment: " " * len(comment.group(0)), text)


def call_of(text, at):
    """The function called with what stands at this place, and which argument that is."""
    depth = arguments = 0
    for i in range(at - 1, -1, -1):
        if text[i] == ")":
            depth += 1
        elif text[i] == "(" and depth == 0:
            name = re.search(r"(\w+)\s*$", text[:i])
            return name.group(1) if name else "", arguments
        elif text[i] == "(":
            depth -= 1
        elif text[i] == "," and depth == 0:
            arguments += 1
    return "", 0


def steps_of(function, argument):
    """How the orders of that argument are weakened."""
    if function in ("load", "first", "second") or (function == "compare_exchange" and argument == 3):
        return READ
    if function == "store":
        return WRITE
    if function in ("fence", "thread_fence"):
        return {"seq_cst": ("acq_rel",)}  # weaker ones are as good as none
    if function in ("compare_exchange", "exchange") or function.startswith("fetch_"):
        return BOTH
    if function == "atomic_signal_fence":
        return {}  # tells the compiler, and no model
    raise models.Broken(f"what does {function} do with a memory order?")


def statement(text, at):
    """The code around a place, in one line."""
    start = max(text.rfind(mark, 0, at) for mark in (";", "{", "}")) + 1
    end = min(i for i in (text.find(";", at), text.find("{", at), len(text)) if i >= 0)
    return " ".join(text[start:end].split())


def mutate(file, text, first):
    """The text with its sites marked, which are numbered from `first` on, and the mutants."""
    marks, mutants = [], []
    site = first
    seen = Counter()
    code = without_comments(text)

    def place(shown):
        seen[shown] += 1
        return file, shown, seen[shown]

    for match in ORDER.finditer(code):
        weaker = steps_of(*call_of(code, match.start())).get(match.group(1), ())
        if weaker:
            at = place(statement(code, match.start()))
            mutants += [Mutant(site, f"{match.group(1)} → {order}", *at) for order in weaker]
            marks.append((match.start(), match.end(), f"ron::model::order({site}, {match.group(0)})"))
            site += 1
    for match in FENCE.finditer(code):
        before = code[code.rfind("\n", 0, match.start()) + 1:match.start()]
        if re.search(r"(?:\bvoid|::)\s*$", before):
            continue
        mutants.append(Mutant(site, "removed", *place(" ".join(match.group(0).split()))))
        marks.append((match.start(), match.start(), f"if (ron::model::keep({site})) "))
        site += 1
    for start, end, new in sorted(marks, reverse=True):
        text = text[:start] + new + text[end:]
    return text, mutants, site


def copy_project(to, everything):
    """Copies what models are made of, or everything that is in the repository."""
    shutil.rmtree(to, ignore_errors=True)
    for part in ("include", "src", "tests/models/relacy"):
        shutil.copytree(os.path.join(ROOT, part), os.path.join(to, part))
    if everything:
        for name in subprocess.run(["git", "ls-files"], cwd=ROOT, text=True, capture_output=True, check=True).stdout.splitlines():
            copy = os.path.join(to, name)
            if not os.path.exists(copy) and os.path.exists(os.path.join(ROOT, name)):
                os.makedirs(os.path.dirname(copy), exist_ok=True)
                shutil.copy2(os.path.join(ROOT, name), copy)


def mutated_tree(folder, everything=False):
    """Copies the sources with all mutants in them, and returns those. What stays the same keeps its time."""
    new = folder + ".new"
    copy_project(new, everything)
    mutants, site = [], 1
    for part in ("include", "src"):
        for directory, folders, names in os.walk(os.path.join(new, part)):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(directory, name)
                file = os.path.relpath(path, new)
                if not name.endswith((".hpp", ".cpp")) or file in FACADE:
                    continue
                with open(path, encoding="utf-8") as source:
                    text, found, site = mutate(file, source.read(), site)
                mutants += found
                if found:
                    with open(path, "w", encoding="utf-8") as source:
                        source.write(text)
    follow(new, folder)
    return mutants


def follow(new, folder):
    """Makes the folder like the new one, which goes; what stays the same keeps its time."""
    for directory, folders, names in os.walk(folder):
        at = os.path.relpath(directory, folder)
        folders[:] = [name for name in folders if os.path.join(at, name) != "./build"]
        for name in names:
            if not os.path.exists(os.path.join(new, at, name)):
                os.remove(os.path.join(directory, name))
    for directory, _, names in os.walk(new):
        to = os.path.join(folder, os.path.relpath(directory, new))
        os.makedirs(to, exist_ok=True)
        for name in names:
            if not os.path.exists(os.path.join(to, name)) or \
                    not filecmp.cmp(os.path.join(directory, name), os.path.join(to, name), shallow=False):
                shutil.copy2(os.path.join(directory, name), os.path.join(to, name))
    shutil.rmtree(new)


def fingerprint(*paths):
    """Of files and folders of the repository."""
    state = hashlib.sha256()
    for path in paths:
        path = os.path.join(ROOT, path)
        files = [path] if os.path.isfile(path) else \
            sorted(os.path.join(directory, name) for directory, _, names in os.walk(path) for name in names
                   if name.endswith((".hpp", ".cpp")))
        for file in files:
            with open(file, "rb") as source:
                state.update(source.read())
    return state.hexdigest()[:16]


class Results:
    """What was found so far, kept so that a run may be cut short. What is known of a mutant holds as long as the file it
    is in is the same, and what is known of a model as long as the models and the files that it reaches are."""

    def __init__(self, path, sources):
        self.path, self.sources = path, sources
        self.reached, self.seconds, self.outcomes = {}, {}, {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                kept = json.load(file)
            self.reached = {name: sites for name, sites in kept["reached"].items()
                            if (name.startswith("test ") or name in sources)
                            and sites["state"] == self.state_of(name, sites["places"])}
            self.seconds = kept["seconds"]
            self.outcomes = {name: Result(**{**outcome, "looked": tuple(outcome["looked"])})
                             for name, outcome in kept["outcomes"].items()
                             if outcome["file"] == self.state_of_file(name)}

    @staticmethod
    def state_of_file(place):
        file = place.partition(": ")[0]
        return fingerprint(file) if os.path.exists(os.path.join(ROOT, file)) else "gone"

    def state_of(self, name, places):
        files = sorted({place.partition(": ")[0] for place in places})
        if not all(os.path.exists(os.path.join(ROOT, file)) for file in files):
            return "gone"
        return fingerprint(*(() if name.startswith("test ") else (*SHARED, self.sources[name])), *files)

    def reach(self, name, places, seconds):
        self.reached[name] = {"state": self.state_of(name, places), "places": sorted(places)}
        self.seconds[name] = seconds

    def reaching(self, mutant, tests):
        """Those that reach it, the shortest first."""
        return sorted((name for name, sites in self.reached.items()
                       if name.startswith("test ") == tests and mutant.place in sites["places"]), key=self.seconds.get)

    def save(self):
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump({"reached": self.reached, "seconds": self.seconds,
                       "outcomes": {name: asdict(outcome) for name, outcome in self.outcomes.items()}}, file)
        os.replace(self.path + ".new", self.path)


def run(folder, words, environment, timeout=models.LONGEST):
    """The exit code, 124 when it took too long, and what it printed."""
    try:
        result = subprocess.run(words, cwd=folder, text=True, errors="replace", check=False, timeout=timeout,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, **environment})
    except subprocess.TimeoutExpired as late:
        return 124, (late.stdout or b"").decode(errors="replace")
    return result.returncode, result.stdout


def survey(words, places):
    """The places that a program reaches, and how long it takes."""
    start = time.monotonic()
    with tempfile.NamedTemporaryFile("r", suffix=".sites") as sites:
        code, output = run(ROOT, words, {"RONBUS_SITES": sites.name})
        if code != 0:
            raise models.Broken(f"{' '.join(words)} fails without a mutant:\n{output[-3000:]}")
        reached = {places[int(line)] for line in sites.read().split()}
    return reached, time.monotonic() - start


def within(names, seconds, limit):
    """The first of the names, as many as may be run in that time, and one at least."""
    chosen = []
    for name in names:
        if chosen and sum(seconds[each] for each in chosen) + seconds[name] > limit:
            break
        chosen.append(name)
    return chosen


def hunt(mutant, command_of, before, names, seconds):
    """Runs models or tests until one finds the mutant; goes on from what was found before."""
    executions = before.executions
    looked = list(before.looked)
    for name in names:
        if name in looked:
            continue
        code, output = run(ROOT, command_of(name), mutant.environment, 30 + 10 * seconds[name])
        found, cause, count = (judge_test if name.startswith("test ") else judge_model)(code, output)
        executions += count
        if found:
            return Result(name, cause, executions, tuple(looked), before.file)
        looked.append(name)
    return Result("", "", executions, tuple(looked), before.file)


def judge_model(code, output):
    """Whether it was found, by what, and how many executions were run."""
    outcome = models.judge_execution(output)
    if code == 124:
        return True, "does not come to an end", outcome.states
    if code < 0:
        return True, f"crashed by signal {-code}", outcome.states
    if outcome.held is None:
        raise models.Broken(output[-2000:])
    return not outcome.held, outcome.text, outcome.states


def judge_test(code, output):
    if code == 0:
        return False, "", 0
    race = re.search(r"WARNING: ThreadSanitizer: ([^\n(]*)", output)
    case = re.search(r"(\w+?)_(\w+)_Test::TestBody", output) if race else \
        re.search(r"^\[  FAILED  \] (?:\w+/)?(\w+)\.(\w+)", output, re.MULTILINE)
    cause = race.group(1).strip() if race else "does not come to an end" if code == 124 else "fails"
    return True, f"{'.'.join(case.groups()) if case else 'some case'}: {cause}", 0


def test_command(folder, name):
    return [os.path.join(folder, "build", "tsan", "tests", name.split()[1], name.split()[1]), "--gtest_fail_fast",
            "--gtest_break_on_failure"]


def parse_arguments(text):
    """Why some survive: (file, words of the code, change) -> argument."""
    arguments, why = {}, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(("! ", "? ")):
            why = ("equivalent: " if line[0] == "!" else "out of reach: ") + line[2:].strip()
        elif line.strip() and not line.startswith("#"):
            parts = [part.strip() for part in line.split("|")]
            if len(parts) != 3 or not why:
                raise models.Broken(f"equivalent.txt:{number}: not a mutant: {line}")
            arguments[tuple(parts)] = why
    return arguments


def argument_for(mutant, arguments):
    """The key of the argument for a mutant that survived."""
    for key in arguments:
        file, code, change = key
        if file == mutant.file and code in mutant.place and change in ("*", mutant.change):
            return key
    return None


def table(mutants, outcomes, arguments):
    """The lines of the table, and how many were killed by models, by tests, are equivalent, or survived."""
    counts = Counter()
    lines = []
    file = None
    for mutant in mutants:
        outcome = outcomes[str(mutant)]
        if outcome.killed_by:
            counts["tests" if outcome.killed_by.startswith("test ") else "models"] += 1
            what = f"`{outcome.killed_by}`" if not outcome.killed_by.startswith("test ") else \
                f"test `{outcome.cause.partition(':')[0]}`{outcome.cause.partition(':')[2]}"
        else:
            key = argument_for(mutant, arguments)
            what = arguments[key] if key else "**survived**"
            counts[arguments[key].partition(":")[0] if key else "survived"] += 1
        if mutant.file != file:
            file = mutant.file
            lines += ["", f"### {file}", "", "| Code | Change | Killed by |", "|---|---|---|"]
        code = mutant.code.replace("std::memory_order_", "").replace("|", "\\|")
        lines.append(f"| `{code}` | {mutant.change} | {what} |")
    return lines, counts


def summary_of(mutants, counts):
    return (f"{len(mutants)} mutants: {counts['models'] + counts['tests']} killed ({counts['models']} by models, "
            f"{counts['tests']} by tests), {counts['equivalent']} equivalent, {counts['out of reach']} out of reach, "
            f"{counts['survived']} survived")


def write_section(heading, lines):
    """Replaces a section of docs/MUTANTS.md."""
    with open(TABLE, encoding="utf-8") as file:
        text = file.read()
    head, found, rest = text.partition(f"\n## {heading}\n")
    if not found:
        raise models.Broken(f"docs/MUTANTS.md has no section {heading}")
    _, following, tail = rest.partition("\n## ")
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write("\n".join([head, f"## {heading}", "", *lines]) + "\n" + following + tail)


class SelfTest(unittest.TestCase):
    def changes(self, text):
        return [mutant.change for mutant in mutate("f", text, 1)[1]]

    def test_orders_are_weakened_by_one_step_for_what_they_order(self):
        for text, expected in (("a.load(std::memory_order_seq_cst);", ["seq_cst → acquire"]),
                               ("a.store(f(1, 2), std::memory_order_release);", ["release → relaxed"]),
                               ("a.fetch_add(1, std::memory_order_acq_rel);", ["acq_rel → acquire", "acq_rel → release"]),
                               ("a.compare_exchange(b, c,\n std::memory_order_seq_cst,\n std::memory_order_acquire);",
                                ["seq_cst → acq_rel", "acquire → relaxed"]),
                               ("a.load(std::memory_order_relaxed);  // std::memory_order_acquire", [])):
            self.assertEqual(self.changes(text), expected)

    def test_what_is_not_known_fails(self):
        self.assertRaises(models.Broken, mutate, "f", "a.turn(std::memory_order_acquire);", 1)

    def test_fences_are_removed(self):
        self.assertEqual(self.changes("  sync::fence(std::memory_order_release);"), ["removed"])
        self.assertEqual(self.changes("  sync::fence(std::memory_order_seq_cst);"), ["seq_cst → acq_rel", "removed"])
        self.assertEqual(self.changes("  void barrier() const noexcept { fence_.heavy(); }"), ["removed"])
        self.assertEqual(self.changes("progress_.fence().light();"), ["removed"])
        self.assertEqual(self.changes("void membarrier_all() noexcept;"), [])

    def test_sites_are_marked(self):
        text, mutants, last = mutate("f", "{ sync::fence(std::memory_order_acquire); x = a.load(std::memory_order_acquire); }", 5)
        self.assertEqual(text, "{ if (ron::model::keep(6)) sync::fence(std::memory_order_acquire); "
                               "x = a.load(ron::model::order(5, std::memory_order_acquire)); }")
        self.assertEqual(([mutant.environment["RONBUS_MUTANT"] for mutant in mutants], last), (["5 relaxed", "6 removed"], 7))

    def test_code_is_shown_in_one_line(self):
        self.assertEqual(mutate("f", "a; // one\n b = c.load( // two\n std::memory_order_acquire); d;", 1)[1][0].code,
                         "b = c.load( std::memory_order_acquire)")

    def test_what_takes_too_long_is_left_out(self):
        seconds = {"a": 5, "b": 6, "c": 7}
        self.assertEqual([within("abc", seconds, limit) for limit in (1, 11, 20)], [["a"], ["a", "b"], ["a", "b", "c"]])

    def test_outcomes_of_tests_are_read(self):
        self.assertEqual(judge_test(0, ""), (False, "", 0))
        self.assertEqual(judge_test(66, "WARNING: ThreadSanitizer: data race (pid=1)\n #3 ron::(anonymous namespace)::A_b_c_Test::TestBody()\n"),
                         (True, "A.b_c: data race", 0))

    def test_cases_of_tests_are_judged(self):
        self.assertEqual(judge_case(1, "[ RUN      ] A.b\na.cpp:1: Failure\nValue of: x\n  Actual: 1\nExpected: 2\n\n"),
                         (True, "FAILS: Value of: x Actual: 1 Expected: 2"))
        self.assertEqual(judge_case(0, "[ RUN      ] A.b\n"), (False, "passes"))
        self.assertRaises(models.Broken, judge_case, 0, "[  PASSED  ] 0 tests.\n")

    def test_arguments_are_read(self):
        arguments = parse_arguments("# about\n! It is so.\nf | a.load | acquire → relaxed\nf | b | *\n")
        self.assertEqual(arguments[argument_for(Mutant(1, "acquire → relaxed", "f", "x = a.load()"), arguments)], "equivalent: It is so.")
        self.assertIsNone(argument_for(Mutant(1, "seq_cst → acquire", "f", "x = a.load()"), arguments))
        self.assertIsNotNone(argument_for(Mutant(1, "removed", "f", "b"), arguments))
        second = parse_arguments("? Nobody knows.\nf | c() (2) | *\n")
        self.assertIsNone(argument_for(Mutant(1, "removed", "f", "c()"), second))
        self.assertIsNotNone(argument_for(Mutant(2, "removed", "f", "c()", 2), second))
        self.assertRaises(models.Broken, parse_arguments, "f | a | *\n")


def look_for(chosen, command_of, tests, limit_of, results, pool):
    """Looks for those of the mutants that are not found yet."""
    todo = [(mutant, results.outcomes.get(str(mutant), Result("", "", 0, (), results.state_of_file(str(mutant)))))
            for mutant in chosen]
    todo = [(mutant, before) for mutant, before in todo if not before.killed_by]

    def examine(job):
        mutant, before = job
        names = within(results.reaching(mutant, tests), results.seconds, limit_of(mutant))
        return hunt(mutant, command_of, before, names, results.seconds)

    outcomes = pool.map(examine, todo)
    for (mutant, before), outcome in zip(todo, outcomes):
        results.outcomes[str(mutant)] = outcome
        if outcome.killed_by or outcome.looked != before.looked:
            results.save()
            told = f"killed by {outcome.killed_by} ({outcome.cause})" if outcome.killed_by else \
                f"not found by {', '.join(outcome.looked)}"
            print(f"{outcome.executions:>11,} executions  {mutant}: {told}", flush=True)
    results.save()


def examine_by_models(program, mutants, chosen, results, arguments, pool):
    """Looks for these mutants with models."""
    places = {mutant.site: mutant.place for mutant in mutants}
    names = [name for name in results.sources if name not in results.reached]
    for name, found in zip(names, pool.map(lambda name: survey([program, name], places), names)):
        results.reach(name, *found)
        results.save()
        print(f"{results.seconds[name]:7.1f} s  {name} reaches {len(found[0])} places", flush=True)

    def limit_of(mutant):
        limit = float(os.environ.get("SECONDS_EACH", "60"))
        return min(limit, SECONDS_ARGUED) if argument_for(mutant, arguments) else limit

    look_for(chosen, lambda name: [program, name], False, limit_of, results, pool)


def examine_by_tests(mutants, chosen, results, arguments):
    """Looks for those that no model has found with tests under the thread sanitizer."""
    chosen = [mutant for mutant in chosen if not argument_for(mutant, arguments)
              and not results.outcomes[str(mutant)].killed_by]
    if not chosen:
        return
    places = {mutant.site: mutant.place for mutant in mutants}
    tree = os.path.join(FOLDER, "project")
    mutated_tree(tree, everything=True)
    header = os.path.join(tree, "tests", "models", "relacy", "include", "mutants.hpp")
    for words in (["cmake", "--preset", "tsan", f"-DCMAKE_CXX_FLAGS=-include {header}"],
                  ["cmake", "--build", "--preset", "tsan", "-j", os.environ.get("JOBS", "2"), "--target", *TESTS]):
        code, output = run(tree, words, {}, 3600)
        if code != 0:
            raise models.Broken(f"{' '.join(words)}:\n{output[-4000:]}")
    for name in (f"test {name}" for name in TESTS):
        if name not in results.reached:
            results.reach(name, *survey(test_command(tree, name), places))
            results.save()
            print(f"{results.seconds[name]:7.1f} s  {name} reaches {len(results.reached[name]['places'])} places", flush=True)
    # One at a time: their threads meet only if each has a processor.
    with concurrent.futures.ThreadPoolExecutor(1) as alone:
        look_for(chosen, lambda name: test_command(tree, name), True,
                 lambda mutant: float(os.environ.get("SECONDS_EACH", "60")), results, alone)


class Planted:
    """What is known of the planted errors."""

    def __init__(self, path):
        self.path = path
        self.found = {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.found = json.load(file)

    @staticmethod
    def key(error):
        files = sorted({edit[0] for edit in error.edits})
        text = repr((error.edits, error.source, error.model)) + fingerprint(*files)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def save(self):
        with open(self.path, "w", encoding="utf-8") as file:
            json.dump(self.found, file)


def change_of(error):
    """The exact change, in short."""
    def code(text):
        return "`" + text.replace("std::memory_order_", "").replace("|", "\\|") + "`" if text else "nothing"
    return "<br>".join(f"{os.path.basename(file)}: {code(' '.join(old))} → {code(new)}" for file, old, new in error.edits)


def find_by_test(error):
    """Plants it in a copy of the project. Whether the test finds it, and what it says."""
    tree = os.path.join(FOLDER, "suite")
    new = tree + ".new"
    copy_project(new, everything=True)
    for file, text in models.with_error(error).items():
        with open(os.path.join(new, file), "w", encoding="utf-8") as source:
            source.write(text)
    follow(new, tree)
    for words in (["cmake", "--preset", "debug"], ["cmake", "--build", "--preset", "debug", "--target", error.source]):
        code, output = run(tree, words, {}, 3600)
        if code != 0:
            raise models.Broken(f"{' '.join(words)}, with {error}:\n{output[-4000:]}")
    program = os.path.join(tree, "build", "debug", "tests", error.source, error.source)
    return judge_case(*run(tree, [program, f"--gtest_filter=*{error.model}*"], {}))


def judge_case(code, output):
    """Whether some case of the test failed, and what it says."""
    if "[ RUN      ]" not in output:
        raise models.Broken(f"no such test:\n{output[-2000:]}")
    if code == 0:
        return False, "passes"
    failure = re.search(r": Failure\n(.*(?:\n.*){0,2})", output)
    return True, f"FAILS: {' '.join(failure.group(1).split())}" if failure else judge_test(code, output)[1]


def show_planted(words, pool):
    """Plants the errors one by one and shows that they are found; writes the table when all are known."""
    with open(os.path.join(models.RELACY, "mutants.txt"), encoding="utf-8") as file:
        planted = models.parse_planted(file.read())
    known = Planted(os.path.join(FOLDER, "planted.json"))
    os.makedirs(FOLDER, exist_ok=True)

    suite = threading.Lock()

    def examine(error):
        if error.is_for_test:
            with suite:
                return find_by_test(error)
        outcome = models.Execution(False, error.model, "", error).explore()
        return outcome.held is False, f"FAILS after {outcome.states:,} executions: {outcome.text}" \
            if outcome.held is False else outcome.text

    todo = [error for error in planted if Planted.key(error) not in known.found
            and all(word in f"{error} {error.source} {error.model}" for word in words)]
    for error, (found, told) in zip(todo, pool.map(examine, todo)):
        print(f"{'ok     found' if found else 'FAILED missed'}  {error.model}: {error}: {told}", flush=True)
        if found:
            known.found[Planted.key(error)] = told
            known.save()
    missed = [error for error in planted if Planted.key(error) not in known.found]
    if not missed:
        rows = [f"| {error.title.rstrip('.')} | {change_of(error)} | `scripts/mutants --planted {error.model}` "
                f"| {known.found[Planted.key(error)]} |" for error in planted]
        write_section("Planted errors", [f"{len(planted)} errors, all found.", "", "| Error | Change | Command | It prints |",
                                         "|---|---|---|---|", *rows])
    print(f"{len(planted) - len(missed)} of {len(planted)} planted errors found")
    return 1 if missed else 0


def main():
    words = sys.argv[1:]
    if words == ["--self-test"]:
        unittest.main(argv=sys.argv[:1])
    mode = words.pop(0) if words and words[0].startswith("-") else ""
    if mode not in ("", "--table", "--models", "--planted"):
        sys.exit(__doc__)
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", os.cpu_count() or 1))) as pool:
        if mode == "--planted":
            sys.exit(show_planted(words, pool))
        with open(SURVIVORS, encoding="utf-8") as file:
            arguments = parse_arguments(file.read())
        mutants = mutated_tree(os.path.join(FOLDER, "tree"))
        chosen = [mutant for mutant in mutants if all(word in str(mutant) for word in words)]
        program = models.build(os.path.join(FOLDER, "tree"), os.path.join(FOLDER, "build"),
                               [*models.sources_of_models(False), *models.PRODUCT], models.THOROUGH, pool.map)
        _, output = models.command(ROOT, program, "--list")
        results = Results(os.path.join(FOLDER, "results.json"),
                          {name: source for _, name, source in map(str.split, output.splitlines())})
        if mode != "--table":
            examine_by_models(program, mutants, chosen, results, arguments, pool)
            if mode != "--models":
                examine_by_tests(mutants, chosen, results, arguments)
    known = [mutant for mutant in mutants if str(mutant) in results.outcomes]
    if len(known) < len(mutants):
        print(f"{len(known)} of {len(mutants)} mutants examined")
        sys.exit(1)
    faults = []
    for key in arguments:
        met = [mutant for mutant in mutants if argument_for(mutant, arguments) == key]
        if all(results.outcomes[str(mutant)].killed_by for mutant in met):
            faults.append(f"equivalent.txt: no mutant survives that is {' | '.join(key)}")
    lines, counts = table(mutants, results.outcomes, arguments)
    summary = summary_of(mutants, counts)
    write_section("Orders and fences", [summary + ".", *lines])
    print(*faults, sep="\n", end="\n" if faults else "")
    executions = sum(outcome.executions for outcome in results.outcomes.values())
    print(f"{summary}; {executions:,} executions in {time.monotonic() - start:.0f} s")
    sys.exit(1 if counts["survived"] or faults else 0)


if __name__ == "__main__":
    try:
        main()
    except models.Broken as problem:
        sys.exit(f"scripts/mutants: {problem}")
