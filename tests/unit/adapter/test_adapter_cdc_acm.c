/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Expected values: CDC PSTN 1.2 sections 6.3.10-6.3.13 (requests), 6.5.4 (SERIAL_STATE).
 */
#include "adapter_rig.h"
#include "test.h"

/** One CDC pair: interfaces 0 and 1, as ST's example firmware has them. */
static void one_port(struct rig *rig)
{
    rig_init(rig);
    rig_device(rig, 0x0483, 0x5740, 0x0200);
    rig_interface(rig, 0, 0x02, 0x02);
    rig_interface(rig, 1, 0x0a, 0x00);
    rig_endpoint(rig, 0x82, 0, 3, 8);
    rig_endpoint(rig, 0x01, 1, 2, 64);
    rig_endpoint(rig, 0x81, 1, 2, 64);
}

/** ST-LINK V3 with two virtual COM ports beside debug (vendor) and mass storage. */
static void stlink_v3(struct rig *rig)
{
    rig_init(rig);
    rig_device(rig, 0x0483, 0x3753, 0x0100);
    rig_interface(rig, 0, 0xff, 0xff);
    rig_interface(rig, 1, 0x08, 0x06);
    rig_interface(rig, 2, 0x02, 0x02);
    rig_interface(rig, 3, 0x0a, 0x00);
    rig_interface(rig, 4, 0x02, 0x02);
    rig_interface(rig, 5, 0x0a, 0x00);
    rig_endpoint(rig, 0x01, 0, 2, 512);
    rig_endpoint(rig, 0x81, 0, 2, 512);
    rig_endpoint(rig, 0x03, 1, 2, 512);
    rig_endpoint(rig, 0x83, 1, 2, 512);
    rig_endpoint(rig, 0x85, 2, 3, 10);
    rig_endpoint(rig, 0x04, 3, 2, 512);
    rig_endpoint(rig, 0x84, 3, 2, 512);
    rig_endpoint(rig, 0x87, 4, 3, 10);
    rig_endpoint(rig, 0x06, 5, 2, 512);
    rig_endpoint(rig, 0x86, 5, 2, 512);
}

static void line_coding_of_115200_8e1(void **state)
{
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_control(&rig, 0x21, 0x20, 0, 0, "00c20100 00 02 08");
    rig_expect(&rig, "0=115200-8E1");
    assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_CDC_ACM);
}

static void every_parity_and_stop_code(void **state)
{
    static const struct {
        const char *data;
        const char *expected;
    } vectors[] = {
        {"80250000 00 00 08", "0=9600-8N1"},
        {"80250000 00 01 08", "0=9600-8O1"},
        {"80250000 01 02 07", "0=9600-7E1.5"},
        {"80250000 02 03 05", "0=9600-5M2"},
        {"80250000 02 04 10", "0=9600-16S2"},
        /* Codes that no table has, and a rate that is no usual one */
        {"39300000 03 05 00", "0=12345-???"},
        {"39300000 00 00 ff", "0=12345-?N1"},
    };
    struct rig rig;

    (void)state;
    one_port(&rig);
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        rig_control(&rig, 0x21, 0x20, 0, 0, vectors[i].data);
        rig_expect(&rig, vectors[i].expected);
    }
}

static void unchanged_settings_are_told_once(void **state)
{
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_control(&rig, 0x21, 0x20, 0, 0, "00c20100000208");
    rig_control(&rig, 0x21, 0x20, 0, 0, "00c20100000208");
    rig_expect(&rig, "0=115200-8E1");
}

static void refused_line_coding_is_not_in_force(void **state)
{
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_control_status(&rig, 0x21, 0x20, 0, 0, "00c20100000208", BTAP_USB_STALL);
    rig_control_status(&rig, 0x21, 0x22, 3, 0, NULL, BTAP_USB_STALL);
    rig_control_status(&rig, 0x21, 0x23, 100, 0, NULL, BTAP_USB_TIMEOUT);
    rig_expect(&rig, "");
}

static void cut_line_coding_tells_nothing(void **state)
{
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_control(&rig, 0x21, 0x20, 0, 0, "00c201000002");
    rig_control(&rig, 0x21, 0x20, 0, 0, NULL);
    rig_expect(&rig, "");
}

