#!/usr/bin/env bash
# Checks and simulates an RTL kernel of one's own behind Algean's wrapper: run.sh [ALGEAN]; the program is not used.
set -euo pipefail
cd "$(dirname "$0")"
library=../../kernels/stream/rtl

for tool in verilator make; do
  command -v "$tool" > /dev/null || { echo "SKIPPED: this example needs \`$tool\`"; exit 0; }
done
compiler=g++
if command -v clang++ > /dev/null; then compiler=clang++; fi  # faster on what Verilator writes
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

echo "-- difference_kernel.sv: no warning from Verilator"
verilator --lint-only -Wall -y . -y "$library" difference_kernel.sv

echo "-- simulate"
if ! verilator --cc --exe --build --threads 1 -O3 -y . -y "$library" --Mdir "$scratch" -MAKEFLAGS "-s CXX=$compiler LINK=$compiler" \
  -CFLAGS "-std=c++17 -O1" difference_kernel.sv "$PWD/bench.cpp" > "$scratch/log" 2>&1; then
  cat "$scratch/log"
  exit 1
fi
"$scratch/Vdifference_kernel"
