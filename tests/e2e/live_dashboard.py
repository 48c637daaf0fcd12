"""The page of a run that goes on, in headless Chromium and as a hostile page or a slow reader would use it.

usage: live_dashboard.py SQUALL [unittest arguments]
"""

import http.client
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

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from live_target import Target

SQUALL = ""
PATIENCE = 60  # seconds, for what must happen


def until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError("never happened: " + what)
        time.sleep(0.05)
    return found


class Dashboard(unittest.TestCase):
    def setUp(self):
        self.target = Target()
        self.addCleanup(self.target.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.run_ = subprocess.Popen(
            [SQUALL, "hit", "-r", "50/s", "-z", "300s", "--set", "limits.lag_p99=5s", "--set", "limits.started=1%",
             "--set", "name=<script>alert(1)</script>", "--dashboard", "127.0.0.1:0", "--live", "off",
             self.target.url],
            cwd=folder.name, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(self.end)
        for line in self.run_.stderr:
            if found := re.search(r"dashboard at (http://127\.0\.0\.1:(\d+)/)$", line):
                self.url, self.port = found.group(1), int(found.group(2))
                return
        raise AssertionError("no address was told")

    def end(self):
        if self.run_.poll() is None:
            self.run_.kill()
        self.run_.wait()
        self.run_.stderr.close()

    def get(self, path, headers=None, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request(method, path, headers=headers or {})
        return connection.getresponse()

    def events(self, last_id=None):
        """Messages of /events as they come."""
        answer = self.get("/events", {"Last-Event-ID": last_id} if last_id else {})
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/event-stream"))
        message = {}
        for line in answer:
            key, _, value = line.decode().rstrip("\n").partition(": ")
            if key:
                message[key] = value
            elif "data" in message:
                yield message["id"], message["event"], json.loads(message["data"])
                message = {}

    def test_in_a_browser(self):
        options = webdriver.ChromeOptions()
        for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1000,2600"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.addCleanup(browser.quit)
        browser.get(self.url)
        root = browser.find_element(By.TAG_NAME, "html")
        shown = until(lambda: int(root.get_attribute("data-columns") or 0) >= 3 and
                      int(root.get_attribute("data-columns")), "three seconds on the page")
        self.assertEqual(browser.find_element(By.ID, "plan").text, "<script>alert(1)</script>")
        self.assertEqual(browser.find_element(By.ID, "link").text, "live")
        self.assertRegex(browser.find_element(By.ID, "stage").text, "measuring")
        self.assertRegex(browser.find_element(By.ID, "acked").text, r"^\d+/s$")
        for canvas in ("percentiles", "rates", "heat"):
            inks = browser.execute_script(
                "const c = document.getElementById(arguments[0]), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
                "const seen = new Set(); for (let i = 0; i < d.length; i += 4) if (d[i + 3]) seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]);"
                "return seen.size;", canvas)
            self.assertGreater(inks, 3, canvas + " is blank")
        until(lambda: int(root.get_attribute("data-columns")) > shown, "another second")
        if artefacts := os.environ.get("SQUALL_ARTEFACTS"):
            os.makedirs(artefacts, exist_ok=True)
            browser.save_screenshot(os.path.join(artefacts, "dashboard.png"))
        severe = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
        self.assertEqual(severe, [])
        self.run_.send_signal(signal.SIGINT)
        until(lambda: root.get_attribute("data-verdict"), "the verdict on the page")
        self.assertRegex(browser.find_element(By.ID, "stamp").text, r"exit \d+")
        self.assertIn(self.run_.wait(PATIENCE), (0, 1, 3, 7, 130))

    def test_a_viewer_goes_on_where_he_was(self):
        first = []
        for message in self.events():
            first.append(message)
            if message[1] == "column":
                break
        self.assertEqual(first[0][1], "begin")
        again = next(self.events(first[-1][0]))
        self.assertNotEqual(again[1], "begin")
        self.assertGreater(int(again[0].split("-")[1]), int(first[-1][0].split("-")[1]))
        self.assertEqual(next(self.events("other-7"))[1], "begin")

    def test_other_hosts_and_pages_are_refused(self):
        for host in ("evil.example:%d" % self.port, "evil.example", "127.0.0.1.evil.example:%d" % self.port, ""):
            for path in ("/", "/events"):
                answer = self.get(path, {"Host": host})
                self.assertEqual(answer.status, 421, host)
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
                        {"Origin": "http://127.0.0.1:1"}):
            self.assertEqual(self.get("/events", headers).status, 403, headers)
        self.assertEqual(self.get("/events/../etc").status, 404)
        self.assertEqual(self.get("/", method="POST").status, 405)
        page = self.get("/", {"Host": "localhost:%d" % self.port})
        self.assertEqual(page.status, 200)
        self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
        self.assertNotIn("unsafe", page.headers["Content-Security-Policy"])

    def test_a_reader_that_reads_nothing_disturbs_nobody(self):
        stuck = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(10)]
        for one in stuck:
            self.addCleanup(one.close)
            one.sendall(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        columns = 0
        for message in self.events():
            columns += message[1] == "column"
            if columns == 2:
                break
        self.run_.send_signal(signal.SIGINT)
        self.assertIn(self.run_.wait(PATIENCE), (0, 1, 3, 7, 130))


if __name__ == "__main__":
    SQUALL = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
