#!/bin/bash
# fuzz.sh TARGET|all [SECONDS]: runs libFuzzer targets for so many seconds each (default 60).
# What is found stays in build-fuzz/: inputs that reach new code in corpus/TARGET, inputs that
# fail in failures/TARGET-*.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ $# -lt 1 ]; then
    sed -n '2,4s/^# //p' "$0" >&2
    exit 2
fi
seconds=${2-60}
build='build-fuzz'

scripts/build.sh "$build" -DBOOTTAP_FUZZ=ON -DBOOTTAP_TESTS=OFF -DBOOTTAP_SNIFFER=OFF -DBOOTTAP_SHARED=OFF \
    -DBOOTTAP_WERROR=ON -DBOOTTAP_SANITIZE=address,undefined -DCMAKE_C_COMPILER=clang
if [ "$1" = all ]; then
    targets=("$build"/tests/fuzz/fuzz_*)
else
    targets=("$build/tests/fuzz/fuzz_$1")
fi

# fuzz PROGRAM: one line about its run; on a failure the fuzzer's own words too.
fuzz() {
    local program=$1 name=${1##*/fuzz_} log
    log=$build/failures/$name.log
    mkdir -p "$build/failures" "$build/corpus/$name"
    if "$program" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
        -print_final_stats=1 -artifact_prefix="$build/failures/$name-" \
        "$build/corpus/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
        echo "fuzz $name: $(awk '/number_of_executed_units/ { print $2 }' "$log") inputs, ok"
        rm "$log"
    else
        tail -n 40 "$log"
        echo "fuzz $name: FAILED, again with: $program $(sed -n 's/.*Test unit written to //p' "$log")"
        return 1
    fi
}
export -f fuzz
export build seconds
# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'fuzz "$1"' fuzz
