#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the plugin costs tshark: time without it and with it, their ratio, peak memory of both, on
# the same files in the same run. Times are the best of RUNS (5) runs. Then what looks at all of a
# capture at once, on a tenth of the packets and on all of them: in the last column, the one's time
# over the other's, 10 is linear and 100 quadratic.
#
#     bench-plugin.sh PLUGIN BENCH_CAPTURE BENCH_PLUGIN_CAPTURE BENCH_RUN [PACKETS]
set -euo pipefail

plugin=$1
capture=$2
plugin_capture=$3
run=$4
packets=${5:-1000000}
runs=${RUNS:-5}

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
series=$(tshark --version 2>/dev/null | sed -n '1s/[^0-9]*\([0-9]*\.[0-9]*\).*/\1/p')
mkdir -p "$directory"/{without,with}/"$series"/epan "$directory"/{home,extcap}
cp "$plugin" "$directory/with/$series/epan/"
chmod -R a+rwX "$directory"

as_user=()
# Wireshark takes no plugins of a user's from root.
[ "$(id -u)" -ne 0 ] || as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)

# seconds_and_kib with|without RUNS OPTION...: of tshark
seconds_and_kib() {
    local plugins=$directory/$1 times=$2
    shift 2
    env HOME="$directory/home" WIRESHARK_PLUGIN_DIR="$plugins" \
        WIRESHARK_EXTCAP_DIR="$directory/extcap" "$run" "$times" "${as_user[@]}" tshark -n "$@"
}

# compare NAME RUNS OPTION...
compare() {
    local name=$1 without with
    shift
    without=$(seconds_and_kib without "$@")
    with=$(seconds_and_kib with "$@")
    awk -v name="$name" -v of="$without $with" 'BEGIN {
        split(of, n)
        printf "  %-12s %7.2f s %7.2f s  x %4.2f  %7.0f MiB %7.0f MiB\n",
            name, n[1], n[3], n[3] / n[1], n[2] / 1024, n[4] / 1024
    }'
}

# grow KIND NAME OPTION...
grow() {
    local kind=$1 name=$2 tenth whole
    shift 2
    tenth=$(seconds_and_kib with 1 -q -r "$directory/tenth.pcap" "$@")
    rm -rf "$directory/home/objects"
    whole=$(seconds_and_kib with 1 -q -r "$directory/whole.pcap" "$@")
    rm -rf "$directory/home/objects"
    awk -v kind="$kind" -v name="$name" -v of="$tenth $whole" 'BEGIN {
        split(of, n)
        printf "  %-12s %-10s %7.2f s %7.2f s  x %5.1f  %7.0f MiB\n",
            kind, name, n[1], n[3], n[3] / n[1], n[4] / 1024
    }'
}

# make KIND PACKETS FILE
make() {
    case $1 in
    usart | usart-bytes | dfu | fdcan) "$capture" "$@" ;;
    *) "$plugin_capture" "$@" ;;
    esac
    chmod a+r "$3"
}

echo "$packets packets, tshark $series without and with the plugin; a tenth of them with -V"
for kind in usart usart-bytes dfu fdcan serial-foreign usb-foreign can-foreign; do
    make "$kind" "$packets" "$directory/whole.pcap"
    make "$kind" "$((packets / 10))" "$directory/tenth.pcap"
    echo "$kind"
    compare 'listing' "$runs" -r "$directory/whole.pcap"
    compare 'listing, -2' "$runs" -2 -r "$directory/whole.pcap"
    compare '-T fields' "$runs" -r "$directory/whole.pcap" -T fields -e frame.number
    compare '-V' "$runs" -V -r "$directory/tenth.pcap"
done

echo "$((packets / 10)) and $packets packets with the plugin"
for kind in usart usart-bytes dfu fdcan syncs read backwards links; do
    make "$kind" "$packets" "$directory/whole.pcap"
    make "$kind" "$((packets / 10))" "$directory/tenth.pcap"
    grow "$kind" listing
    grow "$kind" listing,-2 -2
    grow "$kind" objects --export-objects "stm32boot,$directory/home/objects"
    grow "$kind" objects,-2 -2 --export-objects "stm32boot,$directory/home/objects"
    grow "$kind" follow -z follow,stm32boot,raw,0
    grow "$kind" statistics -z stm32boot,tree -z stm32boot,srt -z expert
done
