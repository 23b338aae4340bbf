/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shelf.h"

#include <string.h>

#include "pack.h"

#define FRAMES_PER_PAGE 1024u
#define BLOCK_SIZE      ((gsize)64 * 1024)

/* Newest chunks by the frame's number, in pages of FRAMES_PER_PAGE; NULL for a page without any. */
static GPtrArray *pages;
static guint8 *block; /* what is left of it is to be taken */
static gsize block_left;

static guint8 *take(gsize size)
{
    guint8 *taken;

    if (size > BLOCK_SIZE / 16)
        return wmem_alloc(wmem_file_scope(), size);
    if (size > block_left) {
        block = wmem_alloc(wmem_file_scope(), BLOCK_SIZE);
        block_left = BLOCK_SIZE;
    }
    taken = block;
    block += size;
    block_left -= size;
    return taken;
}

/** Where a frame is in the table; NULL if it is on no page and none is to be added. */
static guint8 **place_of(guint32 number, bool add)
{
    const guint index = number / FRAMES_PER_PAGE;
    guint8 **page;

    if (pages == NULL || (index >= pages->len && !add))
        return NULL;
    if (index >= pages->len)
        g_ptr_array_set_size(pages, (gint)index + 1);
    page = g_ptr_array_index(pages, index);
    if (page == NULL && add) {
        page = wmem_alloc0_array(wmem_file_scope(), guint8 *, FRAMES_PER_PAGE);
        g_ptr_array_index(pages, index) = page;
    }
    return page != NULL ? &page[number % FRAMES_PER_PAGE] : NULL;
}

void shelf_start(void)
{
    pages = g_ptr_array_new();
    block = NULL;
    block_left = 0;
}

void shelf_stop(void)
{
    g_clear_pointer(&pages, g_ptr_array_unref);
}

guint8 *shelf_copy(const guint8 *bytes, gsize size)
{
    return memcpy(take(size), bytes, size);
}

/* A chunk: its length and whether there is one before, that one's address, the records. */
void shelf_put(guint32 number, const struct pack_buffer *records)
{
    guint8 **place = place_of(number, true);
    const guint8 *before = *place;
    guint8 head[PACK_NUMBER_MAX + sizeof(before)];
    guint8 *end = pack_number(head, (guint64)records->length << 1 | (before != NULL));
    gsize head_size;

    if (before != NULL)
        end = (guint8 *)memcpy(end, &before, sizeof(before)) + sizeof(before);
    head_size = (gsize)(end - head);
    *place = take(head_size + records->length);
    memcpy(*place, head, head_size);
    memcpy(*place + head_size, records->bytes, records->length);
}

void shelf_clear(guint32 number)
{
    guint8 **place = place_of(number, false);

    if (place != NULL)
        *place = NULL;
}

const guint8 *shelf_newest(guint32 number)
{
    guint8 **place = place_of(number, false);

    return place != NULL ? *place : NULL;
}

struct shelf_chunk shelf_open(const guint8 *chunk)
{
    const guint64 length = unpack_number(&chunk);
    struct shelf_chunk opened = {.before = NULL};

    if (length & 1) {
        memcpy(&opened.before, chunk, sizeof(opened.before));
        chunk += sizeof(opened.before);
    }
    opened.records = chunk;
    opened.end = chunk + (length >> 1);
    return opened;
}
