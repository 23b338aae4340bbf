# SPDX-License-Identifier: GPL-2.0-or-later
"""CAN logs: the same frames in every format, and what other programs read of the same files."""
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import can_logs
import program
from can_logs import Frame

CAPTURES = pathlib.Path(os.environ["BOOTTAP_CAPTURES"])
START = 1741947321 * 10**9  # 2025-03-14 10:15:21 UTC

# What a format cannot tell of a frame.
NO_DIRECTION, NO_TIME, NO_START, NO_CHANNEL, NO_FLAGS, MILLISECONDS, TENTHS = range(7)


def session():
    """Frames of a session in CAN FD; each first one of two was sent."""
    line = re.compile(r"\((\d+)\.(\d{6})\) \w+ ([0-9A-F]+)##(\d)([0-9A-F]*)")
    found = []
    for n, (seconds, micro, number, flags, data) in enumerate(
            line.findall((CAPTURES / "fdcan-flash-candump.log").read_text())):
        found.append(Frame(int(seconds) * 10**9 + int(micro) * 1000, int(number, 16),
                           bytes.fromhex(data), fd=True, brs=flags == "1", sent=n % 2 == 0))
    assert len(found) > 50
    return found


def classic():
    """Frames of the classic kind, in units of 0.1 ms as BUSMASTER has them."""
    shapes = [(0x79, b""), (0x79, b"\x79"), (0x7FF, bytes(range(8))), (0x002, b"\x04\x50")]
    found = [Frame(START + n * 1200000 + n % 2 * 400000, number, data, sent=n % 2 == 0, channel=1 + n % 2)
             for n, (number, data) in enumerate(shapes)]
    found.append(Frame(START + 20 * 10**6, 0x18DAF110, b"\x01\x02", extended=True))
    return found


def odd():
    """What FD and classic frames there are besides."""
    return [Frame(START + n * 10**6 + n % 2 * 300000, number, data, extended, True, brs, esi, False, bool(n % 2))
            for n, (number, data, extended, brs, esi) in enumerate([
                (0x111, b"", False, True, False), (0x111, bytes(12), False, False, False),
                (0x7FF, bytes(range(64)), False, True, True), (0x000, b"\x5A", False, False, True),
                (0x1FFFFFFF, b"\x01", True, True, False)])]


# Each format: what it is called, how it is written, what it cannot tell.
WITH_FD = {
    "candump": (lambda f: can_logs.text(can_logs.candump(f)), {NO_DIRECTION, NO_CHANNEL}),
    "candump-N-x": (lambda f: can_logs.text(can_logs.candump(f, 9, True)), {NO_CHANNEL}),
    "screen": (lambda f: can_logs.text(can_logs.candump_screen(f, "", False)),
               {NO_DIRECTION, NO_CHANNEL, NO_TIME, NO_FLAGS}),
    "screen-ta": (lambda f: can_logs.text(can_logs.candump_screen(f, "a", False)),
                  {NO_DIRECTION, NO_CHANNEL, NO_FLAGS}),
    "screen-tA-x": (lambda f: can_logs.text(can_logs.candump_screen(f, "A")), {NO_CHANNEL}),
    "screen-tz-x": (lambda f: can_logs.text(can_logs.candump_screen(f, "z")), {NO_CHANNEL, NO_START}),
    "screen-td-x": (lambda f: can_logs.text(can_logs.candump_screen(f, "d")), {NO_CHANNEL, NO_START}),
    "screen-a": (lambda f: can_logs.text(can_logs.candump_screen(f, form="a")), {NO_CHANNEL}),
    "screen-i": (lambda f: can_logs.text(can_logs.candump_screen(f, form="i")), {NO_CHANNEL}),
    "screen-S": (lambda f: can_logs.text(can_logs.candump_screen(f, form="S")), {NO_CHANNEL}),
    "asc": (lambda f: can_logs.text(can_logs.asc(f)), set()),
    "asc-decimal-relative": (lambda f: can_logs.text(can_logs.asc(f, True, True)), set()),
    "trc-2.0": (lambda f: can_logs.text(can_logs.trc(f, "2.0")), {NO_CHANNEL}),
    "trc-2.1": (lambda f: can_logs.text(can_logs.trc(f, "2.1")), set()),
    "blf": (can_logs.blf, set()),
    "blf-stored": (lambda f: can_logs.blf(f, 111, 0), set()),
    "slcan": (can_logs.slcan, {NO_DIRECTION, NO_CHANNEL, NO_START, MILLISECONDS}),
}
CLASSIC = {
    "screen-old": (lambda f: can_logs.text(can_logs.candump_old_screen(f)), {NO_DIRECTION, NO_CHANNEL}),
    "trc-1.0": (lambda f: can_logs.text(can_logs.trc(f, "1.0")), {NO_DIRECTION, NO_CHANNEL}),
    "trc-1.1": (lambda f: can_logs.text(can_logs.trc(f, "1.1")), {NO_CHANNEL}),
    "trc-1.3": (lambda f: can_logs.text(can_logs.trc(f, "1.3")), set()),
    "busmaster": (lambda f: can_logs.text(can_logs.busmaster(f)), {TENTHS}),
    "gvret": (lambda f: can_logs.text(can_logs.gvret(f)), set()),
    "gvret-old": (lambda f: can_logs.text(can_logs.gvret(f, False)), {NO_DIRECTION}),
    "kvaser": (lambda f: can_logs.text(can_logs.kvaser(f)), set()),
}


