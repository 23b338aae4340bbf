/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/capture_file/pcapng.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "formats/reader/reader.h"

#define NS_PER_SECOND UINT64_C(1000000000)

/* Offsets in a block: after type and length, before the length's repetition */
#define BODY_OFFSET               8
#define TRAILER_SIZE              4
#define SECTION_OPTIONS_OFFSET    24
#define INTERFACE_OPTIONS_OFFSET  16
#define SIMPLE_DATA_OFFSET        12
#define PACKET_DATA_OFFSET        28
#define STATISTICS_OPTIONS_OFFSET 20

#define OPTION_HEADER_SIZE 4
#define MICROSECONDS       6    /**< if_tsresol of an interface that has none */
#define RESOLUTION_BINARY  0x80 /**< if_tsresol counts powers of 2, not of 10 */
_Static_assert(PCAPNG_INTERFACES_MAX == 32768, "the words of take_interface() name it");

#define FLAGS_DIRECTION 3 /**< of epb_flags, section 4.3.1 */

void pcapng_put16(uint8_t *bytes, bool big_endian, uint16_t value)
{
    bytes[big_endian] = (uint8_t)value;
    bytes[!big_endian] = (uint8_t)(value >> 8);
}

void pcapng_put32(uint8_t *bytes, bool big_endian, uint32_t value)
{
    pcapng_put16(bytes + (big_endian ? 2 : 0), big_endian, (uint16_t)value);
    pcapng_put16(bytes + (big_endian ? 0 : 2), big_endian, (uint16_t)(value >> 16));
}

void pcapng_section_release(struct pcapng_section *section)
{
    free(section->interfaces);
    *section = (struct pcapng_section){0};
}

/** Byte order of the block that starts so. @return false if it is in no section, or its own's */
static bool find_byte_order(const struct pcapng_section *section,
                            const uint8_t header[PCAPNG_BLOCK_MIN], bool *big_endian,
                            const char **problem)
{
    if (pcapng_get32(header, false) != PCAPNG_SECTION_HEADER) {
        *big_endian = section->big_endian;
        *problem = "no section header before it";
        return section->started;
    }
    *big_endian = pcapng_get32(header + BODY_OFFSET, true) == PCAPNG_MAGIC;
    *problem = "a section header without byte order";
    return *big_endian || pcapng_get32(header + BODY_OFFSET, false) == PCAPNG_MAGIC;
}

uint32_t pcapng_block_length(const struct pcapng_section *section,
                             const uint8_t header[PCAPNG_BLOCK_MIN], const char **problem)
{
    bool big_endian;
    uint32_t length;

    if (!find_byte_order(section, header, &big_endian, problem))
        return 0;
    length = pcapng_get32(header + 4, big_endian);
    *problem = "a block of an impossible length";
    return length % 4 == 0 && length >= PCAPNG_BLOCK_MIN && length <= PCAPNG_BLOCK_MAX ? length : 0;
}

/** One option in a block. */
struct option {
    uint16_t code;
    uint16_t length;
    const uint8_t *value;
};

enum option_result {
    OPTION_FOUND,
    OPTION_NONE_LEFT, /**< *at is where another one can go */
    OPTION_DAMAGED,
};

static enum option_result next_option(const struct pcapng_block *block, uint32_t *at,
                                      struct option *option)
{
    const uint32_t end = block->length - TRAILER_SIZE;
    const uint8_t *bytes = block->bytes + *at;

    if (*at == end)
        return OPTION_NONE_LEFT;
    if (end - *at < OPTION_HEADER_SIZE)
        return OPTION_DAMAGED;
    option->code = pcapng_get16(bytes, block->big_endian);
    option->length = pcapng_get16(bytes + 2, block->big_endian);
    option->value = bytes + OPTION_HEADER_SIZE;
    if (option->code == PCAPNG_OPTION_END)
        return OPTION_NONE_LEFT;
    if (pcapng_padded(option->length) > end - *at - OPTION_HEADER_SIZE)
        return OPTION_DAMAGED;
    *at += OPTION_HEADER_SIZE + pcapng_padded(option->length);
    return OPTION_FOUND;
}

/** Finds where the options of a block end. Damaged ones leave it without a place for comments. */
static void find_options(struct pcapng_block *block, uint32_t offset)
{
    enum option_result result;
    struct option option;
    uint32_t at = offset;

    do
        result = next_option(block, &at, &option);
    while (result == OPTION_FOUND);
    if (result == OPTION_DAMAGED)
        return;
    block->options = offset;
    block->options_end = at;
    block->options_ended = at < block->length - TRAILER_SIZE;
}

