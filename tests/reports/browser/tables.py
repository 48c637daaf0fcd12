"""Every figure of a page's tables against record.json."""
import math

from figures import HIGHEST, number, operations


def read(page, table):
    """Rows as lists of texts, None when the page has no such table."""
    return page.script(
        """const table = document.getElementById(arguments[0]);
        return table && [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent))""", table)


def same(text, value, what):
    """`value` in the units of figures.number(); None for n/a, inf for what never ended."""
    if value is None:
        assert text == "n/a", (what, text, value)
    elif value == math.inf:
        assert text in ("> 1h", "never"), (what, text)
    else:
        # Figures of three digits: half of the last one, and what a float is off.
        assert abs(number(text) - value) <= max(abs(value) * 0.0051, 0.011 if "%" not in text else 0.0001), (what, text, value)


def exactly(text, value, what):
    assert text == str(value), (what, text, value)


def steps(page):
    rows = read(page, "steps")
    seconds = page.record["measured_duration_ns"] / 1e9
    if rows is None:
        assert operations(page.record)[0].total() == 0
        return
    seen, owner = set(), None
    for row in rows:
        part = row[0] == "acked alone"
        owner = owner if part else row[0]
        responses, errors = operations(page.record, owner, row[1], "acked" if part else None)
        what = (owner, row[1], "acked alone" if part else "")
        exactly(row[2], responses.total(), what)
        if row[3]:
            same(row[3], responses.total() / seconds, what)
        same(row[4], errors / responses.total(), what)
        for column, percentile in ((5, 50), (6, 90), (7, 99), (9, 99.9)):
            same(row[column], responses.percentile(percentile), (what, percentile))
        if row[8] != "n/a":
            low, high = (number(one) for one in row[8].split(" to "))
            assert low <= responses.percentile(99) * 1.0051 and responses.percentile(99) <= high * 1.0051, (what, row[8])
        same(row[10], responses.maximum(), (what, "max"))
        seen.add(what)
    kinds = {(cell["step"], cell["exposure"], "") for cell in page.record["operations"] if cell["phase"] != "warmup"}
    assert kinds == {what for what in seen if not what[2]}, kinds ^ seen


def tiles(page):
    values = page.script("return Object.fromEntries([...document.querySelectorAll('.tile b')].map((b) => [b.id.slice(5), b.textContent]))")
    responses, errors = operations(page.record)
    if responses.total():
        exactly(values["operations"], responses.total(), "tile")
        same(values["errors"], errors / responses.total(), "tile errors")
        same(values["p50"], responses.percentile(50), "tile p50")
        same(values["p99"], responses.percentile(99), "tile p99")
        acked = (responses.total() - errors) / (page.record["measured_duration_ns"] / 1e9)
        same(values["acked-rate"], acked, "tile acked")
    effects = page.record.get("effects", {})
    if effects.get("counted"):
        for verdict in ("duplicate", "lost"):
            exactly(values[verdict], sum(one["verdicts"].get(verdict, 0) for one in effects["steps"]), verdict)
    if page.record.get("faults"):
        exactly(values["fired"], sum(one["counts"]["fired"] for one in page.record["faults"]), "fired")


def checks(page):
    for row, check in zip(read(page, "checks") or [], page.record.get("checks", []), strict=True):
        assert row[0].split()[-1] == check["verdict"], row
        exactly(row[3], check["samples"], check["source"])
        exactly(row[1], check["value_text"], check["source"])
        exactly(row[2], check["source"], "source")


def faults(page):
    for row, fault in zip(read(page, "faults") or [], page.record.get("faults", []), strict=True):
        for column, key in ((2, "eligible"), (3, "planned"), (4, "fired"), (5, "preempted")):
            exactly(row[column], fault["counts"][key], (fault["name"], key))
    for row, fault in zip(read(page, "proxy-faults") or [], page.record.get("proxy_faults", []), strict=True):
        exactly(row[2], fault["seen"], fault["name"])
        for column, key in ((3, "planned"), (4, "fired")):
            exactly(row[column], "-" if fault.get("counts_nothing") else fault[key], (fault["name"], key))


