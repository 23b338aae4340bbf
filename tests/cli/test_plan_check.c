/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands from a file held against the limits of the application notes before they are sent.
 */
#include <string.h>

#include "replay/check.h"
#include "replay/host.h"
#include "test.h"

#define G474 0x469

static const uint8_t bytes[2048];
static struct plan_device device;

static struct plan_command command_of(enum btap_transport transport, enum btap_command command)
{
    struct plan_command made = host_own_command(transport, command);

    made.origin = PLAN_RECORDED;
    return made;
}

static struct plan_command memory(enum btap_transport transport, enum btap_command command,
                                  uint32_t address, uint32_t length)
{
    struct plan_command made = command_of(transport, command);

    made.transaction.has |= BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
    made.transaction.address = address;
    made.transaction.length = length;
    if (transport == BTAP_DFU) {
        made.transaction.has |= BTAP_HAS_BLOCK;
        made.transaction.block = 2;
    }
    if (command == BTAP_WRITE_MEMORY) {
        made.payload = bytes;
        made.payload_length = length;
    }
    return made;
}

static struct plan_command list(enum btap_transport transport, enum btap_command command,
                                enum btap_list kind, uint32_t length)
{
    struct plan_command made = command_of(transport, command);

    made.transaction.list_kind = kind;
    made.transaction.list_length = length;
    made.transaction.list_announced = length;
    if (kind == BTAP_LIST_PAGES)
        made.transaction.erase = BTAP_ERASE_PAGES;
    return made;
}

static void assert_good(const struct plan_command *command)
{
    char words[CHECK_WORDS_SIZE] = "";

    if (!check_command(&device, command, words))
        fail_msg("refused: %s", words);
}

static void assert_bad(const struct plan_command *command, const char *why)
{
    char words[CHECK_WORDS_SIZE] = "";

    assert_false(check_command(&device, command, words));
    if (strstr(words, why) == NULL)
        fail_msg("'%s' is not '%s'", words, why);
}

static int forget_device(void **state)
{
    (void)state;
    device = (struct plan_device){0};
    return 0;
}

/* AN3155 and AN5405 sections 3.4 and 3.6, AN3154 sections 3.6 and 3.8: a byte holds the number
 * less 1. */
static void memory_moves_by_1_to_256_bytes(void **state)
{
    static const enum btap_transport transports[] = {BTAP_USART, BTAP_FDCAN, BTAP_CAN};
    static const enum btap_command commands[] = {BTAP_READ_MEMORY, BTAP_WRITE_MEMORY};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(transports); i++)
        for (size_t j = 0; j < 2; j++) {
            struct plan_command command = memory(transports[i], commands[j], 0x08000000, 256);

            assert_good(&command);
            command = memory(transports[i], commands[j], 0x08000000, 1);
            assert_good(&command);
            command = memory(transports[i], commands[j], 0x08000000, 257);
            assert_bad(&command, "257 bytes; it can have 1 to 256");
            command = memory(transports[i], commands[j], 0x08000000, 0);
            assert_bad(&command, "0 bytes");
            command = memory(transports[i], commands[j], 0xffffff00, 256);
            assert_good(&command);
            command = memory(transports[i], commands[j], 0xffffff01, 256);
            assert_bad(&command, "above the last address");
            command.transaction.has &= ~(uint32_t)BTAP_HAS_ADDRESS;
            assert_bad(&command, "does not hold its address");
            command.transaction.has &= ~(uint32_t)BTAP_HAS_LENGTH;
            command.transaction.has |= BTAP_HAS_ADDRESS;
            assert_bad(&command, "does not hold its length");
        }
}

static void all_of_a_payload_must_be_there(void **state)
{
    struct plan_command command = memory(BTAP_USART, BTAP_WRITE_MEMORY, 0x08000000, 64);

    (void)state;
    command.payload_length = 63;
    assert_bad(&command, "the capture holds 63 of its 64 bytes");
    command = command_of(BTAP_USART, BTAP_GET);
    command.payload = bytes;
    command.payload_length = 1;
    assert_bad(&command, "it has data, which this command has not");
}

