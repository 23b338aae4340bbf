# shellcheck shell=bash disable=SC2154
# Read by guest.sh: the wires of `boottap replay` to real ports, buses and devices, by wire_tool.
# Each leaves what it printed and said in /run/results, NAME.wire.

# wire NAME TARGET STEP...: from its opening to its end.
wire() {
    local name=$1
    shift
    "$vm/wire_tool" "$@" >"$name.wire" 2>&1
    echo "exit $?" >>"$name.wire"
}

# wire_start likewise, beside what is done to it; it is there when its first step is taken.
wire_start() {
    wire "$@" &
    wire_process=$!
    await 20 test -s "$1.wire"
}

# What is wired to ttyS1: it answers the first byte, after it has looked at the port.
answer_uart() {
    head -c 1 >uart-asked
    settings /dev/ttyS1 'speed 115200 baud' parenb -parodd cs8 -hupcl parmrk && echo ok >uart-settings
    wire wire-locked serial:/dev/ttyS1 show
    printf '\x79\xff\x00\xff\xff' >&0
}

wire_serial() {
    stty -F /dev/ttyS2 raw -echo 115200 parenb -parodd cs8
    answer_uart <>/dev/ttyS2 &
    local answering=$!
    wire wire-uart serial:ttyS1 show lines:1,3 send:7f get:5 lines:2,3
    wait $answering

    # Get Version; then errors of the line: the second and the fourth packet come with one.
    plug_in ftdi g071 line-errors
    await 20 test -c /dev/ttyUSB0
    wire_start wire-ftdi serial:/dev/ttyUSB0,57600 show send:7f get:1 send:01fe get:5 send:02fd get:5 send:01fe get:5 linger
    await 20 has wire-ftdi.wire 9
    unplug
    wait $wire_process
    await 20 fails test -c /dev/ttyUSB0
}

# Get; Get ID of a device that was there; then the interface goes down.
wire_can() {
    simulated wire-can-device fdcan --on can:vcan0 --product G474
    wire_start wire-can can:vcan0 show frame:000: answer answer answer frame:002: answer answer answer linger
    wire wire-can-locked can:vcan0 show
    await 20 has wire-can.wire 9
    ip link set vcan0 down
    wait $wire_process
    wire wire-can-down can:vcan0 show
    # It ended with its interface.
    wait "$simulated"
    echo "exit $?" >wire-can-device.status
    ip link set vcan0 up
}

wire_usb() {
    # Before and after opening; GETSTATUS, what a device does not know, SET_INTERFACE.
    USB_DEVICE_LOG=$PWD/wire-usb.log plug_in dfu f072
    quiet wire-usb.log
    wc -l <wire-usb.log >wire-usb.before
    wire wire-usb usb:0483:df11 show
    cp wire-usb.log wire-usb.opened
    wire wire-usb-asks "usb:0483:df11,$bus-1" in:a1:3:0:0:6 in:c1:99:0:0:8 out:1:b:1:0: show out:1:b:0:0:
    setpriv --reuid 65534 --regid 65534 --clear-groups "$vm/wire_tool" usb:0483:df11 show 2>wire-usb-nobody.err
    wire wire-usb-other usb:0483:df12 show
    wire wire-usb-serial usb:0483:df11,12345 show

    # Another one while it is open; then it is unplugged, and comes back.
    wire_start wire-usb-back usb:0483:df11 show reopen:20000 show in:a1:3:0:0:6
    wire wire-usb-locked usb:0483:df11 show
    unplug
    plug_in dfu f072
    wait $wire_process

    # Leave: it goes, and what is sent then goes nowhere.
    wire wire-usb-leave usb:0483:df11 out:21:4:0:0: in:a1:3:0:0:6 out:21:1:0:0:2100000008 in:a1:3:0:0:6 \
        wait:200 in:a1:3:0:0:6 out:21:1:2:0: in:a1:3:0:0:6 in:a1:3:0:0:6 in:a1:3:0:0:6
    unplug
    plug_in dfu f072 unplug
    wire_start wire-usb-gone usb:0483:df11 show reopen:2000 in:a1:3:0:0:6
    unplug
    plug_in ftdi g071
    wait $wire_process
    unplug
}

wire_scenarios() {
    local scenario started
    for scenario in serial can usb; do
        started=$SECONDS
        "wire_$scenario"
        echo "wire_$scenario: $((SECONDS - started)) s"
    done
}
