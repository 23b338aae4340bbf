/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Words broken into lines that fit the terminal.
 */
#ifndef SNIFFER_BASE_PARAGRAPH_H
#define SNIFFER_BASE_PARAGRAPH_H

#include <stddef.h>
#include <stdio.h>

/** Characters in a line of the terminal behind a stream; 80 if it is none. */
size_t paragraph_width(FILE *to);

/** How a paragraph is laid out. */
struct paragraph {
    const char *label;  /**< before the words; two spaces stand before it. NULL: none */
    const char *before; /**< terminal control sequences around the label, or around the words where
                             there is no label; NULL: none */
    const char *after;
    size_t column; /**< of the words, from 0 */
};

/**
 * Prints words, broken between them into lines; words from outside are escaped. A word that is
 * longer than a line stands alone in one.
 */
void paragraph_print(const struct paragraph *paragraph, const char *words, FILE *to);

/** Prints what a user may copy: the same, in one line however long. */
void paragraph_print_unbroken(const struct paragraph *paragraph, const char *words, FILE *to);

#endif
