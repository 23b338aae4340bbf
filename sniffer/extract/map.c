/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "extract/map.h"

#include <inttypes.h>
#include <zlib.h>

#include "base/line.h"
#include "base/time_format.h"

/** Lines of one kind that are printed; more are counted. */
#define LINES_MAX 100

#define WORDS_COLUMN 48

void effect_print_heading(const struct effect *effect, const struct input *input, FILE *to)
{
    struct line line;

    line_start(&line);
    line_link(&line, &effect->link);
    line_format(&line, ", session %" PRIu64 ", packets %" PRIu64 "-%" PRIu64 ", ", effect->number,
                effect->first_packet, effect->last_packet);
    line_seconds(&line, effect->last - effect->first, input->stream.digits, 0);
    line_text(&line, " s");
    if (effect->product != NULL)
        line_format(&line, ", %s", effect->product->name);
    if (input->cut)
        line_text(&line, "; partial: the capture was not read to its end");
    line_print(&line, to);
}

/** Starts a line about a range. */
static void start_range(struct line *line, const char *what, const struct btap_range *range)
{
    line_start(line);
    line_format(line, "  %-8s 0x%08" PRIx32 "-0x%08" PRIx32 " %10" PRIu64 " byte%s", what,
                range->first, range->last, range_length(range),
                range_length(range) == 1 ? "" : "s");
}

/** `erased before`, `partly erased before`, ...: how many of a range's bytes have a mark. */
static void append_share(struct line *line, const char *words, uint64_t share, uint64_t all)
{
    line_text(line, share == 0 ? ", not " : share == all ? ", " : ", partly ");
    line_text(line, words);
}

static uint32_t crc_of(const struct image *image, const struct btap_range *range)
{
    const uint64_t end = (uint64_t)range->last + 1;
    unsigned long crc = 0;
    uint8_t bytes[4096];

    for (uint64_t at = range->first; at < end; at += sizeof(bytes)) {
        const uint32_t part = end - at < sizeof(bytes) ? (uint32_t)(end - at) : sizeof(bytes);

        image_copy(image, (uint32_t)at, part, 0xff, bytes);
        crc = crc32_z(crc, bytes, part);
    }
    return (uint32_t)crc;
}

struct effect_region effect_region(const struct image *image, const struct btap_range *run)
{
    return (struct effect_region){
        .range = *run,
        .crc32 = crc_of(image, run),
        .erased = image_count_in(image, run, IMAGE_ERASED),
        .read_same = image_count_in(image, run, IMAGE_READ_SAME),
        .read_other = image_count_in(image, run, IMAGE_READ_OTHER),
        .summed = image_count_in(image, run, IMAGE_SUMMED),
    };
}

static void append_erased(struct line *line, const struct effect *effect,
                          const struct effect_region *region)
{
    const uint64_t length = range_length(&region->range);

    if (!effect_needs_erase(effect, region->range.first))
        return;
    if (region->erased < length && effect->erases_unplaced > 0)
        line_text(line, ", erased before: not known");
    else
        append_share(line, "erased before", region->erased, length);
}

static void print_region(const struct effect *effect, const struct image *image,
                         const struct btap_range *run, FILE *to)
{
    const struct effect_region region = effect_region(image, run);
    const uint64_t length = range_length(run);
    struct line line;

    start_range(&line, "region", run);
    line_to_column(&line, WORDS_COLUMN);
    line_format(&line, "crc32 0x%08" PRIx32, region.crc32);
    if (image == &effect->written) {
        append_erased(&line, effect, &region);
        append_share(&line, "read back", region.read_same + region.read_other, length);
        if (region.read_other > 0)
            line_format(&line, ": %" PRIu64 " byte%s differ", region.read_other,
                        region.read_other == 1 ? "" : "s");
        if (region.summed > 0)
            append_share(&line, "verified by checksum", region.summed, length);
    }
    line_print(&line, to);
}

static void print_more(const char *what, uint64_t lines, FILE *to)
{
    if (lines > LINES_MAX)
        fprintf(to, "  %s  ... and %" PRIu64 " more\n", what, lines - LINES_MAX);
}

/** Regions and the gaps between them. */
static void print_regions(const struct effect *effect, const struct image *image, FILE *to)
{
    struct btap_range run;
    struct btap_range gap = {0};
    uint64_t lines = 0;

    for (uint64_t from = 0; image_next(image, &from, IMAGE_WRITTEN, &run);) {
        struct line line;

        if (++lines > LINES_MAX)
            continue;
        if (lines > 1) {
            gap.last = run.first - 1;
            start_range(&line, "gap", &gap);
            line_print(&line, to);
        }
        gap.first = run.last + 1;
        print_region(effect, image, &run, to);
    }
    print_more("region", lines, to);
}

/** The runs with a mark, with words about it. */
static void print_marked(const struct image *image, enum image_mark mark, const char *what,
                         const char *words, FILE *to)
{
    struct btap_range run;
    uint64_t lines = 0;

    for (uint64_t from = 0; image_next(image, &from, mark, &run);) {
        struct line line;

        if (++lines > LINES_MAX)
            continue;
        start_range(&line, what, &run);
        line_to_column(&line, WORDS_COLUMN);
        line_text(&line, words);
        line_print(&line, to);
    }
    print_more(what, lines, to);
}

static void print_failures(const struct effect_failures *failures, const char *what, FILE *to)
{
    const bool one = failures->commands == 1;

    if (failures->commands > 0)
        fprintf(to,
                "  failed   %" PRIu64 " %s%s, not taken%s: transaction %" PRIu64 ", packet %" PRIu64
                ", 0x%08" PRIx32 ", %s\n",
                failures->commands, what, one ? "" : "s", one ? "" : "; the first", failures->n,
                failures->packet, failures->address, btap_status_name(failures->status));
}

static void print_count(uint64_t count, const char *unit, const char *label, const char *words,
                        FILE *to)
{
    if (count > 0)
        fprintf(to, "  %-8s %" PRIu64 " %s%s %s\n", label, count, unit, count == 1 ? "" : "s",
                words);
}

void effect_print_map(const struct effect *effect, bool reads, FILE *to)
{
    const struct image *image = reads ? &effect->read : &effect->written;
    const struct effect_failures *failures = reads ? &effect->not_read : &effect->not_written;

    print_regions(effect, image, to);
    if (reads) {
        print_marked(image, IMAGE_CHANGED, "changed",
                     "read again, other contents; the last are taken", to);
        print_failures(failures, "read", to);
    } else {
        print_marked(image, IMAGE_REPEATED, "repeated", "written again, the same", to);
        print_marked(image, IMAGE_CHANGED, "overlap",
                     "written again without an erase, other contents; the last are taken", to);
        print_marked(image, IMAGE_WIPED, "wiped", "erased after it was written", to);
        print_failures(failures, "write", to);
        print_count(effect->erases_unplaced, "erase", "erased",
                    "of a place that the capture does not tell", to);
        print_count(effect->checksums_other, "checksum", "sums",
                    "of the device do not fit what was written", to);
        print_count(effect->checksums_left, "checksum", "sums",
                    "of the device not compared: there are too many", to);
    }
    print_count(failures->assumed, "command", "assumed",
                "at an address that the capture does not tell for certain", to);
    print_count(failures->missing, "byte", "missing",
                reads ? "that were read are not in the capture"
                      : "that were written are not in the capture",
                to);
}
