# SPDX-License-Identifier: GPL-2.0-or-later
"""proxy: with real tools, and what goes wrong between a tool and its port."""
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import termios
import threading
import time
import tty

import sources
from sources import BUILD, PATIENCE, RECEIVED, TRANSMITTED, await_

MIB = 1 << 20
LINK_WORDS = "something else is there"


def noise(length, seed):
    """Bytes without a pattern that a loss could hide in."""
    data = bytearray()
    state = seed
    while len(data) < length:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        data += state.to_bytes(8, "little") * 8
    return bytes(data[:length])


def python_with_serial():
    """The system's Python has the packages of the system."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import serial"], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0:
            return python
    return None


class Flow(threading.Thread):
    """Writes all of some bytes to a descriptor, and reads as many as are due, at once."""

    def __init__(self, fd, data, due):
        super().__init__()
        self.fd, self.data, self.due = fd, data, due
        self.got = bytearray()
        os.set_blocking(fd, False)

    def run(self):
        written = 0
        end = time.monotonic() + 2 * PATIENCE
        while (written < len(self.data) or len(self.got) < self.due) and time.monotonic() < end:
            wants = [self.fd] if written < len(self.data) else []
            readable, writable, _ = select.select([self.fd], wants, [], 1)
            if readable:
                self.got += os.read(self.fd, 65536)
            if writable:
                written += os.write(self.fd, self.data[written:written + 65536])


class Proxy(sources.TestCase):
    def setUp(self):
        super().setUp()
        self.link = self.folder / "tool-port"

    def start(self, port, *arguments):
        self.recorder = self.record("proxy:%s,%s" % (port, self.link), *arguments)
        await_(lambda: "give the tool the port" in self.recorder.said(), "the offer")
        return self.recorder

    def start_on_pty(self):
        self.device = self.pty()
        return self.start(self.device.path)

    def open_link(self):
        """Opens it as a tool does."""
        fd = os.open(self.link, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(fd)
        return fd

    def open_link_and_talk(self):
        """Likewise; the proxy has noticed it then, and drops nothing of what the device sends."""
        fd = self.open_link()
        os.write(fd, b"?")
        self.assertEqual(self.device.read(1), b"?")
        return fd

    def run_tool(self, *command):
        """@return its exit status and what it said"""
        run = subprocess.run(command, cwd=self.folder, stdout=subprocess.PIPE, text=True,
                             stderr=subprocess.STDOUT, timeout=3 * PATIENCE, check=False)
        return run.returncode, run.stdout

    # Real tools

    def start_device(self, *options):
        """A simulated bootloader with its own log."""
        self.log = self.folder / "device.pcap"
        port = self.folder / "device-port"
        device = subprocess.Popen([BUILD / "tests/sim/pty_device", "--link", port, "--record",
                                   self.log, *options], stdout=subprocess.PIPE, text=True)
        self.addCleanup(device.stdout.close)
        self.addCleanup(device.wait)
        self.addCleanup(device.kill)
        device.stdout.readline()
        self.simulated = device
        self.start(port)

    def assert_recorded_what_the_device_did(self):
        records = self.recorder.stop()
        self.simulated.terminate()
        self.simulated.wait(PATIENCE)
        log = sources.read_pcap(self.log)
        for event in (TRANSMITTED, RECEIVED):
            self.assertEqual(sources.bytes_of(records, event), sources.bytes_of(log, event))
        self.assertGreater(len(sources.bytes_of(log, TRANSMITTED)), 0)
        found = sources.transactions(self.recorder.file)
        self.assertEqual(found, sources.transactions(self.log))
        return found

    @sources.unittest.skipUnless(shutil.which("stm32flash"), "stm32flash is not installed")
    def test_stm32flash(self):
        self.start_device("--product", "g071")
        firmware = sources.noise_file(self.folder / "firmware.bin", 10240)
        flash = ("stm32flash", "-m", "8n1", "-b", "115200")
        status, said = self.run_tool(*flash, "-w", firmware, "-v", self.link)
        self.assertEqual(status, 0, said)
        status, said = self.run_tool(*flash, "-b", "230400", "-r", "back.bin", "-S",
                                     "0x08000000:10240", self.link)
        self.assertEqual(status, 0, said)
        self.assertEqual((self.folder / "back.bin").read_bytes(), firmware.read_bytes())
        commands = [one["command"] for one in self.assert_recorded_what_the_device_did()]
        self.assertEqual(commands.count("write-memory"), 40)
        self.assertFalse(self.link.is_symlink(), "the link is left")

    def test_pyserial(self):
        self.start_device("--product", "f103")
        python = python_with_serial()
        if python is None:
            self.skipTest("python3-serial is not installed")
        status, said = self.run_tool(python, "-c", """
import sys
import serial
for turn in range(3):
    port = serial.Serial(sys.argv[1], 57600, timeout=10)
    # A bootloader that is in step takes no second 0x7F.
    for request, length in ((b"\\x7f", 1), (b"\\x02\\xfd", 5))[turn > 0:]:
        port.write(request)
        answer = port.read(length)
        assert len(answer) == length, (turn, request, answer)
    assert answer == b"\\x79\\x01\\x04\\x10\\x79", answer
    port.close()
