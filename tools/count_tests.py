#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints how many test cases of a ctest run passed and failed, as two numbers.

    tools/count_tests.py JUNIT_XML RESULTS_DIR   JUNIT_XML is ctest's own report; an entry NAME with a
                                                 GoogleTest report RESULTS_DIR/NAME.xml counts as
                                                 the cases in it, any other as one case
    tools/count_tests.py --self-test
"""

import os
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree


def count(junit, results):
    passed = failed = 0
    for entry in ElementTree.parse(junit).getroot().iter("testcase"):
        status = entry.get("status")
        if status in ("disabled", "notrun"):
            # A program that could not be found is a failure; a disabled test is none.
            failed += 1 if entry.find("failure") is not None else 0
            continue
        good, bad = cases(os.path.join(results, entry.get("name") + ".xml"))
        if status == "run":
            passed, failed = passed + (good if good + bad else 1), failed + bad
        else:
            # A crash, a time-out or a sanitizer's report at the end is a failure of its own.
            passed, failed = passed + good, failed + max(bad, 1)
    return passed, failed


def cases(report):
    """Passed and failed cases of a GoogleTest report; (0, 0) when it is missing or cut short."""
    try:
        root = ElementTree.parse(report).getroot()
    except (OSError, ElementTree.ParseError):
        return 0, 0
    ran = [case for case in root.iter("testcase")
           if case.get("status") == "run" and case.get("result") == "completed"]
    bad = sum(1 for case in ran if case.find("failure") is not None)
    return len(ran) - bad, bad


class SelfTest(unittest.TestCase):
    def counts(self, entries, **reports):
        with tempfile.TemporaryDirectory() as folder:
            junit = os.path.join(folder, "junit.xml")
            with open(junit, "w", encoding="utf-8") as file:
                file.write(f"<testsuite>{entries}</testsuite>")
            for name, text in reports.items():
                with open(os.path.join(folder, name + ".xml"), "w", encoding="utf-8") as file:
                    file.write(f"<testsuites><testsuite>{text}</testsuite></testsuites>")
            return count(junit, folder)

    GOOD = '<testcase name="a" status="run" result="completed"/>'
    BAD = '<testcase name="b" status="run" result="completed"><failure/></testcase>'
    SKIPPED = '<testcase name="c" status="run" result="skipped"><skipped/></testcase>'

    def test_plain_entries_are_one_case_each(self):
        self.assertEqual(self.counts('<testcase name="x" status="run"/>'
                                     '<testcase name="y" status="fail"><failure/></testcase>'), (1, 1))

    def test_googletest_entries_are_their_cases(self):
        self.assertEqual(self.counts('<testcase name="x" status="run"/>',
                                     x=self.GOOD + self.GOOD + self.SKIPPED), (2, 0))
        self.assertEqual(self.counts('<testcase name="x" status="fail"/>',
                                     x=self.GOOD + self.BAD + self.BAD), (1, 2))

    def test_crash_and_failure_outside_a_case_count(self):
        self.assertEqual(self.counts('<testcase name="x" status="fail"/>'), (0, 1))
        self.assertEqual(self.counts('<testcase name="x" status="fail"/>', x=self.GOOD), (1, 1))

    def test_disabled_and_not_found(self):
        self.assertEqual(self.counts('<testcase name="x" status="disabled"/>'), (0, 0))
        self.assertEqual(self.counts('<testcase name="x" status="notrun"><failure/></testcase>'), (0, 1))


def main():
    if sys.argv[1:] == ["--self-test"]:
        unittest.main(argv=sys.argv[:1])
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(*count(sys.argv[1], sys.argv[2]))


if __name__ == "__main__":
    main()
