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

#include "base/letter.h"
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

/**
 * Appends text. What a terminal would obey (letter.h) is escaped here and in all functions below,
 * so that nothing from outside is printed as it is; a tab stays.
 */
void line_text(struct line *line, const char *text);

/** Appends text from outside, in which a tab is escaped too: it could pass for a column. */
void line_escaped(struct line *line, const char *text);

/**
 * Appends what printf() would print, for lines of which there are not many: it takes several times
 * as long as the other functions.
 */
void line_format(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Appends a line break, for what is printed as one and shown as several. */
void line_break(struct line *line);

/** Appends the name of a link, which may come from outside. */
void line_link(struct line *line, const struct btap_link *link);

/** Appends a terminal's control sequence, as it is. */
void line_control(struct line *line, const char *sequence);

/** Appends a decimal number, with spaces before it up to width. */
void line_decimal(struct line *line, uint64_t value, size_t width);

/** Appends a number in digits decimal places, with zeros before it. */
void line_zero_padded(struct line *line, uint64_t value, size_t digits);

/** Appends a byte as two hexadecimal digits. */
void line_hex(struct line *line, uint8_t byte);

/** Appends bytes as two hexadecimal digits each, with a space between. */
void line_bytes(struct line *line, const uint8_t *bytes, size_t count);

/** Appends spaces up to a column, counted from 0; two if the line is that long already. */
void line_to_column(struct line *line, size_t column);

/** Puts spaces before what was appended since the line was start long, up to width. */
void line_right_align(struct line *line, size_t start, size_t width);

/** Writes the line and a newline. */
void line_print(const struct line *line, FILE *to);

/** Prints what printf() would print, escaped as line_text() does, and a newline. */
void print_line(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