""", str(self.link))
        self.assertEqual(status, 0, said)
        found = self.assert_recorded_what_the_device_did()
        self.assertEqual([one["command"] for one in found], ["sync"] + ["get-id"] * 3)

    # Bytes

    def test_8_mib_each_way_at_once(self):
        recorder = self.start_on_pty()
        down, up = noise(8 * MIB, 1), noise(8 * MIB, 2)
        tool = self.open_link_and_talk()
        flows = [Flow(tool, down, len(up)), Flow(self.device.master, up, len(down))]
        for flow in flows:
            flow.start()
        for flow in flows:
            flow.join()
        self.assertTrue(flows[0].got == up and flows[1].got == down, "bytes differ")
        records = recorder.stop()
        os.close(tool)
        self.assertTrue(sources.bytes_of(records, TRANSMITTED) == b"?" + down and
                        sources.bytes_of(records, RECEIVED) == up, "the recording differs")

    def test_a_tool_that_does_not_read(self):
        """It holds the device up, as a full driver does, and loses nothing."""
        recorder = self.start_on_pty()
        tool = self.open_link_and_talk()
        data = noise(MIB, 3)
        sent = 0
        while select.select([], [self.device.master], [], 1)[1]:
            sent += os.write(self.device.master, data[sent:sent + 4096])
        self.assertLess(sent, 512 * 1024)
        # The other way goes on.
        os.write(tool, b"request")
        self.assertEqual(self.device.read(7), b"request")
        got = b""
        while len(got) < sent:
            self.assertTrue(select.select([tool], [], [], PATIENCE)[0], "%d of %d bytes came" % (len(got), sent))
            got += os.read(tool, 65536)
        self.assertEqual(got, data[:sent])
        os.close(tool)
        recorder.stop()

    def test_a_device_that_does_not_read(self):
        recorder = self.start_on_pty()
        tool = self.open_link()
        os.set_blocking(tool, False)
        data = noise(MIB, 4)
        sent = 0
        while select.select([], [tool], [], 1)[1]:
            sent += os.write(tool, data[sent:sent + 4096])
        self.assertLess(sent, 512 * 1024)
        os.close(tool)
        # The tool has gone; what it wrote still arrives.
        self.assertEqual(self.device.read(sent), data[:sent])
        self.assertEqual(sources.bytes_of(recorder.stop(), TRANSMITTED), data[:sent])

    def test_only_the_tools_bytes_are_sent(self):
        self.start_on_pty()
        for turn in range(3):
            self.device.write(b"the device speaks")
            os.close(self.open_link())
        self.assertEqual(self.device.read(1, 0.3), b"")

    # Tools that come and go

    def test_what_came_without_a_tool_is_for_none(self):
        recorder = self.start_on_pty()
        self.device.write(b"early")
        recorder.await_bytes(self.device)
        for turn in range(20):
            tool = self.open_link()
            os.write(tool, b"%02d" % turn)
            self.assertEqual(self.device.read(2), b"%02d" % turn)
            self.device.write(b"answer")
            self.assertTrue(select.select([tool], [], [], PATIENCE)[0])
            await_(lambda: sources.readable(tool) >= 6)
            self.assertEqual(os.read(tool, 100), b"answer")
            self.device.write(b"unread")
            await_(lambda: sources.readable(tool) == 6)
            os.close(tool)
        self.assertEqual(sources.bytes_of(recorder.stop(), RECEIVED),
                         b"early" + b"answerunread" * 20)

    def test_a_tool_that_closes_and_opens_at_once(self):
        self.start_on_pty()
        tool = self.open_link_and_talk()
        self.device.write(b"unread")
        await_(lambda: sources.readable(tool) == 6)
        os.close(tool)
        tool = self.open_link_and_talk()
        self.device.write(b"!")
        self.assertTrue(select.select([tool], [], [], PATIENCE)[0])
        self.assertEqual(os.read(tool, 100), b"!")
        os.close(tool)

    def test_a_tool_that_is_killed_in_mid_write(self):
        recorder = self.start_on_pty()
        for turn in range(3):
            tool = subprocess.Popen([sys.executable, "-c", """
import os, sys, tty
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
tty.setraw(fd)
while True:
    os.write(fd, bytes(range(256)) * 64)
