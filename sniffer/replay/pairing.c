/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/pairing.h"

#include <stdlib.h>

#include "base/allocate.h"

/** Adds a step, which is aligned by what it is about. */
static void add_step(struct steps *steps, struct numbering *about,
                     const struct btap_compared *compared)
{
    const struct btap_comparison all = btap_comparison_default();
    const uint32_t number = numbering_of(about, btap_comparison_step(&all, compared));

    steps_add(steps, compared, number, number);
}

/** Lists what was sent, and what was under way when it ended. */
static void list_planned(struct pairing *pairing, const struct plan *plan, size_t sent,
                         struct numbering *about, struct unpacked *room)
{
    const size_t end = sent < plan->length ? sent + 1 : plan->length;

    pairing->items = allocate((end + 1) * sizeof(*pairing->items));
    pairing->planned.link = plan->link;
    for (size_t i = 0; i < end; i++) {
        if (plan->items[i].origin == PLAN_ADDED)
            continue;
        steps_get(&plan->steps, i, room);
        if (room->transaction.n == 0)
            room->transaction.n = i + 1;
        pairing->items[pairing->planned.length] = i;
        add_step(&pairing->planned, about, &room->compared);
    }
}

/** Puts the links one after the other: a USB device that comes back is another one. */
static void list_replayed(struct pairing *pairing, const struct side *collected,
                          struct numbering *about, struct unpacked *room)
{
    for (size_t i = 0; i < collected->length; i++) {
        const struct steps *link = collected->links[i];

        if (i == 0)
            pairing->replayed.link = link->link;
        for (size_t j = 0; j < link->length; j++) {
            steps_get(link, j, room);
            add_step(&pairing->replayed, about, &room->compared);
        }
    }
}

/* Commands that ended before they had told what they are about: where they write, what they erase
 */

/** How many steps are looked at for the one that a replayed step is. */
#define LOOK_AHEAD 8

/** A stretch of edits that are removed or added. */
struct gap {
    struct edit *edits;
    size_t length;
    size_t next; /**< the next that is removed, while those that are added are walked through */
};

/** The next edit of a gap that is such a change, from one on. @return length: none */
static size_t gap_find(const struct gap *gap, size_t from, enum change change)
{
    while (from < gap->length && gap->edits[from].change != change)
        from++;
    return from;
}

/** The removed step of which an added one is what became. @return length: none */
static size_t gap_partner(const struct pairing *pairing, const struct gap *gap, uint32_t added,
                          struct unpacked room[static 2])
{
    size_t at = gap->next;

    steps_get(&pairing->replayed, added, &room[1]);
    for (unsigned i = 0; i < LOOK_AHEAD && at < gap->length; i++) {
        const struct btap_transaction *planned = &room[0].transaction;
        const struct btap_transaction *replayed = &room[1].transaction;

        steps_get(&pairing->planned, gap->edits[at].a, &room[0]);
        if (planned->command == replayed->command &&
            (planned->status != BTAP_OK || replayed->status != BTAP_OK))
            return at;
        at = gap_find(gap, at + 1, CHANGE_REMOVED);
    }
    return gap->length;
}

/** Hands over the removed edits before one, which come before b. */
static void gap_pass_removed(struct gap *gap, size_t end, uint32_t b, struct edits *joined)
{
    while (gap->next < end) {
        struct edit edit = gap->edits[gap->next];

        edit.b = b;
        joined->edits[joined->length++] = edit;
        gap->next = gap_find(gap, gap->next + 1, CHANGE_REMOVED);
    }
}

/** Hands over a gap's edits with the pairs in it. @param a, b indices behind it */
static void join_gap(const struct pairing *pairing, struct gap *gap, uint32_t a, uint32_t b,
                     struct edits *joined, struct unpacked room[static 2])
{
    gap->next = gap_find(gap, 0, CHANGE_REMOVED);
    for (size_t i = gap_find(gap, 0, CHANGE_ADDED); i < gap->length;
         i = gap_find(gap, i + 1, CHANGE_ADDED)) {
        struct edit edit = gap->edits[i];
        const size_t partner = gap_partner(pairing, gap, edit.b, room);

        if (partner < gap->length) {
            gap_pass_removed(gap, partner, edit.b, joined);
            edit.change = CHANGE_CHANGED;
            gap->next = gap_find(gap, partner + 1, CHANGE_REMOVED);
            edit.a = gap->edits[partner].a;
        } else {
            edit.a = gap->next < gap->length ? gap->edits[gap->next].a : a;
        }
        joined->edits[joined->length++] = edit;
    }
    gap_pass_removed(gap, gap->length, b, joined);
}

/** Pairs them with the commands of the plan, as what they did not tell is known. */
static void join_cut_short(struct pairing *pairing, struct unpacked room[static 2])
{
    struct edits *edits = &pairing->edits;
    struct edits joined = *edits;
    size_t i = 0;

    joined.edits = allocate((edits->length + 1) * sizeof(*joined.edits));
    joined.length = 0;
    while (i < edits->length) {
        struct gap gap = {.edits = edits->edits + i};
        const struct edit *behind;

        while (i < edits->length && (edits->edits[i].change == CHANGE_REMOVED ||
                                     edits->edits[i].change == CHANGE_ADDED)) {
            gap.length++;
            i++;
        }
        behind = i < edits->length ? &edits->edits[i++] : NULL;
        join_gap(pairing, &gap, behind != NULL ? behind->a : (uint32_t)pairing->planned.length,
                 behind != NULL ? behind->b : (uint32_t)pairing->replayed.length, &joined, room);
        if (behind != NULL)
            joined.edits[joined.length++] = *behind;
    }
    edits_release(edits);
    *edits = joined;
}

