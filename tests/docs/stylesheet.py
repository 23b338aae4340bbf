# SPDX-License-Identifier: GPL-2.0-or-later
"""What a page's own style sheet makes of its elements: the cascade of a browser, as far as pages of boottap need it.

Raises ImportError without python3-html5lib, python3-tinycss2 and python3-cssselect2.
"""
import functools
import re

import cssselect2
import html5lib
import tinycss2

INHERITED = {"color", "fill", "stroke", "stroke-dasharray", "visibility"}
SELF = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,\s*([^()]*))?\)")
# Nothing is pointed at, pressed or focused in a page that lies there.
RESTING = re.compile(r":(hover|focus|focus-visible|active|target)\b")


class Fault(Exception):
    """A page that no browser would have to take as it was meant."""


def parse(data):
    """The tree of a page; strict: not one error of WHATWG's list."""
    parser = html5lib.HTMLParser(strict=False)
    tree = parser.parse(data, transport_encoding="utf-8")
    if parser.errors:
        (line, column), code, _ = parser.errors[0]
        raise Fault(f"{code} in line {line}, column {column}: {data.splitlines()[line - 1][:200]}")
    return tree


def holds(condition, media):
    """Whether a media query of those that boottap writes holds for a set of words."""
    known = {"print": "print" in media, "screen": "print" not in media, "not print": "print" not in media,
             "(prefers-color-scheme: dark)": "dark" in media, "(max-width: 44rem)": "narrow" in media}
    words = [word.strip() for word in condition.lower().split(" and ")]
    if not known.keys() >= set(words):
        raise Fault(f"a media query that the test does not know: {condition}")
    return all(known[word] for word in words)


def rules(parts, media):
    """The rules of a sheet that hold for media, in their order."""
    for rule in parts:
        if rule.type == "at-rule" and rule.lower_at_keyword == "media":
            if holds(tinycss2.serialize(rule.prelude), media):
                yield from rules(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True), media)
        elif rule.type == "qualified-rule":
            yield rule
        else:
            raise Fault(f"in the style sheet, line {rule.source_line}: {getattr(rule, 'message', rule.type)}")


def values_of(rule):
    """Its declarations: (name, value)."""
    for one in tinycss2.parse_declaration_list(rule.content, skip_comments=True, skip_whitespace=True):
        if one.type != "declaration" or one.important:
            raise Fault(f"in the style sheet, line {one.source_line}: {getattr(one, 'message', '!important')}")
        yield one.name if one.name.startswith("--") else one.lower_name, tinycss2.serialize(one.value).strip()


@functools.lru_cache(maxsize=None)
def matcher_of(sheet, media):
    matcher = cssselect2.Matcher()
    order = 0
    for rule in rules(tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True), media):
        values = list(values_of(rule))
        selectors = [part for part in tinycss2.serialize(rule.prelude).split(",") if not RESTING.search(part)]
        for selector in cssselect2.compile_selector_list(",".join(selectors)) if selectors else ():
            order += 1
            matcher.add_selector(selector, (order, values))
    return matcher


class Style:
    """A page as it looks in some media: `print`, `dark`, `narrow`."""

    def __init__(self, tree, media=()):
        self.root = cssselect2.ElementWrapper.from_html_root(tree)
        sheet = "".join(node.etree_element.text for node in self.root.query_all("style"))
        self.matcher = matcher_of(sheet, frozenset(media))
        self.found = {}

    def of(self, element, pseudo=None):
        """Its properties, before inheritance but with every variable that it sees put in."""
        key = (element, pseudo)
        if key not in self.found:
            own = {}
            matches = [match for match in self.matcher.match(element) if match[2] == pseudo]
            for _, _, _, (_, values) in sorted(matches, key=lambda match: (match[0], match[3][0])):
                own.update(values)
            self.found[key] = own
        return self.found[key]

    def variable(self, element, name):
        while element is not None:
            value = self.of(element).get(name)
            if value is not None:
                return self.resolve(element, value)
            element = element.parent
        return None

    def resolve(self, element, value):
        return SELF.sub(lambda match: self.variable(element, match[1]) or match[2] or "", value)

    def get(self, element, name):
        """The value of a property of an element; None: nothing says."""
        value = self.of(element).get(name)
        if value == "inherit" or (value is None and name in INHERITED):
            return self.get(element.parent, name) if element.parent is not None else None
        return None if value is None else self.resolve(element, value)

    def shown(self, element):
        while element is not None:
            if self.get(element, "display") == "none" or element.local_name in ("head", "title"):
                return False
            element = element.parent
        return True

    def ground(self, element):
        """The colour that it stands on."""
        while element is not None:
            value = self.get(element, "background-color") or self.get(element, "background")
            if value is not None and colour(value.split()[0]) is not None:
                return value.split()[0]
            element = element.parent
        return "#fff"


def colour(word):
    """Red, green and blue from 0 to 1; None: no opaque colour of the form #rgb or #rrggbb."""
    match = re.fullmatch(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", word or "")
    if match is None:
        return None
    digits = match[1] if len(match[1]) == 6 else "".join(2 * digit for digit in match[1])
    return [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]


def luminance(word):
    """WCAG 2.1, relative luminance."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour(word)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    """WCAG 2.1, contrast ratio: 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
