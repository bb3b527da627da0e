#!/usr/bin/env python3
"""Multipliers of matrix and depthwise units, as Yosys maps them to DSP48E2: one a product, one for two where they share
it, one a lane of `scaled`, two or four a lane of `tflite`.

usage: dsp_test.py SOURCE_FOLDER
"""

import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path()

# name, module, parameters, lanes in and out, DSPs
UNITS = (
    ("plain", "algean_matvec", "ELEMENTS=8 OUTPUTS=8 SIMD=4 PE=4 LANES=2", 4, 2, 16 + 2),
    ("packed", "algean_matvec", "ELEMENTS=8 OUTPUTS=8 SIMD=4 PE=4 LANES=2 PACKED=1", 4, 2, 8 + 2),
    ("packed, a sum alone", "algean_matvec", "ELEMENTS=12 OUTPUTS=6 SIMD=4 PE=3 LANES=1 PACKED=1", 4, 1, 8 + 1),
    ("weights of 9 bits", "algean_matvec", "ELEMENTS=6 OUTPUTS=4 SIMD=3 PE=2 LANES=1 WEIGHT_BITS=9", 3, 1, 6 + 1),
    ("27 bits", "algean_matvec", "ELEMENTS=4 OUTPUTS=4 SIMD=2 PE=2 LANES=1 ACCUMULATOR_BITS=27", 2, 1, 4 + 1),
    ("28 bits", "algean_matvec", "ELEMENTS=4 OUTPUTS=4 SIMD=2 PE=2 LANES=1 ACCUMULATOR_BITS=28", 2, 1, 4 + 2),
    ("tflite", "algean_matvec", "ELEMENTS=4 OUTPUTS=4 SIMD=2 PE=2 LANES=1 ARITHMETIC=1 SHIFT_LOW=-9 SHIFT_HIGH=-3", 2, 1,
     4 + 2),
    ("tflite to the left", "algean_matvec", "ELEMENTS=4 OUTPUTS=4 SIMD=2 PE=2 LANES=1 ARITHMETIC=1 SHIFT_LOW=-9 SHIFT_HIGH=3",
     2, 1, 4 + 4),
    ("depthwise", "algean_depthwise", "CHANNELS=6 MULTIPLIER=2 TAPS=4 LANES=3 OUT_LANES=2", 3, 2, 6 + 2),
)


def top(module, parameters, in_lanes, out_lanes, image):
    values = [*parameters.split(), f'WEIGHTS="{image}"', f'CONSTANTS="{image}"']
    text = ", ".join(".{}({})".format(*value.split("=")) for value in values)
    return f"""module top (input logic clk, rst, s_last, s_mark, s_valid, m_ready, output logic s_ready, m_last, m_mark, m_valid,
            input logic [{8 * in_lanes - 1}:0] s_data, output logic [{8 * out_lanes - 1}:0] m_data);
  {module} #({text}) unit (.*);
endmodule
"""


class Dsp(unittest.TestCase):
    def test_counts(self):
        files = " ".join(str(file) for file in sorted(SOURCE.glob("kernels/*/rtl/*.sv")))
        draw = random.Random(1)
        with tempfile.TemporaryDirectory(prefix="algean_dsp_") as folder:
            image = pathlib.Path(folder) / "image.mem"  # longer and wider than any memory here
            image.write_text("".join(f"{draw.getrandbits(512):0128x}\n" for _ in range(64)))
            for name, module, parameters, in_lanes, out_lanes, dsps in UNITS:
                with self.subTest(name):
                    file = pathlib.Path(folder) / "top.sv"
                    file.write_text(top(module, parameters, in_lanes, out_lanes, image))
                    done = subprocess.run(
                        ["yosys", "-p", f"read_verilog -sv -defer {files}; read_verilog -sv {file}; synth_xilinx -family "
                         "xcup -flatten -top top -run begin:map_memory; stat"],
                        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
                    self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)
                    found = re.findall(r"^ +DSP48E2 +(\d+)$", done.stdout, re.MULTILINE)
                    self.assertEqual([int(count) for count in found[-1:]], [dsps])


if __name__ == "__main__":
    SOURCE = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
