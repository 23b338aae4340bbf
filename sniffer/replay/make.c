/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/make.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/message.h"
#include "diff/retries.h"
#include "replay/check.h"
#include "replay/damage.h"
#include "replay/host.h"
#include "replay/risk.h"

/** Where a DFU device's address pointer stands. */
struct pointer {
    bool known;
    uint32_t address;
};

/** Work in hand. */
struct making {
    struct plan *plan;
    const struct make_options *options;
    const struct recorded *recorded;
    enum plan_left_out *reasons; /**< of each recorded transaction */
    bool transfer_size_known;
    bool identified;         /**< a Get ID is planned */
    struct pointer pointer;  /**< in the capture */
    struct pointer planned;  /**< in the plan */
    struct plan_command own; /**< of the replay's own */
};

/* What is left out */

/** Marks what failed and was repeated, and what lies between. */
static void mark_retries(struct making *making)
{
    const struct steps *steps = &making->recorded->plan.steps;
    struct unpacked *room = allocate(sizeof(*room));
    size_t i = 0;

    while (i < steps->length) {
        size_t next = i;

        steps_get(steps, i, room);
        if (room->transaction.status != BTAP_OK)
            next = retries_repetition(steps, i, room);
        if (next == i) {
            i++;
            continue;
        }
        making->reasons[i++] = PLAN_RETRY;
        while (i < next)
            making->reasons[i++] = PLAN_RECOVERY;
    }
    free(room);
}

static bool is_skipped(const struct make_skips *skips, uint64_t n)
{
    for (size_t i = 0; i < skips->length; i++)
        if (skips->list[i] == n)
            return true;
    return false;
}

static bool is_wanted(const struct make_options *options,
                      const struct btap_transaction *transaction)
{
    return transaction->n >= options->from &&
           (options->until == 0 || transaction->n <= options->until) &&
           filter_transaction(&options->filter, transaction);
}

/** Why a transaction is left out. @param index of it in the recording */
static enum plan_left_out reason_of(const struct making *making, size_t index,
                                    const struct btap_transaction *transaction)
{
    if (!is_wanted(making->options, transaction))
        return PLAN_UNWANTED;
    if (is_skipped(&making->options->skips, transaction->n))
        return PLAN_SKIPPED;
    return making->reasons[index];
}

/** Marks the numbers that --skip names and that are there. */
static void mark_found(const struct make_skips *skips, uint64_t n, bool *found)
{
    for (size_t i = 0; i < skips->length; i++)
        found[i] |= skips->list[i] == n;
}

/** Every number that --skip names must be there: a typing error could leave something in. */
static bool check_skips(const struct making *making)
{
    const struct make_skips *skips = &making->options->skips;
    const struct plan *recorded = &making->recorded->plan;
    struct unpacked *room = allocate(sizeof(*room));
    bool found[MAKE_SKIPS_MAX] = {false};
    bool good = true;

    for (size_t i = 0; i < recorded->length; i++) {
        steps_get(&recorded->steps, i, room);
        mark_found(skips, room->transaction.n, found);
    }
    free(room);
    for (size_t i = 0; i < skips->length && good; i++) {
        good = found[i];
        if (!good)
            message("%s: --skip %" PRIu64 ": the session has no such transaction", recorded->name,
                    skips->list[i]);
    }
    return good;
}

/* Commands of the replay's own */

static void add_own(struct making *making, enum btap_command command,
                    const struct btap_transaction *before)
{
    struct btap_transaction *transaction = &making->own.transaction;

    making->own = host_own_command(before->transport, command);
    transaction->alternate = before->alternate;
    if ((before->has & BTAP_HAS_CAN_ID) != 0) {
        transaction->request_id = (uint16_t)((before->request_id & ~0xff) | transaction->opcode);
        transaction->has |= BTAP_HAS_CAN_ID;
    }
    if (command == BTAP_SET_ADDRESS) {
        transaction->address = making->pointer.address;
        transaction->has |= BTAP_HAS_ADDRESS;
    }
    plan_add(making->plan, &making->own);
}

/** Who the device is must be known before anything changes it; DFU's descriptors tell. */
static void add_identification(struct making *making, const struct btap_transaction *next)
{
    switch (next->transport) {
    case BTAP_USART:
    case BTAP_FDCAN:
    case BTAP_CAN:
        if (!making->identified && risk_needs(next) != 0)
            add_own(making, BTAP_GET_ID, next);
        making->identified |= next->command == BTAP_GET_ID || risk_needs(next) != 0;
        return;
    case BTAP_DFU:
    case BTAP_TRANSPORT_COUNT:
        return;
    }
}

static bool uses_pointer(const struct btap_transaction *transaction)
{
    return transaction->transport == BTAP_DFU &&
           (transaction->command == BTAP_WRITE_MEMORY || transaction->command == BTAP_READ_MEMORY ||
            transaction->command == BTAP_LEAVE);
}