static void dtr_rts_and_break(void **state)
{
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_control(&rig, 0x21, 0x22, 0x0003, 0, NULL);
    rig_control(&rig, 0x21, 0x22, 0x0003, 0, NULL);
    rig_control(&rig, 0x21, 0x22, 0x0001, 0, NULL);
    rig_control(&rig, 0x21, 0x22, 0x0000, 0, NULL);
    rig_control(&rig, 0x21, 0x23, 0xffff, 0, NULL);
    rig_expect(&rig, "0~dtr+rts+ 0~dtr+rts- 0~dtr-rts- 0>0!break");
    rig_control(&rig, 0x21, 0x23, 0x0000, 0, NULL);
    rig_expect(&rig, "");
    rig_control(&rig, 0x21, 0x23, 250, 0, NULL); /* milliseconds */
    rig_expect(&rig, "0>0!break");
}

static void data_are_raw_both_ways(void **state)
{
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_out(&rig, 0x01, "7f");
    rig_out_done(&rig, 0x01, 1, 1, BTAP_USB_OK);
    rig_in(&rig, 0x81, "0160");
    rig_in(&rig, 0x81, "79");
    rig_in(&rig, 0x81, "");
    rig_expect(&rig, "0>0:7f 0<0:0160 0<0:79");
}

static void in_data_count_whatever_the_status(void **state)
{
    static const uint8_t bytes[] = {0x79, 0x1f};
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_transfer(&rig, &(struct btap_usb_transfer){.endpoint = 0x81,
                                                   .completion = true,
                                                   .data = bytes,
                                                   .captured = 2,
                                                   .length = 2,
                                                   .status = BTAP_USB_CANCELLED});
    /* The submission of a read holds a length, but no bytes. */
    rig_transfer(&rig, &(struct btap_usb_transfer){.endpoint = 0x81, .length = 512});
    rig_expect(&rig, "0<0:791f");
}

static void out_data_that_did_not_go_are_lost(void **state)
{
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_out_done(&rig, 0x01, 10, 4, BTAP_USB_OK);
    rig_out_done(&rig, 0x01, 10, 0, BTAP_USB_STALL);
    rig_out_done(&rig, 0x01, 10, 10, BTAP_USB_OTHER);
    rig_out_done(&rig, 0x01, 0, 0, BTAP_USB_CANCELLED); /* submitted before the capture */
    rig_out_done(&rig, 0x01, 11, 0, BTAP_USB_OK);       /* USBPcap tells no length */
    rig_expect(&rig, "0>0!lost6 0>0!lost10");
}

static void cut_records_tell_what_is_missing(void **state)
{
    static const uint8_t bytes[] = {0x31, 0xce, 0x79};
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_bulk(&rig, 0x01, bytes, 3, 2);
    rig_bulk(&rig, 0x81, bytes, 3, 0);
    rig_bulk(&rig, 0x81, bytes, 2, 3); /* a damaged file: more than the transfer had */
    rig_expect(&rig, "0>0:31ce 0>2!lost1 0<0!lost3 0<0:31ce");
}

/* b0 DCD, b1 DSR, b2 break, b3 ring, b4 framing, b5 parity, b6 overrun */
static void serial_state_tells_lines_and_errors(void **state)
{
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_interrupt(&rig, 0x82, "a120 0000 0000 0200 0300");
    rig_expect(&rig, "0~dsr+dcd+ri-");
    rig_interrupt(&rig, 0x82, "a120 0000 0000 0200 2300");
    rig_expect(&rig, "0<0!parity");
    rig_interrupt(&rig, 0x82, "a120 0000 0000 0200 1300");
    rig_interrupt(&rig, 0x82, "a120 0000 0000 0200 0700");
    rig_interrupt(&rig, 0x82, "a120 0000 0000 0200 4b00");
    rig_expect(&rig, "0<0!framing 0<0!break 0~dsr+dcd+ri+ 0<0!overflow");
    rig_interrupt(&rig, 0x82, "a120 0000 0000 0200 7c00");
    rig_expect(&rig, "0~dsr-dcd-ri+ 0<0!overflow 0<0!break 0<0!parity 0<0!framing");
}

