/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kinds of files, and what they are told by: the first bytes, and what probes of them are made of.
 */
#ifndef SNIFFER_FORMATS_READER_FIRST_H
#define SNIFFER_FORMATS_READER_FIRST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** So many first bytes are looked at; fewer will do. */
#define FIRST_SIZE 16384

/** With so many the kind is looked for, where more may come. */
#define FIRST_SURE 4

struct first {
    const uint8_t *bytes;
    size_t length; /**< FIRST_SIZE or less */
    size_t text;   /**< where text begins: behind a byte order mark and spaces */
};

/* Kinds of files that people hold */

enum kind_class {
    KIND_CAPTURE,  /**< what boottap reads */
    KIND_FIRMWARE, /**< what is flashed */
    KIND_LOG,      /**< shows traffic, or tells of it, in another way */
    KIND_FAILED,   /**< what a download that failed leaves */
    KIND_OTHER,
};

struct kind {
    enum kind_class kind_class;
    const char *name;   /**< with its article */
    const char *advice; /**< what to do to get a capture */
    bool (*probe)(const struct first *first);
};

/** @param length more than FIRST_SIZE counts as that */
struct first first_from(const uint8_t *bytes, size_t length);

/** Whether it is text, whatever its characters' encoding. */
bool first_is_text(const struct first *first);

/** Whether these bytes stand there. */
bool first_bytes(const struct first *first, size_t offset, const void *bytes, size_t length);

/** The same with a string literal. */
#define FIRST_BYTES(first, offset, literal) first_bytes(first, offset, literal, sizeof(literal) - 1)

/** Whether the text starts so, capitals or not. */
bool first_starts(const struct first *first, const char *word);

/** Whether these words stand anywhere in it. */
bool first_has(const struct first *first, const char *words);

/**
 * Whether the text starts with a pattern: `9` is one or more digits, `h` one or more hexadecimal
 * ones, `_` spaces or tabs, if any, `w` one or more letters, digits or marks of a word; all else is
 * itself.
 */
bool first_looks(const struct first *first, const char *pattern);

/** Whether one of its lines does, behind spaces and the marks of a quotation. */
bool first_line_looks(const struct first *first, const char *pattern);

/**
 * Whether one of its lines is what a function looks for, with or without spaces and the marks of a
 * quotation before it.
 *
 * @param is gets a line without its end, not zero-terminated
 */
bool first_line_is(const struct first *first, bool (*is)(const char *line, size_t length));

/**
 * Whether a text starts with such a pattern, too.
 *
 * @return how many bytes it takes; 0: it does not
 */
size_t text_looks(const char *text, size_t length, const char *pattern);

#endif
