/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What AN5405 section 3 has for itself, and where devices differ from it (wire-facts: ST's own
 * code, hosts that talk to real parts).
 */
#include "replay/can_talk.h"
#include "replay/limits.h"
#include "replay/reach.h"

enum {
    PAGE_SIZE = 2,
    SECTOR_FRAME_SIZE = 8,

    ERASE_MASS = 0xffff, /* 3.7 */
    ERASE_BANK1 = 0xfffe,
    ERASE_BANK2 = 0xfffd,
};

static void put_be16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

static const struct btap_transaction *request_of(const struct can_talk *talk)
{
    return &talk->command->transaction;
}

static struct btap_transaction *told_of(struct can_talk *talk)
{
    return &talk->answer->transaction;
}

/** Sends the data frame by frame. A refusal meanwhile ends it: the device would take the rest for
 * commands. @return whether all were sent, and nothing was said to them */
static bool send_payload(struct can_talk *talk, bool *answered)
{
    const struct plan_command *command = talk->command;

    *answered = false;
    for (uint32_t at = 0; at < command->payload_length; at += WIRE_FRAME_MAX) {
        const uint32_t left = command->payload_length - at;
        const uint32_t part = left < WIRE_FRAME_MAX ? left : WIRE_FRAME_MAX;
        enum can_talk_got got = CAN_TALK_SILENCE;

        if (at > 0)
            got = can_talk_next(talk, 0);
        if (got != CAN_TALK_SILENCE) {
            *answered = true;
            return can_talk_judge(talk, got, BTAP_PHASE_DATA) && can_command_succeed(talk);
        }
        if (!can_talk_send_part(talk, command->payload + at, part))
            return false;
        told_of(talk)->transferred += part;
    }
    return true;
}

/* 3.6 */
static bool write_memory(struct can_talk *talk)
{
    bool answered;

    if (!can_command_open_memory(talk))
        return false;
    if (reach_is_short(request_of(talk)))
        return can_talk_lacks(talk, BTAP_PHASE_DATA);
    if (!send_payload(talk, &answered))
        return false;
    return answered || (can_talk_answered(talk, BTAP_PHASE_DATA, can_talk_work(talk)) &&
                        can_command_succeed(talk));
}

/* 3.5: one ACK; ST's own code sends a second one for the address */
static bool go(struct can_talk *talk)
{
    return can_command_open_address(talk) && can_command_second_answer(talk, BTAP_PHASE_ADDRESS) &&
           can_command_succeed(talk);
}

/* 3.7 */

static uint32_t erase_code(enum btap_erase erase)
{
    switch (erase) {
    case BTAP_ERASE_BANK1:
        return ERASE_BANK1;
    case BTAP_ERASE_BANK2:
        return ERASE_BANK2;
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_PAGES:
    case BTAP_ERASE_ADDRESS:
    case BTAP_ERASE_MASS:
    case BTAP_ERASE_RESERVED:
        break;
    }
    return ERASE_MASS;
}

/** Whether the recorded erase is four frames: command, ACK, list, ACK. With two ACKs before the
 * list it has five; other nodes' frames between them leave it open, as notes do. */
static bool shows_one_ack(const struct plan_command *command)
{
    const struct btap_transaction *recorded = &command->transaction;

    return command->origin == PLAN_RECORDED && recorded->status == BTAP_OK &&
           recorded->notes_length == 0 && recorded->last_packet - recorded->first_packet == 3;
}

static bool send_pages(struct can_talk *talk)
{
    const struct btap_transaction *request = request_of(talk);
    uint8_t list[BTAP_LIST_MAX * PAGE_SIZE];

    for (uint32_t i = 0; i < request->list_length; i++)
        put_be16(list + (size_t)i * PAGE_SIZE, request->list[i]);
    told_of(talk)->list_length = request->list_length;
    return can_talk_send_data(talk, list, request->list_length * PAGE_SIZE);
}

