"""One record into a warm histogram, and the merge of a thousand shards."""
import json
import subprocess

from bench import Row


def measure(bench):
    output = subprocess.run(
        ["taskset", "-c", str(bench.client_core), f"{bench.bin}/squall_histogram_bench", "--benchmark_format=json",
         f"--benchmark_repetitions={bench.rounds}", "--benchmark_report_aggregates_only=true"],
        check=True, capture_output=True, text=True).stdout
    medians = {b["run_name"]: b for b in json.loads(output)["benchmarks"] if b["aggregate_name"] == "median"}
    record = medians["record<IntervalHistogram>"]
    merge = medians["merge_1000_shards"]
    return [
        Row("histogram: one record", record["cpu_time"], record["time_unit"], "", 0, 10.0),
        Row("histogram: merge of 1,000 shards", merge["cpu_time"], merge["time_unit"], "", 0, 1000.0),
    ]
