/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The command line of those that read one file and write another: IN OUT.
 */
#ifndef SNIFFER_COMMAND_IN_OUT_H
#define SNIFFER_COMMAND_IN_OUT_H

#include "cli/options.h"

/** First member of such a command's request. */
struct in_out {
    const char *from;
    const char *to;
};

/** -r and -w, which name them too. */
extern const struct option_row in_out_rows[];

/** Takes IN, then OUT; for command_line.operand. */
bool in_out_operand(void *request, const char *path);

/** Whether both are named, and no one file. Else misused() says what is wrong. */
bool in_out_check(const struct in_out *in_out);

#endif
