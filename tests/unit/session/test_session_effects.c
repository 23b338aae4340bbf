/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What one command did to the device's memory.
 */
#include <string.h>

#include "boottap/session.h"
#include "test.h"

#define FLASH 0x08000000u
/* RM0090 table 5: sectors of 4 x 16, 64, 7 x 128 KiB, 1 MiB in all. */
#define PID_F405 0x413

/** The F405's flash as its DFU device describes it. */
#define LAYOUT "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg"

static struct btap_effect effects[8];
static size_t effects_length;
static struct btap_transaction transaction;
static struct btap_usb_device device;

static void on_effect(void *context, const struct btap_effect *effect)
{
    assert_ptr_equal(context, effects);
    assert_true(effects_length < COUNT_OF(effects));
    effects[effects_length++] = *effect;
}

/** A command that ended well, to be completed by the test. */
static void make(enum btap_transport transport, enum btap_command command)
{
    memset(&transaction, 0, sizeof(transaction));
    transaction.transport = transport;
    transaction.command = command;
    transaction.status = BTAP_OK;
}

static void make_erase(enum btap_erase erase)
{
    make(BTAP_USART, BTAP_EXTENDED_ERASE);
    transaction.erase = erase;
}

static void make_page_erase(uint32_t address)
{
    make(BTAP_DFU, BTAP_ERASE);
    transaction.erase = BTAP_ERASE_ADDRESS;
    transaction.has = BTAP_HAS_ADDRESS;
    transaction.address = address;
}

static void describe(const char *layout)
{
    btap_usb_device_init(&device);
    device.strings[0].index = 4;
    strcpy(device.strings[0].text, layout);
}

/** @param pid 0: not known */
static size_t emit(uint32_t pid, const struct btap_usb_device *of)
{
    effects_length = 0;
    btap_transaction_effects(&transaction, pid != 0 ? btap_product_by_pid(pid) : NULL, of,
                             on_effect, effects);
    return effects_length;
}

static void assert_effect(size_t at, enum btap_extent extent, uint32_t first, uint32_t last)
{
    assert_int_equal(effects[at].extent, extent);
    assert_int_equal(effects[at].range.first, first);
    assert_int_equal(effects[at].range.last, last);
}

static void assert_erase(size_t at, enum btap_erase_scope scope, enum btap_extent extent,
                         uint32_t first, uint32_t last)
{
    assert_int_equal(effects[at].kind, BTAP_EFFECT_ERASE);
    assert_int_equal(effects[at].scope, scope);
    assert_effect(at, extent, first, last);
}

/* Everything */

static void a_mass_erase_is_of_the_products_flash(void **state)
{
    (void)state;
    make_erase(BTAP_ERASE_MASS);
    assert_int_equal(emit(PID_F405, NULL), 1);
    assert_erase(0, BTAP_SCOPE_MASS, BTAP_EXTENT_WITHIN, FLASH, 0x080fffff);
    assert_int_equal(effects[0].pages, 0);
    assert_int_equal(emit(0, NULL), 1);
    assert_erase(0, BTAP_SCOPE_MASS, BTAP_EXTENT_WITHIN, FLASH, 0x0fffffff);
}

/** What is not erasable by the layout is not erased: here the second region, `e`. */
static void a_mass_erase_is_of_the_layouts_erasable_regions(void **state)
{
    (void)state;
    describe("@Internal Flash  /0x08000000/02*016Kg,01*016Ke,01*064Kg");
    make(BTAP_DFU, BTAP_ERASE);
    transaction.erase = BTAP_ERASE_MASS;
    assert_int_equal(emit(0, &device), 2);
    assert_erase(0, BTAP_SCOPE_MASS, BTAP_EXTENT_EXACT, FLASH, 0x08007fff);
    assert_erase(1, BTAP_SCOPE_MASS, BTAP_EXTENT_EXACT, 0x0800c000, 0x0801bfff);
}

/** AN3155 section 3.12, AN3156 section 5.4, AN5405: the whole flash is erased. */
static void removing_the_read_protection_erases_everything(void **state)
{
    static const struct {
        enum btap_transport transport;
        enum btap_command command;
    } cases[] = {
        {BTAP_USART, BTAP_READOUT_UNPROTECT},
        {BTAP_FDCAN, BTAP_READOUT_UNPROTECT},
        {BTAP_DFU, BTAP_READ_UNPROTECT},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        make(cases[i].transport, cases[i].command);
        assert_int_equal(emit(PID_F405, NULL), 1);
        assert_erase(0, BTAP_SCOPE_UNPROTECT, BTAP_EXTENT_WITHIN, FLASH, 0x080fffff);
        transaction.status = BTAP_NACK;
        assert_int_equal(emit(PID_F405, NULL), 0);
    }
}

