/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/can_talk.h"

#include <string.h>

#include "base/clock.h"
#include "replay/patience.h"

enum {
    ID_OPCODE = 0xff,
    ID_FIXED = 0x111, /* AN5405 section 2 */
    FILL = 0xff,

    /* Frames beyond what was asked for, and such for no command, before the device is given up */
    SURPLUS_MAX = 64,
    DROPPED_MAX = 4096,
};

/* ISO 11898-1: what the data length code can say above 8 */
static const uint8_t lengths[] = {8, 12, 16, 20, 24, 32, 48, 64};

/** Drops what came and was for no command. */
static void drop_old(const struct can_host *link)
{
    const btap_ns now = clock_monotonic();
    struct wire_received received;

    for (unsigned i = 0; i < DROPPED_MAX; i++)
        if (gate_receive(link->host.gate, &received, now) != WIRE_DONE)
            return;
}

struct can_talk can_talk_begin(struct can_host *link, const struct plan_command *command,
                               struct host_answer *answer)
{
    const struct btap_transaction *request = &command->transaction;

    drop_old(link);
    host_answer_begin(&link->host, command, answer);
    return (struct can_talk){
        .link = link,
        .command = command,
        .answer = answer,
        .id = (request->has & BTAP_HAS_CAN_ID) != 0 ? request->request_id : request->opcode,
    };
}

bool can_talk_stop(struct can_talk *talk, enum btap_status status, enum btap_phase phase)
{
    host_answer_end(&talk->link->host, talk->answer, status, phase);
    return false;
}

bool can_talk_lacks(struct can_talk *talk, enum btap_phase phase)
{
    talk->link->half = true;
    return can_talk_stop(talk, BTAP_INCOMPLETE, phase);
}

enum host_end can_talk_end(const struct can_talk *talk)
{
    return talk->gone ? HOST_GONE : HOST_ANSWERED;
}

btap_ns can_host_at_most(const struct can_host *link, btap_ns time)
{
    const btap_ns most = link->host.options.patience;

    return most > 0 && most < time ? most : time;
}

btap_ns can_talk_soon(const struct can_talk *talk)
{
    return host_patience(&talk->link->host, patience_for_answer(BTAP_FDCAN));
}

btap_ns can_talk_work(const struct can_talk *talk)
{
    const struct host *host = &talk->link->host;

    return host_patience(host,
                         patience_for_work(&talk->command->transaction, host->device->product));
}

static bool gone(struct can_talk *talk)
{
    talk->gone = true;
    return can_talk_stop(talk, BTAP_DISCONNECTED, BTAP_PHASE_COMMAND);
}

static uint8_t legal_length(size_t length)
{
    size_t i = 0;

    if (length <= lengths[0])
        return (uint8_t)length;
    while (lengths[i] < length)
        i++;
    return lengths[i];
}

static bool send_frame(struct can_talk *talk, uint32_t id, const uint8_t *bytes, size_t length)
{
    const struct plan_device *device = talk->link->host.device;
    const bool fd = talk->link->dialect->fd;
    struct wire_frame frame = {
        .id = id,
        .fd = fd,
        .brs = fd && (device->brs || !device->brs_known),
        .length = fd ? legal_length(length) : (uint8_t)length,
    };
    const struct wire_message message = {.kind = WIRE_FRAME, .frame = &frame};

    memset(frame.data, FILL, sizeof(frame.data));
    if (length > 0)
        memcpy(frame.data, bytes, length);
    return gate_send(talk->link->host.gate, &message) == WIRE_DONE || gone(talk);
}

bool can_talk_send(struct can_talk *talk, const uint8_t *bytes, size_t length)
{
    return send_frame(talk, talk->id, bytes, length);
}

bool can_talk_send_part(struct can_talk *talk, const uint8_t *bytes, size_t length)
{
    const struct can_dialect *dialect = talk->link->dialect;
    uint8_t frame[WIRE_FRAME_MAX];

    memset(frame, FILL, sizeof(frame));
    memcpy(frame, bytes, length);
    return send_frame(talk, dialect->data_id != 0 ? dialect->data_id : talk->id, frame,
                      dialect->fd ? dialect->frame_max : length);
}

/** Which form of identifier it is; 0: another node's. */
static uint8_t form_of(const struct can_talk *talk, const struct wire_frame *frame)
{
    const struct can_dialect *dialect = talk->link->dialect;

    if (frame->fd != dialect->fd || frame->extended || frame->error)
        return 0;
    if (frame->id == talk->id)
        return CAN_HOST_REQUEST;
    if (frame->id == (talk->id & ID_OPCODE))
        return CAN_HOST_OPCODE;
    if (dialect->fd)
        return frame->id == ID_FIXED ? CAN_HOST_FIXED : 0;
    return frame->id == dialect->data_id && frame->length == 1 && frame->data[0] == CAN_HOST_NACK
               ? CAN_HOST_DATA
               : 0;
}
/** ACK or NACK, alone or filled up with one value. */
static enum can_talk_got kind_of(const struct wire_frame *frame)
{
    if (frame->data[0] != CAN_HOST_ACK && frame->data[0] != CAN_HOST_NACK)
        return CAN_TALK_DATA;
    for (uint8_t i = 2; i < frame->length; i++)
        if (frame->data[i] != frame->data[1])
            return CAN_TALK_DATA;
    return frame->data[0] == CAN_HOST_ACK ? CAN_TALK_ACK : CAN_TALK_NACK;
}

