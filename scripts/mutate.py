#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mutate.py [--sample N | --each N | --all] [--seed S] [--jobs J] [--room ROOM]... [--list]

Do the tests notice a mistake? Changes decoder/ in one place (a constant, a comparison, a condition,
an operator, a statement left out), builds that, and runs the fast tests: unit, corpora, golden, and
for session/ and diagnosis/ what diagnose says of the samples. A change that a test fails for is
killed. Prints each survivor with its place, and how many are killed, by room.

A change for which the compiler makes the same code as before is none; what else is equivalent stands
with its reason in scripts/mutants_equivalent.txt: FILE:SOURCE LINE (blanks squeezed) -> CHANGED LINE.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORE = ROOT / "decoder"
BUILD = ROOT / "build-mutate"
TABLES = ("commands.def", "products.def")
# Rooms whose own tests never come to this one: they are not run for it.
FOREIGN = {"usart": ("dfu", "fdcan", "link", "usb"), "dfu": ("usart", "fdcan", "stm32flash", "link", "usb"),
           "can": ("usart", "dfu", "adapter", "stm32flash", "link", "usb")}
COUNTS = ("killed", "survives", "dropped")
TOKEN = re.compile(
    r"""(?P<skip>/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<word>[A-Za-z_]\w*)"""
    r"""|(?P<number>0[xX][0-9a-fA-F]+|\d+)(?P<suffix>[uUlL]*)"""
    r"""|(?P<operator><<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+<>&|^!=?:;(){},])""",
    re.S)
SWAPS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
    "<<": ">>", ">>": "<<", "+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=", "^=": "|=",
    "++": "--", "--": "++",
}
BINARY_SWAPS = {"+": "-", "-": "+", "&": "|", "|": "&", "^": "|"}
STATEMENT = re.compile(r"\s+(?:[A-Za-z_][\w.>\[\]-]*\s*(?:[-+|&^]?=(?!=)|\()|\+\+|--|continue;|break;)"
                       r"|\s+[A-Za-z_][\w.>\[\]-]*(?:\+\+|--);")


class Mutant:
    def __init__(self, path, text, start, end, new):
        self.path, self.start, self.end, self.new = path, start, end, new
        self.room = path.relative_to(CORE).parts[0]
        self.line = text.count("\n", 0, start) + 1
        first = text.rfind("\n", 0, start) + 1
        last = text.find("\n", end)
        self.before = " ".join(text[first:last].split())
        self.after = " ".join((text[first:start] + new + text[end:last]).split())
        self.text = text

    def source(self):
        return self.text[:self.start] + self.new + self.text[self.end:]

    def key(self):
        return f"{self.path.relative_to(CORE)}:{self.before} -> {self.after}"

    def __str__(self):
        return f"decoder/{self.path.relative_to(CORE)}:{self.line}: {self.before}\n    -> {self.after}"


def mutants_of(path):
    text = path.read_text()
    code = path.suffix in (".c", ".h")
    found = []
    tokens = [m for m in TOKEN.finditer(text) if not m.group("skip")]

    def add(start, end, new):
        found.append(Mutant(path, text, start, end, new))

    for i, token in enumerate(tokens):
        before = tokens[i - 1] if i else None
        line_start = text.rfind("\n", 0, token.start()) + 1
        line = text[line_start:text.find("\n", token.start())].lstrip()
        directive = line.startswith("#")
        if directive and not re.match(r"#\s*define\s+\w+\s+[0-9(]", line):
            continue
        if token.group("number"):
            value = int(token.group("number"), 0)
            hexadecimal = token.group("number")[:2].lower() == "0x"
            for new in (value + 1, value - 1):
                if new >= 0:
                    add(token.start(), token.end(),
                        (hex(new) if hexadecimal else str(new)) + token.group("suffix"))
        elif token.group("word") in ("true", "false"):
            add(token.start(), token.end(), "false" if token.group("word") == "true" else "true")
        elif token.group("word") == "if" and code and not directive:
            depth, end = 0, None
            for later in tokens[i + 1:]:
                depth += (later.group() == "(") - (later.group() == ")")
                if depth == 0:
                    end = later.end()
                    break
            start = tokens[i + 1].start()
            add(start, end, f"(!{text[start:end]})")
        elif token.group("operator") and code:
            operator = token.group()
            if operator in SWAPS:
                add(token.start(), token.end(), SWAPS[operator])
            elif operator in BINARY_SWAPS and before and not directive:
                # Binary has blanks around it, by clang-format.
                if text[token.start() - 1] == " " and text[token.end()] == " ":
                    previous = before.group()
                    if previous[-1].isalnum() or previous[-1] in ")_":
                        add(token.start(), token.end(), BINARY_SWAPS[operator])
            elif operator == "!" and not directive:
                add(token.start(), token.end(), "")
    if path.suffix == ".c":
        lines = text.split("\n")
        offset = 0
        for number, line in enumerate(lines):
            above = lines[number - 1].rstrip() if number else ""
            whole = above.endswith((";", "{", "}", ":", "*/", "else", ")")) or not above
            if STATEMENT.match(line) and line.rstrip().endswith(";") and whole and \
                    line.count("(") == line.count(")") and not re.match(r"\s+return\b|\s+\w+ \w", line):
                start = offset + len(line) - len(line.lstrip())
                add(start, offset + len(line.rstrip()), ";")
            offset += len(line) + 1
    return found


