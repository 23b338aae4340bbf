/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "can/held.h"

#include <string.h>

#include "can/shape.h"

/* A classic frame has 8 bytes: the room of few FD frames is that of a whole opening. */
#define CLASSIC_SIZE ((uint32_t)BTAP_CAN_HELD_SIZE(8))
#define FD_SIZE      ((uint32_t)BTAP_CAN_HELD_SIZE(64))

_Static_assert(FD_SIZE *BTAP_CAN_HELD_FD <= BTAP_CAN_HELD_ROOM, "FD frames have room");

static uint32_t size_each(const struct btap_can *can)
{
    return can_is_fd(can) ? FD_SIZE : CLASSIC_SIZE;
}

uint8_t can_held_max(const struct btap_can *can)
{
    return can_is_fd(can) ? BTAP_CAN_HELD_FD : BTAP_CAN_HELD_CLASSIC;
}

static struct btap_can_held header_of(const struct btap_can *can, uint8_t index)
{
    struct btap_can_held held;

    memcpy(&held, &can->held[index * size_each(can)], sizeof(held));
    return held;
}

bool can_hold(struct btap_can *can, const struct btap_can_frame *frame)
{
    uint8_t *room = &can->held[can->held_length * size_each(can)];
    struct btap_can_held held = {
        .at = frame->at,
        .id_offset = frame->id_offset,
        .id = (uint16_t)frame->id,
        .length = frame->length,
        .captured = frame->captured,
        .id_known = frame->id_bytes != NULL,
        .brs = frame->brs,
        .brs_known = frame->brs_known,
    };

    if (can->held_length == can_held_max(can))
        return false;
    if (held.id_known)
        memcpy(held.id_bytes, frame->id_bytes, sizeof(held.id_bytes));
    memcpy(room, &held, sizeof(held));
    if (frame->captured > 0)
        memcpy(room + sizeof(held), frame->data, frame->captured);
    can->held_length++;
    return true;
}

const struct btap_can_frame *can_held_in(const struct btap_can *can, const uint8_t *room,
                                         uint8_t index, struct can_kept *kept)
{
    struct btap_can_held held;

    room += index * size_each(can);
    memcpy(&held, room, sizeof(held));
    memcpy(kept->id_bytes, held.id_bytes, sizeof(kept->id_bytes));
    memcpy(kept->data, room + sizeof(held), held.captured);
    kept->frame = (struct btap_can_frame){
        .at = held.at,
        .id = held.id,
        .id_offset = held.id_offset,
        .id_bytes = held.id_known ? kept->id_bytes : NULL,
        .fd = can_is_fd(can),
        .brs = held.brs,
        .brs_known = held.brs_known,
        .data = kept->data,
        .length = held.length,
        .captured = held.captured,
    };
    return &kept->frame;
}

const struct btap_can_frame *can_held(const struct btap_can *can, uint8_t index,
                                      struct can_kept *kept)
{
    return can_held_in(can, can->held, index, kept);
}

const struct btap_can_frame *can_release(struct btap_can *can, struct can_kept *kept)
{
    const uint32_t size = size_each(can);
    const struct btap_can_frame *frame = can_held(can, 0, kept);

    can->held_length--;
    memmove(&can->held[0], &can->held[size], can->held_length * size);
    return frame;
}

void can_mark_command(struct btap_can *can, uint8_t index)
{
    struct btap_can_held held = header_of(can, index);

    held.command = true;
    memcpy(&can->held[index * size_each(can)], &held, sizeof(held));
}

uint8_t can_last_command(const struct btap_can *can)
{
    for (uint8_t i = can->held_length; i > 0; i--)
        if (header_of(can, (uint8_t)(i - 1)).command)
            return (uint8_t)(i - 1);
    return 0;
}
