#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks for what a renderer of Markdown would not show as it is meant: a table's row without its
table, a kind that is named twice in one, a heading without an empty line before it.

usage: layout.py PROJECT
"""
import pathlib
import re
import sys


def faults(text):
    shown = re.sub(r"^```.*?^```$", lambda code: "\n" * code[0].count("\n"), text,
                   flags=re.MULTILINE | re.DOTALL)
    lines = ["", *shown.split("\n"), ""]
    seen = set()
    for number, line in enumerate(lines):
        before = lines[number - 1]
        if line.startswith("#") and before:
            yield number, "a heading without an empty line before it"
        if not line.startswith("|"):
            seen.clear()
            continue
        if not before.startswith("|"):
            if before:
                yield number, "a table without an empty line before it"
            if not re.fullmatch(r"\|(?:\s*:?-+:?\s*\|)+", lines[number + 1]):
                yield number, "a row of a table that is not there"
        first = line.split("|")[1].strip()
        if first and first in seen:
            yield number, f"'{first}' has a row already"
        seen.add(first)


def main(project):
    failed = 0
    for page in sorted([*project.glob("*.md"), *project.glob("docs/**/*.md"), *project.glob("captures/**/*.md")]):
        found = list(faults(page.read_text(encoding="utf-8")))
        print(f"{'FAILED' if found else 'ok'} {page.relative_to(project)}")
        for number, fault in found:
            print(f"  line {number}: {fault}")
        failed += bool(found)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
