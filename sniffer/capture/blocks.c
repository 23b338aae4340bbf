/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

#define EPB_HEADER_SIZE 28

static const char program[] = "boottap annotate";

/** A section header in the buffer, without a length, with the name of who made it. */
static uint32_t make_section(struct blocks *blocks)
{
    const uint32_t words = sizeof(program) - 1;
    const uint32_t length = 24 + 4 + pcapng_padded(words) + 4 + 4;
    const bool big_endian = blocks->reader->big_endian;
    uint8_t *at = blocks->buffer;

    memset(at, 0, length);
    pcapng_put32(at, big_endian, PCAPNG_SECTION_HEADER);
    pcapng_put32(at + 4, big_endian, length);
    pcapng_put32(at + 8, big_endian, PCAPNG_MAGIC);
    pcapng_put16(at + 12, big_endian, 1);
    memset(at + 16, 0xFF, 8);
    pcapng_put16(at + 24, big_endian, PCAPNG_OPTION_SHB_USERAPPL);
    pcapng_put16(at + 26, big_endian, (uint16_t)words);
    memcpy(at + 28, program, words);
    pcapng_put32(at + length - 4, big_endian, length);
    return length;
}

/** An interface block in the buffer. @param name NULL for none */
static uint32_t make_interface(struct blocks *blocks, uint32_t linktype, const char *name)
{
    const uint32_t name_length = name != NULL ? (uint32_t)strlen(name) : 0;
    const uint32_t name_size = name_length > 0 ? 4 + pcapng_padded(name_length) : 0;
    const uint32_t length = 16 + name_size + 8 + 4 + 4;
    const bool big_endian = blocks->reader->big_endian;
    uint8_t *at = blocks->buffer;

    memset(at, 0, length);
    pcapng_put32(at, big_endian, PCAPNG_INTERFACE);
    pcapng_put32(at + 4, big_endian, length);
    pcapng_put16(at + 8, big_endian, (uint16_t)linktype);
    pcapng_put32(at + 12, big_endian, blocks->reader->snap_length);
    if (name_length > 0) {
        pcapng_put16(at + 16, big_endian, PCAPNG_OPTION_IF_NAME);
        pcapng_put16(at + 18, big_endian, (uint16_t)name_length);
        memcpy(at + 20, name, name_length);
    }
    pcapng_put16(at + 16 + name_size, big_endian, PCAPNG_OPTION_IF_TSRESOL);
    pcapng_put16(at + 18 + name_size, big_endian, 1);
    at[20 + name_size] = (uint8_t)blocks->reader->digits;
    pcapng_put32(at + length - 4, big_endian, length);
    return length;
}

/** Makes the buffer hold so many bytes. */
static void reserve(struct blocks *blocks, uint32_t size)
{
    if (size <= blocks->buffer_size)
        return;
    blocks->buffer = reallocate(blocks->buffer, size);
    blocks->buffer_size = size;
}

/** A packet block of the record in hand. @return its length; 0 if it would be too long */
static uint32_t make_packet(struct blocks *blocks, uint32_t interface_id)
{
    const struct btap_record *record = &blocks->record;
    const bool big_endian = blocks->reader->big_endian;
    const bool outbound = record->direction == BTAP_HOST_TO_DEVICE;
    const uint64_t ticks = (uint64_t)record->time / (blocks->reader->digits == 9 ? 1 : 1000);
    const uint32_t options_size = outbound ? 12 : 0;
    const uint32_t frame = EPB_HEADER_SIZE + options_size + 4;
    uint32_t options;
    uint32_t length;
    uint8_t *at;

    if (record->captured > PCAPNG_BLOCK_MAX - frame)
        return 0;
    options = EPB_HEADER_SIZE + pcapng_padded(record->captured);
    length = options + options_size + 4;
    reserve(blocks, length);
    at = blocks->buffer;
    pcapng_put32(at, big_endian, PCAPNG_ENHANCED_PACKET);
    pcapng_put32(at + 4, big_endian, length);
    pcapng_put32(at + 8, big_endian, interface_id);
    pcapng_put32(at + 12, big_endian, (uint32_t)(ticks >> 32));
    pcapng_put32(at + 16, big_endian, (uint32_t)ticks);
    pcapng_put32(at + 20, big_endian, record->captured);
    pcapng_put32(at + 24, big_endian, record->length);
    memcpy(at + EPB_HEADER_SIZE, record->bytes, record->captured);
    memset(at + EPB_HEADER_SIZE + record->captured, 0,
           options - EPB_HEADER_SIZE - record->captured + options_size);
    if (outbound) {
        pcapng_put16(at + options, big_endian, PCAPNG_OPTION_EPB_FLAGS);
        pcapng_put16(at + options + 2, big_endian, 4);
        pcapng_put32(at + options + 4, big_endian, 2);
    }
    pcapng_put32(at + length - 4, big_endian, length);
    return length;
}

/** Hands out the block in the buffer. */
static enum reader_result hand_out(struct blocks *blocks, uint32_t length,
                                   struct pcapng_block *block)
{
    const char *problem = "a packet of an impossible length";

    if (length > 0 && pcapng_take(&blocks->section, blocks->buffer, length, block, &problem))
        return READER_NEXT;
    return reader_damaged(blocks->reader, "%s", problem);
}

static bool same_name(const char *a, const char *b)
{
    return strcmp(a, b != NULL ? b : "") == 0;
}

/** The interface of the record in hand; interfaces_length if it is not described yet. */
static uint32_t find_interface(const struct blocks *blocks)
{
    const struct pcapng_section *section = &blocks->section;
    uint32_t i = 0;

    while (i < section->interfaces_length &&
           (section->interfaces[i].linktype != blocks->record.linktype ||
            !same_name(section->interfaces[i].name, blocks->record.interface)))
        i++;
    return i;
}

/** The section's header, then the packets, each interface before its first one. */
static enum reader_result make_next(struct blocks *blocks, struct pcapng_block *block)
{
    enum reader_result result = READER_NEXT;
    uint32_t interface_id;

    reserve(blocks, 256);
    if (!blocks->section.started)
        return hand_out(blocks, make_section(blocks), block);
    if (blocks->section.interfaces_length == 0 && blocks->reader->linktype >= 0)
        return hand_out(blocks, make_interface(blocks, (uint32_t)blocks->reader->linktype, NULL),
                        block);
    if (!blocks->pending)
        result = blocks->reader->format->next(blocks->reader, &blocks->record);
    if (result != READER_NEXT)
        return result;
    interface_id = find_interface(blocks);
    blocks->pending = interface_id == blocks->section.interfaces_length;
    if (!blocks->pending)
        return hand_out(blocks, make_packet(blocks, interface_id), block);
    if (interface_id == BLOCKS_INTERFACES_MAX)
        return reader_damaged(blocks->reader, "too many interfaces");
    return hand_out(
        blocks, make_interface(blocks, blocks->record.linktype, blocks->record.interface), block);
}

enum reader_result blocks_next(struct blocks *blocks, struct pcapng_block *block)
{
    struct reader *reader = blocks->reader;
    const enum reader_result result = reader->format->next_block != NULL
                                          ? reader->format->next_block(reader, block)
                                          : make_next(blocks, block);

    if (result == READER_NEXT && block->packet)
        block->record.packet = ++blocks->packets;
    return result;
}

void blocks_release(struct blocks *blocks)
{
    pcapng_section_release(&blocks->section);
    free(blocks->buffer);
    *blocks = (struct blocks){.reader = blocks->reader};
}
