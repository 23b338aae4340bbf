/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Descriptors written out byte by byte after USB 2.0 section 9.6 and DFU 1.1 section 4.1.3.
 */
#include "boottap/usb_device.h"

#include <string.h>

#include "test.h"

/* The ROM of an STM32F4: 0483:df11, bcdDevice 2200 (AN3156 section 1) */
static const uint8_t rom_device[18] = {
    18, 1, 0x00, 0x01, 0, 0, 0, 64, 0x83, 0x04, 0x11, 0xdf, 0x00, 0x22, 1, 2, 3, 1,
};

/*
 * Its configuration: one interface with four alternate settings whose strings are 4 to 7, the
 * functional descriptor after the last of them: attributes 0b, detach 255 ms, 2048 bytes, 1.1a.
 */
static const uint8_t rom_configuration[] = {
    9, 2,    54,   0,    1,    1,    0,    0xc0, 0x32, /**/
    9, 4,    0,    0,    0,    0xfe, 0x01, 0x02, 4,    /**/
    9, 4,    0,    1,    0,    0xfe, 0x01, 0x02, 5,    /**/
    9, 4,    0,    2,    0,    0xfe, 0x01, 0x02, 6,    /**/
    9, 4,    0,    3,    0,    0xfe, 0x01, 0x02, 7,    /**/
    9, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x08, 0x1a, 0x01,
};

/* A CDC-ACM adapter: interface 0 with an interrupt endpoint, interface 1 with the two bulk ones. */
static const uint8_t cdc_configuration[] = {
    9, 2,    67,   0,    2,    1,    0,    0x80, 50, /**/
    9, 4,    0,    0,    1,    0x02, 0x02, 0x01, 0,  /**/
    5, 0x24, 0x00, 0x10, 0x01,                       /**/
    5, 0x24, 0x01, 0x00, 0x01,                       /**/
    4, 0x24, 0x02, 0x02,                             /**/
    5, 0x24, 0x06, 0x00, 0x01,                       /**/
    7, 5,    0x82, 3,    0x0a, 0x00, 0xff,           /**/
    9, 4,    1,    0,    2,    0x0a, 0x00, 0x00, 0,  /**/
    7, 5,    0x01, 2,    0x40, 0x00, 0,              /**/
    7, 5,    0x81, 2,    0x40, 0x00, 0,
};

/* "@A" in UTF-16LE */
static const uint8_t at_a[] = {6, 3, '@', 0, 'A', 0};
static const uint8_t at_b[] = {6, 3, '@', 0, 'B', 0};

static struct btap_usb_control answer(uint16_t value, const uint8_t *data, uint32_t length)
{
    return (struct btap_usb_control){
        .setup_known = true,
        .setup = {.request_type = 0x80, .request = 6, .value = value, .length = 255},
        .data = data,
        .captured = length,
        .length = length,
    };
}

static void give(struct btap_usb_device *device, uint16_t value, const uint8_t *data,
                 uint32_t length)
{
    const struct btap_usb_control control = answer(value, data, length);

    btap_usb_device_control(device, &control);
}

static void select_setting(struct btap_usb_device *device, uint8_t request_type, uint8_t request,
                           uint16_t value, uint16_t index)
{
    const struct btap_usb_control control = {
        .setup_known = true,
        .setup = {.request_type = request_type, .request = request, .value = value, .index = index},
    };

    btap_usb_device_control(device, &control);
}

static void set_interface(struct btap_usb_device *device, uint16_t interface, uint16_t alternate)
{
    select_setting(device, 0x01, 11, alternate, interface);
}

static void set_configuration(struct btap_usb_device *device, uint16_t value)
{
    select_setting(device, 0x00, 9, value, 0);
}

