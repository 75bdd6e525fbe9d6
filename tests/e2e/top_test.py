#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""`ronbus top` end to end. See support.py for how to run it."""

import http.server
import json
import os
import re
import signal
import socket
import subprocess
import termios
import threading
import time
import unittest

import support
from screen import MISSING, Screen, pyte

FAST = ("--interval", "0.1s")


def metrics(published, subscribers, bus="orders", mode="classic", capacity=64):
    """The metrics of a bus. `subscribers` are (name, received, missed, behind)."""
    labels = f'bus="{bus}",mode="{mode}"'
    depth = min(capacity, max([each[3] for each in subscribers], default=0))
    lines = ["# HELP ron_bus_publish_total Messages.", "# TYPE ron_bus_publish_total counter",
             f"ron_bus_publish_total{{{labels}}} {published}",
             f"ron_bus_capacity{{{labels}}} {capacity}",
             f"ron_bus_ring_depth{{{labels}}} {depth}",
             f"ron_bus_subscribers{{{labels}}} {len(subscribers)}"]
    for name, received, missed, behind in subscribers:
        each = f'{labels},subscriber="{name}"'
        lines += [f"ron_bus_receive_total{{{each}}} {received}",
                  f"ron_bus_drop_lagged_total{{{each}}} {missed}",
                  f"ron_bus_subscriber_behind{{{each}}} {behind}"]
    return "\n".join(lines) + "\n"


class Target:
    """A process with metrics, as far as anybody can tell. Each scrape gets the next text of `texts`,
    and the last one for ever."""

    def __init__(self, *texts, status=200, port=0):
        target = self
        self.texts = list(texts)
        self.scrapes = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                text = target.texts[min(target.scrapes, len(target.texts) - 1)]
                target.scrapes += 1
                target.path = self.path
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def end(self):
        if self.thread:
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()
            self.thread = None


