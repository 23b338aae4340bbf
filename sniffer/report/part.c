/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/part.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/html.h"

unsigned part_fitting(const struct report_part *part, unsigned share, unsigned bytes)
{
    return (unsigned)(part->room / 100 * share / bytes);
}

/** What stands in the page for a character at which no line may end; NULL: itself. */
static const char *unbroken(const char *text, size_t i)
{
    const bool value = i > 0 && isdigit((unsigned char)text[i - 1]);

    if (text[i] == ' ' && value && (isalpha((unsigned char)text[i + 1]) || text[i + 1] == '%'))
        return HTML_SPACE;
    if (i > 0 && strncmp(text + i - 1, "B/s", 3) == 0)
        return HTML_SLASH;
    return NULL;
}

struct part_text part_text(const char *text)
{
    struct part_text out;
    size_t length = 0;

    for (size_t i = 0; text[i] != '\0' && length + sizeof(HTML_SLASH) < sizeof(out.text); i++) {
        const char *other = unbroken(text, i);
        const size_t size = other != NULL ? strlen(other) : 1;

        memcpy(out.text + length, other != NULL ? other : text + i, size);
        length += size;
    }
    out.text[length] = '\0';
    return out;
}

const char *activity_class(enum activity activity)
{
    static const char *const classes[ACTIVITY_COUNT] = {
        [ACTIVITY_CONNECT] = "connect", [ACTIVITY_PROTECT] = "protect", [ACTIVITY_ERASE] = "erase",
        [ACTIVITY_WRITE] = "write",     [ACTIVITY_READ] = "read",       [ACTIVITY_LEAVE] = "leave",
    };

    return classes[activity];
}

const char *activity_label(enum activity activity)
{
    static const char *const labels[ACTIVITY_COUNT] = {
        [ACTIVITY_CONNECT] = "Connect, set up",
        [ACTIVITY_PROTECT] = "Protection",
        [ACTIVITY_ERASE] = "Erase",
        [ACTIVITY_WRITE] = "Write",
        [ACTIVITY_READ] = "Read, check",
        [ACTIVITY_LEAVE] = "Start, leave",
    };

    return labels[activity];
}

const struct list_item *part_item(const struct report_part *part, uint64_t n, uint64_t packet)
{
    const struct list *list = part->course != NULL ? &part->course->list : NULL;

    for (size_t i = 0; list != NULL && i < list_length(list); i++) {
        const struct list_item *item = list_item(list, i);

        if (n > 0 ? item->n == n : packet >= item->first_packet && packet <= item->last_packet)
            return item;
    }
    return NULL;
}

bool part_lists(const struct report_part *part, uint64_t n)
{
    return n > 0 && part_item(part, n, 0) != NULL;
}

void part_link(const struct report_part *part, uint64_t n)
{
    if (part_lists(part, n))
        html_print(part->to, "<a href=\"#s%u-%" PRIu64 "\">", part->number, n);
}

void part_link_end(const struct report_part *part, uint64_t n)
{
    if (part_lists(part, n))
        fputs("</a>", part->to);
}

void print_range(FILE *to, struct btap_range range)
{
    html_print(to,
               "0x%08" PRIx32 "\xe2\x80\x93"
               "0x%08" PRIx32,
               range.first, range.last);
}
