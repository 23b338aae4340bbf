/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

static char *copy_text(const char *text)
{
    const size_t size = strlen(text) + 1;

    return memcpy(allocate(size), text, size);
}

static struct list_item make_item(const struct btap_transaction *transaction)
{
    const uint32_t kept = btap_transaction_notes_kept(transaction);
    char text[BTAP_DESCRIBE_SIZE];
    struct list_item item = {
        .n = transaction->n,
        .first_packet = transaction->first_packet,
        .last_packet = transaction->last_packet,
        .time = transaction->time,
        .duration = transaction->duration,
        .command = transaction->command,
        .status = transaction->status,
        .notes_length = kept,
        .notes_omitted = transaction->notes_length - kept,
    };

    item.description = copy_text(btap_transaction_describe(transaction, text, sizeof(text)));
    item.outcome = copy_text(btap_transaction_outcome(transaction, text, sizeof(text)));
    if (kept > 0) {
        item.notes = allocate(kept * sizeof(*item.notes));
        memcpy(item.notes, transaction->notes, kept * sizeof(*item.notes));
    }
    return item;
}

static void release_item(struct list_item *item)
{
    free(item->description);
    free(item->outcome);
    free(item->notes);
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

/** Takes the oldest of the tail out, to the remarkable ones if it is one of them. */
static void shift_tail(struct list *list)
{
    struct list_item *oldest = &list->tail[list->tail_start];

    if (list->middle_length < LIST_REMARKABLE_MAX && list_item_remarkable(oldest))
        list->items[list->head_length + list->middle_length++] = *oldest;
    else
        release_item(oldest);
    list->tail_start = (list->tail_start + 1) % LIST_TAIL_MAX;
    list->tail_length--;
}

void list_add(struct list *list, const struct btap_transaction *transaction)
{
    if (list->added++ == 0) {
        list->first_n = transaction->n;
        list->items = allocate((LIST_HEAD_MAX + LIST_REMARKABLE_MAX) * sizeof(*list->items));
    }
    if (list->head_length < LIST_HEAD_MAX) {
        list->items[list->head_length++] = make_item(transaction);
        return;
    }
    if (list->tail_length == LIST_TAIL_MAX)
        shift_tail(list);
    list->tail[(list->tail_start + list->tail_length++) % LIST_TAIL_MAX] = make_item(transaction);
}

size_t list_length(const struct list *list)
{
    return list->head_length + list->middle_length + list->tail_length;
}

const struct list_item *list_item(const struct list *list, size_t index)
{
    const size_t before_tail = list->head_length + list->middle_length;

    if (index < before_tail)
        return &list->items[index];
    return &list->tail[(list->tail_start + index - before_tail) % LIST_TAIL_MAX];
}

void list_release(struct list *list)
{
    for (size_t i = 0; i < list->head_length + list->middle_length; i++)
        release_item(&list->items[i]);
    while (list->tail_length > 0) {
        release_item(&list->tail[list->tail_start]);
        list->tail_start = (list->tail_start + 1) % LIST_TAIL_MAX;
        list->tail_length--;
    }
    free(list->items);
}
