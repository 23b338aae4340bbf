/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Differences of two memories as text, JSON and JUnit.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/line.h"
#include "diff/effect.h"

#define RED   "\033[31m"
#define GREEN "\033[32m"
#define CYAN  "\033[36m"
#define RESET "\033[0m"

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
    char name[BTAP_LINK_NAME_SIZE];

    line_text(line, btap_transport_name(effect->link.transport));
    line_text(line, " ");
    line_escaped(line, btap_link_name(&effect->link, name, sizeof(name)));
    line_text(line, ", packets ");
    line_decimal(line, effect->first_packet, 0);
    line_text(line, "-");
    line_decimal(line, effect->last_packet, 0);
    line_text(line, ": ");
    line_decimal(line, image_count(&effect->written, IMAGE_WRITTEN), 0);
    line_text(line, " bytes written");
    if (effect->not_written.commands > 0) {
        line_text(line, ", writes that did not succeed: ");
        line_decimal(line, effect->not_written.commands, 0);
        line_text(line, ", the first in packet ");
        line_decimal(line, effect->not_written.packet, 0);
    }
    if (effect->not_written.missing > 0) {
        line_text(line, ", bytes missing from the capture: ");
        line_decimal(line, effect->not_written.missing, 0);
    }
    if (effect->erases_unplaced > 0) {
        line_text(line, ", erases of unknown extent: ");
        line_decimal(line, effect->erases_unplaced, 0);
    }
}

static void print_head(const struct effect_output *output, const char *mark, const char *name,
                       const struct effect *effect)
{
    struct line line;

    line_start(&line);
    line_text(&line, mark);
    line_escaped(&line, name);
    line_text(&line, "\t");
    append_session(&line, effect);
    line_print(&line, output->to);
}

static void append_address(struct line *line, uint32_t address)
{
    line_text(line, "0x");
    for (int shift = 24; shift >= 0; shift -= 8)
        line_hex(line, (uint8_t)(address >> shift));
}

/** `0x08001003-0x08001210  17 of 526 bytes changed, the first: a5 | 5a` */
static void append_range(struct line *line, const struct effect_range *range)
{
    const uint64_t length = range_length(&range->range);

    append_address(line, range->range.first);
    line_text(line, "-");
    append_address(line, range->range.last);
    line_text(line, "  ");
    line_decimal(line, range->bytes, 0);
    if (range->bytes < length) {
        line_text(line, " of ");
        line_decimal(line, length, 0);
    }
    line_text(line, length == 1 ? " byte " : " bytes ");
    line_text(line, rows[range->difference].words);
    if (range->difference != EFFECT_OTHER)
        return;
    line_text(line, ", the first: ");
    line_hex(line, range->a);
    line_text(line, " | ");
    line_hex(line, range->b);
}

static void print_range(const struct effect_output *output, const struct effect_range *range)
{
    const struct row *row = &rows[range->difference];
    const char mark[3] = {row->mark, ' ', '\0'};
    struct line line;

    line_start(&line);
    if (output->colour)
        line_control(&line, row->colour);
    line_text(&line, mark);
    append_range(&line, range);
    if (output->colour)
        line_control(&line, RESET);
    line_print(&line, output->to);
}

static void append_counts(struct line *line, const struct effect_comparison *comparison)
{
    for (unsigned i = 0; i < EFFECT_DIFFERENCES; i++) {
        if (i > EFFECT_ONLY_B && comparison->counts[i] == 0)
            continue;
        if (i > 0)
            line_text(line, ", ");
        line_decimal(line, comparison->counts[i], 0);
        line_text(line, i == 0 ? " bytes " : " ");
        line_text(line, rows[i].words);
    }
}

void effect_print_text(const struct effect_output *output,
                       const struct effect_comparison *comparison)
{
    struct line line;

    if (!effects_differ(comparison))
        return;
    print_head(output, "--- ", output->captures[0].name, output->a);
    print_head(output, "+++ ", output->captures[1].name, output->b);
    for (size_t i = 0; i < comparison->length; i++)
        print_range(output, &comparison->ranges[i]);
    line_start(&line);
    append_counts(&line, comparison);
    line_print(&line, output->to);
}

