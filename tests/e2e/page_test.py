#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""The live page of `ronbus demo --listen` in a real browser. See support.py for how to run it. Ends with
77 when Chromium is not installed."""

import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

import browser
import support

LIVE = "document.getElementById('link').dataset.state === 'live'"

# What is on the page, of a choice of bus and of each subscriber, as people read it.
SHOWN = """(() => {
  const shown = {facts: {}, subscribers: {}, legends: {}, notices: {}};
  const text = (element) => element.textContent.trim();
  for (const fact of document.querySelectorAll("#facts [data-fact]")) {
    shown.facts[fact.dataset.fact] = text(fact.querySelector("dd"));
  }
  for (const row of document.querySelectorAll("#subscribers tbody tr")) {
    const cells = {};
    for (const cell of row.cells) cells[cell.dataset.key] = text(cell);
    cells.class = row.className;
    cells.colour = getComputedStyle(row.querySelector(".pill")).color;
    shown.subscribers[cells.name] = cells;
  }
  for (const card of document.querySelectorAll(".card:not([hidden])")) {
    shown.legends[card.id] = {};
    for (const item of card.querySelectorAll(".legend li")) {
      shown.legends[card.id][item.dataset.line] = text(item.querySelector("b"));
    }
  }
  for (const notice of document.querySelectorAll(".notice:not([hidden])")) {
    shown.notices[notice.id] = text(notice);
  }
  return shown;
})()"""

# What is hard to read or runs out of the window, and whether charts have the colours of their legends.
MEASURE = """(() => {
  CONTRAST
  const found = {pale: [], outside: [], unseen: [], texts: 0};
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode, parent = text.parentElement;
    if (!text.data.trim() || !parent.checkVisibility()) continue;
    found.texts += 1;
    if (contrast(getComputedStyle(parent).color, ground_of(parent)) < 4.5) found.pale.push(text.data);
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (box.right > document.documentElement.clientWidth + 1 || box.left < -1) found.outside.push(text.data);
  }
  for (const card of document.querySelectorAll(".card:not([hidden])")) {
    const canvas = card.querySelector("canvas");
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", {willReadFrequently: true});
    copy.drawImage(canvas, 0, 0);
    const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
    const drawn = new Set();
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] === 255) drawn.add(`rgb(${data[i]}, ${data[i + 1]}, ${data[i + 2]})`);
    }
    const lines = [...card.querySelectorAll(".legend line")].map((line) => getComputedStyle(line).stroke);
    for (const line of lines) {
      if (contrast(line, ground_of(card)) < 3) found.unseen.push(`${card.id}: ${line}`);
    }
    if (!lines.some((line) => drawn.has(line))) found.unseen.push(`${card.id}: any line on the canvas`);
  }
  found.page = document.documentElement.scrollWidth;
  return found;
})()""".replace("CONTRAST", browser.CONTRAST)


def metrics_at(url):
    with urllib.request.urlopen(f"{url}metrics", timeout=10) as answer:
        return answer.read().decode()


def quantiles_in(text, histogram):
    """[value] for each share that the page shows, as Prometheus interpolates them."""
    buckets = sorted((float(bound), float(count)) for bound, count in
                     re.findall(rf'^ron_bus_{histogram}_bucket\{{.*le="([^"]+)"\}} (\S+)$', text, re.MULTILINE))
    values = []
    for share in (0.5, 0.99, 0.999):
        rank = share * buckets[-1][1]
        low, below = 0, 0
        for bound, count in buckets:
            if count >= rank:
                break
            low, below = bound, count
        values.append(max(1, low + (bound - low) * (rank - below) / (count - below)))
    return values


def nanoseconds(text):
    number, unit = text.split()
    return float(number) * {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9}[unit]


def scraped(url):
    """{(name, subscriber or None): value} of the first bus."""
    values = {}
    for line in metrics_at(url).splitlines():
        if sample := re.fullmatch(r'(ron_bus_\w+)\{bus="demo",mode="\w+"(?:,subscriber="([^"]*)")?\} (\S+)',
                                  line):
            values[sample[1], sample[2]] = float(sample[3])
    return values


class Demo:
    """`ronbus demo`, which is there until `end`."""

    def __init__(self, *arguments, address="127.0.0.1:0"):
        self.process = subprocess.Popen([support.program, "demo", "--json", "--listen", address, *arguments],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env=support.environment())
        self.url = re.search(r"http://\S+/", self.process.stderr.readline()).group()

    def summary(self):
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.kill()
        self.process.communicate()


class Script:
    """Serves the page of a demo with metrics of the test's own: `text(number of the scrape)`."""

    def __init__(self, page_of, text):
        script = self
        self.scrapes = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == "/metrics":
                    script.scrapes += 1
                    self.send_response(200)
                    body = text(script.scrapes).encode()
                else:
                    with urllib.request.urlopen(page_of + self.path[1:], timeout=10) as answer:
                        self.send_response(200)
                        for name in ("Content-Type", "Content-Security-Policy"):
                            self.send_header(name, answer.headers[name])
                        body = answer.read()
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()


