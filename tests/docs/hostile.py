# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that a terminal would obey, and times that no clock shows, in every command.

usage: hostile.py BOOTTAP CAPTURES
"""
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

PROGRAM, CAPTURES = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
# ESC, BEL, C1 CSI, right-to-left override, isolate, U+FFFE and U+FFFF, a surrogate, a byte that is no UTF-8
NAME = b"a\x1b[31m\x07\xc2\x9b2J\xe2\x80\xaegnp\xe2\x81\xa6\xef\xbf\xbe\xef\xbf\xbf\xed\xa0\x80\xff<&\">.pcap"
HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufffe\uffff]")


class Hostile(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="boottap-words-")
        self.addCleanup(shutil.rmtree, self.folder)

    def boottap(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=100)

    def place(self, sample, name):
        shutil.copyfile(CAPTURES / sample, self.folder.encode() + b"/" + name)
        return name

    def shown(self, *arguments, tabs=b""):
        done = self.boottap(*arguments)
        for stream in done.stdout, done.stderr:
            # strict: no byte that is no UTF-8, no lone surrogate
            text = stream.replace(tabs, b"").decode("utf-8") if tabs else stream.decode("utf-8")
            self.assertIsNone(HIDDEN.search(text), (arguments, text))
        return done

    def test_names_of_files_reach_no_terminal(self):
        good = self.place("usart-checksum.pcap", NAME)
        other = self.place("usart-nack-phases.pcap", b"\xe2\x80\xaeb" + NAME)
        missing = b"\x1b[2J\xe2\x80\xae" + NAME
        for options in ([], ["-q"], ["--json"], ["-s"], ["-q", "-s"], ["--junit=-"], ["--effect"], ["--effect", "-q"]):
            self.shown("diff", *options, good, other, tabs=b"\t")
            self.shown("diff", *options, good, good, tabs=b"\t")
        for command in (["decode"], ["decode", "--json"], ["decode", "-x"], ["decode", "--summary"], ["diagnose"],
                        ["diagnose", "--json"]):
            self.shown(*command, good, other)
            self.shown(*command, missing)
        for command in (["extract", good, "--map"], ["extract", good, "--map", "--json"], ["replay", good],
                        ["replay", "--json", good], ["report", good, "-o", b"r" + NAME], ["annotate", good, b"n" + NAME],
                        ["diagnose", "--expect", other, good], ["list", missing], [missing], ["help", missing],
                        ["decode", b"--\x1b[31m"], ["live", b"serial:/\x1b[31m\xe2\x80\xae"]):
            self.shown(*command)
        page = pathlib.Path(self.folder.encode().decode()).joinpath(
            (b"r" + NAME).decode("utf-8", "surrogateescape")).read_text(encoding="utf-8")
        self.assertIsNone(HIDDEN.search(page.replace("\t", "")))

    def test_quiet_diff_escapes_what_it_names(self):
        good = self.place("usart-checksum.pcap", b"\x1b[31m\xe2\x80\xae.pcap")
        other = self.place("usart-nack-phases.pcap", b"b.pcap")
        self.assertTrue(self.boottap("diff", "-q", good, other).stdout.startswith(
            b"\\x1b[31m\\u202e.pcap and b.pcap differ: "))

    def test_junit_is_well_formed_and_its_totals_are_sums(self):
        good = self.place("usart-checksum.pcap", NAME)
        other = self.place("usart-nack-phases.pcap", b"b" + NAME)
        for options in ([], ["--effect"]):
            done = self.boottap("diff", "--junit=-", *options, good, other)
            root = xml.etree.ElementTree.fromstring(done.stdout)
            self.assertEqual(root.tag, "testsuites")
            cases = list(root.iter("testcase"))
            failures = list(root.iter("failure"))
            if not options:
                self.assertTrue(failures)
            self.assertEqual(int(root.get("tests")), len(cases))
            self.assertEqual(int(root.get("failures")), len(failures))
            self.assertEqual(int(root.get("errors")), len(list(root.iter("error"))))
            self.assertAlmostEqual(float(root.get("time")),
                                   sum(float(suite.get("time")) for suite in root.iter("testsuite")), 4)
            for failure in failures:
                self.assertRegex(failure.get("message"), r"^(?!\d+ changed).*(->|only in [AB]|written)")

    def test_a_command_that_failed_is_the_cause(self):
        # The same flash, refused in the capture of AN3155's phases; what it was and what became of it.
        done = self.boottap("diff", "--junit=-", CAPTURES / "dfu-download.pcap", CAPTURES / "dfu-write-error.pcap")
        messages = [one.get("message") for one in xml.etree.ElementTree.fromstring(done.stdout).iter("failure")]
        self.assertTrue(any(re.match(r"Write Memory 0x[0-9a-f]{8} .*: ok -> error", text) for text in messages), messages)

    def records(self, sample="usart-checksum.pcap"):
        """Link type and bytes of a little-endian pcap file of microseconds."""
        data = (CAPTURES / sample).read_bytes()
        self.assertEqual(data[:4], b"\xd4\xc3\xb2\xa1")
        found, at = [], 24
        while at < len(data):
            length = struct.unpack_from("<I", data, at + 8)[0]
            found.append(data[at + 16:at + 16 + length])
            at += 16 + length
        return struct.unpack_from("<I", data, 20)[0], found

    def times(self, name):
        done = self.boottap("decode", "--json", name)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line)["time_ns"] for line in done.stdout.splitlines()]

    def pcap(self, part, magic=0xa1b2c3d4, seconds=1000):
        linktype, records = self.records()
        path = pathlib.Path(self.folder, "times.pcap")
        path.write_bytes(struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 65535, linktype) + b"".join(
            struct.pack("<IIII", seconds, part, len(one), len(one)) + one for one in records))
        return path

    def pcapng(self, ticks, resolution):
        linktype, records = self.records()
        def block(kind, body):
            return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)
        path = pathlib.Path(self.folder, "times.pcapng")
        path.write_bytes(block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)) +
                         block(1, struct.pack("<HHI", linktype, 0, 0) + struct.pack("<HHB3xHH", 9, 1, resolution, 0, 0)) +
                         b"".join(block(6, struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xffffffff, len(one), len(one)) +
                                        one + bytes(-len(one) % 4)) for one in records))
        return path

    def test_a_part_of_a_second_means_the_same_everywhere(self):
        second = 10**9
        # A part of two seconds and more is none: 0xffffffff us, and ns
        for magic, part, expected in ((0xa1b2c3d4, 0xffffffff, 1000 * second), (0xa1b23c4d, 0xffffffff, 1000 * second),
                                      (0xa1b2c3d4, 1500000, 1001 * second + second // 2),
                                      (0xa1b23c4d, 1999999999, 1001 * second + 999999999),
                                      (0xa1b2c3d4, 2000000, 1000 * second)):
            self.assertEqual(set(self.times(self.pcap(part, magic))), {expected})
        # annotate and replay read as decode does
        self.boottap("annotate", self.pcap(0xffffffff), "out.pcapng")
        self.assertEqual(set(self.times("out.pcapng")), {1000 * second})
        lines = self.boottap("replay", "--json", self.pcap(0xffffffff)).stdout.splitlines()
        self.assertEqual({json.loads(line)["time_ns"] for line in lines if b'"origin":"recorded"' in line}, {1000 * second})

    def test_times_beyond_the_limits_are_these(self):
        limit = 2**62
        for ticks, resolution, expected in ((2**64 - 1, 9, limit), (2**63 - 1, 6, limit), (2**62, 9, limit),
                                            (2**62 - 1, 9, limit - 1), (2**64 - 1, 0, limit), (2**64 - 1, 0x80, limit)):
            self.assertEqual(set(self.times(self.pcapng(ticks, resolution))), {expected})
            path = self.pcapng(ticks, resolution)
            for command in ("diagnose", "report", "replay"):
                self.assertIn(self.boottap(command, path, *(["-o", "r.html"] if command == "report" else [])).returncode,
                              (0, 1, 2))
            root = xml.etree.ElementTree.fromstring(self.boottap("diff", "--junit=-", path, self.pcap(0)).stdout)
            self.assertGreaterEqual(float(root.get("time")), 0)


unittest.main(argv=sys.argv[:1])
