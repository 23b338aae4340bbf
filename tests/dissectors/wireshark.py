# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tshark and its companions with the plugin that was built, and boottap beside it.

Wireshark ignores the plugin folder of a user who is root, so that everything runs as nobody then,
on copies in a temporary folder that anybody can read.
"""
import base64
import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

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
        self.kept = contextlib.ExitStack()
        self.ask = None
        for folder, _, files in os.walk(self.home):
            os.chmod(folder, 0o777)
            for file in files:
                os.chmod(os.path.join(folder, file), 0o755)
        if plugin is not None and "stm32boot" not in self.command(["tshark", "-G", "plugins"]).stdout:
            raise RuntimeError("tshark does not load " + str(plugin))

    def close(self):
        self.kept.close()
        shutil.rmtree(self.home)

    def setting(self, **environment):
        """How to start a program as a user that Wireshark takes plugins from."""
        options = {"cwd": self.home, "text": True, "stdout": subprocess.PIPE,
                   "stderr": subprocess.PIPE}
        options["env"] = dict(os.environ, HOME=str(self.home), XDG_CONFIG_HOME=str(self.home),
                              WIRESHARK_PLUGIN_DIR=str(self.home / "plugins"), TZ="UTC",
                              LC_ALL="C.UTF-8", **environment)
        if os.getuid() == 0:
            options.update(user=NOBODY, group=NOBODY, extra_groups=[])
        return options

    def command(self, arguments, **options):
        """Runs a program so."""
        return subprocess.run(arguments, check=True, timeout=600, **dict(self.setting(), **options))

    def readable(self, sample):
        copy = self.home / "files" / sample.name
        if not copy.exists():
            shutil.copy(sample, copy)
            os.chmod(copy, 0o644)
        return str(copy)

    def converted(self):
        """The logs, each made a capture; those that boottap only names are left out."""
        made = []
        for log in sorted(path for path in (CAPTURES / "logs").rglob("*") if path.is_file()):
            path = self.home / "files" / (log.name + ".pcapng")
            if subprocess.run([PROGRAM, "convert", log, path], stderr=subprocess.DEVNULL,
                              check=False).returncode == 0:
                os.chmod(path, 0o644)
                made.append(path)
        return made

    def merged(self, name, samples):
        """A file of samples one after another, each on an interface of its own. mergecap of 4.0 takes
        no candump logs."""
        path = self.home / name
        self.command(["mergecap", "-a", "-I", "none", "-F", "pcapng", "-w", str(path),
                      *map(self.readable, samples)])
        return path

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

    def sharkd(self, requests):
        """Answers of one sharkd to (method, parameters), in order; None where there is none."""
        with self.talk() as ask:
            return [ask(method, parameters) for method, parameters in requests]

    @contextlib.contextmanager
    def talk(self):
        """A function that asks one sharkd; to start Wireshark takes longer than most questions."""
        process = subprocess.Popen(["sharkd", "-"], stdin=subprocess.PIPE,
                                   **dict(self.setting(), stderr=subprocess.DEVNULL))

        def ask(method, parameters):
            process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method,
                                            "params": parameters}) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline()).get("result")
        with process:
            yield ask
            process.stdin.close()

    def asked(self):
        """The talk that rows() and takes() share."""
        if self.ask is None:
            self.ask = self.kept.enter_context(self.talk())
        return self.ask

    def takes(self, expression):
        """Whether a filter is one."""
        return self.asked()("check", {"filter": expression}) is not None

    def rows(self, sample, *expressions, field="frame.number"):
        """For each filter: (number, values of a field) of every frame that it finds on a second
        pass. All questions go to one sharkd."""
        ask = self.asked()
        for request in self.opened(sample):
            ask(*request)
        # It keeps a filter's answer by its words, for the next file too.
        return [[(str(row["num"]), row["c"][0]) for row in ask("frames", {
                    "filter": '(%s) && !(frame.comment == "%s")' % (expression, sample.name),
                    "column0": field + ":0"})]
                for expression in expressions]

    def found(self, sample, *expressions):
        """For each filter: the numbers of the frames that it finds on a second pass."""
        return [[number for number, _ in rows] for rows in self.rows(sample, *expressions)]

    def told_all(self, samples):
        """{sample: Told}: all that the plugin tells on a second pass."""
        parts = [samples[i::os.cpu_count()] for i in range(os.cpu_count())]
        told = {}
        for _, part in each(self.told_part, parts):
            told.update(part)
        return told

    def opened(self, sample):
        """Requests that open a file and go through it once, in order, as Wireshark does."""
        return [("load", {"file": self.readable(sample)}), ("frames", {})]

    def told_part(self, samples):
        with self.talk() as ask:
            return {sample: self.told_by(ask, sample) for sample in samples}

    def told_by(self, ask, sample):
        for request in self.opened(sample):
            ask(*request)
        # A filter's answer would be that for the file before: sharkd keeps it by its words.
        frames = [row["num"] for row in ask("frames", {"column0": "stm32boot:0"}) or []
                  if row["c"][0]]
        objects = [o for tap in (ask("tap", {"tap0": "eo:stm32boot"}) or {}).get("taps", [])
                   for o in tap["objects"]]
        told = Told([], collections.Counter(), collections.Counter(),
                    exported(ask("download", {"token": o["_download"]}) for o in objects))
        for frame in frames:
            for node in nodes(ask("frame", {"frame": frame, "proto": True})["tree"]):
                add_node(told, node)
        told.transactions.sort()
        return told


SEVERITIES = {"Chat": 0x200000, "Note": 0x400000, "Warning": 0x600000, "Error": 0x800000}


def exported(answers):
    """{name: bytes}; names that are there already get a number, as when tshark exports them."""
    objects = {}
    for answer in answers:
        stem, dot, suffix = answer["file"].rpartition(".")
        name, number = answer["file"], 0
        while name in objects:
            number += 1
            name = "%s(%d)%s%s" % (stem, number, dot, suffix)
        objects[name] = base64.b64decode(answer["data"])
    return objects


def nodes(tree):
    """Every node of a tree."""
    for node in tree:
        yield node
        yield from nodes(node.get("n", []))


def value_of(node):
    """(name, value) of a node, from the filter that finds it."""
    name, _, value = node.get("f", "").partition(" == ")
    return name, json.loads(value) if value.startswith('"') else value


def add_node(told, node):
    name, _ = value_of(node)
    values = dict(value_of(child) for child in node.get("n", []))
    # The filters of these have numbers.
    for child in node.get("n", []):
        shown = re.search(r"(Command|Status|Phase): ([a-z-]+)", child["l"])
        if shown:
            values["stm32boot.%s_name" % shown[1].lower()] = shown[2]
    if "stm32boot.transaction" in values:
        frames = [value for field, value in map(value_of, nodes(node["n"]))
                  if field == "stm32boot.frame"]
        told.transactions.append(shown_transaction(values, frames))
    if name.startswith("stm32boot.note."):
        told.notes[name[len("stm32boot.note."):].replace("_", "-")] += 1
    # A packet's comment is none of the plugin's.
    if name == "_ws.expert.severity" and node["l"] != "Severity level: Comment":
        told.severities[SEVERITIES[node["l"].split(": ")[1]]] += 1


def shown_transaction(values, frames):
    def number(name):
        text = values.get("stm32boot." + name)
        return -1 if text is None else int(text, 0)
    return Transaction(
        values["stm32boot.link"], number("transaction"), values["stm32boot.command_name"],
        values["stm32boot.status_name"], values.get("stm32boot.phase_name", ""), number("address"),
        number("length"), round(float(values.get("stm32boot.time", -1)), 6), int(frames[0]),
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
                    o.get("address", -1), o.get("length", -1), round(o.get("duration", -1), 6),
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
