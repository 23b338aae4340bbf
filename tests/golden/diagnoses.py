# SPDX-License-Identifier: GPL-2.0-or-later
"""What `boottap diagnose` says about the samples, against captures/diagnoses.txt.

usage: diagnoses.py BOOTTAP CAPTURES DOCS

A line of that file: NAME: VERDICT RULE... [/ VERDICT RULE...]..., a part a session. Of the logs, NAME is
logs/FILE, those are looked at that stand there.
captures/rules.txt names for each rule a sample that triggers it and one that nearly does.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

PROGRAM, CAPTURES, DOCS = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
ROW = re.compile(r"^\| ([a-z0-9-]+) \| (cause|doubt|capture|oddity) \| (\w+) \| (.*) \|$", re.M)
wrong = []


def boottap(*arguments):
    return subprocess.run([PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)


def table(path):
    """{first word: the rest} of the lines that are no comments."""
    lines = (line.strip() for line in path.read_text().splitlines())
    return dict(re.match(r"(\S+?):?(?: +(.*))?$", line).groups("") for line in lines
                if line and not line.startswith("#"))


def status_of(sessions):
    verdicts = {session["verdict"] for session in sessions}
    return 1 if verdicts & {"failed", "cut-short", "unknown"} or not verdicts - {"not-decoded"} else 0


def said(sessions):
    return " / ".join(" ".join([session["verdict"], *(f["rule"] for f in session["findings"])])
                      for session in sessions)


def name_of(sample):
    return f"logs/{sample.name}" if sample.parent.name == "logs" else sample.stem


def diagnosed():
    """{name: what is said of a sample}; the exit status of each, or of one of BOOTTAP_EVERY, is that
    of what is said."""
    samples = sorted(path for kind in ("*.pcap", "*.pcapng", "*.log") for path in CAPTURES.glob(kind))
    samples += [CAPTURES / name for name in known_samples if name.startswith("logs/")]
    sessions = {str(sample): [] for sample in samples}
    for line in boottap("diagnose", "--json", *sessions).stdout.splitlines():
        session = json.loads(line)
        sessions[session["file"]].append(session)
    for sample, told in list(sessions.items())[::int(os.environ.get("BOOTTAP_EVERY", "1"))]:
        status = boottap("diagnose", "-q", sample).returncode
        if status != status_of(told):
            wrong.append("%s: exit status %d, should be %d" % (sample, status, status_of(told)))
    return {name_of(pathlib.Path(sample)): said(told) for sample, told in sessions.items()}


def check_samples(told, expected):
    for name in sorted(told.keys() | expected.keys()):
        if told.get(name) != expected.get(name):
            wrong.append("%s:\n  expected %s\n  is said  %s" %
                         (name, expected.get(name), told.get(name)))


def check_rules(rules, expected):
    """Every rule has samples, which trigger it and do not."""
    samples = table(CAPTURES / "rules.txt")
    for rule in rules:
        trigger, near = samples.get(rule, " ").split(" ")
        if rule not in expected.get(trigger, "").split():
            wrong.append("rule %s: %s does not trigger it" % (rule, trigger))
        if not expected.get(near):
            wrong.append("rule %s: no sample %s" % (rule, near))
        elif rule in expected[near].split():
            wrong.append("rule %s: %s must not trigger it" % (rule, near))
    for rule in samples.keys() - rules.keys():
        wrong.append("rule %s of rules.txt is not in the program" % rule)


def check_table(rules):
    """The table of the documentation is that of the program."""
    documented = {rule: (kind, certainty, words)
                  for rule, kind, certainty, words in ROW.findall((DOCS / "diagnose.md").read_text())}
    for rule in sorted(rules.keys() | documented.keys()):
        if rules.get(rule) != documented.get(rule):
            wrong.append("docs/diagnose.md: rule %s is %s, in the program %s" %
                         (rule, documented.get(rule), rules.get(rule)))


known = {rule: (kind, certainty, words) for kind, certainty, rule, words in
         (line.split(None, 3) for line in re.sub(r"\n +", " ", boottap("help", "rules").stdout).splitlines())}
known_samples = table(CAPTURES / "diagnoses.txt")
check_samples(diagnosed(), known_samples)
check_rules(known, known_samples)
check_table(known)
print("\n".join(wrong))
sys.exit(1 if wrong or not known or not known_samples else 0)
