/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One line of text under construction: fixed size, cut where it would grow longer. Printing a
 * line a transaction with it costs a fraction of what printf would.
 */
#ifndef SNIFFER_BASE_LINE_H
#define SNIFFER_BASE_LINE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "boottap/link.h"

/** Longest line with its newline; a path (4096 on Linux) fits. */
#define LINE_SIZE 8192

struct line {
    size_t length;
    size_t invisible; /**< bytes of it that take no place on a terminal */
    char text[LINE_SIZE];
};

/** Empties the line. */
void line_start(struct line *line);

/** Appends text as it is. */
void line_text(struct line *line, const char *text);

/**
 * Appends text from outside: control characters, and bytes that are no UTF-8, as \xNN, so that a
 * terminal shows them and obeys none.
 */
void line_escaped(struct line *line, const char *text);

/**
 * Appends what printf() would print, for lines of which there are not many: it takes several times
 * as long as the other functions.
 */
void line_format(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Appends the name of a link, which may come from outside. */
void line_link(struct line *line, const struct btap_link *link);

/** Appends a terminal's control sequence. */
void line_control(struct line *line, const char *sequence);

/** Appends a decimal number, with spaces before it up to width. */
void line_decimal(struct line *line, uint64_t value, size_t width);

/** Appends a number in digits decimal places, with zeros before it. */
void line_zero_padded(struct line *line, uint64_t value, size_t digits);

/** Appends a byte as two hexadecimal digits. */
void line_hex(struct line *line, uint8_t byte);

/** Appends spaces up to a column, counted from 0; two if the line is that long already. */
void line_to_column(struct line *line, size_t column);

/** Puts spaces before what was appended since the line was start long, up to width. */
void line_right_align(struct line *line, size_t start, size_t width);

/** Writes the line and a newline. */
void line_print(const struct line *line, FILE *to);

/**
 * Length of the UTF-8 character at text.
 *
 * @param text zero-terminated, not at its end
 * @return 1-4; 0 if the bytes are no UTF-8
 */
size_t utf8_length(const char *text);

/** Value of a hexadecimal digit of either case; 16 for any other character. */
unsigned digit_value(char digit);

#endif
