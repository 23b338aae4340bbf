/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The USART host against the simulated device: what it sends, by hand from AN3155 section 3; what
 * it makes of every answer, which must be what the decoder makes of the same bytes; and that it
 * sends nothing where that could do what nobody asked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "replay/patience.h"
#include "replay_serial.h"
#include "test.h"

#define MS     ((btap_ns)1000000)
#define SECOND (1000 * MS)

/** A host at a simulated device. */
struct bench {
    struct replay_serial *serial;
    struct plan_device device;
    struct gate *gate;
    struct host *host;
    struct host_answer answer;
};

/** @param product of the device; NULL: it only answers what the test says */
static void set_up_as(struct bench *bench, const char *product, const struct host_options *options)
{
    *bench = (struct bench){.serial = replay_serial_new(product)};
    bench->answer.data = allocate(HOST_DATA_MAX);
    if (product != NULL)
        bench->device.product = btap_product_by_pid(bench->serial->device.config.product->pid);
    bench->gate =
        gate_new(&bench->serial->wire, &replay_serial_permit, &bench->device, &bench->serial->sink);
    bench->host = host_usart.open(bench->gate, &bench->device, options);
    replay_serial_clear(bench->serial);
}

static void set_up(struct bench *bench, const char *product)
{
    set_up_as(bench, product, &(struct host_options){.as_recorded = false});
}

static void tear_down(struct bench *bench)
{
    bench->host->kind->close(bench->host);
    gate_free(bench->gate);
    assert_true(bench->serial->closed);
    replay_serial_free(bench->serial);
    free(bench->answer.data);
}

/* Commands */

static struct plan_command own(enum btap_command command)
{
    return host_own_command(BTAP_USART, command);
}

static struct plan_command memory(enum btap_command command, uint32_t address, uint32_t length)
{
    struct plan_command one = own(command);

    one.transaction.has |= BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
    one.transaction.address = address;
    one.transaction.length = length;
    return one;
}

static struct plan_command write_of(uint32_t address, const uint8_t *bytes, uint32_t length)
{
    struct plan_command one = memory(BTAP_WRITE_MEMORY, address, length);

    one.payload = bytes;
    one.payload_length = length;
    return one;
}

static struct plan_command list_of(enum btap_command command, enum btap_erase erase,
                                   const uint16_t *list, uint32_t length)
{
    struct plan_command one = own(command);

    one.transaction.erase = erase;
    one.transaction.list_kind = command == BTAP_WRITE_PROTECT ? BTAP_LIST_SECTORS : BTAP_LIST_PAGES;
    one.transaction.list_length = length;
    one.transaction.list_announced = length;
    for (uint32_t i = 0; i < length; i++)
        one.transaction.list[i] = list[i];
    return one;
}

static struct plan_command checksum_of(bool is_short)
{
    struct plan_command one = memory(BTAP_GET_CHECKSUM, 0x08000000, 4);

    if (is_short)
        return one;
    one.transaction.has |= BTAP_HAS_POLYNOMIAL | BTAP_HAS_INITIAL;
    one.transaction.polynomial = 0x04c11db7;
    one.transaction.initial = 0xffffffff;
    return one;
}

static const uint8_t special_data[] = {0xaa, 0xbb, 0x01, 0x02};

static struct plan_command special_of(enum btap_command command)
{
    struct plan_command one = own(command);

    one.transaction.has |= BTAP_HAS_SUBCOMMAND;
    one.transaction.subcommand = 1;
    one.transaction.sent_length = 2;
    one.payload = special_data;
    one.payload_length = 2;
    if (command == BTAP_EXTENDED_SPECIAL) {
        one.transaction.sent2_length = 2;
        one.payload_length = 4;
    }
    return one;
}

static const uint8_t four[] = {1, 2, 3, 4};
static const uint16_t pages[] = {0, 1};

/** A sound command of each kind. */
static struct plan_command sound(enum btap_command command)
{
    switch (command) {
    case BTAP_READ_MEMORY:
    case BTAP_GO:
        return memory(command, 0x08000000, 4);
    case BTAP_WRITE_MEMORY:
        return write_of(0x08000004, four, 4);
    case BTAP_ERASE:
    case BTAP_EXTENDED_ERASE:
        return list_of(command, BTAP_ERASE_PAGES, pages, 2);
    case BTAP_WRITE_PROTECT:
        return list_of(command, BTAP_ERASE_NONE, pages, 2);
    case BTAP_GET_CHECKSUM:
        return checksum_of(false);
    case BTAP_SPECIAL:
    case BTAP_EXTENDED_SPECIAL:
        return special_of(command);
    default:
        return own(command);
    }
}

/* Steps of a test */

static void begin(struct bench *bench)
{
    const struct plan_command get = own(BTAP_GET);

    assert_int_equal(host_usart.begin(bench->host, &get, &bench->answer), HOST_ANSWERED);
    assert_int_equal(bench->answer.transaction.status, BTAP_OK);
    replay_serial_clear(bench->serial);
}

static enum host_end perform(struct bench *bench, const struct plan_command *command)
{
    enum host_end end;

    replay_serial_clear(bench->serial);
    assert_true(gate_begin(bench->gate, command));
    end = host_usart.perform(bench->host, command, &bench->answer);
    gate_end(bench->gate);
    return end;
}

static void assert_outcome(const struct bench *bench, const char *outcome)
{
    char words[BTAP_DESCRIBE_SIZE];

    assert_string_equal(btap_transaction_outcome(&bench->answer.transaction, words, sizeof(words)),
                        outcome);
}

static void assert_performed(struct bench *bench, const struct plan_command *command,
                             const char *outcome, const char *text)
{
    assert_int_equal(perform(bench, command), HOST_ANSWERED);
    assert_string_equal(bench->serial->text, text);
    assert_outcome(bench, outcome);
}

/** One command on a fresh device that is synchronised; then the decoder's view of it. */
static void assert_one(const char *product, const struct plan_command *command, const char *outcome,
                       const char *text)
{
    struct bench bench;

    set_up(&bench, product);
    begin(&bench);
    assert_performed(&bench, command, outcome, text);
    replay_serial_judge(bench.serial, &bench.answer.transaction);
    tear_down(&bench);
}

/* Every command */

