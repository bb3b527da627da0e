#!/usr/bin/env python3
"""Bounded proofs of the modules between others: of all that a writer and readers can do in so many cycles from reset,
nothing breaks formal/stream_properties.sv. Each proof has a twin: the module with one change, which must break it.

usage: formal_test.py SOURCE_FOLDER
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path()

# name: parameters of formal/move.sv, cycles from reset, the file of the twin and its change.
PROOFS = {
    "register": ({"MODULE": 0}, 8, "algean_register", "assign s_ready = !spare_valid;", "assign s_ready = 1'b1;"),
    "fifo of a memory": ({"MODULE": 1, "DEPTH": 3, "IN_LANES": 1}, 10,
                         "algean_fifo", "read_place == PLACE_BITS'(DEPTH - 1)", "read_place == PLACE_BITS'(DEPTH - 2)"),
    "clone": ({"MODULE": 2, "OUTPUTS": 2}, 8, "algean_clone", "{OUTPUTS{s_valid}} & ~done", "{OUTPUTS{s_valid}}"),
    "repack, narrower": ({"MODULE": 3, "ROWS": 2, "IN_ELEMENTS": 3, "IN_LANES": 2, "OUT_LANES": 1}, 10,
                         "algean_repack_narrow", "beat <= s_last || beat ==", "beat <= beat =="),
    "repack, wider": ({"MODULE": 3, "ROWS": 2, "IN_ELEMENTS": 3, "IN_LANES": 1, "OUT_LANES": 2}, 10,
                      "algean_repack_wide", "else if (place == '0)", "else if (1'b0)"),
    "repack, 2 to 3": ({"MODULE": 3, "ROWS": 2, "IN_ELEMENTS": 5, "IN_LANES": 2, "OUT_LANES": 3}, 8,
                       "algean_repack_gearbox", "room && (give || !m_valid)", "room"),
    "repack, rows": ({"MODULE": 3, "ROWS": 2, "IN_ELEMENTS": 3, "IN_LANES": 2, "OUT_ELEMENTS": 6, "OUT_LANES": 4}, 8,
                     "algean_repack_gearbox", "COUNT_BITS'(IN_TAIL) :", "COUNT_BITS'(IN) :"),
}


def run(command, folder):
    return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
                          check=False)


def holds(parameters, cycles, change=None):
    """Whether the proof holds, with one change (file, original, replacement) or none, and what the tools said."""
    with tempfile.TemporaryDirectory(prefix="algean_formal_") as name:
        folder = pathlib.Path(name)
        for file in [*(SOURCE / "kernels/stream/rtl").glob("*.sv"), *(SOURCE / "tests/rtl/formal").glob("*.sv")]:
            shutil.copy(file, folder)
        if change:
            file, original, replacement = folder / f"{change[0]}.sv", *change[1:]
            text = file.read_text()
            assert text.count(original) == 1, f"{original!r} does not stand once in {file.name}"
            file.write_text(text.replace(original, replacement))
        sets = " ".join(f"-set {key} {value}" for key, value in parameters.items())
        made = run(["yosys", "-p", f"read_verilog -formal -sv -defer *.sv; chparam {sets} move; prep -flatten -top move; "
                    "memory_map; dffunmap; write_smt2 -wires move.smt2"], folder)
        assert made.returncode == 0, made.stdout + made.stderr
        proof = run(["yosys-smtbmc", "-s", "z3", "--unroll", "-t", str(cycles), "move.smt2"], folder)
        return "Status: PASSED" in proof.stdout, proof.stdout


class Proofs(unittest.TestCase):
    def test_each_holds(self):
        for name, (parameters, cycles, *_) in PROOFS.items():
            with self.subTest(name):
                passed, text = holds(parameters, cycles)
                self.assertTrue(passed, text)

    def test_each_notices_its_twin(self):
        for name, (parameters, cycles, *change) in PROOFS.items():
            with self.subTest(name):
                passed, text = holds(parameters, cycles, change)
                self.assertFalse(passed)
                self.assertIn("Assert failed", text)


if __name__ == "__main__":
    SOURCE = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
