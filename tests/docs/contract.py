# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds lines of JSON that boottap printed to docs/boottap.schema.json."""
import json
import pathlib
import re

import jsonschema

PATH = pathlib.Path(__file__).resolve().parents[2] / "docs" / "boottap.schema.json"
SCHEMA = json.loads(PATH.read_text(encoding="utf-8"))
LINES = [one["$ref"].rsplit("/", 1)[1] for one in SCHEMA["oneOf"]]


def free_strings(node, free, bound):
    """Names of keys whose values may be any text, and of those that may not, somewhere in the schema."""
    if isinstance(node, list):
        node = dict(enumerate(node))
    if isinstance(node, dict):
        for key, one in node.get("properties", {}).items():
            (free if one.get("type") == "string" and one.keys() <= {"type", "description"} else bound).add(key)
        for one in node.values():
            free_strings(one, free, bound)
    return free - bound


# Every digit of a line counts for JSON, few for the schema, and no text that may be anything: lines that
# differ in digits, in such texts, in bytes and in how many numbers a list has alone are checked once.
TEXTS = re.compile(r'("(?:%s)":")(?:[^"\\]|\\.)*"' % "|".join(sorted(free_strings(SCHEMA, set(), set()))))
BYTES = re.compile(r':"(?:[0-9a-f]{2})+"')
DIGITS = re.compile(r"[0-9]+")
NUMBERS = re.compile(r"\b0(?:,0)+\b")

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
    shape = NUMBERS.sub("0,0", DIGITS.sub("0", BYTES.sub(':"00"', TEXTS.sub(r'\1"', line))))
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
