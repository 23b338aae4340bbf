# shellcheck shell=bash disable=SC2154
# Read by check.sh: what `boottap run` recorded of a tool's system calls against what tcpdump
# recorded of the bus at the same time.

# run_sees NAME STATUS [CAPTURE]: the transactions are those of the capture, NAME.pcap.
run_sees() {
    diff -u --label "${3:-$1.pcap}" --label "$1.run.pcapng" <(transactions "${3:-$1.pcap}") \
        <(transactions "$1.run.pcapng")
    verdict "$1: run and the capture of the bus saw the same" $?
    [ "$(cat "$results/$1.run.status")" = "$2" ]
    verdict "$1: run ends with exit status $2" $?
}

run_sees dfu-download 0
run_sees dfu-protected 1
run_sees dfu-unplugged 1
run_sees dfu-upload 0
run_sees ftdi-write 0
run_sees ftdi-no-parity 1
run_sees cdc-acm-write 0
run_sees fdcan 0 fdcan-socketcan.pcap

expect_payload dfu-download.run.pcapng write-memory firmware-6k.bin 2048
expect_payload dfu-upload.run.pcapng read-memory upload.bin 2048
expect_payload ftdi-write.run.pcapng read-memory firmware-20k.bin 256
expect_note dfu-download.run.pcapng firmware-corrupt-at-start
expect_note ftdi-no-parity.run.pcapng no-parity

for name in dfu-download dfu-unplugged ftdi-write fdcan; do
    complaints=$(tshark -r "$results/$name.run.pcapng" 2>&1 >/dev/null | grep -v 'user "root"')
    [ -z "$complaints" ]
    verdict "$name: tshark opens the recording without a complaint$complaints" $?
done
malformed=$(tshark -r "$results/dfu-download.run.pcapng" -Y _ws.malformed 2>/dev/null)
[ -z "$malformed" ]
verdict "dfu-download: tshark finds nothing malformed$malformed" $?
