/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands of AN5405 section 3, and where devices differ from it (wire-facts: ST's own code,
 * hosts that talk to real parts).
 */
#include "base/clock.h"
#include "replay/fdcan_link.h"
#include "replay/limits.h"
#include "replay/reach.h"

enum {
    VALUE_SIZE = 4,
    PAGE_SIZE = 2,
    SECTOR_FRAME_SIZE = 8,
    OPCODES_MAX = 256,

    ERASE_MASS = 0xffff, /* 3.7 */
    ERASE_BANK1 = 0xfffe,
    ERASE_BANK2 = 0xfffd,
};

/** A second answer comes at once or not at all. */
#define SECOND_ANSWER_WAIT (100 * (btap_ns)CLOCK_NS_PER_MS)

static void put_be16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

static void put_be32(uint8_t *to, uint32_t value)
{
    put_be16(to, value >> 16);
    put_be16(to + 2, value);
}

static bool succeed(struct fdcan_talk *talk)
{
    fdcan_talk_stop(talk, BTAP_OK, BTAP_PHASE_NONE);
    return true;
}

static const struct btap_transaction *request_of(const struct fdcan_talk *talk)
{
    return &talk->command->transaction;
}

static struct btap_transaction *told_of(struct fdcan_talk *talk)
{
    return &talk->answer->transaction;
}

/* 3.1 */

static bool get_opcodes(struct fdcan_talk *talk)
{
    for (unsigned i = 0; i <= OPCODES_MAX; i++) {
        uint8_t opcode;
        uint32_t got;

        /* Any number of them: an answer alone is the end. */
        if (talk->position == talk->frame.length) {
            const enum fdcan_talk_got next = fdcan_talk_next(talk, fdcan_talk_soon(talk));

            if (next != FDCAN_TALK_DATA && (next >= FDCAN_TALK_SILENCE || talk->frame.length == 1))
                return fdcan_talk_judge(talk, next, BTAP_PHASE_REPLY) && succeed(talk);
        }
        if (fdcan_talk_read(talk, &opcode, 1, &got, BTAP_PHASE_REPLY) != FDCAN_TALK_READ)
            return false;
        host_answer_list(talk->answer, opcode);
    }
    return fdcan_talk_stop(talk, BTAP_BAD_REPLY, BTAP_PHASE_REPLY);
}

static bool get(struct fdcan_talk *talk)
{
    struct btap_transaction *told = told_of(talk);
    uint8_t byte;
    uint32_t got;

    if (!fdcan_wake_open(talk, NULL, 0))
        return false;
    talk->position = talk->frame.length;
    if (fdcan_talk_read(talk, &byte, 1, &got, BTAP_PHASE_REPLY) != FDCAN_TALK_READ)
        return false;
    told->list_kind = BTAP_LIST_COMMANDS;
    told->list_announced = byte;
    if (fdcan_talk_read(talk, &byte, 1, &got, BTAP_PHASE_REPLY) != FDCAN_TALK_READ)
        return false;
    told->version = byte;
    told->has |= BTAP_HAS_VERSION;
    return get_opcodes(talk);
}

/** Opens a command that has nothing but its opcode, and reads what comes. @return all of it */
static enum fdcan_talk_read ask(struct fdcan_talk *talk, uint8_t *bytes, uint32_t length,
                                uint32_t *got)
{
    if (!fdcan_wake_open(talk, NULL, 0))
        return FDCAN_TALK_OVER;
    talk->position = talk->frame.length;
    return fdcan_talk_read(talk, bytes, length, got, BTAP_PHASE_REPLY);
}

/** The reply is read, or was closed before its end. */
static bool conclude(struct fdcan_talk *talk, enum fdcan_talk_read read)
{
    if (read == FDCAN_TALK_OVER)
        return false;
    return (read == FDCAN_TALK_CLOSED || fdcan_talk_closed(talk, BTAP_PHASE_REPLY)) &&
           succeed(talk);
}

/* 3.2 */
static bool get_version(struct fdcan_talk *talk)
{
    struct btap_transaction *told = told_of(talk);
    uint8_t version;
    uint32_t got;
    enum fdcan_talk_read read = ask(talk, &version, 1, &got);

    if (read == FDCAN_TALK_READ) {
        told->version = version;
        told->has |= BTAP_HAS_VERSION;
        read = fdcan_talk_read(talk, told->option_bytes, sizeof(told->option_bytes), &got,
                               BTAP_PHASE_REPLY);
        if (got == sizeof(told->option_bytes))
            told->has |= BTAP_HAS_OPTION_BYTES;
    }
    return conclude(talk, read);
}

/* 3.3 */
static bool get_id(struct fdcan_talk *talk)
{
    uint8_t pid[2];
    uint32_t got;
    const enum fdcan_talk_read read = ask(talk, pid, sizeof(pid), &got);

    if (read == FDCAN_TALK_READ) {
        told_of(talk)->pid = (uint32_t)pid[0] << 8 | pid[1];
        told_of(talk)->has |= BTAP_HAS_PID;
    }
    return conclude(talk, read);
}

