/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a session did over time, in a bounded number of spans: transactions one by one as long as
 * they find room, then runs of them, told apart as finely as the room allows.
 */
#ifndef SNIFFER_REPORT_TIMELINE_H
#define SNIFFER_REPORT_TIMELINE_H

#include "boottap/product.h"
#include "boottap/transaction.h"

/** What a command is for: a lane of the timeline each. */
enum activity {
    ACTIVITY_CONNECT, /**< sync, identification, addresses, states: everything that moves nothing */
    ACTIVITY_PROTECT,
    ACTIVITY_ERASE,
    ACTIVITY_WRITE,
    ACTIVITY_READ, /**< and check */
    ACTIVITY_LEAVE,
    ACTIVITY_COUNT,
};

enum activity activity_of(enum btap_command command);

/** One transaction, or several of one activity. */
struct timeline_span {
    enum activity activity;
    bool failed;
    bool addressed; /**< range holds the memory that they touched */
    bool scattered; /**< not one after the other */
    struct btap_range range;
    btap_ns start;
    btap_ns end;
    btap_ns busy;   /**< of end - start, how long the device said that it is busy */
    uint64_t count; /**< transactions */
    uint64_t n;     /**< of the first */
};

#define TIMELINE_SPANS_MAX 1024u

/** Zero: empty. */
struct timeline {
    uint32_t spans_max; /**< spans that are kept; 0 stands for TIMELINE_SPANS_MAX */
    uint32_t room;
    btap_ns gap; /**< spans less apart than this are joined */
    bool loose;  /**< also if their addresses do not follow each other */
    uint32_t length;
    uint32_t newest[ACTIVITY_COUNT][2]; /**< index + 1 of the newest span, sound and failed */
    struct timeline_span *spans;        /**< by activity ordered in time */

    uint64_t counts[ACTIVITY_COUNT];
    btap_ns times[ACTIVITY_COUNT]; /**< spent in them */
    btap_ns busy;
    btap_ns first; /**< valid if length is not 0 */
    btap_ns last;
};

/** Adds a transaction, in the order of their starts. @param span count is 1 */
void timeline_add(struct timeline *timeline, const struct timeline_span *span);

/** Joins spans until at most so many are left, or one of each activity and outcome. */
void timeline_reduce(struct timeline *timeline, uint32_t spans);

void timeline_release(struct timeline *timeline);

/** Time of the session in which no transaction was under way. */
btap_ns timeline_idle(const struct timeline *timeline);

#endif
