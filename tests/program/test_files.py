# SPDX-License-Identifier: GPL-2.0-or-later
"""What is written, and what becomes of what was there before: outputs are whole, are no inputs, keep
what they had; errors of writing are told."""
import fcntl
import os
import pathlib
import resource
import signal
import stat
import struct
import subprocess
import termios
import unittest
import xml.etree.ElementTree

import program

CAPTURES = pathlib.Path(os.environ["BOOTTAP_CAPTURES"])
NOBODY = 65534
OLD = "what was there before\n"

# Command lines that write a whole file from one capture.
WHOLE = [["extract", "{}", "-q", "-o", "out.hex"], ["extract", "{}", "-q", "-o", "out.bin"],
         ["report", "{}", "-o", "out.html"], ["annotate", "{}", "out.pcapng"],
         ["convert", "{}", "out.pcapng"]]


def no_larger_than(size):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


class Files(program.TestCase):
    def setUp(self):
        super().setUp()
        whole = (CAPTURES / "fdcan-flash.pcap").read_bytes()
        (self.folder / "a.pcap").write_bytes(whole)
        (self.folder / "cut.pcap").write_bytes(whole[:-3])
        (self.folder / "b.pcap").write_bytes((CAPTURES / "fdcan-flash-sll.pcap").read_bytes())
        (self.folder / "c.pcap").write_bytes((CAPTURES / "dfu-download.pcap").read_bytes())

    def path(self, name):
        return self.folder / name

    def old(self, name):
        self.path(name).write_text(OLD)

    def assert_old(self, name):
        self.assertEqual(self.path(name).read_text(errors="replace"), OLD)

    def assert_nothing_left(self):
        self.assertEqual([p.name for p in self.folder.iterdir() if p.name.startswith(".boottap")],
                         [])

    def with_(self, arguments, capture):
        return [word.format(capture) for word in arguments]

    def limited(self, arguments, **options):
        run = subprocess.run([program.PROGRAM, *arguments], cwd=self.folder, text=True,
                             stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                             timeout=program.PATIENCE, check=False, **options)
        return run.returncode, run.stderr


