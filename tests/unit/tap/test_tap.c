/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tap makes of serial and CAN records, and of more links than it has room for.
 */
#include "fake_decoders.h"

static void link_types_and_their_names(void **state)
{
    (void)state;
    assert_string_equal(btap_linktype_name(250), "RTAC_SERIAL");
    assert_string_equal(btap_linktype_name(189), "USB_LINUX");
    assert_string_equal(btap_linktype_name(220), "USB_LINUX_MMAPPED");
    assert_string_equal(btap_linktype_name(249), "USBPCAP");
    assert_string_equal(btap_linktype_name(227), "CAN_SOCKETCAN");
    assert_string_equal(btap_linktype_name(113), "LINUX_SLL");
    assert_string_equal(btap_linktype_name(276), "LINUX_SLL2");
    assert_string_equal(btap_linktype_name(288), "USB_2_0");
    assert_null(btap_linktype_name(292));
    assert_null(btap_linktype_name(1));
    assert_true(btap_linktype_supported(250));
    assert_false(btap_linktype_supported(0));
}

static void other_link_types_are_counted(void **state)
{
    static const uint8_t packet[] = {0xc3, 0x80, 0x06};
    struct recorder recorder = start(NULL);

    (void)state;
    record_bytes(&recorder, 292, packet, sizeof(packet));
    record_bytes(&recorder, 1, NULL, 0);
    assert_int_equal(tap.counters.unsupported, 2);
    assert_int_equal(calls_length, 0);
}

/* Serial lines */

static struct btap_options serial_view(enum btap_serial_view view)
{
    struct btap_options options = btap_options_default();

    options.serial_view = view;
    return options;
}

static void serial_records_as_they_are_viewed(void **state)
{
    static const struct {
        enum btap_serial_view view;
        enum btap_direction of_transmit;
        enum btap_direction of_receive;
    } expected[] = {
        {BTAP_SERIAL_AS_RECORDED, BTAP_HOST_TO_DEVICE, BTAP_DEVICE_TO_HOST},
        {BTAP_SERIAL_SWAPPED, BTAP_DEVICE_TO_HOST, BTAP_HOST_TO_DEVICE},
        {BTAP_SERIAL_MERGED, BTAP_DIRECTION_UNKNOWN, BTAP_DIRECTION_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const struct btap_options options = serial_view(expected[i].view);
        struct recorder recorder = start(&options);

        record_serial(&recorder, 0x01, 0, sync, sizeof(sync)); /* DATA_TX_START */
        record_serial(&recorder, 0x02, 0, ack, sizeof(ack));   /* DATA_RX_START */
        record_serial(&recorder, 0x08, 0, NULL, 0);            /* PARITY_ERROR, in receiving */
        assert_int_equal(calls_length, 4);
        assert_int_equal(calls[0].event.kind, BTAP_SERIAL_LINES); /* first known */
        assert_int_equal(calls[1].chunk.direction, expected[i].of_transmit);
        assert_int_equal(calls[1].chunk.at.offset, 12);
        assert_int_equal(calls[1].bytes[0], 0x7f);
        assert_int_equal(calls[2].chunk.direction, expected[i].of_receive);
        assert_int_equal(calls[3].event.kind, BTAP_SERIAL_PARITY_ERROR);
        assert_int_equal(calls[3].event.direction, expected[i].of_receive);
        assert_int_equal(tap.counters.decoded, 2);
        assert_int_equal(tap.counters.events, 1);
    }
}

/* LINKTYPE_RTAC_SERIAL: b3 RTS, b4 DTR of the state byte */
static void lines_are_told_when_they_change(void **state)
{
    struct recorder recorder = start(NULL);

    (void)state;
    record_serial(&recorder, 0x01, 0x10, sync, sizeof(sync));
    record_serial(&recorder, 0x02, 0x10, ack, sizeof(ack));
    record_serial(&recorder, 0x00, 0x18, NULL, 0);
    record_serial(&recorder, 0x00, 0x18, NULL, 0);
    record_serial(&recorder, 0x00, 0x00, NULL, 0);
    assert_int_equal(calls_length, 5);
    assert_int_equal(calls[0].event.lines, BTAP_LINE_DTR);
    assert_int_equal(calls[1].kind, USART_CHUNK);
    assert_int_equal(calls[2].kind, USART_CHUNK);
    assert_int_equal(calls[3].event.lines, BTAP_LINE_DTR | BTAP_LINE_RTS);
    assert_int_equal(calls[3].event.at.packet, 3);
    assert_int_equal(calls[4].event.lines, 0);
    assert_int_equal(calls[4].event.at.packet, 5);
}

/** Records a STATUS_CHANGE, DTR active, with a comment. */
static void record_settings(struct recorder *recorder, const char *comment)
{
    static const uint8_t bytes[12] = {[9] = 0x10};
    const struct btap_record record = {
        .linktype = BTAP_LINKTYPE_RTAC_SERIAL,
        .interface_id = recorder->interface_id,
        .packet = ++recorder->packet,
        .bytes = bytes,
        .captured = sizeof(bytes),
        .length = sizeof(bytes),
        .comment = comment,
        .comment_length = (uint32_t)strlen(comment),
    };

    btap_tap_record(recorder->tap, &record);
}

/* A tool sets the port several times while it opens it. */
static void settings_are_told_when_they_change(void **state)
{
    struct btap_options options = serial_view(BTAP_SERIAL_SWAPPED);
    struct recorder recorder = start(&options);

    (void)state;
    record_settings(&recorder, "boottap serial: 9600 8N1");
    record_settings(&recorder, "boottap serial: 9600 8N1");
    record_settings(&recorder, "boottap serial: 9600 8E1");
    record_settings(&recorder, "something else");
    recorder.interface_id = 1;
    record_settings(&recorder, "boottap serial: 9600 8E1");
    assert_int_equal(calls_length, 5);
    assert_int_equal(calls[0].event.kind, BTAP_SERIAL_LINES);
    assert_int_equal(calls[1].event.kind, BTAP_SERIAL_SETTINGS);
    assert_int_equal(calls[1].event.settings.parity, BTAP_PARITY_NONE);
    assert_int_equal(calls[1].event.direction, BTAP_HOST_TO_DEVICE);
    assert_int_equal(calls[2].event.settings.parity, BTAP_PARITY_EVEN);
    assert_int_equal(calls[2].event.at.packet, 3);
    assert_int_equal(calls[3].event.kind, BTAP_SERIAL_LINES);
    assert_int_equal(calls[4].event.settings.parity, BTAP_PARITY_EVEN);
    assert_int_equal(tap.counters.events, 5);
}

/* One link more than fit takes the place of another, whose lines are not its own. */
static void lines_of_every_new_link_are_told(void **state)
{
    static const uint8_t levels[] = {0x00, 0x10};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(levels); i++) {
        struct recorder recorder = start(NULL);

        for (uint32_t id = 0; id <= BTAP_CHANNELS_MAX; id++) {
            recorder.interface_id = id;
            calls_length = 0;
            record_serial(&recorder, 0x01, levels[i], sync, sizeof(sync));
            assert_true(calls_length >= 2);
            assert_int_equal(calls[calls_length - 2].kind, USART_EVENT);
            assert_int_equal(calls[calls_length - 2].event.kind, BTAP_SERIAL_LINES);
            assert_int_equal(calls[calls_length - 2].link.interface_id, id);
        }
        assert_int_equal(tap.counters.evicted_links, 1);
    }
}

