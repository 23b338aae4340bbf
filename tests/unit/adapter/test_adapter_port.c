/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the chips' divisors make of a rate, and the rate that was meant.
 */
#include "adapter/port.h"
#include "test.h"

/* Termios' rates, and those that STM32 tools offer beside them: within a hundredth of one, it is
 * meant. */
static void rates_near_a_usual_one_are_it(void **state)
{
    static const uint32_t rates[] = {
        300,     600,     1200,    1800,    2400,    4800,    7200,    9600,
        14400,   19200,   28800,   38400,   56000,   57600,   76800,   115200,
        128000,  230400,  250000,  256000,  460800,  500000,  576000,  921600,
        1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000,
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        uint32_t ppm;

        assert_int_equal(adapter_usual_baud(rates[i], &ppm), rates[i]);
        assert_int_equal(ppm, 0);
        assert_int_equal(adapter_usual_baud(rates[i] + rates[i] / 100, &ppm), rates[i]);
        assert_int_equal(ppm, 10000);
        assert_int_equal(adapter_usual_baud(rates[i] - rates[i] / 100, NULL), rates[i]);
    }
}

/* A UART of 8 data bits takes 3 % and no more (adapter/port.h). */
static void rates_apart_from_usual_ones_stay(void **state)
{
    uint32_t ppm;

    (void)state;
    assert_int_equal(adapter_usual_baud(1030000, &ppm), 1000000);
    assert_int_equal(ppm, 30000);
    assert_int_equal(adapter_usual_baud(1030001, &ppm), 1030001);
    assert_int_equal(ppm, 30001);
    assert_int_equal(adapter_usual_baud(970000, NULL), 1000000);
    assert_int_equal(adapter_usual_baud(969999, NULL), 969999);
    assert_int_equal(adapter_usual_baud(0, &ppm), 0);
    assert_int_equal(ppm, 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_near_a_usual_one_are_it),
        cmocka_unit_test(rates_apart_from_usual_ones_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
