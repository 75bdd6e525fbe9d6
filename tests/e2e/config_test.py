#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""`ronbus config`, and what the program answers to wrong calls. See support.py for how to run it."""

import json
import unittest

import support

NUMBERS = {  # variable: (flag, allowed range)
    "RON_CAP": ("--cap", "from 0 to 4294967296"),
    "RON_BURST": ("--burst", "from 1 to 1048576"),
    "RON_FANOUT": ("--autotune", "from 1 to 65536"),
    "RON_TLS_FLUSH_THRESHOLD": ("--tls-flush-threshold", "from 1 to 4096"),
}
BAD_NUMBERS = ["banana", "-3", "1e9", "", "99999999999999999999999", "12x", " 12", "0x10"]


class Config(unittest.TestCase):
    def config(self, *flags, **env):
        result = support.run("config", "--json", *flags, env=env)
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        return json.loads(result.stdout)

    def assert_usage_error(self, result, *parts):
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stdout, b"")
        text = result.stderr.decode()
        self.assertEqual(text.count("\n"), 1, text)
        for part in parts:
            self.assertIn(part, text)

    def test_every_value_has_a_source_or_follows_from_one(self):
        config = self.config()
        self.assertEqual(set(config) - {"warnings"},
                         {"mode", "requested_capacity", "capacity", "fanout", "burst",
                          "tls_flush_threshold", "epoch_yield", "edge_linger_us",
                          "metrics_sample_every", "metrics_end_to_end",
                          "single_publisher", "fence"})
        for name, entry in config.items():
            if name not in ("capacity", "warnings"):
                self.assertEqual(entry["source"], "fallback", name)
        self.assertEqual(config["capacity"], {"value": 256})
        self.assertEqual(config["warnings"], [])

    def test_flags_win_over_the_environment_and_that_over_autotune(self):
        environment = {"RON_CAP": "32", "RON_FANOUT": "3"}
        self.assertEqual(self.config("--cap", "16", **environment)["requested_capacity"],
                         {"value": 16, "source": "builder"})
        self.assertEqual(self.config(**environment)["requested_capacity"],
                         {"value": 32, "source": "environment"})
        self.assertEqual(self.config(RON_FANOUT="3")["requested_capacity"],
                         {"value": 64, "source": "autotune"})
        self.assertEqual(self.config("--autotune", "17")["capacity"]["value"], 256)

    def test_every_flag_reaches_its_value(self):
        config = self.config("--cap=100", "--autotune=5", "--burst=7", "--tls-flush-threshold=9",
                             "--epoch-yield", "--single-publisher", "--fence=portable",
                             "--mode=edge-batched")
        values = {name: entry["value"] for name, entry in config.items() if name != "warnings"}
        self.assertEqual(values, {"mode": "edge-batched", "requested_capacity": 100,
                                  "capacity": 128, "fanout": 5, "burst": 7, "tls_flush_threshold": 9,
                                  "epoch_yield": True, "edge_linger_us": 100,
                                  "metrics_sample_every": 0, "metrics_end_to_end": False,
                                  "single_publisher": True,
                                  "fence": "portable"})

    def test_every_variable_reaches_its_value(self):
        config = self.config(RON_CAP="128", RON_FANOUT="5", RON_BURST="7",
                             RON_TLS_FLUSH_THRESHOLD="9", RON_PUB_EPOCH_YIELD="1",
                             RON_BUS_MODE="batched", RON_METRICS_SAMPLE_EVERY="64",
                             RON_METRICS_END_TO_END="1")
        values = {name: entry["value"] for name, entry in config.items()
                  if entry and name != "warnings" and entry.get("source") == "environment"}
        self.assertEqual(values, {"mode": "batched", "requested_capacity": 128, "fanout": 5, "burst": 7,
                                  "tls_flush_threshold": 9, "epoch_yield": True,
                                  "metrics_sample_every": 64, "metrics_end_to_end": True})

    def test_the_text_shows_values_with_sources_and_warnings_apart(self):
        result = support.run("config", env={"RON_CAP": "1000"})
        self.assertEqual(result.returncode, 0)
        rows = {row[0]: row[1:] for row in map(str.split, result.stdout.decode().splitlines())}
        self.assertEqual(rows["requested_capacity"], ["1000", "environment"])
        self.assertEqual(rows["capacity"][0], "1024")
        self.assertEqual(rows["burst"], ["256", "fallback"])
        warnings = result.stderr.decode().splitlines()
        self.assertEqual(len(warnings), 2, warnings)
        self.assertIn("ronbus: warning: capacity 1000 was rounded up", warnings[0])
        self.assertIn("above 256", warnings[1])

    def test_json_carries_the_warnings(self):
        self.assertEqual(len(self.config(RON_CAP="1000")["warnings"]), 2)
        self.assertIn("outside [2, 65536]", self.config("--cap=1000000")["warnings"][0])

    def test_a_bad_number_in_the_environment_names_variable_value_and_range(self):
        for variable, (_, allowed) in NUMBERS.items():
            for value in BAD_NUMBERS:
                with self.subTest(variable=variable, value=value):
                    self.assert_usage_error(support.run("config", env={variable: value}),
                                            f"{variable}={value or '(empty)'} ", allowed)

    def test_a_bad_number_in_a_flag_names_flag_value_and_range(self):
        for flag, allowed in NUMBERS.values():
            for value in BAD_NUMBERS:
                with self.subTest(flag=flag, value=value):
                    self.assert_usage_error(support.run("config", f"{flag}={value}" if value else flag,
                                                        *([] if value else [""])),
                                            f"{flag}={value or '(empty)'} ", allowed)

    def test_zero_and_one_are_all_that_epoch_yield_takes(self):
        self.assert_usage_error(support.run("config", env={"RON_PUB_EPOCH_YIELD": "2"}),
                                "RON_PUB_EPOCH_YIELD=2 ", "from 0 to 1")

    def test_a_bad_variable_is_an_error_even_where_a_flag_overrides_it(self):
        self.assert_usage_error(support.run("config", "--cap", "64", env={"RON_CAP": "banana"}),
                                "RON_CAP=banana")

    def test_an_unknown_fence_is_an_error(self):
        self.assert_usage_error(support.run("config", "--fence", "lock"), "--fence=lock ",
                                "auto, membarrier or portable")

    def test_an_unknown_mode_is_an_error_that_names_all_there_are(self):
        names = "classic, batched, edge or edge-batched"
        self.assert_usage_error(support.run("config", "--mode", "turbo"), "--mode=turbo ", names)
        self.assert_usage_error(support.run("config", env={"RON_BUS_MODE": "turbo"}),
                                "RON_BUS_MODE=turbo ", "environment", names)

    def test_a_value_with_control_characters_stays_one_line(self):
        self.assert_usage_error(support.run("config", env={"RON_CAP": "1\n2\x1b[2J"}), "RON_CAP=1?2?[2J")


class Calls(unittest.TestCase):
    def test_no_subcommand_and_unknown_arguments_are_usage_errors(self):
        for arguments in ([], ["brew"], ["config", "--brew"], ["config", "extra"], ["--brew"]):
            with self.subTest(arguments=arguments):
                result = support.run(*arguments)
                self.assertEqual((result.returncode, result.stdout), (2, b""))
                self.assertTrue(result.stderr.startswith(b"ronbus: "))

    def test_help_has_examples_and_exit_codes(self):
        for arguments in ([], ["config"], ["tee"]):
            result = support.run(*arguments, "--help")
            self.assertEqual((result.returncode, result.stderr), (0, b""))
            self.assertIn(b"Examples:\n  ", result.stdout)
            self.assertIn(b"Exit code: 0", result.stdout)

    def test_version_is_printed(self):
        result = support.run("--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, rb"^ronbus \d+\.\d+\.\d+\n$")


if __name__ == "__main__":
    support.main()
