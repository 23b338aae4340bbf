/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff/compare.h"

#include <stdlib.h>

#include "base/allocate.h"
#include "diff/retries.h"

/** Drops what failed and was repeated at once, up to the repetition. */
static void drop_retries(struct steps *steps, struct unpacked *room)
{
    size_t kept = 0;
    size_t i = 0;

    while (i < steps->length) {
        size_t next = i;

        steps_get(steps, i, room);
        if (room->transaction.status != BTAP_OK)
            next = retries_repetition(steps, i, room);
        if (next == i)
            steps->steps[kept++] = steps->steps[i++];
        else
            i = next;
    }
    steps->length = kept;
}

/** What erases are sorted by: where, then which. */
struct erase_order {
    struct step step;
    uint32_t address;
    uint32_t page;
};

static int compare_erases(const void *first, const void *second)
{
    const struct erase_order *one = first;
    const struct erase_order *other = second;

    if (one->address != other->address)
        return one->address < other->address ? -1 : 1;
    if (one->page != other->page)
        return one->page < other->page ? -1 : 1;
    return one->step.place < other->step.place ? -1 : one->step.place > other->step.place;
}

static uint32_t lowest_page(const struct btap_transaction *transaction)
{
    uint32_t lowest = UINT32_MAX;

    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        if (transaction->list[i] < lowest)
            lowest = transaction->list[i];
    return lowest;
}

/** Sorts erases that follow each other. */
static void sort_erases(struct steps *steps, struct unpacked *room)
{
    struct erase_order *run = allocate((steps->length + 1) * sizeof(*run));
    size_t length = 0;

    for (size_t i = 0; i <= steps->length; i++) {
        bool erase = false;

        if (i < steps->length) {
            steps_get(steps, i, room);
            erase = btap_command_has(room->transaction.command, BTAP_TRAIT_ERASES);
        }
        if (erase) {
            run[length++] = (struct erase_order){steps->steps[i], room->transaction.address,
                                                 lowest_page(&room->transaction)};
            continue;
        }
        qsort(run, length, sizeof(*run), compare_erases);
        for (size_t j = 0; j < length; j++)
            steps->steps[i - length + j] = run[j].step;
        length = 0;
    }
    free(run);
}

static void normalise(struct side *side, const struct compare_options *options)
{
    struct unpacked *room = allocate(sizeof(*room));

    for (size_t i = 0; i < side->length; i++) {
        if (options->ignore_retries)
            drop_retries(side->links[i], room);
        if (options->any_erase_order)
            sort_erases(side->links[i], room);
    }
    free(room);
}

bool side_read(struct side *side, struct capture *capture, const struct side_options *options,
               const struct compare_options *compare, struct numbering *same,
               struct numbering *about)
{
    struct collector collector = {
        .side = side,
        .options = options,
        .compare = compare,
        .tap = &capture->tap,
        .same = same,
        .about = about,
    };
    const struct btap_sink sink = collector_sink(&collector);

    *side = (struct side){0};
    side->complete = capture_read(capture, options->path, &compare->decoder, &sink);
    side->name = capture->input.stream.name;
    side->digits = capture->input.stream.digits;
    collector_release(&collector);
    normalise(side, compare);
    /* Nothing to compare must not pass for no difference. */
    if (side->length == 0 && collector.found > 0)
        filter_tell_nothing_left(&compare->filter, side->name);
    else if (side->length == 0 && side->complete)
        capture_tell_nothing_found(&capture->input, &capture->tap.counters);
    return side->length > 0;
}

/** One number a step. */
static uint32_t *numbers(const struct steps *steps, bool about)
{
    uint32_t *numbers = allocate((steps->length + 1) * sizeof(*numbers));

    for (size_t i = 0; i < steps->length; i++)
        numbers[i] = about ? steps->steps[i].about : steps->steps[i].same;
    return numbers;
}

/**
 * Aligns what lies between partners, at first all of both.
 *
 * @param about by what steps are about, not by all that is compared: the partners have changed
 */
static void align(const struct edits *edits, size_t *partners, uint32_t classes, bool about)
{
    uint32_t *a = numbers(edits->a, about);
    uint32_t *b = numbers(edits->b, about);
    struct alignment *alignment =
        alignment_new(a, edits->a->length, b, edits->b->length, classes, partners);
    struct alignment_range gap = {0, 0, 0, 0};

    for (size_t i = 0; i <= edits->a->length; i++) {
        const bool end = i == edits->a->length;

        if (!end && partners[i] == ALIGNMENT_NONE)
            continue;
        gap.a_end = i;
        gap.b_end = end ? edits->b->length : partners[i];
        if (gap.a_first < gap.a_end && gap.b_first < gap.b_end)
            alignment_find(alignment, gap);
        gap.a_first = gap.a_end + 1;
        gap.b_first = gap.b_end + 1;
    }
    alignment_free(alignment);
    free(a);
    free(b);
}

