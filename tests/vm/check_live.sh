# shellcheck shell=bash disable=SC2154
# Read by check.sh: what `boottap live` said in the machine against what it recorded, what tcpdump
# recorded beside it, and the devices' own logs.

same() { # NAME FILE FILE
    diff -u "$2" "$3"
    verdict "$1" $?
}

ends_with() { # NAME STATUS
    [ "$(cat "$results/$1.status")" = "$2" ]
    verdict "$1 ends with exit status $2" $?
}

# agrees NAME STATUS: what it printed is what decode makes of its file, to the last object.
agrees() {
    same "$1: live prints what its recording holds" "$results/$1.live.json" \
        <("$boottap" decode --json "$results/$1.live.pcapng")
    ends_with "$1.live" "$2"
}

# sees NAME STATUS: and the transactions are those of tcpdump's capture.
sees() {
    agrees "$1" "$2"
    same "$1: live and tcpdump saw the same" <(transactions "$1.pcap") \
        <(transactions "$1.live.pcapng")
}

sees dfu-download 0
sees dfu-protected 1
sees dfu-unplugged 1
sees dfu-stalled 1
sees dfu-upload 0
sees ftdi-write 0
sees ftdi-protected 1
sees ftdi-no-parity 1
sees cdc-acm-write 0
sees fdcan-socketcan 0

if command -v tshark >/dev/null; then
    for name in dfu-download ftdi-write fdcan-socketcan; do
        complaints=$(tshark -r "$results/$name.live.pcapng" 2>&1 >/dev/null | grep -v 'user "root"')
        [ -z "$complaints" ]
        verdict "$name: tshark opens the recording without a complaint$complaints" $?
    done
fi

# received NAME: packets that are no added ones.
received() {
    packets "$1" | grep -vc ' added by boottap'
}

packets() {
    "$here/pcapng.py" "$results/$1.live.pcapng" | grep '^packet'
}

# statistics NAME RECEIVED DROPPED
statistics() {
    same "$1: $2 received, $3 dropped" <("$here/pcapng.py" "$results/$1.live.pcapng" |
        awk '$1 == "statistics" { print $3, $4 }') <(echo "$2 $3")
}

# Bytes in frame, flags byte, direction: FD frames have "this is FD" and the bit-rate switch, which
# libpcap before 1.10.5 loses; all was sent by this machine.
same 'fdcan-socketcan: flags and direction of the frames' <(packets fdcan-socketcan |
    awk '{ print $4, substr($5, 11, 2), $3 }' | sort | uniq -c | awk '{ $1 = ""; print }') - <<END
 16 00 out
 72 05 out
END

# Device, configuration and strings of a device that was there are added; those that came later were
# seen.
[ "$(packets dfu-download | grep -c ' added by boottap')" -ge 6 ]
verdict 'dfu-download: the descriptors of a device that is present are added' $?
[ "$(packets ftdi-write | grep -c ' added by boottap')" -eq 0 ]
verdict 'ftdi-write: nothing is added where the enumeration is recorded' $?

# Nothing is asked of a device: its own log is the same with and without live, started and stopped.
# It is no empty test: tcpdump's start stands in that log.
same 'the device sees no request when live starts and stops' "$results/asked-before.log" \
    "$results/asked-after.log"
[ "$(wc -l <"$results/asked-idle.log")" -gt "$(wc -l <"$results/asked-after.log")" ]
verdict 'the device sees the requests of libpcap' $?
same 'the device sees the same requests with and without live' "$results/asked-alone.log" \
    "$results/asked-live.log"

# --device: each way to name the device keeps all of it, and nothing else.
for name in device-dfu device-ids; do
    agrees $name 0
    expect $name.live.pcapng < <(transactions dfu-download.pcap)
    # Byte 11 is the device's address.
    [ "$(packets $name | awk '{ print substr($5, 23, 2) }' | sort -u | wc -l)" -eq 1 ]
    verdict "$name: one device is recorded" $?