class Whole(Files):
    """A replaced output is whole."""

    def interrupted(self, arguments, number, output):
        """Signals a command that has read half of its input."""
        os.mkfifo(self.path("half"))
        self.addCleanup(lambda: self.path("half").unlink(missing_ok=True))
        process = self.start([program.PROGRAM, *arguments])
        with open(self.path("half"), "wb", buffering=0) as pipe:
            pipe.write(self.path("a.pcap").read_bytes()[:3000])
            program.await_that(lambda: struct.unpack("i", fcntl.ioctl(
                pipe, termios.FIONREAD, bytes(4)))[0] == 0, "a reader")
            process.send_signal(number)
            out, err = process.communicate(timeout=program.PATIENCE)
        self.path("half").unlink()
        self.assertEqual(process.returncode, -number, arguments)
        self.assertEqual(out, "")
        self.assertIn(f"boottap: {output}: not written, as a signal came", err)
        self.assert_nothing_left()
        return err

    def test_a_signal_leaves_what_was_there(self):
        commands = WHOLE[1:] + [["extract", "{}", "--map", "-o", "out.bin"],
                                ["diff", "a.pcap", "{}", "--junit", "out.xml"],
                                ["diff", "--effect", "a.pcap", "{}", "--junit=out.xml"]]
        for command in commands:
            arguments = self.with_(command, "half")
            output = arguments[-1].removeprefix("--junit=")
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                with self.subTest(command=command, number=number):
                    self.old(output)
                    err = self.interrupted(arguments, number, output)
                    self.assertIn("the file is what it was before", err)
                    self.assert_old(output)
                    self.path(output).unlink()
                    self.interrupted(arguments, number, output)
                    self.assertFalse(self.path(output).exists())

    def test_standard_output_gets_nothing_of_a_half(self):
        self.interrupted(["report", "half", "-o", "-"], signal.SIGTERM, "standard output")

    def test_part_of_a_capture_is_written_and_told(self):
        for command in WHOLE:
            arguments = self.with_(command, "cut.pcap")
            output = arguments[-1]
            with self.subTest(command=command):
                status, _, err = self.boottap(*arguments)
                self.assertEqual(status, 2)
                self.assertIn(f"boottap: {output}: is partial: cut.pcap could not be read to its "
                              "end\n", err)
                self.assertGreater(self.path(output).stat().st_size, 0)
                self.path(output).unlink()

    def test_part_of_a_capture_does_not_replace_a_file_unasked(self):
        for command in WHOLE:
            arguments = self.with_(command, "cut.pcap")
            output = arguments[-1]
            with self.subTest(command=command):
                self.old(output)
                status, _, err = self.boottap(*arguments)
                self.assertEqual(status, 2)
                self.assertIn(f"{output}: kept as it was, as cut.pcap could not be read to its end; "
                              "--partial replaces it", err)
                self.assert_old(output)
                status, _, err = self.boottap(*arguments, "--partial")
                self.assertEqual(status, 2)
                self.assertIn(f"{output}: is partial", err)
                self.assertNotEqual(self.path(output).read_bytes(), OLD.encode())
                # One that holds nothing is no earlier output.
                self.path(output).write_bytes(b"")
                self.boottap(*arguments)
                self.assertGreater(self.path(output).stat().st_size, 0)

    def test_what_is_partial_says_so_itself(self):
        self.boottap("report", "cut.pcap", "-o", "out.html")
        self.assertIn("could not be read to its end", self.path("out.html").read_text())
        self.boottap("annotate", "cut.pcap", "out.pcapng")
        self.assertIn(b"boottap: partial: the capture could not be read to its end",
                      self.path("out.pcapng").read_bytes())
        self.boottap("extract", "cut.pcap", "-o", "out.srec")
        # S0, 19 bytes: address 0, "boottap, partial"
        self.assertEqual(self.path("out.srec").read_text().splitlines()[0][:-2],
                         "S0130000626F6F747461702C207061727469616C")
        self.assertIn("; partial: the capture was not read to its end",
                      self.boottap("extract", "cut.pcap", "--map")[1])
        for capture, complete in (("cut.pcap", False), ("a.pcap", True)):
            out = program.objects(self.boottap("extract", capture, "--json")[1])
            self.assertEqual([o["complete"] for o in out], [complete])

    def test_a_full_disk_leaves_what_was_there(self):
        for command in WHOLE + [["diff", "{}", "c.pcap", "--junit", "out.xml"]]:
            arguments = self.with_(command, "a.pcap")
            output = arguments[-1]
            with self.subTest(command=command):
                self.old(output)
                status, err = self.limited(arguments, preexec_fn=no_larger_than(64),
                                           stdout=subprocess.DEVNULL)
                self.assertEqual(status, 2)
                self.assertIn(f"boottap: {output}: File too large\n", err)
                self.assert_old(output)
                self.assert_nothing_left()

    def test_annotate_looks_before_it_keeps(self):
        status, _, err = self.boottap("annotate", "/dev/zero", "out.pcapng")
        self.assertEqual((status, err.count("\n")), (2, 1))
        self.assertIn("/dev/zero: ", err)
        self.assertFalse(self.path("out.pcapng").exists())
        # What can be read only once is read all the same.
        with open(self.path("a.pcap"), "rb") as file:
            subprocess.run([program.PROGRAM, "annotate", "-", "out.pcapng"], cwd=self.folder,
                           stdin=file, check=True)


