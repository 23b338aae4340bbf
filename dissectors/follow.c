/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Follow: the bytes of a link, the host's and the device's, as a stream.
 */
#include <epan/follow.h>
#include <epan/tap.h>

#include "stm32boot.h"
#include "ws_compat.h"

static char *filter_of_stream(guint stream, guint sub_stream _U_)
{
    return g_strdup_printf("stm32boot.stream eq %u", stream);
}

static char *filter_of_packet(epan_dissect_t *edt _U_, packet_info *pinfo, guint *stream,
                              guint *sub_stream)
{
    const struct shown_frame *frame = store_frame(pinfo->pool, pinfo->num);

    if (frame == NULL)
        return NULL;
    *stream = frame->link->stream;
    *sub_stream = 0;
    return filter_of_stream(frame->link->stream, 0);
}

static char *filter_of_addresses(address *from _U_, address *to _U_, int from_port _U_,
                                 int to_port _U_)
{
    return NULL;
}

static char *port_name(wmem_allocator_t *allocator, guint port _U_)
{
    return wmem_strdup(allocator, "");
}

/** The record that bytes of the same sender in the same frame belong to. */
static follow_record_t *record_of(follow_info_t *info, packet_info *pinfo, bool is_server)
{
    follow_record_t *record = info->payload != NULL ? info->payload->data : NULL;

    if (record != NULL && record->packet_num == pinfo->num && (bool)record->is_server == is_server)
        return record;
    record = g_new0(follow_record_t, 1);
    record->is_server = is_server;
    record->packet_num = pinfo->num;
    record->abs_ts = pinfo->abs_ts;
    record->data = g_byte_array_new();
    info->payload = g_list_prepend(info->payload, record);
    return record;
}

/**
 * The heading names who talks to whom: the client is the host. Not by the packet's addresses: those
 * of USB have no name, and sharkd of Wireshark 4.0 ends itself over an end without a name.
 */
static void name_the_ends(follow_info_t *info)
{
    static const char host[] = "host";
    static const char device[] = "device";

    if (info->client_ip.type != AT_NONE)
        return;
    alloc_address_wmem(NULL, &info->client_ip, AT_STRINGZ, sizeof(host), host);
    alloc_address_wmem(NULL, &info->server_ip, AT_STRINGZ, sizeof(device), device);
}

static void add_bytes(follow_info_t *info, packet_info *pinfo, tvbuff_t *frame,
                      const struct shown_span *span)
{
    const bool is_server = span->direction == BTAP_DEVICE_TO_HOST;
    follow_record_t *record = record_of(info, pinfo, is_server);

    name_the_ends(info);
    g_byte_array_append(record->data, tvb_get_ptr(frame, (gint)span->offset, (gint)span->length),
                        span->length);
    info->bytes_written[is_server] += span->length;
}

static tap_packet_status follow_packet(void *context, packet_info *pinfo, epan_dissect_t *edt _U_,
                                       const void *data, tap_flags_t flags _U_)
{
    const struct stm32boot_tap *tapped = data;

    for (const struct shown_span *span = tapped->frame->spans; span != NULL; span = span->next)
        if (span->field != BTAP_FIELD_CAN_ID && span->field != BTAP_FIELD_PADDING &&
            tvb_bytes_exist(tapped->record, (gint)span->offset, (gint)span->length))
            add_bytes(context, pinfo, tapped->record, span);
    return TAP_PACKET_DONT_REDRAW;
}

void stm32boot_register_follow(int proto)
{
    ws_register_follow(proto, "stm32boot_follow", filter_of_packet, filter_of_stream,
                       filter_of_addresses, port_name, follow_packet, store_streams);
}
