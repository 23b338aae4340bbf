/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "annotate/comments.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

struct comment {
    uint64_t packet;
    enum comment_kind kind;
    size_t text; /**< where it begins in bytes; what came later lies behind */
};

/** Keeps a text. @return where it begins */
static size_t keep(struct comments *comments, const char *text)
{
    const size_t at = comments->bytes_length;
    const size_t end = at + strlen(text) + 1;

    if (end > comments->bytes_size) {
        comments->bytes_size = 2 * end;
        comments->bytes = reallocate(comments->bytes, comments->bytes_size);
    }
    memcpy(comments->bytes + at, text, end - at);
    comments->bytes_length = end;
    return at;
}

void comments_add(struct comments *comments, uint64_t packet, enum comment_kind kind,
                  const char *text)
{
    if (comments->bytes_length >= COMMENTS_BYTES_MAX) {
        comments->unkept++;
        return;
    }
    comments->list =
        grow(comments->list, comments->length, &comments->size, sizeof(*comments->list));
    comments->list[comments->length++] = (struct comment){packet, kind, keep(comments, text)};
}

static int compare(const void *left, const void *right)
{
    const struct comment *a = left;
    const struct comment *b = right;

    if (a->packet != b->packet)
        return a->packet < b->packet ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    /* qsort() does not keep the order in which they came. */
    return a->text < b->text ? -1 : a->text > b->text;
}

/** Drops what is above the limit of one packet. The list is sorted. */
static void thin_out(struct comments *comments)
{
    size_t kept = 0;
    size_t same = 0;

    for (size_t i = 0; i < comments->length; i++) {
        same = i > 0 && comments->list[i].packet == comments->list[i - 1].packet ? same + 1 : 1;
        if (same <= COMMENTS_PER_PACKET_MAX)
            comments->list[kept++] = comments->list[i];
    }
    comments->omitted = comments->length - kept;
    comments->length = kept;
}

void comments_sort(struct comments *comments)
{
    if (comments->length == 0)
        return;
    qsort(comments->list, comments->length, sizeof(*comments->list), compare);
    thin_out(comments);
    comments->texts = allocate(comments->length * sizeof(*comments->texts));
    for (size_t i = 0; i < comments->length; i++)
        comments->texts[i] = comments->bytes + comments->list[i].text;
}

/** The first comment of this packet or a later one. */
static size_t lower_bound(const struct comments *comments, uint64_t packet)
{
    size_t low = 0;
    size_t high = comments->length;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (comments->list[middle].packet < packet)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const char *const *comments_of(const struct comments *comments, uint64_t packet, size_t *length)
{
    const size_t first = lower_bound(comments, packet);

    *length = 0;
    while (first + *length < comments->length && comments->list[first + *length].packet == packet)
        (*length)++;
    return *length > 0 ? comments->texts + first : NULL;
}

void comments_join(struct comments *comments, const struct comments *others, uint64_t packet)
{
    for (size_t i = lower_bound(others, packet); i < others->length; i++) {
        const struct comment *comment = &others->list[i];

        if (comment->packet != packet)
            break;
        comments_add(comments, packet, comment->kind, others->bytes + comment->text);
    }
}

void comments_clear(struct comments *comments)
{
    comments->length = 0;
    comments->omitted = 0;
    comments->unkept = 0;
    comments->bytes_length = 0;
    free(comments->texts);
    comments->texts = NULL;
}

void comments_release(struct comments *comments)
{
    comments_clear(comments);
    free(comments->bytes);
    free(comments->list);
    *comments = (struct comments){0};
}
