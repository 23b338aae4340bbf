/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/fdcan_link.h"

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
static void drop_old(const struct fdcan_link *link)
{
    const btap_ns now = clock_monotonic();
    struct wire_received received;

    for (unsigned i = 0; i < DROPPED_MAX; i++)
        if (gate_receive(link->host.gate, &received, now) != WIRE_DONE)
            return;
}

struct fdcan_talk fdcan_talk_begin(struct fdcan_link *link, const struct plan_command *command,
                                   struct host_answer *answer)
{
    const struct btap_transaction *request = &command->transaction;

    drop_old(link);
    host_answer_begin(&link->host, command, answer);
    return (struct fdcan_talk){
        .link = link,
        .command = command,
        .answer = answer,
        .id = (request->has & BTAP_HAS_CAN_ID) != 0 ? request->request_id : request->opcode,
    };
}

bool fdcan_talk_stop(struct fdcan_talk *talk, enum btap_status status, enum btap_phase phase)
{
    host_answer_end(&talk->link->host, talk->answer, status, phase);
    return false;
}

bool fdcan_talk_lacks(struct fdcan_talk *talk, enum btap_phase phase)
{
    talk->link->half = true;
    return fdcan_talk_stop(talk, BTAP_INCOMPLETE, phase);
}

enum host_end fdcan_talk_end(const struct fdcan_talk *talk)
{
    return talk->gone ? HOST_GONE : HOST_ANSWERED;
}

btap_ns fdcan_link_at_most(const struct fdcan_link *link, btap_ns time)
{
    const btap_ns most = link->host.options.patience;

    return most > 0 && most < time ? most : time;
}

btap_ns fdcan_talk_soon(const struct fdcan_talk *talk)
{
    return host_patience(&talk->link->host, patience_for_answer(BTAP_FDCAN));
}

btap_ns fdcan_talk_work(const struct fdcan_talk *talk)
{
    const struct host *host = &talk->link->host;

    return host_patience(host,
                         patience_for_work(&talk->command->transaction, host->device->product));
}

