#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""diagnose, extract, report and decode --summary say the same of erased and written memory.

The samples that kinds.py chooses are compared, session by session; a summary has the sum of its link's
sessions. Where two figures mean different things by definition, a comment says so.
usage: memory.py BOOTTAP CAPTURES
"""
import collections
import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import kinds

WRITTEN = {"written", "verified", "differs", "unerased", "refused"}
UNPROTECTS = ("readout-unprotect", "read-unprotect")
# Samples of each kind must be among those compared, or the comparison has lost its sense.
KINDS = ("erased pages", "everything erased", "bank erased", "protection removed", "written",
         "written without an erase", "verified", "other than written", "erase without a place",
         "drawn as erased", "drawn as unerased", "capture lacks bytes", "plain DFU")


class Ranges:
    """A set of addresses, as ranges that neither overlap nor touch."""

    def __init__(self, ranges=()):
        self.list = []
        for first, last in sorted(ranges):
            if self.list and first <= self.list[-1][1] + 1:
                self.list[-1][1] = max(last, self.list[-1][1])
            else:
                self.list.append([first, last])

    @classmethod
    def of(cls, objects):
        return cls((entry["first"], entry["last"]) for entry in objects)

    def size(self):
        return sum(last - first + 1 for first, last in self.list)

    def join(self, other):
        return Ranges(map(tuple, self.list + other.list))

    def common(self, other):
        return Ranges((max(a, c), min(b, d)) for a, b in self.list for c, d in other.list
                      if a <= d and c <= b)

    def holds(self, other):
        return self.common(other).size() == other.size()

    def meets(self, other):
        return self.common(other).size() > 0

    def __eq__(self, other):
        return self.list == other.list

    def __repr__(self):
        return " ".join(f"{first:#x}-{last:#x}" for first, last in self.list) or "nothing"


def words_bytes(count):
    """A count as the report writes it."""
    value, unit = count, 0
    while value >= 1024:
        value, unit = value / 1024, unit + 1
    name = "byte" if count == 1 else ("bytes", "KiB", "MiB")[unit]
    return f"{value:.0f} {name}" if value - int(value) < 0.05 else f"{value:.1f} {name}"


class Drawing:
    """What the page shows of a session."""

    def __init__(self, article):
        article = article.replace("\u00a0", " ")  # numbers stay with their units
        head = re.search(r"<bdi>(.*?)</bdi>.*?, packets (\d+) to ", article, re.DOTALL)
        self.key = html.unescape(head[1]), int(head[2])
        self.figures = dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", article))
        section = re.search(r"<h3>Memory map</h3>(.*?)</section>", article, re.DOTALL)
        self.map = section[1] if section else ""
        self.cut = "left out" in self.map
        self.sized = "How large it is, the capture does not tell" not in self.map
        cells = collections.defaultdict(list)
        self.stretches = []  # each with its words
        for region in re.findall(r'<div class="region">.*?<code>(.*?)</code>(.*?)\n</div>', self.map,
                                 re.DOTALL):
            self.add_region(int(region[0].split("\u2013")[1], 16), region[1], cells)
        self.cells = {name: Ranges(some) for name, some in cells.items()}
        self.each = cells

    def add_region(self, last, rows, cells):
        for name, first, end in re.findall(
                r'<rect class="s-(\w+)"[^>]*><title>(0x\w+)\u2013(0x\w+):', rows):
            cells[name].append((int(first, 16), int(end, 16)))
        starts = re.findall(r'<div class="memrow( stretch)?"><code>(0x\w+)</code>'
                            r'(?:<div class="\w*">([^<]*)</div>)?', rows)
        ends = [int(row[1], 16) - 1 for row in starts[1:]] + [last]
        for (stretch, first, words), end in zip(starts, ends):
            if stretch:
                self.stretches.append((Ranges([(int(first, 16), end)]),
                                       re.sub(r"^[\d.]+ \w+ ", "", words)))

    def some(self, names):
        return Ranges(part for name in names for part in self.each.get(name, ()))

    def shown(self):
        shown = self.some(self.each)
        for stretch, words in self.stretches:
            if words != "not touched":
                shown = shown.join(stretch)
        return shown


class Sample:
    """One capture, as each command describes it."""

    def __init__(self, boottap, path, diagnoses, totals):
        self.boottap, self.path = boottap, path
        self.diagnoses = diagnoses
        self.totals = {o["link"]: o for o in totals if "link" in o}
        self.wrong, self.seen = [], collections.Counter()
        self.maps = {(o["link"], o["session"]): o
                     for o in self.objects("extract", "--map", "--json", path)}
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "page.html"
            self.run("report", path, "-o", page)
            drawings = map(Drawing, re.findall(r"<article.*?</article>",
                                               page.read_text(encoding="utf-8"), re.DOTALL))
            self.drawings = {drawing.key: drawing for drawing in drawings}

    def run(self, *arguments):
        result = subprocess.run([self.boottap, *map(str, arguments)], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, encoding="utf-8", check=False)
        if result.returncode > 1:
            raise SystemExit(f"{self.path}: {arguments[0]}: {result.stderr}")
        return result.stdout

    def objects(self, *arguments):
        return [json.loads(line) for line in self.run(*arguments).splitlines() if line]

    def want(self, holds, *words):
        if not holds:
            self.wrong.append(f"{self.path.name}: " + " ".join(map(str, words)))

    def same(self, what, first, second):
        self.want(first == second, what, first, "is not", second)

    def compare(self):
        for diagnosis in self.diagnoses:
            if diagnosis["transactions"] > 0:
                memory = self.maps.get((diagnosis["link"], diagnosis["session"]))
                self.compare_extract(diagnosis, memory)
                self.compare_report(diagnosis, memory)
        for link, totals in self.totals.items():
            self.compare_summary(totals, [d for d in self.diagnoses if d["link"] == link])

    def compare_summary(self, totals, diagnoses):
        def total(key, inner=None):
            return sum((d.get(key, {}).get(inner, 0) if inner else d.get(key, 0))
                       for d in diagnoses)

        self.same("summary, written:", totals["written"], total("written", "bytes"))
        self.same("summary, read:", totals["read"], total("read", "bytes"))
        self.same("summary, pages:", totals["erased_pages"], total("erased_pages"))
        self.same("summary, erased:", totals["erased_bytes"], total("erased", "bytes"))
        # The summary counts a bank as everything; diagnose apart.
        self.same("summary, mass erases:", totals["mass_erases"],
                  total("mass_erases") + total("bank_erases"))
        # The erases of extract include what removed the read protection, those of diagnose do not.
        unprotects = sum(totals["commands"].get(name, {}).get("ok", 0) for name in UNPROTECTS)
        self.same("summary, unprotects:", unprotects,
                  sum(m["erases"] for m in self.maps.values() if m["link"] == totals["link"])
                  - total("erased", "commands"))
        self.seen["protection removed"] += unprotects

    def compare_extract(self, diagnosis, memory):
        written = diagnosis.get("written", {"bytes": 0, "ranges": []})
        erased = diagnosis.get("erased", {"bytes": 0, "commands": 0, "ranges": []})
        if memory is None:
            self.same("not in extract:", (written["bytes"], erased["commands"],
                                          diagnosis.get("mass_erases", 0)), (0, 0, 0))
            return
        regions = Ranges.of(memory["regions"])
        touched = regions.join(Ranges.of(memory["wiped"]))
        again = memory["repeated"] + memory["overlaps"]
        plain = diagnosis["transport"] == "dfu" and any("alternate" not in region
                                                        for region in memory["regions"])
        self.seen["written"] += written["bytes"] > 0
        self.seen["capture lacks bytes"] += memory["missing"] > 0
        self.seen["plain DFU"] += plain
        # diagnose counts what went over the wire, each time; an image holds an address once, and
        # not what the capture lacks.
        if memory["missing"] == 0:
            self.want(touched.size() <= written["bytes"], "extract has more than was written")
            if not again and not memory["wiped"]:
                self.same("written:", regions.size(), written["bytes"])
            # A plain DFU device has no addresses; others of DFU have ones that extract assumes.
            if not plain and memory["addresses_assumed"] == 0 and "ranges_joined" not in written:
                self.same("written at", touched, Ranges.of(written["ranges"]))
        self.compare_erased(diagnosis, memory, erased)
        if not again and not memory["wiped"] and memory["erases_unplaced"] == 0:
            self.compare_unerased(diagnosis, memory)
        self.compare_verified(diagnosis, memory)

    def compare_erased(self, diagnosis, memory, erased):
        everything = diagnosis.get("mass_erases", 0)
        banks = diagnosis.get("bank_erases", 0)
        ranges = Ranges.of(memory["erased"])
        pages = Ranges.of(erased["ranges"])
        self.seen["erased pages"] += diagnosis.get("erased_pages", 0) > 0
        self.seen["everything erased"] += everything > 0
        self.seen["bank erased"] += banks > 0
        self.seen["erase without a place"] += memory["erases_unplaced"] > 0
        # diagnose's ranges and bytes are those of pages; what an erase of everything covers is known
        # at most, and stands in extract's map alone.
        if "ranges_joined" not in erased:
            self.want(ranges.holds(pages), "erased pages", pages, "are not in", ranges)
            if everything + banks == 0:
                self.same("erased:", ranges, pages)
            # A page that is erased twice counts twice.
            self.want(pages.size() <= erased["bytes"], "more pages than were erased")
        if everything + banks > 0 and memory["erases_unplaced"] == 0:
            self.want(ranges.size() > pages.size(), "nothing is erased by", everything + banks)
        if memory["erases"] == 0:
            self.same("erased by nothing:", ranges, Ranges())

    def compare_unerased(self, diagnosis, memory):
        """diagnose counts flash alone, and only without an erase of everything or of a bank."""
        judged = [r for r in memory["regions"] if "erased" in r]
        unerased = sum(r["length"] - r["erased"] for r in judged)
        said = diagnosis.get("written_unerased_bytes", 0)
        for region in judged:
            inside = Ranges.of([region]).common(Ranges.of(memory["erased"]))
            # An erase may come after the write.
            self.want(region["erased"] <= inside.size(), "region erased, and not by the erases")
        if diagnosis.get("mass_erases", 0) + diagnosis.get("bank_erases", 0) > 0:
            self.want(said <= unerased, "unerased", said, "of", unerased)
        elif memory["missing"] == 0:
            self.same("written without an erase:", said, unerased)
        self.seen["written without an erase"] += said > 0

    def compare_verified(self, diagnosis, memory):
        same = sum(region["read_same"] for region in memory["regions"])
        different = sum(region["read_different"] for region in memory["regions"])
        # diagnose counts each reading; a byte of an image has the result of the last one.
        self.want(same <= diagnosis["verified_bytes"], "verified", same, "of", diagnosis)
        self.want(different <= diagnosis.get("different_bytes", 0), "different", different)
        if not memory["repeated"] + memory["overlaps"] + memory["wiped"]:
            self.same("anything read back:", same + different > 0,
                      diagnosis["verified_bytes"] + diagnosis.get("different_bytes", 0) > 0)
        self.seen["verified"] += same > 0
        self.seen["other than written"] += different > 0

    def compare_report(self, diagnosis, memory):
        drawing = self.drawings.get((diagnosis["link"], diagnosis["first_packet"]))
        if drawing is None:  # the page shows the first 64 sessions
            self.same("sessions of the page:", len(self.drawings), 64)
            return
        self.compare_figures(diagnosis, drawing)
        plain = memory is None or diagnosis["transport"] == "dfu" and any(
            "alternate" not in region for region in memory["regions"])
        if plain:  # no addresses, no map
            self.same("drawn of a plain device:", drawing.some(WRITTEN - {"refused"}), Ranges())
            return
        self.compare_map(diagnosis, memory, drawing)

    def compare_figures(self, diagnosis, drawing):
        written = diagnosis.get("written", {"bytes": 0})["bytes"]
        if "written" in diagnosis:
            self.same("report, written:", drawing.figures.get("Written"), words_bytes(written))
        everything = diagnosis.get("mass_erases", 0)
        erased = drawing.figures.get("Erased")
        if everything > 0:
            self.same("report, erased:", erased, "all")
        elif diagnosis.get("bank_erases", 0) > 0:
            self.same("report, erased:", erased, "a bank")
        elif "erased" not in diagnosis:
            self.same("report, erased:", erased, None)
        elif diagnosis["erased"]["bytes"] > 0:
            self.same("report, erased:", erased, words_bytes(diagnosis["erased"]["bytes"]))
        if diagnosis.get("different_bytes", 0) > 0:
            self.same("report, read back:", drawing.figures.get("Read back"),
                      words_bytes(diagnosis["different_bytes"]) + " differ")
        elif written > 0:
            self.same("report, read back:", drawing.figures.get("Read back"),
                      words_bytes(diagnosis["verified_bytes"])
                      if diagnosis["verified_bytes"] else "nothing")

    def compare_map(self, diagnosis, memory, drawing):
        regions, erased = Ranges.of(memory["regions"]), Ranges.of(memory["erased"])
        self.same("the map says what the capture lacks:",
                  f"The capture lacks {words_bytes(memory['missing'])} of" in drawing.map,
                  memory["missing"] > 0)
        if not drawing.cut:
            self.want(drawing.some(WRITTEN).holds(regions), "not drawn:", regions)
            # How large the flash of an unknown product is, is not known: that is not drawn.
            if drawing.sized:
                self.want(drawing.shown().holds(erased), "not drawn as erased:", erased)
        for name in WRITTEN - {"refused"}:
            for cell in drawing.each.get(name, ()):
                self.want(Ranges([cell]).meets(regions), name, cell, "and not written")
        # What was only erased, or not at all
        for cell in drawing.each.get("erased", ()):
            self.want(Ranges([cell]).meets(erased), "drawn as erased:", cell)
            self.want(not Ranges([cell]).meets(regions), "written, drawn as erased:", cell)
        for stretch, words in drawing.stretches:
            of_it = stretch.common(erased).size()
            self.want(not stretch.meets(regions), "written:", words, stretch)
            self.same(f"{stretch}:", words,
                      "not touched" if of_it == 0 else
                      "erased, nothing written" if of_it == stretch.size() else
                      f"nothing written, {words_bytes(of_it)} of them erased")
        for cell in drawing.each.get("unerased", ()):
            self.want(not Ranges([cell]).meets(erased), "drawn as not erased:", cell)
            self.want("written_unerased_bytes" in diagnosis, "unerased in the report alone", cell)
        for region in memory["regions"]:
            self.compare_region(region, drawing)
        self.seen["drawn as erased"] += "erased" in drawing.each
        self.seen["drawn as unerased"] += "unerased" in drawing.each

    def compare_region(self, region, drawing):
        own = Ranges.of([region])
        drawn = {name for name, ranges in drawing.cells.items() if ranges.meets(own)}
        if region["read_different"] == 0:
            self.want("differs" not in drawn or region["length"] < 64, "differs:", own)
        elif "refused" not in drawn and not drawing.cut:
            self.want("differs" in drawn, "does not differ:", own)
        if region["read_same"] == region["length"]:
            self.want(drawn <= {"verified", "refused", "differs"}, "not verified:", own, drawn)
        if region["read_same"] == 0:
            self.want("verified" not in drawn, "verified:", own)


def main(boottap, captures):
    diagnoses = kinds.diagnosed(boottap, kinds.samples(pathlib.Path(captures)))
    samples = kinds.of_each(diagnoses)
    totals = collections.defaultdict(list)
    for found in kinds.objects(boottap, "decode", "--summary", "--json", *samples):
        totals[found["file"]].append(found)
    wrong, seen = [], collections.Counter()
    for path in samples:
        sample = Sample(boottap, path, diagnoses[path], totals[str(path)])
        sample.compare()
        wrong += sample.wrong
        seen += sample.seen
    wrong += [f"no sample: {kind}" for kind in KINDS if seen[kind] == 0]
    print("\n".join(wrong))
    print(f"{len(samples)} samples:", ", ".join(f"{seen[kind]} {kind}" for kind in KINDS))
    return 0 if samples and not wrong else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
