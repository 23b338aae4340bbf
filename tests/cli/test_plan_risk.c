/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What commands do to a device: which permission they need, how much they must be agreed to, in
 * which words. Addresses of option bytes and OTP are those of the reference manuals and of AN2606.
 */
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "replay/risk.h"
#include "test.h"

#define F405 0x413

static struct btap_transaction request(enum btap_transport transport, enum btap_command command)
{
    return (struct btap_transaction){.transport = transport, .command = command};
}

static struct btap_transaction write_at(enum btap_transport transport, uint32_t address,
                                        uint32_t length)
{
    struct btap_transaction transaction = request(transport, BTAP_WRITE_MEMORY);

    transaction.has = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
    transaction.address = address;
    transaction.length = length;
    return transaction;
}

static struct plan_device device_of(uint32_t pid)
{
    return (struct plan_device){.pid_known = true, .pid = pid, .product = btap_product_by_pid(pid)};
}

/** A DFU device whose alternate settings have these names. */
static void name_alternates(struct plan_device *device, const char *const *names, uint8_t length)
{
    *device = (struct plan_device){.usb_known = true};
    device->usb.descriptor_known = true;
    device->usb.configuration_known = true;
    device->usb.interfaces_length = length;
    for (uint8_t i = 0; i < length; i++) {
        device->usb.interfaces[i] = (struct btap_usb_interface){.alternate = i,
                                                                .interface_class = 0xfe,
                                                                .interface_subclass = 0x01,
                                                                .string_index = (uint8_t)(i + 4)};
        device->usb.strings[i].index = (uint8_t)(i + 4);
        strcpy(device->usb.strings[i].text, names[i]);
    }
}

static void every_command_needs_its_permission(void **state)
{
    static const struct {
        enum btap_transport transport;
        enum btap_command command;
        uint32_t needs;
        enum plan_risk risk;
    } cases[] = {
        {BTAP_USART, BTAP_SYNC, 0, PLAN_ASKS},
        {BTAP_USART, BTAP_GET, 0, PLAN_ASKS},
        {BTAP_USART, BTAP_GET_VERSION, 0, PLAN_ASKS},
        {BTAP_USART, BTAP_GET_ID, 0, PLAN_ASKS},
        {BTAP_USART, BTAP_READ_MEMORY, 0, PLAN_ASKS},
        {BTAP_USART, BTAP_GET_CHECKSUM, 0, PLAN_ASKS},
        {BTAP_USART, BTAP_GO, PLAN_GO, PLAN_CHANGES},
        {BTAP_USART, BTAP_ERASE, PLAN_ERASE, PLAN_CHANGES},
        {BTAP_USART, BTAP_EXTENDED_ERASE, PLAN_ERASE, PLAN_CHANGES},
        {BTAP_USART, BTAP_SPECIAL, PLAN_SPECIAL, PLAN_IRREVERSIBLE},
        {BTAP_USART, BTAP_EXTENDED_SPECIAL, PLAN_SPECIAL, PLAN_IRREVERSIBLE},
        {BTAP_USART, BTAP_WRITE_PROTECT, PLAN_PROTECT, PLAN_CONFIRM},
        {BTAP_USART, BTAP_WRITE_UNPROTECT, PLAN_UNPROTECT, PLAN_CONFIRM},
        {BTAP_USART, BTAP_READOUT_PROTECT, PLAN_PROTECT, PLAN_CONFIRM},
        {BTAP_USART, BTAP_READOUT_UNPROTECT, PLAN_UNPROTECT, PLAN_CONFIRM},
        {BTAP_USART, BTAP_COMMAND_UNKNOWN, PLAN_SPECIAL, PLAN_IRREVERSIBLE},
        {BTAP_DFU, BTAP_SET_ADDRESS, 0, PLAN_ASKS},
        {BTAP_DFU, BTAP_CLEAR_STATUS, 0, PLAN_ASKS},
        {BTAP_DFU, BTAP_ABORT, 0, PLAN_ASKS},
        {BTAP_DFU, BTAP_GET_STATE, 0, PLAN_ASKS},
        {BTAP_DFU, BTAP_GET_STATUS, 0, PLAN_ASKS},
        {BTAP_DFU, BTAP_UPLOAD, 0, PLAN_ASKS},
        {BTAP_DFU, BTAP_READ_UNPROTECT, PLAN_UNPROTECT, PLAN_CONFIRM},
        {BTAP_DFU, BTAP_LEAVE, PLAN_LEAVE, PLAN_CHANGES},
        {BTAP_DFU, BTAP_DETACH, PLAN_LEAVE, PLAN_CHANGES},
        /* Where the device puts it, nobody knows: STM32MP have OTP behind an alternate setting. */
        {BTAP_DFU, BTAP_DOWNLOAD, PLAN_WRITE, PLAN_IRREVERSIBLE},
    };
    const struct plan_device device = device_of(F405);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct btap_transaction transaction = request(cases[i].transport, cases[i].command);

        assert_int_equal(risk_needs(&transaction), cases[i].needs);
        assert_int_equal(risk_of(&device, &transaction), cases[i].risk);
    }
}