static bool gone(struct fdcan_talk *talk)
{
    talk->gone = true;
    return fdcan_talk_stop(talk, BTAP_DISCONNECTED, BTAP_PHASE_COMMAND);
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

bool fdcan_talk_send(struct fdcan_talk *talk, const uint8_t *bytes, size_t length)
{
    const struct plan_device *device = talk->link->host.device;
    struct wire_frame frame = {
        .id = talk->id,
        .fd = true,
        .brs = device->brs || !device->brs_known,
        .length = legal_length(length),
    };
    const struct wire_message message = {.kind = WIRE_FRAME, .frame = &frame};

    memset(frame.data, FILL, sizeof(frame.data));
    if (length > 0)
        memcpy(frame.data, bytes, length);
    return gate_send(talk->link->host.gate, &message) == WIRE_DONE || gone(talk);
}

/** Which form of identifier it is; 0: another node's. */
static uint8_t form_of(const struct fdcan_talk *talk, const struct wire_frame *frame)
{
    if (!frame->fd || frame->extended || frame->error)
        return 0;
    if (frame->id == talk->id)
        return FDCAN_LINK_REQUEST;
    if (frame->id == (talk->id & ID_OPCODE))
        return FDCAN_LINK_OPCODE;
    return frame->id == ID_FIXED ? FDCAN_LINK_FIXED : 0;
}

/** ACK or NACK, alone or filled up with one value. */
static enum fdcan_talk_got kind_of(const struct wire_frame *frame)
{
    if (frame->data[0] != FDCAN_LINK_ACK && frame->data[0] != FDCAN_LINK_NACK)
        return FDCAN_TALK_DATA;
    for (uint8_t i = 2; i < frame->length; i++)
        if (frame->data[i] != frame->data[1])
            return FDCAN_TALK_DATA;
    return frame->data[0] == FDCAN_LINK_ACK ? FDCAN_TALK_ACK : FDCAN_TALK_NACK;
}

/** Whether the frame is the device's; how it was answered before tells nodes apart that use an
 * identifier which it might use. */
static bool takes(struct fdcan_talk *talk, const struct wire_frame *frame)
{
    struct fdcan_link *link = talk->link;
    struct btap_transaction *told = &talk->answer->transaction;
    const uint8_t form = form_of(talk, frame);

    if (form == 0 || frame->length == 0)
        return false;
    if (kind_of(frame) == FDCAN_TALK_DATA && link->forms != 0 && (link->forms & form) == 0)
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

enum fdcan_talk_got fdcan_talk_next(struct fdcan_talk *talk, btap_ns time)
{
    const btap_ns until = clock_monotonic() + time;
    struct wire_received received;
    unsigned looked = 0;

    do {
        const enum wire_result result = gate_receive(talk->link->host.gate, &received, until);

        if (result == WIRE_GONE) {
            gone(talk);
            return FDCAN_TALK_GONE;
        }
        if (result == WIRE_QUIET)
            return FDCAN_TALK_SILENCE;
        if (takes(talk, &received.frame))
            return kind_of(&talk->frame);
    } while (time > 0 ? clock_monotonic() < until : ++looked < DROPPED_MAX);
    return FDCAN_TALK_SILENCE;
}

bool fdcan_talk_judge(struct fdcan_talk *talk, enum fdcan_talk_got got, enum btap_phase phase)
{
    switch (got) {
    case FDCAN_TALK_ACK:
        return true;
    case FDCAN_TALK_NACK:
        return fdcan_talk_stop(talk, BTAP_NACK, phase);
    case FDCAN_TALK_DATA:
        return fdcan_talk_stop(talk, BTAP_BAD_REPLY, phase);
    case FDCAN_TALK_SILENCE:
        return fdcan_talk_stop(talk, BTAP_NO_REPLY, phase);
    case FDCAN_TALK_GONE:
        break;
    }
    return false;
}

bool fdcan_talk_answered(struct fdcan_talk *talk, enum btap_phase phase, btap_ns time)
{
    return fdcan_talk_judge(talk, fdcan_talk_next(talk, time), phase);
}

/** A frame of one byte that ends the reply, where more than a byte is due. */
static bool closes(const struct fdcan_talk *talk, enum fdcan_talk_got got, uint32_t left)
{
    return (got == FDCAN_TALK_ACK || got == FDCAN_TALK_NACK) && talk->frame.length == 1 && left > 1;
}

/** The next frame of a reply. */
static enum fdcan_talk_read next_part(struct fdcan_talk *talk, uint32_t left, enum btap_phase phase)
{
    const enum fdcan_talk_got got = fdcan_talk_next(talk, fdcan_talk_soon(talk));

    if (got == FDCAN_TALK_GONE)
        return FDCAN_TALK_OVER;
    if (got == FDCAN_TALK_SILENCE) {
        fdcan_talk_judge(talk, got, phase);
        return FDCAN_TALK_OVER;
    }
    if (!closes(talk, got, left))
        return FDCAN_TALK_READ;
    talk->position = talk->frame.length;
    return fdcan_talk_judge(talk, got, talk->closing != BTAP_PHASE_NONE ? talk->closing : phase)
               ? FDCAN_TALK_CLOSED
               : FDCAN_TALK_OVER;
}

enum fdcan_talk_read fdcan_talk_read(struct fdcan_talk *talk, uint8_t *bytes, uint32_t length,
                                     uint32_t *got, enum btap_phase phase)
{
    *got = 0;
    while (*got < length) {
        if (talk->position == talk->frame.length) {
            const enum fdcan_talk_read part = next_part(talk, length - *got, phase);

            if (part != FDCAN_TALK_READ)
                return part;
        }
        bytes[(*got)++] = talk->frame.data[talk->position++];
    }
    return FDCAN_TALK_READ;
}

bool fdcan_talk_closed(struct fdcan_talk *talk, enum btap_phase phase)
{
    enum fdcan_talk_got got = FDCAN_TALK_DATA;

    for (unsigned i = 0; i < SURPLUS_MAX && got == FDCAN_TALK_DATA; i++) {
        got = fdcan_talk_next(talk, fdcan_talk_soon(talk));
        if (got == FDCAN_TALK_DATA && talk->frame.length == 1)
            break;
    }
    talk->position = talk->frame.length;
    return fdcan_talk_judge(talk, got, phase);
}

bool fdcan_talk_send_data(struct fdcan_talk *talk, const uint8_t *bytes, uint32_t length)
{
    uint8_t frame[WIRE_FRAME_MAX];

    for (uint32_t at = 0; at < length; at += WIRE_FRAME_MAX) {
        const uint32_t part = length - at < WIRE_FRAME_MAX ? length - at : WIRE_FRAME_MAX;

        memset(frame, FILL, sizeof(frame));
        memcpy(frame, bytes + at, part);
        if (!fdcan_talk_send(talk, frame, sizeof(frame)))
            return false;
    }
    return true;
}
