/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usart/reply.h"

#include "usart/skip.h"
#include "usart/steps.h"

/** What hosts send that do not send the device's byte back. */
#define DUMMY 0xff

void usart_reply_expect(struct btap_usart *usart, const struct usart_bytes *bytes, uint32_t length)
{
    struct btap_usart_reply *reply = &usart->reply;

    for (uint32_t i = 0; i < length && reply->mode != BTAP_USART_REPLY_OFF; i++) {
        /* In reply mode no second byte comes before the reply to the first. One that the capture
         * may have lost is not enough to be certain. */
        if (reply->due)
            reply->mode = reply->mode == BTAP_USART_REPLY_ON ? BTAP_USART_REPLY_UNKNOWN
                                                             : BTAP_USART_REPLY_OFF;
        reply->due = true;
        reply->byte = bytes->bytes[i];
    }
}

/** Whether nothing but a reply makes sense of a byte, as the first that a device gets. */
static bool shows_mode(const struct btap_usart *usart, uint8_t value)
{
    const struct btap_usart_reply *reply = &usart->reply;
    const struct btap_usart_step *step = usart->command.step;
    const bool same = value == reply->byte;

    switch (usart->state) {
    case BTAP_USART_FRESH:
    case BTAP_USART_SEEKING:
    case BTAP_USART_STARTED:
    case BTAP_USART_LEFTOVER:
    case BTAP_USART_PAIR:
        return false;
    case BTAP_USART_IDLE:
        return same && usart_is_answer(value); /* which are no commands */
    case BTAP_USART_COMMAND:
        break;
    }
    if (step->from == BTAP_DEVICE_TO_HOST)
        return (same || value == DUMMY) && step->kind != USART_REST;
    /* No address begins so. */
    return step->meaning == USART_TARGET && usart->frame.left == step->size &&
           (same || value == DUMMY);
}

/** Whether a host that replied would have done so here: within a command there is no other time. */
static bool refutes_mode(const struct btap_usart *usart, uint8_t value)
{
    return usart->state == BTAP_USART_COMMAND && value != usart->reply.byte && value != DUMMY;
}

uint32_t usart_reply_consume(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    struct btap_usart_reply *reply = &usart->reply;

    if (!reply->due)
        return 0;
    reply->due = false;
    if (reply->mode == BTAP_USART_REPLY_UNKNOWN && refutes_mode(usart, bytes->bytes[0]))
        reply->mode = BTAP_USART_REPLY_OFF;
    if (reply->mode == BTAP_USART_REPLY_OFF ||
        (reply->mode == BTAP_USART_REPLY_UNKNOWN && !shows_mode(usart, bytes->bytes[0])))
        return 0;
    usart_span_byte(usart, bytes, BTAP_FIELD_REPLY);
    if (usart->emitter.open)
        emit_touch(&usart->emitter, &bytes->at);
    if (reply->mode != BTAP_USART_REPLY_ON)
        usart_note(usart, BTAP_NOTE_REPLY_MODE, &bytes->at, 0, 0);
    reply->mode = BTAP_USART_REPLY_ON;
    return 1;
}

bool usart_reply_is_due(const struct btap_usart *usart)
{
    return usart->reply.mode == BTAP_USART_REPLY_ON && usart->reply.due;
}

void usart_reply_synced(struct btap_usart *usart)
{
    if (usart->reply.mode == BTAP_USART_REPLY_OFF)
        usart->reply = (struct btap_usart_reply){0};
}
