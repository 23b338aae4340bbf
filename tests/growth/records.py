# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures, byte by byte: what the shapes of the growth test are made of."""
import struct

RTAC, USBMON, SOCKETCAN, SLL2 = 250, 220, 227, 276
HOST, DEVICE = 1, 2
BULK, CONTROL = 3, 2


def pcap(linktype, records):
    """A pcap file; a record each millisecond."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, linktype)]
    for number, record in enumerate(records):
        seconds, milliseconds = divmod(number, 1000)
        out.append(struct.pack("<IIII", 1000 + seconds, 1000 * milliseconds, len(record),
                               len(record)) + record)
    return b"".join(out)


def padded(data):
    return data + b"\0" * (-len(data) % 4)


def block(kind, body):
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def option(code, value):
    return padded(struct.pack("<HH", code, len(value)) + value)


def section():
    return block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(linktype, options=b""):
    return block(1, struct.pack("<HHI", linktype, 0, 262144) + options)


def packet(number, data, interface_id=0, options=b""):
    """An enhanced packet block: a packet each millisecond."""
    ticks = 1_000_000_000 + 1000 * number
    return block(6, struct.pack("<IIIII", interface_id, ticks >> 32, ticks & 0xFFFFFFFF, len(data),
                                len(data)) + padded(data) + options)


def rtac(event, text):
    """A chunk of a serial line, of the host or the device, in hexadecimal."""
    return struct.pack(">IIBBH", 1000, 0, event, 0, 0) + bytes.fromhex(text)


def can(identifier, data, flags=0x04):
    """A frame of CAN FD, whose length must be one that there is."""
    return struct.pack(">IBBxx", identifier, len(data), flags) + data


def usb(kind, transfer, endpoint, bus, device, number, setup=b"", data=b"", length=None, status=0):
    """A record of usbmon: kind is S or C, number the id of its URB."""
    return struct.pack("<QBBBBHBBqiiII", number, ord(kind), transfer, endpoint, device, bus,
                       0 if setup else ord("-"), 0 if data else ord("<"), 1000, 0, status,
                       len(data) if length is None else length, len(data)) \
        + setup.ljust(8, b"\0") + bytes(16) + data


def control(bus, device, number, setup, answer=None, data=b""):
    """A control transfer to a device, both its records; with an answer it is an IN transfer."""
    endpoint = 0x80 if answer is not None else 0
    length = struct.unpack("<BBHHH", setup)[4]
    submitted = usb("S", CONTROL, endpoint, bus, device, number, setup, data, length,
                    status=-115)
    completed = usb("C", CONTROL, endpoint, bus, device, number, b"", answer or b"",
                    len(answer) if answer is not None else length)
    return [submitted, completed]
