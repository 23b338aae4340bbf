# SPDX-License-Identifier: GPL-2.0-or-later
"""The samples that a test takes which starts the program for each of them: every kind once.

A sample's kind is what `diagnose --json` tells of its sessions: the wire, the verdict, and the keys that
an object has (something was erased, read, written without an erase, ...). In the order of their names,
a sample is taken if it has a session of a kind that none before it has; one without sessions
is a kind, too, on each wire of the names.
"""
import collections
import json
import subprocess


def samples(captures):
    return sorted(path for path in captures.iterdir() if path.suffix in (".pcap", ".pcapng", ".log"))


def objects(*command):
    """What a command prints in JSON."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                          timeout=300)
    return [json.loads(line) for line in done.stdout.splitlines()]


def diagnosed(program, paths):
    """{sample: the objects of its sessions}, of one start."""
    sessions = collections.defaultdict(list)
    for found in objects(program, "diagnose", "--json", *paths):
        sessions[found["file"]].append(found)
    return {path: sessions[str(path)] for path in paths}


def of_each(sessions):
    """The samples of {sample: sessions} that stand for all."""
    seen, chosen = set(), []
    for path, of_sample in sessions.items():
        kinds = {(o["transport"], o["verdict"], frozenset(o)) for o in of_sample}
        kinds = kinds or {(path.name.split("-")[0], path.suffix)}
        if not kinds <= seen:
            chosen.append(path)
            seen |= kinds
    return chosen
