/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

/** What a row and a note in it take of a page beside their texts. */
#define ROW_BYTES  260u
#define NOTE_BYTES 220u

static char *copy_text(const char *text)
{
    const size_t size = strlen(text) + 1;

    return memcpy(allocate(size), text, size);
}

static void keep_notes(struct list_item *item, const struct btap_transaction *transaction)
{
    const uint32_t kept = btap_transaction_notes_kept(transaction);

    item->notes_length = kept < LIST_NOTES_MAX ? kept : LIST_NOTES_MAX;
    item->notes_omitted = transaction->notes_length - item->notes_length;
    if (item->notes_length > 0) {
        item->notes = allocate(item->notes_length * sizeof(*item->notes));
        memcpy(item->notes, transaction->notes, item->notes_length * sizeof(*item->notes));
    }
}

static struct list_item make_item(const struct btap_transaction *transaction)
{
    char text[BTAP_DESCRIBE_SIZE];
    struct list_item item = {
        .n = transaction->n,
        .first_packet = transaction->first_packet,
        .last_packet = transaction->last_packet,
        .time = transaction->time,
        .duration = transaction->duration,
        .command = transaction->command,
        .status = transaction->status,
        .sized = (transaction->has & BTAP_HAS_LENGTH) != 0,
        .length = transaction->length,
    };

    item.description = copy_text(btap_transaction_describe(transaction, text, sizeof(text)));
    item.outcome = copy_text(btap_transaction_outcome(transaction, text, sizeof(text)));
    keep_notes(&item, transaction);
    return item;
}

static void release_item(struct list_item *item)
{
    free(item->description);
    free(item->outcome);
    free(item->notes);
    free(item->before);
}

bool list_item_remarkable(const struct list_item *item)
{
    if (item->status != BTAP_OK)
        return true;
    for (uint32_t i = 0; i < item->notes_length; i++)
        if (btap_note_severity(item->notes[i].id) > BTAP_CHAT)
            return true;
    return false;
}

/** Adds commands of a kind to a gap that counts them already. */
static void add_kind(struct list_gap *gap, const struct list_kind *added)
{
    struct list_kind *kind = gap->kinds;

    while (kind < gap->kinds + gap->kinds_length && kind->command != added->command)
        kind++;
    if (kind == gap->kinds + LIST_KINDS_MAX)
        return;
    if (kind == gap->kinds + gap->kinds_length) {
        gap->kinds_length++;
        *kind = *added;
        return;
    }
    kind->count += added->count;
    kind->sized &= added->sized;
    if (added->shortest < kind->shortest)
        kind->shortest = added->shortest;
    if (added->longest > kind->longest)
        kind->longest = added->longest;
}

/** Adds to a gap what is left out in another. */
static void join(struct list_gap *gap, const struct list_gap *added)
{
    gap->count += added->count;
    gap->failed += added->failed;
    for (uint32_t i = 0; i < added->kinds_length; i++)
        add_kind(gap, &added->kinds[i]);
}

/** Leaves an item out: it goes into a gap, with what was left out before it. */
static void leave_out(struct list_gap **into, struct list_item *item)
{
    struct list_gap *gap = *into != NULL ? *into : allocate(sizeof(*gap));
    const struct list_kind kind = {
        .command = item->command,
        .count = 1,
        .sized = item->sized,
        .shortest = item->length,
        .longest = item->length,
    };

    *into = gap;
    if (item->before != NULL)
        join(gap, item->before);
    gap->count++;
    gap->failed += item->status != BTAP_OK;
    add_kind(gap, &kind);
    release_item(item);
}

/** Puts what was left out directly before an item in front of what is known to be. */
static void put_before(struct list_item *item, struct list_gap *gap)
{
    if (gap == NULL)
        return;
    if (item->before != NULL) {
        join(gap, item->before);
        free(item->before);
    }
    item->before = gap;
}

static struct list_item *tail_item(const struct list *list, size_t index)
{
    return &list->items[LIST_HEAD_MAX + (list->tail_start + index) % LIST_TAIL_MAX];
}

/** Makes an item a row; where there is no more room, the oldest behind the head goes. */
static void append(struct list *list, const struct list_item *item)
{
    struct list_gap *gap = NULL;

    if (list->items == NULL)
        list->items = allocate((LIST_HEAD_MAX + LIST_TAIL_MAX) * sizeof(*list->items));
    if (list->head_length < LIST_HEAD_MAX) {
        list->items[list->head_length++] = *item;
        return;
    }
    if (list->tail_length == LIST_TAIL_MAX) {
        leave_out(&gap, tail_item(list, 0));
        list->tail_start = (list->tail_start + 1) % LIST_TAIL_MAX;
        list->tail_length--;
        put_before(tail_item(list, 0), gap);
    }
    *tail_item(list, list->tail_length++) = *item;
}

