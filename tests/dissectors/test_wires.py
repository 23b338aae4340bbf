# SPDX-License-Identifier: GPL-2.0-or-later
"""Every wire: by itself, by Decode As, and by its preferences; and what the menus offer."""
import collections
import json
import pathlib
import re
import struct
import subprocess
import tempfile
import unittest

import foreign
import wireshark

OFF = {wire: ["-o", "stm32boot.%s:FALSE" % wire] for wire in ("usart", "dfu", "fdcan", "can")}

# Opcodes of commands that the samples have: AN3155 table 2, AN3156 table 3, AN5405 table 2.
OPCODES = {
    "usart-flash-f103": {"get": 0x00, "get-version": 0x01, "get-id": 0x02, "read-memory": 0x11,
                         "go": 0x21, "write-memory": 0x31, "erase": 0x43, "extended-erase": 0x44,
                         "sync": 0x7F},
    "usart-nack-phases": {"go": 0x21, "extended-erase": 0x44, "special": 0x50,
                          "extended-special": 0x51, "write-protect": 0x63, "write-unprotect": 0x73,
                          "readout-protect": 0x82, "readout-unprotect": 0x92, "get-checksum": 0xA1},
    "fdcan-flash": {"get": 0x00, "get-version": 0x01, "get-id": 0x02, "read-memory": 0x11,
                    "go": 0x21, "write-memory": 0x31, "erase": 0x44},
    "adapter-ftdi": {"get": 0x00, "get-id": 0x02, "write-memory": 0x31, "extended-erase": 0x44},
    "dfu-download": {"set-address": 0x21, "erase": 0x41, "read-unprotect": 0x92},
}
ALL_COMMANDS = (
    "sync get get-version get-id read-memory go write-memory erase extended-erase special "
    "extended-special write-protect write-unprotect readout-protect readout-unprotect get-checksum "
    "speed detach set-address read-unprotect leave clear-status abort get-state get-status download "
    "upload").split()

# How many checksums and complements are wrong
BAD_CHECKSUMS = {"usart-flash-f103": 0, "usart-nack-phases": 9, "fdcan-flash": 0}


def capture(name):
    return wireshark.CAPTURES / (name + ".pcap")


def xored(data):
    """The host's bytes with their checksum (AN3155 section 3)."""
    total = 0
    for byte in data:
        total ^= byte
    return data + bytes([total])


def profile_filters():
    """The filters of the profile's buttons and colours."""
    folder = wireshark.SOURCE / "dissectors" / "profile"
    for line in (folder / "dfilter_buttons").read_text().splitlines():
        if not line.startswith("#"):
            yield re.match(r'"TRUE","\w+","(.*)",""$', line)[1].replace("\\x22", '"')
    for line in (folder / "colorfilters").read_text().splitlines():
        if not line.startswith("#"):
            yield line.split("@")[2]


def write_memory(address, data):
    """What host and device send for a block that is accepted (AN3155 section 3.6)."""
    return [b"\x31\xce", b"\x79", xored(struct.pack(">I", address)), b"\x79",
            xored(bytes([len(data) - 1]) + data), b"\x79"]