static void what_asks(void **state)
{
    const struct plan_command get = own(BTAP_GET);
    const struct plan_command version = own(BTAP_GET_VERSION);
    const struct plan_command id = own(BTAP_GET_ID);
    const struct plan_command read = memory(BTAP_READ_MEMORY, 0x08000000, 4);

    (void)state;
    assert_one("f405", &get, "ok", "> 00 FF < 79 0B 31 00 01 02 11 21 31 44 63 73 82 92 79 ");
    assert_one("f405", &version, "ok", "> 01 FE < 79 31 00 00 79 ");
    assert_one("f405", &id, "ok", "> 02 FD < 79 01 04 13 79 ");
    assert_one("f405", &read, "ok", "> 11 EE < 79 > 08 00 00 00 08 < 79 > 03 FC < 79 FF FF FF FF ");
}

static void what_was_answered_is_told(void **state)
{
    const struct plan_command get = own(BTAP_GET);
    const struct plan_command id = own(BTAP_GET_ID);
    const struct plan_command version = own(BTAP_GET_VERSION);
    const struct plan_command read = memory(BTAP_READ_MEMORY, 0x08000000, 256);
    struct host_identity identity;
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    begin(&bench);
    assert_int_equal(perform(&bench, &get), HOST_ANSWERED);
    assert_int_equal(bench.answer.transaction.version, 0x31);
    assert_int_equal(bench.answer.transaction.list_kind, BTAP_LIST_COMMANDS);
    assert_int_equal(bench.answer.transaction.list_length, 11);
    assert_int_equal(bench.answer.transaction.list[10], 0x92);
    assert_int_equal(perform(&bench, &id), HOST_ANSWERED);
    assert_int_equal(bench.answer.transaction.pid, 0x413);
    assert_int_equal(perform(&bench, &version), HOST_ANSWERED);
    assert_int_equal(bench.answer.transaction.has & BTAP_HAS_OPTION_BYTES, BTAP_HAS_OPTION_BYTES);
    bench.serial->device.memory.flash[255] = 0x55;
    assert_int_equal(perform(&bench, &read), HOST_ANSWERED);
    assert_int_equal(bench.answer.length, 256);
    assert_int_equal(bench.answer.transaction.transferred, 256);
    assert_int_equal(bench.answer.data[255], 0x55);
    assert_int_equal(host_usart.identify(bench.host, &identity, &bench.answer), HOST_ANSWERED);
    assert_true(identity.pid_known);
    assert_int_equal(identity.pid, 0x413);
    tear_down(&bench);
}

static void what_writes_and_erases(void **state)
{
    static const uint16_t one_and_three[] = {1, 3};
    const struct plan_command write = write_of(0x08000004, four, 4);
    const struct plan_command erase = list_of(BTAP_ERASE, BTAP_ERASE_PAGES, one_and_three, 2);
    const struct plan_command all = list_of(BTAP_ERASE, BTAP_ERASE_MASS, NULL, 0);
    const struct plan_command extended = list_of(BTAP_EXTENDED_ERASE, BTAP_ERASE_PAGES, pages, 2);
    const struct plan_command mass = list_of(BTAP_EXTENDED_ERASE, BTAP_ERASE_MASS, NULL, 0);
    const struct plan_command bank1 = list_of(BTAP_EXTENDED_ERASE, BTAP_ERASE_BANK1, NULL, 0);
    const struct plan_command bank2 = list_of(BTAP_EXTENDED_ERASE, BTAP_ERASE_BANK2, NULL, 0);
    const struct plan_command go = memory(BTAP_GO, 0x08000000, 0);

    (void)state;
    assert_one("f405", &write, "ok",
               "> 31 CE < 79 > 08 00 00 04 0C < 79 > 03 01 02 03 04 07 < 79 ");
    assert_one("f103", &erase, "ok", "> 43 BC < 79 > 01 01 03 03 < 79 ");
    assert_one("f103", &all, "ok", "> 43 BC < 79 > FF 00 < 79 ");
    assert_one("f405", &extended, "ok", "> 44 BB < 79 > 00 01 00 00 00 01 00 < 79 ");
    assert_one("f405", &mass, "ok", "> 44 BB < 79 > FF FF 00 < 79 ");
    assert_one("f405", &bank1, "ok", "> 44 BB < 79 > FF FE 01 < 79 ");
    assert_one("f405", &bank2, "ok", "> 44 BB < 79 > FF FD 02 < 79 ");
    assert_one("f405", &go, "ok", "> 21 DE < 79 > 08 00 00 00 08 < 79 ");
}

static void what_protects(void **state)
{
    const struct plan_command protect = list_of(BTAP_WRITE_PROTECT, BTAP_ERASE_NONE, pages, 2);
    const struct plan_command unprotect = own(BTAP_WRITE_UNPROTECT);
    const struct plan_command hide = own(BTAP_READOUT_PROTECT);
    const struct plan_command wipe = own(BTAP_READOUT_UNPROTECT);

    (void)state;
    assert_one("f405", &protect, "ok", "> 63 9C < 79 > 01 00 01 00 < 79 ");
    assert_one("f405", &unprotect, "ok", "> 73 8C < 79 79 ");
    assert_one("f405", &hide, "ok", "> 82 7D < 79 79 ");
    assert_one("f405", &wipe, "ok", "> 92 6D < 79 79 ");
}

/** The device resets: it is synchronised again before the next command (AN3155 section 3.9). */
static void a_device_that_reset_is_synchronised_again(void **state)
{
    static const enum btap_command resetting[] = {BTAP_WRITE_PROTECT, BTAP_WRITE_UNPROTECT,
                                                  BTAP_READOUT_PROTECT, BTAP_READOUT_UNPROTECT};
    const struct plan_command id = own(BTAP_GET_ID);
    const struct plan_command sync = own(BTAP_SYNC);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(resetting); i++) {
        const struct plan_command command = sound(resetting[i]);
        struct bench bench;

        set_up(&bench, "f405");
        begin(&bench);
        assert_int_equal(perform(&bench, &command), HOST_ANSWERED);
        assert_performed(&bench, &id, "ok", "> 7F < 79 > 02 FD < 79 01 04 13 79 ");
        replay_serial_judge(bench.serial, &bench.answer.transaction);
        tear_down(&bench);

        /* By the plan's own Sync, where it comes next. */
        set_up(&bench, "f405");
        begin(&bench);
        assert_int_equal(perform(&bench, &command), HOST_ANSWERED);
        assert_performed(&bench, &sync, "ok", "> 7F < 79 ");
        assert_performed(&bench, &id, "ok", "> 02 FD < 79 01 04 13 79 ");
        tear_down(&bench);
    }
}