static struct json_object *range_object(const struct effect_range *range)
{
    struct json_object *object = json_object_new_object();

    json_add_text(object, "change", rows[range->difference].name);
    json_add_number(object, "address", range->range.first);
    json_add_number(object, "length", range_length(&range->range));
    json_add_number(object, "bytes", range->bytes);
    if (range->difference == EFFECT_OTHER) {
        json_add_number(object, "a", range->a);
        json_add_number(object, "b", range->b);
    }
    return object;
}

void effect_print_json(const struct effect_output *output,
                       const struct effect_comparison *comparison)
{
    struct json_object *object = json_object_new_object();
    struct json_object *totals = json_object_new_object();

    for (size_t i = 0; i < comparison->length; i++)
        json_print(range_object(&comparison->ranges[i]), output->to);
    json_add_foreign_text(object, "a", output->captures[0].name);
    json_add_foreign_text(object, "b", output->captures[1].name);
    for (unsigned i = 0; i < EFFECT_DIFFERENCES; i++)
        json_add_number(totals, rows[i].name, comparison->counts[i]);
    json_object_object_add(object, "totals", totals);
    json_print(object, output->to);
}

static void print_ranges(const struct effect_output *output,
                         const struct effect_comparison *comparison, uint32_t kinds)
{
    size_t found = 0;
    struct line line;

    for (size_t i = 0; i < comparison->length; i++) {
        const struct effect_range *range = &comparison->ranges[i];

        if (!(kinds & UINT32_C(1) << range->difference) || ++found > LISTED_MAX)
            continue;
        line_start(&line);
        append_range(&line, range);
        line_print(&line, output->to);
    }
    if (found > LISTED_MAX)
        fprintf(output->to, "and %zu more\n", found - LISTED_MAX);
}

/** Bytes that differ in one of some kinds. */
static uint64_t bytes_of(const struct effect_comparison *comparison, uint32_t kinds)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < EFFECT_DIFFERENCES; i++)
        bytes += kinds & UINT32_C(1) << i ? comparison->counts[i] : 0;
    return bytes;
}

/** A case, which fails if one of some kinds of difference is there. */
static void print_case(const struct effect_output *output,
                       const struct effect_comparison *comparison, const char *name, uint32_t kinds)
{
    struct line line;

    fprintf(output->to, "    <testcase classname=\"boottap.diff.effect\" name=\"%s\"", name);
    if (bytes_of(comparison, kinds) == 0) {
        fputs("/>\n", output->to);
        return;
    }
    line_start(&line);
    append_counts(&line, comparison);
    fprintf(output->to, ">\n      <failure type=\"difference\" message=\"%.*s\">\n",
            (int)line.length, line.text);
    print_ranges(output, comparison, kinds);
    fputs("      </failure>\n    </testcase>\n", output->to);
}

void effect_print_junit(const struct effect_output *output,
                        const struct effect_comparison *comparison)
{
    static const uint32_t contents = 1u << EFFECT_OTHER | 1u << EFFECT_ONLY_A | 1u << EFFECT_ONLY_B;
    static const uint32_t erases = 1u << EFFECT_UNERASED_A | 1u << EFFECT_UNERASED_B;
    unsigned failures = bytes_of(comparison, contents) > 0;

    failures += bytes_of(comparison, erases) > 0;
    junit_begin(output->to, "boottap diff --effect", output->captures);
    fprintf(output->to, "  <testsuite name=\"effect\" tests=\"2\" failures=\"%u\" errors=\"0\">\n",
            failures);
    print_case(output, comparison, "written", contents);
    print_case(output, comparison, "erased-before", erases);
    fputs("  </testsuite>\n", output->to);
    junit_end(output->to);
}