static void device_descriptor(void **state)
{
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    assert_false(device.descriptor_known);
    give(&device, 0x0100, rom_device, sizeof(rom_device));
    assert_true(device.descriptor_known);
    assert_int_equal(device.vendor, 0x0483);
    assert_int_equal(device.product, 0xdf11);
    assert_int_equal(device.bcd_device, 0x2200);
    assert_int_equal(device.bcd_usb, 0x0100);
    assert_int_equal(device.max_packet_size0, 64);
}

static void configuration_of_the_rom(void **state)
{
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x0200, rom_configuration, sizeof(rom_configuration));
    assert_true(device.configuration_known);
    assert_int_equal(device.interfaces_length, 4);
    assert_int_equal(device.interfaces[3].number, 0);
    assert_int_equal(device.interfaces[3].alternate, 3);
    assert_int_equal(device.interfaces[3].interface_class, 0xfe);
    assert_int_equal(device.interfaces[3].interface_subclass, 0x01);
    assert_int_equal(device.interfaces[3].interface_protocol, 0x02);
    assert_int_equal(device.interfaces[3].string_index, 7);
    assert_int_equal(device.endpoints_length, 0);
    assert_true(device.dfu.known);
    assert_int_equal(device.dfu.attributes, 0x0b);
    assert_int_equal(device.dfu.detach_timeout_ms, 255);
    assert_int_equal(device.dfu.transfer_size, 2048);
    assert_int_equal(device.dfu.bcd_dfu, 0x011a);
    assert_true(btap_usb_device_may_be_dfu(&device));
}

static void configuration_of_a_cdc_adapter(void **state)
{
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    assert_true(btap_usb_device_may_be_dfu(&device)); /* nothing tells yet */
    give(&device, 0x0200, cdc_configuration, sizeof(cdc_configuration));
    assert_int_equal(device.interfaces_length, 2);
    assert_int_equal(device.interfaces[0].interface_class, 0x02);
    assert_int_equal(device.interfaces[1].interface_class, 0x0a);
    assert_int_equal(device.endpoints_length, 3);
    assert_int_equal(device.endpoints[0].address, 0x82);
    assert_int_equal(device.endpoints[0].interface, 0);
    assert_int_equal(device.endpoints[0].attributes, 3);
    assert_int_equal(device.endpoints[0].max_packet_size, 10);
    assert_int_equal(device.endpoints[1].address, 0x01);
    assert_int_equal(device.endpoints[1].interface, 1);
    assert_int_equal(device.endpoints[2].address, 0x81);
    assert_int_equal(device.endpoints[2].max_packet_size, 64);
    assert_false(device.dfu.known);
    assert_false(btap_usb_device_may_be_dfu(&device));
}

/* DFU 1.0: seven bytes, no bcdDFUVersion */
static void functional_descriptor_of_seven_bytes(void **state)
{
    static const uint8_t configuration[] = {
        9, 2,    25,   0,    1,    1,    0,    0x80, 50, /**/
        9, 4,    0,    0,    0,    0xfe, 0x01, 0x01, 0,  /**/
        7, 0x21, 0x07, 0xe8, 0x03, 0x40, 0x00,
    };
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x0200, configuration, sizeof(configuration));
    assert_true(device.dfu.known);
    assert_int_equal(device.dfu.detach_timeout_ms, 1000);
    assert_int_equal(device.dfu.transfer_size, 64);
    assert_int_equal(device.dfu.bcd_dfu, 0);
}

static void functional_descriptor_asked_for_alone(void **state)
{
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x2100, rom_configuration + sizeof(rom_configuration) - 9, 9);
    assert_true(device.dfu.known);
    assert_int_equal(device.dfu.transfer_size, 2048);
}

/* HID 1.11 section 6.2.1: its descriptor is of type 0x21 and 9 bytes long, too */
static void a_hid_descriptor_is_not_taken_for_dfus(void **state)
{
    static const uint8_t configuration[] = {
        9, 2,    34,   0,    1,    1,    0,    0xa0, 50,   /**/
        9, 4,    0,    0,    1,    0x03, 0x01, 0x01, 0,    /**/
        9, 0x21, 0x11, 0x01, 0x00, 0x01, 0x22, 0x41, 0x00, /**/
        7, 5,    0x81, 3,    8,    0,    10,
    };
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x0200, configuration, sizeof(configuration));
    assert_int_equal(device.interfaces_length, 1);
    assert_int_equal(device.endpoints_length, 1);
    assert_false(device.dfu.known);
}

