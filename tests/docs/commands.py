#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every command line of boottap in the documentation and in the manual pages: run, or at least understood.

Command lines are those in ```sh blocks and in indented blocks that begin with boottap, `boottap ...` in a
sentence, and the EXAMPLES of manual pages. Of a block, what needs nothing but files is run, in a folder where the files that the pages name
lie; what needs a device, an interface or root (AWAY lists how they begin) is shown to the parser of options
only, with --help behind its options. In sentences, words in capitals stand for something: the parser alone.
And every command and option of --help is in a page, and no page names an option that does not exist.
Exit status 1: a case failed. usage: commands.py BOOTTAP PROJECT
"""
import gzip
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

# The sample that stands for each file of the pages.
FILES = {
    "flash.pcap": "stm32flash-write-nack.pcap",
    "flash.log": "logs/candump.log",
    "good.pcap": "kernel-dfu-download.pcap",
    "new.pcap": "kernel-dfu-stalled.pcap",
    "bad.pcap": "kernel-dfu-stalled.pcap",
    "usart.pcap": "kernel-cdc-acm-write.pcap",
    "dfu.pcap": "kernel-dfu-download.pcap",
    "dump.pcap": "stm32flash-read.pcap",
    "reference.pcap": "kernel-dfu-download.pcap",
    "run.pcap": "kernel-dfu-download.pcap",
}

# What cannot run here: how the command line begins, and what it needs.
AWAY = {
    "boottap live ": "an interface with traffic",
    "boottap run ": "a board; test docs_regression and docs_round_trip run it on simulated ones",
    "boottap simulate ": "runs until it is ended; test docs_round_trip runs it",
    "boottap replay flash.pcapng": "what a run before it recorded; test docs_round_trip runs it",
    "boottap diff flash.pcapng": "what a run before it recorded; test docs_round_trip runs it",
    "sudo boottap ": "root",
}

# Options that the pages name of other programs.
FOREIGN = {
    "--build", "--preset", "--target", "--install", "--test-dir", "--sample", "--seed", "--room", "--user",
    "--trace", "--export-objects", "--variable", "--inject-descriptors", "--reload", "--trigger", "--system",
    "--prefix", "--no-install-recommends", "--verbose", "--config", "--component", "--cflags", "--libs", "--static",
    "--no-sign", "--ultra", "--long", "--protocol-decoder-ann-class", "--timing-print",
}


def words_of(line):
    """The words of a command line up to what the shell does with it."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    words = []
    for word in lexer:
        if re.fullmatch(r"[|&;<>]+", word):
            break
        words.append(word)
    return words


def blocks(text):
    """Yields each command line of a block that begins with boottap."""
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            found = re.match(r"(?:exec |sudo )?(boottap .*)", line.strip())
            if found and "$1" not in line:
                yield ("sudo " if line.strip().startswith("sudo ") else "") + found.group(1)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for line in prose.splitlines():
        if re.match(r"    +boottap [a-z]+ ", line) and ":" not in line.split()[1]:
            yield line.strip().replace("[--to TARGET]", "")


def sentences(text):
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    prose = "\n".join(line for line in prose.splitlines() if not line.startswith("    "))
    for span in re.findall(r"`((?:sudo )?boottap [^`]+)`", prose):
        span = " ".join(span.replace("\\|", "|").split())
        # boottap serial ... is a comment in a recording, not a command; an option alone is named, not used.
        if re.match(r"(sudo )?boottap [a-z]+( |$)", span) and not re.search(
                r"^boottap serial | -w$|--allow$|\[--to TARGET\]", span):
            yield span


def understood(boottap, line):
    """Whether the parser of options takes the words: with --help it goes no further."""
    words = words_of(line.replace("[OPTION]...", "").replace("...", ""))
    words = [word for word in words[words.index("boottap") + 1:] if word not in ("[-r]",)]
    words = [word.strip("[]") for word in words]
    if words[0] == "help":
        topic = [word for word in words[1:] if word not in ("RULE", "COMMAND")]
        return subprocess.run([boottap, "help", *topic], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              encoding="utf-8", check=False)
    end = words.index("--") if "--" in words else len(words)
    words.insert(end, "--help")
    return subprocess.run([boottap, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                          check=False)


def run(line, folder, environment):
    return subprocess.run(line, shell=True, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
                          errors="replace", check=False, timeout=60)


def make_folder(folder, project):
    for name, sample in FILES.items():
        shutil.copy(project / "captures" / sample, folder / name)
    (folder / "flash.pcap.gz").write_bytes(gzip.compress((folder / "flash.pcap").read_bytes()))
    for name in ("fw.bin", "firmware.bin"):
        (folder / name).write_bytes(bytes(range(1, 251)) * 8)
    (folder / "captures").symlink_to(project / "captures")


class Cases:
    """Counts cases, and names each."""

    def __init__(self):
        self.failed = 0
        self.count = 0

    def tell(self, good, words, why=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'FAILED'} {words}" + (f"\n{why}" if not good else ""))


def manual_examples(page):
    """The command lines of a manual page, as it has to show them."""
    section = page.read_text(encoding="utf-8").split(".SH EXAMPLES\n", 1)[1].split("\n.SH ", 1)[0]
    for line in re.findall(r'^\.B "(.*)"$', section, re.MULTILINE):
        for escape, character in ((r"\-", "-"), (r"\(aq", "'"), (r"\(ha", "^"), (r"\(ti", "~"), (r"\e", "\\")):
            line = line.replace(escape, character)
        yield line


def check_lines(cases, boottap, name, lines, project, used):
    environment = dict(os.environ, PATH=os.path.dirname(boottap) + os.pathsep + os.environ["PATH"])
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        make_folder(folder, project)
        for image in ("firmware.hex", "fw.hex"):
            subprocess.run([boottap, "extract", "dump.pcap", "--reads", "-o", image], cwd=folder, check=True,
                           stderr=subprocess.DEVNULL)
        for line in lines:
            start = next((start for start in AWAY if line.startswith(start)), None)
            if start is not None or "[OPTION]" in line:
                used.add(start)
                result = understood(boottap, line)
                cases.tell(result.returncode == 0, f"{name}: understood: {line}", result.stdout)
            else:
                result = run(line, folder, environment)
                cases.tell(result.returncode in (0, 1), f"{name}: run: {line}", result.stdout)


def check_sentences(cases, boottap, page):
    for line in sorted(set(sentences(page.read_text(encoding="utf-8")))):
        result = understood(boottap, line)
        cases.tell(result.returncode == 0, f"{page.name}: understood: {line}", result.stdout)


def help_of(boottap, *topic):
    return subprocess.run([boottap, "help", *topic], stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout


def options_in(text):
    return set(re.findall(r"(?<![\w-])(--[a-z][a-z0-9-]*)", text))


def check_options(cases, boottap, pages):
    commands = re.findall(r"^  ([a-z]+) {2,}", help_of(boottap).split("Commands:")[1].split("\n\n")[0], re.MULTILINE)
    words = "\n".join(pages.values())
    known = options_in(help_of(boottap))
    cases.tell(len(commands) >= 11, "help lists the commands", str(commands))
    for command in commands:
        text = help_of(boottap, command)
        cases.tell(f"boottap {command}" in words, f"a page tells of boottap {command}")
        listed = set(re.findall(r"^ +(?:-\w, )?(--[a-z][a-z0-9-]*)", text, re.MULTILINE))
        known |= options_in(text)
        for option in sorted(listed):
            cases.tell(option in options_in(words), f"a page tells of {command} {option}")
    for name, text in pages.items():
        unknown = options_in(text) - known - FOREIGN
        cases.tell(not unknown, f"{name} names no option that does not exist", str(sorted(unknown)))


def main(boottap, project):
    cases = Cases()
    used = set()
    paths = [project / "README.md", *sorted((project / "docs").glob("*.md"))]
    for page in paths:
        check_lines(cases, boottap, page.name, blocks(page.read_text(encoding="utf-8")), project, used)
        check_sentences(cases, boottap, page)
    manual = sorted(pathlib.Path(boottap).with_name("manual").glob("boottap-*.1"))
    cases.tell(len(manual) >= 11, "manual pages are built", str(manual))
    for page in manual:
        check_lines(cases, boottap, page.name, manual_examples(page), project, used)
    for start in AWAY:
        cases.tell(start in used, f"a page has a command line that begins with {start}")
    check_options(cases, boottap, {page.name: page.read_text(encoding="utf-8") for page in paths})
    print(f"{cases.count} cases, {cases.failed} failed")
    return 1 if cases.failed else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), pathlib.Path(os.path.abspath(sys.argv[2]))))
