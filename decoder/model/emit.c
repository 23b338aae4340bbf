/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/emit.h"

#include <string.h>

void emit_init(struct btap_emitter *emitter, const struct btap_sink *sink, struct btap_link *link)
{
    emitter->sink = sink;
    emitter->link = link;
    emitter->open = false;
    emitter->unsure = false;
    emitter->until = 0;
}

struct btap_transaction *emit_begin(struct btap_emitter *emitter, enum btap_command command,
                                    const struct btap_origin *at)
{
    struct btap_transaction *transaction = &emitter->transaction;

    /* List and notes are large and mostly unused; their lengths tell how much is initialised. */
    memset(transaction, 0, offsetof(struct btap_transaction, list));
    transaction->transport = emitter->link->transport;
    transaction->lacks = emitter->link->lacks;
    transaction->command = command;
    transaction->n = ++emitter->link->transactions;
    transaction->first_packet = at->packet;
    transaction->last_packet = at->packet;
    transaction->time = at->time;
    emitter->open = true;
    emitter->unsure = false;
    return transaction;
}

static void give_note(const struct btap_emitter *emitter, uint64_t n, const struct btap_note *note)
{
    if (emitter->sink->note != NULL)
        emitter->sink->note(emitter->sink->context, emitter->link, n, note);
}

/** Gives the notes that waited. */
static void give_waiting(struct btap_emitter *emitter, uint64_t n)
{
    const struct btap_transaction *transaction = &emitter->transaction;

    if (!emitter->unsure)
        return;
    emitter->unsure = false;
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        give_note(emitter, n, &transaction->notes[i]);
}

void emit_end(struct btap_emitter *emitter, enum btap_status status, enum btap_phase phase)
{
    emit_confirm(emitter);
    emitter->transaction.status = status;
    emitter->transaction.phase = phase;
    emitter->open = false;
    if (emitter->sink->transaction != NULL)
        emitter->sink->transaction(emitter->sink->context, emitter->link, &emitter->transaction);
}

enum btap_status emit_status_at_end(const struct btap_emitter *emitter)
{
    return !emit_lacks(emitter, BTAP_LACKS_REPLIES | BTAP_LACKS_TIMES) && emitter->until != 0 &&
                   btap_transaction_waited(&emitter->transaction, emitter->until)
               ? BTAP_NO_REPLY
               : BTAP_INCOMPLETE;
}

void emit_confirm(struct btap_emitter *emitter)
{
    give_waiting(emitter, emitter->transaction.n);
}

void emit_cancel(struct btap_emitter *emitter)
{
    give_waiting(emitter, 0);
    emitter->open = false;
    emitter->link->transactions--;
}

void emit_note(struct btap_emitter *emitter, enum btap_note_id id, const struct btap_origin *at,
               uint32_t arg0, uint32_t arg1, uint32_t arg2)
{
    struct btap_transaction *transaction = &emitter->transaction;
    const struct btap_note note = {
        .id = id,
        .arg = {arg0, arg1, arg2},
        .packet = at->packet,
        .time = at->time,
    };
    /* There is room for no more to wait. */
    const bool overflows = emitter->unsure && transaction->notes_length == BTAP_NOTES_MAX;

    if (!emitter->open || overflows) {
        give_note(emitter, 0, &note);
        return;
    }
    if (transaction->notes_length < BTAP_NOTES_MAX)
        transaction->notes[transaction->notes_length] = note;
    transaction->notes_length++;
    if (!emitter->unsure)
        give_note(emitter, transaction->n, &note);
}

void emit_list(struct btap_emitter *emitter, uint16_t entry)
{
    struct btap_transaction *transaction = &emitter->transaction;

    if (transaction->list_length < BTAP_LIST_MAX)
        transaction->list[transaction->list_length] = entry;
    transaction->list_length++;
}
