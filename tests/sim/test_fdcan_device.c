/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The simulated FDCAN device against frames written down from AN5405 and from what ST's Open
 * Bootloader and real ROMs were seen to do.
 */
#include "hex.h"
#include "products.h"
#include "simulate/fdcan_device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct fdcan_device device;
static char answers[4096]; /**< `ID#BYTES` with a space between frames */

static void on_emit(void *context, uint32_t delay_us, const struct sim_can_frame *frame)
{
    size_t used = strlen(answers);

    (void)context;
    (void)delay_us;
    assert_true(frame->fd && frame->rate_switch && !frame->extended);
    used += (size_t)snprintf(answers + used, sizeof(answers) - used, "%s%03X#", used ? " " : "",
                             frame->id);
    for (size_t i = 0; i < frame->length; i++)
        used += (size_t)snprintf(answers + used, sizeof(answers) - used, "%02X", frame->data[i]);
}

static void power_on(const char *product, struct fdcan_device_config config)
{
    config.product = fdcan_product_by_name(product);
    config.emit = on_emit;
    fdcan_device_init(&device, &config);
}

/** Sends one frame `ID#BYTES` and compares all that comes back. */
static void exchange(const char *host, const char *expected)
{
    struct sim_can_frame frame = {.fd = true, .rate_switch = true};
    char *bytes;

    frame.id = (uint32_t)strtoul(host, &bytes, 16);
    frame.length = (uint8_t)hex_parse(bytes + 1, frame.data, sizeof(frame.data));
    answers[0] = '\0';
    fdcan_device_receive(&device, &frame);
    assert_string_equal(answers, expected);
}

/* AN5405 section 3.1: one byte a frame, N = number of opcodes. */
static void get(void **state)
{
    (void)state;
    power_on("l552", (struct fdcan_device_config){0});
    exchange("000#", "000#79 000#0B 000#10 000#00 000#01 000#02 000#11 000#21 000#31 000#44 000#63 "
                     "000#73 000#82 000#92 000#79");
    exchange("001#", "001#79 001#10 001#0000 001#79");
    exchange("002#", "002#79 002#0472 002#79");
}

/* The whole identifier, the opcode, 0x111, and the H7's two. */
static void reply_identifiers(void **state)
{
    (void)state;
    power_on("g474", (struct fdcan_device_config){0});
    exchange("502#", "502#79 502#0469 502#79");
    power_on("g474", (struct fdcan_device_config){.replies = FDCAN_REPLY_OPCODE});
    exchange("502#", "002#79 002#0469 002#79");
    exchange("092#", "111#79 111#79");
    power_on("g474", (struct fdcan_device_config){.replies = FDCAN_REPLY_111});
    exchange("002#", "111#79 111#0469 111#79");
    power_on("g474", (struct fdcan_device_config){.replies = FDCAN_REPLY_H7});
    exchange("502#", "002#79 002#0469 002#79");
    exchange("511#6000000003", "511#1F");
}

/* Section 3.6: one ACK, data frames without any, one ACK. Section 3.4: 64 bytes, padded with FF. */
static void write_and_read(void **state)
{
    char expected[512] = "011#79 011#1122334455";

    (void)state;
    power_on("g474", (struct fdcan_device_config){0});
    exchange("031#0800000004", "031#79");
    exchange("031#1122334455667788", "031#79"); /* the last three are padding */
    for (int i = 5; i < 64; i++)
        strcat(expected, "FF");
    strcat(expected, " 011#79");
    exchange("011#0800000004", expected);
    device.config.short_last_frame = true;
    exchange("011#0800000004", "011#79 011#1122334455 011#79");
    exchange("011#0800000008", "011#79 011#1122334455FFFFFFFFFFFFFF 011#79"); /* 9: 12 is legal */
}

/* Section 3.7: exact N, three ACKs; codes two; reserved ones ACK, NACK. */
static void erase(void **state)
{
    (void)state;
    power_on("g474", (struct fdcan_device_config){0});
    device.memory.flash[0] = device.memory.flash[2048] = 0x55;
    exchange("044#0001", "044#79 044#79");
    exchange("044#0001", "044#79");
    assert_int_equal(device.memory.flash[0], 0x55);
    assert_int_equal(device.memory.flash[2048], 0xFF);
    exchange("044#FFFF", "044#79 044#79");
    assert_int_equal(device.memory.flash[0], 0xFF);
    exchange("044#FFF0", "044#79 044#1F");
}

/* One NACK for what protection forbids, in place of the ACK; the H7 keeps silent. */
static void read_protection(void **state)
{
    (void)state;
    power_on("g474", (struct fdcan_device_config){.read_protected = true});
    exchange("011#0800000003", "011#1F");
    exchange("044#FFFF", "044#1F");
    exchange("002#", "002#79 002#0469 002#79");
    exchange("092#", "092#79 092#79");
    exchange("082#00", "082#79 082#79"); /* with a dummy byte */
    device.config.silent_if_protected = true;
    exchange("011#0800000003", "");
}

