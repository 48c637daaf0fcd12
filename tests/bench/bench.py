"""Runs the benchmark rows and prints figure, reference, ratio and goal of each.

A row is one file in rows/: a function measure(bench) that returns a list of Row. Benchmarks are not tests: a missed goal is
printed as missed, the exit code stays 0.
"""
import argparse
import dataclasses
import importlib
import json
import os
import pathlib
import sys
import tempfile

from servers import Nginx

ROWS = pathlib.Path(__file__).parent / "rows"


@dataclasses.dataclass
class Row:
    name: str
    figure: float
    unit: str
    reference_name: str  # what it is held against; empty: the goal is absolute
    reference: float
    goal: float          # of figure / reference, or of the figure itself; at most this
    samples: list = dataclasses.field(default_factory=list)
    at_least: float = 0  # of the same; where too little is a miss, too

    @property
    def ratio(self):
        return self.figure / self.reference if self.reference else None

    @property
    def met(self):
        return self.at_least <= (self.ratio if self.reference else self.figure) <= self.goal

    def line(self):
        ratio = f"{self.ratio:.2f}" if self.reference else "-"
        reference = f"{self.reference_name} {self.reference:.4g}" if self.reference else "-"
        verdict = "met" if self.met else "missed"
        if not self.met and self.goal:
            verdict += f" by {100 * ((self.ratio or self.figure) / self.goal - 1):+.0f}%"
        return f"{self.name:<52}{self.figure:>9.4g} {self.unit:<4}{reference:>26}{ratio:>8}{self.goal:>8.4g}  {verdict}"


@dataclasses.dataclass
class Bench:
    """What rows work with. Client processes go to client_core, servers to server_core."""
    bin: str
    rounds: int
    seconds: int
    directory: str
    server: Nginx
    client_core: int = 0
    server_core: int = 1


def row_names():
    return sorted(p.stem for p in ROWS.glob("*.py") if p.stem != "__init__")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="where squall and the floors were built")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved runs; medians are printed")
    parser.add_argument("--seconds", type=int, default=4, help="length of one run")
    parser.add_argument("--json", default="build/bench.json", help="where the figures go")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"which: {', '.join(row_names())} (default: all)")
    args = parser.parse_args()
    unknown = sorted(set(args.rows) - set(row_names()))
    if unknown:
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(row_names())}")
    if (os.cpu_count() or 1) < 2:
        print("bench: one core only: client and server share it, the figures say little", file=sys.stderr)

    rows = []
    print(f"{'what':<52}{'figure':>9} {'':<4}{'reference':>26}{'ratio':>8}{'goal':>8}")
    with tempfile.TemporaryDirectory(prefix="squall-bench-") as directory, Nginx(directory, core=1) as server:
        bench = Bench(os.path.abspath(args.bin), args.rounds, args.seconds, directory, server)
        for name in args.rows or row_names():
            for row in importlib.import_module(f"rows.{name}").measure(bench):
                rows.append(row)
                print(row.line(), flush=True)
    with open(args.json, "w", encoding="utf-8") as file:
        json.dump([dataclasses.asdict(r) | {"ratio": r.ratio, "met": r.met} for r in rows], file, indent=1)
    print(f"figures and all samples: {args.json}")


if __name__ == "__main__":
    sys.modules["bench"] = sys.modules["__main__"]  # rows import Row from here
    main()
