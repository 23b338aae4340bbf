/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Differences of two memories as text, JSON and JUnit.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/colour.h"
#include "base/json.h"
#include "base/line.h"
#include "base/xml.h"
#include "diff/effect.h"

/* Ranges that a report lists */
#define LISTED_MAX 100

/** How each difference is shown. */
static const struct row {
    char mark;
    const char *colour;
    const char *name;  /**< in JSON */
    const char *words; /**< after the number of bytes */
} rows[EFFECT_DIFFERENCES] = {
    [EFFECT_SAME] = {' ', "", "same", "the same"},
    [EFFECT_OTHER] = {'!', CYAN, "changed", "changed"},
    [EFFECT_ONLY_A] = {'-', RED, "removed", "written in A only"},
    [EFFECT_ONLY_B] = {'+', GREEN, "added", "written in B only"},
    [EFFECT_UNERASED_A] = {'!', CYAN, "unerased-a", "written without an erase in A only"},
    [EFFECT_UNERASED_B] = {'!', CYAN, "unerased-b", "written without an erase in B only"},
};

/** `usart serial, packets 3-73: 1000 bytes written` */
static void append_session(struct line *line, const struct effect *effect)
{
    line_format(line, "%s ", btap_transport_name(effect->link.transport));
    line_link(line, &effect->link);
    line_format(line, ", packets %" PRIu64 "-%" PRIu64 ": %" PRIu64 " bytes written",
                effect->first_packet, effect->last_packet,
                image_count(&effect->written, IMAGE_WRITTEN));
    if (effect->not_written.commands > 0)
        line_format(line,
                    ", writes that did not succeed: %" PRIu64 ", the first in packet %" PRIu64,
                    effect->not_written.commands, effect->not_written.packet);
    if (effect->not_written.missing > 0)
        line_format(line, ", bytes missing from the capture: %" PRIu64,
                    effect->not_written.missing);
    if (effect->erases_unplaced > 0)
        line_format(line, ", erases of unknown extent: %" PRIu64, effect->erases_unplaced);
}

static void print_head(FILE *to, const char *mark, const char *name, const struct effect *effect)
{
    struct line line;

    line_start(&line);
    line_text(&line, mark);
    line_escaped(&line, name);
    line_text(&line, "\t");
    append_session(&line, effect);
    line_print(&line, to);
}

/** `0x08001003-0x08001210  17 of 526 bytes changed, the first: a5 | 5a` */
static void append_range(struct line *line, const struct effect_range *range)
{
    const uint64_t length = range_length(&range->range);

    line_format(line, "0x%08" PRIx32 "-0x%08" PRIx32 "  %" PRIu64, range->range.first,
                range->range.last, range->bytes);
    if (range->bytes < length)
        line_format(line, " of %" PRIu64, length);
    line_format(line, " %s %s", length == 1 ? "byte" : "bytes", rows[range->difference].words);
    if (range->difference == EFFECT_OTHER)
        line_format(line, ", the first: %02x | %02x", range->a, range->b);
}

static void print_range(FILE *to, const struct effect_range *range, bool colour)
{
    const struct row *row = &rows[range->difference];
    struct line line;

    line_start(&line);
    if (colour)
        line_control(&line, row->colour);
    line_format(&line, "%c ", row->mark);
    append_range(&line, range);
    if (colour)
        line_control(&line, RESET);
    line_print(&line, to);
}

static void append_counts(struct line *line, const struct effect_comparison *comparison)
{
    for (unsigned i = 0; i < EFFECT_DIFFERENCES; i++) {
        if (i > EFFECT_ONLY_B && comparison->counts[i] == 0)
            continue;
        line_format(line, "%s%" PRIu64 " %s%s", i > 0 ? ", " : "", comparison->counts[i],
                    i == 0 ? "bytes " : "", rows[i].words);
    }
}

void effect_print_text(FILE *to, const struct effect_comparison *comparison, bool colour)
{
    struct line line;

    if (comparison->length == 0)
        return;
    print_head(to, "--- ", comparison->captures[0].name, comparison->a);
    print_head(to, "+++ ", comparison->captures[1].name, comparison->b);
    for (size_t i = 0; i < comparison->length; i++)
        print_range(to, &comparison->ranges[i], colour);
    line_start(&line);
    append_counts(&line, comparison);
    line_print(&line, to);
}

