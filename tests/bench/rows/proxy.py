"""The fault proxy: CPU of the proxy per request that passes through it, beside HAProxy in TCP mode with one thread, in turns
under the same load; memory of idle links."""
import dataclasses
import os
import re
import statistics
import subprocess
import time

import clients
from bench import Row
from servers import free_port

HAPROXY = """
global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 5m
  timeout server 5m
listen proxy
  bind 127.0.0.1:{port}
  server nginx 127.0.0.1:{upstream}
"""
LINKS = 10_000


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Squall:
    """A proxy without toxics before the server of the bench."""

    def __init__(self, bench):
        self.process = subprocess.Popen(["taskset", "-c", str(bench.client_core), f"{bench.bin}/squall_proxy_links", "serve",
                                         f"127.0.0.1:{bench.server.port}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.port = int(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


class Haproxy:
    def __init__(self, bench):
        self.port = free_port()
        path = os.path.join(bench.directory, "haproxy.cfg")
        with open(path, "w", encoding="utf-8") as file:
            file.write(HAPROXY.format(port=self.port, upstream=bench.server.port))
        self.process = subprocess.Popen(["taskset", "-c", str(bench.client_core), "/usr/sbin/haproxy", "-db", "-q", "-f", path])

    def end(self):
        self.process.terminate()
        self.process.wait(timeout=10)


@dataclasses.dataclass
class Through:
    """What clients see as the server."""
    url: str


def cpu_per_request(bench, proxy):
    """Microseconds of the proxy while wrk runs through it at full speed."""
    behind = dataclasses.replace(bench, server=Through(f"http://127.0.0.1:{proxy.port}"))
    before = cpu_seconds(proxy.process.pid)
    throughput, _ = clients.wrk(behind)
    return 1e6 * (cpu_seconds(proxy.process.pid) - before) / (throughput * bench.seconds)


def idle_links(bench):
    """Bytes a link, and how many there were."""
    output = subprocess.run([f"{bench.bin}/squall_proxy_links", str(LINKS), "1000"], check=True, capture_output=True,
                            text=True).stdout
    links, size = re.search(r"(\d+) links, 0 toxics each way: (\d+) bytes a link", output).groups()
    return int(size), int(links)


def measure(bench):
    squall, haproxy = [], []
    proxies = [(Squall(bench), squall), (Haproxy(bench), haproxy)]
    try:
        time.sleep(0.5)  # both listen by then, or wrk says that they do not
        for _ in range(bench.rounds):
            for proxy, figures in proxies:
                figures.append(cpu_per_request(bench, proxy))
    finally:
        for proxy, _ in proxies:
            proxy.end()
    size, links = idle_links(bench)
    return [
        Row("CPU of the proxy per request through it", statistics.median(squall), "us", "HAProxy, TCP", statistics.median(haproxy),
            1.5, list(zip(squall, haproxy))),
        Row(f"memory of an idle link, {links} of them", size, "B", "", 0, 2048.0),
    ]
