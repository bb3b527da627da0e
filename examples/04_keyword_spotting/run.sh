#!/usr/bin/env bash
# Spots keywords in sounds, in this process and on two nodes: run.sh [ALGEAN [SOUND.wav...]]
# Without sounds it makes its own, and fails unless they are told right. Fails unless every answer of the nodes equals the compiled
# program's bit for bit. Needs numpy (Debian package python3-numpy); where that is missing, this says so and ends with status 0.
set -euo pipefail
algean=$(realpath "${1:-$(command -v algean || echo "$(dirname "$0")/../../build/release/bin/algean")}")
sounds=()
for sound in "${@:2}"; do sounds+=("$(realpath "$sound")"); done
cd "$(dirname "$0")"

scratch=$(mktemp -d)
export XDG_STATE_HOME=$scratch/state  # a deployment of yours stays untouched
clean_up() {
  status=$?
  "$algean" stop keywords > /dev/null 2>&1 || true
  rm -rf "$scratch"
  exit $status
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '\n-- %s\n' "$*"; }
fail() {
  echo "FAILED: $*" >&2
  exit 1
}
# The interpreter that has numpy: Debian's own, or the first of the path.
python=
for candidate in /usr/bin/python3 python3; do
  if "$candidate" -c 'import numpy' 2> /dev/null; then python=$candidate && break; fi
done
[ -n "$python" ] || { echo "SKIPPED: this example needs numpy (Debian package python3-numpy)"; exit 0; }

own=false
if [ ${#sounds[@]} -eq 0 ]; then
  own=true
  sounds=(silence yes no)
fi
say "features of ${#sounds[@]} sounds"
"$python" sound.py features "$scratch/x.npy" "${sounds[@]}"

say "the network"
"$algean" check net.json

say "on two nodes"
"$algean" infer net.json --input "$scratch/x.npy" --output "$scratch/program.npy"
"$algean" deploy cluster.yaml net.json --detach --name keywords
"$algean" infer keywords --input "$scratch/x.npy" --output "$scratch/deployed.npy"
cmp "$scratch/deployed.npy" "$scratch/program.npy" || fail "the nodes answer otherwise than the program"
"$algean" compare keywords net.json --input "$scratch/x.npy" || fail "the cluster differs from the integer reference"
"$algean" bench keywords --duration 2
"$algean" stop keywords

say "result"
"$python" sound.py words "$scratch/deployed.npy" classes.txt "${sounds[@]}" | tee "$scratch/words.txt"
if $own; then
  grep -q '^silence: Silence ' "$scratch/words.txt" || fail "silence is not told"
  grep -q '^yes: Yes ' "$scratch/words.txt" || fail "the word yes is not told"
  grep -q '^no: No ' "$scratch/words.txt" || fail "the word no is not told"
fi
