/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/line_errors.h"

void line_errors_start(struct line_errors *errors, const struct serial *serial)
{
    *errors = (struct line_errors){.counts = false};
    errors->counts = serial_counters(serial, &errors->before);
}

struct serial_counters line_errors_ask(const struct line_errors *errors,
                                       const struct serial *serial)
{
    const struct serial_counters *before = &errors->before;
    struct serial_counters now;

    if (!errors->counts || !serial_counters(serial, &now))
        return (struct serial_counters){0};
    return (struct serial_counters){
        .parity = now.parity - before->parity,
        .framing = now.framing - before->framing,
        .breaks = now.breaks - before->breaks,
        .overruns = now.overruns - before->overruns,
    };
}

enum line_error line_errors_name(struct line_errors *errors, struct serial_counters *happened,
                                 uint8_t byte, bool follows)
{
    if (byte == 0 && happened->breaks > 0) {
        happened->breaks--;
        errors->before.breaks++;
        return LINE_ERROR_BREAK;
    }
    if (happened->framing > 0) {
        happened->framing--;
        errors->before.framing++;
        return LINE_ERROR_FRAMING;
    }
    if (happened->parity > 0) {
        happened->parity--;
        errors->before.parity++;
        return LINE_ERROR_PARITY;
    }
    if (follows)
        return LINE_ERROR_NONE;
    return byte == 0 && !errors->counts ? LINE_ERROR_BREAK : LINE_ERROR_PARITY;
}
