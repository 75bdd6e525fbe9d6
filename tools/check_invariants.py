#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Checks that every rule in docs/INVARIANTS.md has proofs, and that they exist.

    tools/check_invariants.py                check this tree
    tools/check_invariants.py --ran RESULTS  and that each test named there has run: RESULTS is the
                                             folder with the reports of GoogleTest of a build
    tools/check_invariants.py --self-test    check the checker

A rule is a section `### NAME`. Its proofs are items `- test`, `- model` or `- tool`, with a name in
backticks. There must be one for each of I-1 to I-7 and for each rule of docs/SEMANTICS.md.
"""

import os
import re
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NUMBERED = [f"I-{number}" for number in range(1, 8)]
PROOF = re.compile(r"^- (\w+) `([^`]+)`")
PATH = re.compile(r"`((?:include|src|tests|tools|scripts)/[^`]*)`")
TEST = re.compile(r"^\s*(?:TEST|TEST_F|TEST_P|TYPED_TEST)\(\s*(\w+),\s*(\w+)\s*\)", re.MULTILINE)
MODEL = re.compile(r'Registered(?:\s+\w+)?\{\s*"(\w+)"')


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def sources(folder):
    for directory, _, names in os.walk(folder):
        yield from (read(directory, name) for name in sorted(names) if name.endswith(".cpp"))


def rules_of(text):
    """The rules: name -> proofs as (kind, name)."""
    rules, proofs = {}, None
    for line in text.splitlines():
        if line.startswith("#"):
            proofs = rules.setdefault(line[4:].strip(), []) if line.startswith("### ") else None
        match = PROOF.match(line)
        if match and proofs is not None:
            proofs.append(match.groups())
    return rules


def required(semantics):
    """Names of the rules there must be."""
    section = semantics.partition("\n## The rules\n")[2].partition("\n## ")[0]
    return NUMBERED + re.findall(r"^\*\*([^*]+)\.\*\*", section, re.MULTILINE)


def ran(results):
    """The tests that the reports in a folder say have run."""
    tests = set()
    for report in sorted(os.listdir(results)) if os.path.isdir(results) else []:
        if not report.endswith(".xml"):
            continue
        for case in ElementTree.parse(os.path.join(results, report)).getroot().iter("testcase"):
            # Tests of programs have no suite.
            if case.get("classname") and case.get("status") == "run" and case.get("result") == "completed":
                # Suite, Prefix/Suite or Suite/Type, and case/parameter.
                name = case.get("name").partition("/")[0]
                tests.update(f"{part}.{name}" for part in case.get("classname").split("/"))
    return tests


def check(root, results=None):
    text = read(root, "docs", "INVARIANTS.md")
    rules = rules_of(text)
    known = {
        "test": {f"{suite}.{case}" for source in sources(os.path.join(root, "tests"))
                 for suite, case in TEST.findall(source)},
        "model": {name.removesuffix(".pml") for name in os.listdir(os.path.join(root, "tests/models/promela"))
                  if name.endswith(".pml")}
                 | {name for source in sources(os.path.join(root, "tests", "models"))
                    for name in MODEL.findall(source)},
    }
    done = None if results is None else ran(results)
    faults = []
    for name in required(read(root, "docs", "SEMANTICS.md")):
        if not any(rule == name or rule.startswith(name + " ") for rule in rules):
            faults.append(f"the rule '{name}' is missing")
    for rule, proofs in rules.items():
        if not proofs:
            faults.append(f"{rule}: no proof")
        for kind, name in proofs:
            if kind == "tool":
                exists = os.path.exists(os.path.join(root, name))
            elif kind in known:
                exists = name in known[kind]
            else:
                faults.append(f"{rule}: {kind} is neither test, model nor tool")
                continue
            if not exists:
                faults.append(f"{rule}: there is no {kind} {name}")
            elif kind == "test" and done is not None and name not in done:
                faults.append(f"{rule}: the test {name} did not run")
    faults += [f"there is no file {path}" for path in dict.fromkeys(PATH.findall(text))
               if not os.path.exists(os.path.join(root, path))]
    return [f"docs/INVARIANTS.md: {fault}" for fault in faults]


class SelfTest(unittest.TestCase):
    GOOD = "".join(f"### {name} Name\n`src/a.cpp`\n- test `Suite.case`\n\n" for name in NUMBERED) + \
        "### Order\n- model `meeting`\n- model `waiting`\n- tool `src/a.cpp`: does it\n"
    SEMANTICS = "\n## The rules\n\n**Order.** One.\n\n## More\n\n**Other.** x\n"

    def faults(self, text, results=None):
        with tempfile.TemporaryDirectory() as root:
            for path, body in {"docs/INVARIANTS.md": text, "docs/SEMANTICS.md": self.SEMANTICS, "src/a.cpp": "",
                               "tests/a.cpp": "TYPED_TEST(Suite, case) {}\n// TEST(No, test)\n",
                               "tests/models/b.cpp": 'const Registered r{"meeting", f};\n',
                               "tests/models/promela/waiting.pml": "",
                               "results/a.xml": results or "<testsuites/>"}.items():
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(body)
            return check(root, None if results is None else os.path.join(root, "results"))

    def test_all_there_passes(self):
        self.assertEqual(self.faults(self.GOOD), [])

    def test_a_rule_that_is_missing_fails(self):
        self.assertEqual(len(self.faults(self.GOOD.replace("### I-3", "### I-8"))), 1)
        self.assertEqual(len(self.faults(self.GOOD.replace("### Order", "### Chaos"))), 1)

    def test_a_rule_without_proof_fails(self):
        self.assertEqual(len(self.faults(self.GOOD + "### Hope\nIt will be fine.\n")), 1)

    def test_a_proof_that_does_not_exist_fails(self):
        for old, new in (("case", "cast"), ("meeting", "parting"), ("waiting", "hoping"), ("tool `src/a", "tool `src/b"),
                         ("- model `m", "- guess `m")):
            self.assertNotEqual(self.faults(self.GOOD.replace(old, new)), [], new)
        self.assertNotEqual(self.faults(self.GOOD + "- test `No.test`\n"), [], "in a comment")

    def test_a_file_that_does_not_exist_fails(self):
        self.assertEqual(len(self.faults(self.GOOD + "`include/gone.hpp`\n")), 1)

    def test_a_test_that_did_not_run_fails(self):
        report = '<testsuites><testsuite><testcase name="case/1" classname="%s" status="%s" result="%s"/>' \
                 '</testsuite></testsuites>'
        self.assertEqual(self.faults(self.GOOD, report % ("Suite/0", "run", "completed")), [])
        self.assertEqual(self.faults(self.GOOD, report % ("All/Suite", "run", "completed")), [])
        self.assertEqual(self.faults(self.GOOD, report % ("Suite/Word", "run", "completed")), [])
        beside = '<testcase name="of a program" status="run" result="completed"/></testsuite>'
        whole = (report % ("Suite", "run", "completed")).replace("</testsuite>", beside, 1)
        self.assertEqual(self.faults(self.GOOD, whole), [])
        for what in (("Suite", "run", "skipped"), ("Suite", "notrun", "suppressed"), ("Other", "run", "completed")):
            self.assertEqual(len(self.faults(self.GOOD, report % what)), len(NUMBERED), what)


def main():
    words = sys.argv[1:]
    if words == ["--self-test"]:
        unittest.main(argv=sys.argv[:1])
    if words and (len(words) != 2 or words[0] != "--ran"):
        sys.exit(__doc__)
    faults = check(ROOT, words[1] if words else None)
    print(*faults, sep="\n", end="\n" if faults else "")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
