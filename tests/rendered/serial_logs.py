# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic of a serial line as tools print it. Each function gets chunks; what it cannot tell of them is
in FORMATS, from which the reference is made."""
import collections
import datetime

from recording import NS, Chunk

DAY = 86400 * NS


def clock(time, form, unit=1):
    """A time in the words of strftime; %f is followed by microseconds, %L by milliseconds."""
    moment = datetime.datetime.fromtimestamp(time // NS, datetime.timezone.utc)
    micro = time % NS // 1000 // unit * unit
    return moment.strftime(form.replace("%L", "\1").replace("%f", "\2")).replace(
        "\1", "%03d" % (micro // 1000)).replace("\2", "%06d" % micro)


def hex_lines(data, width=16):
    return [data[i:i + width] for i in range(0, len(data), width)]


def printable(data):
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)


def socat(chunks):
    out, sent = [], {"host": 0, "device": 0}
    for chunk in chunks:
        start = sent[chunk.direction]
        sent[chunk.direction] += len(chunk.data)
        out.append("%s %s.%09d  length=%d from=%d to=%d" % (
            ">" if chunk.direction == "host" else "<", clock(chunk.time, "%Y/%m/%d %H:%M:%S"),
            chunk.time % NS // 1000, len(chunk.data), start, start + len(chunk.data) - 1))
        out += [" " + " ".join("%02x" % byte for byte in line).ljust(49) + printable(line)
                for line in hex_lines(chunk.data)]
        out.append("--")
    return "\n".join(out) + "\n"


def jpnevulator(chunks):
    out = []
    for chunk in chunks:
        out.append(clock(chunk.time, "%Y-%m-%d %H:%M:%S.%f") + ": " +
                   ("PC" if chunk.direction == "host" else "MCU"))
        out += [" ".join("%02X" % byte for byte in line).ljust(47) + "\t" + printable(line)
                for line in hex_lines(chunk.data)]
    return "\n".join(out) + "\n"


def interceptty(chunks):
    return "".join("%s0x%02x (%s)\n" % ("< " if chunk.direction == "host" else "> \t", byte,
                                        chr(byte) if 32 <= byte < 127 else "?")
                   for chunk in chunks for byte in chunk.data)


def slsnif(chunks):
    return "".join("%s --> %s\n\n" % ("Host  " if chunk.direction == "host" else "Device",
                                      "".join("%s (%02x) " % (printable(bytes([byte])), byte)
                                              for byte in chunk.data)) for chunk in chunks)


def serial_port_monitor(chunks):
    out = [clock(chunks[0].time, "[%d/%m/%Y %H:%M:%S] Open port COM7 (C:\\flasher.exe)\t")]
    for chunk in chunks:
        out.append(clock(chunk.time, "[%d/%m/%Y %H:%M:%S] ") +
                   ("Written" if chunk.direction == "host" else "Read") + " data (COM7)\t")
        out += ["    " + " ".join("%02x" % byte for byte in line).ljust(50) + printable(line) + "\t"
                for line in hex_lines(chunk.data)]
    return "\r\n".join(out) + "\r\n"


def portmon(chunks):
    return "".join("%d\t0.00000120\tflasher.exe\tIRP_MJ_%s\tSerial0\tSUCCESS\tLength %d: %s\t\r\n" % (
        number, "WRITE" if chunk.direction == "host" else "READ", len(chunk.data),
        "".join("%02X " % byte for byte in chunk.data)) for number, chunk in enumerate(chunks))


def strace(chunks):
    out = ['4242  %s openat(AT_FDCWD, "%s", O_RDWR|O_NOCTTY|O_NONBLOCK) = 3' % (
        clock(chunks[0].time, "%H:%M:%S.%f"), "".join("\\x%02x" % byte for byte in b"/dev/ttyUSB0"))]
    for chunk in chunks:
        out.append('4242  %s %s(3, "%s", %d) = %d' % (
            clock(chunk.time, "%H:%M:%S.%f"), "write" if chunk.direction == "host" else "read",
            "".join("\\x%02x" % byte for byte in chunk.data), len(chunk.data), len(chunk.data)))
    return "\n".join(out) + "\n"


C_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def c_string(data):
    """As strace prints it without -x: an octal escape is as short as what follows lets it be."""
    out = []
    for i, byte in enumerate(data):
        following = data[i + 1] if i + 1 < len(data) else 0
        if byte in C_ESCAPES and byte not in (7, 8):
            out.append(C_ESCAPES[byte])
        elif 32 <= byte < 127:
            out.append(chr(byte))
        else:
            out.append("\\%03o" % byte if 48 <= following <= 55 else "\\%o" % byte)
    return "".join(out)


def strace_plain(chunks):
    return 'openat(AT_FDCWD, "/dev/ttyUSB0", O_RDWR|O_NOCTTY) = 3\n' + "".join(
        '%s(3, "%s", %d) = %d\n' % ("write" if chunk.direction == "host" else "read",
                                    c_string(chunk.data), len(chunk.data), len(chunk.data))
        for chunk in chunks)


def saleae_table(chunks):
    start = chunks[0].time
    return "name,type,start_time,duration,data\n" + "".join(
        '"%s","data",%d.%09d,8.247e-05,0x%02X\n' % (
            "Host" if chunk.direction == "host" else "Device", (chunk.time - start) // NS,
            (chunk.time - start) % NS, byte) for chunk in chunks for byte in chunk.data)


def sigrok_annotations(chunks):
    return "".join("uart-1: %02X\n" % byte for chunk in chunks for byte in chunk.data)


def terminal(chunks):
    return "".join("%s %s %s\n" % (clock(chunk.time, "%H:%M:%S.%L"),
                                   "TX" if chunk.direction == "host" else "RX",
                                   " ".join("%02X" % byte for byte in chunk.data)) for chunk in chunks)


def cube_programmer(chunks):
    """As version 2 writes it at verbosity 3, with every answer logged."""
    out = ["%s : STM32CubeProgrammer API v2.14.0 | Windows-64Bits " % clock(chunks[0].time, "%H:%M:%S")]
    for chunk in chunks:
        prefix = "  " + clock(chunk.time, "%H:%M:%S:%L") + " : "
        if chunk.direction == "device":
            out.append(prefix + "Received response from target: 0x" + chunk.data.hex())
        elif len(chunk.data) <= 2:
            out += [prefix + "byte 0x%02X sent successfully to target" % byte for byte in chunk.data]
        else:
            out.append(prefix + "data sent successfully to target: 0x" + chunk.data.hex())
    return "\n".join(out) + "\n"


# ---- references: what is left of the chunks, with what the records are described as

def as_they_are(chunks):
    return [chunk._replace(time=chunk.time // 1000 * 1000) for chunk in chunks]


def without_date(chunks):
    """Days count from 1970 on."""
    first = chunks[0].time // DAY * DAY
    return [chunk._replace(time=chunk.time // 1000 * 1000 - first) for chunk in chunks]


def in_milliseconds(chunks):
    return [chunk._replace(time=chunk.time // 1_000_000 * 1_000_000) for chunk in without_date(chunks)]


def in_seconds(chunks):
    return [chunk._replace(time=chunk.time // NS * NS) for chunk in chunks]


def without_times(chunks):
    return [chunk._replace(time=0) for chunk in chunks]


def byte_by_byte(chunks):
    return [Chunk(chunk.time, chunk.direction, bytes([byte])) for chunk in chunks for byte in chunk.data]


def from_the_first(chunks):
    return [chunk._replace(time=chunk.time - chunks[0].time) for chunk in byte_by_byte(chunks)]


def without_direction(chunks):
    return [chunk._replace(time=0, direction=None) for chunk in byte_by_byte(chunks)]


Format = collections.namedtuple("Format", "write reference description")

FORMATS = {
    "socat -x": Format(socat, as_they_are, ""),
    "jpnevulator": Format(jpnevulator, as_they_are, ""),
    "interceptty": Format(interceptty, lambda c: without_times(byte_by_byte(c)), "boottap log: without times: x"),
    "slsnif -x": Format(slsnif, without_times, "boottap log: without times: x"),
    "Serial Port Monitor": Format(serial_port_monitor, in_seconds, "boottap run: without times: x"),
    "Portmon": Format(portmon, without_times, "boottap run: without times: x"),
    "strace -xx -tt": Format(strace, without_date, "boottap run: x"),
    "strace": Format(strace_plain, without_times, "boottap run: without times: x"),
    "Saleae table": Format(saleae_table, from_the_first, ""),
    "sigrok-cli -P uart": Format(sigrok_annotations, without_direction, "boottap log: without replies, times: x"),
    "STM32CubeProgrammer": Format(cube_programmer, in_milliseconds, "boottap log: without replies: x"),
    "terminal": Format(terminal, in_milliseconds, ""),
}
