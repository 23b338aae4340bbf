/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a USB capture shows of devices in DFU mode, whether or not anybody talks to them. Record n
 * is n milliseconds after the epoch.
 */
#include <string.h>

#include "collector.h"
#include "records.h"
#include "test.h"

static struct btap_tap tap;
static struct collector collector;

static struct recorder start(void)
{
    memset(&tap, 0xa5, sizeof(tap)); /* whatever was there before */
    btap_tap_init(&tap, &collector.sink, NULL);
    return (struct recorder){
        .tap = &tap,
        .format = USB_LINUX_MMAPPED,
        .interface_id = 2,
        .bus = 3,
        .device = 7,
        .id = 0xffff888000000000u,
    };
}

static int set_up(void **state)
{
    (void)state;
    collector_init(&collector);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    collector_release(&collector);
    return 0;
}

/* 0483:df11; and another device of the same form */
static const uint8_t rom[18] = {
    18, 1, 0x00, 0x01, 0, 0, 0, 64, 0x83, 0x04, 0x11, 0xdf, 0x00, 0x22, 1, 2, 3, 1,
};
static const uint8_t other[18] = {
    18, 1, 0x00, 0x02, 0, 0, 0, 64, 0x25, 0x09, 0x00, 0xd1, 0x80, 0x00, 0, 0, 0, 1,
};
/* DFU 1.1 section 4.2.3: one interface, class FE, subclass 01, protocol 02 */
static const uint8_t configuration[27] = {
    9, 2,    27,   0,    1,    1,    0,    0xc0, 0x32, /**/
    9, 4,    0,    0,    0,    0xfe, 0x01, 0x02, 4,    /**/
    9, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x08, 0x1a, 0x01,
};
static const uint8_t set_address[5] = {0x21, 0x00, 0x00, 0x00, 0x08};
static const uint8_t idle[6] = {0x00, 0x00, 0x00, 0x00, 0x02, 0x00};
static const uint8_t busy[6] = {0x00, 0x01, 0x00, 0x00, 0x04, 0x00};
static const uint8_t done[6] = {0x00, 0x01, 0x00, 0x00, 0x05, 0x00};
static const uint8_t manifest[6] = {0x00, 0x01, 0x00, 0x00, 0x07, 0x00};

static void get_device(struct recorder *recorder, const uint8_t descriptor[18])
{
    record_control(recorder, &(struct control_transfer){.setup = {0x80, 6, 0, 1, 0, 0, 18, 0},
                                                        .data = descriptor,
                                                        .length = 18});
}

static void get_configuration(struct recorder *recorder)
{
    record_control(recorder, &(struct control_transfer){.setup = {0x80, 6, 0, 2, 0, 0, 27, 0},
                                                        .data = configuration,
                                                        .length = 27});
}

/** The device does not answer for its descriptor of this type. */
static void fail_descriptor(struct recorder *recorder, uint8_t type)
{
    record_control(recorder, &(struct control_transfer){.setup = {0x80, 6, 0, type, 0, 0, 18, 0},
                                                        .stalled = true});
}

static void get_status(struct recorder *recorder, const uint8_t status[6])
{
    record_control(recorder, &(struct control_transfer){.setup = {0xa1, 3, 0, 0, 0, 0, 6, 0},
                                                        .data = status,
                                                        .length = 6});
}

/** AN3156 section 5.5: Set Address Pointer, then a DNLOAD of nothing: 10 records. */
static void leave(struct recorder *recorder)
{
    record_control(recorder, &(struct control_transfer){.setup = {0x21, 1, 0, 0, 0, 0, 5, 0},
                                                        .data = set_address,
                                                        .length = 5});
    get_status(recorder, busy);
    get_status(recorder, done);
    record_control(recorder, &(struct control_transfer){.setup = {0x21, 1, 2, 0, 0, 0, 0, 0}});
    get_status(recorder, manifest);
}

/* The whole bus */

static void without_usb_there_is_nothing_to_say(void **state)
{
    static const uint8_t byte[] = {0x7f};
    struct recorder recorder = start();

    (void)state;
    assert_false(btap_tap_usb_presence(&tap).seen);
    record_serial(&recorder, 1, 0, byte, 1);
    assert_false(btap_tap_usb_presence(&tap).seen);
    assert_int_equal(btap_tap_until(&tap), 1000000);
}

static void a_bus_without_the_device(void **state)
{
    struct recorder recorder = start();
    struct btap_usb_presence presence;

    (void)state;
    get_device(&recorder, other);
    recorder.device = 8;
    get_device(&recorder, other);
    presence = btap_tap_usb_presence(&tap);
    assert_true(presence.seen);
    assert_false(presence.adapter);
    assert_int_equal(presence.shown, BTAP_USB_SHOWS_NEITHER);
    assert_int_equal(presence.interface_id, 2);
    assert_int_equal(presence.bus, 3);
    assert_int_equal(presence.address, 0);
    assert_int_equal(presence.packet, 1);
    assert_int_equal(presence.time, 1000000);
    assert_int_equal(presence.vendor, 0);
    assert_int_equal(btap_tap_until(&tap), 4000000);
}

