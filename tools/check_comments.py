#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Checks that what comments name in backticks exists.

Every identifier between backticks in a comment of include/, src/ or cli/ must occur outside
comments (string literals count) in some source or build file of the tree, or belong to std, or
stand in the list below; every path of a source or document between backticks must be a file.
Single letters, which comments use as variables, are not looked at, nor are fenced code blocks.

    tools/check_comments.py              check this tree
    tools/check_comments.py --self-test  check the checker
"""

# Names from outside the tree that comments may use: machine instructions, system calls, programs.
KNOWN = set("""
    xadd cmpxchg cmpxchg16b mfence lfence sfence pause lock mov
    membarrier futex fork execve poll epoll eventfd mmap kill sigaction pipe write read splice
    pee tee wc grep sleep cat sh bash
""".split())

import os
import re
import sys
import tempfile
import unittest

CHECKED = ("include", "src", "cli")
TREE = CHECKED + ("benches", "tests", "examples", "cmake")
CPP = (".hpp", ".cpp", ".h", ".cc", ".inl")
NAMES_FROM = CPP + (".txt", ".cmake")

KEYWORDS = set("""
    alignas alignof and asm auto bool break case catch char char8_t char16_t char32_t class co_await
    co_return co_yield concept const const_cast consteval constexpr constinit continue decltype default
    define delete do double dynamic_cast else endif enum explicit export extern false final float for
    friend goto if ifdef ifndef include inline int long mutable namespace new noexcept not nullptr
    operator or override pragma private protected public register reinterpret_cast requires return short
    signed sizeof static static_assert static_cast std struct switch template this throw true try
    typedef typeid typename undef union unsigned using virtual void volatile wchar_t while xor