""", self.link])
            got = self.device.read(50000)
            tool.kill()
            tool.wait()
            got += self.device.read(MIB, 0.5)
            self.assertEqual(got, (bytes(range(256)) * (len(got) // 256 + 1))[:len(got)])
        self.assertEqual(recorder.process.poll(), None)
        recorder.stop()

    def test_an_idle_proxy_waits(self):
        """Nothing to do is no reason to run: not with a tool, and not after one."""
        recorder = self.start_on_pty()
        tool = self.open_link()
        time.sleep(0.5)
        os.close(tool)
        time.sleep(0.5)
        recorder.stop()
        self.assertLess(int(recorder.rest.split("rounds ")[1]), 50)

    # Settings

    def set_rate(self, fd, rate):
        settings = termios.tcgetattr(fd)
        settings[4] = settings[5] = rate
        termios.tcsetattr(fd, termios.TCSADRAIN, settings)

    def test_the_rate_is_set_before_the_bytes_that_follow(self):
        self.start_on_pty()
        tool = self.open_link()
        self.assertEqual(self.device.rate(), 115200)
        for rate, value in ((termios.B9600, 9600), (termios.B460800, 460800),
                            (termios.B57600, 57600)):
            self.set_rate(tool, rate)
            os.write(tool, b"x")
            self.assertEqual(self.device.read(1), b"x")
            self.assertEqual(self.device.rate(), value)
        # Without a byte
        self.set_rate(tool, termios.B19200)
        await_(lambda: self.device.rate() == 19200, "the rate")
        # A tool that clears all modes of its port, that by which changes are told among them
        settings = termios.tcgetattr(tool)
        settings[0] = settings[1] = settings[3] = 0
        termios.tcsetattr(tool, termios.TCSANOW, settings)
        self.set_rate(tool, termios.B38400)
        os.write(tool, b"y")
        self.assertEqual(self.device.read(1), b"y")
        self.assertEqual(self.device.rate(), 38400)
        os.close(tool)

    def test_the_port_is_raw_before_anybody_opens_it(self):
        recorder = self.start_on_pty()
        tool = os.open(self.link, os.O_RDWR | os.O_NOCTTY)
        iflag, oflag, _, lflag = termios.tcgetattr(tool)[:4]
        self.assertEqual((iflag, oflag, lflag & (termios.ECHO | termios.ICANON | termios.ISIG)),
                         (0, 0, 0))
        os.write(tool, b"a\r\n")
        self.assertEqual(self.device.read(3), b"a\r\n")
        self.device.write(b"\r\n\x03\x04\xff")
        await_(lambda: sources.readable(tool) == 5)
        self.assertEqual(os.read(tool, 9), b"\r\n\x03\x04\xff")
        self.assertEqual(self.device.read(1, 0.2), b"")
        os.close(tool)
        recorder.stop()

    def test_the_tool_flushes_its_input(self):
        self.start_on_pty()
        tool = self.open_link_and_talk()
        self.device.write(b"stale")
        await_(lambda: sources.readable(tool) == 5)
        termios.tcflush(tool, termios.TCIFLUSH)
        os.write(tool, b"?")
        self.assertEqual(self.device.read(1), b"?")
        self.device.write(b"fresh")
        await_(lambda: sources.readable(tool) == 5)
        self.assertEqual(os.read(tool, 100), b"fresh")
        os.close(tool)

    # The link, and what cannot be

    def test_the_port_vanishes(self):
        recorder = self.start_on_pty()
        tool = self.open_link()
        os.write(tool, b"abc")
        self.assertEqual(self.device.read(3), b"abc")
        self.device.close()
        self.device.master = -1
        self.assertEqual(recorder.wait(), 1)
        self.assertIn("the port is gone", recorder.said())
        self.assertEqual(recorder.said().count("\n"), 2, recorder.said())
        self.assertEqual(sources.bytes_of(recorder.records(), TRANSMITTED), b"abc")
        self.assertFalse(self.link.is_symlink())
        os.close(tool)

    def test_a_link_gives_way_and_a_file_does_not(self):
        device = self.pty()
        operand = "proxy:%s,%s" % (device.path, self.link)
        self.link.write_text("precious")
        self.assertIn(LINK_WORDS, self.refused(operand))
        self.assertEqual(self.link.read_text(), "precious")
        self.link.unlink()
        self.link.symlink_to(self.folder)
        self.assertIn(LINK_WORDS, self.refused(operand))
        self.link.unlink()
        self.link.symlink_to(self.folder / "nowhere")
        self.start(device.path)
        # One that was killed leaves its link, and the next one takes it over.
        self.recorder.process.kill()
        self.recorder.wait()
        self.assertTrue(self.link.is_symlink())
        self.start(device.path).stop()
        self.assertFalse(self.link.is_symlink())

    def test_a_link_of_another_is_left(self):
        recorder = self.start_on_pty()
        self.link.unlink()
        self.link.symlink_to("/dev/null")
        recorder.stop()
        self.assertEqual(os.readlink(self.link), "/dev/null")

    def test_reset(self):
        device = self.pty()
        self.assertIn("has no DTR and RTS", self.refused("proxy:" + device.path, "rts,-rts"))
        self.assertIn("no sequence", self.refused("proxy:" + device.path, "brk"))

    def test_without_a_link(self):
        device = self.pty()
        recorder = self.record("proxy:" + device.path)
        await_(lambda: "/dev/pts/" in recorder.said())
        path = recorder.said().split("the port ")[1].split(" ")[0]
        self.link = pathlib.Path(path)
        tool = self.open_link()
        os.write(tool, b"z")
        self.assertEqual(device.read(1), b"z")
        os.close(tool)
        recorder.stop()


if __name__ == "__main__":
    sources.main()
