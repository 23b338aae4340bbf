/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What of the USB wire needs no device: which one is meant among those that there are, which one
 * has come back, what libusb's errors mean. The rest is tested in the virtual machine (tests/vm).
 */
#include <errno.h>
#include <libusb.h>
#include <stdio.h>
#include <string.h>

#include "port/wire_usb_choice.h"
#include "port/wire_usb_status.h"
#include "test.h"

#define DFU     USB_DEVICE_DFU_MODE
#define RUNTIME USB_DEVICE_DFU_RUNTIME
#define NO_DFU  USB_DEVICE_NO_DFU

static struct usb_device devices[] = {
    {.bus = 1, .number = 1, .port = "usb1", .vendor = 0x1d6b, .product = 0x0002, .hub = true},
    {.bus = 1,
     .number = 4,
     .port = "1-1",
     .vendor = 0x0483,
     .product = 0xdf11,
     .dfu = DFU,
     .model = "STM32 BOOTLOADER",
     .serial = "207D36"},
    {.bus = 1,
     .number = 5,
     .port = "1-2.4",
     .vendor = 0x0483,
     .product = 0xdf11,
     .dfu = DFU,
     .model = "STM32 BOOTLOADER",
     .serial = "1-1.1"},
    {.bus = 1, .number = 6, .port = "1-3", .vendor = 0x1209, .product = 0xdb42, .dfu = DFU},
    {.bus = 2,
     .number = 2,
     .port = "2-1",
     .vendor = 0x0483,
     .product = 0x5740,
     .dfu = RUNTIME,
     .model = "Application"},
    {.bus = 2, .number = 3, .port = "2-2", .vendor = 0x0483, .product = 0x3748, .dfu = NO_DFU},
};

static struct wire_usb_list first(size_t length)
{
    return (struct wire_usb_list){devices, length, length};
}

static const struct usb_device *choose(uint16_t vendor, uint16_t product, const char *place,
                                       const struct wire_usb_list *list, char *words)
{
    const struct wire_usb_wish wish = {"TARGET", vendor, product, place};

    words[0] = '\0';
    return wire_usb_choose(&wish, list, words);
}

static void the_one_that_is_meant(void **state)
{
    const struct wire_usb_list two = first(2);
    const struct wire_usb_list all = first(COUNT_OF(devices));
    char words[WIRE_USB_WORDS_SIZE];

    (void)state;
    assert_ptr_equal(choose(0x0483, 0xdf11, "", &two, words), &devices[1]);
    assert_ptr_equal(choose(0x1209, 0xdb42, "", &all, words), &devices[3]);
    assert_ptr_equal(choose(0x0483, 0xdf11, "207D36", &all, words), &devices[1]);
    assert_ptr_equal(choose(0x0483, 0xdf11, "1-1", &all, words), &devices[1]);
    assert_ptr_equal(choose(0x0483, 0xdf11, "1-2.4", &all, words), &devices[2]);
    /* A serial number that looks like a place is one all the same. */
    assert_ptr_equal(choose(0x0483, 0xdf11, "1-1.1", &all, words), &devices[2]);
}

static void none_that_is_meant(void **state)
{
    const struct wire_usb_list hub = first(1);
    const struct wire_usb_list two = first(2);
    const struct wire_usb_list rest = {devices + 4, 2, 2};
    char words[WIRE_USB_WORDS_SIZE];

    (void)state;
    assert_null(choose(0x0483, 0xdf11, "", &hub, words));
    assert_string_equal(words, "no device is in DFU mode; is it plugged in, and its bootloader "
                               "started (BOOT0 at reset)?");
    assert_null(choose(0x1209, 0xdb42, "", &two, words));
    assert_string_equal(words, "no such device is in DFU mode; these are: usb:0483:df11,1-1 (STM32 "
                               "BOOTLOADER, serial 207D36, 0483:df11)");
    /* Neither part of a serial number nor of a place is enough, nor another letter. */
    assert_null(choose(0x0483, 0xdf11, "207", &two, words));
    assert_null(choose(0x0483, 0xdf11, "207d36", &two, words));
    assert_null(choose(0x0483, 0xdf11, "1-", &two, words));
    assert_null(choose(0x0483, 0xdf11, "", &rest, words));
    assert_string_equal(words, "not in DFU mode; start its bootloader (`dfu-util -e`, or BOOT0 at "
                               "reset): usb:0483:5740,2-1 (Application, 0483:5740)");
    /* It is there, and not in DFU mode. */
    assert_null(choose(0x0483, 0x5740, "", &rest, words));
    assert_non_null(strstr(words, "not in DFU mode"));
}

