/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The notation in which people write down a session, docs/hex.md: host bytes, `>`, device bytes,
 * `;` or a new line. Its reader is reader_notation.
 */
#ifndef SNIFFER_FORMATS_SERIAL_NOTATION_H
#define SNIFFER_FORMATS_SERIAL_NOTATION_H

#include <stdbool.h>
#include <stddef.h>

/** How a file begins that boottap writes in it. */
#define NOTATION_HEAD "# boottap hex"

/** Most bytes that `*` stands for. */
#define NOTATION_REPEAT_MAX 65536

/** Room for what is wrong with a text, in words. */
#define NOTATION_PROBLEM_SIZE 128

/**
 * Looks for what is wrong with a text.
 *
 * @param text zero-terminated, of one or more lines
 * @param[out] problem `column 12: ...`, with `line 2, ` before it where there are several
 * @return false: something is
 */
bool notation_check(const char *text, char problem[NOTATION_PROBLEM_SIZE]);

#endif
