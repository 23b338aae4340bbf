# SPDX-License-Identifier: GPL-2.0-or-later
"""Starts boottap, flashing tools, and a simulated device on a pseudo-terminal."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "docs"))

PROGRAM = os.environ["BOOTTAP_PROGRAM"]
PTY_DEVICE = os.environ["BOOTTAP_PTY_DEVICE"]
SKIPPED = 77
PATIENCE = 60  # seconds: machines may be slow, and a test that waits that long has failed


def need(tool):
    if shutil.which(tool) is None:
        print("skipped: no " + tool)
        sys.exit(SKIPPED)


def await_that(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited in vain: " + what)
        time.sleep(0.02)


def objects(text):
    """The objects of lines, which keep to docs/boottap.schema.json."""
    try:
        import contract
    except ImportError:
        need("python3-jsonschema")
    found = []
    for line in text.splitlines():
        wrong, one = contract.faults(line)
        if wrong:
            raise AssertionError(line + ": " + "; ".join(wrong))
        found.append(one)
    return found


class TestCase(unittest.TestCase):
    """Works in a folder of its own; ends what it started."""
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="boottap-live-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.firmware = self.folder / "fw.bin"
        self.firmware.write_bytes(bytes(i * 7 % 251 for i in range(2000)))

    def start(self, arguments, **options):
        process = subprocess.Popen([str(a) for a in arguments], cwd=self.folder, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, **options)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def boottap(self, *arguments, given=os.devnull):
        """(exit status, standard output, standard error); given is a file for standard input"""
        with open(given, "rb") as stdin:
            run = subprocess.run([PROGRAM, *[str(a) for a in arguments]], cwd=self.folder, text=True,
                                 stdin=stdin, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, timeout=PATIENCE * 3, check=False)
        return run.returncode, run.stdout, run.stderr

    def device(self, *faults, link="port", record=None):
        """A simulated device behind a port; its own record of the line is in record."""
        options = [word for fault in faults for word in ("--fault", fault)]
        if record is not None:
            options += ["--record", record]
        path = self.folder / link
        process = self.start([PTY_DEVICE, "--link", path, *options])
        await_that(lambda: path.exists() or process.poll() is not None, "a device")
        return process

    def unplug(self, device):
        device.terminate()
        device.wait(PATIENCE)

    def decoded(self, capture, *options):
        status, out, err = self.boottap("decode", "--json", *options, capture)
        self.assertEqual((status, err), (0, ""))
        return out

    def briefly(self, text):
        """What was done, without where it was seen."""
        return [(o["command"], o["status"], o.get("address"), o.get("length"), o.get("crc32"))
                for o in objects(text) if "command" in o]

    STM32FLASH = ["stm32flash", "-m", "8n1", "-b", "115200"]
