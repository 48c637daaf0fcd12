"""Memory does not grow with the number of requests: the most resident memory of squall from then on, its report included,
against what was resident after 10 seconds of the load."""
import json
import os
import subprocess
import tempfile
import time

import clients
from bench import Row

RATE = 20_000
REQUESTS = 5_000_000
SETTLED = 10.0  # seconds after the first request
WARMUP = 1.0    # of the plan


def resident(pid):
    """KiB, or None when the process has ended."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return None


def measure(bench):
    with tempfile.TemporaryDirectory(dir=bench.directory) as directory:
        plan = clients.write_plan(bench, directory, RATE, REQUESTS // RATE)
        out = os.path.join(directory, "run")
        process = subprocess.Popen(["taskset", "-c", str(bench.client_core), f"{bench.bin}/squall", "run", plan, "--out", out,
                                    "--quiet"], stdout=subprocess.DEVNULL)
        begin = time.monotonic()
        settled, most = None, 0
        while process.poll() is None:
            now = resident(process.pid)
            if now is not None and time.monotonic() - begin >= WARMUP + SETTLED:
                settled = settled or now
                most = max(most, now)
            time.sleep(0.1)
        if process.returncode != 0:
            raise RuntimeError(f"squall ended with {process.returncode}")
        with open(os.path.join(out, "record.json"), encoding="utf-8") as file:
            done = json.load(file)["totals"]["started"]
    return [Row(f"resident memory until the end, {done} requests", most / 1024, "MiB", "after 10 s", settled / 1024, 1.1)]
