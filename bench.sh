#!/usr/bin/env bash
# Measures Algean beside its peers: ./bench.sh [NAME...] [--json]
# NAME is a row or a bench; all by default. --json prints one array of rows on stdout, and nothing else there.
set -euo pipefail
cd "$(dirname "$0")"
exec < /dev/null

json=false
names=()
for argument in "$@"; do
  case $argument in
    --json) json=true ;;
    -h | --help) sed -n '2,3s/^# //p' "$0"; exit 0 ;;
    -*) echo "usage: ./bench.sh [NAME...] [--json]" >&2; exit 2 ;;
    *) names+=("$argument") ;;
  esac
done

{
  .ci/install run bench
  if command -v ccache > /dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}; fi
  cmake --preset bench
} >&2
options=()
if $json; then options+=(--json); fi
exec .ci/bench.py build/bench "${options[@]}" "${names[@]}"
