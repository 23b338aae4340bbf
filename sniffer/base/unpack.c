/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/unpack.h"

#include <lzma.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/allocate.h"
#include "base/interrupt.h"

#define INPUT_SIZE       ((size_t)64 * 1024)
#define ZSTD_WINDOW_LOG  27 /* 128 MiB */
#define ZSTD_HEADER_SIZE 3  /* of a block */
#define GZIP_WINDOW_BITS (16 + MAX_WBITS)

/** What came of a call that unpacks. */
enum step {
    STEP_ON,
    STEP_MEMBER_END,
    STEP_DAMAGED,
    STEP_TOO_LARGE, /**< it wants more memory than there may be */
};

/** Where bytes come from and go to; both advance. */
struct flow {
    const uint8_t *from;
    size_t from_length;
    uint8_t *to;
    size_t to_length;
};

/** One kind of compression. */
struct packing {
    const char *name;
    const char *tool; /**< prints what is in such a file, whatever memory that takes */
    const char *magic;
    bool (*start)(struct unpack *unpack); /**< @return false: no memory */
    enum step (*step)(struct unpack *unpack, struct flow *flow);
    void (*end)(struct unpack *unpack);
};

struct unpack {
    int fd;
    bool plain;
    bool within;                   /**< a member */
    bool cut;                      /**< and the file ends there, so far */
    const struct packing *packing; /**< of the member in hand, or of the last one; NULL: none yet */
    union {
        z_stream gzip;
        lzma_stream xz;
        struct {
            ZSTD_DCtx *context;
            size_t wanted; /**< input that ends the block in hand, and the next one's header */
            bool more;     /**< more of a block may come out without input */
        } zstd;
    } state;
    char problem[160];
    const uint8_t *input; /**< read and not used yet */
    size_t have;
    uint8_t buffer[INPUT_SIZE];
};

/* gzip */

static bool start_gzip(struct unpack *unpack)
{
    unpack->state.gzip = (z_stream){0};
    return inflateInit2(&unpack->state.gzip, GZIP_WINDOW_BITS) == Z_OK;
}

static enum step step_gzip(struct unpack *unpack, struct flow *flow)
{
    z_stream *stream = &unpack->state.gzip;
    const uInt room = flow->to_length < UINT32_MAX ? (uInt)flow->to_length : UINT32_MAX;
    int result;

    stream->next_in = (z_const Bytef *)(uintptr_t)flow->from;
    stream->avail_in = (uInt)flow->from_length;
    stream->next_out = flow->to;
    stream->avail_out = room;
    result = inflate(stream, Z_NO_FLUSH);
    flow->from = stream->next_in;
    flow->from_length = stream->avail_in;
    flow->to = stream->next_out;
    flow->to_length -= room - stream->avail_out;
    if (result == Z_STREAM_END)
        return STEP_MEMBER_END;
    return result == Z_OK || result == Z_BUF_ERROR ? STEP_ON : STEP_DAMAGED;
}

static void end_gzip(struct unpack *unpack)
{
    inflateEnd(&unpack->state.gzip);
}

/* zstd */

static bool start_zstd(struct unpack *unpack)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();

    unpack->state.zstd.context = context;
    unpack->state.zstd.wanted = 1;
    unpack->state.zstd.more = false;
    return context != NULL &&
           !ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG));
}

/**
 * A call that meets damage gives out nothing, not what it unpacked before either. So each gets the
 * input of one block, and none as long as the block before comes out.
 */
static enum step step_zstd(struct unpack *unpack, struct flow *flow)
{
    const size_t hint = unpack->state.zstd.wanted;
    const size_t block = hint > ZSTD_HEADER_SIZE ? hint - ZSTD_HEADER_SIZE : hint;
    const size_t wanted = unpack->state.zstd.more ? 0 : block;
    ZSTD_inBuffer in = {flow->from, flow->from_length < wanted ? flow->from_length : wanted, 0};
    ZSTD_outBuffer out = {flow->to, flow->to_length, 0};
    const size_t result = ZSTD_decompressStream(unpack->state.zstd.context, &out, &in);

