# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of logic analysers: one session in every format, and what goes wrong on lines."""
import datetime
import gzip
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import unittest
import zipfile

import program
import signals

CAPTURES = pathlib.Path(os.environ["BOOTTAP_CAPTURES"]).resolve()
NAMES = ["D0", "D1"]
MIDNIGHT = datetime.datetime(2025, 3, 15)

# Get (AN3155 section 3.1), Get ID, then a Write Memory of 16 bytes at 0x08000000 (section 3.6).
GREETING = ["> 7f", "< 79", "> 00ff", "< 79 0b 31 00 01 02 11 21 31 43 63 73 82 92 79", "> 02fd",
            "< 79 01 04 10 79"]
DATA = bytes(range(16))  # whose exclusive or is 0, and with 0x0f before it 0x0f
WRITE = ["> 31ce", "< 79", "> 0800000008", "< 79", "> 0f" + DATA.hex() + "0f", "< 79"]
COMMANDS = [("sync", "ok"), ("get", "ok"), ("get-id", "ok"), ("write-memory", "ok")]


def pair(**options):
    host, device = signals.Line(**options), signals.Line(**options)
    return host, device, {">": host, "<": device}


class Levels(program.TestCase):
    def transactions(self, path, *options):
        status, out, err = self.boottap("decode", "--json", *options, path)
        self.assertIn(status, (0, 1), err)
        return [one for one in map(json.loads, out.splitlines()) if one["type"] == "transaction"]

    def commands(self, path):
        return [(one["command"], one["status"]) for one in self.transactions(path)]

    def notes(self, path):
        out = self.boottap("decode", "--json", path)[1]
        found = []
        for one in map(json.loads, out.splitlines()):
            found += [note["id"] for note in one.get("notes", [])]
        return found

    def settings(self, path):
        """What the records of the capture say of rate and framing."""
        self.boottap("convert", path, "out.pcapng")
        return re.findall(rb"boottap serial: ([0-9?]+ [0-9?.A-Z]+)",
                          (self.folder / "out.pcapng").read_bytes())

    def write_all(self, lines, names, end):
        """The lines in every format that holds them all: their files."""
        folder = self.folder
        signals.write_sr(folder / "two.sr", lines, names, 2000000, end)
        signals.write_sr(folder / "one.sr", lines, names, 2000000, end, unit_size=2, version=1)
        signals.write_vcd(folder / "simulator.vcd", lines, names, end)
        signals.write_vcd(folder / "sigrok.vcd", lines, names, end, sigrok=True, unit=1e-6,
                          timescale="1 us")
        signals.write_sigrok_csv(folder / "sigrok.csv", lines, names, 2000000, end)
        signals.write_saleae_csv(folder / "saleae.csv", lines, names, end, start=-0.25)
        signals.write_saleae_iso_csv(folder / "iso.csv", lines, names, end, MIDNIGHT)
        signals.write_kingst_csv(folder / "kingst.csv", lines, names, end, start=-0.25)
        signals.write_dsview_csv(folder / "dsview.csv", lines, names, 10000000, end)
        signals.write_dsview_csv(folder / "comma.csv", lines, names, 10000000, end, comma=True)
        signals.write_dsview_csv(folder / "original.csv", lines, names, 2000000, end, original=True)
        return [folder / name for name in ("two.sr", "one.sr", "simulator.vcd", "sigrok.vcd",
                                           "sigrok.csv", "saleae.csv", "iso.csv", "kingst.csv",
                                           "dsview.csv", "comma.csv", "original.csv")]

    def test_one_session_in_every_format(self):
        host, device, lines = pair()
        end = signals.exchange(lines, GREETING + WRITE)
        want = None
        for path in self.write_all([host, device], NAMES, end):
            with self.subTest(path.name):
                got = self.transactions(path)
                self.assertEqual([(one["command"], one["status"]) for one in got], COMMANDS)
                for one in got:
                    # A sample is half a microsecond, or one.
                    self.assertAlmostEqual(one.pop("duration"), 0, delta=0.01)
                    for key in ("time", "time_ns", "offset", "offset_ns"):
                        one.pop(key, None)
                self.assertEqual((got[3]["address"], got[3]["length"], got[2]["pid"]),
                                 (0x08000000, 16, 0x410))
                want = want or got
                self.assertEqual(got, want)
                self.assertEqual(self.settings(path), [b"115200 8E?"])
        self.assertEqual(want[0]["link"], "serial:D0+D1")

    def test_times_of_the_calendar(self):
        """Sync is said 1 ms after the beginning; 2025-03-14 23:59:59 UTC is 1741996799."""
        host, device, lines = pair()
        end = signals.exchange(lines, GREETING, at=1.001)
        for zone, seconds in ("", 0), ("Z", 0), ("+00:00", 0), ("+02:00", -7200), ("-05:30", 19800):
            with self.subTest(zone):
                signals.write_saleae_iso_csv(self.folder / "iso.csv", [host, device], NAMES, end,
                                             MIDNIGHT - datetime.timedelta(seconds=1), zone)
                got = self.transactions("iso.csv")
                self.assertEqual([one["command"] for one in got], ["sync", "get", "get-id"])
                # The record begins with the start bit.
                self.assertEqual(got[0]["time_ns"], (1741996799 + 1 + seconds) * 10 ** 9 + 10 ** 6)

    def test_tables_with_other_marks(self):
        """As spreadsheets save them again, and as sigrok writes them when asked."""
        host, device, lines = pair()
        end = signals.exchange(lines, GREETING)
        path = self.folder / "table.csv"
        signals.write_saleae_csv(path, [host, device], NAMES, end)
        plain = path.read_text()
        signals.write_sigrok_csv(path, [host, device], NAMES, 1000000, end)
        samples = path.read_text()
        rows = plain.split("\n", 1)[1]
        for text in (plain.replace(",", ";").replace(".", ","), plain.replace(",", "\t"),
                     '"Time [s]","D0, of the host","D1"\n' + rows,
                     samples.replace("logic,logic", "logic;logic").replace("0,", "0;").replace("1,", "1;")):
            path.write_text(text)
            with self.subTest(text[:40]):
                self.assertEqual(self.commands("table.csv"), COMMANDS[:3])

    def test_samples(self):
        """Those that hold both lines."""
        samples = [path for path in (CAPTURES / "logs").glob("levels-*") if path.suffix != ".bin"]
        self.assertGreater(len(samples), 10)
        for sample in samples:
            with self.subTest(sample.name):
                self.assertEqual(self.commands(sample), COMMANDS[:3] + [("read-memory", "nack")])

    def test_one_line_alone(self):
        host, _, lines = pair()
        end = signals.exchange(lines, GREETING + WRITE)
        for version in 0, 1:
            signals.write_saleae_binary(self.folder / "host.bin", host, end, version)
            status, out, err = self.boottap("decode", "host.bin")
            self.assertEqual(status, 0)
            self.assertIn("one direction only", err)
            self.assertIn("Get ID", out)
        signals.write_sr(self.folder / "host.sr", [host], ["RX of the MCU"], 1000000, end)
        self.assertEqual([one["command"] for one in self.transactions("host.sr")][:3],
                         ["sync", "get", "get-id"])

    def test_raw_data_whose_times_go_back(self):
        """What stands before is decoded, and the place is named."""
        host, _, lines = pair()
        end = signals.exchange(lines, GREETING + WRITE)
        signals.write_saleae_binary(self.folder / "host.bin", host, end)
        with open(self.folder / "host.bin", "r+b") as file:
            file.seek(36)  # the number of changes
            file.write(struct.pack("<Q", len(host.edges) + 1))
            file.seek(0, os.SEEK_END)
            file.write(struct.pack("<d", 0.0))
        _, out, err = self.boottap("decode", "host.bin")
        self.assertIn("a change in it is at no possible time", err)
        self.assertIn("Get ID", out)

    def test_both_sides_on_one_line(self):
        line = signals.Line()
        end = signals.exchange({">": line, "<": line}, GREETING + WRITE)
        signals.write_sr(self.folder / "merged.sr", [line], NAMES[:1], 1000000, end)
        self.assertEqual(self.commands("merged.sr"), COMMANDS)

    def test_rates(self):
        for baud, rate in ((1200, 50000), (57600, 24000000), (100000, 4000000), (921600, 4000000),
                           (3000000, 24000000)):
            with self.subTest(baud):
                host, device, lines = pair(baud=baud)
                end = signals.exchange(lines, GREETING + WRITE)
                signals.write_sr(self.folder / "rate.sr", [host, device], NAMES, rate, end)
                self.assertEqual(self.commands("rate.sr"), COMMANDS)
                self.assertEqual(self.settings("rate.sr"), [b"%d 8E?" % baud])

    def test_a_device_that_is_off_by_two_percent(self):
        for factor in 0.98, 1.02:
            host, device, lines = pair()
            device.bit *= factor
            end = signals.exchange(lines, GREETING + WRITE)
            signals.write_sr(self.folder / "drift.sr", [host, device], NAMES, 1000000, end)
            self.assertEqual(self.commands("drift.sr"), COMMANDS)

    def test_framing_is_judged(self):
        for framing, inverted in (("8N1", False), ("8O1", True), ("8E1", True)):
            with self.subTest(framing):
                host, device, lines = pair(framing=framing, inverted=inverted)
                end = signals.exchange(lines, GREETING[:2] + ["> 00ff", "< 1f"])
                signals.write_vcd(self.folder / "framing.vcd", [host, device], NAMES, end)
                self.assertEqual(self.settings("framing.vcd"), [b"115200 " + framing[:2].encode() + b"?"])
                out = self.boottap("diagnose", "framing.vcd")[1]
                self.assertEqual("[port-without-parity]" in out, framing != "8E1")

    def test_errors_of_the_line(self):
        host, device, lines = pair()
        at = signals.exchange(lines, GREETING)
        at = host.send(at, b"\x31\xce", parity_errors=(0,)) + 0.001
        at = device.send(at, b"\x1f", framing_errors=(0,)) + 0.001
        host.brk(at, 0.005)
        host.glitch(at + 0.006, 1e-6)
        end = signals.exchange(lines, ["> 02fd", "< 79 01 04 10 79"], at + 0.01)
        for path in self.write_all([host, device], NAMES, end):
            with self.subTest(path.name):
                notes = self.notes(path)
                for note in "parity-error", "framing-error", "break":
                    self.assertEqual(notes.count(note), 1, note)
                self.assertEqual(self.commands(path),
                                 COMMANDS[:3] + [("write-memory", "nack"), ("get-id", "ok")])

    def test_rates_one_after_the_other(self):
        host, device, lines = pair(baud=9600)
        host.send(0.001, b"\x7f")
        host.send(0.6, b"\x7f")
        host.bit = device.bit = 1 / 115200
        end = signals.exchange(lines, GREETING + WRITE, 1.5)
        signals.write_sr(self.folder / "rates.sr", [host, device], NAMES, 1000000, end)
        self.assertEqual(self.settings("rates.sr"), [b"9600 8??", b"115200 8E?"])
        self.assertEqual(self.commands("rates.sr"), COMMANDS)

    def test_who_the_host_is(self):
        """Neither the order of channels nor their names matter, as long as both speak."""
        for names in ["TX", "RX"], ["RX", "TX"], ["a", "b"]:
            host, device, lines = pair()
            end = signals.exchange(lines, GREETING + WRITE)
            for both in [host, device], [device, host]:
                signals.write_saleae_csv(self.folder / "who.csv", both, names, end)
                self.assertEqual(self.commands("who.csv"), COMMANDS)

    def test_many_channels(self):
        """Two conversations, a clock, noise, a reset line, and channels that are not connected."""
        host, device, lines = pair()
        host2, device2, lines2 = pair(baud=57600)
        end = max(signals.exchange(lines, GREETING + WRITE * 2), signals.exchange(lines2, GREETING + WRITE))
        clock, noise, reset = signals.Line(), signals.Line(), signals.Line()
        seed = 1
        for n in range(int(end / 1.1e-6)):
            clock.level(n * 1.1e-6, n % 2 == 0)
            seed = (seed * 1103515245 + 12345) % 2 ** 31
            noise.level(n * 1.1e-6, seed >> 16 & 1 == 1)
        reset.brk(0.0001, 0.0005)
        signals.write_sr(self.folder / "many.sr",
                         [clock, device, host2, noise, reset, device2, host, signals.Line()],
                         ["CLK", "A", "B", "D3", "NRST", "E", "F", "D7"], 4000000, end)
        links = {}
        for one in self.transactions("many.sr"):
            links.setdefault(one["link"], []).append((one["command"], one["status"]))
        self.assertEqual(links, {"serial:F+A": COMMANDS[:3] + COMMANDS[3:] * 2, "serial:B+E": COMMANDS})
        self.assertIn("no UART was found on channels that change, left out: CLK, D3",
                      self.boottap("decode", "many.sr")[2])

    def test_control_lines(self):
        host, device, lines = pair()
        rts = signals.Line()
        rts.brk(0.0002, 0.0003)
        end = signals.exchange(lines, GREETING)
        signals.write_vcd(self.folder / "lines.vcd", [host, device, rts], NAMES + ["RTS"], end)
        self.assertEqual(self.commands("lines.vcd"), COMMANDS[:3])
        self.boottap("convert", "lines.vcd", "out.pcapng")
        # RTAC serial: bit 3 of the state is RTS, active where its line is low
        states = [record[9] for record in self.records("out.pcapng")]
        self.assertEqual(states[:3], [8, 0, 0])

    def test_a_silent_device(self):
        """Its line is there, and idle: that it says nothing is a finding."""
        host, device = signals.Line(), signals.Line()
        for n in range(3):
            host.send(0.001 + n * 0.5, b"\x7f")
        signals.write_sr(self.folder / "silent.sr", [host, device], NAMES, 1000000, 2)
        status, out, _ = self.boottap("diagnose", "silent.sr")
        self.assertEqual(status, 1)
        self.assertIn("[no-answer-to-sync]", out)

    def test_what_is_pasted(self):
        host, device, lines = pair()
        end = signals.exchange(lines, GREETING)
        path = self.folder / "text"
        for write in (signals.write_saleae_csv, signals.write_vcd):
            write(path, [host, device], NAMES, end)
            text = path.read_bytes()
            for changed in (text.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + text,
                            text.replace(b"\n", b"\n\n"), b"> " + text.replace(b"\n", b"\n> "),
                            b"\xe4hnlich:\n" + text):
                path.write_bytes(changed)
                with self.subTest(changed[:20]):
                    self.assertEqual(self.commands("text"), COMMANDS[:3])

    def test_archives_that_are_no_files(self):
        host, device, lines = pair()
        end = signals.exchange(lines, GREETING)
        path = self.folder / "a.sr"
        signals.write_sr(path, [host, device], NAMES, 1000000, end)
        (self.folder / "a.sr.gz").write_bytes(gzip.compress(path.read_bytes()))
        self.assertEqual(self.commands("a.sr.gz"), COMMANDS[:3])
        run = subprocess.run([program.PROGRAM, "decode", "-"], input=path.read_bytes(), check=False,
                             stdout=subprocess.PIPE, timeout=program.PATIENCE)
        self.assertIn(b"Get ID", run.stdout)
        with open(path, "rb") as file:
            run = subprocess.run([program.PROGRAM, "decode", "-"], stdin=file, check=False,
                                 stdout=subprocess.PIPE, timeout=program.PATIENCE)
        self.assertIn(b"Get ID", run.stdout)

    def refused(self, name, words):
        status, out, err = self.boottap("decode", name)
        self.assertEqual((status, err.split("\n")[0][:len("boottap: ")]), (2, "boottap: "), out)
        self.assertIn(words, err)
        return out

    def test_what_holds_nothing(self):
        folder = self.folder
        idle = [signals.Line(), signals.Line()]
        signals.write_sr(folder / "idle.sr", idle, NAMES, 1000000, 0.1)
        self.refused("idle.sr", "none of its channels changes")
        signals.write_sr(folder / "next.sr", idle, NAMES, 1000000, 0.1, version=3)
        self.refused("next.sr", "version 3")
        with zipfile.ZipFile(folder / "analogue.sr", "w") as archive:
            archive.writestr("version", "2")
            archive.writestr("metadata", "[device 1]\nsamplerate=1 MHz\ntotal analog=1\nanalog1=A0\n")
            archive.writestr("analog-1-1-1", bytes(400))
        self.refused("analogue.sr", "analogue channels only")
        (folder / "volts.csv").write_text("Time [s],Channel 0\n0.0,3.29\n0.001,0.12\n")
        self.refused("volts.csv", "no levels of a digital channel")
        (folder / "analogue.bin").write_bytes(b"<SALEAE>" + bytes([0, 0, 0, 0, 1, 0, 0, 0]))
        self.refused("analogue.bin", "not digital")
        clock = signals.Line()
        for n in range(1000):
            clock.level(n * 1e-5, n % 2 == 0)
        signals.write_sr(folder / "clock.sr", [clock], ["CLK"], 1000000, 0.01)
        self.refused("clock.sr", "none of its channels carries a UART")
        with zipfile.ZipFile(folder / "logic.sal", "w") as archive:
            archive.writestr("meta.json", "{}")
        self.refused("logic.sal", "Export Raw Data")

    def test_archives_that_are_damaged(self):
        host, device, lines = pair()
        end = signals.exchange(lines, GREETING + WRITE)
        path = self.folder / "whole.sr"
        signals.write_sr(path, [host, device], NAMES, 1000000, end, piece=10000)
        whole = path.read_bytes()
        (self.folder / "cut.sr").write_bytes(whole[:len(whole) // 2])
        self.refused("cut.sr", "damaged or cut short")
        # the last piece's data: what was before it is read
        place = whole.rfind(b"PK\3\4") + 50
        (self.folder / "hurt.sr").write_bytes(whole[:place] + b"\xff" * 8 + whole[place + 8:])
        self.assertIn("Sync", self.refused("hurt.sr", "its samples are damaged"))

    def peak(self, path):
        """KiB of memory that decode takes at most."""
        run = subprocess.run(
            [sys.executable, "-c", "import resource, subprocess, sys\n"
             "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
             program.PROGRAM, "decode", str(path)], stdout=subprocess.PIPE, check=True,
            timeout=program.PATIENCE)
        return int(run.stdout)

    def test_memory_is_bounded(self):
        """Fifty million samples that do not change: a night, or a bomb."""
        host, device, lines = pair()
        end = signals.exchange(lines, GREETING)
        path = self.folder / "long.sr"
        signals.write_sr(path, [host, device], NAMES, 1000000, end, piece=10 ** 9)
        before = self.peak(path)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            with archive.open("logic-1-2", "w") as file:
                for _ in range(50):
                    file.write(b"\3" * 1000000)
        self.assertEqual(self.commands(path), COMMANDS[:3])
        self.assertLess(self.peak(path), before + 20 * 1024)

    def test_a_real_rom_on_a_usb_cable(self):
        """D+ and D- at 50 MHz, against the same traffic as usbmon has it."""
        folder = CAPTURES.parents[1] / "shared" / "captures"
        if not folder.is_dir():
            self.skipTest("no " + str(folder))
        found = []
        for name in "stm32_dfu_install.sr", "stm32_dfu_install.usbmon-fixed.pcap":
            found.append([[one.get(key) for key in ("command", "status", "address", "length", "crc32", "pages")]
                          for one in self.transactions(folder / name)])
        self.assertEqual(len(found[0]), 44)
        self.assertEqual(*found)

    def test_sigrok_reads_the_same(self):
        if shutil.which("sigrok-cli") is None:
            self.skipTest("no sigrok-cli")
        host, device, lines = pair(baud=57600)
        end = signals.exchange(lines, GREETING + WRITE)
        signals.write_sr(self.folder / "oracle.sr", [host, device], NAMES, 1000000, end)
        signals.write_vcd(self.folder / "oracle.vcd", [host, device], NAMES, end, sigrok=True, unit=1e-6,
                          timescale="1 us")
        for name in "oracle.sr", "oracle.vcd":
            theirs = []
            for channel in NAMES:
                out = subprocess.run(
                    ["sigrok-cli", "-i", name, "-P",
                     f"uart:rx={channel}:baudrate=57600:parity=even", "-A", "uart=rx-data"],
                    cwd=self.folder, stdout=subprocess.PIPE, text=True, check=True,
                    timeout=program.PATIENCE).stdout
                theirs.append(re.findall(r"uart-1: ([0-9A-F]{2})", out))
            out = self.boottap("decode", "-x", name)[1]
            self.assertGreater(len(theirs[0]), 20)
            self.boottap("convert", name, "out.pcapng")
            ours = self.bytes_of("out.pcapng")
            self.assertEqual(ours, theirs)

    def bytes_of(self, name):
        """The bytes of RTAC records in a pcapng file, of the host and of the device."""
        found = [[], []]
        for record in self.records(name):
            if record[8] in (1, 2):
                found[record[8] - 1] += [f"{byte:02X}" for byte in record[12:]]
        return found

    def records(self, name):
        """The packets of a pcapng file."""
        content = (self.folder / name).read_bytes()
        found = []
        at = 0
        while at < len(content):
            kind, length = (int.from_bytes(content[at + n:at + n + 4], "little") for n in (0, 4))
            if kind == 6:
                captured = int.from_bytes(content[at + 20:at + 24], "little")
                found.append(content[at + 28:at + 28 + captured])
            at += length
        return found


if __name__ == "__main__":
    unittest.main()
