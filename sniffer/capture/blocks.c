/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

/** Longest block without a packet's bytes: an interface with its name, a packet's frame. */
#define FRAME_SIZE_MAX 128

static const char program[] = "boottap annotate";

static void add16(struct blocks *blocks, uint16_t value)
{
    pcapng_put16(blocks->buffer + blocks->length, blocks->reader->big_endian, value);
    blocks->length += 2;
}

static void add32(struct blocks *blocks, uint32_t value)
{
    pcapng_put32(blocks->buffer + blocks->length, blocks->reader->big_endian, value);
    blocks->length += 4;
}

/** Adds bytes and pads them. */
static void add_bytes(struct blocks *blocks, const void *bytes, uint32_t length)
{
    const uint32_t padded = pcapng_padded(length);

    memset(blocks->buffer + blocks->length, 0, padded);
    if (length > 0)
        memcpy(blocks->buffer + blocks->length, bytes, length);
    blocks->length += padded;
}

static void add_option(struct blocks *blocks, uint16_t code, const void *value, size_t length)
{
    add16(blocks, code);
    add16(blocks, (uint16_t)length);
    add_bytes(blocks, value, (uint32_t)length);
}

/** Starts a block in the buffer, with room for so many bytes of a packet. */
static void begin(struct blocks *blocks, enum pcapng_type type, size_t captured)
{
    const size_t size = FRAME_SIZE_MAX + captured;

    if (size > blocks->buffer_size) {
        blocks->buffer = reallocate(blocks->buffer, size);
        blocks->buffer_size = size;
    }
    blocks->length = 0;
    add32(blocks, type);
    add32(blocks, 0);
}

static void make_section(struct blocks *blocks)
{
    begin(blocks, PCAPNG_SECTION_HEADER, 0);
    add32(blocks, PCAPNG_MAGIC);
    add16(blocks, 1);
    add16(blocks, 0);
    add32(blocks, UINT32_MAX); /* the section's length is not given */
    add32(blocks, UINT32_MAX);
    add_option(blocks, PCAPNG_OPTION_SHB_USERAPPL, program, sizeof(program) - 1);
    add_option(blocks, PCAPNG_OPTION_END, NULL, 0);
}

/** @param name NULL for none */
static void make_interface(struct blocks *blocks, uint32_t linktype, const char *name)
{
    const uint8_t resolution = (uint8_t)blocks->reader->digits;

    begin(blocks, PCAPNG_INTERFACE, 0);
    add16(blocks, (uint16_t)linktype);
    add16(blocks, 0);
    add32(blocks, blocks->reader->snap_length);
    if (name != NULL)
        add_option(blocks, PCAPNG_OPTION_IF_NAME, name, strlen(name));
    add_option(blocks, PCAPNG_OPTION_IF_TSRESOL, &resolution, sizeof(resolution));
    add_option(blocks, PCAPNG_OPTION_END, NULL, 0);
}

/** A block of the record in hand. */
static void make_packet(struct blocks *blocks, uint32_t interface_id)
{
    const struct btap_record *record = &blocks->record;
    const uint64_t ticks = (uint64_t)record->time / (blocks->reader->digits == 9 ? 1 : 1000);
    uint8_t outbound[4];

    begin(blocks, PCAPNG_ENHANCED_PACKET, record->captured);
    add32(blocks, interface_id);
    add32(blocks, (uint32_t)(ticks >> 32));
    add32(blocks, (uint32_t)ticks);
    add32(blocks, record->captured);
    add32(blocks, record->length);
    add_bytes(blocks, record->bytes, record->captured);
    if (record->direction == BTAP_HOST_TO_DEVICE) {
        pcapng_put32(outbound, blocks->reader->big_endian, PCAPNG_FLAGS_OUTBOUND);
        add_option(blocks, PCAPNG_OPTION_EPB_FLAGS, outbound, sizeof(outbound));
        add_option(blocks, PCAPNG_OPTION_END, NULL, 0);
    }
}

/** Ends the block in the buffer and hands it out. */
static enum reader_result hand_out(struct blocks *blocks, struct pcapng_block *block)
{
    const char *problem = "a packet of an impossible length";

    pcapng_put32(blocks->buffer + 4, blocks->reader->big_endian, blocks->length + 4);
    add32(blocks, blocks->length + 4);
    if (blocks->length <= PCAPNG_BLOCK_MAX &&
        pcapng_take(&blocks->section, blocks->buffer, blocks->length, block, &problem))
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

/** Makes the section's header, then the packets, each interface before its first one. */
static enum reader_result make_next(struct blocks *blocks, struct pcapng_block *block)
{
    struct reader *reader = blocks->reader;
    const size_t interfaces = blocks->section.interfaces_length;
    enum reader_result result = READER_NEXT;
    uint32_t interface_id;

    if (!blocks->section.started) {
        make_section(blocks);
        return hand_out(blocks, block);
    }
    if (interfaces == 0 && reader->linktype >= 0) {
        make_interface(blocks, (uint32_t)reader->linktype, NULL);
        return hand_out(blocks, block);
    }
    if (!blocks->pending)
        result = reader->format->next(reader, &blocks->record);
    if (result != READER_NEXT)
        return result;
    interface_id = find_interface(blocks);
    blocks->pending = interface_id == interfaces;
    if (blocks->pending && interfaces == BLOCKS_INTERFACES_MAX)
        return reader_damaged(reader, "too many interfaces");
    if (blocks->pending)
        make_interface(blocks, blocks->record.linktype, blocks->record.interface);
    else
        make_packet(blocks, interface_id);
    return hand_out(blocks, block);
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
