/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Expected addresses are worked out from the memory tables of the reference manuals that AN2606
 * points to: RM0090 tables 5 and 6 (F405, F42x), RM0008 table 5 (F103), RM0385 table 3 (F74x).
 */
#include "boottap/product.h"

#include <string.h>

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

/* AN2606's "bootloader device-dependent parameters", as stm32flash's table of devices has them too
 */
static void ram_of_the_bootloader(void **state)
{
    static const struct {
        uint32_t pid;
        uint32_t end;
        uint32_t sram_last;
    } cases[] = {
        {0x440, 0x20000800, 0x20001fff}, {0x442, 0x20001800, 0x20007fff},
        {0x444, 0x20000800, 0x20000fff}, {0x448, 0x20001800, 0x20003fff},
        {0x412, 0x20000200, 0x200027ff}, {0x410, 0x20000200, 0x20004fff},
        {0x414, 0x20000200, 0x2000ffff}, {0x420, 0x20000200, 0x20001fff},
        {0x428, 0x20000200, 0x20007fff}, {0x418, 0x20001000, 0x2000ffff},
        {0x430, 0x20000800, 0x20017fff}, {0x411, 0x20002000, 0x2001ffff},
        {0x432, 0x20001400, 0x20007fff}, {0x439, 0x20001800, 0x20003fff},
        {0x438, 0x20001800, 0x20002fff}, {0x423, 0x20003000, 0x2000ffff},
        {0x433, 0x20003000, 0x20017fff}, {0x431, 0x20003000, 0x2001ffff},
        {0x421, 0x20003000, 0x2001ffff}, {0x417, 0x20001000, 0x20001fff},
        {0x416, 0x20000800, 0x20003fff}, {0x429, 0x20001000, 0x20007fff},
        {0x427, 0x20001000, 0x20007fff}, {0x436, 0x20001000, 0x2000bfff},
        {0x437, 0x20001000, 0x20013fff}, {0x641, 0x20000200, 0x20004fff},
        {0x9a8, 0x20000200, 0x20001fff}, {0x9b0, 0x20000200, 0x20003fff},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct btap_product *product = btap_product_by_pid(cases[i].pid);

        assert_non_null(product);
        if (product->bootloader_ram_end != cases[i].end || product->sram.last != cases[i].sram_last)
            fail_msg("0x%03x: 0x%08x 0x%08x", (unsigned)cases[i].pid,
                     (unsigned)product->bootloader_ram_end, (unsigned)product->sram.last);
    }
}

/** Whether a range has the size of whole blocks, or is not known. */
static bool is_whole(const struct btap_range *range, uint32_t block)
{
    return range->first == 0 ? range->last == 0
                             : range->first % block == 0 && (range->last + 1) % block == 0 &&
                                   range->first < range->last;
}

/** All sectors' bytes; 0: no layout is known. Fails if they do not follow each other. */
static uint32_t bytes_of_sectors(const struct btap_product *product)
{
    uint32_t next = product->flash_start;
    struct btap_range sector;

    for (uint32_t i = 0; btap_product_sector(product, i, &sector); i++) {
        assert_int_equal(sector.first, next);
        next = sector.last + 1;
    }
    return next - product->flash_start;
}

/** AN3155 section 3.8: from version 3.0 on 0x44 is in the place of 0x43, which the F1 has, but for
 * XL density. BlueNRG's loader has 0x43, the loaders of STM32W and Wiznet are not described. */
static uint8_t erase_of(const struct btap_product *product)
{
    if (strcmp(product->series, "W") == 0 || product->series[0] == '\0')
        return 0;
    return (strcmp(product->series, "F1") == 0 && product->pid != 0x430) ||
                   strcmp(product->series, "BlueNRG") == 0
               ? 0x43
               : 0x44;
}

/* Memories come in whole blocks: RAM in KiB, the bootloader's share of it in 16 bytes, option bytes
 * in 16 (F1), system memory in 64 (it ends short of other ROM on some). */
