#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Checks that a source compiles, and fails as its comments say when MUST_FAIL is defined.

    check.py SOURCE COMPILER ARG...
"""

import re
import subprocess
import sys


def compile_it(command):
    return subprocess.run(command, capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})


def main(source, *compiler):
    command = [*compiler, "-fdiagnostics-color=never", source]
    good = compile_it(command)
    if good.returncode != 0:
        print(good.stdout + good.stderr + "FAILED: does not compile even without MUST_FAIL")
        return 1

    bad = compile_it([*command, "-DMUST_FAIL"])
    output = bad.stdout + bad.stderr
    reported = {}
    for line, message in re.findall(rf"^{re.escape(source)}:(\d+):\d+: error: (.*)$", output, re.MULTILINE):
        reported.setdefault(int(line), []).append(message)
    expected = {}
    with open(source, encoding="utf-8") as text:
        for number, line in enumerate(text, 1):
            if mark := re.search(r"// error: (.*)$", line):
                expected[number] = mark.group(1).strip()

    complaints = []
    for line, pattern in expected.items():
        if not any(re.search(pattern, message) for message in reported.get(line, [])):
            said = reported.get(line, ["nothing"])
            complaints.append(f"{source}:{line}: expected an error like '{pattern}', got: {said}")
    for line in sorted(reported.keys() - expected.keys()):
        complaints.append(f"{source}:{line}: unexpected: {reported[line]}")
    if not expected or bad.returncode == 0:
        complaints.append("FAILED: nothing failed, or nothing was to fail")
    if complaints:
        print(output + "\n".join(complaints))
        return 1
    print(f"{len(expected)} lines fail as they should")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
