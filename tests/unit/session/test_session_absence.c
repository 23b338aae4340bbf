/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a USB capture without a bootloader is said to lack.
 */
#include <string.h>

#include "boottap/session.h"
#include "test.h"

static struct btap_link link;
static struct btap_session session;

/** A bus whose first record is packet 5. */
static struct btap_usb_presence seen(enum btap_usb_shown shown)
{
    return (struct btap_usb_presence){
        .seen = true,
        .shown = shown,
        .interface_id = 2,
        .bus = 3,
        .address = 9,
        .packet = 5,
        .time = 77,
        .vendor = 0x0483,
        .product = 0xdf11,
    };
}

static bool is_absent(struct btap_usb_presence presence)
{
    memset(&link, 0xff, sizeof(link));
    memset(&session, 0xff, sizeof(session));
    return btap_session_absence(&presence, &link, &session);
}

static void what_shows_says_what_is_absent(void **state)
{
    static const struct {
        enum btap_usb_shown shown;
        enum btap_absence absence;
    } cases[] = {
        {BTAP_USB_SHOWS_DFU_MODE, BTAP_ABSENCE_NEVER_ASKED},
        {BTAP_USB_SHOWS_FAILED_ENUMERATION, BTAP_ABSENCE_ENUMERATION_FAILED},
        {BTAP_USB_SHOWS_NEITHER, BTAP_ABSENCE_NO_DEVICE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(is_absent(seen(cases[i].shown)));
        assert_int_equal(session.absence, cases[i].absence);
        assert_int_equal(session.transport, BTAP_DFU);
        assert_int_equal(session.number, 1);
        assert_int_equal(session.transactions, 0);
        assert_int_equal(session.failures_length, 0);
        assert_int_equal(session.first_packet, 5);
        assert_int_equal(session.last_packet, 5);
        assert_int_equal(session.time, 77);
        assert_int_equal(session.usb_vendor, 0x0483);
        assert_int_equal(session.usb_product, 0xdf11);
        assert_int_equal(link.kind, BTAP_LINK_USB);
        assert_int_equal(link.transport, BTAP_DFU);
        assert_int_equal(link.interface_id, 2);
        assert_int_equal(link.bus, 3);
        assert_int_equal(link.device, 9);
    }
}

static void a_capture_of_no_usb_lacks_nothing(void **state)
{
    struct btap_usb_presence presence = seen(BTAP_USB_SHOWS_DFU_MODE);

    (void)state;
    presence.seen = false;
    assert_false(is_absent(presence));
}

/** Which devices a tool did not open, its system calls do not tell. */
static void what_a_tool_opened_says_nothing_of_others(void **state)
{
    struct btap_usb_presence presence = seen(BTAP_USB_SHOWS_NEITHER);

    (void)state;
    presence.at_tool = true;
    assert_false(is_absent(presence));
    presence.shown = BTAP_USB_SHOWS_DFU_MODE;
    assert_true(is_absent(presence));
    assert_true(session.at_tool);
    assert_true(link.at_tool);
}

/** The host may flash through a serial adapter: a missing DFU device is then no trouble. */
static void an_adapter_explains_a_missing_device_only(void **state)
{
    struct btap_usb_presence presence = seen(BTAP_USB_SHOWS_NEITHER);

    (void)state;
    presence.adapter = true;
    assert_false(is_absent(presence));
    presence.shown = BTAP_USB_SHOWS_DFU_MODE;
    assert_true(is_absent(presence));
    presence.shown = BTAP_USB_SHOWS_FAILED_ENUMERATION;
    assert_true(is_absent(presence));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_shows_says_what_is_absent),
        cmocka_unit_test(a_capture_of_no_usb_lacks_nothing),
        cmocka_unit_test(what_a_tool_opened_says_nothing_of_others),
        cmocka_unit_test(an_adapter_explains_a_missing_device_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