/* AN3155 section 3.7: N less 1 is up to 254, a page a byte. */
static void a_usart_erase_has_255_pages_at_most(void **state)
{
    struct plan_command command = list(BTAP_USART, BTAP_ERASE, BTAP_LIST_PAGES, 255);

    (void)state;
    assert_good(&command);
    command.transaction.list[3] = 256;
    assert_bad(&command, "number 256 in its list");
    command = list(BTAP_USART, BTAP_ERASE, BTAP_LIST_PAGES, 256);
    assert_bad(&command, "a list of 256; it can have 1 to 255");
    command = command_of(BTAP_USART, BTAP_ERASE);
    command.transaction.erase = BTAP_ERASE_MASS;
    assert_good(&command);
    command.transaction.erase = BTAP_ERASE_BANK1;
    assert_bad(&command, "cannot erase a bank");
    command.transaction.erase = BTAP_ERASE_NONE;
    assert_bad(&command, "does not hold what it erases");
}

/* AN3155 section 3.8 */
static void an_extended_erase_has_pages_banks_or_all(void **state)
{
    struct plan_command command =
        list(BTAP_USART, BTAP_EXTENDED_ERASE, BTAP_LIST_PAGES, BTAP_LIST_MAX);

    (void)state;
    assert_good(&command);
    command.transaction.list_length = BTAP_LIST_MAX + 1;
    assert_bad(&command, "are more than are kept");
    command.transaction.list_length = BTAP_LIST_MAX - 1;
    assert_bad(&command, "1023 of the 1024 entries");
    command = list(BTAP_USART, BTAP_EXTENDED_ERASE, BTAP_LIST_PAGES, 0);
    assert_bad(&command, "a list of 0");
    command.transaction.erase = BTAP_ERASE_BANK2;
    assert_good(&command);
    command.transaction.erase = BTAP_ERASE_RESERVED;
    assert_bad(&command, "reserved");
}

/* G474: 512 KiB in pages of 2 KiB, 256 of them. */
static void a_page_must_be_one_of_the_product(void **state)
{
    struct plan_command command = list(BTAP_FDCAN, BTAP_ERASE, BTAP_LIST_PAGES, 2);

    (void)state;
    command.transaction.list[1] = 4000;
    assert_good(&command);
    device.product = btap_product_by_pid(G474);
    assert_bad(&command, "page 4000, which the STM32G47x/G48x does not have");
    command.transaction.list[1] = 255;
    assert_good(&command);
    /* F405: sectors 0 to 11 */
    device.product = btap_product_by_pid(0x413);
    command.transaction.list[1] = 11;
    assert_good(&command);
    command.transaction.list[1] = 12;
    assert_bad(&command, "page 12, which the");
}

/* AN5405 section 3.7: one frame of 64 bytes, two a page. */
static void an_fdcan_erase_has_the_pages_of_one_frame(void **state)
{
    struct plan_command command = list(BTAP_FDCAN, BTAP_ERASE, BTAP_LIST_PAGES, 32);

    (void)state;
    assert_good(&command);
    command = list(BTAP_FDCAN, BTAP_ERASE, BTAP_LIST_PAGES, 33);
    assert_bad(&command, "a list of 33; it can have 1 to 32");
}

/* AN3154 section 3.9: the number of pages less one, 255 means all; a page is a byte. */
static void a_can_erase_has_bytes(void **state)
{
    struct plan_command command = list(BTAP_CAN, BTAP_ERASE, BTAP_LIST_PAGES, 255);

    (void)state;
    assert_good(&command);
    command.transaction.list[1] = 256;
    assert_bad(&command, "number 256 in its list; 255 is the highest");
    command = list(BTAP_CAN, BTAP_ERASE, BTAP_LIST_PAGES, 256);
    assert_bad(&command, "a list of 256; it can have 1 to 255");
    command = command_of(BTAP_CAN, BTAP_ERASE);
    command.transaction.erase = BTAP_ERASE_MASS;
    assert_good(&command);
    command.transaction.erase = BTAP_ERASE_BANK1;
    assert_bad(&command, "this command cannot erase a bank");
    command = command_of(BTAP_CAN, BTAP_EXTENDED_ERASE);
    assert_bad(&command, "no command of this wire");
}

