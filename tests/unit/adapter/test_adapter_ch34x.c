/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Expected rates, by hand: 48 MHz / (2^(12 - 3 ps - fact) x (256 - register 13)); ps is b0-1 of
 * register 12, fact its b2.
 */
#include "adapter_rig.h"
#include "test.h"

static void chip(struct rig *rig)
{
    rig_init(rig);
    rig_device(rig, 0x1a86, 0x7523, 0x0264);
    rig_interface(rig, 0, 0xff, 0x01);
    rig_endpoint(rig, 0x82, 0, 2, 32);
    rig_endpoint(rig, 0x02, 0, 2, 32);
    rig_endpoint(rig, 0x81, 0, 3, 8);
}

static void settings_of_115200_8e1(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_control(&rig, 0xc0, 0x5f, 0, 0, "3100");
    rig_control(&rig, 0x40, 0xa1, 0x0000, 0x0000, NULL);
    rig_control(&rig, 0x40, 0x9a, 0x1312, 0xcc83, NULL);
    rig_control(&rig, 0x40, 0x9a, 0x2518, 0x00db, NULL);
    rig_control(&rig, 0x40, 0x9a, 0x1312, 0xcc83, NULL);
    rig_control(&rig, 0x40, 0x9a, 0x2518, 0x00db, NULL);
    rig_expect(&rig, "0=115200-??? 0=115200-8E1");
}

static void rate_registers(void **state)
{
    static const struct {
        uint16_t registers;
        uint16_t values;
        const char *expected;
    } vectors[] = {
        {0x1312, 0xcc83, "0=115200-???"}, /* ps 3: 8 x 52, 115385 */
        {0x1213, 0x83cc, "0=115200-???"}, /* the other way round */
        {0x1312, 0x9883, "0=57600-???"},  /* 8 x 104, 57692 */
        {0x1312, 0xb282, "0=9600-???"},   /* ps 2: 64 x 78, 9615 */
        {0x1312, 0xd987, "0=307692-???"}, /* ps 3, fact: 4 x 39 */
        {0x1312, 0xf387, "0=921600-???"}, /* 4 x 13, 923077 */
        {0x1312, 0x6483, "0=38400-???"},  /* 8 x 156, 38462 */
        {0x1312, 0xcc03, "0=115200-???"}, /* b7 is no part of the rate */
        {0x1312, 0x0180, "0=46-???"},     /* ps 0: 4096 x 255 */
        {0x2c0f, 0xcc83, ""},             /* not the rate */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct rig rig;

        chip(&rig);
        rig_control(&rig, 0x40, 0x9a, vectors[i].registers, vectors[i].values, NULL);
        rig_expect(&rig, vectors[i].expected);
    }
}

static void one_rate_register_alone(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_control(&rig, 0x40, 0x9a, 0x0f13, 0x00cc, NULL); /* the prescaler is not known */
    rig_expect(&rig, "");
    rig_control(&rig, 0x40, 0x9a, 0x1312, 0xcc83, NULL);
    rig_control(&rig, 0x40, 0x9a, 0x0f13, 0x0098, NULL);
    rig_expect(&rig, "0=115200-??? 0=57600-???");
}

static void every_line_control(void **state)
{
    static const struct {
        uint16_t values;
        const char *expected;
    } vectors[] = {
        {0x00c3, "0=?-8N1"}, {0x00cb, "0=?-8O1"}, {0x00db, "0=?-8E1"},
        {0x00eb, "0=?-8M1"}, {0x00fb, "0=?-8S1"}, {0x00c7, "0=?-8N2"},
        {0x00c0, "0=?-5N1"}, {0x00c1, "0=?-6N1"}, {0x00c2, "0=?-7N1"},
    };
    struct rig rig;

    (void)state;
    chip(&rig);
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        rig_control(&rig, 0x40, 0x9a, 0x2518, vectors[i].values, NULL);
        rig_expect(&rig, vectors[i].expected);
    }
}

static void wch_driver_sets_all_at_once(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_control(&rig, 0x40, 0xa1, 0xdb9c, 0xcc83, NULL);
    rig_control(&rig, 0x40, 0xa1, 0xc39c, 0xb282, NULL);
    rig_control(&rig, 0x40, 0xa1, 0xdb00, 0xcc83, NULL); /* not its form */
    rig_control(&rig, 0x40, 0x91, 0xdb9c, 0xcc83, NULL);
    rig_control(&rig, 0xc0, 0xa1, 0xdb9c, 0xcc83, NULL);
    rig_expect(&rig, "0=115200-8E1 0=9600-8N1");
}

static void old_chips_are_8n1_whatever_is_asked(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_control(&rig, 0xc0, 0x5f, 0, 0, "2700");
    rig_control(&rig, 0x40, 0x9a, 0x1312, 0xcc83, NULL);
    rig_control(&rig, 0x40, 0x9a, 0x2518, 0x00db, NULL);
    rig_expect(&rig, "0=?-8N1 0=115200-8N1");
    /* 30 is the first that does as it is told; other answers hold no version. */
    chip(&rig);
    rig_control(&rig, 0xc0, 0x5f, 0, 0, "3000");
    rig_control(&rig, 0xc0, 0x5f, 0, 0, NULL);
    rig_control(&rig, 0xc0, 0x95, 0x2518, 0, "2700");
    rig_control(&rig, 0x40, 0x9a, 0x2518, 0x00db, NULL);
    rig_expect(&rig, "0=?-8E1");
}

