/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The transactions of a session that a report lists: all of a short session; of a long one the
 * first, the last, and between them those that are remarkable.
 */
#ifndef SNIFFER_REPORT_LIST_H
#define SNIFFER_REPORT_LIST_H

#include "boottap/transaction.h"

#define LIST_HEAD_MAX       400
#define LIST_TAIL_MAX       400
#define LIST_REMARKABLE_MAX 400

/** What is kept of a transaction. */
struct list_item {
    uint64_t n;
    uint64_t first_packet;
    uint64_t last_packet;
    btap_ns time;
    btap_ns duration;
    enum btap_command command;
    enum btap_status status;
    uint32_t notes_length; /**< in notes */
    uint32_t notes_omitted;
    char *description;
    char *outcome;
    struct btap_note *notes;
};

struct list {
    uint64_t added;
    uint64_t first_n; /**< of the first that was added */
    size_t head_length;
    size_t middle_length;
    size_t tail_length;
    size_t tail_start;       /**< of the ring: index of its oldest */
    struct list_item *items; /**< head, then middle; allocated with the first */
    struct list_item tail[LIST_TAIL_MAX];
};

void list_add(struct list *list, const struct btap_transaction *transaction);

/** How many items are listed. */
size_t list_length(const struct list *list);
/** The items in their order. index: below list_length(). */
const struct list_item *list_item(const struct list *list, size_t index);

/** Whether an item is remarkable: it did not end well, or has a note above BTAP_CHAT. */
bool list_item_remarkable(const struct list_item *item);

void list_release(struct list *list);

#endif
