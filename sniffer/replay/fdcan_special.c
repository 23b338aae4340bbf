/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Special and Extended Special (AN5405 sections 3.12 and 3.13). ST's own code reads the sub-command
 * from the command's frame; by the note's text it follows in one of its own, with a checksum.
 */
#include "replay/can_talk.h"
#include "replay/reach.h"

enum {
    SIZE_SIZE = 2,
    STEP_SIZE = 3, /* sub-command and checksum */
    SURPLUS_MAX = 64,
};

static bool was_in_steps(const struct btap_transaction *recorded)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(recorded); i++)
        if (recorded->notes[i].id == BTAP_NOTE_SPECIAL_IN_STEPS)
            return true;
    return false;
}

/** The command and its sub-command, in the form that the recorded host sent. */
static bool open_special(struct can_talk *talk)
{
    const uint16_t number = talk->command->transaction.subcommand;
    const uint8_t bytes[STEP_SIZE] = {(uint8_t)(number >> 8), (uint8_t)number,
                                      (uint8_t)(number >> 8 ^ number)};

    if (was_in_steps(&talk->command->transaction)) {
        if (!can_wake_open(talk, NULL, 0))
            return false;
        if (reach_of(&talk->command->transaction) == BTAP_PHASE_COMMAND)
            return can_talk_lacks(talk, BTAP_PHASE_SUBCOMMAND);
        if (!can_talk_send(talk, bytes, STEP_SIZE))
            return false;
    } else if (!can_wake_open(talk, bytes, SIZE_SIZE)) {
        return false;
    }
    return can_talk_answered(talk, BTAP_PHASE_SUBCOMMAND, can_talk_soon(talk));
}

/** A size, and so many bytes. */
static bool send_packet(struct can_talk *talk, const uint8_t *bytes, uint16_t length,
                        uint16_t *sent)
{
    const uint8_t size[SIZE_SIZE] = {(uint8_t)(length >> 8), (uint8_t)length};

    if (!can_talk_send(talk, size, sizeof(size)))
        return false;
    *sent = length;
    if (!can_talk_send_data(talk, bytes, length))
        return false;
    return can_talk_answered(talk, BTAP_PHASE_DATA, can_talk_work(talk));
}

static bool send_packets(struct can_talk *talk)
{
    const struct plan_command *command = talk->command;
    const struct btap_transaction *request = &command->transaction;
    struct btap_transaction *told = &talk->answer->transaction;
    const uint8_t *bytes = command->payload;

    if (reach_is_short(request))
        return can_talk_lacks(talk, BTAP_PHASE_DATA);
    if (!send_packet(talk, bytes, request->sent_length, &told->sent_length))
        return false;
    return request->command != BTAP_EXTENDED_SPECIAL ||
           send_packet(talk, bytes != NULL ? bytes + request->sent_length : NULL,
                       request->sent2_length, &told->sent2_length);
}

static enum can_talk_read read_size(struct can_talk *talk, uint16_t *size, enum btap_phase phase)
{
    uint8_t bytes[SIZE_SIZE];
    uint32_t got;
    const enum can_talk_read read = can_talk_read(talk, bytes, sizeof(bytes), &got, phase);

    if (read == CAN_TALK_READ)
        *size = (uint16_t)(bytes[0] << 8 | bytes[1]);
    return read;
}

static enum can_talk_read read_reply(struct can_talk *talk)
{
    struct host_answer *answer = talk->answer;
    const enum can_talk_read read =
        read_size(talk, &answer->transaction.received_length, BTAP_PHASE_REPLY);

    if (read != CAN_TALK_READ)
        return read;
    return can_talk_read(talk, answer->data, answer->transaction.received_length, &answer->length,
                         BTAP_PHASE_REPLY);
}

static enum can_talk_read read_status(struct can_talk *talk)
{
    struct btap_transaction *told = &talk->answer->transaction;
    uint16_t length = 0;
    enum can_talk_read read = read_size(talk, &length, BTAP_PHASE_STATUS);

    if (read != CAN_TALK_READ)
        return read;
    told->special_status_length = length;
    told->has |= BTAP_HAS_SPECIAL_STATUS;
    for (uint32_t i = 0; i < length && read == CAN_TALK_READ; i++) {
        uint8_t byte = 0;
        uint32_t got;

        read = can_talk_read(talk, &byte, 1, &got, BTAP_PHASE_STATUS);
        if (read == CAN_TALK_READ && i < BTAP_SPECIAL_STATUS_MAX)
            told->special_status[i] = byte;
    }
    return read;
}

/**
 * The closing answer. Data that are filled up to the end of their frame hide the status behind it:
 * then that comes in a frame of its own.
 */
static bool close_reply(struct can_talk *talk)
{
    const struct btap_transaction *told = &talk->answer->transaction;
    bool again = told->command == BTAP_SPECIAL && told->special_status_length == 0;

    for (unsigned i = 0; i < SURPLUS_MAX; i++) {
        const enum can_talk_got got = can_talk_next(talk, can_talk_soon(talk));
        enum can_talk_read read = CAN_TALK_READ;

        if (got != CAN_TALK_DATA || talk->frame.length == 1)
            return can_talk_judge(talk, got, BTAP_PHASE_STATUS);
        if (again)
            read = read_status(talk);
        if (read != CAN_TALK_READ)
            return read == CAN_TALK_CLOSED;
        again = false;
        talk->position = talk->frame.length;
    }
    return can_talk_stop(talk, BTAP_BAD_REPLY, BTAP_PHASE_STATUS);
}

bool fdcan_special_send(struct can_talk *talk)
{
    enum can_talk_read read = CAN_TALK_READ;

    /* Until they are sent */
    talk->answer->transaction.sent_length = 0;
    talk->answer->transaction.sent2_length = 0;
    if (!open_special(talk) || !send_packets(talk))
        return false;
    talk->position = talk->frame.length;
    talk->closing = BTAP_PHASE_STATUS;
    if (talk->command->transaction.command == BTAP_SPECIAL)
        read = read_reply(talk);
    if (read == CAN_TALK_READ)
        read = read_status(talk);
    if (read == CAN_TALK_OVER || (read == CAN_TALK_READ && !close_reply(talk)))
        return false;
    can_talk_stop(talk, BTAP_OK, BTAP_PHASE_NONE);
    return true;
}
