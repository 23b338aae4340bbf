# SPDX-License-Identifier: GPL-2.0-or-later
"""Every sample capture: the plugin tells what boottap decode tells."""
import subprocess
import unittest
import zlib

import wireshark

SEVERITY_NOTE = 0x400000

# Of so many samples one is read in one pass, too, so many of them in one file, and one among others.
ONE_PASS_EVERY = 8
TOGETHER = 10
AMONG_OTHERS_EVERY = 4


def is_good(transaction):
    """Also where the device refuses what it has done already."""
    return transaction.get("status", "ok") == "ok" or any(
        note["id"] in ("already-synced", "detection-refused", "clear-status-stalled")
        for note in transaction["notes"])


def is_healthy(objects):
    return (all(is_good(o) for o in objects) and
            all(note["severity"] in ("chat", "note")
                for o in objects for note in o.get("notes", [])))


def has_gone_well(sample):
    return all(session["verdict"] in ("worked", "no-fault")
               for session in wireshark.diagnosed(sample))


def accepted_blocks(objects):
    """Memory that was written or read, as decode --json tells it; of a block done again the last."""
    blocks = [o for o in objects if o.get("status") == "ok" and "crc32" in o and "address" in o and
              "download" not in o["command"] and "upload" not in o["command"]]

    def is_done_again(block, later):
        return all(block[key] == later[key] for key in ("link", "command", "address"))
    return [block for i, block in enumerate(blocks)
            if not any(is_done_again(block, later) for later in blocks[i + 1:])]


def holds(objects, block):
    """Whether an exported object has the bytes of a block at its address."""
    kind = "read" if block["command"] == "read-memory" else "written"
    for name, data in objects.items():
        begin = int(name.split("-")[1][:10], 16)
        part = data[block["address"] - begin:][:block["transferred"]]
        if name.startswith(kind) and begin <= block["address"] and zlib.crc32(part) == block["crc32"]:
            return True
    return False