static void notification_split_at_every_byte(void **state)
{
    static const char *const pieces[][2] = {
        {"a1", "20000000000200 2300"}, {"a120", "000000000200 2300"}, {"a12000", "0000000200 2300"},
        {"a1200000", "00000200 2300"}, {"a120000000", "000200 2300"}, {"a12000000000", "0200 2300"},
        {"a1200000000002", "00 2300"}, {"a120000000000200", "2300"},  {"a120000000000200 23", "00"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        struct rig rig;

        one_port(&rig);
        rig_interrupt(&rig, 0x82, pieces[i][0]);
        rig_expect(&rig, "");
        rig_interrupt(&rig, 0x82, pieces[i][1]);
        rig_expect(&rig, "0~dsr+dcd+ri- 0<0!parity");
    }
}

static void half_a_notification_harms_no_later_one(void **state)
{
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_interrupt(&rig, 0x82, "2300"); /* the end of one from before the capture */
    rig_interrupt(&rig, 0x82, "a120000000000200");
    rig_interrupt(&rig, 0x82, "a120000000000200");
    rig_interrupt(&rig, 0x82, "4000");
    rig_expect(&rig, "0~dsr-dcd-ri- 0<0!overflow");
}

/* NETWORK_CONNECTION (00) has no data; 2A has 8 bytes (CDC 1.2 table 20) */
static void other_notifications_are_skipped(void **state)
{
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_interrupt(&rig, 0x82, "a100 0100 0000 0000");
    rig_interrupt(&rig, 0x82, "a12a 0000 0000 0800");
    rig_interrupt(&rig, 0x82, "00c2010000c20100");
    rig_interrupt(&rig, 0x82, "a120 0000 0000 0200 0200");
    rig_expect(&rig, "0~dsr+dcd-ri-");
}

static void cut_notification_tells_nothing(void **state)
{
    static const uint8_t bytes[] = {0xa1, 0x20, 0, 0, 0, 0, 2, 0, 0x20, 0};

    (void)state;
    for (uint32_t captured = 0; captured < sizeof(bytes); captured++) {
        struct rig rig;

        one_port(&rig);
        rig_transfer(&rig, &(struct btap_usb_transfer){.endpoint = 0x82,
                                                       .interrupt = true,
                                                       .completion = true,
                                                       .data = bytes,
                                                       .captured = captured,
                                                       .length = sizeof(bytes)});
        rig_expect(&rig, "");
    }
}

static void two_ports_of_a_stlink_v3_are_kept_apart(void **state)
{
    struct rig rig;

    (void)state;
    stlink_v3(&rig);
    rig_control(&rig, 0x21, 0x20, 0, 4, "80250000000008");
    rig_control(&rig, 0x21, 0x20, 0, 2, "00c20100000208");
    rig_control(&rig, 0x21, 0x22, 1, 4, NULL);
    rig_expect(&rig, "1=9600-8N1 0=115200-8E1 1~dtr+rts-");
    rig_out(&rig, 0x06, "aa");
    rig_in(&rig, 0x84, "79");
    rig_in(&rig, 0x86, "bb");
    rig_out(&rig, 0x04, "7f");
    rig_expect(&rig, "1>0:aa 0<0:79 1<0:bb 0>0:7f");
    /* wIndex is 0, as much firmware leaves it: the endpoint tells. */
    rig_interrupt(&rig, 0x87, "a120 0000 0000 0200 2000");
    rig_interrupt(&rig, 0x85, "a120 0000 0000 0200 1000");
    rig_expect(&rig, "1~dtr+rts-dsr-dcd-ri- 1<0!parity 0~dsr-dcd-ri- 0<0!framing");
}

static void debug_and_storage_of_a_stlink_are_not_serial(void **state)
{
    struct rig rig;

    (void)state;
    stlink_v3(&rig);
    rig_out(&rig, 0x01, "f1800000000000000000000000000000");
    rig_in(&rig, 0x81, "0001");
    rig_out(&rig, 0x03, "55534243");
    rig_in(&rig, 0x83, "55534253");
    rig_out_done(&rig, 0x01, 16, 0, BTAP_USB_STALL);
    rig_in(&rig, 0x88, "79"); /* an endpoint that no descriptor has */
    rig_expect(&rig, "");
}

static void notification_and_data_on_one_interface(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_interface(&rig, 0, 0x02, 0x02);
    rig_endpoint(&rig, 0x83, 0, 3, 8);
    rig_endpoint(&rig, 0x81, 0, 2, 64);
    rig_endpoint(&rig, 0x02, 0, 2, 64);
    rig_in(&rig, 0x81, "79");
    rig_out(&rig, 0x02, "7f");
    rig_expect(&rig, "0<0:79 0>0:7f");
}

static void only_interrupt_in_completions_notify(void **state)
{
    static const uint8_t bytes[] = {0xa1, 0x20, 0, 0, 0, 0, 2, 0, 0x20, 0};
    struct btap_usb_transfer transfer = {
        .endpoint = 0x82,
        .interrupt = true,
        .data = bytes,
        .captured = sizeof(bytes),
        .length = sizeof(bytes),
    };
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_transfer(&rig, &transfer);
    transfer.endpoint = 0x02;
    transfer.completion = true;
    rig_transfer(&rig, &transfer);
    rig_expect(&rig, "");
}

static void ports_beyond_the_fourth_are_left_out(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    for (uint8_t i = 0; i < 5; i++) {
        rig_interface(&rig, i, 0x02, 0x02);
        rig_endpoint(&rig, (uint8_t)(0x81 + i), i, 2, 64);
    }
    for (uint8_t i = 0; i < 5; i++)
        rig_in(&rig, (uint8_t)(0x81 + i), "79");
    rig_control(&rig, 0x21, 0x22, 1, 4, NULL);
    rig_expect(&rig, "0<0:79 1<0:79 2<0:79 3<0:79");
}

/* Without descriptors: interfaces and endpoint pairs count in the order they show up. */
static void ports_without_descriptors(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_control(&rig, 0x21, 0x20, 0, 2, "00c20100000208");
    rig_control(&rig, 0x21, 0x20, 0, 4, "80250000000008");
    rig_control(&rig, 0x21, 0x22, 3, 2, NULL);
    rig_out(&rig, 0x04, "7f");
    rig_out(&rig, 0x06, "aa");
    rig_in(&rig, 0x86, "bb");
    rig_in(&rig, 0x84, "79");
    rig_interrupt(&rig, 0x87, "a120 0000 0400 0200 2000");
    rig_expect(&rig, "0=115200-8E1 1=9600-8N1 0~dtr+rts+ 0>0:7f 1>0:aa 1<0:bb 0<0:79 "
                     "1~dsr-dcd-ri- 1<0!parity");
    assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_CDC_ACM);
}

