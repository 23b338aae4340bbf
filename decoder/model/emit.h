/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How a decoder emits: it builds the open transaction here and hands notes, spans, data and the
 * finished transaction to the sink.
 */
#ifndef DECODER_MODEL_EMIT_H
#define DECODER_MODEL_EMIT_H

#include "boottap/detail/emitter.h"

/** Starts with no open transaction. sink and link as for the decoders: kept, not NULL. */
void emit_init(struct btap_emitter *emitter, const struct btap_sink *sink, struct btap_link *link);

/**
 * Opens a transaction and numbers it. None may be open.
 *
 * @param at of its first byte
 * @return the transaction, in which the decoder fills what it learns
 */
struct btap_transaction *emit_begin(struct btap_emitter *emitter, enum btap_command command,
                                    const struct btap_origin *at);

/** The open transaction reaches to here: sets its last packet and its duration. */
static inline void emit_touch(struct btap_emitter *emitter, const struct btap_origin *at)
{
    struct btap_transaction *transaction = &emitter->transaction;

    transaction->last_packet = at->packet;
    if (at->time - transaction->time > transaction->duration)
        transaction->duration = at->time - transaction->time;
}

/**
 * Closes the open transaction and emits it. It ends at the last emit_touch().
 *
 * @param phase BTAP_PHASE_NONE if status is BTAP_OK
 */
void emit_end(struct btap_emitter *emitter, enum btap_status status, enum btap_phase phase);

/**
 * How the open transaction, whose answer from the device is due, ends with the capture: nobody
 * waits any more where the recorder ran on for long enough.
 */
enum btap_status emit_status_at_end(const struct btap_emitter *emitter);

/** Whether the records that came lack any of these (a set of enum btap_lack). */
static inline bool emit_lacks(const struct btap_emitter *emitter, uint32_t lacks)
{
    return (emitter->link->lacks & lacks) != 0;
}

/** The open transaction may turn out to be none: its notes wait for emit_confirm() or
 * emit_cancel(). So may its spans and data, by the decoder. */
static inline void emit_doubt(struct btap_emitter *emitter)
{
    emitter->unsure = true;
}

/** The open transaction is one: gives the notes that waited, if any. */
void emit_confirm(struct btap_emitter *emitter);

/** Drops the open transaction: it is not emitted, and its number is used again. Notes that waited
 * belong to none. */
void emit_cancel(struct btap_emitter *emitter);

/** Adds a note to the open transaction, or emits one that belongs to none. */
void emit_note(struct btap_emitter *emitter, enum btap_note_id id, const struct btap_origin *at,
               uint32_t arg0, uint32_t arg1, uint32_t arg2);

/** Adds a page, sector or opcode to the open transaction's list. */
void emit_list(struct btap_emitter *emitter, uint16_t entry);

/** Whether anybody wants spans; lets a decoder skip what only they need. */
static inline bool emit_wants_spans(const struct btap_emitter *emitter)
{
    return emitter->sink->span != NULL;
}

/** Emits a span of the open transaction, or with n 0 where none is open. n is filled in here. */
static inline void emit_span(struct btap_emitter *emitter, struct btap_span *span)
{
    if (emitter->sink->span == NULL)
        return;
    span->n = emitter->open ? emitter->transaction.n : 0;
    emitter->sink->span(emitter->sink->context, emitter->link, span);
}

/** Emits a slice of memory contents of the open transaction. n is filled in here. */
static inline void emit_data(struct btap_emitter *emitter, struct btap_data *data)
{
    if (emitter->sink->data == NULL)
        return;
    data->n = emitter->transaction.n;
    emitter->sink->data(emitter->sink->context, emitter->link, data);
}

#endif
