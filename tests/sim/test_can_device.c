/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The simulated device on CAN, of FDCAN and of classic CAN, against frames written down from AN5405
 * and AN3154, and from what ST's Open Bootloader and real ROMs were seen to do.
 */
#include "hex.h"
#include "products.h"
#include "simulate/can_device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct can_device device;
static bool is_fd;         /**< the device's frames are FD frames */
static char answers[4096]; /**< `ID#BYTES` with a space between frames */

static void on_emit(void *context, uint32_t delay_us, const struct sim_can_frame *frame)
{
    size_t used = strlen(answers);

    (void)context;
    (void)delay_us;
    assert_true(frame->fd == is_fd && frame->rate_switch == is_fd && !frame->extended);
    used += (size_t)snprintf(answers + used, sizeof(answers) - used, "%s%03X#", used ? " " : "",
                             frame->id);
    for (size_t i = 0; i < frame->length; i++)
        used += (size_t)snprintf(answers + used, sizeof(answers) - used, "%02X", frame->data[i]);
}

static void power_on(const char *product, struct can_device_config config)
{
    config.product = can_product_by_name(product);
    config.emit = on_emit;
    is_fd = config.product->dialect == &can_dialect_fd;
    can_device_init(&device, &config);
}

/** Sends one frame `ID#BYTES` and compares all that comes back. */
static void exchange(const char *host, const char *expected)
{
    struct sim_can_frame frame = {.fd = is_fd, .rate_switch = is_fd};
    char *bytes;

    frame.id = (uint32_t)strtoul(host, &bytes, 16);
    frame.length = (uint8_t)hex_parse(bytes + 1, frame.data, sizeof(frame.data));
    answers[0] = '\0';
    can_device_receive(&device, &frame);
    assert_string_equal(answers, expected);
}

/* AN5405 section 3.1: one byte a frame, N = number of opcodes. */
static void get(void **state)
{
    (void)state;
    power_on("l552", (struct can_device_config){0});
    exchange("000#", "000#79 000#0B 000#10 000#00 000#01 000#02 000#11 000#21 000#31 000#44 000#63 "
                     "000#73 000#82 000#92 000#79");
    exchange("001#", "001#79 001#10 001#0000 001#79");
    exchange("002#", "002#79 002#0472 002#79");
}

/* The whole identifier, the opcode, 0x111, and the H7's two. */
static void reply_identifiers(void **state)
{
    (void)state;
    power_on("g474", (struct can_device_config){0});
    exchange("502#", "502#79 502#0469 502#79");
    power_on("g474", (struct can_device_config){.replies = CAN_REPLY_OPCODE});
    exchange("502#", "002#79 002#0469 002#79");
    exchange("092#", "111#79 111#79");
    power_on("g474", (struct can_device_config){.replies = CAN_REPLY_111});
    exchange("002#", "111#79 111#0469 111#79");
    power_on("g474", (struct can_device_config){.replies = CAN_REPLY_H7});
    exchange("502#", "002#79 002#0469 002#79");
    exchange("511#6000000003", "511#1F");
}

/* Section 3.6: one ACK, data frames without any, one ACK. Section 3.4: 64 bytes, padded with FF. */
static void write_and_read(void **state)
{
    char expected[512] = "011#79 011#1122334455";

    (void)state;
    power_on("g474", (struct can_device_config){0});
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
    power_on("g474", (struct can_device_config){0});
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
    power_on("g474", (struct can_device_config){.read_protected = true});
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
    power_on("c092", (struct can_device_config){.detection_required = true});
    exchange("002#", "");
    exchange("111#5A", "111#79");
    exchange("002#", "002#79 002#044D 002#79");
    exchange("502#", "502#1F");
    power_on("g474", (struct can_device_config){0});
    exchange("111#5A", "111#1F");
}

static void go_and_write_protect(void **state)
{
    (void)state;
    power_on("g474", (struct can_device_config){0});
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
    power_on("g474", (struct can_device_config){0});
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
    power_on("g474", (struct can_device_config){0});
    answers[0] = '\0';
    can_device_receive(&device, &classic);
    assert_string_equal(answers, "");
    exchange("0A1#", "0A1#1F");
}

/* The Open Bootloader reads one frame of 64 bytes, whatever N is: page 33 of 33 is what Write left
 * at byte 64 of the buffer. */
