/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * File, Export Objects, STM32 firmware: one object for each contiguous region of memory that was
 * written or read. Only what the device accepted counts. A block that is done again at once takes
 * the place of its first try; what else is written over begins an object of its own, so that a
 * second flash does not mix with the first.
 */
#include <epan/export_object.h>
#include <epan/tap.h>
#include <string.h>

#include "stm32boot.h"

/** A contiguous region of a link's memory. */
struct region {
    const struct shown_link *link;
    bool written;
    guint32 frame;
    guint64 begin;
    guint32 newest; /* address of the last block */
    GByteArray *bytes;
    bool changed;                 /* since it was last shown */
    export_object_entry_t *entry; /* owned by the list, as is then what bytes holds; NULL before */
};

static GPtrArray *regions; /* of struct region, which it owns */
static GPtrArray *changed; /* those that were since they were last shown */
/* Those that may grow, by memory and address; the ones of a memory do not overlap. */
static GTree *open_regions;
/* Transaction's index -> struct shown_data of frames that were tapped, the newest first. */
static GHashTable *gathered;
static guint32 newest_frame; /* the last one that was tapped */

static guint64 end_of(const struct region *region)
{
    return region->begin + region->bytes->len;
}

static void free_region(gpointer data)
{
    struct region *region = data;

    g_byte_array_free(region->bytes, region->entry == NULL);
    g_free(region);
}

static bool is_same_memory(const struct region *a, const struct region *b)
{
    return a->link == b->link && a->written == b->written;
}

static gint compare_regions(gconstpointer left, gconstpointer right, gpointer context _U_)
{
    const struct region *a = left;
    const struct region *b = right;

    if (a->link != b->link)
        return a->link->stream < b->link->stream ? -1 : 1;
    if (a->written != b->written)
        return a->written ? 1 : -1;
    return (a->begin > b->begin) - (a->begin < b->begin);
}

/** The open region of this memory that begins last before an address; NULL if none does. */
static struct region *open_before(const struct shown_link *link, bool written, guint64 address)
{
    const struct region sought = {.link = link, .written = written, .begin = address};
    GTreeNode *node = g_tree_lower_bound(open_regions, &sought);
    struct region *region;

    node = node != NULL ? g_tree_node_previous(node) : g_tree_node_last(open_regions);
    region = node != NULL ? g_tree_node_value(node) : NULL;
    return region != NULL && is_same_memory(region, &sought) ? region : NULL;
}

static bool overlaps(const struct region *region, const struct shown_data *data)
{
    return data->address < end_of(region) && region->begin < (guint64)data->address + data->length;
}

/** Whether data that were read lie in what was read before, and are the same. */
static bool is_known(const struct region *region, const struct shown_data *data)
{
    return !data->written && data->address >= region->begin &&
           (guint64)data->address + data->length <= end_of(region) &&
           memcmp(region->bytes->data + (data->address - region->begin), data->bytes,
                  data->length) == 0;
}

/** Whether data are the last block once more, as tools do that did not read back what they wrote.
 */
static bool is_again(const struct region *region, const struct shown_data *data)
{
    return data->address == region->newest &&
           (guint64)data->address + data->length >= end_of(region);
}

static struct region *new_region(const struct shown_link *link, const struct shown_data *data)
{
    struct region *region = g_new0(struct region, 1);

    region->link = link;
    region->written = data->written;
    region->frame = data->frame;
    region->begin = data->address;
    region->bytes = g_byte_array_new();
    g_ptr_array_add(regions, region);
    g_tree_insert(open_regions, region, region);
    return region;
}

/** Joins a region to the one that it adjoins. One that is in the list already stays as it is. */
static void join_following(struct region *region)
{
    const struct region sought = {
        .link = region->link, .written = region->written, .begin = end_of(region)};
    struct region *other = g_tree_lookup(open_regions, &sought);

    if (other == NULL || other->entry != NULL)
        return;
    g_byte_array_append(region->bytes, other->bytes->data, other->bytes->len);
    g_byte_array_set_size(other->bytes, 0);
    region->newest = other->newest;
    g_tree_remove(open_regions, other);
}

/** The region that data continue; NULL if none. Those that they are written over are closed. */
static struct region *find_region(const struct shown_link *link, const struct shown_data *data)
{
    const guint64 end = (guint64)data->address + data->length;
    struct region *region = NULL;
    struct region *other = open_before(link, data->written, end);

    while (other != NULL && end_of(other) >= data->address) {
        struct region *before = open_before(link, data->written, other->begin);

        if (is_again(other, data))
            g_byte_array_set_size(other->bytes, data->address - (guint)other->begin);
        if (overlaps(other, data))
            g_tree_remove(open_regions, other);
        else if (region == NULL && end_of(other) == data->address)
            region = other;
        other = before;
    }
    return region;
}

