/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "records.h"

#include <string.h>

#include "pack.h"
#include "shelf.h"

/* The first byte of a record: its kind, and of what all or spans have. */
enum kind {
    KIND_SPAN,
    KIND_DATA,
    KIND_NOTE,
    KIND_OUTCOME,
    KIND_VERDICT,
    KIND_COMPLETION,
};

#define KIND_MASK       0x07u
#define HINDSIGHT       0x08u
#define LAST            0x10u
#define BAD             0x20u
#define WRITTEN         0x10u /* of data */
#define DIRECTION_SHIFT 6u

/** The most bytes that a record takes which is all numbers. */
#define RECORD_MAX (1 + 8 * PACK_NUMBER_MAX)

static guint8 *pack_head(guint8 *to, enum kind kind, guint flags, bool hindsight,
                         const struct shown_link *link)
{
    *to++ = (guint8)(kind | flags | (hindsight ? HINDSIGHT : 0));
    return pack_number(to, link->stream);
}

static guint8 *pack_pointer(guint8 *to, const void *pointer)
{
    memcpy(to, &pointer, sizeof(pointer));
    return to + sizeof(pointer);
}

static const void *unpack_pointer(const guint8 **at)
{
    const void *pointer;

    memcpy(&pointer, *at, sizeof(pointer));
    *at += sizeof(pointer);
    return pointer;
}

void pack_span(struct pack_buffer *packed, const struct shown_span *span)
{
    const guint flags =
        (span->last ? LAST : 0) | (span->bad ? BAD : 0) | (guint)span->direction << DIRECTION_SHIFT;
    guint8 *to = pack_open(packed, RECORD_MAX);

    to = pack_head(to, KIND_SPAN, flags, span->hindsight, span->link);
    *to++ = span->field;
    to = pack_number(to, span->transaction);
    to = pack_number(to, span->offset);
    to = pack_number(to, span->length);
    pack_close(packed, pack_number(to, span->value));
}

void pack_data(struct pack_buffer *packed, const struct shown_link *link,
               const struct shown_data *data, bool hindsight)
{
    guint8 *to = pack_open(packed, RECORD_MAX);

    to = pack_head(to, KIND_DATA, data->written ? WRITTEN : 0, hindsight, link);
    to = pack_number(to, data->transaction);
    to = pack_number(to, data->offset);
    to = pack_number(to, data->address);
    pack_close(packed, pack_number(to, data->length));
}

void pack_note(struct pack_buffer *packed, const struct shown_link *link,
               const struct btap_note *note, bool hindsight)
{
    guint8 *to = pack_open(packed, RECORD_MAX);

    to = pack_head(to, KIND_NOTE, 0, hindsight, link);
    to = pack_number(to, note->id);
    for (int i = 0; i < BTAP_NOTE_ARGS; i++)
        to = pack_number(to, note->arg[i]);
    pack_close(packed, to);
}

void pack_outcome(struct pack_buffer *packed, const struct shown_link *link, guint32 transaction,
                  bool hindsight)
{
    guint8 *to = pack_open(packed, RECORD_MAX);

    to = pack_head(to, KIND_OUTCOME, 0, hindsight, link);
    pack_close(packed, pack_number(to, transaction));
}

void pack_verdict(struct pack_buffer *packed, const struct shown_link *link,
                  const struct shown_verdict *verdict, bool hindsight)
{
    guint8 *to = pack_open(packed, RECORD_MAX);

    to = pack_head(to, KIND_VERDICT, 0, hindsight, link);
    pack_close(packed, pack_pointer(to, verdict));
}

void pack_completion(struct pack_buffer *packed, const struct shown_link *link, guint32 request,
                     const guint8 *requested)
{
    guint8 *to = pack_open(packed, RECORD_MAX);

    to = pack_head(to, KIND_COMPLETION, 0, false, link);
    to = pack_number(to, request);
    pack_close(packed, pack_pointer(to, requested));
}

static gsize size_of(const struct btap_transaction *transaction)
{
    return offsetof(struct btap_transaction, list) +
           btap_transaction_list_kept(transaction) * sizeof(transaction->list[0]);
}