static void cut_serial_records_are_told_as_lost(void **state)
{
    static const uint8_t bytes[] = {0x11, 0xee, 0x08, 0x00, 0x00};
    struct recorder recorder = start(NULL);

    (void)state;
    engage = false;
    recorder.snap = 14;
    record_serial(&recorder, 0x01, 0, bytes, sizeof(bytes));
    assert_int_equal(notes_length, 0); /* nothing shows yet that this is a bootloader's line */
    engage = true;
    record_serial(&recorder, 0x01, 0, bytes, sizeof(bytes));
    assert_int_equal(calls[calls_length - 2].chunk.length, 2);
    assert_int_equal(calls[calls_length - 1].event.kind, BTAP_SERIAL_LOST);
    assert_int_equal(calls[calls_length - 1].event.direction, BTAP_HOST_TO_DEVICE);
    assert_int_equal(calls[calls_length - 1].event.count, 3);
    assert_int_equal(notes_length, 1);
    assert_int_equal(last_note.id, BTAP_NOTE_TRUNCATED);
    assert_int_equal(last_note.arg[0], 14);
    assert_int_equal(last_note.arg[1], 17);
    assert_int_equal(tap.counters.truncated, 2);
}

/* 12 bytes of header and nothing of the payload */
static void a_serial_record_cut_to_its_header_is_told_as_lost(void **state)
{
    static const uint8_t bytes[] = {0x11, 0xee, 0x08};
    struct recorder recorder = start(NULL);

    (void)state;
    recorder.snap = 12;
    record_serial(&recorder, 0x02, 0, bytes, sizeof(bytes)); /* DATA_RX_START */
    assert_int_equal(calls[calls_length - 1].event.kind, BTAP_SERIAL_LOST);
    assert_int_equal(calls[calls_length - 1].event.direction, BTAP_DEVICE_TO_HOST);
    assert_int_equal(calls[calls_length - 1].event.count, 3);
    assert_int_equal(last_note.id, BTAP_NOTE_TRUNCATED);
    assert_int_equal(last_note.arg[0], 12);
    assert_int_equal(last_note.arg[1], 15);
}

