/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/reader/words.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/digits.h"

#define YEAR_MIN 1970u
#define YEAR_MAX 2261u /* the last whole one that 64 bits of nanoseconds hold */

static bool is_space(char letter)
{
    return letter == ' ' || letter == '\t';
}

static void add(struct words *words, const char *at, size_t length)
{
    if (words->length < WORDS_MAX)
        words->at[words->length++] = (struct word){at, length};
}

void words_split(struct words *words, const char *line, size_t length)
{
    size_t from;

    *words = (struct words){0};
    for (size_t i = 0; i < length;) {
        while (i < length && is_space(line[i]))
            i++;
        for (from = i; i < length && !is_space(line[i]); i++)
            ;
        if (i > from)
            add(words, line + from, i - from);
    }
}

/** Without spaces at its ends. */
static struct word trimmed(const char *at, size_t length)
{
    while (length > 0 && is_space(at[length - 1]))
        length--;
    while (length > 0 && is_space(*at)) {
        at++;
        length--;
    }
    return (struct word){at, length};
}

void words_fields(struct words *words, const char *line, size_t length, char separator)
{
    struct word rest = {line, length};
    const char *to;

    *words = (struct words){0};
    do {
        struct word field = rest;

        to = word_find(rest, separator);
        if (to != NULL)
            field.length = (size_t)(to - rest.at);
        rest = word_from(rest, field.length + 1);
        field = trimmed(field.at, field.length);
        add(words, field.at, field.length);
    } while (to != NULL);
}

bool word_is(struct word word, const char *text)
{
    return strlen(text) == word.length && word_starts(word, text);
}

bool word_starts(struct word word, const char *text)
{
    const size_t length = strlen(text);

    return length <= word.length && strncasecmp(word.at, text, length) == 0;
}

const char *word_find(struct word word, char letter)
{
    return word.length > 0 ? memchr(word.at, letter, word.length) : NULL;
}

struct word word_from(struct word word, size_t offset)
{
    if (offset > word.length)
        offset = word.length;
    /* An empty word may be nowhere. */
    if (offset == 0)
        return word;
    return (struct word){word.at + offset, word.length - offset};
}

bool word_number(struct word word, unsigned base, uint64_t max, uint64_t *number)
{
    uint64_t value = 0;

    if (word.length == 0)
        return false;
    for (size_t i = 0; i < word.length; i++) {
        const unsigned digit = digit_value(word.at[i]);

        if (digit >= base || value > (max - digit) / base || digit > max)
            return false;
        value = value * base + digit;
    }
    *number = value;
    return true;
}

bool word_time(struct word word, int64_t unit, btap_ns *time)
{
    const char *point = word_find(word, '.');
    const size_t whole_length = point != NULL ? (size_t)(point - word.at) : word.length;
    const struct word whole = {word.at, whole_length};
    struct word fraction = word_from(word, whole_length + 1);
    uint64_t value;
    int64_t place = unit;

    if (!word_number(whole, 10, (uint64_t)(INT64_MAX / unit - 1), &value) ||
        (point != NULL && fraction.length == 0))
        return false;
    *time = (btap_ns)value * unit;
    for (; fraction.length > 0; fraction = word_from(fraction, 1)) {
        const unsigned digit = digit_value(*fraction.at);

        if (digit > 9)
            return false;
        place /= 10;
        *time += (btap_ns)digit * place;
    }
    return true;
}

bool moment_time(const struct moment *moment, btap_ns *time)
{
    struct tm tm = {
        .tm_year = (int)moment->year - 1900,
        .tm_mon = (int)moment->month - 1,
        .tm_mday = (int)moment->day,
        .tm_hour = (int)moment->hour,
        .tm_min = (int)moment->minute,
    };

    if (moment->year < YEAR_MIN || moment->year > YEAR_MAX || moment->month < 1 ||
        moment->month > 12 || moment->day < 1 || moment->day > 31 || moment->hour > 23 ||
        moment->minute > 59)
        return false;
    *time = (btap_ns)timegm(&tm) * CLOCK_NS_PER_SECOND + moment->seconds;
    return true;
}

/** A number of a moment. */
static bool part(struct word word, unsigned max, unsigned *to)
{
    uint64_t number;

    if (!word_number(word, 10, max, &number))
        return false;
    *to = (unsigned)number;
    return true;
}

bool moment_clock(struct word word, struct moment *moment)
{
    struct words parts;

    words_fields(&parts, word.at, word.length, ':');
    return parts.length == 3 && part(parts.at[0], 23, &moment->hour) &&
           part(parts.at[1], 59, &moment->minute) &&
           word_time(parts.at[2], CLOCK_NS_PER_SECOND, &moment->seconds) &&
           moment->seconds < 61 * (btap_ns)CLOCK_NS_PER_SECOND;
}

bool moment_date(struct word word, char separator, struct moment *moment)
{
    struct words parts;
    const struct word *first = &parts.at[0];
    const struct word *last = &parts.at[2];

    words_fields(&parts, word.at, word.length, separator);
    if (parts.length != 3)
        return false;
    if (first->length == 4) {
        first = &parts.at[2];
        last = &parts.at[0];
    }
    return part(*first, 31, &moment->day) && part(parts.at[1], 12, &moment->month) &&
           part(*last, YEAR_MAX, &moment->year);
}