/** So does a write to option bytes (section 3.6): those of the F405 lie at 0x1fffc000. */
static void a_write_to_option_bytes_resets(void **state)
{
    const struct plan_command write = write_of(0x1fffc000, four, 4);
    const struct plan_command id = own(BTAP_GET_ID);
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    bench.serial->device.memory.options_start = 0x1fffc000;
    begin(&bench);
    assert_int_equal(perform(&bench, &write), HOST_ANSWERED);
    assert_outcome(&bench, "ok");
    usart_device_reset(&bench.serial->device);
    assert_performed(&bench, &id, "ok", "> 7F < 79 > 02 FD < 79 01 04 13 79 ");
    tear_down(&bench);
}

/* Section 3.13: one erased word, CRC from all ones: 0. */
static void a_checksum_in_every_form(void **state)
{
    const struct plan_command whole = checksum_of(false);
    const struct plan_command brief = checksum_of(true);
    struct bench bench;

    (void)state;
    assert_one("g474", &whole, "ok",
               "> A1 5E < 79 > 08 00 00 00 08 < 79 > 00 00 00 01 01 < 79 > 04 C1 1D B7 6F < 79 "
               "> FF FF FF FF 00 < 79 79 00 00 00 00 00 ");
    set_up(&bench, "g474");
    bench.serial->device.config.one_checksum_ack = true;
    begin(&bench);
    assert_performed(&bench, &whole, "ok",
                     "> A1 5E < 79 > 08 00 00 00 08 < 79 > 00 00 00 01 01 < 79 "
                     "> 04 C1 1D B7 6F < 79 > FF FF FF FF 00 < 79 00 00 00 00 00 ");
    assert_int_equal(bench.answer.transaction.has & BTAP_HAS_CHECKSUM, BTAP_HAS_CHECKSUM);
    replay_serial_judge(bench.serial, &bench.answer.transaction);
    tear_down(&bench);
    set_up(&bench, "g474");
    bench.serial->device.config.short_checksum = true;
    begin(&bench);
    assert_performed(&bench, &brief, "ok",
                     "> A1 5E < 79 > 08 00 00 00 08 < 79 > 00 00 00 01 01 < 79 79 "
                     "00 00 00 00 00 ");
    replay_serial_judge(bench.serial, &bench.answer.transaction);
    tear_down(&bench);
}

/** 0x79 and 0x1F may be answers or parts of the CRC: what comes behind them tells. */
static void a_checksum_that_looks_like_an_answer(void **state)
{
    static const struct {
        const char *reply; /**< behind the answer to the length */
        const char *outcome;
        uint32_t checksum;
    } rows[] = {
        {"79 79 01 02 03 79", "ok", 0x79010203},
        {"79 12 34 56 78 08", "ok", 0x12345678},
        {"79 01 02 03 79", "ok", 0x79010203},
        {"79 79 01 02 03 78", "bad-reply (checksum)", 0x79010203},
        {"1F 01 02 03 1F", "ok", 0x1f010203},
        {"1F", "nack (reply)", 0},
        {"79 1F", "nack (reply)", 0},
        {"79", "no-reply (reply)", 0},
        {"12 34", "no-reply (reply)", 0},
        {"12 34 56 78 09", "bad-reply (checksum)", 0x12345678},
    };
    const struct plan_command brief = checksum_of(true);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char last[64] = "79 ";
        const char *const script[] = {"79", "79", "79", last, NULL};
        struct bench bench;

        set_up(&bench, NULL);
        strcat(last, rows[i].reply);
        bench.serial->script = script;
        begin(&bench);
        assert_int_equal(perform(&bench, &brief), HOST_ANSWERED);
        assert_outcome(&bench, rows[i].outcome);
        assert_int_equal(bench.answer.transaction.checksum, rows[i].checksum);
        replay_serial_judge(bench.serial, &bench.answer.transaction);
        tear_down(&bench);
    }
}

/* Sections 3.14 and 3.15 */
static void what_is_special(void **state)
{
    const struct plan_command special = special_of(BTAP_SPECIAL);
    const struct plan_command extended = special_of(BTAP_EXTENDED_SPECIAL);

    (void)state;
    assert_one("g474", &special, "ok",
               "> 50 AF < 79 > 00 01 01 < 79 > 00 02 AA BB 13 < 79 00 02 CA FE 00 01 00 79 ");
    assert_one("g474", &extended, "ok",
               "> 51 AE < 79 > 00 01 01 < 79 > 00 02 AA BB 13 < 79 > 00 02 01 02 01 < 79 "
               "00 01 00 79 ");
}

/** A status that is longer than what is kept of it, and no data. */
static void a_long_status(void **state)
{
    static const char *const script[] = {
        "79", "79", "79", "79 00 00 00 12 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 79",
        NULL};
    const struct plan_command special = special_of(BTAP_SPECIAL);
    struct bench bench;

    (void)state;
    set_up(&bench, NULL);
    bench.serial->script = script;
    begin(&bench);
    assert_int_equal(perform(&bench, &special), HOST_ANSWERED);
    assert_outcome(&bench, "ok");
    assert_int_equal(bench.answer.transaction.special_status_length, 18);
    assert_int_equal(bench.answer.transaction.special_status[15], 16);
    replay_serial_judge(bench.serial, &bench.answer.transaction);
    tear_down(&bench);
}

/* Every fault */

