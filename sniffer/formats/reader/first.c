/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/reader/first.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/** A quotation has so many marks at most. */
#define QUOTED_MAX 8

struct first first_from(const uint8_t *bytes, size_t length)
{
    struct first first = {bytes, length < FIRST_SIZE ? length : FIRST_SIZE, 0};

    if (FIRST_BYTES(&first, 0, "\xef\xbb\xbf"))
        first.text = 3;
    while (first.text < first.length && bytes[first.text] != '\0' &&
           strchr(" \t\r\n", bytes[first.text]) != NULL)
        first.text++;
    if (first.text == first.length)
        first.text = 0;
    return first;
}

bool first_is_text(const struct first *first)
{
    for (size_t i = 0; i < first->length; i++)
        if ((first->bytes[i] < 0x20 && strchr("\t\n\r\f\033", first->bytes[i]) == NULL) ||
            first->bytes[i] == 0 || first->bytes[i] == 0x7f)
            return false;
    return true;
}

bool first_bytes(const struct first *first, size_t offset, const void *bytes, size_t length)
{
    return first->length >= offset + length && memcmp(first->bytes + offset, bytes, length) == 0;
}

bool first_starts(const struct first *first, const char *word)
{
    return first->length - first->text >= strlen(word) &&
           strncasecmp((const char *)first->bytes + first->text, word, strlen(word)) == 0;
}

bool first_has(const struct first *first, const char *words)
{
    return memmem(first->bytes, first->length, words, strlen(words)) != NULL;
}

/** Whether a letter is of a class of the patterns. */
static bool is_of(char class, unsigned char letter)
{
    switch (class) {
    case '9':
        return isdigit(letter) != 0;
    case 'h':
        return isxdigit(letter) != 0;
    case 'w':
        return isalnum(letter) || letter == '_' || letter == '-' || letter == '.';
    case '_':
        return letter == ' ' || letter == '\t';
    default:
        return letter == (unsigned char)class;
    }
}

size_t text_looks(const char *text, size_t length, const char *pattern)
{
    size_t at = 0;

    for (; *pattern != '\0'; pattern++) {
        const bool many = strchr("9hw_", *pattern) != NULL;
        const size_t from = at;

        while (at < length && (many || at == from) && is_of(*pattern, (unsigned char)text[at]))
            at++;
        if (at == from && *pattern != '_')
            return 0;
    }
    return at;
}

bool first_looks(const struct first *first, const char *pattern)
{
    return text_looks((const char *)first->bytes + first->text, first->length - first->text,
                      pattern) > 0;
}

/** Whether a line does, with its marks or behind them. */
static bool line_looks(const char *line, size_t length, const char *pattern)
{
    for (;;) {
        if (text_looks(line, length, pattern) > 0)
            return true;
        if (length == 0 || strchr("> \t", *line) == NULL || *line == '\0')
            return false;
        line++;
        length--;
    }
}

/** The next line that is not empty. @return false: there is none */
static bool next_line(const struct first *first, size_t *at, const char **line, size_t *length)
{
    const char *text = (const char *)first->bytes;

    while (*at < first->length && strchr("\r\n", text[*at]) != NULL && text[*at] != '\0')
        ++*at;
    *line = text + *at;
    for (*length = 0; *at < first->length && text[*at] != '\r' && text[*at] != '\n'; ++*at)
        ++*length;
    return *length > 0;
}

bool first_line_looks(const struct first *first, const char *pattern)
{
    size_t at = first->text;
    const char *line;
    size_t length;

    while (next_line(first, &at, &line, &length))
        if (line_looks(line, length, pattern))
            return true;
    return false;
}

bool first_line_is(const struct first *first, bool (*is)(const char *line, size_t length))
{
    size_t at = first->text;
    const char *line;
    size_t length;

    while (next_line(first, &at, &line, &length))
        for (unsigned marks = 0; marks < QUOTED_MAX; marks++) {
            const size_t spaces = text_looks(line, length, "_");

            if (is(line, length))
                return true;
            line += spaces;
            length -= spaces;
            if (length == 0 || *line != '>')
                break;
            line++;
            length--;
        }
    return false;
}
