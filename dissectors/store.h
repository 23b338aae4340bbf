/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the decoder core told about each frame. The core runs once, over all frames in file
 * order; whatever is shown later, in any order, is drawn from here.
 */
#ifndef STM32BOOT_STORE_H
#define STM32BOOT_STORE_H

#include <epan/packet.h>

#include "boottap/tap.h"

/** A transaction as the dissector shows it; in file scope. */
struct shown_transaction {
    bool complete; /**< the members below hold values; false while it is under way */
    guint32 first_frame;
    guint32 last_frame;
    char link[BTAP_LINK_NAME_SIZE];
    const char *description; /**< btap_transaction_describe(), file scope */
    const char *outcome;     /**< btap_transaction_outcome(), file scope */
    /** Copy up to the list, which only list_length entries of follow. */
    struct btap_transaction *transaction;
};

/** A span of a frame. */
struct shown_span {
    struct btap_span span; /**< bytes is NULL */
    enum btap_transport transport;
    struct shown_transaction *shown; /**< NULL for bytes outside any transaction */
    bool first_pass; /**< told while its own frame was decoded, not looking back from a later one */
};

/** A note on a frame. */
struct shown_note {
    struct btap_note note;
    struct shown_transaction *shown; /**< NULL for a note on the link */
};

/** Memory contents that a frame carries. */
struct shown_data {
    guint32 offset; /**< in the frame */
    guint32 length;
    guint32 address;
    bool written;
    struct shown_transaction *shown;
};

/** All that is shown of a frame. */
struct shown_frame {
    enum btap_transport transport;
    wmem_array_t *spans; /**< of struct shown_span; NULL if none; likewise below */
    wmem_array_t *notes;
    wmem_array_t *data;
    wmem_array_t *completed; /**< of struct shown_transaction *: those that end with this frame */
};

/** Forgets everything and starts a capture file. To be called from Wireshark's init routine. */
void store_start(const struct btap_options *options);

/**
 * The file has been read to its end: transactions under way are told, on the last frame. To be
 * called from Wireshark's post-sequence routine. A tshark that goes over the file once has printed
 * that frame by then; with -2 it shows them.
 */
void store_finish(void);

/** Lets go of the core's state. What frames showed is in Wireshark's file scope. */
void store_stop(void);

/**
 * Runs the core over a frame, once, on Wireshark's first pass, which goes in file order.
 *
 * @param pinfo of the frame
 * @param frame the whole record: the frame's first data source
 */
void store_feed(packet_info *pinfo, tvbuff_t *frame);

/** What is shown of a frame; NULL if it holds nothing of a bootloader. */
const struct shown_frame *store_frame(guint32 number);

#endif
