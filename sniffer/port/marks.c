/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/marks.h"

#include <string.h>

#define MARK 0xff

size_t marks_next(struct marks *marks, const uint8_t *bytes, size_t length, struct mark *mark)
{
    const uint8_t *at = bytes;
    const uint8_t *found;

    if (marks->held == 0 && *at != MARK) {
        found = memchr(at, MARK, length);
        *mark = (struct mark){MARK_DATA, at, found != NULL ? (size_t)(found - at) : length};
        return mark->length;
    }
    *mark = (struct mark){.kind = MARK_NONE};
    for (; at < bytes + length; at++) {
        if (marks->held == 0 || (marks->held == 1 && *at == 0)) {
            marks->held++;
            continue;
        }
        /* FF before anything but 00 and FF is what no kernel writes: the second byte stands. */
        *mark = (struct mark){marks->held == 1 ? MARK_DATA : MARK_ERROR, at, 1};
        marks->held = 0;
        return (size_t)(at + 1 - bytes);
    }
    return length;
}