/** Where each command is answered, and what its phase is called. */
static const struct {
    const char *product;
    enum btap_command command;
    enum usart_phase at;
    const char *phase;
} answers[] = {
    {"f405", BTAP_GET, USART_COMMAND, "command"},
    {"f405", BTAP_GET_VERSION, USART_COMMAND, "command"},
    {"f405", BTAP_GET_ID, USART_COMMAND, "command"},
    {"f405", BTAP_READ_MEMORY, USART_COMMAND, "command"},
    {"f405", BTAP_READ_MEMORY, USART_ADDRESS, "address"},
    {"f405", BTAP_READ_MEMORY, USART_LENGTH, "length"},
    {"f405", BTAP_GO, USART_COMMAND, "command"},
    {"f405", BTAP_GO, USART_ADDRESS, "address"},
    {"f405", BTAP_WRITE_MEMORY, USART_COMMAND, "command"},
    {"f405", BTAP_WRITE_MEMORY, USART_ADDRESS, "address"},
    {"f405", BTAP_WRITE_MEMORY, USART_DATA, "data"},
    {"f103", BTAP_ERASE, USART_COMMAND, "command"},
    {"f103", BTAP_ERASE, USART_DATA, "data"},
    {"f405", BTAP_EXTENDED_ERASE, USART_COMMAND, "command"},
    {"f405", BTAP_EXTENDED_ERASE, USART_DATA, "data"},
    {"f405", BTAP_WRITE_PROTECT, USART_COMMAND, "command"},
    {"f405", BTAP_WRITE_PROTECT, USART_DATA, "data"},
    {"f405", BTAP_WRITE_UNPROTECT, USART_COMMAND, "command"},
    {"f405", BTAP_WRITE_UNPROTECT, USART_OPERATION, "operation"},
    {"f405", BTAP_READOUT_PROTECT, USART_COMMAND, "command"},
    {"f405", BTAP_READOUT_PROTECT, USART_OPERATION, "operation"},
    {"f405", BTAP_READOUT_UNPROTECT, USART_COMMAND, "command"},
    {"f405", BTAP_READOUT_UNPROTECT, USART_OPERATION, "operation"},
    {"g474", BTAP_GET_CHECKSUM, USART_COMMAND, "command"},
    {"g474", BTAP_GET_CHECKSUM, USART_ADDRESS, "address"},
    {"g474", BTAP_GET_CHECKSUM, USART_LENGTH, "length"},
    {"g474", BTAP_GET_CHECKSUM, USART_POLYNOMIAL, "polynomial"},
    {"g474", BTAP_GET_CHECKSUM, USART_INITIAL, "initial"},
    {"g474", BTAP_SPECIAL, USART_COMMAND, "command"},
    {"g474", BTAP_SPECIAL, USART_SUBCOMMAND, "subcommand"},
    {"g474", BTAP_SPECIAL, USART_DATA, "data"},
    {"g474", BTAP_EXTENDED_SPECIAL, USART_SECOND_DATA, "data"},
};

/** One fault at each answer of each command. @param status "": the command ends well */
static void assert_fault(enum usart_misbehaviour fault, const char *status)
{
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        const struct plan_command command = sound(answers[i].command);
        char expected[64] = "ok";
        struct bench bench;

        if (status[0] != '\0')
            snprintf(expected, sizeof(expected), "%s (%s)", status, answers[i].phase);
        set_up(&bench, answers[i].product);
        replay_serial_fault(bench.serial, fault, command.transaction.opcode, answers[i].at);
        begin(&bench);
        assert_int_equal(perform(&bench, &command), HOST_ANSWERED);
        assert_outcome(&bench, expected);
        replay_serial_judge(bench.serial, &bench.answer.transaction);
        tear_down(&bench);
    }
}

static void a_nack_at_every_answer(void **state)
{
    (void)state;
    assert_fault(USART_NACK, "nack");
}

static void two_nacks_at_every_answer(void **state)
{
    (void)state;
    assert_fault(USART_NACK_TWICE, "nack");
}

static void silence_at_every_answer(void **state)
{
    (void)state;
    assert_fault(USART_SILENCE, "no-reply");
}

static void garbage_at_every_answer(void **state)
{
    (void)state;
    assert_fault(USART_GARBAGE, "bad-reply");
}

static void a_glitch_before_every_answer(void **state)
{
    (void)state;
    assert_fault(USART_GLITCH, "");
}

static void a_late_answer_everywhere(void **state)
{
    (void)state;
    assert_fault(USART_LATE, "");
}

