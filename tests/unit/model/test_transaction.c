/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The words for transactions, which the program and the plugin both print.
 */
#include "boottap/transaction.h"

#include <string.h>

#include "test.h"

/** Room that a list may leave at its end: LIST_RESERVE and one entry. */
#define UNUSED_MAX 40

static void assert_words(const struct btap_transaction *transaction, const char *expected)
{
    char text[BTAP_DESCRIBE_SIZE];

    assert_ptr_equal(btap_transaction_describe(transaction, text, sizeof(text)), text);
    assert_string_equal(text, expected);
}

static void assert_outcome(const struct btap_transaction *transaction, const char *expected)
{
    char text[BTAP_DESCRIBE_SIZE];

    assert_ptr_equal(btap_transaction_outcome(transaction, text, sizeof(text)), text);
    assert_string_equal(text, expected);
}

static void memory_commands_name_address_and_length(void **state)
{
    struct btap_transaction transaction = {
        .command = BTAP_WRITE_MEMORY,
        .has = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH,
        .address = 0x08000400,
        .length = 256,
        .transferred = 256,
    };

    (void)state;
    assert_words(&transaction, "Write Memory 0x08000400 256 bytes");
    transaction.transferred = 100;
    assert_words(&transaction, "Write Memory 0x08000400 256 bytes (100 seen)");
    transaction.command = BTAP_READ_MEMORY;
    transaction.length = 1;
    transaction.transferred = 1;
    assert_words(&transaction, "Read Memory 0x08000400 1 byte");
    transaction.command = BTAP_GO;
    transaction.has = BTAP_HAS_ADDRESS;
    assert_words(&transaction, "Go 0x08000400");
}

static void get_names_version_and_number_of_commands(void **state)
{
    struct btap_transaction transaction = {
        .command = BTAP_GET,
        .has = BTAP_HAS_VERSION,
        .version = 0x31,
        .list_kind = BTAP_LIST_COMMANDS,
        .list_length = 11,
    };

    (void)state;
    assert_words(&transaction, "Get 11 commands, version 3.1");
    transaction.has = 0;
    transaction.list_length = 1;
    assert_words(&transaction, "Get 1 command");
    transaction = (struct btap_transaction){
        .command = BTAP_GET_VERSION, .has = BTAP_HAS_VERSION, .version = 0x22};
    assert_words(&transaction, "Get Version 2.2");
}

/* 0x413 is the PID of the STM32F40x and F41x (AN2606); 0xfff is nobody's. */
static void get_id_names_the_product(void **state)
{
    struct btap_transaction transaction = {
        .command = BTAP_GET_ID, .has = BTAP_HAS_PID, .pid = 0x413};
    char text[BTAP_DESCRIBE_SIZE];

    (void)state;
    btap_transaction_describe(&transaction, text, sizeof(text));
    assert_int_equal(strncmp(text, "Get ID 0x413 (STM32F4", strlen("Get ID 0x413 (STM32F4")), 0);
    transaction.pid = 0xfff;
    assert_words(&transaction, "Get ID 0xfff");
}

static void erase_names_its_pages(void **state)
{
    static const uint16_t pages[] = {0, 1, 2, 7, 9, 10};
    struct btap_transaction transaction = {
        .command = BTAP_EXTENDED_ERASE,
        .erase = BTAP_ERASE_PAGES,
        .list_kind = BTAP_LIST_PAGES,
        .list_announced = 6,
        .list_length = 6,
    };

    (void)state;
    memcpy(transaction.list, pages, sizeof(pages));
    assert_words(&transaction, "Extended Erase 6 pages: 0-2 7 9 10");
    transaction.list_length = 2;
    assert_words(&transaction, "Extended Erase 6 pages: 0 1 ...");
    transaction.list_announced = 1;
    transaction.list_length = 1;
    assert_words(&transaction, "Extended Erase 1 page: 0");
    transaction.list_length = 0;
    assert_words(&transaction, "Extended Erase 1 page");
}

