/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The start of a flash session (AN3155 sections 1 and 3.3): 7F is answered 79; Get ID 02 FD is
 * answered 79 01 04 13 79 (PID 0x413). Every adapter yields just these bytes.
 */
#include "adapter_rig.h"

#include "test.h"

static const uint8_t host[] = {0x7f, 0x02, 0xfd};
static const uint8_t target[] = {0x79, 0x79, 0x01, 0x04, 0x13, 0x79};

static void assert_session(const struct rig *rig)
{
    assert_int_equal(rig->received_length[0], sizeof(host));
    assert_memory_equal(rig->received[0], host, sizeof(host));
    assert_int_equal(rig->received_length[1], sizeof(target));
    assert_memory_equal(rig->received[1], target, sizeof(target));
    assert_int_equal(rig->lost, 0);
}

static void over_ftdi(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_control(&rig, 0x40, 0x00, 0, 0, NULL);
    rig_control(&rig, 0x40, 0x03, 0x001a, 0, NULL);
    rig_control(&rig, 0x40, 0x04, 0x0208, 0, NULL);
    rig_control(&rig, 0x40, 0x01, 0x0303, 0, NULL);
    rig_in(&rig, 0x81, "0160");
    rig_out(&rig, 0x02, "7f");
    rig_in(&rig, 0x81, "0100");
    rig_out_done(&rig, 0x02, 1, 1, BTAP_USB_OK);
    rig_in(&rig, 0x81, "0160 79");
    rig_in(&rig, 0x81, "0160");
    rig_out(&rig, 0x02, "02fd");
    rig_in(&rig, 0x81, "0160 79");
    rig_out_done(&rig, 0x02, 2, 2, BTAP_USB_OK);
    rig_in(&rig, 0x81, "0160 010413");
    rig_in(&rig, 0x81, "0160 79");
    rig_in(&rig, 0x81, "0160");
    assert_session(&rig);
}

static void over_cp210x_in_event_mode(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_control(&rig, 0x41, 0x00, 1, 0, NULL);
    rig_control(&rig, 0x41, 0x1e, 0, 0, "00c20100");
    rig_control(&rig, 0x41, 0x03, 0x0820, 0, NULL);
    rig_control(&rig, 0x41, 0x15, 0x0001, 0, NULL); /* 01: an escape that the answer holds */
    rig_out(&rig, 0x01, "7f");
    rig_in(&rig, 0x81, "0103 10"); /* CTS, then the ACK */
    rig_in(&rig, 0x81, "79");
    rig_out(&rig, 0x01, "02fd");
    rig_in(&rig, 0x81, "79 01");
    rig_in(&rig, 0x81, "00 0401");
    rig_in(&rig, 0x81, "0100 13 79");
    assert_session(&rig);
}

static void over_cdc_acm(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_control(&rig, 0x21, 0x20, 0, 2, "00c20100000208");
    rig_control(&rig, 0x21, 0x22, 0x0003, 2, NULL);
    rig_out(&rig, 0x05, "7f");
    rig_in(&rig, 0x84, "79");
    rig_out(&rig, 0x05, "02fd");
    rig_in(&rig, 0x84, "");
    rig_interrupt(&rig, 0x83, "a120 0000 0200 0200 0300");
    rig_in(&rig, 0x84, "7901041379");
    assert_session(&rig);
}

static void over_ch34x(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_control(&rig, 0xc0, 0x5f, 0, 0, "3100");
    rig_control(&rig, 0x40, 0xa1, 0, 0, NULL);
    rig_control(&rig, 0x40, 0x9a, 0x1312, 0xcc83, NULL);
    rig_control(&rig, 0x40, 0x9a, 0x2518, 0x00db, NULL);
    rig_control(&rig, 0x40, 0xa4, 0xff9f, 0, NULL);
    rig_out(&rig, 0x02, "7f");
    rig_in(&rig, 0x82, "79");
    rig_interrupt(&rig, 0x81, "08ff feee");
    rig_out(&rig, 0x02, "02fd");
    rig_in(&rig, 0x82, "79010413");
    rig_in(&rig, 0x82, "79");
    assert_session(&rig);
}

static void over_pl2303(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_control(&rig, 0xc0, 0x01, 0x8484, 0, "02");
    rig_control(&rig, 0x40, 0x01, 0x0404, 0, NULL);
    rig_control(&rig, 0x21, 0x20, 0, 0, "00c20100000208");
    rig_control(&rig, 0x21, 0x22, 0x0003, 0, NULL);
    rig_out(&rig, 0x02, "7f");
    rig_in(&rig, 0x83, "79");
    rig_interrupt(&rig, 0x81, "a120 0000 0000 0200 8000");
    rig_out(&rig, 0x02, "02fd");
    rig_in(&rig, 0x83, "79");
    rig_in(&rig, 0x83, "01041379");
    assert_session(&rig);
}

static void over_an_adapter_that_nothing_tells_of(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_out(&rig, 0x01, "7f");
    rig_in(&rig, 0x81, "79");
    rig_out(&rig, 0x01, "02fd");
    rig_in(&rig, 0x81, "7901041379");
    assert_session(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_ftdi),    cmocka_unit_test(over_cp210x_in_event_mode),
        cmocka_unit_test(over_cdc_acm), cmocka_unit_test(over_ch34x),
        cmocka_unit_test(over_pl2303),  cmocka_unit_test(over_an_adapter_that_nothing_tells_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
