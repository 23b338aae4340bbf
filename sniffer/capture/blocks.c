/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/blocks.h"

#include <stdlib.h>
#include <string.h>

static struct builder *start_block(struct blocks *blocks)
{
    blocks->builder.length = 0;
    blocks->builder.big_endian = blocks->reader->big_endian;
    return &blocks->builder;
}

static void make_section(struct blocks *blocks)
{
    struct builder *builder = start_block(blocks);
    const uint32_t start = builder_begin_section(builder);

    builder_add_text(builder, PCAPNG_OPTION_SHB_USERAPPL, blocks->program);
    builder_end_options(builder);
    builder_end(builder, start);
}

/** @param record of the interface; NULL: of the only one of a file that says no more of it */
static void make_interface(struct blocks *blocks, uint32_t linktype,
                           const struct btap_record *record)
{
    const char *name = record != NULL ? record->interface : NULL;
    const uint8_t resolution = (uint8_t)blocks->reader->digits;
    struct builder *builder = start_block(blocks);
    const uint32_t start = builder_begin_interface(builder, linktype, blocks->reader->snap_length);

    builder_add_text(builder, PCAPNG_OPTION_IF_NAME, name);
    if (record != NULL)
        builder_add_description(builder, record->at_tool, record->lacks, NULL,
                                blocks->reader->format->kind.name);
    builder_add_option(builder, PCAPNG_OPTION_IF_TSRESOL, &resolution, sizeof(resolution));
    builder_end_options(builder);
    builder_end(builder, start);
}

/** A block of the record in hand. */
static void make_packet(struct blocks *blocks, uint32_t interface_id)
{
    struct btap_record record = blocks->record;
    const uint64_t ticks = (uint64_t)record.time / (blocks->reader->digits == 9 ? 1 : 1000);
    struct builder *builder = start_block(blocks);
    uint32_t options;
    uint32_t start;

    record.interface_id = interface_id;
    start = builder_begin_packet(builder, &record, ticks);
    options = builder->length;
    if (record.comment_length > 0)
        builder_add_option(builder, PCAPNG_OPTION_COMMENT, record.comment,
                           (uint16_t)record.comment_length);
    if (record.direction == BTAP_HOST_TO_DEVICE)
        builder_add_flags(builder, PCAPNG_FLAGS_OUTBOUND);
    if (builder->length > options)
        builder_end_options(builder);
    builder_end(builder, start);
}

/** Hands the block in the builder out. */
static enum reader_result hand_out(struct blocks *blocks, struct pcapng_block *block)
{
    const char *problem = "a packet of an impossible length";

    if (blocks->builder.length <= PCAPNG_BLOCK_MAX &&
        pcapng_take(&blocks->section, blocks->builder.bytes, blocks->builder.length, block,
                    &problem))
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
            section->interfaces[i].lacks != blocks->record.lacks ||
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
        make_interface(blocks, blocks->record.linktype, &blocks->record);
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
    free(blocks->builder.bytes);
    *blocks = (struct blocks){.reader = blocks->reader, .program = blocks->program};
}
