#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The HTML report of `ronbus bench` and its charts, in a real browser. See support.py for how to
run it. Without Chromium only what can be seen without a browser is tested."""

import copy
import html.parser
import json
import os
import tempfile
import unittest
import xml.etree.ElementTree

import browser
import sample_report
import support

# Pixels that text may be off by before it counts as overlapping or running out.
SLACK = 1.5

# What a page has to answer. Texts are compared with their neighbours of the same chart; the empty
# parts above and below letters, which boxes of text include, are left out.
MEASURE = """(() => {
  const found = {small: [], outside: [], overlaps: [], unseen: [], pale: []};
  const slack = SLACK;
  const ink = (text) => {
    const box = text.getBoundingClientRect(), air = box.height * 0.2;
    return {left: box.left, right: box.right, top: box.top + air, bottom: box.bottom - air};
  };
  CONTRAST
  const charts = [...document.querySelectorAll("svg.chart")];
  for (const chart of charts) {
    const box = chart.getBoundingClientRect();
    const name = chart.querySelector("title").textContent;
    if (box.width < 40 || box.height < 10) found.small.push(`${name}: ${box.width} x ${box.height}`);
    const texts = [...chart.querySelectorAll("text")];
    const boxes = texts.map(ink);
    const ground = ground_of(chart);
    texts.forEach((text, i) => {
      const a = boxes[i];
      const what = `${name}: '${text.textContent}'`;
      if (a.left < box.left - slack || a.right > box.right + slack || a.top < box.top - slack ||
          a.bottom > box.bottom + slack) found.outside.push(what);
      if (contrast(getComputedStyle(text).fill, ground) < 4.5) found.pale.push(what);
      for (let j = i + 1; j < texts.length; ++j) {
        const b = boxes[j];
        if (a.left < b.right - slack && b.left < a.right - slack && a.top < b.bottom - slack &&
            b.top < a.bottom - slack) found.overlaps.push(`${what} and '${texts[j].textContent}'`);
      }
    });
    for (const bar of chart.querySelectorAll(".bar, .bullet-met, .bullet-missed, .lost-part")) {
      const color = getComputedStyle(bar).fill, edge = getComputedStyle(bar).stroke;
      if (contrast(edge === "none" ? color : edge, ground) < 3) {
        found.unseen.push(`${name}: ${bar.getAttribute("class")} ${color} on ${ground}`);
      }
    }
    for (const line of chart.querySelectorAll(".series .line")) {
      const color = getComputedStyle(line).stroke;
      if (contrast(color, ground) < 3) found.unseen.push(`${name}: ${color} on ${ground}`);
    }
  }
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode, parent = text.parentElement;
    if (!text.data.trim() || parent.closest("svg, script") || !parent.checkVisibility()) continue;
    if (contrast(getComputedStyle(parent).color, ground_of(parent)) < 4.5) found.pale.push(text.data);
    if (parent.closest(".scroll, nav")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (box.right > innerWidth + slack || box.left < -slack) found.outside.push(text.data);
  }
  return {charts: charts.length, page: document.documentElement.scrollWidth,
          window: innerWidth, ground: getComputedStyle(document.body).backgroundColor, ...found};
})()""".replace("SLACK", str(SLACK)).replace("CONTRAST", browser.CONTRAST)

# Neighbours of a row of targets, and facts.
ROWS = """(() => {
  const found = [];
  for (const row of document.querySelectorAll(".targets li, .facts, .tally, nav")) {
    const boxes = [...row.children].map((part) => [part, part.getBoundingClientRect()]);
    boxes.forEach(([part, a], i) => {
      for (const [other, b] of boxes.slice(i + 1)) {
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 &&
            b.top < a.bottom - 1) found.push(`'${part.textContent}' and '${other.textContent}'`);
      }
    });
  }
  return found;
})()"""


class Structure(html.parser.HTMLParser):
    """Checks that what is opened is closed, and gathers ids, links and texts."""

    VOID = ("meta", "link")

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [value for name, value in attrs if name in ("href", "src", "xlink:href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            raise AssertionError(f"</{tag}> closes nothing")

    def handle_data(self, data):
        self.text.append(data)


class Folder(unittest.TestCase):
    """A folder for the reports of a case."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def report(self, *outputs, report=None):
        with open(self.path("report.json"), "w", encoding="utf-8") as file:
            json.dump(report or sample_report.sample_report(), file)
        result = support.run("bench", "--from", self.path("report.json"), *outputs)
        self.assertEqual((result.returncode, result.stderr.decode()), (0, ""))

    def page(self, report=None):
        self.report("--html", self.path("report.html"), report=report)
        return self.path("report.html")

    def structure(self, path):
        structure = Structure()
        with open(path, encoding="utf-8") as file:
            structure.feed(file.read())
        structure.close()
        self.assertEqual(structure.open, [])
        return structure