/** Replies that lack bytes, or end in something else than ACK. */
static void replies_that_are_short_or_wrong(void **state)
{
    static const struct {
        enum btap_command command;
        enum usart_misbehaviour fault;
        uint8_t by;
        const char *outcome;
    } rows[] = {
        {BTAP_GET, USART_SHORT, 1, "no-reply (reply)"},
        {BTAP_GET, USART_SHORT, 4, "no-reply (reply)"},
        {BTAP_GET, USART_SHORT, 16, "no-reply (reply)"},
        {BTAP_GET_VERSION, USART_SHORT, 2, "no-reply (reply)"},
        {BTAP_GET_ID, USART_SHORT, 2, "no-reply (reply)"},
        {BTAP_READ_MEMORY, USART_SHORT, 1, "no-reply (data)"},
        {BTAP_SPECIAL, USART_SHORT, 1, "no-reply (status)"},
        {BTAP_SPECIAL, USART_SHORT, 5, "no-reply (reply)"},
        {BTAP_EXTENDED_SPECIAL, USART_SHORT, 3, "no-reply (status)"},
        {BTAP_GET_CHECKSUM, USART_SHORT, 1, "no-reply (reply)"},
        {BTAP_GET_CHECKSUM, USART_WRONG, 1, "bad-reply (checksum)"},
        {BTAP_GET_ID, USART_WRONG, 0x79 ^ 0x1f, "nack (reply)"},
        {BTAP_GET_ID, USART_WRONG, 1, "bad-reply (reply)"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct plan_command command = sound(rows[i].command);
        struct bench bench;

        set_up(&bench, "g474");
        replay_serial_fault(bench.serial, rows[i].fault, command.transaction.opcode, USART_REPLY);
        bench.serial->device.config.faults[0].byte = rows[i].by;
        begin(&bench);
        assert_int_equal(perform(&bench, &command), HOST_ANSWERED);
        assert_outcome(&bench, rows[i].outcome);
        replay_serial_judge(bench.serial, &bench.answer.transaction);
        tear_down(&bench);
    }
}

/** Section 3.4, note: the second NACK is not the answer to the next command. */
static void two_nacks_under_read_protection(void **state)
{
    const struct plan_command read = memory(BTAP_READ_MEMORY, 0x08000000, 4);
    const struct plan_command id = own(BTAP_GET_ID);
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    bench.serial->device.config.read_protected = true;
    bench.serial->device.config.two_nacks = true;
    begin(&bench);
    assert_int_equal(perform(&bench, &read), HOST_ANSWERED);
    assert_outcome(&bench, "nack (command)");
    assert_performed(&bench, &id, "ok", "> 02 FD < 79 01 04 13 79 ");
    replay_serial_judge(bench.serial, &bench.answer.transaction);
    tear_down(&bench);
}

/** An application's text holds 'y', which is 0x79. */
static void an_application_that_talks(void **state)
{
    const struct plan_command get = own(BTAP_GET);
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    bench.serial->device.config.application = true;
    bench.serial->device.config.text = "ready\r\n";
    assert_int_equal(host_usart.begin(bench.host, &get, &bench.answer), HOST_ANSWERED);
    assert_outcome(&bench, "bad-reply (sync)");
    tear_down(&bench);
}

/* Sync */

static void assert_sync(struct bench *bench, const char *outcome, const char *text)
{
    const struct plan_command sync = own(BTAP_SYNC);

    assert_int_equal(host_usart.begin(bench->host, &sync, &bench->answer), HOST_ANSWERED);
    assert_string_equal(bench->serial->text, "");
    assert_performed(bench, &sync, outcome, text);
    replay_serial_judge(bench->serial, &bench->answer.transaction);
    tear_down(bench);
}

static void sync_as_it_may_go(void **state)
{
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    assert_sync(&bench, "ok", "> 7F < 79 ");
    /* 0x7F is half a command to a device that is synchronised; 0x7F 0x7F is none. */
    set_up(&bench, "f405");
    bench.serial->device.synchronised = true;
    assert_sync(&bench, "nack (sync)", "> 7F > 7F < 1F ");
    set_up(&bench, "f405");
    replay_serial_fault(bench.serial, USART_GLITCH, -1, USART_SYNC);
    assert_sync(&bench, "ok", "> 7F < 01 79 ");
    set_up(&bench, "f405");
    replay_serial_fault(bench.serial, USART_SILENCE, -1, USART_SYNC);
    assert_sync(&bench, "ok", "> 7F > 7F < 79 ");
    set_up(&bench, NULL);
    assert_sync(&bench, "no-reply (sync)", "> 7F > 7F > 7F > 7F > 7F > 7F > 7F > 7F > 7F > 7F ");
}

/** Recorded bytes, no more of them than it takes to tell half a command from silence. */
static void sync_as_recorded(void **state)
{
    struct bench bench;

    (void)state;
    set_up_as(&bench, NULL, &(struct host_options){.as_recorded = true});
    assert_sync(&bench, "no-reply (sync)", "> 7F > 7F ");
}

static void a_synchronised_device_is_no_failure(void **state)
{
    const struct plan_command get = own(BTAP_GET);
    const struct plan_command id = own(BTAP_GET_ID);
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    bench.serial->device.synchronised = true;
    assert_int_equal(host_usart.begin(bench.host, &get, &bench.answer), HOST_ANSWERED);
    assert_true(btap_transaction_is_harmless(&bench.answer.transaction));
    assert_performed(&bench, &id, "ok", "> 02 FD < 79 01 04 13 79 ");
    tear_down(&bench);
}

/** What a line echoes is no answer, though it may hold one: 0x79 and 0x1F are in the data. */
static void a_line_that_echoes(void **state)
{
    static const uint8_t answers_in_data[] = {0x79, 0x1f, 0x79, 0x1f};
    const struct plan_command write = write_of(0x08000004, answers_in_data, 4);
    const struct plan_command sync = own(BTAP_SYNC);
    const struct plan_command id = own(BTAP_GET_ID);
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    bench.serial->echoes = true;
    assert_int_equal(perform(&bench, &sync), HOST_ANSWERED);
    assert_outcome(&bench, "ok");
    assert_int_equal(perform(&bench, &write), HOST_ANSWERED);
    assert_outcome(&bench, "ok");
    assert_int_equal(bench.serial->device.memory.flash[4], 0x79);
    assert_int_equal(perform(&bench, &id), HOST_ANSWERED);
    assert_int_equal(bench.answer.transaction.pid, 0x413);
    replay_serial_judge(bench.serial, &bench.answer.transaction);
    tear_down(&bench);
}

static void bytes_with_parity_errors_are_bytes(void **state)
{
    const struct plan_command id = own(BTAP_GET_ID);
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    bench.serial->parity_errors = true;
    begin(&bench);
    assert_performed(&bench, &id, "ok", "> 02 FD < 79 01 04 13 79 ");
    replay_serial_judge(bench.serial, &bench.answer.transaction);
    tear_down(&bench);
}

/* After a command without an answer */

/** A device that is in doubt and can be asked: two 0x7F, a NACK, and the next command is sound. */
static void a_harmless_doubt_is_cleared(void **state)
{
    static const struct {
        enum btap_command command;
        enum usart_phase at;
    } rows[] = {
        {BTAP_GET, USART_COMMAND},
        {BTAP_READ_MEMORY, USART_ADDRESS},
        {BTAP_READ_MEMORY, USART_LENGTH},
        {BTAP_GO, USART_COMMAND},
    };
    const struct plan_command id = own(BTAP_GET_ID);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct plan_command command = sound(rows[i].command);
        struct bench bench;

        set_up(&bench, "f405");
        replay_serial_fault(bench.serial, USART_SILENCE, command.transaction.opcode, rows[i].at);
        begin(&bench);
        assert_int_equal(perform(&bench, &command), HOST_ANSWERED);
        assert_performed(&bench, &id, "ok", "> 7F > 7F < 1F > 02 FD < 79 01 04 13 79 ");
        replay_serial_judge(bench.serial, &bench.answer.transaction);
        tear_down(&bench);
    }
}

/** Where a byte might complete a write, an erase or a start, none is sent. */
static void a_doubt_that_is_not_harmless_ends_it(void **state)
{
    static const struct {
        const char *product;
        enum btap_command command;
        enum usart_phase at;
    } rows[] = {
        {"f405", BTAP_WRITE_MEMORY, USART_DATA},    {"f405", BTAP_GO, USART_ADDRESS},
        {"f103", BTAP_ERASE, USART_COMMAND},        {"f103", BTAP_ERASE, USART_DATA},
        {"f405", BTAP_EXTENDED_ERASE, USART_DATA},  {"f405", BTAP_WRITE_PROTECT, USART_COMMAND},
        {"g474", BTAP_SPECIAL, USART_SUBCOMMAND},   {"g474", BTAP_EXTENDED_SPECIAL, USART_DATA},
        {"f405", BTAP_WRITE_MEMORY, USART_COMMAND}, {"f405", BTAP_WRITE_MEMORY, USART_ADDRESS},
    };
    const struct plan_command id = own(BTAP_GET_ID);
    const struct plan_command sync = own(BTAP_SYNC);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct plan_command command = sound(rows[i].command);
        struct bench bench;
        size_t sent;

        set_up(&bench, rows[i].product);
        replay_serial_fault(bench.serial, USART_SILENCE, command.transaction.opcode, rows[i].at);
        begin(&bench);
        assert_int_equal(perform(&bench, &command), HOST_ANSWERED);
        sent = bench.serial->sent;
        assert_int_equal(perform(&bench, &id), HOST_GONE);
        assert_int_equal(perform(&bench, &sync), HOST_GONE);
        host_usart.rest(bench.host);
        assert_int_equal(bench.serial->sent, sent);
        tear_down(&bench);
    }
}

