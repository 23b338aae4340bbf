#!/bin/sh
# Makes the sample captures again, and their golden JSON.
# usage: captures/make.sh [-b BUILD] all | simulated | stm32flash | kernel | mixed | golden
#   simulated   the scenarios of tests/sim: the same bytes every time
#   stm32flash  the real stm32flash against a simulated device on a pty: the same traffic, other
#               times and therefore other golden JSON
#   kernel      real tools on a real kernel in a virtual machine (tests/vm/run.sh): likewise
#   mixed       samples of different wires in one file, put together by Wireshark's mergecap
#   golden      decodes every sample; look at the difference before you commit it
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
build=$top/build
if [ "${1:-}" = -b ]; then
    build=$2
    shift 2
fi
what=${1:-}
captures=$top/captures
work=$(mktemp -d)
device=
trap 'test -z "$device" || kill "$device" 2>/dev/null; rm -rf "$work"' EXIT

build_tools()
{
    test -d "$build" || cmake -S "$top" -B "$build" -G Ninja >&2
    cmake --build "$build" --target simulate pty_device boottap >&2
}

# flash NAME DEVICE-OPTIONS -- STM32FLASH-OPTIONS: one run of stm32flash against a fresh device
flash()
{
    name=$1
    shift
    options=
    while [ "$1" != -- ]; do
        options="$options $1"
        shift
    done
    shift
    echo "$name: stm32flash $*" >&2
    # shellcheck disable=SC2086 # the options are words
    "$build/tests/sim/pty_device" --link "$work/port" --record "$captures/$name.pcap" $options \
        >"$work/name" &
    device=$!
    while [ ! -s "$work/name" ]; do sleep 0.05; done
    # A pty has no parity: 8n1. Many of these runs are meant to fail.
    (cd "$work" && stm32flash -m 8n1 -b 115200 "$@" "$work/port" >"$work/$name.out" 2>&1) || true
    sleep 0.3
    kill "$device"
    wait "$device" || true
    device=
    rm -f "$work/name"
}

make_stm32flash()
{
    command -v stm32flash >/dev/null || { echo "stm32flash is not installed" >&2; exit 2; }
    "$build/tests/sim/simulate" --firmware "$work/firmware.bin" 20480
    flash stm32flash-write-verify --product g071 -- -w firmware.bin -v
    flash stm32flash-read --product g071 -- -r out.bin -S 0x08000000:4096
    flash stm32flash-erase --product g071 -- -o
    flash stm32flash-go --product f103 -- -g 0x08000000
    flash stm32flash-unprotect --product f103 --fault read-protected -- -k
    flash stm32flash-checksum --product g474 --short-checksum -- -C -S 0x08000000:4096
    flash stm32flash-already-synced --product g071 --fault synchronised -- -r out.bin -S 0x08000000:256
    flash stm32flash-no-device --product g071 --fault sync-silence --
    flash stm32flash-write-nack --product g071 --fault write-nack -- -w firmware.bin
    flash stm32flash-erase-nack --product g071 --fault erase-nack -- -w firmware.bin
    flash usart-read-protected --product f103 --fault read-protected -- -w firmware.bin -v
}

make_kernel()
{
    cmake --build "$build" >&2
    "$top/tests/vm/run.sh" "$build" >&2
    for sample in dfu-download dfu-protected dfu-unplugged dfu-stalled dfu-upload \
        ftdi-protected ftdi-no-parity cdc-acm-write fdcan-socketcan fdcan-any; do
        cp "$build/vm/results/$sample.pcap" "$captures/kernel-$sample.pcap"
    done
    cp "$build/vm/results/fdcan.log" "$captures/kernel-fdcan-candump.log"
}

make_mixed()
{
    printf '0000 01 02 03 04 05 06 07 08 09 0a 0b 0c 08 00 45 00\n' |
        text2pcap -q -F pcap - "$work/ethernet.pcap"
    mergecap -a -F pcapng -w "$captures/mixed-interfaces.pcapng" "$captures/dfu-get.pcap" \
        "$captures/usart-connect.pcap" "$captures/fdcan-flash.pcap" "$work/ethernet.pcap"
}

make_golden()
{
    mkdir -p "$captures/golden"
    for sample in "$captures"/*.pcap "$captures"/*.pcapng "$captures"/*.log "$captures"/logs/cubeprog-silent.log "$captures"/logs/cubeprog-write.log; do
        name=$(basename "$sample")
        name=${name%.*}
        "$build/sniffer/boottap" decode --json "$sample" >"$captures/golden/$name.json"
    done
}

case $what in
all)
    build_tools
    "$build/tests/sim/simulate" "$captures"
    make_stm32flash
    make_kernel
    make_mixed
    make_golden
    ;;
simulated)
    build_tools
    "$build/tests/sim/simulate" "$captures"
    ;;
stm32flash)
    build_tools
    make_stm32flash
    ;;
kernel)
    build_tools
    make_kernel
    ;;
mixed)
    make_mixed
    ;;
golden)
    build_tools
    make_golden
    ;;
*)
    sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