/** Section 4.1. The length of the section is not used: its blocks tell where it ends. */
static bool take_section(struct pcapng_section *section, struct pcapng_block *block,
                         const char **problem)
{
    *problem = "a section header that is too short";
    if (block->length < SECTION_OPTIONS_OFFSET + TRAILER_SIZE)
        return false;
    *problem = "a section of a version that is not known";
    if (pcapng_get16(block->bytes + 12, block->big_endian) != 1)
        return false;
    section->started = true;
    section->big_endian = block->big_endian;
    section->interfaces_length = 0;
    find_options(block, SECTION_OPTIONS_OFFSET);
    return true;
}

static void take_description(struct pcapng_interface *interface, const struct option *option)
{
    struct btap_record record = {0};

    btap_record_description(&record, (const char *)option->value, option->length);
    interface->at_tool = record.at_tool;
    interface->lacks = record.lacks;
}

static void take_interface_option(struct pcapng_interface *interface, const struct option *option,
                                  bool big_endian)
{
    const size_t room = sizeof(interface->name) - 1;
    uint64_t offset;

    switch (option->code) {
    case PCAPNG_OPTION_IF_NAME:
        memset(interface->name, 0, sizeof(interface->name));
        memcpy(interface->name, option->value, option->length < room ? option->length : room);
        break;
    case PCAPNG_OPTION_IF_DESCRIPTION:
        take_description(interface, option);
        break;
    case PCAPNG_OPTION_IF_TSRESOL:
        if (option->length == 1)
            interface->resolution = option->value[0];
        break;
    case PCAPNG_OPTION_IF_TSOFFSET:
        if (option->length != 8)
            break;
        offset = pcapng_get32(option->value + (big_endian ? 4 : 0), big_endian);
        offset |= (uint64_t)pcapng_get32(option->value + (big_endian ? 0 : 4), big_endian) << 32;
        memcpy(&interface->offset_s, &offset, sizeof(offset));
        break;
    default:
        break;
    }
}

static uint64_t power_of_ten(unsigned int exponent)
{
    uint64_t power = 1;

    while (exponent-- > 0)
        power *= 10;
    return power;
}

/** Nearly every interface counts whole nanoseconds without an offset: one multiplication. */
static void find_ns_per_tick(struct pcapng_interface *interface)
{
    if (interface->resolution > 9 || interface->offset_s != 0)
        return;
    interface->ns_per_tick = power_of_ten(9 - interface->resolution);
    interface->ticks_end = BTAP_TIME_MAX / interface->ns_per_tick;
}

/** Section 4.2 */
static bool take_interface(struct pcapng_section *section, struct pcapng_block *block,
                           const char **problem)
{
    struct pcapng_interface *interface;
    struct option option;
    uint32_t at = INTERFACE_OPTIONS_OFFSET;

    *problem = "an interface block that is too short";
    if (block->length < INTERFACE_OPTIONS_OFFSET + TRAILER_SIZE)
        return false;
    *problem = "an interface too many: no more than 32768 of a section are read";
    if (section->interfaces_length == PCAPNG_INTERFACES_MAX)
        return false;
    section->interfaces = grow(section->interfaces, section->interfaces_length,
                               &section->interfaces_size, sizeof(*section->interfaces));
    interface = &section->interfaces[section->interfaces_length++];
    *interface = (struct pcapng_interface){
        .linktype = pcapng_get16(block->bytes + BODY_OFFSET, block->big_endian),
        .snap_length = pcapng_get32(block->bytes + 12, block->big_endian),
        .resolution = MICROSECONDS,
    };
    while (next_option(block, &at, &option) == OPTION_FOUND)
        take_interface_option(interface, &option, block->big_endian);
    find_ns_per_tick(interface);
    find_options(block, INTERFACE_OPTIONS_OFFSET);
    return true;
}

/** Splits ticks of 10^-exponent s. */
static void split_decimal(uint64_t ticks, unsigned int exponent, uint64_t *seconds, uint64_t *ns)
{
    if (exponent <= 9) {
        *seconds = ticks / power_of_ten(exponent);
        *ns = ticks % power_of_ten(exponent) * power_of_ten(9 - exponent);
        return;
    }
    /* 10^19 is the largest power in 64 bits. */
    ticks = exponent - 9 <= 19 ? ticks / power_of_ten(exponent - 9) : 0;
    *seconds = ticks / NS_PER_SECOND;
    *ns = ticks % NS_PER_SECOND;
}

