# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames of a CAN bus as tools print them."""
import collections

from recording import EXTENDED, NS, REMOTE
from serial_logs import clock

DLC = {12: 9, 16: 10, 20: 11, 24: 12, 32: 13, 48: 14, 64: 15}
IDS = 0x1fffffff


def identifier(frame, digits=3):
    return "%08X" % (frame.id & IDS) if frame.id & EXTENDED else "%0*X" % (digits, frame.id & IDS)


def spaced(data):
    return " ".join("%02X" % byte for byte in data)


def stamp(time):
    return "%d.%06d" % (time // NS, time % NS // 1000)


def candump_log(frames):
    return "".join("(%s) can0 %s#%s\n" % (
        stamp(f.time), identifier(f),
        "R" + (str(f.length) if f.length else "") if f.id & REMOTE else
        f.data.hex().upper() if f.fd is None else "#%X%s" % (f.fd & 11, f.data.hex().upper()))
        for f in frames)


def candump_screen(frames):
    return "".join(" (%s)  can0  %s   %s  %s\n" % (
        stamp(f.time), identifier(f).rjust(8) if f.id & EXTENDED else identifier(f),
        "[%02d]" % f.length if f.fd is not None else " [%d]" % f.length,
        "remote request" if f.id & REMOTE else spaced(f.data)) for f in frames)


def candump_bare(frames):
    return "".join("  can0  %s   %s  %s\n" % (
        identifier(f), "[%02d]" % f.length if f.fd is not None else " [%d]" % f.length,
        "remote request" if f.id & REMOTE else spaced(f.data)) for f in frames)


def candump_older(frames):
    """Of can-utils that print blanks in place of an identifier's zeros."""
    return "".join("(%s)  can0  %s  [%d]%s\n" % (
        stamp(f.time), "%*X" % (8 if f.id & EXTENDED else 3, f.id & IDS), f.length,
        " remote request" if f.id & REMOTE else "".join(" %02X" % byte for byte in f.data)) for f in frames)


def asc(frames):
    start = frames[0].time // NS * NS
    out = [clock(start, "date %a %b %d %H:%M:%S.000 %Y"), "base hex  timestamps absolute",
           "internal events logged", clock(start, "Begin TriggerBlock %a %b %d %H:%M:%S.000 %Y"),
           "   0.000000 Start of measurement"]
    for f in frames:
        name = "%X%s" % (f.id & IDS, "x" if f.id & EXTENDED else "")
        if f.fd is not None:
            flags = 0x1000 | (0x2000 if f.fd & 1 else 0) | (0x4000 if f.fd & 2 else 0)
            out.append("%11s CANFD   1 Rx   %8s    %d %d %x %2d %s   102203  133   %x 0 0 0 0 0" % (
                stamp(f.time - start), name, f.fd & 1, f.fd >> 1 & 1,
                DLC.get(f.length, f.length), f.length, spaced(f.data), flags))
        elif f.id & REMOTE:
            out.append("%11s 1  %-15s Rx   r %x" % (stamp(f.time - start), name, f.length))
        else:
            out.append("%11s 1  %-15s Rx   d %x %s" % (stamp(f.time - start), name, f.length, spaced(f.data)))
    return "\n".join(out + ["End TriggerBlock"]) + "\n"


def trc_kind(f):
    if f.id & REMOTE:
        return "RR"
    return "DT" if f.fd is None else {0: "FD", 1: "FB", 2: "BI", 3: "FE"}[f.fd & 3]


def trc(frames):
    start = frames[0].time // NS * NS
    # Days since 1899-12-30
    out = [";$FILEVERSION=2.1", ";$STARTTIME=%.10f" % (start / NS / 86400 + 25569),
           ";$COLUMNS=N,O,T,B,I,d,R,L,D", ";"]
    for number, f in enumerate(frames, 1):
        offset = f.time - start
        out.append("%7d %9d.%03d %s 1 %s Rx - %2d    %s" % (
            number, offset // 1_000_000, offset // 1000 % 1000, trc_kind(f),
            identifier(f, 4).rjust(8), DLC.get(f.length, f.length), spaced(f.data)))
    return "\r\n".join(out) + "\r\n"


def busmaster(frames):
    head = ["***BUSMASTER Ver 3.2.2***", "***PROTOCOL CAN***", "***[START LOGGING SESSION]***",
            clock(frames[0].time, "***START DATE AND TIME %d:%m:%Y %H:%M:%S:000***"), "***HEX***",
            "***SYSTEM MODE***", "***<Time><Tx/Rx><Channel><CAN ID><Type><DLC><DataBytes>***"]
    lines = ["%s:%04d Rx 1 0x%s %s%s %d %s " % (
        clock(f.time, "%H:%M:%S"), f.time % NS // 100_000, identifier(f), "x" if f.id & EXTENDED else "s",
        "r" if f.id & REMOTE else "", f.length, spaced(f.data)) for f in frames]
    return "\r\n".join(head + lines + ["***[STOP LOGGING SESSION]***"]) + "\r\n"


def gvret(frames):
    start = frames[0].time
    return "Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n" + "".join(
        "%d,%08X,%s,Rx,0,%d,%s\n" % ((f.time - start) // 1000, f.id & IDS, "true" if f.id & EXTENDED else "false",
                                     f.length, "".join("%02X," % byte for byte in f.data)) for f in frames)


def kvaser(frames):
    start = frames[0].time
    return "Chn Identifier Flg   DLC  D0...1...2...3...4...5...6..D7       Time     Dir\n" + "".join(
        " 0    %08X %s      %d  %-32s    %6d.%06d R\n" % (
            f.id & IDS, "X" if f.id & EXTENDED else " ", f.length, "  ".join("%02X" % b for b in f.data),
            (f.time - start) // NS, (f.time - start) % NS // 1000) for f in frames)


def slcan(frames):
    return "".join("%s%0*X%d%s\r" % (
        ("T" if f.id & EXTENDED else "t"), 8 if f.id & EXTENDED else 3, f.id & IDS, f.length,
        f.data.hex().upper()) for f in frames)


# ---- references

def in_microseconds(frames):
    return [f._replace(time=f.time // 1000 * 1000) for f in frames]


def in_tenths_of_milliseconds(frames):
    return [f._replace(time=f.time // 100_000 * 100_000) for f in frames]


def from_the_first(frames):
    return [f._replace(time=(f.time - frames[0].time) // 1000 * 1000) for f in frames]


def without_times(frames):
    return [f._replace(time=0) for f in frames]


def is_fd(frame):
    return frame.fd is not None


def is_remote(frame):
    return frame.id & REMOTE


# leaves_out: frames that the format has no form for.
Format = collections.namedtuple("Format", "write reference description leaves_out")
NO_TIMES = "boottap log: without times: x"

FORMATS = {
    "candump -L": Format(candump_log, in_microseconds, "", None),
    "candump -ta": Format(candump_screen, in_microseconds, "", None),
    "candump": Format(candump_bare, without_times, NO_TIMES, None),
    "candump, older": Format(candump_older, in_microseconds, "", is_fd),
    "Vector ASC": Format(asc, in_microseconds, "", None),
    "PEAK TRC 2.1": Format(trc, in_microseconds, "", None),
    "BUSMASTER": Format(busmaster, in_tenths_of_milliseconds, "", is_fd),
    "GVRET": Format(gvret, from_the_first, "", lambda f: is_fd(f) or is_remote(f)),
    "Kvaser": Format(kvaser, from_the_first, "", lambda f: is_fd(f) or is_remote(f)),
    "slcan": Format(slcan, without_times, NO_TIMES, lambda f: is_fd(f) or is_remote(f)),
}
