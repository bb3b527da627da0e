#!/usr/bin/env python3
"""The weights in the tree are those that fit_cost gives for the points in the tree: fit_test.py FIT_COST SOURCE"""

import pathlib
import subprocess
import sys

fit, source = sys.argv[1], pathlib.Path(sys.argv[2]) / "kernels/cost"
made = subprocess.run([fit, source / "data/modules.csv"], capture_output=True, text=True, check=True)
if made.stdout.split() != (source / "weights.inc").read_text().split():
    sys.exit("kernels/cost/weights.inc is not what fit_cost makes of data/modules.csv; see kernels/cost/README.md")