/* AN3154 section 3.5 */
static void speed_has_one_of_four_rates(void **state)
{
    static const uint32_t rates[] = {125000, 250000, 500000, 1000000};
    struct plan_command command = command_of(BTAP_CAN, BTAP_SPEED);

    (void)state;
    assert_bad(&command, "does not hold its bit rate");
    command.transaction.has |= BTAP_HAS_BIT_RATE;
    assert_bad(&command, "0 bit/s have no code");
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        command.transaction.bit_rate = rates[i];
        assert_good(&command);
    }
    command.transaction.bit_rate = 800000;
    assert_bad(&command, "800000 bit/s have no code");
    command = command_of(BTAP_FDCAN, BTAP_SPEED);
    assert_bad(&command, "no command of this wire");
}

/* AN3155 section 3.9, AN5405 section 3.8, AN3154 section 3.10 */
static void sectors_are_bytes(void **state)
{
    struct plan_command command = list(BTAP_USART, BTAP_WRITE_PROTECT, BTAP_LIST_SECTORS, 256);

    (void)state;
    assert_good(&command);
    command.transaction.list[0] = 256;
    assert_bad(&command, "number 256 in its list");
    command = list(BTAP_USART, BTAP_WRITE_PROTECT, BTAP_LIST_SECTORS, 257);
    assert_bad(&command, "a list of 257");
    command = list(BTAP_FDCAN, BTAP_WRITE_PROTECT, BTAP_LIST_SECTORS, 63);
    assert_good(&command);
    command = list(BTAP_FDCAN, BTAP_WRITE_PROTECT, BTAP_LIST_SECTORS, 64);
    assert_bad(&command, "a list of 64");
    command = list(BTAP_CAN, BTAP_WRITE_PROTECT, BTAP_LIST_SECTORS, 256);
    assert_good(&command);
    command = list(BTAP_CAN, BTAP_WRITE_PROTECT, BTAP_LIST_SECTORS, 257);
    assert_bad(&command, "a list of 257; it can have 1 to 256");
}

/* AN3155 sections 3.14 and 3.15: 128 bytes, and 1024 of the second packet. */
static void special_has_128_and_1024_bytes(void **state)
{
    struct plan_command command = command_of(BTAP_USART, BTAP_SPECIAL);

    (void)state;
    command.payload = bytes;
    assert_bad(&command, "sub-command");
    command.transaction.has |= BTAP_HAS_SUBCOMMAND;
    assert_good(&command);
    command.transaction.sent_length = 128;
    command.payload_length = 128;
    assert_good(&command);
    command.payload_length = 127;
    assert_bad(&command, "127 of its 128 bytes");
    command.transaction.sent_length = 129;
    command.payload_length = 129;
    assert_bad(&command, "129 bytes of data; it can have 128");
    command.transaction.command = BTAP_EXTENDED_SPECIAL;
    command.transaction.opcode = 0x51;
    command.transaction.sent_length = 128;
    command.transaction.sent2_length = 1024;
    command.payload_length = 1152;
    assert_good(&command);
    command.transaction.sent2_length = 1025;
    command.payload_length = 1153;
    assert_bad(&command, "1025 bytes in its second packet");
}

/* AN3155 section 3.13: words of 4 bytes; stm32flash leaves out polynomial and initial value. */
static void a_checksum_is_over_words(void **state)
{
    struct plan_command command = memory(BTAP_USART, BTAP_GET_CHECKSUM, 0x08000000, 0x10000);

    (void)state;
    assert_good(&command);
    command.transaction.length = 6;
    assert_bad(&command, "words of 4");
    command.transaction.length = 8;
    command.transaction.has |= BTAP_HAS_POLYNOMIAL;
    assert_bad(&command, "initial value");
    command.transaction.has |= BTAP_HAS_INITIAL;
    assert_good(&command);
    command.transaction.address = 0xfffffffc;
    assert_bad(&command, "above the last address");
}