class Wires(wireshark.TestCase):
    def commands(self, name, *arguments):
        """The commands that are shown, in order."""
        if not arguments:
            field = "stm32boot.command_name"
            return [value for _, value in
                    self.wireshark.rows(capture(name), "stm32boot.command", field=field)[0]]
        lines = self.wireshark.fields(capture(name), ["stm32boot.command_name"], "-2", "-Y",
                                      "stm32boot.command", *arguments)
        return [line[0] for line in lines]

    def assert_shown(self, name, first, *arguments):
        self.assertEqual(self.commands(name, *arguments)[:len(first)], first)

    def assert_not_shown(self, name, *arguments):
        self.assertEqual(self.wireshark.fields(capture(name), ["frame.number"], "-2", "-Y",
                                               "stm32boot", *arguments), [])

    # usart-flash-f103: the scenario's host synchronises and identifies the device first.
    SERIAL = ["sync", "get", "get-version", "get-id", "erase"]

    def test_serial_line(self):
        self.assert_shown("usart-flash-f103", self.SERIAL)

    def test_serial_line_is_taken_from_nobody_but_data(self):
        lines = self.wireshark.fields(capture("usart-flash-f103"), ["frame.protocols"], "-Y",
                                      "stm32boot")
        self.assertEqual({line[0] for line in lines}, {"rtacser:stm32boot"})

    def test_serial_line_by_decode_as_only(self):
        self.assert_not_shown("usart-flash-f103", *OFF["usart"])
        self.assert_shown("usart-flash-f103", self.SERIAL, *OFF["usart"], "-d",
                          "rtacser.data,stm32boot")

    def test_serial_line_decoded_as_another_protocol_by_choice(self):
        sample = capture("usart-flash-f103")
        choice = ["-d", "rtacser.data,mbrtu"]
        lines = self.wireshark.fields(sample, ["frame.protocols"], *choice)
        self.assertTrue(any(":mbrtu" in line[0] for line in lines))
        self.assertEqual(self.wireshark.fields(sample, ["frame.number"], "-Y", "stm32boot",
                                               *choice), [])

    def test_serial_directions(self):
        self.assert_shown("usart-flash-f103", self.SERIAL, "-o",
                          "stm32boot.serial_direction:Merged: find out from the protocol")
        lines = self.wireshark.fields(capture("usart-swapped"), ["stm32boot.direction"], "-2", "-Y",
                                      "stm32boot.field.sync", "-o",
                                      "stm32boot.serial_direction:Swapped: transmit is the device")
        self.assertEqual({line[0] for line in lines}, {"1"})

    # adapter-*: the host's flash through each of the five.
    ADAPTER = ["sync", "get", "get-id", "extended-erase", "write-memory", "write-memory"]

    def test_serial_adapters(self):
        for kind in ("cdc-acm", "ftdi", "cp210x", "ch34x", "pl2303", "cdc-acm-189", "ftdi-late",
                     "ftdi-usbpcap", "cp210x-darwin", "ftdi-packets"):
            with self.subTest(kind):
                self.assert_shown("adapter-" + kind, self.ADAPTER)

    def test_serial_adapter_by_decode_as_only(self):
        self.assert_not_shown("adapter-ch34x", *OFF["usart"])
        # Bus 1, device 5.
        self.assert_shown("adapter-ch34x", self.ADAPTER, *OFF["usart"], "-d",
                          "usb.device==0x10005,stm32boot")

    # dfu-download: GETSTATUS, three erases of 2 KiB, Set Address Pointer.
    DFU = ["get-status", "erase", "erase", "erase", "set-address"]

    def test_dfu(self):
        for name in ("dfu-download", "dfu-download-189", "dfu-download-usbpcap",
                     "dfu-download-darwin", "dfu-download-packets"):
            with self.subTest(name):
                self.assert_shown(name, self.DFU)

    def test_dfu_by_class(self):
        # GD32: 28e9:0189, its descriptors tell the class; captures/expected/dfu-gd32.txt.
        self.assert_shown("dfu-gd32", ["get-status", "erase", "set-address", "write-memory",
                                       "leave"])

    def test_dfu_without_heuristics_of_usb(self):
        self.assert_shown("dfu-download", self.DFU, "-o", "usb.try_heuristics:FALSE")

    def test_dfu_without_descriptors(self):
        # It starts with the second block of an image of 64 bytes, or so it seems: block 2.
        self.assert_shown("dfu-joined", ["write-memory", "write-memory", "abort"])

    def test_dfu_by_decode_as_only(self):
        self.assert_not_shown("dfu-download", *OFF["dfu"])
        # Bus 1, device 12.
        self.assert_shown("dfu-download", self.DFU, *OFF["dfu"], "-d",
                          "usb.device==0x1000c,stm32boot")

    def test_stock_dfu_says_nothing_beside(self):
        for name in ("dfu-download", "dfu-plain", "dfu-joined"):
            with self.subTest(name):
                self.assertEqual(
                    self.wireshark.found(capture(name), "usbdfu || _ws.malformed"), [[]])

    def test_dfu_default_address(self):
        lines = self.wireshark.fields(capture("dfu-joined"), ["stm32boot.address"], "-Y",
                                      "stm32boot.address", "-o",
                                      "stm32boot.default_address:0x20000000")
        # Blocks 2 and 3 of 32 bytes.
        self.assertEqual(lines, [["0x20000000"], ["0x20000020"]])

    def test_dfu_transfer_size(self):
        lines = self.wireshark.fields(capture("dfu-joined"), ["stm32boot.address"], "-Y",
                                      "stm32boot.address", "-o", "stm32boot.transfer_size:2048")
        self.assertEqual(lines, [["0x08000000"], ["0x08000800"]])

    # fdcan-flash: Get, Get Version and Get ID, then the erase.
    CAN = ["get", "get-version", "get-id", "erase", "write-memory"]

    def test_can(self):
        for name in ("fdcan-flash", "fdcan-flash-sll", "fdcan-flash-sll2", "fdcan-flash-no-flags"):
            with self.subTest(name):
                self.assert_shown(name, self.CAN)

    def test_can_is_not_malformed(self):
        self.assertEqual(self.wireshark.found(capture("fdcan-flash"), "_ws.malformed"), [[]])

    def test_can_by_decode_as_only(self):
        self.assert_not_shown("fdcan-flash", *OFF["fdcan"])
        self.assert_shown("fdcan-flash", self.CAN, *OFF["fdcan"], "-d",
                          "can.subdissector,stm32boot")

    def test_can_decode_as_needs_no_proof(self):
        # A short Go that is refused, and an erase that nobody answers
        with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
            log.write("(1700000000.000000) can0 021##1\n(1700000000.000300) can0 021##11F\n"
                      "(1700000005.000000) can0 044##1FFFF\n")
            log.flush()
            for options, shown in (((), []),
                                   (("-d", "can.subdissector,stm32boot"), [["go"], ["erase"]])):
                self.assertEqual(self.wireshark.fields(pathlib.Path(log.name),
                                                       ["stm32boot.command_name"], "-2", "-Y",
                                                       "stm32boot.command", *options), shown)

    # can-flash: the synchronisation, then as above
    CLASSIC_CAN = ["sync"] + CAN

    def test_classic_can(self):
        for name in ("can-flash", "can-flash-openbl", "can-other-nodes"):
            with self.subTest(name):
                self.assert_shown(name, self.CLASSIC_CAN)

    def test_classic_can_by_decode_as_only(self):
        self.assert_not_shown("can-flash", *OFF["can"])
        self.assert_shown("can-flash", self.CLASSIC_CAN, *OFF["can"], "-d",
                          "can.subdissector,stm32boot")

    def test_extended_identifiers_are_not_taken_unasked(self):
        note = ["stm32boot.note.can_extended_identifiers"]
        shown = [["1"]]
        self.assertNotIn(shown[0], self.wireshark.fields(capture("fdcan-extended"), note))
        self.assertEqual(self.wireshark.fields(capture("fdcan-extended"), note, "-Y", note[0],
                                               "-d", "can.subdissector,stm32boot"), shown)

    def test_other_can_traffic_is_left_alone(self):
        # Other nodes send on 0x6f1 and 0x3a5, eight times each.
        others = "can.id in {0x6f1, 0x3a5}"
        every, ours = self.wireshark.found(capture("fdcan-other-nodes"), others,
                                           others + " && stm32boot")
        self.assertEqual((len(every), ours), (16, []))

    def test_real_rom_without_any_option(self):
        sample = wireshark.OUTSIDE / "stm32_dfu_install.usbmon-fixed.pcap"
        if not sample.exists():
            self.skipTest("no real capture here")
        commands = [line[0] for line in self.wireshark.fields(
            sample, ["stm32boot.command_name"], "-Y", "stm32boot.command")]
        # Two downloads of dfu-util 0.9; the ROM starts in dfuERROR.
        self.assertEqual(commands[:2], ["get-status", "clear-status"])
        self.assertEqual(commands.count("leave"), 1)
        self.assertEqual(commands.count("erase"),
                         sum(o.get("command") == "erase" for o in wireshark.decoded(sample)))


