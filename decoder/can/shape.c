/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "can/shape.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define DETECTION_BYTE 0x5a
#define ID_LOW_BYTE    0xffu
#define PAGES_MAX      4096u /* no product has more */

/** What the values of a command's payload must be to make sense. */
enum values {
    VALUES_NONE,       /**< no payload, some hosts send one byte 00 */
    VALUES_ADDRESS,    /**< begins with an address */
    VALUES_PAGES,      /**< a count of pages or a special code */
    VALUES_SECTORS,    /**< a count, maybe with as many sectors behind it */
    VALUES_ANY_BYTE,   /**< one byte, which may as well be a counter's */
    VALUES_SUBCOMMAND, /**< a sub-command, by the note's text with a checksum behind it */
};

struct payload {
    uint8_t length;
    enum values values;
    bool typical; /**< hosts open a session with it, or its values are telling */
};

/* AN5405 section 3: the payload of each command's frame */
static const struct payload fd_payloads[BTAP_COMMAND_COUNT] = {
    [BTAP_GET] = {0, VALUES_NONE, true},
    [BTAP_GET_VERSION] = {0, VALUES_NONE, true},
    [BTAP_GET_ID] = {0, VALUES_NONE, true},
    [BTAP_READ_MEMORY] = {5, VALUES_ADDRESS, true},
    [BTAP_GO] = {4, VALUES_ADDRESS, true},
    [BTAP_WRITE_MEMORY] = {5, VALUES_ADDRESS, true},
    [BTAP_ERASE] = {2, VALUES_PAGES, false},
    [BTAP_SPECIAL] = {2, VALUES_SUBCOMMAND, false},
    [BTAP_EXTENDED_SPECIAL] = {2, VALUES_SUBCOMMAND, false},
    [BTAP_WRITE_PROTECT] = {1, VALUES_SECTORS, false},
};

/* AN3154: likewise */
static const struct payload classic_payloads[BTAP_COMMAND_COUNT] = {
    [BTAP_SYNC] = {0, VALUES_NONE, true},        [BTAP_GET] = {0, VALUES_NONE, true},
    [BTAP_GET_VERSION] = {0, VALUES_NONE, true}, [BTAP_GET_ID] = {0, VALUES_NONE, true},
    [BTAP_SPEED] = {1, VALUES_ANY_BYTE, false},  [BTAP_READ_MEMORY] = {5, VALUES_ADDRESS, true},
    [BTAP_GO] = {4, VALUES_ADDRESS, true},       [BTAP_WRITE_MEMORY] = {5, VALUES_ADDRESS, true},
    [BTAP_ERASE] = {1, VALUES_ANY_BYTE, false},  [BTAP_WRITE_PROTECT] = {1, VALUES_ANY_BYTE, false},
};

/* ISO 11898-1: what the data length code can say above 8 */
static const uint8_t fd_lengths[] = {8, 12, 16, 20, 24, 32, 48, 64};

/* Address bits 31-24 of the memories that products list: flash, system memory and option bytes,
 * RAM, registers that hold option bytes, external memory */
static const struct {
    uint8_t first;
    uint8_t last;
} memories[] = {{0x08, 0x0f}, {0x1f, 0x1f}, {0x20, 0x3f}, {0x40, 0x40},
                {0x52, 0x52}, {0x70, 0x70}, {0x90, 0x90}};

static const struct payload *payload_of(const struct btap_can_frame *frame)
{
    return &(frame->fd ? fd_payloads : classic_payloads)[can_command(frame)];
}

static bool is_filled(const struct btap_can_frame *frame, uint8_t from)
{
    for (uint8_t i = from; i < frame->captured; i++)
        if (frame->data[i] != frame->data[from])
            return false;
    return true;
}

/** The payload is as long as it must be, or padded with zeros or ones. */
static bool has_length(const struct btap_can_frame *frame, uint32_t length)
{
    if (frame->length <= length)
        return frame->length == length;
    if (frame->captured <= length)
        return true;
    return (frame->data[length] == 0x00 || frame->data[length] == 0xff) &&
           is_filled(frame, (uint8_t)length);
}

