/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/command.h"

#include "test.h"

/** An opcode, its command's name, and what the host does with it. */
struct code {
    uint8_t opcode;
    const char *name;
    enum btap_effort effort;
};

/** Fails unless a transport has exactly these opcodes; the list ends with a name of NULL. */
static void assert_codes(enum btap_transport transport, const struct code *codes)
{
    for (unsigned opcode = 0; opcode <= 0xff; opcode++) {
        const struct btap_command_info *info = btap_command_by_opcode(transport, (uint8_t)opcode);

        if (codes->name == NULL || codes->opcode != opcode) {
            assert_null(info);
            continue;
        }
        assert_non_null(info);
        assert_int_equal(info->transport, transport);
        assert_int_equal(info->opcode, opcode);
        assert_string_equal(info->name, codes->name);
        assert_int_equal(info->effort, codes->effort);
        codes++;
    }
}

/* AN3155 table 2, and 0x7F of section 2 */
static void usart_codes_are_those_of_the_note(void **state)
{
    static const struct code expected[] = {
        {0x00, "get", BTAP_EFFORT_PROBE},
        {0x01, "get-version", BTAP_EFFORT_PROBE},
        {0x02, "get-id", BTAP_EFFORT_PROBE},
        {0x11, "read-memory", BTAP_EFFORT_READ},
        {0x21, "go", BTAP_EFFORT_WORK},
        {0x31, "write-memory", BTAP_EFFORT_WORK},
        {0x43, "erase", BTAP_EFFORT_WORK},
        {0x44, "extended-erase", BTAP_EFFORT_WORK},
        {0x50, "special", BTAP_EFFORT_READ},
        {0x51, "extended-special", BTAP_EFFORT_READ},
        {0x63, "write-protect", BTAP_EFFORT_WORK},
        {0x73, "write-unprotect", BTAP_EFFORT_WORK},
        {0x7f, "sync", BTAP_EFFORT_PROBE},
        {0x82, "readout-protect", BTAP_EFFORT_WORK},
        {0x92, "readout-unprotect", BTAP_EFFORT_WORK},
        {0xa1, "get-checksum", BTAP_EFFORT_READ},
        {0},
    };

    (void)state;
    assert_codes(BTAP_USART, expected);
}

/* AN5405 table 2: 0x44 is Erase there, and 0x43 and 0xA1 do not exist. Sync has no opcode. */
static void fdcan_codes_are_those_of_the_note(void **state)
{
    static const struct code expected[] = {
        {0x00, "get", BTAP_EFFORT_PROBE},
        {0x01, "get-version", BTAP_EFFORT_PROBE},
        {0x02, "get-id", BTAP_EFFORT_PROBE},
        {0x11, "read-memory", BTAP_EFFORT_READ},
        {0x21, "go", BTAP_EFFORT_WORK},
        {0x31, "write-memory", BTAP_EFFORT_WORK},
        {0x44, "erase", BTAP_EFFORT_WORK},
        {0x50, "special", BTAP_EFFORT_READ},
        {0x51, "extended-special", BTAP_EFFORT_READ},
        {0x63, "write-protect", BTAP_EFFORT_WORK},
        {0x73, "write-unprotect", BTAP_EFFORT_WORK},
        {0x82, "readout-protect", BTAP_EFFORT_WORK},
        {0x92, "readout-unprotect", BTAP_EFFORT_WORK},
        {0},
    };

    (void)state;
    assert_codes(BTAP_FDCAN, expected);
}

/* AN3154, the table of commands */
static void can_codes_are_those_of_the_note(void **state)
{
    static const struct code expected[] = {
        {0x00, "get", BTAP_EFFORT_PROBE},
        {0x01, "get-version", BTAP_EFFORT_PROBE},
        {0x02, "get-id", BTAP_EFFORT_PROBE},
        {0x03, "speed", BTAP_EFFORT_PROBE},
        {0x11, "read-memory", BTAP_EFFORT_READ},
        {0x21, "go", BTAP_EFFORT_WORK},
        {0x31, "write-memory", BTAP_EFFORT_WORK},
        {0x43, "erase", BTAP_EFFORT_WORK},
        {0x63, "write-protect", BTAP_EFFORT_WORK},
        {0x73, "write-unprotect", BTAP_EFFORT_WORK},
        {0x82, "readout-protect", BTAP_EFFORT_WORK},
        {0x92, "readout-unprotect", BTAP_EFFORT_WORK},
        {0},
    };

    (void)state;
    assert_codes(BTAP_CAN, expected);
}

/* AN3156 table 3 */
static void dfu_codes_are_those_of_the_note(void **state)
{
    static const struct code expected[] = {
        {0x00, "get", BTAP_EFFORT_PROBE},
        {0x21, "set-address", BTAP_EFFORT_WORK},
        {0x41, "erase", BTAP_EFFORT_WORK},
        {0x92, "read-unprotect", BTAP_EFFORT_WORK},
        {0},
    };

    (void)state;
    assert_codes(BTAP_DFU, expected);
    assert_null(btap_command_by_opcode(BTAP_TRANSPORT_COUNT, 0x00));
}

