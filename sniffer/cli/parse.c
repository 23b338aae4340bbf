/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/parse.h"

#include <stdio.h>
#include <string.h>

#include "base/digits.h"

/** Parses length characters. */
static bool parse_digits(const char *text, size_t length, uint64_t max, uint64_t *value)
{
    unsigned base = 10;
    uint64_t sum = 0;

    if (length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
        length -= 2;
    }
    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        const unsigned digit = digit_value(text[i]);

        if (digit >= base || sum > (max - digit) / base)
            return false;
        sum = sum * base + digit;
    }
    *value = sum;
    return true;
}

bool parse_number(const char *text, uint64_t max, uint64_t *value)
{
    return parse_digits(text, strlen(text), max, value);
}

bool parse_range(const char *text, struct btap_range *range)
{
    const size_t first_length = strcspn(text, "+-");
    const char separator = text[first_length];
    uint64_t first;
    uint64_t second;

    if (!parse_digits(text, first_length, UINT32_MAX, &first))
        return false;
    range->first = (uint32_t)first;
    range->last = (uint32_t)first;
    if (separator == '\0')
        return true;
    if (!parse_number(text + first_length + 1, (uint64_t)UINT32_MAX + 1, &second))
        return false;
    if (separator == '+') {
        if (second == 0 || first + second - 1 > UINT32_MAX)
            return false;
        second = first + second - 1;
    }
    if (second < first || second > UINT32_MAX)
        return false;
    range->last = (uint32_t)second;
    return true;
}

bool parse_item(const char **list, char item[static PARSE_ITEM_SIZE])
{
    size_t length;

    if (*list == NULL)
        return false;
    length = strcspn(*list, ",");
    snprintf(item, PARSE_ITEM_SIZE, "%.*s", (int)length, *list);
    *list = (*list)[length] == ',' ? *list + length + 1 : NULL;
    return true;
}
