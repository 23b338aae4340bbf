/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes of a fuzzer as chunks and events of a serial line.
 */
#ifndef BOOTTAP_FUZZ_SERIAL_H
#define BOOTTAP_FUZZ_SERIAL_H

#include "boottap/usart.h"

#include "checker.h"
#include "input.h"

/** How a chunk is cut into the pieces that the decoder is fed with. */
enum serial_cut {
    SERIAL_WHOLE,
    SERIAL_SINGLE_BYTES,
    SERIAL_RANDOM,
};

/**
 * Feeds a new decoder and ends the capture.
 *
 * One step of the input is: a byte (b7-6: 0 unknown, 1 host, 2 device, 3 an event; b5-0: length
 * minus 1, or kind of the event), a delay, then the chunk's bytes or the event's values.
 *
 * @param seed of SERIAL_RANDOM
 */
void serial_run(struct checker *checker, const uint8_t *bytes, size_t length, enum serial_cut cut,
                uint32_t seed);

#endif
