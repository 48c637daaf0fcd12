"""Load generators under measurement: squall, wrk, and the bare epoll loop."""
import json
import os
import re
import subprocess
import tempfile

PLAN = """
format = 1
name = "bench"
preflight = true
[[target]]
name = "nginx"
urls = ["{url}"]
{target_keys}
[load]
warmup = "1s"
duration = "{seconds}s"
drain = "2s"
connections = {connections}
[limits]
lag_p99 = "1s"
[[scenario]]
name = "get"
arrivals = {{ process = "constant", rate = "{rate}/s" }}
  [[scenario.step]]
  name = "json"
  request = "GET /item/{{{{seq}}}}"
  expect = ["status == 200"]
[checks]
require = ["error_rate < 1%"]
"""


def run_pinned(command, core):
    """Runs to the end on one core; gives (stdout, cpu seconds of the process)."""
    process = subprocess.Popen(["taskset", "-c", str(core), *command], stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return output, usage.ru_utime + usage.ru_stime, process.returncode


def wrk(bench, connections=64):
    """Requests per second and CPU microseconds per request at full speed."""
    output, cpu, code = run_pinned(["wrk", "-t1", f"-c{connections}", f"-d{bench.seconds}s", bench.server.url],
                                   bench.client_core)
    if code != 0:
        raise RuntimeError(f"wrk failed: {output}")
    requests = int(re.search(r"(\d+) requests in", output).group(1))
    return requests / bench.seconds, 1e6 * cpu / requests


def write_plan(bench, directory, rate, seconds, connections=64):
    """A plan of one GET at that rate; its path."""
    plan = os.path.join(directory, "plan.toml")
    with open(plan, "w", encoding="utf-8") as file:
        file.write(PLAN.format(url=bench.server.url, target_keys=bench.server.target_keys, seconds=seconds, rate=int(rate),
                               connections=connections))
    return plan


def squall(bench, rate, connections=64, pace="timer"):
    """The run record of an open loop at that rate."""
    with tempfile.TemporaryDirectory(dir=bench.directory) as directory:
        plan = write_plan(bench, directory, rate, bench.seconds, connections)
        out = os.path.join(directory, "run")
        output, _, code = run_pinned([f"{bench.bin}/squall", "run", plan, "--out", out, "--quiet", "--pace", pace],
                                     bench.client_core)
        if code != 0:
            raise RuntimeError(f"squall ended with {code}: {output}")
        with open(os.path.join(out, "record.json"), encoding="utf-8") as file:
            return json.load(file)
