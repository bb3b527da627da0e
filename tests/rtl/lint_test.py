#!/usr/bin/env python3
"""Every SystemVerilog file of the library is read without a word by Verilator (-Wall) and by Yosys, each module as a top
with its own parameters; parameters that name a memory's file (`= ""`) get one.

usage: lint_test.py SOURCE_FOLDER
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path()

ILLEGAL = (
    ("algean_fifo", "DEPTH", 1),
    ("algean_clone", "OUTPUTS", 0),
    ("algean_repack", "OUT_ELEMENTS", 5),
    ("algean_repack_wide", "OUT", 1),
    ("algean_kernel", "OUT_DATA", 17),
    ("algean_kernel", "IN_DATA", 15),
    ("algean_kernel_merge", "DEST_BITS", 17),
    ("algean_replay", "PERIOD", 0),
    ("algean_mbqm", "X_BITS", 33),
    ("algean_join", "RULE", 6),
    ("algean_join_lane", "SHIFT", 25),
    ("algean_table", "TABLES", 0),
    ("algean_softmax", "RULE", 3),
    ("algean_softmax_scaled", "SUM_BITS", 54),
    ("algean_reduce", "OUT_BITS", 16),
    ("algean_reduce_lane", "KIND", 4),
    ("algean_reduce_finish", "FINISH", 5),
    ("algean_score", "OUT_BITS", 17),
    ("algean_concat", "BEATS_0", 0),
    ("algean_split", "ROUNDS", 0),
    ("algean_pad", "HEIGHT", 0),
    ("algean_repeat", "ACROSS", 0),
    ("algean_move", "BEATS", 1048577),
    ("algean_window", "LANES", 2),
    ("algean_window", "PAD_TOP", 3),
    ("algean_window", "KERNEL_W", 9),
    ("algean_matvec", "SIMD", 7),
    ("algean_matvec_frame", "ROUNDS", 2),
    ("algean_matvec_datapath", "LATENCY", 5),
    ("algean_requantise", "ARITHMETIC", 2),
    ("algean_requantise_scaled", "SHIFT_HIGH", 48),
    ("algean_requantise_tflite", "SHIFT_LOW", 31),
    ("algean_requantise_finish", "ZERO", 128),
    ("algean_depthwise", "LANES", 4),
)


def run(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout + done.stderr


def library():
    """The files by their module's name, and the folders that hold them. Twins of other files stand in rtl/twin."""
    files = sorted(SOURCE.glob("kernels/*/rtl/*.sv"))
    return files, sorted({file.parent for file in files})


class Lint(unittest.TestCase):
    def check_verilator(self, file, folders):
        search = [word for folder in folders for word in ("-y", str(folder))]
        return run(["verilator", "--lint-only", "-Wall", "-sv", *search, str(file)])

    def test_each_file_holds_the_module_of_its_name(self):
        for file in library()[0]:
            self.assertEqual(re.findall(r"^module (\w+)", file.read_text(), re.MULTILINE), [file.stem], file)

    def test_verilator(self):
        files, folders = library()
        # Twins replace a module of the library by C++ calls: Verilator alone reads them.
        for file in [*files, *sorted(SOURCE.glob("kernels/*/rtl/twin/*.sv"))]:
            with self.subTest(file.relative_to(SOURCE)):
                self.assertEqual(self.check_verilator(file, folders), (0, ""))

    def test_yosys(self):
        files, _ = library()
        names = " ".join(str(file) for file in files)
        with tempfile.NamedTemporaryFile("w", prefix="algean_lint_", suffix=".mem") as image:
            image.write("0\n")
            image.flush()
            for file in files:
                images = re.findall(r'^ *parameter (\w+) = ""', file.read_text(), re.MULTILINE)
                sets = "".join(f'chparam -set {name} "{image.name}" {file.stem}; ' for name in images)
                with self.subTest(file.relative_to(SOURCE)):
                    said = run(["yosys", "-q", "-p", f"read_verilog -sv -defer {names}; {sets}hierarchy -check -top "
                                f"{file.stem}; proc; opt_clean; check -assert"])
                    self.assertEqual(said, (0, ""))

    def test_illegal_parameters_do_not_elaborate(self):
        files, folders = library()
        names = " ".join(str(file) for file in files)
        search = [word for folder in folders for word in ("-y", str(folder))]
        for module, parameter, value in ILLEGAL:
            with self.subTest(f"{module} {parameter}={value}"):
                status, text = run(["verilator", "--lint-only", "-sv", *search, f"-G{parameter}={value}", "--top-module",
                                    module, f"{module}.sv"])
                self.assertEqual((status, "USERERROR" in text), (1, True), text)
                status, text = run(["yosys", "-q", "-p", f"read_verilog -sv -defer {names}; chparam -set {parameter} {value} "
                                    f"{module}; hierarchy -check -top {module}"])
                self.assertEqual((status, f"{module}: " in text), (1, True), text)

    def test_it_notices(self):
        """What the checks are for: a width that does not fit, a wire that nothing drives, a latch."""
        for body, verilator, yosys in (
                ("assign y = x + 4'd1;", True, False),
                ("logic [2:0] z; assign y = z;", True, True),
                ("always_comb if (x[0]) y = x;", True, True)):
            with self.subTest(body), tempfile.TemporaryDirectory(prefix="algean_lint_") as folder:
                file = pathlib.Path(folder) / "algean_bad.sv"
                file.write_text(f"module algean_bad (input logic [2:0] x, output logic [2:0] y);\n{body}\nendmodule\n")
                self.assertEqual(self.check_verilator(file, [])[0] != 0, verilator)
                status, _ = run(["yosys", "-q", "-p", f"read_verilog -sv {file}; hierarchy -check -top algean_bad; proc; "
                                 "opt_clean; check -assert"])
                self.assertEqual(status != 0, yosys)


if __name__ == "__main__":
    SOURCE = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
