# SPDX-License-Identifier: GPL-2.0-or-later
"""boottap run: a tool is run, and what it says to its port is explained."""
import os
import resource
import signal
import subprocess
import unittest
import xml.etree.ElementTree

import program

WRITE = ["-w", "fw.bin", "-v", "-g", "0x08000000", "./port"]
# What stm32flash does: it synchronises, identifies, erases the page that 2000 bytes take (2 KiB on
# an STM32G0), writes and reads back eight blocks of at most 256 bytes, starts.
COMMANDS = (["sync", "get-version", "get", "get-id", "extended-erase"] +
            ["write-memory", "read-memory"] * 8 + ["go"])


def full_disk():
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))


class Run(program.TestCase):
    def run_tool(self, *options, tool=None):
        return self.boottap("run", *options, "--", *(tool or self.STM32FLASH + WRITE))

    def again(self, device, *faults):
        """Another device in its place: stm32flash started what it wrote."""
        self.unplug(device)
        return self.device(*faults)

    def test_a_good_flash(self):
        device = self.device(record="device.pcap")
        status, out, err = self.run_tool("-w", "run.pcapng", "--json", "run.json")
        self.unplug(device)
        self.assertEqual(status, 0, err)
        self.assertIn("Starting execution", out)
        self.assertIn("Worked: erased 1 page", err)
        self.assertIn("stm32flash: exit status 0", err)
        stream = (self.folder / "run.json").read_text()
        self.assertEqual([o["command"] for o in program.objects(stream)], COMMANDS)
        self.assertEqual(self.decoded("run.pcapng"), stream)
        self.assertEqual(self.briefly(self.decoded("device.pcap")), self.briefly(stream))

    def test_a_failed_command_is_told_at_once_and_explained_at_the_end(self):
        self.device("read-protected")
        status, _, err = self.run_tool()
        self.assertEqual(status, 1)
        lines = err.splitlines()
        told = next(i for i, line in enumerate(lines) if "#5 Extended Erase: nack (command)" in line)
        gave_up = next(i for i, line in enumerate(lines) if "Failed to erase memory" in line)
        verdict = next(i for i, line in enumerate(lines)
                       if line.startswith("Failed: Extended Erase: nack (command)"))
        self.assertLess(told, gave_up)
        self.assertLess(gave_up, verdict)
        self.assertIn("boottap: stm32flash: exit status 1", lines)

    def test_print_and_quiet(self):
        device = self.device()
        _, _, err = self.run_tool("--print")
        self.assertEqual(sum("Write Memory 0x08" in line for line in err.splitlines()), 8)
        self.again(device)
        _, _, err = self.run_tool("--quiet")
        self.assertTrue(err.startswith("Worked: "), err)
        self.assertNotIn("exit status", err)

    def test_expect(self):
        device = self.device()
        status, _, err = self.run_tool("--expect", "fw.bin")
        self.assertEqual(status, 0)
        self.again(device)
        self.assertIn("exactly this was sent: 2000 bytes", err)
        (self.folder / "other.bin").write_bytes(bytes(2000))
        status, _, err = self.run_tool("--expect", "other.bin", "--junit", "report.xml")
        self.assertEqual(status, 1)
        self.assertIn("differ", err)
        report = xml.etree.ElementTree.parse(self.folder / "report.xml").getroot()
        failed = [case.get("name") for case in report.iter("testcase") if case.find("failure") is not None]
        self.assertEqual(failed, ["other.bin"])
        self.assertEqual(len(list(report.iter("testcase"))), 3)

    def test_diff(self):
        device = self.device()
        self.assertEqual(self.run_tool("-w", "good.pcapng")[0], 0)
        device = self.again(device)
        status, _, err = self.run_tool("--diff", "good.pcapng")
        self.assertEqual(status, 0, err)
        self.assertIn("the same as good.pcapng", err)
        self.again(device, "erase-nack")
        status, out, err = self.run_tool("--diff", "good.pcapng", "--junit", "report.xml",
                                         "--json", "run.json")
        self.assertEqual(status, 1)
        self.assertIn("+                           5  20-23", err)
        self.assertNotIn("+++", out)
        report = xml.etree.ElementTree.parse(self.folder / "report.xml").getroot()
        failed = {case.get("classname") for case in report.iter("testcase")
                  if case.find("failure") is not None}
        self.assertEqual(failed, {"boottap.tool", "boottap.session", "boottap.diff"})
        lines = next(case for case in report.iter("testcase")
                     if case.get("classname") == "boottap.diff").find("failure").text.splitlines()
        self.assertTrue(any(line.startswith("+ ") and "5  20-23" in line for line in lines), lines)
        status, _, _ = self.run_tool("--diff", "good.pcapng", "--junit", "report.xml", tool=["true"])
        self.assertEqual(status, 1)
        report = xml.etree.ElementTree.parse(self.folder / "report.xml").getroot()
        failed = [case.get("classname") for case in report.iter("testcase")
                  if case.find("failure") is not None]
        self.assertEqual(failed, ["boottap.diff"])

    def test_what_is_open_at_the_end_is_told_with_the_verdict(self):
        self.device("sync-silence")
        status, _, err = self.run_tool()
        self.assertEqual(status, 1)
        self.assertNotIn("#1 Sync", err)
        self.assertIn("Failed: Sync: no answer read", err)

    def test_a_port_that_vanishes_is_told(self):
        device = self.device()
        script = "exec 3<>port; echo ready; while printf x >&3; do sleep 0.02; done; exit 3"
        process = self.start([program.PROGRAM, "run", "--", "sh", "-c", script])
        self.assertEqual(process.stdout.readline(), "ready\n")
        self.unplug(device)
        _, err = process.communicate(timeout=program.PATIENCE)
        self.assertEqual(process.returncode, 1)
        self.assertEqual(err.count(": the port failed: Input/output error; was the adapter"), 1, err)

    def test_a_tool_that_fails_though_no_command_did(self):
        self.device()
        status, _, err = self.run_tool(tool=["sh", "-c", "stm32flash -m 8n1 ./port && exit 3"])
        self.assertEqual(status, 1)
        self.assertIn("sh: exit status 3, though nothing that it said to a device failed", err)

    def test_nothing_was_seen(self):
        self.assertEqual(self.run_tool(tool=["true"])[0], 0)
        status, _, err = self.run_tool("--expect", "fw.bin", tool=["true"])
        self.assertEqual(status, 1)
        self.assertIn("no bootloader traffic was seen: no serial port, USB device", err)

    def test_cannot_be_started(self):
        for tool in ("./nowhere", "no-such-tool-anywhere", "./fw.bin"):
            with self.subTest(tool):
                status, _, err = self.run_tool(tool=[tool])
                self.assertEqual(status, 2)
                self.assertIn("cannot be started", err)
        self.assertEqual(self.boottap("run")[0], 2)
        self.assertIn("behind --", self.boottap("run", "stm32flash")[2])

    def test_several_ports_and_a_script(self):
        self.device()
        self.device("read-protected", link="other")
        script = "stm32flash -m 8n1 -w fw.bin ./port; stm32flash -m 8n1 -w fw.bin ./other; exit 0"
        status, _, err = self.run_tool("-w", "run.pcapng", tool=["sh", "-c", script])
        self.assertEqual(status, 1)
        self.assertEqual(sum(line.startswith("Worked: ") for line in err.splitlines()), 1)
        self.assertEqual(sum(line.startswith("Failed: ") for line in err.splitlines()), 1)
        links = {o["link"] for o in program.objects(self.decoded("run.pcapng"))}
        self.assertEqual(len(links), 2)

    def test_a_recording_that_cannot_go_on_leaves_the_tool_alone(self):
        device = self.device(record="device.pcap")
        process = self.start([program.PROGRAM, "run", "-w", "run.pcapng", "--", *self.STM32FLASH,
                              *WRITE], preexec_fn=full_disk)
        out, err = process.communicate(timeout=program.PATIENCE)
        self.unplug(device)
        self.assertEqual(process.returncode, 2)
        self.assertIn("Starting execution", out)
        self.assertEqual(err.count("run.pcapng: File too large"), 1)
        self.assertIn("run.pcapng: holds the beginning only", err.splitlines()[-2])
        self.assertIn("Worked: ", err)
        self.assertEqual([c[0] for c in self.briefly(self.decoded("device.pcap"))], COMMANDS)
        kept = [c[0] for c in self.briefly(self.decoded("run.pcapng"))]
        self.assertEqual(kept[:-1], COMMANDS[:len(kept) - 1])
        self.assertIn(len(kept), range(5, 15))

    def refused(self, *options):
        """No tool is started; what is wrong is told in one line."""
        status, out, err = self.run_tool(*options, tool=["echo", "started"])
        self.assertEqual((status, out), (2, ""), options)
        self.assertEqual(err.count("\n"), 1, err)
        self.assertTrue(err.startswith("boottap: "), err)
        return err

    def test_what_cannot_be_used_starts_no_tool(self):
        device = self.device()
        self.assertEqual(self.run_tool("-w", "good.pcapng")[0], 0)
        self.unplug(device)
        good = (self.folder / "good.pcapng").read_bytes()
        (self.folder / "cut.pcapng").write_bytes(good[:1002])
        self.assertEqual(self.run_tool("-w", "empty.pcapng", tool=["true"])[0], 0)
        self.assertIn("/dev/full: No space left on device", self.refused("-w", "/dev/full"))
        self.assertIn("nowhere.bin: No such file", self.refused("--expect", "nowhere.bin"))
        self.assertIn("nowhere.pcapng: No such file", self.refused("--diff", "nowhere.pcapng"))
        self.assertIn("fw.bin: ", self.refused("--diff", "fw.bin"))
        self.assertIn("cut.pcapng: ", self.refused("--diff", "cut.pcapng"))
        self.assertIn("empty.pcapng: no bootloader traffic", self.refused("--diff", "empty.pcapng"))
        self.assertIn("standard input is the tool's", self.refused("--diff", "-"))
        for option in ("-w", "--json", "--junit"):
            self.assertIn("nowhere/file: No such file", self.refused(option, "nowhere/file"))
            self.assertIn(str(self.folder) + ": ", self.refused(option, self.folder))
            self.refused(option)
            for read in ("--diff", "--expect"):
                self.assertIn("would be written over './good.pcapng'",
                              self.refused(option, "good.pcapng", read, "./good.pcapng"))
        self.assertEqual((self.folder / "good.pcapng").read_bytes(), good)
        self.assertFalse(os.path.exists(self.folder / "--"))

    def test_standard_error_that_is_closed(self):
        script = "exec </dev/null >/dev/null 2>&1; exec stm32flash -m 8n1 -w fw.bin ./port"
        for close in (lambda: os.close(2), lambda: (os.close(0), os.close(1), os.close(2))):
            device = self.device("erase-nack")
            process = self.start([program.PROGRAM, "run", "-w", "run.pcapng", "--json", "run.json",
                                  "--", "sh", "-c", script], preexec_fn=close)
            self.assertEqual(process.wait(program.PATIENCE), 1)
            self.unplug(device)
            self.assertEqual(self.decoded("run.pcapng"), (self.folder / "run.json").read_text())

    def test_who_reads_standard_error_may_go(self):
        self.device("erase-nack")
        script = "stm32flash -m 8n1 -w fw.bin ./port >/dev/null 2>&1; kill -PIPE $$; exit 3"
        reader, writer = os.pipe()
        os.close(reader)
        process = self.start([program.PROGRAM, "run", "-w", "run.pcapng", "--json", "run.json",
                              "--", "sh", "-c", script],
                             preexec_fn=lambda: os.dup2(writer, 2))
        os.close(writer)
        self.assertEqual(process.wait(program.PATIENCE), 1)
        self.assertEqual(self.decoded("run.pcapng"), (self.folder / "run.json").read_text())

    def test_a_command_line_that_is_no_text(self):
        word = b"it's \xff\n" + "\u00e9".encode()
        run = subprocess.run([program.PROGRAM, "run", "-w", "run.pcapng", "--junit", "report.xml",
                              "--", "true", word], cwd=self.folder, stderr=subprocess.PIPE,
                             timeout=program.PATIENCE, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        quoted = "-- true $'it\\'s \\xff\\x0a\u00e9'"
        report = xml.etree.ElementTree.parse(self.folder / "report.xml").getroot()
        self.assertTrue(report.get("name").endswith(quoted), report.get("name"))
        self.assertIn(quoted.encode(), (self.folder / "run.pcapng").read_bytes())

    def test_standard_output_is_the_tools(self):
        status, _, err = self.run_tool("-w", "-")
        self.assertEqual(status, 2)
        self.assertIn("standard output is the tool's", err)

    def test_a_signal_reaches_the_tool_and_is_waited_for(self):
        script = ("trap 'echo got it; exit 5' TERM; echo ready; "
                  "while :; do sleep 0.05; done")
        process = self.start([program.PROGRAM, "run", "-w", "run.pcapng", "--", "sh", "-c", script])
        self.assertEqual(process.stdout.readline(), "ready\n")
        os.kill(process.pid, signal.SIGTERM)
        out, err = process.communicate(timeout=program.PATIENCE)
        self.assertEqual(out, "got it\n")
        self.assertEqual(process.returncode, 1)
        self.assertIn("exit status 5", err)
        self.assertEqual(self.boottap("decode", "run.pcapng")[0], 0)


if __name__ == "__main__":
    program.need("stm32flash")
    unittest.main()
