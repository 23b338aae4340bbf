/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/dfuse_layout.h"

#include <stdio.h>
#include <string.h>

#include "test.h"

/** Rights as UM0424 section 4.3.2 packs them into the letter. */
enum rights {
    R = 1,
    E = 2,
    W = 4,
};

struct expected_region {
    uint32_t address;
    uint32_t pages;
    uint32_t page_size;
    unsigned rights;
};

static unsigned rights_of(const struct btap_layout_region *region)
{
    return (region->readable ? R : 0u) | (region->erasable ? E : 0u) | (region->writable ? W : 0u);
}

static void assert_layout(const char *text, const char *name,
                          const struct expected_region *expected, size_t length)
{
    struct btap_layout layout;

    assert_true(btap_layout_parse(text, &layout));
    assert_string_equal(layout.name, name);
    assert_int_equal(layout.regions_length, length);
    for (size_t i = 0; i < length; i++) {
        assert_int_equal(layout.regions[i].address, expected[i].address);
        assert_int_equal(layout.regions[i].pages, expected[i].pages);
        assert_int_equal(layout.regions[i].page_size, expected[i].page_size);
        assert_int_equal(rights_of(&layout.regions[i]), expected[i].rights);
    }
}

/* The string that the STM32F1 ROM of the public capture sends. */
static void captured_rom_string(void **state)
{
    const struct expected_region expected[] = {{0x08000000, 32, 1024, R | E | W}};

    (void)state;
    assert_layout("@Internal Flash  /0x08000000/032*0001Kg", "Internal Flash", expected, 1);
}

/* STM32F4: sectors of three sizes; 4 * 16 K = 0x10000, 1 * 64 K = 0x10000. */
static void several_segments_follow_each_other(void **state)
{
    const struct expected_region expected[] = {
        {0x08000000, 4, 16384, R | E | W},
        {0x08010000, 1, 65536, R | E | W},
        {0x08020000, 7, 131072, R | E | W},
    };

    (void)state;
    assert_layout("@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg", "Internal Flash",
                  expected, 3);
}

/* STM32F42x: two addresses in one string, sizes in bytes with a space for the unit. */
static void several_addresses_and_a_space_as_unit(void **state)
{
    const struct expected_region expected[] = {
        {0x1fffc000, 1, 16, R | W},
        {0x1ffec000, 1, 16, R | W},
    };

    (void)state;
    assert_layout("@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e", "Option Bytes",
                  expected, 2);
}

static void absent_unit_means_bytes(void **state)
{
    const struct expected_region expected[] = {
        {0x1fff7800, 1, 512, R | W},
        {0x1fff7a00, 1, 16, R | W},
    };

    (void)state;
    assert_layout("@OTP Memory /0x1FFF7800/01*512e,01*016e", "OTP Memory", expected, 2);
}

/* B is the unit, b the right to erase. */
static void unit_b_and_right_b_are_told_apart(void **state)
{
    const struct expected_region expected[] = {
        {0x00000000, 2, 100, E},
        {0x000000c8, 1, 3, E},
    };

    (void)state;
    assert_layout("@Memory/0x0/2*100Bb,1*3b", "Memory", expected, 2);
}

static void unit_m(void **state)
{
    const struct expected_region expected[] = {{0x90000000, 3, 2097152, R | E | W}};

    (void)state;
    assert_layout("@External Flash /0x90000000/3*2Mg", "External Flash", expected, 1);
}

/* The last 64 KiB of the address space. */
static void region_may_end_at_the_top(void **state)
{
    const struct expected_region expected[] = {{0xffff0000, 1, 65536, R | W}};
    struct btap_layout layout;

    (void)state;
    assert_layout("@Device Feature/0xFFFF0000/01*064Ke", "Device Feature", expected, 1);
    assert_true(btap_layout_parse("@Device Feature/0xFFFF0000/01*064Ke", &layout));
    assert_ptr_equal(btap_layout_find(&layout, 0xffffffff), &layout.regions[0]);
    assert_false(btap_layout_parse("@Device Feature/0xFFFF0000/02*064Ke", &layout));
}

