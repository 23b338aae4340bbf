/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What was written in a session, to compare what is read back with it.
 */
#ifndef SNIFFER_READBACK_H
#define SNIFFER_READBACK_H

#include "boottap/diagnosis.h"
#include "boottap/sink.h"

/** Bytes of memory that are kept together. */
#define READBACK_PAGE 4096
/** Pages that are kept, 64 MiB; what is written beyond is not compared. */
#define READBACK_PAGES_MAX 16384

struct readback_page;

struct readback {
    size_t length;
    size_t size;
    struct readback_page **pages; /**< by address */
    struct readback_page *recent;
};

void readback_init(struct readback *readback);
void readback_release(struct readback *readback);

/** Keeps what was written. */
void readback_write(struct readback *readback, uint32_t address, const uint8_t *bytes,
                    uint32_t length);

/** Compares what was read with what was written there, if anything was; adds to the result. */
void readback_compare(struct readback *readback, uint32_t address, const uint8_t *bytes,
                      uint32_t length, uint64_t packet, struct btap_verification *result);

#endif
