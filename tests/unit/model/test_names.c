/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names of enums and of links; integers out of bytes.
 */
#include <string.h>

#include "boottap/link.h"
#include "boottap/transaction.h"
#include "model/bytes.h"
#include "model/text.h"
#include "test.h"

/* DFU 1.1 section 6.1.2 */
static void dfu_names_are_those_of_the_specification(void **state)
{
    static const char *const states[] = {
        "appIDLE",          "appDETACH",   "dfuIDLE",
        "dfuDNLOAD-SYNC",   "dfuDNBUSY",   "dfuDNLOAD-IDLE",
        "dfuMANIFEST-SYNC", "dfuMANIFEST", "dfuMANIFEST-WAIT-RESET",
        "dfuUPLOAD-IDLE",   "dfuERROR",    "unknown",
    };
    static const char *const statuses[] = {
        "OK",      "errTARGET", "errFILE",    "errWRITE",      "errERASE",    "errCHECK_ERASED",
        "errPROG", "errVERIFY", "errADDRESS", "errNOTDONE",    "errFIRMWARE", "errVENDOR",
        "errUSBR", "errPOR",    "errUNKNOWN", "errSTALLEDPKT", "unknown",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(states); i++)
        assert_string_equal(btap_dfu_state_name((uint8_t)i), states[i]);
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        assert_string_equal(btap_dfu_status_name((uint8_t)i), statuses[i]);
    assert_string_equal(btap_dfu_status_name(255), "unknown");
}

/* The contract of the JSON lines */
static void names_are_those_of_the_contract(void **state)
{
    static const char *const statuses[BTAP_STATUS_COUNT] = {
        [BTAP_OK] = "ok",
        [BTAP_NACK] = "nack",
        [BTAP_DFU_ERROR] = "error",
        [BTAP_STALL] = "stall",
        [BTAP_NO_REPLY] = "no-reply",
        [BTAP_BAD_REPLY] = "bad-reply",
        [BTAP_DISCONNECTED] = "disconnected",
        [BTAP_INCOMPLETE] = "incomplete",
    };

    (void)state;
    for (unsigned i = 0; i < BTAP_STATUS_COUNT; i++)
        assert_string_equal(btap_status_name((enum btap_status)i), statuses[i]);
    assert_string_equal(btap_status_name(BTAP_STATUS_COUNT), "unknown");
    assert_string_equal(btap_transport_name(BTAP_USART), "usart");
    assert_string_equal(btap_transport_name(BTAP_DFU), "dfu");
    assert_string_equal(btap_transport_name(BTAP_FDCAN), "fdcan");
    assert_string_equal(btap_transport_name(BTAP_CAN), "can");
    assert_string_equal(btap_transport_name(BTAP_TRANSPORT_COUNT), "unknown");
    assert_string_equal(btap_erase_name(BTAP_ERASE_MASS), "mass");
    assert_string_equal(btap_erase_name(BTAP_ERASE_BANK1), "bank1");
    assert_string_equal(btap_erase_name(BTAP_ERASE_BANK2), "bank2");
    assert_string_equal(btap_severity_name(BTAP_CHAT), "chat");
    assert_string_equal(btap_severity_name(BTAP_ERROR), "error");
    assert_string_equal(btap_direction_name(BTAP_HOST_TO_DEVICE), "host");
    assert_string_equal(btap_direction_name(BTAP_DEVICE_TO_HOST), "device");
}

static void links_have_names(void **state)
{
    static const struct {
        struct btap_link link;
        const char *name;
    } cases[] = {
        {{.kind = BTAP_LINK_SERIAL}, "serial"},
        {{.kind = BTAP_LINK_SERIAL, .interface_id = 2}, "serial:2"},
        {{.kind = BTAP_LINK_SERIAL, .interface_id = 2, .interface = "COM3"}, "serial:COM3"},
        {{.kind = BTAP_LINK_CAN}, "can"},
        {{.kind = BTAP_LINK_CAN, .interface_id = 1}, "can:1"},
        {{.kind = BTAP_LINK_CAN, .interface = "can0"}, "can:can0"},
        {{.kind = BTAP_LINK_USB, .bus = 1, .device = 28, .port = 3}, "usb:1.28"},
        {{.kind = BTAP_LINK_USB, .bus = 1, .device = 28, .interface_id = 1}, "usb:1.28@1"},
        {{.kind = BTAP_LINK_USB_SERIAL, .bus = 1, .device = 28, .port = 3}, "usb:1.28.3"},
        {{.kind = BTAP_LINK_USB_SERIAL, .bus = 1, .device = 28, .interface_id = 4}, "usb:1.28.0@4"},
    };
    char name[BTAP_LINK_NAME_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(btap_link_name(&cases[i].link, name, sizeof(name)), cases[i].name);
}

static void integers_in_either_order(void **state)
{
    static const uint8_t bytes[] = {0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8};

    (void)state;
    assert_int_equal(get_le16(bytes), 0x9281);
    assert_int_equal(get_be16(bytes), 0x8192);
    assert_int_equal(get_le32(bytes), 0xb4a39281);
    assert_int_equal(get_be32(bytes), 0x8192a3b4);
    assert_true(get_le64(bytes) == UINT64_C(0xf8e7d6c5b4a39281));
    assert_true(get_be64(bytes) == UINT64_C(0x8192a3b4c5d6e7f8));
    assert_int_equal(get_16(bytes, false), 0x9281);
    assert_int_equal(get_16(bytes, true), 0x8192);
    assert_int_equal(get_32(bytes, false), 0xb4a39281);
    assert_int_equal(get_32(bytes, true), 0x8192a3b4);
    assert_true(get_64(bytes, false) == UINT64_C(0xf8e7d6c5b4a39281));
    assert_true(get_64(bytes, true) == UINT64_C(0x8192a3b4c5d6e7f8));
}

/* What does not fit is cut; nothing is written behind the room. */
static void text_keeps_to_its_room(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 8; size++) {
        char room[9];
        struct text text;

        memset(room, '#', sizeof(room));
        text = text_begin(room, size);
        assert_int_equal(text.length, 0);
        text_append(&text, "%s", "abc");
        text_append(&text, "%u", 12345u);
        text_append(&text, "%s", "z");
        assert_int_equal(text.length, size - 1);
        assert_int_equal(strlen(room), size - 1);
        assert_memory_equal(room, "abc12345", size - 1);
        assert_int_equal(room[size], '#');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dfu_names_are_those_of_the_specification),
        cmocka_unit_test(names_are_those_of_the_contract),
        cmocka_unit_test(links_have_names),
        cmocka_unit_test(integers_in_either_order),
        cmocka_unit_test(text_keeps_to_its_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
