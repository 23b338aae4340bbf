#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds docs/json.md to docs/boottap.schema.json: both name the same types and keys.

Exit status 77: there is no schema. usage: json_keys.py PROJECT
"""
import json
import pathlib
import re
import sys


def keys_of_schema(schema, path=""):
    for name, value in schema.get("properties", {}).items():
        yield path + name
        yield from keys_of_schema(value.get("items", value), f"{path}{name}.")


def keys_of_page(text):
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


def main(project):
    path = project / "docs" / "boottap.schema.json"
    if not path.exists():
        return 77
    definitions = json.loads(path.read_text(encoding="utf-8"))["$defs"]
    page = (project / "docs" / "json.md").read_text(encoding="utf-8")
    parts = re.split(r"^### (.+)$", page, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2]))
    failed = 0
    for name in sorted(set(definitions) | set(sections)):
        wanted = sorted(keys_of_schema(definitions.get(name, {})))
        found = sorted(keys_of_page(sections.get(name, "")))
        good = name in definitions and name in sections and wanted == found
        print(f"{'ok' if good else 'FAILED'} {name}")
        if not good:
            failed += 1
            print(f"  only in one of page and schema: {sorted(set(wanted) ^ set(found))}; "
                  "run scripts/json-reference.py")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
