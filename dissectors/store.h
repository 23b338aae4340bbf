/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the decoder core emitted for each frame. The core runs once, over all frames in file
 * order; whatever is shown later, in any order, is drawn from here. Everything here is in
 * Wireshark's file scope.
 */
#ifndef STM32BOOT_STORE_H
#define STM32BOOT_STORE_H

#include <epan/packet.h>

#include "shown.h"

/** Forgets everything and starts a capture file. To be called from Wireshark's init routine. */
void store_start(const struct btap_options *chosen);

/** CAN is a bootloader's; to be called before the file's first record is fed. */
void store_expect_can_bootloader(void);

/**
 * The file has been read to its end: transactions under way are emitted. To be called from
 * Wireshark's post-sequence routine. A tshark that goes over the file once has printed their
 * frames by then; with -2 it shows them.
 */
void store_finish(void);

/** Lets go of the core's state. To be called from Wireshark's cleanup routine. */
void store_stop(void);

/**
 * Runs the core over a frame. To be called once for each frame on Wireshark's first pass, which
 * goes in file order.
 *
 * @param pinfo of the frame
 * @param bytes from record_of_frame()
 */
void store_feed(packet_info *pinfo, tvbuff_t *bytes);

/**
 * A frame completes a USB request and has no bytes to show for it. To be called on the first pass,
 * behind store_feed().
 *
 * @param request frame number of the request
 * @param requested that frame; has spans
 */
void store_completion(guint32 number, guint32 request, const struct shown_frame *requested);

/** What is shown of a frame, in a scope; NULL if it holds nothing of a bootloader. */
const struct shown_frame *store_frame(wmem_allocator_t *scope, guint32 number);

/** The frame that shows the outcome of a transaction; 0 as long as it is under way. */
guint32 store_outcome_frame(guint32 transaction);

/** The number of a transaction's session within its link; 0 as long as it is under way. */
guint32 store_session(guint32 transaction);

/** What a transaction carries whose outcome is in the first pass that Export Objects listened to;
 * NULL: nothing. */
const struct shown_data *store_kept_data(guint32 transaction);

/** Keeps what transactions carry from now on: their frames may be gone when an outcome is known. */
void store_keep_data(bool wanted);

/** The last frame that shows an outcome, as far as is known; 0 where a read filter drops frames, as
 * it may drop that one. */
guint32 store_newest_outcome(void);

/** How many links have appeared so far. */
guint32 store_streams(void);

#endif
