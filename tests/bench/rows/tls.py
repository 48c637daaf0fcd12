"""CPU per HTTP/1.1 request over TLS: squall's native engine in an open loop at 75% of wrk's throughput, against wrk at full
speed, in turns. Both use OpenSSL, so what differs is what stands around it."""
import dataclasses
import os
import statistics

import clients
from bench import Row
from rows.cpu_per_request import squall_cpu
from servers import Certificate, Nginx


def measure(bench):
    directory = os.path.join(bench.directory, "tls")
    os.makedirs(directory)
    wrk_cpu, squall = [], []
    with Nginx(directory, bench.server_core, Certificate(bench.bin, directory)) as server:
        over_tls = dataclasses.replace(bench, server=server)
        for _ in range(bench.rounds):
            throughput, cpu = clients.wrk(over_tls)
            wrk_cpu.append(cpu)
            squall.append(squall_cpu(clients.squall(over_tls, 0.75 * throughput)))
    return [Row("CPU per request over TLS, 75% of wrk's rate", statistics.median(squall), "us", "wrk over TLS",
                statistics.median(wrk_cpu), 1.0, list(zip(squall, wrk_cpu)))]
