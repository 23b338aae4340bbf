/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store.h"

#include <string.h>

#include "record.h"

#define FRAMES_PER_PAGE 1024u
#define BLOCK_SIZE      ((gsize)64 * 1024)
#define TAKEN_ALIGNMENT 8u

static struct btap_options options;
static struct btap_tap *tap; /* NULL until the first record that the core reads */
static guint32 feeding;      /* the frame under way; of the last one when the file has ended */
static bool finishing;       /* the file has ended */
/* Frames by their number, in pages of FRAMES_PER_PAGE pointers; NULL for a page without any. */
static GPtrArray *pages;
static wmem_map_t *links;                   /* struct btap_link of the core -> struct shown_link */
static const struct btap_link *newest_link; /* the one of the core that was looked up last */
static struct shown_link *newest_shown;
static struct shown_link *all_links; /* the newest first */
static guint32 streams;
static guint8 *block; /* what is left of it is to be taken */
static gsize block_left;
static struct shown_transaction *transactions;
static struct shown_transaction **transactions_end;

/* Memory */

/** As an allocator would for the life of the file, without what it keeps of each of the many. */
static void *take(gsize size)
{
    const gsize rounded = (size + TAKEN_ALIGNMENT - 1) & ~(gsize)(TAKEN_ALIGNMENT - 1);
    guint8 *taken;

    if (rounded > BLOCK_SIZE / 16)
        return wmem_alloc(wmem_file_scope(), size);
    if (rounded > block_left) {
        block = wmem_alloc(wmem_file_scope(), BLOCK_SIZE);
        block_left = BLOCK_SIZE;
    }
    taken = block;
    block += rounded;
    block_left -= rounded;
    return taken;
}

static void *take_zeroed(gsize size)
{
    return memset(take(size), 0, size);
}

/* Links and transactions */

/** The core gives a link's place to another one where there are very many. */
static struct shown_link *link_of(const struct btap_link *link)
{
    struct shown_link *shown = link == newest_link ? newest_shown : wmem_map_lookup(links, link);
    char name[BTAP_LINK_NAME_SIZE];

    newest_link = link;
    if (shown != NULL && btap_link_same(&shown->identity, link))
        return newest_shown = shown;
    shown = take_zeroed(sizeof(*shown));
    shown->stream = streams++;
    shown->identity = *link;
    shown->next = all_links;
    all_links = shown;
    shown->name = wmem_strdup(wmem_file_scope(), btap_link_name(link, name, sizeof(name)));
    wmem_map_insert(links, link, shown);
    return newest_shown = shown;
}

static struct shown_transaction *transaction_of(struct shown_link *link, guint64 n)
{
    struct shown_transaction *transaction = link->under_way;

    if (n == 0)
        return NULL;
    if (transaction != NULL && transaction->n == n)
        return transaction;
    transaction = take_zeroed(sizeof(*transaction));
    transaction->link = link;
    transaction->n = n;
    transaction->data_end = &transaction->data;
    link->under_way = transaction;
    link->is_bootloader = true;
    return transaction;
}

static void add_part(struct shown_transaction *transaction, guint32 frame)
{
    struct shown_part *part;

    if (transaction->newest_part != NULL && transaction->newest_part->frame == frame)
        return;
    part = take_zeroed(sizeof(*part));
    part->frame = frame;
    if (transaction->newest_part == NULL)
        transaction->parts = part;
    else
        transaction->newest_part->next = part;
    transaction->newest_part = part;
}

/* Frames */

/** Where a frame is in the table; NULL if it is on no page and none is to be added. */
static struct shown_frame **place_of(guint32 number, bool add)
{
    const guint index = number / FRAMES_PER_PAGE;
    struct shown_frame **page;

    if (pages == NULL || (index >= pages->len && !add))
        return NULL;
    if (index >= pages->len)
        g_ptr_array_set_size(pages, (gint)index + 1);
    page = g_ptr_array_index(pages, index);
    if (page == NULL && add) {
        page = wmem_alloc0_array(wmem_file_scope(), struct shown_frame *, FRAMES_PER_PAGE);
        g_ptr_array_index(pages, index) = page;
    }
    return page != NULL ? &page[number % FRAMES_PER_PAGE] : NULL;
}

static struct shown_frame *frame_of(guint32 number, const struct shown_link *link)
{
    struct shown_frame **place = place_of(number, true);
    struct shown_frame *frame = *place;

    if (frame == NULL) {
        frame = take_zeroed(sizeof(*frame));
        frame->link = link;
        frame->hindsight = finishing || number != feeding;
        frame->spans_end = &frame->spans;
        frame->notes_end = &frame->notes;
        frame->outcomes_end = &frame->outcomes;
        *place = frame;
    }
    frame->transports |= 1u << link->identity.transport;
    return frame;
}

static void on_verdict(void *context, guint64 packet, struct shown_verdict *verdict)
{
    struct shown_frame *frame = frame_of((guint32)packet, context);

    verdict->next = frame->verdicts;
    frame->verdicts = verdict;
}

/** What follows the sessions of a link, which is made if there is none. */
static struct verdict_tracker *sessions_of(struct shown_link *link)
{
    if (link->sessions == NULL)
        link->sessions = verdict_tracker_new(link->identity.transport, on_verdict, link);
    return link->sessions;
}

