/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/rate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/allocate.h"
#include "port/can_link.h"

/** Of an interface that is not there nothing is known, and opening it tells. */
static bool takes(const struct machine *machine, const struct target *target, uint32_t rate)
{
    struct can_link link;

    return target->medium != WIRE_CAN || !can_link_find(machine, target->place, &link) ||
           can_link_stays(&link, rate);
}

bool rate_fits(const struct plan *plan, const struct machine *machine, const struct target *target,
               char *words)
{
    struct plan_command *command = allocate(sizeof(*command));
    bool fits = true;

    for (size_t i = 0; i < plan->length && fits; i++) {
        const struct btap_transaction *transaction = &command->transaction;

        plan_get(plan, i, command);
        fits = transaction->command != BTAP_SPEED || takes(machine, target, transaction->bit_rate);
        if (!fits)
            snprintf(words, RATE_WORDS_SIZE,
                     "transaction %" PRIu64 " has the device go on at %" PRIu32
                     " bit/s, and the interface stays as it is set; --skip %" PRIu64
                     " leaves it out, and the rest is sent at the rate there is",
                     transaction->n, transaction->bit_rate, transaction->n);
    }
    free(command);
    return fits;
}
