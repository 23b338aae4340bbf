#!/bin/bash
# guest.sh BUILD: inside the virtual machine. Every scenario leaves a capture in /run/results.
set -u
build=$1
vm=$build/tests/vm
vhci=/sys/devices/platform/vhci_hcd.0
failures=0
# In memory first: writing every packet to the host's files at once would be too slow.
mkdir /run/scenarios
cd /run/scenarios || exit 1

# check NAME COMMAND...: the scenario's own result.
check() {
    local name=$1
    shift
    if "$@" >"$name.out" 2>&1; then
        echo "ok $name"
    else
        echo "not ok $name: $* gave $?"
        tail -n 15 "$name.out"
        failures=$((failures + 1))
    fi
}

# await SECONDS COMMAND...: until it succeeds.
await() {
    local ticks=$(($1 * 10))
    shift
    until "$@" >/dev/null 2>&1; do
        ticks=$((ticks - 1))
        [ $ticks -gt 0 ] || return 1
        sleep 0.1
    done
}

fails() {
    ! "$@"
}

# has FILE LINES: at least so many.
has() {
    [ "$(wc -l <"$1")" -ge "$2" ]
}

# simulated NAME WIRE OPTION...: `boottap simulate` beside all this; its log is NAME.log.
simulated() {
    local name=$1
    shift
    "$build/sniffer/boottap" simulate "$@" --log "$name.log" >"$name.ready" 2>"$name.err" &
    simulated=$!
    await 20 test -s "$name.ready"
}

# shellcheck source=tests/vm/guest_run.sh
. "${BASH_SOURCE[0]%/*}/guest_run.sh"
# What `boottap live` does beside all this.
# shellcheck source=tests/vm/guest_live.sh
. "${BASH_SOURCE[0]%/*}/guest_live.sh"

# The bus that the devices are plugged into: the software controller's high-speed root hub.
bus=$(cat "$vhci"/usb*/busnum | sort -n | head -n 1)

capture_start() { # INTERFACE FILE [OPTION...]
    local interface=$1 file=$2
    shift 2
    live_start "$interface" "${file%.pcap}"
    tcpdump -Z root -U -B 4096 -i "$interface" -w "$file" "$@" 2>"$file.tcpdump" &
    capture=$!
    await 20 grep -q 'listening on' "$file.tcpdump"
}

# Ends a capture when nothing has been added to it for a second: the machine may be slow.
capture_stop() { # FILE
    local size=-1 ticks=0
    while [ "$size" != "$(stat -c %s "$1")" ] && [ $ticks -lt 20 ]; do
        size=$(stat -c %s "$1")
        ticks=$((ticks + 1))
        sleep 1
    done
    kill -INT "$capture"
    wait "$capture"
    live_stop "${1%.pcap}"
}

# The kernel has asked it for all and chosen its configuration.
plugged_in() {
    [ -e "/sys/bus/usb/devices/$bus-1:1.0" ]
}

unplugged() {
    [ ! -e "/sys/bus/usb/devices/$bus-1" ]
}

plug_in() { # usb_device's arguments
    "$vm/usb_device" "$@" &
    device=$!
    await 20 plugged_in
}

unplug() {
    kill "$device" 2>/dev/null
    wait "$device" 2>/dev/null
    await 20 unplugged
}

# dfu NAME FAULT COMMAND...: one session with a DfuSe device that is plugged in before its capture.
dfu() {
    local name=$1 fault=$2
    shift 2
    plug_in dfu f072 ${fault:+"$fault"}
    capture_start "usbmon$bus" "$name.pcap"
    check "$name" "$@"
    capture_stop "$name.pcap"
    unplug
}

# serial NAME KIND FAULT COMMAND...: one session through an adapter that is plugged in while the
# capture runs, so that it holds the enumeration.
serial() {
    local name=$1 kind=$2 fault=$3 port=/dev/ttyUSB0
    shift 3
    [ "$kind" = ftdi ] || port=/dev/ttyACM0
    capture_start "usbmon$bus" "$name.pcap"
    plug_in "$kind" g071 ${fault:+"$fault"}
    await 20 test -c "$port"
    check "$name" "$@"
    capture_stop "$name.pcap"
    unplug
    await 20 fails test -c "$port"
}