/* Hosts read the first 9 bytes alone before the whole, and again later. */
static void the_short_read_of_a_configuration_changes_nothing(void **state)
{
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x0200, rom_configuration, 9);
    assert_false(device.configuration_known);
    give(&device, 0x0200, rom_configuration, sizeof(rom_configuration));
    give(&device, 0x0200, rom_configuration, 9);
    assert_true(device.configuration_known);
    assert_int_equal(device.interfaces_length, 4);
}

static void the_short_read_of_a_device_descriptor_changes_nothing(void **state)
{
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x0100, rom_device, 8);
    assert_false(device.descriptor_known);
}

static void the_selected_configuration_counts(void **state)
{
    uint8_t second[sizeof(cdc_configuration)];
    struct btap_usb_device device;

    (void)state;
    memcpy(second, cdc_configuration, sizeof(second));
    second[5] = 2;
    btap_usb_device_init(&device);
    give(&device, 0x0200, rom_configuration, sizeof(rom_configuration));
    give(&device, 0x0201, second, sizeof(second));
    assert_int_equal(device.configuration, 1);
    assert_int_equal(device.interfaces_length, 4);
    set_configuration(&device, 2);
    assert_false(device.configuration_known);
    assert_false(device.dfu.known);
    give(&device, 0x0200, rom_configuration, sizeof(rom_configuration));
    give(&device, 0x0201, second, sizeof(second));
    assert_int_equal(device.configuration, 2);
    assert_int_equal(device.interfaces_length, 2);
}

static void strings_become_ascii(void **state)
{
    static const uint8_t text[] = {14, 3, 'S', 0, 'T', 0, 0xae, 0, 0x22, 0x21, '~', 0, 0x7f, 0};
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    assert_null(btap_usb_device_string(&device, 1));
    give(&device, 0x0301, text, sizeof(text));
    assert_string_equal(btap_usb_device_string(&device, 1), "ST\?\?~?");
    assert_null(btap_usb_device_string(&device, 0));
    assert_null(btap_usb_device_string(&device, 2));
}

/* The serial number of a GD32 bootloader, 28e9:0189: four ASCII bytes where UTF-16 belongs */
static void a_string_that_is_not_utf16_breaks_nothing(void **state)
{
    static const uint8_t serial[] = {0x06, 0x03, 0x33, 0x43, 0x42, 0x4a};
    static const uint8_t odd[] = {5, 3, 'A', 0, 'B'};
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x0303, serial, sizeof(serial));
    assert_string_equal(btap_usb_device_string(&device, 3), "??");
    give(&device, 0x0304, odd, sizeof(odd));
    assert_string_equal(btap_usb_device_string(&device, 4), "A");
}

static void the_longest_string_fits(void **state)
{
    uint8_t longest[255] = {255, 3};
    struct btap_usb_device device;

    (void)state;
    for (size_t i = 2; i + 1 < sizeof(longest); i += 2)
        longest[i] = 'x';
    btap_usb_device_init(&device);
    give(&device, 0x0301, longest, sizeof(longest));
    assert_int_equal(strlen(btap_usb_device_string(&device, 1)), 126);
}

/* The table of languages is string 0; it is no text. */
static void the_table_of_languages_is_no_string(void **state)
{
    static const uint8_t languages[] = {4, 3, 0x09, 0x04};
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x0300, languages, sizeof(languages));
    for (size_t i = 0; i < BTAP_USB_STRINGS_MAX; i++)
        assert_int_equal(device.strings[i].index, 0);
}

