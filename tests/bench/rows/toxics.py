"""Each toxic and HTTP fault, live and at low load, one connection at a time: what a client sees in the median, beside what the
attributes ask for. Times in milliseconds, the rest in bytes, requests or percent."""
import dataclasses
import http.client
import http.server
import json
import re
import socket
import socketserver
import statistics
import subprocess
import threading
import time
import typing
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime

from bench import Row

PING = b"p" * 1000
BODY = json.dumps({"status": "succeeded", "amount": 1999, "note": "n" * 400}).encode()


class Echo(socketserver.BaseRequestHandler):
    """Sends back what comes, and ends when its peer does."""

    def handle(self):
        try:
            while data := self.request.recv(65536):
                self.request.sendall(data)
        except OSError:
            pass  # the toxic tore the connection: what the client saw is what counts


class Web(http.server.BaseHTTPRequestHandler):
    """Answers BODY and counts what reaches it."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes
    seen = 0
    headers_seen: typing.ClassVar[dict] = {}

    def do_GET(self):
        Web.seen += 1
        Web.headers_seen = dict(self.headers)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def log_message(self, *_):
        pass


class Threaded(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class Api:
    """squall proxy serve, with a proxy before each of two servers."""

    def __init__(self, bench):
        self.process = subprocess.Popen([f"{bench.bin}/squall", "proxy", "serve", "--port", "0", "--seed", "7"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.base = "http://" + re.search(r"(127\.0\.0\.1|\[::1\]|localhost):\d+", self.process.stdout.readline())[0]

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.base + path, method=method, data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as problem:
            raise RuntimeError(f"{method} {path} {body}: {problem.read().decode()}") from problem

    def proxy(self, name, upstream, mode):
        listen = self.call("POST", "/proxies", {"name": name, "listen": "127.0.0.1:0", "upstream": f"127.0.0.1:{upstream}",
                                                "enabled": True} | mode)["listen"]
        return int(listen.rsplit(":", 1)[1])

    def end(self):
        self.process.terminate()
        self.process.wait(timeout=10)


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=3)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def milliseconds(since):
    return 1000 * (time.perf_counter() - since)


def receive(connection, wanted):
    """Up to so many bytes; fewer when the connection ends before."""
    got = bytearray()
    try:
        while len(got) < wanted and (data := connection.recv(65536)):
            got += data
    except ConnectionResetError:
        pass
    return bytes(got)


def round_trip(port, data=PING):
    with connect(port) as connection:
        since = time.perf_counter()
        connection.sendall(data)
        receive(connection, len(data))
        return milliseconds(since)


def until_end(port):
    """From the first bytes sent to the end of the connection."""
    with connect(port) as connection:
        since = time.perf_counter()
        connection.sendall(PING)
        receive(connection, 1 << 30)
        return milliseconds(since)


def until_end_after_close(port):
    """From the client's end of sending to the server's."""
    with connect(port) as connection:
        connection.sendall(PING)
        receive(connection, len(PING))
        since = time.perf_counter()
        connection.shutdown(socket.SHUT_WR)
        receive(connection, 1)
        return milliseconds(since)


def bytes_back(port, data=PING):
    with connect(port) as connection:
        connection.sendall(data)
        return len(receive(connection, 1 << 30))


def bytes_until_silence(port, data, silence=0.15):
    with connect(port) as connection:
        connection.settimeout(silence)
        got = 0
        try:
            connection.sendall(data)
            while part := connection.recv(65536):
                got += len(part)
        except TimeoutError:
            pass
        return got


def share_changed(port):
    data = bytes(100_000)
    with connect(port) as connection:
        threading.Thread(target=connection.sendall, args=(data,), daemon=True).start()
        got = receive(connection, len(data))
    return 100 * sum(byte != 0 for byte in got) / len(data)


def refused(port):
    try:
        with connect(port):
            return 0
    except ConnectionRefusedError:
        return 100


@dataclasses.dataclass
class Answer:
    status: int = 0
    body: bytes = b""
    headers: dict = dataclasses.field(default_factory=dict)
    took: float = 0
    raw: bytes = b""


def get(port):
    """An answer as far as it can be read; status 0 where nothing can."""
    answer = Answer()
    since = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("GET", "/")
        response = connection.getresponse()
        answer.status, answer.headers = response.status, response.headers
        try:
            answer.body = response.read()
        except http.client.IncompleteRead as cut:
            answer.body = cut.partial
    except (ConnectionError, http.client.HTTPException):
        pass
    finally:
        connection.close()
    answer.took = milliseconds(since)
    return answer


def raw_bytes(port):
    with connect(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return len(receive(connection, 1 << 30))


def requests_upstream(port):
    before = Web.seen
    get(port)
    deadline = time.monotonic() + 1  # copies may come after the answer
    while Web.seen - before < 3 and time.monotonic() < deadline:
        time.sleep(0.005)
    return Web.seen - before


def executed_without_answer(port):
    before = Web.seen
    return 100 * (get(port).status == 0) * (Web.seen - before)


def broken_chunk(port):
    """Bytes of a body that came before the chunk that cannot be read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    connection.request("GET", "/")
    response = connection.getresponse()
    try:
        response.read()
        return 0
    except http.client.IncompleteRead:
        return 100
    finally:
        connection.close()


def seconds_off(port):
    return parsedate_to_datetime(get(port).headers["Date"]).timestamp() - time.time()


def refused_by_quota(port):
    return 100 * sum(get(port).status == 429 for _ in range(10)) / 10


