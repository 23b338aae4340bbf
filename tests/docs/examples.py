#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the examples of the documentation: in indented blocks, `$ boottap ...` and what it prints.

A line of three dots stands for any lines. usage: examples.py BOOTTAP PROJECT
"""
import os
import pathlib
import re
import subprocess
import sys


def examples(text):
    """Yields each command with the lines that are shown after it."""
    command = None
    shown = []
    for line in text.splitlines() + [""]:
        inside = line.startswith("    ")
        if command and (not inside or line.startswith("    $ ")):
            yield command, shown
            command = None
        if line.startswith("    $ boottap "):
            command, shown = line[6:], []
        elif command:
            shown.append(line[4:])


def matches(shown, printed):
    parts = [r"(?:.*\n)*" if line.strip() == "..." else re.escape(line) + r"\n" for line in shown]
    return re.fullmatch("".join(parts), printed) is not None


def main(boottap, project):
    environment = dict(os.environ, PATH=os.path.dirname(boottap) + os.pathsep + os.environ["PATH"])
    documents = [project / "README.md", *sorted((project / "docs").glob("*.md"))]
    run = failed = 0
    for document in documents:
        for command, shown in examples(document.read_text(encoding="utf-8")):
            result = subprocess.run(command, shell=True, cwd=project, env=environment,
                                    stdout=subprocess.PIPE, encoding="utf-8", check=False)
            run += 1
            if not matches(shown, result.stdout):
                failed += 1
                print(f"{document.name}: {command} prints:\n{result.stdout}")
    print(f"{run} examples, {failed} of which are not as shown")
    return 0 if run > 0 and failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])))
