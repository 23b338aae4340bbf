/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic/can_record.h"

#define AT_FLAGS 5
#define FLAGS_FD 0x04 /* "this is FD"; headers of older kernels do not name it */

static void shape(struct canfd_frame *frame, bool fd)
{
    uint8_t *bytes = (uint8_t *)frame;
    const uint32_t id = frame->can_id;

    for (unsigned i = 0; i < sizeof(id); i++)
        bytes[i] = (uint8_t)(id >> (24 - 8 * i));
    bytes[AT_FLAGS] = fd ? (uint8_t)((bytes[AT_FLAGS] & (CANFD_BRS | CANFD_ESI)) | FLAGS_FD) : 0;
}

void can_record_send(const struct traffic_sink *sink, uint32_t interface_id, btap_ns time,
                     enum btap_direction direction, struct canfd_frame *frame, size_t size)
{
    const struct traffic_record record = {
        .interface_id = interface_id,
        .time = time,
        .direction = direction,
        .bytes = (const uint8_t *)frame,
        .captured = (uint32_t)size,
        .length = (uint32_t)size,
    };

    shape(frame, size == CANFD_MTU);
    sink->record(sink->context, &record);
}
