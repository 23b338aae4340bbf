/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands that AN5405 and AN3154 have in common, and parts of others; section numbers are
 * AN5405's.
 */
#include "base/clock.h"
#include "replay/can_talk.h"

enum {
    VALUE_SIZE = 4,
    OPCODES_MAX = 256,
};

/** A second answer comes at once or not at all. */
#define SECOND_ANSWER_WAIT (100 * (btap_ns)CLOCK_NS_PER_MS)

static void put_be32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < VALUE_SIZE; i++)
        to[i] = (uint8_t)(value >> 8 * (VALUE_SIZE - 1 - i));
}

bool can_command_succeed(struct can_talk *talk)
{
    can_talk_stop(talk, BTAP_OK, BTAP_PHASE_NONE);
    return true;
}

static const struct btap_transaction *request_of(const struct can_talk *talk)
{
    return &talk->command->transaction;
}

static struct btap_transaction *told_of(struct can_talk *talk)
{
    return &talk->answer->transaction;
}

/* 3.1 */

static bool get_opcodes(struct can_talk *talk)
{
    for (unsigned i = 0; i <= OPCODES_MAX; i++) {
        uint8_t opcode;
        uint32_t got;

        /* Any number of them: an answer alone is the end. */
        if (talk->position == talk->frame.length) {
            const enum can_talk_got next = can_talk_next(talk, can_talk_soon(talk));

            if (next != CAN_TALK_DATA && (next >= CAN_TALK_SILENCE || talk->frame.length == 1))
                return can_talk_judge(talk, next, BTAP_PHASE_REPLY) && can_command_succeed(talk);
        }
        if (can_talk_read(talk, &opcode, 1, &got, BTAP_PHASE_REPLY) != CAN_TALK_READ)
            return false;
        host_answer_list(talk->answer, opcode);
    }
    return can_talk_stop(talk, BTAP_BAD_REPLY, BTAP_PHASE_REPLY);
}

bool can_command_get(struct can_talk *talk)
{
    struct btap_transaction *told = told_of(talk);
    uint8_t byte;
    uint32_t got;

    if (!can_wake_open(talk, NULL, 0))
        return false;
    talk->position = talk->frame.length;
    if (can_talk_read(talk, &byte, 1, &got, BTAP_PHASE_REPLY) != CAN_TALK_READ)
        return false;
    told->list_kind = BTAP_LIST_COMMANDS;
    told->list_announced = byte;
    if (can_talk_read(talk, &byte, 1, &got, BTAP_PHASE_REPLY) != CAN_TALK_READ)
        return false;
    told->version = byte;
    told->has |= BTAP_HAS_VERSION;
    return get_opcodes(talk);
}

/** Opens a command that has nothing but its opcode, and reads what comes. @return all of it */
static enum can_talk_read ask(struct can_talk *talk, uint8_t *bytes, uint32_t length, uint32_t *got)
{
    if (!can_wake_open(talk, NULL, 0))
        return CAN_TALK_OVER;
    talk->position = talk->frame.length;
    return can_talk_read(talk, bytes, length, got, BTAP_PHASE_REPLY);
}

/** The reply is read, or was closed before its end. */
static bool conclude(struct can_talk *talk, enum can_talk_read read)
{
    if (read == CAN_TALK_OVER)
        return false;
    return (read == CAN_TALK_CLOSED || can_talk_closed(talk, BTAP_PHASE_REPLY)) &&
           can_command_succeed(talk);
}

/* 3.2 */
bool can_command_get_version(struct can_talk *talk)
{
    struct btap_transaction *told = told_of(talk);
    uint8_t version;
    uint32_t got;
    enum can_talk_read read = ask(talk, &version, 1, &got);

    if (read == CAN_TALK_READ) {
        told->version = version;
        told->has |= BTAP_HAS_VERSION;
        read = can_talk_read(talk, told->option_bytes, sizeof(told->option_bytes), &got,
                             BTAP_PHASE_REPLY);
        if (got == sizeof(told->option_bytes))
            told->has |= BTAP_HAS_OPTION_BYTES;
    }
    return conclude(talk, read);
}

/* 3.3 */
bool can_command_get_id(struct can_talk *talk)
{
    uint8_t pid[2];
    uint32_t got;
    const enum can_talk_read read = ask(talk, pid, sizeof(pid), &got);

    if (read == CAN_TALK_READ) {
        told_of(talk)->pid = (uint32_t)pid[0] << 8 | pid[1];
        told_of(talk)->has |= BTAP_HAS_PID;
    }
    return conclude(talk, read);
}

bool can_command_open_memory(struct can_talk *talk)
{
    uint8_t bytes[VALUE_SIZE + 1];

    put_be32(bytes, request_of(talk)->address);
    bytes[VALUE_SIZE] = (uint8_t)(request_of(talk)->length - 1);
    return can_wake_open(talk, bytes, sizeof(bytes));
}

/* 3.4: one answer for command and address */
bool can_command_read(struct can_talk *talk)
{
    struct host_answer *answer = talk->answer;
    enum can_talk_read read;

    if (!can_command_open_memory(talk))
        return false;
    talk->position = talk->frame.length;
    read = can_talk_read(talk, answer->data, request_of(talk)->length, &answer->length,
                         BTAP_PHASE_REPLY);
    told_of(talk)->transferred = answer->length;
    return conclude(talk, read);
}

bool can_command_open_address(struct can_talk *talk)
{
    uint8_t address[VALUE_SIZE];

    put_be32(address, request_of(talk)->address);
    return can_wake_open(talk, address, sizeof(address));
}

bool can_command_second_answer(struct can_talk *talk, enum btap_phase phase)
{
    const enum can_talk_got got =
        can_talk_next(talk, can_host_at_most(talk->link, SECOND_ANSWER_WAIT));

    return got == CAN_TALK_SILENCE || can_talk_judge(talk, got, phase);
}

/**
 * ST's own code acknowledges the number of pages too, before it reads the list; others wait for
 * that after the first answer, as far as the capture shows it. To any other device the list might
 * be a new command. What a device does it does again.
 */
bool can_command_pages_wanted(struct can_talk *talk, bool may_lack)
{
    enum can_talk_got got;

    if (!may_lack)
        return can_talk_answered(talk, BTAP_PHASE_LENGTH, can_talk_soon(talk));
    if (talk->link->one_list_ack)
        return true;
    got = can_talk_next(talk, can_host_at_most(talk->link, SECOND_ANSWER_WAIT));
    talk->link->one_list_ack = got == CAN_TALK_SILENCE;
    return got == CAN_TALK_SILENCE || can_talk_judge(talk, got, BTAP_PHASE_LENGTH);
}

/* 3.9 to 3.11 */

bool can_command_reset(struct can_talk *talk)
{
    talk->link->resetting = true;
    talk->link->heard = false;
    talk->link->back_by = clock_monotonic() + can_talk_work(talk);
    return can_command_succeed(talk);
}

bool can_command_protect(struct can_talk *talk)
{
    return can_wake_open(talk, NULL, 0) &&
           can_talk_answered(talk, BTAP_PHASE_OPERATION, can_talk_work(talk)) &&
           can_command_reset(talk);
}
