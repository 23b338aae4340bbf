#!/bin/bash
# fuzz-dissector.sh BUILD [SEEDS [SAMPLE...]]: every sample capture, with 2 % of its bytes changed, under tshark with
# the plugin of BUILD: so many times each (default 1), and cut short. A wrong assumption of the dissector, a wrong
# access of its memory, a crash or a hang fails; the capture that did it is kept in BUILD/fuzz-dissector/. A BUILD
# with -DBOOTTAP_SANITIZE=address,undefined has the core's memory watched too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ $# -lt 1 ]; then
    sed -n '2,5s/^# //p' "$0" >&2
    exit 2
fi
build=$1
seeds=${2-1}
shift $(($# < 2 ? $# : 2))
samples=("$@")
[ ${#samples[@]} -gt 0 ] || samples=(captures/*.pcap)
if ! command -v tshark >/dev/null || ! command -v editcap >/dev/null; then
    echo 'fuzz-dissector.sh: tshark is not installed: skipped'
    exit 77
fi

kept=$build/fuzz-dissector
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
series=$(tshark --version 2>/dev/null | sed -n '1s/[^0-9]*\([0-9]*\.[0-9]*\).*/\1/p')
mkdir -p "$home/$series/epan" "$home/home" "$kept"
cp "$build/dissectors/stm32boot.so" "$home/$series/epan/"
chmod -R a+rwX "$home"

as_user=()
# Wireshark takes no plugins of a user's from root.
[ "$(id -u)" -ne 0 ] || as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
environment=(HOME="$home/home" WIRESHARK_PLUGIN_DIR="$home" WIRESHARK_ABORT_ON_DISSECTOR_BUG=1
    WIRESHARK_DEBUG_WMEM_OVERRIDE=strict G_SLICE=always-malloc MALLOC_PERTURB_=165)
if nm -D "$build/dissectors/stm32boot.so" 2>/dev/null | grep -q __asan_init; then
    # The program itself is not built with the sanitizer, and what it leaks is its own.
    environment+=(LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
        ASAN_OPTIONS=detect_leaks=0:detect_odr_violation=0)
fi
if ! env "${environment[@]}" "${as_user[@]}" tshark -G plugins 2>/dev/null | grep -q stm32boot; then
    echo "fuzz-dissector.sh: tshark $series does not load $build/dissectors/stm32boot.so" >&2
    exit 1
fi

# The two below are called by the shells that xargs starts.

# dissect FILE OPTION...: whether tshark gets through; its words are in FILE.log.
# shellcheck disable=SC2317
dissect() {
    local file=$1
    shift
    env "${environment[@]}" timeout 120 "${as_user[@]}" tshark "$@" -nVxr "$file" >/dev/null 2>"$file.log"
}

# try_one SAMPLE CHANGE NAME: CHANGE are the words for editcap.
# shellcheck disable=SC2317
try_one() {
    local sample=$1 name=$3 file
    local -a change
    read -r -a change <<<"$2"
    file=$home/$name.pcap
    editcap "${change[@]}" "$sample" "$file" >/dev/null 2>&1
    chmod a+r "$file"
    touch "$file.log"
    chmod a+rw "$file.log"
    if dissect "$file" && dissect "$file" -2; then
        rm -f "$file" "$file.log"
        return 0
    fi
    cp "$file" "$kept/"
    echo "fuzz-dissector: FAILED: $kept/$name.pcap ($2 of $sample)" >&2
    tail -n 20 "$file.log" >&2
    return 1
}

# Three arguments of try_one for every run.
words() {
    local sample name seed length
    for sample in "${samples[@]}"; do
        name=$(basename "$sample" .pcap)
        for ((seed = 1; seed <= seeds; seed++)); do
            printf '%s\0%s\0%s\0' "$sample" "-E 0.02 --seed $seed" "$name-$seed"
        done
        for length in 65 12; do
            printf '%s\0%s\0%s\0' "$sample" "-s $length" "$name-snapped-$length"
        done
    done
}
export -f try_one dissect
export home kept
declare -p environment as_user >"$home/arrays"
status=0
# shellcheck disable=SC2016 # the inner shell expands it
words | xargs -0 -n 3 -P "$(nproc)" bash -c '. "$home/arrays"; try_one "$@" || exit 1' fuzz || status=1
runs=$((2 * ${#samples[@]} * (seeds + 2)))
[ $status -eq 0 ] && echo "fuzz-dissector: $runs runs over ${#samples[@]} samples with tshark $series, ok"
exit $status
