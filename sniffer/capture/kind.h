/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kinds of files that people hold, told by their first bytes: to name one for what it is where
 * another is wanted. A kind is a row of the table in kind.c.
 */
#ifndef SNIFFER_CAPTURE_KIND_H
#define SNIFFER_CAPTURE_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** So many first bytes are looked at; fewer will do. */
#define KIND_FIRST_SIZE 4096

enum kind_class {
    KIND_CAPTURE,  /**< what boottap reads */
    KIND_FIRMWARE, /**< what is flashed */
    KIND_LOG,      /**< shows traffic, or tells of it, in another way */
    KIND_FAILED,   /**< what a download that failed leaves */
    KIND_OTHER,
};

/** What a file is looked at by: its first bytes, and where its text begins. */
struct kind_first {
    const uint8_t *bytes;
    size_t length;
    size_t text; /**< behind a byte order mark and spaces */
};

struct kind {
    enum kind_class kind_class;
    const char *name;   /**< with its article */
    const char *advice; /**< what to do to get a capture */
    bool (*probe)(const struct kind_first *first);
};

/** @return NULL: none of the kinds that are known */
const struct kind *kind_find(const uint8_t *bytes, size_t length);

/**
 * A file that is given as firmware.
 *
 * @param raw its name says that it is raw contents, which may look like many things
 * @return NULL: it may be firmware
 */
const struct kind *kind_find_no_firmware(const uint8_t *bytes, size_t length, bool raw);

#endif