def effects(page):
    record = page.record.get("effects", {})
    for row, one in zip(read(page, "effects-table") or [], record.get("steps", []) if record.get("counted") else [], strict=True):
        outcomes, verdicts = one["outcomes"], one["verdicts"]
        expected = [one["operations"], outcomes.get("acked", 0), outcomes.get("rejected", 0),
                    outcomes.get("unknown", 0) + outcomes.get("not_sent", 0), one["effects"]]
        expected += [verdicts.get(name, 0) for name in ("ok", "duplicate", "lost", "phantom", "undecided")]
        assert row[1:] == [str(value) for value in expected], (row, expected)
    for row, origin in zip(read(page, "origins") or [], record.get("origins", []), strict=True):
        exactly(row[2], origin["operations"], origin)


def failures(page):
    failed = [one for one in page.record.get("endings", []) if one["class"] != "success"]
    rows = read(page, "failures") or []
    assert sorted(row[3] for row in rows) == sorted(str(one["attempts"]) for one in failed)


def proxies(page):
    rows = read(page, "proxies") or []
    for i, row in enumerate(rows):
        seconds = [one["proxies"][i] for one in page.record["seconds"] if len(one.get("proxies", [])) > i]
        for column, key in ((2, "accepted"), (4, "refused"), (5, "dial_failures")):
            exactly(row[column], sum(one.get(key, 0) for one in seconds), key)
        exactly(row[3], max((one.get("open_links", 0) for one in seconds), default=0), "open links")
        for column, key in ((6, "upstream_bytes"), (7, "downstream_bytes")):
            same(row[column], sum(one.get(key, 0) for one in seconds), key)


def capacity(page):
    stages = page.record.get("capacity", {}).get("stages", [])
    rows = read(page, "stages") or []
    assert len(rows) == len(stages)
    for row, stage in zip(rows, sorted(stages, key=lambda one: one["rate_per_s"])):
        same(row[0], stage["rate_per_s"], "rate")


def properties(page):
    report = page.record.get("idempotency")
    for row, one in zip(read(page, "properties") or [], report["properties"] if report else [], strict=True):
        exactly(row[0], one["number"], one["name"])
        assert row[2].endswith(one["verdict"]), row
        if one["verdict"] != "not tested":
            exactly(row[3], one.get("trials", 0), one["name"])
            exactly(row[4], one.get("broken", 0), one["name"])


def comparison(page):
    report = page.record.get("comparison")
    rows = read(page, "comparison-table") or []
    for row, metric in zip(rows, report["metrics"] if report else [], strict=True):
        assert row[0].split()[-1] == metric["verdict"], row
        assert metric["metric"] in row[1], row
        same(row[2], metric["base"], row)
        same(row[3], metric["candidate"], row)
        assert abs(number(row[4]) - metric["difference"]) < 0.002, (row, metric)


def drawn_series(page):
    """The chart over time holds the seconds of the record, where a column is one second."""
    data = page.script("return JSON.parse(document.getElementById('data').textContent).series")
    if not data or data["width"] != 1:
        return
    for second in page.record["seconds"]:
        column = second["second"] - data["first_second"]
        assert data["due"][column] == second["counters"].get("due", 0), second
        assert data["acked"][column] == second.get("acked", 0), second
        for name in ("p50", "p90", "p99", "max"):
            value = second.get(f"response_{name}_us")
            assert data[name][column] == (None if value is None else min(value, HIGHEST)), (name, second)
        for name, sums in data["failures"].items():
            assert sums[column] == second.get("classes", {}).get(name, 0), (name, second)


def check_tables(page):
    for check in (steps, tiles, checks, faults, effects, failures, proxies, capacity, properties, comparison, drawn_series):
        check(page)
