#!/bin/sh
# The real stm32flash flashes a simulated device on a pty; what boottap makes of the recording is
# what the sample of the same name must show.
# usage: stm32flash.sh BUILD EXPECTED-FOLDER
set -eu

build=$1
expected=$2
command -v stm32flash >/dev/null || { echo "stm32flash is not installed"; exit 77; }
work=$(mktemp -d)
device=
trap 'test -z "$device" || kill "$device" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"

# run NAME EXIT-STATUS DEVICE-OPTIONS -- STM32FLASH-OPTIONS
run()
{
    name=$1
    wanted=$2
    shift 2
    options=
    while [ "$1" != -- ]; do
        options="$options $1"
        shift
    done
    shift
    # shellcheck disable=SC2086 # the options are words
    "$build/tests/sim/pty_device" --link port --record "$name.pcap" $options >"$name.pty" &
    device=$!
    while [ ! -s "$name.pty" ]; do sleep 0.05; done
    status=0
    stm32flash -m 8n1 -b 115200 "$@" ./port >"$name.out" 2>&1 || status=$?
    sleep 0.3
    kill "$device"
    wait "$device" || true
    device=
    if [ "$status" -ne "$wanted" ]; then
        echo "$name: stm32flash ended with $status, not $wanted:"
        cat "$name.out"
        exit 1
    fi
    "$build/tests/golden/golden" "$build/sniffer/boottap" "$name.pcap" "$expected/$name.txt"
    echo "$name: as expected"
}

"$build/tests/sim/simulate" --firmware firmware.bin 20480
run stm32flash-write-verify 0 --product g071 -- -w firmware.bin -v
run stm32flash-read 0 --product g071 -- -r out.bin -S 0x08000000:4096
run stm32flash-checksum 0 --product g474 --short-checksum -- -C -S 0x08000000:4096
run usart-read-protected 1 --product f103 --fault read-protected -- -w firmware.bin -v
