#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""`ronbus tee` end to end. See support.py for how to run it."""

import fcntl
import hashlib
import json
import os
import pty
import random
import re
import select
import signal
import struct
import subprocess
import tempfile
import termios
import threading
import time
import unittest

import support

MIB = 1 << 20


def numbered(count):
    """Lines that tell their number, of changing length."""
    return b"".join(b"%d:%s\n" % (i, b"x" * (i * 7919 % 101)) for i in range(count))


def digest(data):
    return hashlib.sha256(data).hexdigest()


class TeeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def content(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def tee(self, *arguments, **options):
        """Runs tee in the folder of the test; returns the result, with `summary` if it has one."""
        result = support.run("tee", "--json", *arguments, cwd=self.folder, **options)
        result.summary = self.summary_in(result.stderr)
        return result

    def summary_in(self, stderr):
        """The JSON summary at the end of `stderr`, after checks that hold for every summary."""
        last = stderr.decode(errors="replace").splitlines()[-1:]
        if not last or not last[0].startswith("{"):
            return None
        summary = json.loads(last[0])
        for command in summary["commands"]:
            self.assertEqual(command["delivered"] + command["missed"], summary["lines"], command)
            self.assertNotEqual(command["exit_status"] is None, command["signal"] is None, command)
        self.assertFalse([error for error in summary["errors"] if "internal" in error])
        return summary

    def started(self, *arguments, **options):
        """Starts tee in the folder of the test, with pipes. Kills it and its commands in the end."""
        process = subprocess.Popen([support.program, "tee", *arguments], cwd=self.folder,
                                   env=support.environment(), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True, **options)

        def kill():
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

        # A test may wait for something that never comes.
        hung = threading.Event()
        watchdog = threading.Timer(support.PATIENCE, lambda: (hung.set(), kill()))
        watchdog.start()

        def end():
            watchdog.cancel()
            kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                try:
                    pipe.close()
                except BrokenPipeError:  # input that nobody reads any more
                    pass
            self.assertFalse(hung.is_set(), "hung")
        self.addCleanup(end)
        return process


class Delivery(TeeTest):
    def test_every_plain_command_gets_every_byte(self):
        data = random.Random(1).randbytes(8 * MIB) + bytes(range(256)) * 100 + b"\0\0\n\r\n\n\n"
        result = self.tee("cat >one", "cat >two", "cat >three", stdin=data)
        self.assertEqual(result.returncode, 0)
        for name in ("one", "two", "three"):
            self.assertEqual(digest(self.content(name)), digest(data))
        self.assertEqual(result.summary["lines"], data.count(b"\n"))
        self.assertEqual(result.summary["bytes"], len(data))

    def test_a_last_line_without_newline_is_delivered_as_it_was(self):
        for data in (b"a\nb\nlast", b"only", b"\nlast", b"\0"):
            with self.subTest(data=data):
                result = self.tee("cat >plain", "--lossy", "cat >lossy", stdin=data)
                self.assertEqual((self.content("plain"), self.content("lossy")), (data, data))
                self.assertEqual(result.summary["lines"], data.count(b"\n") + 1)

    def test_empty_input_is_empty_for_every_command(self):
        result = self.tee("cat >plain", "wc -c >count", "--lossy", "cat >lossy", stdin=b"")
        self.assertEqual(result.returncode, 0)
        self.assertEqual((self.content("plain"), self.content("lossy")), (b"", b""))
        self.assertEqual(self.content("count").split(), [b"0"])
        self.assertEqual((result.summary["lines"], result.summary["bytes"]), (0, 0))

    def test_a_line_of_64_mebibytes_arrives_whole(self):
        data = b"before\n" + random.Random(2).randbytes(64 * MIB).replace(b"\n", b"\0") + b"\nafter"
        result = self.tee("cat >one", "sha256sum", stdin=data)
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stdout.split()[0].decode(), digest(data))
        self.assertEqual(digest(self.content("one")), digest(data))
        self.assertEqual(result.summary["lines"], 3)

    def test_lines_of_all_lengths_arrive_in_order(self):
        lengths = random.Random(3).choices([0, 1, 100, 4095, 65535, 65536, 65537, 262144, MIB, 3 * MIB],
                                           weights=[9, 9, 9, 5, 3, 3, 3, 2, 1, 1], k=120)
        data = b"".join(b"%c" % (33 + i % 90) * length + b"\n" for i, length in enumerate(lengths))
        result = self.tee("cat >one", "cat >two", "--cap", "2", stdin=data)
        self.assertEqual(digest(self.content("one")), digest(data))
        self.assertEqual(digest(self.content("two")), digest(data))
        self.assertEqual(result.summary["lines"], len(lengths))

    def test_a_line_goes_out_as_soon_as_it_is_complete(self):
        process = self.started("cat", "--lossy", "cat >lossy")
        for i in range(50):
            process.stdin.write(b"line ")
            process.stdin.flush()
            process.stdin.write(b"%d\n" % i)
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), b"line %d\n" % i)
        process.stdin.close()
        self.assertEqual(process.wait(support.PATIENCE), 0)
        self.assertEqual(self.content("lossy"), b"".join(b"line %d\n" % i for i in range(50)))

    def test_the_capacity_comes_from_flag_or_environment(self):
        data = numbered(200000)
        for arguments, env in (["--cap", "2"], {}), ([], {"RON_CAP": "2"}):
            result = self.tee("cat >one", *arguments, stdin=data, env=env)
            self.assertEqual(result.returncode, 0)
            self.assertEqual(digest(self.content("one")), digest(data))
        result = self.tee("cat >one", "--cap", "3", stdin=data)
        self.assertEqual(len(result.summary["warnings"]), 1)
        self.assertIn("rounded up", result.summary["warnings"][0])

    def test_long_lines_do_not_pile_up_in_memory(self):
        if os.environ.get("RONBUS_SANITIZE"):
            self.skipTest("sanitizers keep memory back")
        line = b"x" * (16 * MIB) + b"\n"
        process = self.started("wc -c", "--lossy", "sleep infinity", "--grace", "0.1")
        for _ in range(48):
            process.stdin.write(line)
        process.stdin.close()
        self.assertEqual(int(process.stdout.read()), 48 * len(line))
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 1
        self.assertLess(usage.ru_maxrss, 512 * 1024, "KiB")


