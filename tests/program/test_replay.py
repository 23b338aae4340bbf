# SPDX-License-Identifier: GPL-2.0-or-later
"""boottap replay on a simulated USART device: what is sent, what is said, how it ends."""
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import time
import unittest
import xml.etree.ElementTree

import program

CAPTURES = pathlib.Path(__file__).resolve().parents[2] / "captures"

# Sync, Get, Get Version, Get ID, Extended Erase of page 0, four writes of 1000 bytes from 0x08000000
# on (numbers 6 to 9), four reads of them, Go (number 14): captures/expected has them.
FLASH = CAPTURES / "usart-flash-f405.pcap"
COMMANDS = 14
ALL = "write,erase,go"
LENGTH = 1000


SYNC = [(1, "7f"), (2, "79")]
WRITE = [(1, "31ce"), (2, "79"), (1, "0800000008"), (2, "79"), (1, "000000"), (2, "79")]


def get_id(pid):
    return [(1, "02fd"), (2, "7901%04x79" % pid)]


def write_capture(path, exchange):
    """A pcap file of RTAC serial records: (1, hex) is what the host sent, (2, hex) the device."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65536, 250))
        for number, (event, text) in enumerate(exchange):
            record = struct.pack(">IIBBH", 1000, 1000 * number, event, 0, 0) + bytes.fromhex(text)
            out.write(struct.pack("<IIII", 1000, 1000 * number, len(record), len(record)) + record)


class Replay(program.TestCase):
    def simulate(self, *options, product="0x413"):
        """A device behind ./port, whose log and memory are ./log and ./flash."""
        path = self.folder / "port"
        process = self.start([program.PROGRAM, "simulate", "usart", "--on", path, "--product",
                              product, "--log", "log", "--flash", "flash", *options])
        program.await_that(lambda: path.is_symlink() or process.poll() is not None, "a device")
        return process

    def replay(self, capture, *options, allow=ALL):
        permissions = ["--allow", allow] if allow else []
        return self.boottap("replay", capture, "--to", "serial:./port", *permissions, *options)

    def log(self):
        return (self.folder / "log").read_text()

    def stop(self, device):
        """Ends a device, and what it leaves."""
        device.send_signal(signal.SIGINT)
        device.wait(program.PATIENCE)
        (self.folder / "port").unlink(missing_ok=True)

    def memory(self, device):
        """The device's flash memory, which it writes as it ends."""
        self.stop(device)
        return (self.folder / "flash").read_bytes()

    def written(self, capture):
        self.assertEqual(self.boottap("extract", "-q", capture, "-o", "image.bin")[0], 0)
        return (self.folder / "image.bin").read_bytes()

    def cases(self, path):
        """{case: why it failed, or None}"""
        suite = xml.etree.ElementTree.parse(self.folder / path).getroot()[0]
        self.assertEqual(suite.get("name"), "replay")
        return {case.get("name"): case.findtext("failure") for case in suite}

    def test_the_same(self):
        device = self.simulate()
        status, out, err = self.replay(FLASH, "-w", "own.pcapng", "--junit", "junit.xml")
        self.assertEqual(out, "14 commands replayed, all answered as recorded\n")
        self.assertEqual(status, 0)
        self.assertTrue(err.startswith("Worked: erased 1 page at 0x08000000-0x08003fff, wrote 1000"))
        self.assertEqual(self.boottap("diff", FLASH, "own.pcapng"), (0, "", ""))
        self.assertEqual(self.memory(device)[:LENGTH], self.written(FLASH))
        self.assertEqual(set(self.cases("junit.xml").values()), {None})

    def refused(self, *options, allow, capture=FLASH):
        """A replay that must not even open the port. @return what it says"""
        device = self.simulate()
        status, out, err = self.replay(capture, *options, allow=allow)
        self.assertEqual((status, out), (2, ""))
        self.stop(device)
        self.assertNotIn("opened", self.log())
        return err

    def test_missing_permissions(self):
        err = self.refused("--junit", "junit.xml", allow="write")
        self.assertEqual(err, "boottap: %s: needs --allow erase,go, which is not given: nothing was "
                         "sent\n" % FLASH)
        self.assertEqual(self.cases("junit.xml")["plan"],
                         "needs --allow erase,go, which is not given: nothing was sent")

    def test_another_wire(self):
        err = self.refused(allow=ALL, capture=CAPTURES / "dfu-download.pcap")
        self.assertIn("--translate", err)

    def test_a_reply_mode(self):
        self.simulate()
        status, out, err = self.replay(CAPTURES / "usart-stm8-reply.pcap", "--yes", allow="write,go")
        self.assertEqual(status, 2)
        self.assertRegex(err, r"reply mode\), which replay does not")
        self.assertNotIn("opened", self.log())
        plan = self.boottap("replay", CAPTURES / "usart-stm8-reply.pcap")
        self.assertEqual(plan[0], 0)
        self.assertRegex(plan[1], r"Device: STM8.*in reply mode.*cannot be sent")

    def test_a_protection_without_a_terminal(self):
        # Readout Unprotect is number 5.
        capture = CAPTURES / "stm32flash-unprotect.pcap"
        device = self.simulate(product="0x410")
        process = self.start([program.PROGRAM, "replay", capture, "--to", "serial:./port", "--allow",
                              "unprotect"], start_new_session=True)
        _, err = process.communicate(timeout=program.PATIENCE)
        self.assertEqual(process.returncode, 2)
        self.assertIn("transaction 5: Readout Unprotect, which removes the read protection", err)
        self.assertIn("must be confirmed", err)
        self.stop(device)
        self.assertNotIn("opened", self.log())

    def made(self, *exchange):
        """A capture of these."""
        path = self.folder / ("made%d.pcap" % len(list(self.folder.glob("made*"))))
        write_capture(path, [one for part in exchange for one in part])
        return path

    def test_a_device_that_the_capture_does_not_tell(self):
        for capture in self.made(SYNC, WRITE), self.made(SYNC, get_id(0x4FF), WRITE):
            device = self.simulate()
            process = self.start([program.PROGRAM, "replay", capture, "--to", "serial:./port",
                                  "--allow", ALL], start_new_session=True)
            _, err = process.communicate(timeout=program.PATIENCE)
            self.assertEqual(process.returncode, 2)
            self.assertIn("does not tell which device it is for", err)
            self.assertIn("--yes", err)
            self.stop(device)
            self.assertNotIn("opened", self.log())

    def test_a_device_that_the_capture_does_not_tell_confirmed(self):
        capture = self.made(SYNC, WRITE)
        device = self.simulate()
        self.assertEqual(self.replay(capture, "--yes")[0], 0)
        self.stop(device)
        self.simulate()
        status, shown = self.on_terminal(b"n\n", capture, "write")
        self.assertEqual(status, 2)
        self.assertIn("does not tell which device it is for", shown)
        self.assertNotIn("opened", self.log())
        self.assertEqual(self.on_terminal(b"y\n", capture, "write")[0], 0)
        self.assertIn("host 00 00 00", self.log())

    def test_two_product_ids(self):
        device = self.simulate()
        status, _, err = self.replay(self.made(SYNC, get_id(0x410), get_id(0x413), WRITE),
                                     "--junit", "junit.xml")
        self.assertEqual(status, 1)
        self.assertIn("2 of 4 commands were sent", self.cases("junit.xml")["end"])
        self.assertIn("another device: product id 0x413, in transaction 2 of the capture 0x410",
                      err)
        self.stop(device)
        self.assertNotIn("host 31 ce", self.log())

    def test_files_that_must_not_be_written(self):
        (self.folder / "new.bin").write_bytes(b"image")
        (self.folder / "link").symlink_to("port")
        for option in "-w", "--junit":
            self.refused(option, "port", allow=ALL)
            self.refused(option, "link", allow=ALL)
            self.refused(option, ".", allow=ALL)
            self.refused(option, "new.bin", "--image", "new.bin", allow=ALL)
        self.assertEqual((self.folder / "new.bin").read_bytes(), b"image")

    def test_a_full_disk(self):
        self.simulate()
        with open("/dev/full", "wb") as full:
            run = subprocess.run([program.PROGRAM, "replay", FLASH, "--to", "serial:./port",
                                  "--allow", ALL], cwd=self.folder, stdout=full, text=True,
                                 stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                 timeout=program.PATIENCE, check=False)
        self.assertEqual(run.returncode, 2)
        self.assertIn("standard output: No space left on device\n", run.stderr)
        # The device is not left half written for that.
        self.assertIn("host 21 de", self.log())

    def on_terminal(self, answer, capture=CAPTURES / "stm32flash-unprotect.pcap",
                    allow="unprotect"):
        """Replays on a terminal of its own. @return (status, what it shows)"""
        command = [program.PROGRAM, "replay", str(capture), "--to",
                   "serial:%s" % (self.folder / "port"), "--allow", allow]
        child, terminal = pty.fork()
        if child == 0:
            os.execv(command[0], command)
        shown = b""
        try:
            while True:
                part = os.read(terminal, 4096)
                if not part:
                    break
                shown += part
                if answer is not None and b"[y/N] " in shown:
                    os.write(terminal, answer)
                    answer = None
        except OSError:
            pass  # EIO: the program has ended
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()

    def test_a_protection_confirmed_on_the_terminal(self):
        device = self.simulate(product="0x410")
        status, shown = self.on_terminal(b"n\n")
        self.assertEqual(status, 2)
        self.assertIn("transaction 5: Readout Unprotect", shown)
        self.assertNotIn("opened", self.log())
        self.assertEqual(self.on_terminal(b"y\n")[0], 0)
        self.stop(device)
        self.assertIn("host 92 6d", self.log())

    def test_a_refused_write(self):
        self.simulate("--fault", "nack@write-memory.data#2")
        status, out, err = self.replay(FLASH, "--json", "--junit", "junit.xml")
        lines = program.objects(out)
        self.assertEqual(status, 1)
        self.assertEqual([line["command"] for line in lines[:-2]],
                         ["sync", "get", "get-version", "get-id", "extended-erase", "write-memory",
                          "write-memory"])
        self.assertEqual((lines[-2]["change"], lines[-2]["a"]["n"], lines[-2]["differences"][0]),
                         ("changed", 7, {"field": "status", "a": "ok", "b": "nack"}))
        end = lines[-1]
        self.assertEqual((end["type"], end["end"], end["planned"], end["sent"], end["different"]),
                         ("replay", "different", COMMANDS, 7, 1))
        # Packets of the capture by captures/expected
        self.assertEqual(end["first_different"]["a"],
                         {"n": 7, "first_packet": 24, "last_packet": 29})
        self.assertEqual(end["first_different"]["b"]["n"], 7)
        self.assertIn("Failed: Write Memory 0x08000100", err)
        cases = self.cases("junit.xml")
        self.assertEqual(cases["write-memory"], "transaction 7, Write Memory 0x08000100 256 bytes: "
                         "status: ok -> nack (data)")
        self.assertIn("7 of 14 commands were sent", cases["end"])
        self.assertIn("Failed: Write Memory 0x08000100", cases["verdict"])
        self.assertIsNone(cases["extended-erase"])

    def test_going_on(self):
        self.simulate("--fault", "nack@write-memory.data#2")
        status, out, _ = self.replay(FLASH, "--continue")
        self.assertEqual(status, 1)
        self.assertIn("\n14 commands replayed, 1 answered otherwise than recorded\n"
                      "The first: transaction 7 (", out)
        self.assertIn("host 21 de", self.log())

    def test_other_faults(self):
        faults = {
            # The decoder does not say no-reply of a host that waits for less than tools do.
            "silence@write-memory.data#2": "status: ok -> incomplete (data)",
            "unplug@write-memory.data#2": "status: ok -> incomplete (data)",
            "wrong@read-memory#2": "crc32: 0x",
        }
        for fault, words in faults.items():
            with self.subTest(fault):
                device = self.simulate("--fault", fault)
                status, out, _ = self.replay(FLASH, "--timeout", "1")
                number = 11 if "read" in fault else 7
                self.assertEqual(status, 1)
                self.assertIn("The first: transaction %d (packet" % number, out)
                self.assertIn(words, out.splitlines()[-1])
                self.stop(device)

    def test_a_command_that_ends_before_its_address(self):
        # What the device answered to the command's first bytes belongs to the recorded command.
        outcomes = {"nack": "nack (command)", "unplug": "incomplete (command)"}
        for kind, outcome in outcomes.items():
            with self.subTest(kind):
                device = self.simulate("--fault", kind + "@write-memory#2")
                status, out, _ = self.replay(FLASH, "--timeout", "1")
                self.assertEqual(status, 1)
                self.assertIn("6 same, 1 changed, 0 only in A, 0 only in B\n", out)
                self.assertIn("  A transaction 7, packets 24-29: Write Memory 0x08000100 256 bytes, "
                              "ok\n  A ends here\n", out)
                self.assertIn(" of 14 commands replayed, 1 answered otherwise than recorded\n", out)
                self.assertRegex(out, r"The first: transaction 7 \(packets 24-29 of [^ ]*, packets? "
                                 r"[-0-9]* of the replay\): Write Memory 0x08000100 256 bytes: "
                                 r"status: ok -> %s" % re.escape(outcome))
                self.stop(device)

    def test_another_device(self):
        device = self.simulate(product="0x410")
        status, _, err = self.replay(FLASH, "--continue", "--yes")
        self.assertEqual(status, 1)
        self.assertIn("0x410", err)
        self.stop(device)
        self.assertNotIn("host 44 bb", self.log())

    def test_what_the_device_holds_does_not_count(self):
        # Sync, Get ID, a read of what the device has: nothing was written before.
        device = self.simulate()
        self.replay(FLASH)
        self.stop(device)
        (self.folder / "flash").write_bytes(b"\x55" * LENGTH)
        self.simulate()
        read_only = ["--command", "sync,get-id,read-memory"]
        status, out, _ = self.replay(FLASH, *read_only, allow=None)
        self.assertEqual((status, out), (0, "6 commands replayed, all answered as recorded\n"))

    def test_stopped(self):
        # Bytes take long enough for a signal between two writes: 0.6 s each.
        device = self.simulate("--baud", "4800")
        process = self.start([program.PROGRAM, "replay", FLASH, "--to", "serial:./port", "--allow",
                              ALL])
        program.await_that(lambda: "host 31 ce" in self.log(), "a write")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=program.PATIENCE)
        self.assertEqual(process.returncode, 1)
        self.assertRegex(out, r"^\d+ of 14 commands replayed, answered as recorded up to there\n$")
        self.assertRegex(err, r"stopped before transaction \d+")
        self.stop(device)
        # Between commands: each write that began was answered, and nothing came after.
        log = self.log()
        self.assertEqual(log.count("host 31 ce"), log.count("host ff "))
        self.assertNotIn("host 21 de", log)

    def test_stopped_while_the_device_is_silent(self):
        device = self.simulate("--fault", "silence@extended-erase.data")
        process = self.start([program.PROGRAM, "replay", FLASH, "--to", "serial:./port", "--allow",
                              ALL])
        program.await_that(lambda: "host 00 00 00 00 00" in self.log(), "an erase")
        # The answer is waited for, as a device that erases is silent, too: 40 s; twice is enough.
        end = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < end:
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        self.assertEqual(process.poll(), 1)
        err = process.communicate()[1]
        self.assertIn("stopped while transaction 5, 'Extended Erase 1 page: 0' was waited for", err)
        self.assertIn("what is in 0x08000000-0x08003fff is not known", err)
        self.stop(device)
        self.assertNotIn("host 31 ce", self.log())

    def test_a_plan_with_a_problem_is_not_allowed(self):
        (self.folder / "new.bin").write_bytes(b"image")
        status, out, err = self.boottap("replay", FLASH, "--allow", ALL, "--image", "new.bin",
                                        "--image-address", "0x08100000")
        self.assertEqual(status, 2)
        self.assertIn("do not fit", err)
        self.assertNotIn("All of it is allowed", out)

    def test_a_recording_on_standard_output(self):
        self.simulate()
        with open(self.folder / "out.pcapng", "wb") as out:
            status = subprocess.run([program.PROGRAM, "replay", FLASH, "--to", "serial:./port",
                                     "--allow", ALL, "-w", "-"], cwd=self.folder, stdout=out,
                                    stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                    timeout=program.PATIENCE, check=False).returncode
        self.assertEqual(status, 0)
        # Nothing else is in it: it is read to its end.
        self.assertEqual(self.boottap("diff", FLASH, "out.pcapng"), (0, "", ""))

    def test_another_image(self):
        image = bytes(i * 11 % 253 for i in range(20000))
        (self.folder / "new.bin").write_bytes(image)
        device = self.simulate()
        status, out, err = self.replay(FLASH, "--image", "new.bin")
        self.assertEqual(status, 0, err)
        # 20000 bytes: pages 0 and 1 of 16K in a command, 79 writes of 256, 79 reads.
        self.assertEqual(out, "164 commands replayed, all answered as recorded\n")
        self.assertEqual(self.memory(device)[:len(image)], image)
        self.assertIn("host 00 01 00 00 00 01 00", self.log())

    def test_translated(self):
        capture = CAPTURES / "dfu-download.pcap"
        device = self.simulate()
        status, out, err = self.replay(capture, "--translate")
        self.assertEqual(status, 0, err)
        # Get, Get ID, an erase of page 0, 20 writes of 5000 bytes, Go
        self.assertEqual(out, "erase   the pages that hold the image, by the device's own layout\n"
                         "write   0x08000000-0x08001387  5000 bytes\n"
                         "start   0x08000000\n"
                         "needs   --allow write,erase,go\n"
                         "24 commands replayed, all done\n")
        self.assertEqual(self.memory(device)[:5000], self.written(capture))

    def test_translated_without_permission(self):
        device = self.simulate()
        status, out, err = self.replay(CAPTURES / "dfu-download.pcap", "--translate", "--json",
                                       allow="write,go")
        self.assertEqual(status, 2)
        self.assertEqual([(line["type"], line.get("end")) for line in program.objects(out)],
                         [("translation", None), ("replay", "refused")])
        self.assertIn("needs --allow erase,", err)
        self.stop(device)
        self.assertNotIn("opened", self.log())

    # F103 under read protection refuses the Erase, number 5: opcode and complement are all of it.
    PROTECTED = CAPTURES / "usart-read-protected.pcap"

    def test_a_refusal_that_comes_again(self):
        device = self.simulate("--read-protected", product="0x410")
        status, out, _ = self.replay(self.PROTECTED, allow="erase")
        self.assertEqual(out, "5 commands replayed, all answered as recorded\n")
        self.assertEqual(status, 0)
        self.stop(device)

    def test_a_refusal_that_does_not_come(self):
        for options in ([], ["--continue"]):
            with self.subTest(options):
                (self.folder / "flash").write_bytes(b"\x55" * LENGTH)
                device = self.simulate(product="0x410")
                status, out, err = self.replay(self.PROTECTED, *options, allow="erase")
                self.assertEqual(status, 1)
                self.assertIn("The first: transaction 5 (packet", out)
                self.assertIn("status: nack (command) -> incomplete (length)", out.splitlines()[-1])
                self.assertIn("transaction 5, 'Erase' waits half-sent", err)
                self.assertIn("reset the device", err)
                self.assertIn("the flash memory is as it was", err)
                self.assertEqual(self.memory(device)[:LENGTH], b"\x55" * LENGTH)
                # Nothing follows it.
                self.assertEqual([line.split("host ")[1] for line in self.log().splitlines()
                                  if "host " in line][-1], "43 bc")

    def test_a_refusal_needs_its_permission(self):
        err = self.refused(allow=None, capture=self.PROTECTED)
        self.assertIn("needs --allow erase", err)

    def test_a_read_refused_at_its_address(self):
        self.stop(self.simulate())
        device = self.simulate("--fault", "nack@read-memory.address")
        self.assertEqual(self.replay(FLASH, "-w", "refused.pcapng")[0], 1)
        self.stop(device)
        device = self.simulate("--fault", "nack@read-memory.address")
        status, out, _ = self.replay("refused.pcapng")
        self.assertEqual((status, out), (0, "10 commands replayed, all answered as recorded\n"))
        self.stop(device)
        self.simulate()
        status, out, err = self.replay("refused.pcapng", "--continue")
        self.assertEqual(status, 1)
        self.assertIn("The first: transaction 10 (", out)
        self.assertIn("transaction 10, 'Read Memory 0x08000000' waits half-sent", err)


if __name__ == "__main__":
    unittest.main()
