/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: how a serial stream is cut makes no difference to what the decoder tells.
 */
#include "serial.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct checker whole;
    static struct checker cut;

    serial_run(&whole, bytes, length, SERIAL_WHOLE, 0);
    serial_run(&cut, bytes, length, SERIAL_SINGLE_BYTES, 0);
    checker_assert_same(&whole, &cut);
    serial_run(&cut, bytes, length, SERIAL_RANDOM, (uint32_t)length);
    checker_assert_same(&whole, &cut);
    return 0;
}