static bool erase_pages(struct can_talk *talk)
{
    uint8_t number[PAGE_SIZE];

    put_be16(number, request_of(talk)->list_announced);
    told_of(talk)->list_length = 0; /* until it is sent */
    if (!can_wake_open(talk, number, sizeof(number)) ||
        !can_command_pages_wanted(talk, shows_one_ack(talk->command)))
        return false;
    if (reach_is_short(request_of(talk)))
        return can_talk_lacks(talk, BTAP_PHASE_DATA);
    return send_pages(talk) && can_talk_answered(talk, BTAP_PHASE_DATA, can_talk_work(talk)) &&
           can_command_succeed(talk);
}

static bool erase(struct can_talk *talk)
{
    uint8_t code[PAGE_SIZE];

    if (request_of(talk)->erase == BTAP_ERASE_PAGES)
        return erase_pages(talk);
    put_be16(code, erase_code(request_of(talk)->erase));
    return can_wake_open(talk, code, sizeof(code)) &&
           can_talk_answered(talk, BTAP_PHASE_OPERATION, can_talk_work(talk)) &&
           can_command_succeed(talk);
}

/* 3.8 */

/** Number and sectors, as L5 takes them: in frames of 8 bytes. */
static bool send_sectors(struct can_talk *talk, const uint8_t *list, uint32_t length)
{
    for (uint32_t at = 0; at < length; at += SECTOR_FRAME_SIZE) {
        const uint32_t left = length - at;

        if (!can_talk_send(talk, list + at, left < SECTOR_FRAME_SIZE ? left : SECTOR_FRAME_SIZE))
            return false;
    }
    return true;
}

/**
 * The sectors stand behind their number in the command's frame, as ST's own code takes them. A
 * device that waits for more after its first answer gets them in frames of their own: to one that
 * does not, that is the same command once more.
 */
static bool write_protect(struct can_talk *talk)
{
    const struct btap_transaction *request = request_of(talk);
    struct can_host *link = talk->link;
    const uint32_t length = 1 + request->list_length;
    uint8_t list[1 + CHECK_FRAME_SECTORS];
    enum can_talk_got got = CAN_TALK_SILENCE;

    list[0] = (uint8_t)request->list_length;
    for (uint32_t i = 0; i < request->list_length; i++)
        list[1 + i] = (uint8_t)request->list[i];
    if (!can_wake_open(talk, list, link->sectors_apart ? 1 : length))
        return false;
    if (!link->sectors_apart)
        got = can_talk_next(talk, can_talk_soon(talk));
    if (got == CAN_TALK_SILENCE && !link->host.options.as_recorded) {
        if (!send_sectors(talk, list, length))
            return false;
        got = can_talk_next(talk, can_talk_work(talk));
        link->sectors_apart = got == CAN_TALK_ACK;
    }
    return can_talk_judge(talk, got, BTAP_PHASE_OPERATION) && can_command_reset(talk);
}

static bool (*const senders[BTAP_COMMAND_COUNT])(struct can_talk *) = {
    [BTAP_GET] = can_command_get,
    [BTAP_GET_VERSION] = can_command_get_version,
    [BTAP_GET_ID] = can_command_get_id,
    [BTAP_READ_MEMORY] = can_command_read,
    [BTAP_GO] = go,
    [BTAP_WRITE_MEMORY] = write_memory,
    [BTAP_ERASE] = erase,
    [BTAP_SPECIAL] = fdcan_special_send,
    [BTAP_EXTENDED_SPECIAL] = fdcan_special_send,
    [BTAP_WRITE_PROTECT] = write_protect,
    [BTAP_WRITE_UNPROTECT] = can_command_protect,
    [BTAP_READOUT_PROTECT] = can_command_protect,
    [BTAP_READOUT_UNPROTECT] = can_command_protect,
};

const struct can_dialect can_dialect_of_fdcan = {
    .transport = BTAP_FDCAN,
    .fd = true,
    .frame_max = WIRE_FRAME_MAX,
    .detection_id = 0x111, /* table 3 */
    .detection_length = 1,
    .detection_byte = 0x5a,
    .senders = senders,
};
