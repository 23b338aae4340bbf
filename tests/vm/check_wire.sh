# shellcheck shell=bash disable=SC2154
# Read by check.sh: what the wires of `boottap replay` did in the machine.

# wire NAME: what wire_tool printed and said is standard input; N stands for a process, and for a
# device's address.
wire() {
    diff -u --label "expected of $1" --label "$1.wire" - \
        <(sed -E 's/process [0-9]+/process N/; s/usb:([0-9]+)\.[0-9]+/usb:\1.N/; s/ +$//' "$results/$1.wire")
    verdict "$1" $?
}

wire wire-uart <<'END'
ttyS1 115200 8E1


79ff00ffff

exit 0
END
[ "$(cat "$results/uart-settings")" = ok ]
verdict 'wire-uart: the port runs at 115200 8E1' $?
wire wire-locked <<'END'
boottap: /dev/ttyS1: another replay has it (process N); end that first
exit 2
END
# Get Version, Get ID; the adapter tells a parity error of the second packet, a framing error of
# the fourth, and marks each byte of it. Then it is unplugged.
wire wire-ftdi <<'END'
ttyUSB0 57600 8E1

79

!7931000079

7901046079

?7931000079
boottap: ttyUSB0: the port is gone (hung up); was the adapter unplugged?
gone
exit 1
END

# AN5405 sections 2.2.1, 2.2.3: one's own frames are not among those received.
wire wire-can <<'END'
vcan0

000 fd brs 79
000 fd brs 0d
000 fd brs 11

000 fd brs 00
000 fd brs 01
000 fd brs 02
boottap: vcan0: the interface went down
gone
exit 1
END
wire wire-can-locked <<'END'
boottap: vcan0: another replay has it (process N); end that first
exit 2
END
wire wire-can-down <<'END'
boottap: vcan0: the interface is down: sudo ip link set vcan0 mtu 72 up
exit 2
END

# The device as the product's descriptors have it (AN2606: two alternate settings); $1 in force.
wire_device() {
    cat <<END
usb:1.N 0483:df11 serial FFFFFFFEFFFF interface 0
  0.0 @Internal Flash  /0x08000000/064*0002Kg
  0.1 @Option Bytes  /0x1FFFF800/01*016 e
  transfer size 2048, in force $1, 9 reads
END
}

wire wire-usb <<END
$(wire_device 0)
exit 0
END
# GET_DESCRIPTOR (80 06) and nothing else is asked to open it, and to close it again.
before=$(cat "$results/wire-usb.before")
[ "$(tail -n +$((before + 1)) "$results/wire-usb.opened" | wc -l)" -eq 9 ] &&
    ! tail -n +$((before + 1)) "$results/wire-usb.opened" | grep -qv '^in 0 80 06 '
verdict 'wire-usb: opening asks for descriptors only' $?
# dfuERROR, as it starts; a stall; SET_INTERFACE, which the kernel is told of.
wire wire-usb-asks <<END
0 0 6 0a0000000a00
1 -32 0
0 0 0
$(wire_device 1)
0 0 0
exit 0
END
grep -qx 'out 0 01 0b 01 00 00 00 00 00' "$results/wire-usb.log"
verdict 'wire-usb-asks: the device saw SET_INTERFACE' $?
grep -qF "boottap: usb:0483:df11: this user may not open 1-1; install boottap's udev rule (60-boottap.rules)" \
    "$results/wire-usb-nobody.err"
verdict 'wire-usb: without rights it names the udev rule' $?
for name in wire-usb-other:0483:df12 wire-usb-serial:0483:df11,12345; do
    wire "${name%%:*}" <<END
boottap: usb:${name#*:}: no such device is in DFU mode; these are: usb:0483:df11,1-1 (STM32  BOOTLOADER, STMicroelectronics, serial FFFFFFFEFFFF, 0483:df11)
exit 2
END
done
wire wire-usb-locked <<'END'
boottap: usb:0483:df11: another replay has it (process N); end that first
exit 2
END
wire wire-usb-back <<END
$(wire_device 0)

$(wire_device 0)
0 0 6 0a0000000a00
exit 0
END
[ "$(grep -o '^usb:[0-9.]*' "$results/wire-usb-back.wire" | sort -u | wc -l)" -eq 2 ]
verdict 'wire-usb-back: it came back by another address' $?
# CLRSTATUS; set address pointer; leave: the device goes in the GETSTATUS after dfuMANIFEST (AN3156).
wire wire-usb-leave <<'END'
0 0 0
0 0 6 000000000200
0 0 5
0 0 6 004800000400

0 0 6 004800000500
0 0 0
0 0 6 000100000700
3 -108 0
boottap: usb:1.N: the device has left the bus; was it unplugged, or did it start its firmware?
gone
exit 1
END
wire wire-usb-gone <<END
$(wire_device 0)
quiet
boottap: usb:1.N: the device has left the bus; was it unplugged, or did it start its firmware?
gone
exit 1
END
