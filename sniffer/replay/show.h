/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A plan printed, of which nothing is sent.
 */
#ifndef SNIFFER_REPLAY_SHOW_H
#define SNIFFER_REPLAY_SHOW_H

#include <stdio.h>

#include "replay/plan.h"

/** How to show it, and under which permit it is looked at. */
struct show_plan {
    uint32_t allowed; /**< bits of enum plan_permission */
    bool confirmed;
    bool irreversible;
    bool every_command; /**< do not put runs of commands into one line */
    bool totals_only;
    bool colour;
};

/** Prints a line a command, and the totals. */
void show_plan_text(FILE *to, const struct plan *plan, const struct show_plan *how);

/** Prints an object a command, and one for the plan. */
void show_plan_json(FILE *to, const struct plan *plan, const struct show_plan *how);

/** Says in messages what stands against a plan; nothing if nothing does. */
void show_problems(const struct plan *plan);

/** What stands in place of a plan's object where there is no plan. @param words why */
void show_no_plan_json(FILE *to, const char *name, const char *words);

#endif