static void every_product_is_consistent(void **state)
{
    size_t products = 0;

    (void)state;
    for (uint32_t pid = 0; pid <= 0xfff; pid++) {
        const struct btap_product *product = btap_product_by_pid(pid);
        bool right;

        if (product == NULL)
            continue;
        products++;
        right = product->flash_start % 0x10000 == 0 && product->flash_size % 0x1000 == 0 &&
                is_whole(&product->sram, 0x400) && product->sram.first % 0x1000 == 0 &&
                product->bootloader_ram_end % 0x10 == 0 &&
                is_whole(&product->system_memory, 0x40) && is_whole(&product->option_bytes, 0x4) &&
                (product->bootloader_ram_end == 0 ||
                 (product->bootloader_ram_end > product->sram.first &&
                  product->bootloader_ram_end <= product->sram.last + 1)) &&
                product->erase_opcode == erase_of(product) &&
                bytes_of_sectors(product) == (product->sectors[0] != 0 ? product->flash_size : 0);
        if (!right)
            fail_msg("0x%03x %s", (unsigned)pid, product->name);
    }
    assert_int_equal(products, 96);
}

/* AN2606 rev 70, "Device-dependent bootloader parameters", and the sources of products.def for what
 * is not of it */
static void every_id_is_of_its_series(void **state)
{
    static const struct {
        const char *series;
        uint16_t ids[12]; /* up to the first 0 */
    } all[] = {
        {"C0", {0x443, 0x44c, 0x44d, 0x453, 0x493}},
        {"C5", {0x44e, 0x44f, 0x45a}},
        {"F0", {0x440, 0x442, 0x444, 0x445, 0x448}},
        {"F1", {0x410, 0x412, 0x414, 0x418, 0x420, 0x428, 0x430, 0x641}},
        {"F2", {0x411}},
        {"F3", {0x422, 0x432, 0x438, 0x439, 0x446}},
        {"F4", {0x413, 0x419, 0x421, 0x423, 0x431, 0x433, 0x434, 0x441, 0x458, 0x463}},
        {"F7", {0x449, 0x451, 0x452}},
        {"G0", {0x456, 0x460, 0x466, 0x467}},
        {"G4", {0x468, 0x469, 0x479}},
        {"H5", {0x474, 0x478, 0x47a, 0x484}},
        {"H7", {0x450, 0x480, 0x483}},
        {"H7RS", {0x485}},
        {"L0", {0x417, 0x425, 0x447, 0x457}},
        {"L1", {0x416, 0x427, 0x429, 0x436, 0x437}},
        {"L4", {0x415, 0x435, 0x461, 0x462, 0x464}},
        {"L4+", {0x470, 0x471}},
        {"L5", {0x472}},
        {"U0", {0x459, 0x489}},
        {"U3", {0x42a, 0x454}},
        {"U5", {0x455, 0x476, 0x481, 0x482}},
        {"W", {0x9a8, 0x9b0}},
        {"WB", {0x494, 0x495, 0x496}},
        {"WBA", {0x492, 0x4b0, 0x4b2}},
        {"WL", {0x497}},
        {"BlueNRG", {0x003, 0x006, 0x02f, 0x03b, 0x03f, 0x05f}},
        {"", {0x801}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        for (size_t j = 0; all[i].ids[j] != 0; j++) {
            const struct btap_product *product = btap_product_by_pid(all[i].ids[j]);

            assert_non_null(product);
            assert_string_equal(product->series, all[i].series);
        }
    }
}

/* What is in flash outlasts a reset, and nothing else that the host writes; external memory wants
 * an erase as flash does, one-time-programmable memory, registers and RAM do not. */
static void what_lasts_and_what_wants_an_erase(void **state)
{
    (void)state;
    assert_false(btap_memory_lasts(0x07ffffff));
    assert_true(btap_memory_lasts(0x08000000));
    assert_true(btap_memory_lasts(0x0fffffff));
    assert_false(btap_memory_lasts(0x10000000));
    assert_true(btap_memory_needs_erase(0x1fefffff));
    assert_false(btap_memory_needs_erase(0x1ff00000));
    assert_false(btap_memory_needs_erase(0x5fffffff));
    assert_true(btap_memory_needs_erase(0x60000000));
    assert_true(btap_memory_needs_erase(0x9fffffff));
    assert_false(btap_memory_needs_erase(0xa0000000));
}

/* RM0090: the F405's 1 MiB; without a product, the code area's internal part */
static void flash_of_a_product_and_of_none(void **state)
{
    struct btap_range flash = btap_product_flash(btap_product_by_pid(0x413));

    (void)state;
    assert_int_equal(flash.first, 0x08000000);
    assert_int_equal(flash.last, 0x080fffff);
    flash = btap_product_flash(NULL);
    assert_int_equal(flash.first, 0x08000000);
    assert_int_equal(flash.last, 0x0fffffff);
    /* No flash size is known */
    assert_int_equal(btap_product_flash(btap_product_by_pid(0x47a)).last, 0x0fffffff);
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

/* Reference manuals: RM0444 (G0), RM0468 (H72x), RM0455 (H7A3), RM0090 (F4), RM0367 (L0) */
static void programming_of_some_products(void **state)
{
    const struct btap_programming *programming =
        btap_product_programming(btap_product_by_pid(0x460));

    (void)state;
    assert_int_equal(programming->unit, 8);
    assert_true(programming->once);
    assert_true(programming->certain);
    assert_int_equal(programming->erased, 0xff);
    programming = btap_product_programming(btap_product_by_pid(0x483));
    assert_int_equal(programming->unit, 32);
    assert_int_equal(programming->lost_after_read, 32);
    programming = btap_product_programming(btap_product_by_pid(0x450));
    assert_int_equal(programming->unit, 32);
    assert_int_equal(programming->lost_after_read, 0);
    assert_int_equal(btap_product_programming(btap_product_by_pid(0x480))->unit, 16);
    programming = btap_product_programming(btap_product_by_pid(0x413));
    assert_int_equal(programming->unit, 1);
    assert_false(programming->once);
    assert_int_equal(btap_product_programming(btap_product_by_pid(0x417))->erased, 0x00);
    /* Nothing is known of a BlueNRG's, nor of the STM32C5's */
    assert_null(btap_product_programming(btap_product_by_pid(0x003)));
    assert_null(btap_product_programming(btap_product_by_pid(0x44f)));
    assert_null(btap_product_programming(NULL));
}

static void pages_by_address(void **state)
{
    const struct btap_product *product = btap_product_by_pid(0x413);
    struct btap_range page;

    (void)state;
    assert_true(btap_product_page(product, 0x0801ffff, &page)); /* sector 4, 64 KiB */
    assert_int_equal(page.first, 0x08010000);
    assert_int_equal(page.last, 0x0801ffff);
    assert_false(btap_product_page(product, 0x08100000, &page));
    assert_false(btap_product_page(btap_product_by_pid(0x47a), 0x08000000, &page));
}

static void where_nothing_but_flash_is(void **state)
{
    (void)state;
    assert_true(btap_memory_only_flash(0x08000000));
    assert_false(btap_memory_only_flash(0x07ffffff));
    assert_false(btap_memory_only_flash(0x08080000)); /* L0, L1: data EEPROM */
    assert_false(btap_memory_only_flash(0x08083fff));
    assert_true(btap_memory_only_flash(0x08084000));
    assert_false(btap_memory_only_flash(0x08fff000)); /* H5, H7A3: OTP */
    assert_false(btap_memory_only_flash(0x09000000)); /* H5: data flash */
    assert_false(btap_memory_only_flash(0x0bf90000)); /* L5, U5: system memory */
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
        cmocka_unit_test(ram_of_the_bootloader),
        cmocka_unit_test(every_product_is_consistent),
        cmocka_unit_test(every_id_is_of_its_series),
        cmocka_unit_test(what_lasts_and_what_wants_an_erase),
        cmocka_unit_test(flash_of_a_product_and_of_none),
        cmocka_unit_test(the_general_product_stands_for_a_shared_id),
        cmocka_unit_test(ids_that_no_product_has),
        cmocka_unit_test(programming_of_some_products),
        cmocka_unit_test(pages_by_address),
        cmocka_unit_test(where_nothing_but_flash_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
