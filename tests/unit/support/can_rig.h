/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CAN frames written as text, played to the CAN decoder, and what it told as text.
 *
 * A frame is its identifier and its bytes in hexadecimal; N*XX stands for N (decimal) bytes XX. A
 * transaction is `what it was | how it ended | its notes`.
 */
#ifndef BOOTTAP_CAN_RIG_H
#define BOOTTAP_CAN_RIG_H

#include "boottap/can.h"
#include "collector.h"
#include "test.h"

/** A capture that is being decoded. Each frame is a record, 2 ms after the one before it. */
struct can_rig {
    struct collector collector;
    struct btap_link link;
    struct btap_can can;
    uint64_t packet;
    btap_ns time;
};

/** Get ID of an STM32H743 (0x450) by OpenBL: ACK, two bytes, ACK. Ends with NULL. */
extern const char *const can_rig_preamble[];
/** What it decodes to. */
extern const char can_rig_preamble_line[];

/** Opens one for CAN FD. */
void can_rig_open(struct can_rig *rig);
/** Opens one for BTAP_FDCAN or BTAP_CAN. */
void can_rig_open_on(struct can_rig *rig, enum btap_transport transport);
void can_rig_close(struct can_rig *rig);

/** A frame's text as a frame of the rig's format; its bytes go to data. */
struct btap_can_frame can_rig_frame(const struct can_rig *rig, const char *text, uint8_t data[64]);

/**
 * Feeds a copy of exactly the frame's size that is gone afterwards: nothing may point to it.
 * Its time and place are the rig's: identifier at offset 0 of the record, data at 8.
 *
 * @return what btap_can_feed() does
 */
bool can_rig_feed(struct can_rig *rig, struct btap_can_frame frame);
bool can_rig_feed_text(struct can_rig *rig, const char *text);
/** Feeds frames up to a NULL. */
void can_rig_feed_all(struct can_rig *rig, const char *const *frames);

/** Six frames of other nodes: of the other format, 29-bit, remote, and such as are no command. */
void can_rig_feed_foreign(struct can_rig *rig);

/** Transaction index, from 0, is this line. */
void can_rig_assert_line(const struct can_rig *rig, size_t index, const char *expected);
/** The notes that belong to no transaction, with spaces between; NULL: none. */
void can_rig_assert_loose_notes(const struct can_rig *rig, const char *expected);

#endif