static void dtr_and_rts_are_inverted(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_control(&rig, 0x40, 0xa4, 0xffdf, 0, NULL); /* NOT 20 */
    rig_control(&rig, 0x40, 0xa4, 0x009f, 0, NULL); /* NOT 60 in 8 bits, as WCH sends it */
    rig_control(&rig, 0x40, 0xa4, 0xff9f, 0, NULL);
    rig_control(&rig, 0x40, 0xa4, 0xffbf, 0, NULL); /* NOT 40 */
    rig_control(&rig, 0x40, 0xa4, 0xffff, 0, NULL);
    rig_expect(&rig, "0~dtr+rts- 0~dtr+rts+ 0~dtr-rts+ 0~dtr-rts-");
}

static void refused_requests_change_nothing(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_control_status(&rig, 0x40, 0x9a, 0x1312, 0xcc83, NULL, BTAP_USB_STALL);
    rig_control_status(&rig, 0x40, 0x9a, 0x2518, 0x00db, NULL, BTAP_USB_STALL);
    rig_control_status(&rig, 0x40, 0xa4, 0xff9f, 0, NULL, BTAP_USB_STALL);
    rig_expect(&rig, "");
}

static void break_by_register(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_control(&rig, 0x40, 0x9a, 0x2518, 0x00db, NULL);
    rig_control(&rig, 0x40, 0x9a, 0x1805, 0x9bfe, NULL);
    rig_control(&rig, 0x40, 0x9a, 0x1805, 0xdbff, NULL);
    rig_expect(&rig, "0=?-8E1 0>0!break");
}

/* Linux on clones without it: one 00 at 46 baud. */
static void break_by_a_slow_byte(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_control(&rig, 0x40, 0x9a, 0x1312, 0x0180, NULL);
    rig_out(&rig, 0x02, "00");
    rig_control(&rig, 0x40, 0x9a, 0x1312, 0xcc83, NULL);
    rig_out(&rig, 0x02, "00");
    rig_expect(&rig, "0=46-??? 0>0!break 0=115200-??? 0>0:00");
}

/* Byte 0: 02 overrun, 04 parity, 44 framing, 08 modem change. Byte 2: inverted lines. */
static void interrupt_tells_lines_and_errors(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_interrupt(&rig, 0x81, "0800 ffee");
    rig_expect(&rig, "0~cts-dsr-dcd-ri-");
    rig_interrupt(&rig, 0x81, "0800 feee");
    rig_interrupt(&rig, 0x81, "0800 f5ee");
    rig_expect(&rig, "0~cts+dsr-dcd-ri- 0~cts-dsr+dcd+ri-");
    rig_interrupt(&rig, 0x81, "0800 fdee");
    rig_interrupt(&rig, 0x81, "0800 fbee");
    rig_interrupt(&rig, 0x81, "0800 f7ee");
    rig_expect(&rig, "0~cts-dsr+dcd-ri- 0~cts-dsr-dcd-ri+ 0~cts-dsr-dcd+ri-");
    rig_interrupt(&rig, 0x81, "0800 f5ee");
    rig_expect(&rig, "0~cts-dsr+dcd+ri-");
    rig_interrupt(&rig, 0x81, "0200 f5ee");
    rig_interrupt(&rig, 0x81, "0400 f5ee");
    rig_interrupt(&rig, 0x81, "4400 f5ee 00000000");
    rig_interrupt(&rig, 0x81, "4600 f5ee");
    rig_interrupt(&rig, 0x81, "4000 f5ee");
    rig_interrupt(&rig, 0x81, "0400 f5");
    rig_expect(&rig, "0<0!overflow 0<0!parity 0<0!framing 0<0!overflow 0<0!framing");
}

static void data_are_raw_both_ways(void **state)
{
    static const uint8_t bytes[] = {1, 2, 3};
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_out(&rig, 0x02, "00");
    rig_in(&rig, 0x82, "0160");
    rig_bulk(&rig, 0x82, bytes, 3, 1);
    rig_expect(&rig, "0>0:00 0<0:0160 0<0:01 0<1!lost2");
}

static void known_by_requests_alone(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_control(&rig, 0x40, 0x9a, 0x1312, 0xcc83, NULL);
    rig_in(&rig, 0x82, "79");
    rig_out(&rig, 0x02, "7f");
    rig_interrupt(&rig, 0x81, "0400 ffee");
    rig_expect(&rig, "0=115200-??? 0<0:79 0>0:7f 0~cts-dsr-dcd-ri- 0<0!parity");
    assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_CH34X);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_of_115200_8e1),
        cmocka_unit_test(rate_registers),
        cmocka_unit_test(one_rate_register_alone),
        cmocka_unit_test(every_line_control),
        cmocka_unit_test(wch_driver_sets_all_at_once),
        cmocka_unit_test(old_chips_are_8n1_whatever_is_asked),
        cmocka_unit_test(dtr_and_rts_are_inverted),
        cmocka_unit_test(refused_requests_change_nothing),
        cmocka_unit_test(break_by_register),
        cmocka_unit_test(break_by_a_slow_byte),
        cmocka_unit_test(interrupt_tells_lines_and_errors),
        cmocka_unit_test(data_are_raw_both_ways),
        cmocka_unit_test(known_by_requests_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
