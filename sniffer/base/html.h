/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writing HTML in which text from outside is always text.
 */
#ifndef SNIFFER_BASE_HTML_H
#define SNIFFER_BASE_HTML_H

#include <stdint.h>
#include <stdio.h>

#include "boottap/types.h"

/**
 * Writes text for an element or a quoted attribute: the five characters that mean something in
 * HTML as references; control characters and those that turn the direction of writing as `\xNN` or
 * `\uNNNN`; bytes that are no UTF-8 as U+FFFD.
 */
void html_text(FILE *to, const char *text);

/**
 * Writes markup with values in it. Every `%s` goes through html_text(); whatever is markup stands
 * in the format. Known beside it, with a width and a precision where they make sense: `%u`, `%x`,
 * `%X`, `%f`, PRIu64, PRIx64 and `%%`.
 */
void html_print(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Stands between a number and its unit, where no line may end: U+00A0. */
#define HTML_SPACE "\xc2\xa0"

/** Stands in a unit such as kB/s: a slash with U+2060 behind it, where else a line might end. */
#define HTML_SLASH "/\xe2\x81\xa0"

/** Longest words that the functions below make. */
#define HTML_WORDS_SIZE 48

/** Words as a value: the text of a call's result may be used until the end of the expression. */
struct words {
    char text[HTML_WORDS_SIZE];
};

/* Words for numbers, in which no line ends: their spaces are such as do not break. */

/** `904 bytes`, `20 KiB`, `1.5 MiB`. */
struct words words_bytes(uint64_t bytes);

/** `0 s`, `177 µs`, `74.7 ms`, `1.20 s`, `2 min 05 s`, `8 h 34 min`. time is not negative. */
struct words words_duration(btap_ns time);

/** `1055`, `12 345`: groups of three above four digits, with narrow spaces. */
struct words words_count(uint64_t count);

/** `2026-11-21 04:10:56 UTC`. */
struct words words_moment(btap_ns time);

#endif