/** Splits ticks of 2^-exponent s. */
static void split_binary(uint64_t ticks, unsigned int exponent, uint64_t *seconds, uint64_t *ns)
{
    /* With more bits than these the product with 10^9 would not fit; they are 58 ps. */
    const unsigned int kept = exponent < 34 ? exponent : 34;

    *seconds = exponent < 64 ? ticks >> exponent : 0;
    if (exponent < 64)
        ticks -= *seconds << exponent;
    ticks = exponent - kept < 64 ? ticks >> (exponent - kept) : 0;
    *ns = ticks * NS_PER_SECOND >> kept;
}

/** The time that a time stamp stands for, brought into the limits. */
static btap_ns time_of(const struct pcapng_interface *interface, uint64_t ticks)
{
    const int64_t limit = BTAP_TIME_MAX / (int64_t)NS_PER_SECOND;
    const unsigned int exponent = interface->resolution & ~(unsigned int)RESOLUTION_BINARY;
    uint64_t seconds;
    uint64_t ns;
    int64_t sum;

    if (ticks < interface->ticks_end)
        return (btap_ns)(ticks * interface->ns_per_tick);
    if (interface->resolution & RESOLUTION_BINARY)
        split_binary(ticks, exponent, &seconds, &ns);
    else
        split_decimal(ticks, exponent, &seconds, &ns);
    if (interface->offset_s < -limit || interface->offset_s > limit)
        return interface->offset_s < 0 ? 0 : BTAP_TIME_MAX;
    /* An offset that goes back may stand against seconds that are beyond the limit. */
    sum = (int64_t)(seconds < 2 * (uint64_t)limit ? seconds : 2 * (uint64_t)limit) +
          interface->offset_s;
    if (sum < 0)
        return 0;
    return sum < limit ? sum * (int64_t)NS_PER_SECOND + (int64_t)ns : BTAP_TIME_MAX;
}

/** Fills in what the interface knows. @return false if there is no such interface */
static bool begin_record(const struct pcapng_section *section, struct pcapng_block *block,
                         uint32_t interface_id)
{
    const struct pcapng_interface *interface;

    if (interface_id >= section->interfaces_length)
        return false;
    interface = &section->interfaces[interface_id];
    block->record = (struct btap_record){
        .linktype = interface->linktype,
        .interface_id = interface_id,
        .interface = interface->name[0] != '\0' ? interface->name : NULL,
        .at_tool = interface->at_tool,
        .lacks = interface->lacks,
        .big_endian = block->big_endian,
    };
    block->packet = true;
    return true;
}

/** Outbound is "sent by the recording machine", inbound "received from anybody". */
static void take_packet_options(struct pcapng_block *block)
{
    struct option option;
    uint32_t at = block->options;

    if (block->options == 0)
        return;
    while (next_option(block, &at, &option) == OPTION_FOUND)
        if (option.code == PCAPNG_OPTION_COMMENT)
            btap_record_comment(&block->record, (const char *)option.value, option.length);
        else if (option.code == PCAPNG_OPTION_EPB_FLAGS && option.length == 4 &&
                 (pcapng_get32(option.value, block->big_endian) & FLAGS_DIRECTION) ==
                     PCAPNG_FLAGS_OUTBOUND)
            block->record.direction = BTAP_HOST_TO_DEVICE;
}

/** Section 4.3, and appendix A of the draft: what came before differs in the interface's width. */
static bool take_packet(const struct pcapng_section *section, struct pcapng_block *block,
                        const char **problem)
{
    const uint8_t *bytes = block->bytes;
    const bool big_endian = block->big_endian;
    struct btap_record *record = &block->record;
    uint32_t interface_id;
    uint64_t ticks;
    uint32_t room;

    *problem = "a packet block that is too short";
    if (block->length < PACKET_DATA_OFFSET + TRAILER_SIZE)
        return false;
    interface_id = block->type == PCAPNG_OBSOLETE_PACKET
                       ? pcapng_get16(bytes + BODY_OFFSET, big_endian)
                       : pcapng_get32(bytes + BODY_OFFSET, big_endian);
    *problem = "a packet of an interface that is not described";
    if (!begin_record(section, block, interface_id))
        return false;
    ticks = (uint64_t)pcapng_get32(bytes + 12, big_endian) << 32;
    ticks |= pcapng_get32(bytes + 16, big_endian);
    record->time = time_of(&section->interfaces[interface_id], ticks);
    record->captured = pcapng_get32(bytes + 20, big_endian);
    record->length = pcapng_get32(bytes + 24, big_endian);
    record->bytes = bytes + PACKET_DATA_OFFSET;
    room = block->length - PACKET_DATA_OFFSET - TRAILER_SIZE;
    *problem = "a packet that is longer than its block";
    if (record->captured > room)
        return false;
    find_options(block, PACKET_DATA_OFFSET + pcapng_padded(record->captured));
    take_packet_options(block);
    return true;
}

