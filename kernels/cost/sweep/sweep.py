#!/usr/bin/env python3
"""What Yosys says that modules of the library take: a line of POINTS, one synthesis, a row of CSV.

usage: sweep.py [--jobs N] [--again] POINTS CSV

A point is a line: MODULE NAME=VALUE ...; a value is a number, `words:HEX;HEX` for the file of a memory with these contents, or
`random:BITSxWORDS` for one with random ones (seeded by the line).
Rows that CSV has already are kept, so that a sweep goes on where it was stopped. Counts: LUTs are LUT1 to LUT6 and what LUT memories and shift registers take; no
input or output buffers. Debian 12's Yosys: yosys 0.23-6. The order in which it meets names moves its counts by a few per cent: it reads no more than the
files that a point needs.
"""

import argparse
import concurrent.futures
import csv
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
SOURCES = {path.stem: path for path in ROOT.glob("kernels/*/rtl/*.sv")}
LUTS_OF_MEMORY = {"RAM32M16": 8, "RAM64M8": 8, "RAM32M": 4, "RAM64M": 4, "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4,
                  "RAM256X1D": 8, "RAM32X1S": 1, "RAM64X1S": 1, "RAM128X1S": 2, "RAM256X1S": 4, "RAM512X1S": 8,
                  "RAM32X16DR8": 8, "RAM64X8SW": 8, "SRL16E": 1, "SRLC32E": 1}
FIELDS = ["module", "parameters", "lut", "ff", "dsp", "bram18", "uram", "tool"]
DEADLINE_S = 1800


def version():
    text = subprocess.run(["yosys", "-V"], capture_output=True, text=True, check=True).stdout
    return " ".join(text.split()[:2])


def count(cells):
    """Cells by type as resources."""
    row = dict.fromkeys(("lut", "ff", "dsp", "bram18", "uram"), 0)
    for kind, number in cells.items():
        if re.fullmatch(r"LUT[1-6]", kind):
            row["lut"] += number
        elif kind in LUTS_OF_MEMORY:
            row["lut"] += number * LUTS_OF_MEMORY[kind]
        elif re.fullmatch(r"FD[RSCP]E(_1)?", kind):
            row["ff"] += number
        elif kind == "DSP48E2":
            row["dsp"] += number
        elif kind in ("RAMB18E2", "RAMB36E2"):
            row["bram18"] += number * (1 if kind == "RAMB18E2" else 2)
        elif kind == "URAM288":
            row["uram"] += number
        elif not re.fullmatch(r"INV|CARRY[48]|MUXF[789]|BUFG|IBUF|OBUF|GND|VCC", kind):
            sys.exit(f"sweep: cell {kind} is not known")
    return row


def sources_of(module):
    """Paths, from ROOT on, of the module's file and of those that it needs."""
    todo, found = [module], set()
    while todo:
        name = todo.pop()
        if name in SOURCES and name not in found:
            found.add(name)
            todo += re.findall(r"\balgean_\w+", SOURCES[name].read_text())
    return sorted(str(SOURCES[name].relative_to(ROOT)) for name in found)


def write_memory(value, line, path):
    """The file of a memory: words:HEX;HEX or random:BITSxWORDS."""
    if value.startswith("words:"):
        path.write_text(value.removeprefix("words:").replace(";", "\n") + "\n")
        return
    bits, words = map(int, value.removeprefix("random:").split("x"))
    draw = random.Random(line)
    path.write_text("".join(f"{draw.getrandbits(bits):x}\n" for _ in range(words)))


def run_yosys(folder, sources, parameters, top, what):
    """Resources of `top`, made of these sources; all paths are relative to `folder`."""
    script = (f"read_verilog -defer -sv {' '.join(sources)}\n"
              f"{f'chparam {parameters} {top}' if parameters else ''}\n"
              f"synth_xilinx -family xcup -flatten -noiopad -noclkbuf -top {top}\n"
              "tee -q -o report.json stat -json\n")
    (folder / "script.ys").write_text(script)
    done = subprocess.run(["yosys", "-q", "-s", "script.ys"], capture_output=True, text=True, timeout=DEADLINE_S, cwd=folder,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"{what}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return count(json.loads((folder / "report.json").read_text())["design"]["num_cells_by_type"])


def synthesise(line):
    """Resources of a point."""
    module, *settings = line.split()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "kernels").symlink_to(ROOT / "kernels")
        parameters = []
        for setting in settings:
            name, value = setting.split("=", 1)
            if value.startswith(("random:", "words:")):
                write_memory(value, line, folder / name)
                value = f'"{name}"'
            elif value.startswith("-"):
                value = f"32'sh{int(value) & 0xffffffff:08x}"
            parameters.append(f"-set {name} {value}")
        return run_yosys(folder, sources_of(module), " ".join(parameters), module, line)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("points", type=pathlib.Path)
    parser.add_argument("csv", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="forget the rows that there are")
    options = parser.parse_args()
    lines = [line for line in options.points.read_text().splitlines() if line and not line.startswith("#")]
    rows = []
    if options.csv.exists() and not options.again:
        with options.csv.open(newline="") as file:
            rows = list(csv.DictReader(file))
    known = {f"{row['module']} {row['parameters']}".strip() for row in rows}
    tool = version()
    todo = [line for line in lines if line not in known]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for done, (line, result) in enumerate(zip(todo, pool.map(synthesise, todo)), 1):
            module, _, parameters = line.partition(" ")
            rows.append({"module": module, "parameters": parameters, **result, "tool": tool})
            print(f"{done} of {len(todo)}: {line}: {result}", file=sys.stderr)
            with options.csv.open("w", newline="") as file:
                writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)


if __name__ == "__main__":
    main()
