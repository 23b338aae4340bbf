/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Firmware files: raw binary, Intel HEX, Motorola S-record, DfuSe and plain DFU, ELF.
 */
#ifndef SNIFFER_FIRMWARE_FIRMWARE_H
#define SNIFFER_FIRMWARE_FIRMWARE_H

#include "firmware/format.h"

/** The format that a name stands for, `bin`, `hex`, `srec`, `dfu`, `elf`, or false. */
bool firmware_format_by_name(const char *name, enum firmware_format *format);

/** The format that a file's name stands for by its extension, or false. */
bool firmware_format_by_path(const char *path, enum firmware_format *format);

/**
 * Reads a file; which format it has is recognised by its contents. What is
 * wrong is printed as a message.
 *
 * @param[out] firmware to be released where true is returned
 * @return false if it cannot be read, or is damaged, or holds no byte
 */
bool firmware_read(struct firmware *firmware, const char *path);

/**
 * The same for contents in memory; what is wrong is left as the firmware's problem.
 *
 * @param name of the file, for its extension
 */
bool firmware_parse(struct firmware *firmware, const char *name, const uint8_t *bytes,
                    size_t length);

void firmware_release(struct firmware *firmware);

/**
 * Writes runs of an image, in any format but FIRMWARE_ELF.
 *
 * @return false if writing failed; the stream's error is set
 */
bool firmware_write(const struct firmware_output *output, const struct image *image, FILE *to);

#endif
