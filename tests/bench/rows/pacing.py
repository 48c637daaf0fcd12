"""Lag of intended starts at 20,000 arrivals a second on one worker: the generator's own lateness."""
import statistics

import clients
from bench import Row

RATE = 20_000


def lag(record, figure):
    """Of the successful attempts of the measured phase, microseconds."""
    cell = next(c for c in record["attempts"] if c["phase"] == "measured" and c["class"] == "success")
    return cell["lag"][figure] / 1000


def measure(bench):
    rows = []
    for pace, goal in (("timer", 30.0), ("spin", 1.0)):
        records = [clients.squall(bench, RATE, pace=pace) for _ in range(bench.rounds)]
        late = [r["totals"]["due"] - r["totals"]["started"] for r in records]
        median = [lag(r, "p50_ns") for r in records]
        tail = [lag(r, "p99_ns") for r in records]
        rows.append(Row(f"lag p50 at {RATE}/s, {pace} ({max(late)} never started)", statistics.median(median), "us", "",
                        0, goal, median))
        rows.append(Row(f"lag p99 at {RATE}/s, {pace}", statistics.median(tail), "us", "", 0, 1000.0, tail))
    return rows
