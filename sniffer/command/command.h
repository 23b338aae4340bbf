/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The program's commands. One row of the table in commands.c and one file NAME.c each.
 */
#ifndef SNIFFER_COMMAND_COMMAND_H
#define SNIFFER_COMMAND_COMMAND_H

#include <stdio.h>

#include "boottap/diagnosis.h"
#include "cli/options.h"

struct command {
    const struct command_line *line;
    /** @param argv argv[0] is the command's name @return an exit status */
    int (*run)(int argc, char **argv);
};

/** All of them, in the order of the program's help. */
#define COMMANDS 12
extern const struct command *const commands[COMMANDS];

/** What `boottap help` explains beside the commands. */
struct help_topic {
    const char *name;
    const char *summary;
    void (*print)(FILE *to);
};

/** All of them; the last one is zero. */
extern const struct help_topic help_topics[];

/** What else it explains, by the kind of name that is given to it; nothing to print. The last one
 * is zero. */
extern const struct help_topic help_kinds[];

/** What the program is, as lines. */
extern const char *const program_summary;

/** A sequence of command lines that needs no hardware, a line each. */
extern const char *const program_examples;

/** @return NULL: none has this name */
const struct command *command_find(const char *name);

/**
 * Prints what `boottap help NAME` does.
 *
 * @param name a command or another topic; NULL: the program
 * @return an exit status
 */
int command_help(const char *name);

/** Prints `boottap version`. @return an exit status */
int command_version(void);

/**
 * A command line that names no command: captures are diagnosed. Else says what is wrong.
 *
 * @param argv argv[0] is the program, argv[1] is there @return an exit status
 */
int command_bare(int argc, char **argv);

struct suggestion;

/** Considers every command's name. */
void command_consider(struct suggestion *suggestion);

extern const struct command annotate_command;
extern const struct command convert_command;
extern const struct command decode_command;
extern const struct command diff_command;
extern const struct command extract_command;
extern const struct command diagnose_command;
extern const struct command list_command;
extern const struct command report_command;
extern const struct command live_command;
extern const struct command run_command;
extern const struct command replay_command;
extern const struct command simulate_command;

/** Prints every note that the decoders know. */
void print_notes(FILE *to);

/** Prints every field that diff compares. */
void print_diff_fields(FILE *to);
/** Prints every rule of diagnose. */
void print_rules(FILE *to);

/** Explains one rule: what it says, when, and what to do. */
void print_rule(const struct btap_rule *rule, FILE *to);

/** Explains one note. @return false: there is none of this id */
bool print_note(const char *name, FILE *to);

/** Explains a transaction's status. @return false: there is none of this name */
bool print_status(const char *name, FILE *to);

/** Prints every field that `decode -x` shows. */
void print_fields(FILE *to);

#endif
