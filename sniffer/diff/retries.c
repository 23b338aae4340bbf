/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff/retries.h"

/** What only lies between a failed transaction and its repetition. */
static bool is_recovery(enum btap_command command)
{
    return command == BTAP_CLEAR_STATUS || command == BTAP_ABORT || command == BTAP_GET_STATUS ||
           command == BTAP_GET_STATE || command == BTAP_SYNC;
}

size_t retries_repetition(const struct steps *steps, size_t index, struct unpacked *room)
{
    const uint32_t about = steps->steps[index].about;

    for (size_t i = index + 1; i < steps->length; i++) {
        if (steps->steps[i].about == about)
            return i;
        steps_get(steps, i, room);
        if (!is_recovery(room->transaction.command))
            break;
    }
    return index;
}