static void print_range_json(FILE *to, const struct effect_range *range)
{
    struct json json;

    json_begin(&json, to, "memory-difference");
    json_add_text(&json, "change", rows[range->difference].name);
    json_add_number(&json, "address", range->range.first);
    json_add_number(&json, "length", range_length(&range->range));
    json_add_number(&json, "bytes", range->bytes);
    if (range->difference == EFFECT_OTHER) {
        json_add_number(&json, "a", range->a);
        json_add_number(&json, "b", range->b);
    }
    json_end(&json);
}

void effect_print_json(FILE *to, const struct effect_comparison *comparison)
{
    struct json json;

    for (size_t i = 0; i < comparison->length; i++)
        print_range_json(to, &comparison->ranges[i]);
    json_begin(&json, to, "memory-comparison");
    json_add_text(&json, "a", comparison->captures[0].name);
    json_add_text(&json, "b", comparison->captures[1].name);
    json_open_object(&json, "totals");
    for (unsigned i = 0; i < EFFECT_DIFFERENCES; i++)
        json_add_number(&json, rows[i].name, comparison->counts[i]);
    json_close_object(&json);
    json_end(&json);
}

static void print_ranges(FILE *to, const struct effect_comparison *comparison, uint32_t kinds)
{
    size_t found = 0;
    struct line line;

    for (size_t i = 0; i < comparison->length; i++) {
        const struct effect_range *range = &comparison->ranges[i];

        if (!(kinds & UINT32_C(1) << range->difference) || ++found > LISTED_MAX)
            continue;
        line_start(&line);
        append_range(&line, range);
        line_print(&line, to);
    }
    if (found > LISTED_MAX)
        fprintf(to, "and %zu more\n", found - LISTED_MAX);
}

/** Bytes that differ in one of some kinds. */
static uint64_t bytes_of(const struct effect_comparison *comparison, uint32_t kinds)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < EFFECT_DIFFERENCES; i++)
        bytes += kinds & UINT32_C(1) << i ? comparison->counts[i] : 0;
    return bytes;
}

/** The first range of some kinds; there is one. */
static const struct effect_range *first_of(const struct effect_comparison *comparison,
                                           uint32_t kinds)
{
    const struct effect_range *range = comparison->ranges;

    while (!(kinds & UINT32_C(1) << range->difference))
        range++;
    return range;
}

/** A case, which fails if one of some kinds of difference is there. */
static void print_case(FILE *to, const struct effect_comparison *comparison, const char *name,
                       uint32_t kinds)
{
    struct line line;

    fprintf(to, "    <testcase classname=\"boottap.diff.effect\" name=\"%s\"", name);
    if (bytes_of(comparison, kinds) == 0) {
        fputs("/>\n", to);
        return;
    }
    line_start(&line);
    append_range(&line, first_of(comparison, kinds));
    fputs(">\n      <failure type=\"difference\" message=\"", to);
    xml_put_line(to, &line);
    fputs("\">\n", to);
    line_start(&line);
    append_counts(&line, comparison);
    line_print(&line, to);
    print_ranges(to, comparison, kinds);
    fputs("      </failure>\n    </testcase>\n", to);
}

void effect_print_junit(FILE *to, const struct effect_comparison *comparison)
{
    static const uint32_t contents = 1u << EFFECT_OTHER | 1u << EFFECT_ONLY_A | 1u << EFFECT_ONLY_B;
    static const uint32_t erases = 1u << EFFECT_UNERASED_A | 1u << EFFECT_UNERASED_B;
    struct junit_counts counts = {.tests = 2};
    struct junit junit;

    counts.failures = bytes_of(comparison, contents) > 0;
    counts.failures += bytes_of(comparison, erases) > 0;
    junit_start(&junit, to, "boottap diff --effect");
    junit_captures(&junit, comparison->captures);
    junit_suite(&junit, "effect", &counts);
    print_case(junit.suites, comparison, "written", contents);
    print_case(junit.suites, comparison, "erased-before", erases);
    junit_suite_end(&junit);
    junit_end(&junit);
}
