# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of live sources share: running one, reading what it recorded, pseudo-terminals."""
import fcntl
import json
import os
import pathlib
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
import tty
import unittest

BUILD = pathlib.Path(sys.argv[1]).resolve()
CAPTURES = pathlib.Path(__file__).resolve().parents[2] / "captures"

# Event types of RTAC serial records
STATUS, TRANSMITTED, RECEIVED = 0, 1, 2

# struct termios2: rates that have no name. The kernel's asm-generic/ioctls.h.
TCGETS2 = 0x802C542A
PATIENCE = 20


def await_(condition, what="it"):
    """Polls; machines may be slow."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("%s did not happen" % what)
        time.sleep(0.005)


class Pty:
    """A pseudo-terminal, raw; its slave stays open, so that others may come and go."""

    def __init__(self):
        self.master, self.slave = os.openpty()
        os.set_blocking(self.master, False)
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)
        self.written = 0

    def close(self):
        for fd in (self.master, self.slave):
            os.close(fd)

    def waiting(self, seconds=0.0):
        return bool(select.select([self.master], [], [], seconds)[0])

    def read(self, length, seconds=PATIENCE):
        """So many bytes, or what came until then."""
        data = b""
        end = time.monotonic() + seconds
        while len(data) < length and self.waiting(max(0.0, end - time.monotonic())):
            data += os.read(self.master, length - len(data))
        return data

    def write(self, data):
        while data:
            # In short steps: the kernel does not tell of all room that comes free.
            await_(lambda: select.select([], [self.master], [], 0.01)[1], "writing")
            written = os.write(self.master, data)
            data = data[written:]
            self.written += written

    def rate(self):
        """The output rate of the slave."""
        state = fcntl.ioctl(self.master, TCGETS2, bytes(44))
        return struct.unpack("<4IB19s2I", state)[7]


def readable(fd):
    """Bytes that a program may read from a terminal without waiting."""
    return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, bytes(4)))[0]


def noise_file(path, length):
    """A firmware: numbers, so that no two pages are equal."""
    path.write_text("".join("%d\n" % number for number in range(length))[:length])
    return path


class Recorder:
    """live_source at work on an operand."""

    def __init__(self, operand, *arguments, folder):
        number = len(list(folder.iterdir()))
        self.file = folder / ("recorded%d.pcap" % number)
        self.errors = folder / ("stderr%d" % number)
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [BUILD / "tests/live/live_source", operand, self.file, *arguments],
                stdout=subprocess.PIPE, stderr=errors, text=True)
        self.interface = self.process.stdout.readline()

    def said(self):
        return self.errors.read_text()

    def wait(self):
        """Until it ends by itself. @return its exit status"""
        self.rest = self.process.communicate(timeout=PATIENCE)[0]
        return self.process.returncode

    def stop(self):
        """Ends it. @return its records"""
        if self.process.poll() is None:
            self.process.terminate()
        status = self.wait()
        if status != 0:
            raise AssertionError("live_source ended with %d: %s" % (status, self.said()))
        return self.records()

    def records(self):
        return read_pcap(self.file)

    def await_bytes(self, *ptys):
        """Until all that was written to these is recorded."""
        total = sum(pty.written for pty in ptys)
        await_(lambda: sum(len(data) for _, _, data in self.records()) >= total, "recording")


def read_pcap(path):
    """(time, event, bytes) of each RTAC record."""
    data = pathlib.Path(path).read_bytes()
    if len(data) < 24:
        return []
    resolution = {0xA1B23C4D: 1, 0xA1B2C3D4: 1000}[struct.unpack("<I", data[:4])[0]]
    records = []
    at = 24
    while at + 16 <= len(data):
        seconds, ticks, captured, _ = struct.unpack("<4I", data[at:at + 16])
        record = data[at + 16:at + 16 + captured]
        at += 16 + captured
        # The last one may be on its way.
        if at <= len(data):
            records.append((seconds * 10**9 + ticks * resolution, record[8], record[12:]))
    return records


def bytes_of(records, event):
    return b"".join(data for _, kind, data in records if kind == event)


def transactions(path):
    """What `boottap decode` makes of a recording: without times and packets."""
    run = subprocess.run([BUILD / "sniffer/boottap", "decode", "--json", path], check=True,
                         capture_output=True, text=True)
    keys = ("command", "status", "phase", "address", "length", "crc32", "pages", "erase", "pid",
            "version", "commands")
    return [{key: one[key] for key in keys if key in one}
            for one in map(json.loads, run.stdout.splitlines()) if "command" in one]


class TestCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def pty(self):
        pty = Pty()
        self.addCleanup(lambda: pty.master >= 0 and pty.close())
        return pty

    def record(self, operand, *arguments):
        recorder = Recorder(operand, *arguments, folder=self.folder)
        self.addCleanup(recorder.process.kill)
        return recorder

    def refused(self, operand, *arguments):
        """What it says where it does not start."""
        recorder = self.record(operand, *arguments)
        self.assertEqual(recorder.wait(), 2)
        self.assertEqual(recorder.said().count("\n"), 1, recorder.said())
        return recorder.said()


def main():
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], warnings="ignore")
