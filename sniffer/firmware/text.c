/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Readers and writers of the two text formats of hexadecimal records.
 */
#include <string.h>

#include "firmware/format.h"

/** Most bytes that a record has: a count of 255, and what is around the data. */
#define RECORD_MAX 264

/** One line, without its mark, as bytes. */
struct record {
    size_t line; /**< from 1 */
    char mark;
    char type; /**< S-record: the digit */
    size_t length;
    uint8_t bytes[RECORD_MAX];
};

struct lines {
    const uint8_t *next;
    const uint8_t *end;
    size_t line;
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

static bool wrong(const struct record *record, const char *what,
                  char problem[FIRMWARE_PROBLEM_SIZE])
{
    snprintf(problem, FIRMWARE_PROBLEM_SIZE, "line %zu: %s", record->line, what);
    return false;
}

static bool is_blank(uint8_t character)
{
    return character == ' ' || character == '\t' || character == '\r';
}

/** The next line that is not blank. @return false at the end */
static bool next_line(struct lines *lines, const uint8_t **start, const uint8_t **end)
{
    while (lines->next < lines->end) {
        const uint8_t *newline = memchr(lines->next, '\n', (size_t)(lines->end - lines->next));

        *start = lines->next;
        *end = newline != NULL ? newline : lines->end;
        lines->next = newline != NULL ? newline + 1 : lines->end;
        lines->line++;
        while (*start < *end && is_blank(**start))
            ++*start;
        while (*start < *end && is_blank((*end)[-1]))
            --*end;
        if (*start < *end)
            return true;
    }
    return false;
}

/** Makes bytes of a line's digits. */
static bool read_digits(struct record *record, const uint8_t *at, const uint8_t *end,
                        char problem[FIRMWARE_PROBLEM_SIZE])
{
    record->length = 0;
    if ((end - at) % 2 != 0)
        return wrong(record, "an odd number of digits", problem);
    for (; at < end; at += 2) {
        const int high = hex_value(at[0]);
        const int low = hex_value(at[1]);

        if (high < 0 || low < 0)
            return wrong(record, "a character that is no hexadecimal digit", problem);
        if (record->length == RECORD_MAX)
            return wrong(record, "longer than a record can be", problem);
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
static bool check_hex(const struct record *record, char problem[FIRMWARE_PROBLEM_SIZE])
{
    static const int lengths[] = {
        [HEX_DATA] = -1,         [HEX_END] = 0,    [HEX_SEGMENT] = 2,
        [HEX_START_SEGMENT] = 4, [HEX_LINEAR] = 2, [HEX_START_LINEAR] = 4,
    };

    if (record->length < HEX_AROUND || record->length != (size_t)record->bytes[0] + HEX_AROUND)
        return wrong(record, "the record is not as long as it says", problem);
    if (sum_of(record) != 0)
        return wrong(record, "the record's checksum does not fit", problem);
    if (record->bytes[3] >= sizeof(lengths) / sizeof(lengths[0]))
        return wrong(record, "a record of an unknown type", problem);
    if (lengths[record->bytes[3]] >= 0 && record->bytes[0] != lengths[record->bytes[3]])
        return wrong(record, "a record of a length that its type does not have", problem);
    return true;
}

static bool put_data(struct firmware *firmware, const struct record *record, uint64_t address,
                     const uint8_t *data, size_t length, char problem[FIRMWARE_PROBLEM_SIZE])
{
    return firmware_put(firmware, address, data, length) ||
           wrong(record, "the record reaches above the last address", problem);
}

/** @param[in,out] base of the addresses that follow */
static bool take_hex(struct firmware *firmware, const struct record *record, uint32_t *base,
                     char problem[FIRMWARE_PROBLEM_SIZE])
{
    const uint8_t *data = record->bytes + 4;

    switch (record->bytes[3]) {
    case HEX_DATA:
        return put_data(firmware, record, (uint64_t)*base + big_endian(record->bytes + 1, 2), data,
                        record->bytes[0], problem);
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

bool firmware_parse_hex(struct firmware *firmware, const uint8_t *bytes, size_t length,
                        char problem[FIRMWARE_PROBLEM_SIZE])
{
    struct lines lines = {.next = bytes, .end = bytes + length};
    struct record record = {0};
    const uint8_t *start;
    const uint8_t *end;
    uint32_t base = 0;

    firmware->placed = true;
    while (next_line(&lines, &start, &end)) {
        record.line = lines.line;
        if (*start != ':')
            return wrong(&record, "no record of Intel HEX, which starts with ':'", problem);
        if (!read_digits(&record, start + 1, end, problem) || !check_hex(&record, problem))
            return false;
        if (record.bytes[3] == HEX_END)
            return true;
        if (!take_hex(firmware, &record, &base, problem))
            return false;
    }
    snprintf(problem, FIRMWARE_PROBLEM_SIZE,
             "the file was cut short: no record marks the end of Intel HEX");
    return false;
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
static bool check_srec(const struct record *record, char problem[FIRMWARE_PROBLEM_SIZE])
{
    const size_t address_length = s_address_length(record->type);

    if (address_length == 0)
        return wrong(record, "a record of an unknown type", problem);
    if (record->length < address_length + 2 || record->length != (size_t)record->bytes[0] + 1)
        return wrong(record, "the record is not as long as it says", problem);
    if (sum_of(record) != 0xff)
        return wrong(record, "the record's checksum does not fit", problem);
    return true;
}

/**
 * Takes a record in order.
 *
 * @param[in,out] count of records with data so far
 */
static bool take_srec(struct firmware *firmware, const struct record *record, uint32_t *count,
                      char problem[FIRMWARE_PROBLEM_SIZE])
{
    const size_t address_length = s_address_length(record->type);
    const uint32_t address = big_endian(record->bytes + 1, address_length);
    const size_t around = address_length + 1;

    switch (record->type) {
    case '1':
    case '2':
    case '3':
        ++*count;
        return put_data(firmware, record, address, record->bytes + around,
                        record->length - around - 1, problem);
    case '5':
    case '6': /* in the place of the address: how many there are, as far as it has room for that */
        return address == (*count & ((UINT32_C(1) << 8 * address_length) - 1)) ||
               wrong(record, "records are missing before it: it counts others", problem);
    default:
        return true;
    }
}

bool firmware_parse_srec(struct firmware *firmware, const uint8_t *bytes, size_t length,
                         char problem[FIRMWARE_PROBLEM_SIZE])
{
    struct lines lines = {.next = bytes, .end = bytes + length};
    struct record record = {0};
    const uint8_t *start;
    const uint8_t *end;
    uint32_t count = 0;

    firmware->placed = true;
    while (next_line(&lines, &start, &end)) {
        record.line = lines.line;
        if (*start != 'S' || end - start < 2)
            return wrong(&record, "no S-record", problem);
        record.type = (char)start[1];
        if (!read_digits(&record, start + 2, end, problem) || !check_srec(&record, problem) ||
            !take_srec(firmware, &record, &count, problem))
            return false;
        if (record.type >= '7')
            return true;
    }
    /* Writers leave the end record out at times; a lost line cannot be told without a count. */
    return true;
}

/* Writing */

/** The bytes of a line of text, at most 16, which do not reach over 64 KiB's border. */
static uint32_t line_length(uint64_t address, uint64_t end)
{
    const uint64_t border = (address | 0xf) + 1;

    return (uint32_t)((end < border ? end : border) - address);
}

/** One record of Intel HEX. */
static void write_hex_record(FILE *to, unsigned address, unsigned type, const uint8_t *bytes,
                             uint32_t length)
{
    unsigned sum = length + (address >> 8) + address + type;

    fprintf(to, ":%02X%04X%02X", (unsigned)length, address, type);
    for (uint32_t i = 0; i < length; i++) {
        fprintf(to, "%02X", bytes[i]);
        sum += bytes[i];
    }
    fprintf(to, "%02X\n", -sum & 0xff);
}

void firmware_write_hex(const struct firmware_output *output, const struct image *image, FILE *to)
{
    uint32_t upper = 0;
    uint8_t bytes[16];

    for (size_t i = 0; i < output->runs_length; i++) {
        const uint64_t end = (uint64_t)output->runs[i].last + 1;
        uint32_t part;

        for (uint64_t at = output->runs[i].first; at < end && !ferror(to); at += part) {
            part = line_length(at, end);
            if (at >> 16 != upper) {
                upper = (uint32_t)(at >> 16);
                bytes[0] = (uint8_t)(upper >> 8);
                bytes[1] = (uint8_t)upper;
                write_hex_record(to, 0, 4, bytes, 2);
            }
            image_copy(image, (uint32_t)at, part, output->fill, bytes);
            write_hex_record(to, (unsigned)at & 0xffff, 0, bytes, part);
        }
    }
    write_hex_record(to, 0, 1, NULL, 0);
}

/** One S-record. */
static void write_s_record(FILE *to, char type, int address_digits, uint32_t address,
                           const uint8_t *bytes, uint32_t length)
{
    const unsigned count = (unsigned)address_digits / 2 + length + 1;
    unsigned sum =
        count + (address >> 24) + (address >> 16 & 0xff) + (address >> 8 & 0xff) + (address & 0xff);

    fprintf(to, "S%c%02X%0*X", type, count, address_digits, (unsigned)address);
    for (uint32_t i = 0; i < length; i++) {
        fprintf(to, "%02X", bytes[i]);
        sum += bytes[i];
    }
    fprintf(to, "%02X\n", ~sum & 0xff);
}

void firmware_write_srec(const struct firmware_output *output, const struct image *image, FILE *to)
{
    static const uint8_t name[] = {'b', 'o', 'o', 't', 't', 'a', 'p'};
    uint8_t bytes[16];

    write_s_record(to, '0', 4, 0, name, sizeof(name));
    for (size_t i = 0; i < output->runs_length; i++) {
        const uint64_t end = (uint64_t)output->runs[i].last + 1;
        uint32_t part;

        for (uint64_t at = output->runs[i].first; at < end && !ferror(to); at += part) {
            part = line_length(at, end);
            image_copy(image, (uint32_t)at, part, output->fill, bytes);
            write_s_record(to, '3', 8, (uint32_t)at, bytes, part);
        }
    }
    write_s_record(to, '7', 8, 0, NULL, 0);
}
