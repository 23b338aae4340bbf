/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firmware/expect.h"

#include <inttypes.h>
#include <string.h>

#include "base/append.h"

/** Most bytes that a tool adds to fill up its last block. */
#define PADDING_MAX 1024

static const char *const kind_names[] = {
    [EXPECT_SENT] = "sent",           [EXPECT_BLANK] = "blank",
    [EXPECT_PADDING] = "padding",     [EXPECT_ELSEWHERE] = "elsewhere",
    [EXPECT_DIFFERENT] = "different", [EXPECT_MISSING] = "missing",
    [EXPECT_EXTRA] = "extra",         [EXPECT_READ_OTHER] = "read-other",
    [EXPECT_UNERASED] = "unerased",
};

/** A comparison under way. Addresses are the device's: the file's plus shift. */
struct comparison {
    const struct effect *effect;
    const struct image *file;
    uint32_t shift;
    struct expectation *expectation;
    uint64_t unsent_end; /**< end of the run of bytes in the file that were not sent */
    bool unsent_blank;   /**< all of that run is 0xFF, and erased */
    bool open;           /**< run may grow */
    struct expect_run run;
};

static void end_run(struct comparison *comparison)
{
    struct expectation *expectation = comparison->expectation;

    if (!comparison->open)
        return;
    comparison->open = false;
    if (expectation->runs_length < EXPECT_RUNS_MAX)
        expectation->runs[expectation->runs_length] = comparison->run;
    expectation->runs_length++;
}

static void count(struct comparison *comparison, enum expect_kind kind, uint32_t address,
                  uint8_t wanted, uint8_t sent)
{
    struct expect_run *run = &comparison->run;

    comparison->expectation->counts[kind]++;
    if (comparison->open && run->kind == kind && run->range.last + 1 == address) {
        run->range.last = address;
        return;
    }
    end_run(comparison);
    if (kind < EXPECT_DIFFERENT)
        return;
    comparison->open = true;
    *run = (struct expect_run){kind, {address, address}, wanted, sent};
}

/** What a byte of the file is, of which marks tell what became of it. */
static enum expect_kind kind_of(const struct comparison *comparison, uint32_t address,
                                uint16_t marks, bool same)
{
    const bool must_be_erased = effect_needs_erase(comparison->effect, address);

    if ((marks & IMAGE_WRITTEN) == 0)
        return comparison->unsent_blank ? EXPECT_BLANK : EXPECT_MISSING;
    if (!same)
        return EXPECT_DIFFERENT;
    if (marks & IMAGE_READ_OTHER)
        return EXPECT_READ_OTHER;
    if (must_be_erased && (marks & (IMAGE_ERASED | IMAGE_READ_SAME | IMAGE_SUMMED)) == 0 &&
        !comparison->expectation->erase_unknown)
        return EXPECT_UNERASED;
    return EXPECT_SENT;
}

static void compare_byte(struct comparison *comparison, uint32_t address, uint8_t wanted)
{
    struct expectation *expectation = comparison->expectation;
    uint8_t sent;
    const uint16_t marks = image_get(&comparison->effect->written, address, &sent);
    const bool same = (marks & IMAGE_WRITTEN) != 0 && sent == wanted;

    expectation->bytes++;
    expectation->needs_erase |= effect_needs_erase(comparison->effect, address);
    if (same && (marks & IMAGE_ERASED))
        expectation->erased++;
    if (same && (marks & (IMAGE_READ_SAME | IMAGE_SUMMED)) && (marks & IMAGE_READ_OTHER) == 0)
        expectation->verified++;
    count(comparison, kind_of(comparison, address, marks, same), address, wanted, sent);
}

/**
 * Looks ahead over bytes of the file that were not sent: tools leave out blocks of 0xFF.
 *
 * @param address of the first of them, in the file
 * @param end of the file's run
 */
static void look_ahead(struct comparison *comparison, uint64_t address, uint64_t end)
{
    const struct image *written = &comparison->effect->written;
    uint8_t value;

    comparison->unsent_blank = true;
    for (; address < end; address++) {
        const uint32_t on_device = (uint32_t)address + comparison->shift;

        if (image_get(written, on_device, &value) & IMAGE_WRITTEN)
            break;
        image_get(comparison->file, (uint32_t)address, &value);
        if (value != 0xff || !ranges_hold(&written->erased, on_device))
            comparison->unsent_blank = false;
    }
    comparison->unsent_end = address;
}

