#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The probes of a program that was built with them: docs/TRACING.md lists those that are there, and
a tracer finds in their arguments what the program did. See tests/e2e/support.py for how to run it."""

import functools
import os
import re
import shutil
import subprocess
import sys
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
import support

ROW = re.compile(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|", re.MULTILINE)


def documented():
    """{probe: [argument]} of docs/TRACING.md."""
    with open(os.path.join(ROOT, "docs", "TRACING.md"), encoding="utf-8") as file:
        return {name: re.findall(r"`(\w+)`", arguments) for name, arguments in ROW.findall(file.read())}


def noted():
    """{(provider, probe, number of arguments)} as the program's notes tell."""
    text = subprocess.run(["readelf", "-n", support.program], check=True, capture_output=True, text=True).stdout
    return {(provider, name, len(arguments.split())) for provider, name, arguments in
            re.findall(r"Provider: (\S+)\n\s*Name: (\S+)\n.*\n\s*Arguments: ?(.*)", text)}


@unittest.skipUnless(shutil.which("readelf"), "readelf (Debian: binutils) is not installed")
class Notes(unittest.TestCase):
    def test_the_documented_probes_are_there_with_their_arguments_and_no_others(self):
        self.assertEqual(noted(), {("ronbus", name, len(arguments))
                                   for name, arguments in documented().items()})


def trace(script):
    """Starts the program under the script."""
    script = script.replace("usdt:*", f"usdt:{support.program}")
    return subprocess.Popen(["bpftrace", "-c", support.program, "-e", script],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@functools.cache
def why_not_traced():
    if shutil.which("bpftrace") is None:
        return "bpftrace is not installed"
    tried = trace("usdt:*:ronbus:close { exit(); }")
    try:
        _, complaints = tried.communicate(timeout=support.PATIENCE)
    except subprocess.TimeoutExpired:
        tried.kill()
        return "bpftrace does not come to an end here"
    return f"bpftrace cannot attach here: {complaints.strip()[-300:]}" if tried.returncode else None


class Tracing(unittest.TestCase):
    def setUp(self):
        reason = why_not_traced()
        if reason:
            self.skipTest(reason)

    def output_of(self, run):
        output, complaints = run.communicate(timeout=support.PATIENCE)
        self.assertEqual(run.returncode, 0, complaints)
        return output

    def test_a_tracer_finds_in_the_arguments_what_the_program_did(self):
        numbers = {"publish": 3, "lag": 4, "park": 2, "wake": 2, "close": 2}
        script = "".join(
            f'usdt:*:ronbus:{name} {{ printf("{name}{" %lu" * count}{" %s %s" if name == "lag" else ""}\\n"'
            f'{"".join(f", arg{i}" for i in range(count))}{", str(arg4), str(arg5, 40)" if name == "lag" else ""}); }}'
            for name, count in numbers.items())
        told = [line.split() for line in self.output_of(trace(script)).splitlines()
                if line.split(" ")[0] in numbers]
        buses = sorted({event[1] for event in told}, key=[event[1] for event in told].index)
        self.assertEqual(len(buses), 2, told)
        for bus, name in zip(buses, ("single", "shared")):
            events = [" ".join([kind, *arguments]) for kind, where, *arguments in told if where == bus]
            # The thread may have woken without cause and gone to sleep again.
            self.assertIn("park 1", events)
            self.assertEqual([event for event in events if event != "park 1"], [
                "publish 1 1", "publish 2 1", "publish 3 1", "publish 6 3", f"lag 0 2 2 {name} slow",
                "park 2", "publish 7 1", "wake 2", "park 2", "close 7", "wake 2"])

    def test_the_scripts_in_deploy_run(self):
        wanted = {"lag.bt": "bus shared: subscriber slow (0) missed 2, goes on at 2",
                  "publish.bt": "is closed after 7 messages", "sleep.bt": "@asleep_us["}
        folder = os.path.join(ROOT, "deploy", "bpftrace")
        self.assertEqual(sorted(os.listdir(folder)), sorted(wanted))
        runs = {}
        for name in wanted:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                runs[name] = trace(file.read())
        for name, run in runs.items():
            with self.subTest(name):
                self.assertIn(wanted[name], self.output_of(run))


if __name__ == "__main__":
    support.main(part_of_every_build=False)