static void other_erases_are_named(void **state)
{
    static const struct {
        enum btap_erase erase;
        const char *expected;
    } cases[] = {
        {BTAP_ERASE_MASS, "Erase mass"},    {BTAP_ERASE_BANK1, "Erase bank 1"},
        {BTAP_ERASE_BANK2, "Erase bank 2"}, {BTAP_ERASE_RESERVED, "Erase reserved code"},
        {BTAP_ERASE_NONE, "Erase"},
    };
    struct btap_transaction transaction = {.command = BTAP_ERASE};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        transaction.erase = cases[i].erase;
        assert_words(&transaction, cases[i].expected);
    }
    transaction.erase = BTAP_ERASE_ADDRESS;
    transaction.has = BTAP_HAS_ADDRESS;
    transaction.address = 0x08004000;
    assert_words(&transaction, "Erase 0x08004000");
}

static void sectors_are_listed(void **state)
{
    struct btap_transaction transaction = {
        .command = BTAP_WRITE_PROTECT,
        .list_kind = BTAP_LIST_SECTORS,
        .list_announced = 2,
        .list_length = 2,
        .list = {1, 5},
    };

    (void)state;
    assert_words(&transaction, "Write Protect 2 sectors: 1 5");
}

/* Every second page, so that no run shortens the list: it must break off between two numbers. */
static void a_long_list_breaks_off_between_numbers(void **state)
{
    struct btap_transaction transaction = {
        .command = BTAP_EXTENDED_ERASE,
        .erase = BTAP_ERASE_PAGES,
        .list_announced = 1000,
        .list_length = 1000,
    };
    char text[BTAP_DESCRIBE_SIZE];
    unsigned last = 0;
    char *word;

    (void)state;
    for (uint16_t i = 0; i < 1000; i++)
        transaction.list[i] = (uint16_t)(2 * i + 10000);
    btap_transaction_describe(&transaction, text, sizeof(text));
    assert_string_equal(text + strlen(text) - strlen(" ..."), " ...");
    assert_true(strlen(text) > BTAP_DESCRIBE_SIZE - UNUSED_MAX);
    text[strlen(text) - strlen(" ...")] = '\0';
    word = strrchr(text, ' ');
    for (const char *digit = word + 1; *digit != '\0'; digit++)
        last = last * 10 + (unsigned)(*digit - '0');
    assert_in_range(last, 10000, 11998);
    assert_int_equal(last % 2, 0);
}

static void the_other_commands_name_what_they_carry(void **state)
{
    const struct btap_transaction checksum = {
        .command = BTAP_GET_CHECKSUM,
        .has = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH | BTAP_HAS_CHECKSUM,
        .address = 0x08000000,
        .length = 1024,
        .checksum = 0xdeadbeef,
    };
    const struct btap_transaction special = {
        .command = BTAP_SPECIAL,
        .has = BTAP_HAS_SUBCOMMAND,
        .subcommand = 0x0054,
        .sent_length = 1,
        .received_length = 12,
    };
    const struct btap_transaction unknown = {.has = BTAP_HAS_OPCODE, .opcode = 0x41};
    const struct btap_transaction download = {
        .transport = BTAP_DFU,
        .command = BTAP_DOWNLOAD,
        .has = BTAP_HAS_BLOCK | BTAP_HAS_LENGTH,
        .block = 3,
        .length = 1024,
        .transferred = 1024,
    };

    (void)state;
    assert_words(&checksum, "Get Checksum 0x08000000 1024 bytes, CRC 0xdeadbeef");
    assert_words(&special, "Special 0x0054, 1 byte sent, 12 bytes received");
    assert_words(&unknown, "Unknown command 0x41");
    assert_words(&download, "Download block 3 1024 bytes");
}

