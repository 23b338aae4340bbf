/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff/alignment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

/* Differences that are searched from either end before the best point so far is taken. */
#define SEARCH_MAX 256

/* Diagonals of the search, with one more on each side */
#define DIAGONALS (2 * SEARCH_MAX + 3)
#define MIDDLE    (SEARCH_MAX + 1)

/** One side. */
struct sequence {
    const uint32_t *all;
    uint32_t *kept;   /**< elements of the range that occur in the other's range too */
    size_t *where;    /**< their indices in all */
    uint32_t *counts; /**< by class, in the range; 0 outside alignment_find() */
};

/** An element that occurs once on each side. */
struct anchor {
    size_t a; /**< its indices of kept */
    size_t b;
    size_t previous; /**< anchor before it in its run */
};

struct alignment {
    struct sequence a;
    struct sequence b;
    size_t *partners;
    size_t *position; /**< by class: where b holds an element that occurs once */
    struct anchor *anchors;
    size_t *tails; /**< anchor that ends the best run of each length */
    ptrdiff_t forward[DIAGONALS];
    ptrdiff_t backward[DIAGONALS];
};

static void sequence_init(struct sequence *sequence, const uint32_t *all, size_t length,
                          uint32_t classes)
{
    sequence->all = all;
    sequence->kept = allocate((length + 1) * sizeof(*sequence->kept));
    sequence->where = allocate((length + 1) * sizeof(*sequence->where));
    sequence->counts = allocate(((size_t)classes + 1) * sizeof(*sequence->counts));
}

static void sequence_release(struct sequence *sequence)
{
    free(sequence->kept);
    free(sequence->where);
    free(sequence->counts);
}

struct alignment *alignment_new(const uint32_t *a, size_t a_length, const uint32_t *b,
                                size_t b_length, uint32_t classes, size_t *partners)
{
    struct alignment *alignment = allocate(sizeof(*alignment));
    const size_t shorter = a_length < b_length ? a_length : b_length;

    sequence_init(&alignment->a, a, a_length, classes);
    sequence_init(&alignment->b, b, b_length, classes);
    alignment->partners = partners;
    alignment->position = allocate(((size_t)classes + 1) * sizeof(size_t));
    alignment->anchors = allocate((shorter + 1) * sizeof(*alignment->anchors));
    alignment->tails = allocate((shorter + 1) * sizeof(size_t));
    return alignment;
}

void alignment_free(struct alignment *alignment)
{
    sequence_release(&alignment->a);
    sequence_release(&alignment->b);
    free(alignment->position);
    free(alignment->anchors);
    free(alignment->tails);
    free(alignment);
}

static void count(struct sequence *sequence, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        sequence->counts[sequence->all[i]]++;
}

static void uncount(struct sequence *sequence, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        sequence->counts[sequence->all[i]] = 0;
}

/** Keeps what occurs in the other sequence too: nothing else can have a partner. */
static size_t keep(struct sequence *sequence, const struct sequence *other, size_t first,
                   size_t end)
{
    size_t length = 0;

    for (size_t i = first; i < end; i++)
        if (other->counts[sequence->all[i]] > 0) {
            sequence->kept[length] = sequence->all[i];
            sequence->where[length++] = i;
        }
    return length;
}

/** Elements a and b of kept are partners. */
static void match(struct alignment *alignment, size_t a, size_t b)
{
    alignment->partners[alignment->a.where[a]] = alignment->b.where[b];
}

/** A point of the edit graph: so many of a, so many of b. */
struct point {
    size_t a;
    size_t b;
};

/** The sequences between two points, as they are read from one of them. */
struct view {
    const uint32_t *a;
    const uint32_t *b;
    ptrdiff_t a_length;
    ptrdiff_t b_length;
    bool reversed;
};

static bool equal(const struct view *view, ptrdiff_t a, ptrdiff_t b)
{
    if (view->reversed)
        return view->a[view->a_length - 1 - a] == view->b[view->b_length - 1 - b];
    return view->a[a] == view->b[b];
}

/**
 * Furthest point on a diagonal (a - b) with one more difference than its neighbours have.
 *
 * @param reached furthest a on each diagonal, -1 where none can be reached
 * @return its a, -1 if the diagonal cannot be reached
 */
