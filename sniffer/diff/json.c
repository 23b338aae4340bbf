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
static void add_side(struct json *json, const char *key, const struct side *side,
                     const struct steps *steps, size_t index, struct unpacked *room)
{
    steps_get(steps, index, room);
    json_open_object(json, key);
    json_add_link(json, &steps->link);
    json_add_transaction(json, &room->transaction, side->digits);
    if (room->compared.has_crc32)
        json_add_number(json, "crc32", room->compared.crc32);
    json_add_notes(json, &room->transaction);
    json_close_object(json);
}

/** What a side has in an aspect; nothing where it has none. */
static void add_aspect(struct json *json, const char *key, enum btap_aspect aspect,
                       const struct btap_compared *compared)
{
    char words[BTAP_ASPECT_TEXT_SIZE];

    if (btap_aspect_is_present(aspect, compared))
        json_add_text(json, key, btap_aspect_text(aspect, compared, words, sizeof(words)));
}

static void add_differences(struct json *json, uint64_t differences, const struct unpacked *a,
                            const struct unpacked *b)
{
    json_open_list(json, "differences");
    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++) {
        const enum btap_aspect aspect = (enum btap_aspect)i;

        if (!(differences & BTAP_ASPECT_BIT(i)))
            continue;
        json_open_object(json, NULL);
        json_add_text(json, "field", btap_aspect_name(aspect));
        add_aspect(json, "a", aspect, &a->compared);
        add_aspect(json, "b", aspect, &b->compared);
        json_close_object(json);
    }
    json_close_list(json);
}

static void print_edit(const struct compare_output *output, const struct edits *edits,
                       const struct edit *edit, struct unpacked *room)
{
    struct json json;

    json_begin(&json, output->to, "difference");
    json_add_text(&json, "change", change_names[edit->change]);
    if (edit->change != CHANGE_ADDED)
        add_side(&json, "a", output->a, edits->a, edit->a, &room[0]);
    if (edit->change != CHANGE_REMOVED)
        add_side(&json, "b", output->b, edits->b, edit->b, &room[1]);
    if (edit->change == CHANGE_CHANGED)
        add_differences(&json, edit->differences, &room[0], &room[1]);
    json_end(&json);
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
    struct json json;

    json_begin(&json, output->to, "comparison");
    json_add_text(&json, "a", output->a->name);
    json_add_text(&json, "b", output->b->name);
    json_open_object(&json, "totals");
    for (unsigned i = 0; i < CHANGE_COUNT; i++)
        json_add_number(&json, change_names[i], counts[i]);
    json_close_object(&json);
    json_end(&json);
}
