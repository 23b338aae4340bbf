/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Readers and writers of the two text formats of hexadecimal records.
 */
#include <string.h>

#include "firmware/format.h"

/** Most bytes that a record has: a count of 255, and what is around the data. */
#define RECORD_MAX 264

/** A file's lines one after the other, each without its mark as bytes. */
struct record {
    struct firmware *firmware; /**< that the file's bytes go to */
    const uint8_t *next;       /**< line */
    const uint8_t *file_end;
    size_t line;          /**< from 1 */
    const uint8_t *start; /**< of the line, without blanks around it */
    const uint8_t *end;
    char type; /**< S-record: the digit */
    size_t length;
    uint8_t bytes[RECORD_MAX];
};

static int hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return -1;
}

static bool wrong(const struct record *record, const char *what)
{
    return firmware_refuse(record->firmware, "line %zu: %s", record->line, what);
}

static bool is_blank(uint8_t character)
{
    return character == ' ' || character == '\t' || character == '\r';
}

/** Goes to the next line that is not blank. @return false at the end */
static bool next_line(struct record *record)
{
    while (record->next < record->file_end) {
        const size_t left = (size_t)(record->file_end - record->next);
        const uint8_t *newline = memchr(record->next, '\n', left);

        record->start = record->next;
        record->end = newline != NULL ? newline : record->file_end;
        record->next = newline != NULL ? newline + 1 : record->file_end;
        record->line++;
        while (record->start < record->end && is_blank(*record->start))
            record->start++;
        while (record->start < record->end && is_blank(record->end[-1]))
            record->end--;
        if (record->start < record->end)
            return true;
    }
    return false;
}

/** Makes bytes of a line's digits, which come after its mark. */
static bool read_digits(struct record *record, size_t mark)
{
    const uint8_t *at = record->start + mark;

    record->length = 0;
    if ((record->end - at) % 2 != 0)
        return wrong(record, "an odd number of digits");
    for (; at < record->end; at += 2) {
        const int high = hex_value(at[0]);
        const int low = hex_value(at[1]);

        if (high < 0 || low < 0)
            return wrong(record, "a character that is no hexadecimal digit");
        if (record->length == RECORD_MAX)
            return wrong(record, "longer than a record can be");
        record->bytes[record->length++] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static uint8_t sum_of(const struct record *record)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < record->length; i++)
        sum = (uint8_t)(sum + record->bytes[i]);
    return sum;
}

