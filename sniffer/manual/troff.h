/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Words as man(7) takes them.
 */
#ifndef SNIFFER_MANUAL_TROFF_H
#define SNIFFER_MANUAL_TROFF_H

#include <stddef.h>
#include <stdio.h>

/** Writes length characters as they are to be read, `-` as one types it. */
void troff_piece(const char *text, size_t length, FILE *to);

/** The same of a whole text. */
void troff_text(const char *text, FILE *to);

/**
 * The same, on as many lines as it takes: where troff fills them.
 *
 * @param column what stands on the first line before it
 */
void troff_filled(size_t column, const char *text, size_t length, FILE *to);

/** Writes lines of help: filled, but those that begin with two spaces stay as they are. */
void troff_lines(const char *text, size_t length, FILE *to);

/** Writes what stands behind "Exit status:" in the words of help, a paragraph for each. */
void troff_statuses(const char *text, FILE *to);

#endif
