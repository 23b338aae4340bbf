/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Statistics and Export Objects, fed by the dissector's taps.
 */
#include <epan/export_object.h>
#include <epan/srt_table.h>
#include <epan/tap.h>

#include "stm32boot.h"
#include "ws_compat.h"

static int node_commands = -1;
static int node_statuses = -1;
static int node_nacks = -1;
static int node_bytes = -1;

static const char label_commands[] = "Commands";
static const char label_statuses[] = "Statuses";
static const char label_nacks[] = "NACKs by phase";
static const char label_bytes[] = "Memory bytes";

static void stats_tree_start(stats_tree *tree)
{
    node_commands = stats_tree_create_pivot(tree, label_commands, 0);
    node_statuses = stats_tree_create_pivot(tree, label_statuses, 0);
    node_nacks = stats_tree_create_pivot(tree, label_nacks, 0);
    node_bytes = stats_tree_create_node(tree, label_bytes, 0, STAT_DT_INT, TRUE);
}

static tap_packet_status stats_tree_packet(stats_tree *tree, packet_info *pinfo _U_,
                                           epan_dissect_t *edt _U_, const void *data,
                                           tap_flags_t flags _U_)
{
    const struct stm32boot_tap *tapped = data;
    wmem_array_t *completed = tapped->frame->completed;
    wmem_array_t *memory = tapped->frame->data;

    for (guint i = 0; completed != NULL && i < wmem_array_get_count(completed); i++) {
        struct shown_transaction *const *shown = wmem_array_index(completed, i);
        const struct btap_transaction *transaction = (*shown)->transaction;

        stats_tree_tick_pivot(tree, node_commands, btap_command_name(transaction->command));
        stats_tree_tick_pivot(tree, node_statuses, btap_status_name(transaction->status));
        if (transaction->status == BTAP_NACK)
            stats_tree_tick_pivot(tree, node_nacks, btap_phase_name(transaction->phase));
    }
    for (guint i = 0; memory != NULL && i < wmem_array_get_count(memory); i++) {
        const struct shown_data *shown = wmem_array_index(memory, i);

        increase_stat_node(tree, label_bytes, 0, FALSE, (gint)shown->length);
        increase_stat_node(tree, shown->written ? "written" : "read", node_bytes, FALSE,
                           (gint)shown->length);
    }
    return TAP_PACKET_REDRAW;
}

static void srt_start(struct register_srt *srt _U_, GArray *tables)
{
    srt_stat_table *table =
        init_srt_table("STM32 bootloader commands", NULL, tables, BTAP_COMMAND_COUNT, "Command",
                       "stm32boot.command", NULL);

    for (int i = 0; i < BTAP_COMMAND_COUNT; i++)
        init_srt_table_row(table, i, btap_command_name((enum btap_command)i));
}

static tap_packet_status srt_packet(void *context, packet_info *pinfo, epan_dissect_t *edt _U_,
                                    const void *data, tap_flags_t flags _U_)
{
    const struct stm32boot_tap *tapped = data;
    wmem_array_t *completed = tapped->frame->completed;
    srt_data_t *tables = context;

    for (guint i = 0; completed != NULL && i < wmem_array_get_count(completed); i++) {
        struct shown_transaction *const *shown = wmem_array_index(completed, i);
        const struct btap_transaction *transaction = (*shown)->transaction;
        const nstime_t begun = {
            .secs = (time_t)(transaction->time / 1000000000),
            .nsecs = (int)(transaction->time % 1000000000),
        };

        add_srt_table_data(g_array_index(tables->srt_array, srt_stat_table *, 0),
                           (int)transaction->command, &begun, pinfo);
    }
    return TAP_PACKET_REDRAW;
}

/* The objects of the export under way: contiguous regions of memory, written and read. */
struct region {
    guint32 end; /**< first address behind it */
    bool written;
    export_object_entry_t *entry;
};
static GArray *regions;

static void export_reset(void)
{
    if (regions != NULL)
        g_array_free(regions, TRUE);
    regions = NULL;
}

/** The region that an address continues; NULL if none. */
static struct region *region_ending_at(guint32 address, bool written)
{
    for (guint i = regions->len; i-- > 0;) {
        struct region *region = &g_array_index(regions, struct region, i);

        if (region->end == address && region->written == written)
            return region;
    }
    return NULL;
}

static void export_data(export_object_list_t *list, packet_info *pinfo, tvbuff_t *record,
                        const struct shown_data *data)
{
    struct region *region = region_ending_at(data->address, data->written);
    export_object_entry_t *entry;

    if (region == NULL) {
        const struct region fresh = {
            .written = data->written,
            .entry = g_new0(export_object_entry_t, 1),
        };

        g_array_append_val(regions, fresh);
        region = &g_array_index(regions, struct region, regions->len - 1);
        entry = region->entry;
        entry->pkt_num = pinfo->num;
        entry->hostname = g_strdup(data->shown != NULL ? data->shown->link : "");
        entry->content_type = g_strdup(data->written ? "written" : "read");
        entry->filename = g_strdup_printf("%s-0x%08x.bin", entry->content_type, data->address);
        list->add_entry(list->gui_data, entry);
    }
    entry = region->entry;
    entry->payload_data = g_realloc(entry->payload_data, entry->payload_len + data->length);
    tvb_memcpy(record, entry->payload_data + entry->payload_len, (gint)data->offset, data->length);
    entry->payload_len += data->length;
    region->end = data->address + data->length;
}

static tap_packet_status export_packet(void *context, packet_info *pinfo, epan_dissect_t *edt _U_,
                                       const void *data, tap_flags_t flags _U_)
{
    const struct stm32boot_tap *tapped = data;
    wmem_array_t *memory = tapped->frame->data;

    if (regions == NULL)
        regions = g_array_new(FALSE, FALSE, sizeof(struct region));
    for (guint i = 0; memory != NULL && i < wmem_array_get_count(memory); i++)
        export_data(context, pinfo, tapped->record, wmem_array_index(memory, i));
    return TAP_PACKET_REDRAW;
}

int stm32boot_register_export(int proto)
{
    return register_export_object(proto, export_packet, export_reset);
}

void stm32boot_register_statistics(int proto)
{
    stats_tree_register_plugin("stm32boot", "stm32boot",
                               "STM32 bootloader" WS_STATS_TREE_SEPARATOR "Commands", 0,
                               stats_tree_packet, stats_tree_start, NULL);
    register_srt_table(proto, NULL, 1, srt_packet, srt_start, NULL);
}