static void compare_file(struct comparison *comparison)
{
    struct btap_range run;

    for (uint64_t from = 0; image_next(comparison->file, &from, IMAGE_WRITTEN, &run);)
        for (uint64_t at = run.first; at <= run.last; at++) {
            uint8_t wanted;

            if (at >= comparison->unsent_end)
                look_ahead(comparison, at, (uint64_t)run.last + 1);
            image_get(comparison->file, (uint32_t)at, &wanted);
            compare_byte(comparison, (uint32_t)at + comparison->shift, wanted);
        }
    end_run(comparison);
}

static bool in_file(const struct comparison *comparison, uint32_t address)
{
    uint8_t value;

    return image_get(comparison->file, address - comparison->shift, &value) != 0;
}

/**
 * Whether a run beside the file's bytes only fills up a block, or a gap of the file, which may be
 * of any length: stm32flash fills those of a HEX file, objcopy those of an ELF file.
 */
static bool is_padding(const struct comparison *comparison, const struct btap_range *run)
{
    const struct image *written = &comparison->effect->written;
    const bool behind = run->first > 0 && in_file(comparison, run->first - 1);
    const bool before = run->last < UINT32_MAX && in_file(comparison, run->last + 1);
    const bool fills_gap = behind && before;
    uint8_t first;

    if (!fills_gap && (!(behind || before) || range_length(run) > PADDING_MAX))
        return false;
    image_get(written, run->first, &first);
    for (uint64_t at = run->first; at <= run->last; at++) {
        uint8_t value;

        image_get(written, (uint32_t)at, &value);
        if (value != first || (value != 0xff && value != 0))
            return false;
    }
    return true;
}

/** What there is to say about padding. */
static void take_padding(struct comparison *comparison, const struct btap_range *run)
{
    struct expectation *expectation = comparison->expectation;
    const bool first = expectation->counts[EXPECT_PADDING] == 0;
    const bool follows = run->first == (uint64_t)expectation->range.last + 1;
    uint8_t value;

    image_get(&comparison->effect->written, run->first, &value);
    expectation->padding_follows = follows && first;
    expectation->padding_mixed |= !first && value != expectation->padding_value;
    expectation->padding_value = value;
}

/** Bytes that were written and are not in the file. */
static void take_extra(struct comparison *comparison, const struct btap_range *run)
{
    const bool padding = is_padding(comparison, run);

    if (padding)
        take_padding(comparison, run);
    for (uint64_t at = run->first; at <= run->last; at++) {
        const bool lasting = effect_holds_firmware(comparison->effect, (uint32_t)at);
        uint8_t sent;

        image_get(&comparison->effect->written, (uint32_t)at, &sent);
        count(comparison,
              padding    ? EXPECT_PADDING
              : !lasting ? EXPECT_ELSEWHERE
                         : EXPECT_EXTRA,
              (uint32_t)at, 0, sent);
    }
    end_run(comparison);
}

static void compare_rest(struct comparison *comparison)
{
    struct btap_range run;
    struct btap_range extra;

    for (uint64_t from = 0; image_next(&comparison->effect->written, &from, IMAGE_WRITTEN, &run);) {
        uint64_t at = run.first;

        while (at <= run.last) {
            while (at <= run.last && in_file(comparison, (uint32_t)at))
                at++;
            if (at > run.last)
                break;
            extra.first = (uint32_t)at;
            while (at <= run.last && !in_file(comparison, (uint32_t)at))
                at++;
            extra.last = (uint32_t)(at - 1);
            take_extra(comparison, &extra);
        }
    }
}

/** The lowest address written in memory that holds firmware. */
static uint32_t lowest_written(const struct effect *effect)
{
    struct btap_range run;

    for (uint64_t from = 0; image_next(&effect->written, &from, IMAGE_WRITTEN, &run);)
        if (effect_holds_firmware(effect, run.first))
            return run.first;
    if (image_first(&effect->written, IMAGE_WRITTEN, &run))
        return run.first;
    return btap_product_flash(effect->product).first;
}

