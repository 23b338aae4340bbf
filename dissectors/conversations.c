/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Conversations and Endpoints: each session is a conversation between its host and its device. It
 * grows by whole commands, when their outcome is known: only then is it certain which session their
 * frames belong to. Bytes are those of the bootloader's protocol.
 */
#include <epan/packet.h>
#include <epan/tap.h>
#include <string.h>

/* Wireshark 4.0's needs the types of those. */
#include <epan/conversation_table.h>

#include "stm32boot.h"

/** The two ends of a session. */
struct ends {
    address host;
    address device;
};

char *stm32boot_device_end(wmem_allocator_t *scope, const struct shown_link *link, guint32 session)
{
    return wmem_strdup_printf(scope, "%s, session %u", link->name, session);
}

static struct ends ends_of(wmem_allocator_t *scope, const struct shown_transaction *transaction)
{
    char *device = stm32boot_device_end(scope, transaction->link, transaction->session);
    struct ends ends;

    set_address(&ends.host, AT_STRINGZ, sizeof(STM32BOOT_HOST_END), STM32BOOT_HOST_END);
    set_address(&ends.device, AT_STRINGZ, (int)strlen(device) + 1, device);
    return ends;
}

static int limited(guint64 count)
{
    return (int)MIN(count, (guint64)G_MAXINT);
}

static const char *filter_name_of(conv_filter_type_e type)
{
    switch (type) {
    case CONV_FT_SRC_ADDRESS:
        return "stm32boot.src";
    case CONV_FT_DST_ADDRESS:
        return "stm32boot.dst";
    case CONV_FT_ANY_ADDRESS:
        return "stm32boot.end";
    case CONV_FT_SRC_PORT:
    case CONV_FT_DST_PORT:
    case CONV_FT_ANY_PORT:
        break;
    }
    return CONV_FILTER_INVALID;
}

static const char *conversation_filter(conv_item_t *item _U_, conv_filter_type_e type)
{
    return filter_name_of(type);
}

static const char *endpoint_filter(endpoint_item_t *item _U_, conv_filter_type_e type)
{
    return filter_name_of(type);
}

/** What the host sent counts from the command's begin, what the device sent at its outcome. */
static void add_conversation(conv_hash_t *table, const packet_info *pinfo,
                             const struct shown_transaction *transaction)
{
    static ct_dissector_info_t info = {conversation_filter};
    const struct ends ends = ends_of(pinfo->pool, transaction);
    const struct shown_flow *host = &transaction->flows[0];
    const struct shown_flow *device = &transaction->flows[1];
    const nstime_t duration = stm32boot_duration(transaction->emitted);
    nstime_t end = pinfo->rel_ts;
    nstime_t abs_end = pinfo->abs_ts;
    nstime_t begin;
    nstime_t abs_begin;

    nstime_delta(&begin, &end, &duration);
    nstime_delta(&abs_begin, &abs_end, &duration);
    add_conversation_table_data(table, &ends.host, &ends.device, 0, 0, limited(host->frames),
                                limited(host->bytes), &begin, &abs_begin, &info, CONVERSATION_NONE);
    add_conversation_table_data(table, &ends.device, &ends.host, 0, 0, limited(device->frames),
                                limited(device->bytes), &end, &abs_end, &info, CONVERSATION_NONE);
}

static tap_packet_status conversation_packet(void *context, packet_info *pinfo,
                                             epan_dissect_t *edt _U_, const void *data,
                                             tap_flags_t flags)
{
    const struct stm32boot_tap *tapped = data;
    conv_hash_t *table = context;

    table->flags = flags;
    for (const struct shown_outcome *outcome = tapped->frame->outcomes; outcome != NULL;
         outcome = outcome->next)
        add_conversation(table, pinfo, outcome->transaction);
    return tapped->frame->outcomes != NULL ? TAP_PACKET_REDRAW : TAP_PACKET_DONT_REDRAW;
}

/** What a flow's sender sent, and what its receiver got. */
static void add_flow(conv_hash_t *table, const address *sender, const address *receiver,
                     const struct shown_flow *flow)
{
    static et_dissector_info_t info = {endpoint_filter};

    add_endpoint_table_data(table, sender, 0, TRUE, limited(flow->frames), limited(flow->bytes),
                            &info, ENDPOINT_NONE);
    add_endpoint_table_data(table, receiver, 0, FALSE, limited(flow->frames), limited(flow->bytes),
                            &info, ENDPOINT_NONE);
}

static tap_packet_status endpoint_packet(void *context, packet_info *pinfo, epan_dissect_t *edt _U_,
                                         const void *data, tap_flags_t flags)
{
    const struct stm32boot_tap *tapped = data;
    conv_hash_t *table = context;

    table->flags = flags;
    for (const struct shown_outcome *outcome = tapped->frame->outcomes; outcome != NULL;
         outcome = outcome->next) {
        const struct ends ends = ends_of(pinfo->pool, outcome->transaction);

        add_flow(table, &ends.host, &ends.device, &outcome->transaction->flows[0]);
        add_flow(table, &ends.device, &ends.host, &outcome->transaction->flows[1]);
    }
    return tapped->frame->outcomes != NULL ? TAP_PACKET_REDRAW : TAP_PACKET_DONT_REDRAW;
}

void stm32boot_register_conversations(int proto)
{
    register_conversation_table(proto, TRUE, conversation_packet, endpoint_packet);
}