static void several_that_are_meant(void **state)
{
    const struct wire_usb_list all = first(COUNT_OF(devices));
    char words[WIRE_USB_WORDS_SIZE];

    (void)state;
    assert_null(choose(0x0483, 0xdf11, "", &all, words));
    assert_string_equal(words, "several devices are meant; name one by bus and port or serial "
                               "number: usb:0483:df11,1-1 (STM32 BOOTLOADER, serial 207D36, "
                               "0483:df11), usb:0483:df11,1-2.4 (STM32 BOOTLOADER, serial 1-1.1, "
                               "0483:df11)");
}

/** Words of many devices end where there is no more room for them. */
static void more_than_can_be_named(void **state)
{
    static struct usb_device many[64];
    const struct wire_usb_list list = {many, COUNT_OF(many), COUNT_OF(many)};
    char words[WIRE_USB_WORDS_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(many); i++) {
        many[i] = devices[1];
        memset(many[i].model, 'x', sizeof(many[i].model) - 1);
    }
    assert_null(choose(0x0483, 0xdf11, "", &list, words));
    assert_int_equal(strlen(words), WIRE_USB_WORDS_SIZE - 1);
}

static void the_one_that_has_come_back(void **state)
{
    struct usb_device now[2] = {devices[0], devices[1]};
    const struct wire_usb_list list = {now, 2, 2};

    (void)state;
    /* It has not left. */
    assert_null(wire_usb_returned(&devices[1], &list));
    now[1].number = 9;
    assert_ptr_equal(wire_usb_returned(&devices[1], &list), &now[1]);
    /* In another place, by its serial number; on another bus with the old address. */
    strcpy(now[1].port, "3-1");
    now[1].bus = 3;
    now[1].number = 4;
    assert_ptr_equal(wire_usb_returned(&devices[1], &list), &now[1]);
    /* Another one in its place. */
    now[1] = devices[1];
    now[1].number = 9;
    strcpy(now[1].serial, "207D37");
    assert_null(wire_usb_returned(&devices[1], &list));
    /* Its firmware has started. */
    now[1] = devices[1];
    now[1].number = 9;
    now[1].product = 0x5740;
    now[1].dfu = RUNTIME;
    assert_null(wire_usb_returned(&devices[1], &list));
    now[1].product = 0xdf11;
    assert_null(wire_usb_returned(&devices[1], &list));
    /* One without a serial number is known by its place. */
    now[1] = devices[3];
    now[1].number = 9;
    assert_ptr_equal(wire_usb_returned(&devices[3], &list), &now[1]);
    strcpy(now[1].port, "1-4");
    assert_null(wire_usb_returned(&devices[3], &list));
}

/** Numbers are those of Linux, as usbmon records them. */
static void how_transfers_end(void **state)
{
    static const struct {
        int result;
        enum btap_usb_status status;
        int32_t raw;
        uint32_t transferred;
    } ends[] = {
        {0, BTAP_USB_OK, 0, 0},
        {2048, BTAP_USB_OK, 0, 2048},
        {LIBUSB_ERROR_PIPE, BTAP_USB_STALL, -32, 0},
        {LIBUSB_ERROR_NO_DEVICE, BTAP_USB_GONE, -108, 0},
        {LIBUSB_ERROR_TIMEOUT, BTAP_USB_TIMEOUT, -2, 0},
        {LIBUSB_ERROR_OVERFLOW, BTAP_USB_BABBLE, -75, 0},
        {LIBUSB_ERROR_IO, BTAP_USB_BUS_ERROR, -71, 0},
        {LIBUSB_ERROR_OTHER, BTAP_USB_OTHER, -5, 0},
        {LIBUSB_ERROR_BUSY, BTAP_USB_OTHER, -5, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct wire_control control = {.transferred = 99, .status = BTAP_USB_SHORT};

        wire_usb_set_status(&control, ends[i].result);
        assert_int_equal(control.status, ends[i].status);
        assert_int_equal(control.raw_status, ends[i].raw);
        assert_int_equal(control.transferred, ends[i].transferred);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_that_is_meant),      cmocka_unit_test(none_that_is_meant),
        cmocka_unit_test(several_that_are_meant),     cmocka_unit_test(more_than_can_be_named),
        cmocka_unit_test(the_one_that_has_come_back), cmocka_unit_test(how_transfers_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
