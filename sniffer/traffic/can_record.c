/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic/can_record.h"

#define AT_FLAGS 5
#define FLAGS_FD 0x04 /* "this is FD"; headers of older kernels do not name it */

/** @param flags byte 5 */
static void send(const struct traffic_sink *sink, struct traffic_record *record,
                 struct canfd_frame *frame, uint8_t flags, size_t size)
{
    uint8_t *bytes = (uint8_t *)frame;
    const uint32_t id = frame->can_id;

    for (unsigned i = 0; i < sizeof(id); i++)
        bytes[i] = (uint8_t)(id >> (24 - 8 * i));
    bytes[AT_FLAGS] = flags;
    record->bytes = bytes;
    record->captured = (uint32_t)size;
    record->length = (uint32_t)size;
    sink->record(sink->context, record);
}

void can_record_send(const struct traffic_sink *sink, uint32_t interface_id, btap_ns time,
                     enum btap_direction direction, struct canfd_frame *frame, size_t size)
{
    struct traffic_record record = {interface_id, time, direction, NULL, 0, 0, NULL, 0};
    const uint8_t flags = ((uint8_t *)frame)[AT_FLAGS] & (CANFD_BRS | CANFD_ESI);

    send(sink, &record, frame, size == CANFD_MTU ? flags | FLAGS_FD : 0, size);
}

void can_record_send_untold(const struct traffic_sink *sink, uint32_t interface_id, btap_ns time,
                            enum btap_direction direction, struct canfd_frame *frame)
{
    struct traffic_record record = {interface_id, time, direction, NULL, 0, 0, NULL, 0};

    send(sink, &record, frame, 0, CANFD_MTU);
}
