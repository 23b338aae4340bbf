/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Frames that are kept until it is clear what they are. Internal to the CAN decoder.
 */
#ifndef DECODER_CAN_HELD_H
#define DECODER_CAN_HELD_H

#include "boottap/can.h"

/** The link's frames are those of AN5405; else AN3154's, which are classic ones. */
static inline bool can_is_fd(const struct btap_can *can)
{
    return can->emitter.link->transport == BTAP_FDCAN;
}

/** A kept frame as it came, with its bytes. */
struct can_kept {
    struct btap_can_frame frame;
    uint8_t id_bytes[4];
    uint8_t data[64];
};

/** How many frames the link keeps at most. */
uint8_t can_held_max(const struct btap_can *can);

/** Keeps a frame behind the others. @return false if there is no room */
bool can_hold(struct btap_can *can, const struct btap_can_frame *frame);

/** Frame index, 0 the oldest. @return kept->frame, whose pointers lead into *kept */
const struct btap_can_frame *can_held(const struct btap_can *can, uint8_t index,
                                      struct can_kept *kept);

/** The same of room, a copy of can->held that was taken before. */
const struct btap_can_frame *can_held_in(const struct btap_can *can, const uint8_t *room,
                                         uint8_t index, struct can_kept *kept);

/** Takes the oldest frame out. @return as can_held() does */
const struct btap_can_frame *can_release(struct btap_can *can, struct can_kept *kept);

/** Marks frame index as one that began a command when it came. */
void can_mark_command(struct btap_can *can, uint8_t index);

/** The last frame that is so marked; 0 if none is. */
uint8_t can_last_command(const struct btap_can *can);

#endif