/** Where the file's bytes lie. */
static void take_range(struct comparison *comparison)
{
    struct expectation *expectation = comparison->expectation;
    struct btap_range run = {0};

    image_first(comparison->file, IMAGE_WRITTEN, &run);
    expectation->range.first = run.first + comparison->shift;
    for (uint64_t from = 0; image_next(comparison->file, &from, IMAGE_WRITTEN, &run);)
        continue;
    expectation->range.last = run.last + comparison->shift;
}

static uint32_t shift_of(const struct effect *effect, const struct firmware *firmware,
                         const uint32_t *address, struct expectation *expectation)
{
    struct btap_range first = {0};

    image_first(&firmware->image, IMAGE_WRITTEN, &first);
    if (effect->plain_dfu)
        return 0 - first.first;
    if (firmware->placed)
        return 0;
    if (address != NULL)
        return *address;
    expectation->assumed = true;
    return lowest_written(effect);
}

void expect_check(const struct effect *effect, const struct firmware *firmware,
                  const uint32_t *address, struct expectation *expectation)
{
    struct comparison comparison = {
        .effect = effect,
        .file = &firmware->image,
        .expectation = expectation,
    };

    memset(expectation, 0, sizeof(*expectation));
    expectation->erase_unknown = effect->erases_unplaced > 0;
    expectation->capture_lacks = effect->not_written.missing > 0;
    expectation->addresses_assumed = effect->not_written.assumed;
    comparison.shift = shift_of(effect, firmware, address, expectation);
    take_range(&comparison);
    compare_file(&comparison);
    compare_rest(&comparison);
}

bool expect_holds(const struct expectation *expectation)
{
    for (int kind = EXPECT_DIFFERENT; kind < EXPECT_KINDS; kind++)
        if (expectation->counts[kind] > 0)
            return false;
    return true;
}

/* In words */

static void append_count(char *text, size_t size, uint64_t number, const char *one,
                         const char *several)
{
    if (number > 0)
        append_format(text, size, ", %" PRIu64 " byte%s %s", number, number == 1 ? "" : "s",
                      number == 1 ? one : several);
}

/** How many of the bytes that were sent: `erased before`, `not read back or summed up`. */
static void append_share(char *text, size_t size, uint64_t share, uint64_t all, const char *words)
{
    if (share == all)
        append_format(text, size, ", %s", words);
    else if (share > 0)
        append_format(text, size, ", %" PRIu64 " of them %s", share, words);
    else
        append_format(text, size, ", not %s", words);
}

/** `followed by 2 bytes of padding 0xff`: tools fill up their last block. */
static void append_padding(const struct expectation *expectation, char *text, size_t size)
{
    const uint64_t bytes = expectation->counts[EXPECT_PADDING];

    if (bytes == 0)
        return;
    append_format(text, size, ", %s %" PRIu64 " byte%s of padding",
                  expectation->padding_follows ? "followed by" : "filled up with", bytes,
                  bytes == 1 ? "" : "s");
    if (!expectation->padding_mixed)
        append_format(text, size, " 0x%02x", expectation->padding_value);
}

/** How the bytes that were sent as the file has them got there. */
static void append_fate(const struct expectation *expectation, char *text, size_t size,
                        uint64_t sent)
{
    if (expectation->needs_erase) {
        if (expectation->erase_unknown && expectation->erased < sent)
            append_format(text, size, ", whether all was erased before is not known");
        else
            append_share(text, size, expectation->erased, sent, "erased before");
    }
    append_count(text, size, expectation->counts[EXPECT_READ_OTHER], "was read back otherwise",
                 "were read back otherwise");
    append_share(text, size, expectation->verified, sent, "verified");
}

