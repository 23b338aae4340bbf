/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the decoder core emitted for each frame. The core runs once, over all frames in file
 * order; whatever is shown later, in any order, is drawn from here. Everything here is in
 * Wireshark's file scope.
 */
#ifndef STM32BOOT_STORE_H
#define STM32BOOT_STORE_H

#include <epan/packet.h>

#include "boottap/tap.h"
#include "verdict.h"

/** A link of the capture. */
struct shown_link {
    guint32 stream;                      /**< counts the links from 0 */
    const char *name;                    /**< btap_link_name() */
    struct btap_link identity;           /**< as it was when something of it was first emitted */
    struct shown_transaction *under_way; /**< NULL if none */
    struct verdict_tracker *sessions;    /**< NULL as long as nothing was decoded */
    struct shown_link *next;             /**< that was found before */
    bool
        is_bootloader; /**< a transaction was begun: what was emitted before belongs to this link */
};

/** Memory contents that a transaction carries. */
struct shown_data {
    struct shown_data *next;
    guint32 frame;
    guint32 offset; /**< in the frame */
    guint32 address;
    guint32 length;
    bool written;
    const guint8 *bytes; /**< a copy: the frame may be gone when the outcome is known */
};

/** A frame that a transaction has bytes in. */
struct shown_part {
    struct shown_part *next;
    guint32 frame;
};

/** A transaction. */
struct shown_transaction {
    struct shown_transaction *next; /**< the one whose outcome was known next, of any link */
    const struct shown_link *link;
    guint64 n;
    struct shown_part *parts; /**< in the order of the capture */
    struct shown_part *newest_part;
    struct shown_data *data; /**< likewise */
    struct shown_data **data_end;
    /** Copy of the core's, which ends after the btap_transaction_list_kept() entries of its list:
     *  what comes after them, the notes too, is not there. NULL as long as it is under way, and
     * then what is below means nothing. */
    const struct btap_transaction *emitted;
    guint32 outcome_frame; /**< the frame that shows the outcome; where it is displayed */
    bool failed;           /**< neither ok, nor harmless, nor cut off by the capture's end */
};

/** Bytes of a frame with a meaning. */
struct shown_span {
    struct shown_span *next;
    struct shown_transaction *transaction; /**< NULL for bytes outside any */
    const struct shown_link *link;
    guint64 value;
    guint32 offset; /**< in the frame */
    guint32 length;
    guint8 field;     /**< enum btap_field */
    guint8 direction; /**< enum btap_direction */
    bool last;
    bool bad;
    bool hindsight; /**< emitted while a later frame was decoded */
};

/** A note on a frame. */
struct shown_note {
    struct shown_note *next;
    struct btap_note note;
    bool hindsight; /**< emitted after the last frame */
};

/** A transaction whose outcome a frame shows. */
struct shown_outcome {
    struct shown_outcome *next;
    const struct shown_transaction *transaction;
    bool hindsight; /**< emitted after the last frame */
};

/** All that is shown of a frame. The lists may be empty. */
struct shown_frame {
    const struct shown_link *link; /**< of what was emitted for it first */
    guint transports;              /**< bits 1 << enum btap_transport of all that was emitted */
    guint32 request;               /**< the USB request that it completes; 0 if it is none */
    const struct shown_frame *requested; /**< that frame; a read filter may give its number away */
    bool hindsight; /**< nothing was emitted for it while it was decoded itself */
    struct shown_span *spans;
    struct shown_span **spans_end;
    struct shown_note *notes;
    struct shown_note **notes_end;
    struct shown_outcome *outcomes;
    struct shown_outcome **outcomes_end;
    struct shown_verdict *verdicts; /**< on sessions that end here */
};

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

/** What is shown of a frame; NULL if it holds nothing of a bootloader. */
const struct shown_frame *store_frame(guint32 number);

/** The first transaction whose outcome is known, in the order of outcomes; NULL if none is. */
const struct shown_transaction *store_transactions(void);

/** How many links have appeared so far. */
guint32 store_streams(void);

#endif