class TopTest(unittest.TestCase):
    def target(self, *texts, **options):
        target = Target(*texts, **options)
        self.addCleanup(target.end)
        return target

    def closed_port(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            return unused.getsockname()[1]

    def assert_error(self, result, code, *parts):
        text = result.stderr.decode()
        self.assertEqual((result.returncode, result.stdout), (code, b""), text)
        self.assertEqual(text.count("\n"), 1, text)
        for part in parts:
            self.assertIn(part, text)


class Once(TopTest):
    TEXTS = (metrics(1000, [("fast", 1000, 0, 0), ("slow", 36, 900, 64)]),
             metrics(3000, [("fast", 3000, 0, 0), ("slow", 36, 2900, 64)]))

    def top(self, *arguments, **options):
        return support.run("top", self.target(*self.TEXTS).address, "--once", *FAST, *arguments,
                           **options)

    def test_a_table_has_a_row_for_each_bus_and_subscriber(self):
        result = self.top()
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        rows = [line.split() for line in result.stdout.decode().splitlines()]
        self.assertEqual([row[0] for row in rows], ["NAME", "orders", "classic,", "slow", "fast"])
        self.assertEqual(rows[3][-3:], ["2900", "98.8", "64"])
        self.assertNotIn(b"\x1b", result.stdout)

    def test_json_has_counts_and_rates(self):
        result = self.top("--json")
        self.assertEqual((result.returncode, result.stderr), (0, b""))
        report = json.loads(result.stdout)
        self.assertTrue(report["url"].endswith("/metrics"))
        self.assertEqual(report["restarts"], 0)
        bus, = report["buses"]
        self.assertEqual((bus["name"], bus["mode"], bus["published"], bus["depth"], bus["capacity"],
                          bus["received"], bus["missed"]),
                         ("orders", "classic", 3000, 64, 64, 3036, 2900))
        slow, fast = bus["subscribers"]
        self.assertEqual((slow["name"], slow["received"], slow["missed"], slow["behind"]),
                         ("slow", 36, 2900, 64))
        # 2000 messages between two scrapes that were a tenth of a second apart, or somewhat more.
        self.assertLess(bus["published_per_s"], 20100)
        self.assertGreater(bus["published_per_s"], 0)
        self.assertAlmostEqual(slow["missed_per_s"], bus["published_per_s"])
        self.assertEqual((slow["received_per_s"], fast["missed_per_s"]), (0, 0))

    def test_orders_and_filters(self):
        def names(*arguments):
            bus, = json.loads(self.top("--json", *arguments).stdout)["buses"] or [None]
            return bus and [each["name"] for each in bus["subscribers"]]
        self.assertEqual(names("--sort", "lag"), ["slow", "fast"])
        self.assertEqual(names("--sort", "lost"), ["slow", "fast"])
        self.assertEqual(names("--sort", "rate"), ["fast", "slow"])
        self.assertEqual(names("--sort", "name"), ["fast", "slow"])
        self.assertEqual(names("--filter", "as"), ["fast"])
        self.assertEqual(names("--filter", "order"), ["slow", "fast"])
        self.assertIsNone(names("--filter", "nobody"))

    def test_the_path_is_that_of_the_url(self):
        target = self.target(*self.TEXTS)
        for given, asked in (("", "/metrics"), ("/", "/metrics"), ("/a/b?c=d", "/a/b?c=d")):
            result = support.run("top", f"http://{target.address}{given}", "--once", *FAST)
            self.assertEqual((result.returncode, target.path), (0, asked))


class Trouble(TopTest):
    def test_wrong_calls_are_told_in_one_line(self):
        for arguments, parts in (
                (["ftp://host"], ["'ftp://host'", "only http and https"]),
                (["host:99999"], ["a port is a number from 1 to 65535"]),
                ([""], ["names no host"]),
                (["x", "--interval", "0"], ["--interval=0", "0.1s"]),
                (["x", "--interval", "soon"], ["--interval=soon"]),
                (["x", "--sort", "size"], ["--sort=size", "lag, lost, rate or name"])):
            with self.subTest(arguments):
                self.assert_error(support.run("top", *arguments), 2, *parts)

    def test_what_does_not_answer_with_metrics_of_ours_is_told_in_one_line(self):
        html = "<!doctype html><title>\x1b[2J</title>\n"
        for target, parts in (
                (self.target(html), ["line 1: '<!doctype", "the name of a metric"]),
                (self.target("a 1\nb{x=\"1} 2\n"), ["line 2: the value of a label"]),
                (self.target("up 1"), ["line 1: the text ends"]),
                (self.target("up 1\n"), ["no metrics of ron-bus"]),
                (self.target(""), ["no metrics of ron-bus"]),
                (self.target('ron_bus_publish_total{bus="a"} -1\n'), ["line 1", "-1", "no count"]),
                (self.target("", status=404), ["HTTP status 404"]),
                (self.target("", status=302), ["HTTP status 302"])):
            for mode in (["--once"], []):
                with self.subTest(parts, mode=mode):
                    result = support.run("top", target.address, *mode)
                    self.assert_error(result, 1, f"http://{target.address}/metrics: ", *parts)

    def test_a_target_that_is_not_there_is_told_in_one_line(self):
        port = self.closed_port()
        self.assert_error(support.run("top", f":{port}"), 1, f":{port}/metrics: nobody answers")
        self.assert_error(support.run("top", "no-such-host.invalid", "--once"), 1, "no such host")

    def test_an_answer_that_is_no_http_or_breaks_off_is_told_in_one_line(self):
        for answer in (b"", b"SSH-2.0-OpenSSH_9.2\r\n",
                       b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nup 1\n"):
            with socket.create_server(("127.0.0.1", 0)) as server:
                def serve():
                    with server.accept()[0] as connection:
                        connection.recv(65536)
                        connection.sendall(answer)
                thread = threading.Thread(target=serve)
                thread.start()
                result = support.run("top", f":{server.getsockname()[1]}", "--once")
                thread.join()
                with self.subTest(answer):
                    self.assert_error(result, 1, "the answer broke off or took too long")

    def test_a_target_that_never_answers_does_not_hold_up_ctrl_c(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            process = subprocess.Popen([support.program, "top", f":{server.getsockname()[1]}"],
                                       env=support.environment())
            connection = server.accept()[0]
            started = time.monotonic()
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(support.PATIENCE), 130)
            # An answer is waited for 5 s.
            self.assertLess(time.monotonic() - started, 4)
            connection.close()


class Piped(TopTest):
    def started(self, *arguments):
        process = subprocess.Popen([support.program, "top", *FAST, *arguments],
                                   env=support.environment(), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def test_tables_follow_each_other_until_a_signal(self):
        process = self.started(self.target(*Once.TEXTS).address)
        tables = 0
        while tables < 3:
            tables += process.stdout.readline().startswith(b"NAME")
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=support.PATIENCE)
        self.assertEqual((process.returncode, errors), (128 + signal.SIGTERM, b""))
        self.assertNotIn(b"\x1b", output)

    def test_json_is_a_line_each_time_also_over_a_restart_of_the_target(self):
        target = self.target(metrics(1000, []))
        process = self.started(target.address, "--json")
        self.assertIsNone(json.loads(process.stdout.readline())["buses"][0]["published_per_s"])
        self.assertEqual(json.loads(process.stdout.readline())["buses"][0]["published_per_s"], 0)
        target.end()
        waiting = process.stderr.readline().decode()
        self.assertIn(f"waiting for http://{target.address}/metrics: nobody answers there", waiting)
        self.target(metrics(10, []), metrics(20, []), port=target.port)
        reports = []
        while not reports or reports[-1]["buses"][0]["published"] < 20:
            reports.append(json.loads(process.stdout.readline()))
        first = next(each for each in reports if each["restarts"])
        self.assertEqual(first["buses"][0]["published"], 10)
        self.assertIsNone(first["buses"][0]["published_per_s"])
        self.assertEqual(reports[-1]["restarts"], 1)
        self.assertGreater(reports[-1]["buses"][0]["published_per_s"], 0)


@unittest.skipUnless(pyte, MISSING)
class Terminal(TopTest):
    def screen(self, *arguments, **options):
        screen = Screen("top", *FAST, *arguments, **options)
        self.addCleanup(screen.close)
        return screen

    def growing(self, subscribers=2):
        """Texts of a bus whose first subscriber falls behind, then loses."""
        return [metrics(1000 * n, [("slow", 10 * n, max(0, n - 8) * 100, min(64, 8 * n)),
                                   *((f"fast-{i}", 1000 * n, 0, 0) for i in range(1, subscribers))])
                for n in range(1, 200)]

    def assert_terminal_is_as_before(self, screen):
        self.assertEqual(termios.tcgetattr(screen.end), screen.settings)
        for enter, leave in ((b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?25l", b"\x1b[?25h"),
                             (b"\x1b[?7l", b"\x1b[?7h")):
            self.assertEqual(screen.written.count(enter), 1)
            self.assertGreater(screen.written.rfind(leave), screen.written.rfind(enter))

    def test_who_lags_is_first_with_a_growing_bar_that_turns_red_by_loss(self):
        screen = self.screen(self.target(*self.growing()).address)
        lines = screen.wait(lambda lines: "▁▂▃▄▅▆▇█" in lines[4])
        self.assertTrue(lines[0].startswith("ronbus top  http://127.0.0.1:"))
        self.assertEqual(lines[1].split(), ["NAME", "MSG/S", "LOST/S", "LOST", "LOST", "%", "BEHIND",
                                            "HISTORY"])
        self.assertTrue(lines[2].startswith("orders "))
        self.assertTrue(lines[3].startswith("  classic, "))
        self.assertTrue(lines[4].startswith("  slow "))
        self.assertTrue(lines[5].startswith("  fast-1 "))
        screen.wait(lambda lines: "█████" in lines[4])
        bar = screen.emulator.buffer[4]
        self.assertEqual(bar[screen.lines[4].index("▁")].fg, "default")
        self.assertEqual(bar[len(screen.lines[4]) - 1].fg, "red")
        screen.type("q")
        self.assertEqual(screen.finish(), 0)
        self.assert_terminal_is_as_before(screen)

    def test_ctrl_c_leaves_the_terminal_as_it_was(self):
        screen = self.screen(self.target(*self.growing()).address)
        screen.wait(lambda lines: lines[4].startswith("  slow "))
        self.assertNotEqual(termios.tcgetattr(screen.end), screen.settings)
        screen.type("\x03")
        self.assertEqual(screen.finish(), 128 + signal.SIGINT)
        self.assert_terminal_is_as_before(screen)

    def test_ctrl_z_gives_the_terminal_back_for_a_while(self):
        screen = self.screen(self.target(*self.growing()).address)
        screen.wait(lambda lines: lines[4].startswith("  slow "))
        screen.type("\x1a")
        self.assertTrue(os.WIFSTOPPED(os.waitpid(screen.process.pid, os.WUNTRACED)[1]))
        self.assertEqual(termios.tcgetattr(screen.end), screen.settings)
        screen.signal(signal.SIGCONT)
        screen.emulator.reset()
        screen.wait(lambda lines: lines[4].startswith("  slow "))
        screen.type("q")
        self.assertEqual(screen.finish(), 0)

    def test_keys_sort_filter_scroll_and_pause(self):
        target = self.target(*self.growing(subscribers=40))
        screen = self.screen(target.address, rows=12)
        screen.wait(lambda lines: lines[4].startswith("  slow ") and "sort: lag" in lines[11])
        screen.type("n")
        screen.wait(lambda lines: lines[4].startswith("  fast-1 ") and "sort: name" in lines[11])
        screen.type("jjjj")
        screen.wait(lambda lines: lines[2].startswith("  fast-11 "))
        screen.type("/39")
        screen.wait(lambda lines: lines[4].startswith("  fast-39 ") and not lines[5] and
                    lines[11] == "filter: 39_")
        screen.type("\r")
        screen.wait(lambda lines: "filter: 39 " in lines[11])
        screen.type("\x1b")
        screen.wait(lambda lines: lines[5].startswith("  fast-10 "))
        screen.type(" ")
        lines = screen.wait(lambda lines: lines[0].endswith("PAUSED"))
        scrapes = target.scrapes
        while target.scrapes < scrapes + 3:
            screen.read(0.02)
        self.assertEqual(screen.lines[2:], lines[2:])

    def test_follows_the_size_of_the_terminal(self):
        screen = self.screen(self.target(*self.growing(subscribers=40)).address)
        screen.wait(lambda lines: lines[23].startswith(" q quit"))
        for columns, rows in ((60, 8), (20, 5), (180, 40)):
            screen.resize(columns, rows)
            lines = screen.wait(lambda lines: len(lines) == rows and
                                lines[0].startswith("ronbus top ") and
                                lines[rows - 1].startswith(" q quit"))
            self.assertTrue(lines[1].startswith("NAME"))

    def test_waits_for_a_target_that_goes_away(self):
        target = self.target(metrics(1000, [("slow", 0, 900, 64)]))
        screen = self.screen(target.address)
        screen.wait(lambda lines: lines[4].startswith("  slow "))
        target.end()
        lines = screen.wait(lambda lines: lines[1].startswith("waiting for http://127.0.0.1"))
        self.assertIn("nobody answers there", lines[1])
        self.assertTrue(lines[5].startswith("  slow "))
        self.target(metrics(7, [("new", 7, 0, 0)]), port=target.port)
        lines = screen.wait(lambda lines: lines[4].startswith("  new "))
        self.assertIn("restarts seen: 1", lines[0])

    def test_names_cannot_steer_the_terminal(self):
        screen = self.screen(self.target(metrics(1, [("a\x1b]0;x\x07\x9bb", 1, 0, 0)])).address)
        screen.wait(lambda lines: lines[4].startswith("  a?]0;x??b "))

    def test_without_utf_8_the_bar_is_ascii(self):
        screen = self.screen(self.target(*self.growing()).address, LC_ALL="C")
        screen.wait(lambda lines: ".:-=+*#@" in lines[4])

    def test_a_dumb_terminal_gets_plain_tables(self):
        screen = self.screen(self.target(*self.growing()).address, TERM="dumb")
        screen.wait(lambda lines: sum(line.startswith("NAME") for line in lines) >= 2)
        screen.signal()
        self.assertEqual(screen.finish(), 130)
        self.assertNotIn(b"\x1b", screen.written)


if __name__ == "__main__":
    support.main()
