/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "annotate/comments.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

#define CHUNK_SIZE (64 * 1024)

struct comment {
    uint64_t packet;
    enum comment_kind kind;
    size_t place; /**< order in which they came: qsort() does not keep it */
    const char *text;
};

/** Texts one after the other: they stay where they are, and cost no allocation each. */
struct comments_chunk {
    struct comments_chunk *before;
    size_t used;
    size_t size;
    char bytes[];
};

static const char *keep(struct comments *comments, const char *text)
{
    const size_t size = strlen(text) + 1;
    struct comments_chunk *chunk = comments->chunk;
    char *kept;

    if (chunk == NULL || chunk->size - chunk->used < size) {
        const size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;

        chunk = allocate(sizeof(*chunk) + room);
        chunk->before = comments->chunk;
        chunk->size = room;
        comments->chunk = chunk;
    }
    kept = chunk->bytes + chunk->used;
    memcpy(kept, text, size);
    chunk->used += size;
    return kept;
}

static void make_room(struct comments *comments)
{
    const size_t size = comments->size > 0 ? 2 * comments->size : 256;
    struct comment *list;

    if (comments->length < comments->size)
        return;
    list = allocate(size * sizeof(*list));
    if (comments->length > 0)
        memcpy(list, comments->list, comments->length * sizeof(*list));
    free(comments->list);
    comments->list = list;
    comments->size = size;
}

void comments_add(struct comments *comments, uint64_t packet, enum comment_kind kind,
                  const char *text)
{
    make_room(comments);
    comments->list[comments->length] = (struct comment){
        .packet = packet,
        .kind = kind,
        .place = comments->length,
        .text = keep(comments, text),
    };
    comments->length++;
}

static int compare(const void *left, const void *right)
{
    const struct comment *a = left;
    const struct comment *b = right;

    if (a->packet != b->packet)
        return a->packet < b->packet ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
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
        comments->texts[i] = comments->list[i].text;
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
        comments_add(comments, packet, comment->kind, comment->text);
    }
}

/** Frees what a chunk comes after. */
static void free_before(struct comments_chunk *chunk)
{
    while (chunk->before != NULL) {
        struct comments_chunk *before = chunk->before;

        chunk->before = before->before;
        free(before);
    }
}

void comments_clear(struct comments *comments)
{
    comments->length = 0;
    comments->omitted = 0;
    free(comments->texts);
    comments->texts = NULL;
    if (comments->chunk == NULL)
        return;
    free_before(comments->chunk);
    comments->chunk->used = 0;
}

void comments_release(struct comments *comments)
{
    comments_clear(comments);
    free(comments->chunk);
    free(comments->list);
    *comments = (struct comments){0};
}
