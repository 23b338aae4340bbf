#!/usr/bin/env python3
"""rooms.py PLAN ROOT [OBJECTS...]: holds the walls of the house.

PLAN is rooms.txt, ROOT the project, OBJECTS the folders in which its objects were built. It fails on
an include or a symbol from a room that the plan does not name, on a circle of rooms or of files, on
a file in no room, and on a global symbol of the core under a name that its room may not give.
"""
import os
import re
import subprocess
import sys

SOURCES = (".c", ".h", ".def")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
PUBLIC = "decoder/include/"


class Room:
    def __init__(self, folder):
        self.folder = folder
        self.uses, self.owns, self.names = [], [], []


def read_plan(path):
    """The rooms by folder, in the order of the plan; and what is wrong with it."""
    rooms, problems, room, target = {}, [], None, None
    for line in open(path, encoding="utf-8"):
        words = line.split("#")[0].split()
        if not words:
            continue
        if not line[0].isspace():
            room = Room(words.pop(0))
            rooms[room.folder] = room
            target = None
        for word in words:
            if word in ("uses", "owns", "names"):
                target = getattr(room, word)
            else:
                target.append(word)
    above = set()
    for room in rooms.values():
        for used in room.uses:
            if used not in above:
                problems.append(f"rooms: {room.folder} uses {used}, which is not above it: a circle, or no room")
        above.add(room.folder)
    return rooms, problems


class House:
    def __init__(self, rooms, root):
        self.rooms, self.root, self.problems = rooms, root, []
        self.owner = {header: room for room in rooms.values() for header in room.owns}
        self.top = sorted({folder.split("/")[0] for folder in rooms})
        self.edges = {}  # module -> {module: why}

    def sources(self):
        for top in self.top:
            for folder, folders, files in os.walk(os.path.join(self.root, top)):
                folders.sort()
                for name in sorted(files):
                    if name.endswith(SOURCES):
                        yield os.path.relpath(os.path.join(folder, name), self.root)

    def room_of(self, path):
        """The room of a file: its folder's, or for a public header its owner's."""
        if path.startswith(PUBLIC):
            return self.owner.get(path[len(PUBLIC):])
        return self.rooms.get(os.path.dirname(path))

    def may_use(self, room, other):
        return other is room or other.folder in room.uses

    def edge(self, source, target, why):
        """Files x.c and x.h are one module; circles within it do not count."""
        source, target = (os.path.splitext(path)[0] for path in (source, target))
        if source != target:
            self.edges.setdefault(source, {}).setdefault(target, why)

    def resolve(self, path, header):
        """The file that an include means; None for one from elsewhere."""
        top = path.split("/")[0]
        for base in (os.path.dirname(path), top, PUBLIC[:-1]):
            candidate = os.path.normpath(os.path.join(base, header))
            if os.path.isfile(os.path.join(self.root, candidate)):
                return candidate
        return None

    def check_includes(self):
        for path in self.sources():
            room = self.room_of(path)
            if room is None:
                self.problems.append(f"{path}: in no room")
                continue
            with open(os.path.join(self.root, path), encoding="utf-8") as file:
                headers = INCLUDE.findall(file.read())
            for header in headers:
                target = self.resolve(path, header)
                if target is None:
                    continue
                other = self.room_of(target)
                if other is None:
                    continue  # told where the file itself is looked at
                if not self.may_use(room, other):
                    self.problems.append(f"{path}: includes {header}, which is in {other.folder}; "
                                         f"{room.folder} may not use that")
                self.edge(path, target, f"includes {header}")

    def objects(self, folders):
        """(source file, object) of every object of a room's source."""
        for base in folders:
            for folder, _, files in os.walk(base):
                for name in files:
                    if not name.endswith(".c.o"):
                        continue
                    path = os.path.join(folder, name)
                    inner = re.sub(r"^.*?\.dir/", "", path)[:-2]
                    for top in self.top:
                        source = os.path.join(top, inner)
                        if os.path.isfile(os.path.join(self.root, source)):
                            if f"/{top}/" in path or path.startswith(top + "/"):
                                yield source, path

    def check_symbols(self, folders):
        nm = os.environ.get("NM", "nm")
        defined, used = {}, {}
        sources = {path: source for source, path in self.objects(folders)}
        if not sources:
            return False
        output = subprocess.run([nm, "-g", "-A", *sources], check=True, capture_output=True, text=True).stdout
        for line in output.splitlines():
            path, words = line.split(":")[0], line.split()
            if words[-1].startswith("__"):
                continue  # the compiler's, the sanitizers'
            if words[-2] in "Uw":
                used.setdefault(sources[path], []).append(words[-1])
            else:
                defined[words[-1]] = sources[path]
        for source, symbols in sorted(used.items()):
            room = self.room_of(source)
            for symbol in symbols:
                target = defined.get(symbol)
                if target is None or room is None or self.room_of(target) is None:
                    continue
                if not self.may_use(room, self.room_of(target)):
                    self.problems.append(f"{source}: uses {symbol} of {target}; {room.folder} may not use "
                                         f"{self.room_of(target).folder}")
                self.edge(source, target, f"uses {symbol}")
        self.check_names(defined)
        return True

    def check_names(self, defined):
        public = set()
        for path in self.sources():
            if path.startswith(PUBLIC):
                with open(os.path.join(self.root, path), encoding="utf-8") as file:
                    public.update(re.findall(r"\bbtap_\w+", file.read()))
        for symbol, source in sorted(defined.items()):
            room = self.room_of(source)
            if room is None or not source.startswith("decoder/") or symbol in public:
                continue
            if not symbol.startswith(tuple(room.names)):
                self.problems.append(f"{source}: global name {symbol} is in no public header and begins with "
                                     f"none of its room's: {' '.join(room.names) or 'it has none'}")

    def check_circles(self):
        """Tarjan's strongly connected components; one of several files is a circle."""
        index, low, stack, found = {}, {}, [], []

        def visit(start):
            work = [(start, iter(self.edges.get(start, {})))]
            index[start] = low[start] = len(index)
            stack.append(start)
            while work:
                node, targets = work[-1]
                for target in targets:
                    if target not in index:
                        index[target] = low[target] = len(index)
                        stack.append(target)
                        work.append((target, iter(self.edges.get(target, {}))))
                        break
                    if target in stack:
                        low[node] = min(low[node], index[target])
                else:
                    work.pop()
                    if work:
                        low[work[-1][0]] = min(low[work[-1][0]], low[node])
                    if low[node] == index[node]:
                        circle = []
                        while not circle or circle[-1] != node:
                            circle.append(stack.pop())
                        if len(circle) > 1:
                            found.append(sorted(circle))

        for node in sorted(self.edges):
            if node not in index:
                visit(node)
        for circle in sorted(found):
            why = [f"\n    {a} -> {b}: {self.edges[a][b]}" for a in circle for b in circle
                   if b in self.edges.get(a, {})]
            self.problems.append("files that need each other:" + "".join(why))


def check(plan, root, folders):
    rooms, problems = read_plan(plan)
    house = House(rooms, root)
    house.check_includes()
    if folders and not house.check_symbols(folders):
        problems.append("no object of a room's sources in " + " ".join(folders))
    house.check_circles()
    return problems + house.problems


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    problems = check(sys.argv[1], sys.argv[2], sys.argv[3:])
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