/* Banks */

static void a_bank_is_half_of_the_flash(void **state)
{
    (void)state;
    make_erase(BTAP_ERASE_BANK1);
    assert_int_equal(emit(PID_F405, NULL), 1);
    assert_erase(0, BTAP_SCOPE_BANK, BTAP_EXTENT_WITHIN, FLASH, 0x0807ffff);
    make_erase(BTAP_ERASE_BANK2);
    assert_int_equal(emit(PID_F405, NULL), 1);
    assert_erase(0, BTAP_SCOPE_BANK, BTAP_EXTENT_WITHIN, 0x08080000, 0x080fffff);
}

static void a_bank_of_an_unknown_product_has_no_place(void **state)
{
    (void)state;
    make_erase(BTAP_ERASE_BANK2);
    assert_int_equal(emit(0, NULL), 1);
    assert_int_equal(effects[0].scope, BTAP_SCOPE_BANK);
    assert_int_equal(effects[0].extent, BTAP_EXTENT_UNKNOWN);
}

/* Pages */

static void make_pages(const uint16_t *pages, uint32_t length)
{
    make_erase(BTAP_ERASE_PAGES);
    transaction.list_kind = BTAP_LIST_PAGES;
    transaction.list_announced = length;
    transaction.list_length = length;
    memcpy(transaction.list, pages, length * sizeof(pages[0]));
}

static void pages_lie_where_the_products_sectors_do(void **state)
{
    static const uint16_t pages[] = {0, 5, 4};

    (void)state;
    make_pages(pages, 3);
    assert_int_equal(emit(PID_F405, NULL), 3);
    assert_erase(0, BTAP_SCOPE_PAGE, BTAP_EXTENT_EXACT, FLASH, 0x08003fff);
    assert_erase(1, BTAP_SCOPE_PAGE, BTAP_EXTENT_EXACT, 0x08020000, 0x0803ffff);
    assert_erase(2, BTAP_SCOPE_PAGE, BTAP_EXTENT_EXACT, 0x08010000, 0x0801ffff);
    assert_int_equal(effects[0].pages, 1);
}

/** The F405 has the sectors 0 to 11. */
static void pages_beyond_the_product_have_no_place(void **state)
{
    static const uint16_t pages[] = {12, 11, 300};

    (void)state;
    make_pages(pages, 3);
    assert_int_equal(emit(PID_F405, NULL), 2);
    assert_erase(0, BTAP_SCOPE_PAGE, BTAP_EXTENT_EXACT, 0x080e0000, 0x080fffff);
    assert_int_equal(effects[1].extent, BTAP_EXTENT_UNKNOWN);
    assert_int_equal(effects[1].pages, 2);
}

static void pages_of_an_unknown_product_have_no_place(void **state)
{
    static const uint16_t pages[] = {0, 1, 2};

    (void)state;
    make_pages(pages, 3);
    assert_int_equal(emit(0, NULL), 1);
    assert_int_equal(effects[0].scope, BTAP_SCOPE_PAGE);
    assert_int_equal(effects[0].extent, BTAP_EXTENT_UNKNOWN);
    assert_int_equal(effects[0].pages, 3);
}

/** A list keeps BTAP_LIST_MAX pages: the others are counted. */
static void pages_that_are_not_kept_are_counted(void **state)
{
    (void)state;
    make_erase(BTAP_ERASE_PAGES);
    transaction.list_kind = BTAP_LIST_PAGES;
    transaction.list_length = BTAP_LIST_MAX + 6;
    for (uint32_t i = 0; i < BTAP_LIST_MAX; i++)
        transaction.list[i] = 0xffff;
    assert_int_equal(emit(PID_F405, NULL), 1);
    assert_int_equal(effects[0].extent, BTAP_EXTENT_UNKNOWN);
    assert_int_equal(effects[0].pages, BTAP_LIST_MAX + 6);
}

/* The DFU page at an address */

static void an_address_stands_for_its_whole_page(void **state)
{
    static const struct {
        uint32_t address, first, last;
    } cases[] = {
        {FLASH, FLASH, 0x08003fff},           {FLASH + 1, FLASH, 0x08003fff},
        {0x08003fff, FLASH, 0x08003fff},      {0x08004000, 0x08004000, 0x08007fff},
        {0x08012345, 0x08010000, 0x0801ffff}, {0x080ffffe, 0x080e0000, 0x080fffff},
    };

    (void)state;
    describe(LAYOUT);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        make_page_erase(cases[i].address);
        assert_int_equal(emit(0, &device), 1);
        assert_erase(0, BTAP_SCOPE_PAGE, BTAP_EXTENT_EXACT, cases[i].first, cases[i].last);
        assert_int_equal(effects[0].pages, 1);
    }
}

