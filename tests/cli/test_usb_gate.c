/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --device: which records of usbmon (Documentation/usb/usbmon.rst) get through, as sysfs, here a
 * directory, knows the devices.
 */
#include <stdio.h>
#include <string.h>

#include "fake_machine.h"
#include "live/usb_gate.h"
#include "program.h"
#include "test.h"
#include "traffic/usb_record.h"

#define MS ((btap_ns)CLOCK_NS_PER_MS)

static const struct fake_usb keyboard = {"1-1", "1", "4", "046d", "c31c", "00", 0};
static const struct fake_usb bootloader = {"1-2", "1", "5", "0483", "df11", "00", 2};
static const struct fake_usb application = {"1-2", "1", "5", "0483", "5740", "02", 1};

/* The filter */

static struct usb_filter parsed(const char *text)
{
    struct usb_filter filter;

    assert_true(usb_filter_parse(text, &filter));
    return filter;
}

static void assert_words(const char *text, const char *expected)
{
    const struct usb_filter filter = parsed(text);
    char words[USB_FILTER_WORDS_SIZE];

    assert_string_equal(usb_filter_words(&filter, words), expected);
}

static void a_device_is_named_in_three_ways(void **state)
{
    const struct usb_filter all = parsed(NULL);
    char words[USB_FILTER_WORDS_SIZE];

    (void)state;
    assert_null(usb_filter_words(&all, words));
    assert_words("0483:df11", "device 0483:df11");
    assert_words("483:DF11", "device 0483:df11");
    assert_words("1.5", "device 1.5");
    assert_words("12.127", "device 12.127");
    assert_words("dfu", "devices in DFU mode");
}

static void anything_else_is_no_device(void **state)
{
    static const char *const wrong[] = {
        "",           "DFU",   "dfu ",    "0483",    "0483:",   ":df11",        "0483:df11:1",
        "0483:df11 ", "g:1",   "10000:1", "1:10000", "1.",      ".5",           "1.0",
        "1.128",      "1.5.2", "-1.5",    "1.5 ",    "65536.1", "0x483:0xdf11", "1:5.2",
    };
    struct usb_filter filter;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        if (usb_filter_parse(wrong[i], &filter))
            fail_msg("'%s' was taken", wrong[i]);
}

/* The gate. What gets through is written as bus.device:id, a word each. */

struct rig {
    struct usb_gate *gate;
    struct traffic_sink sink;
    char heard[1024];
};

static void hear(void *context, const struct traffic_record *record)
{
    struct rig *rig = context;
    const size_t length = strlen(rig->heard);

    assert_int_equal(record->captured, USB_RECORD_HEADER_SIZE + 1);
    assert_int_equal(record->length, USB_RECORD_HEADER_SIZE + 2);
    assert_int_equal(record->time, 1000 + record->bytes[0]);
    assert_int_equal(record->bytes[USB_RECORD_HEADER_SIZE], 0xd0);
    snprintf(rig->heard + length, sizeof(rig->heard) - length, "%s%u.%u:%u", length > 0 ? " " : "",
             record->bytes[12], record->bytes[11], record->bytes[0]);
}

static void rig_open(struct rig *rig, const char *device)
{
    const struct usb_filter filter = parsed(device);

    *rig = (struct rig){.sink = {.context = rig, .record = hear}};
    rig->gate = usb_gate_open(&fake_machine, &filter);
    usb_gate_connect(rig->gate, &rig->sink);
}

static void offer(struct rig *rig, uint8_t *bytes, btap_ns now)
{
    const struct traffic_record record = {
        .time = 1000 + bytes[0],
        .bytes = bytes,
        .captured = USB_RECORD_HEADER_SIZE + 1,
        .length = USB_RECORD_HEADER_SIZE + 2,
    };

    usb_gate_record(rig->gate, &record, now);
    memset(bytes, 0xee, record.captured); /* it is valid during the call only */
}

/** A completed bulk transfer of bus 1. */
static void bulk(struct rig *rig, uint8_t device, uint8_t id, btap_ns now)
{
    uint8_t bytes[USB_RECORD_HEADER_SIZE + 1] = {
        id, [8] = 'C', 3, 0x81, device, 1, [14] = '-', [USB_RECORD_HEADER_SIZE] = 0xd0};

    offer(rig, bytes, now);
}

/** The first request to a device that got its address (USB 2.0 section 9.4.3). */
static void get_device_descriptor(struct rig *rig, uint8_t device, uint8_t id, btap_ns now)
{
    uint8_t bytes[USB_RECORD_HEADER_SIZE + 1] = {id,
                                                 [8] = 'S',
                                                 2,
                                                 0x80,
                                                 device,
                                                 1,
                                                 [14] = 0,
                                                 '<',
                                                 [40] = 0x80,
                                                 0x06,
                                                 0,
                                                 1,
                                                 0,
                                                 0,
                                                 18,
                                                 0,
                                                 [USB_RECORD_HEADER_SIZE] = 0xd0};

    offer(rig, bytes, now);
}

static void assert_heard(struct rig *rig, const char *expected)
{
    assert_string_equal(rig->heard, expected);
    rig->heard[0] = '\0';
}

static void without_a_filter_all_gets_through(void **state)
{
    struct rig rig;

    (void)state;
    rig_open(&rig, NULL);
    bulk(&rig, 9, 1, 0);
    bulk(&rig, 0, 2, 0);
    assert_heard(&rig, "1.9:1 1.0:2");
    assert_int_equal(usb_gate_tick(rig.gate, 0), INT64_MAX);
    usb_gate_close(rig.gate);
}

