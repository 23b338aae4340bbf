# shellcheck shell=bash disable=SC2154
# Read by guest.sh: `boottap replay` on real ports and buses, into the devices of `boottap simulate`.
# Each leaves in /run/results NAME.replay (what was printed), .err, .status and .pcapng of the replay,
# NAME.flash and .log, the memory and the log of the device.
captures=${BASH_SOURCE[0]%/*}/../../captures

# fresh NAME KIND PLACE [OPTION...]: a device without firmware.
fresh() {
    simulated "$1" "$2" --on "$3" --flash "$1.flash" "${@:4}"
    [ "$2" != dfu ] || await 20 plugged_in
}

replay() { # NAME CAPTURE TARGET [OPTION...]
    "$boottap" replay "$2" --to "$3" -w "$1.replay.pcapng" "${@:4}" >"$1.replay" 2>"$1.replay.err"
    echo $? >"$1.replay.status"
}

# replay_into NAME KIND PLACE TARGET CAPTURE "DEVICE'S OPTIONS" [OPTION...]
replay_into() {
    # shellcheck disable=SC2086
    fresh "$1" "$2" "$3" $6
    replay "$1" "$5" "$4" "${@:7}"
    simulate_end "$1" INT
}

dfu_replay() { # NAME "DEVICE'S OPTIONS" [OPTION...]
    replay_into "$1" dfu vhci usb:0483:df11 replay-dfu.pcap "--product F072 $2" "${@:3}"
}

replay_dfu() {
    local changes=--allow=write,erase,leave
    # What dfu-util does to the device whose like the replays meet.
    fresh replay-dfu-tool dfu vhci --product F072
    capture_start "usbmon$bus" replay-dfu.pcap
    check replay-dfu-tool flash_dfu
    capture_stop replay-dfu.pcap
    simulate_end replay-dfu-tool INT

    dfu_replay replay-dfu-again '' $changes
    dfu_replay replay-dfu-refused '' --allow=write,erase
    dfu_replay replay-dfu-error '--fault error=errWRITE@write-memory#2' $changes
    dfu_replay replay-dfu-unplugged '--fault unplug@write-memory#2' $changes
    replay_into replay-dfu-other dfu vhci usb:0483:df11 replay-dfu.pcap '--product F405' $changes
    replay replay-dfu-absent replay-dfu.pcap usb:0483:df11 $changes
}

# A real UART: a simulated device at the other end of its wire.
uart_replay() { # NAME "DEVICE'S OPTIONS" [OPTION...]
    # shellcheck disable=SC2086
    fresh "$1" usart links/uart $2
    "${BASH_SOURCE[0]%/*}/join.py" /dev/ttyS2 links/uart >join.out &
    local joined=$!
    await 20 grep -q joined join.out
    replay "$1" ftdi-write.pcap serial:ttyS1 "${@:3}"
    kill $joined
    simulate_end "$1" INT
}

replay_uart() {
    local changes=--allow=write,erase,go
    uart_replay replay-uart '--product 0x460' $changes
    uart_replay replay-uart-refused '--product 0x460' --allow=write
    uart_replay replay-uart-nack '--product 0x460 --fault nack@write-memory.address#3' $changes
    uart_replay replay-uart-silent '--product 0x460 --fault silence@write-memory.data#3+' --timeout=2 $changes
    uart_replay replay-uart-other '--product 0x448' $changes
}

# An adapter with even parity on the wire; once it is pulled out midway.
replay_ftdi() {
    plug_in ftdi g071
    await 20 test -c /dev/ttyUSB0
    replay replay-ftdi cdc-acm-write.pcap serial:/dev/ttyUSB0 --allow=write,erase
    check replay-ftdi-read stm32flash -r replay-ftdi.flash -S 0x08000000:6144 /dev/ttyUSB0
    replay replay-ftdi-unplugged ftdi-write.pcap serial:/dev/ttyUSB0 --allow=write,erase,go &
    local replaying=$!
    await 20 holds_more replay-ftdi-unplugged.replay.pcapng 20000
    unplug
    wait $replaying
    await 20 fails test -c /dev/ttyUSB0
}

holds_more() { # FILE BYTES
    [ "$(stat -c %s "$1")" -gt "$2" ]
}

can_replay() { # NAME "DEVICE'S OPTIONS" [OPTION...]
    replay_into "$1" fdcan can:vcan0 can:vcan0 "$captures/fdcan-flash.pcap" "$2" "${@:3}"
}

replay_can() {
    local changes=--allow=write,erase,go
    can_replay replay-can '--product 0x469' $changes
    can_replay replay-can-refused '--product 0x469' --allow=erase
    can_replay replay-can-nack '--product 0x469 --fault nack@write-memory#2' $changes
    can_replay replay-can-wrong '--product 0x469 --fault wrong@read-memory#1' $changes
    can_replay replay-can-other '--product 0x468' $changes
    replay_into replay-can-classic can can:vcan0 can:vcan0 "$captures/can-flash.pcap" '--product F405' $changes
}

# What a session on another wire did to memory, by the device's own layout.
replay_translated() {
    replay_into replay-dfu-translated dfu vhci usb:0483:df11 "$captures/usart-flash-f405.pcap" \
        '--product F405' --translate --allow=write,erase,leave
    replay_into replay-can-translated fdcan can:vcan0 can:vcan0 "$captures/dfu-download.pcap" \
        '--product 0x469' --translate --allow=write,erase,go
}

replay_scenarios() {
    local scenario started
    for scenario in dfu uart ftdi can translated; do
        started=$SECONDS
        "replay_$scenario"
        echo "replay_$scenario: $((SECONDS - started)) s"
    done
}
