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
        cmocka_unit_test(names_lead_back_to_commands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
