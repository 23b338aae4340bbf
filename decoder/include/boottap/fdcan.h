/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Decoder of the FDCAN protocol (AN5405): CAN frames in, transactions out.
 */
#ifndef BOOTTAP_FDCAN_H
#define BOOTTAP_FDCAN_H

#include "boottap/event.h"
#include "boottap/report.h"

/** State of one decoder, caller-owned, under 4 KiB. Its members are the decoder's own. */
struct btap_fdcan {
    struct btap_report report;
};

/**
 * Starts a decoder.
 *
 * @param sink not NULL; kept, must outlive the decoder
 * @param link not NULL; kept, must outlive the decoder
 */
void btap_fdcan_init(struct btap_fdcan *fdcan, const struct btap_sink *sink,
                     struct btap_link *link);

/**
 * Decodes one frame. Frames must come in the order of their time. Frames that are no bootloader
 * traffic are skipped and counted.
 *
 * @param frame not NULL; not kept. Its direction is not used: on CAN it tells which machine
 *        recorded, not which one is the bootloader
 * @return whether the frame is, or may turn out to be, bootloader traffic; false for traffic of
 *         others and for error frames
 */
bool btap_fdcan_frame(struct btap_fdcan *fdcan, const struct btap_can_frame *frame);

/** Ends the capture: an open transaction is reported as BTAP_INCOMPLETE. */
void btap_fdcan_finish(struct btap_fdcan *fdcan);

#endif
