"""CPU per HTTP/1.1 request: squall's native engine in an open loop at 75% of wrk's throughput, against wrk at full speed and
against a bare epoll loop at squall's rate, in turns."""
import json
import statistics

import clients
from bench import Row


def floor(bench, rate, connections=64):
    """CPU microseconds per request of the bare epoll loop."""
    output, _, code = clients.run_pinned(
        [f"{bench.bin}/squall_epoll_floor", bench.server.url + "/", "--connections", str(connections), "--rate",
         str(int(rate)), "--seconds", str(bench.seconds)], bench.client_core)
    if code != 0:
        raise RuntimeError(f"squall_epoll_floor failed: {output}")
    return json.loads(output)["cpu_us_per_request"]


def squall_cpu(record):
    """User and system time while load ran, start-up and report left out."""
    attempts = record["totals"]["attempts"]
    return 1e6 * (record["cpu_user_s"] + record["cpu_system_s"]) / attempts


def measure(bench):
    wrk_cpu, floor_cpu, squall = [], [], []
    for _ in range(bench.rounds):
        throughput, cpu = clients.wrk(bench)
        rate = 0.75 * throughput
        wrk_cpu.append(cpu)
        floor_cpu.append(floor(bench, rate))
        squall.append(squall_cpu(clients.squall(bench, rate)))
    figure = statistics.median(squall)
    return [
        Row("CPU per request, open loop at 75% of wrk's rate", figure, "us", "wrk", statistics.median(wrk_cpu), 1.0,
            list(zip(squall, wrk_cpu))),
        Row("CPU per request, open loop at 75% of wrk's rate", figure, "us", "bare epoll loop",
            statistics.median(floor_cpu), 1.25, list(zip(squall, floor_cpu))),
    ]