/** The device took fewer bytes than the write has: it waits, and its memory stays as it was. */
static void a_write_that_lost_a_byte_is_not_completed(void **state)
{
    const struct plan_command write = write_of(0x08000004, four, 4);
    const struct plan_command id = own(BTAP_GET_ID);
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    bench.serial->device.config.lose_at = 10; /* 7F, 31 CE, address, then the count */
    bench.serial->device.config.lose_count = 1;
    begin(&bench);
    assert_int_equal(perform(&bench, &write), HOST_ANSWERED);
    assert_outcome(&bench, "no-reply (data)");
    assert_int_equal(perform(&bench, &id), HOST_GONE);
    host_usart.rest(bench.host);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(bench.serial->device.memory.flash[i], 0xff);
    tear_down(&bench);
}

/** An answer that came too late is the end of the command: the next one is sent. */
static void a_late_answer_ends_the_doubt(void **state)
{
    static const struct host_options brief = {.patience = 5 * MS};
    const struct plan_command write = write_of(0x08000004, four, 4);
    const struct plan_command id = own(BTAP_GET_ID);
    struct bench bench;

    (void)state;
    set_up_as(&bench, "f405", &brief);
    replay_serial_fault(bench.serial, USART_LATE, 0x31, USART_DATA); /* 30 ms */
    begin(&bench);
    assert_int_equal(perform(&bench, &write), HOST_ANSWERED);
    assert_outcome(&bench, "no-reply (data)");
    bench.serial->now_us += 100000;
    assert_performed(&bench, &id, "ok", "< 79 > 02 FD < 79 01 04 13 79 ");
    replay_serial_judge(bench.serial, &bench.answer.transaction);
    tear_down(&bench);
}

/** One to a part of a command is not: the device waits for the next part, and gets none. */
static void a_late_answer_in_the_middle_does_not(void **state)
{
    static const struct host_options brief = {.patience = 5 * MS};
    const struct plan_command write = write_of(0x08000004, four, 4);
    const struct plan_command id = own(BTAP_GET_ID);
    struct bench bench;

    (void)state;
    set_up_as(&bench, "f405", &brief);
    replay_serial_fault(bench.serial, USART_LATE, 0x31, USART_ADDRESS); /* 30 ms */
    begin(&bench);
    assert_int_equal(perform(&bench, &write), HOST_ANSWERED);
    assert_outcome(&bench, "no-reply (address)");
    bench.serial->now_us += 100000;
    assert_int_equal(perform(&bench, &id), HOST_GONE);
    assert_string_equal(bench.serial->text, "< 79 ");
    assert_int_equal(bench.serial->device.memory.flash[4], 0xff);
    tear_down(&bench);
}

/** A late ACK to the resynchronising is no sign of a device that waits for commands. */
static void a_late_ack_is_no_synchronism(void **state)
{
    static const char *const script[] = {"79", "", "79", "", "1F", "79 01 04 13 79", NULL};
    static const struct host_options brief = {.patience = 5 * MS};
    const struct plan_command read = memory(BTAP_READ_MEMORY, 0x08000000, 4);
    const struct plan_command id = own(BTAP_GET_ID);
    struct bench bench;

    (void)state;
    set_up_as(&bench, NULL, &brief);
    bench.serial->script = script;
    begin(&bench);
    assert_int_equal(perform(&bench, &read), HOST_ANSWERED);
    assert_outcome(&bench, "no-reply (command)");
    assert_performed(&bench, &id, "ok", "> 7F < 79 > 7F > 7F < 1F > 02 FD < 79 01 04 13 79 ");
    tear_down(&bench);
}

static void rest_brings_a_device_between_commands(void **state)
{
    const struct plan_command read = memory(BTAP_READ_MEMORY, 0x08000000, 4);
    struct bench bench;

    (void)state;
    set_up(&bench, "f405");
    replay_serial_fault(bench.serial, USART_SILENCE, 0x11, USART_ADDRESS);
    begin(&bench);
    assert_int_equal(perform(&bench, &read), HOST_ANSWERED);
    replay_serial_clear(bench.serial);
    host_usart.rest(bench.host);
    assert_string_equal(bench.serial->text, "> 7F > 7F < 1F ");
    assert_int_equal(bench.serial->device.length, 0);
    replay_serial_clear(bench.serial);
    host_usart.rest(bench.host);
    assert_string_equal(bench.serial->text, "");
    tear_down(&bench);
}

/** A device that does not come back from a reset is told, and nothing else is sent. */
static void a_device_that_stays_away(void **state)
{
    static const struct host_options brief = {.patience = 1 * MS};
    const struct plan_command wipe = own(BTAP_READOUT_UNPROTECT);
    const struct plan_command id = own(BTAP_GET_ID);
    struct bench bench;

    (void)state;
    set_up_as(&bench, "f405", &brief);
    begin(&bench);
    bench.serial->device.config.faults[0] =
        (struct usart_fault){.kind = USART_SILENCE, .opcode = -1, .phase = USART_SYNC, .times = 0};
    bench.serial->device.config.faults_length = 1;
    bench.serial->now_us = 0;
    assert_int_equal(perform(&bench, &wipe), HOST_ANSWERED);
    assert_int_equal(perform(&bench, &id), HOST_GONE);
    assert_null(strstr(bench.serial->text, "02 FD"));
    tear_down(&bench);
}

/* What cannot be sent */

static void the_port_vanishes_at_any_byte(void **state)
{
    const struct plan_command write = write_of(0x08000004, four, 4);

    (void)state;
    for (size_t bytes = 2; bytes <= 14; bytes++) {
        struct bench bench;

        set_up(&bench, "f405");
        bench.serial->gone_after = bytes;
        begin(&bench);
        assert_int_equal(perform(&bench, &write), HOST_GONE);
        assert_int_equal(bench.serial->sent, bytes);
        tear_down(&bench);
    }
}

