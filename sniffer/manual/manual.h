/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is installed beside the program, made from the tables that its help is made from.
 */
#ifndef SNIFFER_MANUAL_MANUAL_H
#define SNIFFER_MANUAL_MANUAL_H

#include <stdio.h>

#include "cli/options.h"

/** What a manual page says of its making. */
struct manual_origin {
    const char *version;
    const char *date; /**< 2026-01-31 */
};

/** Writes the page of the program. */
void manual_program(const struct manual_origin *origin, FILE *to);

/** Writes the page of a command. */
void manual_command(const struct command_line *line, const struct manual_origin *origin, FILE *to);

/* Write what a shell needs to complete command lines. */

void completion_bash(FILE *to);
void completion_zsh(FILE *to);
void completion_fish(FILE *to);

#endif
