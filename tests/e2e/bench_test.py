#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""`ronbus bench` end to end, with runners that pretend. See support.py for how to run it."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import support

FAKE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fake_runner.py")


def system(name, *workloads):
    return {"name": name, "label": name.upper(), "version": "1.2",
            "workloads": list(workloads or ("throughput", "gated"))}


class BenchTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.runners = self.path("runners")
        self.log = self.path("log")
        os.mkdir(self.runners)

    def path(self, name):
        return os.path.join(self.folder, name)

    def content(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def add_runner(self, name, *systems, **settings):
        path = os.path.join(self.runners, f"runner_{name}")
        shutil.copy(FAKE, path)
        os.chmod(path, 0o755)
        with open(path + ".json", "w", encoding="utf-8") as file:
            json.dump({"runner": name, "systems": systems, "log": self.log, **settings}, file)

    def add_two_runners(self, **settings):
        self.add_runner("ronbus", system("ron-bus"), system("ron-bus-single"))
        self.add_runner("rust", system("tokio"), system("flume"), **settings)

    def arguments(self, *arguments):
        return ["bench", "--runners", self.runners, *arguments]

    def bench(self, *arguments, **options):
        return support.run(*self.arguments(*arguments), cwd=self.folder, **options)

    def measure(self, *arguments, code=0, **options):
        """Runs one workload a few rounds; returns the JSON report and what went to standard error."""
        result = self.bench("--workload", "gated", "--rounds", "3", "--json", "report.json",
                            *arguments, **options)
        self.assertEqual(result.returncode, code, result.stderr.decode())
        return json.loads(self.content("report.json")), result.stderr.decode()

    def requests(self):
        """Requests in the order in which they were made, as (runner, request)."""
        lines = [line.split(" ", 2) for line in self.content("log").splitlines()]
        return [(runner, request) for _, runner, request in sorted(lines, key=lambda x: float(x[0]))]

    def runs(self):
        """The runs as (system, parameters without those two that all have)."""
        found = []
        for _, request in self.requests():
            match = re.match(r"run system=(\S+) (.*) millis=\d+ pin=[01]$", request)
            if match:
                found.append(match.groups())
        return found

    def refused(self, *arguments, says, env=None):
        result = self.bench(*arguments, env=env)
        self.assertEqual(result.returncode, 2, result.stderr.decode())
        self.assertEqual(result.stdout, b"")
        for text in [says] if isinstance(says, str) else says:
            self.assertIn(text, result.stderr.decode())

    def assert_no_runner_is_left(self):
        deadline = time.monotonic() + support.PATIENCE
        while self.running():
            self.assertLess(time.monotonic(), deadline, "runners are left")
            time.sleep(0.02)

    def running(self):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    if self.runners.encode() in file.read().split(b"\0", 2)[1]:
                        found.append(pid)
            except (OSError, IndexError):
                pass
        return found

    # Measuring

    def test_every_case_is_measured_on_every_system(self):
        self.add_two_runners()
        report, _ = self.measure()
        self.assertEqual(report["schema"], 1)
        self.assertEqual(report["rounds"], 3)
        self.assertEqual(report["failures"], [])
        self.assertFalse(report["interrupted"])
        cases = {result["case"] for result in report["results"]}
        self.assertIn("1x1 one by one", cases)
        self.assertEqual(len(report["results"]), 4 * len(cases))
        for result in report["results"]:
            self.assertEqual(result["metrics"]["ns"]["samples"], [1.0] * 3)
        self.assertEqual([entry["name"] for entry in report["systems"]],
                         ["ron-bus", "ron-bus-single", "tokio", "flume"])
        self.assertEqual([entry["broadcast"] for entry in report["systems"]],
                         [True, True, True, False])
        for key in ("cpu", "cores", "memory_mib", "kernel", "compiler"):
            self.assertIn(key, report["machine"])
        self.assertRegex(report["started"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertIn("ronbus bench --runners", report["command"])
        self.assert_no_runner_is_left()

    def test_the_order_turns_round_every_other_round(self):
        self.add_two_runners()
        self.measure()
        runs = self.runs()
        first = runs[0][1]
        systems = [name for name, parameters in runs if parameters == first]
        forward = ["ron-bus", "ron-bus-single", "tokio", "flume"]
        self.assertEqual(systems, forward + forward[::-1] + forward + forward[::-1])
        cases = [parameters for name, parameters in runs if name == "tokio"]
        quarter = len(cases) // 4
        self.assertEqual(cases, cases[:quarter] * 4, "cases keep their order")

    def test_the_first_round_is_thrown_away(self):
        self.add_runner("rust", system("tokio"), metrics={"gated": {"ns": [1000, 10, 40, 20]}})
        report, _ = self.measure()
        figure = report["results"][0]["metrics"]["ns"]
        self.assertEqual(figure["samples"], [10, 40, 20])
        self.assertEqual((figure["median"], figure["q1"], figure["q3"]), (20, 15, 30))
        self.assertEqual((figure["min"], figure["max"]), (10, 40))

    def test_requests_carry_parameters_millis_and_pin(self):
        self.add_runner("rust", system("tokio"))
        self.measure("--millis", "7", "--pin")
        self.assertIn(("rust", "run system=tokio workload=gated publishers=1 subscribers=1 batch=1 "
                               "capacity=1024 millis=7 pin=1"), self.requests())
        self.assertEqual(self.requests()[0], ("rust", "list"))
        self.assertEqual(self.requests()[-1], ("rust", "quit"))

    def test_a_system_is_asked_only_for_workloads_it_takes_part_in(self):
        self.add_runner("rust", system("tokio", "throughput"), system("flume", "gated"))
        report, _ = self.measure()
        self.assertEqual({entry["system"] for entry in report["results"]}, {"flume"})

    def test_filters_choose_workloads_and_systems(self):
        self.add_two_runners()
        report, errors = self.measure("--workload", "throughput", "--system", "tokio",
                                      "--system", "ron-bus")
        self.assertEqual({entry["workload"] for entry in report["results"]},
                         {"throughput", "gated"})
        self.assertEqual({entry["system"] for entry in report["results"]}, {"ron-bus", "tokio"})
        self.assertNotIn("zeromq", errors)

    def test_full_has_more_cases_than_quick(self):
        self.add_runner("rust", system("tokio"))
        quick, _ = self.measure("--quick")
        full, _ = self.measure("--full")
        self.assertGreater(len(full["results"]), len(quick["results"]))
        self.assertEqual((quick["millis"], full["millis"]), (40, 150))

    def test_what_nobody_offers_is_skipped_with_a_line(self):
        self.add_two_runners()
        report, errors = self.measure()
        self.assertIn("runner_cpp is not built", errors)
        self.assertIn("async-broadcast", errors)
        reasons = {entry["system"]: entry["reason"] for entry in report["skipped"]}
        self.assertEqual(reasons["zeromq"], "runner_cpp is not built")
        self.assertEqual(reasons["async-broadcast"], "runner_rust was built without it")

    def test_what_a_system_does_not_have_is_noted_and_not_asked_again(self):
        self.add_two_runners(behaviour=[[["system=tokio", "batch=16"], "unsupported"]])
        report, _ = self.measure()
        skipped = [entry for entry in report["skipped"] if entry["case"]]
        self.assertEqual(skipped, [{"system": "tokio", "workload": "gated",
                                    "case": "1x1 batches of 16", "reason": "has no such thing"}])
        asked = [run for run in self.runs() if run[0] == "tokio" and "batch=16" in run[1]]
        self.assertEqual(len(asked), 1)

    def test_targets_are_quotients_of_this_run(self):
        fast, slow = {"throughput": {"ns_per_publish": 2}}, {"throughput": {"ns_per_publish": 30}}
        self.add_runner("ronbus", system("ron-bus"), metrics=fast)
        self.add_runner("rust", system("tokio"), metrics=slow)
        report, _ = self.measure("--workload", "throughput")
        known = [target for target in report["targets"] if target["value"] is not None]
        self.assertEqual(len(known), 1)
        self.assertEqual((known[0]["value"], known[0]["met"]), (15, True))
        self.assertEqual(known[0]["against"], {"workload": "throughput", "case": "1 idle",
                                               "system": "tokio", "metric": "ns_per_publish"})

    def test_a_target_may_compare_two_cases_of_one_system(self):
        batched, classic = {"publishes_per_s": 300}, {"publishes_per_s": 100}
        self.add_runner("ronbus", system("ron-bus", "bus_publish"), metrics={"bus_publish": classic},
                        behaviour=[[["mode=batched"], batched]])
        report, _ = self.measure("--full", "--workload", "bus_publish")
        known = [target for target in report["targets"] if target["value"] is not None]
        self.assertEqual([(target["value"], target["met"]) for target in known], [(3, True)] * 4)
        self.assertEqual((known[0]["of"]["case"], known[0]["against"]["case"]),
                         ("512 to 4, mode batched", "512 to 4, classic"))

    # Runners that misbehave

    def test_a_wrong_answer_is_no_figure_and_exit_code_1(self):
        self.add_two_runners(behaviour=[[["system=tokio", "batch=64"], "wrong"]])
        report, errors = self.measure(code=1)
        self.assertEqual(report["failures"], [
            {"system": "tokio", "workload": "gated", "case": "1x1 batches of 64",
             "reason": "lost 3 of 1000 messages"}])
        self.assertIn("tokio, gated '1x1 batches of 64': lost 3 of 1000 messages", errors)
        cases = [entry["case"] for entry in report["results"] if entry["system"] == "tokio"]
        self.assertNotIn("1x1 batches of 64", cases)
        self.assertIn("1x1 batches of 16", cases)

    def test_a_wrong_answer_takes_the_figures_of_earlier_rounds_with_it(self):
        self.add_two_runners(behaviour=[[["system=tokio", "batch=64"], "wrong later"]])
        report, _ = self.measure(code=1)
        cases = [entry["case"] for entry in report["results"] if entry["system"] == "tokio"]
        self.assertNotIn("1x1 batches of 64", cases)
        self.assertEqual(len(report["failures"]), 1)

    def check_lost_runner(self, behaviour, reason, *arguments):
        self.add_two_runners(behaviour=[[["system=tokio", "batch=64"], behaviour]])
        report, errors = self.measure(*arguments, code=1)
        self.assertEqual(len(report["failures"]), 1)
        self.assertEqual(report["failures"][0]["system"], "tokio")
        self.assertEqual(report["failures"][0]["case"], "1x1 batches of 64")
        self.assertIn(reason, report["failures"][0]["reason"])
        self.assertIn(reason, errors)
        self.assertEqual({entry["system"] for entry in report["results"]},
                         {"ron-bus", "ron-bus-single"}, "the others go on")
        self.assertIn({"system": "flume", "workload": "", "case": "",
                       "reason": "runner_rust failed, 0 rounds were complete"}, report["skipped"])
        self.assert_no_runner_is_left()

    def test_a_runner_that_dies_is_reported_with_its_last_words(self):
        self.check_lost_runner("die", "runner_rust died (exit 7): assertion failed")

    def test_a_runner_that_hangs_is_killed(self):
        self.check_lost_runner("hang", "runner_rust gave no answer within 1 s", "--timeout", "1")

    def test_a_runner_that_ignores_signals_is_killed(self):
        self.check_lost_runner("stubborn", "gave no answer within 1 s", "--timeout", "1")

    def test_a_runner_that_answers_nonsense_is_given_up(self):
        self.check_lost_runner("nonsense", "runner_rust answered nonsense: 'Hello!'")

    def test_a_figure_below_zero_is_nonsense(self):
        self.check_lost_runner("negative", "answered nonsense")

    def test_two_answers_are_nonsense(self):
        self.check_lost_runner("twice", "runner_rust answered more than it was asked")

    def test_a_second_answer_is_not_taken_for_the_next_one(self):
        self.add_runner("java", system("disruptor-yielding"), behaviour=[[["batch=64"], "late"]])
        self.add_runner("cpp", system("tbb"), behaviour=[[["batch=64"], "slow"]])
        report, errors = self.measure(code=1)
        self.assertIn("runner_java answered more than it was asked", errors)
        self.assertEqual({entry["system"] for entry in report["results"]}, {"tbb"})

    def test_a_runner_lost_later_keeps_the_rounds_before(self):
        counter = self.path("counter")
        self.add_two_runners()
        script = os.path.join(self.runners, "runner_zig")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f"""#!/bin/sh
while read -r word rest; do
  case $word in
    list) echo '{{"runner": "zig", "systems": [{{"name": "zbus", "workloads": ["gated"]}}]}}' ;;
    run) echo x >>{counter}; [ $(wc -l <{counter}) -lt 20 ] || kill -9 $$
         echo '{{"ok": true, "metrics": {{"ns": 5}}}}' ;;
    quit) exit ;;
  esac
done
""")
        os.chmod(script, 0o755)
        report, errors = self.measure(code=1)
        self.assertIn("runner_zig died (killed by SIGKILL)", errors)
        samples = sorted(len(entry["metrics"]["ns"]["samples"]) for entry in report["results"]
                         if entry["system"] == "zbus")
        # Of six cases it ended in the second one of the third round that counts.
        self.assertEqual(samples, [2, 2, 2, 2, 3])
        self.assertEqual(len(report["failures"]), 1)

    def test_a_runner_that_cannot_say_what_it_offers_is_left_out(self):
        for behaviour, reason in (("die", "runner_rust died"), ("nonsense", "answered nonsense")):
            with self.subTest(behaviour):
                self.add_two_runners(behaviour=[[["list"], behaviour]])
                report, errors = self.measure(code=1)
                self.assertIn(reason, errors)
                self.assertIn("skipping", errors)
                self.assertIn(reason, report["failures"][0]["reason"])
                self.assertEqual({entry["system"] for entry in report["results"]},
                                 {"ron-bus", "ron-bus-single"})

    def test_a_runner_that_cannot_be_started_is_left_out(self):
        self.add_two_runners()
        path = os.path.join(self.runners, "runner_cpp")
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/no/such/interpreter\n")
        os.chmod(path, 0o755)
        _, errors = self.measure(code=1)
        self.assertIn("runner_cpp cannot be started", errors)

    # Signals and the terminal

    def start_and_interrupt(self, number, *arguments, after=25):
        """Interrupts in the middle of a round, when `after` runs have been asked for."""
        process = subprocess.Popen([support.program, *self.arguments(*arguments)],
                                   cwd=self.folder, env=support.environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + support.PATIENCE
        while not os.path.exists(self.log) or len(self.runs()) < after:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        process.send_signal(number)
        output, errors = process.communicate(timeout=support.PATIENCE)
        return process.returncode, output.decode(), errors.decode()

    def test_ctrl_c_ends_the_run_and_reports_the_complete_rounds(self):
        self.add_runner("rust", system("tokio"))
        quick_gated = 6
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                code, output, _ = self.start_and_interrupt(
                    number, "--workload", "gated", "--rounds", "1000", "--json", "report.json")
                self.assertEqual(code, 128 + number)
                report = json.loads(self.content("report.json"))
                self.assertTrue(report["interrupted"])
                self.assertGreaterEqual(report["rounds"], 25 // quick_gated - 1)
                self.assertLess(report["rounds"], 1000)
                for result in report["results"]:
                    self.assertEqual(len(result["metrics"]["ns"]["samples"]), report["rounds"])
                self.assertIn("Interrupted", output)
                self.assert_no_runner_is_left()
                os.remove(self.log)

    def test_ctrl_c_does_not_wait_for_a_run_that_hangs(self):
        self.add_runner("rust", system("tokio"), behaviour=[[["workload=gated"], "stubborn"]])
        code, _, _ = self.start_and_interrupt(signal.SIGINT, "--workload", "gated", after=1)
        self.assertEqual(code, 128 + signal.SIGINT)
        self.assert_no_runner_is_left()

    def test_progress_is_shown_on_a_terminal_only(self):
        self.add_two_runners()
        _, errors = self.measure()
        self.assertNotIn("%", errors)
        self.assertNotIn("\x1b", errors)

        main, terminal = pty.openpty()
        process = subprocess.Popen(
            [support.program, *self.arguments("--workload", "gated", "--rounds", "400")],
            stdout=subprocess.DEVNULL, stderr=terminal, env=support.environment(TERM="xterm"))
        os.close(terminal)
        shown = support.shown_on(main)
        os.close(main)
        self.assertEqual(process.wait(timeout=support.PATIENCE), 0)
        self.assertRegex(shown.decode(), r"\d+ %, \d+:\d\d left  round \d+ of 400, gated '")
        self.assertTrue(shown.endswith(b"\x1b[K"), "and taken away at the end")

    # Reports

    def test_markdown_goes_to_standard_output(self):
        self.add_two_runners()
        result = self.bench("--workload", "gated", "--rounds", "1")
        self.assertIn("## gated", result.stdout.decode())
        self.assertIn("| 1x1 one by one | ron-bus |", result.stdout.decode())
        self.assertIn("flume (each message to one)", result.stdout.decode())

    def test_a_markdown_file_leaves_standard_output_empty(self):
        self.add_two_runners()
        result = self.bench("--workload", "gated", "--rounds", "1", "--markdown", "report.md")
        self.assertEqual(result.stdout, b"")
        self.assertIn("## gated", self.content("report.md"))

    def test_json_can_go_to_standard_output(self):
        self.add_two_runners()
        result = self.bench("--workload", "gated", "--rounds", "1", "--json", "-")
        self.assertEqual(json.loads(result.stdout)["rounds"], 1)

    def test_a_mistyped_path_costs_no_run(self):
        self.add_two_runners()
        for flag in ("--json", "--markdown", "--html"):
            with self.subTest(flag):
                self.refused(flag, "no/such/folder/file", says="cannot write 'no/such/folder/file'")
        self.assertEqual(self.runs() if os.path.exists(self.log) else [], [])

    def test_html_and_charts_are_written(self):
        metrics = {"gated": {"deliveries_per_s": 2e6}}
        self.add_runner("ronbus", system("ron-bus"), metrics=metrics)
        self.add_runner("rust", system("tokio"), metrics=metrics)
        self.measure("--html", "page.html", "--svg", "new/charts")
        self.assertIn("<!doctype html>", self.content("page.html").lower())
        charts = os.listdir(self.path("new/charts"))
        self.assertTrue(charts)
        for chart in charts:
            self.assertIn("<svg", self.content(f"new/charts/{chart}"))
        self.refused("--svg", "page.html/charts", says="cannot write into 'page.html/charts'")

    def test_an_old_file_stays_until_it_is_replaced_as_a_whole(self):
        self.add_two_runners()
        with open(self.path("report.json"), "w", encoding="utf-8") as file:
            file.write("x" * 1_000_000)
        report, _ = self.measure()
        self.assertEqual(report["rounds"], 3)

    def test_reports_can_be_made_from_an_earlier_file_without_measuring(self):
        self.add_two_runners()
        report, _ = self.measure("--markdown", "first.md")
        shutil.rmtree(self.runners)
        result = support.run("bench", "--from", "report.json", "--json", "again.json",
                             "--markdown", "again.md", cwd=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertEqual(json.loads(self.content("again.json")), report)
        self.assertEqual(self.content("again.md"), self.content("first.md"))

    def test_from_refuses_what_is_no_report(self):
        for text, reason in (("nothing", "it is not JSON"), ("{}", "not a report"),
                             ('{"schema": 99}', "schema 99 is not known; allowed: 1")):
            with self.subTest(text):
                with open(self.path("bad.json"), "w", encoding="utf-8") as file:
                    file.write(text)
                self.refused("--from", "bad.json", says=["--from=bad.json is not usable", reason])
        self.refused("--from", "gone.json", says="it cannot be read")

    def test_list_says_what_would_be_measured(self):
        self.add_two_runners()
        result = self.bench("--list", "--full")
        self.assertEqual(result.returncode, 0)
        text = result.stdout.decode()
        self.assertIn("gated: ron-bus, ron-bus-single, tokio, flume", text)
        self.assertIn("publishers=4 subscribers=8 batch=64", text)
        self.assertRegex(text, r"zeromq +skipped: runner_cpp is not built")
        self.assertEqual(self.runs(), [])

    # Usage

    def test_bad_values_are_named_with_what_is_allowed(self):
        self.add_two_runners()
        self.refused("--rounds", "0", says="--rounds=0 is not usable; allowed: a whole number from 1")
        self.refused("--rounds", "many", says="--rounds=many is not usable")
        self.refused("--millis", "1e3", says="--millis=1e3 is not usable")
        self.refused("--timeout", "-1", says="--timeout=-1 is not usable")
        self.refused("--workload", "gatd", says=["--workload=gatd is not usable", "throughput"])
        self.refused("--system", "tokyo", says=["--system=tokyo is not usable", "tokio"])
        self.refused("--quick", "--full", says="--quick")
        self.refused("--json", "-", "--markdown", "-", says="only one report")
        self.refused("--frobnicate", says="--frobnicate")

    def test_a_folder_without_runners_is_named(self):
        self.refused(says=f"--runners={self.runners} is not usable")
        os.rmdir(self.runners)
        self.refused(says=[f"--runners={self.runners} is not usable", "No such file"])

    def test_the_environment_names_the_folder(self):
        self.add_two_runners()
        arguments = ("bench", "--workload", "gated", "--rounds", "1", "--json", "-")
        result = support.run(*arguments, env={"RONBUS_RUNNERS": self.runners})
        self.assertEqual(len(json.loads(result.stdout)["systems"]), 4)
        result = support.run(*arguments, env={"RONBUS_RUNNERS": self.path("gone")})
        self.assertEqual(result.returncode, 2)
        self.assertIn(b"RONBUS_RUNNERS=", result.stderr)

    def test_an_installed_program_finds_the_runners_of_its_prefix(self):
        self.add_two_runners()
        os.makedirs(self.path("prefix/bin"))
        os.makedirs(self.path("prefix/lib/ronbus"))
        shutil.copy(support.program, self.path("prefix/bin/ronbus"))
        for place in ("prefix/lib/ronbus/benches", "prefix/bin/benches"):
            with self.subTest(place):
                os.rename(self.runners, self.path(place))
                result = subprocess.run(
                    [self.path("prefix/bin/ronbus"), "bench", "--workload", "gated", "--rounds",
                     "1", "--json", "-"], capture_output=True, check=False,
                    timeout=support.PATIENCE, env=support.environment())
                self.assertEqual(len(json.loads(result.stdout)["systems"]), 4)
                os.rename(self.path(place), self.runners)

    def test_help_has_examples(self):
        result = support.run("bench", "--help")
        self.assertEqual(result.returncode, 0)
        self.assertIn(b"ronbus bench --quick --json run.json", result.stdout)


if __name__ == "__main__":
    support.main()
