#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""`ronbus demo` end to end. See support.py for how to run it."""

import json
import os
import re
import signal
import subprocess
import unittest
import urllib.request

import support
from screen import MISSING, Screen, pyte

SANITIZED = bool(os.environ.get("RONBUS_SANITIZE"))
MESSAGES = 10000 if SANITIZED else 200000
NOT_BUILT = "this build of ronbus has no prometheus-cpp"


def sum_of(metrics, name, **labels):
    """The sum of all samples of a metric that have these labels, from a text."""
    total = 0
    found = False
    for line in metrics.splitlines():
        if re.match(rf"{name}[ {{]", line) and all(f'{key}="{value}"' in line
                                                   for key, value in labels.items()):
            total += float(line.rsplit(" ", 1)[1])
            found = True
    assert found, f"no {name} {labels} in:\n{metrics}"
    return total


class DemoTest(unittest.TestCase):
    def demo(self, *arguments, code=0, **options):
        """Runs a demo; returns its summary, after checks that hold for every one."""
        result = support.run("demo", "--json", *arguments, **options)
        self.assertEqual((result.returncode, result.stderr), (code, b""), result.stdout)
        return self.checked(json.loads(result.stdout))

    def checked(self, summary):
        everybody = summary["subscribers"]
        self.assertEqual(summary["failures"], [])
        self.assertEqual(summary["refused"], 0)
        self.assertEqual(summary["published"] * len(everybody),
                         summary["received"] + summary["missed"] + summary["filtered"])
        for each in everybody:
            self.assertEqual(each["received"] + each["missed"] + each["filtered"],
                             summary["published"], each)
            self.assertEqual(each["bytes"], each["received"] * summary["parameters"]["payload"])
        for count in ("received", "missed", "filtered"):
            self.assertEqual(sum(each[count] for each in everybody), summary[count])
        return summary

    def started(self, *arguments, **options):
        process = subprocess.Popen([support.program, "demo", *arguments], env=support.environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process


class Counting(DemoTest):
    def test_every_message_is_accounted_for_where_most_is_lost(self):
        summary = self.demo("--messages", str(MESSAGES + 1), "--rate", "0", "--cap", "16",
                            "--publishers", "3", "--filtering", "2", "--slow", "2")
        self.assertEqual(summary["published"], MESSAGES + 1)
        self.assertEqual([each["kind"] for each in summary["subscribers"]],
                         ["fast"] * 4 + ["filtering"] * 2 + ["slow"] * 2)
        self.assertEqual(summary["capacity"], 16)
        self.assertGreater(summary["subscribers"][-1]["missed"], 0)

    def test_all_get_all_where_all_is_retained(self):
        summary = self.demo("--messages", "1000", "--capacity", "1024", "--filtering", "1",
                            "--payload", "0", "--rate", "0", "--publishers", "1")
        self.assertEqual((summary["missed"], summary["received"], summary["filtered"]),
                         (0, 5 * 1000 + 100, 900))

    def test_sampled_messages_are_timed_in_every_mode(self):
        for mode in ("classic", "batched", "edge", "edge-batched"):
            # All is retained, so that everybody receives what is stamped.
            summary = self.demo("--messages", "4096", "--capacity", "4096", "--rate", "0",
                                "--sample-every", "16", "--mode", mode)
            for histogram in ("publish_ns", "end_to_end_ns"):
                times = summary[histogram]
                self.assertGreater(times["count"], 0, (mode, histogram))
                self.assertGreater(times["p50"], 0, (mode, histogram))
                self.assertLessEqual(times["p50"], times["p99"])
            self.assertLess(summary["end_to_end_ns"]["count"], 5 * 4096 / 4, "five receive one in 16")
        summary = self.demo("--messages", "1000", "--sample-every", "0")
        self.assertEqual((summary["publish_ns"], summary["end_to_end_ns"]), (None, None))

    def test_it_runs_in_every_mode_and_with_every_knob(self):
        for mode in ("classic", "batched", "edge", "edge-batched"):
            summary = self.demo("--messages", "2000", "--mode", mode, "--tls-flush-threshold", "7")
            self.assertEqual((summary["mode"], summary["published"]), (mode, 2000))
        summary = self.demo("--messages", "2000", "--publishers", "1", "--single-publisher",
                            "--epoch-yield", env={"RON_CAP": "128"})
        self.assertEqual(summary["capacity"], 128)

    def test_a_rate_is_kept_and_a_duration_ends_it(self):
        summary = self.demo("--duration", "0.5s", "--rate", "2000", "--subscribers", "1")
        self.assertGreaterEqual(summary["seconds"], 0.5)
        # Bursts that were due while a machine stood still come late: a few at most.
        self.assertLessEqual(summary["published"], 2000 * summary["seconds"] + 100)
        self.assertGreater(summary["published"], 100)

    def test_the_text_says_what_the_counts_are(self):
        result = support.run("demo", "--messages", "1000", "--cap", "1024")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        lines = result.stdout.decode().splitlines()
        self.assertRegex(lines[0], r"^1 000 messages in .* classic bus of 1024$")
        self.assertRegex(lines[2], r"^  fast-1 +1 000 +0 +0 +0\.00 % +0 +\d")
        self.assertEqual(lines[-1], "every message is accounted for: "
                         "1 000 x 5 = 5 000 received + 0 missed + 0 filtered")


class Ending(DemoTest):
    def test_ctrl_c_leaves_a_summary(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.started("--json", "--pause", "60000000", preexec_fn=lambda: None)
            # A pause of a minute is not waited for; nothing is written before the end.
            with self.assertRaises(subprocess.TimeoutExpired):
                process.wait(0.2)
            process.send_signal(number)
            output, errors = process.communicate(timeout=support.PATIENCE)
            self.assertEqual((process.returncode, errors), (128 + number, b""))
            summary = self.checked(json.loads(output))
            self.assertEqual(summary["signal"], number)


class Mistakes(DemoTest):
    def test_wrong_calls_are_told_in_one_line(self):
        for arguments, parts in (
                (["--publishers", "0"], ["--publishers=0", "from 1 to 128"]),
                (["--subscribers", "129"], ["--subscribers=129", "from 0 to 128"]),
                (["--filtering", "x"], ["--filtering=x"]),
                (["--slow", "-1"], ["--slow=-1"]),
                (["--pause", "1.5"], ["--pause=1.5"]),
                (["--rate", "fast"], ["--rate=fast"]),
                (["--payload", "1048577"], ["--payload=1048577", "1048576"]),
                (["--messages", "0"], ["--messages=0"]),
                (["--duration", "0"], ["--duration=0"]),
                (["--sample-every", "16777217"], ["--sample-every=16777217"]),
                (["--mode", "loud"], ["--mode=loud"]),
                (["--cap", "many"], ["--cap=many"]),
                (["--single-publisher"], ["--single-publisher goes with --publishers 1"]),
                (["--stay"], ["--stay goes with --listen"])):
            with self.subTest(arguments):
                result = support.run("demo", *arguments)
                text = result.stderr.decode()
                self.assertEqual((result.returncode, result.stdout), (2, b""), text)
                self.assertEqual(text.count("\n"), 1, text)
                for part in parts:
                    self.assertIn(part, text)


def can_listen():
    result = support.run("demo", "--listen", "127.0.0.1:0", "--messages", "1")
    return b"built without prometheus-cpp" not in result.stderr


class Listening(DemoTest):
    def setUp(self):
        if not can_listen():
            self.skipTest(NOT_BUILT)

    def listening(self, *arguments):
        """Starts a demo that listens; returns the process and the address of its page."""
        process = self.started("--listen", "127.0.0.1:0", *arguments)
        line = process.stderr.readline().decode()
        url = re.fullmatch(r"ronbus: listening at (http://127\.0\.0\.1:\d+/)\n", line).group(1)
        return process, url

    def get(self, url):
        with urllib.request.urlopen(url, timeout=support.PATIENCE) as answer:
            return answer.read().decode()

    def test_what_is_scraped_at_the_end_accounts_for_every_message(self):
        process, url = self.listening("--messages", str(MESSAGES), "--rate", "0", "--cap", "64",
                                      "--filtering", "1", "--json", "--stay")
        summary = self.checked(json.loads(process.stdout.readline()))
        metrics = self.get(url + "metrics")
        scraped = {count: sum_of(metrics, f"ron_bus_{name}", bus="demo")
                   for count, name in (("published", "publish_total"), ("received", "receive_total"),
                                       ("missed", "drop_lagged_total"),
                                       ("filtered", "filtered_total"))}
        self.assertEqual(scraped["published"], MESSAGES)
        self.assertEqual(scraped["published"] * sum_of(metrics, "ron_bus_subscribers"),
                         scraped["received"] + scraped["missed"] + scraped["filtered"])
        self.assertEqual(scraped, {count: summary[count] for count in scraped})
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(support.PATIENCE), 130)

    def test_top_shows_it(self):
        process, url = self.listening("--rate", "1000", "--slow", "1", "--cap", "16")
        result = support.run("top", url, "--once", "--json", "--interval", "0.2s")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        bus, = json.loads(result.stdout)["buses"]
        self.assertEqual((bus["name"], bus["mode"], bus["capacity"], bus["subscriber_count"],
                          bus["publishers"]), ("demo", "classic", 16, 5, 2))
        self.assertEqual({each["name"] for each in bus["subscribers"]} - {"(other)"},
                         {"fast-1", "fast-2", "fast-3", "fast-4", "slow-1"})
        self.assertGreater(bus["published_per_s"], 0)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(support.PATIENCE), 130)

    @unittest.skipUnless(pyte, MISSING)
    def test_top_survives_its_restart(self):
        first, url = self.listening("--rate", "1000")
        port = url.split(":")[-1].rstrip("/")
        screen = Screen("top", f":{port}", "--interval", "0.1s")
        self.addCleanup(screen.close)
        screen.wait(lambda lines: any(line.startswith("  slow-1 ") for line in lines))
        first.send_signal(signal.SIGINT)
        self.assertEqual(first.wait(support.PATIENCE), 130)
        screen.wait(lambda lines: lines[1].startswith("waiting for "))
        self.started("--listen", f"127.0.0.1:{port}", "--rate", "10", "--slow", "0",
                     "--filtering", "1")
        lines = screen.wait(lambda lines: any(line.startswith("  filtering-1 ") for line in lines))
        self.assertNotIn("waiting", lines[1])
        screen.type("q")
        self.assertEqual(screen.finish(), 0)

    def test_an_address_that_cannot_be_used_is_told(self):
        _, url = self.listening()
        taken = url.removeprefix("http://").rstrip("/")
        for address in (taken, "nonsense", "127.0.0.1:99999"):
            result = support.run("demo", "--listen", address, "--messages", "1")
            self.assertEqual((result.returncode, result.stdout), (2, b""), result.stderr)
            self.assertEqual(result.stderr.count(b"\n"), 1, result.stderr)
            self.assertIn(address.encode(), result.stderr)


