/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff/effect.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

/* So many equal bytes between two that differ are part of one range with them. */
#define JOINED_MAX 64

/** One side's memory at the addresses of the other. */
struct view {
    const struct effect *effect;
    uint32_t base;    /**< what its address 0 is; 0 where it has addresses */
    bool erases_told; /**< which pages it erased is known */
    uint8_t erased;   /**< value of erased flash */
    bool found;       /**< run is one that was not passed yet */
    bool none;        /**< there is none any more */
    struct btap_range run;
};

/** What one side has at an address. */
struct cell {
    bool written;
    bool erased; /**< before it was written, or at all if it was not */
    uint8_t value;
};

static struct cell cell_at(const struct view *view, uint32_t address)
{
    const uint32_t own = address - view->base;
    struct cell cell = {0};
    const uint16_t marks = image_get(&view->effect->written, own, &cell.value);

    cell.written = (marks & IMAGE_WRITTEN) != 0;
    cell.erased = cell.written ? (marks & IMAGE_ERASED) != 0
                               : ranges_hold(&view->effect->written.erased, own);
    return cell;
}

/** Whether a byte that only the other side wrote is as that one left it. */
static bool same_as_erased(const struct view *view, const struct cell *cell, uint8_t other)
{
    return other == view->erased && (cell->erased || !view->erases_told);
}

static enum effect_difference compare_at(const struct view *a, const struct view *b,
                                         uint32_t address, struct cell *one, struct cell *other)
{
    *one = cell_at(a, address);
    *other = cell_at(b, address);
    if (!one->written)
        return same_as_erased(a, one, other->value) ? EFFECT_SAME : EFFECT_ONLY_B;
    if (!other->written)
        return same_as_erased(b, other, one->value) ? EFFECT_SAME : EFFECT_ONLY_A;
    if (one->value != other->value)
        return EFFECT_OTHER;
    if (one->erased == other->erased || !a->erases_told || !b->erases_told ||
        !effect_needs_erase(a->effect, address - a->base))
        return EFFECT_SAME;
    return one->erased ? EFFECT_UNERASED_B : EFFECT_UNERASED_A;
}

/** Makes the newest range longer. @return false if there is none that this byte continues */
static bool extend_newest(struct effect_comparison *comparison, enum effect_difference difference,
                          uint32_t address)
{
    struct effect_range *newest;

    if (comparison->length == 0)
        return false;
    newest = &comparison->ranges[comparison->length - 1];
    if (newest->difference != difference || address - newest->range.last - 1 > JOINED_MAX)
        return false;
    newest->range.last = address;
    newest->bytes++;
    return true;
}

static void add_byte(struct effect_comparison *comparison, enum effect_difference difference,
                     uint32_t address, const struct cell *a, const struct cell *b)
{
    comparison->counts[difference]++;
    if (difference == EFFECT_SAME || extend_newest(comparison, difference, address))
        return;
    comparison->ranges = grow(comparison->ranges, comparison->length, &comparison->room,
                              sizeof(*comparison->ranges));
    comparison->ranges[comparison->length++] = (struct effect_range){
        .difference = difference,
        .range = {address, address},
        .bytes = 1,
        .a = a->value,
        .b = b->value,
    };
}

/** Goes to the next run that a side wrote, at the addresses of both. A run is kept until it is
 * passed: that of the one side may be long where the other has many. */
static void next_run(struct view *view, uint64_t from)
{
    uint64_t own = from > view->base ? from - view->base : 0;

    if (view->none || (view->found && view->run.last >= from))
        return;
    view->none = !image_next(&view->effect->written, &own, IMAGE_WRITTEN, &view->run) ||
                 view->run.last > UINT32_MAX - view->base;
    view->found = !view->none;
    view->run.first += view->base;
    view->run.last += view->base;
}

/** The next run that either side wrote. */
static bool next_of_either(struct view *a, struct view *b, uint64_t from, struct btap_range *run)
{
    next_run(a, from);
    next_run(b, from);
    *run = b->found && (!a->found || b->run.first < a->run.first) ? b->run : a->run;
    return a->found || b->found;
}

/** STM32L0 and L1 (RM0367, RM0038: flash memory) erase to 0, all others to 0xFF. */
static bool erases_to_zero(const struct effect *effect)
{
    const struct btap_product *product = effect->product;

    return product != NULL &&
           (strcmp(product->series, "L0") == 0 || strcmp(product->series, "L1") == 0);
}

static struct view view_of(const struct effect *effect, const struct effect *other)
{
    struct btap_range run = {0, 0};

    if (effect->plain_dfu && !other->plain_dfu)
        image_first(&other->written, IMAGE_WRITTEN, &run);
    return (struct view){
        .effect = effect,
        .base = run.first,
        .erases_told = effect->erases_unplaced == 0 && !effect->plain_dfu,
        .erased = erases_to_zero(effect) || erases_to_zero(other) ? 0 : 0xff,
    };
}

void effect_compare(struct effect_comparison *comparison)
{
    struct view one = view_of(comparison->a, comparison->b);
    struct view other = view_of(comparison->b, comparison->a);
    struct btap_range run;
    uint64_t from = 0;

    while (next_of_either(&one, &other, from, &run)) {
        const uint64_t first = run.first > from ? run.first : from;

        for (from = first; from <= run.last; from++) {
            struct cell one_cell;
            struct cell other_cell;
            const enum effect_difference difference =
                compare_at(&one, &other, (uint32_t)from, &one_cell, &other_cell);

            add_byte(comparison, difference, (uint32_t)from, &one_cell, &other_cell);
        }
    }
}

void effect_comparison_release(struct effect_comparison *comparison)
{
    free(comparison->ranges);
    *comparison = (struct effect_comparison){0};
}