const char *expect_text(const struct expectation *expectation, char *text, size_t size)
{
    const uint64_t *counts = expectation->counts;
    const uint64_t sent = counts[EXPECT_SENT] + counts[EXPECT_READ_OTHER] + counts[EXPECT_UNERASED];
    const uint64_t wrong = counts[EXPECT_DIFFERENT] + counts[EXPECT_MISSING] + counts[EXPECT_EXTRA];

    snprintf(text, size, "%s", wrong == 0 ? "exactly this was sent" : "not what was sent");
    append_format(
        text, size, ": %" PRIu64 " bytes at 0x%08" PRIx32 "-0x%08" PRIx32 "%s", expectation->bytes,
        expectation->range.first, expectation->range.last,
        expectation->assumed ? " (the lowest address written is taken: the file tells none)" : "");
    append_count(text, size, counts[EXPECT_DIFFERENT], "differs", "differ");
    append_count(
        text, size, counts[EXPECT_MISSING],
        expectation->capture_lacks ? "was not sent or is not in the capture" : "was not sent",
        expectation->capture_lacks ? "were not sent or are not in the capture" : "were not sent");
    append_count(text, size, counts[EXPECT_EXTRA], "more was sent", "more were sent");
    append_padding(expectation, text, size);
    if (wrong > 0 && sent > 0)
        append_format(text, size, "; %" PRIu64 " sent as in the file", sent);
    if (sent > 0)
        append_fate(expectation, text, size, sent);
    append_count(text, size, counts[EXPECT_BLANK], "not sent is 0xff and was erased",
                 "not sent are 0xff and were erased");
    append_count(text, size, counts[EXPECT_ELSEWHERE], "went to RAM or option bytes",
                 "went to RAM or option bytes");
    if (expectation->addresses_assumed > 0)
        append_format(
            text, size, ", %" PRIu64 " write%s to an address that the capture does not tell",
            expectation->addresses_assumed, expectation->addresses_assumed == 1 ? "" : "s");
    return text;
}

const char *expect_run_text(const struct expect_run *run, char *text, size_t size)
{
    const uint64_t length = range_length(&run->range);

    snprintf(text, size, "0x%08" PRIx32 "-0x%08" PRIx32 ", %" PRIu64 " byte%s: ", run->range.first,
             run->range.last, length, length == 1 ? "" : "s");
    switch (run->kind) {
    case EXPECT_DIFFERENT:
        append_format(text, size, "%s 0x%02x in the file and 0x%02x was sent",
                      length == 1 ? "differs," : "differ, the first is", run->wanted, run->sent);
        break;
    case EXPECT_MISSING:
        append_format(text, size, "not sent, %s 0x%02x in the file",
                      length == 1 ? "is" : "the first is", run->wanted);
        break;
    case EXPECT_EXTRA:
        append_format(text, size, "not in the file, %s 0x%02x",
                      length == 1 ? "was sent as" : "the first that was sent is", run->sent);
        break;
    case EXPECT_READ_OTHER:
        append_format(text, size, "sent as in the file, but read back otherwise");
        break;
    default:
        append_format(text, size,
                      "sent as in the file, neither erased before in this session nor "
                      "verified after");
        break;
    }
    return text;
}

void expect_add_json(struct json *json, const char *key, const struct expectation *expectation,
                     const char *file)
{
    char words[EXPECT_TEXT_SIZE];

    json_open_object(json, key);
    json_add_text(json, "file", file);
    json_add_boolean(json, "holds", expect_holds(expectation));
    json_add_text(json, "text", expect_text(expectation, words, sizeof(words)));
    json_add_number(json, "first", expectation->range.first);
    json_add_number(json, "last", expectation->range.last);
    json_add_number(json, "bytes", expectation->bytes);
    for (int kind = 0; kind < EXPECT_KINDS; kind++)
        json_add_number(json, kind_names[kind], expectation->counts[kind]);
    if (expectation->counts[EXPECT_PADDING] > 0 && !expectation->padding_mixed)
        json_add_number(json, "padding_value", expectation->padding_value);
    json_add_number(json, "addresses_assumed", expectation->addresses_assumed);
    json_add_number(json, "erased", expectation->erased);
    json_add_number(json, "verified", expectation->verified);
    json_open_list(json, "differences");
    for (size_t i = 0; i < expectation->runs_length && i < EXPECT_RUNS_MAX; i++) {
        const struct expect_run *run = &expectation->runs[i];

        json_open_object(json, NULL);
        json_add_text(json, "kind", kind_names[run->kind]);
        json_add_number(json, "first", run->range.first);
        json_add_number(json, "last", run->range.last);
        json_add_text(json, "text", expect_run_text(run, words, sizeof(words)));
        json_close_object(json);
    }
    json_close_list(json);
    if (expectation->runs_length > EXPECT_RUNS_MAX)
        json_add_number(json, "differences_omitted", expectation->runs_length - EXPECT_RUNS_MAX);
    json_close_object(json);
}