    flow->from += in.pos;
    flow->from_length -= in.pos;
    flow->to += out.pos;
    flow->to_length -= out.pos;
    if (!ZSTD_isError(result)) {
        unpack->state.zstd.more = out.pos == out.size;
        unpack->state.zstd.wanted = result;
        return result == 0 ? STEP_MEMBER_END : STEP_ON;
    }
    return ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge ? STEP_TOO_LARGE
                                                                                 : STEP_DAMAGED;
}

static void end_zstd(struct unpack *unpack)
{
    ZSTD_freeDCtx(unpack->state.zstd.context);
}

/* xz */

static bool start_xz(struct unpack *unpack)
{
    unpack->state.xz = (lzma_stream)LZMA_STREAM_INIT;
    return lzma_stream_decoder(&unpack->state.xz, UNPACK_MEMORY_MAX, 0) == LZMA_OK;
}

static enum step step_xz(struct unpack *unpack, struct flow *flow)
{
    lzma_stream *stream = &unpack->state.xz;
    lzma_ret result;

    stream->next_in = flow->from;
    stream->avail_in = flow->from_length;
    stream->next_out = flow->to;
    stream->avail_out = flow->to_length;
    result = lzma_code(stream, LZMA_RUN);
    flow->from = stream->next_in;
    flow->from_length = stream->avail_in;
    flow->to = stream->next_out;
    flow->to_length = stream->avail_out;
    if (result == LZMA_STREAM_END)
        return STEP_MEMBER_END;
    if (result == LZMA_MEMLIMIT_ERROR)
        return STEP_TOO_LARGE;
    return result == LZMA_OK || result == LZMA_BUF_ERROR ? STEP_ON : STEP_DAMAGED;
}

static void end_xz(struct unpack *unpack)
{
    lzma_end(&unpack->state.xz);
}

static const struct packing packings[] = {
    {"gzip", "zcat", "\x1f\x8b", start_gzip, step_gzip, end_gzip},
    {"zstd", "zstd -dc --long=31", "\x28\xb5\x2f\xfd", start_zstd, step_zstd, end_zstd},
    /* Its magic ends with a zero, which the string does too. */
    {"xz", "xzcat", "\xfd\x37\x7a\x58\x5a", start_xz, step_xz, end_xz},
};

#define PACKINGS (sizeof(packings) / sizeof(packings[0]))

/** What starts with the input in hand. @param[out] undecided more of it is needed to tell */
static const struct packing *find_packing(const struct unpack *unpack, bool *undecided)
{
    *undecided = false;
    for (size_t i = 0; i < PACKINGS; i++) {
        const size_t length = strlen(packings[i].magic);
        const size_t known = unpack->have < length ? unpack->have : length;

        if (memcmp(unpack->input, packings[i].magic, known) != 0)
            continue;
        if (known == length)
            return &packings[i];
        *undecided = true;
    }
    return NULL;
}

/** Reads more behind the input in hand. @return as read() */
static ssize_t fill(struct unpack *unpack)
{
    ssize_t got;

    memmove(unpack->buffer, unpack->input, unpack->have);
    unpack->input = unpack->buffer;
    got = read(unpack->fd, unpack->buffer + unpack->have, INPUT_SIZE - unpack->have);
    if (got > 0)
        unpack->have += (size_t)got;
    return got;
}

struct unpack *unpack_new(int fd)
{
    struct unpack *unpack = allocate(sizeof(*unpack));

    unpack->fd = fd;
    unpack->input = unpack->buffer;
    return unpack;
}

static void begin_member(struct unpack *unpack, const struct packing *packing)
{
    unpack->packing = packing;
    unpack->within = true;
    if (!packing->start(unpack))
        snprintf(unpack->problem, sizeof(unpack->problem), "no memory to unpack it");
}

/** Zeros fill up blocks of tapes, and stand behind streams of xz. */
static void skip_padding(struct unpack *unpack)
{
    while (unpack->have > 0 && *unpack->input == 0) {
        unpack->input++;
        unpack->have--;
    }
}

