# SPDX-License-Identifier: GPL-2.0-or-later
"""Every sample, written in every format that can express it: the same transactions and the same diagnosis
as a capture of what the format tells. The writers know the formats from their tools, and nothing of boottap's readers."""
import collections
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import can_logs
import level_logs
import recording
import serial_logs
import usb_logs

PROGRAM = os.environ["BOOTTAP_PROGRAM"]
CAPTURES = pathlib.Path(os.environ["BOOTTAP_CAPTURES"])

# What a log numbers and names in another way: packets are those of the file.
ITS_OWN = {"first_packet", "last_packet", "packet", "packets", "link", "file", "time", "time_ns", "interface"}


# What depends on the moment that a record stands for.
TIMED = {"duration"}

LINES = (("decode", "--json"), ("diagnose", "--json"))

# Where a reader and its reference are both right, and not the same: sigrok-cli's bytes are of one decoder,
# so of one direction rather than of an unknown one; a table has a parity column and says nothing of lines; a half of
# a transfer has no data on macOS.
OTHERWISE = {
    "sigrok-cli -P uart": {
        "f103-inav-b9", "f411-79-1f", "l052-go-3f", "u5-bluetooth-cubeprog-only", "usart-glitch", "usart-id-denied",
        "usart-protected-before", "usart-refused-unprotected", "usart-stm8-reply", "usart-stray-byte",
        "usart-stray-refusal", "usart-wrong-rate", "wb55-7f80-one-byte-late"},
    "Saleae table": {"u5-bluetooth-cubeprog-only"},
    "DARWIN": {"dfu-lost-halves"},
}

# Of the samples, one of so many.
EVERY = int(os.environ.get("BOOTTAP_EVERY", "1"))

# Bytes of a sample whose levels are written out.
LEVELS_MAX = 1500


def samples():
    return sorted([*CAPTURES.glob("*.pcap"), *(CAPTURES / "reports").glob("*.pcap")])[::EVERY]


def stripped(value, ignored):
    if isinstance(value, dict):
        return {key: stripped(one, ignored) for key, one in value.items() if key not in ignored}
    if isinstance(value, list):
        return [stripped(one, ignored) for one in value]
    return value


def told(words, paths, ignored):
    """What the program says of files, as far as it does not depend on how they are numbered: a list for each."""
    run = subprocess.run([PROGRAM, *words, *map(str, paths)], capture_output=True, text=True, timeout=600, check=False)
    found = {str(path): [] for path in paths}
    for line in run.stdout.splitlines():
        one = json.loads(line)
        found[one.get("file", str(paths[0]))].append(stripped(one, ITS_OWN | ignored))
    return [found[str(path)] for path in paths], run.stderr


Case = collections.namedtuple("Case", "name format log reference")


class Rendered(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="boottap-rendered-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, sample, form, text, linktype, made, description):
        log = self.folder / ("%s, %s.log" % (sample.name, form))
        reference = self.folder / ("%s, %s.ref" % (sample.name, form))
        log.write_bytes(text.encode("latin-1"))
        if description:
            recording.write_pcapng(reference, linktype, made, description)
        else:
            recording.write_pcap(reference, linktype, made)
        return Case(sample.name, form, log, reference)

    def check(self, cases, lines, ignored):
        """@return how much was compared, and what differs, in words"""
        found, compared = [], 0
        for words in lines:
            ours, errors = told(words, [case.log for case in cases], ignored)
            theirs, _ = told(words, [case.reference for case in cases], ignored)
            compared += sum(map(len, theirs))
            found += ["%s as %s: %s\n  log:       %s\n  reference: %s" % (
                case.name, case.format, words[0], *first_difference(mine, other))
                for case, mine, other in zip(cases, ours, theirs) if mine != other]
        return compared, found + (errors.splitlines()[:3] if found else [])

    def check_all(self, cases, least, lines=LINES, ignored=frozenset()):
        formats = collections.defaultdict(list)
        for case in cases:
            if case.name.removesuffix(".pcap") not in OTHERWISE.get(case.format, ()):
                formats[case.format].append(case)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(lambda one: self.check(one, lines, ignored), formats.values()))
        wrong = [words for _, found in results for words in found]
        self.assertGreaterEqual(min(map(len, formats.values()), default=0), least // EVERY)
        self.assertGreater(min((compared for compared, _ in results), default=0), 10 // EVERY)
        if wrong:
            self.fail("%d differ\n%s" % (len(wrong), "\n".join(wrong[:20])))

    def test_serial(self):
        cases = []
        for sample in samples():
            chunks = recording.chunks(sample)
            for name, form in serial_logs.FORMATS.items() if chunks else ():
                made = [recording.rtac(chunk) for chunk in form.reference(chunks)]
                cases.append(self.write(sample, name, form.write(chunks), recording.RTAC, made, form.description))
        self.check_all(cases, 80)

    def test_levels(self):
        """When a byte was complete is not when its record began: what depends on it is left out."""
        cases = []
        for sample in samples():
            chunks = recording.chunks(sample)
            if not chunks or sum(len(chunk.data) for chunk in chunks) > LEVELS_MAX:
                continue
            for name, form in level_logs.FORMATS.items():
                made = [recording.rtac(chunk) for chunk in serial_logs.byte_by_byte(chunks)]
                cases.append(self.write(sample, name, form.write(chunks), recording.RTAC, made, ""))
        self.check_all(cases, 60, [("decode", "--json")], TIMED)

    def test_can(self):
        cases = []
        for sample in samples():
            frames = recording.frames(sample)
            for name, form in can_logs.FORMATS.items() if frames else ():
                if form.leaves_out is None or not any(map(form.leaves_out, frames)):
                    made = [recording.socketcan(frame) for frame in form.reference(frames)]
                    cases.append(self.write(sample, name, form.write(frames), recording.SOCKETCAN, made,
                                            form.description))
        self.check_all(cases, 4)

    def test_usbmon_text(self):
        cases = []
        for sample in samples():
            urbs = recording.urbs(sample)
            if urbs:
                cases.append(self.write(sample, "usbmon text", usb_logs.usbmon(urbs), recording.USBMON,
                                        usb_logs.cut(urbs), "boottap log: without data: x"))
        self.check_all(cases, 80)


    def test_darwin(self):
        cases = []
        for sample in samples():
            urbs = recording.urbs(sample)
            if urbs and usb_logs.has_darwin(urbs):
                stem = self.folder / sample.name
                recording.write_pcap(stem, usb_logs.DARWIN, usb_logs.darwin(urbs))
                cases.append(Case(sample.name, "DARWIN", stem, sample))
        self.check_all(cases, 30, [("decode", "--json")], TIMED)


def first_difference(ours, theirs):
    for a, b in zip(ours, theirs):
        if a != b:
            keys = [key for key in {**a, **b} if a.get(key) != b.get(key)]
            return ({key: a.get(key) for key in ["command", "n", *keys]},
                    {key: b.get(key) for key in ["command", "n", *keys]})
    return "%d lines" % len(ours), "%d lines" % len(theirs)


if __name__ == "__main__":
    unittest.main()
