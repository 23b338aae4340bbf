/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live/reset.h"

#include <string.h>

#include "base/clock.h"
#include "boottap/event.h"

/** That of stm32flash. */
#define PAUSE (100 * CLOCK_NS_PER_MS)

/** Reads a signal's name. @return its length; 0: none stands here */
static size_t read_signal(const char *text, struct reset_step *step)
{
    const size_t sign = text[0] == '-' ? 1 : 0;

    if (strncmp(text + sign, "dtr", 3) == 0)
        step->mask = BTAP_LINE_DTR;
    else if (strncmp(text + sign, "rts", 3) == 0)
        step->mask = BTAP_LINE_RTS;
    else
        return 0;
    step->lines = sign == 0 ? step->mask : 0;
    return sign + 3;
}

bool reset_parse(const char *text, struct reset *reset)
{
    bool exit_seen = false;

    *reset = (struct reset){.length = 0};
    for (;;) {
        struct reset_step step = {.pause = 0};

        text += read_signal(text, &step);
        step.pause = *text == ',' ? PAUSE : 0;
        if (step.mask != 0 || step.pause != 0) {
            if (reset->length == RESET_STEPS_MAX)
                return false;
            reset->steps[reset->length++] = step;
        }
        if (*text == ':' && !exit_seen) {
            exit_seen = true;
            reset->exit = reset->length;
        } else if (*text != ',' && *text != '&') {
            break;
        }
        text++;
    }
    if (!exit_seen)
        reset->exit = reset->length;
    return *text == '\0' && reset->length > 0;
}
