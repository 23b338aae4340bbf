#!/bin/bash
# fuzz.sh TARGET|all [SECONDS]: runs libFuzzer targets for so many seconds each (default 60).
# fuzz.sh keep: puts the fewest inputs that take every branch found into tests/fuzz/found.tar.xz.
# What is found stays in build-fuzz/: inputs that reach new code in corpus/TARGET, inputs that
# fail in failures/TARGET-*.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ $# -lt 1 ]; then
    sed -n '2,5s/^# //p' "$0" >&2
    exit 2
fi
seconds=${2-60}
build='build-fuzz'

scripts/build.sh "$build" -DBOOTTAP_FUZZ=ON -DBOOTTAP_TESTS=OFF -DBOOTTAP_SNIFFER=OFF -DBOOTTAP_SHARED=OFF \
    -DBOOTTAP_WERROR=ON -DBOOTTAP_SANITIZE=address,undefined -DCMAKE_C_COMPILER=clang
if [ "$1" = all ] || [ "$1" = keep ]; then
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
        "$build/corpus/$name" "$build/tests/fuzz/found/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
        echo "fuzz $name: $(awk '/number_of_executed_units/ { print $2 }' "$log") inputs, ok"
        rm "$log"
    else
        tail -n 40 "$log"
        echo "fuzz $name: FAILED, again with: $program $(sed -n 's/.*Test unit written to //p' "$log")"
        return 1
    fi
}

# keep: without counters an input counts for its branches only, not for how often it takes them.
keep() {
    local work target name
    work=$(mktemp -d)
    for target in "${targets[@]}"; do
        name=${target##*/fuzz_}
        mkdir -p "$work/found/$name" "$build/corpus/$name"
        cp "tests/fuzz/corpus/$name"/* "$work/found/$name"
        "$target" -merge=1 -use_counters=0 -max_len=2048 -timeout=20 "$work/found/$name" \
            "$build/tests/fuzz/found/$name" "$build/corpus/$name" >"$work/log" 2>&1 ||
            { cat "$work/log"; return 1; }
        (cd "tests/fuzz/corpus/$name" && printf '%s\n' *) | (cd "$work/found/$name" && xargs -d '\n' rm -f)
        echo "$name: $(find "$work/found/$name" -type f | wc -l) inputs"
    done
    tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cJf tests/fuzz/found.tar.xz found
    rm -r "$work"
}
if [ "$1" = keep ]; then
    keep
    exit
fi
export -f fuzz
export build seconds
# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'fuzz "$1"' fuzz
