# SPDX-License-Identifier: GPL-2.0-or-later
"""Every line of JSON of every command against docs/boottap.schema.json: over all samples where a command
takes many files, over those that tests/golden/kinds.py chooses where it takes one or two.

The schema itself must describe every key, and know no type that nothing prints; live, run and the end
of a replay are held to it by tests/program.
usage: schema.py BOOTTAP CAPTURES LIST
LIST prints the interfaces of a made-up machine.
"""
import collections
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    import contract
except ImportError:
    print("skipped: no python3-jsonschema")
    sys.exit(77)

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "golden"))
import kinds

PROGRAM, LIST = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[3])
CAPTURES = pathlib.Path(sys.argv[2]).resolve()
SAMPLES = kinds.samples(CAPTURES)
SCRATCH = tempfile.mkdtemp(prefix="boottap-schema-")
FIRMWARE = b"\xff" * 64 + bytes(range(256))
wrong = []
seen = collections.Counter()


def run(arguments):
    done = subprocess.run([str(argument) for argument in arguments], cwd=SCRATCH,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False, timeout=300)
    return arguments, done


def whole(found):
    """time_ns is time, and nothing else: also where they are negative."""
    if "time" not in found:
        return True
    return abs(found["time_ns"] - found["time"] * 1e9) <= 2e3


def check(arguments, done):
    words = " ".join(str(argument) for argument in arguments[1:])
    if done.returncode not in (0, 1, 2):
        wrong.append("%s: exit status %d" % (words, done.returncode))
    try:
        lines = done.stdout.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        wrong.append("%s: %s" % (words, error))
        return
    if lines[-1] != "":
        wrong.append(words + ": the last line does not end")
    for line in lines[:-1]:
        found_wrong, found = contract.faults(line)
        wrong.extend("%s: %s\n    %s" % (words, text, line[:300]) for text in found_wrong)
        seen[found.get("type")] += 1
        if not found_wrong and not whole(found):
            wrong.append("%s: time and time_ns differ: %s" % (words, line[:300]))


def commands_of_all():
    firmware = pathlib.Path(SCRATCH) / "fw.bin"
    firmware.write_bytes(FIRMWARE)
    yield LIST,
    for options in (["-x"], [], ["-q"], ["--summary"]):
        yield PROGRAM, "decode", "--json", *options, *SAMPLES
    yield PROGRAM, "decode", "--json", "-x", SAMPLES[0]
    yield PROGRAM, "decode", "--json", "--summary", "-q", SAMPLES[0]
    yield PROGRAM, "diagnose", "--json", SAMPLES[0]
    yield PROGRAM, "diagnose", "--json", *SAMPLES
    yield PROGRAM, "diagnose", "--json", "--expect", firmware, *SAMPLES
    yield PROGRAM, "list", "--json"


def commands_of_each(sessions):
    """What takes one file, or two: of each sample whatever it has something to show for."""
    aspects = "duration,pause,polls,busy_ms,poll_timeout_ms,notes"
    chosen = kinds.of_each(sessions)
    written = chosen[0]
    for number, sample in enumerate(chosen):
        keys = {key for session in sessions[sample] for key in session}
        yield PROGRAM, "replay", sample, "--json"
        yield PROGRAM, "diff", "--json", "--include", aspects, chosen[number - 1], sample
        if "read" in keys:
            yield PROGRAM, "extract", sample, "--map", "--json", "--reads"
        if "written" in keys:
            yield PROGRAM, "extract", sample, "--map", "--json"
            yield PROGRAM, "replay", sample, "--json", "--translate", "--to", "serial:/nowhere"
            yield PROGRAM, "diff", "--json", "--effect", written, sample
            written = sample


def described(node, path):
    """Every key of every object says what it is, or refers to what does."""
    if isinstance(node, list):
        for index, one in enumerate(node):
            described(one, path + "/" + str(index))
    if not isinstance(node, dict):
        return
    for key, one in node.get("properties", {}).items():
        target = one
        while "description" not in target and "$ref" in target:
            target = contract.SCHEMA["$defs"][target["$ref"].rsplit("/", 1)[1]]
        if not target.get("description", "").endswith("."):
            wrong.append("%s/%s has no description" % (path, key))
    for key, one in node.items():
        described(one, path + "/" + key)


contract.jsonschema.Draft202012Validator.check_schema(contract.SCHEMA)
described(contract.SCHEMA, "")
try:
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        sessions = kinds.diagnosed(PROGRAM, SAMPLES)
        for commands in commands_of_all(), commands_of_each(sessions):
            for one, result in pool.map(run, commands):
                check(one, result)
finally:
    shutil.rmtree(SCRATCH)
wrong.extend("nothing prints " + name for name in contract.LINES
             if name not in seen and name != "replay")
for text in wrong[:40]:
    print(text)
print(len(wrong), "wrong of", sum(seen.values()), "lines:",
      ", ".join("%d %s" % (count, name) for name, count in sorted(seen.items(), key=str)))
sys.exit(1 if wrong else 0)
