"""1,000 toxics come and go under pgbench and redis-benchmark with 200 connections each: the slowest call on the proxy. The
test fails, and so does the row, when a byte is lost or changed or a connection breaks."""
import os
import re
import subprocess

from bench import Row

CHANGES = 1000


def measure(bench):
    output = subprocess.run([f"{bench.bin}/squall_proxy_load_test"], check=True, capture_output=True, text=True,
                            env=os.environ | {"SQUALL_TOXIC_CHANGES": str(CHANGES)}).stdout
    rows = []
    for load, calls, p50, p99, most in re.findall(
            r"^(\w+): .*?; (\d+) calls under load: p50 ([\d.]+) ms, p99 ([\d.]+) ms, max ([\d.]+) ms$", output, re.M):
        rows.append(Row(f"proxy under {load}: p50 of {calls} calls", float(p50), "ms", "", 0, 2000.0))
        rows.append(Row(f"proxy under {load}: p99", float(p99), "ms", "", 0, 2000.0))
        rows.append(Row(f"proxy under {load}: slowest", float(most), "ms", "", 0, 2000.0))
    return rows
