"""False alarms and power of comparisons, on 200 seeded synthetic comparisons each."""
import json
import subprocess

from bench import Row

COMPARISONS = 200


def measure(bench):
    figures = json.loads(subprocess.run([f"{bench.bin}/squall_compare_power", "--json", str(COMPARISONS)], check=True,
                                        capture_output=True, text=True).stdout)

    def percent(name):
        return 100 * figures[name] / figures["comparisons"]

    return [
        Row("ab: false alarms in 200 A/A, 10 rounds", figures["ab_false_alarms"], "", "", 0, 18),
        Row("ab: responses +10%, p99 found worse", percent("ab_power"), "%", "", 0, 100, at_least=90),
        Row("ab: p99 alone +10%, 10 rounds, found worse", percent("ab_tail_power"), "%", "", 0, 100, at_least=90),
        Row("ab: p99 alone +10%, 20 rounds, found worse", percent("ab_long_tail_power"), "%", "", 0, 100, at_least=90),
        Row("compare: false alarms in 200 A/A, runs alike", figures["compare_false_alarms"], "", "", 0, 18),
        Row("compare: responses +10%, found worse", percent("compare_power"), "%", "", 0, 100, at_least=90),
    ]