class WithoutBrowser(Folder):
    def test_the_page_is_well_formed_and_needs_no_other_file(self):
        structure = self.structure(self.page())
        self.assertEqual(len(structure.ids), len(set(structure.ids)))
        for link in structure.links:
            self.assertTrue(link == "data:," or link.removeprefix("#") in structure.ids, link)

    def test_everything_that_was_measured_is_on_the_page(self):
        report = sample_report.sample_report()
        texts = self.structure(self.page()).text
        text = " ".join(texts)
        self.assertIn("runner_java died (exit 1)", texts)
        self.assertIn("tbb, gated, 4x8 one by one: <received> 41 & expected \"42\"", text)
        for system in report["systems"]:
            self.assertIn(system["label"], text)
            self.assertIn(system["version"], text)
        for result in report["results"]:
            self.assertIn(result["case"].replace(" us", " µs"), text)
        for note in report["noise"] + [remark["reason"] for remark in report["skipped"]]:
            self.assertIn(note, text)
        for target in report["targets"]:
            self.assertIn(target["claim"], text)
        self.assertIn(report["command"], text)
        self.assertIn(report["commit"], text)
        self.assertIn("4 of 6 met", text)
        self.assertIn("✗ 1 missed", text)
        self.assertIn("? 1 not measured", text)

    def test_text_from_a_report_is_text_on_the_page(self):
        report = sample_report.sample_report()
        report["command"] = "<script>alert(1)</script>"
        report["systems"][3]["name"] = "</title><b>"
        for result in report["results"]:
            if result["system"] == "tokio":
                result["system"] = "</title><b>"
        with open(self.page(report), encoding="utf-8") as file:
            page = file.read()
        self.assertNotIn("<script>alert", page)
        self.assertNotIn("</title><b>", page)
        self.assertIn("&lt;/title&gt;&lt;b&gt;", page)

    def test_a_report_of_nothing_is_a_page(self):
        report = sample_report.sample_report()
        for part in ("results", "targets", "skipped", "failures", "noise", "systems"):
            report[part] = []
        self.structure(self.page(report))

    def test_every_chart_is_a_file_that_stands_alone(self):
        os.mkdir(self.path("charts"))
        self.report("--svg", self.path("charts"))
        names = os.listdir(self.path("charts"))
        self.assertIn("overview.svg", names)
        self.assertIn("throughput-1-idle-ns-per-publish.svg", names)
        self.assertIn("fanout-scaling-idle-subscribers-ns-per-publish.svg", names)
        for name in names:
            root = xml.etree.ElementTree.parse(self.path(f"charts/{name}")).getroot()
            self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg", name)
            self.assertGreater(float(root.get("width")), 100, name)
            self.assertGreater(float(root.get("height")), 100, name)


