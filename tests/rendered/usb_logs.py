# SPDX-License-Identifier: GPL-2.0-or-later
"""Traffic of a USB bus as usbmon's text has it."""
import struct

# Bytes of data in a line
LIMIT = 32


def line(urb):
    """Documentation/usb/usbmon.rst of the kernel: "Raw text data format"."""
    (tag, event, transfer, endpoint, device, bus, no_setup, no_data, _, _, status, length, captured) = \
        struct.unpack_from("<QBBBBHBBqiiII", urb.header)
    kind = "ZICB"[transfer] + ("i" if endpoint & 0x80 else "o")
    words = ["%016x" % tag, "%010d" % (urb.time // 1000 % 2**32), chr(event),
             "%s:%d:%03d:%d" % (kind, bus, device, endpoint & 0x7f)]
    if transfer == 2 and event == ord("S") and no_setup == 0:
        request_type, request, value, index, wanted = struct.unpack("<BBHHH", urb.header[40:48])
        words.append("s %02x %02x %04x %04x %04x" % (request_type, request, value, index, wanted))
    else:
        words.append(str(status) + (":8" if transfer == 1 else ""))
    words.append(str(length))
    if no_data == 0 and captured > 0:
        data = urb.data[:LIMIT].hex()
        words += ["=", " ".join(data[i:i + 8] for i in range(0, len(data), 8))]
    elif no_data:
        words.append(chr(no_data))
    return " ".join(words)


def usbmon(urbs):
    return "".join(line(urb) + "\n" for urb in urbs)


def cut(urbs):
    """The same records as far as the lines tell: 32 bytes of data, the lower 32 bits of a time."""
    start = urbs[0].time // 1000 // 2**32 * 2**32 * 1000
    return [(urb.time // 1000 * 1000 - start, 64 + len(urb.data),
             urb.header[:36] + struct.pack("<I", min(len(urb.data), LIMIT)) + urb.header[40:] + urb.data[:LIMIT])
            for urb in urbs]


DARWIN = 266

# IOReturn (IOKit/IOReturn.h, IOKit/usb/USB.h) of what usbmon tells as a negative errno.
RETURNS = {0: 0, -115: 0, -121: 0, -32: 0xe000404f, -2: 0xe00002eb, -104: 0xe00002eb, -108: 0xe00002c0}


def darwin_record(urb, setups, data_of):
    (tag, event, transfer, endpoint, device, bus, no_setup, _, _, _, status, length, _) = \
        struct.unpack_from("<QBBBBHBBqiiII", urb.header)
    data = b""
    if event == ord("S"):
        data_of[tag] = urb.data
        if transfer == 2 and no_setup == 0:
            setups[tag] = data = urb.header[40:48]
    elif endpoint & 0x80:
        data = urb.data
    else:
        data = data_of.pop(tag, b"")
    header = struct.pack("<HBBIIIQIBBBB", 0x0100, 32, event != ord("S"), length, RETURNS[status], 0, tag,
                         bus << 24, 1, device, endpoint, {0: 1, 1: 3, 2: 0, 3: 2}[transfer])
    return urb.time, 32 + len(data), header + data


def darwin(urbs):
    """The same records as macOS captures them: data of both directions stand in the completion."""
    setups, data_of = {}, {}
    return [darwin_record(urb, setups, data_of) for urb in urbs]


def has_darwin(urbs):
    """Whether every outcome has a form there: data that did not go out whole have none, nor have halves."""
    asked = {}
    for urb in urbs:
        tag, event, _, endpoint = struct.unpack_from("<QBBB", urb.header)
        status, length = struct.unpack_from("<iI", urb.header, 28)
        if status not in RETURNS or event == ord("E") or (event == ord("S") and urb.header[15] == ord("D")):
            return False
        if event == ord("S"):
            asked[tag] = length
        elif tag not in asked or (not endpoint & 0x80 and asked.pop(tag) != length):
            return False
    return True
