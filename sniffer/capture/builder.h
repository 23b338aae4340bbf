/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes of capture files in the making: numbers in either byte order, and the pcapng blocks that
 * are made of them. Sections below are those of draft-ietf-opsawg-pcapng.
 */
#ifndef SNIFFER_CAPTURE_BUILDER_H
#define SNIFFER_CAPTURE_BUILDER_H

#include "boottap/record.h"
#include "formats/capture_file/pcapng.h"

/** Starts with zero but for big_endian; free(bytes) at the end. */
struct builder {
    bool big_endian;
    uint32_t length;
    size_t size; /**< of bytes */
    uint8_t *bytes;
};

void builder_add16(struct builder *builder, uint16_t value);
void builder_add32(struct builder *builder, uint32_t value);

/** Adds a number of 64 bits in the byte order. */
void builder_add64(struct builder *builder, uint64_t value);

/** Adds a time stamp as pcapng has it: the upper half first, in either byte order. */
void builder_add_time(struct builder *builder, uint64_t ticks);

/** Adds bytes and pads them to a multiple of 4. @param bytes may be NULL if length is 0 */
void builder_add_bytes(struct builder *builder, const void *bytes, uint32_t length);

/** Adds an option (section 3.5). */
void builder_add_option(struct builder *builder, uint16_t code, const void *value, uint16_t length);

/**
 * Adds words as an option, cut where a character begins if they are too long.
 *
 * @param text NULL: nothing is added
 */
void builder_add_text(struct builder *builder, uint16_t code, const char *text);

/** The same with bytes before them, which are not cut. */
void builder_add_prefixed_text(struct builder *builder, uint16_t code, const void *prefix,
                               uint16_t prefix_length, const char *text);

/**
 * Adds if_description, which tells readers, too, what the interface's records are.
 *
 * @param words for people; NULL: none, where there is nothing to tell readers
 * @param name what stands for them else
 */
void builder_add_description(struct builder *builder, bool at_tool, uint32_t lacks,
                             const char *words, const char *name);

/** Adds epb_flags. */
void builder_add_flags(struct builder *builder, uint32_t flags);

/** Ends the options of a block. */
void builder_end_options(struct builder *builder);

/** Starts a block behind what is there. @return where it starts, for builder_end() */
uint32_t builder_begin(struct builder *builder, enum pcapng_type type);

/** Ends the block that started there. */
void builder_end(struct builder *builder, uint32_t start);

/** Starts a section's header (section 4.1); its options come next. */
uint32_t builder_begin_section(struct builder *builder);

/** Starts an interface's block (section 4.2); its options come next. */
uint32_t builder_begin_interface(struct builder *builder, uint32_t linktype, uint32_t snap_length);

/**
 * Starts a packet's block (section 4.3); its options come next.
 *
 * @param record interface_id, bytes, captured and length are used
 */
uint32_t builder_begin_packet(struct builder *builder, const struct btap_record *record,
                              uint64_t ticks);

#endif
