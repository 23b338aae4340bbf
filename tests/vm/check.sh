#!/bin/bash
# check.sh BOOTTAP RESULTS: what `boottap decode` says about the virtual machine's captures against
# what the tools did there.
set -u
here=${BASH_SOURCE[0]%/*}
boottap=$1
results=$2
passed=0
failed=()

# One line a transaction (notes that belong to none are left out): command, status, then what it has of address, length and phase.
transactions() {
    "$boottap" decode --json "$results/$1" | awk '
        function value(key) {
            if (!match($0, "\"" key "\":(\"[^\"]*\"|[0-9]+)"))
                return ""
            text = substr($0, RSTART, RLENGTH)
            sub("^\"[^\"]*\":", "", text)
            gsub("\"", "", text)
            return text
        }
        /"command":/ {
            line = value("command") " " value("status")
            if (value("address") != "")
                line = line sprintf(" 0x%08x", value("address"))
            if (value("length") != "")
                line = line sprintf("+%d", value("length"))
            if (value("phase") != "")
                line = line " at " value("phase")
            print line
        }'
}

notes() {
    "$boottap" decode --json "$results/$1" | grep -o '"id":"[^"]*"' | cut -d'"' -f4 | sort -u
}

verdict() { # NAME STATUS
    if [ "$2" -eq 0 ]; then
        echo "ok $1"
        passed=$((passed + 1))
    else
        echo "not ok $1"
        failed+=("$1")
    fi
}

# expect CAPTURE: the transactions are those on standard input.
expect() {
    diff -u --label "expected of $1" --label "decoded" - <(transactions "$1")
    verdict "$1" $?
}

expect_note() { # CAPTURE ID
    notes "$1" | grep -qx "$2"
    verdict "$1 has the note $2" $?
}

says() { # FILE TEXT
    grep -qF -- "$2" "$results/$1"
    verdict "$1: $2" $?
}

# CRC-32 of standard input, as zlib computes it: gzip writes it before the length, LSB first.
crc32() {
    gzip -1 -c | tail -c 8 | head -c 4 | od -A n -t u4 | tr -d ' '
}

# expect_payload CAPTURE COMMAND FILE SIZE: the payloads are FILE in pieces of SIZE bytes.
expect_payload() {
    local pieces offset
    pieces=$(($(stat -c %s "$results/$3") / $4))
    diff -u --label "pieces of $3" --label "payloads of $1" \
        <(for ((offset = 0; offset < pieces; offset++)); do
            dd if="$results/$3" bs="$4" skip="$offset" count=1 2>/dev/null | crc32
        done) \
        <("$boottap" decode --json --command="$2" "$results/$1" |
            sed -n 's/.*"crc32":\([0-9]*\).*/\1/p')
    verdict "$1: $2 carries $3" $?
}

# blocks SIZE COUNT FORMAT...: each format in turn for every block from 0x08000000.
blocks() {
    local size=$1 count=$2 block format
    shift 2
    for ((block = 0; block < count; block++)); do
        for format in "$@"; do
            # shellcheck disable=SC2059
            printf "$format+$size\n" $((0x08000000 + block * size)) | sed 's/!+.*//'
        done
    done
}

dfu_start() {
    printf '%s ok\n' get-status clear-status get-status
}

expect dfu-download.pcap <<END
$(dfu_start)
$(blocks 2048 3 'erase ok 0x%08x!')
$(blocks 2048 3 'set-address ok 0x%08x!' 'write-memory ok 0x%08x')
abort ok
get-status ok
set-address ok 0x08000000
leave ok 0x08000000
END
expect_payload dfu-download.pcap write-memory firmware-6k.bin 2048
expect_note dfu-download.pcap firmware-corrupt-at-start

expect dfu-protected.pcap <<END
$(dfu_start)
erase error 0x08000000 at operation
END

expect dfu-unplugged.pcap <<END
$(dfu_start)
$(blocks 2048 3 'erase ok 0x%08x!')
$(blocks 2048 2 'set-address ok 0x%08x!' 'write-memory ok 0x%08x')
set-address ok 0x08001000
write-memory disconnected 0x08001000+2048 at request
END

expect dfu-stalled.pcap <<END
$(dfu_start)
$(blocks 2048 3 'erase ok 0x%08x!')
$(blocks 2048 2 'set-address ok 0x%08x!' 'write-memory ok 0x%08x')
set-address ok 0x08001000
write-memory stall 0x08001000+2048 at request
END

expect dfu-upload.pcap <<END
$(dfu_start)
set-address ok 0x08000000
abort ok
get-status ok
$(blocks 2048 2 'read-memory ok 0x%08x')
abort ok
get-status ok
END
expect_payload dfu-upload.pcap read-memory upload.bin 2048

# How stm32flash begins: synchronise, Get Version, Get, Get ID.
usart_start() {
    printf '%s ok\n' sync get-version get get-id
}

# It erases the pages at once, then writes and verifies blocks of 256 bytes.
expect ftdi-write.pcap <<END
$(usart_start)
extended-erase ok
$(blocks 256 80 'write-memory ok 0x%08x' 'read-memory ok 0x%08x')
go ok 0x08000000
END
expect_payload ftdi-write.pcap write-memory firmware-20k.bin 256
expect_payload ftdi-write.pcap read-memory firmware-20k.bin 256

expect ftdi-protected.pcap <<END
$(usart_start)
extended-erase nack at command
END

# Without parity the bootloader takes the stop bit for it: 7F, 01 and FE pass, 00 does not.
expect ftdi-no-parity.pcap <<END
sync ok
get-version ok
get nack at command
END
expect_note ftdi-no-parity.pcap no-parity

expect cdc-acm-write.pcap <<END
$(usart_start)
extended-erase ok
$(blocks 256 24 'write-memory ok 0x%08x' 'read-memory ok 0x%08x')
END
expect_payload cdc-acm-write.pcap write-memory firmware-6k.bin 256

# What the proxy recorded, and what it says of the errors that the adapter told.
expect serial-proxy.pcap <<END
$(usart_start)
extended-erase ok
$(blocks 256 24 'write-memory ok 0x%08x' 'read-memory ok 0x%08x')
END
expect_payload serial-proxy.pcap write-memory firmware-6k.bin 256
for note in parity-error framing-error overflow; do
    expect_note serial-errors.pcap "$note"
done

# guest.sh's frames, whatever libpcap wrote them as.
fdcan_session() {
    cat <<END
get ok
get-id ok
erase ok
write-memory ok 0x08000000+64
read-memory ok 0x08000000+64
read-memory nack 0x90000000+1 at command
go ok 0x08000000
END
}
for capture in fdcan-socketcan.pcap fdcan-any.pcap fdcan.log; do
    expect "$capture" < <(fdcan_session)
done

# shellcheck source=tests/vm/check_wire.sh
. "$here/check_wire.sh"
# shellcheck source=tests/vm/check_simulate.sh
. "$here/check_simulate.sh"
# shellcheck source=tests/vm/check_replay.sh
. "$here/check_replay.sh"
# shellcheck source=tests/vm/check_run.sh
. "$here/check_run.sh"
# shellcheck source=tests/vm/check_live.sh
. "$here/check_live.sh"

[ ${#failed[@]} -eq 0 ] || printf 'failed: %s\n' "${failed[@]}"
echo "$passed passed, ${#failed[@]} failed"
[ ${#failed[@]} -eq 0 ]