def samples(bus, published, subscribers, buckets=()):
    """The metrics of a bus of 64 messages. `subscribers`: {name: {metric: value}}."""
    labels = f'bus="{bus}",mode="classic"'
    lines = [f"# HELP ron_bus_publish_total {{}}\nron_bus_publish_total{{{labels}}} {published}",
             f"ron_bus_capacity{{{labels}}} 64", f"ron_bus_subscribers{{{labels}}} {len(subscribers)}"]
    for name, values in subscribers.items():
        lines += [f'ron_bus_{metric}{{{labels},subscriber="{name}"}} {value}'
                  for metric, value in values.items()]
    lines += [f'ron_bus_publish_ns_bucket{{{labels},le="{bound}"}} {count}' for bound, count in buckets]
    return "\n".join(lines) + "\n"


class LivePage(unittest.TestCase):
    """All cases use one browser, one after the other."""

    chromium = None

    def setUp(self):
        if LivePage.chromium is None:
            LivePage.chromium = browser.Browser().__enter__()
        self.chromium.complaints.clear()

    def leave(self):
        """Goes to another page, which does not ask for a process that has ended."""
        self.chromium.open("about:blank")

    def tearDown(self):
        self.leave()
        self.assertEqual(self.chromium.complaints, [])

    def demo(self, *arguments, **options):
        demo = Demo(*arguments, **options)
        self.addCleanup(demo.end)
        return demo

    def open(self, url, **options):
        self.chromium.open(url, **options)
        self.chromium.wait_for(LIVE)

    def shown(self):
        return self.chromium.evaluate(SHOWN)

    def test_1_what_it_says_of_a_quiet_bus_is_what_a_scrape_says(self):
        demo = self.demo("--messages", "30000", "--rate", "0", "--cap", "1024", "--pause", "100",
                         "--filtering", "1", "--stay")
        summary = demo.summary()
        self.open(demo.url)
        shown, values = self.shown(), scraped(demo.url)

        def said(value):
            return f"{round(value):,}"

        def total(name):
            return said(sum(value for (each, _), value in values.items() if each == name))

        facts = shown["facts"]
        self.assertEqual(facts["published"], "30,000")
        for fact, name in (("published", "publish_total"), ("delivered", "receive_total"),
                           ("missed", "drop_lagged_total"), ("filtered", "filtered_total"),
                           ("unheard", "publish_unheard_total"), ("refused", "publish_refused_total"),
                           ("publishers", "publishers"), ("subscribers", "subscribers")):
            self.assertEqual(facts[fact], total(f"ron_bus_{name}"), fact)
        self.assertEqual(facts["depth"], f"{total('ron_bus_ring_depth')} / 1,024")
        self.assertEqual(set(shown["subscribers"]), {each["name"] for each in summary["subscribers"]})
        for name, cells in shown["subscribers"].items():
            self.assertEqual(cells["received"], said(values["ron_bus_receive_total", name]))
            self.assertEqual(cells["missed"], said(values["ron_bus_drop_lagged_total", name]))
        self.assertGreater(values["ron_bus_drop_lagged_total", "slow-1"], 0)

        # Percentiles are of what came between two readings: of all samples, if there were none before.
        text = metrics_at(demo.url)
        none = re.sub(r"^(ron_bus_(?:publish_ns|end_to_end_latency_ns)_bucket\{.*\}) .*$", r"\1 0", text,
                      flags=re.MULTILINE)
        script = Script(demo.url, lambda scrape: none if scrape == 1 else text)
        self.addCleanup(script.end)
        self.open(script.url)
        self.chromium.wait_for("[...document.querySelectorAll('#publish .legend b')].some((each) => "
                               "/\\d/.test(each.textContent))")
        legends = self.shown()["legends"]
        for chart, histogram in (("publish", "publish_ns"), ("end-to-end", "end_to_end_latency_ns")):
            shown = [nanoseconds(legends[chart][line]) for line in ("P50", "P99", "P99.9")]
            for seen, expected in zip(shown, quantiles_in(text, histogram)):
                self.assertAlmostEqual(seen / expected, 1, delta=0.006, msg=f"{chart}: {legends[chart]}")

    def lag_seen_after(self):
        """Seconds from when a scrape told of a loss until the page did; None if the page came late."""
        demo = self.demo("--rate", "4000", "--cap", "8192", "--subscribers", "1", "--pause", "20000")
        try:
            self.open(demo.url)
            before = self.shown()["subscribers"]["slow-1"]
            if before["class"] != "in-time" or scraped(demo.url)["ron_bus_drop_lagged_total", "slow-1"]:
                return None
            self.assertEqual(before["state"], "✓in time")
            while not scraped(demo.url)["ron_bus_drop_lagged_total", "slow-1"]:
                time.sleep(0.02)
            begin = time.monotonic()
            self.chromium.wait_for("document.querySelector('tr.lagging') !== null")
            seconds = time.monotonic() - begin
            after = self.shown()
            row = after["subscribers"]["slow-1"]
            self.assertEqual((row["class"], row["state"]), ("lagging", "✗lagging"))
            self.assertNotEqual(row["colour"], before["colour"])
            self.assertEqual(after["subscribers"]["fast-1"]["class"], "in-time")
            self.assertEqual(after["notices"]["lagging"], "✗ Lagging: slow-1")
            return seconds
        finally:
            self.leave()
            demo.end()

    def test_2_a_subscriber_that_begins_to_lag_is_seen_within_two_seconds(self):
        # A machine may stand still now and then; a page that is late is so each time.
        tries = []
        while len(tries) < 3 and not any(each is not None and each < 2 for each in tries):
            tries.append(self.lag_seen_after())
        self.assertTrue(any(each is not None and each < 2 for each in tries), tries)

    def test_3_it_is_legible_in_light_and_dark_and_on_a_phone(self):
        demo = self.demo("--rate", "20000", "--cap", "256")
        pictures = set()
        with tempfile.TemporaryDirectory() as folder:
            self.open(demo.url, width=360)
            # Two readings make a rate, two rates a line.
            self.chromium.wait_for(f"performance.getEntriesByName('{demo.url}metrics').length > 2")
            for width in (360, 1280):
                for scheme in ("light", "dark"):
                    self.chromium.call("Emulation.setDeviceMetricsOverride", width=width, height=740,
                                       deviceScaleFactor=1, mobile=width < 600)
                    self.chromium.emulate(scheme)
                    # Sizes and colours are there with the next frame but one.
                    self.chromium.evaluate("new Promise((done) => requestAnimationFrame(() => "
                                           "requestAnimationFrame(() => requestAnimationFrame(done))))")
                    seen = self.chromium.evaluate(MEASURE)
                    with self.subTest(f"{width} px, {scheme}"):
                        self.assertGreater(seen["texts"], 50)
                        self.assertLessEqual(seen["page"], width, "the page scrolls sideways")
                        for fault in ("pale", "outside", "unseen"):
                            self.assertEqual(seen[fault], [], fault)
                    # Of the heading, which stays as it is.
                    path = os.path.join(folder, "picture.png")
                    self.chromium.screenshot(path, {"x": 0, "y": 0, "width": 200, "height": 40})
                    with open(path, "rb") as file:
                        pictures.add((width, file.read()))
        self.assertEqual(len(pictures), 4, "light and dark look alike")

    def test_4_a_process_that_dies_is_missed_and_found_again(self):
        demo = self.demo("--messages", "5000", "--rate", "0", "--stay")
        demo.summary()
        self.open(demo.url)
        demo.end()
        self.chromium.wait_for("document.getElementById('link').dataset.state === 'lost'")
        shown = self.shown()
        self.assertRegex(shown["notices"]["outage"],
                         r"does not answer. The last answer came at \d\d:\d\d:\d\d.* Trying again each second")
        self.assertEqual(shown["facts"]["published"], "5,000")
        self.demo("--messages", "10", "--stay", address=demo.url.split("/")[2]).summary()
        self.chromium.wait_for(LIVE)
        shown = self.shown()
        self.assertNotIn("outage", shown["notices"])
        self.assertIn("began anew", shown["notices"]["restart"])
        self.assertEqual(shown["facts"]["published"], "10")
        for line, value in {**shown["legends"]["throughput"], **shown["legends"]["loss"]}.items():
            self.assertEqual(value, "–", f"{line}: of no two readings there is no rate")
        # Browsers tell of requests that failed by themselves.
        self.chromium.complaints[:] = [each for each in self.chromium.complaints
                                       if "ERR_CONNECTION_REFUSED" not in each]

    def test_5_buses_can_be_chosen_and_percentiles_appear_where_they_are_sampled(self):
        hostile = r'<b>\"quoted\"\\</b>'

        def text(scrape):
            return samples("prices", 10 * scrape, {"ui": {
                "receive_total": 10 * scrape, "drop_lagged_total": 0, "subscriber_behind": 0,
                "subscriber_lagging": 0}}) + samples("orders", 7, {
                    hostile: {"receive_total": 1, "drop_lagged_total": 5, "subscriber_behind": 12,
                              "subscriber_behind_max": 70, "subscriber_lagging": 1},
                    "stuck": {"receive_total": 0, "drop_lagged_total": 0, "subscriber_behind": 65,
                              "subscriber_behind_max": 65, "subscriber_lagging": 0},
                    "left": {"receive_total": 3, "drop_lagged_total": 0}},
                    (("1023", 50 * scrape), ("2047", 100 * scrape), ("+Inf", 100 * scrape)))

        page_of = self.demo("--messages", "1", "--stay")
        script = Script(page_of.url, text)
        self.addCleanup(script.end)
        self.open(script.url)
        shown = self.shown()
        self.assertEqual(set(shown["subscribers"]), {"ui"})
        self.assertNotIn("publish", shown["legends"])
        self.assertEqual(shown["notices"]["lagging"],
                         "✗ Lagging: orders: <b>\"quoted\"\\</b>, orders: stuck")
        self.chromium.evaluate("""(() => {
          const select = document.getElementById("bus");
          if (!select.checkVisibility()) throw Error("nothing to choose from");
          select.value = "orders";
          select.dispatchEvent(new Event("change"));
        })()""")
        self.chromium.wait_for("/s$/.test(document.querySelector('#publish .legend b')?.textContent)")
        shown = self.shown()
        self.assertEqual(shown["legends"]["publish"], {"P50": "1.02 µs", "P99": "2.03 µs", "P99.9": "2.04 µs"})
        self.assertEqual({name: (cells["state"], cells["behind"], cells["worst"])
                          for name, cells in shown["subscribers"].items()},
                         {'<b>"quoted"\\</b>': ("✗lagging", "12", "70"), "stuck": ("✗lagging", "65", "65"),
                          "left": ("–gone", "–", "–")})
        self.assertEqual(list(shown["legends"]["behind"].values())[0], "64")


if __name__ == "__main__":
    if not browser.find():
        print("skipped: chromium is not installed; run scripts/setup")
        sys.exit(support.SKIPPED)
    try:
        support.main()
    finally:
        if LivePage.chromium is not None:
            LivePage.chromium.__exit__()
