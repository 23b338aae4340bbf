/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Faults on demand, from their text to the bytes on each wire. The bytes are written down from
 * AN3155, AN3156 and AN5405; 79 is ACK, 1F NACK.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "simulate/fault.h"
#include "test.h"

static struct part part;
static struct sim_faults faults;

static void prepare(enum sim_kind kind, const char *product, const char *text)
{
    part_free(&part);
    part_init(&part, part_find(product, kind));
    faults = (struct sim_faults){0};
    if (text != NULL)
        assert_true(faults_add(&faults, kind, text));
}

static int release(void **state)
{
    (void)state;
    part_free(&part);
    return 0;
}

/* -- usart -- */

static struct usart_device usart;
static char answers[4096];
static uint32_t longest_us;

static void on_bytes(void *context, uint32_t delay_us, const uint8_t *bytes, size_t length)
{
    (void)context;
    if (delay_us > longest_us)
        longest_us = delay_us;
    for (size_t i = 0; i < length; i++)
        snprintf(answers + strlen(answers), 4, "%02X ", bytes[i]);
}

/** An STM32G07x that is synchronised. */
static void usart_with(const char *fault)
{
    struct usart_device_config config = {.product = &part.usart, .memory = &part.memory};

    prepare(SIM_USART, "0x460", fault);
    config.synchronised = true;
    config.wrong_parity = faults.no_parity;
    config.lose_at = faults.lose_at;
    config.lose_count = faults.lose_count;
    config.flip_at = faults.flip_at;
    config.flip_mask = faults.flip_mask;
    config.faults_length = faults.usart_length;
    memcpy(config.faults, faults.usart, sizeof(config.faults));
    config.emit = on_bytes;
    usart_device_init(&usart, &config);
}

static void say(const char *host, const char *expected)
{
    uint8_t bytes[300];
    const size_t length = hex_parse(host, bytes, sizeof(bytes));

    answers[0] = '\0';
    longest_us = 0;
    for (size_t i = 0; i < length; i++)
        usart_device_receive(&usart, bytes[i]);
    if (answers[0] != '\0')
        answers[strlen(answers) - 1] = '\0';
    assert_string_equal(answers, expected);
}

#define GET_ID      "02 FD"
#define ID          "79 01 04 60 79"
#define READ        "11 EE"
#define FLASH_START "08 00 00 00 08"
#define ONE_BYTE    "00 FF"

static void usart_nacks_at_each_phase(void **state)
{
    (void)state;
    usart_with("nack@get-id");
    say(GET_ID, "1F");
    say(GET_ID, "1F");
    usart_with("nack@read-memory.address");
    say(READ, "79");
    say(FLASH_START, "1F");
    say(GET_ID, ID);
    usart_with("nack@read-memory.length");
    say(READ, "79");
    say(FLASH_START, "79");
    say(ONE_BYTE, "1F");
    usart_with("nack@write-memory.data");
    say("31 CE", "79");
    say(FLASH_START, "79");
    say("03 DE AD BE EF 21", "1F");
    usart_with("nack@extended-erase.data");
    say("44 BB", "79");
    say("FF FF 00", "1F");
    usart_with("two-nacks@go.address");
    say("21 DE", "79");
    say(FLASH_START, "1F 1F");
}

static void usart_counts(void **state)
{
    (void)state;
    usart_with("nack@get-id#2");
    say(GET_ID, ID);
    say(GET_ID, "1F");
    say(GET_ID, ID);
    usart_with("nack@get-id#2-3");
    say(GET_ID, ID);
    say(GET_ID, "1F");
    say(GET_ID, "1F");
    say(GET_ID, ID);
    usart_with("nack@get-id#2+");
    say(GET_ID, ID);
    say(GET_ID, "1F");
    say(GET_ID, "1F");
    /* Of any command: the second one of all. */
    usart_with("nack@any#2");
    say(GET_ID, ID);
    say("01 FE", "1F");
    say("01 FE", "79 31 00 00 79");
}