static void feed_serial_of(uint32_t interface_id, const char *name)
{
    static const uint8_t bytes[] = {0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0, 0, 0, 0x7f};
    const struct btap_record record = {
        .linktype = BTAP_LINKTYPE_RTAC_SERIAL,
        .interface_id = interface_id,
        .interface = name,
        .packet = tap.clock + 1,
        .bytes = bytes,
        .captured = sizeof(bytes),
        .length = sizeof(bytes),
    };

    btap_tap_record(&tap, &record);
}

static void interfaces_are_kept_apart_by_number_and_name(void **state)
{
    (void)state;
    start(NULL);
    feed_serial_of(0, NULL);
    feed_serial_of(1, NULL);
    feed_serial_of(1, "ttyUSB0");
    feed_serial_of(1, "a-name-longer-than-an-interface-has");
    feed_serial_of(0, NULL);
    feed_serial_of(1, "ttyUSB0");
    feed_serial_of(1, "a-name-longer-than-an-interface-has");
    btap_tap_finish(&tap);
    assert_int_equal(calls_length, 4 * 2 + 3 + 4); /* lines and chunk, chunk, finish */
    assert_int_equal(calls[8].link.transactions, 2);
    assert_string_equal(calls[9].link.interface, "ttyUSB0");
    assert_int_equal(calls[9].link.transactions, 2);
    assert_string_equal(calls[10].link.interface, "a-name-longer-t");
    assert_int_equal(calls[10].link.transactions, 2);
    assert_int_equal(calls[14].kind, USART_FINISH);
}

/* CAN */

/** The same conversation, but for what a row changes. */
static void links_are_the_same_by_their_place(void **state)
{
    const struct btap_link link = {.kind = BTAP_LINK_USB_SERIAL,
                                   .transport = BTAP_USART,
                                   .interface_id = 1,
                                   .bus = 2,
                                   .device = 3,
                                   .port = 4,
                                   .interface = "usbmon2"};
    struct btap_link others[7];

    (void)state;
    for (size_t i = 0; i < 7; i++)
        others[i] = link;
    others[0].kind = BTAP_LINK_USB;
    others[1].transport = BTAP_DFU;
    others[2].interface_id = 0;
    others[3].bus = 1;
    others[4].device = 30;
    others[5].port = 0;
    others[6].interface[6] = '3';
    for (size_t i = 0; i < 7; i++)
        assert_false(btap_link_same(&link, &others[i]));
    others[0] = link;
    others[0].transactions = 100;
    assert_true(btap_link_same(&link, &others[0]));
}

static void can_frames_reach_their_decoder(void **state)
{
    static const uint8_t nack[] = {0x1f};
    struct recorder recorder = start(NULL);

    (void)state;
    record_can(&recorder, 0x111, nack, sizeof(nack));
    engage = false;
    record_can(&recorder, 0x7ff, nack, sizeof(nack));
    /* Each frame comes to both: what is none of one's is traffic of others to it. */
    assert_int_equal(calls_length, 4);
    assert_int_equal(calls[1].link.transport, BTAP_CAN);
    assert_int_equal(calls[1].frame.id, 0x111);
    assert_int_equal(calls[0].kind, FDCAN_FRAME);
    assert_int_equal(calls[0].link.kind, BTAP_LINK_CAN);
    assert_int_equal(calls[0].link.transport, BTAP_FDCAN);
    assert_int_equal(calls[0].frame.id, 0x111);
    assert_int_equal(calls[0].frame.at.offset, 8);
    assert_int_equal(calls[0].bytes[0], 0x1f);
    assert_int_equal(tap.counters.decoded, 1);
    assert_int_equal(tap.counters.foreign, 1);
}

static void cut_can_frames_are_noted(void **state)
{
    static const uint8_t data[64] = {0};
    struct recorder recorder = start(NULL);

    (void)state;
    recorder.snap = 40;
    record_can(&recorder, 0x31, data, sizeof(data));
    assert_int_equal(calls[0].frame.captured, 32);
    assert_int_equal(calls[0].frame.length, 64);
    assert_int_equal(notes_length, 1);
    assert_int_equal(last_note.id, BTAP_NOTE_TRUNCATED);
    assert_int_equal(last_note.arg[0], 40);
    assert_int_equal(last_note.arg[1], 72);
    assert_int_equal(tap.counters.truncated, 1);
}