/* Table 3: V2.2 wants 0x111 [5A] first; earlier ones read 0x5A000000. V2.1: one byte only. */
static void detection(void **state)
{
    (void)state;
    power_on("c092", (struct fdcan_device_config){.detection_required = true});
    exchange("002#", "");
    exchange("111#5A", "111#79");
    exchange("002#", "002#79 002#044D 002#79");
    exchange("502#", "502#1F");
    power_on("g474", (struct fdcan_device_config){0});
    exchange("111#5A", "111#1F");
}

static void go_and_write_protect(void **state)
{
    (void)state;
    power_on("g474", (struct fdcan_device_config){0});
    exchange("063#020102", "063#79 063#79");
    device.config.sectors_apart = true;
    exchange("063#02", "063#79");
    exchange("063#020102", "063#79");
    exchange("021#60000000", "021#79 021#1F");
    exchange("021#08000000", "021#79 021#79");
    exchange("002#", "");
}

static void special(void **state)
{
    (void)state;
    power_on("g474", (struct fdcan_device_config){0});
    exchange("050#0001", "050#79 050#79");
    exchange("050#0002", "");
    exchange("050#AABB", "050#79 050#0000000100 050#79");
    exchange("050#1234", "050#79 050#1F");
    exchange("050#0001", "050#79 050#79");
    exchange("050#0081", "050#1F");
    exchange("051#0001", "051#79 051#79");
    exchange("051#0000", "051#79");
    exchange("051#0001", "");
    exchange("051#55", "051#79 051#000100 051#79");
}

static void other_frames(void **state)
{
    struct sim_can_frame classic = {.id = 0x002};

    (void)state;
    power_on("g474", (struct fdcan_device_config){0});
    answers[0] = '\0';
    fdcan_device_receive(&device, &classic);
    assert_string_equal(answers, "");
    exchange("0A1#", "0A1#1F");
}

/* The Open Bootloader reads one frame of 64 bytes, whatever N is: page 33 of 33 is what Write left
 * at byte 64 of the buffer. */
static void erase_more_than_a_frame(void **state)
{
    struct sim_can_frame half = {.id = 0x31, .fd = true, .length = 64};

    (void)state;
    power_on("g474", (struct fdcan_device_config){.one_list_frame = true});
    exchange("031#0800000043", "031#79"); /* 68 bytes: two frames */
    memset(half.data, 0, sizeof(half.data));
    answers[0] = '\0';
    fdcan_device_receive(&device, &half);
    assert_string_equal(answers, "");
    exchange("031#00050000", "031#79");
    device.memory.flash[2 * 2048] = 0x55; /* page 2 */
    device.memory.flash[5 * 2048] = 0x55;
    device.memory.flash[6 * 2048] = 0x55;
    exchange("044#0021", "044#79 044#79");
    exchange("044#00020002000200020002000200020002000200020002000200020002000200020002000200020002"
             "000200020002000200020002000200020002000200020002",
             "044#79");
    assert_int_equal(device.memory.flash[2 * 2048], 0xFF);
    assert_int_equal(device.memory.flash[5 * 2048], 0xFF);
    assert_int_equal(device.memory.flash[6 * 2048], 0x55);
    exchange("002#", "002#79 002#0469 002#79");
}

/* Each command that changes option bytes ends in a reset, and with V2.2 in silence. */
static void detection_after_reset(void **state)
{
    static const char *const commands[][2] = {
        {"063#0105", "063#79 063#79"},
        {"073#", "073#79 073#79"},
        {"082#", "082#79 082#79"},
        {"092#", "092#79 092#79"},
    };

    (void)state;
    power_on("c092", (struct fdcan_device_config){.detection_required = true});
    for (size_t i = 0; i < SIM_COUNT(commands); i++) {
        exchange("111#5A", "111#79");
        exchange(commands[i][0], commands[i][1]);
        exchange("002#", "");
    }
    exchange("111#5A", "111#79");
    device.config.sectors_apart = true;
    exchange("063#01", "063#79");
    exchange("063#0105", "063#79");
    exchange("002#", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get),
        cmocka_unit_test(reply_identifiers),
        cmocka_unit_test(write_and_read),
        cmocka_unit_test(erase),
        cmocka_unit_test(erase_more_than_a_frame),
        cmocka_unit_test(read_protection),
        cmocka_unit_test(detection),
        cmocka_unit_test(detection_after_reset),
        cmocka_unit_test(go_and_write_protect),
        cmocka_unit_test(special),
        cmocka_unit_test(other_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