static void assert_write(const struct plan_device *device, uint32_t address, uint32_t length,
                         enum plan_risk risk)
{
    for (unsigned transport = 0; transport < BTAP_TRANSPORT_COUNT; transport++) {
        const struct btap_transaction transaction =
            write_at((enum btap_transport)transport, address, length);

        assert_int_equal(risk_needs(&transaction), PLAN_WRITE);
        if (risk_of(device, &transaction) != risk)
            fail_msg("%u bytes at 0x%08x", length, address);
    }
}

/* F405: 1 MiB of flash, 128 KiB of RAM at 0x20000000; option bytes 0x1fffc000, OTP 0x1fff7800. */
static void a_write_is_harmless_in_flash_and_ram_only(void **state)
{
    const struct plan_device device = device_of(F405);

    (void)state;
    assert_write(&device, 0x08000000, 256, PLAN_CHANGES);
    assert_write(&device, 0x080fff00, 256, PLAN_CHANGES);
    assert_write(&device, 0x080ffffc, 8, PLAN_IRREVERSIBLE); /* past its end */
    assert_write(&device, 0x08100000, 4, PLAN_IRREVERSIBLE);
    assert_write(&device, 0x07fffffc, 8, PLAN_IRREVERSIBLE);
    assert_write(&device, 0x20003000, 16, PLAN_CHANGES);
    assert_write(&device, 0x2001fff8, 16, PLAN_IRREVERSIBLE);
    assert_write(&device, 0x1fffc000, 16, PLAN_IRREVERSIBLE);
    assert_write(&device, 0x1fff7800, 4, PLAN_IRREVERSIBLE);
    assert_write(&device, 0x40023c14, 4, PLAN_IRREVERSIBLE); /* FLASH_OPTCR */
    assert_write(&device, 0x00000000, 4, PLAN_IRREVERSIBLE);
    assert_write(&device, 0xfffffffc, 256, PLAN_IRREVERSIBLE); /* around the end */
}

/* L5, G4, U5: option bytes behind registers at 0x40022040. H5: OTP at 0x08fff000. L0: EEPROM at
 * 0x08080000. */