void pack_transaction(struct pack_buffer *packed, const struct shown_transaction *transaction)
{
    const gsize size = size_of(transaction->emitted);
    guint32 previous = transaction->outcome_frame;
    guint8 *to = pack_open(packed, RECORD_MAX + sizeof(transaction->flows) + PACK_BYTES_MAX(size) +
                                       (transaction->parts_length + 1) * PACK_NUMBER_MAX);

    to = pack_number(to, transaction->outcome_frame);
    to = pack_number(to, transaction->session);
    to = pack_number(to, transaction->link->stream);
    to = pack_number(to, transaction->failed);
    to = pack_number(to, transaction->written_bytes);
    to = pack_number(to, transaction->read_bytes);
    for (size_t i = 0; i < array_length(transaction->flows); i++) {
        to = pack_number(to, transaction->flows[i].frames);
        to = pack_number(to, transaction->flows[i].bytes);
    }
    to = pack_number(to, size);
    to = pack_bytes(to, transaction->emitted, size);
    to = pack_number(to, transaction->parts_length);
    for (guint32 i = 0; i < transaction->parts_length; i++) {
        to = pack_difference(to, transaction->parts[i], previous);
        previous = transaction->parts[i];
    }
    pack_close(packed, to);
}

guint32 unpack_outcome_frame(const guint8 *packed)
{
    return (guint32)unpack_number(&packed);
}

guint32 unpack_session(const guint8 *packed)
{
    unpack_number(&packed);
    return (guint32)unpack_number(&packed);
}

static const struct shown_transaction *unpack_transaction(const struct record_context *context,
                                                          const guint8 *at, guint32 index)
{
    struct shown_transaction *transaction = wmem_new(context->scope, struct shown_transaction);
    guint32 previous;
    guint32 *parts;
    gsize size;
    void *emitted;

    transaction->index = index;
    transaction->outcome_frame = previous = (guint32)unpack_number(&at);
    transaction->session = (guint32)unpack_number(&at);
    transaction->link = context->link((guint32)unpack_number(&at));
    transaction->failed = unpack_number(&at) != 0;
    transaction->written_bytes = unpack_number(&at);
    transaction->read_bytes = unpack_number(&at);
    for (size_t i = 0; i < array_length(transaction->flows); i++) {
        transaction->flows[i].frames = unpack_number(&at);
        transaction->flows[i].bytes = unpack_number(&at);
    }
    size = (gsize)unpack_number(&at);
    transaction->emitted = emitted = wmem_alloc(context->scope, size);
    unpack_bytes(&at, emitted, size);
    transaction->parts_length = (guint32)unpack_number(&at);
    transaction->parts = parts =
        wmem_alloc_array(context->scope, guint32, transaction->parts_length);
    for (guint32 i = 0; i < transaction->parts_length; i++)
        parts[i] = previous = (guint32)unpack_difference(&at, previous);
    return transaction;
}

/** A frame while it is unpacked, with the ends of its lists. */
struct unpacked {
    const struct record_context *context;
    struct shown_frame *frame;
    guint32 number;
    struct shown_span **spans_end;
    struct shown_data **data_end;
    struct shown_note **notes_end;
    struct shown_outcome **outcomes_end;
};

static void unpack_span(struct unpacked *unpacked, guint8 head, const struct shown_link *link,
                        const guint8 **at)
{
    struct shown_span *span = wmem_new(unpacked->context->scope, struct shown_span);

    *span = (struct shown_span){
        .link = link,
        .direction = head >> DIRECTION_SHIFT,
        .last = (head & LAST) != 0,
        .bad = (head & BAD) != 0,
        .hindsight = (head & HINDSIGHT) != 0,
        .field = *(*at)++,
    };
    span->transaction = (guint32)unpack_number(at);
    span->offset = (guint32)unpack_number(at);
    span->length = (guint32)unpack_number(at);
    span->value = unpack_number(at);
    *unpacked->spans_end = span;
    unpacked->spans_end = &span->next;
}

static void unpack_data(struct unpacked *unpacked, guint8 head, const guint8 **at)
{
    struct shown_data *data = wmem_new0(unpacked->context->scope, struct shown_data);

    data->written = (head & WRITTEN) != 0;
    data->frame = unpacked->number;
    data->transaction = (guint32)unpack_number(at);
    data->offset = (guint32)unpack_number(at);
    data->address = (guint32)unpack_number(at);
    data->length = (guint32)unpack_number(at);
    *unpacked->data_end = data;
    unpacked->data_end = &data->next;
}

