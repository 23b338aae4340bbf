/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The memory image: values, gaps, and what became of each byte.
 */
#include <string.h>

#include "memory/image.h"
#include "test.h"

#define FLASH 0x08000000u

static void write_bytes(struct image *image, uint32_t address, const char *text)
{
    image_write(image, address, (const uint8_t *)text, (uint32_t)strlen(text));
}

static void assert_run(const struct image *image, uint64_t from, enum image_mark mark,
                       uint32_t first, uint32_t last)
{
    struct btap_range run;

    assert_true(image_next(image, &from, mark, &run));
    assert_int_equal(run.first, first);
    assert_int_equal(run.last, last);
    assert_int_equal(from, (uint64_t)last + 1);
}

static void assert_marks(const struct image *image, uint32_t address, unsigned marks)
{
    uint8_t value;

    assert_int_equal(image_get(image, address, &value), marks);
}

static void erase(struct image *image, uint32_t first, uint32_t last)
{
    assert_true(image_erase(image, &(struct btap_range){first, last}));
}

static void an_empty_image_has_nothing(void **state)
{
    struct image image = {0};
    struct btap_range run;
    uint8_t value;

    (void)state;
    assert_true(image_empty(&image));
    assert_false(image_first(&image, IMAGE_WRITTEN, &run));
    assert_int_equal(image_get(&image, FLASH, &value), 0);
    assert_int_equal(value, 0xff);
    image_release(&image);
}

/* 1024 and 2 MiB are the image's own borders: a run goes over them without a seam. */
static void runs_go_over_pages_and_gaps_end_them(void **state)
{
    static uint8_t bytes[3000];
    struct image image = {0};
    uint64_t from = 0x20000001;
    struct btap_range run;

    (void)state;
    image_write(&image, 0x081ffc00, bytes, sizeof(bytes)); /* 2 MiB border at 0x08200000 */
    write_bytes(&image, 0x20000000, "a");
    assert_run(&image, 0, IMAGE_WRITTEN, 0x081ffc00, 0x082007b7);
    assert_run(&image, 0x081ffc01, IMAGE_WRITTEN, 0x081ffc01, 0x082007b7);
    assert_run(&image, 0x082007b8, IMAGE_WRITTEN, 0x20000000, 0x20000000);
    assert_false(image_next(&image, &from, IMAGE_WRITTEN, &run));
    assert_int_equal(image_count(&image, IMAGE_WRITTEN), 3001);
    image_release(&image);
}

static void the_top_of_the_addresses_is_the_end(void **state)
{
    struct image image = {0};
    uint64_t from = 0x100000000;
    struct btap_range run;
    uint8_t copy[4];

    (void)state;
    write_bytes(&image, 0xfffffffe, "abcd");
    assert_run(&image, 0, IMAGE_WRITTEN, 0xfffffffe, 0xffffffff);
    assert_false(image_next(&image, &from, IMAGE_WRITTEN, &run));
    image_copy(&image, 0xfffffffd, 4, 0x55, copy);
    assert_memory_equal(copy, "Uab", 3);
    erase(&image, 0xffffffff, 0xffffffff);
    erase(&image, 0xfffffffe, 0xfffffffe);
    assert_int_equal(image.erased.length, 1);
    image_release(&image);
}

/* 16 and 64 KiB, 4 and 256 MiB are where the tree's levels begin. */
static void bytes_far_apart_are_found_in_order(void **state)
{
    static const uint32_t addresses[] = {0xf0000000, 0x10000000, 0x00400000, 0x00010000,
                                         0x00000400, 0x00000010, 0};
    struct image image = {0};
    uint64_t from = 0;
    struct btap_range run;

    (void)state;
    for (size_t i = 0; i < 7; i++)
        write_bytes(&image, addresses[i], "a");
    for (size_t i = 7; i-- > 0;) {
        assert_true(image_next(&image, &from, IMAGE_WRITTEN, &run));
        assert_int_equal(run.first, addresses[i]);
        assert_int_equal(run.last, addresses[i]);
    }
    assert_false(image_next(&image, &from, IMAGE_WRITTEN, &run));
    image_release(&image);
}

