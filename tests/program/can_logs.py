# SPDX-License-Identifier: GPL-2.0-or-later
"""CAN frames, and every format of a log that they are written in: as those tools write it, by hand."""
import collections
import datetime
import struct
import zlib

# time in ns since 1970; flags None: FD's are not told; channel from 1
Frame = collections.namedtuple("Frame", "time id data extended fd brs esi remote sent channel",
                               defaults=(False, False, False, False, False, False, 1))

DLC = (0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64)
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()


def dlc(frame):
    return DLC.index(len(frame.data))


def hexa(data, separator=" "):
    return separator.join(f"{byte:02X}" for byte in data)


def utc(nanoseconds):
    return (datetime.datetime.fromtimestamp(nanoseconds // 10**9, datetime.timezone.utc),
            nanoseconds % 10**9)


def candump(frames, digits=6, direction=False, interface="can0"):
    """candump -L; -N with 9 digits, -x with the direction."""
    for f in frames:
        number = f"{f.id:08X}" if f.extended else f"{f.id:03X}"
        what = f"##{f.brs | f.esi << 1:X}" if f.fd else "#"
        what += "R" if f.remote else hexa(f.data, "")
        time = f"({f.time // 10**9:010}.{f.time % 10**9 // 10**(9 - digits):0{digits}})"
        yield f"{time} {interface} {number}{what}" + direction * (" T" if f.sent else " R")


def candump_screen(frames, stamp="a", extra=True, form=""):
    """candump, with -t and -x, and -a, -i or -S."""
    last = first = frames[0].time
    for f in frames:
        date, rest = utc(f.time)
        micro = rest // 1000
        times = {"": "", "a": f" ({f.time // 10**9:010}.{micro:06}) ",
                 "A": f" ({date:%Y-%m-%d %H:%M:%S}.{micro:06}) "}
        for name, since in (("z", f.time - first), ("d", f.time - last)):
            times[name] = f" ({since // 10**9:03}.{since % 10**9 // 1000:06}) "
        last = f.time
        flags = f"  {'TX' if f.sent else 'RX'} {'B' if f.brs else '-'} {'E' if f.esi else '-'}"
        number = f"{f.id:08X}" if f.extended else f"{f.id:03X}"
        length = f" [{len(f.data):02}]" if f.fd else f"  [{len(f.data)}]"
        data = [f"{byte:08b}" if form == "i" else f"{byte:02X}" for byte in f.data]
        text = "remote request" if f.remote else \
            "`".join(reversed(data)) if form == "S" else " ".join(data)
        if form == "a" and f.data:
            text += "   '" + "".join(chr(b) if 32 <= b < 127 else "." for b in f.data) + "'"
        yield f"{times[stamp]} can0{flags * extra}  {number}  {length}  {text}"


def candump_old_screen(frames):
    """candump -ta of older can-utils, which know no FD."""
    for f in frames:
        text = " remote request" if f.remote else "".join(f" {byte:02X}" for byte in f.data)
        yield f"({f.time // 10**9}.{f.time % 10**9 // 1000:06})  can0  {f.id:{8 if f.extended else 3}X}" \
              f"  [{len(f.data)}]{text}"


def asc(frames, decimal=False, relative=False):
    date, rest = utc(frames[0].time - 10**9)
    stamp = f"{DAYS[date.weekday()]} {MONTHS[date.month - 1]} {date.day} {date:%I:%M:%S}." \
            f"{rest // 10**6:03} {date:%p} {date.year}".replace("AM", "am").replace("PM", "pm")
    start = last = (frames[0].time - 10**9) // 10**6 * 10**6
    yield "date " + stamp
    yield f"base {'dec' if decimal else 'hex'}  timestamps {'relative' if relative else 'absolute'}"
    yield "internal events logged"
    yield "// version 12.0.0"
    yield "Begin TriggerBlock " + stamp
    yield "   0.000000 Start of measurement"
    for f in frames:
        since = f.time - (last if relative else start)
        last = f.time
        number = (f"{f.id}" if decimal else f"{f.id:x}") + "x" * f.extended
        data = " ".join(str(byte) if decimal else f"{byte:02X}" for byte in f.data)
        way = "Tx" if f.sent else "Rx"
        line = f"{since // 10**9:4}.{since % 10**9 // 1000:06} "
        if f.fd:
            flags = 0x1000 | f.brs << 13 | f.esi << 14
            yield line + f"CANFD {f.channel:3} {way} {number:>12} {'':32} {f.brs:d} {f.esi:d} " \
                         f"{dlc(f):x} {len(f.data):2} {data} 102203 133 {flags:6x} 0 0 0 0 0"
        elif f.remote:
            yield line + f"{f.channel}  {number:15} {way}   r"
        else:
            yield line + f"{f.channel}  {number:15} {way}   d {len(f.data):x} {data}"
    yield "End TriggerBlock"


def trc(frames, version="2.1"):
    start = frames[0].time // 10**9 * 10**9
    days = (start + 25569 * 86400 * 10**9) / (86400 * 10**9)
    date, _ = utc(start)
    if version != "1.0":
        yield f";$FILEVERSION={version}"
        yield f";$STARTTIME={days:.10f}"
    if version >= "2.0":
        yield ";$COLUMNS=" + {"2.0": "N,O,T,I,d,l,D", "2.1": "N,O,T,B,I,d,R,L,D"}[version]
    yield ";"
    yield f";   Start time: {date:%d.%m.%Y %H:%M:%S}.000.0"
    yield ";---+-- ------+------ +- --+----- +- +- +- -- -- -- -- -- -- --"
    for n, f in enumerate(frames, 1):
        ms = f"{(f.time - start) // 10**6}.{(f.time - start) % 10**6 // 1000:03}"
        number = f"{f.id:08X}" if f.extended else f"{f.id:04X}"
        way = "Tx" if f.sent else "Rx"
        kind = "RR" if f.remote else \
            ("FE" if f.esi else "FB") if f.brs else ("BI" if f.esi else "FD") if f.fd else "DT"
        data = "RTR" if f.remote and version < "2.0" else hexa(f.data)
        yield {"1.0": f"{n:6}) {ms:>12} {number:>8} {len(f.data)} {data}",
               "1.1": f"{n:6}) {ms:>12}  {way} {number:>8} {len(f.data)} {data}",
               "1.3": f"{n:7}) {ms:>13} {f.channel}  {way} {number:>8} - {len(f.data)} {data}",
               "2.0": f"{n:7} {ms:>13} {kind} {number:>8} {way} {len(f.data)}  {data}",
               "2.1": f"{n:7} {ms:>13} {kind} {f.channel} {number:>8} {way} - {dlc(f)}    {data}",
               }[version]


def busmaster(frames):
    date, rest = utc(frames[0].time)
    yield "***BUSMASTER Ver 3.2.2***"
    yield "***PROTOCOL CAN***"
    yield "***[START LOGGING SESSION]***"
    yield f"***START DATE AND TIME {date.day}:{date.month}:{date.year} {date:%H:%M:%S}:{rest // 10**6:03}***"
    yield "***HEX***"
    yield "***SYSTEM MODE***"
    yield "***<Time><Tx/Rx><Channel><CAN ID><Type><DLC><DataBytes>***"
    for f in frames:
        date, rest = utc(f.time)
        kind = ("x" if f.extended else "s") + "r" * f.remote
        yield f"{date:%H:%M:%S}:{rest // 10**5:04} {'Tx' if f.sent else 'Rx'} {f.channel} " \
              f"0x{f.id:03X} {kind} {len(f.data)} {hexa(f.data)} "
    yield "***[STOP LOGGING SESSION]***"


def gvret(frames, direction=True):
    yield "Time Stamp,ID,Extended," + "Dir," * direction + "Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8"
    for f in frames:
        way = ("Tx," if f.sent else "Rx,") * direction
        yield f"{f.time // 1000},{f.id:08X},{'true' if f.extended else 'false'},{way}{f.channel}," \
              f"{len(f.data)}," + "".join(f"{byte:02X}," for byte in f.data)


def kvaser(frames):
    yield "Chn Identifier Flg   DLC  D0...1...2...3...4...5...6..D7       Time     Dir"
    for f in frames:
        flag = "X" * f.extended + "R" * f.remote
        yield f" {f.channel}    {f.id:08X} {flag:>3}      {len(f.data):2}  {hexa(f.data, '  '):30} " \
              f"{f.time // 10**9}.{f.time % 10**9 // 1000:06} {'T' if f.sent else 'R'}"


def slcan(frames):
    """With stamps in ms within a minute."""
    text = "C\rS4\rZ1\rO\r"
    for f in frames:
        letter = "r" if f.remote else ("b" if f.brs else "d") if f.fd else "t"
        number = f"{f.id:08X}" if f.extended else f"{f.id:03X}"
        text += (letter.upper() if f.extended else letter) + number + f"{dlc(f):X}" + \
            hexa(f.data, "") + f"{f.time // 10**6 % 60000:04X}\r"
    return text.encode() + b"\a\rC\r"


def systemtime(nanoseconds):
    date, rest = utc(nanoseconds)
    return struct.pack("<8H", date.year, date.month, date.isoweekday() % 7, date.day, date.hour,
                       date.minute, date.second, rest // 10**6)


def blf_object(frame, start):
    number = frame.id | frame.extended << 31
    flags = frame.sent | frame.remote << 7
    if frame.fd:
        kind = 100
        body = struct.pack("<HBBLLBBB5x64s", frame.channel, flags, dlc(frame), number, 0, 0,
                           1 | frame.brs << 1 | frame.esi << 2, len(frame.data), frame.data)
    else:
        kind = 86
        body = struct.pack("<HBBL8s8x", frame.channel, flags, dlc(frame), number, frame.data)
    head = struct.pack("<4sHHLLLHHQ", b"LOBJ", 32, 1, 32 + len(body), kind, 2, 0, 0,
                       frame.time - start)
    return head + body + bytes(len(body) % 4)


def blf(frames, container=500, method=2):
    """Containers of few bytes, so that objects straddle them."""
    start = frames[0].time // 10**6 * 10**6
    stream = b"".join(blf_object(frame, start) for frame in frames)
    head = struct.pack("<4sL32x", b"LOGG", 144) + systemtime(start) + systemtime(frames[-1].time)
    file = head + bytes(144 - len(head))
    for at in range(0, len(stream), container):
        part = stream[at:at + container]
        packed = zlib.compress(part) if method == 2 else part
        file += struct.pack("<4sHHLLH6xL4x", b"LOBJ", 16, 1, 32 + len(packed), 10, method, len(part))
        file += packed + bytes(len(packed) % 4)
    return file


def text(lines):
    return ("\n".join(lines) + "\n").encode()


def read_pcapng(path):
    """The frames of a capture of LINKTYPE_CAN_SOCKETCAN, with the interfaces' names: (name, frame)."""
    data = path.read_bytes()
    names, found, at = [], [], 0
    while at < len(data):
        kind, length = struct.unpack_from("<LL", data, at)
        if kind == 1:
            names.append(interface(data[at + 16:at + length - 4]))
        elif kind == 6:
            number, high, low, captured, _ = struct.unpack_from("<5L", data, at + 8)
            name, unit = names[number]
            options = data[at + 28 + (captured + 3) // 4 * 4:at + length - 4]
            found.append((name, frame((high << 32 | low) * unit, data[at + 28:at + 28 + captured],
                                      b"\x02\x00\x04\x00\x02\x00\x00\x00" in options)))
        at += length
    return found


def interface(options):
    """(name, nanoseconds of a unit of its times)"""
    name, unit, at = "", 1000, 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from("<HH", options, at)
        value = options[at + 4:at + 4 + length]
        if code == 2:
            name = value.decode()
        elif code == 9:
            unit = 10 ** (9 - value[0])
        at += 4 + (length + 3) // 4 * 4
    return name, unit


def frame(time, record, sent):
    number, length, flags = struct.unpack_from(">LBB", record)
    remote = bool(number & 0x40000000)
    fd = len(record) == 72
    return Frame(time, number & 0x1FFFFFFF, b"" if remote else record[8:8 + length],
                 bool(number & 0x80000000), fd, bool(flags & 1), bool(flags & 2), remote, sent)