static void a_cut_string_is_left_out(void **state)
{
    struct btap_usb_device device;
    struct btap_usb_control control = answer(0x0304, at_a, 4);

    (void)state;
    btap_usb_device_init(&device);
    control.length = sizeof(at_a); /* by the snapshot length */
    btap_usb_device_control(&device, &control);
    assert_null(btap_usb_device_string(&device, 4));

    control.length = 4; /* by the host, which asked for the start only */
    control.setup.length = 4;
    btap_usb_device_control(&device, &control);
    assert_null(btap_usb_device_string(&device, 4));

    control.setup.length = 255; /* by the device itself: there is no more */
    btap_usb_device_control(&device, &control);
    assert_string_equal(btap_usb_device_string(&device, 4), "@");
}

/* As usbmon's text files have it: 32 bytes, two alternate settings and a part of the third. What
 * is behind them may be anything. */
static void a_cut_configuration_does_not_tell_all(void **state)
{
    static const uint8_t other[] = {
        9, 2, 27, 0, 1, 1, 0, 0xc0, 0x32, /**/
        9, 4, 0,  0, 0, 3, 0, 0,    0,    /* HID */
    };
    struct btap_usb_device device;
    struct btap_usb_control control = answer(0x0200, rom_configuration, 32);

    (void)state;
    btap_usb_device_init(&device);
    control.length = sizeof(rom_configuration);
    btap_usb_device_control(&device, &control);
    assert_true(device.configuration_known && device.configuration_cut);
    assert_int_equal(device.interfaces_length, 2);
    assert_false(device.dfu.known);
    assert_false(btap_usb_device_interfaces_known(&device));
    assert_true(btap_usb_device_in_dfu_mode(&device));

    control = answer(0x0200, other, sizeof(other));
    control.length = sizeof(other) + 9;
    btap_usb_device_control(&device, &control);
    assert_true(device.configuration_cut);
    assert_true(btap_usb_device_may_be_dfu(&device));
    give(&device, 0x0304, at_a, sizeof(at_a));
    assert_string_equal(btap_usb_device_target(&device), "@A");

    give(&device, 0x0200, other, sizeof(other));
    assert_false(device.configuration_cut);
    assert_true(btap_usb_device_interfaces_known(&device));
    assert_false(btap_usb_device_may_be_dfu(&device));
    assert_null(btap_usb_device_target(&device));
}

static void layouts_go_before_other_strings(void **state)
{
    static const uint8_t plain[] = {4, 3, 'p', 0};
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    for (uint16_t i = 1; i <= BTAP_USB_STRINGS_MAX; i++)
        give(&device, (uint16_t)(0x0300 | i), plain, sizeof(plain));
    give(&device, 0x0320, plain, sizeof(plain));
    /* Without room it is kept as the last one that was read, until the next. */
    assert_string_equal(btap_usb_device_string(&device, 0x20), "p");
    give(&device, 0x0321, at_a, sizeof(at_a));
    assert_null(btap_usb_device_string(&device, 0x20));
    assert_string_equal(btap_usb_device_string(&device, 0x21), "@A");
    assert_string_equal(btap_usb_device_string(&device, 1), "p");
}

/* A layout never gives way to another, a plain string does. */
static void a_layout_takes_the_place_of_a_plain_string(void **state)
{
    static const uint8_t plain[] = {6, 3, 'A', 0, '@', 0};
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x0301, plain, sizeof(plain));
    for (uint16_t i = 2; i <= BTAP_USB_STRINGS_MAX; i++)
        give(&device, (uint16_t)(0x0300 + i), at_a, sizeof(at_a));
    give(&device, 0x0320, at_b, sizeof(at_b));
    assert_null(btap_usb_device_string(&device, 1));
    for (uint8_t i = 2; i <= BTAP_USB_STRINGS_MAX; i++)
        assert_string_equal(btap_usb_device_string(&device, i), "@A");
    assert_string_equal(btap_usb_device_string(&device, 0x20), "@B");
    give(&device, 0x0321, at_b, sizeof(at_b)); /* nothing is left to give way ... */
    give(&device, 0x0320, at_b, sizeof(at_b)); /* ... and this is the last one that was read */
    assert_null(btap_usb_device_string(&device, 0x21));
    assert_string_equal(btap_usb_device_string(&device, 0x20), "@B");
}

