"""The figures of a run, worked out from record.json alone: an implementation of its own, with its own decoder of
HdrHistogram's V2 encoding and its own counting."""
import base64
import math
import struct
import zlib

HIGHEST = 3_600_000_000
SAMPLES_ABOVE = 10


class Responses:
    """Values by count, in microseconds; `beyond`: larger than any."""

    def __init__(self):
        self.counts = {}  # highest equivalent value of a bucket -> count
        self.beyond = 0

    def add(self, encoded, overflow, censored):
        counts = decode(encoded) if encoded else {}
        if censored:
            self.beyond += sum(counts.values())
        else:
            for value, count in counts.items():
                self.counts[value] = self.counts.get(value, 0) + count
        self.beyond += overflow

    def total(self):
        return sum(self.counts.values()) + self.beyond

    def percentile(self, percentile):
        """None: too few values above it. math.inf: among those that never ended."""
        total = self.total()
        rank = max(1, math.ceil(round(percentile * total / 100, 9)))
        if total - rank < SAMPLES_ABOVE:
            return None
        seen = 0
        for value in sorted(self.counts):
            seen += self.counts[value]
            if seen >= rank:
                return value
        return math.inf

    def maximum(self):
        return math.inf if self.beyond else max(self.counts, default=None)


def decode(encoded):
    outer = base64.b64decode(encoded)
    cookie, length = struct.unpack(">ii", outer[:8])
    assert cookie & ~0xF0 == 0x1C849304, hex(cookie)
    inner = zlib.decompress(outer[8:8 + length])
    cookie, length, _, digits, _, _, _ = struct.unpack(">iiiiqqd", inner[:40])
    assert cookie & ~0xF0 == 0x1C849303, hex(cookie)
    half = (1 << math.ceil(math.log2(2 * 10**digits))) // 2
    counts, index, at = {}, 0, 40
    while at < 40 + length:
        value, shift = 0, 0
        while True:
            byte = inner[at]
            at += 1
            if shift == 56:  # the ninth byte is whole
                value |= byte << shift
                break
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        value = (value >> 1) ^ -(value & 1)
        if value < 0:
            index -= value
        else:
            if value:
                counts[highest_equivalent(index, half)] = value
            index += 1
    return counts


def highest_equivalent(index, half):
    bucket = max(0, index // half - 1)
    sub = index if index < 2 * half else index % half + half
    return ((sub + 1) << bucket) - 1


def never_started(record, step, exposure):
    """Of records of the first versions, which do not mark what was given up: the values of what never started."""
    responses = Responses()
    for cell in record["attempts"]:
        if (cell["class"] in ("dropped", "no_data") and not cell.get("censored", False) and cell["phase"] != "warmup"
                and step in (None, cell["step"]) and exposure in (None, cell["exposure"])):
            histogram = cell["response"]
            responses.add(histogram.get("v2"), histogram.get("overflow", 0), False)
    return responses.counts


def operations(record, step=None, exposure=None, outcome=None):
    """Operations of the measured phase, merged; and how many of them were not acknowledged."""
    responses, errors = Responses(), 0
    for cell in record["operations"]:
        wanted = (cell["phase"] != "warmup" and step in (None, cell["step"]) and exposure in (None, cell["exposure"])
                  and outcome in (None, cell["outcome"]))
        if wanted:
            before = responses.total()
            histogram = cell["response"]
            responses.add(histogram.get("v2"), histogram.get("overflow", 0), cell.get("censored", False))
            errors += responses.total() - before if cell["outcome"] != "acked" else 0
    if outcome is None:
        for value, count in never_started(record, step, exposure).items():
            responses.counts[value] -= count
            responses.beyond += count
            if responses.counts[value] == 0:
                del responses.counts[value]
    return responses, errors


def number(text):
    """What a figure says, in microseconds where it is a duration: "29.6ms", "0.35%", "12.5/s", "1.50MiB", "5950"."""
    import re
    match = re.fullmatch(r"([+-]?[0-9.]+)(us|ms|s|m|h|ns|%|/s|/m|/h|k/s|M/s|B|KiB|MiB|GiB)?", text)
    assert match, text
    factor = {None: 1, "ns": 1e-3, "us": 1, "ms": 1e3, "s": 1e6, "m": 60e6, "h": 3600e6, "%": 0.01, "/s": 1, "/m": 1 / 60,
              "/h": 1 / 3600, "k/s": 1e3, "M/s": 1e6, "B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}[match.group(2)]
    return float(match.group(1)) * factor
