#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""`ronbus soak` end to end. See support.py for how to run it."""

import json
import os
import pty
import re
import signal
import subprocess
import tempfile
import time
import unittest

import support

SANITIZED = bool(os.environ.get("RONBUS_SANITIZE"))
# Sanitizers keep freed memory, which looks like growth.
GROWTH = ("--growth", "100000") if SANITIZED else ()
EVENTS = 20000 if SANITIZED else 200000


class SoakTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def written(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return json.load(file)

    def rewrite(self, name, **changes):
        content = {**self.written(name), **changes}
        with open(self.path(name), "w", encoding="utf-8") as file:
            json.dump(content, file)

    def soak(self, *arguments, code=0, **options):
        """Runs a soak in the folder of the test; returns its summary, after checks that hold for
        every one."""
        result = support.run("soak", *GROWTH, "--json", "summary.json", *arguments,
                             cwd=self.folder, **options)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertEqual(result.stderr, b"")
        self.text = result.stdout.decode()
        return self.checked("summary.json")

    def checked(self, name):
        summary = self.written(name)
        for subscriber in summary["subscribers"]:
            self.assertEqual(subscriber["received"] + subscriber["missed"], summary["events"])
            if subscriber["role"] == "gating":
                self.assertEqual((subscriber["missed"], subscriber["lags"]), (0, 0))
        self.assertEqual(summary["deliveries"], summary["visitors"]["received"] +
                         sum(each["received"] for each in summary["subscribers"]))
        self.assertEqual((summary["refused"], summary["objects"]["leaked"]), (0, 0))
        return summary

    def started(self, *arguments, **options):
        """Starts a soak in the folder of the test. Kills it in the end."""
        process = subprocess.Popen([support.program, "soak", *GROWTH, *arguments], cwd=self.folder,
                                   env=support.environment(), stdout=subprocess.PIPE,
                                   **{"stderr": subprocess.PIPE, **options})
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def wait_for_checkpoint(self, name, after=0):
        """Until the file tells of more checkpoints than `after`."""
        deadline = time.monotonic() + support.PATIENCE
        while time.monotonic() < deadline:
            if os.path.exists(self.path(name)) and self.written(name)["checkpoints"] > after:
                return
            time.sleep(0.02)
        self.fail("no checkpoint")


class Counting(SoakTest):
    def test_the_usual_workload_publishes_exactly_what_was_asked_for(self):
        summary = self.soak("--events", str(EVENTS + 1), "--pace", "0")
        self.assertEqual(list(summary), [
            "parameters", "complete", "signal", "parts", "checkpoints", "seconds", "events",
            "events_per_s", "deliveries", "deliveries_per_s", "lost_share", "lost_share_limit",
            "lost_share_met", "refused", "subscribers", "visitors", "objects", "memory",
            "failures"])
        self.assertEqual(summary["events"], EVENTS + 1)
        self.assertEqual((summary["complete"], summary["parts"], summary["failures"]), (True, 1, []))
        self.assertEqual([each["role"] for each in summary["subscribers"]], ["lossy"] * 8 + ["slow"])
        self.assertGreater(summary["memory"]["last_kib"], 0)
        self.assertEqual(summary["parameters"], {
            "events": EVENTS + 1, "duration": 0, "publishers": 4, "subscribers": 8, "gating": 0,
            "capacity": 65536, "payload": "u64", "pace": 0, "churn": 100, "slow": 1000})

    def test_every_loss_is_counted_where_most_is_lost(self):
        summary = self.soak("--events", str(EVENTS), "--pace", "0", "--capacity", "2")
        missed = sum(each["missed"] for each in summary["subscribers"][:8])
        self.assertGreater(missed, 0)
        self.assertAlmostEqual(summary["lost_share"], missed / (8 * EVENTS))
        self.assertEqual(summary["lost_share_met"], summary["lost_share"] < 0.001)

    def test_gating_subscribers_beside_lossy_ones_get_everything(self):
        for publishers in ("1", "3"):
            summary = self.soak("--events", str(EVENTS), "--pace", "0", "--capacity", "64",
                                "--gating", "2", "--subscribers", "3", "--publishers", publishers)
            roles = [each["role"] for each in summary["subscribers"]]
            self.assertEqual(roles, ["gating", "gating", "lossy", "slow"])

    def test_events_are_constructed_and_destroyed_in_equal_number(self):
        summary = self.soak("--events", str(EVENTS // 4), "--pace", "0", "--payload", "event",
                            "--capacity", "256", "--gating", "1")
        self.assertGreater(summary["objects"]["constructed"], EVENTS // 4)
        self.assertIn("0 leaked", self.text)

    def test_a_pace_is_kept_and_a_duration_ends_it(self):
        summary = self.soak("--duration", "1.5s", "--pace", "20000", "--checkpoint", "0.3s")
        self.assertGreaterEqual(summary["seconds"], 1.5)
        self.assertLessEqual(summary["events"], 22000 * summary["seconds"])
        self.assertGreater(summary["events"], 1000)
        self.assertGreaterEqual(summary["checkpoints"], 2)
        self.assertTrue(summary["complete"])

    def test_nobody_comes_or_is_slow_where_that_is_turned_off(self):
        summary = self.soak("--events", "1000", "--churn", "0", "--slow", "0")
        self.assertEqual([each["role"] for each in summary["subscribers"]], ["lossy"] * 8)
        self.assertEqual(summary["visitors"]["count"], 0)
        self.assertNotIn("visitors\n", self.text)

    def test_the_table_says_what_the_summary_says(self):
        summary = self.soak("--events", "12345", "--subscribers", "2", "--gating", "1")
        lines = self.text.splitlines()
        self.assertRegex(lines[0], r"^soak complete: 12 345 events in .* deliveries .* 1 part$")
        self.assertRegex(lines[2], r"^  subscriber 0 +gating +12 345 +0 +0 +0\.00000 %$")
        self.assertRegex(lines[4], r"^  slow one +slow ")
        self.assertIn(f"{summary['visitors']['count']} visitors", lines[5])
        self.assertEqual(lines[-1], "all checks passed")


class Resuming(SoakTest):
    # Takes two seconds.
    ARGUMENTS = ("--events", str(EVENTS), "--pace", str(EVENTS // 2), "--checkpoint", "0.1s",
                 "--state", "state.json")

    def test_ctrl_c_leaves_a_summary_and_the_soak_goes_on_from_there(self):
        checkpoints = 0
        for parts, number in enumerate((signal.SIGINT, signal.SIGTERM)):
            process = self.started(*self.ARGUMENTS)
            self.wait_for_checkpoint("state.json", after=checkpoints)
            process.send_signal(number)
            output = process.communicate(timeout=support.PATIENCE)
            self.assertEqual((process.returncode, output[1]), (128 + number, b""), output)
            self.assertIn(b"soak not complete: ", output[0])
            state = self.checked("state.json")
            self.assertEqual((state["complete"], state["signal"]), (False, number))
            self.assertEqual(state["parts"], parts + 1)
            self.assertTrue(0 < state["events"] < EVENTS, state["events"])
            checkpoints = state["checkpoints"]
        summary = self.soak(*self.ARGUMENTS)
        self.assertEqual((summary["events"], summary["parts"]), (EVENTS, 3))
        self.assertEqual((summary["complete"], summary["signal"]), (True, None))
        self.assertGreater(summary["seconds"], state["seconds"])
        self.assertGreater(summary["visitors"]["count"], state["visitors"]["count"])
        self.assertFalse(os.path.exists(self.path("state.json.new")))

    def test_a_killed_soak_goes_on_from_its_last_checkpoint(self):
        process = self.started(*self.ARGUMENTS)
        self.wait_for_checkpoint("state.json")
        process.kill()
        process.wait(support.PATIENCE)
        state = self.checked("state.json")
        self.assertTrue(0 < state["events"] < EVENTS, state["events"])
        summary = self.soak(*self.ARGUMENTS)
        self.assertEqual((summary["events"], summary["parts"]), (EVENTS, 2))

    def test_a_duration_adds_up_over_the_parts(self):
        arguments = ("--duration", "1.5s", "--state", "state.json", "--checkpoint", "0.2s",
                     "--pace", "10000")
        process = self.started(*arguments)
        self.wait_for_checkpoint("state.json")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=support.PATIENCE)
        before = self.checked("state.json")["seconds"]
        begin = time.monotonic()
        summary = self.soak(*arguments)
        self.assertGreaterEqual(summary["seconds"], 1.5)
        self.assertGreaterEqual(time.monotonic() - begin, 1.5 - before - 0.01)
        self.assertEqual(summary["parts"], 2)

    def test_a_complete_soak_only_shows_its_summary_again(self):
        arguments = ("--events", "1000", "--state", "state.json")
        first = self.soak(*arguments)
        self.assertEqual({**self.soak(*arguments), "memory": None}, {**first, "memory": None})

    def test_a_soak_that_failed_stays_failed(self):
        arguments = ("--events", "1000", "--state", "state.json")
        self.soak(*arguments)
        self.rewrite("state.json", complete=False, failures=["subscriber 1 received too much"])
        summary = self.soak(*arguments, code=1)
        self.assertEqual((summary["events"], summary["parts"]), (1000, 1))
        self.assertIn("FAILED: subscriber 1 received too much", self.text)

    def test_a_state_that_does_not_fit_is_refused_and_kept(self):
        self.soak("--events", "1000", "--state", "state.json")
        fitting = self.written("state.json")

        def refused(*arguments):
            before = open(self.path("state.json"), "rb").read()
            result = support.run("soak", "--state", "state.json", *arguments, cwd=self.folder)
            self.assertEqual((result.returncode, result.stdout), (2, b""))
            self.assertEqual(open(self.path("state.json"), "rb").read(), before)
            return result.stderr.decode()

        self.assertEqual(refused("--events", "1001", "--churn", "7"),
                         "ronbus: 'state.json' is of another soak: --events 1000 instead of 1001, "
                         "--churn 100 instead of 7\n")
        self.rewrite("state.json", schema=99)
        self.assertIn("has schema 99; this program knows schema 1", refused("--events", "1000"))
        self.rewrite("state.json", schema=1, events=999)
        self.assertIn("received 1000 and missed 0 of 999 events", refused("--events", "1000"))
        for content in ("", "{", "[]", "{}", json.dumps(fitting)[:300]):
            with open(self.path("state.json"), "w", encoding="utf-8") as file:
                file.write(content)
            self.assertIn("ronbus: 'state.json' is ", refused("--events", "1000"))


class Calling(SoakTest):
    def refused(self, *arguments, **env):
        result = support.run("soak", *arguments, cwd=self.folder, env=env)
        self.assertEqual((result.returncode, result.stdout), (2, b""), arguments)
        self.assertEqual(os.listdir(self.folder), [])
        return result.stderr.decode()

    def test_bad_values_are_named_with_what_is_allowed(self):
        cases = [("--events", "0", "from 1 to"), ("--events", "many", "from 1 to"),
                 ("--events", "1.5", "a whole number"), ("--events", "-1", "a whole number"),
                 ("--events", "nan", "a whole number"), ("--events", "", "a whole number"),
                 ("--duration", "0", "s, m, h or d"), ("--duration", "3w", "s, m, h or d"),
                 ("--duration", "m", "s, m, h or d"), ("--duration", "500d", "365d"),
                 ("--publishers", "0", "from 1 to 128"), ("--publishers", "129", "from 1 to 128"),
                 ("--subscribers", "0", "from 1 to 128"), ("--gating", "9", "from 0 to 8"),
                 ("--capacity", "banana", "from 0 to 4294967296"), ("--payload", "u32", "u64 or event"),
                 ("--pace", "99", "0, or a whole number from 100"), ("--churn", "10001", "from 0 to 10000"),
                 ("--slow", "1000001", "from 0 to 1000000"), ("--checkpoint", "0", "from 0.1s"),
                 ("--growth", "-1", "from 0 to"), ("--state", "", "the name of a file"),
                 ("--json", "", "the name of a file")]
        for flag, value, allowed in cases:
            text = self.refused(flag, value)
            self.assertEqual(text.count("\n"), 1, text)
            self.assertTrue(text.startswith(f"ronbus: {flag}={value or '(empty)'} is not usable; "), text)
            self.assertIn(allowed, text)

    def test_other_wrong_calls_say_what_is_wrong(self):
        self.assertIn("exclude each other", self.refused("--events", "1", "--duration", "1s"))
        self.assertIn("RON_BURST", self.refused("--events", "1", RON_BURST="0"))
        self.assertIn("--speed", self.refused("--speed", "9"))
        for flag in ("--state", "--json"):
            text = self.refused("--events", "1", flag, "no/such/folder/file")
            self.assertIn("cannot write 'no/such/folder/file'", text)

    def test_whole_numbers_may_have_an_exponent(self):
        self.assertEqual(self.soak("--events", "1e3")["events"], 1000)


class Terminal(SoakTest):
    def test_progress_is_one_line_on_a_terminal(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        environment = support.environment(TERM="xterm")
        process = subprocess.Popen([support.program, "soak", *GROWTH, "--duration", "1.2s", "--pace",
                                    "10000"], cwd=self.folder, env=environment,
                                   stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        output = process.communicate(timeout=support.PATIENCE)[0]
        self.assertEqual(process.returncode, 0)
        shown = support.shown_on(ours).decode()
        self.assertRegex(shown, r"soak +[0-9.]+ %  0:0[01] left  [0-9.]+ M events")
        self.assertNotIn("\n", shown)
        self.assertTrue(shown.endswith("\r\x1b[K"), repr(shown))
        self.assertTrue(output.startswith(b"soak complete"))
        self.assertTrue(all(len(line) < 80 for line in re.split(r"\r\x1b\[K", shown)))


if __name__ == "__main__":
    support.main()