/* What DFU's requests alone tell (AN3156 table 1, DFU 1.1 section 3) */
static void dfu_requests_work_or_ask(void **state)
{
    static const struct {
        enum btap_command command;
        enum btap_effort effort;
        uint32_t traits;
    } expected[] = {
        {BTAP_DETACH, BTAP_EFFORT_WORK, BTAP_TRAIT_LEAVES},
        {BTAP_WRITE_MEMORY, BTAP_EFFORT_WORK, BTAP_TRAIT_WRITES},
        {BTAP_READ_MEMORY, BTAP_EFFORT_READ, BTAP_TRAIT_READS},
        {BTAP_LEAVE, BTAP_EFFORT_WORK, BTAP_TRAIT_STARTS | BTAP_TRAIT_LEAVES},
        {BTAP_CLEAR_STATUS, BTAP_EFFORT_PROBE, 0},
        {BTAP_ABORT, BTAP_EFFORT_PROBE, 0},
        {BTAP_GET_STATE, BTAP_EFFORT_PROBE, 0},
        {BTAP_GET_STATUS, BTAP_EFFORT_PROBE, 0},
        {BTAP_DOWNLOAD, BTAP_EFFORT_WORK, BTAP_TRAIT_WRITES},
        {BTAP_UPLOAD, BTAP_EFFORT_READ, BTAP_TRAIT_READS},
        {BTAP_SYNC, BTAP_EFFORT_PROBE, 0},
        {BTAP_COMMAND_UNKNOWN, BTAP_EFFORT_PROBE, 0},
    };
    const uint32_t all = BTAP_TRAIT_READS | BTAP_TRAIT_WRITES | BTAP_TRAIT_ERASES |
                         BTAP_TRAIT_WIPES | BTAP_TRAIT_PROTECTS | BTAP_TRAIT_STARTS |
                         BTAP_TRAIT_LEAVES;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        /* AN3155 and AN5405 restrict the two that they have, too; DFU restricts none. */
        assert_int_equal(btap_command_has(expected[i].command, BTAP_TRAIT_RESTRICTED),
                         expected[i].command == BTAP_WRITE_MEMORY ||
                             expected[i].command == BTAP_READ_MEMORY);
        assert_int_equal(btap_command_effort(expected[i].command), expected[i].effort);
        for (uint32_t trait = 1; trait <= all; trait <<= 1)
            if ((trait & all) != 0)
                assert_int_equal(btap_command_has(expected[i].command, trait),
                                 (expected[i].traits & trait) != 0);
    }
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
        uint8_t can[10];
        uint8_t dfu[3];
    } expected[] = {
        {BTAP_TRAIT_RESTRICTED,
         {0x11, 0x21, 0x31, 0x43, 0x44, 0x63, 0x73, 0x82, 0xff},
         {0x11, 0x21, 0x31, 0x44, 0x63, 0x73, 0x82, 0xff},
         {0x11, 0x21, 0x31, 0x43, 0x63, 0x73, 0x82, 0xff},
         {0xff}},
        {BTAP_TRAIT_READS, {0x11, 0xa1, 0xff}, {0x11, 0xff}, {0x11, 0xff}, {0xff}},
        {BTAP_TRAIT_WRITES, {0x31, 0xff}, {0x31, 0xff}, {0x31, 0xff}, {0xff}},
        {BTAP_TRAIT_ERASES, {0x43, 0x44, 0xff}, {0x44, 0xff}, {0x43, 0xff}, {0x41, 0xff}},
        {BTAP_TRAIT_WIPES, {0x92, 0xff}, {0x92, 0xff}, {0x92, 0xff}, {0x92, 0xff}},
        {BTAP_TRAIT_PROTECTS,
         {0x63, 0x73, 0x82, 0x92, 0xff},
         {0x63, 0x73, 0x82, 0x92, 0xff},
         {0x63, 0x73, 0x82, 0x92, 0xff},
         {0x92, 0xff}},
        {BTAP_TRAIT_STARTS, {0x21, 0xff}, {0x21, 0xff}, {0x21, 0xff}, {0xff}},
        {BTAP_TRAIT_LEAVES, {0x21, 0xff}, {0x21, 0xff}, {0x21, 0xff}, {0xff}},
        {BTAP_TRAIT_UNREFUSED,
         {0x00, 0x01, 0x02, 0x92, 0xff},
         {0x00, 0x01, 0x02, 0x92, 0xff},
         {0x00, 0x01, 0x02, 0x92, 0xff},
         {0xff}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_trait(BTAP_USART, expected[i].trait, expected[i].usart);
        assert_trait(BTAP_FDCAN, expected[i].trait, expected[i].fdcan);
        assert_trait(BTAP_CAN, expected[i].trait, expected[i].can);
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
    command = BTAP_GO;
    assert_false(btap_command_by_name("Write Memory", NULL));
    assert_false(btap_command_by_name("", &command));
    assert_int_equal(command, BTAP_GO);
    assert_string_equal(btap_command_name(BTAP_COMMAND_UNKNOWN), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usart_codes_are_those_of_the_note),
        cmocka_unit_test(fdcan_codes_are_those_of_the_note),
        cmocka_unit_test(can_codes_are_those_of_the_note),
        cmocka_unit_test(dfu_codes_are_those_of_the_note),
        cmocka_unit_test(dfu_requests_work_or_ask),
        cmocka_unit_test(traits_are_those_of_the_notes),
        cmocka_unit_test(names_lead_back_to_commands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
