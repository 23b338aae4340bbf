/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The alignment of two sequences: against a plain computation of the longest common subsequence,
 * and where its search is cut off.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "diff/alignment.h"
#include "test.h"

#define LENGTH_MAX 60

static uint32_t random_state = 1;

/** xorshift32: the same numbers every time. */
static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % limit;
}

static void align_all(const uint32_t *a, size_t a_length, const uint32_t *b, size_t b_length,
                      uint32_t classes, size_t *partners)
{
    struct alignment *alignment = alignment_new(a, a_length, b, b_length, classes, partners);

    alignment_find(alignment, (struct alignment_range){0, a_length, 0, b_length});
    alignment_free(alignment);
}

/** Partners are equal and in order. @return how many there are */
static size_t check_partners(const uint32_t *a, size_t a_length, const uint32_t *b, size_t b_length,
                             const size_t *partners)
{
    size_t count = 0;
    size_t next = 0;

    for (size_t i = 0; i < a_length; i++) {
        if (partners[i] == ALIGNMENT_NONE)
            continue;
        assert_true(partners[i] >= next && partners[i] < b_length);
        assert_int_equal(a[i], b[partners[i]]);
        next = partners[i] + 1;
        count++;
    }
    return count;
}

/** Length of the longest common subsequence, by the textbook's table. */
static size_t longest(const uint32_t *a, size_t a_length, const uint32_t *b, size_t b_length)
{
    static size_t table[LENGTH_MAX + 1][LENGTH_MAX + 1];

    memset(table, 0, sizeof(table));
    for (size_t i = 1; i <= a_length; i++)
        for (size_t j = 1; j <= b_length; j++) {
            const size_t up = table[i - 1][j];
            const size_t left = table[i][j - 1];

            table[i][j] = a[i - 1] == b[j - 1] ? table[i - 1][j - 1] + 1 : up > left ? up : left;
        }
    return table[a_length][b_length];
}

static void the_ends_of_the_sequences(void **state)
{
    static const uint32_t numbers[] = {0, 1, 2};
    size_t partners[3];

    (void)state;
    align_all(numbers, 0, numbers, 0, 3, partners);
    align_all(numbers, 0, numbers, 3, 3, partners);
    align_all(numbers, 3, numbers, 0, 3, partners);
    for (size_t i = 0; i < 3; i++)
        assert_true(partners[i] == ALIGNMENT_NONE);
    align_all(numbers, 3, numbers, 3, 3, partners);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(partners[i], i);
}

/* By hand: b lacks a's 1, and has a 3 more before the last 2. */
static void one_lacks_and_one_is_more(void **state)
{
    static const uint32_t a[] = {0, 1, 2, 0, 2};
    static const uint32_t b[] = {0, 2, 0, 3, 2};
    static const size_t expected[] = {0, ALIGNMENT_NONE, 1, 2, 4};
    size_t partners[5];

    (void)state;
    align_all(a, 5, b, 5, 4, partners);
    for (size_t i = 0; i < 5; i++)
        assert_true(partners[i] == expected[i]);
}

/* What occurs once on each side and in another order cannot be all partners: the longest run is. */
static void a_block_that_moved(void **state)
{
    static const uint32_t a[] = {0, 1, 2, 3, 4, 5};
    static const uint32_t b[] = {4, 5, 0, 1, 2, 3};
    static const size_t expected[] = {2, 3, 4, 5, ALIGNMENT_NONE, ALIGNMENT_NONE};
    size_t partners[6];

    (void)state;
    align_all(a, 6, b, 6, 6, partners);
    for (size_t i = 0; i < 6; i++)
        assert_true(partners[i] == expected[i]);
}

