/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What becomes of the times of damaged captures. 2^62 ns are 4611686018.427387904 s.
 */
#include "boottap/types.h"
#include "test.h"

static void a_time_is_brought_into_the_limits(void **state)
{
    (void)state;
    assert_true(btap_time_within(-1) == 0);
    assert_true(btap_time_within(INT64_MIN) == 0);
    assert_true(btap_time_within(0) == 0);
    assert_true(btap_time_within(7) == 7);
    assert_true(btap_time_within(INT64_C(4611686018427387904)) == INT64_C(4611686018427387904));
    assert_true(btap_time_within(INT64_MAX) == INT64_C(4611686018427387904));
}

/* Microseconds of 0xFFFFFFFF are 4294967295000 ns; Wireshark keeps -1000 ns of them. */
static void a_part_that_is_none_counts_nothing(void **state)
{
    static const int64_t second = 1000000000;

    (void)state;
    assert_true(btap_time_of(1, 999999999) == second + 999999999);
    assert_true(btap_time_of(1, second) == 2 * second);
    assert_true(btap_time_of(1, 2 * second - 1) == 3 * second - 1);
    assert_true(btap_time_of(1, 2 * second) == second);
    assert_true(btap_time_of(1, INT64_C(4294967295000)) == second);
    assert_true(btap_time_of(1, -1000) == second);
    assert_true(btap_time_of(1, INT64_MAX) == second);
}

static void seconds_beyond_the_limits_are_these(void **state)
{
    (void)state;
    assert_true(btap_time_of(-1, 5) == 0);
    assert_true(btap_time_of(INT64_MIN, 999999999) == 0);
    assert_true(btap_time_of(INT64_MAX, 999999999) == BTAP_TIME_MAX);
    assert_true(btap_time_of(4611686018, 999999999) == BTAP_TIME_MAX);
    assert_true(btap_time_of(4611686018, 427387903) == INT64_C(4611686018427387903));
    assert_true(btap_time_of(4294967295, 0) == INT64_C(4294967295000000000));
}

static void sums_stay_at_the_largest(void **state)
{
    (void)state;
    assert_true(btap_ns_sum(1, 2) == 3);
    assert_true(btap_ns_sum(INT64_MAX, 1) == INT64_MAX);
    assert_true(btap_ns_sum(BTAP_TIME_MAX, BTAP_TIME_MAX) == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_brought_into_the_limits),
        cmocka_unit_test(a_part_that_is_none_counts_nothing),
        cmocka_unit_test(seconds_beyond_the_limits_are_these),
        cmocka_unit_test(sums_stay_at_the_largest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
