/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the formats of firmware files share: the contents that they read, and the runs that they
 * write.
 */
#ifndef SNIFFER_FIRMWARE_FORMAT_H
#define SNIFFER_FIRMWARE_FORMAT_H

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

/** A file's contents. */
struct firmware {
    enum firmware_format format;
    bool placed; /**< the file tells addresses; false: image starts at 0 */
    struct image image;
    char problem[256]; /**< where it could not be read: what is wrong */
};

/** What is written, and how. */
struct firmware_output {
    enum firmware_format format;   /**< not FIRMWARE_ELF */
    const struct btap_range *runs; /**< in order, not overlapping, at least one */
    size_t runs_length;
    const uint8_t *alternates; /**< DfuSe: the alternate setting of each run; NULL: 0 of all */
    uint8_t fill;    /**< for bytes of a run, or between runs in a binary, without a value */
    bool placed;     /**< DFU: DfuSe, with addresses; false: bare contents of the one run */
    bool partial;    /**< it lacks what came last, which a format that has a place for it tells */
    uint16_t vendor; /**< for a DFU suffix; 0xFFFF any */
    uint16_t product;
    uint16_t device;
};

/** Adds bytes of a file. @return false if they reach above 32 bits of address */
bool firmware_put(struct firmware *firmware, uint64_t address, const uint8_t *bytes, size_t length);

/** Says what is wrong with a file. @return false, for the caller to return */
bool firmware_refuse(struct firmware *firmware, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * The readers of each format.
 *
 * @param[in,out] firmware receives bytes, whether the file tells addresses, and the problem
 * @return false if there is a problem
 */
typedef bool firmware_parser(struct firmware *firmware, const uint8_t *bytes, size_t length);
firmware_parser firmware_parse_hex;
firmware_parser firmware_parse_srec;
firmware_parser firmware_parse_dfu;
firmware_parser firmware_parse_elf;

/** The writers of each format. A write that failed shows in the stream's error. */
typedef void firmware_writer(const struct firmware_output *output, const struct image *image,
                             FILE *to);
firmware_writer firmware_write_hex;
firmware_writer firmware_write_srec;
firmware_writer firmware_write_dfu;

/** Whether a file ends with a DFU suffix whose checksum fits. */
bool firmware_has_dfu_suffix(const uint8_t *bytes, size_t length);

#endif