/** Read Memory, Write Memory: address and length in the command's frame. */
static bool open_memory(struct fdcan_talk *talk)
{
    uint8_t bytes[VALUE_SIZE + 1];

    put_be32(bytes, request_of(talk)->address);
    bytes[VALUE_SIZE] = (uint8_t)(request_of(talk)->length - 1);
    return fdcan_wake_open(talk, bytes, sizeof(bytes));
}

/* 3.4: one answer for command and address */
static bool read_memory(struct fdcan_talk *talk)
{
    struct host_answer *answer = talk->answer;
    enum fdcan_talk_read read;

    if (!open_memory(talk))
        return false;
    talk->position = talk->frame.length;
    read = fdcan_talk_read(talk, answer->data, request_of(talk)->length, &answer->length,
                           BTAP_PHASE_REPLY);
    told_of(talk)->transferred = answer->length;
    return conclude(talk, read);
}

/** Sends the data frame by frame. A refusal meanwhile ends it: the device would take the rest for
 * commands. @return whether all were sent, and nothing was said to them */
static bool send_payload(struct fdcan_talk *talk, bool *answered)
{
    const struct plan_command *command = talk->command;

    *answered = false;
    for (uint32_t at = 0; at < command->payload_length; at += WIRE_FRAME_MAX) {
        const uint32_t left = command->payload_length - at;
        const uint32_t part = left < WIRE_FRAME_MAX ? left : WIRE_FRAME_MAX;
        enum fdcan_talk_got got = FDCAN_TALK_SILENCE;

        if (at > 0)
            got = fdcan_talk_next(talk, 0);
        if (got != FDCAN_TALK_SILENCE) {
            *answered = true;
            return fdcan_talk_judge(talk, got, BTAP_PHASE_DATA) && succeed(talk);
        }
        if (!fdcan_talk_send_data(talk, command->payload + at, part))
            return false;
        told_of(talk)->transferred += part;
    }
    return true;
}

/* 3.6 */
static bool write_memory(struct fdcan_talk *talk)
{
    bool answered;

    if (!open_memory(talk))
        return false;
    if (reach_is_short(request_of(talk)))
        return fdcan_talk_lacks(talk, BTAP_PHASE_DATA);
    if (!send_payload(talk, &answered))
        return false;
    return answered ||
           (fdcan_talk_answered(talk, BTAP_PHASE_DATA, fdcan_talk_work(talk)) && succeed(talk));
}

