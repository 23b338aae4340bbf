/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records of several sources in the order of their times: what came up to a moment at which all
 * sources were read is handed on, the rest waits for the next such moment, though not for ever: a
 * clock that is set back would keep it for as long as it was set back.
 */
#ifndef SNIFFER_WATCH_MERGE_H
#define SNIFFER_WATCH_MERGE_H

#include "base/clock.h"
#include "traffic/traffic.h"

/** A record that waits. */
struct merge_record {
    struct traffic_record *record; /**< a copy, kept by the merge */
    uint64_t order;                /**< of arrival: what has the same time keeps it */
    btap_ns since;                 /**< of arrival, CLOCK_MONOTONIC */
};

/** Start with zero but for to. */
struct merge {
    const struct traffic_sink *to;
    bool passes; /**< one source only: nothing waits */
    size_t length;
    size_t room;
    struct merge_record *list;
    uint64_t arrived;
};

/** A sink whose records wait in the merge. */
struct traffic_sink merge_sink(struct merge *merge);

/** So long a record waits at most; no source holds one back for longer. */
#define MERGE_PATIENCE ((btap_ns)4 * CLOCK_NS_PER_SECOND)

/**
 * Hands on all records that are not later than a time, in order, and those that waited for too
 * long.
 *
 * @param now CLOCK_MONOTONIC
 */
void merge_until(struct merge *merge, btap_ns time, btap_ns now);

/** Frees it; what still waits is lost. */
void merge_release(struct merge *merge);

#endif
