/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What may stand behind an option, or as an operand, where that is known before.
 */
#ifndef SNIFFER_MANUAL_VALUES_H
#define SNIFFER_MANUAL_VALUES_H

#include <stdbool.h>

#include "cli/options.h"

/** What a shell may offer. */
enum value_kind {
    VALUE_NOTHING, /**< only the user knows */
    VALUE_WORD,    /**< one of the words */
    VALUE_LIST,    /**< a comma list of the words */
    VALUE_FILE,    /**< a file whose name ends in one of the words, or any if there are none */
    VALUE_COMMAND, /**< a program and its arguments */
};

#define VALUE_WORDS_SIZE 1024

struct value {
    enum value_kind kind;
    char words[VALUE_WORDS_SIZE]; /**< a space between them */
};

/** What may stand behind an option that has an argument. */
void value_of_option(const struct command_line *line, const struct option_row *row,
                     struct value *value);

/** What the operands of a command are. */
void value_of_operand(const struct command_line *line, struct value *value);

/** Calls for every option of a command, -h too. */
void each_option(const struct command_line *line,
                 void (*call)(const struct command_line *line, const struct option_row *row,
                              FILE *to),
                 FILE *to);

/** Calls for every id that `boottap help` explains: of rules, notes and outcomes. One may come
 * twice. */
void each_id(void (*call)(const char *id, FILE *to), FILE *to);

#endif