@dataclasses.dataclass
class Case:
    toxic: str
    attributes: dict
    what: str
    unit: str
    expected: float
    measure: typing.Callable
    times: int = 21

    def limits(self):
        """The most and the least of what was asked for, as a ratio; without a reference, the figure itself."""
        if self.expected == 0:
            return (2.0, 0.0) if self.unit == "ms" else (0.0, 0.0)
        if self.exact:
            return 1.0, 1.0
        # What is drawn by chance is as near as so many draws come.
        return (1.15, 0.85) if self.unit == "%" or self.times > 100 else (1.1, 0.99)

    @property
    def exact(self):
        return self.unit in ("B", "") or self.expected == 100

TCP = [
    Case("noop", {}, "round trip", "ms", 0, round_trip),
    Case("latency", {"latency": 50}, "round trip", "ms", 50, round_trip),
    Case("latency", {"latency": 50, "jitter": 20}, "round trip, jitter", "ms", 50, round_trip, 101),
    Case("latency", {"delay": {"median": "40ms", "sigma": 0.5, "distribution": "lognormal"}}, "round trip, lognormal", "ms", 40,
         round_trip, 101),
    Case("bandwidth", {"rate": 500}, "100 kB back", "ms", 200, lambda port: round_trip(port, bytes(100_000)), 7),
    Case("slicer", {"average_size": 100, "delay": 5000}, "16 pieces", "ms", 75, round_trip),  # it halves: 62 or 63 bytes each
    Case("slow_close", {"delay": 80}, "end to end", "ms", 80, until_end_after_close),
    Case("timeout", {"timeout": 80}, "until closed", "ms", 80, until_end),
    Case("reset_peer", {"timeout": 80}, "until reset", "ms", 80, until_end),
    Case("close_after", {"delay": 80}, "until closed", "ms", 80, until_end),
    Case("half_close", {"bytes": 400}, "bytes back", "B", 400, bytes_back),
    Case("limit_data", {"bytes": 400}, "bytes back", "B", 400, bytes_back),
    Case("mtu_blackhole", {"mtu": 1400}, "small chunk back", "B", 1000, lambda port: bytes_until_silence(port, PING), 5),
    Case("mtu_blackhole", {"mtu": 900}, "large chunk back", "B", 0, lambda port: bytes_until_silence(port, PING), 5),
    Case("blackhole", {}, "bytes back", "B", 0, lambda port: bytes_until_silence(port, PING), 5),
    Case("corrupt", {"rate": 0.05}, "bytes changed", "%", 5, share_changed, 7),
    Case("packet_loss", {"loss_rate": 0.3}, "chunks lost", "%", 30,
         lambda port: 100 * (bytes_until_silence(port, PING, 0.05) == 0), 401),
    Case("refuse", {}, "refused", "%", 100, refused),
]

HTTP = [
    Case("http_delay", {"delay": "50ms"}, "until answered", "ms", 50, lambda port: get(port).took),
    Case("http_slow_body", {"bytes_per_second": "1KB"}, "body", "ms", len(BODY), lambda port: get(port).took, 7),
    Case("http_status", {"status": 503}, "status", "", 503, lambda port: get(port).status),
    Case("http_abort", {"at": "after"}, "executed, not answered", "%", 100, executed_without_answer),
    Case("http_abort", {"at": "before"}, "executed", "%", 0, executed_without_answer),
    Case("http_duplicate", {"copies": 3}, "requests upstream", "", 3, requests_upstream),
    Case("http_truncate", {"bytes": "100B"}, "body", "B", 100, lambda port: len(get(port).body)),
    Case("http_empty_reply", {}, "answer", "B", 0, raw_bytes),
    Case("http_garbage", {"bytes": "256B"}, "answer", "B", 256, raw_bytes),
    Case("http_malformed_chunk", {}, "broken bodies", "%", 100, broken_chunk),
    Case("http_body_replace", {"body": "short"}, "body", "B", 5, lambda port: len(get(port).body)),
    Case("http_body_patch", {"pointer": "/amount", "value": "7"}, "the value", "", 7,
         lambda port: json.loads(get(port).body)["amount"]),
    Case("http_header_set", {"headers": ["X-Now: 5"]}, "the field", "", 5, lambda port: int(get(port).headers["X-Now"])),
    Case("http_header_remove", {"names": ["ETag"]}, "fields left", "", 0, lambda port: int("ETag" in get(port).headers)),
    Case("http_date_skew", {"by": "1h"}, "Date off", "s", 3600, seconds_off),
    Case("http_quota", {"requests": 4, "per": "60s"}, "refused of ten", "%", 60, refused_by_quota, 1),
]


def median_of(api, proxy, port, case):
    api.call("POST", f"/proxies/{proxy}/toxics", {"type": case.toxic, "name": "one", "stream": "downstream",
                                                  "attributes": case.attributes})
    try:
        figures = [case.measure(port) for _ in range(case.times)]
    finally:
        api.call("DELETE", f"/proxies/{proxy}/toxics/one")
    # A share of yes and no has no median.
    return statistics.mean(figures) if case.unit == "%" else statistics.median(figures)


def measure(bench):
    rows = []
    with Threaded(("127.0.0.1", 0), Echo) as echo, Threaded(("127.0.0.1", 0), Web) as web:
        for server in (echo, web):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        api = Api(bench)
        try:
            for name, server, mode, cases in (("tcp", echo, {}, TCP), ("http", web, {"mode": "http"}, HTTP)):
                port = api.proxy(name, server.server_address[1], mode)
                for case in cases:
                    figure = median_of(api, name, port, case)
                    most, least = case.limits()
                    rows.append(Row(f"{case.toxic}: {case.what}", figure, case.unit, "asked for", case.expected, most, at_least=least))
                same = round_trip(port) if name == "tcp" else get(port).took
                rows.append(Row(f"after all {name} toxics were removed", same, "ms", "", 0, 2.0))
        finally:
            api.end()
            echo.shutdown()
            web.shutdown()
    return rows
