# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures and logs of every format, made captures by boottap convert."""
import gzip
import os
import pathlib
import re
import struct
import unittest

import program

CAPTURES = pathlib.Path(os.environ["BOOTTAP_CAPTURES"])
LOGS = CAPTURES / "logs"


class Convert(program.TestCase):
    def decoded(self, path):
        """What decode and diagnose say, packets and times and all, but for the digits of the times, which
        are 6 for pcapng."""
        said = [self.boottap(*words, str(path))[1].replace(str(path), "FILE")
                for words in (("decode", "-x"), ("decode", "--json"), ("diagnose",))]
        return [re.sub(" +", " ", re.sub(r"(\d\.\d{6})000\b", r"\1", text)) for text in said]

    def test_a_capture_stays_what_it_was(self):
        for name in ("fdcan-flash.pcap", "fdcan-flash-sll.pcap", "dfu-download.pcap",
                     "stm32flash-write-nack.pcap", "adapter-ftdi.pcap"):
            with self.subTest(name):
                self.assertEqual(self.boottap("convert", str(CAPTURES / name), "out.pcapng")[0], 0)
                self.assertEqual(self.decoded(self.folder / "out.pcapng"), self.decoded(CAPTURES / name))

    def test_a_pcapng_file_is_copied(self):
        for capture in sorted(CAPTURES.glob("*.pcapng")):
            with self.subTest(capture.name):
                self.boottap("convert", str(capture), "out.pcapng")
                self.assertEqual((self.folder / "out.pcapng").read_bytes(), capture.read_bytes())

    def test_every_log(self):
        """Its capture decodes as the log does."""
        for log in sorted(path for path in LOGS.glob("**/*") if path.is_file()):
            with self.subTest(log.name):
                status, _, err = self.boottap("convert", str(log), "out.pcapng")
                if status == 2 and "which boottap does not read" in err:
                    continue
                self.assertEqual(self.decoded(self.folder / "out.pcapng"), self.decoded(log))

    def test_text_in_utf16(self):
        """All is said of it that is said of the same text in UTF-8, in both byte orders, of logs that are read
        and of those that are only named; of standard input and what is compressed, too."""
        texts = []
        for log in sorted(path for path in LOGS.iterdir() if path.is_file()):
            try:
                texts.append((log, log.read_bytes().decode()))
            except UnicodeDecodeError:
                continue
        texts = [(log, text) for log, text in texts if "\0" not in text]
        self.assertGreater(len(texts), 40)
        for i, (log, text) in enumerate(texts):
            with self.subTest(log.name):
                content = ("\ufeff" + text.removeprefix("\ufeff")).encode(("utf-16-le", "utf-16-be")[i % 2])
                (self.folder / "text").write_bytes(content)
                (self.folder / "text.gz").write_bytes(gzip.compress(content))
                name = ("text", "text.gz", "-")[i % 3]
                status, out, err = self.boottap("decode", "-x", name, given=self.folder / "text")
                err = err.replace("standard input:" if name == "-" else f"{name}:", f"{log}:")
                self.assertEqual((status, out, err), self.boottap("decode", "-x", str(log)))

    def test_verbosity_1_of_stm32cubeprogrammer(self):
        advice = "does not hold the bytes: run the tool again with -vb 3"
        status, _, err = self.boottap("diagnose", str(LOGS / "cubeprog-vb1-silent.log"))
        self.assertEqual(status, 1)
        self.assertIn(f"{advice} and save what it prints; it tells that no answer came in time; the port had no "
                      "parity", err)
        status, _, err = self.boottap("diagnose", str(LOGS / "cubeprog-vb1-refused.log"))
        self.assertEqual(status, 1)
        self.assertIn(advice, err)
        self.assertNotIn("it tells", err)
        # Words of the tool beside bytes that were logged.
        (self.folder / "post").write_text("Error: Activating device: KO. Please, verify the boot mode\n"
                                          "10:15:21.500 TX: 7F\n10:15:21.510 RX: 79\n"
                                          "10:15:21.520 TX: 02 FD\n10:15:21.530 RX: 79 01 04 50 79\n")
        status, out, _ = self.boottap("decode", "post")
        self.assertEqual(status, 0)
        self.assertIn("Get ID", out)

    def test_a_log_that_is_damaged(self):
        (self.folder / "log").write_text("(1.000000) can0 111##15A\n(1.2) can0 111\n"
                                         "(1.500000) can0 111##179\n")
        status, _, err = self.boottap("convert", "log", "out.pcapng")
        self.assertEqual((status, err.count("\n")), (2, 1))
        self.assertIn("line 2", err)
        self.assertIn("Sync", self.boottap("decode", "out.pcapng")[1])

    def test_interfaces_have_their_names(self):
        (self.folder / "log").write_text("(1.000000) can7 111##15A T\n(1.500000) vcan0 111##179\n")
        self.boottap("convert", "log", "out.pcapng")
        written = (self.folder / "out.pcapng").read_bytes()
        for name in (b"can7", b"vcan0"):
            # pcapng: option 2, if_name
            self.assertIn(struct.pack("<HH", 2, len(name)) + name, written)
        # epb_flags: outbound
        self.assertIn(struct.pack("<HHI", 2, 4, 2), written)

    def test_what_is_no_log(self):
        (self.folder / "text").write_text("This is a letter.\n")
        status, _, err = self.boottap("convert", "text", "out.pcapng")
        self.assertEqual((status, err.count("\n")), (2, 1))
        self.assertFalse((self.folder / "out.pcapng").exists())


if __name__ == "__main__":
    unittest.main()
