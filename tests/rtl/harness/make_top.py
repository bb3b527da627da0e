#!/usr/bin/env python3
"""Writes the Verilated top of a bench: bench_top.sv, one instance a case, and cases.inc, the same list for main.cpp.

usage: make_top.py CASES OUT_FOLDER [--sources FILE.sv ... ] [--mutations FILE ...]

A line of CASES is `name | module | PARAMETER=VALUE ... | inputs | outputs`, a stream ROWSxELEMENTS/LANES:BITS; a value
that is no number is the name of a file beside CASES.
A line of a mutations file is `FILE.sv: original text ==> replacement`; the original stands once in that file. With
--mutations the top holds no case as it is: for every mutation whose file a case's module is, or instantiates, it holds
cases with a copy of the modules concerned, one of them changed. These are the cases whose name begins as the file's does
(repack_wide_.. for algean_repack_wide.sv); else those of that module; else of all that instantiate it. Lines about files
that no case reaches are of other benches.
"""

import argparse
import pathlib
import re
import sys


def fail(message):
    sys.exit(f"make_top.py: {message}")


def lines_of(path):
    """Lines that say something, with their place."""
    for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield f"{path}:{number}", line


def read_cases(path):
    cases = []
    for place, line in lines_of(path):
        fields = [field.strip() for field in line.split(" | ")]
        if len(fields) != 5 or not re.fullmatch(r"[a-z][a-z0-9_]*", fields[0]) or "__" in fields[0]:
            fail(f"{place}: a case is: name | module | parameters | inputs | outputs")
        here = pathlib.Path(path).resolve().parent
        fields[2] = re.sub(r"=(?!-?\d+(?: |$))", f"={here}/", fields[2])
        cases.append(dict(zip(("name", "module", "parameters", "inputs", "outputs"), fields), mutation=""))
    return cases


def read_mutations(paths):
    mutations = []
    for path in paths:
        for place, line in lines_of(path):
            match = re.fullmatch(r"(algean_\w+)\.sv: (.+) ==> (.*)", line)
            if not match:
                fail(f"{place}: a mutation is: FILE.sv: original text ==> replacement")
            mutations.append((place, *match.groups()))
    return mutations


def users_of(module, texts):
    """The module and all that instantiate it, however deep."""
    found = {module}
    while True:
        more = {name for name, text in texts.items() if any(re.search(rf"\b{used}\b", text) for used in found)} - found
        if not more:
            return found
        found |= more


def mutate(cases, mutations, texts, out):
    """The mutants: their cases, and files of their modules."""
    mutants = []
    for number, (place, module, original, replacement) in enumerate(mutations):
        if module not in texts:
            continue
        users = users_of(module, texts)
        reached = [case for case in cases if case["module"] in users]
        named = [case for case in reached if case["name"].startswith(module.removeprefix("algean_") + "_")]
        mine = named or [case for case in reached if case["module"] == module] or reached
        if not mine:
            continue
        if texts[module].count(original) != 1:
            fail(f"{place}: {original!r} stands {texts[module].count(original)} times in {module}.sv, not once")
        suffix = f"_mutant{number}"
        for user in users:
            text = texts[user].replace(original, replacement) if user == module else texts[user]
            for name in users:
                text = re.sub(rf"\b{name}\b", name + suffix, text)
            (out / f"{user}{suffix}.sv").write_text(text)
        for case in mine:
            mutants.append(dict(case, name=f"m{number}_{case['name']}", circuit=case["module"] + suffix,
                                mutation=f"{module}.sv: {original} ==> {replacement}"))
    return mutants


def port_bits(streams):
    """Bits of a data port and number of streams."""
    total, count = 0, 0
    for stream in streams.split():
        match = re.fullmatch(r"\d+x\d+/(\d+):(\d+)", stream)
        if not match:
            fail(f"{stream} is not ROWSxELEMENTS/LANES:BITS")
        total += int(match[1]) * int(match[2])
        count += 1
    return total, count


def print_top(cases):
    ports, instances = [], []
    signals = ("data", "last", "mark", "valid", "ready")
    for case in cases:
        name = case["name"]
        for side, writer, reader in (("s", "input ", "output"), ("m", "output", "input ")):
            bits, count = port_bits(case["inputs" if side == "s" else "outputs"])
            for signal in signals:
                high = (bits if signal == "data" else count) - 1
                ports.append(f"  {reader if signal == 'ready' else writer} logic [{high}:0] {name}_{side}_{signal}")
        values = [word.split("=") for word in case["parameters"].split()]
        parameters = ", ".join(f".{key}({value if re.fullmatch('-?[0-9]+', value) else quote(value)})" for key, value in values)
        wires = ", ".join(f".{side}_{signal}({name}_{side}_{signal})" for side in "sm" for signal in signals)
        instances.append(f"  {case.get('circuit', case['module'])} #({parameters}) i_{name} (.clk, .rst, {wires});")
    head = "// Written by tests/rtl/harness/make_top.py.\nmodule bench_top (\n  input  logic clk,\n  input  logic rst,\n"
    return head + ",\n".join(ports) + "\n);\n" + "\n".join(instances) + "\nendmodule\n"


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def print_cases(cases):
    keys = ("module", "parameters", "inputs", "outputs", "mutation")
    return "".join(f"ALGEAN_CASE({case['name']}, {', '.join(quote(case[key]) for key in keys)})\n" for case in cases)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--sources", nargs="*", default=[], type=pathlib.Path)
    parser.add_argument("--mutations", nargs="*", default=[])
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for old in options.out.glob("*_mutant*.sv"):
        old.unlink()
    cases = read_cases(options.cases)
    if options.mutations:
        texts = {path.stem: path.read_text() for path in options.sources}
        cases = mutate(cases, read_mutations(options.mutations), texts, options.out)
        if not cases:
            fail("no mutation concerns a module of these cases")
    (options.out / "bench_top.sv").write_text(print_top(cases))
    (options.out / "cases.inc").write_text(print_cases(cases))


if __name__ == "__main__":
    main()
