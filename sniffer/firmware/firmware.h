/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Firmware files: raw binary, Intel HEX, Motorola S-record, DfuSe and plain DFU, ELF.
 */
#ifndef SNIFFER_FIRMWARE_FIRMWARE_H
#define SNIFFER_FIRMWARE_FIRMWARE_H

#include <stdio.h>

#include "memory/image.h"

enum firmware_format {
    FIRMWARE_BIN,
    FIRMWARE_HEX,  /**< Intel HEX */
    FIRMWARE_SREC, /**< Motorola S-record */
    FIRMWARE_DFU,  /**< DfuSe (UM0391), or bare contents, with the suffix of DFU 1.1 appendix B */
    FIRMWARE_ELF,  /**< is only read */
    FIRMWARE_FORMATS,
};

/** Largest file that is read. */
#define FIRMWARE_SIZE_MAX (256u * 1024 * 1024)

/** Room for what firmware_parse() says where it returns false. */
#define FIRMWARE_PROBLEM_SIZE 256

/** A file's contents. */
struct firmware {
    enum firmware_format format;
    bool placed; /**< the file tells addresses; false: image starts at 0 */
    struct image image;
};

/** `bin`, `hex`, `srec`, `dfu`, `elf`. */
const char *firmware_format_name(enum firmware_format format);

/** The format that a name stands for, or false. */
bool firmware_format_by_name(const char *name, enum firmware_format *format);

/** The format that a file's name stands for by its extension, or false. */
bool firmware_format_by_path(const char *path, enum firmware_format *format);

/**
 * Reads a file; which format it has is told by its contents. Troubles are told in a message.
 *
 * @param[out] firmware to be released where true is returned
 * @return false if it cannot be read, or is damaged, or holds no byte
 */
bool firmware_read(struct firmware *firmware, const char *path);

/**
 * The same for contents in memory.
 *
 * @param name of the file, for its extension
 * @param[out] problem where false is returned: what is wrong
 */
bool firmware_parse(struct firmware *firmware, const char *name, const uint8_t *bytes,
                    size_t length, char problem[FIRMWARE_PROBLEM_SIZE]);

void firmware_release(struct firmware *firmware);

/** Adds bytes of a file. @return false if they reach above 32 bits of address */
bool firmware_put(struct firmware *firmware, uint64_t address, const uint8_t *bytes, size_t length);

/** The readers of each format. Parameters and return value as firmware_parse(). */
bool firmware_parse_hex(struct firmware *firmware, const uint8_t *bytes, size_t length,
                        char problem[FIRMWARE_PROBLEM_SIZE]);
bool firmware_parse_srec(struct firmware *firmware, const uint8_t *bytes, size_t length,
                         char problem[FIRMWARE_PROBLEM_SIZE]);
bool firmware_parse_dfu(struct firmware *firmware, const uint8_t *bytes, size_t length,
                        char problem[FIRMWARE_PROBLEM_SIZE]);
bool firmware_parse_elf(struct firmware *firmware, const uint8_t *bytes, size_t length,
                        char problem[FIRMWARE_PROBLEM_SIZE]);

/** Whether a file ends with a DFU suffix whose checksum fits. */
bool firmware_has_dfu_suffix(const uint8_t *bytes, size_t length);

/** What is written, and how. */
struct firmware_output {
    enum firmware_format format;   /**< not FIRMWARE_ELF */
    const struct btap_range *runs; /**< in order, not overlapping, at least one */
    size_t runs_length;
    const uint8_t *alternates; /**< DfuSe: the alternate setting of each run; NULL: 0 of all */
    uint8_t fill;    /**< for bytes of a run, or between runs in a binary, without a value */
    bool placed;     /**< DFU: DfuSe, with addresses; false: bare contents of the one run */
    uint16_t vendor; /**< for a DFU suffix; 0xFFFF any */
    uint16_t product;
    uint16_t device;
};

/**
 * Writes runs of an image.
 *
 * @return false if writing failed; the stream's error is set
 */
bool firmware_write(const struct firmware_output *output, const struct image *image, FILE *to);

/** The same for DFU files. */
bool firmware_write_dfu(const struct firmware_output *output, const struct image *image, FILE *to);

#endif
