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

static void pack_head(GByteArray *packed, enum kind kind, guint flags, bool hindsight,
                      const struct shown_link *link)
{
    const guint8 head = (guint8)(kind | flags | (hindsight ? HINDSIGHT : 0));

    g_byte_array_append(packed, &head, 1);
    pack_number(packed, link->stream);
}

static void pack_pointer(GByteArray *packed, const void *pointer)
{
    g_byte_array_append(packed, (const guint8 *)&pointer, sizeof(pointer));
}

static const void *unpack_pointer(const guint8 **at)
{
    const void *pointer;

    memcpy(&pointer, *at, sizeof(pointer));
    *at += sizeof(pointer);
    return pointer;
}

void pack_span(GByteArray *packed, const struct shown_span *span)
{
    const guint flags =
        (span->last ? LAST : 0) | (span->bad ? BAD : 0) | (guint)span->direction << DIRECTION_SHIFT;

    pack_head(packed, KIND_SPAN, flags, span->hindsight, span->link);
    g_byte_array_append(packed, &span->field, 1);
    pack_number(packed, span->transaction);
    pack_number(packed, span->offset);
    pack_number(packed, span->length);
    pack_number(packed, span->value);
}

void pack_data(GByteArray *packed, const struct shown_link *link, const struct shown_data *data,
               bool hindsight)
{
    pack_head(packed, KIND_DATA, data->written ? WRITTEN : 0, hindsight, link);
    pack_number(packed, data->transaction);
    pack_number(packed, data->offset);
    pack_number(packed, data->address);
    pack_number(packed, data->length);
}

void pack_note(GByteArray *packed, const struct shown_link *link, const struct btap_note *note,
               bool hindsight)
{
    pack_head(packed, KIND_NOTE, 0, hindsight, link);
    pack_number(packed, note->id);
    for (int i = 0; i < BTAP_NOTE_ARGS; i++)
        pack_number(packed, note->arg[i]);
}

void pack_outcome(GByteArray *packed, const struct shown_link *link, guint32 transaction,
                  bool hindsight)
{
    pack_head(packed, KIND_OUTCOME, 0, hindsight, link);
    pack_number(packed, transaction);
}

void pack_verdict(GByteArray *packed, const struct shown_link *link,
                  const struct shown_verdict *verdict, bool hindsight)
{
    pack_head(packed, KIND_VERDICT, 0, hindsight, link);
    pack_pointer(packed, verdict);
}

void pack_completion(GByteArray *packed, const struct shown_link *link, guint32 request,
                     const guint8 *requested)
{
    pack_head(packed, KIND_COMPLETION, 0, false, link);
    pack_number(packed, request);
    pack_pointer(packed, requested);
}

static gsize size_of(const struct btap_transaction *transaction)
{
    return offsetof(struct btap_transaction, list) +
           btap_transaction_list_kept(transaction) * sizeof(transaction->list[0]);
}

void pack_transaction(GByteArray *packed, const struct shown_transaction *transaction)
{
    guint32 previous = transaction->outcome_frame;

    pack_number(packed, transaction->outcome_frame);
    pack_number(packed, transaction->link->stream);
    pack_number(packed, transaction->failed);
    pack_number(packed, transaction->written_bytes);
    pack_number(packed, transaction->read_bytes);
    pack_number(packed, size_of(transaction->emitted));
    pack_bytes(packed, transaction->emitted, size_of(transaction->emitted));
    pack_number(packed, transaction->parts_length);
    for (guint32 i = 0; i < transaction->parts_length; i++) {
        pack_difference(packed, transaction->parts[i], previous);
        previous = transaction->parts[i];
    }
}

guint32 unpack_outcome_frame(const guint8 *packed)
{
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
    transaction->link = context->link((guint32)unpack_number(&at));
    transaction->failed = unpack_number(&at) != 0;
    transaction->written_bytes = unpack_number(&at);
    transaction->read_bytes = unpack_number(&at);
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
