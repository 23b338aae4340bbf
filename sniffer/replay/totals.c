/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/totals.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/allocate.h"
#include "replay/reach.h"

static void add_erase(struct replay_totals *totals, const struct btap_transaction *transaction)
{
    totals->erases++;
    switch (transaction->erase) {
    case BTAP_ERASE_PAGES:
        totals->pages += transaction->list_length;
        return;
    case BTAP_ERASE_ADDRESS:
        totals->pages++;
        return;
    case BTAP_ERASE_MASS:
        totals->mass_erases++;
        return;
    case BTAP_ERASE_BANK1:
    case BTAP_ERASE_BANK2:
        totals->bank_erases++;
        return;
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_RESERVED:
        return;
    }
}

/** What a command that is sent to its end does. */
static void add_changes(struct replay_totals *totals, const struct plan_command *command)
{
    const enum btap_command what = command->transaction.command;

    if (btap_command_has(what, BTAP_TRAIT_WRITES)) {
        totals->writes++;
        totals->bytes += command->payload_length;
    }
    if (btap_command_has(what, BTAP_TRAIT_ERASES))
        add_erase(totals, &command->transaction);
    totals->mass_erases += btap_command_has(what, BTAP_TRAIT_WIPES);
    totals->protections += btap_command_has(what, BTAP_TRAIT_PROTECTS);
    totals->starts += btap_command_has(what, BTAP_TRAIT_STARTS | BTAP_TRAIT_LEAVES);
}

static void add(struct replay_totals *totals, const struct plan_command *command)
{
    if (!reach_is_short(&command->transaction))
        add_changes(totals, command);
    totals->specials += (command->needs & PLAN_SPECIAL) != 0;
    totals->confirmed += command->risk >= PLAN_CONFIRM;
    totals->irreversible += command->risk >= PLAN_IRREVERSIBLE;
}

struct replay_totals totals_of(const struct plan *plan)
{
    struct plan_command *command = allocate(sizeof(*command));
    struct replay_totals totals = {0};

    for (size_t i = 0; i < plan->length; i++) {
        if (plan->items[i].needs == 0)
            continue;
        plan_get(plan, i, command);
        add(&totals, command);
    }
    free(command);
    return totals;
}

bool totals_need_yes(const struct plan *plan)
{
    return plan->risk >= PLAN_CONFIRM ||
           (plan->needs != 0 && !risk_knows_device(plan->transport, &plan->device));
}

struct risk_lack totals_lack(const struct plan *plan, uint32_t allowed, bool confirmed,
                             bool irreversible)
{
    struct risk_lack lack = risk_lacks(allowed, confirmed, irreversible, plan->needs, plan->risk);

    lack.confirmation = totals_need_yes(plan) && !confirmed;
    return lack;
}

const char *totals_permissions(uint32_t permissions, char *text, size_t size)
{
    size_t length = 0;

    text[0] = '\0';
    for (unsigned bit = 0; bit < PLAN_PERMISSIONS && length < size; bit++)
        if ((permissions >> bit & 1) != 0)
            length += (size_t)snprintf(text + length, size - length, "%s%s", length > 0 ? "," : "",
                                       plan_permission_name(bit));
    return text;
}
