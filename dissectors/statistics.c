/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Statistics: a tree of what was asked and answered, and response times per command.
 */
#include <epan/srt_table.h>
#include <epan/tap.h>

#include "names.h"
#include "stm32boot.h"
#include "ws_compat.h"

static const char label_commands[] = "Commands";
static const char label_statuses[] = "Statuses";
static const char label_nacks[] = "NACKs by phase";
static const char label_bytes[] = "Memory bytes accepted";
static const char label_times[] = "Response times in ms";

static int node_commands = -1;
static int node_statuses = -1;
static int node_nacks = -1;
static int node_bytes = -1;
static int node_times = -1;

static void stats_tree_start(stats_tree *tree)
{
    node_commands = stats_tree_create_pivot(tree, label_commands, 0);
    node_statuses = stats_tree_create_pivot(tree, label_statuses, 0);
    node_nacks = stats_tree_create_pivot(tree, label_nacks, 0);
    node_bytes = stats_tree_create_node(tree, label_bytes, 0, STAT_DT_INT, TRUE);
    node_times = stats_tree_create_node(tree, label_times, 0, STAT_DT_FLOAT, TRUE);
    stat_node_set_flags(tree, label_times, 0, TRUE, ST_FLG_AVERAGE);
}

static void count_bytes(stats_tree *tree, const char *name, guint64 count)
{
    if (count == 0)
        return;
    increase_stat_node(tree, label_bytes, 0, TRUE, (gint)count);
    increase_stat_node(tree, name, node_bytes, FALSE, (gint)count);
}

/** Whether the time that it took means something. */
static bool is_timed(const struct btap_transaction *transaction)
{
    return btap_transaction_is_answered(transaction) &&
           (transaction->lacks & BTAP_LACKS_TIMES) == 0;
}

static void count(stats_tree *tree, const struct shown_transaction *transaction)
{
    const struct btap_transaction *emitted = transaction->emitted;
    const char *command = btap_command_name(emitted->command);
    const float milliseconds = (float)emitted->duration / 1000000;

    stats_tree_tick_pivot(tree, node_commands, command);
    stats_tree_tick_pivot(tree, node_statuses, btap_status_name(emitted->status));
    if (emitted->status == BTAP_NACK)
        stats_tree_tick_pivot(tree, node_nacks, btap_phase_name(emitted->phase));
    if (emitted->status == BTAP_OK) {
        count_bytes(tree, "written", transaction->written_bytes);
        count_bytes(tree, "read", transaction->read_bytes);
    }
    if (is_timed(emitted)) {
        avg_stat_node_add_value_float(tree, label_times, 0, TRUE, milliseconds);
        avg_stat_node_add_value_float(tree, command, node_times, FALSE, milliseconds);
    }
}

static tap_packet_status stats_tree_packet(stats_tree *tree, packet_info *pinfo _U_,
                                           epan_dissect_t *edt _U_, const void *data,
                                           tap_flags_t flags _U_)
{
    const struct stm32boot_tap *tapped = data;

    for (const struct shown_outcome *outcome = tapped->frame->outcomes; outcome != NULL;
         outcome = outcome->next)
        count(tree, outcome->transaction);
    return tapped->frame->outcomes != NULL ? TAP_PACKET_REDRAW : TAP_PACKET_DONT_REDRAW;
}

static void srt_start(struct register_srt *srt _U_, GArray *tables)
{
    srt_stat_table *table =
        init_srt_table("STM32 bootloader commands", NULL, tables, NAMES_COMMANDS_END, "Command",
                       "stm32boot.command", NULL);

    for (int i = 0; i < BTAP_COMMAND_COUNT; i++)
        init_srt_table_row(table, (int)number_of_command((enum btap_command)i),
                           btap_command_name((enum btap_command)i));
}

/** The table takes the time from a given one to the packet's; ours ends where the core says. */
static void add_time(srt_stat_table *table, packet_info *pinfo,
                     const struct btap_transaction *transaction)
{
    const nstime_t duration = stm32boot_duration(transaction);
    nstime_t begun;

    nstime_delta(&begun, &pinfo->abs_ts, &duration);
    add_srt_table_data(table, (int)number_of_command(transaction->command), &begun, pinfo);
}

static tap_packet_status srt_packet(void *context, packet_info *pinfo, epan_dissect_t *edt _U_,
                                    const void *data, tap_flags_t flags _U_)
{
    const struct stm32boot_tap *tapped = data;
    srt_data_t *tables = context;
    srt_stat_table *table = g_array_index(tables->srt_array, srt_stat_table *, 0);

    for (const struct shown_outcome *outcome = tapped->frame->outcomes; outcome != NULL;
         outcome = outcome->next)
        if (is_timed(outcome->transaction->emitted))
            add_time(table, pinfo, outcome->transaction->emitted);
    return TAP_PACKET_REDRAW;
}

void stm32boot_register_statistics(int proto)
{
    stats_tree_register_plugin("stm32boot", "stm32boot",
                               "STM32 bootloader" WS_STATS_TREE_SEPARATOR "Commands", 0,
                               stats_tree_packet, stats_tree_start, NULL);
    register_srt_table(proto, NULL, 1, srt_packet, srt_start, NULL);
}
