#!/usr/bin/env python3
"""bite.py CC: rooms.py finds a planted violation of each kind, and nothing in a house that is in order."""
import os
import subprocess
import sys
import tempfile

import rooms

PLAN = """
decoder/low names low_
 owns boottap/low.h
decoder/high names high_ uses decoder/low
 owns boottap/high.h
"""
HOUSE = {
    "decoder/include/boottap/low.h": "int btap_low(void);\n",
    "decoder/include/boottap/high.h": '#include "boottap/low.h"\nint btap_high(void);\n',
    "decoder/low/a.h": "int low_a(void);\n",
    "decoder/low/a.c": '#include "low/a.h"\n#include "boottap/low.h"\nint low_a(void) { return 1; }\n'
                       "int btap_low(void) { return low_a(); }\n",
    "decoder/low/b.h": "int low_b(void);\n",
    "decoder/low/b.c": '#include "low/b.h"\n#include "low/a.h"\nint low_b(void) { return low_a(); }\n',
    "decoder/high/c.c": '#include "boottap/high.h"\nint btap_high(void) { return btap_low(); }\n',
}


def look(compiler, changes, plan=PLAN):
    """What rooms.py says of the house with these files changed or added."""
    with tempfile.TemporaryDirectory() as root:
        house = {**HOUSE, **changes}
        for path, text in house.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write("#pragma once\n" + text if path.endswith(".h") else text)
        for path in house:
            if path.endswith(".c"):
                built = os.path.join(root, "build/decoder/core.dir", path[len("decoder/"):] + ".o")
                os.makedirs(os.path.dirname(built), exist_ok=True)
                subprocess.run([compiler, "-w", "-c", "-I", os.path.join(root, "decoder"), "-I",
                                os.path.join(root, "decoder/include"), "-o", built,
                                os.path.join(root, path)], check=True)
        with open(os.path.join(root, "plan"), "w", encoding="utf-8") as file:
            file.write(plan)
        return rooms.check(os.path.join(root, "plan"), root, [os.path.join(root, "build/decoder")])


PLANTED = [
    ("an include of a room above", "may not use that",
     {"decoder/low/a.h": '#include "boottap/high.h"\nint low_a(void);\n'}),
    ("a symbol of a room above, declared by hand", "uses btap_high of decoder/high/c.c",
     {"decoder/low/b.c": "int btap_high(void);\nint low_b(void) { return btap_high(); }\n"}),
    ("a file in no room", "decoder/attic/d.c: in no room", {"decoder/attic/d.c": "int low_d;\n"}),
    ("a public header that no room owns", "boottap/new.h: in no room",
     {"decoder/include/boottap/new.h": "int btap_new(void);\n"}),
    ("a global name without the room's prefix", "global name helper is in no public header",
     {"decoder/low/b.c": "int helper(void) { return 1; }\n"}),
    ("a public name that no header declares", "global name btap_secret is in no public header",
     {"decoder/low/b.c": "int btap_secret(void) { return 1; }\n"}),
    ("two files that include each other", "files that need each other",
     {"decoder/low/a.h": '#include "low/b.h"\nint low_a(void);\n'}),
    ("two files that call each other", "files that need each other",
     {"decoder/low/a.c": "int low_b(void);\nint low_a(void) { return low_b(); }\n"}),
]


def main():
    compiler, failed = sys.argv[1], []
    if problems := look(compiler, {}):
        failed.append(f"a house in order: {problems}")
    for what, expected, changes in PLANTED:
        problems = look(compiler, changes)
        if not any(expected in problem for problem in problems):
            failed.append(f"{what}: not found; instead {problems}")
    circle = PLAN.replace("decoder/low names low_", "decoder/low names low_ uses decoder/high")
    if not any("a circle" in problem for problem in look(compiler, {}, circle)):
        failed.append("a circle of rooms: not found")
    print("\n".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