static ptrdiff_t advance(const struct view *view, const ptrdiff_t *reached, ptrdiff_t diagonal,
                         ptrdiff_t differences)
{
    const ptrdiff_t right = reached[MIDDLE + diagonal - 1];
    const ptrdiff_t down = reached[MIDDLE + diagonal + 1];
    ptrdiff_t a = -1;

    if (differences == 0)
        a = 0;
    if (right >= 0 && right < view->a_length)
        a = right + 1;
    if (down > a && down - diagonal <= view->b_length)
        a = down;
    if (a < 0)
        return -1;
    while (a < view->a_length && a - diagonal < view->b_length && equal(view, a, a - diagonal))
        a++;
    return a;
}

/** Goes one difference further on all diagonals. @return one where it meets the other search */
static bool search(const struct view *view, ptrdiff_t *reached, const ptrdiff_t *opposite,
                   ptrdiff_t differences, bool look, struct point *point)
{
    const ptrdiff_t delta = view->a_length - view->b_length;

    for (ptrdiff_t diagonal = -differences; diagonal <= differences; diagonal += 2) {
        const ptrdiff_t a = advance(view, reached, diagonal, differences);
        const ptrdiff_t facing = delta - diagonal;

        reached[MIDDLE + diagonal] = a;
        if (!look || a < 0 || facing < -SEARCH_MAX || facing > SEARCH_MAX)
            continue;
        if (opposite[MIDDLE + facing] >= 0 && a + opposite[MIDDLE + facing] >= view->a_length) {
            *point = (struct point){(size_t)a, (size_t)(a - diagonal)};
            return true;
        }
    }
    return false;
}

/** The point that a search got furthest to, counted in elements of both. */
static struct point furthest(const ptrdiff_t *reached)
{
    struct point best = {0, 0};

    for (ptrdiff_t diagonal = -SEARCH_MAX; diagonal <= SEARCH_MAX; diagonal++) {
        const ptrdiff_t a = reached[MIDDLE + diagonal];
        const ptrdiff_t b = a - diagonal;

        if (a >= 0 && b >= 0 && (size_t)(a + b) > best.a + best.b)
            best = (struct point){(size_t)a, (size_t)b};
    }
    return best;
}

static struct point from_end(const struct view *view, struct point point)
{
    return (struct point){(size_t)view->a_length - point.a, (size_t)view->b_length - point.b};
}

/** A point on a shortest way between the ends of two sequences that differ in both their ends. */
static struct point split(struct alignment *alignment, const struct view *view)
{
    const struct view reversed = {view->a, view->b, view->a_length, view->b_length, true};
    const bool odd = (view->a_length - view->b_length) % 2 != 0;
    struct point point = {0, 0};
    struct point other;

    for (size_t i = 0; i < DIAGONALS; i++)
        alignment->forward[i] = alignment->backward[i] = -1;
    for (ptrdiff_t differences = 0; differences <= SEARCH_MAX; differences++) {
        if (search(view, alignment->forward, alignment->backward, differences, odd, &point))
            return point;
        if (search(&reversed, alignment->backward, alignment->forward, differences, !odd, &point))
            return from_end(view, point);
    }
    point = furthest(alignment->forward);
    other = furthest(alignment->backward);
    return point.a + point.b >= other.a + other.b ? point : from_end(view, other);
}

/** Matches equal elements at the start and the end, and takes them off. */
static void trim(struct alignment *alignment, struct alignment_range *range)
{
    const uint32_t *a = alignment->a.kept;
    const uint32_t *b = alignment->b.kept;

    while (range->a_first < range->a_end && range->b_first < range->b_end &&
           a[range->a_first] == b[range->b_first])
        match(alignment, range->a_first++, range->b_first++);
    while (range->a_first < range->a_end && range->b_first < range->b_end &&
           a[range->a_end - 1] == b[range->b_end - 1])
        match(alignment, --range->a_end, --range->b_end);
}

static size_t size_of(const struct alignment_range *range)
{
    return (range->a_end - range->a_first) + (range->b_end - range->b_first);
}

