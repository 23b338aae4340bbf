/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Words of a line of text, and the numbers that they are.
 */
#ifndef SNIFFER_FORMATS_READER_WORDS_H
#define SNIFFER_FORMATS_READER_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boottap/types.h"

/** A piece of a line, not zero-terminated. */
struct word {
    const char *at;
    size_t length;
};

/** Most words of a line that are looked at. */
#define WORDS_MAX 128

struct words {
    size_t length;
    struct word at[WORDS_MAX]; /**< those behind length are empty */
};

/** Cuts a line at spaces and tabs. Words beyond WORDS_MAX are left out. */
void words_split(struct words *words, const char *line, size_t length);

/** Cuts a line at each separator; spaces around fields are taken off. Fields may be empty. */
void words_fields(struct words *words, const char *line, size_t length, char separator);

/** Whether it is this word, capitals or not. */
bool word_is(struct word word, const char *text);

/** Whether it starts so, capitals or not. */
bool word_starts(struct word word, const char *text);

/** Where a letter first stands in it; NULL: nowhere. */
const char *word_find(struct word word, char letter);

/** The word without its first letters. */
struct word word_from(struct word word, size_t offset);

/** @param base 2 to 16 @return false: it is no number, or one above max */
bool word_number(struct word word, unsigned base, uint64_t max, uint64_t *number);

/**
 * A decimal number with or without a fraction, times a unit: `1.0012` with units of 1000000000 ns.
 * Digits beyond nanoseconds are read over.
 *
 * @return false: it is no such number, or too large
 */
bool word_time(struct word word, int64_t unit, btap_ns *time);

/** A moment of the calendar, as if in UTC. */
struct moment {
    unsigned year;
    unsigned month; /**< from 1 */
    unsigned day;
    unsigned hour;
    unsigned minute;
    btap_ns seconds; /**< within the minute */
};

/** @return false: there is no such moment, or btap_ns cannot hold it */
bool moment_time(const struct moment *moment, btap_ns *time);

/** The clock of a moment: `10:15:21` or `10:15:21.500`. @return false: it is none */
bool moment_clock(struct word word, struct moment *moment);

/** The date of a moment: three numbers, the year first or last. @return false: it is none */
bool moment_date(struct word word, char separator, struct moment *moment);

#endif