static void add_edit(struct edits *edits, enum change change, size_t a, size_t b)
{
    edits->edits[edits->length++] = (struct edit){change, (uint32_t)a, (uint32_t)b, 0};
    edits->counts[change]++;
}

/** Adds two aligned steps. Those that are aligned as the same differ in amounts at most. */
static void add_pair(struct edits *edits, const struct compare_options *options, size_t a, size_t b,
                     struct unpacked *room)
{
    const bool same = edits->a->steps[a].same == edits->b->steps[b].same;
    uint64_t differences = 0;

    if (!same || options->comparison.tolerated != 0) {
        steps_get(edits->a, a, &room[0]);
        steps_get(edits->b, b, &room[1]);
        differences =
            btap_comparison_differences(&options->comparison, &room[0].compared, &room[1].compared);
    }
    add_edit(edits, !same || differences != 0 ? CHANGE_CHANGED : CHANGE_NONE, a, b);
    edits->edits[edits->length - 1].differences = differences;
}

/** Lists what became of every step, the removed before the added. */
static void list_edits(struct edits *edits, const struct compare_options *options,
                       const size_t *partners)
{
    struct unpacked *room = allocate(2 * sizeof(*room));
    size_t b = 0;

    for (size_t a = 0; a <= edits->a->length; a++) {
        const bool end = a == edits->a->length;

        if (!end && partners[a] == ALIGNMENT_NONE) {
            add_edit(edits, CHANGE_REMOVED, a, b);
            continue;
        }
        while (b < (end ? edits->b->length : partners[a]))
            add_edit(edits, CHANGE_ADDED, a, b++);
        if (end)
            break;
        add_pair(edits, options, a, b++, room);
    }
    free(room);
}

static uint64_t key_of_step(const struct steps *steps, size_t index,
                            const struct compare_options *options, struct unpacked *room)
{
    steps_get(steps, index, room);
    return btap_comparison_key(&options->comparison, &room->compared);
}

/**
 * Whether two sides are aligned as B to A. Where there are several shortest ways, which one is
 * found depends on which side is first: it is the same one, however the sides are named.
 */
static bool is_aligned_backwards(const struct steps *a, const struct steps *b,
                                 const struct compare_options *options)
{
    const size_t shorter = a->length < b->length ? a->length : b->length;
    struct unpacked *room;
    uint64_t keys[2];
    size_t i = 0;

    while (i < shorter && a->steps[i].same == b->steps[i].same)
        i++;
    if (i == shorter)
        return a->length > b->length;
    room = allocate(sizeof(*room));
    keys[0] = key_of_step(a, i, options, room);
    keys[1] = key_of_step(b, i, options, room);
    free(room);
    return keys[0] > keys[1];
}

/** Finds each step's partner in the other side. @return of a; the caller frees it */
static size_t *find_partners(const struct steps *a, const struct steps *b, uint32_t same,
                             uint32_t about)
{
    const struct edits sides = {.a = a, .b = b};
    size_t *partners = allocate((a->length + 1) * sizeof(*partners));

    for (size_t i = 0; i < a->length; i++)
        partners[i] = ALIGNMENT_NONE;
    align(&sides, partners, same, false);
    align(&sides, partners, about, true);
    return partners;
}

/** The partners of the other side. Frees those given. @param length of the other side */
static size_t *turn_round(size_t *partners, size_t partners_length, size_t length)
{
    size_t *turned = allocate((length + 1) * sizeof(*turned));

    for (size_t i = 0; i < length; i++)
        turned[i] = ALIGNMENT_NONE;
    for (size_t i = 0; i < partners_length; i++)
        if (partners[i] != ALIGNMENT_NONE)
            turned[partners[i]] = i;
    free(partners);
    return turned;
}

void edits_make(struct edits *edits, const struct steps *a, const struct steps *b,
                const struct compare_options *options, uint32_t same, uint32_t about)
{
    size_t *partners;

    *edits = (struct edits){.a = a, .b = b};
    edits->edits = allocate((a->length + b->length + 1) * sizeof(*edits->edits));
    if (is_aligned_backwards(a, b, options))
        partners = turn_round(find_partners(b, a, same, about), b->length, a->length);
    else
        partners = find_partners(a, b, same, about);
    list_edits(edits, options, partners);
    free(partners);
}

void edits_release(struct edits *edits)
{
    free(edits->edits);
    *edits = (struct edits){0};
}