static void follow_pointer(struct pointer *pointer, const struct btap_transaction *transaction)
{
    if (transaction->transport == BTAP_DFU && transaction->command == BTAP_SET_ADDRESS &&
        transaction->status == BTAP_OK && (transaction->has & BTAP_HAS_ADDRESS) != 0)
        *pointer = (struct pointer){true, transaction->address};
}

/** Where a Set Address Pointer is left out, what counts from it would go elsewhere. */
static void add_pointer(struct making *making, const struct btap_transaction *next)
{
    const struct pointer *pointer = &making->pointer;

    if (!uses_pointer(next) || !pointer->known ||
        (making->planned.known && making->planned.address == pointer->address))
        return;
    add_own(making, BTAP_SET_ADDRESS, next);
    making->planned = *pointer;
}

/* What is sent */

/** @return false: it cannot be sent; words say why */
static bool can_be_sent(const struct making *making, const struct plan_command *command,
                        char words[static CHECK_WORDS_SIZE + DAMAGE_WORDS_SIZE])
{
    const struct btap_transaction *transaction = &command->transaction;
    char outcome[BTAP_DESCRIBE_SIZE];
    size_t length;

    if (damage_of(transaction, making->transfer_size_known, words))
        return false;
    if (check_command(&making->plan->device, command, words))
        return true;
    length = strlen(words);
    /* What the device refused early, the host did not send to its end. */
    if (transaction->status != BTAP_OK)
        snprintf(words + length, CHECK_WORDS_SIZE + DAMAGE_WORDS_SIZE - length,
                 "; it ended early: %s",
                 btap_transaction_outcome(transaction, outcome, sizeof(outcome)));
    return false;
}

static void refuse(struct making *making, const struct btap_transaction *transaction,
                   const char *words)
{
    plan_refuse(making->plan, transaction->n, transaction->first_packet, "%s: %s",
                btap_command_label(transaction->command), words);
}

static void plan_transaction(struct making *making, size_t index,
                             const struct plan_command *command)
{
    const struct btap_transaction *transaction = &command->transaction;
    enum plan_left_out reason = reason_of(making, index, transaction);
    char words[CHECK_WORDS_SIZE + DAMAGE_WORDS_SIZE];

    if (reason == PLAN_SENT && !can_be_sent(making, command, words)) {
        if (!making->options->skips.damaged) {
            refuse(making, transaction, words);
            return;
        }
        reason = PLAN_SKIPPED;
    }
    if (reason != PLAN_SENT) {
        making->plan->left_out[reason]++;
        return;
    }
    add_identification(making, transaction);
    add_pointer(making, transaction);
    plan_add(making->plan, command);
    follow_pointer(&making->planned, transaction);
}

static void begin(struct making *making)
{
    const struct plan *recorded = &making->recorded->plan;
    const struct btap_dfu_functional *dfu = &recorded->device.usb.dfu;
    struct plan *plan = making->plan;

    plan->name = recorded->name;
    plan->transport = recorded->transport;
    plan->link = recorded->link;
    plan->session = recorded->session;
    plan->device = recorded->device;
    making->transfer_size_known =
        making->options->choice.decoder.dfu.transfer_size > 0 ||
        (recorded->device.usb_known && dfu->known && dfu->transfer_size > 0);
}

static void plan_all(struct making *making)
{
    const struct plan *recorded = &making->recorded->plan;
    struct plan_command *command = allocate(sizeof(*command));

    making->reasons = allocate((recorded->length + 1) * sizeof(*making->reasons));
    if (!making->options->as_recorded)
        mark_retries(making);
    for (size_t i = 0; i < recorded->length; i++) {
        plan_get(recorded, i, command);
        plan_transaction(making, i, command);
        follow_pointer(&making->pointer, &command->transaction);
    }
    free(making->reasons);
    free(command);
}

bool make_plan(struct plan *plan, const struct make_options *options)
{
    struct recorded *recorded = recorded_read(&options->choice);
    struct making *making = allocate(sizeof(*making));
    bool made = false;

    *plan = (struct plan){0};
    if (recorded != NULL) {
        making->plan = plan;
        making->options = options;
        making->recorded = recorded;
        begin(making);
        made = check_skips(making);
    }
    if (made) {
        plan_all(making);
        made = plan->length > 0 || plan->problems_length > 0;
        if (!made)
            message("%s: nothing is left to send: all %zu commands of the session are left out",
                    plan->name, recorded->plan.length);
    }
    recorded_free(recorded);
    free(making);
    return made;
}

void make_check(struct plan *plan)
{
    struct plan_command *command = allocate(sizeof(*command));
    char words[CHECK_WORDS_SIZE];

    for (size_t i = 0; i < plan->length; i++) {
        plan_get(plan, i, command);
        if (command->origin != PLAN_RECORDED && !check_command(&plan->device, command, words))
            plan_refuse(plan, 0, 0, "command %zu, %s: %s", i + 1,
                        btap_command_label(command->transaction.command), words);
    }
    free(command);
}
