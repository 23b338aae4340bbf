/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store.h"

#include <string.h>

#include "record.h"
#include "records.h"
#include "shelf.h"

/** A transaction under way. */
struct transaction_begun {
    guint32 index; /* 0: none is under way */
    guint64 n;
    guint64 written_bytes;
    guint64 read_bytes;
    struct shown_flow flows[SHOWN_ENDS];
    guint32 counted[SHOWN_ENDS]; /* the last frame in each flow */
    GArray *parts;               /* of guint32: the frames that it has bytes in */
};

static struct btap_options options;
static struct btap_tap *tap; /* NULL until the first record that the core reads */
static guint32 feeding;      /* the frame under way; of the last one when the file has ended */
static bool finishing;       /* the file has ended */
static bool started;
static wmem_map_t *links;                   /* struct btap_link of the core -> struct shown_link */
static const struct btap_link *newest_link; /* the one of the core that was looked up last */
static struct shown_link *newest_shown;
static GPtrArray *all_links;       /* of struct shown_link, by their stream */
static GPtrArray *transactions;    /* by index: packed, or NULL as long as they are under way */
static struct pack_buffer fed;     /* records of the frame under way */
static struct pack_buffer scratch; /* what is packed for another place */
static guint32 newest_outcome;     /* the last frame that shows one */
static bool is_thinned;            /* a read filter drops frames */
static bool keeping;
static wmem_map_t *kept; /* index -> struct shown_data, with bytes; the newest first */

/* Links and transactions */

/** The core gives a link's place to another one where there are very many. */
static struct shown_link *link_of(const struct btap_link *link)
{
    struct shown_link *shown = link == newest_link ? newest_shown : wmem_map_lookup(links, link);
    char name[BTAP_LINK_NAME_SIZE];

    newest_link = link;
    if (shown != NULL && btap_link_same(&shown->identity, link))
        return newest_shown = shown;
    shown = wmem_new0(wmem_file_scope(), struct shown_link);
    shown->stream = all_links->len;
    shown->identity = *link;
    shown->name = wmem_strdup(wmem_file_scope(), btap_link_name(link, name, sizeof(name)));
    g_ptr_array_add(all_links, shown);
    wmem_map_insert(links, link, shown);
    return newest_shown = shown;
}

static const struct shown_link *link_by_stream(guint32 stream)
{
    return g_ptr_array_index(all_links, stream);
}

static const guint8 *transaction_by_index(guint32 index)
{
    return g_ptr_array_index(transactions, index);
}

/** The transaction of a link that has a number, which begins it if it is new; NULL for 0. */
static struct transaction_begun *begun_of(struct shown_link *link, guint64 n)
{
    struct transaction_begun *begun = link->begun;

    if (n == 0)
        return NULL;
    if (begun == NULL) {
        begun = link->begun = wmem_new0(wmem_file_scope(), struct transaction_begun);
        link->is_bootloader = true;
    }
    if (begun->index != 0 && begun->n == n)
        return begun;
    if (begun->parts == NULL)
        begun->parts = g_array_new(FALSE, FALSE, sizeof(guint32));
    g_array_set_size(begun->parts, 0);
    *begun = (struct transaction_begun){.n = n, .index = transactions->len, .parts = begun->parts};
    g_ptr_array_add(transactions, NULL);
    return begun;
}

static void add_part(const struct transaction_begun *begun, guint32 frame)
{
    const guint length = begun->parts->len;

    if (length == 0 || g_array_index(begun->parts, guint32, length - 1) != frame)
        g_array_append_val(begun->parts, frame);
}

/** Counts bytes in what their sender sent. */
static void add_to_flow(struct transaction_begun *begun, const struct btap_span *span)
{
    const gint end = span->direction == BTAP_DEVICE_TO_HOST;

    if (span->direction == BTAP_DIRECTION_UNKNOWN)
        return;
    begun->flows[end].frames += begun->counted[end] != (guint32)span->packet;
    begun->flows[end].bytes += span->length;
    begun->counted[end] = (guint32)span->packet;
}

/* Frames */

static bool is_hindsight(guint32 number)
{
    return finishing || number != feeding;
}

