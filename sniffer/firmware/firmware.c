/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firmware/firmware.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/allocate.h"
#include "base/message.h"

#define CHUNK_SIZE (64 * 1024)

static const char *const format_names[] = {
    [FIRMWARE_BIN] = "bin", [FIRMWARE_HEX] = "hex", [FIRMWARE_SREC] = "srec",
    [FIRMWARE_DFU] = "dfu", [FIRMWARE_ELF] = "elf",
};

static const struct {
    const char *extension;
    enum firmware_format format;
} extensions[] = {
    {"bin", FIRMWARE_BIN},  {"img", FIRMWARE_BIN},  {"raw", FIRMWARE_BIN},   {"hex", FIRMWARE_HEX},
    {"ihex", FIRMWARE_HEX}, {"ihx", FIRMWARE_HEX},  {"srec", FIRMWARE_SREC}, {"s19", FIRMWARE_SREC},
    {"s28", FIRMWARE_SREC}, {"s37", FIRMWARE_SREC}, {"mot", FIRMWARE_SREC},  {"sre", FIRMWARE_SREC},
    {"dfu", FIRMWARE_DFU},  {"elf", FIRMWARE_ELF},  {"axf", FIRMWARE_ELF},
};

const char *firmware_format_name(enum firmware_format format)
{
    return format_names[format];
}

bool firmware_format_by_name(const char *name, enum firmware_format *format)
{
    for (size_t i = 0; i < FIRMWARE_FORMATS; i++)
        if (strcmp(format_names[i], name) == 0) {
            *format = (enum firmware_format)i;
            return true;
        }
    return false;
}

bool firmware_format_by_path(const char *path, enum firmware_format *format)
{
    const char *slash = strrchr(path, '/');
    const char *point = strrchr(slash != NULL ? slash : path, '.');

    for (size_t i = 0; point != NULL && i < sizeof(extensions) / sizeof(extensions[0]); i++)
        if (strcasecmp(extensions[i].extension, point + 1) == 0) {
            *format = extensions[i].format;
            return true;
        }
    return false;
}

/** Whether text starts a record: its mark, and as many hexadecimal digits. */
static bool starts_record(const uint8_t *bytes, size_t length, size_t digits)
{
    if (length < 1 + digits)
        return false;
    for (size_t i = 1; i <= digits; i++)
        if (strchr("0123456789abcdefABCDEF", bytes[i]) == NULL || bytes[i] == '\0')
            return false;
    return true;
}

static enum firmware_format recognise(const char *name, const uint8_t *bytes, size_t length)
{
    enum firmware_format named = FIRMWARE_FORMATS;

    firmware_format_by_path(name, &named);
    if (firmware_has_dfu_suffix(bytes, length) || (length >= 5 && memcmp(bytes, "DfuSe", 5) == 0))
        return FIRMWARE_DFU;
    if (length >= 4 && memcmp(bytes,
                              "\x7f"
                              "ELF",
                              4) == 0)
        return FIRMWARE_ELF;
    /* A raw binary may start with anything, and its name says that it is one. */
    if (named == FIRMWARE_BIN)
        return FIRMWARE_BIN;
    if (named == FIRMWARE_HEX || (length > 0 && bytes[0] == ':' && starts_record(bytes, length, 8)))
        return FIRMWARE_HEX;
    if (named == FIRMWARE_SREC ||
        (length > 0 && bytes[0] == 'S' && starts_record(bytes, length, 7)))
        return FIRMWARE_SREC;
    return named == FIRMWARE_DFU || named == FIRMWARE_ELF ? named : FIRMWARE_BIN;
}

static bool parse_as(struct firmware *firmware, const uint8_t *bytes, size_t length,
                     char problem[FIRMWARE_PROBLEM_SIZE])
{
    switch (firmware->format) {
    case FIRMWARE_HEX:
        return firmware_parse_hex(firmware, bytes, length, problem);
    case FIRMWARE_SREC:
        return firmware_parse_srec(firmware, bytes, length, problem);
    case FIRMWARE_DFU:
        return firmware_parse_dfu(firmware, bytes, length, problem);
    case FIRMWARE_ELF:
        return firmware_parse_elf(firmware, bytes, length, problem);
    default:
        image_write(&firmware->image, 0, bytes, (uint32_t)length);
        return true;
    }
}

