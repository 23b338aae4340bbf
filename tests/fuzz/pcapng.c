/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: capture files as pcapng blocks. Comments are added to every block; what is written
 * must hold the same packets, take the same comments a second time without a change, and be the
 * input itself where there are none.
 */
#include "formats/capture_file/pcapng.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "capture/blocks.h"
#include "checker.h"
#include "formats/reader/first.h"

static const char *const comments[] = {"", "odd", "four"};
static const size_t comments_length = sizeof(comments) / sizeof(comments[0]);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/** A file in memory. */
struct copy {
    char *bytes;
    size_t length;
    uint64_t blocks;
};

static const struct reader_format *const formats[] = {
    &reader_pcapng,
    &reader_candump,
    &reader_pcap,
};

/** Starts on a file of any format, which is in the reader's buffer: what it reads on is empty. */
static bool start(struct reader *reader, const void *bytes, size_t length)
{
    const struct first first = first_from(bytes, length);
    static int nothing = -1;

    if (nothing < 0)
        nothing = open("/dev/null", O_RDONLY);
    CHECK(nothing >= 0);
    *reader = (struct reader){.fd = nothing, .have = length, .size = length};
    reader->buffer = allocate(length);
    reader->record = reader->buffer;
    memcpy(reader->buffer, bytes, length);
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (formats[i]->kind.probe(&first))
            return reader_start(reader, formats[i]);
    return reader_start(reader, &reader_pcap);
}

static void check_block(const struct pcapng_block *block)
{
    CHECK(block->length >= PCAPNG_BLOCK_MIN && block->length <= PCAPNG_BLOCK_MAX);
    CHECK(block->options_end >= block->options);
    CHECK(block->options == 0 || block->options_end <= block->length - 4);
    if (!block->packet)
        return;
    CHECK(block->record.bytes > block->bytes);
    CHECK(block->record.captured <= block->length);
    CHECK(block->record.bytes + block->record.captured <= block->bytes + block->length - 4);
    CHECK(block->record.time >= 0);
}

/** Writes a block and holds what pcapng_growth() promises. */
static void write_block(FILE *to, const struct pcapng_block *block, size_t length)
{
    const uint32_t growth = pcapng_growth(block, comments, length);
    const long before = ftell(to);

    pcapng_write(to, block, comments, length);
    CHECK(ftell(to) == before + (long)block->length + (long)growth);
    CHECK(growth == 0 || block->options != 0);
}

/** Writes all blocks of a file. @param length how many comments each gets */
static struct copy copy_blocks(const uint8_t *bytes, size_t bytes_length, size_t length)
{
    struct copy copy = {0};
    FILE *to = open_memstream(&copy.bytes, &copy.length);
    struct reader reader;
    struct blocks blocks = {.reader = &reader};
    struct pcapng_block block;

    CHECK(to != NULL);
    if (start(&reader, bytes, bytes_length))
        while (blocks_next(&blocks, &block) == READER_NEXT) {
            check_block(&block);
            write_block(to, &block, length);
            copy.blocks++;
        }
    blocks_release(&blocks);
    reader_release(&reader);
    fclose(to);
    return copy;
}

static void check_same_packet(const struct btap_record *a, const struct btap_record *b)
{
    CHECK(a->packet == b->packet);
    CHECK(a->linktype == b->linktype);
    CHECK(a->interface_id == b->interface_id);
    CHECK(a->time == b->time);
    CHECK(a->direction == b->direction);
    CHECK(a->captured == b->captured);
    CHECK(a->length == b->length);
    CHECK(memcmp(a->bytes, b->bytes, a->captured) == 0);
}

/** Both files hold the same blocks, but for what pcapng_write() adds. */
static void check_same_packets(const struct copy *plain, const struct copy *commented)
{
    struct reader reader_a;
    struct reader reader_b;
    struct blocks blocks_a = {.reader = &reader_a};
    struct blocks blocks_b = {.reader = &reader_b};
    struct pcapng_block block_a;
    struct pcapng_block block_b;

    CHECK(start(&reader_a, plain->bytes, plain->length));
    CHECK(start(&reader_b, commented->bytes, commented->length));
    for (uint64_t i = 0; i < plain->blocks; i++) {
        CHECK(blocks_next(&blocks_a, &block_a) == READER_NEXT);
        CHECK(blocks_next(&blocks_b, &block_b) == READER_NEXT);
        CHECK(block_a.type == block_b.type);
        CHECK(block_a.packet == block_b.packet);
        if (block_a.packet)
            check_same_packet(&block_a.record, &block_b.record);
        if (block_b.options != 0 && block_b.length != block_a.length)
            CHECK(pcapng_has_comment(&block_b, "odd") && pcapng_has_comment(&block_b, ""));
    }
    CHECK(blocks_next(&blocks_b, &block_b) == READER_END);
    blocks_release(&blocks_a);
    blocks_release(&blocks_b);
    reader_release(&reader_a);
    reader_release(&reader_b);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const bool pcapng = length > 0 && bytes[0] == '\n';
    struct copy plain;
    struct copy commented;
    struct copy again;

    if (length == 0)
        return 0;
    plain = copy_blocks(bytes, length, 0);
    CHECK(!pcapng || (plain.length <= length && memcmp(plain.bytes, bytes, plain.length) == 0));
    if (plain.blocks > 0) {
        commented = copy_blocks(bytes, length, comments_length);
        check_same_packets(&plain, &commented);
        again = copy_blocks((const uint8_t *)commented.bytes, commented.length, comments_length);
        CHECK(again.length == commented.length);
        CHECK(memcmp(again.bytes, commented.bytes, again.length) == 0);
        free(again.bytes);
        free(commented.bytes);
    }
    free(plain.bytes);
    return 0;
}