/** The last of a stretch become rows. */
static void flush(struct list *list)
{
    if (list->held_length > 0)
        put_before(&list->held[0], list->gap);
    list->gap = NULL;
    for (uint32_t i = 0; i < list->held_length; i++)
        append(list, &list->held[i]);
    list->held_length = 0;
    list->quiet = 0;
}

static void hold(struct list *list, const struct list_item *item)
{
    if (list->held_length == LIST_BEFORE) {
        leave_out(&list->gap, &list->held[0]);
        memmove(list->held, list->held + 1, (LIST_BEFORE - 1) * sizeof(*list->held));
        list->held_length--;
    }
    list->held[list->held_length++] = *item;
}

void list_add(struct list *list, const struct btap_transaction *transaction)
{
    const struct list_item item = make_item(transaction);

    list->added++;
    if (list_item_remarkable(&item)) {
        flush(list);
        append(list, &item);
    } else if (list->quiet < LIST_AFTER) {
        list->quiet++;
        append(list, &item);
    } else {
        hold(list, &item);
    }
}

void list_finish(struct list *list)
{
    flush(list);
}

/** About how much of a page an item takes. */
static size_t bytes_of(const struct list_item *item)
{
    return ROW_BYTES + strlen(item->description) + strlen(item->outcome) +
           (size_t)item->notes_length * NOTE_BYTES + (item->before != NULL ? ROW_BYTES : 0);
}

size_t list_bytes(const struct list *list)
{
    size_t bytes = 0;

    for (size_t i = 0; i < list_length(list); i++)
        bytes += bytes_of(list_item(list, i));
    return bytes;
}

/** Keeps an item if it finds room. */
static void keep(const struct list *list, size_t index, bool *kept, size_t *bytes)
{
    const size_t size = bytes_of(list_item(list, index));

    if (kept[index] || size > *bytes)
        return;
    kept[index] = true;
    *bytes -= size;
}

/** Chooses what stays: half of the room is for what is remarkable, the rest is filled from the
 * ends. */
static void choose(const struct list *list, bool *kept, size_t bytes)
{
    const size_t length = list_length(list);
    size_t half = bytes / 2;

    for (size_t i = 0; i < length; i++)
        if (list_item_remarkable(list_item(list, i)))
            keep(list, i, kept, &half);
    bytes = bytes - bytes / 2 + half;
    for (size_t i = 0; i < (length + 1) / 2; i++) {
        keep(list, i, kept, &bytes);
        keep(list, length - 1 - i, kept, &bytes);
    }
    /* What is left out before the last row would have no row to stand before. */
    kept[length - 1] = true;
}

void list_fit(struct list *list, size_t bytes)
{
    bool kept[LIST_HEAD_MAX + LIST_TAIL_MAX] = {false};
    const size_t length = list_length(list);
    struct list_item *items;
    struct list_gap *gap = NULL;
    size_t left = 0;

    if (length == 0 || list_bytes(list) <= bytes)
        return;
    choose(list, kept, bytes);
    items = allocate((LIST_HEAD_MAX + LIST_TAIL_MAX) * sizeof(*items));
    for (size_t i = 0; i < length; i++) {
        struct list_item item = *list_item(list, i);

        if (!kept[i]) {
            leave_out(&gap, &item);
            continue;
        }
        put_before(&item, gap);
        gap = NULL;
        items[left++] = item;
    }
    free(list->items);
    list->items = items;
    list->head_length = left < LIST_HEAD_MAX ? left : LIST_HEAD_MAX;
    list->tail_length = left - list->head_length;
    list->tail_start = 0;
}

size_t list_length(const struct list *list)
{
    return list->head_length + list->tail_length;
}

const struct list_item *list_item(const struct list *list, size_t index)
{
    return index < list->head_length ? &list->items[index]
                                     : tail_item(list, index - list->head_length);
}

void list_release(struct list *list)
{
    list_finish(list);
    for (size_t i = 0; i < list->head_length; i++)
        release_item(&list->items[i]);
    for (size_t i = 0; i < list->tail_length; i++)
        release_item(tail_item(list, i));
    free(list->items);
}
