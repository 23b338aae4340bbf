/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "collector.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "words.h"

static const char *const texts[] = {
#define BTAP_NOTE_DEF(id, name, severity, text) [BTAP_NOTE_##id] = text,
#include "boottap/notes_dfu.def"
#include "boottap/notes_fdcan.def"
#include "boottap/notes_link.def"
#include "boottap/notes_usart.def"
#undef BTAP_NOTE_DEF
};

/** One more element at the end of an array; the test program ends where memory does. */
static void *grow(void **array, size_t *length, size_t element)
{
    /* Room for a power of two: it is full where the length is one. */
    if ((*length & (*length - 1)) == 0 || *length == 0)
        *array = realloc(*array, (*length == 0 ? 1 : 2 * *length) * element);
    if (*array == NULL)
        abort();
    return (char *)*array + (*length)++ * element;
}

/** Where the record holds the bytes that were emitted, they are the record's. */
static void check_bytes(const struct collected_source *source, uint64_t packet, uint32_t offset,
                        const uint8_t *bytes, uint32_t length)
{
    const uint32_t into = offset - source->offset;

    if (packet != source->packet || offset < source->offset || into >= source->length ||
        bytes == NULL)
        return;
    assert_in_range(length, 1, source->length - into);
    assert_memory_equal(bytes, source->bytes + into, length);
}

static void on_span(void *context, const struct btap_link *link, const struct btap_span *span)
{
    struct collector *collector = context;
    struct collected_span *kept =
        grow((void **)&collector->spans, &collector->spans_length, sizeof(*kept));

    (void)link;
    check_bytes(&collector->source, span->packet, span->offset, span->bytes, span->length);
    kept->span = *span;
    memset(kept->copy, 0, sizeof(kept->copy));
    if (span->bytes != NULL)
        memcpy(kept->copy, span->bytes,
               span->length < sizeof(kept->copy) ? span->length : sizeof(kept->copy));
    kept->span.bytes = NULL;
}

static void on_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    struct collector *collector = context;
    struct collected_data *kept =
        grow((void **)&collector->data, &collector->data_length, sizeof(*kept));
    uint8_t *copy = malloc(data->length);

    (void)link;
    if (copy == NULL)
        abort();
    check_bytes(&collector->source, data->packet, data->offset, data->bytes, data->length);
    memcpy(copy, data->bytes, data->length);
    kept->data = *data;
    kept->data.bytes = copy;
}

static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    struct collector *collector = context;
    struct collected_note *kept =
        grow((void **)&collector->notes, &collector->notes_length, sizeof(*kept));

    /* These may be said in words, as the first one of any. */
    const bool in_words = note->id == BTAP_NOTE_STILL_BUSY || note->id == BTAP_NOTE_BUSY_CLEARED;

    (void)link;
    for (int i = conversions(texts[note->id]); i < BTAP_NOTE_ARGS; i++)
        assert_true(i == 0 || in_words || note->arg[i] == 0);
    kept->n = n;
    kept->note = *note;
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct collector *collector = context;
    struct btap_transaction *kept =
        grow((void **)&collector->transactions, &collector->transactions_length, sizeof(*kept));

    (void)link;
    *kept = *transaction;
}

void collector_init(struct collector *collector)
{
    memset(collector, 0, sizeof(*collector));
    collector->sink = (struct btap_sink){
        .context = collector,
        .span = on_span,
        .data = on_data,
        .note = on_note,
        .transaction = on_transaction,
    };
}

void collector_release(struct collector *collector)
{
    for (size_t i = 0; i < collector->data_length; i++)
        free((void *)(uintptr_t)collector->data[i].data.bytes);
    free(collector->data);
    free(collector->spans);
    free(collector->notes);
    free(collector->transactions);
    memset(collector, 0, sizeof(*collector));
}

size_t collector_count_notes(const struct collector *collector, enum btap_note_id id)
{
    size_t count = 0;

    for (size_t i = 0; i < collector->notes_length; i++)
        count += collector->notes[i].note.id == id;
    return count;
}

