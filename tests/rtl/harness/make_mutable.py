#!/usr/bin/env python3
"""Writes modules that can be changed while a simulation runs: each file that a mutations file names becomes a module of the
same name and ports that holds the original and every mutant of it beside each other; `+mutant=N` on the simulation's
command line says whose outputs are used: the Nth mutation's, or (0, or nothing said) the original's. One build then
serves all mutations; put OUT_FOLDER before the library's folders (verilator -y).

usage: make_mutable.py OUT_FOLDER --sources FILE.sv ... --mutations FILE ...     (format: make_top.py)
Also writes mutations.txt into OUT_FOLDER: line N is mutation N.
"""

import argparse
import pathlib
import re
import sys

from make_top import fail, read_mutations


def header_of(module, text):
    """The parameters and the ports of a module, as texts between their parentheses (parameters may be missing)."""
    match = re.search(rf"^module {module}\b\s*(#\s*\()?", text, re.MULTILINE)
    if not match:
        fail(f"{module}.sv has no module {module}")
    sections, at = [], text.index("(", match.start())
    for _ in range(2 if match[1] else 1):
        depth, begin = 0, at
        while True:
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
            if depth == 0:
                break
        sections.append(text[begin + 1:at - 1])
        at = text.find("(", at)
    return sections if match[1] else ["", *sections]


def items_of(section):
    """What commas part, comments apart."""
    section = re.sub(r"//.*", "", section)
    items, depth, begin = [], 0, 0
    for at, character in enumerate(section + ","):
        depth += character in "([{"
        depth -= character in ")]}"
        if character == "," and depth == 0:
            items.append(section[begin:at].strip())
            begin = at + 1
    return items


def wrapper(module, text, numbers):
    """The module that chooses: its header is the original's."""
    parameters, ports = header_of(module, text)
    names = [re.search(r"(\w+)\s*=", item)[1] for item in items_of(parameters) if item and not item.startswith("localparam")]
    outputs, inputs = [], []  # (type and range, name); (name)
    for item in items_of(ports):
        match = re.fullmatch(r"(input|output)\s+(.*?)\s*(\w+)", item, re.DOTALL)
        if not match:
            fail(f"{module}.sv: {item!r} is no port that states its direction")
        (outputs if match[1] == "output" else inputs).append((match[2], match[3]))
    body = ["int chosen;", 'initial if (!$value$plusargs("mutant=%d", chosen)) chosen = 0;']
    values = ", ".join(f".{name}({name})" for name in names)
    for number in [0, *numbers]:
        body += [f"{kind} {name}_of_{number};" for kind, name in outputs]
        wires = ", ".join([f".{name}({name})" for _, name in inputs] + [f".{name}({name}_of_{number})" for _, name in outputs])
        body.append(f"{module}_mutant{number} #({values}) i_{number} ({wires});")
    for _, name in outputs:
        choice = f"{name}_of_0"
        for number in numbers:
            choice = f"chosen == {number} ? {name}_of_{number} : {choice}"
        body.append(f"assign {name} = {choice};")
    head = text[text.index(f"module {module}"):text.index(";", text.index(ports) + len(ports)) + 1]
    return f"// Written by tests/rtl/harness/make_mutable.py.\n{head}\n  " + "\n  ".join(body) + "\nendmodule\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--sources", nargs="+", type=pathlib.Path)
    parser.add_argument("--mutations", nargs="+")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    texts = {path.stem: path.read_text() for path in options.sources}
    mutations = read_mutations(options.mutations)
    mutants = {}  # module: numbers
    for number, (place, module, original, replacement) in enumerate(mutations, 1):
        if texts.get(module, "").count(original) != 1:
            fail(f"{place}: {original!r} does not stand once in {module}.sv")
        mutants.setdefault(module, []).append(number)
        text = texts[module].replace(original, replacement)
        (options.out / f"{module}_mutant{number}.sv").write_text(re.sub(rf"\b{module}\b", f"{module}_mutant{number}", text))
    for module, numbers in mutants.items():
        (options.out / f"{module}.sv").write_text(wrapper(module, texts[module], numbers))
        (options.out / f"{module}_mutant0.sv").write_text(re.sub(rf"\b{module}\b", f"{module}_mutant0", texts[module]))
    lines = [f"{module}.sv: {original} ==> {replacement}" for _, module, original, replacement in mutations]
    (options.out / "mutations.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