/* DFU 1.1 section 6.1.2: bState 10 dfuERROR, bStatus 10 errFIRMWARE */
static void get_status_names_state_and_status(void **state)
{
    struct btap_transaction transaction = {
        .transport = BTAP_DFU,
        .command = BTAP_GET_STATUS,
        .has = BTAP_HAS_DFU_STATUS,
        .dfu_state = 10,
        .dfu_status = 10,
    };

    (void)state;
    assert_words(&transaction, "Get Status dfuERROR errFIRMWARE");
    transaction.command = BTAP_GET_STATE;
    transaction.has = BTAP_HAS_DFU_STATE;
    transaction.dfu_state = 2;
    assert_words(&transaction, "Get State dfuIDLE");
    transaction.command = BTAP_ABORT;
    assert_words(&transaction, "Abort");
}

static void commands_name_what_they_have_and_no_more(void **state)
{
    struct btap_transaction transaction = {.opcode = 0x41};

    (void)state;
    assert_words(&transaction, "Unknown command");
    transaction.command = BTAP_GO;
    transaction.has = BTAP_HAS_OPCODE;
    assert_words(&transaction, "Go");
    transaction = (struct btap_transaction){.command = BTAP_GET_STATUS, .dfu_state = 2};
    assert_words(&transaction, "Get Status");
    transaction = (struct btap_transaction){
        .command = BTAP_GET_STATE, .has = BTAP_HAS_DFU_STATE, .dfu_state = 5, .dfu_status = 3};
    assert_words(&transaction, "Get State dfuDNLOAD-IDLE");
    transaction = (struct btap_transaction){.command = BTAP_EXTENDED_SPECIAL,
                                            .has = BTAP_HAS_SUBCOMMAND,
                                            .subcommand = 0xabcd,
                                            .sent_length = 2,
                                            .sent2_length = 3,
                                            .received_length = 1};
    assert_words(&transaction, "Extended Special 0xabcd, 5 bytes sent, 1 byte received");
    transaction.sent_length = 0;
    transaction.sent2_length = 0;
    transaction.received_length = 0;
    assert_words(&transaction, "Extended Special 0xabcd");
    transaction = (struct btap_transaction){
        .command = BTAP_READ_MEMORY, .has = BTAP_HAS_LENGTH, .length = 16, .transferred = 0};
    assert_words(&transaction, "Read Memory 16 bytes");
    transaction.transferred = 15;
    assert_words(&transaction, "Read Memory 16 bytes (15 seen)");
}

static void lists_name_runs_of_three(void **state)
{
    struct btap_transaction transaction = {
        .command = BTAP_EXTENDED_ERASE,
        .erase = BTAP_ERASE_PAGES,
        .list_kind = BTAP_LIST_PAGES,
        .list_announced = 4,
        .list_length = 4,
        .list = {8, 4, 5, 6},
    };

    (void)state;
    assert_words(&transaction, "Extended Erase 4 pages: 8 4-6");
    transaction.list_length = 5; /* more than announced; the last one is 0 */
    assert_words(&transaction, "Extended Erase 4 pages: 8 4-6 0");
    transaction.list[0] = 3;
    assert_words(&transaction, "Extended Erase 4 pages: 3-6 0");
}

/* AN3155 section 2, AN5405 section 1, AN3156: what a device refuses without harm */
static void some_refusals_are_harmless(void **state)
{
    (void)state;
    for (unsigned id = 0; id < BTAP_NOTE_COUNT; id++) {
        struct btap_transaction transaction = {.notes_length = 2};

        transaction.notes[0].id = BTAP_NOTE_TRUNCATED;
        transaction.notes[1].id = (enum btap_note_id)id;
        assert_int_equal(btap_transaction_is_harmless(&transaction),
                         id == BTAP_NOTE_ALREADY_SYNCED || id == BTAP_NOTE_CAN_ALREADY_SYNCED ||
                             id == BTAP_NOTE_DETECTION_REFUSED ||
                             id == BTAP_NOTE_CLEAR_STATUS_STALLED);
    }
}