/** Finds what begins here. @return bytes there are for it; 0: the end; -1: errno */
static ssize_t find_start(struct unpack *unpack)
{
    const struct packing *packing;
    bool undecided = true;
    ssize_t got = 1;

    do {
        if (unpack->packing != NULL)
            skip_padding(unpack);
        packing = find_packing(unpack, &undecided);
        if (packing == NULL && undecided)
            got = fill(unpack);
    } while (packing == NULL && undecided && got > 0 && interrupt_signal == 0);
    if (packing != NULL)
        begin_member(unpack, packing);
    else if (got >= 0 && unpack->have > 0 && unpack->packing == NULL)
        unpack->plain = true;
    else if (got >= 0 && unpack->have > 0)
        snprintf(unpack->problem, sizeof(unpack->problem),
                 "behind its %s data stands something else, which was left out",
                 unpack->packing->name);
    return got < 0 ? got : (ssize_t)unpack->have;
}

static void end_member(struct unpack *unpack)
{
    if (unpack->within)
        unpack->packing->end(unpack);
    unpack->within = false;
}

static void take_step(struct unpack *unpack, enum step step)
{
    const struct packing *packing = unpack->packing;

    switch (step) {
    case STEP_ON:
        break;
    case STEP_MEMBER_END:
        end_member(unpack);
        break;
    case STEP_DAMAGED:
        snprintf(unpack->problem, sizeof(unpack->problem), "its %s data is damaged", packing->name);
        break;
    case STEP_TOO_LARGE:
        snprintf(unpack->problem, sizeof(unpack->problem),
                 "its %s data needs more than %u MiB of memory; unpack it first, with: %s FILE",
                 packing->name, UNPACK_MEMORY_MAX >> 20, packing->tool);
        break;
    }
}

/** Unpacks until there is a byte, or none can be had. @return as unpack_read() */
static ssize_t unpack_bytes(struct unpack *unpack, uint8_t *bytes, size_t length)
{
    struct flow flow = {.to = bytes, .to_length = length};

    while (flow.to == bytes && unpack->problem[0] == '\0' && interrupt_signal == 0) {
        if (!unpack->within) {
            const ssize_t got = find_start(unpack);

            if (got <= 0)
                return got;
            continue;
        }
        flow.from = unpack->input;
        flow.from_length = unpack->have;
        take_step(unpack, unpack->packing->step(unpack, &flow));
        /* What was unpacked already may need no more input to come out. */
        if (flow.to == bytes && unpack->within && flow.from_length == 0) {
            ssize_t got;

            unpack->have = 0;
            got = fill(unpack);
            unpack->cut = got == 0;
            if (got <= 0)
                return got;
            continue;
        }
        unpack->input = flow.from;
        unpack->have = flow.from_length;
    }
    return flow.to - bytes;
}

ssize_t unpack_read(struct unpack *unpack, void *bytes, size_t length)
{
    size_t part;

    if (!unpack->plain && unpack->packing == NULL) {
        const ssize_t got = find_start(unpack);

        if (got <= 0)
            return got;
    }
    if (!unpack->plain)
        return unpack_bytes(unpack, bytes, length);
    if (unpack->have == 0)
        return read(unpack->fd, bytes, length);
    part = unpack->have < length ? unpack->have : length;
    memcpy(bytes, unpack->input, part);
    unpack->input += part;
    unpack->have -= part;
    return (ssize_t)part;
}

const char *unpack_packing(const struct unpack *unpack)
{
    return unpack->packing != NULL ? unpack->packing->name : NULL;
}

const char *unpack_trouble(const struct unpack *unpack)
{
    if (unpack->problem[0] != '\0')
        return unpack->problem;
    return unpack->cut ? "its compressed data is cut short, or still being written" : NULL;
}

void unpack_free(struct unpack *unpack)
{
    if (unpack != NULL)
        end_member(unpack);
    free(unpack);
}
