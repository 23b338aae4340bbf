/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/command.h"

#include "test.h"

/* AN3155 table 2 */
static void usart_codes_are_those_of_the_note(void **state)
{
    static const struct {
        uint8_t opcode;
        const char *name;
    } expected[] = {
        {0x00, "get"},
        {0x01, "get-version"},
        {0x02, "get-id"},
        {0x11, "read-memory"},
        {0x21, "go"},
        {0x31, "write-memory"},
        {0x43, "erase"},
        {0x44, "extended-erase"},
        {0x50, "special"},
        {0x51, "extended-special"},
        {0x63, "write-protect"},
        {0x73, "write-unprotect"},
        {0x82, "readout-protect"},
        {0x92, "readout-unprotect"},
        {0xa1, "get-checksum"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_string_equal(btap_command_by_opcode(BTAP_USART, expected[i].opcode)->name,
                            expected[i].name);
    assert_null(btap_command_by_opcode(BTAP_USART, 0x41));
}

/* AN5405 table 2: 0x44 is Erase there, and 0x43 and 0xA1 do not exist */
static void fdcan_codes_are_those_of_the_note(void **state)
{
    (void)state;
    assert_string_equal(btap_command_by_opcode(BTAP_FDCAN, 0x44)->name, "erase");
    assert_null(btap_command_by_opcode(BTAP_FDCAN, 0x43));
    assert_null(btap_command_by_opcode(BTAP_FDCAN, 0xa1));
}

/** Fails unless exactly the opcodes of a list, which ends with 0xff, have a trait. */
static void assert_trait(enum btap_transport transport, unsigned trait, const uint8_t *opcodes)
{
    for (unsigned opcode = 0; opcode < 0xff; opcode++) {
        const struct btap_command_info *command =
            btap_command_by_opcode(transport, (uint8_t)opcode);
        const bool has = command != NULL && (command->traits & trait) != 0;

        if (has != (*opcodes == opcode))
            fail_msg("transport %u, trait 0x%02x, opcode 0x%02x", (unsigned)transport, trait,
                     opcode);
        opcodes += *opcodes == opcode;
    }
    assert_int_equal(*opcodes, 0xff);
}

/* AN3155 and AN5405, table 2 with its notes, and the section of each command; AN3156 sections 5.2
 * to 5.4. What changes a protection resets the device; 0x92 also erases all. */
static void traits_are_those_of_the_notes(void **state)
{
    static const struct {
        unsigned trait;
        uint8_t usart[10];
        uint8_t fdcan[10];
        uint8_t dfu[3];
    } expected[] = {
        {BTAP_TRAIT_RESTRICTED,
         {0x11, 0x21, 0x31, 0x43, 0x44, 0x63, 0x73, 0x82, 0xff},
         {0x11, 0x21, 0x31, 0x44, 0x63, 0x73, 0x82, 0xff},
         {0xff}},
        {BTAP_TRAIT_READS, {0x11, 0xa1, 0xff}, {0x11, 0xff}, {0xff}},
        {BTAP_TRAIT_WRITES, {0x31, 0xff}, {0x31, 0xff}, {0xff}},
        {BTAP_TRAIT_ERASES, {0x43, 0x44, 0xff}, {0x44, 0xff}, {0x41, 0xff}},
        {BTAP_TRAIT_WIPES, {0x92, 0xff}, {0x92, 0xff}, {0x92, 0xff}},
        {BTAP_TRAIT_PROTECTS,
         {0x63, 0x73, 0x82, 0x92, 0xff},
         {0x63, 0x73, 0x82, 0x92, 0xff},
         {0x92, 0xff}},
        {BTAP_TRAIT_STARTS, {0x21, 0xff}, {0x21, 0xff}, {0xff}},
        {BTAP_TRAIT_LEAVES, {0x21, 0xff}, {0x21, 0xff}, {0xff}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_trait(BTAP_USART, expected[i].trait, expected[i].usart);
        assert_trait(BTAP_FDCAN, expected[i].trait, expected[i].fdcan);
        assert_trait(BTAP_DFU, expected[i].trait, expected[i].dfu);
    }
}

static void names_lead_back_to_commands(void **state)
{
    enum btap_command command = BTAP_GET;

    (void)state;
    assert_true(btap_command_by_name("write-memory", &command));
    assert_int_equal(command, BTAP_WRITE_MEMORY);
    assert_true(btap_command_by_name("unknown", &command));
    assert_int_equal(command, BTAP_COMMAND_UNKNOWN);
    assert_false(btap_command_by_name("Write Memory", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usart_codes_are_those_of_the_note),
        cmocka_unit_test(fdcan_codes_are_those_of_the_note),
        cmocka_unit_test(traits_are_those_of_the_notes),
        cmocka_unit_test(names_lead_back_to_commands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