class Loss(TeeTest):
    def test_what_a_slow_lossy_command_missed_is_counted_to_the_line(self):
        # The lossy command reads one line and goes on when the plain one has seen the end, so
        # that almost all input passes by.
        os.mkfifo(self.path("go"))
        data = numbered(600000)
        result = self.tee("cat >plain; echo >go", "--lossy", "read first; cat go; cat >lossy",
                          "--grace", "50", stdin=data)
        self.assertEqual(result.returncode, 0)
        self.assertEqual(digest(self.content("plain")), digest(data))
        plain, lossy = result.summary["commands"]
        self.assertEqual((plain["delivered"], plain["missed"]), (600000, 0))
        self.assertGreater(lossy["missed"], 1000)

        got = self.content("lossy").splitlines(keepends=True)
        self.assertEqual(lossy["delivered"], len(got) + 1)
        whole = data.splitlines(keepends=True)
        numbers = [int(line.split(b":")[0]) for line in got]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual([line for line, number in zip(got, numbers) if line != whole[number]], [])
        # What was retained at the end of the input was delivered after it.
        self.assertEqual(numbers[-1], 599999)

    def test_a_lossy_command_that_keeps_up_gets_everything(self):
        data = numbered(100)
        result = self.tee("--lossy", "cat >one", "--lossy", "cat >two", stdin=data)
        self.assertEqual(result.returncode, 0)
        self.assertEqual((self.content("one"), self.content("two")), (data, data))
        self.assertEqual([command["missed"] for command in result.summary["commands"]], [0, 0])

    def test_a_lossy_command_that_never_reads_holds_up_nobody(self):
        data = numbered(300000)
        result = self.tee("cat >plain", "--lossy", "sleep infinity", "--grace", "0.1", stdin=data)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(digest(self.content("plain")), digest(data))
        sleeper = result.summary["commands"][1]
        self.assertTrue(sleeper["terminated"])
        self.assertEqual(sleeper["signal"], signal.SIGTERM)
        self.assertGreater(sleeper["missed"], 250000)

    def test_terminating_a_command_ends_what_it_started_too(self):
        process = self.started("cat >plain", "--lossy", "sleep infinity; :", "--grace", "0.1")
        process.stdin.write(numbered(10))
        process.stdin.close()
        self.assertEqual(process.stdout.read(), b"")  # ends when nobody holds it any more
        self.assertEqual(process.wait(support.PATIENCE), 1)

    def test_a_lossy_command_gets_no_part_of_a_line_when_its_time_is_over(self):
        # It reads on only when its input is closed and it is told so by the plain command's end.
        line = b"y" * 3000 + b"\n"
        os.mkfifo(self.path("go"))
        result = self.tee("cat >plain; echo >go", "--lossy", "read first; cat go; cat >lossy",
                          "--grace", "30", stdin=line * 20000)
        self.assertEqual(result.returncode, 0)
        self.assertEqual(set(self.content("lossy").splitlines(keepends=True)), {line})

    def test_many_lossy_commands_each_account_for_all_lines(self):
        data = numbered(400000)
        slow = ["--lossy", "while read -r line; do :; done"] * 3
        result = self.tee("wc -l", *slow, "--lossy", "wc -l", "--cap", "4", "--grace", "0.2", stdin=data)
        self.assertEqual(len(result.summary["commands"]), 5)
        self.assertEqual(int(result.stdout.split()[0]) in (400000, result.summary["commands"][4]["delivered"]),
                         True)
        self.assertGreater(result.summary["commands"][1]["missed"], 0)


