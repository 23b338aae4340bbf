/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * pcap files with times in nanoseconds (draft-ietf-opsawg-pcap): a header, then records.
 */
#include "formats/capture_file/pcap.h"
#include "record/format.h"

#define NS_PER_SECOND 1000000000

/** Everything stands in the header, which needs the link type. */
static void begin(struct builder *builder, const char *application, const char *comment)
{
    (void)builder;
    (void)application;
    (void)comment;
}

static void add_interface(struct builder *builder, const struct traffic_interface *interface)
{
    if (builder->length > 0)
        return;
    builder_add32(builder, PCAP_MAGIC_NS);
    builder_add16(builder, PCAP_MAJOR);
    builder_add16(builder, PCAP_MINOR);
    builder_add64(builder, 0); /* two members that are no longer used */
    builder_add32(builder, interface->snap_length != 0 ? interface->snap_length
                                                       : pcap_record_max(interface->linktype));
    builder_add32(builder, interface->linktype);
}

static void add_record(struct builder *builder, const struct traffic_record *record)
{
    builder_add32(builder, (uint32_t)(record->time / NS_PER_SECOND));
    builder_add32(builder, (uint32_t)(record->time % NS_PER_SECOND));
    builder_add32(builder, record->captured);
    builder_add32(builder, record->length);
    builder_add_bytes(builder, record->bytes, record->captured);
    /* The one thing of a file in the making that is not padded */
    builder->length -= pcapng_padded(record->captured) - record->captured;
}

static void add_statistics(struct builder *builder, uint32_t interface_id,
                           const struct traffic_statistics *statistics,
                           const struct recording_times *times)
{
    (void)builder;
    (void)interface_id;
    (void)statistics;
    (void)times;
}

const struct recording_format recording_pcap = {
    .one_linktype = true,
    .begin = begin,
    .interface = add_interface,
    .record = add_record,
    .statistics = add_statistics,
};
