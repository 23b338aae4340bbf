/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether a plan leaves the bit rate of the bus as the interface is set. Speed of AN3154 has the
 * device go on at another one, at which nobody sets the interface here.
 */
#ifndef SNIFFER_REPLAY_RATE_H
#define SNIFFER_REPLAY_RATE_H

#include "port/machine.h"
#include "replay/plan.h"
#include "replay/target.h"

#define RATE_WORDS_SIZE 224

/**
 * Whether a target may stay as it is through a plan.
 *
 * @param[out] words RATE_WORDS_SIZE bytes: if not, why, and what to do
 */
bool rate_fits(const struct plan *plan, const struct machine *machine, const struct target *target,
               char *words);

#endif
