#!/usr/bin/env bash
# Deploys the autoencoder on three nodes, sends it the test set, and checks what comes back: run.sh [ALGEAN]
# Fails unless every answer equals the integer reference bit for bit and int8 finds the anomalies as well as float does.
set -euo pipefail
algean=$(realpath "${1:-$(command -v algean || echo "$(dirname "$0")/../../build/release/bin/algean")}")
cd "$(dirname "$0")"
least_auc=0.9
most_auc_apart=0.01

scratch=$(mktemp -d)
export XDG_STATE_HOME=$scratch/state  # a deployment of yours stays untouched
clean_up() {
  status=$?
  "$algean" stop autoencoder > /dev/null 2>&1 || true
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
# The first number called KEY behind the word PART in a JSON file: number FILE PART KEY
number() {
  tr -d ' \n' < "$1" | sed "s/^.*\"$2\"//" | grep -oE "\"$3\":-?[0-9.]+(e[-+]?[0-9]+)?" | head -n 1 | cut -d: -f2 ||
    fail "no $3 in $(basename "$1")"
}
say "how well it finds the anomalies, in float and in int8"
"$algean" evaluate net.json --inputs test_inputs.npy --labels test_labels.npy --json > "$scratch/evaluate.json"

say "deploy, on three nodes"
"$algean" deploy cluster.yaml net.json --detach --name autoencoder

say "every layer: float, integer reference, compiled program, and the node where it lies"
"$algean" compare autoencoder net.json --input test_inputs.npy || fail "the cluster differs from the integer reference"

say "the test set through the deployment, and through the compiled program here"
"$algean" infer autoencoder --input test_inputs.npy --output "$scratch/deployed.npy"
"$algean" infer net.json --input test_inputs.npy --output "$scratch/program.npy"

say "request to reply"
"$algean" bench autoencoder --duration 2 --json > "$scratch/bench.json"
"$algean" status autoencoder
"$algean" stop autoencoder

float_auc=$(number "$scratch/evaluate.json" float auc)
int8_auc=$(number "$scratch/evaluate.json" integer auc)
p50_ns=$(number "$scratch/bench.json" request_to_reply p50_ns)
p99_ns=$(number "$scratch/bench.json" request_to_reply p99_ns)
per_s=$(number "$scratch/bench.json" pipelined inferences_per_s)

say "result: a client and three nodes on $(nproc) cores"
awk -v p50="$p50_ns" -v p99="$p99_ns" -v per_s="$per_s" -v float_auc="$float_auc" -v int8_auc="$int8_auc" 'BEGIN {
  printf "latency     p50 %.1f us, p99 %.1f us\n", p50 / 1000, p99 / 1000
  printf "throughput  %.0f inferences/s\n", per_s
  printf "AUC         float %.4f, int8 %.4f\n", float_auc, int8_auc
}'
cmp "$scratch/deployed.npy" "$scratch/program.npy" || fail "the deployment's answers differ from the program's"
echo "answers     all 500 equal the integer reference, bit for bit"
awk -v f="$float_auc" -v i="$int8_auc" -v least="$least_auc" -v apart="$most_auc_apart" \
  'BEGIN { exit !(f >= least && i >= least && f - i <= apart && i - f <= apart) }' ||
  fail "AUC must be at least $least_auc, and at most $most_auc_apart apart"
