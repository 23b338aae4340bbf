/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CAN FD frames written as text, played to the FDCAN decoder, and what it told as text.
 *
 * A frame is its identifier and its bytes in hexadecimal; N*XX stands for N (decimal) bytes XX. A
 * transaction is `what it was | how it ended | its notes`.
 */
#ifndef BOOTTAP_FDCAN_RIG_H
#define BOOTTAP_FDCAN_RIG_H

#include "boottap/can.h"
#include "collector.h"
#include "test.h"

/** A capture that is being decoded. Each frame is a record, 2 ms after the one before it. */
struct fdcan_rig {
    struct collector collector;
    struct btap_link link;
    struct btap_can fdcan;
    uint64_t packet;
    btap_ns time;
};

/** Get ID of an STM32H743 (0x450) by OpenBL: ACK, two bytes, ACK. Ends with NULL. */
extern const char *const fdcan_rig_preamble[];
/** What it decodes to. */
extern const char fdcan_rig_preamble_line[];

void fdcan_rig_open(struct fdcan_rig *rig);
void fdcan_rig_close(struct fdcan_rig *rig);

/** A frame's text as a frame, FD; its bytes go to data. */
struct btap_can_frame fdcan_rig_frame(const char *text, uint8_t data[64]);

/**
 * Feeds a copy of exactly the frame's size that is gone afterwards: nothing may point to it.
 * Its time and place are the rig's: identifier at offset 0 of the record, data at 8.
 *
 * @return what btap_can_feed() does
 */
bool fdcan_rig_feed(struct fdcan_rig *rig, struct btap_can_frame frame);
bool fdcan_rig_feed_text(struct fdcan_rig *rig, const char *text);
/** Feeds frames up to a NULL. */
void fdcan_rig_feed_all(struct fdcan_rig *rig, const char *const *frames);

/** Six frames of other nodes: classic, 29-bit, remote, and FD frames that are no command. */
void fdcan_rig_feed_foreign(struct fdcan_rig *rig);

/** Transaction index, from 0, is this line. */
void fdcan_rig_assert_line(const struct fdcan_rig *rig, size_t index, const char *expected);
/** The notes that belong to no transaction, with spaces between; NULL: none. */
void fdcan_rig_assert_loose_notes(const struct fdcan_rig *rig, const char *expected);

#endif