bool transaction_has_note(const struct btap_transaction *transaction, enum btap_note_id id)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        if (transaction->notes[i].id == id)
            return true;
    return false;
}

static void assert_same_transaction(const struct btap_transaction *a,
                                    const struct btap_transaction *b)
{
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->command, b->command);
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->phase, b->phase);
    assert_int_equal(a->has, b->has);
    assert_int_equal(a->opcode, b->opcode);
    assert_int_equal(a->address, b->address);
    assert_int_equal(a->length, b->length);
    assert_int_equal(a->transferred, b->transferred);
    assert_int_equal(a->version, b->version);
    assert_int_equal(a->pid, b->pid);
    assert_int_equal(a->checksum, b->checksum);
    assert_int_equal(a->subcommand, b->subcommand);
    assert_int_equal(a->dfu_state, b->dfu_state);
    assert_int_equal(a->dfu_status, b->dfu_status);
    assert_int_equal(a->polls, b->polls);
    assert_int_equal(a->erase, b->erase);
    assert_int_equal(a->list_kind, b->list_kind);
    assert_int_equal(a->list_announced, b->list_announced);
    assert_int_equal(a->list_length, b->list_length);
    assert_memory_equal(a->list, b->list, btap_transaction_list_kept(a) * sizeof(a->list[0]));
    assert_int_equal(a->notes_length, b->notes_length);
}

/** All payload bytes, one array, with their addresses left to the first byte of each slice. */
static uint8_t *joined_data(const struct collector *collector, size_t *length)
{
    uint8_t *joined = NULL;

    *length = 0;
    for (size_t i = 0; i < collector->data_length; i++) {
        const struct btap_data *data = &collector->data[i].data;

        joined = realloc(joined, *length + data->length);
        if (joined == NULL)
            abort();
        memcpy(joined + *length, data->bytes, data->length);
        *length += data->length;
    }
    return joined;
}

/** How many bytes each field was given, and how many complete values. */
static void count_fields(const struct collector *collector, size_t bytes[BTAP_FIELD_COUNT],
                         size_t complete[BTAP_FIELD_COUNT])
{
    memset(bytes, 0, BTAP_FIELD_COUNT * sizeof(bytes[0]));
    memset(complete, 0, BTAP_FIELD_COUNT * sizeof(complete[0]));
    for (size_t i = 0; i < collector->spans_length; i++) {
        const struct btap_span *span = &collector->spans[i].span;

        bytes[span->field] += span->length;
        if (btap_field_base(span->field) != BTAP_BASE_NONE)
            complete[span->field] += span->last;
    }
}

void collector_assert_same(const struct collector *a, const struct collector *b)
{
    size_t a_bytes[BTAP_FIELD_COUNT];
    size_t b_bytes[BTAP_FIELD_COUNT];
    size_t a_complete[BTAP_FIELD_COUNT];
    size_t b_complete[BTAP_FIELD_COUNT];
    size_t a_length;
    size_t b_length;
    uint8_t *a_data = joined_data(a, &a_length);
    uint8_t *b_data = joined_data(b, &b_length);

    assert_int_equal(a->transactions_length, b->transactions_length);
    for (size_t i = 0; i < a->transactions_length; i++)
        assert_same_transaction(&a->transactions[i], &b->transactions[i]);
    assert_int_equal(a->notes_length, b->notes_length);
    for (size_t i = 0; i < a->notes_length; i++) {
        assert_int_equal(a->notes[i].n, b->notes[i].n);
        assert_int_equal(a->notes[i].note.id, b->notes[i].note.id);
        assert_memory_equal(a->notes[i].note.arg, b->notes[i].note.arg,
                            sizeof(a->notes[i].note.arg));
    }
    assert_int_equal(a_length, b_length);
    if (a_length > 0)
        assert_memory_equal(a_data, b_data, a_length);
    count_fields(a, a_bytes, a_complete);
    count_fields(b, b_bytes, b_complete);
    assert_memory_equal(a_bytes, b_bytes, sizeof(a_bytes));
    assert_memory_equal(a_complete, b_complete, sizeof(a_complete));
    free(a_data);
    free(b_data);
}