static void outcome_names_status_and_phase(void **state)
{
    struct btap_transaction transaction = {.status = BTAP_OK};

    (void)state;
    assert_outcome(&transaction, "ok");
    transaction.status = BTAP_NACK;
    transaction.phase = BTAP_PHASE_ADDRESS;
    assert_outcome(&transaction, "nack (address)");
    transaction.status = BTAP_INCOMPLETE;
    transaction.phase = BTAP_PHASE_DATA;
    assert_outcome(&transaction, "incomplete (data)");
}

/* DFU 1.1 section 6.1.2: bStatus 1 errTARGET */
static void outcome_of_dfu_names_the_reason(void **state)
{
    struct btap_transaction transaction = {
        .transport = BTAP_DFU,
        .status = BTAP_DFU_ERROR,
        .phase = BTAP_PHASE_OPERATION,
        .has = BTAP_HAS_DFU_STATUS,
        .dfu_status = 1,
    };

    (void)state;
    assert_outcome(&transaction, "error (errTARGET, operation)");
    transaction.dfu_status = 0; /* the state alone shows it */
    assert_outcome(&transaction, "error (operation)");
    transaction.dfu_status = 1;
    transaction.status = BTAP_STALL;
    assert_outcome(&transaction, "stall (operation)");
    transaction.status = BTAP_DFU_ERROR;
    transaction.has = 0;
    assert_outcome(&transaction, "error (operation)");
}

static void words_are_cut_to_any_size(void **state)
{
    const struct btap_transaction transaction = {
        .command = BTAP_WRITE_MEMORY,
        .status = BTAP_NACK,
        .phase = BTAP_PHASE_CHECKSUM,
        .has = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH,
        .address = 0x08000400,
        .length = 256,
    };
    char text[BTAP_DESCRIBE_SIZE];

    (void)state;
    for (size_t size = 1; size < 32; size++) {
        memset(text, 'x', sizeof(text));
        btap_transaction_describe(&transaction, text, size);
        assert_int_equal(strlen(text), size - 1);
        assert_int_equal(text[size], 'x');
    }
    for (size_t size = 1; size < 15; size++) {
        memset(text, 'x', sizeof(text));
        btap_transaction_outcome(&transaction, text, size);
        assert_int_equal(strlen(text), size - 1);
    }
}

static void what_counts_as_an_answer(void **state)
{
    static const bool answered[BTAP_STATUS_COUNT] = {
        [BTAP_OK] = true, [BTAP_NACK] = true, [BTAP_DFU_ERROR] = true, [BTAP_STALL] = true};

    (void)state;
    for (unsigned status = 0; status < BTAP_STATUS_COUNT; status++) {
        const struct btap_transaction transaction = {.status = (enum btap_status)status};

        assert_int_equal(btap_transaction_is_answered(&transaction), answered[status]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_counts_as_an_answer),
        cmocka_unit_test(memory_commands_name_address_and_length),
        cmocka_unit_test(get_names_version_and_number_of_commands),
        cmocka_unit_test(get_id_names_the_product),
        cmocka_unit_test(erase_names_its_pages),
        cmocka_unit_test(other_erases_are_named),
        cmocka_unit_test(sectors_are_listed),
        cmocka_unit_test(a_long_list_breaks_off_between_numbers),
        cmocka_unit_test(the_other_commands_name_what_they_carry),
        cmocka_unit_test(get_status_names_state_and_status),
        cmocka_unit_test(commands_name_what_they_have_and_no_more),
        cmocka_unit_test(lists_name_runs_of_three),
        cmocka_unit_test(some_refusals_are_harmless),
        cmocka_unit_test(outcome_names_status_and_phase),
        cmocka_unit_test(outcome_of_dfu_names_the_reason),
        cmocka_unit_test(words_are_cut_to_any_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
