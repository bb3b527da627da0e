#!/usr/bin/env python3
"""What Yosys says that whole layers take: a line of LINES (cost_layers draw), one synthesis, a row of CSV.

usage: layers.py [--jobs N] COST_LAYERS LINES CSV

Rows that CSV has already are kept, so that a sweep goes on where it was stopped. Counts are those of sweep.py.
"""

import argparse
import concurrent.futures
import csv
import pathlib
import subprocess
import sys
import tempfile

import sweep

FIELDS = ["layer", *sweep.FIELDS[2:]]


def synthesise(program, line):
    """Resources of a layer, drawn as cost_layers writes it."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([program, "write", scratch], input=line + "\n", text=True, check=True)
        project = pathlib.Path(scratch) / "0"
        sources = sorted(str(path.relative_to(project)) for path in (project / "rtl").glob("*.sv"))
        [top] = (project / "rtl").glob("layer_*.sv")
        return sweep.run_yosys(project, sources, "", top.stem, line)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("lines", type=pathlib.Path)
    parser.add_argument("csv", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    lines = options.lines.read_text().splitlines()
    rows = []
    if options.csv.exists():
        with options.csv.open(newline="") as file:
            rows = list(csv.DictReader(file))
    known = {row["layer"] for row in rows}
    todo = [line for line in lines if line not in known]
    tool = sweep.version()
    program = options.program.resolve()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for done, (line, result) in enumerate(zip(todo, pool.map(lambda each: synthesise(program, each), todo)), 1):
            rows.append({"layer": line, **result, "tool": tool})
            print(f"{done} of {len(todo)}: {line}: {result}", file=sys.stderr)
            with options.csv.open("w", newline="") as file:
                writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)


if __name__ == "__main__":
    main()