static void what_is_no_command_is_not_sent(void **state)
{
    static const uint8_t bytes[257] = {0};
    static const uint16_t page_256[] = {256};
    struct plan_command rows[18];
    size_t length = 0;
    struct bench bench;

    (void)state;
    rows[length] = own(BTAP_COMMAND_UNKNOWN);
    rows[length].transaction.has = BTAP_HAS_OPCODE;
    rows[length++].transaction.opcode = 0x06;
    rows[length] = own(BTAP_GET);
    rows[length++].transaction.has = 0;
    rows[length++] = memory(BTAP_READ_MEMORY, 0x08000000, 257);
    rows[length++] = memory(BTAP_READ_MEMORY, 0x08000000, 0);
    rows[length++] = own(BTAP_READ_MEMORY);
    rows[length++] = write_of(0x08000000, bytes, 257);
    rows[length++] = write_of(0x08000000, NULL, 4);
    rows[length] = write_of(0x08000000, bytes, 8);
    rows[length++].payload_length = 4;
    rows[length++] = own(BTAP_GO);
    rows[length++] = list_of(BTAP_ERASE, BTAP_ERASE_PAGES, page_256, 1);
    rows[length++] = list_of(BTAP_ERASE, BTAP_ERASE_BANK1, NULL, 0);
    rows[length++] = list_of(BTAP_EXTENDED_ERASE, BTAP_ERASE_PAGES, NULL, 0);
    rows[length++] = list_of(BTAP_EXTENDED_ERASE, BTAP_ERASE_RESERVED, NULL, 0);
    rows[length++] = own(BTAP_WRITE_PROTECT);
    rows[length++] = memory(BTAP_GET_CHECKSUM, 0x08000000, 6);
    rows[length] = special_of(BTAP_SPECIAL);
    rows[length++].transaction.sent_length = 129;
    rows[length] = special_of(BTAP_EXTENDED_SPECIAL);
    rows[length++].transaction.sent2_length = 1025;
    rows[length++] = host_own_command(BTAP_DFU, BTAP_ERASE);
    assert_int_equal(length, COUNT_OF(rows));

    set_up(&bench, "g474");
    begin(&bench);
    for (size_t i = 0; i < length; i++) {
        assert_int_equal(host_usart.perform(bench.host, &rows[i], &bench.answer), HOST_REFUSED);
        assert_string_equal(bench.serial->text, "");
    }
    tear_down(&bench);
}

/** A recorded command that the device refused tells no more than was sent; nothing is made up. */
static void a_recorded_refusal_is_sent_as_far_as_it_went(void **state)
{
    struct plan_command write = own(BTAP_WRITE_MEMORY);
    const struct plan_command id = own(BTAP_GET_ID);
    struct bench bench;

    (void)state;
    write.origin = PLAN_RECORDED;
    write.transaction.status = BTAP_NACK;
    write.transaction.phase = BTAP_PHASE_COMMAND;
    set_up(&bench, "f405");
    bench.serial->device.config.read_protected = true;
    begin(&bench);
    assert_performed(&bench, &write, "nack (command)", "> 31 CE < 1F ");
    replay_serial_judge(bench.serial, &bench.answer.transaction);
    tear_down(&bench);
    /* A device that takes it waits for an address, and gets no byte more. */
    set_up(&bench, "f405");
    begin(&bench);
    assert_performed(&bench, &write, "incomplete (address)", "> 31 CE < 79 ");
    replay_serial_clear(bench.serial);
    assert_int_equal(perform(&bench, &id), HOST_GONE);
    host_usart.rest(bench.host);
    assert_string_equal(bench.serial->text, "");
    tear_down(&bench);
}

/** A command that its device refused at a phase; nothing of it behind that is known. */
static struct plan_command refused(enum btap_command command, enum btap_phase phase, uint32_t has)
{
    struct plan_command one = own(command);

    one.origin = PLAN_RECORDED;
    one.transaction.has |= has;
    one.transaction.address = 0x08000000;
    one.transaction.length = 8;
    one.transaction.polynomial = 0x04c11db7;
    one.transaction.subcommand = 1;
    one.transaction.status = BTAP_NACK;
    one.transaction.phase = phase;
    return one;
}

