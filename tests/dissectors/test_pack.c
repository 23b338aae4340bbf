/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How the plugin packs: the packed bytes are worked out by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pack.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_numbers(void **state)
{
    static const struct {
        uint64_t number;
        uint8_t length;
        uint8_t packed[PACK_NUMBER_MAX];
    } cases[] = {
        {0, 1, {0x00}},
        {0x7F, 1, {0x7F}},
        {0x80, 2, {0x80, 0x01}},
        {300, 2, {0xAC, 0x02}},
        {0x3FFF, 2, {0xFF, 0x7F}},
        {0x4000, 3, {0x80, 0x80, 0x01}},
        {0x08000000, 4, {0x80, 0x80, 0x80, 0x40}},
        {UINT64_MAX, 10, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t packed[PACK_NUMBER_MAX];
        const uint8_t *at = packed;
        const uint8_t *end = pack_number(packed, cases[i].number);

        assert_int_equal(end - packed, cases[i].length);
        assert_memory_equal(packed, cases[i].packed, cases[i].length);
        assert_true(unpack_number(&at) == cases[i].number);
        assert_ptr_equal(at, end);
    }
}

static void test_differences(void **state)
{
    static const struct {
        uint64_t number;
        uint64_t previous;
        uint8_t length;
        uint8_t first;
    } cases[] = {
        {7, 7, 1, 0},
        {9, 7, 1, 4},                     /* +2 */
        {5, 7, 1, 3},                     /* -2 */
        {0, UINT64_MAX, 1, 2},            /* +1, around */
        {UINT64_MAX, 0, 1, 1},            /* -1, around */
        {UINT64_C(1) << 63, 0, 10, 0xFF}, /* as far as it gets */
        {1000000, 1000000 - 64, 2, 0x80}, /* +64 takes a bit more */
        {1000000 - 64, 1000000, 1, 0x7F}, /* and -64 does not */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t packed[PACK_NUMBER_MAX];
        const uint8_t *at = packed;
        const uint8_t *end = pack_difference(packed, cases[i].number, cases[i].previous);

        assert_int_equal(end - packed, cases[i].length);
        assert_int_equal(packed[0], cases[i].first);
        assert_true(unpack_difference(&at, cases[i].previous) == cases[i].number);
        assert_ptr_equal(at, end);
    }
}

static void assert_packed(const uint8_t *bytes, size_t size, const uint8_t *expected, size_t length)
{
    uint8_t packed[64];

    assert_true(PACK_BYTES_MAX(size) <= sizeof(packed));
    assert_int_equal(pack_bytes(packed, bytes, size) - packed, length);
    assert_memory_equal(packed, expected, length);
}

static void test_bytes(void **state)
{
    static const uint8_t zeros[20] = {0};

    (void)state;
    assert_packed(zeros, 0, zeros, 0);
    assert_packed(zeros, 20, (const uint8_t[]){20, 0}, 2);
    /* A zero or two stay among the others. */
    assert_packed((const uint8_t[]){0, 0, 0, 0, 5, 6, 0, 0, 7}, 9,
                  (const uint8_t[]){4, 5, 5, 6, 0, 0, 7}, 7);
    assert_packed((const uint8_t[]){1, 0, 0, 0, 2}, 5, (const uint8_t[]){0, 1, 1, 3, 1, 2}, 6);
    /* Those at the end are no others. */
    assert_packed((const uint8_t[]){9, 0}, 2, (const uint8_t[]){0, 1, 9, 1, 0}, 5);
}

/** Every pattern of zeros and others in so many bytes comes back, and takes no more than it may. */
static void test_every_pattern(void **state)
{
    enum { SIZE = 13 };

    (void)state;
    for (unsigned pattern = 0; pattern < 1u << SIZE; pattern++) {
        uint8_t bytes[SIZE];
        uint8_t packed[PACK_BYTES_MAX(SIZE)];
        uint8_t unpacked[SIZE + 1];
        const uint8_t *at = packed;
        const uint8_t *end;

        for (unsigned i = 0; i < SIZE; i++)
            bytes[i] = pattern >> i & 1 ? (uint8_t)(0xF0 + i) : 0;
        memset(unpacked, 0xA5, sizeof(unpacked));
        end = pack_bytes(packed, bytes, SIZE);
        assert_true(end <= packed + sizeof(packed));
        unpack_bytes(&at, unpacked, SIZE);
        assert_memory_equal(unpacked, bytes, SIZE);
        assert_int_equal(unpacked[SIZE], 0xA5);
        assert_ptr_equal(at, end);
    }
}

/** Lengths that take two bytes. */
static void test_long_runs(void **state)
{
    uint8_t bytes[1000] = {0};
    uint8_t packed[PACK_BYTES_MAX(sizeof(bytes))];
    uint8_t unpacked[sizeof(bytes)];
    const uint8_t *at = packed;

    (void)state;
    memset(bytes + 300, 0x5A, 200);
    /* 300 zeros, 200 others, 500 zeros, 0 others */
    assert_int_equal(pack_bytes(packed, bytes, sizeof(bytes)) - packed, 2 + 2 + 200 + 2 + 1);
    unpack_bytes(&at, unpacked, sizeof(unpacked));
    assert_memory_equal(unpacked, bytes, sizeof(bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),   cmocka_unit_test(test_differences),
        cmocka_unit_test(test_bytes),     cmocka_unit_test(test_every_pattern),
        cmocka_unit_test(test_long_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
