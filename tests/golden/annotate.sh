#!/bin/sh
# Wireshark's own programs look at what boottap annotate makes of the samples: the same packets and
# times, with comments.
# usage: annotate.sh BOOTTAP CAPTURES [alone]
# alone: without Wireshark's programs, which say the same under sanitizers; each sample is annotated, or
# one of BOOTTAP_EVERY.
set -eu

boottap=$1
captures=$2
if [ "${3-}" = alone ]; then
    number=0
    for sample in "$captures"/*.pcap "$captures"/*.pcapng "$captures"/*.log; do
        [ $((number % ${BOOTTAP_EVERY:-1})) -ne 0 ] || "$boottap" annotate "$sample" - >/dev/null
        number=$((number + 1))
    done
    exit
fi
for program in tshark editcap mergecap capinfos; do
    command -v "$program" >/dev/null || { echo "$program is not installed"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
status=0

fail()
{
    echo "$*"
    status=1
}

# same A B: the same packets, byte for byte, at the same times. The snap length, bytes 16 to 19, is
# what editcap thinks best for the file's format.
same()
{
    editcap -F nsecpcap "$1" a.pcap && editcap -F nsecpcap "$2" b.pcap && cmp -i 20 a.pcap b.pcap
}

# ours FILE: number of comments that tell a transaction.
ours()
{
    tshark -r "$1" -T fields -E aggregator=/a -E occurrence=a -e frame.comment 2>/dev/null |
        tr '\a' '\n' | grep -Ec '^boottap [^ ]+ #[0-9]+ [A-Z].*; packets? [0-9]' || true
}

# One run of decode for all of a kind: to start it takes most of the time of a small sample.
decoded()
{
    "$boottap" decode --json "$@" 2>/dev/null |
        sed -E 's/"file":"[^"]*",//; s/"link":"[^"]*"//; s/(\.[0-9]{6})000\b/\1/g'
}

# merged FOLDER SUFFIX NAME...: the files' packets, one file after the other.
merged()
{
    folder=$1 suffix=$2
    shift 2
    for name; do
        set -- "$@" "$folder/$name$suffix"
        shift
    done
    mergecap -a -F nsecpcap -w - "$@"
}

samples=0
compared=0
mkdir out again
for sample in "$captures"/*.pcap "$captures"/*.pcapng "$captures"/*.log; do
    name=${sample##*/}
    out=out/$name.pcapng
    "$boottap" annotate "$sample" "$out" 2>messages || fail "$name: $(cat messages)"
    "$boottap" annotate "$out" "again/$name.pcapng" 2>messages || fail "$name: $(cat messages)"
    samples=$((samples + 1))
done
diff -rq out again || fail 'the second run adds something'
# Those of a link type together: to start Wireshark's programs takes most of the time. No pcap file can
# hold a mixed one; such a file is looked at below.
capinfos -T -r -E "$captures"/*.pcap "$captures"/*.pcapng 2>/dev/null >types
cut -f 2 types | sort -u >names
while read -r type; do
    set --
    # shellcheck disable=SC2013 # no name has a space
    for sample in $(awk -F '\t' -v type="$type" '$2 == type { print $1 }' types); do
        name=${sample##*/}
        case $name in mixed-*) continue ;; esac
        set -- "$@" "$name"
    done
    [ $# -gt 0 ] || continue
    merged "$captures" '' "$@" >a.pcap
    merged out .pcapng "$@" >b.pcap
    cmp -i 20 a.pcap b.pcap || fail "$type: packets differ in one of $*"
    compared=$((compared + $#))
done <names
[ "$compared" -gt 200 ] || fail "packets of $compared samples alone were compared"
# What decode says of the copies is what it says of the samples, but for names of interfaces and
# zeros at the end of times.
for kind in pcap pcapng log; do
    decoded "$captures"/*."$kind" >wanted
    decoded out/*."$kind".pcapng >got
    [ -s wanted ] || fail "no sample *.$kind decodes"
    diff wanted got >differences || fail "copies decode differently: $(head -n 4 differences)"
done
echo "$samples samples: the same packets and times"

# The demo, as stock tshark shows it. tshark joins a packet's comments with a comma.
"$boottap" annotate "$captures/usart-read-protected.pcap" out.pcapng
tshark -r out.pcapng -Y frame.comment -T fields -e frame.number -e frame.comment 2>/dev/null |
    head -n 4 >comments
cat >comments.wanted <<'END'
2	boottap serial #1 Sync: ok; packets 1-2, 0.000177 s
5	boottap serial #2 Get Version 2.2: ok; packets 3-5, 0.000213 s
8	boottap serial #3 Get 11 commands, version 2.2: ok; packets 6-8, 0.000183 s
11	boottap serial #4 Get ID 0x410 (STM32F10x medium density): ok; packets 9-11, 0.000212 s
END
diff comments.wanted comments || fail 'the comments of the demo are not as they should be'
tshark -r out.pcapng -Y 'frame.comment contains "#5 Erase: nack (command); packets 12-13"' \
    2>/dev/null | grep -q '^ *13 ' || fail 'no comment on the NACK'
tshark -r out.pcapng -Y 'frame.comment contains "session 1: Failed: Erase"' 2>/dev/null |
    grep -q '^ *13 ' || fail 'no verdict on the NACK'
capinfos -k out.pcapng | grep -q 'boottap serial session 1: Failed: Erase: nack (command)' ||
    fail 'no verdict at the section'

# A comment of somebody else, by editcap, and what editcap made of the file around it, survive.
editcap -F pcapng -a '13:a comment of mine' --capture-comment 'of the capture' \
    "$captures/usart-read-protected.pcap" mine.pcapng
"$boottap" annotate mine.pcapng out.pcapng
same mine.pcapng out.pcapng || fail 'packets of the file with comments differ'
tshark -r out.pcapng -Y 'frame.comment == "a comment of mine" && frame.comment contains "boottap"' \
    2>/dev/null | grep -q '^ *13 ' || fail 'the comment of somebody else is gone'
capinfos -k out.pcapng | grep -q 'of the capture' || fail 'the comment of the capture is gone'

# Interfaces of different link types in one file.
mergecap -a -F pcapng -w mixed.pcapng "$captures/usart-flash-f405.pcap" \
    "$captures/fdcan-flash.pcap" "$captures/dfu-download.pcap"
"$boottap" annotate mixed.pcapng out.pcapng
tshark -r mixed.pcapng -T fields -e frame.time_epoch -e frame.len -e frame.protocols >a 2>/dev/null
tshark -r out.pcapng -T fields -e frame.time_epoch -e frame.len -e frame.protocols >b 2>/dev/null
cmp a b || fail 'packets of the mixed file differ'
wanted=$(for name in usart-flash-f405 fdcan-flash dfu-download; do
    "$boottap" decode --json "$captures/$name.pcap"
done | wc -l)
[ "$(ours out.pcapng)" -eq "$wanted" ] ||
    fail "the mixed file has $(ours out.pcapng) transactions in comments, not $wanted"
exit $status
