/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How what is shown is packed. Every record begins with its kind and its link.
 */
#ifndef STM32BOOT_RECORDS_H
#define STM32BOOT_RECORDS_H

#include "pack.h"
#include "shown.h"

/** Looks up a link by its stream. */
typedef const struct shown_link *link_finder(guint32 stream);

/** Looks up a transaction by its index; NULL while it is under way. */
typedef const guint8 *transaction_finder(guint32 index);

/** What unpacking needs to know. */
struct record_context {
    wmem_allocator_t *scope; /**< of what is unpacked */
    link_finder *link;
    transaction_finder *transaction;
};

void pack_span(struct pack_buffer *packed, const struct shown_span *span);
void pack_data(struct pack_buffer *packed, const struct shown_link *link,
               const struct shown_data *data, bool hindsight);
void pack_note(struct pack_buffer *packed, const struct shown_link *link,
               const struct btap_note *note, bool hindsight);
void pack_outcome(struct pack_buffer *packed, const struct shown_link *link, guint32 transaction,
                  bool hindsight);
void pack_verdict(struct pack_buffer *packed, const struct shown_link *link,
                  const struct shown_verdict *verdict, bool hindsight);
/** @param requested newest chunk of the request's frame */
void pack_completion(struct pack_buffer *packed, const struct shown_link *link, guint32 request,
                     const guint8 *requested);

/** A transaction without its index; parts as frames. */
void pack_transaction(struct pack_buffer *packed, const struct shown_transaction *transaction);

/** The frame that shows the outcome, which a packed transaction begins with. */
guint32 unpack_outcome_frame(const guint8 *packed);

/** The number of the session that it belongs to, within its link. */
guint32 unpack_session(const guint8 *packed);

/** All of a frame. @param newest its newest chunk, not NULL */
const struct shown_frame *unpack_frame(const struct record_context *context, const guint8 *newest,
                                       guint32 number);

#endif
