/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store.h"

#include <string.h>
#include <wiretap/wtap.h>

/** Identity of a transaction under way: its link and number. */
struct open_key {
    const struct btap_link *link;
    guint64 n;
};

static struct btap_tap *tap;
static guint32 newest_fed;     /* frames are fed in order, each once */
static guint32 feeding;        /* the frame under way */
static wmem_map_t *frames;     /* frame number -> struct shown_frame */
static GHashTable *open_shown; /* struct open_key -> struct shown_transaction */

static guint hash_open_key(gconstpointer key)
{
    const struct open_key *open = key;

    return g_direct_hash(open->link) ^ (guint)open->n;
}

static gboolean same_open_key(gconstpointer a, gconstpointer b)
{
    const struct open_key *left = a;
    const struct open_key *right = b;

    return left->link == right->link && left->n == right->n;
}

static struct shown_transaction *shown_of(const struct btap_link *link, guint64 n)
{
    const struct open_key key = {link, n};
    struct shown_transaction *shown;

    if (n == 0)
        return NULL;
    shown = g_hash_table_lookup(open_shown, &key);
    if (shown == NULL) {
        struct open_key *kept = g_new(struct open_key, 1);

        *kept = key;
        shown = wmem_new0(wmem_file_scope(), struct shown_transaction);
        btap_link_name(link, shown->link, sizeof(shown->link));
        g_hash_table_insert(open_shown, kept, shown);
    }
    return shown;
}

static struct shown_frame *frame_of(guint64 packet, const struct btap_link *link)
{
    const gconstpointer key = GUINT_TO_POINTER((guint)packet);
    struct shown_frame *frame = wmem_map_lookup(frames, key);

    if (frame == NULL) {
        frame = wmem_new0(wmem_file_scope(), struct shown_frame);
        frame->transport = link->transport;
        wmem_map_insert(frames, key, frame);
    }
    return frame;
}

static void add(wmem_array_t **array, const void *element, gsize size)
{
    if (*array == NULL)
        *array = wmem_array_sized_new(wmem_file_scope(), size, 2);
    wmem_array_append(*array, element, 1);
}

static void on_span(void *context _U_, const struct btap_link *link, const struct btap_span *span)
{
    struct shown_span shown = {
        .span = *span,
        .transport = link->transport,
        .shown = shown_of(link, span->n),
        .first_pass = span->packet == feeding,
    };

    shown.span.bytes = NULL;
    add(&frame_of(span->packet, link)->spans, &shown, sizeof(shown));
}

static void on_data(void *context _U_, const struct btap_link *link, const struct btap_data *data)
{
    const struct shown_data shown = {
        .offset = data->offset,
        .length = data->length,
        .address = data->address,
        .written = data->written,
        .shown = shown_of(link, data->n),
    };

    add(&frame_of(data->packet, link)->data, &shown, sizeof(shown));
}

static void on_note(void *context _U_, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    const struct shown_note shown = {.note = *note, .shown = shown_of(link, n)};

    add(&frame_of(feeding, link)->notes, &shown, sizeof(shown));
}

static void on_transaction(void *context _U_, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    const struct open_key key = {link, transaction->n};
    const gsize size = offsetof(struct btap_transaction, list) +
                       btap_transaction_list_kept(transaction) * sizeof(transaction->list[0]);
    struct shown_transaction *shown = shown_of(link, transaction->n);
    char words[BTAP_DESCRIBE_SIZE];

    shown->transaction = wmem_memdup(wmem_file_scope(), transaction, size);
    shown->first_frame = (guint32)transaction->first_packet;
    shown->last_frame = (guint32)transaction->last_packet;
    shown->description = wmem_strdup(wmem_file_scope(),
                                     btap_transaction_describe(transaction, words, sizeof(words)));
    shown->outcome =
        wmem_strdup(wmem_file_scope(), btap_transaction_outcome(transaction, words, sizeof(words)));
    shown->complete = true;
    add(&frame_of(feeding, link)->completed, &shown, sizeof(shown));
    g_hash_table_remove(open_shown, &key);
}

static const struct btap_sink sink = {
    .span = on_span,
    .data = on_data,
    .note = on_note,
    .transaction = on_transaction,
};

void store_start(const struct btap_options *options)
{
    tap = g_new(struct btap_tap, 1);
    btap_tap_init(tap, &sink, options);
    newest_fed = 0;
    frames = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    open_shown = g_hash_table_new_full(hash_open_key, same_open_key, g_free, NULL);
}

void store_finish(void)
{
    if (tap != NULL && newest_fed > 0)
        btap_tap_finish(tap);
}

void store_stop(void)
{
    g_clear_pointer(&tap, g_free);
    g_clear_pointer(&open_shown, g_hash_table_destroy);
    frames = NULL;
}

/** The LINKTYPE_ value of a Wireshark encapsulation; 0 for those that the core does not read. */
static guint32 linktype_of(int encapsulation)
{
    switch (encapsulation) {
    case WTAP_ENCAP_SLL:
        return BTAP_LINKTYPE_LINUX_SLL;
    case WTAP_ENCAP_SLL2:
        return BTAP_LINKTYPE_LINUX_SLL2;
    case WTAP_ENCAP_USB_LINUX:
        return BTAP_LINKTYPE_USB_LINUX;
    case WTAP_ENCAP_USB_LINUX_MMAPPED:
        return BTAP_LINKTYPE_USB_LINUX_MMAPPED;
    case WTAP_ENCAP_USBPCAP:
        return BTAP_LINKTYPE_USBPCAP;
    case WTAP_ENCAP_SOCKETCAN:
        return BTAP_LINKTYPE_CAN_SOCKETCAN;
    case WTAP_ENCAP_RTAC_SERIAL:
        return BTAP_LINKTYPE_RTAC_SERIAL;
    default:
        return 0;
    }
}

void store_feed(packet_info *pinfo, tvbuff_t *frame)
{
    const wtap_packet_header *header = &pinfo->rec->rec_header.packet_header;
    const guint32 linktype =
        pinfo->rec->rec_type == REC_TYPE_PACKET ? linktype_of(header->pkt_encap) : 0;
    const guint captured = tvb_captured_length(frame);
    struct btap_record record;

    if (tap == NULL || pinfo->num <= newest_fed)
        return;
    newest_fed = pinfo->num;
    if (linktype == 0)
        return;
    /* Wiretap hands headers that are in the capturing host's byte order over in this host's. */
    record = (struct btap_record){
        .linktype = linktype,
        .interface_id =
            pinfo->rec->presence_flags & WTAP_HAS_INTERFACE_ID ? header->interface_id : 0,
        .packet = pinfo->num,
        .time = (btap_ns)pinfo->abs_ts.secs * 1000000000 + pinfo->abs_ts.nsecs,
        .big_endian = G_BYTE_ORDER == G_BIG_ENDIAN,
        .bytes = captured > 0 ? tvb_get_ptr(frame, 0, (gint)captured) : NULL,
        .captured = captured,
        .length = tvb_reported_length(frame),
    };
    feeding = pinfo->num;
    btap_tap_record(tap, &record);
}

const struct shown_frame *store_frame(guint32 number)
{
    return frames != NULL ? wmem_map_lookup(frames, GUINT_TO_POINTER(number)) : NULL;
}
