/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --to of boottap replay: what the forms mean, and what is said of what is none of them.
 */
#include <stdio.h>
#include <string.h>

#include "replay/target.h"
#include "said.h"
#include "test.h"

static void serial_ports(void **state)
{
    struct target target;

    (void)state;
    assert_true(target_parse(&target, "serial:/dev/ttyUSB0"));
    assert_int_equal(target.medium, WIRE_SERIAL);
    assert_string_equal(target.name, "serial:/dev/ttyUSB0");
    assert_string_equal(target.place, "/dev/ttyUSB0");
    assert_int_equal(target.baud, 0);
    assert_int_equal(target_transport(&target, BTAP_USART), BTAP_USART);
    assert_true(target_parse(&target, "serial:ttyS1,57600"));
    assert_string_equal(target.place, "ttyS1");
    assert_int_equal(target.baud, 57600);
}

static void can_interfaces(void **state)
{
    struct target target;

    (void)state;
    assert_true(target_parse(&target, "can:vcan0"));
    assert_int_equal(target.medium, WIRE_CAN);
    assert_string_equal(target.place, "vcan0");
    assert_int_equal(target_transport(&target, BTAP_FDCAN), BTAP_FDCAN);
    /* Either bootloader may be there: it is that of the capture. */
    assert_int_equal(target_transport(&target, BTAP_CAN), BTAP_CAN);
    assert_int_equal(target_transport(&target, BTAP_USART), BTAP_FDCAN);
    assert_true(target_parse(&target, "can:vcan0,classic"));
    assert_string_equal(target.place, "vcan0");
    assert_int_equal(target_transport(&target, BTAP_FDCAN), BTAP_CAN);
}

static void usb_devices(void **state)
{
    struct target target;

    (void)state;
    assert_true(target_parse(&target, "usb:0483:df11"));
    assert_int_equal(target.medium, WIRE_USB);
    assert_int_equal(target.usb_vendor, 0x0483);
    assert_int_equal(target.usb_product, 0xdf11);
    assert_string_equal(target.place, "");
    assert_int_equal(target_transport(&target, BTAP_DFU), BTAP_DFU);
    assert_true(target_parse(&target, "usb:483:DF11,1-1.2"));
    assert_int_equal(target.usb_vendor, 0x0483);
    assert_int_equal(target.usb_product, 0xdf11);
    assert_string_equal(target.place, "1-1.2");
    assert_true(target_parse(&target, "usb:1209:db42,FFFF FFFE,1"));
    assert_string_equal(target.place, "FFFF FFFE,1");
}

static void assert_wrong(const char *text, const char *words)
{
    struct target target;
    bool parsed;
    const char *said;

    said_begin();
    parsed = target_parse(&target, text);
    said = said_end();
    assert_false(parsed);
    if (strstr(said, words) == NULL)
        fail_msg("'%s' gives: %s", text, said);
    /* One line. */
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

static void what_is_no_target(void **state)
{
    static const char *const texts[] = {"",      "ttyUSB0", "/dev/ttyUSB0", "serial",
                                        "vcan0", "can",     "usb",          "tap:/dev/tty1,/tty2"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_wrong(texts[i], "is no target; it must be serial:PORT[,BAUD], can:IFACE[,classic] "
                               "or usb:VID:PID[,SERIAL or BUS-PORT]");
    assert_wrong("Serial:ttyS0", "is no target (did you mean 'serial'?); it must be ");
}

static void what_is_wrong_in_one(void **state)
{
    char longest[400];

    (void)state;
    assert_wrong("serial:", "--to serial:: it names no port");
    assert_wrong("serial:,9600", "it names no port");
    assert_wrong("serial:ttyS0,", "'' is no rate; a rate is a number such as 115200");
    assert_wrong("serial:ttyS0,fast", "'fast' is no rate");
    assert_wrong("serial:ttyS0,0", "'0' is no rate");
    assert_wrong("serial:ttyS0,-9600", "'-9600' is no rate");
    assert_wrong("serial:ttyS0,9600,8E1", "'9600,8E1' is no rate");
    assert_wrong("serial:ttyS0,99999999999999999999", "is no rate");
    assert_wrong("can:", "it names no interface");
    assert_wrong("can:can0,500000", "nothing may follow the interface but ',classic'");
    assert_wrong("can:can0,classic,1", "nothing may follow the interface but ',classic'");
    assert_wrong("can:,classic", "it names no interface");
    /* IFNAMSIZ is 16 with the zero. */
    assert_wrong("can:abcdefghijklmnop", "'abcdefghijklmnop' is no name of an interface");
    assert_wrong("can:../can0", "'../can0' is no name of an interface");
    assert_wrong("usb:", "after 'usb:' stand vendor and product");
    assert_wrong("usb:0483", "after 'usb:' stand vendor and product");
    assert_wrong("usb:0483:", "after 'usb:' stand vendor and product");
    assert_wrong("usb:dfu", "after 'usb:' stand vendor and product");
    assert_wrong("usb:1.5", "after 'usb:' stand vendor and product");
    assert_wrong("usb:0483:df111", "after 'usb:' stand vendor and product");
    assert_wrong("usb:0483:df11:1-1", "after 'usb:' stand vendor and product");
    assert_wrong("usb:0x483:0xdf11", "after 'usb:' stand vendor and product");
    assert_wrong("usb:00000000000000000483:df11", "after 'usb:' stand vendor and product");
    assert_wrong("usb:0483:df11,", "it names no serial number or bus and port after the ','");

    memset(longest, 'x', sizeof(longest));
    memcpy(longest, "serial:", 7);
    longest[7 + 256] = '\0';
    assert_wrong(longest, "too long a port");
}

/** What is not there is told, by the name that the user wrote. */
static void what_is_not_there(void **state)
{
    const struct btap_serial_settings settings = {0};
    static const char *const targets[][2] = {
        {"serial:/nowhere/tty", "/nowhere/tty: not there"},
        {"can:nowhere0", "nowhere0: there is no such CAN interface"},
        {"usb:0bad:f00d,1-1", "usb:0bad:f00d,1-1: no"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        struct target target;
        struct wire *wire;
        const char *said;

        assert_true(target_parse(&target, targets[i][0]));
        said_begin();
        wire = target_open(&target, BTAP_USART, &settings);
        said = said_end();
        assert_null(wire);
        assert_non_null(strstr(said, targets[i][1]));
        assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serial_ports),         cmocka_unit_test(can_interfaces),
        cmocka_unit_test(usb_devices),          cmocka_unit_test(what_is_no_target),
        cmocka_unit_test(what_is_wrong_in_one), cmocka_unit_test(what_is_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
