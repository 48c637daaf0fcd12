"""The effects of a million operations, judged."""
import json
import subprocess

from bench import Row


def measure(bench):
    output = subprocess.run(
        ["taskset", "-c", str(bench.client_core), f"{bench.bin}/squall_ledger_bench", "--benchmark_filter=judge/1000000",
         "--benchmark_format=json", f"--benchmark_repetitions={bench.rounds}", "--benchmark_report_aggregates_only=true"],
        check=True, capture_output=True, text=True).stdout
    median = next(b for b in json.loads(output)["benchmarks"] if b["aggregate_name"] == "median")
    return [Row("ledger: 1,000,000 operations judged", median["cpu_time"], median["time_unit"], "", 0, 1000.0)]
