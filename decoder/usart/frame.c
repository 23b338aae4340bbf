/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usart/frame.h"

#include <string.h>

/** Stray bytes that an answer may follow; more of them are another conversation. */
#define GLITCH_MAX 3
/** So many stray characters of text are another conversation too. */
#define TALK_MIN 2

uint8_t usart_xor(const uint8_t *bytes, uint32_t length)
{
    uint64_t wide = 0;
    uint8_t narrow = 0;

    for (; length >= sizeof(wide); length -= (uint32_t)sizeof(wide), bytes += sizeof(wide)) {
        uint64_t word;

        memcpy(&word, bytes, sizeof(word));
        wide ^= word;
    }
    wide ^= wide >> 32;
    wide ^= wide >> 16;
    wide ^= wide >> 8;
    for (; length > 0; length--)
        narrow ^= *bytes++;
    return (uint8_t)(narrow ^ (uint8_t)wide);
}

void usart_frame_begin(struct btap_usart_frame *frame)
{
    frame->first = 0;
    frame->bytes = 0;
    frame->sum = 0;
    frame->mismatch = false;
    frame->gap = false;
    frame->tail_length = 0;
    frame->strays.bytes = 0;
    frame->stray_held = false;
    frame->extra_length = 0;
    frame->stray_text = 0;
}

bool usart_frame_is_other_talk(const struct btap_usart_frame *frame)
{
    return frame->strays.bytes > GLITCH_MAX || frame->stray_text >= TALK_MIN;
}

bool usart_frame_holds_command(const struct btap_usart_frame *frame)
{
    const uint8_t length = frame->tail_length;

    if (length > 0 && frame->tail[length - 1] == SYNC_BYTE)
        return true;
    for (uint8_t i = 1; i < length; i++)
        if (usart_is_command(frame->tail[i - 1], frame->tail[i]))
            return true;
    return false;
}

static void keep_tail(struct btap_usart_frame *frame, const uint8_t *bytes, uint32_t length)
{
    if (length >= BTAP_USART_TAIL) {
        memcpy(frame->tail, bytes + length - BTAP_USART_TAIL, BTAP_USART_TAIL);
        frame->tail_length = BTAP_USART_TAIL;
        return;
    }
    for (uint32_t i = 0; i < length; i++) {
        if (frame->tail_length == BTAP_USART_TAIL)
            memmove(frame->tail, frame->tail + 1, --frame->tail_length);
        frame->tail[frame->tail_length++] = bytes[i];
    }
}

static struct usart_unit next_answer(struct btap_usart_frame *frame,
                                     const struct usart_bytes *bytes)
{
    const bool text = usart_is_text(bytes->bytes[0]);
    struct usart_unit stray = {USART_UNIT_STRAY, 1, true, text};

    if (usart_is_answer(bytes->bytes[0]) && !usart_frame_is_other_talk(frame))
        return (struct usart_unit){USART_UNIT_ANSWER, 1, true, false};
    if (frame->strays.bytes == 0) {
        frame->first_stray = bytes->bytes[0];
        frame->strays.first = bytes->at;
    }
    while (text && stray.length < bytes->length && usart_is_text(bytes->bytes[stray.length]) &&
           (bytes->bytes[stray.length] != ACK || frame->stray_text + stray.length >= TALK_MIN))
        stray.length++;
    frame->strays.bytes += stray.length;
    frame->stray_text += text ? stray.length : 0;
    return stray;
}

/** AN3155 section 3: the XOR of the bytes before; for one byte alone that is its complement. */
static struct usart_unit next_checksum(struct btap_usart_frame *frame,
                                       const struct usart_bytes *bytes)
{
    const uint8_t expected = frame->bytes == 1 ? (uint8_t)~frame->sum : frame->sum;

    frame->checksum = bytes->bytes[0];
    frame->mismatch = !frame->gap && frame->checksum != expected;
    frame->bytes++;
    keep_tail(frame, bytes->bytes, 1);
    return (struct usart_unit){USART_UNIT_CHECKSUM, 1, true, false};
}

static struct usart_unit next_field(struct btap_usart_frame *frame, bool is_value,
                                    const struct usart_bytes *bytes)
{
    const uint32_t length = frame->left < bytes->length ? frame->left : bytes->length;

    for (uint32_t i = 0; is_value && i < length; i++)
        frame->value = frame->value << 8 | bytes->bytes[i];
    if (bytes->direction == BTAP_HOST_TO_DEVICE) {
        frame->sum ^= usart_xor(bytes->bytes, length);
        frame->bytes += length;
        keep_tail(frame, bytes->bytes, length);
    }
    frame->left -= length;
    return (struct usart_unit){is_value ? USART_UNIT_VALUE : USART_UNIT_BLOCK, length,
                               frame->left == 0, false};
}

struct usart_unit usart_frame_next(struct btap_usart_frame *frame, enum usart_kind kind,
                                   const struct usart_bytes *bytes)
{
    switch (kind) {
    case USART_ANSWER:
        return next_answer(frame, bytes);
    case USART_CHECKSUM:
        return next_checksum(frame, bytes);
    case USART_VALUE:
    case USART_LIST:
        return next_field(frame, true, bytes);
    case USART_BLOCK:
        return next_field(frame, false, bytes);
    case USART_CRC:
        return (struct usart_unit){USART_UNIT_CRC, 1, true, false};
    case USART_REST:
    case USART_FORK:
    case USART_END:
        break;
    }
    return (struct usart_unit){USART_UNIT_BLOCK, bytes->length, true, false};
}