/* A capture of the "any" interface names that, and tells the real one by number. */
static void cooked_can_is_named_by_its_interface_number(void **state)
{
    static const uint8_t bytes[] = {
        0x00, 0x0c, 0, 0, 0, 0, 0, 3, 0x01, 0x18, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* SLL2 */
        0x11, 0x01, 0, 0, 1, 0, 0, 0, 0x79,
    };
    const struct btap_record record = {
        .linktype = BTAP_LINKTYPE_LINUX_SLL2,
        .interface = "any",
        .packet = 1,
        .bytes = bytes,
        .captured = sizeof(bytes),
        .length = sizeof(bytes),
    };
    char name[BTAP_LINK_NAME_SIZE];

    (void)state;
    start(NULL);
    btap_tap_record(&tap, &record);
    assert_int_equal(calls_length, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(calls[i].frame.id, 0x111);
        assert_string_equal(btap_link_name(&calls[i].link, name, sizeof(name)), "can:3");
    }
}

/** usbmon0 and usbmon1 record the same device of bus 1. */
static void links_of_two_interfaces_have_two_names(void **state)
{
    struct btap_link link = {.kind = BTAP_LINK_USB, .bus = 1, .device = 28};
    char name[BTAP_LINK_NAME_SIZE];

    (void)state;
    assert_string_equal(btap_link_name(&link, name, sizeof(name)), "usb:1.28");
    link.interface_id = 1;
    assert_string_equal(btap_link_name(&link, name, sizeof(name)), "usb:1.28@1");
    link.kind = BTAP_LINK_USB_SERIAL;
    assert_string_equal(btap_link_name(&link, name, sizeof(name)), "usb:1.28.0@1");
    link = (struct btap_link){.kind = BTAP_LINK_USB_SERIAL,
                              .bus = UINT16_MAX,
                              .device = UINT16_MAX,
                              .port = UINT8_MAX,
                              .interface_id = UINT32_MAX};
    assert_string_equal(btap_link_name(&link, name, sizeof(name)),
                        "usb:65535.65535.255@4294967295");
}

/* Limits */

static void the_link_unused_longest_gives_way(void **state)
{
    struct recorder recorder = start(NULL);

    (void)state;
    for (uint16_t device = 1; device <= BTAP_CHANNELS_MAX; device++) {
        recorder.device = device;
        record_control(&recorder, &getstatus);
    }
    recorder.device = 1; /* now 2 is the one unused longest */
    record_control(&recorder, &getstatus);
    assert_int_equal(tap.counters.evicted_links, 0);
    calls_length = 0;
    feed_serial_of(0, NULL);
    assert_int_equal(tap.counters.evicted_links, 1);
    assert_int_equal(calls[0].kind, DFU_FINISH);
    assert_int_equal(calls[0].link.device, 2);
    assert_int_equal(notes_length, 1);
    assert_int_equal(last_note.id, BTAP_NOTE_LINK_EVICTED);
    assert_int_equal(last_note.arg[0], 64);

    /* It comes back as a new link, in the place of 3. */
    recorder.device = 2;
    calls_length = 0;
    record_control(&recorder, &getstatus);
    assert_int_equal(tap.counters.evicted_links, 2);
    assert_int_equal(calls[0].link.device, 3);
    assert_int_equal(calls[1].link.device, 2);
    assert_int_equal(calls[1].link.transactions, 1);
}

static void a_link_in_use_does_not_give_way(void **state)
{
    struct recorder recorder = start(NULL);

    (void)state;
    recorder.device = 100;
    record_transfer(&recorder, 0x02, false, sync, sizeof(sync));
    feed_serial_of(0, NULL);
    for (uint16_t device = 1; device <= BTAP_CHANNELS_MAX; device++) {
        recorder.device = device;
        record_control(&recorder, &getstatus);
        feed_serial_of(0, NULL);
        recorder.device = 100;
        record_transfer(&recorder, 0x02, false, sync, sizeof(sync));
    }
    assert_int_equal(tap.counters.evicted_links, 2);
    assert_int_equal(calls[calls_length - 1].link.device, 100);
    assert_int_equal(calls[calls_length - 1].link.transactions, BTAP_CHANNELS_MAX + 1);
    assert_int_equal(calls[calls_length - 2].link.kind, BTAP_LINK_SERIAL);
    assert_int_equal(calls[calls_length - 2].link.transactions, BTAP_CHANNELS_MAX + 1);
}

