# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of boottap report: well-formed whatever a capture holds, readable in any light, for any eye, on paper.

A strict parser of HTML reads it, and what its style sheet makes of each element is worked out as a browser does.
usage: page.py BOOTTAP CAPTURES
"""
import collections
import pathlib
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

try:
    import stylesheet
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

PROGRAM, CAPTURES = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
HTML, SVG = "http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"
# What a page may be made of; nothing in it can load, run, or send.
ELEMENTS = {HTML: set("html head meta title style body header main footer nav section article div p h1 h2 h3 a b bdi "
                      "code dl dt dd input label li small span table tbody td th thead tr ul".split()),
            SVG: set("svg a g line rect circle path text title".split())}
ATTRIBUTES = set("aria-hidden aria-label charset checked class colspan content cx cy d for height href http-equiv id "
                 "lang name r role scope tabindex text-anchor type viewBox width x x1 x2 y y1 y2".split())
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# Controls but the line's end, what turns the direction of writing, and what no XML and no HTML may hold.
HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufffe\uffff]")
# ESC, C1, right-to-left override, isolate, U+FFFE and U+FFFF, a surrogate, bytes that are no UTF-8, markup.
HOSTILE = (b"</title></style><script>x()</script>&amp;\x1b[31m\xc2\x9b2J\xe2\x80\xae\xe2\x81\xa6\xef\xbf\xbe\xef\xbf\xbf"
           b"\xed\xa0\x80\xff\xe2\x82'\"-->]]>&#0;")
# A verdict of each kind, each state of memory, each wire, notes, warnings, many sessions, nothing at all.
SAMPLES = ("stm32flash-write-nack.pcap usart-not-erased.pcap usart-surplus.pcap usart-page-0-first.pcap dfu-option-bytes.pcap "
           "usart-connect.pcap fdcan-midstream.pcap dfu-oversize.pcap dfu-joined.pcap usart-katapult.pcap usart-half-command.pcap "
           "dfu-enumeration-failed.pcap usart-no-reply.pcap fdcan-write-protect-apart.pcap dfu-erase-busy.pcap").split()
# What a colour is for that stands without words of its own: lines of the drawing, and what a caption explains.
DRAWING = {"grid", "base", "cut", "busy", "idle"}
MAP = re.compile(r"s-[a-z]+")


def block(kind, body):
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def records(path):
    """Link type and packets of a little-endian pcap file of microseconds."""
    data = path.read_bytes()
    assert data[:4] == b"\xd4\xc3\xb2\xa1"
    found, at = [], 24
    while at < len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        found.append(data[at + 16:at + 16 + length])
        at += 16 + length
    return struct.unpack_from("<I", data, 20)[0], found


def text_of(element):
    return "".join(element.etree_element.itertext()).strip()


def own_text(node):
    return (node.text or "") + "".join(child.tail or "" for child in node)


def classes_of(element):
    return set(element.etree_element.get("class", "").split())


class Page(unittest.TestCase):
    pages = {}

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="boottap-page-")
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, *arguments, statuses=(0,)):
        """The page of a report, as bytes."""
        done = subprocess.run([PROGRAM, "report", *arguments, "-o", "-"], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=100)
        self.assertIn(done.returncode, statuses, (arguments, done.stderr))
        return done.stdout

    def sound(self, data):
        """Its tree, after what must hold for every page."""
        text = data.decode("utf-8")
        self.assertIsNone(HIDDEN.search(text))
        tree = stylesheet.parse(data)
        places, links = collections.Counter(), set()
        for node in tree.iter():
            space, _, name = node.tag[1:].partition("}") if isinstance(node.tag, str) else ("", "", "comment")
            self.assertIn(name, ELEMENTS.get(space, ()), f"an element <{name}>")
            self.assertLessEqual(node.attrib.keys(), ATTRIBUTES)
            places.update([node.get("id")] if node.get("id") else [])
            links.update([node.get("href")] if node.get("href") else [])
        self.assertEqual([name for name, count in places.items() if count > 1], [], "ids that stand twice")
        self.assertLessEqual(links, {"#" + name for name in places}, "links that lead nowhere")
        policies = [node.get("content") for node in tree.iter(f"{{{HTML}}}meta")
                    if node.get("http-equiv") == "Content-Security-Policy"]
        self.assertEqual(policies, [POLICY])
        style = "".join(node.text for node in tree.iter(f"{{{HTML}}}style"))
        self.assertNotRegex(style, r"url\(|@import|@font-face|expression")
        return tree

    def samples(self, *media):
        """Each sample's name, and its page's style."""
        for name in SAMPLES:
            if name not in self.pages:
                self.pages[name] = self.sound(self.write(CAPTURES / name))
            yield name, stylesheet.Style(self.pages[name], media)

    def test_text_stands_out_from_what_it_stands_on(self):
        # WCAG 2.1, 1.4.3: 4.5 for text
        for media in (), ("dark",), ("print",), ("print", "dark"), ("narrow",):
            for name, style in self.samples(*media):
                seen = set()
                for element in style.root.iter_subtree():
                    if own_text(element.etree_element).strip() == "" or not style.shown(element):
                        continue
                    ink = style.get(element, "fill" if element.namespace_url == SVG else "color")
                    ground = style.get(element, "stroke") or style.ground(element)
                    seen.add((ink, ground))
                    self.assertGreaterEqual(stylesheet.contrast(ink, ground), 4.5,
                                            (name, media, ink, ground, text_of(element)[:60], classes_of(element)))
                self.assertGreater(len(seen), 3)

    def test_what_is_drawn_stands_out(self):
        # WCAG 2.1, 1.4.11: 3 for what one must see to understand; blocks of the plot stand in the lanes, too
        for media in (), ("dark",), ("print",), ("print", "dark"):
            for name, style in self.samples(*media):
                for element in style.root.query_all("svg rect, svg line.trace, svg path"):
                    hue = style.get(element, "fill")
                    hue = style.get(element, "stroke") if hue in (None, "none") or classes_of(element) & {"idle"} else hue
                    if classes_of(element) & (DRAWING | {"block"}) or classes_of(element.parent) & {"idle", "sign"}:
                        continue
                    self.assertGreaterEqual(stylesheet.contrast(hue, style.ground(element)), 3,
                                            (name, media, hue, classes_of(element)))

    def test_every_colour_has_a_word_beside_it(self):
        shown = set()
        for name, style in self.samples():
            def wording(selector, part=None):
                for element in style.root.query_all(selector):
                    shown.add(selector)
                    words = text_of(element.query(part)) if part and element.query(part) else text_of(element) if not part else ""
                    self.assertNotEqual(words, "", (name, selector, classes_of(element)))
            wording("section.verdict:not(.bad.aside), section.verdict .word", None)
            wording("nav a", ".tag")
            wording(".lane:not(.axisrow)", ".name")
            wording("td.bad, td.warn, td.calm", ".tag")
            wording("td.outcome")
            wording("td.does")
            wording(".why.warn, .why.error", "b")
            wording(".figures .alarm", "dd + dd")
            wording(".legend li")
            wording("rect.span, rect.failed, rect.block, line.trace, path.cross, path.diamond, .cells rect", "title")
            for element in style.root.query_all("td.no"):
                self.assertEqual(style.of(element, "before").get("content"), "\"\u2715\u00a0\"")
                shown.add("td.no")
            for element in style.root.query_all(".track rect.failed"):
                # Taller than what worked: told from it without its red
                self.assertEqual(element.etree_element.get("height"), "100%")
                shown.add("tall")
            for element in style.root.query_all(".track rect.span"):
                self.assertEqual(element.etree_element.get("height"), "56%")
        self.assertEqual(len(shown), 12, shown)

    def test_states_of_memory_differ_in_shape(self):
        shapes = collections.defaultdict(set)
        for _, style in self.samples():
            for element in style.root.query_all(".cells rect"):
                state = next(word for word in classes_of(element) if MAP.fullmatch(word))
                shapes[state].add((element.etree_element.get("height"), style.get(element, "stroke") is not None,
                                   style.get(element, "stroke-dasharray")))
        self.assertEqual(set(shapes), {"s-refused", "s-differs", "s-unerased", "s-written", "s-verified", "s-read",
                                       "s-erased"})
        self.assertTrue(all(len(one) == 1 for one in shapes.values()), shapes)
        self.assertEqual(len(set.union(*shapes.values())), len(shapes), shapes)

    def test_what_the_map_shows_its_legend_explains(self):
        for name, style in self.samples():
            for session in style.root.query_all("article"):
                drawn = {word for element in session.query_all(".cells rect") for word in classes_of(element)}
                explained = {word for element in session.query_all(".legend rect") for word in classes_of(element)}
                self.assertEqual(drawn, explained, name)

    def test_on_paper(self):
        shown = set()
        for name, style in self.samples("print"):
            def holds(selector, prop, value):
                for element in style.root.query_all(selector):
                    shown.add(selector)
                    self.assertEqual(style.get(element, prop), value, (name, selector))
            # A card is not divided; one that is longer than a page goes on between rows
            holds(".card:not(.rows)", "break-inside", "avoid")
            holds(".card.rows", "break-inside", "auto")
            holds("table.list tr, .finding, .memrow, .lane", "break-inside", "avoid")
            holds(".head, .card.rows h3", "break-after", "avoid")
            holds(".session + .session", "break-before", "page")
            # Nothing scrolls on paper, nothing can be chosen, and the head of a table stands on each page
            holds(".scroll", "max-height", "none")
            holds(".scroll", "overflow", "visible")
            holds(".choices, nav", "display", "none")
            holds("table.list thead", "display", "table-header-group")
            holds("html", "color-scheme", "light")
            holds("*", "print-color-adjust", "exact")
        self.assertEqual(len(shown), 10, shown)

    def test_long_lists_are_cut_down_on_paper(self):
        # Fifteen failures ten times over: more rows than are printed, and between them some that went well
        whole = (CAPTURES / "dfu-every-error.pcap").read_bytes()
        pathlib.Path(self.folder, "long.pcap").write_bytes(whole + 9 * whole[24:])
        tree = self.sound(self.write("long.pcap"))
        rows = {}
        for media in ("print",), ():
            style = stylesheet.Style(tree, media)
            rows[media] = [(style.shown(element), classes_of(element.query(".outcome") or element))
                           for element in style.root.query_all("table.list tbody tr")]
            self.assertEqual([style.shown(element) for element in style.root.query_all(".printed")], [media != ()])
        self.assertTrue(all(shown for shown, _ in rows[()]))
        self.assertEqual({shown for shown, classes in rows[("print",)] if "no" in classes}, {True})
        self.assertEqual({shown for shown, classes in rows[("print",)] if "ok" in classes}, {False})

    def test_no_line_ends_within_a_number(self):
        # Every space within a value is one that does not break; U+2060 holds a unit's slash
        units = re.compile(r"[0-9]\s(bytes?|[KMGT]iB|k?B|[nµm]?s|min|h|%|packets?|sessions?|pages?|commands?|times?)\b")
        for name, style in self.samples():
            for element in style.root.iter_subtree():
                text = own_text(element.etree_element)
                # Text of a drawing is one line in any case
                if element.local_name in ("style", "title") or element.namespace_url == SVG:
                    continue
                broken = units.search(text.replace("\u00a0", "").replace("\u202f", ""))
                self.assertIsNone(broken, (name, text))
                self.assertNotIn("B/s", text, (name, text))
                moment = re.search(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
                if moment:
                    self.assertEqual(style.get(element, "white-space"), "nowrap", (name, text))

    def test_hostile_names_of_interfaces(self):
        linktype, packets = records(CAPTURES / "usart-nack-phases.pcap")
        for hostile in HOSTILE, HOSTILE.replace(b"<", b"\x00<"), b"<" * 3000, b"\xe2\x80\xae" * 1000, b"\xff" * 300:
            path = pathlib.Path(self.folder, "name.pcapng")
            path.write_bytes(
                block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1) + option(1, hostile) + option(4, hostile)) +
                block(1, struct.pack("<HHI", linktype, 0, 0) + option(2, hostile) + option(3, hostile) + option(0, b"")) +
                b"".join(block(6, struct.pack("<IIIII", 0, 0, 1000, len(one), len(one)) + one + bytes(-len(one) % 4))
                         for one in packets))
            text = "".join(self.sound(self.write(path)).itertext())
            self.assertIn("USART (AN3155) on ", text)
        log = b"".join(b"(1.00%04d) %s %s\n" % (i, HOSTILE.replace(b" ", b"_"), frame)
                       for i, frame in enumerate((b"000##100", b"000##179")))
        pathlib.Path(self.folder, "name.log").write_bytes(log)
        text = "".join(self.sound(self.write("name.log", statuses=(0, 2))).itertext())
        self.assertNotIn("\x1b", text)

    def test_hostile_names_of_files(self):
        capture, firmware = HOSTILE.replace(b"/", b"") + b".pcap", HOSTILE.replace(b"/", b"") + b".bin"
        shutil.copyfile(CAPTURES / "stm32flash-write-nack.pcap", self.folder.encode() + b"/" + capture)
        pathlib.Path(self.folder.encode().decode(), "fw").write_bytes(b"x" * 400)
        (pathlib.Path(self.folder) / "fw").rename(self.folder + "/" + firmware.decode("utf-8", "surrogateescape"))
        tree = self.sound(self.write(b"--expect=" + firmware, capture))
        seen = "".join(tree.find(f".//{{{HTML}}}h1").itertext())
        self.assertTrue(seen.startswith("<title><style><script>x()<script>&amp;\\x1b[31m\\u009b2J\\u202e\\u2066"), seen)
        self.assertTrue(seen.endswith("'\"-->]]>&#0;.pcap"), seen)

    def test_hostile_words_of_devices(self):
        # Strings of USB are UTF-16: markup, a turn of direction, NUL, U+FFFE, half a surrogate
        old = "Internal Flash".encode("utf-16-le")
        data = (CAPTURES / "dfu-download.pcap").read_bytes()
        self.assertEqual(data.count(old), 1)
        for words in ("<svg onload='>", "</style></a>&<", "\u202e\u2066\0\x1b\x9b\ufffe\uffff\u2028<<<<<<", "]]>\"'<!--&lt;<b"):
            new = words.ljust(14)[:14].encode("utf-16-le")
            pathlib.Path(self.folder, "device.pcap").write_bytes(data.replace(old, new))
            self.sound(self.write("device.pcap"))
        halves = struct.pack("<14H", *[0xd800, 0xdc00] * 3, *[0xdfff, 0xd83d] * 4)
        pathlib.Path(self.folder, "device.pcap").write_bytes(data.replace(old, halves))
        self.sound(self.write("device.pcap"))

    def test_damaged_captures(self):
        chance = random.Random(12)
        for name in ("dfu-own-words.pcap", "usart-nack-phases.pcap", "fdcan-write-protect-apart.pcap", "adapter-ftdi.pcap"):
            whole = (CAPTURES / name).read_bytes()
            for _ in range(5):
                data = bytearray(whole)
                for _ in range(chance.choice((1, 8, 60))):
                    data[chance.randrange(24, len(data))] = chance.choice((0, 0x3c, 0xff, chance.randrange(256)))
                del data[chance.randrange(len(data) // 2, len(data)):]
                pathlib.Path(self.folder, "damaged.pcap").write_bytes(data)
                page = self.write("damaged.pcap", statuses=(0, 2))
                if page:
                    self.sound(page)


unittest.main(argv=sys.argv[:1])
