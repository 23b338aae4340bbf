/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The program's commands. One row of the table in main.c and one file cmd_NAME.c each.
 */
#ifndef SNIFFER_COMMAND_COMMAND_H
#define SNIFFER_COMMAND_COMMAND_H

#include <stdio.h>

struct command {
    const char *name;
    const char *summary; /**< one line, without a full stop */
    const char *help;    /**< what `boottap help NAME` prints, with a newline at the end */
    /** @param argv argv[0] is the command's name @return an exit status */
    int (*run)(int argc, char **argv);
};

extern const struct command annotate_command;
extern const struct command decode_command;
extern const struct command diff_command;
extern const struct command extract_command;
extern const struct command diagnose_command;
extern const struct command report_command;

/** Prints every note that the decoders know. */
void print_notes(FILE *to);

/** Prints every field that diff compares. */
void print_diff_fields(FILE *to);
/** Prints every rule of diagnose. */
void print_rules(FILE *to);

/** Prints every field that `decode -x` shows. */
void print_fields(FILE *to);

#endif
