/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Expected rates, by hand: 384 MHz / (m x k), in the two encodings of m and k.
 */
#include "adapter_rig.h"

#include <stdio.h>

#include "test.h"

static void chip(struct rig *rig, uint16_t bcd_usb, uint16_t bcd_device)
{
    rig_init(rig);
    rig_device(rig, 0x067b, 0x2303, bcd_device);
    rig->device.bcd_usb = bcd_usb;
    rig_interface(rig, 0, 0xff, 0x00);
    rig_endpoint(rig, 0x81, 0, 3, 10);
    rig_endpoint(rig, 0x02, 0, 2, 64);
    rig_endpoint(rig, 0x83, 0, 2, 64);
}

static void line_coding_of_115200_8e1(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig, 0x0110, 0x0300);
    rig_control(&rig, 0x21, 0x20, 0, 0, "00c20100 00 02 08");
    rig_control(&rig, 0x21, 0x20, 0, 0, "00c20100 00 02 08");
    rig_expect(&rig, "0=115200-8E1");
}

static void divisors_in_both_encodings(void **state)
{
    static const struct {
        uint16_t bcd_usb; /**< 0: no descriptor */
        uint16_t bcd_device;
        const char *coded;
        const char *expected;
    } vectors[] = {
        /* HX: m 384, k 4; m 486, k 64 */
        {0x0110, 0x0300, "80030080", "0=250000-8E1"},
        {0x0110, 0x0400, "e6070080", "0=12345-8E1"},
        /* TA, TB: m 1536, k 1; m 1920, k 2; m 1920, k 8 */
        {0x0200, 0x0300, "00060080", "0=250000-8E1"},
        {0x0200, 0x0500, "80070180", "0=100000-8E1"},
        {0x0200, 0x0300, "80270180", "0=25000-8E1"},
        /* The same word is another rate: m 384 and k 4, or m 896 */
        {0x0200, 0x0300, "80030080", "0=428571-8E1"},
        {0x0200, 0x0500, "80030080", "0=428571-8E1"},
        {0x0200, 0x0400, "80030080", "0=250000-8E1"},
        /* Without descriptors: what HX cannot be is TA's. */
        {0, 0, "80030080", "0=250000-8E1"},
        {0, 0, "00060080", "0=250000-8E1"},
        {0, 0, "80070180", "0=100000-8E1"},
        {0, 0, "80270180", "0=25000-8E1"},
        /* No exponent: the same in both, m 417, 920863 */
        {0, 0, "a1010080", "0=921600-8E1"},
        /* Nothing to divide by */
        {0x0110, 0x0300, "00000080", "0=?-8E1"},
        {0x0200, 0x0300, "00000080", "0=?-8E1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct rig rig;
        char data[24];

        snprintf(data, sizeof(data), "%s000208", vectors[i].coded);
        if (vectors[i].bcd_usb != 0) {
            chip(&rig, vectors[i].bcd_usb, vectors[i].bcd_device);
        } else {
            rig_init(&rig);
            rig_control(&rig, 0xc0, 0x01, 0x8484, 0, "02");
        }
        rig_control(&rig, 0x21, 0x20, 0, 0, data);
        rig_expect(&rig, vectors[i].expected);
    }
}

static void lines_and_break(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig, 0x0110, 0x0300);
    rig_control(&rig, 0x21, 0x22, 0x0003, 0, NULL);
    rig_control(&rig, 0x21, 0x22, 0x0002, 0, NULL);
    rig_control(&rig, 0x21, 0x22, 0x0002, 0, NULL);
    rig_control(&rig, 0x21, 0x23, 0xffff, 0, NULL);
    rig_expect(&rig, "0~dtr+rts+ 0~dtr-rts+ 0>0!break");
    rig_control(&rig, 0x21, 0x23, 0x0000, 0, NULL);
    rig_expect(&rig, "");
}

static void refused_or_cut_requests_change_nothing(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig, 0x0110, 0x0300);
    rig_control_status(&rig, 0x21, 0x20, 0, 0, "00c20100000208", BTAP_USB_STALL);
    rig_control_status(&rig, 0x21, 0x22, 0x0003, 0, NULL, BTAP_USB_STALL);
    rig_control(&rig, 0x21, 0x20, 0, 0, "00c201000002");
    rig_control(&rig, 0x40, 0x01, 0x0000, 0x0061, NULL);
    rig_expect(&rig, "");
}

/* Byte 8: b0 DCD b1 DSR b2 break b3 ring b4 framing b5 parity b6 overrun b7 CTS */
static void interrupt_tells_lines_and_errors(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig, 0x0110, 0x0300);
    rig_interrupt(&rig, 0x81, "a120 0000 0000 0200 8000");
    rig_expect(&rig, "0~cts+dsr-dcd-ri-");
    rig_interrupt(&rig, 0x81, "a120 0000 0000 0200 8b00");
    rig_expect(&rig, "0~cts+dsr+dcd+ri+");
    rig_interrupt(&rig, 0x81, "a120 0000 0000 0200 8f00");
    rig_interrupt(&rig, 0x81, "a120 0000 0000 0200 9b00");
    rig_interrupt(&rig, 0x81, "a120 0000 0000 0200 ab00");
    rig_interrupt(&rig, 0x81, "a120 0000 0000 0200 cb00");
    rig_expect(&rig, "0<8!break 0<8!framing 0<8!parity 0<8!overflow");
    rig_interrupt(&rig, 0x81, "a120 0000 0000 0200");
    rig_interrupt(&rig, 0x81, "2000 0000 0000 0000 2000");
    rig_expect(&rig, "");
}

static void data_are_raw_both_ways(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig, 0x0110, 0x0300);
    rig_out(&rig, 0x02, "7f");
    rig_in(&rig, 0x83, "79");
    rig_expect(&rig, "0>0:7f 0<0:79");
}

/* CDC's requests alone look like CDC-ACM; the vendor requests tell them apart. */
static void known_by_requests_alone(void **state)
{
    static const struct {
        uint8_t type;
        uint8_t request;
        uint16_t value;
        const char *data;
    } fingerprints[] = {
        {0xc0, 0x01, 0x8484, "02"}, {0xc0, 0x01, 0x8383, "00"}, {0x40, 0x01, 0x0404, NULL},
        {0x40, 0x80, 0x0000, NULL}, {0xc0, 0x81, 0x0000, "00"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(fingerprints); i++) {
        struct rig rig;

        rig_init(&rig);
        rig_control(&rig, 0x21, 0x22, 0x0001, 0, NULL);
        assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_CDC_ACM);
        rig_control(&rig, fingerprints[i].type, fingerprints[i].request, fingerprints[i].value, 0,
                    fingerprints[i].data);
        assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_PL2303);
        rig_control(&rig, 0x21, 0x20, 0, 0, "00c20100000208");
        assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_PL2303);
        rig_in(&rig, 0x83, "79");
        rig_out(&rig, 0x02, "7f");
        rig_expect(&rig, "0~dtr+rts- 0=115200-8E1 0<0:79 0>0:7f");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_coding_of_115200_8e1),
        cmocka_unit_test(divisors_in_both_encodings),
        cmocka_unit_test(lines_and_break),
        cmocka_unit_test(refused_or_cut_requests_change_nothing),
        cmocka_unit_test(interrupt_tells_lines_and_errors),
        cmocka_unit_test(data_are_raw_both_ways),
        cmocka_unit_test(known_by_requests_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
