# shellcheck shell=bash disable=SC2154
# Read by check.sh: what `boottap replay` did in the machine, by the memory and the logs of the
# simulated devices, and by its own report.
captures=$here/../../captures

# memory NAME FIRMWARE: the device holds the firmware, and nothing else; "" for none at all.
memory() {
    local name=$1 size=0
    [ -z "$2" ] || size=$(stat -c %s "$2")
    if [ -n "$2" ]; then
        cmp -n "$size" "$results/$name.flash" "$2"
        verdict "$name: the device holds $(basename "$2")" $?
    fi
    [ "$(tail -c +$((size + 1)) "$results/$name.flash" 2>/dev/null | tr -d '\377' | wc -c)" -eq 0 ]
    verdict "$name: the rest of its memory is as it was" $?
}

replay_ends() { # NAME STATUS
    [ "$(cat "$results/$1.replay.status")" = "$2" ]
    verdict "$1 ends with exit status $2" $?
}

# replayed NAME CAPTURE: all of it, and both are the same session.
replayed() {
    replay_ends "$1" 0
    says "$1.replay" 'all answered as recorded'
    "$boottap" diff "$2" "$results/$1.replay.pcapng" >/dev/null
    verdict "$1: the recording of the replay is the same as $(basename "$2")" $?
}

# fails_at NAME TEXT...: an answer is unlike the recorded one, and the report names it.
fails_at() {
    local name=$1 text
    shift
    replay_ends "$name" 1
    for text in "$@"; do
        grep -qF -- "$text" "$results/$name.replay" "$results/$name.replay.err"
        verdict "$name: $text" $?
    done
}

# refused NAME PERMISSIONS ALLOWED: nothing reaches the device; ALLOWED is a pattern of what its log
# holds all the same.
refused() {
    replay_ends "$1" 2
    says "$1.replay.err" "needs --allow $2, which is not given: nothing was sent"
    [ "$(grep ' host ' "$results/$1.log" | grep -cvE "$3")" -eq 0 ]
    verdict "$1: not one byte reaches the device" $?
}

replayed replay-dfu-again "$results/replay-dfu.pcap"
memory replay-dfu-again "$results/firmware-6k.bin"
# The kernel asks for descriptors and chooses the configuration when a device is plugged in.
refused replay-dfu-refused leave ' host (80 06|00 09) '
memory replay-dfu-refused ''
fails_at replay-dfu-error 'transaction 8 ' 'Write Memory 0x08000800 2048 bytes: status: ok -> error' 'errWRITE'
fails_at replay-dfu-unplugged 'the device is gone at transaction 8,' \
    'Write Memory 0x08000800 2048 bytes: status: ok -> disconnected' \
    '0x08000000-0x080017ff erased, written up to 0x080007ff'
fails_at replay-dfu-other 'this is another device: alternate setting 0 is' 'the flash memory is as it was'
memory replay-dfu-other ''
replay_ends replay-dfu-absent 2
says replay-dfu-absent.replay.err 'usb:0483:df11: no device is in DFU mode'

replayed replay-uart "$results/ftdi-write.pcap"
memory replay-uart "$results/firmware-20k.bin"
refused replay-uart-refused erase,go '^$'
memory replay-uart-refused ''
fails_at replay-uart-nack 'transaction 10 ' 'Write Memory 0x08000200 256 bytes: status: ok -> nack (address)'
fails_at replay-uart-silent 'transaction 10 ' "'Write Memory 0x08000200 256 bytes' got no answer"
fails_at replay-uart-other 'this is another device: product id 0x448'
memory replay-uart-other ''

replayed replay-ftdi "$results/cdc-acm-write.pcap"
memory replay-ftdi "$results/firmware-6k.bin"
fails_at replay-ftdi-unplugged 'ttyUSB0: the port is gone (hung up); was the adapter unplugged?' \
    'the device is gone at transaction' 'not a complete firmware'

"$boottap" extract "$captures/fdcan-flash.pcap" -o "$results/fdcan.bin" 2>/dev/null
replayed replay-can "$captures/fdcan-flash.pcap"
memory replay-can "$results/fdcan.bin"
refused replay-can-refused write,go '^$'
memory replay-can-refused ''
fails_at replay-can-nack 'transaction 6 ' 'Write Memory 0x08000100 100 bytes: status: ok -> nack (command)'
fails_at replay-can-wrong 'transaction 7 ' 'Read Memory 0x08000000 256 bytes: crc32: '
fails_at replay-can-other 'this is another device: product id 0x468'
memory replay-can-other ''
"$boottap" extract "$captures/can-flash.pcap" -o "$results/can.bin" 2>/dev/null
replayed replay-can-classic "$captures/can-flash.pcap"
memory replay-can-classic "$results/can.bin"

# translated NAME CAPTURE: the device holds what the capture's one was given.
translated() {
    replay_ends "$1" 0
    says "$1.replay" 'commands replayed, all done'
    "$boottap" extract "$2" -o "$results/$1.bin" 2>/dev/null
    memory "$1" "$results/$1.bin"
}

translated replay-dfu-translated "$captures/usart-flash-f405.pcap"
translated replay-can-translated "$captures/dfu-download.pcap"
