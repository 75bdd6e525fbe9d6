#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Checks that every C++ file includes only its own layer and the layers below it.

    tools/check_layers.py              check this tree
    tools/check_layers.py --self-test  check the checker
"""

# The rule: layer -> (folders or files that make it up, layers it may include, OS headers allowed).
# Every layer may include itself. Lowest first. A C++ file that no row covers is an error.
LAYERS = {
    "base":     (["include/ronbus/base/"],   [], False),
    "sync":     (["include/ronbus/sync/"],   ["base"], True),
    "kernel":   (["include/ronbus/kernel/"], ["sync", "base"], False),
    "wait":     (["include/ronbus/wait/"],   ["sync", "base"], True),
    "config":   (["include/ronbus/config.hpp", "include/ronbus/error.hpp", "include/ronbus/interest.hpp",
                  "include/ronbus/metrics_config.hpp", "include/ronbus/distribution.hpp",
                  "include/ronbus/subscriber_info.hpp", "include/ronbus/snapshot.hpp"],
                 ["sync"], False),
    "flavor":   (["include/ronbus/flavor/"], ["config", "kernel", "wait", "sync", "base"], True),
    "public":   (["include/ronbus/*.hpp", "include/ronbus/detail/"],
                 ["flavor", "config", "kernel", "wait", "sync", "base"], True),
    "adapters": (["include/ronbus/asio.hpp"], ["public", "config", "wait", "sync"], True),
    "prometheus": (["include/ronbus/prometheus.hpp", "src/prometheus/"], ["public", "config"], True),
    "cli":      (["cli/"],      ["prometheus", "public", "config"], True),
    "examples": (["examples/"], ["adapters", "prometheus", "public", "config"], True),
    "benches":  (["benches/"],  ["adapters", "public", "flavor", "config", "kernel", "wait", "sync"],
                 True),
    "tests":    (["tests/"],    ["cli", "adapters", "prometheus", "public", "flavor", "config", "kernel",
                                 "wait", "sync", "base"], True),
}
# A source file belongs to the layer of the header it implements: src/wait/x.cpp to wait, and
# src/x.cpp to the layer whose folder holds x.hpp, or to public.

OS_HEADERS = ("sys/", "linux/", "asm/", "unistd.h", "pthread.h", "fcntl.h", "sched.h", "signal.h",
              "poll.h", "syscall.h", "semaphore.h")

import os
import re
import sys
import tempfile
import unittest

CPP = (".hpp", ".cpp", ".h", ".cc", ".inl")
FOLDERS = ("include", "src", "cli", "benches", "tests", "examples")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path, root):
    """The layer of a file, by its path from the root; None when no row of the table covers it."""
    if path.startswith("src/"):
        inner = path[len("src/"):]
        folder, _, name = inner.rpartition("/")
        if folder:
            return folder.split("/")[0] if folder.split("/")[0] in LAYERS else None
        header = os.path.splitext(name)[0] + ".hpp"
        owners = [layer for layer, (parts, _, _) in LAYERS.items() for part in parts
                  if part.startswith("include/ronbus/") and part.endswith("/")
                  and os.path.exists(os.path.join(root, part, header))]
        return owners[0] if len(owners) == 1 else "public"
    for layer, (parts, _, _) in LAYERS.items():
        if path in parts:
            return layer
    for layer, (parts, _, _) in LAYERS.items():
        for part in parts:
            if part.endswith("/*.hpp"):
                if os.path.dirname(path) == os.path.dirname(part) and path.endswith(".hpp"):
                    return layer
            elif path.startswith(part):
                return layer
    return None


def resolve(name, quoted, includer, root):
    """Path from the root of an included file of this project; None for anything else."""
    candidates = []
    if quoted:
        candidates.append(os.path.join(os.path.dirname(includer), name))
    candidates.append(os.path.join("include", name))
    if quoted:
        candidates += [os.path.join(folder, name) for folder in FOLDERS] + [name]
    for candidate in candidates:
        candidate = os.path.normpath(candidate)
        if os.path.isfile(os.path.join(root, candidate)):
            return candidate
    return None


def check_file(path, root):
    """Faults of one file, as lines to print."""
    layer = layer_of(path, root)
    if layer is None:
        return [f"{path}: belongs to no layer; see the table in tools/check_layers.py"]
    _, below, os_allowed = LAYERS[layer]
    faults = []
    with open(os.path.join(root, path), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quoted, name = match.group(1) == '"', match.group(2)
            where = f"{path}:{number}"
            target = resolve(name, quoted, path, root)
            if target is None:
                if name.startswith("ronbus/"):
                    faults.append(f"{where}: <{name}> does not exist")
                elif not os_allowed and name.startswith(OS_HEADERS):
                    faults.append(f"{where}: {layer} must not include the OS header <{name}>")
                continue
            other = layer_of(target, root)
            if other != layer and other not in below:
                allowed = ", ".join([layer] + below)
                faults.append(f"{where}: {layer} must not include {name} ({other}); "
                              f"it may include {allowed}")
    return faults


def check_tree(root):
    faults = []
    for folder in FOLDERS:
        for directory, subfolders, names in os.walk(os.path.join(root, folder)):
            subfolders.sort()
            for name in sorted(names):
                if name.endswith(CPP):
                    path = os.path.relpath(os.path.join(directory, name), root)
                    faults += check_file(path, root)
    return faults


class SelfTest(unittest.TestCase):
    def faults(self, **files):
        """Faults of a tree made of the given files; `__` in a keyword stands for `/`."""
        with tempfile.TemporaryDirectory() as root:
            tree = {"include/ronbus/sync/fence.hpp": "", "include/ronbus/kernel/ring.hpp": "",
                    "include/ronbus/wait/futex.hpp": "", "include/ronbus/flavor/pooled.hpp": "",
                    "include/ronbus/bus.hpp": ""}
            tree.update({key.replace("__", "/").replace("_DOT_", "."): text
                         for key, text in files.items()})
            for path, text in tree.items():
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
            return check_tree(root)

    def test_downward_includes_are_fine(self):
        self.assertEqual(self.faults(
            include__ronbus__kernel__ring_DOT_hpp="#include <ronbus/sync/fence.hpp>\n#include <atomic>\n",
            include__ronbus__flavor__pooled_DOT_hpp="#include <ronbus/kernel/ring.hpp>\n",
            include__ronbus__bus_DOT_hpp="#include <ronbus/flavor/pooled.hpp>\n",
            cli__main_DOT_cpp='#include <ronbus/bus.hpp>\n#include "tee.hpp"\n',
            cli__tee_DOT_hpp=""), [])

    def test_upward_include_is_a_fault(self):
        faults = self.faults(
            include__ronbus__sync__fence_DOT_hpp="\n# include <ronbus/kernel/ring.hpp>\n")
        self.assertEqual(len(faults), 1)
        self.assertIn("include/ronbus/sync/fence.hpp:2: sync must not include", faults[0])

    def test_kernel_and_wait_do_not_know_each_other(self):
        self.assertEqual(len(self.faults(
            include__ronbus__kernel__ring_DOT_hpp="#include <ronbus/wait/futex.hpp>\n",
            include__ronbus__wait__futex_DOT_hpp="#include <ronbus/kernel/ring.hpp>\n")), 2)

    def test_relative_include_is_followed(self):
        self.assertEqual(len(self.faults(
            include__ronbus__kernel__ring_DOT_hpp='#include "../wait/futex.hpp"\n')), 1)

    def test_kernel_knows_no_os(self):
        os_header = "#include <sys/mman.h>\n#include <unistd.h>\n"
        self.assertEqual(len(self.faults(include__ronbus__kernel__ring_DOT_hpp=os_header)), 2)
        self.assertEqual(self.faults(include__ronbus__wait__futex_DOT_hpp=os_header), [])

    def test_source_belongs_to_the_layer_of_its_header(self):
        self.assertEqual(len(self.faults(src__futex_DOT_cpp="#include <ronbus/bus.hpp>\n")), 1)
        self.assertEqual(len(self.faults(src__wait__any_DOT_cpp="#include <ronbus/bus.hpp>\n")), 1)
        self.assertEqual(self.faults(src__other_DOT_cpp="#include <ronbus/bus.hpp>\n"), [])

    def test_program_uses_the_public_api_only(self):
        self.assertEqual(len(self.faults(cli__main_DOT_cpp="#include <ronbus/kernel/ring.hpp>\n")), 1)
        self.assertEqual(self.faults(tests__a_DOT_cpp="#include <ronbus/kernel/ring.hpp>\n"), [])

    def test_a_file_of_its_own_row_does_not_belong_to_its_folder(self):
        self.assertEqual(len(self.faults(
            include__ronbus__bus_DOT_hpp="#include <ronbus/asio.hpp>\n",
            include__ronbus__asio_DOT_hpp="")), 1)
        self.assertEqual(self.faults(
            include__ronbus__asio_DOT_hpp="#include <ronbus/bus.hpp>\n",
            examples__a_DOT_cpp="#include <ronbus/asio.hpp>\n"), [])

    def test_unknown_folder_and_missing_header_are_faults(self):
        self.assertEqual(len(self.faults(include__ronbus__misc__x_DOT_hpp="")), 1)
        self.assertEqual(len(self.faults(cli__main_DOT_cpp="#include <ronbus/gone.hpp>\n")), 1)


def main():
    if sys.argv[1:] == ["--self-test"]:
        unittest.main(argv=sys.argv[:1])
    if sys.argv[1:]:
        sys.exit(__doc__)
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    faults = check_tree(root)
    print(*faults, sep="\n", end="\n" if faults else "")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