/* What a device says last of a string is kept, once. */
static void a_string_that_is_told_again(void **state)
{
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x0301, at_a, sizeof(at_a));
    give(&device, 0x0302, at_a, sizeof(at_a));
    give(&device, 0x0302, at_b, sizeof(at_b));
    assert_string_equal(btap_usb_device_string(&device, 1), "@A");
    assert_string_equal(btap_usb_device_string(&device, 2), "@B");
}

/* DFU 1.1 section 4.1.3: nine bytes, seven in DFU 1.0; six are none. */
static void a_functional_descriptor_of_six_bytes_is_none(void **state)
{
    static const uint8_t six[] = {6, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x08};
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x2100, six, sizeof(six));
    assert_false(device.dfu.known);
}

/* A damaged configuration: an endpoint that no interface goes before is one of interface 0. */
static void an_endpoint_before_all_interfaces(void **state)
{
    static const uint8_t damaged[] = {
        9, 2, 25,   0, 1,    1, 0,    0x80, 50, /**/
        7, 5, 0x81, 2, 0x40, 0, 0,              /**/
        9, 4, 3,    0, 0,    0, 0xff, 0,    0,
    };
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x0200, damaged, sizeof(damaged));
    assert_int_equal(device.endpoints_length, 1);
    assert_int_equal(device.endpoints[0].interface, 0);
    assert_int_equal(device.interfaces[0].number, 3);
}

static void layout_of_the_alternate_in_force(void **state)
{
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x0200, rom_configuration, sizeof(rom_configuration));
    give(&device, 0x0304, at_a, sizeof(at_a));
    give(&device, 0x0305, at_b, sizeof(at_b));
    assert_null(btap_usb_device_layout(&device)); /* which of the four is not known yet */
    set_interface(&device, 0, 1);
    assert_string_equal(btap_usb_device_layout(&device), "@B");
    set_interface(&device, 0, 2);
    assert_null(btap_usb_device_layout(&device)); /* its string is not in the capture */
    set_configuration(&device, 1);
    assert_string_equal(btap_usb_device_layout(&device), "@A"); /* alternate 0 from then on */
}

static void layout_without_descriptors_is_the_only_one(void **state)
{
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    assert_null(btap_usb_device_layout(&device));
    give(&device, 0x0304, at_a, sizeof(at_a));
    assert_string_equal(btap_usb_device_layout(&device), "@A");
    give(&device, 0x0305, at_b, sizeof(at_b));
    assert_null(btap_usb_device_layout(&device));
}

static void a_string_that_is_no_layout_is_none(void **state)
{
    static const uint8_t plain[] = {4, 3, 'p', 0};
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x0200, rom_configuration, sizeof(rom_configuration));
    give(&device, 0x0304, plain, sizeof(plain));
    set_interface(&device, 0, 0);
    assert_null(btap_usb_device_layout(&device));
}

static void failed_and_other_transfers_change_nothing(void **state)
{
    struct btap_usb_device before;
    struct btap_usb_device device;
    struct btap_usb_control control;

    (void)state;
    btap_usb_device_init(&before);
    btap_usb_device_init(&device);
    control = answer(0x0100, rom_device, sizeof(rom_device));
    control.status = BTAP_USB_STALL;
    btap_usb_device_control(&device, &control);
    control.status = BTAP_USB_OK;
    control.setup_known = false;
    btap_usb_device_control(&device, &control);
    control.setup_known = true;
    control.setup.request_type = 0xa1;
    btap_usb_device_control(&device, &control);
    control.setup = (struct btap_usb_setup){.request_type = 0x01, .request = 11, .value = 1};
    control.status = BTAP_USB_CANCELLED;
    btap_usb_device_control(&device, &control);
    assert_memory_equal(&device, &before, sizeof(device));
}

