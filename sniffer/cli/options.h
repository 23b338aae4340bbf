/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The command line of a command as a table, from which it is read and explained.
 */
#ifndef SNIFFER_CLI_OPTIONS_H
#define SNIFFER_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** One option. */
struct option_row {
    char letter;          /**< 0: none */
    const char *name;     /**< without the dashes; NULL: a letter only */
    const char *argument; /**< what help calls it, in brackets if it may be missing; NULL: none */
    const char *help;     /**< lines, without a newline at the end */
    /**
     * Stores the option.
     *
     * @param target what the row names
     * @param value NULL: it has none
     * @return false: wrong, which misused() has said
     */
    bool (*parse)(void *target, const char *value);
    size_t target; /**< offset of what parse() gets, from the group's */
};

/** Options that help shows together. */
struct option_group {
    const char *heading; /**< a line; "": an empty line only; NULL: goes on with the group before */
    const struct option_row *rows; /**< the last one is zero */
    size_t target;                 /**< offset in the command's request */
    size_t given; /**< offset of a bool that says that one of these was given; 0: none */
};

/** A command's line. */
struct command_line {
    const char *name;
    const char *summary;               /**< one line, without a full stop */
    const char *usage;                 /**< what may stand behind the name */
    const char *about;                 /**< lines, with a newline at the end */
    const struct option_group *groups; /**< the last one is zero; -h is understood */
    const char *ending;                /**< as about: notes, and the exit statuses */
    /** Gets each operand, in its order among the options. @return as option_row.parse() */
    bool (*operand)(void *request, const char *value);
};

/** -h, which every command has. */
extern const struct option_row options_help_row;

/**
 * Takes a command line apart.
 *
 * @param argv argv[0] is the command's name
 * @param request the command's, into which the offsets lead
 * @param[out] status what the program ends with, where false is returned; else EXIT_TROUBLE
 * @return false if nothing is left to do: help was printed, or something is wrong, which was said
 */
bool options_parse(const struct command_line *line, int argc, char **argv, void *request,
                   int *status);

/** Prints what `boottap help NAME` does. */
void options_print_help(const struct command_line *line, FILE *to);

/**
 * Says in a message what is wrong with the command line that options_parse() read last.
 *
 * @return false, for the caller to return
 */
bool misused(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * Reads a number. Else says that the value is no such thing.
 *
 * @param what `byte; it must be a number up to 0xff`
 */
bool option_number(const char *value, uint64_t min, uint64_t max, uint64_t *number,
                   const char *what);

/**
 * Says that a word is not known, which ones are, and which one is nearest.
 *
 * @param kind what the word names
 * @param known words with `, ` between them
 * @return false
 */
bool option_unknown(const char *kind, const char *word, const char *known);

/**
 * Adds the bits that the names in a comma list stand for. Else says that one is no such thing.
 *
 * @param kind what they name
 * @param count of names
 * @param name_of name of a bit
 */
bool option_bits(uint32_t *bits, const char *list, const char *kind, unsigned count,
                 const char *(*name_of)(unsigned));

/* What a row's parse() may be, by the type of its target */

bool option_set(void *flag, const char *value);    /**< bool: becomes true */
bool option_clear(void *flag, const char *value);  /**< bool: becomes false */
bool option_text(void *text, const char *value);   /**< const char *: the value, kept */
bool option_session(void *n, const char *value);   /**< uint64_t, from 1 */
bool option_colour(void *flag, const char *value); /**< bool: NULL, always, never, auto */

bool option_count(void *n, const char *value);    /**< uint64_t, transactions, from 1 */
bool option_time(void *style, const char *value); /**< enum time_style, by tshark's letters */

/** The row of --color. @param target offset of a bool */
#define OPTION_COLOUR(target)                                                                      \
    {                                                                                              \
        0, "color", "[WHEN]", "always, never, or auto: on a terminal (default)", option_colour,    \
            target                                                                                 \
    }

/** Captures that are read. */
struct option_paths {
    size_t length;
    const char **list; /**< with room for argc */
};

/** struct option_paths: adds one. Standard input can be named once. */
bool option_path(void *paths, const char *value);

/** The same for traffic that is typed, in the notation of docs/hex.md. */
bool option_hex(void *paths, const char *value);

/** The row of --hex. @param target offset of a struct option_paths */
#define OPTION_HEX(target)                                                                         \
    {                                                                                              \
        0, "hex", "TEXT",                                                                          \
            "traffic itself, host bytes > device bytes: '7F > 79; 00 FF > 79'\n"                   \
            "(as 'hex:TEXT' for FILE in any command)",                                             \
            option_hex, target                                                                     \
    }

#endif
