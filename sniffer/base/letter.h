/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which characters of text from outside are shown as they are. Everything that writes such text
 * asks here: lines for a terminal, JSON, XML, HTML.
 */
#ifndef SNIFFER_BASE_LETTER_H
#define SNIFFER_BASE_LETTER_H

#include <stddef.h>
#include <stdint.h>

enum letter_kind {
    LETTER_PLAIN,
    LETTER_HIDDEN, /**< a control, one that turns the direction of writing, or none at all */
    LETTER_BROKEN, /**< a byte that is no UTF-8 */
};

struct letter {
    enum letter_kind kind;
    uint32_t point; /**< code point; of LETTER_BROKEN the byte */
    size_t length;  /**< in bytes, 1-4 */
};

/**
 * Length of the UTF-8 character at text.
 *
 * @param text zero-terminated, not at its end
 * @return 1-4; 0 if the bytes are no UTF-8
 */
size_t utf8_length(const char *text);

/** The first character of text. @param text zero-terminated, not at its end */
struct letter letter_at(const char *text);

/** How many bytes at the start of text are printable ASCII. */
size_t letter_plain_run(const char *text);

/** Room for letter_escape() with its terminating zero. */
#define LETTER_ESCAPE_SIZE 11

/** Writes `\x1b` for a byte, or `\u202e`, `\U0001fffe` for a character. @return words */
const char *letter_escape(const struct letter *letter, char words[static LETTER_ESCAPE_SIZE]);

#endif
