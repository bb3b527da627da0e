#!/usr/bin/env bash
# From a fresh Debian 12 machine to a running network: installs what is missing, builds Algean, and runs examples/01_autoencoder.
# May be run again at any time. Leaves the binary in build/release/bin/algean, and no process.
set -euo pipefail
cd "$(dirname "$0")"
if [ $# -ne 0 ]; then
  echo "usage: ./quickstart.sh" >&2
  exit 2
fi

heading() { printf '\n== %s\n' "$1"; }

heading "1/3 packages (.ci/packages/run.txt)"
.ci/install run
echo "all there"

heading "2/3 build (build/release)"
options=()
if [ ! -e build/release/CMakeCache.txt ]; then options+=(-DALGEAN_TESTS=OFF); fi  # a developer's build keeps its tests
if command -v ccache > /dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}; fi
cmake --preset release "${options[@]}"
cmake --build --preset release --parallel "$(nproc)" --target algean

heading "3/3 run (examples/01_autoencoder)"
examples/01_autoencoder/run.sh "$PWD/build/release/bin/algean"

heading "done in $SECONDS s"
echo "Next: build/release/bin/algean --help"
