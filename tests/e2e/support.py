# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the end-to-end tests share: the program, and a runner that names each case as a sentence.

    X_test.py --program PATH [--xml FILE] [CASE...]   FILE gets a report as GoogleTest writes it
"""

import argparse
import os
import subprocess
import sys
import time
import unittest
from xml.sax.saxutils import escape, quoteattr

# Far more than anything takes: whoever reaches it hangs.
PATIENCE = 300 if os.environ.get("RONBUS_SANITIZE") else 60

program = None


def environment(**changes):
    """The environment without variables that change what the program does, and with `changes`."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("RON_", "RONBUS_RUNNERS"))}
    return {**kept, **changes}


def run(*arguments, stdin=b"", env=None, **options):
    """Runs the program to its end. `stdin` is bytes, or anything subprocess takes."""
    given = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
    return subprocess.run([program, *arguments], capture_output=True, timeout=PATIENCE, check=False,
                          env=environment(**(env or {})), **given, **options)


def shown_on(terminal):
    """Everything that was written to a terminal whose other end is closed, given the reading end.
    What was written last arrives a moment later than its writer ends."""
    shown = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # how the end of a terminal reads
            return shown
        if not part:
            return shown
        shown += part


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.cases = []

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()

    def report(self, test, state, details=""):
        name = test.id().split(".")[-1].removeprefix("test_")
        self.cases.append((test, name, state, details))
        seconds = time.monotonic() - self.started
        print(f"{state:<7} {name.replace('_', ' ')} ({seconds:.2f} s)", flush=True)
        if details:
            print(details, flush=True)

    def addSuccess(self, test):
        self.report(test, "pass")

    def addSkip(self, test, reason):
        self.report(test, "skipped", reason)

    def addError(self, test, err):
        super().addError(test, err)
        self.report(test, "FAIL", self.errors[-1][1])

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.report(test, "FAIL", self.failures[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.report(test, "FAIL", f"{subtest}: {err[1]}")

    def write_xml(self, path):
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write("<testsuites><testsuite>\n")
            for _, name, state, details in self.cases:
                result = "skipped" if state == "skipped" else "completed"
                failure = f"<failure>{escape(details)}</failure>" if state == "FAIL" else ""
                file.write(f'<testcase name={quoteattr(name)} status="run" result="{result}">'
                           f"{failure}</testcase>\n")
            file.write("</testsuite></testsuites>\n")


SKIPPED = 77  # as told to ctest


def main(part_of_every_build=True):
    global program
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--xml")
    parser.add_argument("cases", nargs="*", help="only cases whose name contains one of these")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    if not part_of_every_build and not os.path.exists(program):
        print(f"skipped: {program} is not built")
        sys.exit(SKIPPED)

    result = Result()
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    for group in suite:
        for test in group:
            if not options.cases or any(part in test.id() for part in options.cases):
                test.run(result)
    if options.xml:
        result.write_xml(options.xml)
    passed = sum(1 for case in result.cases if case[2] == "pass")
    failed = sum(1 for case in result.cases if case[2] == "FAIL")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)
