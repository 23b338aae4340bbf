# SPDX-License-Identifier: GPL-2.0-or-later
"""boottap live: what is printed, recorded and told, however it ends."""
import errno
import fcntl
import os
import pathlib
import pty
import random
import re
import resource
import signal
import struct
import subprocess
import tempfile
import termios
import time
import tty
import unittest

import program

# As in test_run.py, without a start at the end.
WRITE = ["-w", "fw.bin", "-v"]
COMMANDS = (["sync", "get-version", "get", "get-id", "extended-erase"] +
            ["write-memory", "read-memory"] * 8)


def full_disk():
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))


def readable(fd):
    """Bytes that a pipe has."""
    return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, bytes(4)))[0]


class Live(program.TestCase):
    def listen(self, *options, interface="proxy:./port,./link", piped=False, **more):
        """boottap live, which is ready."""
        out = tempfile.TemporaryFile(dir=self.folder)
        err = tempfile.TemporaryFile(dir=self.folder)
        self.addCleanup(out.close)
        self.addCleanup(err.close)
        process = subprocess.Popen([program.PROGRAM, "live", *options, *interface.split()],
                                   cwd=self.folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE if piped else out, stderr=err, **more)
        process.out = lambda: os.pread(out.fileno(), 1 << 24, 0).decode()
        process.err = lambda: os.pread(err.fileno(), 1 << 24, 0).decode()
        self.addCleanup(self.end_quietly, process)
        return process

    def end_quietly(self, process):
        if process.poll() is None:
            process.kill()
        process.wait()

    def proxied(self, *options, **more):
        process = self.listen(*options, **more)
        program.await_that(lambda: os.path.islink(self.folder / "link") or
                           process.poll() is not None, "the proxy's link")
        return process

    def flash(self, *arguments, port="./link"):
        return subprocess.run([*self.STM32FLASH, *(arguments or WRITE), port], cwd=self.folder,
                              text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=program.PATIENCE, check=False)

    def stop(self, process, number=signal.SIGINT):
        process.send_signal(number)
        return process.wait(program.PATIENCE)

    def test_what_is_printed_is_what_the_recording_holds_and_the_device_did(self):
        device = self.device(record="device.pcap")
        live = self.proxied("--json", "-w", "live.pcapng")
        self.assertEqual(self.flash().returncode, 0)
        program.await_that(lambda: len(program.objects(live.out())) == len(COMMANDS), "all objects")
        self.assertEqual(self.stop(live), 0)
        self.unplug(device)
        self.assertEqual([o["command"] for o in program.objects(live.out())], COMMANDS)
        self.assertEqual(self.decoded("live.pcapng"), live.out())
        self.assertEqual(self.briefly(self.decoded("device.pcap")), self.briefly(live.out()))
        self.assertIn("Worked: erased 1 page", live.err())
        self.assertFalse(os.path.lexists(self.folder / "link"))

    def test_every_signal_ends_it_well(self):
        self.device("erase-nack")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                live = self.proxied("-w", "live.pcapng")
                self.assertEqual(self.flash().returncode, 1)
                program.await_that(lambda: "nack" in live.out(), "the NACK")
                self.assertEqual(self.stop(live, number), 1)
                self.assertIn("Failed: ", live.err())
                self.assertEqual(self.boottap("diagnose", "live.pcapng")[0], 1)

    def test_no_session(self):
        self.device()
        live = self.proxied()
        self.assertEqual(self.stop(live), 0)
        self.assertIn("no bootloader traffic was seen in 0 packets", live.err())
        live = self.proxied("--expect", "fw.bin")
        self.assertEqual(self.stop(live), 1)

    def test_count_and_autostop(self):
        self.device()
        live = self.proxied("-c", "4", "--json")
        self.flash()
        # Whether the flash breaks off there or has gone on by then is not known.
        self.assertIn(live.wait(program.PATIENCE), (0, 1))
        self.assertEqual([o["command"] for o in program.objects(live.out())], COMMANDS[:4])
        live = self.proxied("-a", "duration:1", "-w", "live.pcapng")
        self.assertEqual(live.wait(program.PATIENCE), 0)

    def test_a_ring_of_files(self):
        self.device()
        live = self.proxied("-b", "filesize:3", "-b", "files:2", "-w", "ring.pcapng")
        self.flash()
        program.await_that(lambda: live.out().count("Read Memory") == 8, "the last block")
        self.stop(live)
        files = sorted(self.folder.glob("ring_*.pcapng"))
        self.assertEqual(len(files), 2)
        for file in files:
            self.assertRegex(file.name, r"^ring_\d{5}_\d{14}\.pcapng$")
            self.assertEqual(self.boottap("decode", file)[0], 0)

    def test_into_a_pipe(self):
        self.device()
        live = self.proxied("-w", "-")
        self.flash()
        (self.folder / "kept").write_bytes(b"")
        program.await_that(lambda: os.path.lexists(self.folder / "link"), "the link")
        time.sleep(0.2)
        self.stop(live)
        # What would be printed is the capture instead.
        status, out, _ = self.boottap("decode", "--json", self.copy_of_output(live))
        self.assertEqual(status, 0)
        self.assertEqual([o["command"] for o in program.objects(out)], COMMANDS)

    def copy_of_output(self, live):
        path = self.folder / "piped.pcapng"
        with open("/proc/self/fd/%d" % live.out.__closure__[0].cell_contents.fileno(), "rb") as out:
            path.write_bytes(out.read())
        return path

    def test_killed_at_any_moment(self):
        """Everything but the record in hand is there; the tool ends, as its port is gone."""
        moments = random.Random(1)
        for i in range(6):
            with self.subTest(i):
                device = self.device()
                live = self.proxied("-w", "live.pcapng")
                tool = self.start([*self.STM32FLASH, *WRITE, "./link"])
                time.sleep(moments.uniform(0.05, 0.4))
                live.send_signal(signal.SIGKILL)
                live.wait(program.PATIENCE)
                self.end(tool)
                status, out, err = self.boottap("decode", "--json", "live.pcapng")
                self.assertEqual((status, err if "no bootloader" not in err else ""), (0, ""))
                done = [o["command"] for o in program.objects(out)]
                shown = live.out().count("\n")
                self.assertGreaterEqual(len(done), shown)
                self.assertEqual(done, COMMANDS[:len(done)])
                os.unlink(self.folder / "link")
                self.unplug(device)

    def test_a_full_disk_stops_the_recording_and_not_the_tool(self):
        self.device()
        live = self.proxied("-w", "live.pcapng", "-q", preexec_fn=full_disk)
        self.assertEqual(self.flash().returncode, 0)
        self.assertEqual(live.poll(), None)
        self.assertEqual(live.err().count("live.pcapng: File too large"), 1)
        self.assertEqual(self.stop(live), 2)
        self.assertIn("Worked: ", live.err())
        self.assertGreater(len(self.briefly(self.decoded("live.pcapng"))), 4)

    def test_a_port_that_vanishes(self):
        device = self.device()
        live = self.proxied("-w", "live.pcapng")
        self.assertEqual(self.flash().returncode, 0)
        device.kill()
        self.assertEqual(live.wait(program.PATIENCE), 2)
        self.assertIn("port", live.err())
        self.assertEqual([c[0] for c in self.briefly(self.decoded("live.pcapng"))], COMMANDS)

    def test_a_device_that_is_silent(self):
        """Past the host's time-out it is no-reply, in what is printed and in the recording."""
        for seconds, status in ((0, "incomplete"), (5.5, "no-reply")):
            device = self.device("sync-silence")
            live = self.proxied("--json", "-w", "live.pcapng")
            self.assertEqual(self.flash().returncode, 1)
            time.sleep(seconds)
            self.stop(live)
            self.assertEqual(self.decoded("live.pcapng"), live.out())
            self.assertEqual({o["status"] for o in program.objects(live.out())}, {status})
            self.unplug(device)

    def test_several_interfaces_in_one_file_in_time_order(self):
        self.device()
        self.device(link="other")
        live = self.listen("--json", "-w", "live.pcapng",
                           interface="proxy:./port,./link proxy:./other,./second")
        for name in ("link", "second"):
            program.await_that(lambda: os.path.islink(self.folder / name), name)
        tools = [self.start([*self.STM32FLASH, *WRITE, port]) for port in ("./link", "./second")]
        for tool in tools:
            tool.communicate(timeout=program.PATIENCE)
            self.assertEqual(tool.returncode, 0)
        program.await_that(lambda: len(program.objects(live.out())) == 2 * len(COMMANDS), "both")
        self.assertEqual(self.stop(live), 0)
        self.assertEqual(self.decoded("live.pcapng"), live.out())
        for link in {o["link"] for o in program.objects(live.out())}:
            self.assertEqual([o["command"] for o in program.objects(live.out())
                              if o["link"] == link], COMMANDS)
        self.assertEqual(self.packet_times(), sorted(self.packet_times()))

    def packet_times(self):
        """Of the enhanced packet blocks: type 6, the time's halves at 12 and 16."""
        data = (self.folder / "live.pcapng").read_bytes()
        times, at = [], 0
        while at < len(data):
            kind, length = (int.from_bytes(data[at + i:at + i + 4], "little") for i in (0, 4))
            if kind == 6:
                times.append(int.from_bytes(data[at + 12:at + 16], "little") << 32 |
                             int.from_bytes(data[at + 16:at + 20], "little"))
            at += length
        return times

    def on_a_terminal(self, columns):
        """What a flash shows on a terminal that is so wide."""
        self.device()
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
        live = subprocess.Popen([program.PROGRAM, "live", "-q", "--expect", "fw.bin",
                                 "proxy:./port,./link"], cwd=self.folder,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=follower)
        self.addCleanup(self.end_quietly, live)
        os.close(follower)
        program.await_that(lambda: os.path.islink(self.folder / "link"), "the link")
        self.assertEqual(self.flash().returncode, 0)
        live.send_signal(signal.SIGINT)
        shown = b""
        try:
            while True:
                shown += os.read(leader, 65536)
        except OSError as error:
            self.assertEqual(error.errno, errno.EIO)
        os.close(leader)
        self.assertEqual(live.wait(program.PATIENCE), 0)
        return shown

    def test_a_terminal_shows_how_far_it_is(self):
        shown = self.on_a_terminal(80)
        self.assertTrue(re.search(rb"\r\x1b\[Kserial:port: [A-Z][a-z ]+", shown), shown)
        self.assertIn(b"\r\x1b[K", shown[shown.rindex(b"Worked") - 20:])

    def test_a_narrow_terminal(self):
        """A status line that went on in the next one would stay."""
        lines = re.findall(rb"\x1b\[K(serial:[^\r\n]*)", self.on_a_terminal(20))
        self.assertGreater(len(lines), 0)
        self.assertLess(max(map(len, lines)), 20)

    def test_closed_descriptors(self):
        """What is told reaches nobody, and least of all the device."""
        for fd in (0, 1, 2):
            device = self.device(record="device.pcap")
            live = self.proxied("-w", "live.pcapng", preexec_fn=lambda: os.close(fd))
            self.flash()
            self.stop(live)
            self.unplug(device)
            self.assertEqual([c[0] for c in self.briefly(self.decoded("device.pcap"))], COMMANDS)

    def test_no_file_is_removed(self):
        self.device()
        link = self.folder / "link"
        link.symlink_to("nowhere")

        def take_place():
            pathlib.Path("link.%d" % os.getpid()).write_text("precious")

        live = self.listen(preexec_fn=take_place)
        self.assertEqual(live.wait(program.PATIENCE), 2)
        self.assertEqual((self.folder / ("link.%d" % live.pid)).read_text(), "precious")
        self.assertEqual(os.readlink(link), "nowhere")
        self.assertEqual(live.err().count("\n"), 1)

    def test_a_recording_is_sent_to_no_port(self):
        device = self.device(record="device.pcap")
        for file in ("port", "link"):
            status, _, err = self.boottap("live", "-w", file, "proxy:./port,./link")
            self.assertEqual((status, err),
                             (2, "boottap: %s: a terminal or a serial port; name a file\n" % file))
        self.unplug(device)
        self.assertIn("0 packets", self.boottap("decode", "device.pcap")[2])

    def test_the_link_is_not_the_port(self):
        self.device()
        to = os.readlink(self.folder / "port")
        status, _, err = self.boottap("live", "proxy:./port,./port")
        self.assertEqual((status, err.count("\n")), (2, 1))
        self.assertIn("name another place for the link", err)
        self.assertEqual(os.readlink(self.folder / "port"), to)

    @unittest.skipUnless(os.geteuid() == 0, "only root can be somebody else")
    def test_under_sudo_all_is_the_users(self):
        self.device()
        self.folder.chmod(0o777)
        sudo = {**os.environ, "SUDO_UID": "65534", "SUDO_GID": "65534"}
        live = self.proxied("-w", "live.pcapng", env=sudo)
        program.await_that(lambda: "listening" in live.err(), "the start")
        for name in ("link", "live.pcapng"):
            self.assertEqual(os.lstat(self.folder / name).st_uid, 65534)
        self.assertEqual(os.stat(self.folder / "link").st_uid, 65534)
        self.stop(live)
        self.assertFalse(os.path.lexists(self.folder / "link"))
        # Where nobody could follow a user's link, and nobody but root can remove root's.
        self.folder.chmod(0o1777)
        live = self.proxied(env=sudo)
        program.await_that(lambda: "listening" in live.err(), "the start")
        self.assertEqual(os.lstat(self.folder / "link").st_uid, 0)
        self.stop(live)
        self.assertIn("link: cannot be removed", live.err())

    def test_a_name_that_is_no_text(self):
        """What is recorded is UTF-8, and reads as it was printed."""
        self.device()
        os.symlink("port", self.folder / os.fsdecode(b"po\xffrt\x1b"))
        live = self.proxied("--json", "-w", "live.pcapng",
                            interface=os.fsdecode(b"proxy:./po\xffrt\x1b,./link"))
        self.assertEqual(self.flash().returncode, 0)
        program.await_that(lambda: len(program.objects(live.out())) == len(COMMANDS), "all objects")
        self.assertEqual(self.stop(live), 0)
        self.assertEqual(self.decoded("live.pcapng"), live.out())
        self.assertIn(rb"po\xffrt\x1b", (self.folder / "live.pcapng").read_bytes())
        self.assertNotIn(b"po\xff", (self.folder / "live.pcapng").read_bytes())

    def test_limits_without_output(self):
        device = self.device()
        live = self.proxied("-q", "-c", "4", "-w", "live.pcapng")
        self.flash()
        live.wait(program.PATIENCE)
        self.assertEqual([c[0] for c in self.briefly(self.decoded("live.pcapng"))][:4],
                         COMMANDS[:4])
        # The first one is left in the middle of a command.
        self.unplug(device)
        self.device()
        live = self.proxied("-q", "-c", "1", "--command", "get-id")
        self.flash()
        live.wait(program.PATIENCE)
        live = self.proxied("-a", "duration:1")
        self.assertEqual(live.wait(program.PATIENCE), 0)

    def test_a_limit_holds_after_the_disk_was_full(self):
        self.device()
        live = self.proxied("-q", "-a", "duration:4", "-w", "live.pcapng", preexec_fn=full_disk)
        self.flash()
        self.assertEqual(live.wait(program.PATIENCE), 2)
        self.assertIn("File too large", live.err())

    def test_enough_was_read(self):
        """As `| head -1`: it ends, though not by a signal that would leave the link."""
        self.device()
        live = self.proxied("-w", "live.pcapng", piped=True)
        tool = self.start([*self.STM32FLASH, *WRITE, "./link"])
        self.assertTrue(live.stdout.readline())
        live.stdout.close()
        self.assertIn(live.wait(program.PATIENCE), (0, 1))
        self.end(tool)
        self.assertFalse(os.path.lexists(self.folder / "link"))
        self.assertNotIn("roken pipe", live.err())
        self.assertIn("serial:port", live.err())
        self.assertEqual(self.boottap("decode", "live.pcapng")[2], "")

    def test_a_tool_that_locks_its_port_and_is_killed(self):
        self.device()
        live = self.proxied()
        before = os.readlink(self.folder / "link")
        tool = os.open(self.folder / "link", os.O_RDWR | os.O_NOCTTY)
        fcntl.ioctl(tool, termios.TIOCEXCL)
        os.close(tool)
        program.await_that(lambda: os.readlink(self.folder / "link") != before, "another link")
        self.assertEqual(self.flash().returncode, 0)
        self.assertEqual(self.stop(live), 0)
        self.assertFalse(os.path.lexists(self.folder / "link"))

    def test_what_is_printed_is_not_read(self):
        """As a pager that is not scrolled: the tool does not notice, and a signal ends it."""
        self.device()
        live = self.proxied("-x", "-w", "live.pcapng", piped=True)
        fcntl.fcntl(live.stdout, fcntl.F_SETPIPE_SZ, 4096)
        self.assertEqual(self.flash().returncode, 0)
        self.assertGreater(readable(live.stdout), 0)
        self.assertEqual(self.stop(live, signal.SIGTERM), 2)
        self.assertRegex(live.err(), "boottap: standard output: its reader did not take the last "
                                     "[0-9]+ bytes\n")
        live.stdout.close()
        self.assertFalse(os.path.lexists(self.folder / "link"))
        self.assertEqual([c[0] for c in self.briefly(self.decoded("live.pcapng"))], COMMANDS)

    def test_nobody_reads_what_is_said(self):
        """A terminal that is stopped holds up what is said to it, and nothing else."""
        self.device("erase-nack")
        leader, follower = pty.openpty()
        self.addCleanup(os.close, leader)
        live = subprocess.Popen([program.PROGRAM, "live", "-w", "live.pcapng",
                                 "proxy:./port,./link"], cwd=self.folder,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=follower)
        self.addCleanup(self.end_quietly, live)
        program.await_that(lambda: os.path.islink(self.folder / "link"), "the link")
        termios.tcflow(follower, termios.TCOOFF)
        self.assertEqual(self.flash().returncode, 1)
        termios.tcflow(follower, termios.TCOON)
        os.close(follower)
        live.send_signal(signal.SIGTERM)
        self.assertEqual(live.wait(program.PATIENCE), 1)

    def test_a_pipe_that_nobody_reads(self):
        self.device()
        os.mkfifo(self.folder / "pipe")
        live = self.proxied("-w", "pipe")
        program.await_that(lambda: "waiting for a program that reads" in live.err(), "the wait")
        self.assertEqual(self.stop(live, signal.SIGTERM), 2)
        self.assertFalse(os.path.lexists(self.folder / "link"))
        self.assertEqual(live.err().count("\n"), 2)

    def test_a_pipe_whose_reader_is_stuck(self):
        """The tool does not notice; what is read later is whole."""
        self.device()
        os.mkfifo(self.folder / "pipe")
        live = self.proxied("-w", "pipe")
        reader = os.open(self.folder / "pipe", os.O_RDONLY)
        fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
        self.assertEqual(self.flash().returncode, 0)
        program.await_that(lambda: live.out().count("Read Memory") == 8, "the last block")
        self.assertLessEqual(readable(reader), 4096)
        live.send_signal(signal.SIGTERM)
        with open(reader, "rb") as stream:
            (self.folder / "kept.pcapng").write_bytes(stream.read())
        self.assertEqual(live.wait(program.PATIENCE), 0)
        self.assertEqual(self.decoded("kept.pcapng", "--json").count("\n"), len(COMMANDS))

    def test_a_pipe_whose_reader_stays_stuck(self):
        self.device()
        os.mkfifo(self.folder / "pipe")
        live = self.proxied("-w", "pipe")
        reader = os.open(self.folder / "pipe", os.O_RDONLY)
        self.addCleanup(os.close, reader)
        fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
        self.assertEqual(self.flash().returncode, 0)
        self.assertEqual(self.stop(live, signal.SIGTERM), 2)
        self.assertIn("pipe: its reader did not take the last ", live.err())
        self.assertFalse(os.path.lexists(self.folder / "link"))

    def test_nohup(self):
        self.device()
        live = self.proxied(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        program.await_that(lambda: "listening" in live.err(), "the start")
        live.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        self.assertEqual(live.poll(), None)
        self.assertEqual(self.stop(live), 0)

    def test_what_one_interface_holds_back_keeps_its_place(self):
        lines = [pty.openpty() for _ in range(3)]
        for pair in lines:
            tty.setraw(pair[1])
            for fd in pair:
                self.addCleanup(os.close, fd)
        host, device, other = (pair[0] for pair in lines)
        live = self.listen("-w", "live.pcapng", interface="tap:%s,%s serial:%s" % tuple(
            os.ttyname(pair[1]) for pair in lines))
        program.await_that(lambda: live.err().count("listening") == 2, "the start")
        for _ in range(20):
            # It is the device's turn: what the host says now waits for it.
            os.write(host, b"\x7f")
            time.sleep(0.02)
            os.write(host, b"\x7f")
            os.write(other, b"x")
            time.sleep(0.05)
            os.write(device, b"\x79")
            time.sleep(0.02)
        self.stop(live)
        times = self.packet_times()
        self.assertGreater(len(times), 60)
        self.assertEqual(times, sorted(times))

    def test_wrong_usage(self):
        for arguments, words in (
                ((), "no interface is named"),
                (("-b", "files:3", "-w", "x", "usbmon1"), "-b files needs"),
                (("-b", "filesize:3", "usbmon1"), "-b needs a file"),
                (("-a", "packets:3", "usbmon1"), "known are filesize:KB, duration:SECONDS"),
                (("-c", "0", "usbmon1"), "count of transactions"),
                (("--device", "0483", "usbmon1"), "VID:PID"),
                (("--reset", "up", "proxy:x"), "as stm32flash -i has it"),
                (("--json", "-w", "-", "usbmon1"), "both want standard output"),
                (("--device", "dfu", "proxy:x"), "--device is for usbmonN"),
                (("--reset", "rts", "usbmon1"), "--reset is for proxy:"),
                (("nosuch",), "no such interface"),
                (("serial:./nowhere",), "nowhere"),
                (("serial:./fw.bin",), "fw.bin")):
            with self.subTest(arguments):
                status, out, err = self.boottap("live", *arguments)
                self.assertEqual((status, out), (2, ""))
                self.assertIn(words, err)


if __name__ == "__main__":
    program.need("stm32flash")
    unittest.main()
