# SPDX-License-Identifier: GPL-2.0-or-later
"""What the program put out, held to strict rules. Each check returns what is wrong, or nothing."""
import html.parser
import pathlib
import re
import struct
import sys
import xml.etree.ElementTree

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "docs"))
import contract  # noqa: E402

COLOUR = re.compile("\x1b\\[[0-9;]*m")
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
SHAPES_MAX = 50000
EMPTY = {"meta", "br", "hr", "img", "link", "input", "wbr", "col"}


def text(printed, coloured, what):
    """Text for a terminal."""
    try:
        words = printed.decode()
    except UnicodeDecodeError as error:
        return "%s is no UTF-8: %s" % (what, error)
    if coloured:
        words = COLOUR.sub("", words)
    wrong = CONTROLS.search(words)
    if wrong:
        return "%s has U+%04X: %r" % (what, ord(wrong[0]), words[max(0, wrong.start() - 40):wrong.end() + 20])
    return None


def json_lines(printed):
    if len(contract.checked) > SHAPES_MAX:
        contract.checked.clear()
    for line in printed.decode(errors="surrogateescape").splitlines():
        wrong, _ = contract.faults(line)
        if wrong:
            return "JSON: %s: %s" % ("; ".join(wrong), line[:300])
    return None


def junit(whole):
    try:
        suites = xml.etree.ElementTree.fromstring(whole)
    except xml.etree.ElementTree.ParseError as error:
        return "JUnit: %s" % error
    if suites.tag != "testsuites":
        return "JUnit: the root is " + suites.tag
    for counted, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
        told, there = suites.get(counted), len(suites.findall(".//" + tag))
        if told is not None and int(told) != there:
            return "JUnit: %s=%s of %d" % (counted, told, there)
    return None


class Page(html.parser.HTMLParser):
    """Each element is closed where it has to be, no attribute stands twice, no script, no raw < or &."""

    def __init__(self):
        super().__init__(convert_charrefs=False)
        self.open, self.wrong, self.ids, self.links = [], [], set(), set()

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names) or any(name.startswith("on") for name in names):
            self.wrong.append("attributes of %s: %s" % (tag, names))
        if tag == "script":
            self.wrong.append("a script")
        for name, told in attrs:
            if name == "id" and told in self.ids:
                self.wrong.append("id %s stands twice" % told)
            elif name == "id":
                self.ids.add(told)
            elif name == "href" and (told or "").startswith("#"):
                self.links.add(told[1:])
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append("</%s> closes nothing, line %d" % (tag, self.getpos()[0]))

    def handle_data(self, data):
        if self.open[-1:] != ["style"] and re.search("[<&]", data):
            self.wrong.append("raw %r" % data[:60])


def page(whole):
    words = whole.decode(errors="surrogateescape")
    wrong = text(whole, False, "the page")
    if wrong:
        return wrong
    parser = Page()
    parser.feed(words)
    parser.close()
    if parser.open or not words.startswith("<!DOCTYPE html>"):
        return "the page ends within %s" % parser.open
    lost = parser.links - parser.ids
    if lost:
        return "the page links to nothing: %s" % sorted(lost)[:3]
    return "the page: " + parser.wrong[0] if parser.wrong else None


def hex_image(whole):
    """{address: byte} of an Intel HEX file; ValueError if it is not one."""
    found, base, ended = {}, 0, False
    for line in whole.decode("ascii").splitlines():
        body = bytes.fromhex(line[1:])
        if line[:1] != ":" or ended or len(body) != body[0] + 5 or sum(body) & 0xff:
            raise ValueError("line " + line)
        kind, data, at = body[3], body[4:-1], int.from_bytes(body[1:3], "big")
        if kind == 0:
            for i, byte in enumerate(data):
                if at + i > 0xffff or found.setdefault(base + at + i, byte) != byte:
                    raise ValueError("address of " + line)
        elif kind == 1:
            ended = True
        elif kind == 4 and len(data) == 2:
            base = int.from_bytes(data, "big") << 16
        elif kind != 5:
            raise ValueError("kind of " + line)
    if not ended:
        raise ValueError("no last line")
    return found


def srec_image(whole):
    """The same of Motorola S-records."""
    found, lines, ended = {}, 0, False
    for line in whole.decode("ascii").splitlines():
        body, kind = bytes.fromhex(line[2:]), line[:2]
        if ended or len(body) != body[0] + 1 or sum(body) & 0xff != 0xff:
            raise ValueError("line " + line)
        width = {"S0": 2, "S1": 2, "S2": 3, "S3": 4, "S5": 2, "S6": 3, "S7": 4, "S8": 3, "S9": 2}[kind]
        at, data = int.from_bytes(body[1:1 + width], "big"), body[1 + width:-1]
        if kind in ("S1", "S2", "S3"):
            lines += 1
            for i, byte in enumerate(data):
                if found.setdefault(at + i, byte) != byte:
                    raise ValueError("address of " + line)
        elif kind in ("S5", "S6") and at != lines:
            raise ValueError("%d lines, told: %s" % (lines, line))
        ended = kind in ("S7", "S8", "S9")
    if not ended:
        raise ValueError("no last line")
    return found


def pcapng(whole):
    """Blocks that have the same length at both ends, and fill the file."""
    at, order = 0, "<"
    while at < len(whole):
        if len(whole) - at < 12:
            return "pcapng: %d bytes behind the last block" % (len(whole) - at)
        if whole[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if whole[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        length = struct.unpack_from(order + "I", whole, at + 4)[0]
        if length < 12 or length % 4 or at + length > len(whole) or \
                whole[at + 4:at + 8] != whole[at + length - 4:at + length]:
            return "pcapng: the block at %d is not whole" % at
        at += length
    return None if at else "pcapng: empty"
