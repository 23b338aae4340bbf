# SPDX-License-Identifier: GPL-2.0-or-later
"""`boottap diff B A` is `boottap diff A B` in a mirror: over pairs of samples of a wire, in JSON and text.

Each pair of neighbours among the samples that kinds.py chooses goes with one of the options, in turn; with
--all it is all samples, each pair with all options.
usage: mirror.py BOOTTAP CAPTURES [--all]
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

import kinds

PROGRAM, CAPTURES = sys.argv[1], pathlib.Path(sys.argv[2])
ASPECTS = "duration,pause,polls,busy_ms,poll_timeout_ms,notes"
OPTIONS = ([], ["--include", ASPECTS], ["--any-erase-order"], ["--ignore-retries"],
           ["--ignore", "list,length,address"], ["--tolerate", "duration=20%,pause=5ms"], ["--effect"])
SWAPPED = {"removed": "added", "added": "removed", "unerased-a": "unerased-b", "unerased-b": "unerased-a"}


def diff(options, one, other):
    done = subprocess.run([PROGRAM, "diff", "--json", *options, one, other], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, timeout=120)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def text_of(options, one, other):
    """The lines that stand in one of the two alone; A's columns are B's in a mirror."""
    done = subprocess.run([PROGRAM, "diff", *options, one, other], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, timeout=120)
    return [re.sub(r" +", " ", line) for line in done.stdout.splitlines() if line[:2] in ("+ ", "- ")]


def text_turned(lines):
    names = {"written in A only": "written in B only", "written in B only": "written in A only"}
    return collections.Counter({"+": "-", "-": "+"}[line[0]] +
                               re.sub("|".join(names), lambda found: names[found.group()], line[1:])
                               for line in lines)


def turned(value):
    if isinstance(value, list):
        return [turned(one) for one in value]
    if not isinstance(value, dict):
        return SWAPPED.get(value, value) if isinstance(value, str) else value
    names = dict(SWAPPED, a="b", b="a")
    return {names.get(key, key): turned(one) for key, one in value.items()}


def key(line):
    return json.dumps(line, sort_keys=True)


def compare(task):
    options, one, other = task
    status, lines = diff(options, one, other)
    back_status, back = diff(options, other, one)
    if status != back_status:
        return task, "exit status %d and %d" % (status, back_status)
    if options in ([], ["--effect"]) and (text_turned(text_of(options, one, other)) !=
                                          collections.Counter(text_of(options, other, one))):
        return task, "the text is no mirror image"
    mirrored = collections.Counter(key(turned(line)) for line in lines)
    found = collections.Counter(key(line) for line in back)
    if mirrored != found:
        return task, "%d lines and %d\n   %s\n   %s" % (len(lines), len(back),
            next(iter(mirrored - found), ""), next(iter(found - mirrored), ""))
    return task, None


def main():
    wires = collections.defaultdict(list)
    everything = "--all" in sys.argv
    samples = kinds.samples(CAPTURES)
    for path in samples if everything else kinds.of_each(kinds.diagnosed(PROGRAM, samples)):
        wires[path.name.split("-")[0]].append(path)
    pairs = [(one, other) for group in wires.values() for one, other in zip(group, group[1:])]
    tasks = [(options, one, other) for number, (one, other) in enumerate(pairs) for options in
             (OPTIONS if everything else (OPTIONS[number % len(OPTIONS)],))]
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (options, one, other), fault in pool.map(compare, tasks):
            if fault is not None:
                wrong += 1
                print(" ".join(["diff", *options, one.name, other.name]), fault)
    print(len(tasks), "comparisons,", wrong, "wrong")
    return 1 if wrong else 0


sys.exit(main())
