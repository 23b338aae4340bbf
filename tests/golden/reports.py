#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""decode and diagnose say of public reports what captures/reports/reports.txt wants, whose head
describes its words.
usage: reports.py BOOTTAP REPORTS [FILE]...   (only these)
"""
import json
import pathlib
import re
import subprocess
import sys


def stanzas(path):
    """The reports: a list of dictionaries, a list of values for each word."""
    reports = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        word, _, value = line.strip().partition(" ")
        if not word or word.startswith("#"):
            continue
        if word == "report":
            reports.append({"name": value})
        elif word in ("exit", "decodes", "in-all", "says", "never"):
            reports[-1].setdefault(word, []).append(value.strip())
        else:
            sys.exit(f"{path}:{number}: {word} is not a word of this file")
    return reports


def number(value):
    return int(value, 0) if isinstance(value, str) else value


def matches(wanted, seen):
    """Whether a transaction is the one that COMMAND STATUS [0xADDRESS] [LENGTH] describes."""
    command, statuses, *numbers = wanted.split()
    return (command == seen["command"] and seen["status"] in statuses.split("|") and
            all(number(seen.get("address" if text.startswith("0x") else "length")) == int(text, 0)
                for text in numbers))


def wrong_transactions(report, seen):
    wanted = [entry.strip() for entry in report["decodes"][0].split(";")]
    wanted = [] if wanted == ["none"] else wanted
    count = int(report.get("in-all", [len(wanted)])[0])
    if len(seen) != count:
        yield f"{len(seen)} transactions, should be {count}"
    for index, (expected, got) in enumerate(zip(wanted, seen), 1):
        if not matches(expected, got):
            yield "transaction {}: {} {} {} {}, should be {}".format(
                index, got["command"], got["status"], got.get("address", ""),
                got.get("length", ""), expected)


def wrong(boottap, folder, report):
    """What is wrong with one report, a line each."""
    path = folder / report["name"]
    decoded = subprocess.run([boottap, "decode", "--json", path], capture_output=True, text=True,
                             check=False)
    seen = [entry for entry in map(json.loads, decoded.stdout.splitlines())
            if "command" in entry]
    yield from wrong_transactions(report, seen)
    run = subprocess.run([boottap, "diagnose", path], capture_output=True, text=True, check=False)
    if str(run.returncode) not in report["exit"][0].split():
        yield f"diagnose exits {run.returncode}, should be {report['exit'][0]}"
    text = " ".join((run.stdout + " " + run.stderr).split())
    for pattern in report.get("says", []):
        if not re.search(pattern, text, re.IGNORECASE):
            yield f"diagnose does not say /{pattern}/: {text}"
    for pattern in report.get("never", []):
        if re.search(pattern, text, re.IGNORECASE):
            yield f"diagnose says /{pattern}/: {text}"


def main():
    boottap, folder, *names = sys.argv[1:]
    folder = pathlib.Path(folder)
    reports = stanzas(folder / "reports.txt")
    files = {path.name for path in folder.iterdir()} - {"reports.txt"}
    failed = files ^ {report["name"] for report in reports}
    for name in sorted(failed):
        print(f"{name}: is not both a file and a report in reports.txt", file=sys.stderr)
    for report in reports:
        if names and report["name"] not in names:
            continue
        for problem in wrong(boottap, folder, report):
            print(f"{report['name']}: {problem}", file=sys.stderr)
            failed.add(report["name"])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