/* USB 2.0 sections 9.4.7, 9.4.10: SET_CONFIGURATION and SET_INTERFACE may be stalled. */
static void stalled_selections_are_kept(void **state)
{
    static const struct {
        uint8_t type;
        uint8_t request;
        enum btap_usb_refusal refused;
    } cases[] = {
        {0x00, 9, BTAP_USB_REFUSED_CONFIGURATION},
        {0x01, 11, BTAP_USB_REFUSED_INTERFACE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct btap_usb_device device;
        struct btap_usb_control control = answer(0, NULL, 0);

        btap_usb_device_init(&device);
        assert_int_equal(device.refused, BTAP_USB_REFUSED_NOTHING);
        control.setup = (struct btap_usb_setup){
            .request_type = cases[i].type, .request = cases[i].request, .value = 3};
        control.at = (struct btap_origin){.packet = 77, .time = 5};
        control.status = BTAP_USB_STALL;
        btap_usb_device_control(&device, &control);
        assert_int_equal(device.refused, cases[i].refused);
        assert_int_equal(device.refused_value, 3);
        assert_int_equal(device.refused_packet, 77);
        assert_int_equal(device.refused_time, 5);
        assert_int_equal(device.selected_configuration, 0);
        assert_false(device.alternate_known);
        control.status = BTAP_USB_OK;
        btap_usb_device_control(&device, &control);
        assert_int_equal(device.refused, BTAP_USB_REFUSED_NOTHING);
    }
}

/* The name of the alternate setting in force, be it a layout or not. */
static void the_name_of_the_place(void **state)
{
    static const uint8_t plain[] = {4, 3, 'p', 0};
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x0200, rom_configuration, sizeof(rom_configuration));
    assert_null(btap_usb_device_target(&device));
    give(&device, 0x0304, plain, sizeof(plain));
    set_interface(&device, 0, 0);
    assert_string_equal(btap_usb_device_target(&device), "p");
    assert_null(btap_usb_device_layout(&device));
}

/* A length of 0 would never end; one beyond the end would read behind it. */
static void malformed_descriptors_are_safe(void **state)
{
    uint8_t bytes[sizeof(cdc_configuration)];
    struct btap_usb_device device;

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        static const uint8_t values[] = {0, 1, 2, 0x7f, 0xff};

        for (size_t j = 0; j < sizeof(values); j++) {
            memcpy(bytes, cdc_configuration, sizeof(bytes));
            bytes[i] = values[j];
            btap_usb_device_init(&device);
            give(&device, 0x0200, bytes, sizeof(bytes));
            assert_in_range(device.interfaces_length, 0, 9);
        }
    }
    memcpy(bytes, cdc_configuration, sizeof(bytes));
    bytes[44] = 0; /* the second interface's length */
    btap_usb_device_init(&device);
    give(&device, 0x0200, bytes, sizeof(bytes));
    assert_int_equal(device.interfaces_length, 1);
    assert_int_equal(device.endpoints_length, 1);
}

/* wTotalLength and bLength bound what counts, not the transfer. */
static void bytes_behind_a_descriptor_are_none_of_it(void **state)
{
    static const uint8_t text[] = {6, 3, 'A', 0, 'B', 0, 'C', 0};
    uint8_t bytes[sizeof(rom_configuration)];
    struct btap_usb_device device;

    (void)state;
    memcpy(bytes, rom_configuration, sizeof(bytes));
    bytes[2] = 18;
    btap_usb_device_init(&device);
    give(&device, 0x0200, bytes, sizeof(bytes));
    assert_int_equal(device.interfaces_length, 1);
    give(&device, 0x0301, text, sizeof(text));
    assert_string_equal(btap_usb_device_string(&device, 1), "AB");
}