class Commands(TeeTest):
    def test_a_command_that_ends_early_is_left_out_and_the_rest_goes_on(self):
        data = numbered(500000)
        result = self.tee("head -n 3 >head", "cat >all", "--lossy", "true", stdin=data)
        self.assertEqual(result.returncode, 0)
        self.assertEqual(digest(self.content("all")), digest(data))
        self.assertEqual(self.content("head").count(b"\n"), 3)
        early, rest, lossy = result.summary["commands"]
        self.assertTrue(early["left_early"] and lossy["left_early"])
        self.assertFalse(rest["left_early"])
        self.assertGreater(early["missed"], 0)

    def test_when_no_command_reads_any_more_an_endless_input_is_left(self):
        endless = subprocess.Popen(["yes"], stdout=subprocess.PIPE)
        try:
            result = self.tee("head -n 1", "head -n 2", stdin=endless.stdout)
        finally:
            endless.kill()
            endless.stdout.close()
            endless.wait()
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stdout, b"y\n" * 3)

    def test_a_command_that_ends_while_no_input_comes_is_noticed(self):
        process = self.started("true", "exit 0")
        self.assertEqual(process.wait(support.PATIENCE), 0)  # its input is still open

    def test_a_failing_command_makes_the_exit_code_1(self):
        for command, status, number in (("cat >/dev/null; exit 7", 7, None),
                                        ("cat >/dev/null; kill -9 $$", None, 9)):
            result = self.tee(command, "cat >all", stdin=b"a\n")
            self.assertEqual(result.returncode, 1)
            self.assertEqual(result.summary["exit_code"], 1)
            self.assertEqual(result.summary["commands"][0]["exit_status"], status)
            self.assertEqual(result.summary["commands"][0]["signal"], number)
            self.assertEqual(self.content("all"), b"a\n")

    def test_a_command_that_does_not_exist_ends_with_127(self):
        result = self.tee("no-such-command-here", "cat >all", stdin=b"a\n")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.summary["commands"][0]["exit_status"], 127)
        self.assertEqual(self.content("all"), b"a\n")

    def test_commands_inherit_no_pipe_of_each_other(self):
        result = self.tee("cat", "cat", "ls /proc/self/fd >open", "--lossy", "ls /proc/self/fd >lossy")
        self.assertEqual(result.returncode, 0)
        for name in ("open", "lossy"):  # 3 is the folder that ls reads
            self.assertEqual(self.content(name).split(), [b"0", b"1", b"2", b"3"])

    def test_commands_have_the_signal_settings_of_our_caller(self):
        command = "grep -E '^Sig(Blk|Ign)' /proc/self/status"

        def masks(output):  # of the first 31 signals; the C library uses the next ones itself
            return [int(line.split()[1], 16) & 0x7fffffff for line in output.splitlines()]
        expected = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True).stdout
        self.assertEqual(masks(self.tee(command).stdout), masks(expected))

    def test_a_command_may_begin_with_a_bracket_or_a_dash(self):
        result = self.tee("[ -p /dev/stdin ]", "--lossy", "[ 1 = 1 ]", "--", "-no-such-command")
        self.assertEqual([command["exit_status"] for command in result.summary["commands"]], [0, 127, 0])
        self.assertEqual([command["command"] for command in result.summary["commands"]],
                         ["[ -p /dev/stdin ]", "-no-such-command", "[ 1 = 1 ]"])

    def test_lossy_takes_one_command_and_leaves_the_next_plain(self):
        result = self.tee("--lossy", "cat >one", "cat >two", stdin=b"a\n")
        kinds = {command["command"]: command["lossy"] for command in result.summary["commands"]}
        self.assertEqual(kinds, {"cat >one": True, "cat >two": False})


