/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Raw data that Saleae Logic 2 exports in binary, a file a channel: `<SALEAE>`, version, type (0:
 * digital), then in version 0 one chunk, in version 1 as many as a number tells: the level at the
 * beginning, (version 1: the sample rate), the times of begin and end in seconds, and the times of
 * all changes. Numbers are little endian.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "formats/analyser/analyser.h"

#define MAGIC "<SALEAE>"

enum {
    VERSION_AT = 8,
    TYPE_AT = 12,
    HEADER_SIZE = 16,
    CHUNK_SIZE = 28,   /**< version 0: level, begin, end, changes */
    CHUNK_SIZE_1 = 36, /**< version 1: level, rate, begin, end, changes */
    TIME_SIZE = 8,
    TYPE_DIGITAL = 0,
};

struct export
{
    struct queue queue;
    struct analyser analyser;
    size_t channel;
    uint32_t version;
    uint64_t chunks;  /**< that still come */
    uint64_t changes; /**< of the chunk in hand that still come */
    bool high;
    bool has_origin;
    double origin; /**< where the first chunk begins */
    int64_t at_ps;
    int64_t until_ps;          /**< where the chunk in hand ends */
    enum reader_result result; /**< READER_NEXT: there is more */
};

static uint32_t get32(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint64_t get64(const uint8_t *bytes)
{
    return get32(bytes) | (uint64_t)get32(bytes + 4) << 32;
}

static double get_double(const uint8_t *bytes)
{
    const uint64_t bits = get64(bytes);
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static bool probe(const struct first *first)
{
    return FIRST_BYTES(first, 0, MAGIC);
}

static bool start(struct reader *reader)
{
    struct export *export = allocate(sizeof(*export));

    reader->state = export;
    queue_init(&export->queue);
    analyser_start(&export->analyser, &export->queue);
    export->channel = analyser_add(&export->analyser, "", 0);
    if (reader_fill(reader, HEADER_SIZE) != READER_NEXT) {
        reader_damaged(reader, "the file was cut short");
        return false;
    }
    export->version = get32(reader->record + VERSION_AT);
    if (get32(reader->record + TYPE_AT) != TYPE_DIGITAL) {
        reader_damaged(reader, "raw data of Saleae Logic that is not digital; export the digital "
                               "channels: File, Export Raw Data, CSV");
        return false;
    }
    if (export->version > 1) {
        reader_damaged(reader,
                       "raw data of Saleae Logic in version %" PRIu32 ", which boottap "
                       "does not know; export as CSV instead",
                       export->version);
        return false;
    }
    reader_advance(reader, HEADER_SIZE);
    export->chunks = 1;
    export->result = READER_NEXT;
    return true;
}

/** In picoseconds from the beginning. @return false: no time of a capture, or one that goes back */
static bool take_time(struct export *export, double seconds, int64_t *at_ps)
{
    int64_t time;

    seconds -= export->origin;
    if (!(seconds >= 0 && seconds < ANALYSER_SECONDS_MAX))
        return false;
    time = (int64_t)(seconds * (double)LEVELS_PS_PER_S);
    /* at_ps may be the very time that is compared with. */
    if (time < export->at_ps)
        return false;
    *at_ps = time;
    return true;
}

/** The number of chunks, which version 1 has. */
static enum reader_result count_chunks(struct reader *reader, struct export *export)
{
    const enum reader_result result = reader_fill(reader, sizeof(uint64_t));

    if (result != READER_NEXT)
        return result;
    export->chunks = get64(reader->record);
    reader_advance(reader, sizeof(uint64_t));
    return READER_NEXT;
}

static enum reader_result begin_chunk(struct reader *reader, struct export *export)
{
    const bool has_rate = export->version > 0;
    const size_t size = has_rate ? CHUNK_SIZE_1 : CHUNK_SIZE;
    enum reader_result result = READER_NEXT;
    const uint8_t *times;
    double begin;

    if (has_rate && !export->has_origin)
        result = count_chunks(reader, export);
    if (result == READER_NEXT && export->chunks == 0)
        return READER_END;
    if (result == READER_NEXT)
        result = reader_fill(reader, size);
    if (result != READER_NEXT)
        return result == READER_END ? READER_CUT_SHORT : result;
    times = reader->record + size - 3 * sizeof(uint64_t);
    begin = get_double(times);
    if (!export->has_origin)
        export->origin = begin;
    export->has_origin = true;
    export->high = get32(reader->record) != 0;
    export->changes = get64(times + 2 * sizeof(uint64_t));
    if (!take_time(export, begin, &export->at_ps) ||
        !take_time(export, get_double(times + sizeof(uint64_t)), &export->until_ps))
        return reader_damaged(reader, "a chunk of it begins or ends at no possible time");
    reader_advance(reader, size);
    export->chunks--;
    analyser_level(&export->analyser, export->channel, export->at_ps, export->high);
    return READER_NEXT;
}

static enum reader_result take_change(struct reader *reader, struct export *export)
{
    const enum reader_result result = reader_fill(reader, TIME_SIZE);

    if (result != READER_NEXT)
        return result == READER_END ? READER_CUT_SHORT : result;
    if (!take_time(export, get_double(reader->record), &export->at_ps))
        return reader_damaged(reader, "a change in it is at no possible time");
    reader_advance(reader, TIME_SIZE);
    export->changes--;
    export->high = !export->high;
    analyser_level(&export->analyser, export->channel, export->at_ps, export->high);
    return READER_NEXT;
}

static enum reader_result read_on(struct reader *reader, struct export *export)
{
    if (export->changes > 0)
        return take_change(reader, export);
    if (export->until_ps > export->at_ps)
        export->at_ps = export->until_ps;
    return export->chunks > 0 ? begin_chunk(reader, export) : READER_END;
}

/** The other direction stands in another file. */
static void tell_one_line(struct reader *reader)
{
    if (reader->problem[0] == '\0')
        snprintf(
            reader->remark, sizeof(reader->remark),
            "this file holds one line, so one direction only; for both, export all channels as "
            "CSV, which makes one file");
}

static enum reader_result next(struct reader *reader, struct btap_record *record)
{
    struct export *export = reader->state;
    char problem[sizeof(reader->problem)];

    while (!queue_next(&export->queue, record)) {
        if (export->result != READER_NEXT)
            return export->result;
        export->result = read_on(reader, export);
        if (export->result == READER_NEXT)
            continue;
        memcpy(problem, reader->problem, sizeof(problem));
        analyser_end(&export->analyser, reader, export->at_ps);
        if (export->result != READER_END)
            memcpy(reader->problem, problem, sizeof(problem));
        tell_one_line(reader);
    }
    return READER_NEXT;
}

static void release(struct reader *reader)
{
    struct export *export = reader->state;

    analyser_release(&export->analyser);
    queue_release(&export->queue);
}

const struct reader_format reader_saleae = {
    .kind = {KIND_CAPTURE, "raw data of Saleae Logic, binary", "", probe},
    .start = start,
    .next = next,
    .release = release,
};
