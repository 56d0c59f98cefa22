#!/usr/bin/env bash
# Runs every fuzz target, one on each core, for so many seconds (default 60), with AddressSanitizer and UBSan. FUZZ_SEED
# is where its chance begins: 1, so that a change is judged by what the change before it was; 0 is another each time.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
seed=${FUZZ_SEED:-1}
cmake --preset fuzz > /dev/null
mapfile -t targets < <(find src -name '*_fuzz.cc' -exec basename {} .cc \; | sort)
cmake --build build/fuzz -j "$(nproc)" --target "${targets[@]}"
run() {
  local target=$1 corpus=build/fuzz/corpus/$1 seeds=()
  mkdir -p "$corpus"
  [ -d "test/fuzz/$target" ] && seeds=("test/fuzz/$target")
  "build/fuzz/src/$target" -max_total_time="$seconds" -seed="$seed" -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/$target-" "$corpus" "${seeds[@]}" > "build/fuzz/$target.log" 2>&1 ||
    { tail -50 "build/fuzz/$target.log"; return 255; }  # 255: xargs starts no more.
  echo "fuzz: $target for $seconds s: $(grep -o 'number_of_executed_units: .*' "build/fuzz/$target.log")"
}
export -f run
export seconds seed
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I {} bash -c 'set -euo pipefail; run {}'
