# SPDX-License-Identifier: GPL-2.0-or-later
"""pcapng files with many interfaces: the plugin names links as boottap decode does."""
import pathlib
import struct
import tempfile
import unittest

import foreign
import wireshark

ETHERNET = 1
NAME, DESCRIPTION, FLAGS = 2, 3, 2
OUTBOUND = struct.pack("<I", 2)

# A Get Version on CAN FD (AN5405 section 3.2) and on a serial line (AN3155 section 3.2).
CAN = [foreign.fd(1, data) for data in (b"", b"\x79", b"\x11", b"\x79")]
SERIAL = [bytes(8) + event + bytes(3) + data for event, data in (
    (b"\x01", b"\x7f"), (b"\x02", b"\x79"), (b"\x01", b"\x01\xfe"), (b"\x02", b"\x79\x31\0\0\x79"))]


def block(kind, body):
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def options(values):
    parts = [struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)
             for code, value in values.items()]
    return b"".join(parts) + bytes(4)


def section():
    return block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1))


def interface(linktype, **texts):
    codes = {"name": NAME, "description": DESCRIPTION}
    values = {codes[key]: text.encode() for key, text in texts.items()}
    return block(1, struct.pack("<HHI", linktype, 0, 0) + options(values))


def packets(number, records, flags=None):
    written = b""
    for i, data in enumerate(records):
        padded = data + bytes(-len(data) % 4)
        written += block(6, struct.pack("<IIIII", number, 0, i, len(data), len(data)) + padded +
                         options({} if flags is None else {FLAGS: flags}))
    return written


class Interfaces(wireshark.TestCase):
    def links(self, content):
        """Names of links of both, which must be the same."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / (self.id().rsplit(".", 1)[1] + ".pcapng")
            path.write_bytes(content)
            told = self.wireshark.told_all([path])[path]
            decoded = wireshark.told_transactions(wireshark.decoded(path))
        self.assertEqual(told.transactions, decoded)
        return sorted({t.link for t in decoded})

    def test_names(self):
        self.assertEqual(
            self.links(section() + interface(foreign.SOCKETCAN, name="can0", description="bus") +
                       interface(ETHERNET, name="eth0") +
                       interface(foreign.RTAC, name="ttyUSB0") +
                       interface(foreign.SOCKETCAN, description="only a description") +
                       interface(foreign.SOCKETCAN) +
                       packets(0, CAN) + packets(1, [bytes(14)]) + packets(2, SERIAL) +
                       packets(3, CAN) + packets(4, CAN)),
            ["can:3", "can:4", "can:can0", "serial:ttyUSB0"])

    def test_outgoing_frames_are_the_hosts(self):
        """Answers with the host's identifier: only the direction tells who sends."""
        self.assertEqual(
            self.links(section() + interface(foreign.SOCKETCAN, name="can0") +
                       packets(0, CAN[:1], OUTBOUND) + packets(0, CAN[1:])),
            ["can:can0"])

    def test_sections(self):
        """Wireshark 4.0 looks names of later sections up in the first: both have the same here."""
        one = section() + interface(foreign.SOCKETCAN, name="can0") + packets(0, CAN)
        self.assertEqual(self.links(one + one), ["can:can0"])


if __name__ == "__main__":
    unittest.main()
