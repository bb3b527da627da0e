#!/usr/bin/env python3
"""Builds and runs benches, and shows their rows: bench.py BUILD_FOLDER [--json] [NAME...]

BUILD_FOLDER/benches.txt has a line a bench: the executable and the rows that it prints, one JSON object a line.
"""

import json
import os
import pathlib
import subprocess
import sys

FIELDS = ("name", "value", "unit", "peer", "peer_value", "ratio", "runs", "spread")
DEADLINE_S = 900


def read_benches(build):
    lines = (build / "benches.txt").read_text().splitlines()
    return {line.split()[0]: line.split()[1:] for line in lines if line.strip()}


def choose(benches, names):
    """Rows to show of each bench. A name is a row, or a bench with or without its bench_."""
    chosen = {}
    for name in names:
        found = [(bench, row) for bench, rows in benches.items() for row in rows
                 if name in (row, bench, bench.removeprefix("bench_"))]
        if not found:
            listing = "\n".join(f"  {bench.removeprefix('bench_')}: {' '.join(rows)}" for bench, rows in benches.items())
            print(f"bench.sh: no bench or row is called {name!r}; there are\n{listing}", file=sys.stderr)
            sys.exit(2)
        for bench, row in found:
            chosen.setdefault(bench, []).append(row)
    return chosen or benches


def run(build, bench, wanted):
    """The wanted rows of one bench, and whether all of them came as they should."""
    ended = subprocess.run([str(build / "bin" / bench)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                           timeout=DEADLINE_S, check=False)
    rows = [json.loads(line) for line in ended.stdout.splitlines() if line.strip()]
    rows = {row["name"]: row for row in rows}
    good = ended.returncode == 0
    for name in wanted:
        if name not in rows:
            print(f"bench.sh: {bench} printed no row {name}", file=sys.stderr)
            good = False
        elif "skipped" not in rows[name] and set(FIELDS) - set(rows[name]):
            print(f"bench.sh: {bench}: row {name} lacks {sorted(set(FIELDS) - set(rows[name]))}", file=sys.stderr)
            good = False
    if ended.returncode != 0:
        print(f"bench.sh: {bench} ended with status {ended.returncode}", file=sys.stderr)
    return [rows[name] for name in wanted if name in rows], good


def text(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def table(rows):
    lines = [FIELDS]
    for row in rows:
        lines.append(tuple(text(row.get(field, "-")) for field in FIELDS))
    widths = [max(len(line[i]) for line in lines) for i in range(len(FIELDS))]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    shown += [f"{row['name']} skipped: {row['skipped']}" for row in rows if "skipped" in row]
    return "\n".join(shown)


def main():
    build = pathlib.Path(sys.argv[1])
    as_json = "--json" in sys.argv[2:]
    benches = choose(read_benches(build), [name for name in sys.argv[2:] if name != "--json"])
    subprocess.run(["cmake", "--build", str(build), "--parallel", str(os.cpu_count()), "--target", *benches], check=True,
                   stdin=subprocess.DEVNULL, stdout=sys.stderr)
    rows, good = [], True
    for bench, wanted in benches.items():
        print(f"--- {bench}", file=sys.stderr)
        found, complete = run(build, bench, wanted)
        rows += found
        good = good and complete
    print(json.dumps(rows, indent=1) if as_json else table(rows))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