@unittest.skipUnless(browser.find(), "chromium is not installed; run scripts/setup")
class InBrowser(Folder):
    def setUp(self):
        super().setUp()
        self.browser = self.enterContext(browser.Browser())

    def assert_in_order(self, what):
        seen = self.browser.evaluate(MEASURE)
        with self.subTest(what):
            self.assertGreater(seen["charts"], 0)
            self.assertLessEqual(seen["page"], seen["window"], "the page scrolls sideways")
            for fault in ("small", "outside", "overlaps", "unseen", "pale"):
                self.assertEqual(seen[fault], [], fault)
            self.assertEqual(self.browser.evaluate(ROWS), [], "neighbours overlap")
            self.assertEqual(self.browser.complaints, [])
        return seen

    def test_nothing_overlaps_runs_out_or_is_pale_wide_or_narrow_light_or_dark(self):
        page = self.page()
        grounds = set()
        for dark in (False, True):
            for width in (1280, 800, 400):
                self.browser.open(page, width, dark)
                self.browser.evaluate("for (const part of document.querySelectorAll('details')) "
                                      "part.open = true")
                seen = self.assert_in_order(f"{width} px, {'dark' if dark else 'light'}")
                grounds.add((dark, seen["ground"]))
                self.assertGreater(seen["charts"], 60)
        self.assertEqual(len(grounds), 2, "light and dark look alike")

    def test_it_is_the_same_without_script(self):
        page = self.page()
        self.browser.open(page, script=False)
        try:
            shown = self.browser.call("Page.getLayoutMetrics")["cssContentSize"]["height"]
        finally:
            self.browser.call("Emulation.setScriptExecutionDisabled", value=False)
        self.browser.open(page)
        self.assertEqual(self.browser.call("Page.getLayoutMetrics")["cssContentSize"]["height"], shown)

    def test_the_button_chooses_light_or_dark(self):
        self.browser.open(self.page(), dark=True)
        dark, light, again = self.browser.evaluate("""(() => {
          const button = document.getElementById("theme");
          const ground = () => getComputedStyle(document.body).backgroundColor;
          const grounds = [ground()];
          for (let i = 0; i < 2; ++i) { button.click(); grounds.push(ground()); }
          return grounds;
        })()""")
        self.assertNotEqual(dark, light)
        self.assertEqual(dark, again)

    def test_tables_sort_by_value_and_what_is_missing_comes_last(self):
        self.browser.open(self.page())
        first, last = self.browser.evaluate("""(() => {
          const table = document.querySelector("#gated table.sortable");
          const values = () => [...table.tBodies[0].rows].map((row) => Number(row.cells[3].dataset.value));
          table.tHead.rows[0].cells[3].querySelector("button").click();
          const up = values();
          table.tHead.rows[0].cells[3].querySelector("button").click();
          return [up, values()];
        })()""")
        self.assertEqual(first, sorted(first))
        self.assertEqual(last, sorted(last, reverse=True))
        self.assertGreater(len(first), 20)

    def test_paper_is_light_and_shows_the_tables(self):
        self.browser.open(self.page(), dark=True)
        self.browser.emulate("dark", media="print")
        self.assertEqual(self.browser.evaluate("getComputedStyle(document.querySelector('.card'))"
                                               ".backgroundColor"), "rgb(255, 255, 255)")
        self.browser.print(self.path("report.pdf"))
        self.assertGreater(os.path.getsize(self.path("report.pdf")), 50_000)

    def test_charts_as_files_are_in_order_light_and_dark(self):
        os.mkdir(self.path("charts"))
        self.report("--svg", self.path("charts"))
        with open(self.path("all.html"), "w", encoding="utf-8") as file:
            file.write("<!DOCTYPE html><title>all</title><body style='margin: 0'>")
            for name in sorted(os.listdir(self.path("charts"))):
                with open(self.path(f"charts/{name}"), encoding="utf-8") as chart:
                    file.write(chart.read())
        for dark in (False, True):
            self.browser.open(self.path("all.html"), dark=dark)
            self.browser.evaluate("document.body.style.background = getComputedStyle("
                                  "document.querySelector('.paper')).fill")
            self.assert_in_order("dark" if dark else "light")

    def test_extreme_values_and_long_names_stay_in_order(self):
        report = copy.deepcopy(sample_report.sample_report())
        long_name = "a-system-with-quite-a-long-name"
        for result in report["results"]:
            if result["system"] == "tbb":
                result["system"] = long_name
                for metric in result["metrics"].values():
                    for key in ("median", "q1", "q3", "min", "max"):
                        metric[key] *= 1e6 if metric["median"] > 1 else 1
        self.browser.open(self.page(report), 400)
        self.assert_in_order("extreme")


if __name__ == "__main__":
    support.main()
