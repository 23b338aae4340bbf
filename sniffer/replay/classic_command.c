/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What AN3154 section 3 has for itself, and where ST's own code differs from it.
 */
#include "base/clock.h"
#include "replay/can_talk.h"
#include "replay/reach.h"

enum {
    FRAME_SIZE = 8,
    DATA_ID = 0x04,   /* 3.8 recommends it, and devices do not look at it */
    LIST_MAX = 256,   /* the number less one is a byte */
    ERASE_ALL = 0xff, /* 3.9 */
    FURTHER_MAX = 2,  /* answers beside the last one that each device gives */
};

/** An answer that some devices do not give comes at once. */
#define SECOND_ANSWER (100 * (btap_ns)CLOCK_NS_PER_MS)

static const struct btap_transaction *request_of(const struct can_talk *talk)
{
    return &talk->command->transaction;
}

static struct btap_transaction *told_of(struct can_talk *talk)
{
    return &talk->answer->transaction;
}

/* 3.5 */

/** The code of a bit rate; 0: it has none, which the check found. */
static uint8_t code_of(uint32_t rate)
{
    static const uint32_t rates[] = {125000, 250000, 500000, 1000000};

    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
        if (rates[i] == rate)
            return (uint8_t)(i + 1);
    return 0;
}

/** The second answer has the new rate: so has the interface, or it is no bus (port/can_link.h). */
static bool speed(struct can_talk *talk)
{
    const uint8_t code = code_of(request_of(talk)->bit_rate);

    return can_wake_open(talk, &code, 1) &&
           can_talk_answered(talk, BTAP_PHASE_OPERATION, can_talk_soon(talk)) &&
           can_command_succeed(talk);
}

/* 3.7: one answer for command and address */
static bool go(struct can_talk *talk)
{
    return can_command_open_address(talk) && can_command_succeed(talk);
}

/* 3.8 */

/** Sends a frame of data and waits for its answer. One that does not come leaves open whether the
 * device has the frame: it takes the next one for data. */
static bool send_part(struct can_talk *talk, const uint8_t *bytes, uint32_t length)
{
    enum can_talk_got got;

    if (!can_talk_send_part(talk, bytes, length))
        return false;
    told_of(talk)->transferred += length;
    got = can_talk_next(talk, can_talk_soon(talk));
    talk->link->half = talk->link->half || got == CAN_TALK_SILENCE || got == CAN_TALK_DATA;
    return can_talk_judge(talk, got, BTAP_PHASE_DATA);
}

static bool write_memory(struct can_talk *talk)
{
    const struct plan_command *command = talk->command;

    if (!can_command_open_memory(talk))
        return false;
    if (reach_is_short(request_of(talk)))
        return can_talk_lacks(talk, BTAP_PHASE_DATA);
    for (uint32_t at = 0; at < command->payload_length; at += FRAME_SIZE) {
        const uint32_t left = command->payload_length - at;

        if (!send_part(talk, command->payload + at, left < FRAME_SIZE ? left : FRAME_SIZE))
            return false;
    }
    return can_talk_answered(talk, BTAP_PHASE_OPERATION, can_talk_work(talk)) &&
           can_command_succeed(talk);
}

/* 3.9, 3.10 */

static uint32_t list_frames(const struct btap_transaction *request)
{
    return (request->list_length + FRAME_SIZE - 1) / FRAME_SIZE;
}

/** Whether the recorded device acknowledged more than this one so far. Other nodes' frames between
 * them would make it many. */
static bool is_more_due(const struct can_talk *talk)
{
    const struct btap_transaction *recorded = request_of(talk);
    const uint64_t sent = 1 + list_frames(recorded);
    const uint64_t frames = recorded->last_packet - recorded->first_packet + 1;

    return talk->command->origin == PLAN_RECORDED && recorded->status == BTAP_OK &&
           frames > sent + talk->answers && frames <= sent + talk->answers + FURTHER_MAX;
}

/**
 * Devices differ in how often they acknowledge a list, or an erase of all: ST's own code does so
 * for its number, each full frame, all frames of sectors, and the command, once more where all is
 * erased. What the recorded device did is waited for, anything else for a moment.
 */
