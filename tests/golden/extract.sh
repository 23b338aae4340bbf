#!/bin/sh
# What extract makes of the sample flashes is the firmware byte for byte, and independent tools
# (objcopy, srec_cmp, dfu-suffix) read its files as it means them.
# usage: extract.sh BUILD CAPTURES
set -eu

boottap=$1/sniffer/boottap
simulate=$1/tests/sim/simulate
captures=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
status=0

fail()
{
    echo "FAILED: $*"
    status=1
}

# same FILE WANTED WORDS
same()
{
    cmp "$1" "$2" || fail "$3"
}

# has TOOL: whether it is installed; bootstrap.sh installs all of them
has()
{
    command -v "$1" >/dev/null && return 0
    echo "$1 is not installed: its checks are skipped"
    return 1
}

extract()
{
    "$boottap" extract -q "$@" || fail "extract $*"
}

# The bytes that the scenarios flash: LENGTH SAMPLE...
firmware()
{
    length=$1
    shift
    "$simulate" --firmware firmware.bin "$length"
    for sample in "$@"; do
        extract "$captures/$sample" -o out.bin
        same out.bin firmware.bin "$sample: not the firmware"
    done
}

firmware 300 adapter-cdc-acm.pcap adapter-cdc-acm-189.pcap adapter-ftdi.pcap adapter-ftdi-late.pcap \
    adapter-ftdi-usbpcap.pcap adapter-cp210x.pcap adapter-cp210x-darwin.pcap adapter-ftdi-packets.pcap adapter-ch34x.pcap adapter-pl2303.pcap
firmware 1000 usart-flash-f103.pcap usart-flash-f405.pcap usart-swapped.pcap usart-merged.pcap
firmware 5000 dfu-download.pcap dfu-download-189.pcap dfu-download-usbpcap.pcap dfu-download-darwin.pcap dfu-download-packets.pcap
firmware 4096 dfu-download-0.9.pcap
firmware 1024 dfu-gd32.pcap
firmware 2500 dfu-plain.pcap
firmware 356 fdcan-flash.pcap fdcan-flash-111.pcap fdcan-flash-h7.pcap fdcan-flash-l5.pcap \
    fdcan-flash-no-flags.pcap fdcan-flash-sll.pcap fdcan-flash-sll2.pcap fdcan-other-nodes.pcap \
    fdcan-flash-pcapng.pcapng fdcan-flash-candump.log \
    can-flash.pcap can-flash-candump.log can-flash-openbl.pcap can-other-nodes.pcap
firmware 20480 stm32flash-write-verify.pcap

# The firmware of tests/vm/guest.sh, which real tools flashed.
seq 1 100000 | head -c 6144 >firmware.bin
for sample in kernel-dfu-download.pcap kernel-cdc-acm-write.pcap; do
    extract "$captures/$sample" -o out.bin
    same out.bin firmware.bin "$sample: not the firmware"
done

# held SAMPLE FIRMWARE: diagnose says that this was flashed
held()
{
    "$boottap" diagnose -q --expect "$2" "$captures/$1" >verdict.txt || fail "$1 --expect $2"
    grep -q 'exactly this was sent' verdict.txt || fail "$1 --expect $2: another answer"
}

# Each format that extract writes, and ELF, is what was flashed.
held kernel-dfu-download.pcap firmware.bin
for sample in stm32flash-write-verify.pcap dfu-download.pcap dfu-plain.pcap fdcan-flash.pcap; do
    for format in bin hex srec dfu; do
        extract "$captures/$sample" -o "flashed.$format"
        held "$sample" "flashed.$format"
    done
done
if has clang && has ld.lld; then
    printf '.globl _start\n_start: .incbin "firmware.bin"\n' |
        clang --target=arm-none-eabi -c -x assembler - -o firmware.o
    ld.lld -Ttext=0x08000000 -o firmware.elf firmware.o
    held kernel-dfu-download.pcap firmware.elf
fi
if "$boottap" diagnose --expect firmware.bin "$captures/dfu-download.pcap" >verdict.txt; then
    fail 'another firmware is taken for this one'
fi

# What was read: the whole of what was written, or the upload.
"$simulate" --firmware firmware.bin 20480
extract --reads "$captures/stm32flash-write-verify.pcap" -o out.bin
same out.bin firmware.bin 'stm32flash-write-verify: not what was read'

# 128 of 1024 bytes of each of two blocks are known: 2 * 896 are missing.
"$boottap" extract --reads --map "$captures/dfu-joined-upload.pcap" >map.txt
grep -q 'missing  1792 bytes that were read' map.txt || fail 'dfu-joined-upload: what is missing'

# Files with a gap of 7193 bytes, from 0x080003e8 to 0x08002000.
sample=$captures/stm32flash-write-verify.pcap
part=--address=0x08000000+1000,0x08002001+777
head -c 1000 firmware.bin >wanted.bin
head -c 7193 /dev/zero | tr '\0' '\377' >>wanted.bin
tail -c +8194 firmware.bin | head -c 777 >>wanted.bin
extract "$part" --fill=0xff "$sample" -o out.bin
same out.bin wanted.bin 'bin with a filled gap'
for format in hex srec dfu; do
    extract "$part" "$sample" -o "out.$format"
done

if has objcopy; then
    objcopy -I ihex -O binary --gap-fill 0xff out.hex objcopy.bin
    same objcopy.bin wanted.bin 'hex, read by objcopy'
    objcopy -I srec -O binary --gap-fill 0xff out.srec objcopy.bin
    same objcopy.bin wanted.bin 'srec, read by objcopy'
fi
if has srec_cmp; then
    srec_cmp out.hex -intel out.srec -motorola || fail 'srec_cmp: hex and srec differ'
    srec_cat firmware.bin -binary -offset 0x08000000 \
        -crop 0x08000000 0x080003e8 0x08002001 0x0800230a -o cropped.srec -motorola
    srec_cmp out.hex -intel cropped.srec -motorola || fail 'srec_cmp: hex is not the firmware'
    srec_info out.srec -motorola >info.txt
    grep -q '080003E7' info.txt || fail 'srec_info: the first region'
fi
if has dfu-suffix; then
    dfu-suffix -c out.dfu >suffix.txt || fail 'dfu-suffix -c refuses the DfuSe file'
    grep -q 'BCD DFU:.*0x011A' suffix.txt || fail 'dfu-suffix: not DfuSe'
    extract "$captures/dfu-plain.pcap" -o plain.dfu
    "$simulate" --firmware plain.bin 2500
    dfu-suffix -D plain.dfu >suffix.txt || fail 'dfu-suffix -D refuses the plain file'
    same plain.dfu plain.bin 'plain dfu, its suffix taken off by dfu-suffix'
fi
exit $status
