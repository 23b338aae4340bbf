# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic of a serial line as the levels of its two lines, 8E1, as logic analysers write them."""
import collections

from recording import NS

BAUD = 115200
BITS = 11  # start, 8 data, parity, stop
GAP = 20_000  # between the two directions, ns


def bits(byte):
    parity = bin(byte).count("1") & 1
    return [0] + [byte >> i & 1 for i in range(8)] + [parity, 1]


def edges(chunks):
    """(time in ns, line, level) of each change; lines are "host" and "device"."""
    found, levels, free = [], {"host": 1, "device": 1}, 100_000
    start = chunks[0].time
    for chunk in chunks:
        at = max(free, chunk.time - start + 100_000)
        for number, byte in enumerate(chunk.data):
            for place, level in enumerate(bits(byte)):
                if level != levels[chunk.direction]:
                    levels[chunk.direction] = level
                    found.append((at + (number * BITS + place) * NS // BAUD, chunk.direction, level))
        free = at + len(chunk.data) * BITS * NS // BAUD + GAP
    return found, free


def saleae_csv(chunks):
    found, end = edges(chunks)
    levels, out = {"host": 1, "device": 1}, ["Time [s],Host TX,Device TX", "0.000000000,1,1"]
    for time, line, level in found:
        levels[line] = level
        out.append("%d.%09d,%d,%d" % (time // NS, time % NS, levels["host"], levels["device"]))
    out.append("%d.%09d,%d,%d" % (end // NS, end % NS, levels["host"], levels["device"]))
    return "\n".join(out) + "\n"


def vcd(chunks):
    found, end = edges(chunks)
    out = ["$timescale 1 ns $end", "$scope module top $end", "$var wire 1 ! Host_TX $end",
           "$var wire 1 \" Device_TX $end", "$upscope $end", "$enddefinitions $end", "#0", "1!", "1\""]
    for time, line, level in found:
        out += ["#%d" % time, "%d%s" % (level, "!" if line == "host" else '"')]
    return "\n".join(out + ["#%d" % end]) + "\n"


Format = collections.namedtuple("Format", "write")

FORMATS = {"Saleae CSV": Format(saleae_csv), "VCD": Format(vcd)}