static void usart_answers_are_other_ones(void **state)
{
    (void)state;
    usart_with("silence@get-id#1");
    say(GET_ID, "");
    say(GET_ID, ID);
    usart_with("silence@get-id.reply#1");
    say(GET_ID, "79");
    say(GET_ID, ID);
    usart_with("byte=0x55@get-id");
    say(GET_ID, "55");
    usart_with("stray@get-id");
    say(GET_ID, "00 79 01 04 60 79");
    usart_with("stray=0xA5@get-id");
    say(GET_ID, "A5 79 01 04 60 79");
    usart_with("surplus=0xA5@read-memory.address");
    say(READ, "79");
    say(FLASH_START, "79 A5");
    usart_with("late=1500@get-id");
    say(GET_ID, ID);
    assert_int_equal(longest_us, 1500000);
    usart_with("unplug@read-memory.address#1");
    say(READ, "79");
    say(FLASH_START, "");
    assert_true(usart.unplugged);
    say(GET_ID, "");
}

static void usart_data_are_other_ones(void **state)
{
    (void)state;
    /* Erased flash reads FF. */
    usart_with("wrong@read-memory#2");
    say(READ, "79");
    say(FLASH_START, "79");
    say("01 FE", "79 FF FF");
    say(READ, "79");
    say(FLASH_START, "79");
    say("01 FE", "79 FF FE");
    usart_with("wrong=0x80@get-id");
    say(GET_ID, "79 01 04 60 F9");
    usart_with("short@get-id");
    say(GET_ID, "79 01 04 60");
    usart_with("short=200@get-id");
    say(GET_ID, "79");
}

static void usart_line(void **state)
{
    (void)state;
    /* The complement is lost; the next byte is taken for it. */
    usart_with("lose#2");
    say("02 FD", "");
    say("02", "1F");
    say(GET_ID, ID);
    usart_with("lose#1-4");
    say("02 FD 02 FD", "");
    say(GET_ID, ID);
    usart_with("flip=0x10#1");
    say(GET_ID, "1F");
    say(GET_ID, ID);
    /* Of a host without parity a byte with an odd number of ones passes, the others are errors:
     * 02 passes, FD too, and both together are no different from a command. */
    usart_with("parity");
    say("00", "1F");
    say("FF", "1F");
}

/* -- fdcan, can -- */

static struct can_device can;

static void on_frame(void *context, uint32_t delay_us, const struct sim_can_frame *frame)
{
    (void)context;
    if (delay_us > longest_us)
        longest_us = delay_us;
    snprintf(answers + strlen(answers), 8, "%03X#", frame->id);
    for (size_t i = 0; i < frame->length; i++)
        snprintf(answers + strlen(answers), 4, "%02X", frame->data[i]);
    strcat(answers, " ");
}

static void can_with(enum sim_kind kind, const char *product, const char *fault)
{
    struct can_device_config config = {
        .product = kind == SIM_CAN ? &part.can : &part.fdcan,
        .memory = &part.memory,
    };

    prepare(kind, product, fault);
    config.faults_length = faults.can_length;
    memcpy(config.faults, faults.can, sizeof(config.faults));
    config.emit = on_frame;
    can_device_init(&can, &config);
}

/** An STM32G47x. */
static void fdcan_with(const char *fault)
{
    can_with(SIM_FDCAN, "0x469", fault);
}

/** An STM32F105. */
static void classic_with(const char *fault)
{
    can_with(SIM_CAN, "0x418", fault);
}

static void frame(const char *host, const char *expected)
{
    struct sim_can_frame sent = {.fd = can.config.product == &part.fdcan};
    char *bytes;

    sent.rate_switch = sent.fd;
    sent.id = (uint32_t)strtoul(host, &bytes, 16);
    sent.length = (uint8_t)hex_parse(bytes + 1, sent.data, sizeof(sent.data));
    answers[0] = '\0';
    longest_us = 0;
    can_device_receive(&can, &sent);
    if (answers[0] != '\0')
        answers[strlen(answers) - 1] = '\0';
    assert_string_equal(answers, expected);
}

