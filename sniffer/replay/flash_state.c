/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/flash_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/append.h"
#include "boottap/session.h"
#include "replay/reach.h"

static void add(struct ranges *ranges, const struct btap_range *range)
{
    if (btap_memory_needs_erase(range->first))
        ranges_add(ranges, *range);
}

static void plan_effect(void *context, const struct btap_effect *effect)
{
    struct flash_state *state = context;

    if (effect->kind == BTAP_EFFECT_WRITE && effect->extent == BTAP_EXTENT_EXACT)
        add(&state->wanted, &effect->range);
}

/** @param ranges what the effect is added to */
static void take(struct flash_state *state, const struct btap_effect *effect, struct ranges *ranges)
{
    if (effect->kind == BTAP_EFFECT_READ)
        return;
    if (effect->extent == BTAP_EXTENT_UNKNOWN)
        state->elsewhere_erased |= effect->kind == BTAP_EFFECT_ERASE;
    else
        add(ranges, &effect->range);
}

static void done(void *context, const struct btap_effect *effect)
{
    struct flash_state *state = context;

    take(state, effect, effect->kind == BTAP_EFFECT_ERASE ? &state->erased : &state->written);
}

static void in_doubt(void *context, const struct btap_effect *effect)
{
    struct flash_state *state = context;

    take(state, effect, &state->doubtful);
}

/**
 * The device with the alternate setting in force that a command goes to: which one that is no
 * descriptor tells, and where it is not known, no page has a size.
 *
 * @param room for a copy
 * @return NULL: it is no USB device
 */
static const struct btap_usb_device *device_of(const struct flash_state *state,
                                               const struct btap_transaction *transaction,
                                               struct btap_usb_device *room)
{
    if (state->usb == NULL)
        return NULL;
    *room = *state->usb;
    room->alternate_known = true;
    room->selected_interface = state->usb_interface;
    room->selected_alternate = transaction->alternate;
    return room;
}

void flash_state_plan(struct flash_state *state, const struct btap_transaction *transaction)
{
    struct btap_usb_device device;

    if (!reach_is_short(transaction))
        btap_transaction_targets(transaction, state->product,
                                 device_of(state, transaction, &device), plan_effect, state);
}

void flash_state_take(struct flash_state *state, const struct btap_transaction *outcome)
{
    struct btap_usb_device room;
    const struct btap_usb_device *device = device_of(state, outcome, &room);
    /* One that was refused at once did nothing, nor does one that was sent in part; DFU works only
     * when GETSTATUS asks for it. */
    const bool refused = outcome->status == BTAP_INCOMPLETE ||
                         (outcome->status == BTAP_NACK && outcome->phase != BTAP_PHASE_DATA &&
                          outcome->phase != BTAP_PHASE_OPERATION) ||
                         (outcome->status == BTAP_STALL && outcome->phase == BTAP_PHASE_REQUEST);

    if (outcome->status == BTAP_OK)
        btap_transaction_effects(outcome, state->product, device, done, state);
    else if (!refused)
        btap_transaction_targets(outcome, state->product, device, in_doubt, state);
}

static void append_ranges(char *words, size_t size, const struct ranges *ranges)
{
    append_format(words, size, "0x%08" PRIx32 "-0x%08" PRIx32, ranges->list[0].first,
                  ranges->list[0].last);
    if (ranges->length > 1)
        append_format(words, size, " and %zu other range%s", ranges->length - 1,
                      ranges->length > 2 ? "s" : "");
}

static uint64_t missing(const struct flash_state *state)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < state->wanted.length; i++) {
        const struct btap_range range = state->wanted.list[i];

        bytes += (uint64_t)range.last - range.first + 1 - ranges_cover(&state->written, range);
    }
    return bytes;
}

static void append_erased(const struct flash_state *state, char *words, size_t size)
{
    if (state->erased.length > 0)
        append_ranges(words, size, &state->erased);
    else if (state->elsewhere_erased)
        append_format(words, size, "pages");
    else
        return;
    append_format(words, size, " erased, ");
}

static void append_written(const struct flash_state *state, char *words, size_t size)
{
    const size_t length = state->written.length;
    const uint64_t left = missing(state);

    if (length == 0)
        append_format(words, size, "nothing written");
    else
        append_format(words, size, "written up to 0x%08" PRIx32,
                      state->written.list[length - 1].last);
    if (left > 0)
        append_format(words, size,
                      ": not a complete firmware, %" PRIu64 " bytes are missing; run it again",
                      left);
    else if (state->wanted.length > 0)
        append_format(words, size, ": all that was to be written");
}

const char *flash_state_words(const struct flash_state *state, char *words, size_t size)
{
    words[0] = '\0';
    if (state->erased.length + state->written.length + state->doubtful.length == 0 &&
        !state->elsewhere_erased) {
        snprintf(words, size, "the flash memory is as it was");
        return words;
    }
    append_erased(state, words, size);
    append_written(state, words, size);
    if (state->doubtful.length > 0) {
        append_format(words, size, "; what is in ");
        append_ranges(words, size, &state->doubtful);
        append_format(words, size, " is not known");
    }
    return words;
}

void flash_state_release(struct flash_state *state)
{
    ranges_release(&state->wanted);
    ranges_release(&state->erased);
    ranges_release(&state->written);
    ranges_release(&state->doubtful);
}