static bool further_answers(struct can_talk *talk)
{
    bool good = true;

    for (unsigned i = 0; i < FURTHER_MAX && good; i++) {
        const enum can_talk_got got =
            can_talk_next(talk, is_more_due(talk) ? can_talk_work(talk)
                                                  : can_host_at_most(talk->link, SECOND_ANSWER));

        if (got == CAN_TALK_SILENCE)
            break;
        good = can_talk_judge(talk, got, BTAP_PHASE_OPERATION);
    }
    return good;
}

/** Sends pages or sectors, a byte each. @param send on the command's identifier, or that of data */
static bool send_list(struct can_talk *talk,
                      bool (*send)(struct can_talk *talk, const uint8_t *bytes, size_t length))
{
    const struct btap_transaction *request = request_of(talk);
    uint8_t list[LIST_MAX];

    for (uint32_t i = 0; i < request->list_length; i++)
        list[i] = (uint8_t)request->list[i];
    told_of(talk)->list_length = request->list_length;
    for (uint32_t at = 0; at < request->list_length; at += FRAME_SIZE) {
        const uint32_t left = request->list_length - at;

        if (!send(talk, list + at, left < FRAME_SIZE ? left : FRAME_SIZE))
            return false;
        if (left > FRAME_SIZE && !can_command_second_answer(talk, BTAP_PHASE_DATA))
            return false;
    }
    return can_talk_answered(talk, BTAP_PHASE_DATA, can_talk_work(talk)) && further_answers(talk);
}

/** Whether the recorded device may have acknowledged the list only, and not its number. */
static bool may_lack_number(const struct plan_command *command)
{
    return command->origin == PLAN_RECORDED && command->transaction.status == BTAP_OK;
}

static bool erase_pages(struct can_talk *talk)
{
    const struct btap_transaction *request = request_of(talk);
    const uint8_t number = (uint8_t)(request->list_announced - 1);

    told_of(talk)->list_length = 0; /* until it is sent */
    if (!can_wake_open(talk, &number, 1) ||
        !can_command_pages_wanted(talk, may_lack_number(talk->command)))
        return false;
    if (reach_is_short(request))
        return can_talk_lacks(talk, BTAP_PHASE_DATA);
    /* To a device that waits for no pages they would be a new erase, and are refused as data. */
    return send_list(talk, talk->answers > 1 ? can_talk_send : can_talk_send_part) &&
           can_command_succeed(talk);
}

static bool erase(struct can_talk *talk)
{
    static const uint8_t all = ERASE_ALL;

    if (request_of(talk)->erase == BTAP_ERASE_PAGES)
        return erase_pages(talk);
    return can_wake_open(talk, &all, 1) &&
           can_talk_answered(talk, BTAP_PHASE_OPERATION, can_talk_work(talk)) &&
           further_answers(talk) && can_command_succeed(talk);
}

static bool write_protect(struct can_talk *talk)
{
    const uint8_t number = (uint8_t)(request_of(talk)->list_announced - 1);

    told_of(talk)->list_length = 0;
    if (!can_wake_open(talk, &number, 1))
        return false;
    if (reach_is_short(request_of(talk)))
        return can_talk_lacks(talk, BTAP_PHASE_DATA);
    return send_list(talk, can_talk_send) && can_command_reset(talk);
}

static bool (*const senders[BTAP_COMMAND_COUNT])(struct can_talk *) = {
    [BTAP_GET] = can_command_get,
    [BTAP_GET_VERSION] = can_command_get_version,
    [BTAP_GET_ID] = can_command_get_id,
    [BTAP_SPEED] = speed,
    [BTAP_READ_MEMORY] = can_command_read,
    [BTAP_GO] = go,
    [BTAP_WRITE_MEMORY] = write_memory,
    [BTAP_ERASE] = erase,
    [BTAP_WRITE_PROTECT] = write_protect,
    [BTAP_WRITE_UNPROTECT] = can_command_protect,
    [BTAP_READOUT_PROTECT] = can_command_protect,
    [BTAP_READOUT_UNPROTECT] = can_command_protect,
};

const struct can_dialect can_dialect_of_can = {
    .transport = BTAP_CAN,
    .frame_max = FRAME_SIZE,
    .detection_id = 0x79, /* section 1 */
    .detection_answered = true,
    .data_id = DATA_ID,
    .senders = senders,
};