@unittest.skipUnless(pyte, MISSING)
class Terminal(DemoTest):
    def screen(self, *arguments, **options):
        screen = Screen("demo", *arguments, **options)
        self.addCleanup(screen.close)
        return screen

    def test_a_table_shows_who_is_slow_and_gives_way_to_the_summary(self):
        screen = self.screen("--cap", "16", "--rate", "10000")
        # The last line tells that all of the table was drawn.
        lines = screen.wait(lambda lines: any("█" in line for line in lines)
                            and any(line.split()[:1] == ["slow-1"] for line in lines))
        names = [line.split()[0] for line in lines if line]
        self.assertEqual(names, ["NAME", "demo", "classic,", "fast-1", "fast-2", "fast-3", "fast-4",
                                 "slow-1"])
        screen.type("\x03")
        self.assertEqual(screen.finish(), 130)
        lines = [line for line in screen.lines if line and line != "^C"]
        self.assertRegex(lines[0].removeprefix("^C"), r"^[\d ]+ messages in ")
        self.assertTrue(lines[-1].startswith("every message is accounted for: "))
        self.assertFalse(any(line.startswith("NAME") for line in lines))

    def test_a_low_terminal_shows_what_fits(self):
        screen = self.screen("--subscribers", "20", rows=10)
        lines = screen.wait(lambda lines: any(re.match(r"and \d+ more", line) for line in lines))
        self.assertTrue(lines[1].startswith("NAME"), lines)
        screen.signal()
        self.assertEqual(screen.finish(), 130)


if __name__ == "__main__":
    support.main()