static void of_an_unknown_product_only_what_every_stm32_has_is_harmless(void **state)
{
    const struct plan_device device = {0};

    (void)state;
    assert_write(&device, 0x08000000, 256, PLAN_CHANGES);
    assert_write(&device, 0x0807ff00, 256, PLAN_CHANGES);
    assert_write(&device, 0x0807ff00, 512, PLAN_IRREVERSIBLE);
    assert_write(&device, 0x08080000, 4, PLAN_IRREVERSIBLE);
    assert_write(&device, 0x0807f000, 0x6000, PLAN_IRREVERSIBLE); /* all of the EEPROM inside */
    assert_write(&device, 0x08fff000, 4, PLAN_IRREVERSIBLE);
    assert_write(&device, 0x08400000, 4, PLAN_IRREVERSIBLE);
    assert_write(&device, 0x20001000, 16, PLAN_CHANGES);
    assert_write(&device, 0x20100000, 16, PLAN_IRREVERSIBLE);
    assert_write(&device, 0x40022040, 4, PLAN_IRREVERSIBLE);
    assert_write(&device, 0x1ffff800, 16, PLAN_IRREVERSIBLE);
}

static void the_name_of_a_dfu_memory_counts(void **state)
{
    static const char *const names[] = {
        "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
        "@Option Bytes  /0x1FFFC000/01*016 e",
        "@OTP Memory /0x1FFF7800/01*512 e,01*016 e",
        "@External Flash /0x90000000/256*64Kg",
    };
    struct plan_device *device = allocate(sizeof(*device));
    struct btap_transaction transaction = write_at(BTAP_DFU, 0x08000000, 2048);

    (void)state;
    name_alternates(device, names, COUNT_OF(names));
    assert_int_equal(risk_of(device, &transaction), PLAN_CHANGES);
    transaction.address = 0x080ff800;
    assert_int_equal(risk_of(device, &transaction), PLAN_CHANGES);
    transaction.address = 0x08100000; /* outside the layout */
    assert_int_equal(risk_of(device, &transaction), PLAN_IRREVERSIBLE);
    transaction.address = 0x08000000;
    for (unsigned alternate = 1; alternate < COUNT_OF(names); alternate++) {
        transaction.alternate = (uint8_t)alternate;
        assert_int_equal(risk_of(device, &transaction), PLAN_IRREVERSIBLE);
    }
    free(device);
}

/* A layout that calls option bytes flash does not make them so. */
static void a_layout_that_lies_is_not_believed(void **state)
{
    static const char *const names[] = {"@Internal Flash  /0x1FFFC000/01*016Kg"};
    struct plan_device *device = allocate(sizeof(*device));
    const struct btap_transaction transaction = write_at(BTAP_DFU, 0x1fffc000, 16);

    (void)state;
    name_alternates(device, names, 1);
    assert_int_equal(risk_of(device, &transaction), PLAN_IRREVERSIBLE);
    free(device);
}

static void a_dfu_erase_of_anything_but_flash_may_be_final(void **state)
{
    static const char *const names[] = {"@Internal Flash  /0x08000000/04*016Kg",
                                        "@Option Bytes  /0x1FFFC000/01*016 e"};
    struct plan_device *device = allocate(sizeof(*device));
    struct btap_transaction transaction = request(BTAP_DFU, BTAP_ERASE);

    (void)state;
    name_alternates(device, names, COUNT_OF(names));
    transaction.erase = BTAP_ERASE_ADDRESS;
    transaction.has = BTAP_HAS_ADDRESS;
    transaction.address = 0x08004000;
    assert_int_equal(risk_of(device, &transaction), PLAN_CHANGES);
    transaction.address = 0x1fffc000;
    assert_int_equal(risk_of(device, &transaction), PLAN_IRREVERSIBLE);
    transaction.erase = BTAP_ERASE_MASS;
    transaction.has = 0;
    assert_int_equal(risk_of(device, &transaction), PLAN_CHANGES);
    transaction.alternate = 1;
    assert_int_equal(risk_of(device, &transaction), PLAN_IRREVERSIBLE);
    free(device);
}

