# SPDX-License-Identifier: GPL-2.0-or-later
"""boottap simulate usart: real tools flash it, and every byte is told."""
import importlib.util
import os
import pathlib
import select
import signal
import subprocess
import sys
import time
import tty
import unittest

import program

LOADER = pathlib.Path(__file__).with_name("loader.py")


class Port:
    """Speaks to the device in bytes."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.fd)

    def close(self):
        os.close(self.fd)

    def say(self, text, expect):
        """Sends bytes and reads as many as are expected; both in hexadecimal."""
        wanted, got = bytes.fromhex(expect), b""
        os.write(self.fd, bytes.fromhex(text))
        end = time.monotonic() + program.PATIENCE
        while len(got) < len(wanted) and select.select([self.fd], [], [], end - time.monotonic())[0]:
            got += os.read(self.fd, len(wanted) - len(got))
        return got.hex(" ")

    def silent(self, text, seconds=0.3):
        os.write(self.fd, bytes.fromhex(text))
        return not select.select([self.fd], [], [], seconds)[0]


class Simulate(program.TestCase):
    def simulate(self, *options, on="port"):
        process = self.start([program.PROGRAM, "simulate", "usart", "--on", self.folder / on,
                              "--log", self.folder / "log", *options])
        self.place = process.stdout.readline().strip()
        self.assertTrue(self.place.startswith("/dev/pts/"), self.place)
        return process

    def stop(self, process, number=signal.SIGTERM):
        process.send_signal(number)
        out, err = process.communicate(timeout=program.PATIENCE)
        return process.returncode, out, err

    def port(self):
        port = Port(self.folder / "port")
        self.addCleanup(lambda: port.fd is None or port.close())
        return port

    def log(self):
        """What was said, without the times."""
        return [line.split(" ", 1)[1] for line in (self.folder / "log").read_text().splitlines()]

    def await_log(self, what):
        program.await_that(lambda: what in self.log(), what + " in the log")

    def stm32flash(self, *arguments):
        run = subprocess.run(self.STM32FLASH + [*arguments, "./port"], cwd=self.folder, text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=program.PATIENCE * 3, check=False)
        return run.returncode, run.stdout

    def flashes(self, product, size, *options):
        """stm32flash writes, verifies, reads back and erases."""
        process = self.simulate("--product", product, "--flash", "flash.bin", "--slow", "0",
                                *options)
        firmware = self.firmware.read_bytes()
        status, out = self.stm32flash("-w", "fw.bin", "-v")
        self.assertEqual(status, 0, out)
        self.await_log("closed")
        program.await_that(lambda: (self.folder / "flash.bin").exists(), "the flash's file")
        status, out = self.stm32flash("-r", "back.bin", "-S", "0x08000000:2000")
        self.assertEqual(status, 0, out)
        self.assertEqual((self.folder / "back.bin").read_bytes(), firmware)
        (self.folder / "back.bin").unlink()
        flash = (self.folder / "flash.bin").read_bytes()
        self.assertEqual((len(flash), flash[:2000]), (size, firmware))
        status, out = self.stm32flash("-o")
        self.assertEqual(status, 0, out)
        self.assertEqual(self.stop(process), (0, "", ""))
        self.assertEqual((self.folder / "flash.bin").read_bytes(), b"\xff" * size)
        (self.folder / "flash.bin").unlink()

    def test_stm32flash_flashes_products_of_every_kind(self):
        program.need("stm32flash")
        self.flashes("0x410", 128 << 10)  # pages of 1 KiB, Erase
        self.flashes("STM32F405", 1 << 20)  # sectors, Extended Erase
        self.flashes("G071", 128 << 10)
        self.flashes("H743", 2 << 20)

    def test_a_loader_in_python_flashes(self):
        if importlib.util.find_spec("serial") is None:
            self.skipTest("no pyserial")
        for product, told in (("0x410", "version 0x22 pid 0x410"), ("F405", "version 0x31 pid 0x413")):
            process = self.simulate("--product", product, "--flash", "flash.bin", "--slow", "0",
                                    "--text", "hello")
            run = subprocess.run([sys.executable, LOADER, "port", "fw.bin"], cwd=self.folder,
                                 text=True, capture_output=True, timeout=program.PATIENCE, check=False)
            self.assertEqual((run.stderr, run.stdout), ("", told + "\nhello\n"))
            self.stop(process)
            flash = (self.folder / "flash.bin").read_bytes()
            self.assertEqual(flash[:2000], self.firmware.read_bytes())
            (self.folder / "flash.bin").unlink()

    def test_the_log_tells_every_byte(self):
        process = self.simulate("--product", "G071")
        self.assertEqual(self.log(), ["plugged-in"])
        port = self.port()
        self.assertEqual(port.say("7f", "79"), "79")
        self.assertEqual(port.say("02fd", "7901046079"), "79 01 04 60 79")
        port.close()
        port.fd = None
        self.await_log("closed")
        self.stop(process)
        self.assertEqual(self.log(), ["plugged-in", "opened", "host 7f", "device 79", "host 02 fd",
                                      "device 79", "device 01 04 60 79", "closed", "ended"])

    def test_faults_by_their_bytes(self):
        process = self.simulate("--fault", "nack@write-memory.address#2", "--fault", "wrong=0xff@get-id",
                                "--fault", "silence@go")
        port = self.port()
        port.say("7f", "79")
        self.assertEqual(port.say("31ce", "79"), "79")
        self.assertEqual(port.say("0800000008", "79"), "79")
        self.assertEqual(port.say("03deadbeef21", "79"), "79")
        self.assertEqual(port.say("31ce", "79"), "79")
        self.assertEqual(port.say("0800000008", "1f"), "1f")
        self.assertEqual(port.say("02fd", "7901046086"), "79 01 04 60 86")
        self.assertTrue(port.silent("21de"))
        self.stop(process)

    def test_unplugged(self):
        process = self.simulate("--fault", "unplug@get-id#2")
        port = self.port()
        port.say("7f", "79")
        port.say("02fd", "7901046079")
        os.write(port.fd, bytes.fromhex("02fd"))
        out, err = process.communicate(timeout=program.PATIENCE)
        self.assertEqual((process.returncode, out), (0, ""))
        self.assertEqual(err, f"boottap: {self.place}: unplugged, as a fault asked for\n")
        self.assertFalse(os.path.lexists(self.folder / "port"))
        self.assertEqual(self.log()[-2:], ["unplugged", "ended"])

    def test_protected(self):
        """AN3155 table 2: what is refused under readout protection, until it is taken off."""
        process = self.simulate("--product", "F405", "--read-protected", "--slow", "0")
        port = self.port()
        port.say("7f", "79")
        for command in ("11ee", "31ce", "44bb", "21de", "639c", "738c"):
            self.assertEqual(port.say(command, "1f"), "1f", command)
        self.assertEqual(port.say("926d", "7979"), "79 79")
        self.assertEqual(port.say("7f", "79"), "79")
        self.assertEqual(port.say("11ee", "79"), "79")
        self.stop(process)

    def test_it_comes_back_from_the_application(self):
        process = self.simulate("--restart", "--text", "hi")
        for _ in range(2):
            port = self.port()
            self.assertEqual(port.say("7f", "79"), "79")
            port.say("21de", "79")
            self.assertEqual(port.say("0800000008", "796869"), "79 68 69")
            self.assertTrue(port.silent("7f"))
            closed = self.log().count("closed")
            port.close()
            port.fd = None
            program.await_that(lambda: self.log().count("closed") > closed, "closed")
            program.await_that(lambda: self.log()[-1] == "reset", "reset")
        self.stop(process)

    def test_the_reset_button(self):
        process = self.simulate()
        port = self.port()
        port.say("7f", "79")
        port.say("21de", "79")
        port.say("0800000008", "79")
        self.await_log("application-started")
        self.assertTrue(port.silent("7f"))
        process.send_signal(signal.SIGUSR1)
        self.await_log("reset")
        self.assertEqual(port.say("7f", "79"), "79")
        self.stop(process)

    def test_no_bootloader_runs(self):
        process = self.simulate("--application")
        self.assertTrue(self.port().silent("7f"))
        self.stop(process)
        self.assertEqual(self.log()[-2:], ["host 7f", "ended"])

    def test_a_line_takes_its_time(self):
        """171 bytes of 11 bits at 3300 bits a second: more than half a second."""
        process = self.simulate("--baud", "3300", "--slow", "0")
        port = self.port()
        start = time.monotonic()
        port.say("7f", "79")
        for _ in range(10):
            port.say("00ff", "790b310001021121314463738292" + "79")
        self.assertGreater(time.monotonic() - start, 0.5)
        self.stop(process)

    def test_flash_that_is_there(self):
        (self.folder / "flash.bin").write_bytes(b"\x12\x34")
        process = self.simulate("--flash", "flash.bin")
        port = self.port()
        port.say("7f", "79")
        port.say("11ee", "79")
        port.say("0800000008", "79")
        self.assertEqual(port.say("03fc", "791234ffff"), "79 12 34 ff ff")
        self.stop(process, signal.SIGINT)
        # Nothing was written to it.
        self.assertEqual((self.folder / "flash.bin").read_bytes(), b"\x12\x34")

    def refused(self, *arguments):
        status, out, err = self.boottap("simulate", *arguments)
        self.assertEqual((status, out), (2, ""))
        self.assertEqual(err.count("\n"), 1, err)
        return err

    def test_what_is_refused(self):
        (self.folder / "big").write_bytes(bytes((128 << 10) + 1))
        (self.folder / "file").write_text("")
        (self.folder / "folder").mkdir()
        for arguments, words in (
                ([], "which device"),
                (["usb"], "unknown device 'usb'; known are usart, dfu, fdcan, can"),
                (["usart"], "--on PLACE"),
                (["usart", "dfu", "--on", "p"], "one device"),
                (["usart", "--on", "vhci"], "a path"),
                (["usart", "--on", "can:can0"], "a path"),
                (["dfu", "--on", "p"], "--on vhci"),
                (["fdcan", "--on", "p"], "--on can:vcan0"),
                (["fdcan", "--on", "can:"], "--on can:vcan0"),
                (["can", "--on", "vhci"], "can needs a CAN interface"),
                (["usart", "--on", "p", "--product", "F999"], "not known"),
                (["usart", "--on", "p", "--product", "F103"], "0x410"),
                (["usart", "--on", "p", "--product", "STM32"], "may be any of"),
                (["dfu", "--on", "vhci", "--product", "0x410"], "does not speak dfu"),
                (["usart", "--on", "p", "--fault", "nack@got"], "get-version"),
                (["usart", "--on", "p", "--fault", "nack@erase"], "but extended-erase"),
                (["usart", "--on", "p", "--slow", "-1"], "factor"),
                (["usart", "--on", "p", "--flash", "big"], "longer than the 128 KiB"),
                (["usart", "--on", "p", "--flash", "no/such"], "no/such"),
                (["usart", "--on", "p", "--log", "no/such"], "no/such"),
                (["usart", "--on", "p", "--log", "/dev/full"], "No space left"),
                (["usart", "--on", "p", "--flash", "folder"], "Is a directory"),
                (["usart", "--on", "no/such"], "No such file"),
                (["usart", "--on", "file"], "something else is there")):
            self.assertIn(words, self.refused(*arguments), arguments)

    def test_help_and_lists(self):
        status, out, _ = self.boottap("simulate", "usart", "--product", "list")
        self.assertEqual(status, 0)
        self.assertIn("0x413 STM32F405/407/415/417", out)
        status, out, _ = self.boottap("simulate", "dfu", "--fault", "list")
        self.assertEqual(status, 0)
        self.assertIn("read-unprotect    request status\n", out)


if __name__ == "__main__":
    unittest.main()