/* wire-facts C: GD32VF103 claims 2 KiB pages. What it claims is what is read. */
static void gd32(void **state)
{
    const struct expected_region expected[] = {{0x08000000, 512, 2048, R | E | W}};

    (void)state;
    assert_layout("@Internal Flash  /0x08000000/512*002Kg", "Internal Flash", expected, 1);
}

static void every_letter(void **state)
{
    static const unsigned rights[] = {R, E, R | E, W, R | W, E | W, R | E | W};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rights); i++) {
        const struct expected_region expected[] = {{0x20000000, 1, 1024, rights[i]}};
        char text[] = "@x/0x20000000/1*1K?";

        text[sizeof(text) - 2] = (char)('a' + (int)i);
        assert_layout(text, "x", expected, 1);
    }
}

/* Hand-made strings of other bootloaders put spaces around the separators. */
static void spaces_around_separators(void **state)
{
    const struct expected_region expected[] = {
        {0x08000000, 4, 16384, R},
        {0x08010000, 1, 65536, R | E | W},
    };

    (void)state;
    assert_layout("@Flash/0x08000000/04*016Ka, 01*064Kg ", "Flash", expected, 2);
}

static void malformed(void **state)
{
    static const struct {
        const char *text;
        uint32_t regions; /**< that stand before the fault */
    } cases[] = {
        {"", 0},
        {"Internal Flash", 0},
        {"@", 0},
        {"@Internal Flash  ", 0},
        {"@Internal Flash  /", 0},
        {"@Internal Flash  /0x", 0},
        {"@Internal Flash  /0x08000000", 0},
        {"@Internal Flash  /0x08000000/", 0},
        {"@Internal Flash  /08000000/1*1Kg", 0},
        {"@Internal Flash  /0x108000000/1*1Kg", 0},
        {"@Internal Flash  /0x08000000/04", 0},
        {"@Internal Flash  /0x08000000/04*", 0},
        {"@Internal Flash  /0x08000000/04*016", 0},
        {"@Internal Flash  /0x08000000/04*016K", 0},
        {"@Internal Flash  /0x08000000/04*016Kh", 0},
        {"@Internal Flash  /0x08000000/04*016K`", 0},
        {"@Internal Flash  /0x08000000/00*016Kg", 0},
        {"@Internal Flash  /0x08000000/04*000Kg", 0},
        {"@Internal Flash  /0x08000000/04*4294967295Mg", 0},
        {"@Internal Flash  /0x08000000/99999999999*1Kg", 0},
        {"@Internal Flash  /0x08000000/04*016Kg,", 1},
        {"@Internal Flash  /0x08000000/04*016Kg,01*064K", 1},
        {"@Internal Flash  /0x08000000/04*016Kg/", 1},
        {"@Internal Flash  /0x08000000/04*016Kg;01*064Kg", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct btap_layout layout;

        assert_false(btap_layout_parse(cases[i].text, &layout));
        assert_int_equal(layout.regions_length, cases[i].regions);
    }
}

/* A region more than there is room for; those that fit are kept. */
/* Neither the characters between the digits and the letters, nor those behind F and f are digits.
 */
static void digits_end_where_they_do(void **state)
{
    static const char between[] = ":;<=>?@GgZz`";
    struct btap_layout layout;

    (void)state;
    for (size_t i = 0; between[i] != '\0'; i++) {
        char text[64];

        snprintf(text, sizeof(text), "@Flash /0x0800%c000/01*001Kg", between[i]);
        assert_false(btap_layout_parse(text, &layout));
        snprintf(text, sizeof(text), "@Flash /0x08000000/0%c*001Kg", between[i]);
        assert_false(btap_layout_parse(text, &layout));
    }
    assert_true(btap_layout_parse("@Flash /0x9abcdefA/01*001Kg", &layout));
    assert_int_equal(layout.regions[0].address, 0x9abcdefa);
    assert_true(btap_layout_parse("@Flash /0xFEDCBA98/01*001Kg", &layout));
    assert_int_equal(layout.regions[0].address, 0xfedcba98);
}

static void the_largest_page(void **state)
{
    struct btap_layout layout;

    (void)state;
    assert_true(btap_layout_parse("@All /0x00000000/01*4294967295Bg", &layout));
    assert_int_equal(layout.regions[0].page_size, UINT32_MAX);
    assert_false(btap_layout_parse("@All /0x00000000/01*4294967296Bg", &layout));
    assert_false(btap_layout_parse("@All /0x00000000/01*4194304Kg", &layout));
}

static void a_text_that_is_no_layout_has_no_name(void **state)
{
    struct btap_layout layout;

    (void)state;
    memset(&layout, 'x', sizeof(layout));
    assert_false(btap_layout_parse("Internal Flash", &layout));
    assert_string_equal(layout.name, "");
    assert_int_equal(layout.regions_length, 0);
}

static void too_many_regions(void **state)
{
    char text[400];
    int length = snprintf(text, sizeof(text), "@x/0x0/1*1Kg");
    struct btap_layout layout;

    (void)state;
    for (int i = 1; i < BTAP_LAYOUT_REGIONS_MAX; i++)
        length += snprintf(text + length, sizeof(text) - (size_t)length, ",1*1Kg");
    assert_true(btap_layout_parse(text, &layout));
    assert_int_equal(layout.regions_length, BTAP_LAYOUT_REGIONS_MAX);
    snprintf(text + length, sizeof(text) - (size_t)length, ",1*1Kg");
    assert_false(btap_layout_parse(text, &layout));
    assert_int_equal(layout.regions_length, BTAP_LAYOUT_REGIONS_MAX);
}

static void long_name_is_cut(void **state)
{
    char text[120];
    struct btap_layout layout;

    (void)state;
    memset(text, 'n', sizeof(text));
    text[0] = '@';
    snprintf(text + 100, sizeof(text) - 100, "/0x0/1*1Kg");
    assert_true(btap_layout_parse(text, &layout));
    assert_int_equal(strlen(layout.name), BTAP_LAYOUT_NAME_SIZE - 1);
    assert_int_equal(layout.regions_length, 1);
}

static void find_knows_first_and_last_byte(void **state)
{
    struct btap_layout layout;

    (void)state;
    assert_true(btap_layout_parse("@x/0x08000000/04*016Kg,01*064Kg/0x1FFFC000/01*016 e", &layout));
    assert_null(btap_layout_find(&layout, 0x07ffffff));
    assert_ptr_equal(btap_layout_find(&layout, 0x08000000), &layout.regions[0]);
    assert_ptr_equal(btap_layout_find(&layout, 0x0800ffff), &layout.regions[0]);
    assert_ptr_equal(btap_layout_find(&layout, 0x08010000), &layout.regions[1]);
    assert_ptr_equal(btap_layout_find(&layout, 0x0801ffff), &layout.regions[1]);
    assert_null(btap_layout_find(&layout, 0x08020000));
    assert_ptr_equal(btap_layout_find(&layout, 0x1fffc00f), &layout.regions[2]);
    assert_null(btap_layout_find(&layout, 0x1fffc010));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_rom_string),
        cmocka_unit_test(several_segments_follow_each_other),
        cmocka_unit_test(several_addresses_and_a_space_as_unit),
        cmocka_unit_test(absent_unit_means_bytes),
        cmocka_unit_test(unit_b_and_right_b_are_told_apart),
        cmocka_unit_test(unit_m),
        cmocka_unit_test(region_may_end_at_the_top),
        cmocka_unit_test(gd32),
        cmocka_unit_test(every_letter),
        cmocka_unit_test(spaces_around_separators),
        cmocka_unit_test(malformed),
        cmocka_unit_test(digits_end_where_they_do),
        cmocka_unit_test(the_largest_page),
        cmocka_unit_test(a_text_that_is_no_layout_has_no_name),
        cmocka_unit_test(too_many_regions),
        cmocka_unit_test(long_name_is_cut),
        cmocka_unit_test(find_knows_first_and_last_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