/** Section 4.4: of interface 0, without a time, and as long as block and snap length say. */
static bool take_simple_packet(const struct pcapng_section *section, struct pcapng_block *block,
                               const char **problem)
{
    struct btap_record *record = &block->record;
    uint32_t snap_length;

    *problem = "a packet block that is too short";
    if (block->length < SIMPLE_DATA_OFFSET + TRAILER_SIZE)
        return false;
    *problem = "a packet of an interface that is not described";
    if (!begin_record(section, block, 0))
        return false;
    snap_length = section->interfaces[0].snap_length;
    record->bytes = block->bytes + SIMPLE_DATA_OFFSET;
    record->length = pcapng_get32(block->bytes + BODY_OFFSET, block->big_endian);
    record->captured = block->length - SIMPLE_DATA_OFFSET - TRAILER_SIZE;
    if (record->captured > record->length)
        record->captured = record->length;
    if (snap_length > 0 && record->captured > snap_length)
        record->captured = snap_length;
    return true;
}

/** Section 4.6: when the recording of an interface ended, or when it was counted last. */
static void take_statistics(const struct pcapng_section *section, struct pcapng_block *block)
{
    const bool big_endian = block->big_endian;
    const uint8_t *ticks = block->bytes + BODY_OFFSET + 4;
    uint32_t at = STATISTICS_OPTIONS_OFFSET;
    struct option option;
    uint32_t interface_id;

    if (block->length < STATISTICS_OPTIONS_OFFSET + TRAILER_SIZE)
        return;
    interface_id = pcapng_get32(block->bytes + BODY_OFFSET, big_endian);
    if (interface_id >= section->interfaces_length)
        return;
    while (next_option(block, &at, &option) == OPTION_FOUND)
        if (option.code == PCAPNG_OPTION_ISB_ENDTIME && option.length == 8)
            ticks = option.value;
    block->until = time_of(&section->interfaces[interface_id],
                           (uint64_t)pcapng_get32(ticks, big_endian) << 32 |
                               pcapng_get32(ticks + 4, big_endian));
}

bool pcapng_take(struct pcapng_section *section, const uint8_t *bytes, uint32_t length,
                 struct pcapng_block *block, const char **problem)
{
    *block = (struct pcapng_block){.bytes = bytes, .length = length};
    if (!find_byte_order(section, bytes, &block->big_endian, problem))
        return false;
    block->type = pcapng_get32(bytes, block->big_endian);
    *problem = "a block whose length stands there twice and differs";
    if (pcapng_get32(bytes + length - TRAILER_SIZE, block->big_endian) != length)
        return false;
    switch (block->type) {
    case PCAPNG_SECTION_HEADER:
        return take_section(section, block, problem);
    case PCAPNG_INTERFACE:
        return take_interface(section, block, problem);
    case PCAPNG_ENHANCED_PACKET:
    case PCAPNG_OBSOLETE_PACKET:
        return take_packet(section, block, problem);
    case PCAPNG_SIMPLE_PACKET:
        return take_simple_packet(section, block, problem);
    case PCAPNG_STATISTICS:
        take_statistics(section, block);
        return true;
    default:
        return true;
    }
}

bool pcapng_has_comment(const struct pcapng_block *block, const char *text)
{
    const size_t length = strlen(text);
    struct option option;
    uint32_t at = block->options;

    if (block->options == 0)
        return false;
    while (next_option(block, &at, &option) == OPTION_FOUND)
        if (option.code == PCAPNG_OPTION_COMMENT && option.length == length &&
            memcmp(option.value, text, length) == 0)
            return true;
    return false;
}

/** What pcapng_growth() is without the limit; UINT32_MAX above it. */
static uint32_t wanted_growth(const struct pcapng_block *block, const char *const *comments,
                              size_t comments_length)
{
    uint32_t growth = 0;

    for (size_t i = 0; i < comments_length; i++) {
        if (pcapng_has_comment(block, comments[i]))
            continue;
        growth += OPTION_HEADER_SIZE + pcapng_padded((uint32_t)strlen(comments[i]));
        if (block->length + growth + OPTION_HEADER_SIZE > PCAPNG_BLOCK_MAX)
            return UINT32_MAX;
    }
    return growth > 0 && !block->options_ended ? growth + OPTION_HEADER_SIZE : growth;
}

