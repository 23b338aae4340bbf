#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/kinds.md lists the kinds of files that the program names, and no others.

usage: file_kinds.py PROJECT
"""
import pathlib
import re
import sys

project = pathlib.Path(sys.argv[1])
source = (project / "sniffer/capture/kind.c").read_text(encoding="utf-8")
page = (project / "docs/kinds.md").read_text(encoding="utf-8")
named = set(re.findall(r'\{?KIND_(?:LOG|FIRMWARE|FAILED|OTHER), "([^"]*)"', source))
shown = set(re.findall(r"^\| (.*?) \| .+ \|$", page[page.index("## What is named"):], re.MULTILINE)) - {"kind"}
for name in sorted(named - shown):
    print(f"docs/kinds.md does not list: {name}")
for name in sorted(shown - named):
    print(f"docs/kinds.md lists what the program does not name: {name}")
sys.exit(len(named) < 25 or named != shown)