static void ids_let_one_kind_of_device_through(void **state)
{
    struct rig rig;

    (void)state;
    fake_usb_plug(&keyboard);
    fake_usb_plug(&bootloader);
    rig_open(&rig, "0483:df11");
    bulk(&rig, 4, 1, 0);
    bulk(&rig, 5, 2, 0);
    bulk(&rig, 0, 3, 0);
    bulk(&rig, 4, 4, 0);
    bulk(&rig, 5, 5, 0);
    assert_heard(&rig, "1.5:2 1.5:5");
    usb_gate_close(rig.gate);
}

static void a_place_lets_one_device_through_whatever_it_is(void **state)
{
    struct rig rig;

    (void)state;
    rig_open(&rig, "1.5");
    bulk(&rig, 4, 1, 0);
    bulk(&rig, 5, 2, 0);
    assert_heard(&rig, "1.5:2");
    usb_gate_close(rig.gate);

    rig_open(&rig, "2.5");
    bulk(&rig, 5, 1, 0);
    assert_heard(&rig, "");
    usb_gate_close(rig.gate);
}

static void dfu_lets_devices_in_dfu_mode_through(void **state)
{
    struct rig rig;

    (void)state;
    fake_usb_plug(&keyboard);
    fake_usb_plug(&application);
    rig_open(&rig, "dfu");
    bulk(&rig, 4, 1, 0);
    bulk(&rig, 5, 2, 0);
    assert_heard(&rig, "");
    /* The device detaches and comes back in DFU mode, here at the same address. */
    fake_usb_plug(&bootloader);
    bulk(&rig, 5, 3, 0);
    assert_heard(&rig, "");
    get_device_descriptor(&rig, 5, 4, 0);
    bulk(&rig, 5, 5, 0);
    assert_heard(&rig, "1.5:4 1.5:5");
    usb_gate_close(rig.gate);
}

/* sysfs knows a device after the requests of its enumeration only. */
static void an_enumeration_is_kept_in_its_place(void **state)
{
    struct rig rig;
    btap_ns due;

    (void)state;
    rig_open(&rig, "dfu");
    get_device_descriptor(&rig, 5, 1, 0);
    bulk(&rig, 5, 2, 0);
    get_device_descriptor(&rig, 4, 3, 1 * MS);
    bulk(&rig, 5, 4, 2 * MS);
    due = usb_gate_tick(rig.gate, 3 * MS);
    assert_true(due > 3 * MS && due < 1000 * MS);
    assert_heard(&rig, "");

    fake_usb_plug(&bootloader);
    usb_gate_tick(rig.gate, due);
    assert_heard(&rig, "1.5:1 1.5:2");
    /* It stays behind what is not known yet. */
    bulk(&rig, 5, 5, due);
    assert_heard(&rig, "");

    fake_usb_plug(&keyboard);
    due = usb_gate_tick(rig.gate, due + USB_GATE_INTERVAL);
    assert_heard(&rig, "1.5:4 1.5:5");
    assert_int_equal(due, INT64_MAX);
    bulk(&rig, 5, 6, 100 * MS);
    assert_heard(&rig, "1.5:6");
    usb_gate_close(rig.gate);
}

static void a_device_that_never_comes_is_not_waited_for(void **state)
{
    struct rig rig;

    (void)state;
    fake_usb_plug(&bootloader);
    rig_open(&rig, "dfu");
    get_device_descriptor(&rig, 9, 1, 0);
    bulk(&rig, 5, 2, 0);
    usb_gate_tick(rig.gate, USB_GATE_PATIENCE - 1);
    assert_heard(&rig, "");
    assert_int_equal(usb_gate_tick(rig.gate, USB_GATE_PATIENCE + USB_GATE_INTERVAL), INT64_MAX);
    assert_heard(&rig, "1.5:2");
    usb_gate_close(rig.gate);
}

static void closing_lets_through_what_is_wanted(void **state)
{
    struct rig rig;

    (void)state;
    fake_usb_plug(&bootloader);
    rig_open(&rig, "dfu");
    get_device_descriptor(&rig, 9, 1, 0);
    bulk(&rig, 5, 2, 0);
    assert_heard(&rig, "");
    usb_gate_close(rig.gate);
    assert_heard(&rig, "1.5:2");
}

/* Records of 65 bytes: so many are more than may wait. */
static void what_waits_has_a_limit(void **state)
{
    struct rig rig;

    (void)state;
    rig_open(&rig, "dfu");
    for (unsigned i = 0; i <= USB_GATE_ROOM / (USB_RECORD_HEADER_SIZE + 1) + 3; i++)
        bulk(&rig, 9, (uint8_t)i, 0);
    fake_usb_plug(&bootloader);
    bulk(&rig, 5, 77, 0);
    usb_gate_tick(rig.gate, USB_GATE_PATIENCE + USB_GATE_INTERVAL);
    assert_heard(&rig, "1.5:77");
    usb_gate_close(rig.gate);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, enter_directory, leave_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_is_named_in_three_ways),
        cmocka_unit_test(anything_else_is_no_device),
        IN_DIRECTORY(without_a_filter_all_gets_through),
        IN_DIRECTORY(ids_let_one_kind_of_device_through),
        IN_DIRECTORY(a_place_lets_one_device_through_whatever_it_is),
        IN_DIRECTORY(dfu_lets_devices_in_dfu_mode_through),
        IN_DIRECTORY(an_enumeration_is_kept_in_its_place),
        IN_DIRECTORY(a_device_that_never_comes_is_not_waited_for),
        IN_DIRECTORY(closing_lets_through_what_is_wanted),
        IN_DIRECTORY(what_waits_has_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
