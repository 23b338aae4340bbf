# SPDX-License-Identifier: GPL-2.0-or-later
"""serial: and tap: on pseudo-terminals: what they record, in which order, and that they send nothing."""
import signal
import time

import sources
from sources import CAPTURES, RECEIVED, STATUS, TRANSMITTED

# Samples whose sides speak in turn: nothing else tells what came first there.
IN_TURN = ["stm32flash-write-verify", "stm32flash-read", "stm32flash-erase", "usart-flash-f103",
           "usart-flash-f405", "usart-protection", "usart-special"]


def sample(name):
    return CAPTURES / (name + ".pcap")


def sides(path):
    """The data records of a sample: whose, bytes."""
    return [(event, data) for _, event, data in sources.read_pcap(path)
            if event in (TRANSMITTED, RECEIVED) and data]


class Serial(sources.TestCase):
    def feed(self, name):
        """Both sides of a sample on one line. @return the recording"""
        pty = self.pty()
        recorder = self.record("serial:%s,57600" % pty.path)
        self.assertEqual(pty.rate(), 57600)
        for _, data in sides(sample(name)):
            pty.write(data)
        total = sum(len(data) for _, data in sides(sample(name)))
        recorder.await_bytes(pty)
        records = recorder.stop()
        self.assertEqual(len(sources.bytes_of(records, STATUS)), total)
        self.assertFalse(pty.waiting(), "something was sent")
        return recorder

    def test_one_line_decodes_as_two(self):
        for name in IN_TURN[:3]:
            with self.subTest(name):
                recorder = self.feed(name)
                self.assertEqual(sources.transactions(recorder.file),
                                 sources.transactions(sample(name)))

    def test_every_value_of_a_byte(self):
        pty = self.pty()
        recorder = self.record("serial:" + pty.path)
        self.assertEqual(pty.rate(), 115200)
        self.assertIn("115200 8E1", recorder.interface)
        pty.write(bytes(range(256)) * 4)
        recorder.await_bytes(pty)
        self.assertEqual(sources.bytes_of(recorder.stop(), STATUS), bytes(range(256)) * 4)

    def test_the_other_end_is_closed(self):
        pty = self.pty()
        recorder = self.record("serial:" + pty.path)
        pty.close()
        pty.master = -1
        self.assertEqual(recorder.wait(), 1)
        self.assertIn("the port is gone", recorder.said())
        self.assertEqual(recorder.said().count("\n"), 1)

    def test_what_cannot_be_opened(self):
        self.assertIn("not there", self.refused("serial:/dev/ttyNoSuch"))
        file = self.folder / "file"
        file.write_text("")
        self.assertIn("not a serial port", self.refused("serial:%s" % file))
        self.assertIn("not a serial port", self.refused("serial:/dev/null"))
        self.assertIn("serial:PORT[,BAUD]", self.refused("serial:"))
        self.assertIn("serial:PORT[,BAUD]", self.refused("serial:a,1,2"))
        self.assertIn("'fast' is no rate", self.refused("serial:/dev/null,fast"))
        self.assertIn("'0' is no rate", self.refused("serial:/dev/null,0"))
        self.assertIn("no such interface", self.refused("cereal:/dev/null"))

    def test_two_at_one_port(self):
        pty = self.pty()
        self.record("serial:" + pty.path)
        self.assertRegex(self.refused("serial:" + pty.path), "in use by .*python")


class Tap(sources.TestCase):
    def start(self):
        self.host = self.pty()
        self.device = self.pty()
        recorder = self.record("tap:%s,%s" % (self.host.path, self.device.path))
        return recorder

    def finish(self, recorder):
        lines = (self.host, self.device)
        recorder.await_bytes(*lines)
        records = recorder.stop()
        for line in lines:
            self.assertFalse(line.waiting(), "something was sent")
        return [(event, data) for _, event, data in records]

    def line(self, event):
        return self.host if event == TRANSMITTED else self.device

    def test_no_time_between_bytes(self):
        """Both lines have bytes waiting all the time: only the protocol orders them."""
        for name in IN_TURN:
            with self.subTest(name):
                recorder = self.start()
                chunks = sides(sample(name))
                # So many that a pseudo-terminal holds them all.
                for first in range(0, len(chunks), 40):
                    recorder.process.send_signal(signal.SIGSTOP)
                    part = chunks[first:first + 40]
                    for side in (RECEIVED, TRANSMITTED):
                        data = b"".join(data for event, data in part if event == side)
                        self.assertLess(len(data), 4096)
                        self.line(side).write(data)
                    recorder.process.send_signal(signal.SIGCONT)
                    recorder.await_bytes(self.host, self.device)
                self.finish(recorder)
                self.assertEqual(sources.transactions(recorder.file),
                                 sources.transactions(sample(name)))

    def test_an_answer_waits_for_its_request(self):
        """The adapter of the host's line is the slower one."""
        recorder = self.start()
        recorder.process.send_signal(signal.SIGSTOP)
        self.device.write(b"\x79")
        self.host.write(b"\x7f")
        recorder.process.send_signal(signal.SIGCONT)
        self.assertEqual(self.finish(recorder), [(TRANSMITTED, b"\x7f"), (RECEIVED, b"\x79")])

    def test_a_request_waits_for_the_answer_before(self):
        recorder = self.start()
        self.host.write(b"\x7f")
        recorder.await_bytes(self.host)
        recorder.process.send_signal(signal.SIGSTOP)
        self.host.write(b"\x01\xfe")
        self.device.write(b"\x79\x79\x31\x00\x00\x79")
        recorder.process.send_signal(signal.SIGCONT)
        self.assertEqual(self.finish(recorder),
                         [(TRANSMITTED, b"\x7f"), (RECEIVED, b"\x79"), (TRANSMITTED, b"\x01\xfe"),
                          (RECEIVED, b"\x79\x31\x00\x00\x79")])

    def test_what_is_far_apart_is_ordered_by_time(self):
        """A side that speaks out of turn: text of an application, then a host that gets no answer."""
        recorder = self.start()
        self.device.write(b"boot")
        time.sleep(0.3)
        self.host.write(b"\x7f")
        time.sleep(0.3)
        self.host.write(b"\x7f")
        self.assertEqual(self.finish(recorder),
                         [(RECEIVED, b"boot"), (TRANSMITTED, b"\x7f"), (TRANSMITTED, b"\x7f")])

    def test_one_side_only(self):
        recorder = self.start()
        self.device.write(bytes(range(256)))
        self.assertEqual(sources.bytes_of([(0, *one) for one in self.finish(recorder)], RECEIVED),
                         bytes(range(256)))

    def test_one_adapter_vanishes(self):
        recorder = self.start()
        self.host.write(b"\x7f\x00")
        recorder.await_bytes(self.host)
        self.device.close()
        self.device.master = -1
        self.assertEqual(recorder.wait(), 1)
        self.assertEqual(sources.bytes_of(recorder.records(), TRANSMITTED), b"\x7f\x00")

    def test_two_ports_are_needed(self):
        self.assertIn("tap:HOSTPORT,DEVPORT[,BAUD]", self.refused("tap:/dev/null"))
        pty = self.pty()
        self.assertIn("not there", self.refused("tap:%s,/dev/ttyNoSuch" % pty.path))
        self.assertIn("in use by", self.refused("tap:%s,%s" % (pty.path, pty.path)))


if __name__ == "__main__":
    sources.main()
