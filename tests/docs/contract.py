# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds lines of JSON that boottap printed to docs/boottap.schema.json."""
import json
import pathlib
import re

import jsonschema

PATH = pathlib.Path(__file__).resolve().parents[2] / "docs" / "boottap.schema.json"
SCHEMA = json.loads(PATH.read_text(encoding="utf-8"))
LINES = [one["$ref"].rsplit("/", 1)[1] for one in SCHEMA["oneOf"]]
# Every digit of a line counts for JSON, few for the schema: lines that differ in digits alone are
# checked once.
DIGITS = re.compile(r"[0-9]+")

validators = {name: jsonschema.Draft202012Validator({"$ref": "#/$defs/" + name,
                                                     "$defs": SCHEMA["$defs"]}) for name in LINES}
checked = set()


def unique(pairs):
    """An object no key of which stands twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice: " + ", ".join(key for key, _ in pairs))
    return found


def nothing(word):
    raise ValueError(word + " is no JSON")


def parse(line):
    return json.loads(line, object_pairs_hook=unique, parse_constant=nothing)


def faults(line):
    """What is wrong with a line; and its object."""
    try:
        found = parse(line)
    except ValueError as error:
        return [str(error)], {}
    shape = DIGITS.sub("0", line)
    if shape in checked:
        return [], found
    name = found.get("type") if isinstance(found, dict) else None
    if name not in validators:
        return ["no type that the schema knows: " + repr(name)], found
    wrong = ["%s: %s" % ("/".join(map(str, error.absolute_path)) or name, error.message[:300])
             for error in validators[name].iter_errors(found)]
    if not wrong:
        checked.add(shape)
    return wrong, found
