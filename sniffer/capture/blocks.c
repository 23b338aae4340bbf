/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/blocks.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_SECOND 1000000000

/* draft-ietf-opsawg-pcap sections 4 and 5 */
#define PCAP_MAGIC_SIZE         4
#define PCAP_HEADER_SIZE        24
#define PCAP_RECORD_HEADER_SIZE 16
#define PCAP_MAGIC_US           0xA1B2C3D4
#define PCAP_MAGIC_NS           0xA1B23C4D
#define PCAP_MAJOR              2
#define PCAP_MINOR              4
#define PCAP_LINKTYPE_MASK      0xFFFF /* above are the length of a frame check sequence, and zeros */

#define EPB_HEADER_SIZE 28

static const char program[] = "boottap annotate";

/** Makes the buffer hold so many bytes; what is in it stays. */
static bool reserve(struct blocks *blocks, uint32_t size)
{
    uint8_t *buffer;

    if (size <= blocks->buffer_size)
        return true;
    buffer = realloc(blocks->buffer, size);
    if (buffer == NULL) {
        blocks->problem = "out of memory";
        return false;
    }
    blocks->buffer = buffer;
    blocks->buffer_size = size;
    return true;
}

/** Reads exactly so many bytes. @return BLOCKS_END if there are none at all */
static enum blocks_result read_bytes(struct blocks *blocks, uint8_t *bytes, size_t length)
{
    const size_t got = fread(bytes, 1, length, blocks->file);

    if (got == length)
        return BLOCKS_NEXT;
    if (ferror(blocks->file))
        return BLOCKS_UNREADABLE;
    return got == 0 ? BLOCKS_END : BLOCKS_CUT_SHORT;
}

/** Reads what must follow. */
static enum blocks_result read_rest(struct blocks *blocks, uint8_t *bytes, size_t length)
{
    const enum blocks_result result = length > 0 ? read_bytes(blocks, bytes, length) : BLOCKS_NEXT;

    return result == BLOCKS_END ? BLOCKS_CUT_SHORT : result;
}