/* AN3156 sections 4.1 and 5.1: blocks from 2 on, 2 to 2048 bytes, or what the descriptor says. */
static void a_dfu_block_fits_the_transfer_size(void **state)
{
    struct plan_command command = memory(BTAP_DFU, BTAP_WRITE_MEMORY, 0x08000000, 2048);

    (void)state;
    assert_good(&command);
    command.transaction.block = 1;
    assert_bad(&command, "block 1 is reserved");
    command.transaction.block = 65535;
    assert_good(&command);
    command.transaction.length = 2049;
    command.payload_length = 2049;
    assert_bad(&command, "2049 bytes; it can have 2 to 2048");
    device.usb_known = true;
    device.usb.dfu = (struct btap_dfu_functional){.known = true, .transfer_size = 1024};
    command.transaction.length = 1024;
    command.payload_length = 1024;
    assert_good(&command);
    command.transaction.length = 1025;
    command.payload_length = 1025;
    assert_bad(&command, "it can have 2 to 1024");
    command.transaction.length = 0;
    command.payload_length = 0;
    assert_bad(&command, "0 bytes");
}

/* AN3156 section 5.3 */
static void a_dfu_erase_names_a_page_or_nothing(void **state)
{
    struct plan_command command = command_of(BTAP_DFU, BTAP_ERASE);

    (void)state;
    assert_bad(&command, "no such form");
    command.transaction.erase = BTAP_ERASE_MASS;
    assert_good(&command);
    command.transaction.erase = BTAP_ERASE_ADDRESS;
    assert_bad(&command, "does not hold its address");
    command.transaction.has |= BTAP_HAS_ADDRESS;
    assert_good(&command);
}

static void what_no_note_has_is_refused(void **state)
{
    struct plan_command command = command_of(BTAP_USART, BTAP_COMMAND_UNKNOWN);

    (void)state;
    assert_bad(&command, "AN3155 knows no such command");
    command.transaction.has = BTAP_HAS_OPCODE;
    command.transaction.opcode = 0x99;
    assert_bad(&command, "code 0x99 is in no note");
    command = command_of(BTAP_FDCAN, BTAP_ERASE); /* its code is 0x44 */
    command.transaction.erase = BTAP_ERASE_MASS;
    command.transaction.has = BTAP_HAS_OPCODE;
    command.transaction.opcode = 0x43;
    assert_bad(&command, "code 0x43 is in no note");
    command.transaction.opcode = 0x44;
    assert_good(&command);
    command = command_of(BTAP_FDCAN, BTAP_GET_CHECKSUM);
    assert_bad(&command, "no command of this wire");
    command = command_of(BTAP_USART, BTAP_GET);
    command.transaction.has = 0;
    assert_bad(&command, "does not hold its code");
    command = command_of(BTAP_USART, BTAP_LEAVE);
    assert_bad(&command, "no command of this wire");
    command = command_of(BTAP_DFU, BTAP_GO);
    assert_bad(&command, "no command of this wire");
}

/** What was refused before the host had sent all of it must have what goes out again. */
static void a_refused_command_has_what_is_sent_of_it(void **state)
{
    static const struct {
        enum btap_transport transport;
        enum btap_command command;
        enum btap_phase phase;
        uint32_t needs;  /**< bits of enum btap_has; 0: nothing but its code */
        const char *why; /**< it is refused without them */
    } rows[] = {
        {BTAP_USART, BTAP_ERASE, BTAP_PHASE_COMMAND, 0, NULL},
        {BTAP_USART, BTAP_EXTENDED_ERASE, BTAP_PHASE_COMMAND, 0, NULL},
        {BTAP_USART, BTAP_READ_MEMORY, BTAP_PHASE_COMMAND, 0, NULL},
        {BTAP_USART, BTAP_WRITE_MEMORY, BTAP_PHASE_COMMAND, 0, NULL},
        {BTAP_USART, BTAP_GO, BTAP_PHASE_COMMAND, 0, NULL},
        {BTAP_USART, BTAP_WRITE_PROTECT, BTAP_PHASE_COMMAND, 0, NULL},
        {BTAP_USART, BTAP_SPECIAL, BTAP_PHASE_COMMAND, 0, NULL},
        {BTAP_USART, BTAP_READ_MEMORY, BTAP_PHASE_ADDRESS, BTAP_HAS_ADDRESS, "its address"},
        {BTAP_USART, BTAP_WRITE_MEMORY, BTAP_PHASE_ADDRESS, BTAP_HAS_ADDRESS, "its address"},
        {BTAP_USART, BTAP_SPECIAL, BTAP_PHASE_SUBCOMMAND, BTAP_HAS_SUBCOMMAND, "its sub-command"},
        {BTAP_USART, BTAP_GET_CHECKSUM, BTAP_PHASE_LENGTH, BTAP_HAS_LENGTH | BTAP_HAS_ADDRESS,
         "its address"},
        {BTAP_FDCAN, BTAP_WRITE_MEMORY, BTAP_PHASE_COMMAND, BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH,
         "its address"},
        {BTAP_FDCAN, BTAP_SPECIAL, BTAP_PHASE_COMMAND, BTAP_HAS_SUBCOMMAND, "its sub-command"},
        {BTAP_CAN, BTAP_WRITE_MEMORY, BTAP_PHASE_COMMAND, BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH,
         "its address"},
        {BTAP_CAN, BTAP_WRITE_PROTECT, BTAP_PHASE_COMMAND, 0, NULL},
    };
    static const enum btap_status statuses[] = {BTAP_NACK, BTAP_NO_REPLY, BTAP_BAD_REPLY};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t j = 0; j < COUNT_OF(statuses); j++) {
            struct plan_command command = command_of(rows[i].transport, rows[i].command);

            command.transaction.length = 4;
            command.transaction.status = statuses[j];
            command.transaction.phase = rows[i].phase;
            if (rows[i].why != NULL)
                assert_bad(&command, rows[i].why);
            command.transaction.has |= rows[i].needs;
            assert_good(&command);
        }
}

