/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/runs.h"

#include <stdlib.h>

#include "base/allocate.h"

/** Fewer are shown one by one. */
#define RUN_MIN 3

static bool moves_memory(enum btap_command command)
{
    return command == BTAP_READ_MEMORY || command == BTAP_WRITE_MEMORY;
}

/**
 * The command that index, or a Set Address Pointer for the command there, stands before.
 *
 * @param[out] command the one that the line is about
 * @return its index; plan->length if there is none
 */
static size_t find_main(const struct plan *plan, size_t index, struct plan_command *command)
{
    uint32_t pointer;

    if (index >= plan->length)
        return plan->length;
    plan_get(plan, index, command);
    if (command->transaction.command != BTAP_SET_ADDRESS || index + 1 >= plan->length ||
        command->origin != PLAN_RECORDED)
        return index;
    pointer = command->transaction.address;
    plan_get(plan, index + 1, command);
    if (moves_memory(command->transaction.command) && command->transaction.address == pointer)
        return index + 1;
    plan_get(plan, index, command);
    return index;
}

/** Whether a command goes on where another one ended. */
static bool goes_on(const struct plan_command *before, const struct plan_command *after)
{
    const struct btap_transaction *one = &before->transaction;
    const struct btap_transaction *other = &after->transaction;

    if (one->command != other->command || before->needs != after->needs ||
        before->risk != after->risk || before->origin != after->origin || one->status != BTAP_OK ||
        other->status != BTAP_OK || one->alternate != other->alternate)
        return false;
    if (moves_memory(one->command))
        return (uint64_t)one->address + one->length == other->address;
    if (one->command == BTAP_ERASE && one->erase == BTAP_ERASE_ADDRESS)
        return other->erase == BTAP_ERASE_ADDRESS && other->address > one->address;
    return (one->command == BTAP_DOWNLOAD || one->command == BTAP_UPLOAD) && one->length > 0 &&
           other->length > 0 && one->block + 1 == other->block;
}

static uint64_t bytes_of(const struct plan_command *command)
{
    return command->transaction.command == BTAP_ERASE ? 0 : command->transaction.length;
}

void runs_take(const struct plan *plan, size_t index, struct plan_run *run)
{
    plan_get(plan, index, &run->begin);
    run->end = run->begin;
    run->first = index;
    run->length = 1;
    run->commands = 1;
    run->n = run->begin.transaction.n;
    run->packet = run->begin.transaction.first_packet;
    run->bytes = bytes_of(&run->begin);
}

void runs_find(const struct plan *plan, size_t first, struct plan_run *run)
{
    struct plan_command *next = allocate(sizeof(*next));
    size_t index;

    runs_take(plan, first, run);
    index = find_main(plan, first, &run->begin);
    run->end = run->begin;
    run->bytes = bytes_of(&run->begin);
    run->length = index - first + 1;
    while ((index = find_main(plan, first + run->length, next)) < plan->length &&
           goes_on(&run->end, next)) {
        run->end = *next;
        run->commands++;
        run->bytes += bytes_of(next);
        run->length = index - first + 1;
    }
    if (run->commands < RUN_MIN)
        runs_take(plan, first, run);
    free(next);
}
