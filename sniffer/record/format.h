/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The interface that recordings are written in either format through: each function adds bytes to
 * a builder, which are written at once.
 */
#ifndef SNIFFER_RECORD_FORMAT_H
#define SNIFFER_RECORD_FORMAT_H

#include "capture/builder.h"
#include "traffic/traffic.h"

/** Times that the statistics of a file tell. */
struct recording_times {
    btap_ns start;
    btap_ns end;
};

struct recording_format {
    /** Its records have no interface: all must be of one link type. */
    bool one_linktype;
    /** Begins a file. @param comment NULL: none */
    void (*begin)(struct builder *builder, const char *application, const char *comment);
    void (*interface)(struct builder *builder, const struct traffic_interface *interface);
    void (*record)(struct builder *builder, const struct traffic_record *record);
    /** What is known of an interface at the end of a file. */
    void (*statistics)(struct builder *builder, uint32_t interface_id,
                       const struct traffic_statistics *statistics,
                       const struct recording_times *times);
};

extern const struct recording_format recording_pcap;
extern const struct recording_format recording_pcapng;

#endif