/* AN3155 section 3.6: the data went out, of which the capture lacks some. */
static void a_command_that_was_sent_to_its_end_is_there_to_its_end(void **state)
{
    struct plan_command command = memory(BTAP_USART, BTAP_WRITE_MEMORY, 0x08000000, 64);

    (void)state;
    command.transaction.status = BTAP_NACK;
    command.transaction.phase = BTAP_PHASE_DATA;
    command.payload_length = 63;
    assert_bad(&command, "63 of its 64 bytes");
    /* The device vanished: it refused nothing. */
    command = command_of(BTAP_USART, BTAP_WRITE_MEMORY);
    command.transaction.status = BTAP_DISCONNECTED;
    command.transaction.phase = BTAP_PHASE_COMMAND;
    assert_bad(&command, "its address");
    command = command_of(BTAP_USART, BTAP_GO);
    command.transaction.status = BTAP_NACK;
    command.transaction.phase = BTAP_PHASE_ADDRESS;
    assert_bad(&command, "its address");
    /* AN5405 section 3.7: the number of pages is in the command's frame. */
    command = list(BTAP_FDCAN, BTAP_ERASE, BTAP_LIST_PAGES, 0);
    command.transaction.status = BTAP_NACK;
    command.transaction.phase = BTAP_PHASE_LENGTH;
    assert_bad(&command, "a list of 0");
    command.transaction.list_announced = 33;
    assert_bad(&command, "a list of 33");
    command.transaction.list_announced = 32;
    assert_good(&command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(memory_moves_by_1_to_256_bytes, forget_device),
        cmocka_unit_test_setup(all_of_a_payload_must_be_there, forget_device),
        cmocka_unit_test_setup(a_usart_erase_has_255_pages_at_most, forget_device),
        cmocka_unit_test_setup(an_extended_erase_has_pages_banks_or_all, forget_device),
        cmocka_unit_test_setup(a_page_must_be_one_of_the_product, forget_device),
        cmocka_unit_test_setup(a_can_erase_has_bytes, forget_device),
        cmocka_unit_test_setup(speed_has_one_of_four_rates, forget_device),
        cmocka_unit_test_setup(an_fdcan_erase_has_the_pages_of_one_frame, forget_device),
        cmocka_unit_test_setup(sectors_are_bytes, forget_device),
        cmocka_unit_test_setup(special_has_128_and_1024_bytes, forget_device),
        cmocka_unit_test_setup(a_checksum_is_over_words, forget_device),
        cmocka_unit_test_setup(a_dfu_block_fits_the_transfer_size, forget_device),
        cmocka_unit_test_setup(a_dfu_erase_names_a_page_or_nothing, forget_device),
        cmocka_unit_test_setup(what_no_note_has_is_refused, forget_device),
        cmocka_unit_test_setup(a_refused_command_has_what_is_sent_of_it, forget_device),
        cmocka_unit_test_setup(a_command_that_was_sent_to_its_end_is_there_to_its_end,
                               forget_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
