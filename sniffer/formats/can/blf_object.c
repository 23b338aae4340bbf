/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/can/blf_object.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HEAD_SIZE      32u /* with the time; newer heads have more behind it */
#define AT_TYPE        12u
#define AT_UNIT        16u
#define AT_TIME        24u
#define UNIT_10_US     1u
#define TEN_US_NS      10000
#define CLASSIC_REMOTE 0x80u
#define CLASSIC_SENT   0x01u
#define FD_FLAG_EDL    0x01u
#define FD_FLAG_BRS    0x02u
#define FD_FLAG_ESI    0x04u
#define FD64_REMOTE    0x0010u
#define FD64_EDL       0x1000u
#define FD64_BRS       0x2000u
#define FD64_ESI       0x4000u
#define FD64_RECEIVED  0u
#define FD64_SENT      1u
#define CLASSIC_DATA   8u
#define FD_DATA        20u
#define FD64_DATA      40u
#define FD64_DIRECTION 34u

uint16_t blf_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

uint32_t blf_u32(const uint8_t *at)
{
    return blf_u16(at) | (uint32_t)blf_u16(at + 2) << 16;
}

static void take_channel(struct can_told *told, unsigned channel)
{
    char name[8];
    const int length = snprintf(name, sizeof(name), "%u", channel);

    can_log_interface(told, (struct word){name, (size_t)length});
}

static bool take_id(struct can_told *told, uint32_t id)
{
    const bool extended = (id & CAN_EFF_FLAG) != 0;

    return can_log_id(told, id & ~CAN_EFF_FLAG, extended);
}

/** As many bytes as are there; the others are zero. */
static void take_data(struct can_told *told, const uint8_t *data, size_t valid)
{
    if (valid > told->frame.len)
        valid = told->frame.len;
    memcpy(told->frame.data, data, valid);
}

/** What both older forms begin with: channel (16), flags. */
static void take_message(struct can_told *told, const uint8_t *body, const uint8_t *data,
                         size_t valid)
{
    take_channel(told, blf_u16(body));
    if ((body[2] & CLASSIC_SENT) != 0)
        told->direction = BTAP_HOST_TO_DEVICE;
    if ((body[2] & CLASSIC_REMOTE) != 0)
        can_log_remote(told);
    else
        take_data(told, data, valid);
}

/** Channel (16), flags, length code, identifier (32), 8 bytes */
static enum blf_kind classic(const uint8_t *body, size_t size, struct can_told *told)
{
    if (size < CLASSIC_DATA + CAN_MAX_DLEN || !take_id(told, blf_u32(body + 4)) ||
        !can_log_dlc(told, body[3] & 0x0fu))
        return BLF_DAMAGED;
    take_message(told, body, body + CLASSIC_DATA, CAN_MAX_DLEN);
    return BLF_FRAME;
}

/** Channel (16), flags, length code, identifier (32), 32, 8, FD's flags, bytes that are there, 40,
 * 64 bytes */
static enum blf_kind fd(const uint8_t *body, size_t size, struct can_told *told)
{
    if (size < FD_DATA || size - FD_DATA < body[14])
        return BLF_DAMAGED;
    told->fd = (body[13] & FD_FLAG_EDL) != 0;
    told->frame.flags = ((body[13] & FD_FLAG_BRS) != 0 ? CANFD_BRS : 0) |
                        ((body[13] & FD_FLAG_ESI) != 0 ? CANFD_ESI : 0);
    if (!take_id(told, blf_u32(body + 4)) || !can_log_dlc(told, body[3]))
        return BLF_DAMAGED;
    take_message(told, body, body + FD_DATA, body[14]);
    return BLF_FRAME;
}

/** Channel (8), length code, bytes that are there, 8, identifier (32), 32, flags (32), ..., at 34
 * the direction, ..., at 40 the bytes */
static enum blf_kind fd64(const uint8_t *body, size_t size, struct can_told *told)
{
    uint32_t flags;

    if (size < FD64_DATA || size - FD64_DATA < body[2])
        return BLF_DAMAGED;
    flags = blf_u32(body + 12);
    told->fd = (flags & FD64_EDL) != 0;
    told->frame.flags =
        ((flags & FD64_BRS) != 0 ? CANFD_BRS : 0) | ((flags & FD64_ESI) != 0 ? CANFD_ESI : 0);
    if (!take_id(told, blf_u32(body + 4)) || !can_log_dlc(told, body[1]))
        return BLF_DAMAGED;
    /* What was asked to be sent is there once more when it was. */
    if (body[FD64_DIRECTION] > FD64_SENT)
        return BLF_OTHER;
    take_channel(told, body[0]);
    if (body[FD64_DIRECTION] != FD64_RECEIVED)
        told->direction = BTAP_HOST_TO_DEVICE;
    if ((flags & FD64_REMOTE) != 0)
        can_log_remote(told);
    else
        take_data(told, body + FD64_DATA, body[2]);
    return BLF_FRAME;
}

/** An error frame, the channel in its first 16 bits. */
static enum blf_kind error(const uint8_t *body, size_t size, struct can_told *told)
{
    if (size < 2)
        return BLF_DAMAGED;
    take_channel(told, blf_u16(body));
    can_log_bus_error(told);
    return BLF_FRAME;
}

/** The same, in its first 8. */
static enum blf_kind error64(const uint8_t *body, size_t size, struct can_told *told)
{
    if (size < 1)
        return BLF_DAMAGED;
    take_channel(told, body[0]);
    can_log_bus_error(told);
    return BLF_FRAME;
}

static const struct {
    uint32_t type;
    enum blf_kind (*take)(const uint8_t *body, size_t size, struct can_told *told);
} types[] = {
    {1, classic}, {2, error}, {73, error}, {86, classic}, {100, fd}, {101, fd64}, {104, error64},
};

/** @return its row; one behind the last for others */
static size_t find_type(uint32_t type)
{
    size_t i = 0;

    while (i < sizeof(types) / sizeof(types[0]) && types[i].type != type)
        i++;
    return i;
}

bool blf_holds_frame(uint32_t type)
{
    return find_type(type) < sizeof(types) / sizeof(types[0]);
}

/** @return false: it is too late for btap_ns */
static bool take_time(const uint8_t *object, btap_ns start, struct can_told *told)
{
    const uint64_t time = blf_u32(object + AT_TIME) | (uint64_t)blf_u32(object + AT_TIME + 4) << 32;
    const uint64_t unit = blf_u32(object + AT_UNIT) == UNIT_10_US ? TEN_US_NS : 1;

    if (time > (uint64_t)(INT64_MAX - start) / unit)
        return false;
    told->time = start + (btap_ns)(time * unit);
    return true;
}

enum blf_kind blf_frame(const uint8_t *object, size_t size, btap_ns start, struct can_told *told)
{
    const size_t row = size >= HEAD_SIZE ? find_type(blf_u32(object + AT_TYPE)) : 0;
    const size_t head = size >= HEAD_SIZE ? blf_u16(object + 4) : 0;

    if (row == sizeof(types) / sizeof(types[0]))
        return BLF_OTHER;
    if (head < HEAD_SIZE || head > size || !take_time(object, start, told))
        return BLF_DAMAGED;
    return types[row].take(object + head, size - head, told);
}