static void the_device_unused_longest_gives_way_with_its_links(void **state)
{
    struct recorder recorder = start(NULL);

    (void)state;
    for (uint16_t device = 1; device <= BTAP_USB_DEVICES_MAX; device++) {
        recorder.device = device;
        record_control(&recorder, &getstatus);
    }
    calls_length = 0;
    recorder.device = 100;
    record_control(&recorder, &set_line_coding);
    assert_int_equal(calls[0].kind, DFU_FINISH);
    assert_int_equal(calls[0].link.device, 1);
    assert_int_equal(calls[1].kind, USART_EVENT);
    assert_int_equal(calls[1].link.device, 100);
    assert_int_equal(tap.counters.evicted_links, 1);
}

static void a_link_that_decoded_nothing_gives_way_silently(void **state)
{
    struct recorder recorder = start(NULL);

    (void)state;
    engage = false;
    for (uint16_t device = 1; device <= BTAP_CHANNELS_MAX + 1; device++) {
        recorder.device = device;
        record_control(&recorder, &getstatus);
    }
    assert_int_equal(tap.counters.evicted_links, 1);
    assert_int_equal(notes_length, 0);
}

static void records_cut_at_every_length(void **state)
{
    static const uint8_t bytes[] = {0x11, 0xee};

    (void)state;
    for (enum usb_format format = 0; format < USB_FORMAT_COUNT; format++)
        for (uint32_t snap = 1; snap < 90; snap++) {
            struct recorder recorder = start(NULL);

            recorder.format = format;
            recorder.snap = snap;
            record_control(&recorder, &dnload);
            record_control(&recorder, &getstatus);
            record_transfer(&recorder, 0x02, false, bytes, sizeof(bytes));
            record_transfer(&recorder, 0x81, false, bytes, sizeof(bytes));
            record_serial(&recorder, 0x01, 0, bytes, sizeof(bytes));
            record_can(&recorder, 0x111, bytes, sizeof(bytes));
            btap_tap_finish(&tap);
            assert_all_counted(&recorder);
            assert_int_equal(tap.counters.unsupported, 0);
        }
}

static void random_records_are_all_counted(void **state)
{
    static const uint32_t linktypes[] = {113, 189, 220, 227, 249, 250, 276, 147};
    static const uint8_t types[] = {0x53, 0x43, 0x45, 0x58}; /* S C E X */
    struct recorder recorder = start(NULL);
    uint32_t random = 12345;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint8_t bytes[128];
        uint32_t length = 0;

        for (size_t j = 0; j < sizeof(bytes); j++) {
            random = random * 1664525 + 1013904223;
            bytes[j] = (uint8_t)(random >> 24);
        }
        /* Mostly what a parser takes, so that the rest of the way is walked as well. */
        bytes[8] = types[bytes[8] % sizeof(types)];
        bytes[9] %= 5;
        bytes[10] &= 0x83;
        bytes[11] %= 80;
        bytes[14] %= 2;
        length = random >> 25;
        calls_length = 0;
        record_bytes(&recorder, linktypes[(random >> 8) % COUNT_OF(linktypes)], bytes, length);
    }
    btap_tap_finish(&tap);
    assert_all_counted(&recorder);
    assert_true(tap.counters.decoded > 1000);
    assert_true(tap.counters.malformed > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_types_and_their_names),
        cmocka_unit_test(other_link_types_are_counted),
        cmocka_unit_test(serial_records_as_they_are_viewed),
        cmocka_unit_test(lines_are_told_when_they_change),
        cmocka_unit_test(lines_of_every_new_link_are_told),
        cmocka_unit_test(settings_are_told_when_they_change),
        cmocka_unit_test(cut_serial_records_are_told_as_lost),
        cmocka_unit_test(a_serial_record_cut_to_its_header_is_told_as_lost),
        cmocka_unit_test(interfaces_are_kept_apart_by_number_and_name),
        cmocka_unit_test(links_are_the_same_by_their_place),
        cmocka_unit_test(can_frames_reach_their_decoder),
        cmocka_unit_test(cut_can_frames_are_noted),
        cmocka_unit_test(cooked_can_is_named_by_its_interface_number),
        cmocka_unit_test(links_of_two_interfaces_have_two_names),
        cmocka_unit_test(the_link_unused_longest_gives_way),
        cmocka_unit_test(a_link_in_use_does_not_give_way),
        cmocka_unit_test(the_device_unused_longest_gives_way_with_its_links),
        cmocka_unit_test(a_link_that_decoded_nothing_gives_way_silently),
        cmocka_unit_test(records_cut_at_every_length),
        cmocka_unit_test(random_records_are_all_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