static void fdcan_faults(void **state)
{
    (void)state;
    fdcan_with(NULL);
    frame("002#", "002#79 002#0469 002#79");
    fdcan_with("nack@get-id#1");
    frame("002#", "002#1F");
    frame("002#", "002#79 002#0469 002#79");
    fdcan_with("silence@get-id");
    frame("002#", "");
    fdcan_with("byte=0x55@get-id");
    frame("002#", "002#55");
    fdcan_with("late=20@get-id");
    frame("002#", "002#79 002#0469 002#79");
    assert_int_equal(longest_us, 20000);
    fdcan_with("wrong@get-id");
    frame("002#", "002#79 002#0468 002#79");
    fdcan_with("short@get-id");
    frame("002#", "002#79 002#04 002#79");
    fdcan_with("silence@get-id.reply");
    frame("002#", "002#79");
    fdcan_with("nack@write-memory.data");
    frame("031#0800000003", "031#79");
    frame("031#DEADBEEF", "031#1F");
    fdcan_with("nack@go.address");
    frame("021#08000000", "021#79 021#1F");
    fdcan_with("nack@erase.operation");
    frame("044#FFFF", "044#79 044#1F");
    fdcan_with("unplug@write-memory.data");
    frame("031#0800000003", "031#79");
    frame("031#DEADBEEF", "");
    assert_true(can.unplugged);
    frame("002#", "");
}

/* Each answer that AN3154 has and AN5405 has not: to a frame of data, and to Speed twice. */
static void classic_can_faults(void **state)
{
    (void)state;
    classic_with("nack@write-memory.data#2");
    frame("031#080000000F", "031#79");
    frame("004#0102030405060708", "031#79");
    frame("004#0102030405060708", "031#1F");
    frame("002#", "002#79 002#0418 002#79"); /* it is over */
    classic_with("silence@write-memory.operation");
    frame("031#0800000007", "031#79");
    frame("004#0102030405060708", "031#79");
    classic_with("nack@erase.operation");
    frame("043#00", "043#79 043#1F");
    classic_with("nack@erase.data");
    frame("043#00", "043#79 043#79");
    frame("043#00", "043#1F");
    classic_with("silence@speed.operation");
    frame("003#04", "003#79");
    classic_with("nack@go");
    frame("021#08000000", "021#1F");
    classic_with("short@read-memory");
    frame("011#0800000009", "011#79 011#FFFFFFFFFFFFFFFF 011#FF 011#79");
    classic_with("late=20@any.data");
    frame("063#00", "063#79");
    frame("063#01", "063#79 063#79");
    assert_true(longest_us >= 20000);
}

/* -- dfu -- */

static struct dfu_device dfu;
static struct dfu_answer answer;
static sim_ns now;

/** An STM32F405. */
static void dfu_with(const char *fault)
{
    struct dfu_device_config config = {.product = &part.dfu, .memory = &part.memory};

    prepare(SIM_DFU, "0x413", fault);
    config.firmware_corrupt = faults.corrupt;
    config.faults_length = faults.dfu_length;
    memcpy(config.faults, faults.dfu, sizeof(config.faults));
    dfu_device_init(&dfu, &config);
    now = 0;
}

static enum dfu_outcome request(uint8_t type, uint8_t number, uint16_t value, const char *data,
                                uint16_t in_length)
{
    uint8_t bytes[64];
    const size_t length = hex_parse(data, bytes, sizeof(bytes));
    const struct usb_setup setup = {type, number, value, 0,
                                    in_length > 0 ? in_length : (uint16_t)length};

    dfu_device_request(&dfu, now, &setup, bytes, &answer);
    return answer.outcome;
}

static enum dfu_outcome download(uint16_t block, const char *data)
{
    return request(0x21, 1, block, data, 0);
}

/** GETSTATUS: bStatus, bwPollTimeout and bState. */
static void status_is(unsigned status, unsigned poll, unsigned state)
{
    assert_int_equal(request(0xA1, 3, 0, "", 6), DFU_DONE);
    assert_int_equal(answer.data[0], status);
    assert_int_equal(answer.data[1] | answer.data[2] << 8 | answer.data[3] << 16, poll);
    assert_int_equal(answer.data[4], state);
}

enum { IDLE = 2, BUSY = 4, DNLOAD_IDLE = 5, ERROR = 10 };

