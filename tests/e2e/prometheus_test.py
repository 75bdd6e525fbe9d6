#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A Prometheus server of this machine fetches the metrics of a running `ronbus demo`: what it then answers
to every question of the dashboard and of the rules in deploy/. See support.py for how to run it. Ends
with 77 when Prometheus is not installed."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import support

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEPLOY = os.path.join(ROOT, "deploy")
MESSAGES = 10_000_000


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Demo:
    """`ronbus demo`: noisy for some seconds, then quiet and still there."""

    def __init__(self, port, messages):
        self.address = f"127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [support.program, "demo", "--listen", self.address, "--stay", "--json",
             "--messages", str(messages), "--rate", "2500000", "--cap", "1024",
             "--subscribers", "2", "--filtering", "1"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=support.environment())
        said = self.process.stderr.readline()
        assert self.address in said, said

    def summary(self):
        """Of the whole run; waits for its end."""
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.terminate()
        self.process.communicate(timeout=support.PATIENCE)


class Prometheus:
    """A Prometheus that scrapes the target every second and evaluates our rules, until it is ended."""

    def __init__(self, target):
        self.folder = tempfile.mkdtemp(prefix="ronbus-prometheus-")
        self.url = f"http://127.0.0.1:{free_port()}"
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [os.path.join(DEPLOY, "prometheus", "*.rules.yml")],
            "scrape_configs": [{"job_name": "ronbus", "static_configs": [{"targets": [target]}]}],
        }
        path = os.path.join(self.folder, "prometheus.yml")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(config, file)  # every JSON is YAML
        self.log = open(os.path.join(self.folder, "log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={path}", f"--storage.tsdb.path={self.folder}/data",
             f"--web.listen-address={self.url.removeprefix('http://')}", "--log.level=warn"],
            stdout=self.log, stderr=self.log)

    def ask(self, path, **parameters):
        query = urllib.parse.urlencode(parameters, doseq=True)
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in (400, 422):  # such as 503, while it starts
                raise
            return json.load(error)

    def query(self, expression):
        """[(labels, value)], or an AssertionError with what is wrong with the expression."""
        answer = self.ask("query", query=expression)
        if answer["status"] != "success":
            raise AssertionError(f"{expression}: {answer}")
        return [(entry["metric"], float(entry["value"][1])) for entry in answer["data"]["result"]]

    def value(self, expression):
        """Of the one series that the expression has; None if it has none."""
        result = self.query(expression)
        if len(result) > 1:
            raise AssertionError(f"{expression}: {result}")
        return result[0][1] if result else None

    def wait_for(self, condition, what):
        """Asks until the condition holds; a server that is not up yet is no error."""
        deadline = time.monotonic() + support.PATIENCE
        while True:
            try:
                if condition():
                    return
            except (urllib.error.URLError, ConnectionError):
                if self.process.poll() is not None:
                    raise AssertionError(f"prometheus has ended: {self.written()}") from None
            if time.monotonic() > deadline:
                raise AssertionError(f"in vain: {what}; {self.written()}")
            time.sleep(0.1)

    def written(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8") as file:
            return file.read()

    def end(self):
        self.process.terminate()
        self.process.wait(support.PATIENCE)
        self.log.close()
        shutil.rmtree(self.folder)


def dashboard():
    with open(os.path.join(DEPLOY, "grafana", "ron-bus.json"), encoding="utf-8") as file:
        return json.load(file)


def panels():
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def as_asked(expression):
    """An expression of the dashboard with its variables replaced, as Grafana does before it asks."""
    for variable, value in (("$__rate_interval", "4s"), ("$instance", ".*"), ("$bus", ".*")):
        expression = expression.replace(variable, value)
    return expression


class RunningBus(unittest.TestCase):
    """All cases ask one server, which has seen the demo from its first message to its last."""

    demo = prometheus = None

    def setUp(self):
        if self.prometheus is not None:
            return
        port = free_port()
        RunningBus.prometheus = Prometheus(f"127.0.0.1:{port}")
        # It takes seconds until it looks at its targets for the first time.
        self.prometheus.wait_for(lambda: self.prometheus.query("up"), "the first scrape")
        RunningBus.demo = Demo(port, MESSAGES)

    @classmethod
    def end(cls):
        for part in (cls.prometheus, cls.demo):
            if part is not None:
                part.end()

    def test_1_every_query_of_the_dashboard_is_answered_while_messages_flow(self):
        self.prometheus.wait_for(
            lambda: self.prometheus.value("sum(rate(ron_bus_publish_total[4s]))"),
            "Prometheus sees a rate")
        expressions = {as_asked(target["expr"]): panel["title"]
                       for panel in panels() for target in panel["targets"]}
        self.assertGreater(len(expressions), 30)
        unanswered = set(expressions)
        # The demo publishes one by one.
        unanswered = {each for each in unanswered if "ron_bus_batch_size_bucket" not in each}

        def answered():
            for expression in sorted(unanswered):
                if self.prometheus.query(expression):
                    unanswered.discard(expression)
            return not unanswered

        try:
            self.prometheus.wait_for(answered, "every query is answered")
        except AssertionError:
            self.fail("\n".join(f"{expressions[each]}: {each}" for each in sorted(unanswered)))

    def test_2_every_variable_of_the_dashboard_has_its_values(self):
        for variable in dashboard()["templating"]["list"]:
            if variable["type"] != "query":
                continue
            metric, label = re.fullmatch(r"label_values\((.*), (\w+)\)",
                                         as_asked(variable["definition"])).groups()
            values = self.prometheus.ask(f"label/{label}/values", **{"match[]": metric})["data"]
            expected = {"bus": ["demo"], "instance": [self.demo.address]}[label]
            self.assertEqual(values, expected, variable["name"])

    def test_3_no_rule_fails_and_the_slow_subscriber_is_about_to_raise_an_alert(self):
        self.prometheus.wait_for(
            lambda: self.prometheus.query(
                'ALERTS{alertname="RonBusSubscriberLosing",subscriber=~"slow.*"}'),
            "the alert is pending")
        groups = self.prometheus.ask("rules")["data"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        self.assertGreater(len(rules), 20)
        for rule in rules:
            self.assertIn(rule["health"], ("ok", "unknown"), f"{rule['name']}: {rule}")
        with open(os.path.join(ROOT, "RUNBOOK.md"), encoding="utf-8") as file:
            sections = {line[4:].strip() for line in file if line.startswith("### ")}
        alerts = {rule["name"] for rule in rules if rule["type"] == "alerting"}
        self.assertEqual(alerts - sections, set(), "the runbook has a section for each alert")

    def test_4_published_times_subscribers_is_received_and_filtered_and_missed_to_the_unit(self):
        summary = self.demo.summary()
        self.assertEqual((summary["published"], summary["failures"]), (MESSAGES, []))
        after = time.time()
        self.prometheus.wait_for(
            lambda: self.prometheus.value("timestamp(ron_bus_publish_total)") > after,
            "a scrape of the quiet bus")
        self.assertEqual(self.prometheus.value("ron_bus_publish_total"), MESSAGES)
        self.assertEqual(
            self.prometheus.value(
                "sum(ron_bus_publish_total * on (bus) ron_bus_subscribers)"
                " - sum(ron_bus_receive_total) - sum(ron_bus_filtered_total)"
                " - sum(ron_bus_drop_lagged_total)"), 0)
        scraped = {
            count: {labels["subscriber"]: value for labels, value in
                    self.prometheus.query(f"ron_bus_{name}_total")}
            for count, name in (("received", "receive"), ("filtered", "filtered"),
                                ("missed", "drop_lagged"))}
        for count, by_subscriber in scraped.items():
            self.assertEqual(
                by_subscriber,
                {each["name"]: each[count] for each in summary["subscribers"]}, count)
            self.assertGreater(sum(by_subscriber.values()), 0, count)


class Rules(unittest.TestCase):
    def promtool(self, *arguments):
        result = subprocess.run(["promtool", *arguments], capture_output=True, text=True,
                                timeout=support.PATIENCE, check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_are_well_formed_and_so_is_the_configuration(self):
        self.promtool("check", "config", os.path.join(DEPLOY, "prometheus", "prometheus.yml"))

    def test_make_of_known_metrics_what_they_should(self):
        self.promtool("test", "rules", os.path.join(ROOT, "tests", "prometheus", "rules_test.yml"))

    def test_what_is_exposed_is_well_formed(self):
        demo = Demo(free_port(), 1000)
        try:
            demo.summary()
            with urllib.request.urlopen(f"http://{demo.address}/metrics", timeout=10) as answer:
                metrics = answer.read()
        finally:
            demo.end()
        result = subprocess.run(["promtool", "check", "metrics"], input=metrics,
                                capture_output=True, timeout=support.PATIENCE, check=False)
        # The names with `_ns` are given, and quantiles of a gauge are what the label says.
        known = re.compile('_ns metric names should not contain abbreviated units|'
                           '_behind_quantile non-summary metrics should not have "quantile" label')
        objections = [line for line in result.stderr.decode().splitlines()
                      if not known.search(line)]
        self.assertEqual((objections, result.stdout), ([], b""))


if __name__ == "__main__":
    for tool in ("prometheus", "promtool"):
        if not shutil.which(tool):
            print(f"skipped: {tool} is not installed; run scripts/setup")
            sys.exit(support.SKIPPED)
    try:
        support.main()
    finally:
        RunningBus.end()
