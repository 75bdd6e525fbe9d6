# SPDX-License-Identifier: MIT OR Apache-2.0
"""A terminal for the program, and what its screen shows."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import support

try:
    import pyte  # python3-pyte of Debian
except ImportError:
    pyte = None

MISSING = "python3-pyte is not installed: nothing emulates a terminal"


class Screen:
    """Runs the program on a terminal of its own. What it writes goes to an emulator."""

    def __init__(self, *arguments, columns=100, rows=24, **env):
        self.emulator = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.emulator)
        self.main, end = pty.openpty()
        self.resize(columns, rows)
        self.settings = termios.tcgetattr(end)
        self.end = end  # kept, so that the settings can be looked at afterwards
        self.process = subprocess.Popen(
            [support.program, *arguments], stdin=end, stdout=end, stderr=end,
            env=support.environment(**{"TERM": "xterm", "LC_ALL": "C.UTF-8", **env}),
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.written = b""

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.end)
        os.close(self.main)

    def resize(self, columns, rows):
        self.emulator.resize(rows, columns)
        fcntl.ioctl(self.main, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.main, text.encode())

    def signal(self, number=signal.SIGINT):
        self.process.send_signal(number)

    @property
    def lines(self):
        return [line.rstrip() for line in self.emulator.display]

    def read(self, seconds):
        """Takes what the program writes next into the screen; False if it writes nothing."""
        if not select.select([self.main], [], [], seconds)[0]:
            return False
        part = os.read(self.main, 65536)
        # pyte 0.8 does not know all of what terminals know.
        self.written += part
        self.stream.feed(part)
        return True

    def wait(self, condition):
        """Until the lines of the screen fulfil it. Returns them, of a frame that is drawn to its end."""
        deadline = time.monotonic() + support.PATIENCE
        while not (condition(self.lines) and self.is_drawn() and condition(self.lines)):
            if time.monotonic() > deadline or (self.process.poll() is not None and not self.read(0)):
                raise AssertionError("\n".join(["the screen shows:", *self.lines]))
            self.read(0.05)
        return self.lines

    def is_drawn(self):
        """Takes the rest of a frame, which may come in parts. True, but for one without an end."""
        return any(not self.read(0.01) for _ in range(20))

    def finish(self):
        """Until the program ends. Returns its exit code, with all that it wrote on the screen."""
        deadline = time.monotonic() + support.PATIENCE
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError("\n".join(["still runs, and shows:", *self.lines]))
            self.read(0.05)
        while self.read(0):
            pass
        return self.process.returncode