static void more_than_fits_is_dropped(void **state)
{
    uint8_t bytes[9 + 40 * 16] = {9, 2, 0x89, 0x02, 40, 1, 0, 0x80, 50};
    struct btap_usb_device device;

    (void)state;
    for (uint8_t i = 0; i < 40; i++) {
        const uint8_t interface[] = {9, 4, i, 0, 1, 0xff, 0, 0, 0, 7, 5, i, 2, 64, 0, 0};

        memcpy(bytes + 9 + 16 * i, interface, sizeof(interface));
    }
    btap_usb_device_init(&device);
    give(&device, 0x0200, bytes, sizeof(bytes));
    assert_int_equal(device.interfaces_length, BTAP_USB_INTERFACES_MAX);
    assert_int_equal(device.endpoints_length, BTAP_USB_ENDPOINTS_MAX);
}

static void an_endpoint_of_several_alternates_is_kept_once(void **state)
{
    static const uint8_t configuration[] = {
        9, 2, 41,   0, 1,    1,    0, 0x80, 50, /**/
        9, 4, 0,    0, 1,    0xff, 0, 0,    0,  /**/
        7, 5, 0x81, 2, 0x40, 0x00, 0,           /**/
        9, 4, 0,    1, 1,    0xff, 0, 0,    0,  /**/
        7, 5, 0x81, 2, 0x00, 0x02, 0,
    };
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    give(&device, 0x0200, configuration, sizeof(configuration));
    assert_int_equal(device.interfaces_length, 2);
    assert_int_equal(device.endpoints_length, 1);
    assert_int_equal(device.endpoints[0].max_packet_size, 64);
}

static void cut_at_every_byte(uint16_t value, const uint8_t *bytes, uint32_t length)
{
    for (uint32_t cut = 0; cut <= length; cut++) {
        uint8_t *exact = test_malloc(cut + (cut == 0)); /* sanitizers see reads behind it */
        struct btap_usb_device device;
        struct btap_usb_control control = answer(value, exact, cut);

        memcpy(exact, bytes, cut);
        control.length = length;
        btap_usb_device_init(&device);
        btap_usb_device_control(&device, &control);
        assert_int_equal(btap_usb_device_brings_descriptor(&control), value == 0x0100 && cut == 18);
        test_free(exact);
    }
}

static void descriptors_cut_at_every_byte(void **state)
{
    (void)state;
    cut_at_every_byte(0x0100, rom_device, sizeof(rom_device));
    cut_at_every_byte(0x0200, rom_configuration, sizeof(rom_configuration));
    cut_at_every_byte(0x0200, cdc_configuration, sizeof(cdc_configuration));
    cut_at_every_byte(0x0304, at_a, sizeof(at_a));
    cut_at_every_byte(0x2100, rom_configuration + sizeof(rom_configuration) - 9, 9);
}

static void another_device_is_told_from_the_known_one(void **state)
{
    struct btap_usb_control control = answer(0x0100, rom_device, sizeof(rom_device));
    uint8_t other[sizeof(rom_device)];
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    assert_false(btap_usb_device_is_other(&device, &control)); /* none was known */
    btap_usb_device_control(&device, &control);
    assert_false(btap_usb_device_is_other(&device, &control));
    for (size_t i = 8; i < 14; i++) {
        memcpy(other, rom_device, sizeof(other));
        other[i] ^= 1;
        control.data = other;
        assert_true(btap_usb_device_is_other(&device, &control));
    }
}

