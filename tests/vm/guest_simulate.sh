# shellcheck shell=bash disable=SC2154
# Read by guest.sh: real tools on `boottap simulate`, on the software USB bus and on a CAN bus.

# simulate_end NAME [SIGNAL]: its exit status is left in NAME.status.
simulate_end() {
    kill "-${2:-TERM}" "$simulated" 2>/dev/null
    wait "$simulated"
    echo $? >"$1.status"
    await 20 unplugged
}

plugged_in_times() { # LOG TIMES
    [ "$(grep -c plugged-in "$1")" -ge "$2" ]
}

simulate_dfu() { # NAME OPTION...
    local name=$1
    shift
    simulated "$name" dfu --on vhci "$@"
    await 20 plugged_in
}

# dfu-util writes an STM32F405, reads it back, erases all, leaves; the device is there again.
simulate_flash() {
    simulate_dfu sim-flash --product F405 --flash sim-flash.bin --restart --slow 0
    check sim-dfu-write dfu-util -a 0 -s 0x08000000 -D firmware-20k.bin
    rm -f sim-upload.bin sim-upload-4000.bin
    check sim-dfu-upload dfu-util -a 0 -s 0x08000000:20480 -U sim-upload.bin
    check sim-dfu-upload-same cmp sim-upload.bin firmware-20k.bin
    # An address of its own, within the second sector, which is erased whole.
    check sim-dfu-address dfu-util -a 0 -s 0x08004000 -D firmware-6k.bin
    check sim-dfu-address-upload dfu-util -a 0 -s 0x08004000:6144 -U sim-upload-4000.bin
    check sim-dfu-address-same cmp sim-upload-4000.bin firmware-6k.bin
    check sim-dfu-mass-erase dfu-util -a 0 -s 0x08000000:mass-erase:force:leave -D firmware-6k.bin
    await 20 grep -q application-started sim-flash.log
    await 20 plugged_in
    check sim-dfu-again dfu-util -a 0 -s 0x08000000 -D firmware-6k.bin
    simulate_end sim-flash
    check sim-dfu-kept cmp -n 6144 sim-flash.bin firmware-6k.bin
    check sim-dfu-size test "$(stat -c %s sim-flash.bin)" -eq 1048576
    # The mass erase took the rest of the 20 KiB.
    check sim-dfu-erased test "$(tail -c +6145 sim-flash.bin | tr -d '\377' | wc -c)" -eq 0
}

# Read-protected until Read Unprotect, which wipes the chip and resets it (AN3156 section 5.4).
simulate_protected() {
    cp sim-flash.bin sim-protected.bin
    simulate_dfu sim-protected --product F405 --flash sim-protected.bin --read-protected --slow 0
    check sim-dfu-protected fails dfu-util -a 0 -s 0x08000000 -D firmware-6k.bin
    check sim-dfu-unprotect dfu-util -a 0 -s 0x08000000:unprotect:force
    await 20 grep -q left-the-bus sim-protected.log
    await 20 plugged_in_times sim-protected.log 2
    await 20 plugged_in
    rm -f sim-wiped.bin
    check sim-dfu-wiped dfu-util -a 0 -s 0x08000000:6144 -U sim-wiped.bin
    check sim-dfu-wiped-blank test "$(tr -d '\377' <sim-wiped.bin | wc -c)" -eq 0
    simulate_end sim-protected INT
}

# sim_fault NAME FAULT: what dfu-util says of it.
sim_fault() {
    simulate_dfu "$1" --product F072 --slow 0 --fault "$2"
    check "$1" fails dfu-util -a 0 -s 0x08000000 -D firmware-6k.bin
    simulate_end "$1"
}

simulate_faults() {
    sim_fault sim-fault-error error=errWRITE@write-memory#2
    sim_fault sim-fault-stall stall@erase#2
    sim_fault sim-fault-unplug unplug@write-memory#2
    simulate_dfu sim-fault-late --product F072 --fault late=300@write-memory#1 --fault corrupt \
        --fault busy=500@erase#1 --poll 20
    check sim-fault-late dfu-util -a 0 -s 0x08000000 -D firmware-6k.bin
    simulate_end sim-fault-late
}

# Frames of AN5405: Get ID, a refused write, silence, Go and back; then it vanishes.
simulate_can() {
    simulated sim-can fdcan --on can:vcan0 --product H743 --restart --fault nack@write-memory.data#1 \
        --fault silence@get-version --fault unplug@get-id#3
    candump -L vcan0 >sim-can.candump &
    local listener=$!
    sleep 1
    check sim-can-frames send sim-can.candump 002##1 031##10800000003 031##1DEADBEEF 031##10800000003 031##1DEADBEEF \
        011##10800000003 001##1! 021##108000000
    await 20 grep -q reset sim-can.log
    check sim-can-more send sim-can.candump 002##1 002##1!
    wait "$simulated"
    echo $? >sim-can.status
    sleep 0.5
    kill -INT $listener
    "$build/sniffer/boottap" simulate fdcan --on can:vcan7 >sim-can-none.err 2>&1
    echo $? >sim-can-none.status
}

simulate_scenarios() {
    local scenario started
    for scenario in flash protected faults can; do
        started=$SECONDS
        "simulate_$scenario"
        echo "simulate_$scenario: $((SECONDS - started)) s"
    done
}