static void unpack_note(struct unpacked *unpacked, guint8 head, const guint8 **at)
{
    struct shown_note *note = wmem_new0(unpacked->context->scope, struct shown_note);

    note->hindsight = (head & HINDSIGHT) != 0;
    note->note.id = (enum btap_note_id)unpack_number(at);
    for (int i = 0; i < BTAP_NOTE_ARGS; i++)
        note->note.arg[i] = (guint32)unpack_number(at);
    *unpacked->notes_end = note;
    unpacked->notes_end = &note->next;
}

static void unpack_outcome(struct unpacked *unpacked, guint8 head, const guint8 **at)
{
    struct shown_outcome *outcome = wmem_new0(unpacked->context->scope, struct shown_outcome);
    const guint32 index = (guint32)unpack_number(at);

    outcome->hindsight = (head & HINDSIGHT) != 0;
    outcome->transaction =
        unpack_transaction(unpacked->context, unpacked->context->transaction(index), index);
    *unpacked->outcomes_end = outcome;
    unpacked->outcomes_end = &outcome->next;
}

/** The newest verdict comes first. */
static void unpack_verdict(struct unpacked *unpacked, const guint8 **at)
{
    struct shown_verdict *verdict = wmem_new(unpacked->context->scope, struct shown_verdict);

    *verdict = *(const struct shown_verdict *)unpack_pointer(at);
    verdict->next = unpacked->frame->verdicts;
    unpacked->frame->verdicts = verdict;
}

static void unpack_completion(struct unpacked *unpacked, const guint8 **at)
{
    const guint8 *requested;

    unpacked->frame->request = (guint32)unpack_number(at);
    requested = unpack_pointer(at);
    unpacked->frame->requested =
        unpack_frame(unpacked->context, requested, unpacked->frame->request);
}

static void unpack_record(struct unpacked *unpacked, const guint8 **at)
{
    struct shown_frame *frame = unpacked->frame;
    const guint8 head = *(*at)++;
    const struct shown_link *link = unpacked->context->link((guint32)unpack_number(at));

    if (frame->link == NULL) {
        frame->link = link;
        frame->hindsight = (head & HINDSIGHT) != 0;
    }
    frame->transports |= 1u << link->identity.transport;
    switch ((enum kind)(head & KIND_MASK)) {
    case KIND_SPAN:
        unpack_span(unpacked, head, link, at);
        break;
    case KIND_DATA:
        unpack_data(unpacked, head, at);
        break;
    case KIND_NOTE:
        unpack_note(unpacked, head, at);
        break;
    case KIND_OUTCOME:
        unpack_outcome(unpacked, head, at);
        break;
    case KIND_VERDICT:
        unpack_verdict(unpacked, at);
        break;
    case KIND_COMPLETION:
        unpack_completion(unpacked, at);
        break;
    }
}

static void unpack_chunk(struct unpacked *unpacked, const struct shelf_chunk *chunk)
{
    const guint8 *at = chunk->records;

    while (at < chunk->end)
        unpack_record(unpacked, &at);
}

const struct shown_frame *unpack_frame(const struct record_context *context, const guint8 *newest,
                                       guint32 number)
{
    struct unpacked unpacked = {
        .context = context,
        .frame = wmem_new0(context->scope, struct shown_frame),
        .number = number,
    };
    struct shelf_chunk chunk = shelf_open(newest);
    GArray *chunks = NULL;

    unpacked.spans_end = &unpacked.frame->spans;
    unpacked.data_end = &unpacked.frame->data;
    unpacked.notes_end = &unpacked.frame->notes;
    unpacked.outcomes_end = &unpacked.frame->outcomes;
    /* The oldest comes first; mostly there is but one. */
    for (const guint8 *before = newest; chunk.before != NULL; chunk = shelf_open(before)) {
        if (chunks == NULL)
            chunks = g_array_new(FALSE, FALSE, sizeof(before));
        g_array_append_val(chunks, before);
        before = chunk.before;
    }
    unpack_chunk(&unpacked, &chunk);
    for (guint i = chunks != NULL ? chunks->len : 0; i > 0; i--) {
        chunk = shelf_open(g_array_index(chunks, const guint8 *, i - 1));
        unpack_chunk(&unpacked, &chunk);
    }
    if (chunks != NULL)
        g_array_unref(chunks);
    return unpacked.frame;
}