def as_told(frames, lacks):
    """(interface or None, frame) as far as the format tells them."""
    told = []
    for f in frames:
        time = f.time
        if NO_TIME in lacks:
            time = 0
        elif NO_START in lacks:
            time = time // 10**6 - frames[0].time // 10**6 if MILLISECONDS in lacks else time - frames[0].time
            time *= 10**6 if MILLISECONDS in lacks else 1
        elif TENTHS in lacks:
            time = time // 10**5 * 10**5
        esi = f.esi and lacks.isdisjoint((NO_FLAGS, MILLISECONDS))  # slcan has no place for it
        told.append((None if NO_CHANNEL in lacks else str(f.channel),
                     f._replace(time=time, channel=1, sent=f.sent and NO_DIRECTION not in lacks,
                                brs=f.brs and NO_FLAGS not in lacks, esi=esi)))
    return told


class Logs(program.TestCase):
    def write(self, name, content):
        (self.folder / name).write_bytes(content)

    def read(self, name, channels=True):
        """(interface or None, frame) of a log, by way of boottap convert."""
        status, _, err = self.boottap("convert", name, "out.pcapng")
        self.assertEqual((status, err), (0, ""), name)
        return [(interface if channels else None, frame)
                for interface, frame in can_logs.read_pcapng(self.folder / "out.pcapng")]

    def transactions(self, name):
        """What decode tells, but for the interface's name."""
        status, out, err = self.boottap("decode", "--json", name)
        self.assertEqual((status, err), (0, ""), name)
        return out


class Frames(Logs):
    def check(self, formats, frames):
        for name, (write, lacks) in formats.items():
            with self.subTest(name):
                self.write("log", write(frames))
                self.assertEqual(self.read("log", NO_CHANNEL not in lacks), as_told(frames, lacks))

    def test_classic_frames_are_the_same_in_every_format(self):
        self.check(WITH_FD | CLASSIC, classic())

    def test_fd_frames_are_the_same_in_every_format(self):
        self.check(WITH_FD, odd())

    def test_remote_frames(self):
        frames = [Frame(START, 0x79, b"", remote=True, sent=True),
                  Frame(START + 10**6, 0x18DAF110, b"", extended=True, remote=True)]
        formats = WITH_FD | CLASSIC
        del formats["gvret"], formats["gvret-old"]  # have none
        self.check(formats, frames)

    def test_a_session_gives_the_same_transactions(self):
        frames = session()
        self.write("reference", can_logs.text(can_logs.candump(frames)))
        expected = self.briefly(self.transactions("reference"))
        self.assertGreater(len(expected), 8)
        for name, (write, _) in WITH_FD.items():
            with self.subTest(name):
                self.write("log", write(frames))
                self.assertEqual(self.briefly(self.transactions("log")), expected)


class Samples(Logs):
    """The samples of captures/logs tell of one session: Sync, Get ID, a Write that is refused."""

    def test_samples(self):
        samples = sorted((CAPTURES / "logs").glob("can-*"))
        self.assertGreater(len(samples), 15)
        for sample in samples:
            with self.subTest(sample.name):
                status, out, _ = self.boottap("decode", "--json", sample)
                self.assertEqual(status, 0)
                self.assertEqual([(o["command"], o["status"]) for o in program.objects(out)],
                                 [("sync", "ok"), ("get-id", "ok"), ("write-memory", "nack")])


def of_python_can(path):
    """The frames that python-can reads of a file."""
    import can
    found = []
    for m in can.LogReader(str(path)):
        found.append(Frame(0, m.arbitration_id, bytes(m.data), m.is_extended_id, m.is_fd,
                           m.bitrate_switch, m.error_state_indicator, m.is_remote_frame))
    return found