/* What became of each */

/** Whether a command is one that a replay sends by itself: it only asks, or leads to a state. */
static bool is_own(enum btap_command command)
{
    return btap_command_effort(command) == BTAP_EFFORT_PROBE || command == BTAP_SET_ADDRESS;
}

/** Whether the host leaves a command out where the device needs none: DFU's sends CLRSTATUS to one
 * in dfuERROR only. */
static bool is_left_out(enum btap_command command)
{
    return command == BTAP_CLEAR_STATUS;
}

/** In what the answer to a command of the plan differs from what it must be. */
static uint64_t differences(const struct pairing *pairing, const struct answers *answers,
                            const struct plan *plan, const struct edit *edit,
                            const struct unpacked room[static 2])
{
    const enum plan_origin origin = plan->items[pairing->items[edit->a]].origin;

    if (origin == PLAN_RECORDED)
        return answers_differences(answers, &room[0].compared, &room[1].compared);
    return answers_unexpected(&room[0].compared, &room[1].compared);
}

/** Says what became of a step. @return false: it is not to be told */
static bool judge(struct pairing *pairing, struct answers *answers, const struct plan *plan,
                  size_t sent, struct edit *edit, struct unpacked room[static 2])
{
    switch (edit->change) {
    case CHANGE_NONE:
    case CHANGE_CHANGED:
        steps_get(&pairing->planned, edit->a, &room[0]);
        steps_get(&pairing->replayed, edit->b, &room[1]);
        edit->differences = differences(pairing, answers, plan, edit, room);
        edit->change = edit->differences != 0 ? CHANGE_CHANGED : CHANGE_NONE;
        answers_pass(answers, &room[1].transaction);
        return true;
    case CHANGE_REMOVED:
        if (pairing->items[edit->a] < sent) {
            steps_get(&pairing->planned, edit->a, &room[0]);
            return !is_left_out(room[0].transaction.command);
        }
        /* It ended before that one. */
        pairing->planned.length = edit->a;
        return false;
    case CHANGE_ADDED:
        steps_get(&pairing->replayed, edit->b, &room[1]);
        return !is_own(room[1].transaction.command);
    case CHANGE_COUNT:
        break;
    }
    return false;
}

static void judge_all(struct pairing *pairing, const struct plan *plan, size_t sent,
                      const struct answer_options *options, struct unpacked *room)
{
    struct edits *edits = &pairing->edits;
    struct answers answers;
    size_t kept = 0;

    answers_init(&answers, options);
    for (unsigned i = 0; i < CHANGE_COUNT; i++)
        edits->counts[i] = 0;
    for (size_t i = 0; i < edits->length; i++) {
        struct edit edit = edits->edits[i];

        if (!judge(pairing, &answers, plan, sent, &edit, room))
            continue;
        edits->counts[edit.change]++;
        edits->edits[kept++] = edit;
    }
    edits->length = kept;
    /* What was sent after the last that is compared. */
    for (size_t i = 0; i < kept; i++)
        if (edits->edits[i].a > pairing->planned.length)
            edits->edits[i].a = (uint32_t)pairing->planned.length;
    answers_release(&answers);
}

void pairing_make(struct pairing *pairing, const struct plan *plan, size_t sent,
                  const struct side *collected, const struct answer_options *options)
{
    static const struct compare_options by_about;
    struct unpacked *room = allocate(2 * sizeof(*room));
    struct numbering about = {0};

    *pairing = (struct pairing){0};
    list_planned(pairing, plan, sent, &about, room);
    list_replayed(pairing, collected, &about, room);
    edits_make(&pairing->edits, &pairing->planned, &pairing->replayed, &by_about, about.length,
               about.length);
    join_cut_short(pairing, room);
    judge_all(pairing, plan, sent, options, room);
    numbering_release(&about);
    free(room);
}

void pairing_release(struct pairing *pairing)
{
    edits_release(&pairing->edits);
    steps_release(&pairing->planned);
    steps_release(&pairing->replayed);
    free(pairing->items);
    *pairing = (struct pairing){0};
}

bool pairing_differs(const struct pairing *pairing)
{
    return pairing->edits.counts[CHANGE_NONE] < pairing->edits.length;
}

const struct edit *pairing_find(const struct pairing *pairing, size_t item)
{
    const struct edits *edits = &pairing->edits;

    for (size_t i = 0; i < edits->length; i++)
        if (edits->edits[i].change != CHANGE_ADDED && pairing->items[edits->edits[i].a] == item)
            return &edits->edits[i];
    return NULL;
}

const char *pairing_words(const struct edit *edit, const struct unpacked room[static 2],
                          char *words, size_t size)
{
    switch (edit->change) {
    case CHANGE_CHANGED:
        return answers_words(edit->differences, &room[0].compared, &room[1].compared, words, size);
    case CHANGE_REMOVED:
        return "it does not show in the replay's traffic";
    case CHANGE_ADDED:
        return "it was not to be sent";
    case CHANGE_NONE:
    case CHANGE_COUNT:
        break;
    }
    return "";
}
