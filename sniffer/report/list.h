/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The transactions of a session that a report lists. What is repeated is folded: of a stretch of
 * transactions that ended well and without a note, the first and the last are listed, and of those
 * between it is told how many of which kind they are.
 */
#ifndef SNIFFER_REPORT_LIST_H
#define SNIFFER_REPORT_LIST_H

#include "boottap/transaction.h"

/** Rows that are kept of a session: the first and the last. */
#define LIST_HEAD_MAX 120u
#define LIST_TAIL_MAX 120u
/** Of a stretch without anything remarkable: the first and the last that are listed. */
#define LIST_AFTER  32u
#define LIST_BEFORE 8u
/** Kinds of commands that a gap tells apart. */
#define LIST_KINDS_MAX 4u
/** Notes that are listed with a transaction. */
#define LIST_NOTES_MAX 4u

/** Transactions of one command in a gap. */
struct list_kind {
    enum btap_command command;
    uint64_t count;
    bool sized;        /**< each had a length */
    uint32_t shortest; /**< valid if sized */
    uint32_t longest;
};

/** Transactions that are not listed. */
struct list_gap {
    uint64_t count;
    uint64_t failed;
    uint32_t kinds_length;
    struct list_kind kinds[LIST_KINDS_MAX]; /**< those that were seen first */
};

/** What is kept of a transaction. */
struct list_item {
    uint64_t n;
    uint64_t first_packet;
    uint64_t last_packet;
    btap_ns time;
    btap_ns duration;
    enum btap_command command;
    enum btap_status status;
    bool sized;
    uint32_t length;       /**< valid if sized */
    uint32_t notes_length; /**< in notes */
    uint32_t notes_omitted;
    char *description;
    char *outcome;
    struct btap_note *notes;
    struct list_gap *before; /**< what is left out between it and the row before; NULL: nothing */
};

/** Zero: empty. */
struct list {
    uint64_t added;
    uint32_t quiet; /**< of the stretch in hand, how many are listed */
    uint32_t held_length;
    struct list_item held[LIST_BEFORE]; /**< its newest, oldest first */
    struct list_gap *gap;               /**< before those that are held */
    size_t head_length;
    size_t tail_length;
    size_t tail_start;       /**< of the ring: index of its oldest */
    struct list_item *items; /**< the head, then the ring; allocated with the first */
};

void list_add(struct list *list, const struct btap_transaction *transaction);

/** Ends the list, or the stretch in hand; call it before those below. */
void list_finish(struct list *list);

/** About how many bytes of a page the rows take. */
size_t list_bytes(const struct list *list);

/**
 * Leaves out rows until the others take about so many bytes of a page. Remarkable rows stay before
 * others, those at the ends before those between.
 */
void list_fit(struct list *list, size_t bytes);

/** How many items are listed. */
size_t list_length(const struct list *list);
/** The items in their order. index: below list_length(). */
const struct list_item *list_item(const struct list *list, size_t index);

/** Whether an item is remarkable: it did not end well, or has a note above BTAP_CHAT. */
bool list_item_remarkable(const struct list_item *item);

void list_release(struct list *list);

#endif
