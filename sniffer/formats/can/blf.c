/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Vector's binary logs (.blf): a head of 144 bytes or more, "LOGG", with the date of the start;
 * then objects, most of them within containers, which may be compressed with zlib. What the
 * containers hold is one stream: an object may begin in one and end in the next.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "formats/can/blf_object.h"
#include "formats/reader/reader.h"

#define HEAD_MIN       72u /* up to the end of the date */
#define HEAD_MAX       4096u
#define AT_START       40u
#define CONTAINER_HEAD 32u
#define METHOD_NONE    0u
#define METHOD_ZLIB    2u
#define PADDING_MAX    8u /* between objects */
#define OBJECT_MAX     ((size_t)64 * 1024 * 1024)
/** Vector's tools fill containers with 128 KiB. */
#define CONTAINER_MAX ((size_t)16 * 1024 * 1024)

struct blf {
    struct queue queue;
    btap_ns start; /**< 0: not told */
    uint64_t skip; /**< so many bytes of the stream belong to an object that is no frame */
    size_t at;     /**< the next object, in stream */
    size_t length; /**< bytes in stream */
    size_t room;
    uint8_t *stream; /**< what the last container held, behind what was left of those before */
};

/** A date as Windows has it: eight numbers of 16 bits. 0 where there is none. */
static btap_ns date_at(const uint8_t *at)
{
    const struct moment moment = {
        .year = blf_u16(at),
        .month = blf_u16(at + 2),
        .day = blf_u16(at + 6),
        .hour = blf_u16(at + 8),
        .minute = blf_u16(at + 10),
        .seconds = (btap_ns)blf_u16(at + 12) * CLOCK_NS_PER_SECOND +
                   (btap_ns)blf_u16(at + 14) * CLOCK_NS_PER_MS,
    };
    btap_ns time = 0;

    return moment_time(&moment, &time) ? time : 0;
}

static bool is_object(const uint8_t *at)
{
    return memcmp(at, "LOBJ", 4) == 0;
}

/** Forgets what of the stream was read, and makes room for more. */
static void make_room(struct blf *blf, size_t more)
{
    blf->length -= blf->at;
    if (blf->length > 0)
        memmove(blf->stream, blf->stream + blf->at, blf->length);
    blf->at = 0;
    if (blf->length + more > blf->room) {
        blf->room = blf->length + more;
        blf->stream = reallocate(blf->stream, blf->room);
    }
}

/** Decompresses to the end of the stream, into the room that is there. @return false: damaged */
static bool decompress(struct blf *blf, const uint8_t *bytes, size_t size, size_t unpacked)
{
    uLongf got = unpacked;

    if (uncompress(blf->stream + blf->length, &got, bytes, size) != Z_OK)
        return false;
    blf->length += got;
    return true;
}

/** Takes what a container holds into the stream. */
static enum reader_result unpack_container(struct reader *reader, const uint8_t *container,
                                           size_t size)
{
    struct blf *blf = reader->state;
    const size_t packed = size - CONTAINER_HEAD;
    const unsigned method = blf_u16(container + BLF_BASE_SIZE);
    const size_t unpacked = blf_u32(container + BLF_BASE_SIZE + 8);

    switch (method) {
    case METHOD_NONE:
        make_room(blf, packed);
        memcpy(blf->stream + blf->length, container + CONTAINER_HEAD, packed);
        blf->length += packed;
        return READER_NEXT;
    case METHOD_ZLIB:
        if (unpacked > CONTAINER_MAX)
            return reader_damaged(reader, "a container says that it holds %zu bytes", unpacked);
        make_room(blf, unpacked > 0 ? unpacked : 1);
        if (!decompress(blf, container + CONTAINER_HEAD, packed, unpacked))
            return reader_damaged(reader, "the compressed data of a container is damaged");
        return READER_NEXT;
    default:
        return reader_damaged(reader, "a container is compressed in a way (%u) that is not known",
                              method);
    }
}

static enum reader_result take_frame(struct reader *reader, const uint8_t *object, size_t size)
{
    struct blf *blf = reader->state;
    struct can_told told = {0};

    switch (blf_frame(object, size, blf->start, &told)) {
    case BLF_DAMAGED:
        return reader_damaged(reader, "an object of type %" PRIu32 " cannot be right",
                              blf_u32(object + 12));
    case BLF_FRAME:
        can_log_put(&blf->queue, &told, 0);
        break;
    case BLF_OTHER:
        break;
    }
    return READER_NEXT;
}

/** Finds the next object, behind what fills up the one before. @return READER_END: not there yet */
static enum reader_result find_object(struct reader *reader)
{
    struct blf *blf = reader->state;
    const uint64_t left = blf->length - blf->at;
    const size_t skipped = (size_t)(blf->skip < left ? blf->skip : left);