/* CH343 by WCH's own driver: A1 with LCR DB (8E1) over 8C; A4 with 0 bits for active lines. */
static void wch_driver_on_a_ch343(void **state)
{
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_device(&rig, 0x1a86, 0x55d3, 0x0443);
    rig_control(&rig, 0x40, 0xa1, 0xdb8c, 0xcc83, NULL);
    rig_control(&rig, 0x40, 0xa4, 0xffdf, 0, NULL);
    rig_control(&rig, 0x40, 0xa2, 0xc38c, 0xcc83, NULL);
    rig_control(&rig, 0x40, 0xa5, 0xffbf, 0, NULL);
    rig_control(&rig, 0x40, 0xb1, 0xcb8c, 0xcc83, NULL);
    rig_control(&rig, 0x40, 0xb4, 0xffff, 0, NULL);
    rig_control(&rig, 0x40, 0xb2, 0xdb8c, 0xcc83, NULL);
    rig_control(&rig, 0x40, 0xb5, 0xff9f, 0, NULL);
    rig_control(&rig, 0x40, 0xa8, 0x0001, 0, NULL);
    rig_expect(&rig, "0=?-8E1 0~dtr+rts- 1=?-8N1 1~dtr-rts+ 2=?-8O1 2~dtr-rts- 3=?-8E1 3~dtr+rts+");
}

static void vendor_requests_of_others_mean_nothing(void **state)
{
    struct rig rig;

    (void)state;
    one_port(&rig);
    rig_control(&rig, 0x40, 0xa1, 0xdb8c, 0xcc83, NULL);
    rig_control(&rig, 0x40, 0xa4, 0xffdf, 0, NULL);
    rig_expect(&rig, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_coding_of_115200_8e1),
        cmocka_unit_test(every_parity_and_stop_code),
        cmocka_unit_test(unchanged_settings_are_told_once),
        cmocka_unit_test(refused_line_coding_is_not_in_force),
        cmocka_unit_test(cut_line_coding_tells_nothing),
        cmocka_unit_test(dtr_rts_and_break),
        cmocka_unit_test(data_are_raw_both_ways),
        cmocka_unit_test(in_data_count_whatever_the_status),
        cmocka_unit_test(out_data_that_did_not_go_are_lost),
        cmocka_unit_test(cut_records_tell_what_is_missing),
        cmocka_unit_test(serial_state_tells_lines_and_errors),
        cmocka_unit_test(notification_split_at_every_byte),
        cmocka_unit_test(half_a_notification_harms_no_later_one),
        cmocka_unit_test(other_notifications_are_skipped),
        cmocka_unit_test(cut_notification_tells_nothing),
        cmocka_unit_test(two_ports_of_a_stlink_v3_are_kept_apart),
        cmocka_unit_test(debug_and_storage_of_a_stlink_are_not_serial),
        cmocka_unit_test(notification_and_data_on_one_interface),
        cmocka_unit_test(only_interrupt_in_completions_notify),
        cmocka_unit_test(ports_beyond_the_fourth_are_left_out),
        cmocka_unit_test(ports_without_descriptors),
        cmocka_unit_test(wch_driver_on_a_ch343),
        cmocka_unit_test(vendor_requests_of_others_mean_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