/** Where the records of a frame are packed; to be followed by put_records(). */
static struct pack_buffer *records_of(guint32 number)
{
    return is_hindsight(number) ? &scratch : &fed;
}

static void put_records(guint32 number)
{
    if (!is_hindsight(number))
        return; /* with all others of this frame */
    shelf_put(number, &scratch);
    scratch.length = 0;
}

static void put_fed(void)
{
    if (fed.length > 0)
        shelf_put(feeding, &fed);
    fed.length = 0;
}

static void on_verdict(void *context, guint64 packet, struct shown_verdict *verdict)
{
    const guint32 number = (guint32)packet;

    pack_verdict(records_of(number), context, verdict, is_hindsight(number));
    put_records(number);
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
    struct transaction_begun *begun = begun_of(link, emitted->n);
    const struct shown_span span = {
        .link = link,
        .value = emitted->value,
        .transaction = begun != NULL ? begun->index : 0,
        .offset = emitted->offset,
        .length = emitted->length,
        .field = (guint8)emitted->field,
        .direction = (guint8)emitted->direction,
        .last = emitted->last,
        .bad = emitted->bad,
        .hindsight = is_hindsight(number),
    };

    pack_span(records_of(number), &span);
    put_records(number);
    if (begun == NULL)
        return;
    add_part(begun, number);
    add_to_flow(begun, emitted);
}

static void keep_data(const struct shown_data *data, const guint8 *bytes)
{
    struct shown_data *copy = wmem_memdup(wmem_file_scope(), data, sizeof(*data));

    copy->bytes = wmem_memdup(wmem_file_scope(), bytes, data->length);
    copy->next = wmem_map_lookup(kept, GUINT_TO_POINTER(data->transaction));
    wmem_map_insert(kept, GUINT_TO_POINTER(data->transaction), copy);
}

static void on_data(void *context _U_, const struct btap_link *of, const struct btap_data *emitted)
{
    struct shown_link *link = link_of(of);
    struct transaction_begun *begun = begun_of(link, emitted->n);
    const guint32 number = (guint32)emitted->packet;
    struct shown_data data;

    if (begun == NULL)
        return;
    data = (struct shown_data){
        .transaction = begun->index,
        .frame = number,
        .offset = emitted->offset,
        .address = emitted->address,
        .length = emitted->length,
        .written = emitted->written,
    };
    *(emitted->written ? &begun->written_bytes : &begun->read_bytes) += emitted->length;
    pack_data(records_of(number), link, &data, is_hindsight(number));
    put_records(number);
    if (keeping)
        keep_data(&data, emitted->bytes);
}

static void on_note(void *context _U_, const struct btap_link *of, uint64_t n,
                    const struct btap_note *emitted)
{
    struct shown_link *link = link_of(of);
    const guint32 number = finishing ? (guint32)emitted->packet : feeding;

    if (n == 0)
        verdict_note(sessions_of(link), tap, of, emitted);
    pack_note(records_of(number), link, emitted, is_hindsight(number));
    put_records(number);
}

/** Packs a transaction, now that its outcome and its session are known. */
static void put_transaction(const struct shown_link *link, const struct btap_transaction *emitted,
                            guint32 outcome_frame)
{
    const struct transaction_begun *begun = link->begun;
    const struct shown_transaction transaction = {
        .link = link,
        .emitted = emitted,
        .written_bytes = begun->written_bytes,
        .read_bytes = begun->read_bytes,
        .session = verdict_session(link->sessions),
        .flows = {begun->flows[0], begun->flows[1]},
        .outcome_frame = outcome_frame,
        .failed = emitted->status != BTAP_OK && emitted->status != BTAP_INCOMPLETE &&
                  !btap_transaction_is_harmless(emitted),
        .parts_length = begun->parts->len,
        .parts = (const guint32 *)(const void *)begun->parts->data,
    };

    pack_transaction(&scratch, &transaction);
    g_ptr_array_index(transactions, begun->index) = shelf_copy(scratch.bytes, scratch.length);
    scratch.length = 0;
}

