#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the program with random options on damaged captures, and holds all that it puts out to strict rules.

usage: fuzz-program.py BUILD [--runs=N] [--seconds=N] [--seed=N] [--first=N] [--jobs=N]

Run N of a seed is the same wherever and whenever it is done: what failed is done again with
--seed=S --first=N --runs=1. What failed is kept in BUILD/fuzz-program/S-N/: its files, the command line, what
it printed. A build with -DBOOTTAP_SANITIZE=address,undefined has the memory watched, too.
"""
import argparse
import collections
import itertools
import multiprocessing
import os
import pathlib
import random
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path.append(str(ROOT / "tests" / "fuzz" / "program"))
try:
    import check
except ImportError:
    print("fuzz-program.py: python3-jsonschema is not installed: skipped")
    sys.exit(77)
import choose  # noqa: E402
import damage  # noqa: E402

CPU_SECONDS = 30
PATIENCE = 300  # seconds: of a machine that does other things
MEMORY = 1 << 30
SANITIZERS = {"ASAN_OPTIONS": "exitcode=99:hard_rss_limit_mb=%d:detect_stack_use_after_return=1" % (MEMORY >> 20),
              "UBSAN_OPTIONS": "print_stacktrace=1"}
OUTPUTS = ["out.bin", "out.hex", "out.srec", "out.dfu", "out.pcapng", "out.html", "out.xml", "out.pcap"]
NAMES = ["in%d.pcap"] * 12 + ["in%d \x1b[31m.log", "in%d\u202e<&>.pcapng", "in%d\n.pcap", "in%d\udcff"]
OLD = b"what was there before\n"
TO_STDOUT = {"-", "-o-", "--output=-"}
WRITING = ("-o", "-w", "--output", "--write", "--junit", "--hex-out")
HOW = ("--serial-direction", "--transfer-size", "--dfu-address")

Ran = collections.namedtuple("Ran", "status out err")
Files = collections.namedtuple("Files", "captures firmware outputs")


class Wrong(Exception):
    """What the program did and may not."""


def require(wrong):
    if wrong:
        raise Wrong(wrong)


class Fuzzer:
    def __init__(self, build, seed):
        self.build, self.seed = build, seed
        self.program = str(build / "sniffer" / "boottap")
        self.sanitized = "BOOTTAP_SANITIZE:STRING=address" in (build / "CMakeCache.txt").read_text()
        self.samples = sorted(path for path in (ROOT / "captures").iterdir()
                              if path.suffix in (".pcap", ".pcapng", ".log"))
        self.firmware = sorted((ROOT / "tests" / "fuzz" / "corpus" / "firmware").iterdir())
        self.options = choose.Options(self.program)

    def limits(self):
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if not self.sanitized:  # sanitizers reserve far more, and have a limit of their own
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    def start(self, arguments, folder, given=b""):
        """Runs the program; what no run may do is found here."""
        environment = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC", TMPDIR=str(folder / "tmp"), **SANITIZERS)
        line = [self.program] + [os.fsencode(one) for one in arguments]
        try:
            done = subprocess.run(line, cwd=folder, input=given, capture_output=True, timeout=PATIENCE,
                                  check=False, env=environment, preexec_fn=self.limits)
        except subprocess.TimeoutExpired:
            raise Wrong("not done within %d s" % PATIENCE) from None
        ran = Ran(done.returncode, done.stdout, done.stderr)
        (folder / "stdout").write_bytes(ran.out)
        (folder / "stderr").write_bytes(ran.err)
        if ran.status not in (0, 1, 2):
            raise Wrong("status %d" % ran.status)
        if b"Sanitizer" in ran.err or b"runtime error:" in ran.err:
            raise Wrong("a sanitizer's report")
        return ran

    def one(self, number):
        """(the command of a run, None or what was wrong)"""
        with tempfile.TemporaryDirectory(prefix="boottap-fuzz-") as name:
            run = Run(self, number, pathlib.Path(name))
            try:
                run.do()
            except Wrong as wrong:
                run.keep(str(wrong))
                return run.command, str(wrong)
            return run.command, None


class Run:
    """One command line and its files."""

    def __init__(self, fuzzer, number, folder):
        self.fuzzer, self.number, self.folder = fuzzer, number, folder
        self.dice = random.Random("%d:%d" % (fuzzer.seed, number))
        self.plain = {}  # of inputs that are packed: name -> bytes
        self.inputs = {}
        self.make_files()
        self.command, self.arguments = choose.command_line(self.dice, fuzzer.options, self.files)

    def write(self, name, whole):
        (self.folder / name).write_bytes(whole)
        self.inputs[name] = whole

    def make_files(self):
        dice = self.dice
        (self.folder / "tmp").mkdir()
        captures = []
        first = b""
        for i in range(3):
            name, whole = dice.choice(NAMES) % i, damage.capture(dice, self.fuzzer.samples)
            if i and dice.random() < 0.3:
                whole = first
            # Not packed, even if its file is: a packed file within one is another kind.
            first = first or whole
            if dice.random() < 0.15:
                packed, extension = damage.packed(dice, whole)
                name += extension
                if dice.random() < 0.2:
                    whole = damage.bytes_changed(dice, packed)
                else:
                    self.plain[name], whole = whole, packed
            self.write(name, whole)
            captures.append(name)
        whole, extension = damage.firmware(dice, self.fuzzer.firmware)
        self.write("firmware" + extension, whole)
        self.given = self.inputs[captures[0]]
        outputs = OUTPUTS * 3 + ["-", "/dev/full", "missing/out.bin", captures[0], "firmware" + extension]
        self.old = dice.random() < 0.3
        for name in OUTPUTS if self.old else []:
            (self.folder / name).write_bytes(OLD)
        odd = ["-", "missing.pcap", "/dev/null", "tmp", "firmware" + extension]
        self.files = Files(captures * 6 + odd, ["firmware" + extension] * 9 + captures[:1] + ["missing.hex"],
                           outputs)

    def keep(self, wrong):
        kept = self.fuzzer.build / "fuzz-program" / ("%d-%d" % (self.fuzzer.seed, self.number))
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(self.folder, kept, ignore=lambda folder, names: ["again"] if "again" in names else [])
        line = " ".join(shlex.quote(one) for one in [self.fuzzer.program] + self.arguments)
        (kept / "command").write_bytes(os.fsencode("%s\n%s\n" % (line, wrong)))

    def do(self):
        self.ran = self.fuzzer.start(self.arguments, self.folder, self.given)
        self.check_files()
        self.check_stderr()
        self.check_stdout()
        for name in OUTPUTS:
            path = self.folder / name
            if path.exists() and path.read_bytes() != OLD:
                self.check_output(name, path.read_bytes())
        self.compare_with_again()

    def given_option(self, *names):
        return any(one == name or one.startswith(name + "=") for one in self.arguments for name in names)

    def is_read(self, name):
        """The command line names it as an input."""
        line = self.arguments[:-1] if self.command == "annotate" else self.arguments
        return any(one.endswith(name) and before not in WRITING and not one.startswith(WRITING)
                   for before, one in zip([""] + line, line))

    def check_files(self):
        """Inputs stay, nothing is left behind, an error leaves what was there."""
        for name, whole in self.inputs.items():
            if (self.folder / name).read_bytes() != whole and self.is_read(name):
                raise Wrong("the input %r was changed" % name)
        if list((self.folder / "tmp").iterdir()):
            raise Wrong("left in TMPDIR: %s" % os.listdir(self.folder / "tmp"))
        known = set(self.inputs) | {"tmp", "stdout", "stderr"}
        left = [name for name in os.listdir(self.folder) if name not in known and not name.startswith("out")]
        if left:
            raise Wrong("left: %s" % left)
        if self.old and self.ran.status == 2 and self.command in ("extract", "annotate", "report") \
                and not self.given_option("--partial", "--all"):
            for name in OUTPUTS:
                if (self.folder / name).read_bytes() != OLD:
                    raise Wrong("status 2, and %s was replaced" % name)

    def check_stderr(self):
        err = self.ran.err
        require(check.text(err, self.given_option("--color"), "stderr"))
        if self.ran.status != 2:
            return
        lines = err.decode().splitlines()
        if not any(line.startswith("boottap: ") for line in lines):
            raise Wrong("status 2 without a message")
        # extract tells there of the memory that it found
        odd = [line for line in lines if not line.startswith("boottap: ")]
        if odd and self.command != "extract":
            raise Wrong("status 2, and on stderr: %r" % odd[0])

    def check_stdout(self):
        out = self.ran.out
        if out.startswith(b"<?xml"):
            require(check.junit(out))
        elif out.startswith(b"<!DOCTYPE"):
            require(check.page(out))
        elif out.startswith(b"\x0a\x0d\x0d\x0a"):
            require(check.pcapng(out) if self.ran.status == 0 else None)
        elif self.command == "extract" and TO_STDOUT.intersection(self.arguments):
            pass  # memory
        elif self.given_option("--json"):
            require(check.json_lines(out))
        else:
            require(check.text(out, self.given_option("--color"), "stdout"))

    def check_output(self, name, whole):
        if self.command in ("diff", "replay"):
            require(check.junit(whole))
        elif self.command == "report":
            require(check.page(whole))
        elif self.command == "annotate":
            require(check.pcapng(whole))
            if self.ran.status == 0:
                self.annotated_is_the_same(name)
        elif self.command == "extract":
            self.firmware_is_one(name, whole)

    def annotated_is_the_same(self, name):
        source = next((one for one in self.arguments[1:] if one in self.inputs), None)
        if source is None:
            return
        how = [one for one in self.arguments if one.startswith(HOW) and "=" in one or one == "--can-bootloader"]
        if len(how) != sum(one.startswith(HOW) or one == "--can-bootloader" for one in self.arguments):
            return
        both = [self.fuzzer.start(["decode", "--json", *how, one], self.folder) for one in (source, name)]
        if both[0].status != both[1].status or both[0].out != both[1].out:
            raise Wrong("annotated, it decodes otherwise")

    def firmware_is_one(self, name, whole):
        reader = {b":": check.hex_image, b"S": check.srec_image}.get(whole[:1])
        formats = [one for one in self.arguments if one.startswith("--format")]
        if reader is None or formats or not name.endswith((".hex", ".srec")):
            return
        try:
            image = reader(whole)
        except (ValueError, KeyError) as error:
            raise Wrong("%s: %s" % (name, error)) from None
        if self.ran.status != 0 or self.given_option("--all"):
            return
        other = "out-again" + (".srec" if name.endswith(".hex") else ".hex")
        line = [one.replace(name, other) for one in self.arguments]
        if self.fuzzer.start(line, self.folder, self.given).status != 0:
            raise Wrong("extracted as %s, and not as %s" % (name, other))
        again = (self.folder / other).read_bytes()
        if {b":": check.hex_image, b"S": check.srec_image}[again[:1]](again) != image:
            raise Wrong("%s and %s hold other bytes" % (name, other))
        told = self.fuzzer.start(["diagnose", "--expect=" + name, "-"], self.folder, self.given)
        if b"out." in told.err:
            raise Wrong("diagnose cannot read %s: %r" % (name, told.err))

    def compare_with_again(self):
        """Now and then: the same once more, with what was packed unpacked."""
        if not self.plain and self.dice.random() > 0.05:
            return
        folder = self.folder / "again"
        (folder / "tmp").mkdir(parents=True)
        for name, whole in self.inputs.items():
            (folder / name).write_bytes(self.plain.get(name, whole))
        for name in OUTPUTS if self.old else []:
            (folder / name).write_bytes(OLD)
        given = self.plain.get(self.files.captures[0], self.given)
        again = self.fuzzer.start(self.arguments, folder, given)
        if again != self.ran:
            raise Wrong("once more%s, it puts out something else"
                        % (", unpacked" if self.plain else ""))


def prepare(build, seed):
    global fuzzer
    fuzzer = Fuzzer(build, seed)


def one(number):
    return (number,) + fuzzer.one(number)


def numbers(first, runs, seconds):
    """The runs to do; the pool asks for more while there is time."""
    end = time.monotonic() + seconds if seconds else None
    for number in itertools.count(first) if runs is None else range(first, first + runs):
        if end and time.monotonic() >= end:
            return
        yield number


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    parser.add_argument("build", type=lambda told: pathlib.Path(told).resolve())
    parser.add_argument("--runs", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    if asked.runs is None and asked.seconds is None:
        asked.seconds = 60
    done, failed = collections.Counter(), 0
    prepare(asked.build, asked.seed)
    with multiprocessing.Pool(asked.jobs, prepare, (asked.build, asked.seed)) as pool:
        left = numbers(asked.first, asked.runs, asked.seconds)
        # by and by, not imap(): it would take all numbers at once
        while True:
            some = list(itertools.islice(left, asked.jobs * 8))
            if not some:
                break
            for number, command, wrong in pool.imap_unordered(one, some):
                done[command or "FILE"] += 1
                if wrong:
                    failed += 1
                    print("fuzz-program: FAILED: %s: %s" % (
                        asked.build / "fuzz-program" / ("%d-%d" % (asked.seed, number)),
                        wrong.encode("ascii", "backslashreplace").decode()), flush=True)
    print("fuzz-program: seed %d, %d runs (%s), %d failed" % (
        asked.seed, sum(done.values()), ", ".join("%s %d" % pair for pair in sorted(done.items())), failed))
    return 1 if failed or not done else 0


if __name__ == "__main__":
    sys.exit(main())