static bool is_memory(uint8_t high_byte)
{
    for (size_t i = 0; i < COUNT_OF(memories); i++)
        if (high_byte >= memories[i].first && high_byte <= memories[i].last)
            return true;
    return false;
}

/** `[count]`, or `[count, sectors...]`; some hosts count one less, as over USART. */
static enum can_shape sectors_shape(const struct btap_can_frame *frame)
{
    if (frame->captured == 0)
        return CAN_SHORT;
    /* A frame holds 63 sectors at most: this is an answer. */
    if (frame->length == 1 && frame->data[0] == CAN_ACK)
        return CAN_UNFIT;
    if (frame->length > 2 && frame->length == frame->data[0] + 2u)
        return CAN_FIT;
    if (frame->length == 1 || has_length(frame, frame->data[0] + 1u))
        return frame->data[0] > 0 ? CAN_PLAUSIBLE : CAN_FIT;
    return frame->length <= frame->data[0] ? CAN_SHORT : CAN_UNFIT;
}

static bool makes_sense(const struct btap_can_frame *frame, enum values values)
{
    const uint32_t pages =
        frame->captured < 2 ? 0 : (uint32_t)(frame->data[0] << 8 | frame->data[1]);

    switch (values) {
    case VALUES_ADDRESS:
        return frame->captured > 0 && is_memory(frame->data[0]);
    case VALUES_PAGES:
        return (pages >= 1 && pages <= PAGES_MAX) || pages >= 0xfffd;
    case VALUES_ANY_BYTE:
        return false;
    case VALUES_NONE:
    case VALUES_SECTORS:
    case VALUES_SUBCOMMAND:
        break;
    }
    return true;
}

/** Begins as the detection frame of AN5405 does. */
static bool is_like_detection(const struct btap_can_frame *frame)
{
    return (frame->id == CAN_ID || (frame->fd && frame->id == CAN_ID_OTHER)) &&
           frame->captured > 0 && frame->data[0] == DETECTION_BYTE;
}

bool can_is_classic_detection(const struct btap_can_frame *frame)
{
    return !frame->fd && is_like_detection(frame) && frame->length == 1;
}

static enum btap_command command_of(enum btap_transport transport, uint8_t opcode)
{
    const struct btap_command_info *info = btap_command_by_opcode(transport, opcode);

    return info != NULL ? info->command : BTAP_COMMAND_UNKNOWN;
}

enum btap_command can_command(const struct btap_can_frame *frame)
{
    const uint8_t opcode = (uint8_t)(frame->id & ID_LOW_BYTE);

    if (can_is_classic_detection(frame) || (!frame->fd && frame->id == BTAP_CAN_CLASSIC_SYNC_ID))
        return BTAP_SYNC;
    if (!frame->fd)
        return frame->id <= ID_LOW_BYTE ? command_of(BTAP_CAN, opcode) : BTAP_COMMAND_UNKNOWN;
    return opcode == CAN_OPCODE_ERASE_OTHER ? BTAP_ERASE : command_of(BTAP_FDCAN, opcode);
}

bool can_is_padded_detection(const struct btap_can_frame *frame)
{
    return frame->fd && is_like_detection(frame) && frame->captured > 1 &&
           (frame->data[1] == 0x00 || frame->data[1] == 0xff) && is_filled(frame, 1);
}

uint32_t can_pages(const struct btap_can_frame *frame)
{
    if (frame->fd)
        return frame->captured < 2 ? 0 : (uint32_t)(frame->data[0] << 8 | frame->data[1]);
    return frame->captured < 1 || frame->data[0] == 0xff ? 0 : frame->data[0] + 1u;
}

bool can_holds_page_list(const struct btap_can_frame *frame)
{
    const uint32_t pages = can_command(frame) == BTAP_ERASE ? can_pages(frame) : 0;

    return pages > 0 && frame->length >= payload_of(frame)->length + pages;
}

bool can_has_opcode_inside(const struct btap_can_frame *frame)
{
    if (!frame->fd || frame->id != CAN_ID || frame->captured == 0 ||
        command_of(BTAP_FDCAN, frame->data[0]) == BTAP_COMMAND_UNKNOWN)
        return false;
    /* Five bytes are address and length of a Read Memory, unless they are Go and its address. */
    if (frame->length == fd_payloads[BTAP_READ_MEMORY].length)
        return command_of(BTAP_FDCAN, frame->data[0]) == BTAP_GO && frame->captured > 1 &&
               is_memory(frame->data[1]);
    return true;
}