class Samples(wireshark.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        samples = wireshark.samples() + cls.wireshark.converted()
        cls.decoded = dict(wireshark.each(wireshark.decoded, samples))
        cls.told = cls.wireshark.told_all(list(cls.decoded))

    def each(self):
        """Names, what the plugin tells, what boottap tells."""
        return [(sample.name, told, self.decoded[sample]) for sample, told in self.told.items()]

    def test_there_are_samples_of_each_wire(self):
        transports = {o["transport"] for decoded in self.decoded.values() for o in decoded}
        self.assertEqual(transports, {"usart", "dfu", "fdcan", "can"})

    def test_few_samples_have_no_transaction(self):
        """So that the same in both is not nothing in both."""
        self.assertEqual(
            {sample.name for sample, decoded in self.decoded.items()
             if not wireshark.told_transactions(decoded) and sample.parent == wireshark.CAPTURES},
            {"dfu-enumeration-failed.pcap", "dfu-enumeration-retried.pcap", "dfu-listed.pcap",
             "dfu-never-asked.pcap", "dfu-run-time.pcap", "fdcan-extended.pcap",
             "usart-katapult.pcap"})

    def test_same_transactions(self):
        for name, told, decoded in self.each():
            with self.subTest(name):
                expected = wireshark.told_transactions(decoded)
                # Wireshark before 4.6 does not tell the interface in a line of candump.
                if name.endswith(".log") and float(self.wireshark.version) < 4.5:
                    expected = [t._replace(link="can") for t in expected]
                # The echo of its last byte is a frame of a command, and not its end.
                if name == "usart-echo-only.pcap":
                    expected = [t._replace(last_packet=8) for t in expected]
                # The 0x7F that the device took for the checksum is a field of that write.
                if name == "usart-count-too-large.pcap":
                    expected = [t._replace(first_packet=t.last_packet)
                                if t.command == "sync" and t.n > 1 else t for t in expected]
                self.assertEqual(told.transactions, expected)

    def test_same_notes(self):
        for name, told, decoded in self.each():
            with self.subTest(name):
                notes = wireshark.told_notes(decoded)
                # Where no bootloader speaks, a person has to ask by Decode As.
                if not any("command" in o for o in decoded):
                    self.assertEqual(told.notes, {})
                # A transaction keeps eight notes; the plugin shows them all.
                elif all(len(o["notes"]) < 8 for o in decoded):
                    self.assertEqual(told.notes, notes)
                else:
                    self.assertFalse(notes - told.notes)

    def test_healthy_samples_have_nothing_above_a_note(self):
        healthy = 0
        for sample, told in self.told.items():
            decoded = self.decoded[sample]
            with self.subTest(sample.name):
                if decoded and is_healthy(decoded) and has_gone_well(sample):
                    healthy += 1
                    self.assertLessEqual(max(told.severities, default=0), SEVERITY_NOTE)
        self.assertGreater(healthy, 30)

    def test_objects_hold_every_block_that_was_accepted(self):
        blocks = 0
        for name, told, decoded in self.each():
            with self.subTest(name):
                for block in accepted_blocks(decoded):
                    self.assertTrue(holds(told.objects, block), block)
                    blocks += 1
        self.assertGreater(blocks, 400)

    def test_what_was_flashed_comes_back(self):
        # The lengths are those of the scenarios, see captures/README.md.
        for length, names in (
                (20480, "stm32flash-write-verify"),
                (5000, "dfu-download dfu-download-usbpcap dfu-download-darwin dfu-download-189"),
                (4096, "dfu-download-0.9"),
                (1024, "dfu-gd32"),
                (1000, "usart-flash-f103 usart-flash-f405 usart-swapped usart-merged"),
                (356, "fdcan-flash fdcan-flash-111 fdcan-flash-h7 fdcan-flash-l5 fdcan-flash-sll"
                      " fdcan-flash-sll2 fdcan-flash-no-flags fdcan-other-nodes"
                      " can-flash can-flash-openbl can-other-nodes"),
                (300, "adapter-cdc-acm adapter-cdc-acm-189 adapter-cp210x adapter-cp210x-darwin adapter-ch34x"
                      " adapter-ftdi adapter-ftdi-late adapter-ftdi-usbpcap adapter-pl2303")):
            for name in names.split():
                with self.subTest(name):
                    objects = self.told[wireshark.CAPTURES / (name + ".pcap")].objects
                    self.assertEqual(objects["written-0x08000000.bin"], self.firmware(length))

    def test_what_real_tools_flashed_comes_back(self):
        # tests/vm/guest.sh: the numbers from 1 on, a line each.
        numbers = "".join("%d\n" % i for i in range(1, 2000)).encode()
        for name, length in (("kernel-dfu-download", 6144), ("kernel-cdc-acm-write", 6144)):
            with self.subTest(name):
                objects = self.told[wireshark.CAPTURES / (name + ".pcap")].objects
                self.assertEqual(objects["written-0x08000000.bin"], numbers[:length])

    def test_a_block_that_is_written_again_replaces_its_first_try(self):
        # captures/expected/usart-not-erased.txt: F0 four times, and without an erase 3C.
        objects = self.told[wireshark.CAPTURES / "usart-not-erased.pcap"].objects
        self.assertEqual(objects, {"written-0x08000000.bin": b"\x3c" * 4,
                                   "read-0x08000000.bin": b"\x30" * 4})

    def test_a_refused_block_is_left_out(self):
        # The device refuses the 21st block of 256 bytes.
        objects = self.told[wireshark.CAPTURES / "stm32flash-write-nack.pcap"].objects
        self.assertEqual(objects, {"written-0x08000000.bin": self.firmware(20 * 256)})

    def firmware(self, length):
        path = self.wireshark.home / "firmware.bin"
        subprocess.run([wireshark.SIMULATE, "--firmware", path, str(length)], check=True)
        return path.read_bytes()

    def test_one_pass(self):
        """It lacks what is open at the end, and Info is the same on the second pass. To start tshark takes
        longer than most samples: some go through it together, of every wire."""
        names = ["stm32boot.transaction", "stm32boot.command_name", "stm32boot.status_name"]
        some = [sample for sample in list(self.decoded)[::ONE_PASS_EVERY] if sample.suffix != ".log"]
        files = [self.wireshark.merged("one-pass-%d.pcapng" % i, some[i:i + TOGETHER])
                 for i in range(0, len(some), TOGETHER)]
        first = wireshark.each(lambda file: self.wireshark.columns(file, *names), files)
        second = self.reopen(files)
        for (file, lines), (_, rows) in zip(first, second):
            decoded = wireshark.told_transactions(wireshark.decoded(file))
            newest = {t.link: t.n for t in decoded}
            shown = sum(len(line[3].split(",")) for line in lines if line[3])
            later = {number: (protocol, info) for number, protocol, info, *_ in rows}
            with self.subTest(file.name):
                self.assertGreater(len(decoded), 5)
                self.assertGreaterEqual(shown, len(decoded) - len(newest))
                for number, protocol, info, *_ in lines:
                    if protocol == "STM32BL":
                        self.assertEqual((protocol, info), later[number])
                        self.assertNotEqual(info, "")

    def test_files_one_after_another_share_nothing(self):
        """One sharkd opens samples twice, the second time in the opposite order."""
        some = list(self.decoded)[::AMONG_OTHERS_EVERY]
        order = some + some[::-1]
        for sample, rows in self.reopen(order):
            shown = sorted(t for row in rows if row[3]
                           for t in zip(*(cell.split(",") for cell in row[3:])))
            decoded = wireshark.told_transactions(self.decoded[sample])
            with self.subTest(sample.name):
                self.assertEqual(shown, sorted((str(t.n), t.command, t.status) for t in decoded))

    def reopen(self, order):
        """[(sample, rows)]: frame, protocol, info, transactions, commands, statuses."""
        fields = {"column0": "stm32boot.transaction:0", "column1": "stm32boot.command_name:0",
                  "column2": "stm32boot.status_name:0"}
        requests = []
        for sample in order:
            requests += [*self.wireshark.opened(sample), ("frames", fields)]
        answers = self.wireshark.sharkd(requests)
        return [(sample, [[columns["c"][0], columns["c"][4], columns["c"][6], *row["c"]]
                          for columns, row in zip(answers[3 * i + 1] or [],
                                                  answers[3 * i + 2] or [])])
                for i, sample in enumerate(order)]


class Filters(wireshark.TestCase):
    def test_a_display_filter_changes_nothing(self):
        sample = wireshark.CAPTURES / "usart-nack-phases.pcap"
        names = ["frame.number", "stm32boot.transaction", "stm32boot.status_name"]
        every = self.wireshark.fields(sample, names, "-2")
        some = self.wireshark.fields(sample, names, "-2", "-Y", 'stm32boot.status == "nack"')
        self.assertEqual(some, [line for line in every if line[2] == "nack"])
        self.assertEqual(len(some), 13)

    def test_a_read_filter_takes_nothing_out_of_order(self):
        # Dropped records give their numbers to the next ones, and are decoded all the same.
        sample = wireshark.CAPTURES / "stm32flash-write-verify.pcap"
        lines = self.wireshark.fields(sample, ["stm32boot.status_name"], "-2", "-R", "stm32boot.status")
        self.assertEqual(lines, [["ok"]] * len(wireshark.decoded(sample)))

    def test_a_read_filter_may_drop_requests(self):
        # Their numbers go to the completions; it takes one that knows of USB alone.
        sample = self.merged("usb.pcapng", "dfu-download", "dfu-stall-busy", "adapter-ftdi")
        for condition in ("usb.urb_type == 67", "!stm32boot.transaction"):
            with self.subTest(condition):
                text = self.wireshark.tshark(sample, "-2", "-R", condition, "-V")
                for interface in range(3):
                    self.assertGreater(text.count("\n    Interface id: %d " % interface), 10)

    def merged(self, merged, *names):
        return self.wireshark.merged(merged, [wireshark.CAPTURES / (name + ".pcap") for name in names])

    def test_a_link_that_gives_way_leaves_nothing_to_the_next(self):
        """More links than the core follows at a time: the places of the first go to the last."""
        sample = self.merged("many.pcapng", *["usart-nack-phases", "fdcan-flash"] * 40)
        decoded = wireshark.decoded(sample)
        told = self.wireshark.told_all([sample])[sample]
        self.assertGreater(told.notes["link-evicted"], 0)
        self.assertEqual(told.transactions, wireshark.told_transactions(decoded))
        self.assertEqual(told.notes, wireshark.told_notes(decoded))
        self.assertEqual(len({t.link for t in told.transactions}), 80)

    def test_the_frame_of_a_failure_has_an_error(self):
        lines = self.wireshark.fields(wireshark.CAPTURES / "usart-read-protected.pcap",
                                      ["frame.number", "_ws.expert.message"], "-Y",
                                      "stm32boot.failed")
        self.assertEqual([line[0] for line in lines], ["13"])
        self.assertIn("Erase: nack (command)", lines[0][1])

    def test_the_last_frame_of_a_failed_session_has_verdict_cause_and_advice(self):
        for name, frame in (("usart-read-protected", "13"), ("dfu-unplug", None),
                            ("fdcan-identifier-refused", None)):
            sample = wireshark.CAPTURES / (name + ".pcap")
            session = wireshark.diagnosed(sample)[0]
            with self.subTest(name):
                lines = self.wireshark.fields(sample, ["frame.number", "_ws.expert.message"], "-2",
                                              "-E", "aggregator=|", "-Y", "stm32boot.session_failed")
                self.assertEqual([line[0] for line in lines],
                                 [frame or str(session["last_packet"])])
                messages = lines[0][1].split("|")
                self.assertIn(session["text"], messages)
                for finding in session["findings"]:
                    if finding["kind"] in ("cause", "doubt"):
                        self.assertIn(finding["rule"] + ": " + finding["what"], messages)
                        self.assertIn("What to do: " + finding["next"], messages)

    def test_sessions_that_worked_have_no_verdict(self):
        for name in ("usart-flash-f103", "dfu-download"):
            sample = wireshark.CAPTURES / (name + ".pcap")
            self.assertEqual(self.wireshark.found(
                sample, "stm32boot.session_failed || stm32boot.session_cut_short || "
                "stm32boot.finding"), [[]])


if __name__ == "__main__":
    unittest.main()