#define ERASE_FIRST "41 00 00 00 08"
#define SET_FIRST   "21 00 00 00 08"

static void dfu_stalls_and_errors(void **state)
{
    (void)state;
    dfu_with("stall@erase#2");
    assert_int_equal(download(0, ERASE_FIRST), DFU_DONE);
    status_is(0, 20, BUSY);
    now += 20 * SIM_MS;
    status_is(0, 20, DNLOAD_IDLE);
    assert_int_equal(download(0, ERASE_FIRST), DFU_STALLED);
    status_is(15, 20, ERROR);
    dfu_with("stall@erase.status");
    assert_int_equal(download(0, ERASE_FIRST), DFU_DONE);
    assert_int_equal(request(0xA1, 3, 0, "", 6), DFU_STALLED);
    /* The status by its name, and by its number: errWRITE is 3, errPROG 6. */
    dfu_with("error=errWRITE@write-memory");
    assert_int_equal(download(2, "01 02 03 04"), DFU_DONE);
    status_is(0, 5, BUSY);
    now += 5 * SIM_MS;
    status_is(3, 5, ERROR);
    dfu_with("error=6@set-address");
    assert_int_equal(download(0, SET_FIRST), DFU_DONE);
    status_is(0, 5, BUSY);
    now += 5 * SIM_MS;
    status_is(6, 5, ERROR);
    /* AN3156 section 4.1: errVENDOR (11) */
    dfu_with("error@read-memory");
    assert_int_equal(request(0xA1, 2, 2, "", 16), DFU_STALLED);
    status_is(11, 0, ERROR);
    dfu_with("corrupt");
    status_is(10, 0, ERROR);
}

static void dfu_times(void **state)
{
    (void)state;
    dfu_with("busy=3000@erase");
    assert_int_equal(download(0, ERASE_FIRST), DFU_DONE);
    status_is(0, 20, BUSY);
    now += 2999 * SIM_MS;
    status_is(0, 20, BUSY);
    now += SIM_MS;
    status_is(0, 20, DNLOAD_IDLE);
    dfu_with("poll=700@erase#1");
    assert_int_equal(download(0, ERASE_FIRST), DFU_DONE);
    status_is(0, 700, BUSY);
    now += 20 * SIM_MS;
    status_is(0, 700, DNLOAD_IDLE);
    assert_int_equal(download(0, ERASE_FIRST), DFU_DONE);
    status_is(0, 20, BUSY);
    dfu_with("late=40@get-state");
    assert_int_equal(request(0xA1, 5, 0, "", 1), DFU_DONE);
    assert_int_equal(answer.delay_ms, 40);
    assert_int_equal(answer.data[0], IDLE);
}

static void dfu_data_and_absence(void **state)
{
    (void)state;
    dfu_with("wrong@read-memory#2");
    assert_int_equal(request(0xA1, 2, 2, "", 16), DFU_DONE);
    assert_int_equal(answer.data[15], 0xFF);
    assert_int_equal(request(0xA1, 2, 3, "", 16), DFU_DONE);
    assert_int_equal(answer.data[15], 0xFE);
    dfu_with("short=5@read-memory");
    assert_int_equal(request(0xA1, 2, 2, "", 16), DFU_DONE);
    assert_int_equal(answer.length, 11);
    dfu_with("silence@clear-status");
    assert_int_equal(request(0x21, 4, 0, "", 0), DFU_NO_ANSWER);
    dfu_with("unplug@write-memory#2");
    assert_int_equal(download(2, "01"), DFU_DONE);
    status_is(0, 5, BUSY);
    now += 5 * SIM_MS;
    status_is(0, 5, DNLOAD_IDLE);
    assert_int_equal(download(3, "01"), DFU_LEFT_BUS);
    assert_true(dfu.unplugged);
    assert_int_equal(request(0xA1, 5, 0, "", 1), DFU_LEFT_BUS);
}

/* -- what is no fault -- */

