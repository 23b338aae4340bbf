/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs of commands of one kind, which go on where the one before ended: long plans in few lines.
 */
#ifndef SNIFFER_REPLAY_RUNS_H
#define SNIFFER_REPLAY_RUNS_H

#include "replay/plan.h"

/** A run, or one command alone. */
struct plan_run {
    size_t first;              /**< index in the plan */
    size_t length;             /**< commands of the plan: some only set the address pointer */
    size_t commands;           /**< of the kind that the run is about */
    uint64_t n;                /**< of the first command of the plan that is in it */
    uint64_t packet;           /**< likewise */
    struct plan_command begin; /**< the first of the kind, and the last */
    struct plan_command end;
    uint64_t bytes; /**< that they move */
};

/** A command alone. */
void runs_take(const struct plan *plan, size_t index, struct plan_run *run);

/** The run that begins with a command. @param run large, not for the stack */
void runs_find(const struct plan *plan, size_t first, struct plan_run *run);

#endif