static void on_span(void *context _U_, const struct btap_link *of, const struct btap_span *emitted)
{
    struct shown_link *link = link_of(of);
    const guint32 number = (guint32)emitted->packet;
    struct shown_frame *frame = frame_of(number, link);
    struct shown_span *span = take(sizeof(*span));

    *span = (struct shown_span){
        .transaction = transaction_of(link, emitted->n),
        .link = link,
        .value = emitted->value,
        .offset = emitted->offset,
        .length = emitted->length,
        .field = (guint8)emitted->field,
        .direction = (guint8)emitted->direction,
        .last = emitted->last,
        .bad = emitted->bad,
        .hindsight = finishing || number != feeding,
    };
    *frame->spans_end = span;
    frame->spans_end = &span->next;
    if (span->transaction != NULL)
        add_part(span->transaction, number);
}

static void on_data(void *context _U_, const struct btap_link *of, const struct btap_data *emitted)
{
    struct shown_transaction *transaction = transaction_of(link_of(of), emitted->n);
    struct shown_data *data;

    if (transaction == NULL)
        return;
    data = take_zeroed(sizeof(*data));
    data->frame = (guint32)emitted->packet;
    data->offset = emitted->offset;
    data->address = emitted->address;
    data->length = emitted->length;
    data->written = emitted->written;
    data->bytes = memcpy(take(emitted->length), emitted->bytes, emitted->length);
    *transaction->data_end = data;
    transaction->data_end = &data->next;
}

static void on_note(void *context _U_, const struct btap_link *of, uint64_t n,
                    const struct btap_note *emitted)
{
    struct shown_link *link = link_of(of);
    struct shown_frame *frame = frame_of(finishing ? (guint32)emitted->packet : feeding, link);
    struct shown_note *note = take_zeroed(sizeof(*note));

    if (n == 0)
        verdict_note(sessions_of(link), tap, of, emitted);
    note->note = *emitted;
    note->hindsight = finishing;
    *frame->notes_end = note;
    frame->notes_end = &note->next;
}

static void on_transaction(void *context _U_, const struct btap_link *of,
                           const struct btap_transaction *emitted)
{
    const gsize size = offsetof(struct btap_transaction, list) +
                       btap_transaction_list_kept(emitted) * sizeof(emitted->list[0]);
    struct shown_link *link = link_of(of);
    struct shown_transaction *transaction = transaction_of(link, emitted->n);
    struct shown_outcome *outcome = take_zeroed(sizeof(*outcome));
    struct shown_frame *frame;

    transaction->emitted = memcpy(take(size), emitted, size);
    transaction->failed = emitted->status != BTAP_OK && emitted->status != BTAP_INCOMPLETE &&
                          !btap_transaction_is_harmless(emitted);
    transaction->outcome_frame = finishing ? (guint32)emitted->last_packet : feeding;
    /* USB completions have no bytes */
    if (emitted->last_packet == feeding)
        add_part(transaction, feeding);
    link->under_way = NULL;
    verdict_transaction(sessions_of(link), tap, of, emitted);
    *transactions_end = transaction;
    transactions_end = &transaction->next;

    frame = frame_of(transaction->outcome_frame, link);
    outcome->transaction = transaction;
    outcome->hindsight = finishing;
    *frame->outcomes_end = outcome;
    frame->outcomes_end = &outcome->next;
}

static const struct btap_sink sink = {
    .span = on_span,
    .data = on_data,
    .note = on_note,
    .transaction = on_transaction,
};

/* A file from its start to its end */

void store_start(const struct btap_options *chosen)
{
    options = *chosen;
    feeding = 0;
    finishing = false;
    pages = g_ptr_array_new();
    links = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    newest_link = NULL;
    newest_shown = NULL;
    all_links = NULL;
    streams = 0;
    block = NULL;
    block_left = 0;
    transactions = NULL;
    transactions_end = &transactions;
}

void store_expect_can_bootloader(void)
{
    options.fdcan.bootloader = true;
}

void store_finish(void)
{
    if (tap == NULL || finishing)
        return;
    finishing = true;
    btap_tap_finish(tap);
    for (struct shown_link *link = all_links; link != NULL; link = link->next)
        if (link->sessions != NULL)
            verdict_finish(link->sessions, tap, &link->identity);
}

void store_stop(void)
{
    g_clear_pointer(&tap, g_free);
    g_clear_pointer(&pages, g_ptr_array_unref);
    links = NULL;
    transactions = NULL;
}

/** Records that a read filter drops give their number to the next one. */
static void begin_frame(guint32 number)
{
    struct shown_frame **place = number == feeding ? place_of(number, false) : NULL;

    if (place != NULL)
        *place = NULL;
    feeding = number;
}

void store_feed(packet_info *pinfo, tvbuff_t *bytes)
{
    struct btap_record record;

    if (pages == NULL || finishing || !record_fill(&record, pinfo, bytes))
        return;
    if (tap == NULL) {
        tap = g_new(struct btap_tap, 1);
        btap_tap_init(tap, &sink, &options);
    }
    begin_frame(pinfo->num);
    btap_tap_record(tap, &record);
}

void store_completion(guint32 number, guint32 request, const struct shown_frame *requested)
{
    struct shown_transaction *transaction = requested->spans->transaction;
    struct shown_frame *frame = frame_of(number, requested->link);

    frame->request = request;
    frame->requested = requested;
    if (transaction != NULL)
        add_part(transaction, number);
}

const struct shown_frame *store_frame(guint32 number)
{
    struct shown_frame **place = place_of(number, false);

    return place != NULL ? *place : NULL;
}

const struct shown_transaction *store_transactions(void)
{
    return transactions;
}

guint32 store_streams(void)
{
    return streams;
}