    blf->at += skipped;
    blf->skip -= skipped;
    for (size_t i = 0; i <= PADDING_MAX; i++) {
        if (blf->length - blf->at < BLF_BASE_SIZE + i)
            return READER_END;
        if (is_object(blf->stream + blf->at + i)) {
            blf->at += i;
            return READER_NEXT;
        }
    }
    return reader_damaged(reader, "no object stands where one has to");
}

/** Takes the next object of the stream. @return READER_END: it is not there yet */
static enum reader_result next_in_stream(struct reader *reader)
{
    struct blf *blf = reader->state;
    enum reader_result result = find_object(reader);
    const uint8_t *object = blf->stream + blf->at;
    uint32_t size;

    if (result != READER_NEXT)
        return result;
    size = blf_u32(object + 8);
    if (size < BLF_BASE_SIZE)
        return reader_damaged(reader, "an object of %" PRIu32 " bytes", size);
    if (!blf_holds_frame(blf_u32(object + 12))) {
        blf->skip = size;
        return READER_NEXT;
    }
    if (size > BLF_FRAME_MAX)
        return reader_damaged(reader, "a frame of %" PRIu32 " bytes", size);
    if (blf->length - blf->at < size)
        return READER_END;
    result = take_frame(reader, object, size);
    blf->at += size;
    return result;
}

/** Whether all of the file was read, and no object lacks its end. */
static enum reader_result end_of(struct reader *reader, enum reader_result result)
{
    const struct blf *blf = reader->state;

    /* What fills up the last object may be missing or cut. */
    if (result == READER_CUT_SHORT && reader->have < PADDING_MAX)
        result = READER_END;
    if (result == READER_END && (blf->skip > 0 || blf->length - blf->at >= BLF_BASE_SIZE))
        return READER_CUT_SHORT;
    return result;
}

/** Goes over what fills up the object before. */
static enum reader_result fill_object(struct reader *reader)
{
    enum reader_result result = reader_fill(reader, BLF_BASE_SIZE);

    for (size_t i = 0; result == READER_NEXT && !is_object(reader->record); i++) {
        if (i == PADDING_MAX)
            return reader_damaged(reader, "no object stands where one has to");
        reader_advance(reader, 1);
        result = reader_fill(reader, BLF_BASE_SIZE);
    }
    return result;
}

/** Takes the next object of the file, which may be a container. */
static enum reader_result next_in_file(struct reader *reader)
{
    enum reader_result result = fill_object(reader);
    uint32_t size;

    if (result != READER_NEXT)
        return end_of(reader, result);
    size = blf_u32(reader->record + 8);
    if (size < BLF_BASE_SIZE || size > OBJECT_MAX)
        return reader_damaged(reader, "an object of %" PRIu32 " bytes", size);
    result = reader_fill(reader, size);
    if (result != READER_NEXT)
        return result;
    if (blf_u32(reader->record + 12) != BLF_CONTAINER)
        result = blf_holds_frame(blf_u32(reader->record + 12))
                     ? take_frame(reader, reader->record, size)
                     : READER_NEXT;
    else if (size < CONTAINER_HEAD)
        return reader_damaged(reader, "a container of %" PRIu32 " bytes", size);
    else
        result = unpack_container(reader, reader->record, size);
    reader_advance(reader, size);
    return result;
}

static enum reader_result next(struct reader *reader, struct btap_record *record)
{
    struct blf *blf = reader->state;
    enum reader_result result = READER_NEXT;

    while (!queue_next(&blf->queue, record)) {
        result = next_in_stream(reader);
        if (result == READER_END)
            result = next_in_file(reader);
        if (result != READER_NEXT)
            return result;
    }
    return READER_NEXT;
}

static void release(struct reader *reader)
{
    struct blf *blf = reader->state;

    queue_release(&blf->queue);
    free(blf->stream);
}

static bool start(struct reader *reader)
{
    struct blf *blf = allocate(sizeof(*blf));
    uint32_t head;

    reader->state = blf;
    queue_init(&blf->queue);
    make_room(blf, 1);
    reader->digits = 9;
    if (reader_fill(reader, HEAD_MIN) != READER_NEXT) {
        reader_damaged(reader, "its head was cut short");
        return false;
    }
    head = blf_u32(reader->record + 4);
    if (head < HEAD_MIN || head > HEAD_MAX || reader_fill(reader, head) != READER_NEXT) {
        reader_damaged(reader, "its head of %" PRIu32 " bytes cannot be right", head);
        return false;
    }
    blf->start = date_at(reader->record + AT_START);
    reader_advance(reader, head);
    return true;
}

static bool probe(const struct first *first)
{
    return FIRST_BYTES(first, 0, "LOGG");
}

const struct reader_format reader_blf = {
    .kind = {KIND_CAPTURE, "a Vector BLF log", "", probe},
    .start = start,
    .next = next,
    .release = release,
};