class Reports(TeeTest):
    def test_the_json_summary_is_one_line_with_known_keys(self):
        result = self.tee("cat >/dev/null", "--lossy", "cat >/dev/null", stdin=b"a\nb\n")
        self.assertEqual(result.stderr.count(b"\n"), 1)
        summary = result.summary
        self.assertEqual(list(summary), ["lines", "bytes", "seconds", "total_seconds", "signal",
                                         "commands", "errors", "warnings", "exit_code"])
        self.assertEqual((summary["lines"], summary["bytes"], summary["signal"]), (2, 4, None))
        self.assertLessEqual(0, summary["seconds"])
        self.assertLessEqual(summary["seconds"], summary["total_seconds"])
        self.assertEqual(summary["commands"], [
            {"command": "cat >/dev/null", "lossy": lossy, "delivered": 2, "missed": 0,
             "left_early": False, "terminated": False, "exit_status": 0, "signal": None}
            for lossy in (False, True)])

    def test_the_text_summary_tells_how_each_command_ended(self):
        result = support.run("tee", "cat", "cat >/dev/null; kill -TERM $$", "--lossy",
                             "cat >/dev/null; exit 3", stdin=b"a\nb\n")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, b"a\nb\n")
        text = result.stderr.decode()
        self.assertNotIn("\x1b", text)  # no table where there is no terminal
        first, *rows = text.splitlines()
        self.assertRegex(first, r"^ronbus: 2 lines, 0\.0 MiB in ")
        self.assertRegex(rows[0], r"plain  cat +2 delivered, 0 missed, exit 0$")
        self.assertRegex(rows[1], r"2 delivered, 0 missed, killed by signal 15 \(SIGTERM\)$")
        self.assertRegex(rows[2], r"lossy  .* 2 delivered, 0 missed, exit 3$")

    def test_input_that_cannot_be_read_is_reported(self):
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            result = self.tee("cat >all", stdin=folder)
        finally:
            os.close(folder)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.summary["errors"], ["cannot read the input: Is a directory"])
        self.assertEqual(self.content("all"), b"")

    def test_closed_standard_descriptors_do_no_harm(self):
        script = f"exec {support.program} tee --json 'cat >all' 'ls /proc/self/fd >open' <&- >&-"
        result = subprocess.run(["/bin/sh", "-c", script], cwd=self.folder, stderr=subprocess.PIPE,
                                timeout=support.PATIENCE, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(self.summary_in(result.stderr)["errors"],
                         ["cannot read the input: Bad file descriptor"])
        self.assertEqual(self.content("all"), b"")

    def test_wrong_calls_start_nothing_and_exit_with_2(self):
        for arguments, env, part in (
                ([], {}, "no command"),
                (["touch started", "--brew"], {}, "--brew"),
                (["touch started", "--lossy"], {}, "--lossy"),
                (["touch started", "--cap", "banana"], {}, "--cap=banana is not usable; allowed: "),
                (["touch started", "--cap=-3"], {}, "from 0 to 4294967296"),
                (["touch started", "--cap", ""], {}, "--cap=(empty)"),
                (["touch started", "--cap", "1e9"], {}, "--cap=1e9"),
                (["touch started", "--grace", "soon"], {}, "--grace=soon is not usable"),
                (["touch started", "--grace", "-1"], {}, "from 0 to 86400"),
                (["touch started", "--grace", "nan"], {}, "from 0 to 86400"),
                (["touch started"], {"RON_CAP": "banana"}, "RON_CAP=banana from the environment"),
                (["touch started"], {"RON_BURST": "0"}, "from 1 to 1048576")):
            with self.subTest(arguments=arguments, env=env):
                result = support.run("tee", *arguments, cwd=self.folder, env=env)
                self.assertEqual((result.returncode, result.stdout), (2, b""))
                self.assertIn(part, result.stderr.decode())
        self.assertEqual(os.listdir(self.folder), [])


class Signals(TeeTest):
    def summary_after(self, process):
        _, stderr = process.communicate(timeout=support.PATIENCE)
        return self.summary_in(stderr)

    def test_an_interrupt_ends_a_stream_that_a_command_stalls(self):
        # No pipe takes the first line as a whole, and the ring not what follows. The fast command
        # tells when it has that line.
        first = b"x" * (2 * MIB) + b"\n"
        data = first + numbered(200000)
        process = self.started("exec sleep infinity", f"head -c {len(first)} >all; echo got; cat >>all",
                               "--json", "--grace", "0.1", "--cap", "2")

        def feed():
            try:
                process.stdin.write(data)
            except BrokenPipeError:
                pass
        feeder = threading.Thread(target=feed)
        feeder.start()
        self.assertEqual(process.stdout.readline(), b"got\n")
        process.send_signal(signal.SIGINT)
        # The end of its output is the end of tee and of all that it started.
        self.assertEqual(process.stdout.read(), b"")
        summary = self.summary_in(process.stderr.read())
        self.assertEqual(process.wait(support.PATIENCE), 130)
        feeder.join()
        self.assertEqual(summary["signal"], signal.SIGINT)
        stalled, fast = summary["commands"]
        self.assertTrue(stalled["terminated"])
        self.assertEqual((stalled["delivered"], stalled["missed"]), (0, summary["lines"]))
        self.assertLess(summary["bytes"], len(data))
        self.assertEqual((fast["exit_status"], fast["missed"]), (0, 0))
        self.assertTrue(data.startswith(self.content("all")))
        self.assertEqual(self.content("all").count(b"\n"), fast["delivered"])

    def test_a_termination_lets_commands_see_the_end_of_their_input(self):
        process = self.started("cat; echo end", "--json")
        process.stdin.write(b"a\nb\npart")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline() + process.stdout.readline(), b"a\nb\n")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.stdout.readline(), b"end\n")
        summary = self.summary_after(process)
        self.assertEqual(process.returncode, 128 + signal.SIGTERM)
        self.assertEqual((summary["lines"], summary["commands"][0]["exit_status"]), (2, 0))

    def test_a_second_signal_kills_commands_that_will_not_end(self):
        process = self.started("trap '' TERM; echo ready; exec sleep infinity", "--json", "--grace", "10000")
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        summary = self.summary_after(process)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(summary["commands"][0]["signal"], signal.SIGKILL)

    def test_a_command_that_ignores_termination_is_killed_after_another_grace(self):
        process = self.started("trap '' TERM; echo ready; exec sleep infinity", "--json", "--grace", "0.1")
        self.assertEqual(process.stdout.readline(), b"ready\n")
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.summary_after(process)["commands"][0]["signal"], signal.SIGKILL)

    def test_an_ignored_signal_stays_ignored(self):
        process = self.started("cat", "--json",
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
        process.stdin.write(b"a\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"a\n")
        process.send_signal(signal.SIGINT)
        process.stdin.write(b"b\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"b\n")
        process.stdin.close()
        self.assertEqual(process.wait(support.PATIENCE), 0)


class Terminal(TeeTest):
    """With a terminal of 100 columns for standard output and standard error."""

    def on_terminal(self, *arguments, **env):
        main, end = pty.openpty()
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.process = subprocess.Popen(
            [support.program, "tee", *arguments], cwd=self.folder, stdin=subprocess.PIPE, stdout=end,
            stderr=end, env=support.environment(**{"TERM": "xterm", **env}), start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(2, termios.TIOCSCTTY, 0))
        os.close(end)
        self.terminal = main
        self.shown = b""

        def finish():
            if self.process.poll() is None:
                self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            os.close(main)
        self.addCleanup(finish)

    def read_until(self, pattern):
        """Reads what the terminal shows until `pattern` is in it; None for the end."""
        deadline = time.monotonic() + support.PATIENCE
        while pattern is None or not re.search(pattern, self.shown):
            self.assertTrue(select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))[0],
                            self.shown[-2000:])
            try:
                part = os.read(self.terminal, 65536)
            except OSError:  # the other end is closed
                part = b""
            if not part:
                self.assertIsNone(pattern, self.shown[-2000:])
                return
            self.shown += part

    def feed(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def test_a_table_shows_progress_and_gives_way_to_the_summary(self):
        os.mkfifo(self.path("go"))
        self.on_terminal("cat >all", "--lossy", "cat go; cat >/dev/null", "--grace", "1000")
        self.feed(b"a\nb\n")
        self.read_until(rb"2 lines, \d+ lines/s\r+\n +delivered +missed +behind +state +command")
        self.read_until(rb"\nplain +2 +0 +0  reads +cat >all\r+\nlossy +2 +0 +0  reads +cat go; ")
        self.assertNotIn(b"MiB in", self.shown)
        self.feed(b"c\n")
        self.read_until(rb"\nplain +3 +0 +0  reads")
        self.process.stdin.close()
        self.read_until(rb"\nplain +3 +0 +0  ended")
        self.assertNotIn(b"MiB in", self.shown)
        with open(self.path("go"), "wb"):
            pass
        self.read_until(None)
        self.assertEqual(self.process.wait(support.PATIENCE), 0)
        summary = self.shown.split(b"\x1b[J")[-1].decode()
        self.assertRegex(summary, r"^ronbus: 3 lines.*\r\n  plain  cat >all +3 delivered, 0 missed, exit 0\r\n")

    def test_no_table_line_is_wider_than_the_terminal(self):
        self.on_terminal("cat >/dev/null; : " + "long " * 100)
        self.feed(b"a\n")
        self.read_until(rb"\nplain +1 +0 +0  reads")
        self.process.stdin.close()
        self.read_until(None)
        for drawn in self.shown.split(b"\x1b[J")[1:-1]:
            for line in re.sub(rb"\x1b\[\d+A", b"", drawn).splitlines():
                self.assertLess(len(line), 100)

    def test_ctrl_c_on_the_terminal_ends_with_a_summary(self):
        self.on_terminal("cat >all", "sleep infinity")
        self.feed(b"a\nb\n")
        self.read_until(rb"\nplain +2 +0 +0  reads +cat")
        os.write(self.terminal, b"\x03")  # to the whole foreground group, as a keyboard would
        self.read_until(None)
        self.assertEqual(self.process.wait(support.PATIENCE), 130)
        self.assertRegex(self.shown.decode(), r"ronbus: 2 lines,.* ended by SIGINT\r\n")
        self.assertRegex(self.shown.decode(), r"sleep infinity +2 delivered, 0 missed, killed by signal 2 ")
        self.assertEqual(self.content("all"), b"a\nb\n")

    def test_there_is_no_table_with_json_or_on_a_dumb_terminal(self):
        for arguments, env in (["--json"], {}), ([], {"TERM": "dumb"}):
            self.on_terminal("cat >/dev/null", *arguments, **env)
            self.feed(b"a\n")
            self.process.stdin.close()
            self.read_until(None)
            self.assertNotIn(b"\x1b", self.shown)


if __name__ == "__main__":
    support.main()
