#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How fast and how big: boottap decode against an empty libpcap loop, and tshark where it is
# installed, all on the same files in the same run. Each time is the best of RUNS (5) runs, each
# ratio in brackets is to the empty loop.
#
#     bench.sh BOOTTAP BENCH_CAPTURE BENCH_READ_LOOP BENCH_RUN [PACKETS]
set -eu

boottap=$1
capture=$2
read_loop=$3
run=$4
packets=${5:-1000000}
runs=${RUNS:-5}

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT INT TERM

# measure RUNS NAME COMMAND...: a line with its time, its ratio to the loop, its peak memory
measure() {
    times=$1 name=$2
    shift 2
    # shellcheck disable=SC2046 # two words are meant
    result=$("$run" "$times" "$@")
    seconds=${result% *} kib=${result#* }
    [ "$name" = loop ] && loop=$seconds
    awk -v name="$name" -v seconds="$seconds" -v loop="$loop" -v kib="$kib" 'BEGIN {
        printf "  %-12s %8.3f s  %7.2f x loop  %6.1f MiB\n", name, seconds, seconds / loop, kib / 1024
    }'
}

for kind in usart usart-bytes dfu fdcan; do
    file=$directory/$kind.pcap
    "$capture" "$kind" "$packets" "$file"
    echo "$kind: $("$read_loop" "$file") packets, $(wc -c <"$file") bytes"
    measure "$runs" loop "$read_loop" "$file"
    measure "$runs" --summary "$boottap" decode --summary "$file"
    measure "$runs" text "$boottap" decode "$file"
    measure 1 -x "$boottap" decode -x "$file"
    measure 1 --json "$boottap" decode --json "$file"
    if command -v tshark >/dev/null; then
        measure 1 tshark tshark -r "$file"
    fi
    rm -f "$file"
done

# pcapng, which boottap reads by itself and the empty loop through libpcap.
if command -v editcap >/dev/null; then
    "$capture" usart "$packets" "$directory/usart.pcap"
    editcap -F pcapng "$directory/usart.pcap" "$directory/usart.pcapng"
    echo "pcapng: $packets packets"
    measure "$runs" loop "$read_loop" "$directory/usart.pcapng"
    measure "$runs" --summary "$boottap" decode --summary "$directory/usart.pcapng"
    rm -f "$directory/usart.pcap" "$directory/usart.pcapng"
fi

# As many transactions a side as packets above, six packets each. What another pass over a capture
# costs beside it: a diagnosis, a page, comments.
"$capture" usart "$((6 * packets))" "$directory/a.pcap"
loop=$("$run" 1 "$read_loop" "$directory/a.pcap")
loop=${loop% *}
echo "$packets transactions"
measure 1 diagnose "$boottap" diagnose "$directory/a.pcap"
measure 1 report "$boottap" report "$directory/a.pcap" -o "$directory/report.html"
measure 1 annotate "$boottap" annotate "$directory/a.pcap" "$directory/annotated.pcapng"
rm -f "$directory/annotated.pcapng"
measure 1 'diff same' "$boottap" diff "$directory/a.pcap" "$directory/a.pcap"
for kind in unlike half random; do
    "$capture" "usart-$kind" "$((6 * packets))" "$directory/b.pcap"
    measure 1 "diff $kind" "$boottap" diff "$directory/a.pcap" "$directory/b.pcap"
    "$boottap" diff -q "$directory/a.pcap" "$directory/b.pcap" | sed 's/.* differ: /    /'
done
measure 1 '  and times' "$boottap" diff --include=duration,pause "$directory/a.pcap" \
    "$directory/b.pcap"