static void erase_more_than_a_frame(void **state)
{
    struct sim_can_frame half = {.id = 0x31, .fd = true, .length = 64};

    (void)state;
    power_on("g474", (struct can_device_config){.one_list_frame = true});
    exchange("031#0800000043", "031#79"); /* 68 bytes: two frames */
    memset(half.data, 0, sizeof(half.data));
    answers[0] = '\0';
    can_device_receive(&device, &half);
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
    power_on("c092", (struct can_device_config){.detection_required = true});
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

/* Classic CAN. */

static void classic_on(struct can_device_config config)
{
    config.detection_required = true;
    power_on("f105", config);
    exchange("002#", "");
    exchange("079#", "079#79");
}

/* AN3154 section 1: identifier 0x79 without data; once more it is a command that there is not.
 * Sections 3.2 to 3.4: N = 12 commands, a byte a frame. */
static void classic_sync_and_get(void **state)
{
    struct sim_can_frame fd = {.id = 0x002, .fd = true};

    (void)state;
    classic_on((struct can_device_config){0});
    exchange("000#", "000#79 000#0C 000#20 000#00 000#01 000#02 000#03 000#11 000#21 000#31 000#43 "
                     "000#63 000#73 000#82 000#92 000#79");
    exchange("001#", "001#79 001#20 001#0000 001#79");
    exchange("002#", "002#79 002#0418 002#79");
    exchange("079#", "079#1F");
    exchange("004#0011223344556677", "004#1F");
    exchange("044#FFFF", "044#1F");
    answers[0] = '\0';
    can_device_receive(&device, &fd);
    assert_string_equal(answers, "");
}

static bool no_more_than_250k(void *context, uint32_t rate)
{
    (void)context;
    return rate <= 250000;
}

/* Section 3.5: 1 to 4; an ACK at the old rate, an ACK at the new one. */
static void classic_speed(void **state)
{
    (void)state;
    classic_on((struct can_device_config){0});
    exchange("003#01", "003#79 003#79");
    exchange("003#04", "003#79 003#79");
    exchange("003#00", "003#1F");
    exchange("003#05", "003#1F");
    device.config.has_rate = no_more_than_250k;
    exchange("003#02", "003#79 003#79");
    exchange("003#03", "003#1F");
}

/* Sections 3.6 and 3.8: 8 bytes a frame; of Write every frame is answered, and then all. */
static void classic_write_and_read(void **state)
{
    (void)state;
    classic_on((struct can_device_config){0});
    exchange("031#080000000A", "031#79");
    exchange("004#0102030405060708", "031#79");
    exchange("004#090A0B", "031#79 031#79");
    exchange("011#080000000A", "011#79 011#0102030405060708 011#090A0B 011#79");
    device.config.rest_by_bytes = true;
    exchange("011#080000000A", "011#79 011#0102030405060708 011#09 011#0A 011#0B 011#79");
    exchange("011#0800000007", "011#79 011#0102030405060708 011#79");
    exchange("031#6000000000", "031#1F");
    exchange("011#6000000000", "011#1F");
}

/* Section 3.9: N - 1, then a byte a page. ST's own code acknowledges each full frame of pages, and
 * what is left over with the erase. */
static void classic_erase(void **state)
{
    (void)state;
    classic_on((struct can_device_config){0});
    device.memory.flash[0] = device.memory.flash[2048] = device.memory.flash[8 * 2048] = 0x55;
    exchange("043#00", "043#79 043#79");
    exchange("043#01", "043#79");
    assert_int_equal(device.memory.flash[0], 0x55);
    assert_int_equal(device.memory.flash[2048], 0xFF);
    exchange("043#08", "043#79 043#79"); /* nine pages */
    exchange("043#0001020304050607", "043#79");
    assert_int_equal(device.memory.flash[0], 0x55);
    exchange("043#08", "043#79");
    assert_int_equal(device.memory.flash[0], 0xFF);
    assert_int_equal(device.memory.flash[8 * 2048], 0xFF);
    exchange("043#07", "043#79 043#79");
    exchange("043#0001020304050607", "043#79 043#79");
    device.memory.flash[0] = 0x55;
    exchange("043#FF", "043#79 043#79");
    assert_int_equal(device.memory.flash[0], 0xFF);
    device.config.three_mass_acks = true;
    exchange("043#FF", "043#79 043#79 043#79");
    device.config.one_list_ack = true;
    exchange("043#00", "043#79");
    exchange("043#00", "043#79");
}

/* Section 3.7: one answer. */
static void classic_go(void **state)
{
    (void)state;
    classic_on((struct can_device_config){0});
    exchange("021#60000000", "021#1F");
    exchange("021#08000000", "021#79");
    exchange("002#", "");
}

/* Sections 3.10 to 3.13: each ends in a reset, and that in silence until the next 0x79. Of nine
 * sectors the frames are answered, and then all. */
static void classic_protections(void **state)
{
    static const char *const commands[][2] = {
        {"073#", "073#79 073#79"},
        {"082#", "082#79 082#79"},
        {"092#", "092#79 092#79"},
    };

    (void)state;
    classic_on((struct can_device_config){0});
    exchange("063#08", "063#79");
    exchange("063#0001020304050607", "063#79");
    exchange("063#08", "063#79 063#79");
    for (size_t i = 0; i < SIM_COUNT(commands); i++) {
        exchange("002#", "");
        exchange("079#", "079#79");
        exchange(commands[i][0], commands[i][1]);
    }
    classic_on((struct can_device_config){.read_protected = true});
    exchange("002#", "002#79 002#0418 002#79");
    exchange("003#01", "003#79 003#79");
    exchange("011#0800000000", "011#1F");
    exchange("031#0800000000", "031#1F");
    exchange("043#FF", "043#1F");
    exchange("021#08000000", "021#1F");
    exchange("063#00", "063#1F");
    exchange("073#", "073#1F");
    exchange("082#", "082#1F");
    exchange("092#", "092#79 092#79");
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
        cmocka_unit_test(classic_sync_and_get),
        cmocka_unit_test(classic_speed),
        cmocka_unit_test(classic_write_and_read),
        cmocka_unit_test(classic_erase),
        cmocka_unit_test(classic_go),
        cmocka_unit_test(classic_protections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