@unittest.skipIf(importlib.util.find_spec("can") is None, "no python-can")
class PythonCan(Logs):
    """python-can reads the same of the same files, and writes what boottap reads."""

    def bare(self, read):
        """Frames without times and directions, of which python-can has its own ideas."""
        return [frame._replace(time=0, sent=False, channel=1) for _, frame in read]

    def test_it_reads_the_same(self):
        mixed = classic() + odd()
        for name, write, frames in (
                ("a.asc", lambda f: can_logs.text(can_logs.asc(f)), mixed),
                ("a.blf", can_logs.blf, mixed), ("b.blf", lambda f: can_logs.blf(f, 100, 0), mixed),
                ("a.log", lambda f: can_logs.text(can_logs.candump(f)), mixed),
                ("a.trc", lambda f: can_logs.text(can_logs.trc(f, "1.1")), classic()),
                ("b.trc", lambda f: can_logs.text(can_logs.trc(f, "2.1")), classic())):
            # It takes an FD frame without data for a remote one, in ASC.
            frames = [f for f in frames if f.data or not f.fd]
            with self.subTest(name):
                self.write(name, write(frames))
                self.assertEqual(self.bare(self.read(name)), of_python_can(self.folder / name))

    def test_it_writes_what_is_read(self):
        import can
        frames = [f for f in classic() + odd() if f.data or not f.fd]
        for name in ("a.asc", "a.blf", "a.log"):
            with self.subTest(name):
                writer = can.Logger(str(self.folder / name))
                for f in frames:
                    writer(can.Message(f.time / 10**9, f.id, f.extended, data=f.data, is_fd=f.fd,
                                       bitrate_switch=f.brs, error_state_indicator=f.esi,
                                       is_rx=not f.sent, channel=0))
                writer.stop()
                self.assertEqual(self.bare(self.read(name)),
                                 [f._replace(time=0, sent=False, channel=1) for f in frames])


@unittest.skipIf(shutil.which("asc2log") is None, "no can-utils")
class CanUtils(Logs):
    """asc2log and log2asc of can-utils."""

    def made(self, *command):
        return subprocess.run([str(word) for word in command], cwd=self.folder, check=True,
                              timeout=program.PATIENCE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, env=dict(os.environ, TZ="UTC", LC_ALL="C")).stdout

    def since_first(self, name):
        frames = [f for _, f in self.read(name)]
        return [f._replace(time=f.time - frames[0].time) for f in frames]

    def test_asc2log_reads_the_same(self):
        frames = [f for f in classic() + odd() if f.channel == 1]
        self.write("a.asc", can_logs.text(can_logs.asc(frames)))
        self.write("a.log", self.made("asc2log", "-I", "a.asc"))
        # Without the locales that it wants, it takes the present for the date.
        self.assertEqual(self.since_first("a.log"), self.since_first("a.asc"))

    def test_log2asc_writes_the_same(self):
        frames = [f for f in classic() + odd() if f.channel == 1]
        self.write("a.log", can_logs.text(can_logs.candump(frames)))
        self.write("a.asc", self.made("log2asc", "-I", "a.log", "can0"))
        self.assertEqual(self.since_first("a.asc"), self.since_first("a.log"))


def tshark_version():
    if shutil.which("tshark") is None:
        return (0, 0)
    run = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=False,
                         timeout=program.PATIENCE)
    return tuple(int(part) for part in re.search(r"(\d+)\.(\d+)", run.stdout).groups())


TSHARK = tshark_version()


@unittest.skipIf(TSHARK < (4, 0), "no tshark 4.0")
class Tshark(Logs):
    def seen(self, name):
        run = subprocess.run(["tshark", "-r", self.folder / name, "-T", "fields", "-e", "can.id",
                              "-e", "can.flags.xtd", "-e", "data.data"], check=True, text=True,
                             capture_output=True, timeout=program.PATIENCE)
        found = []
        for line in run.stdout.splitlines():
            number, extended, data = line.split("\t")
            found.append((int(number, 0), extended == "1", bytes.fromhex(data.replace(":", ""))))
        return found

    def check(self, frames, *names):
        for name in names:
            self.write(name, can_logs.blf(frames) if name.endswith("blf") else
                       can_logs.text(can_logs.candump(frames)))
            with self.subTest(name):
                self.assertEqual([(f.id, f.extended, f.data) for _, f in self.read(name)],
                                 self.seen(name))

    def test_it_reads_the_same_classic_frames(self):
        self.check(classic(), "a.blf", "a.log")

    @unittest.skipIf(TSHARK < (4, 4), "before 4.4 it takes FD in BLF for classic")
    def test_it_reads_the_same_fd_frames(self):
        self.check(odd(), "a.blf", "a.log")


if __name__ == "__main__":
    unittest.main()
