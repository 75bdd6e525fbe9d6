#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Checks that the README's example is examples/quickstart.cpp to the letter, so that what the README
shows is what the tests compile and run."""

import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
blocks = re.findall(r"^```cpp\n(.*?)^```$", (root / "README.md").read_text(), re.M | re.S)
example = (root / "examples" / "quickstart.cpp").read_text()
example = re.sub(r"\A// SPDX[^\n]*\n", "", example)
if not blocks or blocks[0] != example:
    sys.exit("README.md: the first C++ example differs from examples/quickstart.cpp")
print("the README's example is examples/quickstart.cpp")
