"""squall on a pseudo terminal: the whole screen while it runs, the normal one afterwards, whatever ends it.

usage: live_screen.py SQUALL [unittest arguments]
"""

import fcntl
import glob
import os
import pty
import re
import select
import shlex
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

import pyte

from live_target import Target

SQUALL = ""
ENTER = b"\x1b[?1049h"
LEAVE = b"\x1b[?1049l"
FRAME_END = b"\x1b[?2026l"
CLEAR = b"\x1b[2J"
PATIENCE = 30  # seconds, for what must happen


class Run:
    """squall with a pseudo terminal as its stdin, stdout and stderr."""

    def __init__(self, arguments, size=(100, 30), environment=None, shell=None):
        self.folder = tempfile.TemporaryDirectory()
        self.output = b""
        self.status = None
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(self.folder.name)
                os.environ.update({"TERM": "xterm-256color", **(environment or {})})
                # A frame of the right size from the start.
                set_size(0, size)
                if shell:  # a script whose $@ is squall
                    os.execv("/bin/sh", ["sh", "-c", shell, "sh", SQUALL] + arguments)
                os.execv(SQUALL, ["squall"] + arguments)
            finally:
                os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.terminal)
        self.folder.cleanup()

    def read(self, seconds):
        """Takes what there is within that time; False at the end."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.terminal, 65536)
        except OSError:  # EIO: every descriptor of the other side is closed
            return False
        self.output += data
        return bool(data)

    def read_until(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        while not condition(self.output):
            if time.monotonic() > deadline or not self.read(0.1):
                raise AssertionError("never seen: %s, but: %r" % (what, self.output[-2000:]))

    def resize(self, size):
        set_size(self.terminal, size)

    def signal(self, number):
        os.kill(self.pid, number)

    def end(self):
        """The exit code, or minus the signal."""
        deadline = time.monotonic() + PATIENCE
        while self.read(0.1):
            if time.monotonic() > deadline:
                raise AssertionError("has not ended: %r" % self.output[-2000:])
        _, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def parts(self):
        """What was written before, on and after the alternate screen."""
        before, rest = self.output.split(ENTER, 1)
        on, after = rest.rsplit(LEAVE, 1)
        return before, on, after


def set_size(fd, size):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))


def frames(on, sizes):
    """The screen after each frame, as a list of its rows; a frame that clears comes with the next size."""
    sizes = list(sizes)
    screen = pyte.Screen(*sizes.pop(0))
    stream = pyte.ByteStream(screen)
    shown = []
    begun = False
    for frame in on.split(FRAME_END)[:-1]:
        if CLEAR in frame:
            if begun and sizes:
                columns, rows = sizes.pop(0)
                screen.resize(rows, columns)
            begun = True
        stream.feed(frame)
        shown.append(list(screen.display))
    return shown


def hit(target, *more, rate="50/s", time="1500ms"):
    return ["hit", "-r", rate, "-z", time, "--set", "limits.lag_p99=5s", "--set", "limits.started=1%",
            *more, target.url]


class LiveScreen(unittest.TestCase):
    def setUp(self):
        self.target = Target()
        self.addCleanup(self.target.close)

    def test_every_frame_is_whole_and_the_summary_stands_on_the_normal_screen(self):
        with Run(hit(self.target, "--require", "error_rate < 1%")) as run:
            self.assertEqual(run.end(), 0, run.output)
            before, on, after = run.parts()
        self.assertIn(b"squall: ", before)
        self.assertNotIn(b"verdict", on.lower())
        self.assertIn(b"pass", after.lower())
        self.assertNotIn(b"\x1b[?", after)
        shown = frames(on, [(100, 30)])
        self.assertGreater(len(shown), 3)
        for rows in shown:
            self.assertTrue(rows[0].startswith("squall: "), rows)
            self.assertRegex(rows[1], "^(starting|setting|preflight|reading|warm-up|measuring|draining|judging|waiting)")
        last = "\n".join(shown[-1])
        for part in ("started", "acked", "p50", "p99", "errors    none", "response of each second"):
            self.assertIn(part, last)
        measuring = [rows[1] for rows in shown if rows[1].startswith("measuring")]
        self.assertRegex(measuring[0], r"measuring \ds of 2s .*[█░]{20,} .* left")

    def test_a_frame_holds_only_what_changed(self):
        with Run(hit(self.target)) as run:
            self.assertEqual(run.end(), 0, run.output)
            on = run.parts()[1]
        writes = on.split(FRAME_END)[:-1]
        titles = [frame for frame in writes if b"run id" in frame]
        self.assertEqual(len(titles), 1, "the first row never changes")
        self.assertFalse([frame for frame in writes[1:] if CLEAR in frame])

    def test_a_change_of_size_is_followed(self):
        sizes = [(100, 30), (40, 8), (120, 40)]
        with Run(hit(self.target, time="60s"), sizes[0]) as run:
            run.read_until(lambda output: output.count(FRAME_END) > 3, "frames")
            for i, size in enumerate(sizes[1:]):
                run.resize(size)
                run.read_until(lambda output: output.count(CLEAR) > 2 + i, "a screen drawn anew")
                run.read_until(lambda output: b"acked" in output.rsplit(CLEAR, 1)[1], "its contents")
            run.signal(signal.SIGINT)
            run.end()
            shown = frames(run.parts()[1], sizes)
        small = [rows for rows in shown if len(rows) == 8]
        self.assertTrue(small)
        for rows in small:
            self.assertRegex(rows[0], "^measuring .*acked, p99")
            self.assertEqual("".join(rows[1:]).strip(), "")
        self.assertEqual(len(shown[-1]), 40)
        self.assertTrue(shown[-1][0].startswith("squall: "))
        self.assertIn("response of each second", "\n".join(shown[-1]))

    def test_a_signal_gives_the_screen_back_and_loses_no_event(self):
        with Run(hit(self.target, time="60s")) as run:
            run.read_until(lambda output: b"measuring" in output, "load")
            run.signal(signal.SIGINT)
            run.end()
            after = run.parts()[2]
        self.assertIn(b"signal", after)
        self.assertIn(b"interrupted", after)

    def test_a_second_signal_gives_the_screen_back(self):
        held = Target(answers=False)
        self.addCleanup(held.close)
        with Run(hit(held, "--no-preflight", "--set", "load.drain=60s", "--timeout", "60s", time="60s")) as run:
            run.read_until(lambda output: b"measuring" in output, "load")
            run.signal(signal.SIGINT)
            run.read_until(lambda output: b"draining" in output, "the drain")
            time.sleep(0.15)  # what comes within 100 ms of the first is the same wish
            run.signal(signal.SIGINT)
            self.assertEqual(run.end(), 130)
            self.assertIn(b"ended at once", run.parts()[2])

    def test_what_kills_squall_gives_the_screen_back(self):
        for number, code in ((signal.SIGABRT, 8), (signal.SIGSEGV, -signal.SIGSEGV), (signal.SIGQUIT, -signal.SIGQUIT)):
            with self.subTest(number=number), Run(hit(self.target, time="60s")) as run:
                run.read_until(lambda output: b"measuring" in output, "load")
                run.signal(number)
                self.assertEqual(run.end(), code)
                self.assertTrue(run.output.rstrip().endswith(LEAVE), run.output[-100:])

    def test_a_suspended_run_gives_the_screen_back_until_it_goes_on(self):
        with Run(hit(self.target, time="60s")) as run:
            run.read_until(lambda output: b"measuring" in output, "load")
            run.signal(signal.SIGTSTP)
            _, status = os.waitpid(run.pid, os.WUNTRACED)
            self.assertTrue(os.WIFSTOPPED(status))
            run.read_until(lambda output: output.count(LEAVE) == 1, "the normal screen")
            run.signal(signal.SIGCONT)
            run.read_until(lambda output: output.count(ENTER) == 2, "the screen again")
            run.read_until(lambda output: b"run id" in output.rsplit(ENTER, 1)[1], "a whole frame")
            run.signal(signal.SIGINT)
            self.assertEqual(run.end(), 130, run.output)

    def test_continued_in_the_background_the_screen_is_the_shells(self):
        with Run([], shell="exec bash --norc --noprofile -i") as run:
            os.write(run.terminal, shlex.join([SQUALL] + hit(self.target, time="20s")).encode() + b"\n")
            run.read_until(lambda output: b"measuring" in output, "load")
            os.write(run.terminal, b"\x1a")
            run.read_until(lambda output: b"Stopped" in output, "a stopped job")
            journal, = glob.glob(run.folder.name + "/squall-runs/*/events.ndjson")
            size = os.path.getsize(journal)
            os.write(run.terminal, b"bg\n")
            run.read_until(lambda _: os.path.getsize(journal) > size, "a second in the background")
            os.write(run.terminal, b"echo $((41 + 1)) told\n")
            run.read_until(lambda output: b"42 told" in output, "the shell")
            self.assertEqual(run.output.count(ENTER), 1, run.output[-2000:])
            os.write(run.terminal, b"fg\n")
            run.read_until(lambda output: output.count(ENTER) == 2, "the screen again")
            run.read_until(lambda output: b"run id" in output.rsplit(ENTER, 1)[1], "a whole frame")
            os.write(run.terminal, b"\x03")
            run.read_until(lambda output: output.count(LEAVE) == 2, "the end")
            run.read_until(lambda output: b"interrupted" in output.rsplit(LEAVE, 1)[1], "the summary")
            os.write(run.terminal, b"exit 5\n")
            self.assertEqual(run.end(), 5)

    def test_no_color(self):
        for more, environment in ((["--no-color"], {}), ([], {"NO_COLOR": "1"})):
            with Run(hit(self.target, *more, time="300ms"), environment=environment) as run:
                self.assertEqual(run.end(), 0, run.output)
                self.assertIn(ENTER, run.output)
                self.assertEqual(re.findall(rb"\x1b\[[1-9][0-9;]*m", run.output), [])

    def test_less_than_a_screen(self):
        for environment, size, more in (({"TERM": "dumb"}, (100, 30), []), ({}, (59, 30), []), ({}, (100, 13), []),
                                        ({}, (100, 30), ["--live", "panel"]), ({}, (100, 30), ["--live", "lines"]),
                                        ({}, (100, 30), ["--live", "off"]), ({}, (100, 30), ["--quiet"])):
            with self.subTest(environment=environment, size=size, more=more):
                with Run(hit(self.target, *more, time="300ms"), size, environment) as run:
                    self.assertEqual(run.end(), 0, run.output)
                    self.assertNotIn(ENTER, run.output)
                    if "dumb" in environment.values() or more[-1:] in (["lines"], ["off"], ["--quiet"]):
                        self.assertNotRegex(run.output, rb"\x1b\[[0-9]*[AJK]")
                    self.assertEqual(b"measuring" in run.output, more[-1:] not in (["off"], ["--quiet"]))

    def test_in_the_background_of_a_shell_there_are_lines(self):
        with Run(hit(self.target, time="300ms"), shell='set -m; "$@" & wait $!') as run:
            self.assertEqual(run.end(), 0, run.output)
        self.assertNotIn(ENTER, run.output)
        self.assertNotRegex(run.output, rb"\x1b\[[0-9]*[AJK]")
        self.assertIn(b"measuring", run.output)

    def test_without_a_terminal_there_are_lines(self):
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run([SQUALL] + hit(self.target, "--live", "full", time="300ms"), cwd=folder,
                                 capture_output=True, timeout=PATIENCE, check=False)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertIn(b"measuring\n", run.stderr)
            self.assertNotIn(b"\x1b", run.stderr + run.stdout)

    def test_a_closed_stderr_costs_nothing_but_the_view(self):
        with tempfile.TemporaryDirectory() as folder:
            command = [SQUALL] + hit(self.target, "--require", "error_rate > 50%", time="300ms")
            run = subprocess.run(["/bin/sh", "-c", 'exec "$@" 2>&-', "sh"] + command, cwd=folder,
                                 stdout=subprocess.PIPE, timeout=PATIENCE, check=False)
            self.assertEqual(run.returncode, 1, run.stdout)
            self.assertIn(b"fail", run.stdout.lower())


if __name__ == "__main__":
    SQUALL = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
