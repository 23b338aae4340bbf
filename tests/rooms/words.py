#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing but base/ writes text that may come from outside: the rest goes through a line, a message, JSON,
XML or HTML (sniffer/base), where it is escaped.

Elsewhere no call may write text that is no literal: fputs(), puts() and fwrite() take literals, and
formats have no %s and no %c. What is listed below writes words of the program's own, or bytes to a file.
usage: words.py PROJECT
"""
import collections
import pathlib
import re
import sys

WRITERS = re.compile(r"\b(v?f?printf|vdprintf|dprintf|fputs|fputs_unlocked|puts|fwrite|putc|fputc|putchar|"
                     r"perror|psignal)\s*\(")
# file: how many calls write words of the program's own, or bytes to an output file
OWN = {
    "annotate/annotate.c": 2,     # blocks of the capture
    "formats/capture_file/pcapng.c": 9,  # blocks of the capture
    "command/commands.c": 5,      # help, of tables
    "command/lists.c": 1,         # a status by name
    "command/run.c": 1,           # what diff printed through lines
    "command/version.c": 1,       # the version
    "decode/hex.c": 5,            # bytes in the notation
    "decode/summary.c": 5,        # names of commands, statuses, counters
    "diff/effect_output.c": 1,    # names and counts
    "diff/junit.c": 3,            # names of commands
    "extcap/extcap.c": 1,         # what messages printed
    "extcap/interface.c": 7,      # tables
    "extract/map.c": 3,           # names of counts
    "firmware/dfu.c": 1,          # a firmware file
    "firmware/firmware.c": 1,     # a firmware file
    "firmware/text.c": 2,         # a firmware file
    "replay/show_text.c": 4,      # permissions
    "replay/translate.c": 2,      # permissions
    "report/page.c": 1,           # the style sheet
    "simulate/choose.c": 1,       # products
    "simulate/fault.c": 4,        # help, of tables
    "simulate/log.c": 2,          # events by name
    "simulate/usbip.c": 1,        # in, out
    "simulate/stage.c": 1,        # the flash memory, to a file
    "watch/junit.c": 1,           # a line break
}


def calls(text):
    """Yields each call of a writer: its name and its arguments, as they stand."""
    for match in WRITERS.finditer(text):
        depth, at, quoted = 1, match.end(), False
        while depth > 0:
            if text[at] == "\\":
                at += 1
            elif text[at] == "'" and not quoted:
                at = text.index("'", at + (3 if text[at + 1] == "\\" else 2))
            elif text[at] == '"':
                quoted = not quoted
            elif not quoted:
                depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        yield match.group(1), text[match.end():at - 1]


def literals(arguments):
    """What the literals of the arguments hold; PRIu64 and its like as u."""
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', re.sub(r'"\s*PRI\w+\s*"', "u", arguments)))


def is_plain(name, arguments):
    if name in ("putc", "fputc", "putchar"):
        return re.match(r"'(\\.|[^'])'", arguments) is not None
    if name in ("fputs", "puts"):
        rest = re.sub(r'"(?:[^"\\]|\\.)*"', "", arguments)
        return '"' in arguments and re.fullmatch(r"[\s?:!=<>&|A-Za-z0-9_.>()\[\]-]*(,[^,]*)?", rest) is not None
    if "printf" not in name:
        return False
    return re.search(r"%[-+#0-9.*]*[sc]", literals(arguments)) is None and '"' in arguments


def main(project):
    sniffer = pathlib.Path(project) / "sniffer"
    found = collections.Counter()
    shown = collections.defaultdict(list)
    for path in sorted(sniffer.rglob("*.c")):
        place = path.relative_to(sniffer).as_posix()
        # manual/ is a program of the build, which writes tables of the program's own.
        if place.startswith(("base/", "manual/")):
            continue
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
        for name, arguments in calls(text):
            if not is_plain(name, arguments):
                found[place] += 1
                shown[place].append("%s(%s)" % (name, " ".join(arguments.split())))
    wrong = [place for place in sorted(set(found) | set(OWN)) if found[place] != OWN.get(place, 0)]
    for place in wrong:
        print("sniffer/%s: %d calls write text that is no literal, %d are known; use print_line() or a line:"
              % (place, found[place], OWN.get(place, 0)))
        for call in shown[place]:
            print("    " + call)
    return 1 if wrong else 0


sys.exit(main(sys.argv[1]))
