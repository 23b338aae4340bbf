/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Expected addresses are worked out from the memory tables of the reference manuals that AN2606
 * points to: RM0090 tables 5 and 6 (F405, F42x), RM0008 table 5 (F103), RM0385 table 3 (F74x).
 */
#include "boottap/product.h"

#include "test.h"

static void assert_sector(uint32_t pid, uint32_t index, uint32_t first, uint32_t last)
{
    const struct btap_product *product = btap_product_by_pid(pid);
    struct btap_range sector;

    assert_non_null(product);
    assert_true(btap_product_sector(product, index, &sector));
    assert_int_equal(sector.first, first);
    assert_int_equal(sector.last, last);
}

static void assert_no_sector(uint32_t pid, uint32_t index)
{
    struct btap_range sector;

    assert_false(btap_product_sector(btap_product_by_pid(pid), index, &sector));
}

/* 0x413: 4 of 16 KiB, 1 of 64 KiB, 7 of 128 KiB, together 1 MiB */
static void sectors_of_an_f405(void **state)
{
    (void)state;
    assert_sector(0x413, 0, 0x08000000, 0x08003fff);
    assert_sector(0x413, 3, 0x0800c000, 0x0800ffff);
    assert_sector(0x413, 4, 0x08010000, 0x0801ffff);
    assert_sector(0x413, 5, 0x08020000, 0x0803ffff);
    assert_sector(0x413, 11, 0x080e0000, 0x080fffff);
    assert_no_sector(0x413, 12);
}

/* 0x419: twice the above, bank 2 at 0x08100000 */
static void sectors_of_both_banks_of_an_f429(void **state)
{
    (void)state;
    assert_sector(0x419, 11, 0x080e0000, 0x080fffff);
    assert_sector(0x419, 12, 0x08100000, 0x08103fff);
    assert_sector(0x419, 16, 0x08110000, 0x0811ffff);
    assert_sector(0x419, 23, 0x081e0000, 0x081fffff);
    assert_no_sector(0x419, 24);
    assert_no_sector(0x419, 0xffffffff);
}

static void sectors_of_an_f746_are_larger(void **state)
{
    (void)state;
    assert_sector(0x449, 3, 0x08018000, 0x0801ffff);
    assert_sector(0x449, 4, 0x08020000, 0x0803ffff);
    assert_sector(0x449, 5, 0x08040000, 0x0807ffff);
    assert_sector(0x449, 7, 0x080c0000, 0x080fffff);
}

/* 0x410: 128 pages of 1 KiB; 0x457: 128 pages of 128 bytes; 0x483: 8 of 128 KiB */
static void uniform_pages(void **state)
{
    (void)state;
    assert_sector(0x410, 0, 0x08000000, 0x080003ff);
    assert_sector(0x410, 127, 0x0801fc00, 0x0801ffff);
    assert_no_sector(0x410, 128);
    assert_sector(0x457, 127, 0x08003f80, 0x08003fff);
    assert_no_sector(0x457, 128);
    assert_sector(0x483, 7, 0x080e0000, 0x080fffff);
    assert_no_sector(0x483, 8);
    assert_no_sector(0x410, 0xffffffff);
}

/* 0x801 and 0x47A: no page size is known */
static void unknown_layouts_have_no_sectors(void **state)
{
    (void)state;
    assert_no_sector(0x801, 0);
    assert_no_sector(0x47a, 0);
}

static void one_product_in_full(void **state)
{
    const struct btap_product *g4 = btap_product_by_pid(0x468);

    (void)state;
    assert_non_null(g4);
    assert_string_equal(g4->name, "STM32G431/G441");
    assert_string_equal(g4->series, "G4");
    assert_int_equal(g4->flash_start, 0x08000000);
    assert_int_equal(g4->flash_size, 131072);
    assert_string_equal(g4->sectors, "2K");
    assert_int_equal(g4->sram.first, 0x20000000);
    assert_int_equal(g4->sram.last, 0x200057ff); /* 22 KiB */
    assert_int_equal(g4->bootloader_ram_end, 0x20004000);
    assert_int_equal(g4->system_memory.first, 0x1fff0000);
    assert_int_equal(g4->system_memory.last, 0x1fff6fff);
    assert_int_equal(g4->option_bytes.first, 0x1fff7800);
    assert_int_equal(g4->option_bytes.last, 0x1fff782f);
    assert_int_equal(g4->mass_erase, BTAP_MASS_ERASE_YES);
    assert_int_equal(g4->erase_opcode, 0x44);
}

static void facts_here_and_there(void **state)
{
    (void)state;
    assert_int_equal(btap_product_by_pid(0x410)->erase_opcode, 0x43);
    assert_int_equal(btap_product_by_pid(0x416)->mass_erase, BTAP_MASS_ERASE_NO);
    assert_int_equal(btap_product_by_pid(0x474)->mass_erase, BTAP_MASS_ERASE_UNKNOWN);
    assert_int_equal(btap_product_by_pid(0x474)->option_bytes.first, 0);
    assert_int_equal(btap_product_by_pid(0x474)->option_bytes.last, 0);
    assert_int_equal(btap_product_by_pid(0x485)->sram.first, 0x24000000);
}

static void the_general_product_stands_for_a_shared_id(void **state)
{
    (void)state;
    assert_string_equal(btap_product_by_pid(0x432)->name, "STM32F373");
    assert_string_equal(btap_product_by_pid(0x467)->name, "STM32G0B1/G0C1");
}

/* GD32VW553 answers four ASCII bytes */
static void ids_that_no_product_has(void **state)
{
    (void)state;
    assert_null(btap_product_by_pid(0x000));
    assert_null(btap_product_by_pid(0x10413));
    assert_null(btap_product_by_pid(0x47443536));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sectors_of_an_f405),
        cmocka_unit_test(sectors_of_both_banks_of_an_f429),
        cmocka_unit_test(sectors_of_an_f746_are_larger),
        cmocka_unit_test(uniform_pages),
        cmocka_unit_test(unknown_layouts_have_no_sectors),
        cmocka_unit_test(one_product_in_full),
        cmocka_unit_test(facts_here_and_there),
        cmocka_unit_test(the_general_product_stands_for_a_shared_id),
        cmocka_unit_test(ids_that_no_product_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
