"""What other programs see of a run while it goes on: lines of JSON on stdout, Prometheus' endpoint.

usage: live_output.py SQUALL [unittest arguments]
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

from live_target import Target

SQUALL = ""
PATIENCE = 30  # seconds, for what must happen
LENIENT = ["--set", "limits.lag_p99=5s", "--set", "limits.started=1%"]


def hit(target, *more, time="1500ms"):
    return [SQUALL, "hit", "-r", "50/s", "-z", time, *LENIENT, *more, target.url]


class WithTarget(unittest.TestCase):
    def setUp(self):
        self.target = Target()
        self.addCleanup(self.target.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def run_to_end(self, command, **more):
        return subprocess.run(command, cwd=self.folder, capture_output=True, timeout=PATIENCE, check=False, **more)

    def start(self, command, **more):
        process = subprocess.Popen(command, cwd=self.folder, text=True, **more)

        def end():
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()

        self.addCleanup(end)
        return process


class JsonOutput(WithTarget):
    def test_stdout_is_lines_of_json_and_the_last_has_the_verdict(self):
        run = self.run_to_end(hit(self.target, "--output", "json", "--require", "error_rate < 1%"))
        self.assertEqual(run.returncode, 0, run.stderr)
        lines = [json.loads(line) for line in run.stdout.decode().splitlines()]
        self.assertEqual(lines[0]["type"], "begin")
        self.assertEqual([line["type"] for line in lines].count("end"), 1)
        end = lines[-1]
        self.assertEqual((end["type"], end["verdict"], end["exit_code"]), ("end", "pass", 0))
        self.assertEqual(end["checks"][0]["verdict"], "pass")
        with open(os.path.join(self.folder, end["directory"], "record.json"), encoding="utf-8") as file:
            record = json.load(file)
        seconds = [line for line in lines if line["type"] == "second"]
        # The moment in which workers wait for t = 0 is recorded, but nothing to tell.
        recorded = [second for second in record["seconds"] if second["second"] >= 0]
        self.assertEqual([second["second"] for second in seconds], [second["second"] for second in recorded])
        self.assertEqual(sum(second["started"] for second in seconds), record["totals"]["started"])
        self.assertEqual(sum(second["acked"] for second in seconds), 75)
        stages = [line["stage"] for line in lines if line["type"] == "stage"]
        self.assertIn("measured", stages)

    def test_a_failure_has_its_code_in_the_last_line(self):
        run = self.run_to_end(hit(self.target, "--output", "json", "--require", "error_rate > 50%", time="300ms"))
        self.assertEqual(run.returncode, 1)
        end = json.loads(run.stdout.splitlines()[-1])
        self.assertEqual((end["verdict"], end["exit_code"]), ("fail", 1))
        self.assertTrue(end["reasons"])

    def test_a_plan_that_cannot_be_read_ends_with_a_line_too(self):
        run = self.run_to_end([SQUALL, "run", "missing.toml", "--output", "json"])
        self.assertEqual(run.returncode, 2)
        self.assertEqual([json.loads(line)["exit_code"] for line in run.stdout.splitlines()], [2])

    def test_a_reader_that_leaves_does_not_cost_the_verdict(self):
        run = self.start(hit(self.target, "--output", "json", "--require", "error_rate > 50%"),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(json.loads(run.stdout.readline())["type"], "begin")
        run.stdout.close()
        self.assertEqual(run.wait(PATIENCE), 1)

    def test_a_reader_that_takes_nothing_does_not_hold_the_run_up(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        os.set_blocking(writer, False)
        try:
            while os.write(writer, bytes(4096)):
                pass
        except BlockingIOError:
            pass
        os.set_blocking(writer, True)
        run = self.start(hit(self.target, "--output", "json", time="300ms"), stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        # It has judged itself while nobody read.
        folder = next(line.split()[-1] for line in run.stderr if "results go to" in line)
        record = os.path.join(self.folder, folder, "record.json")
        deadline = time.monotonic() + PATIENCE
        while not os.path.exists(record):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        with open(reader, "rb", closefd=False) as pipe:
            lines = pipe.read().lstrip(b"\0").splitlines()
        self.assertEqual([json.loads(line)["type"] for line in lines], ["lost", "end"])
        self.assertEqual(run.wait(PATIENCE), 0)

    def test_a_closed_stdout_does_not_cost_the_verdict(self):
        command = hit(self.target, "--output", "json", "--require", "error_rate > 50%", time="300ms")
        run = self.run_to_end(["/bin/sh", "-c", 'exec "$@" >&-', "sh", *command])
        self.assertEqual(run.returncode, 1, run.stderr)

    def test_an_interrupted_run_still_ends_with_its_line(self):
        run = self.start(hit(self.target, "--output", "json", time="60s"), stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL)
        for line in run.stdout:
            if json.loads(line)["type"] == "second":
                break
        run.send_signal(signal.SIGINT)
        end = json.loads(run.stdout.read().splitlines()[-1])
        self.assertEqual(end["type"], "end")
        self.assertTrue(end["interrupted"])
        self.assertEqual(run.wait(PATIENCE), end["exit_code"])


class Metrics(WithTarget):
    def url_told(self, run):
        """What the line on stderr says."""
        for line in run.stderr:
            if found := re.search(r"metrics at (http://\S+/metrics)$", line):
                return found.group(1)
        raise AssertionError("no address was told")

    def test_a_run_is_scraped_while_it_goes_on(self):
        run = self.start(hit(self.target, "--metrics", "127.0.0.1:0", "--live", "off", time="60s"),
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        url = self.url_told(run)
        started = []
        deadline = time.monotonic() + PATIENCE
        while len(started) < 3:
            self.assertLess(time.monotonic(), deadline, started)
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                self.assertIn("text/plain; version=0.0.4", answer.headers["Content-Type"])
                text = answer.read().decode()
            found = re.search(r"^squall_arrivals_started_total (\d+)$", text, re.MULTILINE)
            if found and int(found.group(1)) > (started[-1] if started else 0):
                started.append(int(found.group(1)))
            time.sleep(0.05)
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True,
                                 timeout=PATIENCE, check=False)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        self.assertEqual(checked.stdout + checked.stderr, "")
        buckets = [int(value) for value in
                   re.findall(r'^squall_operation_response_seconds_bucket\{.*\} (\d+)$', text, re.MULTILINE)]
        self.assertEqual(buckets, sorted(buckets))
        acked = re.search(r"^squall_operations_acked_total (\d+)$", text, re.MULTILINE)
        self.assertEqual(buckets[-1], int(acked.group(1)))
        with self.assertRaises(urllib.error.HTTPError) as other:
            urllib.request.urlopen(url.replace("/metrics", "/"), timeout=PATIENCE)
        self.assertEqual(other.exception.code, 404)
        other.exception.close()
        run.send_signal(signal.SIGINT)
        run.stderr.read()
        run.wait(PATIENCE)

    def test_an_address_in_use_is_told_before_anything_is_sent(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            run = self.run_to_end(hit(self.target, "--metrics", address))
        self.assertEqual(run.returncode, 2)
        self.assertIn(address.encode(), run.stderr)
        self.assertEqual(self.target.connections, [])
        self.assertEqual(os.listdir(self.folder), [])

    def test_what_is_no_address_is_a_usage_error(self):
        for text in ("9646", "127.0.0.1", "127.0.0.1:99999", "::1:80", "http://127.0.0.1:80", ":80"):
            with self.subTest(text=text):
                run = self.run_to_end(hit(self.target, "--metrics", text))
                self.assertEqual(run.returncode, 2)
                self.assertIn(b"--metrics", run.stderr)


if __name__ == "__main__":
    SQUALL = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
