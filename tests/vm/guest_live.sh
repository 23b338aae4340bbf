# shellcheck shell=bash disable=SC2154
# Read by guest.sh: `boottap live` on the same buses, beside tcpdump and on its own. Each leaves
# NAME.live.pcapng, .json, .err and .status in /run/results.
declare -A live=()

# live_start INTERFACE NAME [OPTION...]: beside a capture; not of `any`, which libpcap makes up.
live_start() {
    local interface=$1 name=$2
    shift 2
    [ "$interface" != any ] || return 0
    "$boottap" live --json -w "$name.live.pcapng" "$@" "$interface" \
        >"$name.live.json" 2>"$name.live.err" &
    live[$name]=$!
    # The interface is added when it listens.
    await 20 grep -qaE 'USB bus|CAN FD interface' "$name.live.pcapng"
}

# live_end NAME: it ends by itself.
live_end() {
    wait "${live[$1]}"
    echo $? >"$1.live.status"
    unset "live[$1]"
}

live_stop() { # NAME
    [ -n "${live[$1]:-}" ] || return 0
    kill -INT "${live[$1]}"
    live_end "$1"
}

# quiet FILE: nothing is added to it for a while.
quiet() {
    local size=-1
    while [ "$size" != "$(stat -c %s "$1")" ]; do
        size=$(stat -c %s "$1")
        sleep 0.7
    done
}

flash_dfu() {
    dfu-util -a 0 -s 0x08000000:leave -D firmware-6k.bin
}

# The device's own log of what the host asks: live adds nothing to it, tcpdump does.
live_asks_nothing() {
    export USB_DEVICE_LOG=$PWD/asked-idle.log
    plug_in dfu f072
    quiet asked-idle.log
    cp asked-idle.log asked-before.log
    live_start "usbmon$bus" asked-idle
    live_stop asked-idle
    quiet asked-idle.log
    cp asked-idle.log asked-after.log
    tcpdump -Z root -i "usbmon$bus" -w asked-tcpdump.pcap 2>asked-tcpdump.out &
    capture=$!
    await 20 grep -q 'listening on' asked-tcpdump.out
    kill -INT "$capture"
    wait "$capture"
    unplug

    USB_DEVICE_LOG=$PWD/asked-alone.log plug_in dfu f072
    check asked-alone flash_dfu
    unplug
    unset USB_DEVICE_LOG
}

# --device: what is wanted appears later; what is not wanted leaves nothing. None of them asks the
# device for anything either.
live_one_device() {
    local name
    live_start "usbmon$bus" device-dfu --device dfu
    live_start "usbmon$bus" device-ids --device 0483:df11
    live_start "usbmon$bus" device-other --device 0403:6001
    USB_DEVICE_LOG=$PWD/asked-live.log plug_in dfu f072
    check device-flash flash_dfu
    quiet device-dfu.live.pcapng
    for name in device-dfu device-ids device-other; do
        live_stop $name
    done
    unplug
}

# What a user sees without rights, and what belongs to whom with sudo.
live_rights() {
    local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    "${nobody[@]}" "$boottap" live "usbmon$bus" 2>rights-nobody.err
    echo $? >rights-nobody.status
    mkdir -m 777 rights
    SUDO_UID=65534 SUDO_GID=65534 "$boottap" live -w rights/file.pcapng "usbmon$bus" \
        >/dev/null 2>rights-sudo.err &
    live[rights-sudo]=$!
    await 20 grep -qa 'USB bus' rights/file.pcapng
    grep -E '^(Uid|Cap(Prm|Eff)):' "/proc/${live[rights-sudo]}/status" >rights-sudo.process
    stat -c %u:%g rights/file.pcapng >rights-sudo.owner
    live_stop rights-sudo
    rm -r rights
}

live_lists() {
    plug_in ftdi g071
    await 20 test -c /dev/ttyUSB0
    "$boottap" list --json >list.json
    "$boottap" list >list.text
    unplug
}

# An adapter that is pulled out while stm32flash writes.
live_loses_its_adapter() {
    plug_in ftdi g071
    await 20 test -c /dev/ttyUSB0
    live_start "usbmon$bus" adapter-gone
    stm32flash -w firmware-20k.bin /dev/ttyUSB0 >adapter-gone.out 2>&1 &
    await 20 grep -q write-memory adapter-gone.live.json
    unplug
    wait $!
    quiet adapter-gone.live.pcapng
    live_stop adapter-gone
}

# flood NAME PROGRAM...: live is held up meanwhile; what then does not fit is counted.
flood() {
    local name=$1 live_process=${live[$1]}
    shift
    kill -STOP "$live_process"
    "$@" 2>"$name.flood"
    kill -CONT "$live_process"
    quiet "$name.live.pcapng"
    live_stop "$name"
}

live_is_flooded() {
    live_start vcan0 flood-can
    flood flood-can cangen vcan0 -g 0 -i -f -b -n 10000

    plug_in cdc-acm g071
    await 20 test -c /dev/ttyACM0
    stty -F /dev/ttyACM0 raw -echo
    live_start "usbmon$bus" flood-usb
    dd if=/dev/zero of=/dev/ttyACM0 bs=4096 count=400 2>flood-usb.flood
    quiet flood-usb.live.pcapng
    live_stop flood-usb
    live_start "usbmon$bus" flood-usb-held
    flood flood-usb-held dd if=/dev/zero of=/dev/ttyACM0 bs=4096 count=400
    unplug
}

# A CAN interface that goes down, and one that is taken away; a USB bus that is.
live_loses_its_interface() {
    live_start vcan0 gone-down
    cansend vcan0 000##1
    ip link set vcan0 down
    live_end gone-down
    "$boottap" live vcan0 2>can-down.err
    echo $? >can-down.status
    ip link set vcan0 mtu 16 up
    "$boottap" live -a duration:1 vcan0 2>can-classic.err
    echo $? >can-classic.status
    ip link set vcan0 down
    ip link set vcan0 mtu 72 up
    live_start vcan0 gone-away
    ip link del vcan0
    live_end gone-away

    live_start "usbmon$bus" gone-bus
    echo vhci_hcd.0 >/sys/bus/platform/drivers/vhci_hcd/unbind
    live_end gone-bus
    echo vhci_hcd.0 >/sys/bus/platform/drivers/vhci_hcd/bind
    rmmod usbmon
    "$boottap" live usbmon1 2>no-usbmon.err
    echo $? >no-usbmon.status
}

live_scenarios() {
    local scenario started
    for scenario in asks_nothing one_device rights lists loses_its_adapter is_flooded \
        loses_its_interface; do
        started=$SECONDS
        "live_$scenario"
        echo "live_$scenario: $((SECONDS - started)) s"
    done
}
