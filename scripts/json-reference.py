#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes docs/json.md from docs/boottap.schema.json, so that both name the same keys.

usage: json-reference.py SCHEMA >docs/json.md
"""
import json
import sys

HEAD = """# JSON

`--json` prints one object a line. `type` tells what a line is, `v` is the version of this contract: 1.
Programs should ignore keys and types that they do not know: more may be added without a new version. A key is
absent where its value is not known or does not apply. Times in seconds have a companion `time_ns`, an integer of
nanoseconds that loses nothing.

[boottap.schema.json](boottap.schema.json) says the same as a JSON Schema (2020-12); this page is made from it by
`scripts/json-reference.py`. How a command comes to what it prints is in that command's page.

```sh
boottap decode --json flash.pcap
boottap decode --json --summary flash.pcap
boottap diagnose --json flash.pcap
boottap extract --map --json flash.pcap
boottap diff --json good.pcap bad.pcap
boottap list --json
```

`boottap live --json` and `boottap run --json FILE` write what `decode --json` prints.
"""


def kind_of(schema, name):
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    if "$ref" in schema:
        return f"[{schema['$ref'].split('/')[-1]}](#{schema['$ref'].split('/')[-1]})"
    kind = schema.get("type", "value")
    if kind == "array":
        return "list of " + kind_of(schema.get("items", {}), name)
    return " or ".join(kind) if isinstance(kind, list) else kind


def described(schema, definitions):
    while "description" not in schema and "$ref" in schema:
        schema = definitions[schema["$ref"].split("/")[-1]]
    return schema.get("description", "")


def rows(schema, definitions, path=""):
    for name, value in schema.get("properties", {}).items():
        yield path + name, kind_of(value, name), described(value, definitions)
        inner = value.get("items", value)
        yield from rows(inner, definitions, f"{path}{name}.")


def print_definition(name, schema, definitions):
    print(f"\n### {name}\n")
    print(schema.get("description", ""))
    parents = [part["$ref"].split("/")[-1] for part in schema.get("allOf", []) if "$ref" in part]
    if parents:
        print("\nIt has the keys of", ", ".join(f"[{parent}](#{parent})" for parent in parents) + ".")
    if "enum" in schema:
        print("\nOne of", ", ".join(f"`{value}`" for value in schema["enum"]) + ".")
    table = list(rows(schema, definitions))
    if table:
        print("\n| key | value | |\n|---|---|---|")
        for key, kind, words in table:
            print(f"| `{key}` | {kind} | {words} |".replace("  ", " "))


def main(path):
    with open(path, encoding="utf-8") as file:
        schema = json.load(file)
    definitions = schema["$defs"]
    types = [part["$ref"].split("/")[-1] for part in schema["oneOf"]]
    print(HEAD)
    print("## Types of lines")
    for name in types:
        print_definition(name, definitions[name], definitions)
    print("\n## What they share")
    for name in definitions:
        if name not in types:
            print_definition(name, definitions[name], definitions)


if __name__ == "__main__":
    main(sys.argv[1])
