#!/bin/bash
# guest_serial.sh: serial sources on real ports; a part of guest.sh, whose functions it uses. An FTDI
# adapter with the kernel's ftdi_sio, and two 8250 UARTs (ttyS1, ttyS2) that are wired to each other.
# shellcheck disable=SC2154 # what guest.sh sets

# Pseudo-terminals for the proxy.
mkdir -p /dev/pts links
mountpoint -q /dev/pts || mount -t devpts -o ptmxmode=666 devpts /dev/pts
[ -e /dev/ptmx ] || ln -s pts/ptmx /dev/ptmx

# source_start NAME OPERAND [RESET]: records to NAME.pcap.
source_start() {
    local name=$1
    shift
    "$build/tests/live/live_source" "$1" "$name.pcap" "${@:2}" >"$name.source" 2>&1 &
    source_pid=$!
    await 30 grep -q '^interface' "$name.source"
}

source_stop() {
    kill "$source_pid" 2>/dev/null
    wait "$source_pid"
}

# holds FILE HEX: a recording of one record has these bytes at its end.
holds() {
    [ "$(tail -c $((${#2} / 2)) "$1" | od -A n -v -t x1 | tr -d ' \n')" = "$2" ]
}

# settings PORT WORD...: stty tells them.
settings() {
    local port=$1 word
    stty -F "$port" -a >stty.out
    shift
    for word in "$@"; do
        grep -qw -e "$word" stty.out || return 1
    done
}

source_start uart-serial serial:ttyS1,57600
stty -F /dev/ttyS2 raw -echo 57600 parenb -parodd cs8
check uart-settings settings /dev/ttyS1 'speed 57600 baud' parenb -parodd cs8 -hupcl parmrk
# 'd' ends the recording; what PARMRK doubles, and what it begins its marks with, is in it.
printf 'ab\377c\377\377\0d' >/dev/ttyS2
check uart-bytes await 30 holds uart-serial.pcap 6162ff63ffff0064
source_stop

# stm32flash through the proxy: the adapter's device answers to 8E1 alone.
plug_in ftdi g071
await 20 test -c /dev/ttyUSB0
source_start serial-proxy proxy:/dev/ttyUSB0,links/tool '-dtr&rts,-rts'
check serial-latency grep -qx 1 /sys/bus/usb-serial/devices/ttyUSB0/latency_timer
check serial-proxy stm32flash -m 8n1 -b 57600 -w firmware-6k.bin -v links/tool
source_stop
check serial-rate grep -qx 'comment boottap serial: 57600 8E1' serial-proxy.source
unplug
await 20 fails test -c /dev/ttyUSB0

# One error of each kind; then the adapter is pulled out, and the source says so.
plug_in ftdi g071 line-errors
await 20 test -c /dev/ttyUSB0
source_start serial-errors proxy:/dev/ttyUSB0,links/tool
check serial-errors stm32flash -m 8n1 -b 115200 -w firmware-6k.bin links/tool
unplug
wait "$source_pid"
check serial-gone test $? -eq 1
check serial-gone-said grep -q 'ttyUSB0: the port is gone' serial-errors.source