done
# Bytes 16 to 27 are a time, which each reader of usbmon gets of its own.
same 'dfu and VID:PID keep the same records, from the enumeration on' \
    <(packets device-dfu | sed -E 's/^([^ ]+ [^ ]+ [^ ]+ [^ ]+ .{32}).{24}/\1/') \
    <(packets device-ids | sed -E 's/^([^ ]+ [^ ]+ [^ ]+ [^ ]+ .{32}).{24}/\1/')
agrees device-other 0
[ "$(packets device-other | wc -l)" -eq 0 ]
verdict 'device-other: nothing of another device is recorded' $?
says device-dfu.live.err 'usbmon1: waiting for devices in DFU mode'

# Rights
ends_with rights-nobody 2
says rights-nobody.err 'usbmon1: /dev/usbmon1 may not be read; use sudo, or have boottap'
ends_with rights-sudo.live 0
same 'under sudo live is the user who called it, without capabilities' \
    "$results/rights-sudo.process" - <<END
Uid:	65534	65534	65534	65534
CapPrm:	0000000000000000
CapEff:	0000000000000000
END
same 'under sudo the file belongs to that user' "$results/rights-sudo.owner" <(echo 65534:65534)

# list
says list.text 'serial:/dev/ttyUSB0         FT232R USB UART'
says list.text 'usbmon1                     USB bus 1, USB/IP Virtual Host Controller'
says list.text 'vcan0                       CAN FD interface, up'
says list.json '"operand":"vcan0","description":"CAN FD interface, up","ready":true,"up":true,"fd":true,"driver":"vcan"}'

# An adapter that leaves is the session's verdict; the bus is still there.
agrees adapter-gone 1
[ "$(transactions adapter-gone.live.pcapng | tail -n 1 | cut -d' ' -f2)" != ok ]
verdict 'adapter-gone: the last command is told as one that failed' $?

# Floods: nothing is lost at full speed, on CAN not even while live is held up; what is lost is
# counted and told.
statistics flood-can 10000 0
sent_bytes() { # of bulk OUT submissions: type S, transfer 3, endpoint b7 clear; u32 at 32
    packets "$1" | awk 'substr($5, 17, 4) == "5303" && substr($5, 21, 1) ~ /[0-7]/ {
        print "0x" substr($5, 71, 2) substr($5, 69, 2) substr($5, 67, 2) substr($5, 65, 2) }' |
        while read -r length; do echo $((length)); done | awk '{ sum += $1 } END { print sum }'
}
same 'flood-usb: every byte that was sent is recorded' <(sent_bytes flood-usb) <(echo 1638400)
statistics flood-usb "$(received flood-usb)" 0
dropped=$("$here/pcapng.py" "$results/flood-usb-held.live.pcapng" | awk '$1 == "statistics" { print $4 }')
[ "$dropped" -gt 0 ]
verdict 'flood-usb-held: what did not fit is counted' $?
statistics flood-usb-held $(($(received flood-usb-held) + dropped)) "$dropped"
says flood-usb-held.live.err "$dropped"

# What vanishes
agrees gone-down 2
says gone-down.live.err 'vcan0: the interface went down'
agrees gone-away 2
# An interface that is deleted goes down before: either may be seen first.
says gone-away.live.err 'vcan0: the interface '
agrees gone-bus 2
says gone-bus.live.err 'usbmon1: the bus is gone'
ends_with can-down 2
says can-down.err 'vcan0: the interface is down: sudo ip link set vcan0 mtu 72 up'
ends_with can-classic 0
says can-classic.err "vcan0: takes classic frames only: the classic CAN bootloader (AN3154) can be heard, FDCAN's (AN5405) not"
ends_with no-usbmon 2
says no-usbmon.err "usbmon1: the kernel's USB monitor is not loaded: sudo modprobe usbmon"
