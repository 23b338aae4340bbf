/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The plan of a capture: which of a session's commands are sent, which are left out, and what
 * stands against it.
 */
#ifndef SNIFFER_REPLAY_MAKE_H
#define SNIFFER_REPLAY_MAKE_H

#include "cli/filter.h"
#include "replay/recorded.h"

/** Transactions that --skip names at most. */
#define MAKE_SKIPS_MAX 256

/** Transactions that are to be left out. Zero: none. */
struct make_skips {
    bool damaged; /**< all that cannot be sent */
    size_t length;
    uint64_t list[MAKE_SKIPS_MAX];
};

struct make_options {
    struct recorded_choice choice;
    uint64_t from;  /**< number of the first transaction; 0: all */
    uint64_t until; /**< of the last one; 0: all */
    struct filter filter;
    struct make_skips skips;
    bool as_recorded; /**< retries and what lies between, too */
};

/**
 * Reads a capture and makes its plan. What cannot be sent stands in the plan's problems.
 *
 * @param[out] plan to be released in any case
 * @return false: there is nothing to plan; a message says why
 */
bool make_plan(struct plan *plan, const struct make_options *options);

/** Checks the commands that come from no capture as make_plan() does the others. */
void make_check(struct plan *plan);

#endif
