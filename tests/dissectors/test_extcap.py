# SPDX-License-Identifier: GPL-2.0-or-later
"""boottap as Wireshark's extcap: tshark lists its interfaces, captures from them, decodes."""
import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import threading
import time
import tty
import unittest

import wireshark

PATIENCE_S = 60

# Sync, Get Version (AN3155 section 3.2), as both lines of a half-duplex connection carry them
SESSION = [b"\x7f", b"\x79", b"\x01\xfe", b"\x79", b"\x31\0\0", b"\x79"]


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain for " + what)
        time.sleep(0.05)


def end(process):
    """Ends a program and what it started, which holds its standard output open too."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


class Line:
    """A pseudo-terminal in the place of a serial port."""

    def __init__(self):
        self.end, self.port = os.openpty()
        tty.setraw(self.port)
        self.path = os.ttyname(self.port)
        os.chmod(self.path, 0o666)

    def close(self):
        os.close(self.end)
        os.close(self.port)

    def send(self, data):
        os.write(self.end, data)
        time.sleep(0.02)


class Extcap(wireshark.TestCase):

    def setUp(self):
        self.folder = self.wireshark.home / "extcap"
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.folder)
        self.program = self.folder / "boottap"
        shutil.copy(wireshark.PROGRAM, self.program)
        self.program.chmod(0o755)

    def setting(self):
        return self.wireshark.setting(WIRESHARK_EXTCAP_DIR=str(self.folder))

    def asked(self, *arguments):
        return subprocess.run([self.program, *arguments], check=False, **self.setting())

    def line(self):
        line = Line()
        self.addCleanup(line.close)
        return line

    def captured(self, interface, options, ports, session):
        """The transactions that tshark prints of a capture, during which session() is called."""
        file = self.wireshark.home / "out" / (interface + ".pcapng")
        words = [word for name, value in options.items()
                 for word in ("-o", f"extcap.{interface.replace('-', '_')}.{name}:{value}")]
        tshark = subprocess.Popen(["tshark", "-n", "-l", "-i", interface, *words, "-w", str(file),
                                   "-P", "-T", "fields", "-e", "stm32boot.command_name", "-e",
                                   "stm32boot.status_name"], start_new_session=True,
                                  **self.setting())
        self.addCleanup(tshark.communicate)
        self.addCleanup(end, tshark)
        # Traffic counts as soon as the interfaces are described: by the option if_name, which
        # begins with this port. The section's header names the port too, in the command line.
        wait_for(lambda: file.exists() and all(
            re.search(rb"\x02\x00.\x00" + re.escape(port.path[5:].encode()), file.read_bytes(), re.S)
            for port in ports), "the capture")
        session()
        # A readline that waits for what never comes ends with the process.
        late = threading.Timer(PATIENCE_S, end, [tshark])
        late.start()
        self.addCleanup(late.cancel)
        lines = []
        for line in iter(tshark.stdout.readline, ""):
            lines += [line.split()] if line.strip() else []
            if len(lines) == 2:
                break
        late.cancel()
        tshark.send_signal(signal.SIGINT)
        rest, errors = tshark.communicate(timeout=PATIENCE_S)
        self.assertEqual(rest.strip(), "")
        self.assertNotIn("rror", errors)
        self.assertRegex(errors, r"\d+ packets? captured")
        return lines

    def test_interfaces(self):
        """In tshark's list, under the name of the program and with words that say what they are."""
        run = subprocess.run(["tshark", "-D"], check=True, **self.setting())
        for interface in ("boottap-serial", "boottap-tap", "boottap-proxy"):
            self.assertRegex(run.stdout, rf"(?m)^\d+\. {interface} \(STM32 bootloader: ")

    def test_link_type(self):
        run = subprocess.run(["tshark", "-i", "boottap-tap", "-L"], check=True, **self.setting())
        self.assertIn("RTAC_SERIAL", run.stdout + run.stderr)

    def test_questions(self):
        """What Wireshark's dialog asks for."""
        for interface, options in (("serial", ["port", "otherport", "baud"]),
                                   ("tap", ["host", "otherhost", "device", "otherdevice",
                                            "baud"]),
                                   ("proxy", ["port", "otherport", "link", "reset"])):
            name = "boottap-" + interface
            self.assertEqual(self.asked("--extcap-dlts", "--extcap-interface", name).stdout,
                             "dlt {number=250}{name=RTAC_SERIAL}{display=Serial line}\n")
            config = self.asked("--extcap-config", "--extcap-interface", name).stdout
            self.assertEqual(re.findall(r"(?m)^arg \{number=(\d)\}\{call=--([a-z-]+)\}", config),
                             [(str(number), option) for number, option in enumerate(options)])
            # A selector needs a value, and an argument that it is of.
            for number in re.findall(r"\{number=(\d)\}[^\n]*\{type=selector\}", config):
                self.assertRegex(config, rf"(?m)^value \{{arg={number}\}}\{{value=")
        values = self.asked("--extcap-config", "--extcap-interface", "boottap-tap",
                            "--extcap-reload-option", "device").stdout
        self.assertRegex(values, r"\A(value \{arg=2\}[^\n]*\n)+\Z")

    def test_after_a_kill(self):
        """What newer releases call when they had to kill a capture, and with which they ask for
        values."""
        for words in (["--extcap-cleanup-postkill"],
                      ["--extcap-interface", "boottap-proxy", "--extcap-cleanup-postkill"],
                      ["--extcap-config", "--extcap-interface", "boottap-tap",
                       "--extcap-config-option-name", "host", "--extcap-config-option-value", "x"]):
            asked = self.asked(*words)
            self.assertEqual((asked.returncode, asked.stderr), (0, ""))

    def test_refusals(self):
        for words, cause in (
                (["--extcap-dlts"], "(none): boottap has no such interface for Wireshark"),
                (["--extcap-dlts", "--extcap-interface", "eth0"],
                 "eth0: boottap has no such interface for Wireshark"),
                (["--extcap-frobnicate"], "unknown option '--extcap-frobnicate' from Wireshark"),
                (["--capture", "--fifo"], "option '--fifo' has no value"),
                (["--capture", "--extcap-interface", "boottap-serial", "--fifo", "x"],
                 "boottap-serial: no port is chosen; choose one in the interface's options (tshark: "
                 "-o extcap.boottap_serial.port:PORT)"),
                (["--capture", "--extcap-interface", "boottap-tap", "--fifo", "x", "--host", "a,b",
                  "--device", "c"],
                 "boottap-tap: 'a,b' has a comma in it, which stands between ports; use a link with "
                 "another name"),
                (["--capture", "--extcap-interface", "boottap-serial", "--port", "x"],
                 "boottap-serial: Wireshark names no pipe (--fifo)"),
                (["--capture", "--extcap-interface", "boottap-serial", "--fifo", "x",
                  "--extcap-capture-filter", "tcp"],
                 "boottap-serial: a serial line has no capture filter; filter what is displayed")):
            run = self.asked(*words)
            self.assertEqual((run.returncode, run.stdout, run.stderr),
                             (2, "", f"boottap: {cause}\n"))
        self.assertEqual(self.asked("--extcap-interface", "boottap-serial",
                                    "--extcap-capture-filter", "tcp").stdout,
                         "a serial line has no capture filter; filter what is displayed\n")
        self.assertEqual(self.asked("--extcap-interface", "boottap-serial",
                                    "--extcap-capture-filter", "").stdout, "")

    def test_serial(self):
        line = self.line()

        def session():
            for data in SESSION:
                line.send(data)

        self.assertEqual(self.captured("boottap-serial", {"otherport": line.path}, [line], session),
                         [["sync", "ok"], ["get-version", "ok"]])

    def test_tap(self):
        host, device = self.line(), self.line()

        def session():
            for data in SESSION:
                (host if data in (b"\x7f", b"\x01\xfe") else device).send(data)

        self.assertEqual(self.captured("boottap-tap", {"otherhost": host.path,
                                                       "otherdevice": device.path},
                                       [host], session),
                         [["sync", "ok"], ["get-version", "ok"]])

    def test_port_that_is_not_there(self):
        """What is wrong stands where Wireshark shows it."""
        run = subprocess.run(["tshark", "-i", "boottap-serial", "-o",
                              "extcap.boottap_serial.otherport:/dev/none", "-a", "duration:10"],
                             check=False, timeout=PATIENCE_S, **self.setting())
        self.assertIn("/dev/none", run.stderr)

    def test_pipe_that_gets_nothing(self):
        """It is opened whatever fails: dumpcap waits without end for a pipe that nobody opened."""
        pipe = self.wireshark.home / "out" / "pipe"
        os.mkfifo(pipe)
        pipe.chmod(0o666)
        self.addCleanup(pipe.unlink)
        for port in (["--otherport", "/dev/none"], []):
            reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
            self.addCleanup(os.close, reader)
            asked = self.asked("--capture", "--extcap-interface", "boottap-serial", "--fifo", pipe,
                               *port)
            self.assertEqual(asked.returncode, 2)
            ends = select.poll()
            ends.register(reader, select.POLLIN)
            self.assertEqual(ends.poll(0), [(reader, select.POLLHUP)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
