# SPDX-License-Identifier: GPL-2.0-or-later
"""What is not a bootloader's looks as it does without the plugin."""
import unittest

import foreign
import wireshark

FIELDS = ["frame.number", "frame.protocols", "_ws.col.Protocol", "_ws.col.Info"]


class Foreign(wireshark.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = wireshark.Wireshark(plugin=None)
        cls.addClassCleanup(cls.plain.close)

    def both(self, sample, *arguments):
        """What Wireshark tells with the plugin, and without."""
        return [run.tshark(sample, *arguments) for run in (self.wireshark, self.plain)]

    def test_captures_of_other_protocols(self):
        for capture in foreign.CAPTURES:
            sample = self.wireshark.home / (capture.__name__ + ".pcap")
            foreign.write(sample, *capture())
            for passes in ([], ["-2"]):
                with self.subTest(capture.__name__, passes=passes):
                    ours, plain = self.both(sample, "-V", *passes)
                    self.assertGreater(plain.count("\nFrame "), 30)
                    self.assertEqual(ours, plain)

    def test_statistics_of_other_protocols_count_nothing(self):
        sample = self.wireshark.home / "can_fd.pcap"
        foreign.write(sample, *foreign.can_fd())
        self.assertNotIn("sync", self.wireshark.tshark(sample, "-q", "-z", "stm32boot,tree"))

    def test_other_frames_in_our_samples(self):
        # Enumeration, an adapter's set-up, other nodes, the state of the serial line.
        for name, least in (("dfu-download", 22), ("adapter-cp210x", 20), ("adapter-ftdi", 19),
                            ("fdcan-other-nodes", 16), ("usart-flash-f103", 2)):
            sample = wireshark.CAPTURES / (name + ".pcap")
            ours = self.wireshark.fields(sample, ["stm32boot", *self.wireshark.known(FIELDS)], "-2")
            plain = self.plain.fields(sample, self.plain.known(FIELDS), "-2")
            others = [(line[1:], without) for line, without in zip(ours, plain) if line[0] == ""]
            with self.subTest(name):
                self.assertEqual(len(ours), len(plain))
                self.assertGreaterEqual(len(others), least)
                for with_plugin, without in others:
                    self.assertEqual(with_plugin, without)


if __name__ == "__main__":
    unittest.main()