/* A CDC line coding: PSTN 1.2 section 6.3.10 */
static void a_serial_adapter_shows(void **state)
{
    static const uint8_t coding[7] = {0x00, 0xc2, 0x01, 0x00, 0x00, 0x02, 0x08};
    struct recorder recorder = start();

    (void)state;
    record_control(&recorder, &(struct control_transfer){.setup = {0x21, 0x20, 0, 0, 0, 0, 7, 0},
                                                         .data = coding,
                                                         .length = 7});
    assert_true(btap_tap_usb_presence(&tap).adapter);
    assert_int_equal(btap_tap_usb_presence(&tap).shown, BTAP_USB_SHOWS_NEITHER);
}

/* Devices in DFU mode */

static void a_device_in_dfu_mode_by_its_numbers(void **state)
{
    struct recorder recorder = start();
    struct btap_usb_presence presence;

    (void)state;
    get_device(&recorder, other);
    recorder.device = 9;
    get_device(&recorder, rom);
    get_device(&recorder, rom); /* the first one counts */
    presence = btap_tap_usb_presence(&tap);
    assert_int_equal(presence.shown, BTAP_USB_SHOWS_DFU_MODE);
    assert_int_equal(presence.interface_id, 2);
    assert_int_equal(presence.bus, 3);
    assert_int_equal(presence.address, 9);
    assert_int_equal(presence.packet, 4);
    assert_int_equal(presence.time, 4000000);
    assert_int_equal(presence.vendor, 0x0483);
    assert_int_equal(presence.product, 0xdf11);
}

static void a_device_in_dfu_mode_by_its_interface(void **state)
{
    struct recorder recorder = start();
    struct btap_usb_presence presence;

    (void)state;
    get_configuration(&recorder);
    presence = btap_tap_usb_presence(&tap);
    assert_int_equal(presence.shown, BTAP_USB_SHOWS_DFU_MODE);
    assert_int_equal(presence.packet, 2);
    assert_int_equal(presence.vendor, 0);
    get_device(&recorder, other);
    presence = btap_tap_usb_presence(&tap);
    assert_int_equal(presence.packet, 2);
    assert_int_equal(presence.vendor, 0x0925);
    assert_int_equal(presence.product, 0xd100);
}

/* The address was another device's before. */
static void a_device_in_dfu_mode_behind_another(void **state)
{
    struct recorder recorder = start();

    (void)state;
    get_device(&recorder, other);
    get_device(&recorder, rom);
    assert_int_equal(btap_tap_usb_presence(&tap).shown, BTAP_USB_SHOWS_DFU_MODE);
    assert_int_equal(btap_tap_usb_presence(&tap).packet, 4);
}

/* Descriptors that cannot be read */

static void a_device_whose_descriptors_cannot_be_read(void **state)
{
    struct recorder recorder = start();
    struct btap_usb_presence presence;

    (void)state;
    fail_descriptor(&recorder, 3); /* a string: many devices have none */
    assert_int_equal(btap_tap_usb_presence(&tap).shown, BTAP_USB_SHOWS_NEITHER);
    fail_descriptor(&recorder, 1);
    recorder.device = 8;
    fail_descriptor(&recorder, 1);
    presence = btap_tap_usb_presence(&tap);
    assert_int_equal(presence.shown, BTAP_USB_SHOWS_FAILED_ENUMERATION);
    assert_int_equal(presence.interface_id, 2);
    assert_int_equal(presence.bus, 3);
    assert_int_equal(presence.address, 7);
    assert_int_equal(presence.packet, 4);
    assert_int_equal(presence.time, 4000000);
    assert_int_equal(presence.vendor, 0);
}

/* A hub asks again. What another device answers says nothing of this one. */
static void a_device_that_answers_at_last_has_not_failed(void **state)
{
    struct recorder recorder = start();

    (void)state;
    fail_descriptor(&recorder, 1);
    recorder.device = 8;
    get_device(&recorder, other);
    recorder.device = 7;
    recorder.bus = 4;
    get_device(&recorder, other);
    recorder.bus = 3;
    recorder.interface_id = 1;
    get_device(&recorder, other);
    recorder.interface_id = 2;
    assert_int_equal(btap_tap_usb_presence(&tap).shown, BTAP_USB_SHOWS_FAILED_ENUMERATION);
    get_device(&recorder, other);
    assert_int_equal(btap_tap_usb_presence(&tap).shown, BTAP_USB_SHOWS_NEITHER);
    recorder.device = 8;
    fail_descriptor(&recorder, 2);
    assert_int_equal(btap_tap_usb_presence(&tap).address, 8);
    assert_int_equal(btap_tap_usb_presence(&tap).packet, 12);
}

/* What a device is says nothing of who is to blame while its configuration cannot be read. */
static void a_device_whose_configuration_cannot_be_read(void **state)
{
    struct recorder recorder = start();

    (void)state;
    get_device(&recorder, rom);
    fail_descriptor(&recorder, 2);
    assert_int_equal(btap_tap_usb_presence(&tap).shown, BTAP_USB_SHOWS_FAILED_ENUMERATION);
    assert_int_equal(btap_tap_usb_presence(&tap).packet, 4);
    recorder.device = 9; /* another device */
    get_device(&recorder, other);
    assert_int_equal(btap_tap_usb_presence(&tap).shown, BTAP_USB_SHOWS_FAILED_ENUMERATION);
    recorder.device = 7;
    get_configuration(&recorder);
    assert_int_equal(btap_tap_usb_presence(&tap).shown, BTAP_USB_SHOWS_DFU_MODE);
}

