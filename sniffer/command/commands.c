/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command/command.h"

const struct command *const commands[COMMANDS] = {
    &decode_command,   &diff_command,   &extract_command,
    &diagnose_command, &report_command, &annotate_command,
};
