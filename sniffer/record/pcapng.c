/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * pcapng files (draft-ietf-opsawg-pcapng), times in nanoseconds.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "record/format.h"

#define NANOSECONDS 9 /**< if_tsresol: 10^-9 s */

/** What if_filter begins with where the filter is a string, and no program. */
static const char filter_kind[] = {'\0'};

static void begin(struct builder *builder, const char *application, const char *comment)
{
    const uint32_t start = builder_begin_section(builder);
    struct utsname system;
    char name[sizeof(system.sysname) + sizeof(system.release) + 1];

    builder_add_text(builder, PCAPNG_OPTION_COMMENT, comment);
    if (uname(&system) == 0) {
        snprintf(name, sizeof(name), "%s %s", system.sysname, system.release);
        builder_add_text(builder, PCAPNG_OPTION_SHB_HARDWARE, system.machine);
        builder_add_text(builder, PCAPNG_OPTION_SHB_OS, name);
    }
    builder_add_text(builder, PCAPNG_OPTION_SHB_USERAPPL, application);
    builder_end_options(builder);
    builder_end(builder, start);
}

/** A number of 64 bits as an option. */
static void add_number(struct builder *builder, uint16_t code, uint64_t value)
{
    builder_add16(builder, code);
    builder_add16(builder, sizeof(value));
    builder_add64(builder, value);
}

static void add_interface(struct builder *builder, const struct traffic_interface *interface)
{
    const uint32_t start =
        builder_begin_interface(builder, interface->linktype, interface->snap_length);
    const uint8_t resolution = NANOSECONDS;

    builder_add_text(builder, PCAPNG_OPTION_IF_NAME, interface->name);
    builder_add_description(builder, interface->at_tool, interface->lacks, interface->description,
                            interface->name);
    if (interface->speed != 0)
        add_number(builder, PCAPNG_OPTION_IF_SPEED, interface->speed);
    builder_add_option(builder, PCAPNG_OPTION_IF_TSRESOL, &resolution, sizeof(resolution));
    builder_add_prefixed_text(builder, PCAPNG_OPTION_IF_FILTER, filter_kind, sizeof(filter_kind),
                              interface->filter);
    builder_add_text(builder, PCAPNG_OPTION_IF_HARDWARE, interface->hardware);
    builder_end_options(builder);
    builder_end(builder, start);
}

static void add_record(struct builder *builder, const struct traffic_record *record)
{
    const struct btap_record packet = {
        .interface_id = record->interface_id,
        .bytes = record->bytes,
        .captured = record->captured,
        .length = record->length,
    };
    const uint32_t start = builder_begin_packet(builder, &packet, (uint64_t)record->time);

    builder_add_text(builder, PCAPNG_OPTION_COMMENT, record->comment);
    if (record->direction != BTAP_DIRECTION_UNKNOWN)
        builder_add_flags(builder, record->direction == BTAP_HOST_TO_DEVICE ? PCAPNG_FLAGS_OUTBOUND
                                                                            : PCAPNG_FLAGS_INBOUND);
    if (record->left_out > 0)
        add_number(builder, PCAPNG_OPTION_EPB_DROPCOUNT, record->left_out);
    if (record->comment != NULL || record->direction != BTAP_DIRECTION_UNKNOWN ||
        record->left_out > 0)
        builder_end_options(builder);
    builder_end(builder, start);
}

/** A time as an option. */
static void add_time_option(struct builder *builder, uint16_t code, btap_ns time)
{
    builder_add16(builder, code);
    builder_add16(builder, sizeof(time));
    builder_add_time(builder, (uint64_t)time);
}

static void add_statistics(struct builder *builder, uint32_t interface_id,
                           const struct traffic_statistics *statistics,
                           const struct recording_times *times)
{
    const uint32_t start = builder_begin(builder, PCAPNG_STATISTICS);

    builder_add32(builder, interface_id);
    builder_add_time(builder, (uint64_t)times->end);
    add_time_option(builder, PCAPNG_OPTION_ISB_STARTTIME, times->start);
    add_time_option(builder, PCAPNG_OPTION_ISB_ENDTIME, times->end);
    if (statistics->known)
        add_number(builder, PCAPNG_OPTION_ISB_IFRECV, statistics->received);
    if (statistics->known || statistics->left_out > 0)
        add_number(builder, PCAPNG_OPTION_ISB_IFDROP, statistics->dropped + statistics->left_out);
    builder_end_options(builder);
    builder_end(builder, start);
}

const struct recording_format recording_pcapng = {
    .begin = begin,
    .interface = add_interface,
    .record = add_record,
    .statistics = add_statistics,
};