/** AN3155 section 3: each group of bytes up to the one that was refused, and none behind it. */
static void each_refusal_is_sent_as_far_as_it_went(void **state)
{
    static const struct {
        const char *product;
        enum btap_command command;
        enum btap_phase phase;
        uint32_t has;
        const char *outcome;
        const char *text;
    } rows[] = {
        {"f405", BTAP_READ_MEMORY, BTAP_PHASE_COMMAND, 0, "incomplete (address)", "> 11 EE < 79 "},
        {"f405", BTAP_READ_MEMORY, BTAP_PHASE_ADDRESS, BTAP_HAS_ADDRESS, "incomplete (length)",
         "> 11 EE < 79 > 08 00 00 00 08 < 79 "},
        {"f405", BTAP_GO, BTAP_PHASE_COMMAND, 0, "incomplete (address)", "> 21 DE < 79 "},
        {"f405", BTAP_WRITE_MEMORY, BTAP_PHASE_ADDRESS, BTAP_HAS_ADDRESS, "incomplete (length)",
         "> 31 CE < 79 > 08 00 00 00 08 < 79 "},
        {"f103", BTAP_ERASE, BTAP_PHASE_COMMAND, 0, "incomplete (length)", "> 43 BC < 79 "},
        {"f405", BTAP_EXTENDED_ERASE, BTAP_PHASE_COMMAND, 0, "incomplete (length)",
         "> 44 BB < 79 "},
        {"f405", BTAP_WRITE_PROTECT, BTAP_PHASE_COMMAND, 0, "incomplete (length)", "> 63 9C < 79 "},
        {"g474", BTAP_SPECIAL, BTAP_PHASE_COMMAND, 0, "incomplete (subcommand)", "> 50 AF < 79 "},
        {"g474", BTAP_EXTENDED_SPECIAL, BTAP_PHASE_SUBCOMMAND, BTAP_HAS_SUBCOMMAND,
         "incomplete (length)", "> 51 AE < 79 > 00 01 01 < 79 "},
        {"g474", BTAP_GET_CHECKSUM, BTAP_PHASE_LENGTH, BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH,
         "incomplete (polynomial)", "> A1 5E < 79 > 08 00 00 00 08 < 79 > 00 00 00 02 02 < 79 "},
        {"g474", BTAP_GET_CHECKSUM, BTAP_PHASE_POLYNOMIAL,
         BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH | BTAP_HAS_POLYNOMIAL, "incomplete (initial)",
         "> A1 5E < 79 > 08 00 00 00 08 < 79 > 00 00 00 02 02 < 79 > 04 C1 1D B7 6F < 79 "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct plan_command command = refused(rows[i].command, rows[i].phase, rows[i].has);
        struct bench bench;

        set_up(&bench, rows[i].product);
        begin(&bench);
        assert_performed(&bench, &command, rows[i].outcome, rows[i].text);
        tear_down(&bench);
    }
}

/** As recorded, too: what follows must not complete a command of which a part was allowed. */
static void half_a_command_is_not_completed_as_recorded(void **state)
{
    static const char *const silence[] = {"79", "", NULL};
    struct plan_command erase = refused(BTAP_EXTENDED_ERASE, BTAP_PHASE_COMMAND, 0);
    const struct plan_command id = own(BTAP_GET_ID);
    struct bench bench;

    (void)state;
    erase.transaction.status = BTAP_NO_REPLY;
    set_up_as(&bench, NULL, &(struct host_options){.as_recorded = true});
    bench.serial->script = silence;
    begin(&bench);
    assert_performed(&bench, &erase, "no-reply (command)", "> 44 BB ");
    assert_int_equal(perform(&bench, &id), HOST_GONE);
    assert_string_equal(bench.serial->text, "");
    tear_down(&bench);
}

/** As recorded: what was recorded is sent, in whatever state the device is. */
static void as_recorded_nothing_is_added(void **state)
{
    const struct plan_command write = write_of(0x08000004, four, 4);
    const struct plan_command id = own(BTAP_GET_ID);
    struct bench bench;

    (void)state;
    set_up_as(&bench, "f405", &(struct host_options){.as_recorded = true});
    replay_serial_fault(bench.serial, USART_SILENCE, 0x31, USART_DATA);
    begin(&bench);
    assert_int_equal(perform(&bench, &write), HOST_ANSWERED);
    assert_performed(&bench, &id, "ok", "> 02 FD < 79 01 04 13 79 ");
    tear_down(&bench);
}

/* How long is waited: the figures of patience.c's sources, and never less than decoders take for
 * giving up (5 s, 40 s). */
static void patience_by_command_and_product(void **state)
{
    const struct btap_product *f405 = btap_product_by_pid(0x413); /* 1 MiB */
    const struct btap_product *f429 = btap_product_by_pid(0x419); /* 2 MiB */
    struct plan_command mass = list_of(BTAP_EXTENDED_ERASE, BTAP_ERASE_MASS, NULL, 0);
    struct plan_command list = list_of(BTAP_EXTENDED_ERASE, BTAP_ERASE_PAGES, pages, 2);
    const struct plan_command wipe = own(BTAP_READOUT_UNPROTECT);
    const struct plan_command write = write_of(0x08000000, four, 4);
    const struct plan_command special = special_of(BTAP_SPECIAL);
    struct plan_command crc = checksum_of(false);

    (void)state;
    assert_int_equal(patience_for_work(&mass.transaction, f405), 40 * SECOND);
    assert_int_equal(patience_for_work(&mass.transaction, f429), 75 * SECOND);
    assert_int_equal(patience_for_work(&mass.transaction, NULL), 75 * SECOND);
    assert_int_equal(patience_for_work(&wipe.transaction, f429), 75 * SECOND);
    assert_int_equal(patience_for_work(&list.transaction, f429), 40 * SECOND);
    list.transaction.list_length = 12;
    assert_int_equal(patience_for_work(&list.transaction, f429), 60 * SECOND);
    list.transaction.list_length = 1000;
    assert_int_equal(patience_for_work(&list.transaction, f429), 75 * SECOND);
    assert_int_equal(patience_for_work(&write.transaction, f405), 5 * SECOND);
    assert_int_equal(patience_for_work(&special.transaction, f405), 40 * SECOND);
    assert_int_equal(patience_for_work(&crc.transaction, f405), 10 * SECOND);
    crc.transaction.length = UINT32_MAX - 3;
    assert_int_equal(patience_for_work(&crc.transaction, f405), 40 * SECOND);
    assert_int_equal(patience_for_answer(BTAP_USART), 5 * SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_asks),
        cmocka_unit_test(what_was_answered_is_told),
        cmocka_unit_test(what_writes_and_erases),
        cmocka_unit_test(what_protects),
        cmocka_unit_test(a_device_that_reset_is_synchronised_again),
        cmocka_unit_test(a_write_to_option_bytes_resets),
        cmocka_unit_test(a_checksum_in_every_form),
        cmocka_unit_test(a_checksum_that_looks_like_an_answer),
        cmocka_unit_test(what_is_special),
        cmocka_unit_test(a_long_status),
        cmocka_unit_test(a_nack_at_every_answer),
        cmocka_unit_test(two_nacks_at_every_answer),
        cmocka_unit_test(silence_at_every_answer),
        cmocka_unit_test(garbage_at_every_answer),
        cmocka_unit_test(a_glitch_before_every_answer),
        cmocka_unit_test(a_late_answer_everywhere),
        cmocka_unit_test(replies_that_are_short_or_wrong),
        cmocka_unit_test(two_nacks_under_read_protection),
        cmocka_unit_test(an_application_that_talks),
        cmocka_unit_test(sync_as_it_may_go),
        cmocka_unit_test(sync_as_recorded),
        cmocka_unit_test(a_synchronised_device_is_no_failure),
        cmocka_unit_test(a_line_that_echoes),
        cmocka_unit_test(bytes_with_parity_errors_are_bytes),
        cmocka_unit_test(a_harmless_doubt_is_cleared),
        cmocka_unit_test(a_doubt_that_is_not_harmless_ends_it),
        cmocka_unit_test(a_write_that_lost_a_byte_is_not_completed),
        cmocka_unit_test(a_late_answer_ends_the_doubt),
        cmocka_unit_test(a_late_answer_in_the_middle_does_not),
        cmocka_unit_test(a_late_ack_is_no_synchronism),
        cmocka_unit_test(rest_brings_a_device_between_commands),
        cmocka_unit_test(a_device_that_stays_away),
        cmocka_unit_test(the_port_vanishes_at_any_byte),
        cmocka_unit_test(what_is_no_command_is_not_sent),
        cmocka_unit_test(a_recorded_refusal_is_sent_as_far_as_it_went),
        cmocka_unit_test(each_refusal_is_sent_as_far_as_it_went),
        cmocka_unit_test(half_a_command_is_not_completed_as_recorded),
        cmocka_unit_test(as_recorded_nothing_is_added),
        cmocka_unit_test(patience_by_command_and_product),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
