#!/usr/bin/env bash
# Builds and tests everything: ./test.sh [--long]
#   default  release: tests quick and full; asan: quick; tsan: quick and full of runtime/; fuzz: 10 s each; format; clang-tidy of
#            changed files
#   --long   adds the long tests, 10^7 executions or 20 minutes of each fuzz target, and clang-tidy of all files
# Installs what is missing of .ci/packages/{run,test}.txt. The last line reads "N passed, N failed[, N skipped]".
set -u -o pipefail
cd "$(dirname "$0")" || exit 2

long=false
case "${1-}" in
  "") ;;
  --long) long=true ;;
  *) echo "usage: ./test.sh [--long]" >&2; exit 2 ;;
esac
exec < /dev/null
jobs=$(nproc)
tidy_at_most=1000000
if ! $long; then tidy_at_most=24; fi  # about a minute on two cores
rm -rf build/{state,release/reports,asan/reports,tsan/reports,fuzz/reports}
mkdir -p build
export XDG_STATE_HOME=$PWD/build/state
if command -v ccache > /dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
  export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS-pch_defines,time_macros}  # what it asks for with cmake/precompiled.cmake
fi

broken=()  # stages that failed
times=()

# stage NAME COMMAND...: runs it, notes its time and whether it failed, goes on.
stage() {
  local name=$1 begin=$SECONDS status=0
  shift
  echo "--- $name"
  "$@" || status=$?
  times+=("$(printf '%5d s  %s' $((SECONDS - begin)) "$name")")
  if [ $status -ne 0 ]; then
    echo "--- $name FAILED"
    broken+=("$name")
  fi
  return $status
}

# build PRESET TARGET: as much of it as compiles.
build() {
  local log
  if ! log=$(cmake --preset "$1" -DALGEAN_TESTS=ON 2>&1); then
    echo "$log"
    return 1
  fi
  cmake --build --preset "$1" -j "$jobs" --target "$2" -- -k 0
}

# run_tests PRESET CTEST-ARGUMENT...
run_tests() {
  local preset=$1 wrap=()
  shift
  # The thread sanitizer cannot map its shadow where the kernel spreads addresses widely.
  if [ "$preset" = tsan ] && setarch -R true 2> /dev/null; then wrap=(setarch -R); fi
  "${wrap[@]}" ctest --test-dir "build/$preset" -j "$jobs" --output-on-failure --no-tests=error \
    --output-junit reports/junit.xml "$@"
}

check_format() {
  git ls-files -z '*.cpp' '*.hpp' '*.h' '*.inc' | xargs -0 -r -n 32 -P "$jobs" clang-format-19 --dry-run -Werror
}

# The files of clang-tidy: all, or those changed since origin/main (since the last commit, where that is origin/main).
tidy_files() {
  if $long; then
    git ls-files '*.cpp'
    return
  fi
  local base
  base=$(git merge-base HEAD origin/main 2> /dev/null)
  if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then base=$(git rev-parse -q --verify HEAD~1); fi
  git diff --name-only --diff-filter=d "${base:-HEAD}" -- '*.cpp'
}

# Without the files that include what Verilator writes: it lies where clang-tidy does not look.
without_verilated() {
  xargs -r grep -LE '^#include (<verilated\.h>|"V\w+\.h"|"tests/rtl/kernel/kernel_fixture\.hpp")'
}

check_tidy() {
  local files
  local changed
  changed=$(tidy_files | without_verilated | wc -l)
  if [ "$changed" -gt "$tidy_at_most" ]; then echo "the first $tidy_at_most of $changed changed files; --long checks all"; fi
  files=$(tidy_files | without_verilated | sort | awk -v at_most="$tidy_at_most" 'NR <= at_most')
  if [ -z "$files" ]; then
    echo "no file changed"
    return
  fi
  echo "$files" | xargs -n 2 -P "$jobs" clang-tidy-19 -p build/release --quiet --extra-arg=-Wno-unknown-warning-option \
    --extra-arg=-Wno-deprecated-declarations 2>&1 | grep -vE '^[0-9]+ warnings? (treated|generated)'
  return "${PIPESTATUS[1]}"
}

stage "packages" .ci/install run test
labels='^(quick|full)$'
fuzz_label='^fuzz$'
if $long; then
  labels='^(quick|full|long)$'
  fuzz_label='^fuzz_long$'
fi
stage "format" check_format
stage "release: build" build release all
stage "release: test" run_tests release -L "$labels"
stage "asan: build quick" build asan tests_quick
stage "asan: test quick" run_tests asan -L '^quick$'
stage "tsan: build runtime" build tsan tests_runtime
stage "tsan: test runtime" run_tests tsan -L '^runtime$' -LE '^long$'
stage "fuzz: build" build fuzz tests_fuzz
stage "fuzz: test" run_tests fuzz -L "$fuzz_label"
stage "clang-tidy" check_tidy

echo "--- times"
printf '%s\n' "${times[@]}"
printf '%5d s  in all\n' $SECONDS
read -r passed failed skipped < <(.ci/count.py build/{release,asan,tsan,fuzz}/reports)
for name in "${broken[@]}"; do
  echo "stage failed: $name"
  case $name in *test*) ;; *) failed=$((failed + 1)) ;; esac
done
if [ "$failed" -eq 0 ] && [ ${#broken[@]} -gt 0 ]; then failed=${#broken[@]}; fi
echo "$passed passed, $failed failed$([ "$skipped" -gt 0 ] && echo ", $skipped skipped")"
[ "$failed" -eq 0 ]