/* 3.5: one ACK; ST's own code sends a second one for the address */
static bool go(struct fdcan_talk *talk)
{
    uint8_t address[VALUE_SIZE];
    enum fdcan_talk_got got;

    put_be32(address, request_of(talk)->address);
    if (!fdcan_wake_open(talk, address, sizeof(address)))
        return false;
    got = fdcan_talk_next(talk, fdcan_link_at_most(talk->link, SECOND_ANSWER_WAIT));
    return (got == FDCAN_TALK_SILENCE || fdcan_talk_judge(talk, got, BTAP_PHASE_ADDRESS)) &&
           succeed(talk);
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

/**
 * ST's own code acknowledges the number of pages too, before it reads the list; others wait for
 * that after the first answer, as far as the capture shows it. To any other device the list might
 * be a new command. What a device does it does again.
 */
static bool is_number_answered(struct fdcan_talk *talk)
{
    const bool one_ack = shows_one_ack(talk->command);
    enum fdcan_talk_got got;

    if (!one_ack)
        return fdcan_talk_answered(talk, BTAP_PHASE_LENGTH, fdcan_talk_soon(talk));
    if (talk->link->one_list_ack)
        return true;
    got = fdcan_talk_next(talk, fdcan_link_at_most(talk->link, SECOND_ANSWER_WAIT));
    talk->link->one_list_ack = got == FDCAN_TALK_SILENCE;
    return got == FDCAN_TALK_SILENCE || fdcan_talk_judge(talk, got, BTAP_PHASE_LENGTH);
}

static bool send_pages(struct fdcan_talk *talk)
{
    const struct btap_transaction *request = request_of(talk);
    uint8_t list[BTAP_LIST_MAX * PAGE_SIZE];

    for (uint32_t i = 0; i < request->list_length; i++)
        put_be16(list + (size_t)i * PAGE_SIZE, request->list[i]);
    told_of(talk)->list_length = request->list_length;
    return fdcan_talk_send_data(talk, list, request->list_length * PAGE_SIZE);
}

static bool erase_pages(struct fdcan_talk *talk)
{
    uint8_t number[PAGE_SIZE];

    put_be16(number, request_of(talk)->list_announced);
    told_of(talk)->list_length = 0; /* until it is sent */
    if (!fdcan_wake_open(talk, number, sizeof(number)) || !is_number_answered(talk))
        return false;
    if (reach_is_short(request_of(talk)))
        return fdcan_talk_lacks(talk, BTAP_PHASE_DATA);
    return send_pages(talk) && fdcan_talk_answered(talk, BTAP_PHASE_DATA, fdcan_talk_work(talk)) &&
           succeed(talk);
}

static bool erase(struct fdcan_talk *talk)
{
    uint8_t code[PAGE_SIZE];

    if (request_of(talk)->erase == BTAP_ERASE_PAGES)
        return erase_pages(talk);
    put_be16(code, erase_code(request_of(talk)->erase));
    return fdcan_wake_open(talk, code, sizeof(code)) &&
           fdcan_talk_answered(talk, BTAP_PHASE_OPERATION, fdcan_talk_work(talk)) && succeed(talk);
}

/* 3.8 to 3.11 */

/** A protection has the device reset. */
static bool resets(struct fdcan_talk *talk)
{
    talk->link->resetting = true;
    talk->link->heard = false;
    talk->link->back_by = clock_monotonic() + fdcan_talk_work(talk);
    return succeed(talk);
}

/** Number and sectors, as L5 takes them: in frames of 8 bytes. */
static bool send_sectors(struct fdcan_talk *talk, const uint8_t *list, uint32_t length)
{
    for (uint32_t at = 0; at < length; at += SECTOR_FRAME_SIZE) {
        const uint32_t left = length - at;

        if (!fdcan_talk_send(talk, list + at, left < SECTOR_FRAME_SIZE ? left : SECTOR_FRAME_SIZE))
            return false;
    }
    return true;
}

/**
 * The sectors stand behind their number in the command's frame, as ST's own code takes them. A
 * device that waits for more after its first answer gets them in frames of their own: to one that
 * does not, that is the same command once more.
 */
static bool write_protect(struct fdcan_talk *talk)
{
    const struct btap_transaction *request = request_of(talk);
    struct fdcan_link *link = talk->link;
    const uint32_t length = 1 + request->list_length;
    uint8_t list[1 + CHECK_FRAME_SECTORS];
    enum fdcan_talk_got got = FDCAN_TALK_SILENCE;

    list[0] = (uint8_t)request->list_length;
    for (uint32_t i = 0; i < request->list_length; i++)
        list[1 + i] = (uint8_t)request->list[i];
    if (!fdcan_wake_open(talk, list, link->sectors_apart ? 1 : length))
        return false;
    if (!link->sectors_apart)
        got = fdcan_talk_next(talk, fdcan_talk_soon(talk));
    if (got == FDCAN_TALK_SILENCE && !link->host.options.as_recorded) {
        if (!send_sectors(talk, list, length))
            return false;
        got = fdcan_talk_next(talk, fdcan_talk_work(talk));
        link->sectors_apart = got == FDCAN_TALK_ACK;
    }
    return fdcan_talk_judge(talk, got, BTAP_PHASE_OPERATION) && resets(talk);
}

static bool protect(struct fdcan_talk *talk)
{
    return fdcan_wake_open(talk, NULL, 0) &&
           fdcan_talk_answered(talk, BTAP_PHASE_OPERATION, fdcan_talk_work(talk)) && resets(talk);
}

/** By command, but Sync, which is no such frame. */
static bool (*const senders[BTAP_COMMAND_COUNT])(struct fdcan_talk *) = {
    [BTAP_GET] = get,
    [BTAP_GET_VERSION] = get_version,
    [BTAP_GET_ID] = get_id,
    [BTAP_READ_MEMORY] = read_memory,
    [BTAP_GO] = go,
    [BTAP_WRITE_MEMORY] = write_memory,
    [BTAP_ERASE] = erase,
    [BTAP_SPECIAL] = fdcan_special_send,
    [BTAP_EXTENDED_SPECIAL] = fdcan_special_send,
    [BTAP_WRITE_PROTECT] = write_protect,
    [BTAP_WRITE_UNPROTECT] = protect,
    [BTAP_READOUT_PROTECT] = protect,
    [BTAP_READOUT_UNPROTECT] = protect,
};

/**
 * Whether the device may wait for data after a command that got no answer: its answer may be what
 * is lost. The recorded device that said as little took the next command all the same.
 */
static bool leaves_half(const struct plan_command *command, const struct btap_transaction *told)
{
    const struct btap_transaction *recorded = &command->transaction;
    const bool takes_data = told->command == BTAP_WRITE_MEMORY || told->command == BTAP_SPECIAL ||
                            told->command == BTAP_EXTENDED_SPECIAL ||
                            told->erase == BTAP_ERASE_PAGES;

    return takes_data && (told->status == BTAP_NO_REPLY || told->status == BTAP_BAD_REPLY) &&
           told->phase < BTAP_PHASE_DATA &&
           (recorded->status != told->status || recorded->phase != told->phase);
}

enum host_end fdcan_command_send(struct fdcan_link *link, const struct plan_command *command,
                                 struct host_answer *answer)
{
    struct fdcan_talk talk = fdcan_talk_begin(link, command, answer);

    (void)senders[command->transaction.command](&talk);
    link->half = link->half || leaves_half(command, &answer->transaction);
    return fdcan_talk_end(&talk);
}
