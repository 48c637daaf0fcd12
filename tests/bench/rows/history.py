"""A hundred thousand operations on a thousand registers, put in order."""
import json
import subprocess

from bench import Row


def measure(bench):
    output = subprocess.run(
        ["taskset", "-c", str(bench.client_core), f"{bench.bin}/squall_history_bench", "--benchmark_filter=registers/1000/100$",
         "--benchmark_format=json", f"--benchmark_repetitions={bench.rounds}", "--benchmark_report_aggregates_only=true"],
        check=True, capture_output=True, text=True).stdout
    median = next(b for b in json.loads(output)["benchmarks"] if b["aggregate_name"] == "median")
    return [Row("history: 100,000 operations on 1,000 registers in order", median["cpu_time"], median["time_unit"], "", 0, 5000.0)]
