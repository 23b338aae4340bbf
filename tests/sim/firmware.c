/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim.h"

void sim_firmware(uint8_t *bytes, size_t length)
{
    /* xorshift32 with a fixed seed (Marsaglia 2003). */
    uint32_t state = 0x2545F491;
    for (size_t i = 0; i < length; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        bytes[i] = (uint8_t)(state >> 11);
    }
}
