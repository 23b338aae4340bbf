/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usart/seek.h"

#include "usart/skip.h"
#include "usart/steps.h"

/** How many of the pending bytes are a sync or a command that an answer may follow; 0 if none. */
static uint8_t answerable(const struct btap_usart_recent *recent)
{
    const struct btap_usart_byte *first = &recent->byte[0];
    const struct btap_usart_byte *second = &recent->byte[1];

    if (recent->pending == 2 && first->direction == second->direction &&
        ((first->value == SYNC_BYTE && second->value == SYNC_BYTE) ||
         usart_is_command(first->value, second->value)))
        return 2;
    return recent->pending > 0 && second->value == SYNC_BYTE ? 1 : 0;
}

/**
 * Whether a byte may answer the pending ones, going by who sent them. Swapped directions show
 * here; so do merged ones, which only a capture of a single direction can have.
 */
static bool answers_pending(struct btap_usart_line *line, enum btap_direction asked,
                            enum btap_direction answered)
{
    if (asked == BTAP_HOST_TO_DEVICE && answered == BTAP_DEVICE_TO_HOST)
        return true;
    if (asked == BTAP_DIRECTION_UNKNOWN)
        return answered == BTAP_DIRECTION_UNKNOWN;
    if (asked != answered && answered != BTAP_DIRECTION_UNKNOWN) {
        line->view = line->view == BTAP_USART_SWAPPED ? BTAP_USART_AS_GIVEN : BTAP_USART_SWAPPED;
        return true;
    }
    if (asked == answered && (line->directions & (line->directions - 1)) == 0) {
        line->view = BTAP_USART_MERGED;
        return true;
    }
    return false;
}

bool usart_seek(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    struct btap_usart_line *line = &usart->line;
    const enum btap_usart_view before = line->view;
    const uint8_t keep = usart_is_answer(bytes->bytes[0]) ? answerable(&usart->recent) : 0;

    if (keep == 0 || !answers_pending(line, usart->recent.byte[1].direction, bytes->direction)) {
        usart_recent_push(usart, bytes);
        return false;
    }
    usart_recent_skip(usart, keep);
    if (line->view != before && line->view != BTAP_USART_AS_GIVEN)
        usart_note(usart,
                   line->view == BTAP_USART_SWAPPED ? BTAP_NOTE_DIRECTIONS_SWAPPED
                                                    : BTAP_NOTE_DIRECTIONS_MERGED,
                   &usart_recent_first(usart)->at, 0, 0);
    return true;
}