/** Aligns a range of kept. The smaller half is done first, so that halves are few at any time. */
static void align(struct alignment *alignment, struct alignment_range range)
{
    for (;;) {
        struct alignment_range left;
        struct alignment_range right;
        struct point point;
        struct view view;

        trim(alignment, &range);
        if (range.a_first == range.a_end || range.b_first == range.b_end)
            return;
        view = (struct view){
            .a = alignment->a.kept + range.a_first,
            .b = alignment->b.kept + range.b_first,
            .a_length = (ptrdiff_t)(range.a_end - range.a_first),
            .b_length = (ptrdiff_t)(range.b_end - range.b_first),
        };
        point = split(alignment, &view);
        left = right = range;
        left.a_end = right.a_first = range.a_first + point.a;
        left.b_end = right.b_first = range.b_first + point.b;
        if (size_of(&left) < size_of(&right)) {
            align(alignment, left);
            range = right;
        } else {
            align(alignment, right);
            range = left;
        }
    }
}

/** Finds what occurs once on each side, in the order of a. @return how many */
static size_t find_anchors(struct alignment *alignment, size_t a_length, size_t b_length)
{
    const struct sequence *a = &alignment->a;
    const struct sequence *b = &alignment->b;
    size_t length = 0;

    for (size_t i = 0; i < b_length; i++)
        alignment->position[b->kept[i]] = i;
    for (size_t i = 0; i < a_length; i++)
        if (a->counts[a->kept[i]] == 1 && b->counts[a->kept[i]] == 1)
            alignment->anchors[length++] =
                (struct anchor){.a = i, .b = alignment->position[a->kept[i]]};
    return length;
}

/** How many runs end before a place of b. Runs are in the order of their ends. */
static size_t runs_before(const struct alignment *alignment, size_t runs, size_t place)
{
    size_t low = 0;

    while (low < runs) {
        const size_t middle = low + (runs - low) / 2;

        if (alignment->anchors[alignment->tails[middle]].b < place)
            low = middle + 1;
        else
            runs = middle;
    }
    return low;
}

/** Leaves only the longest run of anchors that is in order in b too. @return its length */
static size_t order_anchors(struct alignment *alignment, size_t length)
{
    size_t runs = 0;
    size_t anchor;

    for (size_t i = 0; i < length; i++) {
        const size_t before = runs_before(alignment, runs, alignment->anchors[i].b);

        alignment->anchors[i].previous = before > 0 ? alignment->tails[before - 1] : i;
        alignment->tails[before] = i;
        if (before == runs)
            runs++;
    }
    anchor = runs > 0 ? alignment->tails[runs - 1] : 0;
    for (size_t i = runs; i > 0; i--) {
        alignment->tails[i - 1] = anchor;
        anchor = alignment->anchors[anchor].previous;
    }
    return runs;
}

/** Aligns what lies between the anchors. */
static void align_between(struct alignment *alignment, size_t anchors, size_t a_length,
                          size_t b_length)
{
    struct alignment_range range = {0, 0, 0, 0};

    for (size_t i = 0; i <= anchors; i++) {
        const struct anchor end = {a_length, b_length, 0};
        const struct anchor *next = i < anchors ? &alignment->anchors[alignment->tails[i]] : &end;

        range.a_end = next->a;
        range.b_end = next->b;
        align(alignment, range);
        if (i == anchors)
            return;
        match(alignment, range.a_end, range.b_end);
        range.a_first = range.a_end + 1;
        range.b_first = range.b_end + 1;
    }
}

void alignment_find(struct alignment *alignment, struct alignment_range range)
{
    struct sequence *a = &alignment->a;
    struct sequence *b = &alignment->b;
    size_t a_length;
    size_t b_length;
    size_t anchors;

    for (size_t i = range.a_first; i < range.a_end; i++)
        alignment->partners[i] = ALIGNMENT_NONE;
    count(a, range.a_first, range.a_end);
    count(b, range.b_first, range.b_end);
    a_length = keep(a, b, range.a_first, range.a_end);
    b_length = keep(b, a, range.b_first, range.b_end);
    anchors = order_anchors(alignment, find_anchors(alignment, a_length, b_length));
    align_between(alignment, anchors, a_length, b_length);
    uncount(a, range.a_first, range.a_end);
    uncount(b, range.b_first, range.b_end);
}
