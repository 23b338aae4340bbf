/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The program's commands. One row of the table in main.c and one file cmd_NAME.c each.
 */
#ifndef SNIFFER_COMMAND_H
#define SNIFFER_COMMAND_H

#include <stdio.h>

/** Exit status of the program. */
enum exit_status {
    EXIT_DONE = 0,
    EXIT_FINDING = 1, /**< the flash failed, a difference: what the command was asked to find */
    EXIT_TROUBLE = 2, /**< wrong usage, or input or output failed */
};

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