class Registered(wireshark.TestCase):
    def registered(self, what):
        """What Wireshark knows of the plugin: a list of columns for each row; no complaints."""
        run = self.wireshark.command(["tshark", "-G", what])
        self.assertEqual(run.stderr, "")
        return [line.split("\t") for line in run.stdout.splitlines() if "stm32boot" in line]

    def test_fields(self):
        names = [row[2] for row in self.registered("fields")]
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            self.assertRegex(name, r"^stm32boot(\.[a-z][a-z0-9_]*)*$")
        for topic, word in (("note", 1), ("field", 0)):
            told = subprocess.run([wireshark.PROGRAM, "help", topic + "s"], text=True, check=True,
                                  stdout=subprocess.PIPE).stdout
            # A long line goes on in the next, which begins with spaces.
            ids = [line.split()[word] for line in told.splitlines() if line[0] != " "]
            self.assertGreater(len(ids), 30)
            for identifier in ids:
                self.assertIn("stm32boot.%s.%s" % (topic, identifier.replace("-", "_")), names)

    def test_names_of_values(self):
        # DFU 1.1 section 6.1.2
        names = {(row[1], row[2]): row[3] for row in self.registered("values")}
        self.assertEqual(names["stm32boot.field.dfu_state", "4"], "dfuDNBUSY")
        self.assertEqual(names["stm32boot.field.dfu_status", "11"], "errVENDOR")

    def test_tables(self):
        # 0x0483df11
        # The product in hexadecimal from 4.6 on
        self.assertIn(["usb.product", 0x0483DF11, "stm32boot"],
                      [[row[0], int(row[1], 0), *row[2:]] for row in self.registered("decodes")
                       if row[0] == "usb.product"])
        self.assertEqual({row[0] for row in self.registered("heuristic-decodes")},
                         {"usb.control", "usb.bulk", "can"})