/** DFU 1.1 section 4.2.3: protocol 2 is DFU mode. ST's id stands for it without descriptors. */
static void dfu_mode_is_told_by_protocol_or_id(void **state)
{
    uint8_t run_time[sizeof(rom_configuration)];
    struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    assert_false(btap_usb_device_in_dfu_mode(&device));
    give(&device, 0x0200, cdc_configuration, sizeof(cdc_configuration));
    assert_false(btap_usb_device_in_dfu_mode(&device));
    give(&device, 0x0100, rom_device, sizeof(rom_device));
    assert_true(btap_usb_device_in_dfu_mode(&device));
    btap_usb_device_init(&device);
    give(&device, 0x0200, rom_configuration, sizeof(rom_configuration));
    assert_true(btap_usb_device_in_dfu_mode(&device));
    memcpy(run_time, rom_configuration, sizeof(run_time));
    for (size_t at = 9; at < 45; at += 9)
        run_time[at + 7] = 1;
    btap_usb_device_init(&device);
    give(&device, 0x0200, run_time, sizeof(run_time));
    assert_false(btap_usb_device_in_dfu_mode(&device));
}

/** USB 2.0 section 9.1.2: a host needs the address and both descriptors; it can do without strings.
 */
static void what_an_enumeration_cannot_do_without(void **state)
{
    struct btap_usb_control control = answer(0x0100, NULL, 0);

    (void)state;
    control.status = BTAP_USB_BUS_ERROR;
    assert_true(btap_usb_device_enumerates(&control));
    control.setup.value = 0x0200;
    assert_true(btap_usb_device_enumerates(&control));
    control.setup.value = 0x0302;
    assert_false(btap_usb_device_enumerates(&control));
    control.setup.value = 0x0600; /* device qualifier */
    assert_false(btap_usb_device_enumerates(&control));
    control.setup.request_type = 0x00;
    control.setup.request = 5;
    assert_true(btap_usb_device_enumerates(&control));
    control.setup.request = 9;
    assert_false(btap_usb_device_enumerates(&control));
    control.setup_known = false;
    assert_false(btap_usb_device_enumerates(&control));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dfu_mode_is_told_by_protocol_or_id),
        cmocka_unit_test(what_an_enumeration_cannot_do_without),
        cmocka_unit_test(device_descriptor),
        cmocka_unit_test(configuration_of_the_rom),
        cmocka_unit_test(configuration_of_a_cdc_adapter),
        cmocka_unit_test(functional_descriptor_of_seven_bytes),
        cmocka_unit_test(functional_descriptor_asked_for_alone),
        cmocka_unit_test(a_hid_descriptor_is_not_taken_for_dfus),
        cmocka_unit_test(the_short_read_of_a_configuration_changes_nothing),
        cmocka_unit_test(the_short_read_of_a_device_descriptor_changes_nothing),
        cmocka_unit_test(the_selected_configuration_counts),
        cmocka_unit_test(strings_become_ascii),
        cmocka_unit_test(a_string_that_is_not_utf16_breaks_nothing),
        cmocka_unit_test(the_longest_string_fits),
        cmocka_unit_test(the_table_of_languages_is_no_string),
        cmocka_unit_test(a_cut_string_is_left_out),
        cmocka_unit_test(a_cut_configuration_does_not_tell_all),
        cmocka_unit_test(layouts_go_before_other_strings),
        cmocka_unit_test(a_layout_takes_the_place_of_a_plain_string),
        cmocka_unit_test(a_string_that_is_told_again),
        cmocka_unit_test(a_functional_descriptor_of_six_bytes_is_none),
        cmocka_unit_test(an_endpoint_before_all_interfaces),
        cmocka_unit_test(layout_of_the_alternate_in_force),
        cmocka_unit_test(layout_without_descriptors_is_the_only_one),
        cmocka_unit_test(a_string_that_is_no_layout_is_none),
        cmocka_unit_test(failed_and_other_transfers_change_nothing),
        cmocka_unit_test(stalled_selections_are_kept),
        cmocka_unit_test(the_name_of_the_place),
        cmocka_unit_test(malformed_descriptors_are_safe),
        cmocka_unit_test(bytes_behind_a_descriptor_are_none_of_it),
        cmocka_unit_test(more_than_fits_is_dropped),
        cmocka_unit_test(an_endpoint_of_several_alternates_is_kept_once),
        cmocka_unit_test(descriptors_cut_at_every_byte),
        cmocka_unit_test(another_device_is_told_from_the_known_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