static void add_data(const struct shown_link *link, const struct shown_data *data)
{
    const struct region *holder = open_before(link, data->written, (guint64)data->address + 1);
    struct region *region;

    if (data->length == 0 || (holder != NULL && is_known(holder, data)))
        return;
    region = find_region(link, data);
    if (region == NULL)
        region = new_region(link, data);
    g_byte_array_append(region->bytes, data->bytes, data->length);
    region->newest = data->address;
    join_following(region);
    if (!region->changed)
        g_ptr_array_add(changed, region);
    region->changed = true;
}

/** Puts a region in the list, or brings the object that it is there up to date. */
static void show_region(export_object_list_t *list, struct region *region)
{
    export_object_entry_t *entry = region->entry;

    region->changed = false;
    if (region->bytes->len == 0)
        return; /* joined to another one */
    if (entry == NULL) {
        entry = g_new0(export_object_entry_t, 1);
        entry->pkt_num = region->frame;
        entry->hostname = g_strdup(region->link->name);
        entry->content_type = g_strdup(region->written ? "written" : "read");
        entry->filename =
            g_strdup_printf("%s-0x%08x.bin", entry->content_type, (guint)region->begin);
    }
    entry->payload_data = region->bytes->data;
    entry->payload_len = region->bytes->len;
    if (region->entry == NULL)
        list->add_entry(list->gui_data, entry);
    region->entry = entry;
}

static void export_reset(void)
{
    g_clear_pointer(&open_regions, g_tree_destroy);
    g_clear_pointer(&changed, g_ptr_array_unref);
    g_clear_pointer(&regions, g_ptr_array_unref);
    g_clear_pointer(&gathered, g_hash_table_destroy);
    newest_frame = 0;
}

static void free_gathered(gpointer list)
{
    struct shown_data *data = list;

    while (data != NULL) {
        struct shown_data *next = data->next;

        g_free(data);
        data = next;
    }
}

/** Takes what a frame carries of transactions whose outcome is shown later. */
static void gather(const struct stm32boot_tap *tapped)
{
    for (const struct shown_data *data = tapped->frame->data; data != NULL; data = data->next) {
        void *const key = GUINT_TO_POINTER(data->transaction);
        struct shown_data *copy;
        gpointer before = NULL;

        if (!tvb_bytes_exist(tapped->record, (gint)data->offset, (gint)data->length) ||
            store_kept_data(data->transaction) != NULL)
            continue;
        copy = g_malloc(sizeof(*copy) + data->length);
        *copy = *data;
        copy->bytes = tvb_memcpy(tapped->record, copy + 1, (gint)data->offset, data->length);
        g_hash_table_steal_extended(gathered, key, NULL, &before);
        copy->next = before;
        g_hash_table_insert(gathered, key, copy);
    }
}

/** The pieces of a transaction come the newest first. */
static void add_pieces(const struct shown_transaction *transaction)
{
    void *const key = GUINT_TO_POINTER(transaction->index);
    const struct shown_data *data = store_kept_data(transaction->index);
    GArray *pieces = g_array_new(FALSE, FALSE, sizeof(const void *));

    if (data == NULL)
        data = g_hash_table_lookup(gathered, key);
    for (; data != NULL; data = data->next)
        g_array_append_val(pieces, data);
    for (guint i = pieces->len; i > 0; i--)
        add_data(transaction->link, g_array_index(pieces, const struct shown_data *, i - 1));
    g_array_unref(pieces);
}

static void start_list(void)
{
    regions = g_ptr_array_new_with_free_func(free_region);
    changed = g_ptr_array_new();
    open_regions = g_tree_new_full(compare_regions, NULL, NULL, NULL);
    gathered = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_gathered);
}

static tap_packet_status export_packet(void *context, packet_info *pinfo, epan_dissect_t *edt _U_,
                                       const void *data, tap_flags_t flags _U_)
{
    const struct stm32boot_tap *tapped = data;

    /* Another list is filled: sharkd of 4.0 tells the next one without a reset. */
    if (pinfo->num <= newest_frame)
        export_reset();
    newest_frame = pinfo->num;
    if (regions == NULL)
        start_list();
    gather(tapped);
    for (const struct shown_outcome *outcome = tapped->frame->outcomes; outcome != NULL;
         outcome = outcome->next) {
        if (outcome->transaction->emitted->status == BTAP_OK)
            add_pieces(outcome->transaction);
        g_hash_table_remove(gathered, GUINT_TO_POINTER(outcome->transaction->index));
    }
    /* What is in the list is not joined any more: on a second pass all is put there at the end. */
    if (changed->len == 0 || pinfo->num < store_newest_outcome())
        return TAP_PACKET_DONT_REDRAW;
    for (guint i = 0; i < changed->len; i++)
        show_region(context, g_ptr_array_index(changed, i));
    g_ptr_array_set_size(changed, 0);
    return TAP_PACKET_REDRAW;
}

int stm32boot_register_export(int proto)
{
    register_cleanup_routine(export_reset);
    return register_export_object(proto, export_packet, export_reset);
}
