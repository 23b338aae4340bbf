/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ranges of addresses, of which a fixed number is kept.
 */
#include "session/ranges.h"
#include "test.h"

static struct btap_ranges ranges;

/** Ranges of 16 bytes, 0x100 from start to start, as many as are kept: gaps of 0xF0 bytes. */
static void fill(void)
{
    ranges = (struct btap_ranges){0};
    for (uint32_t i = 0; i < BTAP_RANGES_MAX; i++)
        session_ranges_add(&ranges, 0x1000 + i * 0x100, 0x1000 + i * 0x100 + 15);
    assert_int_equal(ranges.length, BTAP_RANGES_MAX);
    assert_false(ranges.joined);
}

static void assert_range(uint32_t at, uint32_t first, uint32_t last)
{
    assert_int_equal(ranges.list[at].first, first);
    assert_int_equal(ranges.list[at].last, last);
}

static void ranges_that_touch_are_joined(void **state)
{
    uint32_t where;

    (void)state;
    ranges = (struct btap_ranges){0};
    session_ranges_add(&ranges, 0x100, 0x1ff);
    session_ranges_add(&ranges, 0x300, 0x3ff);
    assert_int_equal(ranges.length, 2);
    assert_int_equal(session_ranges_missing(&ranges, 0x180, 0x37f, &where), 0x100);
    assert_int_equal(where, 0x200);
    session_ranges_add(&ranges, 0x200, 0x2ff);
    assert_int_equal(ranges.length, 1);
    assert_int_equal(ranges.list[0].first, 0x100);
    assert_int_equal(ranges.list[0].last, 0x3ff);
    assert_int_equal(session_ranges_missing(&ranges, 0x100, 0x3ff, &where), 0);
    assert_int_equal(session_ranges_missing(&ranges, 0, UINT32_MAX, &where), 0x100000000 - 0x300);
    assert_int_equal(where, 0);
    assert_false(ranges.joined);
}

static void the_end_of_the_address_space_is_in_range(void **state)
{
    uint32_t where;

    (void)state;
    ranges = (struct btap_ranges){0};
    session_ranges_add(&ranges, 0xffffff00, UINT32_MAX);
    session_ranges_add(&ranges, 0, 0xff);
    session_ranges_add(&ranges, 0xfffffff0, UINT32_MAX);
    assert_int_equal(ranges.length, 2);
    assert_int_equal(session_ranges_missing(&ranges, 0xfffffeff, UINT32_MAX, &where), 1);
    assert_int_equal(where, 0xfffffeff);
}

static void a_range_may_join_several(void **state)
{
    (void)state;
    fill();
    session_ranges_add(&ranges, 0x1008, 0x12ff); /* through the third, up to the fourth */
    assert_int_equal(ranges.length, BTAP_RANGES_MAX - 3);
    assert_range(0, 0x1000, 0x130f);
    assert_range(1, 0x1400, 0x140f);
    assert_false(ranges.joined);
}

static void what_is_within_a_range_changes_nothing(void **state)
{
    (void)state;
    fill();
    session_ranges_add(&ranges, 0x1104, 0x1107);
    assert_int_equal(ranges.length, BTAP_RANGES_MAX);
    assert_range(1, 0x1100, 0x110f);
    assert_false(ranges.joined);
}

/** One too many: the two with the smallest gap between them become one, wherever they are. */
static void the_nearest_are_joined(void **state)
{
    (void)state;
    fill();
    session_ranges_add(&ranges, 0x1710, 0x17ef); /* leaves a gap of 16 bytes to 0x1800 */
    session_ranges_add(&ranges, 0x9000, 0x900f);
    assert_true(ranges.joined);
    assert_int_equal(ranges.length, BTAP_RANGES_MAX);
    assert_range(0, 0x1000, 0x100f);
    assert_range(7, 0x1700, 0x180f);
    assert_range(8, 0x1900, 0x190f);
    assert_range(BTAP_RANGES_MAX - 1, 0x9000, 0x900f);
}

/** What follows a range, or goes before one, needs no room: nothing is joined over a gap. */
static void what_touches_needs_no_room(void **state)
{
    (void)state;
    fill();
    session_ranges_add(&ranges, 0x1210, 0x121f);
    assert_range(2, 0x1200, 0x121f);
    session_ranges_add(&ranges, 0x13f0, 0x13ff);
    assert_range(4, 0x13f0, 0x140f);
    assert_int_equal(ranges.length, BTAP_RANGES_MAX);
    assert_false(ranges.joined);
}

static void what_is_taken_out_leaves_its_neighbours(void **state)
{
    (void)state;
    ranges = (struct btap_ranges){2, false, {{0x1000, 0x10ff}, {0x1200, 0x12ff}}};
    session_ranges_remove(&ranges, 0x1040, 0x105f); /* cuts one in two */
    assert_int_equal(ranges.length, 3);
    assert_range(0, 0x1000, 0x103f);
    assert_range(1, 0x1060, 0x10ff);
    session_ranges_remove(&ranges, 0x1080, 0x127f); /* a tail and a head */
    assert_int_equal(ranges.length, 3);
    assert_range(1, 0x1060, 0x107f);
    assert_range(2, 0x1280, 0x12ff);
    session_ranges_remove(&ranges, 0x1060, 0x107f); /* one exactly */
    assert_int_equal(ranges.length, 2);
    session_ranges_remove(&ranges, 0, UINT32_MAX);
    assert_int_equal(ranges.length, 0);
    assert_false(ranges.joined);
}

static void a_range_that_finds_no_room_for_two_stays_whole(void **state)
{
    (void)state;
    fill();
    session_ranges_remove(&ranges, 0x1204, 0x1207);
    assert_int_equal(ranges.length, BTAP_RANGES_MAX);
    assert_range(2, 0x1200, 0x120f);
    assert_true(ranges.joined);
    session_ranges_remove(&ranges, 0, UINT32_MAX);
    assert_false(ranges.joined);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_that_touch_are_joined),
        cmocka_unit_test(the_end_of_the_address_space_is_in_range),
        cmocka_unit_test(a_range_may_join_several),
        cmocka_unit_test(what_is_within_a_range_changes_nothing),
        cmocka_unit_test(the_nearest_are_joined),
        cmocka_unit_test(what_touches_needs_no_room),
        cmocka_unit_test(what_is_taken_out_leaves_its_neighbours),
        cmocka_unit_test(a_range_that_finds_no_room_for_two_stays_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