class Shown(wireshark.TestCase):
    def test_info(self):
        # From the scenario: the first thing that f103's host writes is 256 bytes at 0x08000000.
        lines = {line[0]: line[2] for line in self.wireshark.columns(capture("usart-flash-f103"))}
        self.assertEqual([lines[str(frame)] for frame in range(18, 24)], [
            "Write Memory", "ACK", "0x08000000", "ACK", "256 bytes at 0x08000000",
            "ACK \u2190 18 Write Memory 0x08000000 256 bytes"])
        lines = self.wireshark.columns(capture("usart-read-protected"))
        self.assertEqual(lines[12][1:], ["STM32BL", "NACK (command) \u2190 12 Erase"])
        lines = [line[2] for line in self.wireshark.columns(capture("dfu-bad-address"))]
        self.assertIn("DFU_DNLOAD, Set Address Pointer 0x60000000", lines)
        # Polled too early, the answer to frame 31 has no bytes: captures/README.md.
        lines = self.wireshark.columns(capture("dfu-stall-busy"), "stm32boot.response_in")
        self.assertEqual(lines[27], ["28", "STM32BL", "\u2190 27 DFU_DNLOAD, Erase", ""])
        self.assertRegex(lines[31][2], r"^\u2190 31 DFU_GETSTATUS: GETSTATUS stalled")
        lines = self.wireshark.columns(capture("fdcan-flash"))
        self.assertEqual([line[2] for line in lines[32:36]], [
            "Write Memory 0x08000000 256 bytes", "ACK", "64 bytes at 0x08000000",
            "64 bytes at 0x08000040"])
        lines = [line[2] for line in self.wireshark.columns(capture("dfu-bad-address"))]
        self.assertIn("errTARGET, dfuERROR \u2190 25 Set Address Pointer 0x60000000: "
                      "error (errTARGET, operation)", lines)

    def test_links_both_ways(self):
        lines = self.wireshark.fields(
            capture("usart-flash-f103"),
            ["frame.number", "stm32boot.response_in", "stm32boot.response_to", "stm32boot.frame"],
            "-2", "-Y", "frame.number >= 18 && frame.number <= 23")
        self.assertEqual([line[1] for line in lines], ["23"] * 5 + [""])
        self.assertEqual(lines[5][2:], ["18", "18,19,20,21,22,23"])

    def test_a_refusal_that_is_a_success_is_no_failure(self):
        # The device was synchronised before: it refuses the second 0x7F, and the session goes on.
        lines = self.wireshark.fields(capture("usart-already-synced"),
                                      ["stm32boot.status_name", "stm32boot.failed"], "-Y",
                                      "stm32boot.note.already_synced")
        self.assertEqual(lines, [["nack", ""]])

    def test_data_have_their_address(self):
        lines = self.wireshark.fields(capture("usart-flash-f103"), ["stm32boot.data_address"], "-Y",
                                      "frame.number == 22")
        self.assertEqual(lines, [["0x08000000"]])

    def test_completions_are_frames_of_their_transaction(self):
        # 27 is the erase, 28 its completion, 29 to 36 four polls of which two are stalled.
        lines = self.wireshark.fields(capture("dfu-stall-busy"), ["stm32boot.frame"], "-2", "-Y",
                                      "frame.number == 36")
        self.assertEqual(lines, [[",".join(str(n) for n in range(27, 37))]])

    def test_the_profile_shows_info_in_a_window_of_the_default_size(self):
        # Wireshark 4.0's first window is 750 pixels wide, 50 of them beside the list
        # (scripts/wireshark-png.sh with "first").
        recent = (wireshark.SOURCE / "dissectors" / "profile" / "recent").read_text()
        words = re.search(r"column.width: (.*)", recent)[1].split(", ")
        names = words[0::2]
        widths = [int(width) for width in words[1::2]]
        until = names.index("%i") + 1
        self.assertLessEqual(sum(widths[:until]), 700)
        self.assertGreaterEqual(widths[until - 1], 380)

    def test_filter_of_response_times(self):
        # AN5405 table 2: 0x31 is 49.
        lines = self.wireshark.fields(capture("fdcan-flash"), ["stm32boot.command_name"], "-2",
                                      "-Y", "stm32boot.command == 49")
        self.assertEqual(lines, [["write-memory"]] * 2)
        times = self.wireshark.tshark(capture("fdcan-flash"), "-q", "-z", "stm32boot,srt")
        self.assertRegex(times, r"\n +49 +write-memory +2 ")

    def test_switched_off(self):
        for arguments in (["--disable-heuristic", "stm32boot_can"],
                          ["--disable-protocol", "stm32boot"]):
            with self.subTest(arguments):
                self.assertEqual(self.wireshark.fields(
                    capture("fdcan-flash"), ["frame.number"], "-2", "-Y", "stm32boot",
                    *arguments), [])

    def test_filters_by_name(self):
        for expression, frames in (
                ('stm32boot.field.answer == "NACK"', ["13"]),
                ("stm32boot.usart && stm32boot.failed", ["13"]),
                ('stm32boot.command == "erase" && stm32boot.status == "nack"', ["13"]),
                ("stm32boot.note.read_protection_likely", ["13"]),
                ("stm32boot.dfu", [])):
            with self.subTest(expression):
                self.assertEqual(
                    self.wireshark.found(capture("usart-read-protected"), expression), [frames])

    def test_commands_by_every_name(self):
        """In the words of the application notes and of JSON, in capitals, by the opcode (AN3155
        table 2, AN5405 table 2, AN3156 table 3): each finds what JSON tells, and nothing else."""
        with self.wireshark.talk() as ask:
            for name, opcodes in OPCODES.items():
                sample = capture(name)
                found = collections.Counter(o["command"] for o in wireshark.decoded(sample)
                                            if "command" in o)
                self.assertTrue(set(opcodes) & set(found), name)
                for request in self.wireshark.opened(sample):
                    ask(*request)
                for command in ALL_COMMANDS:
                    label = command.replace("-", " ")
                    for words in (command, label, label.title(), label.upper()):
                        with self.subTest(name, words=words):
                            self.assertEqual(self.count(ask, name, "command", '"%s"' % words),
                                             found[command])
                for command, opcode in opcodes.items():
                    with self.subTest(name, opcode=opcode):
                        self.assertEqual(self.count(ask, name, "command", "0x%02x" % opcode),
                                         found[command])

    def test_statuses_and_phases_by_every_name(self):
        statuses = ("ok", "nack", "error", "stall", "no-reply", "bad-reply", "disconnected",
                    "incomplete")
        phases = ("sync", "command", "address", "length", "data", "checksum", "polynomial",
                  "initial", "subcommand", "reply", "operation", "request", "status")
        met = set()
        with self.wireshark.talk() as ask:
            for name in ("usart-nack-phases", "dfu-stall-busy", "dfu-unplug", "dfu-bad-address",
                         "fdcan-flash", "usart-echo-only"):
                sample = capture(name)
                told = [o for o in wireshark.decoded(sample) if "command" in o]
                met |= {o["status"] for o in told}
                for request in self.wireshark.opened(sample):
                    ask(*request)
                for field, words in (("status", statuses), ("phase", phases)):
                    for word in words:
                        expected = sum(o.get(field) == word for o in told)
                        for form in (word, word.upper(), word.title().replace("-", " ")):
                            with self.subTest(name, field=field, form=form):
                                self.assertEqual(self.count(ask, name, field, '"%s"' % form),
                                                 expected)
                nacks = sum(o["status"] == "nack" for o in told)
                # The bytes of NACK and ACK, AN3155 section 3
                self.assertEqual(self.count(ask, name, "status", "0x1f"), nacks)
                self.assertEqual(self.count(ask, name, "status", "0x79"),
                                 sum(o["status"] == "ok" for o in told))
        self.assertGreater(len(met), 4)

    def count(self, ask, name, field, value):
        """How many commands a filter finds. sharkd keeps a filter's answer by its words, for the
        next file too: that the file is named in it makes it another one."""
        rows = ask("frames", {"filter": "stm32boot.%s == %s && !(frame.comment == \"%s\")"
                                        % (field, value, name),
                              "column0": "stm32boot.transaction:0",
                              "column1": "stm32boot.%s_name:0" % field})
        return sum(len(row["c"][0].split(",")) for row in rows or [])

    def test_a_word_that_is_none_is_refused(self):
        for expression in ('stm32boot.command == "Write Memry"', 'stm32boot.status == "naked"',
                           'stm32boot.phase == "Dta"', 'stm32boot.direction == "upwards"',
                           'stm32boot.checksum.status == "wrong"',
                           'stm32boot.field.answer == "NAK"'):
            with self.subTest(expression):
                self.assertFalse(self.wireshark.takes(expression))
        self.assertTrue(self.wireshark.takes('stm32boot.command == "Write Memory"'))
        # A person is told why.
        with self.assertRaises(subprocess.CalledProcessError) as raised:
            self.wireshark.tshark(capture("fdcan-flash"), "-Y", 'stm32boot.status == "naked"')
        self.assertIn("naked", raised.exception.stderr)

    def test_checksums_are_correct_or_not(self):
        # Every checksum of the flash is right; captures/README.md names the others' fault.
        for name, bad in BAD_CHECKSUMS.items():
            lines, errors = self.wireshark.found(
                capture(name), 'stm32boot.checksum.status == "Bad"', "stm32boot.checksum.bad")
            with self.subTest(name):
                self.assertEqual(len(lines), bad)
                self.assertEqual(errors, lines)
        lines = self.wireshark.fields(capture("usart-flash-f103"), ["stm32boot.checksum.status"],
                                      "-Y", "frame.number in {18, 20, 22}")
        self.assertEqual(lines, [["1"]] * 3)

    def test_snapped_packets_are_marked(self):
        cut = self.wireshark.home / "files" / "snapped.pcap"
        self.wireshark.command(["editcap", "-F", "pcap", "-s", "80",
                                self.wireshark.readable(capture("dfu-download")), str(cut)])
        lines = self.wireshark.fields(cut, ["stm32boot.note.truncated_packet", "_ws.malformed"],
                                      "-Y", "stm32boot && frame.cap_len < frame.len")
        # 5000 bytes in three blocks.
        self.assertEqual(lines, [["1", ""]] * 3)

    def test_statistics(self):
        sample = capture("usart-nack-phases")
        text = self.wireshark.tshark(sample, "-q", "-z", "stm32boot,tree", "-z", "stm32boot,srt",
                                     "-z", "expert")
        self.assertRegex(text, r"\n nack +13 ")
        self.assertRegex(text, r"\n ok +2 ")
        self.assertRegex(text, r"read-memory +4 ")
        # All but the ones where the device refuses what it has done already
        self.assertRegex(text, r"Errors \(\d+\)\n=+\n.*\n +\d+ +Response +STM32BL")

    def two_sessions(self):
        """A host that writes 4 bytes and starts them, and comes back to write 2 bytes."""
        go = [b"\x21\xde", b"\x79", xored(struct.pack(">I", 0x08000000)), b"\x79"]
        sync = [b"\x7f", b"\x79"]
        chunks = (sync + write_memory(0x08000000, b"1111") + go +
                  sync + write_memory(0x08000000, b"22"))
        sample = self.wireshark.home / "two-sessions.pcap"
        foreign.write(sample, foreign.RTAC,
                      [foreign.rtac((foreign.TX, foreign.RX)[i % 2], i / 100, chunk)
                       for i, chunk in enumerate(chunks)])
        return sample

    def test_sessions_are_conversations(self):
        sample = self.two_sessions()
        # Host: 1 + 2 + 5 + 6 + 2 + 5 bytes, then 1 + 2 + 5 + 4; the device answers each with one.
        for arguments in ([], ["-2"]):
            text = self.wireshark.tshark(sample, "-q", "-z", "conv,stm32boot", "-z",
                                         "endpoints,stm32boot", *arguments)
            text = re.sub(" +", " ", text)
            for line in ("host <-> serial, session 1 6 6 bytes 6 21 bytes 12 27 bytes"
                         " 0.000000000 0.1100\n",
                         "host <-> serial, session 2 4 4 bytes 4 12 bytes 8 16 bytes"
                         " 0.120000000 0.0700\n",
                         "host 20 43 10 33 10 10 \n", "serial, session 2 8 16 4 4 4 12 \n"):
                with self.subTest(line, arguments=arguments):
                    self.assertIn(line, text)

    def test_sessions_in_filters(self):
        sample = self.two_sessions()
        first = [str(i) for i in range(1, 13)]
        second = [str(i) for i in range(13, 21)]
        told = self.sharkd([("load", {"file": self.wireshark.readable(sample)}), ("frames", {}),
                            ("tap", {"tap0": "conv:STM32BL"})])[2]
        conversations = told["taps"][0]["convs"]
        found = self.wireshark.found(
            sample, *[told["filter"] for told in conversations], "stm32boot.session == 1",
            "stm32bl.session == 2", 'stm32boot.src == "host" && stm32boot.session == 2',
            'stm32boot.dst == "serial, session 2"')
        self.assertEqual(found, [first, second, first, second, second[::2], second[::2]])

    def test_product(self):
        # Get ID is answered 0x410 there (AN2606).
        rows, = self.wireshark.rows(capture("usart-read-protected"),
                                    'stm32boot.product contains "STM32F10"', field="stm32boot.command_name")
        self.assertEqual([value for _, value in rows], ["get-id"])

    def test_follow(self):
        text = self.wireshark.tshark(capture("usart-read-protected"), "-q", "-z",
                                     "follow,stm32boot,raw,0")
        self.assertIn("Node 0: host:0\nNode 1: device:0\n", text)
        lines = [line for line in text.splitlines() if line.strip() and line.strip()[0] in "0179"]
        self.assertEqual(lines[:4], ["7f", "\t79", "01fe", "\t79"])
        self.assertEqual(lines[-1], "\t1f")

    def test_export_of_blocks_that_were_written_again(self):
        """A verification that fails has a block written again; then comes another firmware."""
        blocks = [(0x08000000, b"1111"), (0x08000004, b"2x22"), (0x08000004, b"2222"),
                  (0x08000008, b"3333"), (0x08000000, b"abcd"), (0x08000004, b"efgh"),
                  # from its end to its begin
                  (0x20000004, b"zzzz"), (0x20000000, b"yyyy")]
        chunks = [b"\x7f", b"\x79"] + [c for block in blocks for c in write_memory(*block)]
        sample = self.wireshark.home / "rewritten.pcap"
        foreign.write(sample, foreign.RTAC,
                      [foreign.rtac((foreign.TX, foreign.RX)[i % 2], i / 100, chunk)
                       for i, chunk in enumerate(chunks)])
        folder = self.wireshark.home / "out"
        self.wireshark.tshark(sample, "-2", "-q", "--export-objects", "stm32boot," + str(folder))
        self.assertEqual({path.name: path.read_bytes() for path in folder.iterdir()},
                         {"written-0x08000000.bin": b"111122223333",
                          "written-0x08000000(1).bin": b"abcdefgh",
                          "written-0x20000000.bin": b"yyyyzzzz"})

    def sharkd(self, requests):
        """The results of (method, parameters), one after another in one sharkd."""
        lines = [json.dumps({"jsonrpc": "2.0", "id": i, "method": method, "params": parameters})
                 for i, (method, parameters) in enumerate(requests, 1)]
        run = self.wireshark.command(["sharkd", "-"], input="\n".join(lines) + "\n")
        return [json.loads(line)["result"] for line in run.stdout.splitlines()]

    def test_export_by_sharkd(self):
        """It never says that a list is done with, nor that the file is another one."""
        # The lengths are those of the scenarios, see captures/README.md.
        order = [("usart-flash-f103", 1000), ("dfu-gd32", 1024), ("adapter-ftdi", 300),
                 ("usart-flash-f103", 1000)]
        requests = [("load", {"file": self.wireshark.readable(capture(name))})
                    if method == "load" else ("tap", {"tap0": "eo:stm32boot"})
                    for name, _ in order for method in ("load", "tap", "tap")]
        answers = self.sharkd(requests)
        for i, (name, length) in enumerate(order):
            for answer in answers[3 * i + 1:3 * i + 3]:
                objects = {told["filename"]: told["len"] for told in answer["taps"][0]["objects"]}
                with self.subTest(name):
                    self.assertEqual(objects.get("written-0x08000000.bin"), length)

    def test_follow_by_sharkd(self):
        """The ends have names on every wire: sharkd of 4.0 ends itself where one has none."""
        for name in ("usart-read-protected", "dfu-download", "adapter-ftdi", "fdcan-flash"):
            told = self.sharkd([
                ("load", {"file": self.wireshark.readable(capture(name))}),
                ("follow", {"follow": "STM32BL", "filter": "stm32boot.stream == 0"})])[1]
            with self.subTest(name):
                self.assertEqual((told["chost"], told["shost"]), ("host", "device"))

    def test_profile(self):
        """The project's profile: Wireshark understands each of its files."""
        profile = self.wireshark.home / "wireshark" / "profiles" / "boottap"
        self.wireshark.command(["mkdir", "-p", str(profile)])
        for path in (wireshark.SOURCE / "dissectors" / "profile").iterdir():
            self.wireshark.command(["tee", str(profile / path.name)], input=path.read_text())
        filters = list(profile_filters())
        self.assertEqual(len(filters), 11)
        for expression in filters:
            self.assertTrue(self.wireshark.takes(expression), expression)
        run = self.wireshark.command(
            ["tshark", "-C", "boottap", "-n", "-r",
             self.wireshark.readable(capture("usart-read-protected")), *OFF["usart"]])
        self.assertNotRegex(run.stderr.lower(), "profile|column|color|decode|invalid|unknown")
        # Found by the Decode As entry; the columns are the profile's.
        self.assertRegex(run.stdout.splitlines()[12],
                         r"STM32BL nack NACK \(command\) .* erase \d[.]\d+ 1 5 ")
        colours = self.wireshark.fields(
            capture("usart-read-protected"), ["frame.coloring_rule.name"], "-C", "boottap",
            "--color")
        self.assertEqual(colours[10:], [["STM32 done"], ["STM32 host"], ["STM32 failed"]])


if __name__ == "__main__":
    unittest.main()
