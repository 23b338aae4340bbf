/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is shown of a capture: its links, its transactions, what stands in each frame. Everything
 * here is in Wireshark's file scope.
 */
#ifndef STM32BOOT_SHOWN_H
#define STM32BOOT_SHOWN_H

#include <epan/packet.h>

#include "boottap/tap.h"
#include "verdict.h"

/** A link of the capture. */
struct shown_link {
    guint32 stream;                   /**< counts the links from 0 */
    const char *name;                 /**< btap_link_name() */
    struct btap_link identity;        /**< as it was when something of it was first emitted */
    struct transaction_begun *begun;  /**< the transaction under way; NULL before the first */
    struct verdict_tracker *sessions; /**< NULL as long as nothing was decoded */
    bool
        is_bootloader; /**< a transaction was begun: what was emitted before belongs to this link */
};

/** Memory contents in a frame. */
struct shown_data {
    struct shown_data *next;
    guint32 transaction; /**< its index */
    guint32 frame;
    guint32 offset; /**< in the frame */
    guint32 address;
    guint32 length;
    bool written;
    const guint8 *bytes; /**< NULL where they are to be read from the frame */
};

/** What one end sent. */
struct shown_flow {
    guint64 frames; /**< that have bytes of it */
    guint64 bytes;  /**< of the bootloader's protocol */
};

/** The ends that send: 0 the host, 1 the device. */
#define SHOWN_ENDS 2

/** A transaction whose outcome is known. */
struct shown_transaction {
    guint32 index; /**< counts the transactions of the capture from 1 */
    const struct shown_link *link;
    /** Copy of the core's, which ends after the btap_transaction_list_kept() entries of its list:
     *  what comes after them, the notes too, is not there. */
    const struct btap_transaction *emitted;
    guint32 session;                     /**< counts the sessions of its link from 1 */
    struct shown_flow flows[SHOWN_ENDS]; /**< what the host sent, and the device */
    guint64 written_bytes;               /**< memory contents that it carries */
    guint64 read_bytes;
    guint32 outcome_frame; /**< the frame that shows the outcome; where it is displayed */
    bool failed;           /**< neither ok, nor harmless, nor cut off by the capture's end */
    guint32 parts_length;
    const guint32 *parts; /**< frames that it has bytes in, in the order of the capture */
};

/** Bytes of a frame with a meaning. */
struct shown_span {
    struct shown_span *next;
    const struct shown_link *link;
    guint64 value;
    guint32 transaction; /**< its index; 0 for bytes outside any */
    guint32 offset;      /**< in the frame */
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
    struct btap_note note; /**< without packet and time */
    bool hindsight;        /**< emitted after the last frame */
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
    struct shown_data *data;
    struct shown_note *notes;
    struct shown_outcome *outcomes;
    struct shown_verdict *verdicts; /**< on sessions that end here */
};

#endif
