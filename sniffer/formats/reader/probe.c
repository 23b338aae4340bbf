/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/reader/probe.h"

#include <string.h>

static bool is_known(const char *line, bool (*knows)(const char *line))
{
    while (!knows(line)) {
        line += strspn(line, " \t");
        if (*line != '>')
            return false;
        line += line[1] == ' ' ? 2 : 1;
    }
    return true;
}

static void count_line(struct probe_count *count, const uint8_t *bytes, size_t length,
                       bool (*knows)(const char *line))
{
    char line[PROBE_LINE_SIZE];

    if (length > PROBE_LINE_SIZE - 1)
        length = PROBE_LINE_SIZE - 1;
    for (size_t i = 0; i < length; i++)
        line[i] = bytes[i] != '\0' ? (char)bytes[i] : ' ';
    while (length > 0 && strchr(" \t", line[length - 1]) != NULL)
        length--;
    line[length] = '\0';
    if (length == 0)
        return;
    count->filled++;
    count->known += is_known(line, knows);
}

struct probe_count probe_lines(const struct first *first, bool (*knows)(const char *line))
{
    const size_t mark = FIRST_BYTES(first, 0, "\xef\xbb\xbf") ? 3 : 0;
    struct probe_count count = {0};
    size_t from = mark;

    for (size_t i = mark; i <= first->length; i++)
        if (i == first->length || first->bytes[i] == '\n' || first->bytes[i] == '\r') {
            count_line(&count, first->bytes + from, i - from, knows);
            from = i + 1;
        }
    return count;
}
