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
    bool closed; /* it was written over: nothing is added any more */
    guint32 frame;
    guint32 begin;
    guint32 newest; /* address of the last block */
    GByteArray *bytes;
    bool changed;                 /* since it was last shown */
    export_object_entry_t *entry; /* owned by the list; NULL as long as it is not in it */
};

static GPtrArray *regions;                     /* of struct region */
static const struct shown_transaction *newest; /* the last one that is in the regions */

static guint64 end_of(const struct region *region)
{
    return (guint64)region->begin + region->bytes->len;
}

static void free_region(gpointer data)
{
    struct region *region = data;

    g_byte_array_free(region->bytes, TRUE);
    g_free(region);
}

static bool is_same_memory(const struct region *region, const struct shown_link *link,
                           const struct shown_data *data)
{
    return region->link == link && region->written == data->written && !region->closed;
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
    return region;
}

/** Joins a region to the one that it adjoins. One that is in the list already stays as it is. */
static void join_following(struct region *region)
{
    for (guint i = 0; i < regions->len; i++) {
        struct region *other = g_ptr_array_index(regions, i);

        if (other == region || other->entry != NULL || other->closed ||
            other->link != region->link || other->written != region->written ||
            other->begin != end_of(region))
            continue;
        g_byte_array_append(region->bytes, other->bytes->data, other->bytes->len);
        region->newest = other->newest;
        g_ptr_array_remove_index(regions, i);
        return;
    }
}

static void add_data(const struct shown_link *link, const struct shown_data *data)
{
    struct region *region = NULL;

    for (guint i = 0; i < regions->len; i++) {
        struct region *other = g_ptr_array_index(regions, i);

        if (!is_same_memory(other, link, data))
            continue;
        if (is_known(other, data))
            return;
        if (is_again(other, data))
            g_byte_array_set_size(other->bytes, data->address - other->begin);
        if (overlaps(other, data))
            other->closed = true;
        else if (end_of(other) == data->address)
            region = other;
    }
    if (region == NULL)
        region = new_region(link, data);
    g_byte_array_append(region->bytes, data->bytes, data->length);
    region->newest = data->address;
    region->changed = true;
    join_following(region);
}

/** Puts a region in the list, or brings the object that it is there up to date. */
static void show_region(export_object_list_t *list, struct region *region)
{
    export_object_entry_t *entry = region->entry;

    if (!region->changed)
        return;
    region->changed = false;
    if (entry == NULL) {
        entry = g_new0(export_object_entry_t, 1);
        entry->pkt_num = region->frame;
        entry->hostname = g_strdup(region->link->name);
        entry->content_type = g_strdup(region->written ? "written" : "read");
        entry->filename = g_strdup_printf("%s-0x%08x.bin", entry->content_type, region->begin);
    }
    entry->payload_data = g_realloc(entry->payload_data, region->bytes->len);
    memcpy(entry->payload_data, region->bytes->data, region->bytes->len);
    entry->payload_len = region->bytes->len;
    if (region->entry == NULL)
        list->add_entry(list->gui_data, entry);
    region->entry = entry;
}

static void export_reset(void)
{
    g_clear_pointer(&regions, g_ptr_array_unref);
    newest = NULL;
}

/** Takes all outcomes that are known: after the first pass that is the whole capture. */
static tap_packet_status export_packet(void *context, packet_info *pinfo _U_,
                                       epan_dissect_t *edt _U_, const void *tapped _U_,
                                       tap_flags_t flags _U_)
{
    const struct shown_transaction *transaction =
        newest != NULL ? newest->next : store_transactions();

    if (transaction == NULL)
        return TAP_PACKET_DONT_REDRAW;
    if (regions == NULL)
        regions = g_ptr_array_new_with_free_func(free_region);
    for (; transaction != NULL; transaction = transaction->next) {
        newest = transaction;
        if (transaction->told->status != BTAP_OK)
            continue;
        for (const struct shown_data *data = transaction->data; data != NULL; data = data->next)
            add_data(transaction->link, data);
    }
    for (guint i = 0; i < regions->len; i++)
        show_region(context, g_ptr_array_index(regions, i));
    return TAP_PACKET_REDRAW;
}

int stm32boot_register_export(int proto)
{
    return register_export_object(proto, export_packet, export_reset);
}
