# SPDX-License-Identifier: GPL-2.0-or-later
"""USB as usbmon's text files tell it: the same session as the kernel's binary records."""
import os
import pathlib
import struct
import subprocess
import unittest

import program

CAPTURES = pathlib.Path(os.environ["BOOTTAP_CAPTURES"])

# As drivers/usb/mon/mon_text.c prints them, and no more of the data
COLLECTED = 32


def records(capture):
    """The records of a pcap file of LINKTYPE_USB_LINUX_MMAPPED, little-endian."""
    data = capture.read_bytes()
    at = 24
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at + 16:at + 16 + size]
        at += 16 + size


def text_of(capture, form="u", stamps=True, first=0):
    """The capture as usbmon's text file of a form has it, its clock moved."""
    start = None
    lines = []
    for record in records(capture):
        (tag, kind, transfer, endpoint, device, bus, no_setup, no_data, seconds, micros, status,
         length, captured) = struct.unpack_from("<QcBBBHccqiiII", record)
        us = seconds * 1000000 + micros
        start = us if start is None else start
        words = [f"{tag:x}"]
        if stamps:
            words.append(str((us - start + first) % 2**32))
        inward = record[40] if transfer == 2 and no_setup == b"\0" else endpoint
        direction = "i" if inward & 0x80 else "o"
        where = f"{'ZICB'[transfer]}{direction}:"
        number = endpoint & 0x7f
        where += f"{bus}:{device:03}:{number}" if form == "u" else f"{device:03}:{number:02}"
        words += [kind.decode(), where]
        if no_setup == b"\0":
            words.append("s %02x %02x %04x %04x %04x" % struct.unpack_from("<BBHHH", record, 40))
        else:
            words.append(f"{status}:8" if transfer == 1 and form == "u" else str(status))
        words.append(str(length))
        if length > 0 and no_data == b"\0":
            data = record[64:64 + min(captured, COLLECTED)].hex()
            words += ["="] + [data[i:i + 8] for i in range(0, len(data), 8)]
        elif length > 0:
            words.append(no_data.decode())
        lines.append(" ".join(words))
    return "\n".join(lines) + "\n"


# What does not depend on the data behind the first 32 bytes, nor on the file's clock
TOLD = ("link", "n", "command", "opcode", "status", "phase", "address", "length", "erase", "pages",
        "first_packet", "last_packet", "dfu_state", "dfu_status", "polls", "busy_ms", "duration")


class Usbmon(program.TestCase):
    def transactions(self, path, told=TOLD):
        out = self.boottap("decode", "--json", path)[1]
        return [{key: one[key] for key in told if key in one}
                for one in program.objects(out) if one["type"] == "transaction"]

    def written(self, text):
        path = self.folder / "usbmon.txt"
        path.write_text(text)
        return path

    def test_dfu_sessions(self):
        for name in ("dfu-download", "dfu-erase-busy", "dfu-read-protected", "dfu-unplug",
                     "dfu-stall-busy", "dfu-failed-transfers", "dfu-no-answer", "dfu-leave-failed",
                     "dfu-option-bytes", "dfu-get"):
            capture = CAPTURES / (name + ".pcap")
            with self.subTest(name):
                self.assertEqual(self.transactions(self.written(text_of(capture))),
                                 self.transactions(capture))

    def test_adapters(self):
        """Of what is longer than 32 bytes the end is not known; all of it is told as such."""
        keys = tuple(key for key in TOLD if key not in ("length", "status", "phase"))
        for name in ("adapter-ftdi", "adapter-cdc-acm", "adapter-cp210x", "adapter-ch34x",
                     "adapter-pl2303"):
            capture = CAPTURES / (name + ".pcap")
            with self.subTest(name):
                self.assertEqual(
                    [one["command"] for one in self.transactions(self.written(text_of(capture)), keys)],
                    [one["command"] for one in self.transactions(capture, keys)])

    def test_the_clock_begins_anew(self):
        capture = CAPTURES / "dfu-download.pcap"
        self.assertEqual(self.transactions(self.written(text_of(capture, first=2**32 - 300000))),
                         self.transactions(capture))

    def test_without_buses(self):
        capture = CAPTURES / "dfu-download.pcap"
        keys = tuple(key for key in TOLD if key != "link")
        path = self.written(text_of(capture, form="t"))
        self.assertEqual(self.transactions(path, keys), self.transactions(capture, keys))
        self.assertEqual(self.transactions(path)[0]["link"], "usb:0.12")

    def test_without_times(self):
        """As in a post: nothing is said about waits then."""
        capture = CAPTURES / "dfu-download.pcap"
        keys = tuple(key for key in TOLD if key not in ("duration", "busy_ms"))
        path = self.written(text_of(capture, stamps=False))
        self.assertEqual(self.transactions(path, keys), self.transactions(capture, keys))
        self.assertNotIn("did not wait", self.boottap("diagnose", path)[1])

    def test_quoted_and_broken_lines(self):
        """As in a mail, whose program broke lines after the groups of data that still fitted."""
        capture = CAPTURES / "dfu-download.pcap"
        lines = []
        for line in text_of(capture).splitlines():
            while len(line) > 100:
                cut = line.rindex(" ", 0, 100)
                lines.append(line[:cut])
                line = line[cut + 1:]
            lines.append(line)
        quoted = "\r\n\r\n".join("> > " + line for line in lines)
        path = self.written("On Friday somebody wrote:\r\n" + quoted + "\r\nAny idea?\r\n")
        self.assertEqual(self.transactions(path), self.transactions(capture))


class Packets(program.TestCase):
    def test_split_transactions_are_told(self):
        """SPLIT, SETUP at address 11, its data, ACK: USB 2.0 section 8.4.2; the CRCs by hand."""
        packets = ("780000e8", "2d0b20", "c38006000100001200e0f4", "d2")
        data = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 295)
        for n, packet in enumerate(map(bytes.fromhex, packets)):
            data += struct.pack("<IIII", 1, n, len(packet), len(packet)) + packet
        (self.folder / "split.pcap").write_bytes(data)
        status, out, err = self.boottap("decode", "split.pcap")
        self.assertEqual((status, out), (0, ""))
        self.assertIn("no bootloader traffic found in its 4 packets", err)
        self.assertIn("1 for a hub that splits transactions, which boottap does not follow: record between "
                      "hub and device", err)

    def test_tshark_sees_the_same_requests(self):
        """Of macOS and of the cable, as of usbmon: every setup packet, and no wrong CRC."""
        program.need("tshark")

        def asked(name, field, *filters):
            run = subprocess.run(["tshark", "-r", CAPTURES / name, "-T", "fields", "-e", field,
                                  *filters], text=True, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, timeout=program.PATIENCE, check=True)
            return [line for line in run.stdout.splitlines() if line]

        usbmon = asked("dfu-download.pcap", "usb.bmRequestType")
        self.assertGreater(len(usbmon), 40)
        for name in ("dfu-download-darwin.pcap", "dfu-download-packets.pcap"):
            with self.subTest(name):
                self.assertEqual(asked(name, "usb.bmRequestType"), usbmon)
        for wrong in ("usbll.crc5.status == 0", "usbll.crc16.status == 0"):
            self.assertEqual(asked("dfu-download-packets.pcap", "frame.number", "-Y", wrong), [])


if __name__ == "__main__":
    unittest.main()
