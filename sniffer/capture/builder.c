/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/builder.h"

#include <string.h>

#include "base/allocate.h"

/** Length of a section that does not tell it. */
#define SECTION_LENGTH_UNKNOWN UINT64_MAX

/** Makes room for so many bytes. @return where they go */
static uint8_t *add(struct builder *builder, uint32_t length)
{
    const size_t needed = (size_t)builder->length + length;
    uint8_t *bytes;

    if (needed > builder->size) {
        builder->size = 2 * needed;
        builder->bytes = reallocate(builder->bytes, builder->size);
    }
    bytes = builder->bytes + builder->length;
    builder->length = (uint32_t)needed;
    return bytes;
}

void builder_add16(struct builder *builder, uint16_t value)
{
    pcapng_put16(add(builder, 2), builder->big_endian, value);
}

void builder_add32(struct builder *builder, uint32_t value)
{
    pcapng_put32(add(builder, 4), builder->big_endian, value);
}

void builder_add64(struct builder *builder, uint64_t value)
{
    const uint32_t upper = (uint32_t)(value >> 32);
    const uint32_t lower = (uint32_t)value;

    builder_add32(builder, builder->big_endian ? upper : lower);
    builder_add32(builder, builder->big_endian ? lower : upper);
}

void builder_add_time(struct builder *builder, uint64_t ticks)
{
    builder_add32(builder, (uint32_t)(ticks >> 32));
    builder_add32(builder, (uint32_t)ticks);
}

/** Makes room for bytes and what pads them to a multiple of 4. */
static uint8_t *add_padded(struct builder *builder, uint32_t length)
{
    const uint32_t padded = pcapng_padded(length);
    uint8_t *to = add(builder, padded);

    memset(to + length, 0, padded - length);
    return to;
}

void builder_add_bytes(struct builder *builder, const void *bytes, uint32_t length)
{
    uint8_t *to = add_padded(builder, length);

    if (length > 0)
        memcpy(to, bytes, length);
}

void builder_add_option(struct builder *builder, uint16_t code, const void *value, uint16_t length)
{
    builder_add16(builder, code);
    builder_add16(builder, length);
    builder_add_bytes(builder, value, length);
}

void builder_add_prefixed_text(struct builder *builder, uint16_t code, const void *prefix,
                               uint16_t prefix_length, const char *text)
{
    const size_t room = (size_t)PCAPNG_COMMENT_MAX - prefix_length;
    size_t length = text != NULL ? strlen(text) : 0;
    uint8_t *to;

    if (text == NULL)
        return;
    if (length > room) {
        length = room;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    }
    builder_add16(builder, code);
    builder_add16(builder, (uint16_t)(prefix_length + length));
    to = add_padded(builder, (uint32_t)(prefix_length + length));
    if (prefix_length > 0)
        memcpy(to, prefix, prefix_length);
    memcpy(to + prefix_length, text, length);
}

void builder_add_text(struct builder *builder, uint16_t code, const char *text)
{
    builder_add_prefixed_text(builder, code, NULL, 0, text);
}

void builder_add_description(struct builder *builder, bool at_tool, uint32_t lacks,
                             const char *words, const char *name)
{
    char text[BTAP_DESCRIPTION_SIZE];

    if (words == NULL && !at_tool && lacks == 0)
        return;
    if (words == NULL)
        words = name != NULL ? name : "";
    builder_add_text(builder, PCAPNG_OPTION_IF_DESCRIPTION,
                     btap_interface_description(at_tool, lacks, words, text, sizeof(text)));
}

void builder_add_flags(struct builder *builder, uint32_t flags)
{
    builder_add16(builder, PCAPNG_OPTION_EPB_FLAGS);
    builder_add16(builder, 4);
    builder_add32(builder, flags);
}

void builder_end_options(struct builder *builder)
{
    builder_add_option(builder, PCAPNG_OPTION_END, NULL, 0);
}

uint32_t builder_begin(struct builder *builder, enum pcapng_type type)
{
    const uint32_t start = builder->length;

    builder_add32(builder, type);
    builder_add32(builder, 0);
    return start;
}

void builder_end(struct builder *builder, uint32_t start)
{
    const uint32_t length = builder->length - start + 4;

    builder_add32(builder, length);
    pcapng_put32(builder->bytes + start + 4, builder->big_endian, length);
}

uint32_t builder_begin_section(struct builder *builder)
{
    const uint32_t start = builder_begin(builder, PCAPNG_SECTION_HEADER);

    builder_add32(builder, PCAPNG_MAGIC);
    builder_add16(builder, 1);
    builder_add16(builder, 0);
    builder_add64(builder, SECTION_LENGTH_UNKNOWN);
    return start;
}

uint32_t builder_begin_interface(struct builder *builder, uint32_t linktype, uint32_t snap_length)
{
    const uint32_t start = builder_begin(builder, PCAPNG_INTERFACE);

    builder_add16(builder, (uint16_t)linktype);
    builder_add16(builder, 0);
    builder_add32(builder, snap_length);
    return start;
}

uint32_t builder_begin_packet(struct builder *builder, const struct btap_record *record,
                              uint64_t ticks)
{
    const uint32_t start = builder_begin(builder, PCAPNG_ENHANCED_PACKET);

    builder_add32(builder, record->interface_id);
    builder_add_time(builder, ticks);
    builder_add32(builder, record->captured);
    builder_add32(builder, record->length);
    builder_add_bytes(builder, record->bytes, record->captured);
    return start;
}
