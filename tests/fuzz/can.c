/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz targets: the CAN decoder, of FDCAN and of classic CAN (FUZZ_TRANSPORT). A frame of the input
 * looks like SocketCAN's: identifier and its flags (4 bytes, MSB first), payload length, flags, a
 * delay, a spare byte, the payload.
 */
#include "boottap/can.h"

#include <stdlib.h>

#include "checker.h"
#include "input.h"

#define HEADER_LENGTH 8

enum frame_flag {
    FRAME_FD = 1 << 2, /* as CANFD_FDF */
    FRAME_TRUNCATED = 1 << 3,
    FRAME_HOST = 1 << 4,
    FRAME_DEVICE = 1 << 5,
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static enum btap_direction frame_direction(uint8_t flags)
{
    if (flags & FRAME_HOST)
        return BTAP_HOST_TO_DEVICE;
    if (flags & FRAME_DEVICE)
        return BTAP_DEVICE_TO_HOST;
    return BTAP_DIRECTION_UNKNOWN;
}

/** Everything but its place, time and data. */
static struct btap_can_frame take_frame(struct input *input, btap_ns *time)
{
    const uint32_t id = input_u32(input);
    const uint8_t length = input_u8(input);
    const uint8_t flags = input_u8(input);
    struct btap_can_frame frame = {
        .extended = id >> 31 & 1,
        .remote = id >> 30 & 1,
        .error = id >> 29 & 1,
        .fd = flags & FRAME_FD,
        .direction = frame_direction(flags),
    };

    *time += input_delay_ns(input);
    (void)input_u8(input);
    frame.id = id & (frame.extended ? 0x1fffffff : 0x7ff);
    frame.length = frame.fd ? length % 65u : length % 9u;
    frame.captured = frame.remote ? 0 : frame.length;
    if (flags & FRAME_TRUNCATED)
        frame.captured >>= 1;
    return frame;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct checker checker;
    struct btap_link link = {.kind = BTAP_LINK_CAN, .transport = FUZZ_TRANSPORT};
    struct input input = {bytes, length};
    btap_ns time = 1600000000000000000;
    struct btap_can can;

    checker_init(&checker);
    btap_can_init(&can, &checker.sink, &link, NULL);
    while (input.left >= HEADER_LENGTH) {
        const uint8_t *record = input.bytes;
        struct btap_can_frame frame = take_frame(&input, &time);
        size_t captured = frame.captured;
        const uint8_t *data = input_bytes(&input, &captured);
        uint8_t *copy = checker_copy(data, captured);

        frame.captured = (uint8_t)captured;
        frame.data = copy;
        frame.at.offset = HEADER_LENGTH;
        frame.at.time = time;
        frame.at.packet =
            checker_packet(&checker, record, HEADER_LENGTH + (uint32_t)captured, time);
        if (frame.at.packet != 0)
            btap_can_feed(&can, &frame);
        free(copy);
    }
    btap_can_finish(&can);
    return 0;
}