static void what_is_missing_is_told(void **state)
{
    struct risk_lack lack = risk_lacks(0, true, true, PLAN_WRITE | PLAN_ERASE, PLAN_CHANGES);

    (void)state;
    assert_int_equal(lack.permissions, PLAN_WRITE | PLAN_ERASE);
    assert_false(risk_lacks_nothing(&lack));
    lack = risk_lacks(PLAN_WRITE, false, false, PLAN_WRITE | PLAN_ERASE, PLAN_CHANGES);
    assert_int_equal(lack.permissions, PLAN_ERASE);
    assert_false(lack.confirmation);
    lack = risk_lacks(PLAN_WRITE, false, false, PLAN_WRITE, PLAN_CHANGES);
    assert_true(risk_lacks_nothing(&lack));
    lack = risk_lacks(PLAN_PROTECT, false, false, PLAN_PROTECT, PLAN_CONFIRM);
    assert_true(lack.confirmation);
    assert_false(lack.irreversible);
    lack = risk_lacks(PLAN_WRITE, true, false, PLAN_WRITE, PLAN_IRREVERSIBLE);
    assert_false(lack.confirmation);
    assert_true(lack.irreversible);
    lack = risk_lacks(PLAN_WRITE, false, true, PLAN_WRITE, PLAN_IRREVERSIBLE);
    assert_true(lack.confirmation);
    lack = risk_lacks(0, false, false, 0, PLAN_ASKS);
    assert_true(risk_lacks_nothing(&lack));
}

static void assert_words(const struct plan_device *device,
                         const struct btap_transaction *transaction, const char *expected)
{
    char words[RISK_WORDS_SIZE];

    assert_string_equal(risk_words(device, transaction, words, sizeof(words)), expected);
}

/* F405: sectors 0-3 of 16 KiB from 0x08000000 on, then one of 64 KiB. */
static void words_say_what_happens_to_the_chip(void **state)
{
    const struct plan_device device = device_of(F405);
    const struct plan_device unknown = {0};
    struct btap_transaction transaction = write_at(BTAP_USART, 0x08000000, 256);

    (void)state;
    assert_words(&device, &transaction, "writes 256 bytes to flash (0x08000000-0x080000ff)");
    transaction = write_at(BTAP_USART, 0x1fffc000, 16);
    assert_words(&device, &transaction,
                 "writes 16 bytes to the option bytes (0x1fffc000-0x1fffc00f): what that does may "
                 "be impossible to undo");
    transaction = request(BTAP_USART, BTAP_EXTENDED_ERASE);
    transaction.erase = BTAP_ERASE_PAGES;
    transaction.list_kind = BTAP_LIST_PAGES;
    transaction.list_length = 4;
    for (uint16_t i = 0; i < 4; i++)
        transaction.list[i] = i;
    assert_words(&device, &transaction, "erases the 4 pages 0-3 (0x08000000-0x0800ffff)");
    assert_words(&unknown, &transaction, "erases the 4 pages 0-3");
    transaction.list[1] = 4;
    assert_words(&device, &transaction, "erases 4 pages among 0-4 (0x08000000-0x0801ffff)");
    transaction.list_length = 1;
    assert_words(&device, &transaction, "erases page 0 (0x08000000-0x08003fff)");
    transaction.erase = BTAP_ERASE_MASS;
    assert_words(&device, &transaction, "erases the whole flash");
    transaction = request(BTAP_USART, BTAP_READOUT_UNPROTECT);
    assert_words(&device, &transaction,
                 "removes the read protection, which erases the whole flash; the device resets");
    transaction = request(BTAP_USART, BTAP_GET_ID);
    assert_words(&device, &transaction, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_needs_its_permission),
        cmocka_unit_test(a_write_is_harmless_in_flash_and_ram_only),
        cmocka_unit_test(of_an_unknown_product_only_what_every_stm32_has_is_harmless),
        cmocka_unit_test(the_name_of_a_dfu_memory_counts),
        cmocka_unit_test(a_layout_that_lies_is_not_believed),
        cmocka_unit_test(a_dfu_erase_of_anything_but_flash_may_be_final),
        cmocka_unit_test(what_is_missing_is_told),
        cmocka_unit_test(words_say_what_happens_to_the_chip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
