#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes a copy of publisher.hpp that publishes slower, by which the performance gate is shown to work.

    slow_headers.py FROM TO

`emplace`, by which `publish` goes, gets a loop, which is instructions; `try_publish` gets a fence,
which is hardly any, but a locked one.
"""

import sys

SLOWED = {
    "emplace(Args&&... args) {\n": "    for (int turn = 0; turn < 8; ++turn) asm volatile(\"nop\");\n",
    "try_publish(T&& message) {\n": "    std::atomic_thread_fence(std::memory_order_seq_cst);\n",
}


def main(source, target):
    with open(source, encoding="utf-8") as file:
        text = file.read()
    for begin, more in SLOWED.items():
        if text.count(" " + begin) != 1:
            sys.exit(f"slow_headers.py: {source}: '{begin.strip()}' stands there "
                     f"{text.count(' ' + begin)} times instead of once")
        text = text.replace(" " + begin, " " + begin + more)
    with open(target, "w", encoding="utf-8") as file:
        file.write(text.replace("#pragma once\n", "#pragma once\n\n#include <atomic>\n", 1))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