static uint32_t big_endian(const uint8_t *bytes, size_t length)
{
    uint32_t value = 0;

    for (size_t i = 0; i < length; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* Intel HEX */

enum hex_type {
    HEX_DATA,
    HEX_END,
    HEX_SEGMENT, /**< bits 4-19 of the addresses that follow */
    HEX_START_SEGMENT,
    HEX_LINEAR, /**< bits 16-31 of them */
    HEX_START_LINEAR,
};

/** Count, address, type, checksum. */
#define HEX_AROUND 5

/** The record's form: bytes[0] count, [1-2] address, [3] type. */
static bool check_hex(const struct record *record)
{
    static const int lengths[] = {
        [HEX_DATA] = -1,         [HEX_END] = 0,    [HEX_SEGMENT] = 2,
        [HEX_START_SEGMENT] = 4, [HEX_LINEAR] = 2, [HEX_START_LINEAR] = 4,
    };

    if (record->length < HEX_AROUND || record->length != (size_t)record->bytes[0] + HEX_AROUND)
        return wrong(record, "the record is not as long as it says");
    if (sum_of(record) != 0)
        return wrong(record, "the record's checksum does not fit");
    if (record->bytes[3] >= sizeof(lengths) / sizeof(lengths[0]))
        return wrong(record, "a record of an unknown type");
    if (lengths[record->bytes[3]] >= 0 && record->bytes[0] != lengths[record->bytes[3]])
        return wrong(record, "a record of a length that its type does not have");
    return true;
}

static bool put_data(const struct record *record, uint64_t address, const uint8_t *data,
                     size_t length)
{
    return firmware_put(record->firmware, address, data, length) ||
           wrong(record, "the record reaches above the last address");
}

/** @param[in,out] base of the addresses that follow */
static bool take_hex(const struct record *record, uint32_t *base)
{
    const uint8_t *data = record->bytes + 4;

    switch (record->bytes[3]) {
    case HEX_DATA:
        return put_data(record, (uint64_t)*base + big_endian(record->bytes + 1, 2), data,
                        record->bytes[0]);
    case HEX_SEGMENT:
        *base = big_endian(data, 2) << 4;
        return true;
    case HEX_LINEAR:
        *base = big_endian(data, 2) << 16;
        return true;
    default:
        return true;
    }
}

bool firmware_parse_hex(struct firmware *firmware, const uint8_t *bytes, size_t length)
{
    struct record record = {.firmware = firmware, .next = bytes, .file_end = bytes + length};
    uint32_t base = 0;

    firmware->placed = true;
    while (next_line(&record)) {
        if (*record.start != ':')
            return wrong(&record, "no record of Intel HEX, which starts with ':'");
        if (!read_digits(&record, 1) || !check_hex(&record))
            return false;
        if (record.bytes[3] == HEX_END)
            return true;
        if (!take_hex(&record, &base))
            return false;
    }
    return firmware_refuse(firmware,
                           "the file was cut short: no record marks the end of Intel HEX");
}

/* Motorola S-record */

/** Bytes of address by the record's digit; 0: the digit is not in use. */
static size_t s_address_length(char type)
{
    static const char types[] = "0123456789";
    static const uint8_t lengths[] = {2, 2, 3, 4, 0, 2, 3, 4, 3, 2};
    const char *found = strchr(types, type);

    return type != '\0' && found != NULL ? lengths[found - types] : 0;
}

/** The record's form: bytes[0] count of what follows it. */
static bool check_srec(const struct record *record)
{
    const size_t address_length = s_address_length(record->type);

    if (address_length == 0)
        return wrong(record, "a record of an unknown type");
    if (record->length < address_length + 2 || record->length != (size_t)record->bytes[0] + 1)
        return wrong(record, "the record is not as long as it says");
    if (sum_of(record) != 0xff)
        return wrong(record, "the record's checksum does not fit");
    return true;
}

/**
 * Takes a record in order.
 *
 * @param[in,out] count of records with data so far
 */
static bool take_srec(const struct record *record, uint32_t *count)
{
    const size_t address_length = s_address_length(record->type);
    const uint32_t address = big_endian(record->bytes + 1, address_length);
    const size_t around = address_length + 1;

    switch (record->type) {
    case '1':
    case '2':
    case '3':
        ++*count;
        return put_data(record, address, record->bytes + around, record->length - around - 1);
    case '5':
    case '6': /* in the place of the address: how many there are, as far as it has room for that */
        return address == (*count & ((UINT32_C(1) << 8 * address_length) - 1)) ||
               wrong(record, "records are missing before it: it counts others");
    default:
        return true;
    }
}

bool firmware_parse_srec(struct firmware *firmware, const uint8_t *bytes, size_t length)
{
    struct record record = {.firmware = firmware, .next = bytes, .file_end = bytes + length};
    uint32_t count = 0;

    firmware->placed = true;
    while (next_line(&record)) {
        if (*record.start != 'S' || record.end - record.start < 2)
            return wrong(&record, "no S-record");
        record.type = (char)record.start[1];
        if (!read_digits(&record, 2) || !check_srec(&record) || !take_srec(&record, &count))
            return false;
        if (record.type >= '7')
            return true;
    }
    /* Writers leave the end record out at times; a lost line cannot be told without a count. */
    return true;
}

/* Writing */

/** Bytes of an image in a line of text. */
#define LINE_BYTES 16

/** The next line of text of some runs. Start with zero. */
struct text_line {
    size_t run;
    uint64_t address; /**< of the first byte; 0 before the first line */
    uint32_t length;
    uint8_t bytes[LINE_BYTES];
};

/** At most 16 bytes, which do not reach over 64 KiB's border. @return false at the end */
static bool next_text_line(const struct firmware_output *output, const struct image *image,
                           struct text_line *line)
{
    uint64_t border;
    uint64_t end;

    line->address += line->length;
    if (line->length > 0 && line->address > output->runs[line->run].last)
        line->run++;
    if (line->run == output->runs_length)
        return false;
    if (line->address < output->runs[line->run].first || line->length == 0)
        line->address = output->runs[line->run].first;
    border = (line->address | (LINE_BYTES - 1)) + 1;
    end = (uint64_t)output->runs[line->run].last + 1;
    line->length = (uint32_t)((end < border ? end : border) - line->address);
    image_copy(image, (uint32_t)line->address, line->length, output->fill, line->bytes);
    return true;
}

/**
 * Writes a record: its mark; count, address and perhaps type; the bytes; a checksum.
 *
 * @param total what the sum of all bytes is to be
 */
static void write_record(FILE *to, const char *mark, const uint8_t *head, size_t head_length,
                         const uint8_t *bytes, uint32_t length, uint8_t total)
{
    static const char digits[] = "0123456789ABCDEF";
    char text[2 * RECORD_MAX];
    char *at = text;

    for (size_t i = 0; i <= head_length + length; i++) {
        /* At last what the sum lacks */
        const uint8_t byte = i < head_length            ? head[i]
                             : i < head_length + length ? bytes[i - head_length]
                                                        : total;

        *at++ = digits[byte >> 4];
        *at++ = digits[byte & 0xf];
        total = (uint8_t)(total - byte);
    }
    *at++ = '\n';
    fputs(mark, to);
    fwrite(text, 1, (size_t)(at - text), to);
}

static void write_hex_record(FILE *to, uint64_t address, enum hex_type type, const uint8_t *bytes,
                             uint32_t length)
{
    const uint8_t head[] = {(uint8_t)length, (uint8_t)(address >> 8), (uint8_t)address,
                            (uint8_t)type};

    write_record(to, ":", head, sizeof(head), bytes, length, 0);
}

void firmware_write_hex(const struct firmware_output *output, const struct image *image, FILE *to)
{
    struct text_line line = {0};
    uint64_t upper = 0;

    while (!ferror(to) && next_text_line(output, image, &line)) {
        if (line.address >> 16 != upper) {
            upper = line.address >> 16;
            write_hex_record(to, 0, HEX_LINEAR,
                             (const uint8_t[]){(uint8_t)(upper >> 8), (uint8_t)upper}, 2);
        }
        write_hex_record(to, line.address, HEX_DATA, line.bytes, line.length);
    }
    write_hex_record(to, 0, HEX_END, NULL, 0);
}

/** An S-record with an address of four bytes. */
static void write_s_record(FILE *to, const char *mark, uint64_t address, const uint8_t *bytes,
                           uint32_t length)
{
    const uint8_t head[] = {(uint8_t)(length + 5), (uint8_t)(address >> 24),
                            (uint8_t)(address >> 16), (uint8_t)(address >> 8), (uint8_t)address};

    write_record(to, mark, head, sizeof(head), bytes, length, 0xff);
}

void firmware_write_srec(const struct firmware_output *output, const struct image *image, FILE *to)
{
    const char *name = output->partial ? "boottap, partial" : "boottap";
    const uint8_t length = (uint8_t)strlen(name);
    struct text_line line = {0};

    /* Count, two bytes of address, the name */
    write_record(to, "S0", (const uint8_t[]){(uint8_t)(length + 3), 0, 0}, 3, (const uint8_t *)name,
                 length, 0xff);
    while (!ferror(to) && next_text_line(output, image, &line))
        write_s_record(to, "S3", line.address, line.bytes, line.length);
    write_s_record(to, "S7", 0, NULL, 0);
}
