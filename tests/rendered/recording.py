# SPDX-License-Identifier: GPL-2.0-or-later
"""Samples taken apart, and references made of what a log's format can tell of them."""
import collections
import struct

RTAC, SOCKETCAN, USBMON = 250, 227, 220
NS = 1_000_000_000

# Bytes that crossed a serial line; direction is "host", "device" or None.
Chunk = collections.namedtuple("Chunk", "time direction data")
# A CAN frame: identifier with its flag bits as SocketCAN has them, FD flags (None: a classic frame).
Frame = collections.namedtuple("Frame", "time sent id fd data length")
# A record of usbmon, header and all.
Urb = collections.namedtuple("Urb", "time header data")

DIRECTIONS = {1: "host", 2: "device", 3: "host", 4: "device"}
EXTENDED, REMOTE, ERROR = 0x80000000, 0x40000000, 0x20000000


def records(path):
    """Link type, and (time in ns, bytes on the wire, captured bytes) of each record of a pcap file."""
    data = path.read_bytes()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<",
             b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">"}[data[:4]]
    unit = 1 if data[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1000
    found, at = [], 24
    while at + 16 <= len(data):
        seconds, part, captured, length = struct.unpack_from(order + "IIII", data, at)
        found.append((seconds * NS + part * unit, length, data[at + 16:at + 16 + captured]))
        at += 16 + captured
    return struct.unpack_from(order + "I", data, 20)[0], found


def chunks(path):
    """What crossed a serial line; None if the sample holds more than that, or less."""
    linktype, found = records(path)
    if linktype != RTAC or any(length != len(data) or len(data) < 12 for _, length, data in found):
        return None
    taken = [Chunk(time, DIRECTIONS.get(data[8]), data[12:]) for time, _, data in found if len(data) > 12]
    return taken if all(chunk.direction for chunk in taken) else None


def frames(path):
    """The frames of a CAN bus; None if the sample holds more than frames, or cut ones."""
    linktype, found = records(path)
    if linktype != SOCKETCAN:
        return None
    taken = []
    for time, length, data in found:
        identifier, size, flags = struct.unpack_from(">IBB", data)
        fd = flags if length > 16 or flags & 4 else None
        if length != len(data) or len(data) < 8 or identifier & ERROR:
            return None
        taken.append(Frame(time, None, identifier, fd, b"" if identifier & REMOTE else data[8:8 + size], size))
    return taken


def urbs(path):
    """The records of a USB bus."""
    linktype, found = records(path)
    if linktype != USBMON or any(length != len(data) for _, length, data in found):
        return None
    return [Urb(time, data[:64], data[64:]) for time, _, data in found]


def write_pcap(path, linktype, made):
    """A pcap file in nanoseconds of (time in ns, bytes on the wire, captured bytes)."""
    path.write_bytes(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, linktype) + b"".join(
        struct.pack("<IIII", time // NS, time % NS, len(data), length) + data
        for time, length, data in made))


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(kind, body):
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def write_pcapng(path, linktype, made, description):
    """The same as pcapng, with a description of the interface."""
    options = option(3, description.encode()) + option(9, b"\x09") + option(0, b"")
    blocks = [block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)),
              block(1, struct.pack("<HHI", linktype, 0, 0) + options)]
    for time, length, data in made:
        blocks.append(block(6, struct.pack("<IIIII", 0, time >> 32, time & 0xffffffff, len(data), length) +
                            data + bytes(-len(data) % 4)))
    path.write_bytes(b"".join(blocks))


def rtac(chunk):
    event = {"host": 1, "device": 2, None: 0}[chunk.direction]
    data = struct.pack(">IIBBH", chunk.time // NS, chunk.time % NS // 1000, event, 0, 0) + chunk.data
    return chunk.time, len(data), data


def socketcan(frame):
    size = 16 if frame.fd is None else 72
    data = struct.pack(">IBBH", frame.id, frame.length, frame.fd or 0, 0) + frame.data
    return frame.time, size, data.ljust(size, b"\0")