bool firmware_put(struct firmware *firmware, uint64_t address, const uint8_t *bytes, size_t length)
{
    const uint64_t addresses = (uint64_t)UINT32_MAX + 1;

    if (length == 0)
        return true;
    if (address > UINT32_MAX || length > addresses - address)
        return false;
    image_write(&firmware->image, (uint32_t)address, bytes, (uint32_t)length);
    return true;
}

/** Whether the file says one thing, and says something. */
static bool is_definite(const struct firmware *firmware, char problem[FIRMWARE_PROBLEM_SIZE])
{
    struct btap_range twice;

    if (image_empty(&firmware->image)) {
        snprintf(problem, FIRMWARE_PROBLEM_SIZE, "no bytes to flash are in it");
        return false;
    }
    if (!image_next(&firmware->image, 0, IMAGE_CHANGED, IMAGE_CHANGED, &twice))
        return true;
    snprintf(problem, FIRMWARE_PROBLEM_SIZE,
             "different contents for the same address, 0x%08" PRIx32, twice.first);
    return false;
}

bool firmware_parse(struct firmware *firmware, const char *name, const uint8_t *bytes,
                    size_t length, char problem[FIRMWARE_PROBLEM_SIZE])
{
    *firmware = (struct firmware){.format = recognise(name, bytes, length)};
    if (parse_as(firmware, bytes, length, problem) && is_definite(firmware, problem))
        return true;
    firmware_release(firmware);
    return false;
}

void firmware_release(struct firmware *firmware)
{
    image_release(&firmware->image);
}

/** Reads all of a file; NULL if that fails, with the cause in problem. */
static uint8_t *read_all(FILE *file, size_t *length, char problem[FIRMWARE_PROBLEM_SIZE])
{
    uint8_t *bytes = NULL;
    size_t room = 0;

    *length = 0;
    do {
        if (room - *length < CHUNK_SIZE) {
            room = 2 * room + CHUNK_SIZE;
            bytes = reallocate(bytes, room);
        }
        *length += fread(bytes + *length, 1, room - *length, file);
    } while (!feof(file) && !ferror(file) && *length <= FIRMWARE_SIZE_MAX);
    if (ferror(file))
        snprintf(problem, FIRMWARE_PROBLEM_SIZE, "%s", strerror(errno));
    else if (*length > FIRMWARE_SIZE_MAX)
        snprintf(problem, FIRMWARE_PROBLEM_SIZE, "larger than 256 MiB, which no firmware is");
    else
        return bytes;
    free(bytes);
    return NULL;
}

bool firmware_read(struct firmware *firmware, const char *path)
{
    char problem[FIRMWARE_PROBLEM_SIZE];
    FILE *file = fopen(path, "rb");
    uint8_t *bytes;
    size_t length;
    bool valid;

    if (file == NULL) {
        message("%s: %s", path, strerror(errno));
        return false;
    }
    bytes = read_all(file, &length, problem);
    fclose(file);
    valid = bytes != NULL && firmware_parse(firmware, path, bytes, length, problem);
    free(bytes);
    if (!valid)
        message("%s: %s", path, problem);
    return valid;
}

/* Writing */

/** The bytes of a line of text, at most 16, which do not reach over 64 KiB's border. */
static uint32_t line_length(uint64_t address, uint64_t end)
{
    const uint64_t border = (address | 0xf) + 1;

    return (uint32_t)((end < border ? end : border) - address);
}

static void write_bin(const struct firmware_output *output, const struct image *image, FILE *to)
{
    const uint64_t end = (uint64_t)output->runs[output->runs_length - 1].last + 1;
    uint8_t bytes[4096];

    for (uint64_t at = output->runs[0].first; at < end && !ferror(to); at += sizeof(bytes)) {
        const uint32_t part = end - at < sizeof(bytes) ? (uint32_t)(end - at) : sizeof(bytes);

        image_copy(image, (uint32_t)at, part, output->fill, bytes);
        fwrite(bytes, 1, part, to);
    }
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

static void write_hex(const struct firmware_output *output, const struct image *image, FILE *to)
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

static void write_srec(const struct firmware_output *output, const struct image *image, FILE *to)
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

bool firmware_write(const struct firmware_output *output, const struct image *image, FILE *to)
{
    switch (output->format) {
    case FIRMWARE_HEX:
        write_hex(output, image, to);
        break;
    case FIRMWARE_SREC:
        write_srec(output, image, to);
        break;
    case FIRMWARE_DFU:
        return firmware_write_dfu(output, image, to);
    default:
        write_bin(output, image, to);
        break;
    }
    return !ferror(to);
}
