"""CPU per request of the curl engine in an open loop, HTTP/1.1 and HTTP/2 over TLS, against libcurl's multi interface on a bare
epoll loop at the same rate, in turns."""
import copy
import dataclasses
import json
import os
import statistics

import clients
from bench import Row
from rows.cpu_per_request import squall_cpu
from servers import Certificate, Nginx

RATE = 10_000


def floor(bench, http2):
    """CPU microseconds per request of the bare libcurl loop."""
    command = [f"{bench.bin}/squall_curl_floor", bench.server.url + "/", "--connections", "64", "--rate", str(RATE),
               "--seconds", str(bench.seconds)] + (["--http2", "1"] if http2 else [])
    output, _, code = clients.run_pinned(command, bench.client_core)
    if code != 0:
        raise RuntimeError(f"squall_curl_floor failed: {output}")
    return json.loads(output)["cpu_us_per_request"]


def row(bench, server, keys, what, http2):
    server = copy.copy(server)
    server.target_keys += "\n" + keys
    bench = dataclasses.replace(bench, server=server)
    floors, figures = [], []
    for _ in range(bench.rounds):
        floors.append(floor(bench, http2))
        figures.append(squall_cpu(clients.squall(bench, RATE)))
    return Row(f"curl engine: CPU per request, {what}, {RATE}/s", statistics.median(figures), "us", "bare libcurl loop",
               statistics.median(floors), 1.15, list(zip(figures, floors)))


def measure(bench):
    rows = [row(bench, bench.server, 'engine = "curl"', "HTTP/1.1", False)]
    directory = os.path.join(bench.directory, "http2")
    os.makedirs(directory)
    with Nginx(directory, bench.server_core, Certificate(bench.bin, directory), http2=True) as server:
        rows.append(row(bench, server, 'http = "2"', "HTTP/2 over TLS", True))
    return rows