/* Each number stands at both ends of both, so that none is unique: Myers' algorithm alone. */
static void as_long_as_can_be(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        const uint32_t classes = 1 + random_below(6);
        const size_t a_length = random_below(LENGTH_MAX - 12);
        const size_t b_length = random_below(LENGTH_MAX - 12);
        uint32_t a[LENGTH_MAX];
        uint32_t b[LENGTH_MAX];
        size_t partners[LENGTH_MAX];
        size_t a_end = 0;
        size_t b_end = 0;

        for (uint32_t i = 0; i < classes; i++)
            a[a_end++] = b[b_end++] = i;
        for (size_t i = 0; i < a_length; i++)
            a[a_end++] = random_below(classes);
        for (size_t i = 0; i < b_length; i++)
            b[b_end++] = random_below(classes);
        for (uint32_t i = 0; i < classes; i++)
            a[a_end++] = b[b_end++] = classes - 1 - i;
        if (a_end > LENGTH_MAX || b_end > LENGTH_MAX)
            fail();
        align_all(a, a_end, b, b_end, classes, partners);
        assert_int_equal(check_partners(a, a_end, b, b_end, partners), longest(a, a_end, b, b_end));
    }
}

static void always_in_order(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        const uint32_t classes = 1 + random_below(40);
        const size_t a_length = random_below(LENGTH_MAX);
        const size_t b_length = random_below(LENGTH_MAX);
        uint32_t a[LENGTH_MAX];
        uint32_t b[LENGTH_MAX];
        size_t partners[LENGTH_MAX];

        for (size_t i = 0; i < a_length; i++)
            a[i] = random_below(classes);
        for (size_t i = 0; i < b_length; i++)
            b[i] = random_below(classes);
        align_all(a, a_length, b, b_length, classes, partners);
        check_partners(a, a_length, b, b_length, partners);
    }
}

/* A part of the sequences is aligned, what is outside keeps the partner that it has. */
static void a_part_of_both(void **state)
{
    static const uint32_t a[] = {0, 1, 2, 0};
    static const uint32_t b[] = {0, 2, 1, 2, 0};
    size_t partners[4] = {77, 77, 77, 77};
    struct alignment *alignment = alignment_new(a, 4, b, 5, 3, partners);

    (void)state;
    alignment_find(alignment, (struct alignment_range){1, 3, 2, 5});
    alignment_free(alignment);
    assert_int_equal(partners[0], 77);
    assert_int_equal(partners[1], 2);
    assert_int_equal(partners[2], 3);
    assert_int_equal(partners[3], 77);
}

/* 200000 numbers in no order at all, where an exact search would take minutes. */
static void next_to_nothing_in_common(void **state)
{
    const size_t length = 100000;
    uint32_t *a = malloc(length * sizeof(*a));
    uint32_t *b = malloc(length * sizeof(*b));
    size_t *partners = malloc(length * sizeof(*partners));

    (void)state;
    assert_true(a != NULL && b != NULL && partners != NULL);
    for (size_t i = 0; i < length; i++) {
        a[i] = random_below(1000);
        b[i] = random_below(1000);
    }
    align_all(a, length, b, length, 1000, partners);
    assert_true(check_partners(a, length, b, length, partners) > 0);
    free(a);
    free(b);
    free(partners);
}

/* Every tenth of 100000 numbers that repeat was replaced: the nine tenths are found again. */
static void many_small_changes(void **state)
{
    const size_t length = 100000;
    uint32_t *a = malloc(length * sizeof(*a));
    uint32_t *b = malloc(length * sizeof(*b));
    size_t *partners = malloc(length * sizeof(*partners));

    (void)state;
    assert_true(a != NULL && b != NULL && partners != NULL);
    for (size_t i = 0; i < length; i++) {
        a[i] = (uint32_t)(i % 256);
        b[i] = i % 10 == 3 ? 256 : a[i];
    }
    align_all(a, length, b, length, 257, partners);
    assert_true(check_partners(a, length, b, length, partners) >= length / 10 * 9 - 1000);
    free(a);
    free(b);
    free(partners);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ends_of_the_sequences), cmocka_unit_test(one_lacks_and_one_is_more),
        cmocka_unit_test(a_block_that_moved),        cmocka_unit_test(as_long_as_can_be),
        cmocka_unit_test(always_in_order),           cmocka_unit_test(a_part_of_both),
        cmocka_unit_test(next_to_nothing_in_common), cmocka_unit_test(many_small_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
