#!/usr/bin/env bash
# Two machines, each with an agent that was started by hand: run.sh [ALGEAN]
# The machines are two network namespaces, joined by a virtual cable that is pulled in the end. No privilege is needed where
# the system lets users make namespaces; where it does not, this says so and ends with status 0.
set -euo pipefail
algean=$(realpath "${1:-$(command -v algean || echo "$(dirname "$0")/../../build/release/bin/algean")}")
cd "$(dirname "$0")"

say() { printf '\n-- %s\n' "$*"; }
fail() {
  echo "FAILED: $*" >&2
  exit 1
}
skip() {
  echo "SKIPPED: $*"
  exit 0
}

# Outside: a network and a process namespace for all that follows, so that nothing of it outlives this script.
outside() {
  local tool privilege
  local -a isolate=()
  for tool in ip nsenter setpriv unshare; do
    command -v "$tool" > /dev/null || skip "this example needs \`$tool\` (packages iproute2 and util-linux)"
  done
  for privilege in --map-root-user --mount; do  # --mount asks for nothing new: for a root who may not map users
    isolate=(setpriv --pdeathsig KILL unshare "$privilege" --net --pid --fork --kill-child --mount-proc)
    if "${isolate[@]}" ip link add type veth 2> /dev/null; then break; fi
    isolate=()
  done
  [ ${#isolate[@]} -gt 0 ] ||
    skip "this example needs network namespaces: run it as root, or where users may make namespaces (\`unshare -rn true\`)"
  scratch=$(mktemp -d)
  "${isolate[@]}" env ALGEAN_EXAMPLE_SCRATCH="$scratch" "$PWD/run.sh" "$algean" &
  inside=$!
  trap 'kill -KILL $inside 2> /dev/null || true; rm -rf "$scratch"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  wait $inside
}
if [ -z "${ALGEAN_EXAMPLE_SCRATCH-}" ]; then
  outside
  exit
fi
scratch=$ALGEAN_EXAMPLE_SCRATCH
export XDG_STATE_HOME=$scratch/state

say "two machines, 10.77.0.1 and 10.77.0.2, and a cable"
ip link set lo up
coproc MACHINE_B { exec unshare --net sh -c 'echo here; exec cat'; }
read -r -t 20 -u "${MACHINE_B[0]}" _ || fail "the second machine did not start"
b=$MACHINE_B_PID
on_a() { "$@"; }
on_b() { nsenter --target "$b" --net -- "$@"; }
ip link add a0 type veth peer name b0 netns "$b"
on_a ip address add 10.77.0.1/24 dev a0
on_b ip address add 10.77.0.2/24 dev b0
on_a ip link set a0 up
on_b ip link set b0 up
on_b ip link set lo up

say "on each: algean node --listen tcp://ADDRESS:4700"
# start_agent NAME COMMAND...: until it says where it listens
start_agent() {
  local name=$1 out address
  shift
  exec {out}< <(exec "$@" 2> "$scratch/$name.log")
  agents+=($!)
  read -r -t 20 -u "$out" address || fail "agent $name did not start: $(cat "$scratch/$name.log")"
  echo "$name: $address"
}
agents=()
start_agent a "$algean" node --name a --listen tcp://10.77.0.1:4700
start_agent b nsenter --target "$b" --net -- "$algean" node --name b --listen tcp://10.77.0.2:4700

say "deploy from the first: the middle layers lie on b, as net.json says"
"$algean" deploy cluster.yaml net.json --detach --name two

inputs=../01_autoencoder/test_inputs.npy
say "500 answers through both, and from the compiled program here"
"$algean" infer two --input $inputs --output "$scratch/deployed.npy"
"$algean" infer net.json --input $inputs --output "$scratch/program.npy"
cmp "$scratch/deployed.npy" "$scratch/program.npy" || fail "the deployment's answers differ from the program's"

say "every layer, on the node where it lies"
"$algean" compare two net.json --input $inputs || fail "the deployment differs from the integer reference"

say "where the time goes"
"$algean" bench two --duration 0.5
"$algean" status two

say "the cable is pulled: the answer names both ends"
on_b ip link set b0 down
status=0
"$algean" infer two --input $inputs --output "$scratch/lost.npy" --timeout 10 2> "$scratch/infer.err" || status=$?
cat "$scratch/infer.err"
[ $status -eq 1 ] || fail "an inference ended with status $status, expected 1"
grep -q 'node_lost: a: node b is lost' "$scratch/infer.err" || fail "the error does not name the lost link between a and b"
"$algean" status two || true

say "the cable is back: stop"
on_b ip link set b0 up
"$algean" stop two
kill "${agents[@]}"
for agent in "${agents[@]}"; do
  wait "$agent" || fail "an agent ended with status $?"
done
echo "both machines gave 500 answers that equal the integer reference, bit for bit; the lost link was named"