/** Regions need not begin at a multiple of their page: they count from their own start. */
static void pages_count_from_the_start_of_their_region(void **state)
{
    (void)state;
    describe("@Internal Flash  /0x08000400/03*002Kg");
    make_page_erase(0x08000d00);
    assert_int_equal(emit(0, &device), 1);
    assert_erase(0, BTAP_SCOPE_PAGE, BTAP_EXTENT_EXACT, 0x08000c00, 0x080013ff);
}

static void a_page_of_unknown_size_is_placed_nowhere_for_certain(void **state)
{
    (void)state;
    make_page_erase(0x08012345);
    assert_int_equal(emit(0, NULL), 1);
    assert_int_equal(effects[0].extent, BTAP_EXTENT_AT);
    assert_int_equal(effects[0].range.first, 0x08012345);
    assert_int_equal(effects[0].pages, 1);
    describe(LAYOUT);
    make_page_erase(0x08100000); /* behind the layout */
    assert_int_equal(emit(0, &device), 1);
    assert_int_equal(effects[0].extent, BTAP_EXTENT_AT);
}

/* Nothing */

/** AN3155 section 3.7: 0xFF is followed by 0x00; with another byte nothing is erased. */
static void an_erase_that_was_not_performed_erases_nothing(void **state)
{
    (void)state;
    make(BTAP_USART, BTAP_ERASE);
    transaction.erase = BTAP_ERASE_MASS;
    assert_int_equal(emit(PID_F405, NULL), 1);
    transaction.notes[transaction.notes_length++].id = BTAP_NOTE_ERASE_NOT_PERFORMED;
    assert_int_equal(emit(PID_F405, NULL), 0);
}

static void what_did_not_end_well_did_nothing(void **state)
{
    (void)state;
    for (int status = BTAP_OK + 1; status < BTAP_STATUS_COUNT; status++) {
        make_erase(BTAP_ERASE_MASS);
        transaction.status = (enum btap_status)status;
        assert_int_equal(emit(PID_F405, NULL), 0);
        make(BTAP_USART, BTAP_WRITE_MEMORY);
        transaction.status = (enum btap_status)status;
        transaction.transferred = 16;
        assert_int_equal(emit(PID_F405, NULL), 0);
    }
}

static void a_reserved_code_erases_nothing(void **state)
{
    (void)state;
    make_erase(BTAP_ERASE_RESERVED);
    assert_int_equal(emit(PID_F405, NULL), 0);
    make_erase(BTAP_ERASE_NONE);
    assert_int_equal(emit(PID_F405, NULL), 0);
}

static void commands_that_move_no_memory_do_nothing(void **state)
{
    static const enum btap_command commands[] = {
        BTAP_SYNC, BTAP_GET, BTAP_GET_ID, BTAP_GO, BTAP_WRITE_PROTECT, BTAP_READOUT_PROTECT};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        make(BTAP_USART, commands[i]);
        assert_int_equal(emit(PID_F405, NULL), 0);
    }
}

/* Bytes */

static void bytes_lie_at_their_address(void **state)
{
    (void)state;
    make(BTAP_USART, BTAP_WRITE_MEMORY);
    transaction.has = BTAP_HAS_ADDRESS;
    transaction.address = FLASH + 0x100;
    transaction.transferred = 16;
    assert_int_equal(emit(PID_F405, NULL), 1);
    assert_int_equal(effects[0].kind, BTAP_EFFECT_WRITE);
    assert_effect(0, BTAP_EXTENT_EXACT, FLASH + 0x100, FLASH + 0x10f);
    transaction.command = BTAP_READ_MEMORY;
    assert_int_equal(emit(PID_F405, NULL), 1);
    assert_int_equal(effects[0].kind, BTAP_EFFECT_READ);
    transaction.transferred = 0;
    assert_int_equal(emit(PID_F405, NULL), 0);
}

/** Blocks of a plain DFU image carry numbers and no addresses (DFU 1.1 section 6.1.1). */
static void plain_dfu_names_no_address(void **state)
{
    (void)state;
    make(BTAP_DFU, BTAP_DOWNLOAD);
    transaction.transferred = 64;
    assert_int_equal(emit(0, NULL), 1);
    assert_int_equal(effects[0].kind, BTAP_EFFECT_WRITE);
    assert_int_equal(effects[0].extent, BTAP_EXTENT_UNKNOWN);
}

