"""annotations.py RECORD PLAN: failed checks and required findings of a run as annotations of GitHub, at their line of the plan.

Writes workflow commands to stdout and `verdict=…` to $GITHUB_OUTPUT. Texts of plan and target are data: what means something in
a workflow command is escaped, so that none of them can begin one.
"""
import json
import os
import sys

MOST = 10  # GitHub shows ten errors and ten warnings of a step


def escaped(text):
    return str(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text):
    return escaped(text).replace(":", "%3A").replace(",", "%2C")


def line_of(plan_lines, text):
    """Where a check stands, as written: TOML may have escaped its quotes."""
    forms = {text, json.dumps(text, ensure_ascii=False)[1:-1]}
    for number, line in enumerate(plan_lines, 1):
        if any(form in line for form in forms):
            return number
    return 1


def command(level, plan, line, title, message):
    place = f"file={escaped_property(plan)},line={line},title={escaped_property(title)}"
    return f"::{level} {place}::{escaped(message)}"


def annotations(record, plan, plan_lines):
    for check in record.get("checks", []):
        if check["verdict"] == "pass":
            continue
        level = "error" if check["verdict"] in ("fail", "invalid") else "warning"
        note = f" ({check['note']})" if check.get("note") else ""
        told = f"{check['source']}: {check.get('value_text', 'n/a')}{note}"
        yield command(level, plan, line_of(plan_lines, check["source"]), f"squall: {check['verdict']}", told)
    for finding in record.get("findings", []):
        if finding["verdict"] != "fail":
            continue
        level = "error" if finding.get("required") else "warning"
        yield command(level, plan, line_of(plan_lines, finding["detector"]), f"squall: {finding['id']}", finding["summary"])


def main():
    record_path, plan = sys.argv[1:]
    with open(record_path, encoding="utf-8") as file:
        record = json.load(file)
    with open(plan, encoding="utf-8", errors="replace") as file:
        plan_lines = file.read().splitlines()
    commands = list(annotations(record, plan, plan_lines))
    for level in ("::error ", "::warning "):
        for one in [one for one in commands if one.startswith(level)][:MOST]:
            print(one)
    # A run may fail without a check: unreachable, invalid, interrupted.
    if record["verdict"] != "pass" and not any(one.startswith("::error ") for one in commands):
        level = "warning" if record["verdict"] == "inconclusive" and record["exit_code"] == 0 else "error"
        print(command(level, plan, 1, f"squall: {record['verdict']}", "; ".join(record.get("reasons", [])) or record["verdict"]))
    with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
        file.write(f"verdict={record['verdict']}\n")


main()
