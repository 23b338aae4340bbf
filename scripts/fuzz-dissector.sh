#!/bin/bash
# fuzz-dissector.sh BUILD [SEEDS [SAMPLE...]]: every sample capture, and all of them merged into one, damaged in four
# ways and that SEEDS times (default 1; 4-5 is the fourth and fifth time only): bytes changed, packets cut short,
# bytes cut out, times and lengths changed. Each goes through tshark with the plugin of BUILD, once and twice, with all
# taps, other preferences and Decode As, and through sharkd, backwards. A wrong assumption of the dissector, a wrong
# access of its memory, a critical message of GLib, a crash or a hang fails; the capture that did it is kept in
# BUILD/fuzz-dissector/. A BUILD with -DBOOTTAP_SANITIZE=address,undefined has the memory of plugin and core watched.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ $# -lt 1 ]; then
    sed -n '2,7s/^# //p' "$0" >&2
    exit 2
fi
build=$1
seeds=${2-1}
first_seed=1
[[ $seeds != *-* ]] || first_seed=${seeds%-*} seeds=${seeds#*-}
shift $(($# < 2 ? $# : 2))
samples=("$@")
[ ${#samples[@]} -gt 0 ] || samples=(captures/*.pcap captures/*.pcapng captures/*.log)
for program in tshark editcap mergecap; do
    if ! command -v $program >/dev/null; then
        echo 'fuzz-dissector.sh: tshark is not installed: skipped'
        exit 77
    fi
done

kept=$build/fuzz-dissector
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
series=$(tshark --version 2>/dev/null | sed -n '1s/[^0-9]*\([0-9]*\.[0-9]*\).*/\1/p')
mkdir -p "$home/$series/epan" "$home/home" "$home/extcap" "$kept"
cp "$build/dissectors/stm32boot.so" "$home/$series/epan/"
# mergecap of 4.0 refuses candump's logs: their lines name an interface that is not described.
mapfile -t merged < <(printf '%s\n' "${samples[@]}" | grep -v '\.log$')
mergecap -F pcapng -w "$home/merged.pcapng" "${merged[@]}"
samples+=("$home/merged.pcapng")
chmod -R a+rwX "$home"

as_user=()
# Wireshark takes no plugins of a user's from root.
[ "$(id -u)" -ne 0 ] || as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
# No grep -q below: it would end what writes to it, and pipefail would take that for a failure.
# Without programs of extcap: what is preloaded below would go into them, and there they hang.
environment=(HOME="$home/home" WIRESHARK_PLUGIN_DIR="$home" WIRESHARK_EXTCAP_DIR="$home/extcap"
    WIRESHARK_ABORT_ON_DISSECTOR_BUG=1 WIRESHARK_DEBUG_WMEM_OVERRIDE=strict
    G_DEBUG=fatal-criticals G_SLICE=always-malloc MALLOC_PERTURB_=165)
if nm -D "$build/dissectors/stm32boot.so" 2>/dev/null | grep __asan_init >/dev/null; then
    # The program itself is not built with the sanitizer, and what it leaks is its own.
    environment+=(LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
        ASAN_OPTIONS=detect_leaks=0:detect_odr_violation=0 UBSAN_OPTIONS=print_stacktrace=1)
fi
if ! env "${environment[@]}" "${as_user[@]}" tshark -G plugins 2>/dev/null | grep stm32boot >/dev/null; then
    echo "fuzz-dissector.sh: tshark $series does not load $build/dissectors/stm32boot.so" >&2
    exit 1
fi

# What seed N has beside: a person's choices, none at first.
choices=(''
    '-o stm32boot.serial_direction:swapped -o stm32boot.transfer_size:1'
    '-o stm32boot.serial_direction:merged -o stm32boot.transfer_size:65535'
    '-o stm32boot.usart:FALSE -o stm32boot.dfu:FALSE -o stm32boot.fdcan:FALSE -o stm32boot.can:FALSE -d rtacser.data,stm32boot'
    '-o stm32boot.default_address:0xffffffff -d usb.device==0x10003,stm32boot -d can.subdissector,stm32boot')

# Rates of bursts are Wireshark's own, in each of its trees; times that jump crash them (4.0).
bursts=statistics.st_enable_burstinfo

# Those below are called by the shells that xargs starts.

# run FILE PROGRAM...: whether it gets through; its words are in FILE.log.
# shellcheck disable=SC2317
run() {
    local log=$1.log
    shift
    env "${environment[@]}" timeout 120 "${as_user[@]}" "$@" >/dev/null 2>"$log"
}

# What sharkd is asked: the frames from the last to the first, what the taps say, the file and they again.
# shellcheck disable=SC2317
questions() {
    local method='"jsonrpc":"2.0","id":1,"method"' frame last taps
    taps="{$method:\"tap\",\"params\":{\"tap0\":\"stat:stm32boot\",\"tap1\":\"srt:stm32boot\",\"tap2\":\"expert\",\"tap3\":\"eo:stm32boot\"}}"
    last=$(($(capinfos -TMrc "$1" | cut -f 2) - 1))
    echo "{$method:\"setconf\",\"params\":{\"name\":\"$bursts\",\"value\":\"FALSE\"}}"
    echo "{$method:\"load\",\"params\":{\"file\":\"$1\"}}"
    for ((frame = last > 200 ? 200 : last; frame > 0; frame--)); do
        echo "{$method:\"frame\",\"params\":{\"frame\":$frame,\"proto\":true,\"columns\":true}}"
    done
    echo "$taps"
    echo "{$method:\"follow\",\"params\":{\"follow\":\"STM32BL\",\"filter\":\"stm32boot.stream == 0\"}}"
    echo "{$method:\"frames\",\"params\":{\"filter\":\"stm32boot\"}}"
    echo "{$method:\"load\",\"params\":{\"file\":\"$1\"}}"
    echo "{$method:\"frames\"}"
    echo "$taps"
    echo "{$method:\"bye\"}"
}

# shellcheck disable=SC2317
all_ways() {
    local file=$1
    local -a chosen
    read -r -a chosen <<<"$2"
    run "$file" tshark -nVxr "$file" || return 1
    mkdir -m 777 "$file.objects"
    run "$file" tshark -nV -2 -r "$file" -o "$bursts:FALSE" "${chosen[@]}" -z expert \
        -z stm32boot,tree -z stm32boot,srt -z follow,stm32boot,hex,0 --export-objects "stm32boot,$file.objects" || return 1
    command -v sharkd >/dev/null || return 0
    questions "$file" | run "$file" sharkd -
}

# try_one SAMPLE CHANGE CHOICE NAME: CHANGE are the words for editcap, CHOICE those for tshark.
# shellcheck disable=SC2317
try_one() {
    local sample=$1 name=$4 file status=0
    local -a change
    read -r -a change <<<"$2"
    file=$home/$name
    if [ "${change[0]}" = retime ]; then
        editcap -F pcapng "$sample" "$file.plain" >/dev/null 2>&1
        scripts/retime.py "${change[1]}" "$file.plain" "$file"
        rm -f "$file.plain"
    else
        editcap "${change[@]}" "$sample" "$file" >/dev/null 2>&1
    fi
    chmod a+r "$file"
    if ! all_ways "$file" "$3"; then
        status=1
        cp "$file" "$kept/"
        echo "fuzz-dissector: FAILED: $kept/$name ($2 of $sample; $3)" >&2
        tail -n 40 "$file.log" >&2
    fi
    rm -rf "$file" "$file.log" "$file.objects"
    return "$status"
}

# Arguments of try_one for every run. 59 seeds cut to every length from 12 to 70.
words() {
    local sample name seed choice
    for ((seed = first_seed; seed <= seeds; seed++)); do
        choice=${choices[(seed - 1) % ${#choices[@]}]}
        for sample in "${samples[@]}"; do
            name=$(basename "$sample")-$seed
            printf '%s\0%s\0%s\0%s\0' \
                "$sample" "-E 0.02 --seed $seed" "$choice" "$name-changed" \
                "$sample" "-s $((12 + (seed - 1) * 7 % 59))" "$choice" "$name-snapped" \
                "$sample" "-E 0.003 --seed $seed -C $((seed * 5 % 67)):$((seed % 4 + 1))" "$choice" "$name-chopped" \
                "$sample" "retime $seed" "$choice" "$name-retimed"
        done
    done
}
export -f try_one all_ways run questions
export bursts home kept
declare -p environment as_user >"$home/arrays"
status=0
# shellcheck disable=SC2016 # the inner shell expands it
words | xargs -0 -n 4 -P "${JOBS:-$(nproc)}" bash -c '. "$home/arrays"; try_one "$@" || exit 1' fuzz || status=1
files=$((4 * ${#samples[@]} * (seeds - first_seed + 1)))
[ $status -eq 0 ] && echo "fuzz-dissector: $files damaged captures of ${#samples[@]} with tshark $series, ok"
exit $status