uint32_t pcapng_growth(const struct pcapng_block *block, const char *const *comments,
                       size_t comments_length)
{
    const uint32_t growth = wanted_growth(block, comments, comments_length);

    return block->options == 0 || growth == UINT32_MAX ? 0 : growth;
}

bool pcapng_takes_comments(const struct pcapng_block *block, const char *const *comments,
                           size_t comments_length)
{
    return comments_length == 0 ||
           (block->options != 0 && wanted_growth(block, comments, comments_length) != UINT32_MAX);
}

static void write_option(FILE *to, bool big_endian, uint16_t code, const char *value,
                         uint16_t length)
{
    static const uint8_t padding[3] = {0};
    uint8_t header[OPTION_HEADER_SIZE];

    pcapng_put16(header, big_endian, code);
    pcapng_put16(header + 2, big_endian, length);
    fwrite(header, 1, sizeof(header), to);
    fwrite(value, 1, length, to);
    fwrite(padding, 1, pcapng_padded(length) - length, to);
}

void pcapng_write(FILE *to, const struct pcapng_block *block, const char *const *comments,
                  size_t comments_length)
{
    const uint32_t growth = pcapng_growth(block, comments, comments_length);
    uint8_t length[TRAILER_SIZE];

    if (growth == 0) {
        fwrite(block->bytes, 1, block->length, to);
        return;
    }
    pcapng_put32(length, block->big_endian, block->length + growth);
    fwrite(block->bytes, 1, 4, to);
    fwrite(length, 1, sizeof(length), to);
    fwrite(block->bytes + BODY_OFFSET, 1, block->options_end - BODY_OFFSET, to);
    for (size_t i = 0; i < comments_length; i++)
        if (!pcapng_has_comment(block, comments[i]))
            write_option(to, block->big_endian, PCAPNG_OPTION_COMMENT, comments[i],
                         (uint16_t)strlen(comments[i]));
    if (!block->options_ended)
        write_option(to, block->big_endian, PCAPNG_OPTION_END, "", 0);
    fwrite(block->bytes + block->options_end, 1, block->length - TRAILER_SIZE - block->options_end,
           to);
    fwrite(length, 1, sizeof(length), to);
}

/** State of a file. */
struct file {
    struct pcapng_section section;
    btap_ns time; /**< of the last packet; one without a time of its own has it too */
};

static bool probe(const struct first *first)
{
    return FIRST_BYTES(first, 0, "\x0a\x0d\x0d\x0a");
}

static bool start(struct reader *reader)
{
    reader->state = allocate(sizeof(struct file));
    return true;
}

/** Each section was recorded on its own, the last one last; in it, the last interface counts. */
static void follow_until(struct reader *reader, const struct pcapng_block *block)
{
    if (block->type == PCAPNG_SECTION_HEADER || block->until > reader->until)
        reader->until = block->until;
}

static enum reader_result next_block(struct reader *reader, struct pcapng_block *block)
{
    struct file *file = reader->state;
    enum reader_result result = reader_fill(reader, PCAPNG_BLOCK_MIN);
    const uint8_t *bytes;
    const char *problem;
    uint32_t length;

    if (result != READER_NEXT)
        return result;
    length = pcapng_block_length(&file->section, reader->record, &problem);
    if (length == 0)
        return reader_damaged(reader, "%s", problem);
    result = reader_fill(reader, length);
    if (result != READER_NEXT)
        return result;
    bytes = reader->record;
    reader_advance(reader, length);
    if (!pcapng_take(&file->section, bytes, length, block, &problem))
        return reader_damaged(reader, "%s", problem);
    follow_until(reader, block);
    if (!block->packet)
        return READER_NEXT;
    if (block->type == PCAPNG_SIMPLE_PACKET)
        block->record.time = file->time;
    file->time = block->record.time;
    return READER_NEXT;
}

static enum reader_result next(struct reader *reader, struct btap_record *record)
{
    struct pcapng_block block = {0};
    enum reader_result result;

    do
        result = next_block(reader, &block);
    while (result == READER_NEXT && !block.packet);
    if (result == READER_NEXT)
        *record = block.record;
    return result;
}

static void release(struct reader *reader)
{
    struct file *file = reader->state;

    pcapng_section_release(&file->section);
}

const struct reader_format reader_pcapng = {
    .kind = {KIND_CAPTURE, "a pcapng capture", "", probe},
    .start = start,
    .next = next,
    .next_block = next_block,
    .release = release,
};
