/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Differences as JSON, an object a line. docs/diff.md describes the keys.
 */
#include <stdlib.h>

#include "base/allocate.h"
#include "base/transaction_json.h"
#include "diff/output.h"

static const char *const change_names[CHANGE_COUNT] = {
    [CHANGE_NONE] = "same",
    [CHANGE_CHANGED] = "changed",
    [CHANGE_REMOVED] = "removed",
    [CHANGE_ADDED] = "added",
};

/** A transaction as decode has it. */
static void add_side(struct json_object *object, const char *key, const struct side *side,
                     const struct steps *steps, size_t index, struct unpacked *room)
{
    struct json_object *own = json_add_object(object, key);

    steps_get(steps, index, room);
    json_add_link(own, &steps->link);
    json_add_transaction(own, &room->transaction, side->digits);
    if (room->compared.has_crc32)
        json_add_number(own, "crc32", room->compared.crc32);
    json_add_notes(own, &room->transaction);
}

/** What a side has in an aspect; nothing where it has none. */
static void add_aspect(struct json_object *object, const char *key, enum btap_aspect aspect,
                       const struct btap_compared *compared)
{
    char words[BTAP_ASPECT_TEXT_SIZE];

    if (btap_aspect_is_present(aspect, compared))
        json_add_text(object, key, btap_aspect_text(aspect, compared, words, sizeof(words)));
}

static void add_differences(struct json_object *object, uint64_t differences,
                            const struct unpacked *a, const struct unpacked *b)
{
    struct json_object *array = json_add_array(object, "differences");

    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++) {
        const enum btap_aspect aspect = (enum btap_aspect)i;
        struct json_object *own;

        if (!(differences & BTAP_ASPECT_BIT(i)))
            continue;
        own = json_object_new_object();
        json_add_text(own, "field", btap_aspect_name(aspect));
        add_aspect(own, "a", aspect, &a->compared);
        add_aspect(own, "b", aspect, &b->compared);
        json_object_array_add(array, own);
    }
}

static void print_edit(const struct compare_output *output, const struct edits *edits,
                       const struct edit *edit, struct unpacked *room)
{
    struct json_object *object = json_line_new("difference");

    json_add_text(object, "change", change_names[edit->change]);
    if (edit->change != CHANGE_ADDED)
        add_side(object, "a", output->a, edits->a, edit->a, &room[0]);
    if (edit->change != CHANGE_REMOVED)
        add_side(object, "b", output->b, edits->b, edit->b, &room[1]);
    if (edit->change == CHANGE_CHANGED)
        add_differences(object, edit->differences, &room[0], &room[1]);
    json_print(object, output->to);
}

void compare_print_json(const struct compare_output *output, const struct edits *edits)
{
    struct unpacked *room = allocate(2 * sizeof(*room));

    for (size_t i = 0; i < edits->length; i++)
        if (edits->edits[i].change != CHANGE_NONE)
            print_edit(output, edits, &edits->edits[i], room);
    free(room);
}

void compare_print_json_end(const struct compare_output *output,
                            const uint64_t counts[static CHANGE_COUNT])
{
    struct json_object *object = json_line_new("comparison");
    struct json_object *totals;

    json_add_text(object, "a", output->a->name);
    json_add_text(object, "b", output->b->name);
    totals = json_add_object(object, "totals");
    for (unsigned i = 0; i < CHANGE_COUNT; i++)
        json_add_number(totals, change_names[i], counts[i]);
    json_print(object, output->to);
}