/** Up to the end of the address space and no further, whatever the capture says. */
static void the_address_space_has_an_end(void **state)
{
    (void)state;
    make(BTAP_USART, BTAP_WRITE_MEMORY);
    transaction.has = BTAP_HAS_ADDRESS;
    transaction.address = 0xfffffff0;
    transaction.transferred = 16;
    assert_int_equal(emit(0, NULL), 1);
    assert_effect(0, BTAP_EXTENT_EXACT, 0xfffffff0, 0xffffffff);
    transaction.transferred = 17;
    assert_int_equal(emit(0, NULL), 1);
    assert_effect(0, BTAP_EXTENT_EXACT, 0xfffffff0, 0xffffffff);
    describe("@Last  /0xFFFFF000/01*004Kg");
    make_page_erase(0xfffff800);
    assert_int_equal(emit(0, &device), 1);
    assert_erase(0, BTAP_SCOPE_PAGE, BTAP_EXTENT_EXACT, 0xfffff000, 0xffffffff);
}

/* What a command was to do */

/** @param pid 0: not known */
static size_t target(uint32_t pid)
{
    effects_length = 0;
    btap_transaction_targets(&transaction, pid != 0 ? btap_product_by_pid(pid) : NULL, NULL,
                             on_effect, effects);
    return effects_length;
}

/** Refused before any data: its length counts. Broken off: what went over. */
static void a_write_that_failed_had_a_target(void **state)
{
    (void)state;
    make(BTAP_USART, BTAP_WRITE_MEMORY);
    transaction.status = BTAP_NACK;
    transaction.has = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
    transaction.address = FLASH;
    transaction.length = 256;
    assert_int_equal(target(0), 1);
    assert_int_equal(effects[0].kind, BTAP_EFFECT_WRITE);
    assert_effect(0, BTAP_EXTENT_EXACT, FLASH, FLASH + 255);
    transaction.transferred = 1;
    assert_int_equal(target(0), 1);
    assert_effect(0, BTAP_EXTENT_EXACT, FLASH, FLASH);
    transaction.transferred = 0;
    transaction.length = 0; /* refused at the address already */
    assert_int_equal(target(0), 1);
    assert_effect(0, BTAP_EXTENT_AT, FLASH, FLASH);
}

static void an_erase_that_failed_had_a_target(void **state)
{
    (void)state;
    make_erase(BTAP_ERASE_BANK2);
    transaction.status = BTAP_NACK;
    assert_int_equal(target(PID_F405), 1);
    assert_erase(0, BTAP_SCOPE_BANK, BTAP_EXTENT_WITHIN, 0x08080000, 0x080fffff);
    make(BTAP_USART, BTAP_READOUT_UNPROTECT);
    transaction.status = BTAP_NACK;
    assert_int_equal(target(PID_F405), 1);
    assert_erase(0, BTAP_SCOPE_UNPROTECT, BTAP_EXTENT_WITHIN, FLASH, 0x080fffff);
    make(BTAP_USART, BTAP_GET);
    assert_int_equal(target(PID_F405), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mass_erase_is_of_the_products_flash),
        cmocka_unit_test(a_mass_erase_is_of_the_layouts_erasable_regions),
        cmocka_unit_test(removing_the_read_protection_erases_everything),
        cmocka_unit_test(a_bank_is_half_of_the_flash),
        cmocka_unit_test(a_bank_of_an_unknown_product_has_no_place),
        cmocka_unit_test(pages_lie_where_the_products_sectors_do),
        cmocka_unit_test(pages_beyond_the_product_have_no_place),
        cmocka_unit_test(pages_of_an_unknown_product_have_no_place),
        cmocka_unit_test(pages_that_are_not_kept_are_counted),
        cmocka_unit_test(an_address_stands_for_its_whole_page),
        cmocka_unit_test(pages_count_from_the_start_of_their_region),
        cmocka_unit_test(a_page_of_unknown_size_is_placed_nowhere_for_certain),
        cmocka_unit_test(an_erase_that_was_not_performed_erases_nothing),
        cmocka_unit_test(what_did_not_end_well_did_nothing),
        cmocka_unit_test(a_reserved_code_erases_nothing),
        cmocka_unit_test(commands_that_move_no_memory_do_nothing),
        cmocka_unit_test(bytes_lie_at_their_address),
        cmocka_unit_test(plain_dfu_names_no_address),
        cmocka_unit_test(the_address_space_has_an_end),
        cmocka_unit_test(a_write_that_failed_had_a_target),
        cmocka_unit_test(an_erase_that_failed_had_a_target),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