static void what_was_erased_is_found_when_it_is_written_again(void **state)
{
    struct image image = {0};
    struct btap_range run;

    (void)state;
    write_bytes(&image, FLASH, "abcd");
    write_bytes(&image, FLASH + 0x10000, "efgh");
    erase(&image, 0, UINT32_MAX);
    assert_true(image_empty(&image));
    assert_int_equal(image_count(&image, IMAGE_WIPED), 8);
    write_bytes(&image, FLASH + 2, "x");
    assert_true(image_first(&image, IMAGE_WRITTEN, &run));
    assert_int_equal(run.first, FLASH + 2);
    assert_int_equal(run.last, FLASH + 2);
    erase(&image, FLASH + 3, FLASH + 0x10000);
    assert_int_equal(image_count(&image, IMAGE_WRITTEN), 1);
    image_release(&image);
}

/* "aab" is in "aaab" only where a beginning that failed goes on as another one. */
static void bytes_are_found_elsewhere_whatever_they_begin_with(void **state)
{
    struct image image = {0};
    uint32_t address = 0;

    (void)state;
    write_bytes(&image, FLASH, "aaabaab");
    assert_true(image_find(&image, (const uint8_t *)"aab", 3, 0, &address));
    assert_int_equal(address, FLASH + 1);
    assert_true(image_find(&image, (const uint8_t *)"aab", 3, FLASH + 1, &address));
    assert_int_equal(address, FLASH + 4);
    assert_false(image_find(&image, (const uint8_t *)"aabb", 4, 0, &address));
    image_release(&image);
}

static void gaps_are_filled_in_a_copy(void **state)
{
    struct image image = {0};
    uint8_t copy[8];

    (void)state;
    write_bytes(&image, FLASH + 1, "ab");
    write_bytes(&image, FLASH + 5, "c");
    image_copy(&image, FLASH, 8, '-', copy);
    assert_memory_equal(copy, "-ab--c--", 8);
    image_release(&image);
}

static void writing_again_is_told_from_writing_other_things(void **state)
{
    struct image image = {0};

    (void)state;
    write_bytes(&image, FLASH, "abcd");
    write_bytes(&image, FLASH + 1, "bX");
    assert_marks(&image, FLASH, IMAGE_WRITTEN);
    assert_marks(&image, FLASH + 1, IMAGE_WRITTEN | IMAGE_REPEATED);
    assert_marks(&image, FLASH + 2, IMAGE_WRITTEN | IMAGE_CHANGED);
    image_release(&image);
}

static void an_erase_before_is_remembered_an_erase_after_wipes(void **state)
{
    struct image image = {0};
    uint8_t value;

    (void)state;
    write_bytes(&image, FLASH, "a");
    erase(&image, FLASH, FLASH + 1023);
    assert_marks(&image, FLASH, IMAGE_WIPED);
    assert_true(image_empty(&image));
    write_bytes(&image, FLASH + 1023, "bc");
    assert_marks(&image, FLASH + 1023, IMAGE_WRITTEN | IMAGE_ERASED);
    assert_marks(&image, FLASH + 1024, IMAGE_WRITTEN);
    /* Written over what is there: the erase does not count any more. */
    write_bytes(&image, FLASH + 1023, "d");
    assert_marks(&image, FLASH + 1023, IMAGE_WRITTEN | IMAGE_CHANGED);
    /* Erased and written anew: nothing is left of the past. */
    erase(&image, FLASH, FLASH + 1023);
    write_bytes(&image, FLASH + 1023, "e");
    assert_int_equal(image_get(&image, FLASH + 1023, &value), IMAGE_WRITTEN | IMAGE_ERASED);
    assert_int_equal(value, 'e');
    image_release(&image);
}

static void erased_ranges_join(void **state)
{
    struct image image = {0};

    (void)state;
    erase(&image, 10, 19);
    erase(&image, 40, 49);
    erase(&image, 20, 29);
    assert_int_equal(image.erased.length, 2);
    assert_int_equal(image.erased.list[0].first, 10);
    assert_int_equal(image.erased.list[0].last, 29);
    assert_false(ranges_hold(&image.erased, 9));
    assert_true(ranges_hold(&image.erased, 29));
    assert_false(ranges_hold(&image.erased, 30));
    erase(&image, 0, 5);
    assert_int_equal(image.erased.length, 3);
    erase(&image, 5, 60);
    assert_int_equal(image.erased.length, 1);
    assert_int_equal(image.erased.list[0].first, 0);
    assert_int_equal(image.erased.list[0].last, 60);
    image_release(&image);
}

