# SPDX-License-Identifier: GPL-2.0-or-later
"""The program on captures made to be hard, each at N and 4N: its time must grow as they do, and
its memory stay under design.md's bound, or grow no faster than what it says it keeps.

    test_growth.py [NAME...]    only these shapes, and more runs of each
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import shapes

PROGRAM = os.environ["BOOTTAP_PROGRAM"]
MEASURE = os.environ["GROWTH_MEASURE"]
SIZES = (1, 4)
PATIENCE = 60  # seconds for one run: what takes longer does not grow as it should

# Four times the input takes four times the time if time is linear, sixteen times if it is quadratic.
# What lies below the middle of the two passes: caches that grow too small are no defect.
GROWTH_MAX = 8
MEMORY_GROWTH_MAX = 5
# Below this, what is measured is noise: a page of the program more or less, a tick of the clock.
TIME_MIN = 4_000  # microseconds
MEMORY_MIN = 2048  # KiB
TRIES = 5  # a machine may be busy with something else: the least of so many runs counts


class Failure(Exception):
    pass


def run(folder, arguments):
    """(microseconds, KiB) of one run."""
    told = folder / "told"
    command = [MEASURE, told, PROGRAM, *arguments]
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as late:
        raise Failure("takes more than %d s" % PATIENCE) from late
    if done.returncode not in (0, 1) or not told.exists():
        raise Failure("exit status %d: %s" % (done.returncode, done.stderr.strip()[-300:]))
    time, memory = told.read_text(encoding="ascii").split()
    told.unlink()
    return int(time), int(memory)


def problem(shape, base, taken):
    """What is wrong with the figures of N and 4N; None if nothing is."""
    times = [max(time - base[0], TIME_MIN) for time, _ in taken]
    memories = [max(memory - base[1], MEMORY_MIN) for _, memory in taken]
    if times[1] > GROWTH_MAX * times[0]:
        return "time grows %.1f times from N to 4N" % (times[1] / times[0])
    if shape.keeps is None:
        if taken[1][1] > shapes.BOUND:
            return "%d KiB at 4N, and %d are the most" % (taken[1][1], shapes.BOUND)
    elif memories[1] > MEMORY_GROWTH_MAX * memories[0]:
        return "memory grows %.1f times from N to 4N" % (memories[1] / memories[0])
    elif memories[1] * 1024 > 4 * shape.n * shape.keeps + 1024 * shapes.BOUND:
        return "%.0f bytes kept of each, and %d are the most" % (
            memories[1] * 1024 / (4 * shape.n), shape.keeps)
    return None


def at_rest():
    """What the program takes for a file that holds nothing."""
    with tempfile.TemporaryDirectory(prefix="boottap-growth-") as path:
        folder = pathlib.Path(path)
        (folder / "0.pcap").write_bytes(shapes.EMPTY)
        return min(run(folder, ["decode", "0.pcap"]) for _ in range(2))


def measure(folder, shape, base, tries):
    """
    The least of several runs of each size, and what is wrong with them. What the program takes at rest is
    measured again each time: too much taken off makes little time of N, and growth of what has none.
    """
    taken = [(PATIENCE * 1_000_000, 1 << 30)] * len(SIZES)
    wrong = None
    for attempt in range(tries):
        if attempt > 0:
            rest = at_rest()
            base = (min(base[0], rest[0]), min(base[1], rest[1]))
        for i, size in enumerate(SIZES):
            time, memory = run(folder, shape.arguments("%d" % size))
            taken[i] = (min(time, taken[i][0]), min(memory, taken[i][1]))
        wrong = problem(shape, base, taken)
        if wrong is None:
            break
    return taken, wrong


def make(folder, shape):
    """The files of a shape at each size."""
    length = 0
    for size in SIZES:
        for suffix, content in shape.make(shape.n * size).items():
            (folder / ("%d%s" % (size, suffix))).write_bytes(content)
            length = max(length, len(content))
    return length


def check(shape, base, tries):
    """Prints a row. @return whether it is as it should be"""
    with tempfile.TemporaryDirectory(prefix="boottap-growth-") as path:
        folder = pathlib.Path(path)
        length = make(folder, shape)
        try:
            taken, wrong = measure(folder, shape, base, tries)
        except Failure as failure:
            print("%-24s %8d  FAILED: %s" % (shape.name, shape.n, failure))
            return False
    print("%-24s %8d %8.1f  %8s  %s  %s  %s" % (
        shape.name, shape.n, length / 1e6,
        "-" if shape.keeps is None else "%d B" % shape.keeps,
        " ".join("%6.0f" % (time / 1000) for time, _ in taken),
        " ".join("%7d" % memory for _, memory in taken), "FAILED: " + wrong if wrong else "ok"))
    sys.stdout.flush()
    return wrong is None


def main():
    names = sys.argv[1:]
    chosen = [shape for shape in shapes.SHAPES if not names or shape.name in names]
    tries = 2 * TRIES if names else TRIES
    print("%-24s %8s %8s  %8s  %s  %s" % ("shape", "N", "MB at 4N", "each may",
                                          "ms at N, 4N  ", "KiB at N, 4N"))
    base = at_rest()
    results = [check(shape, base, tries) for shape in chosen]
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
