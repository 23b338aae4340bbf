/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Words that are put together piece by piece in the caller's buffer.
 */
#ifndef DECODER_MODEL_TEXT_H
#define DECODER_MODEL_TEXT_H

#include <stddef.h>
#include <stdint.h>

/** Text that grows up to a limit and is cut there; always zero-terminated. */
struct text {
    char *start;
    size_t size; /**< bytes at start, at least 1 */
    size_t length;
};

/** Begins with no words. @param size at least 1 */
struct text text_begin(char *start, size_t size);

/** Appends as printf() does; what finds no room is left out. */
void text_append(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What the words of each of a million commands need: as text_append(), without its cost. */

void text_word(struct text *text, const char *word);

/** As "%u". */
void text_decimal(struct text *text, uint32_t number);

/** As "0x%08x". */
void text_address(struct text *text, uint32_t address);

#endif