static void on_transaction(void *context _U_, const struct btap_link *of,
                           const struct btap_transaction *emitted)
{
    struct shown_link *link = link_of(of);
    struct transaction_begun *begun = begun_of(link, emitted->n);
    const guint32 number = finishing ? (guint32)emitted->last_packet : feeding;

    /* USB completions have no bytes */
    if (emitted->last_packet == feeding)
        add_part(begun, feeding);
    verdict_transaction(sessions_of(link), tap, of, emitted);
    put_transaction(link, emitted, number);
    pack_outcome(records_of(number), link, begun->index, is_hindsight(number));
    put_records(number);
    begun->index = 0;
    newest_outcome = MAX(newest_outcome, number);
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
    started = true;
    newest_outcome = 0;
    is_thinned = false;
    links = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    kept = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    newest_link = NULL;
    newest_shown = NULL;
    all_links = g_ptr_array_new();
    transactions = g_ptr_array_new();
    g_ptr_array_add(transactions, NULL); /* there is none of index 0 */
    shelf_start();
}

void store_expect_can_bootloader(void)
{
    options.can.bootloader = true;
}

void store_keep_data(bool wanted)
{
    keeping = wanted;
}

void store_finish(void)
{
    if (tap == NULL || finishing)
        return;
    finishing = true;
    btap_tap_finish(tap);
    for (guint i = all_links->len; i > 0; i--) {
        const struct shown_link *link = g_ptr_array_index(all_links, i - 1);

        if (link->sessions != NULL)
            verdict_finish(link->sessions, tap, &link->identity);
    }
}

static void free_parts(gpointer data, gpointer context _U_)
{
    const struct shown_link *link = data;

    if (link->begun != NULL && link->begun->parts != NULL)
        g_array_unref(link->begun->parts);
}

static void empty(struct pack_buffer *buffer)
{
    g_free(buffer->bytes);
    *buffer = (struct pack_buffer){0};
}

void store_stop(void)
{
    if (!started)
        return;
    started = false;
    g_clear_pointer(&tap, g_free);
    g_ptr_array_foreach(all_links, free_parts, NULL);
    g_clear_pointer(&all_links, g_ptr_array_unref);
    g_clear_pointer(&transactions, g_ptr_array_unref);
    empty(&fed);
    empty(&scratch);
    shelf_stop();
    links = NULL;
    kept = NULL;
}

/** Records that a read filter drops give their number to the next one. */
static void begin_frame(guint32 number)
{
    if (number == feeding) {
        shelf_clear(number);
        is_thinned = true;
    }
    feeding = number;
}

void store_feed(packet_info *pinfo, tvbuff_t *bytes)
{
    struct btap_record record;

    if (!started || finishing || !record_fill(&record, pinfo, bytes))
        return;
    if (tap == NULL) {
        tap = g_new(struct btap_tap, 1);
        btap_tap_init(tap, &sink, &options);
    }
    begin_frame(pinfo->num);
    btap_tap_record(tap, &record);
    put_fed();
}

void store_completion(guint32 number, guint32 request, const struct shown_frame *requested)
{
    const struct shown_link *link = requested->link;
    const struct transaction_begun *begun = link->begun;

    pack_completion(&scratch, link, request, shelf_newest(request));
    shelf_put(number, &scratch);
    scratch.length = 0;
    if (begun != NULL && begun->index != 0 && begun->index == requested->spans->transaction)
        add_part(begun, number);
}

const struct shown_frame *store_frame(wmem_allocator_t *scope, guint32 number)
{
    const struct record_context context = {
        .scope = scope,
        .link = link_by_stream,
        .transaction = transaction_by_index,
    };
    const guint8 *newest = started ? shelf_newest(number) : NULL;

    return newest != NULL ? unpack_frame(&context, newest, number) : NULL;
}

guint32 store_outcome_frame(guint32 transaction)
{
    const guint8 *packed = transaction_by_index(transaction);

    return packed != NULL ? unpack_outcome_frame(packed) : 0;
}

guint32 store_session(guint32 transaction)
{
    const guint8 *packed = transaction_by_index(transaction);

    return packed != NULL ? unpack_session(packed) : 0;
}

const struct shown_data *store_kept_data(guint32 transaction)
{
    return wmem_map_lookup(kept, GUINT_TO_POINTER(transaction));
}

guint32 store_newest_outcome(void)
{
    return is_thinned ? 0 : newest_outcome;
}

guint32 store_streams(void)
{
    return all_links != NULL ? all_links->len : 0;
}