static void erased_ranges_are_limited(void **state)
{
    struct image image = {0};

    (void)state;
    for (uint32_t i = 0; i < RANGES_MAX; i++)
        erase(&image, 2 * i, 2 * i);
    assert_false(image_erase(&image, &(struct btap_range){FLASH, FLASH}));
    erase(&image, 1, 1); /* joins its neighbours */
    assert_int_equal(image.erased.length, RANGES_MAX - 1);
    image_release(&image);
}

static void reading_back_marks_what_was_written(void **state)
{
    struct btap_verification result = {0};
    struct image image = {0};

    (void)state;
    write_bytes(&image, FLASH, "abc");
    image_read_back(&image, FLASH + 1, (const uint8_t *)"bXy", 3, 7, &result);
    assert_marks(&image, FLASH, IMAGE_WRITTEN);
    assert_marks(&image, FLASH + 1, IMAGE_WRITTEN | IMAGE_READ_SAME);
    assert_marks(&image, FLASH + 2, IMAGE_WRITTEN | IMAGE_READ_OTHER);
    assert_marks(&image, FLASH + 3, 0);
    /* The last reading counts, and writing asks for a new one. */
    image_read_back(&image, FLASH + 2, (const uint8_t *)"c", 1, 8, &result);
    assert_marks(&image, FLASH + 2, IMAGE_WRITTEN | IMAGE_READ_SAME);
    write_bytes(&image, FLASH + 2, "c");
    assert_marks(&image, FLASH + 2, IMAGE_WRITTEN | IMAGE_REPEATED);
    image_mark(&image, &(struct btap_range){FLASH, FLASH + 9}, IMAGE_SUMMED);
    assert_int_equal(image_count(&image, IMAGE_SUMMED), 3);
    image_release(&image);
}

/* 'c' is 0x63. 0x23 has one bit less, 0x73 one more, 'd', 0x64, both. */
static void reading_back_is_summed_up(void **state)
{
    struct btap_verification result = {0};
    struct image image = {0};

    (void)state;
    write_bytes(&image, FLASH + 1022, "cccccc");
    image_read_back(&image, FLASH + 1020, (const uint8_t *)"xxcc", 4, 7, &result);
    assert_int_equal(result.same, 2);
    assert_int_equal(result.different, 0);
    image_read_back(&image, FLASH + 1024, (const uint8_t *)"\x23\x73\x64xy", 5, 8, &result);
    image_read_back(&image, FLASH + 1027, (const uint8_t *)"d", 1, 9, &result);
    assert_int_equal(result.same, 2);
    assert_int_equal(result.different, 5);
    assert_int_equal(result.only_cleared, 1);
    assert_int_equal(result.first_packet, 8);
    assert_int_equal(result.first_address, FLASH + 1024);
    assert_int_equal(result.written, 0x63);
    assert_int_equal(result.read, 0x23);
    image_release(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_image_has_nothing),
        cmocka_unit_test(runs_go_over_pages_and_gaps_end_them),
        cmocka_unit_test(the_top_of_the_addresses_is_the_end),
        cmocka_unit_test(bytes_far_apart_are_found_in_order),
        cmocka_unit_test(what_was_erased_is_found_when_it_is_written_again),
        cmocka_unit_test(bytes_are_found_elsewhere_whatever_they_begin_with),
        cmocka_unit_test(gaps_are_filled_in_a_copy),
        cmocka_unit_test(writing_again_is_told_from_writing_other_things),
        cmocka_unit_test(an_erase_before_is_remembered_an_erase_after_wipes),
        cmocka_unit_test(erased_ranges_join),
        cmocka_unit_test(erased_ranges_are_limited),
        cmocka_unit_test(reading_back_marks_what_was_written),
        cmocka_unit_test(reading_back_is_summed_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
