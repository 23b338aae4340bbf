#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The installed manual pages: each command has one, with every option of its help; man and mandoc find no fault.

usage: manual.py PREFIX
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

HEADINGS = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "EXAMPLES", "SEE ALSO"]
ENVIRONMENT = dict(os.environ, LC_ALL="C.UTF-8", MANWIDTH="200", MAN_KEEP_FORMATTING="")

problems = []


def output(*arguments):
    return subprocess.run(arguments, capture_output=True, text=True, env=ENVIRONMENT, check=False)


def check_form(page):
    if shutil.which("mandoc"):
        said = output("mandoc", "-Tlint", str(page)).stdout
        if said:
            problems.append(f"{page.name}: mandoc: {said}")
    if shutil.which("man"):
        said = output("man", "--warnings", "--local-file", str(page))
        if said.stderr or "SYNOPSIS" not in said.stdout:
            problems.append(f"{page.name}: man: {said.stderr}")
    if shutil.which("groff"):
        said = output("groff", "-man", "-Tutf8", "-ww", "-z", str(page)).stderr
        if said:
            problems.append(f"{page.name}: groff: {said}")


def text_of(page):
    """The words of a page without its commands: as troff reads them."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"\\f[BRI]|\\&", "", text)
    for escape, character in ((r"\-", "-"), (r"\(aq", "'"), (r"\(ha", "^"), (r"\(ti", "~"), (r"\e", "\\")):
        text = text.replace(escape, character)
    return text


def check_command(boottap, command, page):
    text = text_of(page)
    headings = re.findall(r"^\.SH (.*)$", text, re.MULTILINE)
    if [heading for heading in headings if heading in HEADINGS] != HEADINGS:
        problems.append(f"{page.name}: its headings are {headings}")
    options = re.findall(r"^  (?:-(\w),? )? *(?:--([\w-]+))?", output(boottap, "help", command).stdout, re.MULTILINE)
    shown = {name for option in options for name in option if name}
    if not shown:
        problems.append(f"{command}: help shows no options")
    for name in shown:
        dashes = "-" if len(name) == 1 else "--"
        if not re.search(rf"(^|, ){dashes}{re.escape(name)}\b", text, re.MULTILINE):
            problems.append(f"{page.name}: lacks {dashes}{name}")


def main(prefix):
    boottap = str(prefix / "bin" / "boottap")
    folder = prefix / "share" / "man" / "man1"
    commands = re.findall(r"^  (\w+) +\S", output(boottap, "help").stdout.split("Commands:")[1].split("\n\n")[0],
                          re.MULTILINE)
    expected = {"boottap.1"} | {f"boottap-{command}.1" for command in commands}
    found = {page.name for page in folder.iterdir()}
    if found != expected or len(commands) < 11:
        problems.append(f"pages {sorted(found)}, commands {commands}")
    for page in sorted(folder.iterdir()):
        check_form(page)
    for command in commands:
        check_command(boottap, command, folder / f"boottap-{command}.1")
    print("\n".join(problems) or f"{len(found)} pages")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