# firmware FILE BYTES: numbers, so that no two pages are equal.
firmware() {
    seq 1 100000 | head -c "$2" >"$1"
}
firmware firmware-6k.bin 6144
firmware firmware-20k.bin 20480

dfu dfu-download '' followed dfu-download dfu-util -a 0 -s 0x08000000:leave -D firmware-6k.bin
dfu dfu-protected protected fails followed dfu-protected dfu-util -a 0 -s 0x08000000 -D firmware-6k.bin
dfu dfu-unplugged unplug fails followed dfu-unplugged dfu-util -a 0 -s 0x08000000 -D firmware-6k.bin
dfu dfu-stalled stall fails dfu-util -a 0 -s 0x08000000 -D firmware-6k.bin
rm -f upload.bin
dfu dfu-upload '' followed dfu-upload dfu-util -a 0 -s 0x08000000:4096 -U upload.bin

serial ftdi-write ftdi '' followed ftdi-write stm32flash -w firmware-20k.bin -v -g 0x08000000 /dev/ttyUSB0
serial ftdi-protected ftdi protected fails stm32flash -w firmware-20k.bin -v /dev/ttyUSB0
serial ftdi-no-parity ftdi '' fails followed ftdi-no-parity stm32flash -m 8n1 -w firmware-20k.bin /dev/ttyUSB0
serial cdc-acm-write cdc-acm '' followed cdc-acm-write stm32flash -w firmware-6k.bin -v /dev/ttyACM0

# send LOG FRAME...: each gets its answers before the next, but for one with a ! behind it. LOG is
# what candump writes of the bus.
send() {
    local log=$1 frame lines
    shift
    for frame in "$@"; do
        lines=$(wc -l <"$log")
        cansend vcan0 "${frame%!}" || return 1
        [ "$frame" != "${frame%!}" ] || await 20 has "$log" $((lines + 2))
        sleep 0.3
    done
}

ip link add dev vcan0 type vcan && ip link set vcan0 mtu 72 up
simulated can-device fdcan --on can:vcan0 --product G474
device=$simulated
capture_start vcan0 fdcan-socketcan.pcap
vcan=$capture
capture_start any fdcan-any.pcap
any=$capture
candump -L vcan0 >fdcan.log &
log=$!
sleep 1
# Get, Get ID; erase page 0; write and read 64 bytes at 0x08000000; read an address with no memory;
# a frame of somebody else; go
export -f await has send send_and_listen
# shellcheck disable=SC2016
check fdcan followed fdcan bash -c 'send_and_listen "$@"' bash fdcan.log 000##1 002##1 044##10001 \
    "044##10000$(printf '%0124d' 0)" 031##1080000003F \
    "031##1$(seq -f %02g 1 64 | tr -d '\n')" 011##1080000003F 011##19000000000 \
    7A1#0102030405060708! 021##108000000
check can-sockets "$build/tests/cli/test_cli_trace_can"
capture=$any
capture_stop fdcan-any.pcap
capture=$vcan
capture_stop fdcan-socketcan.pcap
kill -INT $log
kill $device

# shellcheck disable=SC1091 # it is checked itself
. "$(dirname "$0")/guest_serial.sh"

# What `boottap replay` talks through.
# shellcheck source=tests/vm/guest_wire.sh
. "${BASH_SOURCE[0]%/*}/guest_wire.sh"
wire_scenarios
# shellcheck source=tests/vm/guest_simulate.sh
. "${BASH_SOURCE[0]%/*}/guest_simulate.sh"
simulate_scenarios
# shellcheck source=tests/vm/guest_replay.sh
. "${BASH_SOURCE[0]%/*}/guest_replay.sh"
replay_scenarios

live_scenarios

find . -maxdepth 1 -type f -exec cp -t /run/results {} +
[ $failures -eq 0 ]
