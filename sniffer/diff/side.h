/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One of two sessions that are compared: its transactions, link by link, collected from what a tap
 * emits, whether it reads a file or live traffic.
 */
#ifndef SNIFFER_DIFF_SIDE_H
#define SNIFFER_DIFF_SIDE_H

#include "boottap/tap.h"
#include "cli/filter.h"
#include "diff/steps.h"
#include "sessions/links.h"

/** One of the two captures. */
struct side_options {
    const char *path;
    const char *link; /**< only this one, as decode prints it; NULL: all */
    uint64_t session; /**< only this one of each link, as diagnose counts them; 0: all */
    uint64_t first_packet;
    uint64_t last_packet; /**< only transactions that begin between these packets */
};

struct compare_options {
    struct btap_options decoder;
    struct filter filter;
    struct btap_comparison comparison;
    bool any_erase_order; /**< erases that follow each other count as a set */
    bool ignore_retries;  /**< what failed and was then repeated does not count */
};

/** What a capture holds. */
struct side {
    const char *name; /**< of the file */
    int digits;       /**< of its times */
    bool complete;    /**< read to its end */
    size_t length;
    size_t room;
    struct steps **links; /**< those that have transactions, in the order they turned up */
};

void side_release(struct side *side);

/** Collects a side. Start with zero but for the first six members. */
struct collector {
    struct side *side;
    const struct side_options *options;
    const struct compare_options *compare;
    const struct btap_tap *tap; /**< that emits; may be NULL where no session is asked for */
    struct numbering *same;     /**< numbers of the keys, shared by the two sides */
    struct numbering *about;    /**< likewise */
    struct links links;
    uint64_t found; /**< transactions, also those that are not wanted */
};

/** What the tap emits to. @param collector kept */
struct btap_sink collector_sink(struct collector *collector);

/** Frees what is needed while collecting; the side stays. */
void collector_release(struct collector *collector);

#endif
