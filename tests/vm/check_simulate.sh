# shellcheck shell=bash disable=SC2154
# Read by check.sh: what `boottap simulate` told of itself.

# sim_ended NAME STATUS [WORDS]: how it ended, and what it said; nothing without words.
sim_ended() {
    [ "$(cat "$results/$1.status")" = "$2" ] && [ "$(cat "$results/$1.err")" = "${3:-}" ]
    verdict "$1: it ended as it should" $?
}

sim_ended sim-flash 0
sim_ended sim-protected 0
sim_ended sim-fault-error 0
sim_ended sim-fault-stall 0
sim_ended sim-fault-unplug 0 'boottap: vhci: unplugged, as a fault asked for'
sim_ended sim-fault-late 0
sim_ended sim-can 0 'boottap: vcan0: silent for good, as a fault asked for'
[ "$(cat "$results/sim-flash.ready")" = usb:0483:df11 ]
verdict 'sim-flash: it says where it is' $?
grep -q 'errWRITE\|ERASE\|STATE_ERROR\|dfuERROR' "$results/sim-fault-error.out"
verdict 'sim-fault-error: dfu-util tells the status' $?
[ "$(cat "$results/sim-can-none.status")" = 2 ] &&
    grep -q '^boottap: vcan7: no such CAN interface' "$results/sim-can-none.err"
verdict 'sim-can-none: an interface that is not there' $?

# What went over the bus; newer kernels tell FD by a flag of its own, 4. The H7 answers ACK on the opcode and NACK on the host's identifier.
diff -u --label 'expected on vcan0' --label sim-can - <(sed -E 's/.* vcan0 //; s/ [RT]$//; s/##5/##1/' "$results/sim-can.candump") <<END
002##1
002##179
002##10450
002##179
031##10800000003
031##179
031##1DEADBEEF
031##11F
031##10800000003
031##179
031##1DEADBEEF
031##179
011##10800000003
011##179
011##1DEADBEEF$(printf 'F%.0s' {1..120})
011##179
001##1
021##108000000
021##179
021##179
002##1
002##179
002##10450
002##179
002##1
END
verdict 'sim-can: frames and faults' $?
diff -u --label 'expected in the log' --label sim-can.log - <(cut -d' ' -f2- "$results/sim-can.log" | head -n 6) <<'END'
plugged-in
host 002
device 002 79
device 002 04 50
device 002 79
host 031 08 00 00 00 03
END
verdict 'sim-can: its log' $?