/** Whether the frame is the device's; how it was answered before tells nodes apart that use an
 * identifier which it might use. */
static bool takes(struct can_talk *talk, const struct wire_frame *frame)
{
    struct can_host *link = talk->link;
    struct btap_transaction *told = &talk->answer->transaction;
    const uint8_t form = form_of(talk, frame);

    if (form == 0 || frame->length == 0)
        return false;
    if (kind_of(frame) == CAN_TALK_DATA && link->forms != 0 && (link->forms & form) == 0)
        return false;
    link->forms |= form;
    link->heard = true;
    if ((told->has & BTAP_HAS_REPLY_ID) == 0) {
        told->reply_id = (uint16_t)frame->id;
        told->has |= BTAP_HAS_REPLY_ID;
    }
    talk->frame = *frame;
    talk->position = 0;
    return true;
}

enum can_talk_got can_talk_next(struct can_talk *talk, btap_ns time)
{
    const btap_ns until = clock_monotonic() + time;
    struct wire_received received;
    unsigned looked = 0;

    do {
        const enum wire_result result = gate_receive(talk->link->host.gate, &received, until);

        if (result == WIRE_GONE) {
            gone(talk);
            return CAN_TALK_GONE;
        }
        if (result == WIRE_QUIET)
            return CAN_TALK_SILENCE;
        if (takes(talk, &received.frame))
            return kind_of(&talk->frame);
    } while (time > 0 ? clock_monotonic() < until : ++looked < DROPPED_MAX);
    return CAN_TALK_SILENCE;
}

bool can_talk_judge(struct can_talk *talk, enum can_talk_got got, enum btap_phase phase)
{
    switch (got) {
    case CAN_TALK_ACK:
        talk->answers++;
        return true;
    case CAN_TALK_NACK:
        return can_talk_stop(talk, BTAP_NACK, phase);
    case CAN_TALK_DATA:
        return can_talk_stop(talk, BTAP_BAD_REPLY, phase);
    case CAN_TALK_SILENCE:
        return can_talk_stop(talk, BTAP_NO_REPLY, phase);
    case CAN_TALK_GONE:
        break;
    }
    return false;
}

bool can_talk_answered(struct can_talk *talk, enum btap_phase phase, btap_ns time)
{
    return can_talk_judge(talk, can_talk_next(talk, time), phase);
}

/** A frame of one byte that ends the reply, where more than a byte is due. ST's own code for
 * classic CAN sends what fills no frame of memory byte by byte. */
static bool closes(const struct can_talk *talk, enum can_talk_got got, uint32_t left)
{
    const struct can_dialect *dialect = talk->link->dialect;
    const bool by_bytes = !dialect->fd && talk->command->transaction.command == BTAP_READ_MEMORY;

    return (got == CAN_TALK_ACK || got == CAN_TALK_NACK) && talk->frame.length == 1 &&
           left >= (by_bytes ? dialect->frame_max : 2u);
}
/** The next frame of a reply. */
static enum can_talk_read next_part(struct can_talk *talk, uint32_t left, enum btap_phase phase)
{
    const enum can_talk_got got = can_talk_next(talk, can_talk_soon(talk));

    if (got == CAN_TALK_GONE)
        return CAN_TALK_OVER;
    if (got == CAN_TALK_SILENCE) {
        can_talk_judge(talk, got, phase);
        return CAN_TALK_OVER;
    }
    if (!closes(talk, got, left))
        return CAN_TALK_READ;
    talk->position = talk->frame.length;
    return can_talk_judge(talk, got, talk->closing != BTAP_PHASE_NONE ? talk->closing : phase)
               ? CAN_TALK_CLOSED
               : CAN_TALK_OVER;
}

enum can_talk_read can_talk_read(struct can_talk *talk, uint8_t *bytes, uint32_t length,
                                 uint32_t *got, enum btap_phase phase)
{
    *got = 0;
    while (*got < length) {
        if (talk->position == talk->frame.length) {
            const enum can_talk_read part = next_part(talk, length - *got, phase);

            if (part != CAN_TALK_READ)
                return part;
        }
        bytes[(*got)++] = talk->frame.data[talk->position++];
    }
    return CAN_TALK_READ;
}

bool can_talk_closed(struct can_talk *talk, enum btap_phase phase)
{
    enum can_talk_got got = CAN_TALK_DATA;

    for (unsigned i = 0; i < SURPLUS_MAX && got == CAN_TALK_DATA; i++) {
        got = can_talk_next(talk, can_talk_soon(talk));
        if (got == CAN_TALK_DATA && talk->frame.length == 1)
            break;
    }
    talk->position = talk->frame.length;
    return can_talk_judge(talk, got, phase);
}

bool can_talk_send_data(struct can_talk *talk, const uint8_t *bytes, uint32_t length)
{
    const uint32_t most = talk->link->dialect->frame_max;

    for (uint32_t at = 0; at < length; at += most)
        if (!can_talk_send_part(talk, bytes + at, length - at < most ? length - at : most))
            return false;
    return true;
}