def concerns(test, room):
    """Whether a test is run for changes to a room."""
    # This one takes longer than all others, and shows what only these rooms decide.
    if test["name"] == "diagnoses":
        return room in ("session", "diagnosis")
    return test["room"] not in FOREIGN.get(room, ())


class Bench:
    """One build of everything, the core as a shared object that each mutant brings anew."""

    def __init__(self, rooms):
        self.directory = BUILD
        subprocess.run(["cmake", "-S", ROOT, "-B", BUILD, "-G", "Ninja", "-DBUILD_SHARED_LIBS=ON",
                        "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS=-O1", "-DBOOTTAP_TESTS=ON",
                        "-DCMAKE_SKIP_BUILD_RPATH=ON"], check=True, stdout=subprocess.DEVNULL)
        targets = subprocess.run(["cmake", "--build", BUILD, "--target", "help"], check=True,
                                 capture_output=True, text=True).stdout
        wanted = sorted(set(re.findall(r"^((?:tests/unit/|tests/fuzz/)?(?:test|fuzz)_[a-z0-9_]+)(?=: phony)",
                                       targets, re.M)))
        wanted = [name for name in wanted if "/" not in name and not name.startswith("test_cli")
                  and not name.startswith("test_sim")]
        subprocess.run(["cmake", "--build", BUILD, "--target", "boottap", "golden", *wanted],
                       check=True, stdout=subprocess.DEVNULL)
        self.commands = {}
        for entry in json.loads((BUILD / "compile_commands.json").read_text()):
            path = pathlib.Path(entry["file"])
            if CORE in path.parents:
                words = shlex.split(entry["command"])
                keep = [w for w in words[1:] if w.startswith(("-I", "-D", "-std", "-f"))]
                self.commands[path] = [words[0], *keep, "-O1", "-w"]
        self.objects = BUILD / "mutants"
        self.objects.mkdir(exist_ok=True)
        self.unchanged, self.users = {}, {}
        for path, command in self.commands.items():
            if not self.compile(path, path, self.object(path)):
                sys.exit(f"mutate.py: {path} does not compile")
            self.unchanged[path] = self.object(path).read_bytes()
            listed = subprocess.run([*command, "-MM", str(path)], capture_output=True, text=True).stdout
            for used in re.split(r"[\s\\]+", listed):
                if used.endswith((".h", ".def")):
                    self.users.setdefault(pathlib.Path(used).resolve(), []).append(path)
        self.tests = [test for test in self.read_tests() if any(concerns(test, room) for room in rooms)]

    def object(self, path):
        return self.objects / (str(path.relative_to(CORE)).replace("/", "_") + ".o")

    def compile(self, source, path, output, *options):
        """Compiles source as path is; whether it does."""
        command = self.commands[path]
        return subprocess.run([command[0], *options, *command[1:], "-c", str(source), "-o", str(output)],
                              capture_output=True).returncode == 0

    def read_tests(self):
        known = json.loads(subprocess.run(["ctest", "--test-dir", BUILD, "--show-only=json-v1"], check=True,
                                          capture_output=True, text=True).stdout)["tests"]
        rooms = {path.stem[5:]: path.parent.name for path in (ROOT / "tests/unit").glob("*/test_*.c")}
        tests = []
        for test in known:
            name = test["name"]
            if name in rooms or name == "diagnoses" or \
                    name.startswith(("corpus_", "golden_")) and name != "golden_coverage":
                if name.startswith(("corpus_pcapng", "corpus_firmware")) or not test.get("command"):
                    continue
                room = "diagnosis" if name == "diagnoses" else \
                    rooms.get(name) or name.split("_")[1].split("-")[0]
                tests.append({"name": name, "command": test["command"], "room": room, "kills": 0,
                              "seconds": 0.0})
        return sorted(tests, key=lambda test: test["name"] != "diagnoses")

    def time_tests(self, pool):
        """How long each takes unchanged; one that is skipped is left out."""
        def time_test(test):
            started = time.monotonic()
            done = self.run(test, BUILD / "decoder", 300)
            test["seconds"] = time.monotonic() - started
            return done

        for test, done in zip(list(self.tests), list(pool.map(time_test, self.tests))):
            if done == 77 or done == "slow":
                self.tests.remove(test)
            elif done != 0:
                sys.exit(f"mutate.py: {test['name']} fails unchanged")

    @staticmethod
    def run(test, library, limit):
        environment = dict(os.environ, LD_LIBRARY_PATH=str(library))
        process = subprocess.Popen(test["command"], cwd=BUILD, env=environment, start_new_session=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            return process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
            return "slow"

    def try_mutant(self, mutant, lock):
        """The name of the test that failed, "same" or "broken" where there is nothing to test, or None."""
        with tempfile.TemporaryDirectory(dir=self.objects) as scratch:
            scratch = pathlib.Path(scratch)
            relative = mutant.path.relative_to(CORE)
            changed = [mutant.path] if mutant.path.suffix == ".c" else self.users.get(mutant.path, [])
            (scratch / relative.parent).mkdir(parents=True)
            (scratch / relative).write_text(mutant.source())
            fresh, same = {}, True
            for path in changed:
                source = scratch / path.relative_to(CORE)
                if path != mutant.path:
                    source.parent.mkdir(parents=True, exist_ok=True)
                    source.write_text(path.read_text())
                output = scratch / self.object(path).name
                if not self.compile(source, path, output, "-I", str(scratch)):
                    return "broken"
                same = same and output.read_bytes() == self.unchanged[path]
                fresh[path] = output
            if same:
                return "same"
            library = scratch / "lib"
            library.mkdir()
            objects = [str(fresh.get(path, self.object(path))) for path in self.commands]
            subprocess.run([next(iter(self.commands.values()))[0], "-shared", "-o",
                            str(library / "libboottap.so"), *objects], check=True, capture_output=True)
            with lock:
                order = sorted(self.tests, key=lambda t: (t["room"] != mutant.room, -t["kills"], t["seconds"]))
            for test in order:
                if not concerns(test, mutant.room):
                    continue
                result = self.run(test, library, 2 + 20 * test["seconds"])
                if result != 0:
                    with lock:
                        test["kills"] += 1
                    return test["name"] + (" (slow)" if result == "slow" else "")
            return None


def try_some(bench, lock, pool, jobs, mutants, wanted, tally):
    """Tries mutants in their order until there is an answer of so many as are wanted."""
    left, running, answered = iter(mutants), {}, 0
    while True:
        while len(running) < jobs and answered + len(running) < wanted:
            mutant = next(left, None)
            if mutant is None:
                break
            running[pool.submit(bench.try_mutant, mutant, lock)] = mutant
        if not running:
            return
        done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
        for future in done:
            mutant, result = running.pop(future), future.result()
            if result in ("same", "broken"):
                tally[mutant.room]["dropped"] += 1
            elif result is None:
                answered += 1
                tally[mutant.room]["survives"] += 1
                print(f"survives: {mutant}", flush=True)
            else:
                answered += 1
                tally[mutant.room]["killed"] += 1


def print_counts(name, counts):
    tried = counts["killed"] + counts["survives"]
    print(f"{name:12}{counts['killed']:5} of {tried:4} killed {100 * counts['killed'] / max(tried, 1):5.1f} %, "
          f"{counts['survives']} survive; {counts['dropped']} made the same code or none", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=200, help="how many changes to try (200)")
    parser.add_argument("--each", type=int, metavar="N", help="try so many of each room")
    parser.add_argument("--all", action="store_true", help="try all of them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--room", action="append", help="of these rooms, or files as ROOM/NAME, only")
    parser.add_argument("--list", action="store_true", help="print the changes, try none")
    options = parser.parse_args()

    listed = ROOT / "scripts/mutants_equivalent.txt"
    equivalent = {line.strip() for line in listed.read_text().splitlines()} if listed.exists() else set()
    files = sorted(path for path in CORE.rglob("*") if "include" not in path.relative_to(CORE).parts
                   and (path.suffix in (".c", ".h") or path.name in TABLES))
    if options.room:
        files = [path for path in files if any(str(path.relative_to(CORE)).startswith(room)
                                               for room in options.room)]
    mutants = [mutant for path in files for mutant in mutants_of(path) if mutant.key() not in equivalent]
    random.Random(options.seed).shuffle(mutants)
    print(f"{len(mutants)} changes in {len(files)} files", flush=True)
    if options.list:
        print(*mutants, sep="\n")
        return

    rooms = sorted({mutant.room for mutant in mutants})
    bench, lock = Bench(rooms), threading.Lock()
    queues = [[mutant for mutant in mutants if mutant.room == room] for room in rooms] if options.each \
        else [mutants]
    wanted = len(mutants) if options.all else options.each or options.sample
    tally = {room: dict.fromkeys(COUNTS, 0) for room in rooms}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        bench.time_tests(pool)
        started = time.monotonic()
        for queue in queues:
            try_some(bench, lock, pool, options.jobs, queue, wanted, tally)
            if options.each:
                print_counts(queue[0].room, tally[queue[0].room])
    print_counts("all", {key: sum(counts[key] for counts in tally.values()) for key in COUNTS})
    print(f"seed {options.seed}, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
