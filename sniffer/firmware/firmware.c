/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firmware/firmware.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/allocate.h"
#include "base/message.h"
#include "base/unpack.h"
#include "capture/kind.h"

#define CHUNK_SIZE        (64 * 1024)
#define UNPACKED_SIZE_MAX (64u * 1024 * 1024) /* of a compressed file: it may be a bomb */
#define NAME_SIZE         4096

static bool parse_bin(struct firmware *firmware, const uint8_t *bytes, size_t length)
{
    image_write(&firmware->image, 0, bytes, (uint32_t)length);
    return true;
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

static const struct {
    const char *name;
    firmware_parser *parse;
    firmware_writer *write; /**< NULL: is only read */
} formats[FIRMWARE_FORMATS] = {
    [FIRMWARE_BIN] = {"bin", parse_bin, write_bin},
    [FIRMWARE_HEX] = {"hex", firmware_parse_hex, firmware_write_hex},
    [FIRMWARE_SREC] = {"srec", firmware_parse_srec, firmware_write_srec},
    [FIRMWARE_DFU] = {"dfu", firmware_parse_dfu, firmware_write_dfu},
    [FIRMWARE_ELF] = {"elf", firmware_parse_elf, NULL},
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

bool firmware_format_by_name(const char *name, enum firmware_format *format)
{
    for (size_t i = 0; i < FIRMWARE_FORMATS; i++)
        if (strcmp(formats[i].name, name) == 0) {
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

/** Whether the file says one thing, and says something. */
static bool is_definite(struct firmware *firmware)
{
    struct btap_range twice;

    if (image_empty(&firmware->image))
        return firmware_refuse(firmware, "no bytes to flash are in it");
    return !image_first(&firmware->image, IMAGE_CHANGED, &twice) ||
           firmware_refuse(firmware, "different contents for the same address, 0x%08" PRIx32,
                           twice.first);
}

bool firmware_parse(struct firmware *firmware, const char *name, const uint8_t *bytes,
                    size_t length)
{
    *firmware = (struct firmware){.format = recognise(name, bytes, length)};
    if (formats[firmware->format].parse(firmware, bytes, length) && is_definite(firmware))
        return true;
    firmware_release(firmware);
    return false;
}

void firmware_release(struct firmware *firmware)
{
    image_release(&firmware->image);
}

/** Largest contents of a file. */
static unsigned int largest(const struct unpack *unpack)
{
    return unpack_packing(unpack) != NULL ? UNPACKED_SIZE_MAX : FIRMWARE_SIZE_MAX;
}

/** Reads all of a file; NULL if that fails, with the cause as the problem. */
static uint8_t *read_all(struct firmware *firmware, struct unpack *unpack, size_t *length)
{
    uint8_t *bytes = NULL;
    size_t room = 0;
    ssize_t got;

    *length = 0;
    do {
        if (room - *length < CHUNK_SIZE) {
            room = 2 * room + CHUNK_SIZE;
            bytes = reallocate(bytes, room);
        }
        got = unpack_read(unpack, bytes + *length, room - *length);
        if (got > 0)
            *length += (size_t)got;
    } while (got > 0 && *length <= largest(unpack));
    if (got < 0)
        firmware_refuse(firmware, "%s", strerror(errno));
    else if (*length > largest(unpack))
        firmware_refuse(firmware, "larger than %u MiB%s, which no firmware is",
                        largest(unpack) >> 20,
                        unpack_packing(unpack) != NULL ? " when it is unpacked" : "");
    else if (unpack_trouble(unpack) != NULL)
        firmware_refuse(firmware, "%s", unpack_trouble(unpack));
    else
        return bytes;
    free(bytes);
    return NULL;
}

/** Whether it may be firmware; else the problem says what it is. */
static bool may_be_firmware(struct firmware *firmware, const char *name, const uint8_t *bytes,
                            size_t length)
{
    enum firmware_format named = FIRMWARE_FORMATS;
    const struct kind *kind;

    if (length == 0)
        return firmware_refuse(firmware, "the file is empty");
    firmware_format_by_path(name, &named);
    if (firmware_has_dfu_suffix(bytes, length))
        return true;
    kind = kind_find_no_firmware(bytes, length, named == FIRMWARE_BIN);
    return kind == NULL ||
           firmware_refuse(firmware,
                           "%s, and no firmware, which is a .bin, .hex, .srec, .dfu or "
                           ".elf file",
                           kind->name);
}

/** The name that a compressed file has without that: `fw.hex.gz` without `.gz`. */
static void name_unpacked(const struct unpack *unpack, const char *path, char *name, size_t size)
{
    const char *point = strrchr(path, '.');
    const size_t length = unpack_packing(unpack) != NULL && point != NULL && point > path
                              ? (size_t)(point - path)
                              : strlen(path);

    /* The end of a path that is too long is what tells. */
    snprintf(name, size, "%.*s", (int)(length < size ? length : size - 1),
             path + (length < size ? 0 : length - size + 1));
}

static bool parse_file(struct firmware *firmware, const char *path, int fd)
{
    struct unpack *unpack = unpack_new(fd);
    char name[NAME_SIZE];
    uint8_t *bytes;
    size_t length;
    bool valid;

    bytes = read_all(firmware, unpack, &length);
    name_unpacked(unpack, path, name, sizeof(name));
    valid = bytes != NULL && may_be_firmware(firmware, name, bytes, length) &&
            firmware_parse(firmware, name, bytes, length);
    free(bytes);
    unpack_free(unpack);
    return valid;
}

bool firmware_read(struct firmware *firmware, const char *path)
{
    FILE *file = fopen(path, "rbe");
    struct stat status;
    bool valid;

    if (file == NULL) {
        message("%s: %s", path, strerror(errno));
        return false;
    }
    *firmware = (struct firmware){0};
    if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode))
        valid = firmware_refuse(firmware, "a directory; name the firmware file in it");
    else
        valid = parse_file(firmware, path, fileno(file));
    fclose(file);
    if (!valid)
        message("%s: %s", path, firmware->problem);
    return valid;
}

bool firmware_write(const struct firmware_output *output, const struct image *image, FILE *to)
{
    formats[output->format].write(output, image, to);
    return !ferror(to);
}