/** A section header in the buffer, without a length, with the name of who made it. */
static uint32_t make_section(struct blocks *blocks)
{
    const uint32_t words = sizeof(program) - 1;
    const uint32_t length = 24 + 4 + pcapng_padded(words) + 4 + 4;
    const bool big_endian = blocks->big_endian;
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

/** An interface block in the buffer. @param name "" for none */
static uint32_t make_interface(struct blocks *blocks, const char *name)
{
    const uint32_t name_length = (uint32_t)strlen(name);
    const uint32_t name_size = name_length > 0 ? 4 + pcapng_padded(name_length) : 0;
    const uint32_t length = 16 + name_size + 8 + 4 + 4;
    const bool big_endian = blocks->big_endian;
    uint8_t *at = blocks->buffer;

    memset(at, 0, length);
    pcapng_put32(at, big_endian, PCAPNG_INTERFACE);
    pcapng_put32(at + 4, big_endian, length);
    pcapng_put16(at + 8, big_endian, blocks->linktype);
    pcapng_put32(at + 12, big_endian, blocks->snap_length);
    if (name_length > 0) {
        pcapng_put16(at + 16, big_endian, PCAPNG_OPTION_IF_NAME);
        pcapng_put16(at + 18, big_endian, (uint16_t)name_length);
        memcpy(at + 20, name, name_length);
    }
    pcapng_put16(at + 16 + name_size, big_endian, PCAPNG_OPTION_IF_TSRESOL);
    pcapng_put16(at + 18 + name_size, big_endian, 1);
    at[20 + name_size] = blocks->units_per_second == NS_PER_SECOND ? 9 : 6;
    pcapng_put32(at + length - 4, big_endian, length);
    return length;
}

/** What a packet's block says before its bytes. */
struct packet_header {
    uint32_t interface_id;
    uint64_t ticks;
    uint32_t captured;
    uint32_t length;
    bool outbound; /**< adds epb_flags that say so */
};

/**
 * Room for a packet block in the buffer, with all but the packet's bytes, which go to
 * EPB_HEADER_SIZE.
 *
 * @return its length; 0 if it would be too long
 */
static uint32_t make_packet(struct blocks *blocks, const struct packet_header *header)
{
    const bool big_endian = blocks->big_endian;
    const uint32_t options_size = header->outbound ? 12 : 0;
    const uint32_t frame = EPB_HEADER_SIZE + options_size + 4;
    uint32_t options;
    uint32_t length;
    uint8_t *at;

    blocks->problem = "a packet of an impossible length";
    if (header->captured > PCAPNG_BLOCK_MAX - frame)
        return 0;
    options = EPB_HEADER_SIZE + pcapng_padded(header->captured);
    length = options + options_size + 4;
    if (!reserve(blocks, length))
        return 0;
    at = blocks->buffer;
    pcapng_put32(at, big_endian, PCAPNG_ENHANCED_PACKET);
    pcapng_put32(at + 4, big_endian, length);
    pcapng_put32(at + 8, big_endian, header->interface_id);
    pcapng_put32(at + 12, big_endian, (uint32_t)(header->ticks >> 32));
    pcapng_put32(at + 16, big_endian, (uint32_t)header->ticks);
    pcapng_put32(at + 20, big_endian, header->captured);
    pcapng_put32(at + 24, big_endian, header->length);
    memset(at + EPB_HEADER_SIZE + header->captured, 0,
           options - EPB_HEADER_SIZE - header->captured + options_size);
    if (header->outbound) {
        pcapng_put16(at + options, big_endian, PCAPNG_OPTION_EPB_FLAGS);
        pcapng_put16(at + options + 2, big_endian, 4);
        pcapng_put32(at + options + 4, big_endian, 2);
    }
    pcapng_put32(at + length - 4, big_endian, length);
    return length;
}

/** Hands out the block in the buffer. */
static enum blocks_result hand_out(struct blocks *blocks, uint32_t length,
                                   struct pcapng_block *block)
{
    if (!pcapng_take(&blocks->section, blocks->buffer, length, block, &blocks->problem))
        return BLOCKS_DAMAGED;
    if (!block->packet)
        return BLOCKS_NEXT;
    block->record.packet = ++blocks->packets;
    if (block->type == PCAPNG_SIMPLE_PACKET)
        block->record.time = blocks->time;
    blocks->time = block->record.time;
    return BLOCKS_NEXT;
}

static enum blocks_result next_pcapng(struct blocks *blocks, struct pcapng_block *block)
{
    enum blocks_result result;
    uint32_t length;

    result = read_bytes(blocks, blocks->buffer, PCAPNG_BLOCK_MIN);
    if (result != BLOCKS_NEXT)
        return result;
    length = pcapng_block_length(&blocks->section, blocks->buffer, &blocks->problem);
    if (length == 0 || !reserve(blocks, length))
        return BLOCKS_DAMAGED;
    result = read_rest(blocks, blocks->buffer + PCAPNG_BLOCK_MIN, length - PCAPNG_BLOCK_MIN);
    return result == BLOCKS_NEXT ? hand_out(blocks, length, block) : result;
}

static enum blocks_result next_pcap(struct blocks *blocks, struct pcapng_block *block)
{
    uint8_t raw[PCAP_RECORD_HEADER_SIZE];
    struct packet_header header;
    enum blocks_result result;
    uint32_t length;

    result = read_bytes(blocks, raw, sizeof(raw));
    if (result != BLOCKS_NEXT)
        return result;
    header = (struct packet_header){
        .ticks = (uint64_t)pcapng_get32(raw, blocks->big_endian) * blocks->units_per_second +
                 pcapng_get32(raw + 4, blocks->big_endian),
        .captured = pcapng_get32(raw + 8, blocks->big_endian),
        .length = pcapng_get32(raw + 12, blocks->big_endian),
    };
    length = make_packet(blocks, &header);
    if (length == 0)
        return BLOCKS_DAMAGED;
    result = read_rest(blocks, blocks->buffer + EPB_HEADER_SIZE, header.captured);
    return result == BLOCKS_NEXT ? hand_out(blocks, length, block) : result;
}

/** The interface of the pending line; interfaces_length if it is not described yet. */
static uint32_t find_interface(const struct blocks *blocks)
{
    const struct pcapng_section *section = &blocks->section;
    uint32_t i = 0;

    while (i < section->interfaces_length &&
           strcmp(section->interfaces[i].name, blocks->record.interface) != 0)
        i++;
    return i;
}

static enum blocks_result next_candump(struct blocks *blocks, struct pcapng_block *block)
{
    struct packet_header header;
    uint32_t length;

    if (!blocks->pending && !candump_next(&blocks->log, &blocks->record))
        return ferror(blocks->file) ? BLOCKS_UNREADABLE : BLOCKS_END;
    blocks->pending = false;
    header = (struct packet_header){
        .interface_id = find_interface(blocks),
        .ticks = (uint64_t)blocks->record.time / (NS_PER_SECOND / blocks->units_per_second),
        .captured = blocks->record.captured,
        .length = blocks->record.length,
        .outbound = blocks->record.direction == BTAP_HOST_TO_DEVICE,
    };
    if (header.interface_id == blocks->section.interfaces_length) {
        blocks->problem = "too many interfaces";
        if (header.interface_id == BLOCKS_INTERFACES_MAX)
            return BLOCKS_DAMAGED;
        blocks->pending = true;
        return hand_out(blocks, make_interface(blocks, blocks->record.interface), block);
    }
    length = make_packet(blocks, &header);
    if (length == 0)
        return BLOCKS_DAMAGED;
    memcpy(blocks->buffer + EPB_HEADER_SIZE, blocks->record.bytes, header.captured);
    return hand_out(blocks, length, block);
}

enum blocks_result blocks_next(struct blocks *blocks, struct pcapng_block *block)
{
    if (blocks->format == BLOCKS_PCAPNG)
        return next_pcapng(blocks, block);
    if (!blocks->section.started)
        return hand_out(blocks, make_section(blocks), block);
    if (blocks->format == BLOCKS_CANDUMP)
        return next_candump(blocks, block);
    if (blocks->section.interfaces_length == 0)
        return hand_out(blocks, make_interface(blocks, ""), block);
    return next_pcap(blocks, block);
}

/** The file header of a pcap file. */
static enum blocks_result start_pcap(struct blocks *blocks)
{
    uint8_t header[PCAP_HEADER_SIZE];
    const enum blocks_result result = read_rest(blocks, header, sizeof(header));
    uint32_t magic;

    blocks->problem = "not a capture; boottap reads pcap, pcapng and the logs of candump -L";
    if (result != BLOCKS_NEXT)
        return result;
    blocks->big_endian = header[0] == 0xA1;
    magic = pcapng_get32(header, blocks->big_endian);
    if (magic != PCAP_MAGIC_US && magic != PCAP_MAGIC_NS)
        return BLOCKS_DAMAGED;
    blocks->problem = "a pcap file of another version than 2.4";
    if (pcapng_get16(header + 4, blocks->big_endian) != PCAP_MAJOR ||
        pcapng_get16(header + 6, blocks->big_endian) != PCAP_MINOR)
        return BLOCKS_DAMAGED;
    blocks->format = BLOCKS_PCAP;
    blocks->units_per_second = magic == PCAP_MAGIC_NS ? NS_PER_SECOND : 1000000;
    blocks->snap_length = pcapng_get32(header + 16, blocks->big_endian);
    blocks->linktype =
        (uint16_t)(pcapng_get32(header + 20, blocks->big_endian) & PCAP_LINKTYPE_MASK);
    return BLOCKS_NEXT;
}

static void start_candump(struct blocks *blocks)
{
    blocks->format = BLOCKS_CANDUMP;
    blocks->units_per_second = 1000000;
    blocks->linktype = BTAP_LINKTYPE_CAN_SOCKETCAN;
    blocks->log.file = blocks->file;
}

enum blocks_result blocks_start(struct blocks *blocks, FILE *file)
{
    enum blocks_result result = BLOCKS_NEXT;
    int first;

    *blocks = (struct blocks){
        .file = file,
        .format = BLOCKS_PCAPNG,
        .problem = "too short for a capture",
    };
    first = getc(file);
    if (first == EOF)
        return ferror(file) ? BLOCKS_UNREADABLE : BLOCKS_CUT_SHORT;
    ungetc(first, file);
    if (first == '(')
        start_candump(blocks);
    else if (first != '\n')
        result = start_pcap(blocks);
    if (result == BLOCKS_NEXT && !reserve(blocks, 256))
        return BLOCKS_DAMAGED;
    return result;
}

void blocks_release(struct blocks *blocks)
{
    pcapng_section_release(&blocks->section);
    free(blocks->buffer);
    blocks->buffer = NULL;
    blocks->buffer_size = 0;
}
