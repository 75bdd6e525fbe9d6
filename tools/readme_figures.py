#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes the README's comparison with other systems anew from a run of `ronbus bench`.

    tools/readme_figures.py RUN.json     replaces what stands between the two marks in README.md
    tools/readme_figures.py --self-test

The run is made by `scripts/bench report --quick --json RUN.json`."""

import json
import pathlib
import sys
import unittest

README = pathlib.Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- comparison: begin -->\n", "<!-- comparison: end -->\n"

# What a row shows: text, workload, case, metric, divisor, whether more is better.
ROWS = [
    ("publish, one idle subscriber, ns", "throughput", "1 idle", "ns_per_publish", 1, False),
    ("receive, draining a full ring, ns", "latency_service", "capacity 1024", "ns_per_receive", 1, False),
    ("2 publishers contending, M/s", "fanout_scaling", "2 publishers", "publishes_per_s", 1e6, True),
    ("4 to 8, lossy, M deliveries/s", "fanout_scaling", "4 publishers, 8 draining", "deliveries_per_s", 1e6, True),
    ("1 to 1, nothing lost, M/s", "gated", "1x1 one by one", "deliveries_per_s", 1e6, True),
    ("the same in batches of 64", "gated", "1x1 batches of 64", "deliveries_per_s", 1e6, True),
    ("1 to 3, nothing lost, M deliveries/s", "gated", "1x3 one by one", "deliveries_per_s", 1e6, True),
    ("4 to 8, nothing lost, M deliveries/s", "gated", "4x8 one by one", "deliveries_per_s", 1e6, True),
    ("publish to receive, polling, p50, ns", "latency", "polling, every 10 us", "p50_ns", 1, False),
    ("publish to receive, sleeping, p50, us", "latency", "sleeping, every 100 us", "p50_ns", 1000, False),
]
# Where nobody reads, the queues of a fan-out are full, and what would be timed is a refusal.
NO_QUEUES = {("throughput", "1 idle"), ("fanout_scaling", "2 publishers")}
# What a column shows: its head, and the systems of which the best counts.
QUEUES = "best fan-out of queues"
COLUMNS = [
    ("ron-bus", ["ron-bus"]),
    ("one publisher promised", ["ron-bus-single"]),
    ("tokio broadcast", ["tokio"]),
    ("async-broadcast", ["async-broadcast"]),
    ("LMAX Disruptor", ["disruptor-busyspin", "disruptor-yielding", "disruptor-blocking"]),
    (QUEUES, ["flume-fanout", "async-channel-fanout", "tbb", "concurrentqueue", "boost-lockfree"]),
    ("mutex + condvar", ["mutex-condvar"]),
    ("ZeroMQ inproc", ["zeromq"]),
]


def figure(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(run):
    found = {(r["workload"], r["case"], r["system"]): r["metrics"] for r in run["results"]}
    lines = ["| median | " + " | ".join(head for head, _ in COLUMNS) + " |",
             "|---|" + "--:|" * len(COLUMNS)]
    for text, workload, case, metric, divisor, more_is_better in ROWS:
        cells = []
        for head, systems in COLUMNS:
            if head == QUEUES and (workload, case) in NO_QUEUES:
                systems = []
            values = [found[workload, case, system][metric]["median"] / divisor
                      for system in systems if metric in found.get((workload, case, system), {})]
            cells.append((max if more_is_better else min)(values) if values else None)
        measured = [cell for cell in cells if cell is not None]
        if not measured:
            raise KeyError(f"the run has no {metric} of {workload}, {case}")
        best = (max if more_is_better else min)(measured)
        lines.append(f"| {text} | " + " | ".join(
            "" if cell is None else f"**{figure(cell)}**" if cell == best else figure(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def said(run):
    machine = run["machine"]
    noise = ("The machine was noisy: " + "; ".join(run["noise"]) + ".") if run["noise"] else "The machine was quiet."
    return (f"Commit {run['commit']}, {machine['cpu']}, {machine['cores']} processors, {machine['kernel']}, "
            f"{machine['compiler']}, {run['started'][:10]}. {noise}\n")


def replaced(text, run):
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"README.md lacks the lines {BEGIN.strip()} and {END.strip()}")
    return before + BEGIN + table(run) + "\n" + said(run) + END + after


class Test(unittest.TestCase):
    @staticmethod
    def run_with(cells):
        results = [{"workload": workload, "case": case, "system": system, "metrics": {metric: {"median": value}}}
                   for (row, system), value in cells.items()
                   for _, workload, case, metric, _, _ in [ROWS[row]]]
        return {"results": results, "commit": "abc", "started": "2026-01-02T03:04:05Z", "noise": [],
                "machine": {"cpu": "C", "cores": 2, "kernel": "K", "compiler": "G"}}

    def full(self):
        return {(row, system): 1e6 * (row + 1) + number
                for row in range(len(ROWS)) for number, system in enumerate(["ron-bus", "tokio"])}

    def test_the_best_of_a_row_is_bold(self):
        cells = self.full() | {(0, "ron-bus"): 2, (0, "tokio"): 12.34, (2, "ron-bus"): 3e6, (2, "tokio"): 5e6}
        lines = table(self.run_with(cells)).splitlines()
        self.assertIn("| **2.00** |  | 12.3 |", lines[2])
        self.assertIn("| 3.00 |  | **5.00** |", lines[4])

    def test_of_several_systems_the_best_counts(self):
        cells = self.full() | {(1, "flume-fanout"): 40, (1, "tbb"): 30, (3, "flume-fanout"): 8e6, (3, "tbb"): 7e6}
        lines = table(self.run_with(cells)).splitlines()
        self.assertIn("| **30.0** |", lines[3])
        self.assertIn("| **8.00** |", lines[5])

    def test_where_nobody_reads_no_queue_is_shown(self):
        cells = self.full() | {(0, "tbb"): 0.25}
        self.assertNotIn("0.25", table(self.run_with(cells)))

    def test_a_run_without_a_row_is_refused(self):
        cells = {key: value for key, value in self.full().items() if key[0] != 3}
        with self.assertRaises(KeyError):
            table(self.run_with(cells))

    def test_only_what_is_between_the_marks_changes(self):
        text = replaced("a\n" + BEGIN + "old\n" + END + "z\n", self.run_with(self.full()))
        self.assertTrue(text.startswith("a\n" + BEGIN) and text.endswith(END + "z\n"))
        self.assertNotIn("old", text)
        with self.assertRaises(ValueError):
            replaced("a\nz\n", self.run_with(self.full()))


def main():
    if sys.argv[1:] == ["--self-test"]:
        unittest.main(argv=[sys.argv[0]])
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    run = json.loads(pathlib.Path(sys.argv[1]).read_text())
    README.write_text(replaced(README.read_text(), run))


if __name__ == "__main__":
    main()
