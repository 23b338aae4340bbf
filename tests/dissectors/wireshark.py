# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tshark and its companions with the plugin that was built, and boottap beside it.

Wireshark ignores the plugin folder of a user who is root, so that everything runs as nobody then,
on copies in a temporary folder that anybody can read.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CAPTURES = SOURCE / "captures"
OUTSIDE = SOURCE.parent / "shared" / "captures"
PLUGIN = pathlib.Path(os.environ["BOOTTAP_PLUGIN"])
PROGRAM = os.environ["BOOTTAP_PROGRAM"]
SIMULATE = os.environ["BOOTTAP_SIMULATE"]
NOBODY = 65534
SKIPPED = 77

Transaction = collections.namedtuple(
    "Transaction", "link n command status phase address length duration first_packet last_packet")

# What the plugin tells of a file: a list, two counters, {name: bytes} of Export Objects.
Told = collections.namedtuple("Told", "transactions notes severities objects")


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIPPED)


def samples():
    """Every capture that both can read; those outside of the project where they are there."""
    kinds = ("*.pcap", "*.pcapng", "*.log")
    found = [path for kind in kinds for path in sorted(CAPTURES.glob(kind))]
    return found + sorted(OUTSIDE.glob("*.pcap"))


def each(function, items):
    """The results of a function for each of many, several at a time."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(zip(items, pool.map(function, items)))


class Wireshark:
    """A temporary home with the plugin in it, or without."""

    def __init__(self, plugin=PLUGIN):
        if shutil.which("tshark") is None:
            skip("tshark is not installed")
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="boottap-wireshark-"))
        self.version = re.search(r"\d+\.\d+", self.command(["tshark", "--version"]).stdout)[0]
        plugins = self.home / "plugins" / self.version / "epan"
        plugins.mkdir(parents=True)
        if plugin is not None:
            shutil.copy(plugin, plugins)
        for name in ("files", "out"):
            (self.home / name).mkdir()
        for folder, _, files in os.walk(self.home):
            os.chmod(folder, 0o777)
            for file in files:
                os.chmod(os.path.join(folder, file), 0o755)
        if plugin is not None and "stm32boot" not in self.command(["tshark", "-G", "plugins"]).stdout:
            raise RuntimeError("tshark does not load " + str(plugin))

    def close(self):
        shutil.rmtree(self.home)

    def command(self, arguments, **options):
        """Runs a program as a user that Wireshark takes plugins from."""
        environment = dict(os.environ, HOME=str(self.home), XDG_CONFIG_HOME=str(self.home),
                           WIRESHARK_PLUGIN_DIR=str(self.home / "plugins"), TZ="UTC",
                           LC_ALL="C.UTF-8")
        if os.getuid() == 0:
            options.update(user=NOBODY, group=NOBODY, extra_groups=[])
        return subprocess.run(arguments, env=environment, cwd=self.home, text=True, check=True,
                              timeout=600, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              **options)

    def readable(self, sample):
        copy = self.home / "files" / sample.name
        if not copy.exists():
            shutil.copy(sample, copy)
            os.chmod(copy, 0o644)
        return str(copy)

    def tshark(self, sample, *arguments):
        return self.command(["tshark", "-n", "-r", self.readable(sample), *arguments]).stdout

    def fields(self, sample, names, *arguments):
        """A list of fields for every frame; a field that occurs repeatedly with commas between."""
        options = [word for name in names for word in ("-e", name)]
        text = self.tshark(sample, *arguments, "-T", "fields", *options)
        return [line.split("\t") for line in text.splitlines()]

    def known(self, names):
        """The columns are fields of another name from 4.4 on."""
        if float(self.version) < 4.3:
            return names
        return [name.lower() if name.startswith("_ws.col.") else name for name in names]

    def columns(self, sample, *more):
        """Frame number, protocol, info and more fields for every frame."""
        names = self.known(["frame.number", "_ws.col.Protocol", "_ws.col.Info"])
        return self.fields(sample, names + list(more))

    def told(self, sample):
        """All that the plugin tells on a second pass."""
        objects = self.home / "out" / sample.name
        if not objects.exists():
            objects.mkdir()
            os.chmod(objects, 0o777)
        text = self.tshark(sample, "-2", "-Y", "stm32boot", "-T", "pdml", "-J", "stm32boot",
                           "--export-objects", "stm32boot," + str(objects))
        told = Told([], collections.Counter(), collections.Counter(),
                    {path.name: path.read_bytes() for path in objects.iterdir()})
        for element in xml.etree.ElementTree.fromstring(text).iter("field"):
            name = element.get("name", "")
            values = {child.get("name"): child.get("show") for child in element}
            if "stm32boot.transaction" in values:
                frames = [child.get("show") for child in element.iter("field")
                          if child.get("name") == "stm32boot.frame"]
                told.transactions.append(shown_transaction(values, frames))
            if name.startswith("stm32boot.note."):
                told.notes[name[len("stm32boot.note."):].replace("_", "-")] += 1
            if name == "_ws.expert.severity":
                told.severities[int(element.get("show"), 0)] += 1
        told.transactions.sort()
        return told


def shown_transaction(values, frames):
    def number(name):
        text = values.get("stm32boot." + name)
        return -1 if text is None else int(text, 0)
    return Transaction(
        values["stm32boot.link"], number("transaction"), values["stm32boot.command"],
        values["stm32boot.status"], values.get("stm32boot.phase", ""), number("address"),
        number("length"), round(float(values["stm32boot.time"]), 6), int(frames[0]),
        int(frames[-1]))


def decoded(sample):
    """What boottap tells: the objects of decode --json; [] where it refuses the file."""
    run = subprocess.run([PROGRAM, "decode", "--json", str(sample)], text=True, check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return [json.loads(line) for line in run.stdout.splitlines()]


def diagnosed(sample):
    """What boottap says of the sessions: the objects of diagnose --json."""
    run = subprocess.run([PROGRAM, "diagnose", "--json", str(sample)], text=True, check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return [json.loads(line) for line in run.stdout.splitlines()]


def told_transactions(objects):
    return sorted(
        Transaction(o["link"], o["n"], o["command"], o["status"], o.get("phase", ""),
                    o.get("address", -1), o.get("length", -1), round(o["duration"], 6),
                    o["first_packet"], o["last_packet"])
        for o in objects if "command" in o)


def told_notes(objects):
    return collections.Counter(note["id"] for o in objects for note in o.get("notes", []))


class TestCase(unittest.TestCase):
    """Has a Wireshark with the plugin."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.wireshark = Wireshark()
        cls.addClassCleanup(cls.wireshark.close)
