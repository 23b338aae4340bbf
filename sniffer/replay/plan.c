/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "replay/risk.h"

static const char *const left_out_words[PLAN_LEFT_OUT_COUNT] = {
    [PLAN_RETRY] = "failed and repeated",      [PLAN_RECOVERY] = "recovery from failures",
    [PLAN_UNWANTED] = "not asked for",         [PLAN_SKIPPED] = "skipped",
    [PLAN_REPLACED] = "replaced by the image",
};

const char *plan_left_out_words(enum plan_left_out reason)
{
    return left_out_words[reason];
}

/** Keeps a payload. @return where it begins */
static uint64_t keep_payload(struct plan *plan, const uint8_t *bytes, uint32_t length)
{
    const size_t place = plan->payload_length;

    if (length == 0)
        return place;
    if (plan->payload_room - place < length) {
        plan->payload_room += plan->payload_room / 2 + length;
        plan->payload = reallocate(plan->payload, plan->payload_room);
    }
    memcpy(plan->payload + place, bytes, length);
    plan->payload_length += length;
    return place;
}

void plan_add(struct plan *plan, const struct plan_command *command)
{
    const struct btap_transaction *transaction = &command->transaction;
    const struct btap_compared compared = {
        .transaction = transaction,
        .has_crc32 = command->has_crc32,
        .crc32 = command->crc32,
        .pause = command->pause,
    };
    const struct plan_item item = {
        .origin = command->origin,
        .payload = keep_payload(plan, command->payload, command->payload_length),
        .payload_length = command->payload_length,
        .needs = risk_needs(transaction),
        .risk = risk_of(&plan->device, transaction),
    };

    plan->items = grow(plan->items, plan->length, &plan->room, sizeof(*plan->items));
    plan->items[plan->length++] = item;
    steps_add(&plan->steps, &compared, 0, 0);
    plan->needs |= item.needs;
    if (item.risk > plan->risk)
        plan->risk = item.risk;
}

void plan_get(const struct plan *plan, size_t index, struct plan_command *command)
{
    const struct plan_item *item = &plan->items[index];
    struct unpacked unpacked;

    steps_get(&plan->steps, index, &unpacked);
    command->origin = item->origin;
    command->transaction = unpacked.transaction;
    command->payload = item->payload_length > 0 ? plan->payload + item->payload : NULL;
    command->payload_length = item->payload_length;
    command->has_crc32 = unpacked.compared.has_crc32;
    command->crc32 = unpacked.compared.crc32;
    command->pause = unpacked.compared.pause;
    command->needs = item->needs;
    command->risk = item->risk;
}

void plan_refuse(struct plan *plan, uint64_t n, uint64_t packet, const char *format, ...)
{
    const size_t index = plan->problems_length++;
    va_list arguments;

    if (index >= PLAN_PROBLEMS_MAX)
        return;
    plan->problems[index].n = n;
    plan->problems[index].packet = packet;
    va_start(arguments, format);
    vsnprintf(plan->problems[index].words, sizeof(plan->problems[index].words), format, arguments);
    va_end(arguments);
}

void plan_cut(struct plan *plan, size_t length)
{
    if (length >= plan->length)
        return;
    plan->payload_length = plan->items[length].payload;
    plan->steps.packed_length = plan->steps.steps[length].place;
    plan->steps.length = length;
    plan->length = length;
    plan->needs = 0;
    plan->risk = PLAN_ASKS;
    for (size_t i = 0; i < length; i++) {
        plan->needs |= plan->items[i].needs;
        if (plan->items[i].risk > plan->risk)
            plan->risk = plan->items[i].risk;
    }
}

void plan_release(struct plan *plan)
{
    steps_release(&plan->steps);
    free(plan->items);
    free(plan->payload);
    *plan = (struct plan){0};
}
