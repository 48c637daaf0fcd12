"""`squall merge` of a thousand shards, from their files to the reports: one shard of a run against nginx is recorded, and copied
under each number."""
import json
import os
import shutil
import subprocess
import tempfile
import time

import clients
from bench import Row

SHARDS = 1000
RATE = 200_000  # of the whole: 200/s for each shard
SECONDS = 10


def copy_as(directory, index, text, seen):
    """As if that shard had recorded it."""
    os.mkdir(directory)
    with open(f"{directory}/record.json", "w", encoding="utf-8") as file:
        file.write(text.replace('"@SHARD@"', json.dumps({"index": index, "count": SHARDS})))
    for name in ("plan.toml", "ledger.ndjson"):
        shutil.copy(f"{seen}/{name}", directory)


def measure(bench):
    with tempfile.TemporaryDirectory(dir=bench.directory) as directory:
        plan = clients.write_plan(bench, directory, RATE, SECONDS)
        subprocess.run(["taskset", "-c", str(bench.client_core), f"{bench.bin}/squall", "run", plan, "--shard", f"1/{SHARDS}", "--run-id",
                        "bench", "--out", f"{directory}/seen", "--quiet"], check=False, stdout=subprocess.DEVNULL)
        seen = f"{directory}/seen/shard-1-of-{SHARDS}"
        with open(f"{seen}/record.json", encoding="utf-8") as file:
            record = json.load(file)
        record["shard"] = "@SHARD@"
        text = json.dumps(record)
        names = []
        for index in range(SHARDS):
            names.append(f"{directory}/{index}")
            copy_as(names[-1], index, text, seen)
        seconds = []
        for turn in range(bench.rounds):
            begin = time.monotonic()
            subprocess.run([f"{bench.bin}/squall", "merge", *names, "--out", f"{directory}/whole{turn}", "--quiet"],
                           check=False, stdout=subprocess.DEVNULL)
            seconds.append(time.monotonic() - begin)
            with open(f"{directory}/whole{turn}/record.json", encoding="utf-8") as file:
                started = json.load(file)["totals"]["started"]
            if started != SHARDS * record["totals"]["started"]:
                raise RuntimeError(f"{started} arrivals in the sum of {SHARDS} times {record['totals']['started']}")
        middle = sorted(seconds)[len(seconds) // 2]
        rows = f"{SHARDS} shards of {record['totals']['started']} operations"
    return [Row(f"squall merge: {rows}", middle, "s", "", 0, 1.0, samples=seconds)]
