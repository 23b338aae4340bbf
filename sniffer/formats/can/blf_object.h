/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Objects of a BLF file that are CAN frames. All numbers are little-endian. An object begins with
 *   "LOBJ", u16 size of its head, u16 version of it, u32 size, u32 type, u32 unit of its time,
 *   u16, u16, u64 time
 */
#ifndef SNIFFER_FORMATS_CAN_BLF_OBJECT_H
#define SNIFFER_FORMATS_CAN_BLF_OBJECT_H

#include "formats/can/can_log.h"

#define BLF_BASE_SIZE 16u /* up to the type */
#define BLF_CONTAINER 10u /* type of an object that holds others */

/** Objects of frames are no larger; the largest has 64 bytes of data behind 80. */
#define BLF_FRAME_MAX 4096u

enum blf_kind {
    BLF_OTHER, /**< no frame */
    BLF_FRAME,
    BLF_DAMAGED,
};

/** Whether objects of a type are frames. */
bool blf_holds_frame(uint32_t type);

/**
 * Takes a frame out of an object.
 *
 * @param start time that the object's is since
 * @param told set to zero
 */
enum blf_kind blf_frame(const uint8_t *object, size_t size, btap_ns start, struct can_told *told);

uint16_t blf_u16(const uint8_t *at);
uint32_t blf_u32(const uint8_t *at);

#endif