static void refuses(void **state)
{
    static const struct {
        enum sim_kind kind;
        const char *text;
    } wrong[] = {
        {SIM_USART, ""},
        {SIM_USART, "nack"},
        {SIM_USART, "nack@"},
        {SIM_USART, "nick@get"},
        {SIM_USART, "nack@got"},
        {SIM_USART, "nack@get.address"},
        {SIM_USART, "nack@get."},
        {SIM_USART, "nack@get.reply"},
        {SIM_USART, "nack@get#"},
        {SIM_USART, "nack@get#0"},
        {SIM_USART, "nack@get#x"},
        {SIM_USART, "nack@get#3-2"},
        {SIM_USART, "nack@get#-2"},
        {SIM_USART, "nack@get#3-"},
        {SIM_USART, "nack@get#99999999999"},
        {SIM_USART, "nack@get#3 "},
        {SIM_USART, "nack=1@get"},
        {SIM_USART, "nack@get=1"},
        {SIM_USART, "late@get"},
        {SIM_USART, "late=@get"},
        {SIM_USART, "late=-1@get"},
        {SIM_USART, "late=3600001@get"},
        {SIM_USART, "byte@get"},
        {SIM_USART, "byte=0x100@get"},
        {SIM_USART, "byte=1x@get"},
        {SIM_USART, "wrong@write-memory"},
        {SIM_USART, "lose"},
        {SIM_USART, "lose@get#3"},
        {SIM_USART, "parity#3"},
        {SIM_USART, "parity@get"},
        {SIM_USART, "stall@get"},
        {SIM_FDCAN, "nack@read-memory.address"},
        {SIM_FDCAN, "parity"},
        {SIM_FDCAN, "nack@extended-erase"},
        {SIM_FDCAN, "nack@write-memory.length"},
        {SIM_FDCAN, "nack@speed"},
        {SIM_CAN, "nack@go.address"},
        {SIM_CAN, "nack@special"},
        {SIM_DFU, "nack@erase"},
        {SIM_DFU, "error=errNONE@erase"},
        {SIM_DFU, "error=16@erase"},
        {SIM_DFU, "error@abort"},
        {SIM_DFU, "error@erase.status"},
        {SIM_DFU, "busy=3@read-memory"},
        {SIM_DFU, "wrong@write-memory"},
        {SIM_DFU, "stall@any"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        faults = (struct sim_faults){0};
        if (faults_add(&faults, wrong[i].kind, wrong[i].text))
            fail_msg("'%s' is taken for a fault", wrong[i].text);
        assert_int_equal(faults.usart_length + faults.can_length + faults.dfu_length, 0);
    }
}

static void there_is_room_for_sixteen(void **state)
{
    (void)state;
    faults = (struct sim_faults){0};
    for (int i = 0; i < 16; i++)
        assert_true(faults_add(&faults, SIM_USART, "nack@get"));
    assert_false(faults_add(&faults, SIM_USART, "nack@get"));
}

/* An STM32G07x has Extended Erase, an STM32F10x Erase (AN3155 section 3.1). */
static void the_product_must_have_the_command(void **state)
{
    (void)state;
    prepare(SIM_USART, "0x460", "nack@extended-erase");
    assert_true(faults_fit(&faults, &part.usart));
    prepare(SIM_USART, "0x460", "nack@erase");
    assert_false(faults_fit(&faults, &part.usart));
    prepare(SIM_USART, "0x410", "nack@erase");
    assert_true(faults_fit(&faults, &part.usart));
    prepare(SIM_USART, "0x410", "nack@any");
    assert_true(faults_fit(&faults, &part.usart));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usart_nacks_at_each_phase),
        cmocka_unit_test(usart_counts),
        cmocka_unit_test(usart_answers_are_other_ones),
        cmocka_unit_test(usart_data_are_other_ones),
        cmocka_unit_test(usart_line),
        cmocka_unit_test(fdcan_faults),
        cmocka_unit_test(classic_can_faults),
        cmocka_unit_test(dfu_stalls_and_errors),
        cmocka_unit_test(dfu_times),
        cmocka_unit_test(dfu_data_and_absence),
        cmocka_unit_test(refuses),
        cmocka_unit_test(there_is_room_for_sixteen),
        cmocka_unit_test(the_product_must_have_the_command),
    };

    return cmocka_run_group_tests(tests, NULL, release);
}