class Replaced(Files):
    """What a replaced file keeps."""

    def replace(self, output="out.hex", status=0, **options):
        result = self.limited(["extract", "a.pcap", "-q", "-o", output, "--format=hex"],
                              stdout=subprocess.DEVNULL, **options)
        self.assertEqual(result[0], status, result[1])
        return result[1]

    def test_rights(self):
        for mode in (0o600, 0o664, 0o755):
            self.old("out.hex")
            self.path("out.hex").chmod(mode)
            self.replace()
            self.assertEqual(stat.S_IMODE(self.path("out.hex").stat().st_mode), mode)
            self.assertTrue(self.path("out.hex").read_text().startswith(":"))

    def test_a_new_file_has_what_the_umask_leaves(self):
        self.replace(umask=0o027)
        self.assertEqual(stat.S_IMODE(self.path("out.hex").stat().st_mode), 0o640)

    def test_attributes(self):
        self.old("out.hex")
        try:
            os.setxattr(self.path("out.hex"), "user.boottap", b"kept")
        except OSError:
            self.skipTest("no extended attributes here")
        self.replace()
        self.assertEqual(os.getxattr(self.path("out.hex"), "user.boottap"), b"kept")

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_owner_and_group(self):
        self.old("out.hex")
        os.chown(self.path("out.hex"), 1234, 2345)
        self.replace()
        status = self.path("out.hex").stat()
        self.assertEqual((status.st_uid, status.st_gid), (1234, 2345))

    def test_symbolic_links(self):
        (self.folder / "real").mkdir()
        for before in (True, False):
            if before:
                self.old("real/out.hex")
            self.path("link.hex").symlink_to("real/out.hex")
            self.replace("link.hex")
            self.assertTrue(self.path("link.hex").is_symlink())
            self.assertTrue(self.path("real/out.hex").read_text().startswith(":"))
            self.path("link.hex").unlink()
            self.path("real/out.hex").unlink()

    def test_names_of_255_bytes(self):
        name = "x" * 251 + ".hex"
        for _ in range(2):
            self.replace(name)
            self.assertTrue(self.path(name).read_text().startswith(":"))

    def as_nobody(self):
        if os.geteuid() != 0:
            return {}
        self.folder.chmod(0o755)
        return {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    def test_a_file_in_a_directory_that_may_not_be_written(self):
        options = self.as_nobody()
        self.old("out.hex")
        if options:
            os.chown(self.path("out.hex"), NOBODY, NOBODY)
        self.folder.chmod(0o555)
        self.addCleanup(self.folder.chmod, 0o755)
        inode = self.path("out.hex").stat().st_ino
        self.replace(**options)
        self.assertTrue(self.path("out.hex").read_text().startswith(":"))
        self.assertEqual(self.path("out.hex").stat().st_ino, inode)
        self.assertIn("out2.hex: Permission denied", self.replace("out2.hex", 2, **options))
        # No room for the new contents: the old ones stay.
        self.path("out.hex").write_text(OLD)
        err = self.replace("out.hex", 2, preexec_fn=no_larger_than(64), **options)
        self.assertIn("out.hex: File too large", err)
        self.assert_old("out.hex")

    def test_a_file_that_may_not_be_written(self):
        options = self.as_nobody()
        self.folder.chmod(0o777)
        self.old("out.hex")
        self.path("out.hex").chmod(0o444)
        self.assertIn("out.hex: Permission denied", self.replace("out.hex", 2, **options))
        self.assert_old("out.hex")


class Apart(Files):
    """No output is an input, nor another output."""

    def assert_refused(self, arguments, words, **options):
        before = {p.name: p.read_bytes() for p in self.folder.iterdir()
                  if p.is_file() and not p.is_symlink()}
        status, err = self.limited(arguments, stdout=options.pop("stdout", subprocess.DEVNULL),
                                   **options)
        self.assertEqual(status, 2, (arguments, err))
        self.assertIn(words, err, arguments)
        for name, contents in before.items():
            self.assertEqual(self.path(name).read_bytes(), contents, (arguments, name))

    def test_every_pair(self):
        self.path("fw.hex").write_text(":0400000000000000FC\n:00000001FF\n")
        to = ["--to=can:can0"]
        over = {
            "a.pcap": [["extract", "a.pcap", "-o", "a.pcap", "--format=hex"],
                       ["report", "a.pcap", "-o", "a.pcap"], ["annotate", "a.pcap", "a.pcap"],
                       ["convert", "a.pcap", "a.pcap"],
                       ["diff", "a.pcap", "b.pcap", "--junit=a.pcap"],
                       ["diff", "b.pcap", "a.pcap", "--junit=a.pcap"],
                       ["replay", "a.pcap", *to, "-w", "a.pcap"],
                       ["replay", "a.pcap", *to, "--junit=a.pcap"],
                       ["run", "--diff=a.pcap", "-w", "a.pcap", "--", "true"],
                       ["run", "--diff=a.pcap", "--json=a.pcap", "--", "true"],
                       ["run", "--diff=a.pcap", "--junit=a.pcap", "--", "true"]],
            "fw.hex": [["report", "a.pcap", "--expect=fw.hex", "-o", "fw.hex"],
                       ["replay", "a.pcap", "--image=fw.hex", *to, "-w", "fw.hex"],
                       ["replay", "a.pcap", "--image=fw.hex", *to, "--junit=fw.hex"],
                       ["run", "--expect=fw.hex", "-w", "fw.hex", "--", "true"],
                       ["run", "-w", "fw.hex", "--", "cat", "fw.hex"],
                       ["live", "serial:/dev/null", "--expect=fw.hex", "-w", "fw.hex"]],
        }
        for name, lines in over.items():
            for arguments in lines:
                with self.subTest(arguments=arguments):
                    self.assert_refused(arguments, f"would be written over '{name}', which is read")
        for arguments in (["run", "-w", "x", "--json=x", "--", "true"],
                          ["run", "-w", "x", "--junit=./x", "--", "true"],
                          ["run", "--json", "x", "--junit=x", "--", "true"],
                          ["replay", "a.pcap", *to, "-w", "x", "--junit=x"],
                          ["simulate", "usart", "--on=port", "--flash=x", "--log=x"],
                          ["simulate", "usart", "--on=x", "--log=x"]):
            with self.subTest(arguments=arguments):
                self.assert_refused(arguments, "name the same file")

    def test_every_way_to_name_a_file(self):
        os.link(self.path("a.pcap"), self.path("hard"))
        self.path("soft").symlink_to("a.pcap")
        (self.folder / "sub").symlink_to(".")
        for name in ("hard", "soft", "./a.pcap", "sub/a.pcap", self.folder / "a.pcap"):
            with self.subTest(name=name):
                self.assert_refused(["report", "a.pcap", "-o", name], "would be written over")
        for name in ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"):
            with self.subTest(name=name), open(self.path("a.pcap"), "rb") as file:
                run = subprocess.run([program.PROGRAM, "report", name, "-o", "hard"],
                                     cwd=self.folder, stdin=file, stderr=subprocess.PIPE,
                                     text=True, check=False)
                self.assertEqual(run.returncode, 2)
                self.assertIn("would be written over 'hard'" if name == "-" else
                              f"would be written over '{name}'", run.stderr)
        # Files that are not there yet
        self.path("later").symlink_to("sub/x")
        self.assert_refused(["run", "-w", "x", "--json=later", "--", "true"], "name the same file")

    def test_standard_output(self):
        for arguments in (["decode", "a.pcap"], ["diagnose", "a.pcap"], ["diff", "b.pcap", "a.pcap"],
                          ["extract", "a.pcap", "--map"], ["extract", "a.pcap", "-o", "-",
                                                           "--format=hex"],
                          ["report", "a.pcap", "-o", "-"], ["annotate", "a.pcap", "-"],
                          ["convert", "a.pcap", "-"], ["replay", "a.pcap"]):
            with self.subTest(arguments=arguments), open(self.path("a.pcap"), "ab") as file:
                self.assert_refused(arguments, "would be written over 'a.pcap'", stdout=file)
        # What keeps nothing may be named twice.
        self.assertEqual(self.limited(["run", "-q", "-w", "/dev/null", "--json=/dev/null", "--",
                                       "true"])[0], 0)


class Errors(Files):
    """An output that cannot be written is exit status 2, whatever was found."""

    LINES = [["decode", "a.pcap"], ["decode", "-x", "a.pcap"], ["decode", "--json", "a.pcap"],
             ["decode", "--summary", "a.pcap"], ["diagnose", "a.pcap"], ["diagnose", "c.pcap"],
             ["diagnose", "--json", "a.pcap"], ["diff", "a.pcap", "c.pcap"],
             ["diff", "--json", "a.pcap", "a.pcap"], ["diff", "-s", "a.pcap", "a.pcap"],
             ["diff", "-q", "a.pcap", "c.pcap"], ["diff", "--effect", "a.pcap", "c.pcap"],
             ["diff", "a.pcap", "c.pcap", "--junit=-"], ["extract", "--map", "a.pcap"],
             ["extract", "--json", "a.pcap"], ["extract", "a.pcap", "-q", "-o", "-", "--format=hex"],
             ["report", "a.pcap", "-o", "-"], ["annotate", "a.pcap", "-"],
             ["convert", "a.pcap", "-"], ["replay", "a.pcap"], ["replay", "--json", "a.pcap"], ["list"], ["list", "--json"], ["help"],
             ["help", "rules"], ["--version"]]

    def test_an_empty_argument(self):
        """As a script's variable that is not set."""
        for arguments in (("decode", ""), ("report", "x", "-o", ""), ("diff", "--junit=", "a", "b")):
            with self.subTest(arguments):
                status, _, err = self.boottap(*arguments)
                self.assertEqual(status, 2)
                self.assertRegex(err, r"^boottap: .* is empty, as [^\n]*\n$")

    def test_a_full_standard_output(self):
        for arguments in self.LINES:
            with self.subTest(arguments=arguments), open("/dev/full", "wb") as full:
                status, err = self.limited(arguments, stdout=full)
                self.assertEqual(status, 2)
                self.assertIn("standard output: No space left on device\n", err)

    def test_a_closed_standard_output(self):
        for arguments in self.LINES:
            with self.subTest(arguments=arguments):
                status, err = self.limited(arguments, preexec_fn=lambda: os.close(1))
                self.assertEqual(status, 2)
                self.assertIn("standard output: Bad file descriptor\n", err)

    def test_standard_error_does_not_count(self):
        for how in ({"preexec_fn": lambda: os.close(2)}, {}):
            with open("/dev/full", "wb") as full:
                run = subprocess.run([program.PROGRAM, "diff", "a.pcap", "c.pcap"], check=False,
                                     cwd=self.folder, stdout=subprocess.DEVNULL, stderr=full, **how)
            self.assertEqual(run.returncode, 1)

    def test_files(self):
        for arguments in (["diff", "a.pcap", "c.pcap", "--junit=/dev/full"],
                          ["extract", "a.pcap", "-q", "-o", "/dev/full", "--format=hex"],
                          ["report", "a.pcap", "-o", "/dev/full"],
                          ["annotate", "a.pcap", "/dev/full"],
                          ["convert", "a.pcap", "/dev/full"],
                          ["run", "-q", "--junit=/dev/full", "--", "true"],
                          ["run", "-q", "-w", "/dev/full", "--", "true"]):
            with self.subTest(arguments=arguments):
                status, err = self.limited(arguments, stdout=subprocess.DEVNULL)
                self.assertEqual(status, 2)
                self.assertIn("/dev/full: No space left on device", err)


class Reports(Files):
    """A JUnit report is today's."""

    def errors(self, name="j.xml"):
        root = xml.etree.ElementTree.parse(self.path(name)).getroot()
        return [e.get("message") for e in root.iter("error")]

    def test_the_reader_of_the_differences_goes(self):
        self.old("j.xml")
        for more in ([], ["--json"]):
            read, write = os.pipe()
            os.close(read)
            with open(write, "wb") as pipe:
                status, _ = self.limited(["diff", "a.pcap", "c.pcap", "--junit=j.xml", *more],
                                         stdout=pipe)
            self.assertEqual(status, -signal.SIGPIPE)
            root = xml.etree.ElementTree.parse(self.path("j.xml")).getroot()
            self.assertGreater(len(list(root.iter("failure"))), 0)
            self.path("j.xml").unlink()

    def test_the_reader_of_a_map_goes(self):
        read, write = os.pipe()
        os.close(read)
        with open(write, "wb") as pipe:
            status, _ = self.limited(["extract", "a.pcap", "--map", "-o", "out.hex"], stdout=pipe)
        self.assertEqual(status, -signal.SIGPIPE)
        self.assertTrue(self.path("out.hex").read_text().startswith(":"))

    def test_an_error_is_reported(self):
        self.path("empty.pcap").write_bytes(self.path("a.pcap").read_bytes()[:24])
        self.path("no").write_text("no capture")
        missing = "No such file or directory"
        for arguments, words in (
                (["diff", "a.pcap", "missing"], "missing: " + missing),
                (["diff", "--effect", "missing", "a.pcap"], "missing: " + missing),
                (["diff", "--effect", "empty.pcap", "a.pcap"], "empty.pcap: no bootloader"),
                (["run", "--diff=missing"], "missing: " + missing),
                (["run", "--expect=missing.bin"], "missing.bin: " + missing),
                (["run", "-w", "no/x.pcapng"], "no/x.pcapng: Not a directory"),
                (["run"], "./mistyped: cannot be started: " + missing)):
            with self.subTest(arguments=arguments):
                self.old("j.xml")
                tool = ["--", "./mistyped"] if arguments[0] == "run" else []
                status, _, _ = self.boottap(*arguments, "--junit=j.xml", *tool)
                self.assertEqual(status, 2)
                self.assertEqual(len(self.errors()), 1)
                self.assertIn(words, self.errors()[0])

    def test_a_replay_without_a_plan_says_so(self):
        self.path("empty.pcap").write_bytes(self.path("a.pcap").read_bytes()[:24])
        for arguments in (["missing"], ["a.pcap", "--from=99999"], ["empty.pcap"],
                          ["a.pcap", "--image=missing.bin"], ["a.pcap", "--session=77"]):
            with self.subTest(arguments=arguments):
                status, out, err = self.boottap("replay", "--json", *arguments)
                last = err.splitlines()[-1].removeprefix("boottap: ")
                plan = program.objects(out)
                self.assertEqual((status, len(plan)), (2, 1))
                self.assertEqual((plan[0]["type"], plan[0]["allowed"]), ("plan", False))
                self.assertEqual([p["text"] for p in plan[0]["problems"]], [last])
                self.old("j.xml")
                status, out, err = self.boottap("replay", "--json", *arguments, "--to=can:can0",
                                                "--junit=j.xml")
                last = err.splitlines()[-1].removeprefix("boottap: ")
                result = program.objects(out)[-1]
                self.assertEqual((status, result["type"], result["end"], result["words"]),
                                 (2, "replay", "refused", last))
                root = xml.etree.ElementTree.parse(self.path("j.xml")).getroot()
                self.assertIn(last, xml.etree.ElementTree.tostring(root, "unicode"))
        self.old("j.xml")
        status, out, err = self.boottap("replay", "--json", "missing", "--to=can:can0",
                                        "--translate", "--junit=j.xml")
        self.assertEqual((status, program.objects(out)[-1]["end"]), (2, "refused"))
        self.assertIn("missing: No such file", self.path("j.xml").read_text())

    def test_an_image_that_is_refused_has_no_plan(self):
        self.path("far.hex").write_text(":020000040001F9\n:0400000000000000FC\n:00000001FF\n")
        status, out, err = self.boottap("replay", "a.pcap", "--image=far.hex")
        self.assertEqual((status, out), (2, ""))
        self.assertIn("of the image do not fit", err)


class Recordings(Files):
    """boottap run and what it records."""

    def test_a_tool_that_cannot_be_started(self):
        self.path("script").write_text("#!/no/such/interpreter\n")
        self.path("script").chmod(0o755)
        for tool in ("./mistyped", "mistyped", "./script"):
            for before in (True, False):
                with self.subTest(tool=tool, before=before):
                    for name in ("w.pcapng", "w.json"):
                        self.path(name).unlink(missing_ok=True)
                        if before:
                            self.old(name)
                    status, _, err = self.boottap("run", "-w", "w.pcapng", "--json=w.json", "--",
                                                  tool)
                    self.assertEqual(status, 2, err)
                    for name in ("w.pcapng", "w.json"):
                        if before:
                            self.assert_old(name)
                        else:
                            self.assertFalse(self.path(name).exists())

    def test_a_tool_that_says_nothing(self):
        for name in ("w.pcapng", "w.json"):
            self.old(name)
        self.assertEqual(self.boottap("run", "-q", "-w", "w.pcapng", "--json=w.json", "--",
                                      "true")[0], 0)
        self.assertEqual(self.path("w.json").read_bytes(), b"")
        self.assertEqual(self.path("w.pcapng").read_bytes()[:4], b"\n\r\r\n")

    def test_a_tool_may_still_die_of_files_that_grow_too_large(self):
        status, _, err = self.boottap("run", "-q", "--", "sh", "-c",
                                      "ulimit -f 1; exec head -c 100000 /dev/zero > large")
        self.assertEqual(status, 1)
        self.assertIn(f"signal {signal.SIGXFSZ.value} ", err)

    def test_nothing_temporary_is_left(self):
        (self.folder / "tmp").mkdir()
        environment = {**os.environ, "TMPDIR": str(self.folder / "tmp")}
        for number in (None, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            process = self.start([program.PROGRAM, "run", "--diff=a.pcap", "--", "sh", "-c",
                                  "ls tmp; exec sleep " + ("0" if number is None else "60")],
                                 env=environment)
            self.assertTrue(process.stdout.readline().startswith("boottap-run-"))
            if number is not None:
                process.send_signal(number)
            process.communicate(timeout=program.PATIENCE)
            self.assertEqual(list((self.folder / "tmp").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
