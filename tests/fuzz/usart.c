/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: the USART decoder, fed with chunks and events of a serial line.
 */
#include "serial.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct checker checker;

    serial_run(&checker, bytes, length, SERIAL_WHOLE, 0);
    return 0;
}