enum can_shape can_shape(const struct btap_can_frame *frame)
{
    const struct payload *payload = payload_of(frame);

    if (is_like_detection(frame) && frame->length == 1)
        return frame->fd ? CAN_DETECTION : CAN_TYPICAL;
    if (can_is_padded_detection(frame))
        return CAN_TYPICAL;
    if (can_command(frame) == BTAP_COMMAND_UNKNOWN)
        return CAN_OTHER;
    if (payload->values == VALUES_SECTORS)
        return sectors_shape(frame);
    if (payload->values == VALUES_SUBCOMMAND && frame->length == CAN_SUBCOMMAND_LENGTH)
        return CAN_FIT;
    if (!has_length(frame, payload->length))
        return frame->length < payload->length ? CAN_SHORT : CAN_UNFIT;
    if (!makes_sense(frame, payload->values) || (!frame->fd && frame->length > payload->length))
        return CAN_FIT;
    return payload->typical && (frame->id <= ID_LOW_BYTE || frame->length == 0) ? CAN_TYPICAL
                                                                                : CAN_PLAUSIBLE;
}

uint8_t can_command_length(const struct btap_can_frame *frame)
{
    return payload_of(frame)->length;
}

uint8_t can_frame_max(bool fd)
{
    return fd ? fd_lengths[COUNT_OF(fd_lengths) - 1] : fd_lengths[0];
}

/** The smallest payload length of CAN FD that holds so many bytes, at most 64. */
static uint32_t frame_length(uint32_t bytes)
{
    if (bytes <= fd_lengths[0])
        return bytes;
    for (size_t i = 1; i < COUNT_OF(fd_lengths); i++)
        if (bytes <= fd_lengths[i])
            return fd_lengths[i];
    return fd_lengths[COUNT_OF(fd_lengths) - 1];
}

bool can_fits(const struct btap_can_frame *frame, uint32_t left)
{
    const uint32_t most = can_frame_max(frame->fd);

    return frame->length == most || frame->length == frame_length(left < most ? left : most);
}

bool can_is_answer(const struct btap_can_frame *frame)
{
    if (frame->captured == 0)
        return false;
    if (frame->data[0] != CAN_ACK && frame->data[0] != CAN_NACK)
        return false;
    return frame->length == 1 || (frame->fd && is_filled(frame, 1));
}

bool can_is_bare_answer(const struct btap_can_frame *frame)
{
    return frame->length == 1 && can_is_answer(frame);
}

bool can_is_exact(const struct btap_can_frame *frame)
{
    if (can_shape(frame) < CAN_FIT)
        return false;
    return payload_of(frame)->values == VALUES_SECTORS ||
           frame->length == payload_of(frame)->length || can_is_classic_detection(frame);
}

bool can_is_padded_empty(const struct btap_can_frame *frame)
{
    return !frame->fd && frame->length > 0 && can_shape(frame) == CAN_FIT &&
           payload_of(frame)->length == 0;
}

bool can_may_be_rest(const struct btap_can_frame *frame)
{
    if (!frame->fd || can_shape(frame) < CAN_PLAUSIBLE)
        return false;
    switch (can_command(frame)) {
    case BTAP_GET_VERSION:
        return frame->length > 0 && frame->length <= 2;
    case BTAP_ERASE:
        return frame->length <= 2 && can_pages(frame) <= PAGES_MAX;
    case BTAP_WRITE_PROTECT:
    case BTAP_SPECIAL:
    case BTAP_EXTENDED_SPECIAL:
        return true;
    default:
        return false;
    }
}

bool can_is_reply_id(const struct btap_can_frame *frame, uint32_t request_id)
{
    if (!frame->fd)
        return frame->id == request_id;
    /* The bare opcode, the host's own identifier, the one of AN5405 section 2: all occur. */
    return frame->id == (request_id & ID_LOW_BYTE) || frame->id == request_id ||
           frame->id == CAN_ID;
}