""".split())

# Alternatives in the order in which they win: a comment, a raw string, a string, a character.
LEXEME = re.compile(
    r'(?P<line>//(?:\\\n|[^\n])*)|(?P<block>/\*.*?\*/)'
    r'|(?P<raw>R"(?P<delimiter>[^()\\\s"]{0,16})\(.*?\)(?P=delimiter)")'
    r'|(?P<string>"(?:\\.|[^"\\\n])*")|(?P<digits>\b[0-9](?:\'?[0-9A-Za-z_.])*)'
    r"|(?P<char>'(?:\\.|[^'\\\n])+')", re.DOTALL)
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
STD = re.compile(r"\bstd(?:::[A-Za-z_]\w*)+(?:<[^`]*>(?:::[A-Za-z_]\w*)+)?")
FILE = re.compile(r"^[\w./-]+\.(?:hpp|cpp|h|py|md|txt|cmake|json)$")


def split(text):
    """(comments as [(line, text)], everything else) of a C++ source."""
    comments, rest, end = [], [], 0
    for match in LEXEME.finditer(text):
        if match.lastgroup not in ("line", "block"):
            continue
        before = text[end:match.start()]
        rest.append(before)
        end = match.end()
        line = text.count("\n", 0, match.start()) + 1
        if match.lastgroup == "line":
            body = match.group()[2:]
            # Lines of // with nothing between them are one comment.
            if comments and comments[-1][2] == "line" and before.strip() == "" and before.count("\n") == 1:
                comments[-1][1] += "\n" + body
            else:
                comments.append([line, body, "line"])
        else:
            body = "\n".join(re.sub(r"^\s*\*", "", part) for part in match.group()[2:-2].split("\n"))
            comments.append([line, body, "block"])
    rest.append(text[end:])
    return [(line, body) for line, body, _ in comments], " ".join(rest)


def quoted(comment):
    """(line offset, text) of what stands between backticks in a comment."""
    comment = re.sub(r"```.*?```", lambda fence: "\n" * fence.group().count("\n"), comment, flags=re.DOTALL)
    for match in re.finditer(r"`([^`]+)`", comment):
        yield comment.count("\n", 0, match.start()), match.group(1)


def files(root, folders, endings):
    for folder in folders:
        for directory, subfolders, names in os.walk(os.path.join(root, folder)):
            subfolders.sort()
            for name in sorted(names):
                if name.endswith(endings):
                    yield os.path.relpath(os.path.join(directory, name), root)
    if folders is TREE:
        yield from (name for name in os.listdir(root) if name.endswith(endings))


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def living_names(root):
    names = set()
    for path in files(root, TREE, NAMES_FROM):
        text = read(root, path)
        rest = split(text)[1] if path.endswith(CPP) else re.sub(r"#[^\n]*", "", text)
        names.update(IDENTIFIER.findall(rest))
    return names


def exists(path, root):
    """Whether a path named in a comment is a file, seen from the root or from any folder below."""
    for directory, subfolders, names in os.walk(root):
        subfolders[:] = [name for name in subfolders if name not in (".git", "build")]
        if os.path.basename(path) in names:
            full = os.path.join(directory, os.path.basename(path))
            if ("/" + os.path.relpath(full, root)).endswith("/" + path.removeprefix("./")):
                return True
    return False


def check_tree(root):
    living = living_names(root) | KNOWN | KEYWORDS
    faults = []
    for path in files(root, CHECKED, CPP):
        for line, comment in split(read(root, path))[0]:
            for offset, text in quoted(comment):
                where = f"{path}:{line + offset}"
                text = " ".join(text.split())
                if FILE.match(text.strip("<>")):
                    if not exists(text.strip("<>"), root):
                        faults.append(f"{where}: `{text}`: there is no such file")
                    continue
                for name in dict.fromkeys(IDENTIFIER.findall(STD.sub(" ", text))):
                    if len(name) > 1 and name not in living:
                        faults.append(f"{where}: `{text}`: nothing in the tree is named {name}")
    return faults


class SelfTest(unittest.TestCase):
    def faults(self, text, **others):
        with tempfile.TemporaryDirectory() as root:
            others = {name.replace("__", "/") + ".cpp": body for name, body in others.items()}
            for path, body in {"include/ronbus/bus.hpp": text, **others}.items():
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(body)
            return check_tree(root)

    def test_living_name_passes(self):
        self.assertEqual(self.faults("// See `publish(value)` and `Bus::publish`.\nstruct Bus { void publish(int value); };"), [])

    def test_dead_name_fails_with_its_line(self):
        faults = self.faults("int x;\n// One thing\n// calls `send2`.\n")
        self.assertEqual(len(faults), 1)
        self.assertIn("include/ronbus/bus.hpp:3:", faults[0])
        self.assertIn("send2", faults[0])

    def test_a_name_that_lives_only_in_comments_is_dead(self):
        self.assertEqual(len(self.faults("// `ghost` and ghost\n/* `ghost` */\n")), 2)

    def test_names_in_strings_live(self):
        self.assertEqual(self.faults('// `RON_CAP`, `--json`\nauto a = "RON_CAP"; auto b = "--json";'), [])

    def test_a_comment_sign_in_a_string_starts_no_comment(self):
        self.assertEqual(self.faults('auto a = "// `ghost`"; auto b = R"x(/* `ghost2` )x";'), [])

    def test_digit_separators_are_no_characters(self):
        self.assertEqual(len(self.faults("int a = 1'000; // `ghost`\nint b = 2'000;")), 1)

    def test_std_keywords_and_single_letters_pass(self):
        self.assertEqual(self.faults(
            "// `std::expected<T, E>`, `std::atomic<T>::wait`, `noexcept`, `n`, `xadd`\n"), [])

    def test_names_of_other_folders_live(self):
        self.assertEqual(self.faults("// `helper`\n", tests__unit__a="int helper;"), [])

    def test_backticks_reach_over_lines_of_one_comment(self):
        self.assertEqual(self.faults("// see `publish_many(\n// values)`\nvoid publish_many(int values);"), [])

    def test_fenced_code_is_not_looked_at(self):
        self.assertEqual(self.faults("// ```\n// ghost\n// ```\n"), [])

    def test_paths_must_be_files(self):
        self.assertEqual(self.faults("// `ronbus/bus.hpp`, `bus.hpp`, `<ronbus/bus.hpp>`\n"), [])
        self.assertEqual(len(self.faults("// `ronbus/gone.hpp`\n")), 1)


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