/* Back again */

/** A device that leaves and comes back so long after it did, in milliseconds: the note's value. */
static void come_back(struct recorder *recorder, uint64_t after)
{
    get_device(recorder, rom);
    get_status(recorder, idle);
    leave(recorder); /* the last record is 14 */
    assert_int_equal(recorder->packet, 14);
    recorder->device = 8;
    recorder->packet = 14 + after - 2; /* the descriptor comes with the second record */
}

static size_t returns(void)
{
    return collector_count_notes(&collector, BTAP_NOTE_BACK_IN_BOOTLOADER);
}

/* Within ten seconds: a device that comes back later was brought back by hand. */
static void a_device_that_left_is_back_at_once(void **state)
{
    struct recorder recorder = start();

    (void)state;
    come_back(&recorder, 10000);
    get_device(&recorder, rom);
    assert_int_equal(returns(), 1);
    assert_int_equal(collector.notes[collector.notes_length - 1].note.arg[0], 10000);
    assert_int_equal(collector.notes[collector.notes_length - 1].note.packet, 10014);
    assert_int_equal(collector.notes[collector.notes_length - 1].note.time, 10014000000);
    get_device(&recorder, rom); /* told once */
    assert_int_equal(returns(), 1);
}

static void a_device_that_left_is_back_late(void **state)
{
    struct recorder recorder = start();

    (void)state;
    come_back(&recorder, 10001);
    get_device(&recorder, rom);
    assert_int_equal(returns(), 0);
}

static void another_device_is_no_return(void **state)
{
    struct recorder recorder = start();

    (void)state;
    come_back(&recorder, 100);
    get_device(&recorder, other);
    recorder.device = 9;
    recorder.bus = 4;
    get_device(&recorder, rom);
    recorder.bus = 3;
    recorder.interface_id = 1;
    get_device(&recorder, rom);
    assert_int_equal(returns(), 0);
}

/* ST's ST-LINK V2: the same vendor */
static void a_device_of_the_same_vendor_is_no_return(void **state)
{
    static const uint8_t probe[18] = {
        18, 1, 0x00, 0x02, 0, 0, 0, 64, 0x83, 0x04, 0x48, 0x37, 0x00, 0x01, 1, 2, 3, 1,
    };
    struct recorder recorder = start();

    (void)state;
    come_back(&recorder, 100);
    get_configuration(&recorder); /* in DFU mode, whatever it is */
    assert_int_equal(returns(), 0);
    recorder.device = 9;
    get_device(&recorder, probe);
    get_configuration(&recorder);
    assert_int_equal(returns(), 0);
}

/* Other devices were there before it. */
static void a_device_that_left_is_found_among_others(void **state)
{
    struct recorder recorder = start();

    (void)state;
    recorder.device = 3;
    get_device(&recorder, other);
    recorder.device = 7;
    get_device(&recorder, rom);
    get_status(&recorder, idle);
    leave(&recorder);
    recorder.device = 8;
    get_device(&recorder, rom);
    assert_int_equal(returns(), 1);
}

/* It did not leave: the second device is a second device. */
static void a_device_that_stays_does_not_return(void **state)
{
    struct recorder recorder = start();

    (void)state;
    get_device(&recorder, rom);
    get_status(&recorder, idle);
    recorder.device = 8;
    get_device(&recorder, rom);
    assert_int_equal(returns(), 0);
}

/* Not every bus gives it another address. */
static void a_device_may_return_under_its_address(void **state)
{
    struct recorder recorder = start();

    (void)state;
    come_back(&recorder, 300);
    recorder.device = 7;
    get_device(&recorder, rom);
    assert_int_equal(returns(), 1);
    assert_int_equal(collector.notes[collector.notes_length - 1].note.arg[0], 300);
    assert_int_equal(btap_tap_usb_presence(&tap).packet, 314);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_usb_there_is_nothing_to_say),
        TEST(a_bus_without_the_device),
        TEST(a_serial_adapter_shows),
        TEST(a_device_in_dfu_mode_by_its_numbers),
        TEST(a_device_in_dfu_mode_by_its_interface),
        TEST(a_device_in_dfu_mode_behind_another),
        TEST(a_device_whose_descriptors_cannot_be_read),
        TEST(a_device_that_answers_at_last_has_not_failed),
        TEST(a_device_whose_configuration_cannot_be_read),
        TEST(a_device_that_left_is_back_at_once),
        TEST(a_device_that_left_is_back_late),
        TEST(another_device_is_no_return),
        TEST(a_device_of_the_same_vendor_is_no_return),
        TEST(a_device_that_left_is_found_among_others),
        TEST(a_device_that_stays_does_not_return),
        TEST(a_device_may_return_under_its_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
