/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs the program boottap and keeps what it says.
 */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

/** Most arguments of one run. */
#define PROGRAM_ARGS_MAX 32

struct run {
    int status;    /**< exit status; 128 + number if a signal ended it */
    char *out;     /**< standard output, zero-terminated */
    char *err;     /**< standard error, likewise */
    size_t length; /**< of out */
};

/** What is special about a run. Zero: nothing. */
struct run_setup {
    const void *input; /**< for its standard input, a pipe; NULL: empty */
    size_t input_length;
    const char *output;          /**< a file in the place of its standard output; NULL: out */
    bool closed_pipe;            /**< its standard output is a pipe that nobody reads */
    const char *interrupt_after; /**< SIGINT once it printed this; the input stays open till then */
};

/**
 * Runs `boottap` with a command line, cut at its spaces. Ends the test if that is not possible.
 *
 * @return to be released with run_release()
 */
struct run run_program(const char *command_line);
struct run run_program_with(const char *command_line, const struct run_setup *setup);
void run_release(struct run *run);

/** Lines of a text. */
size_t count_lines(const char *text);

/** Moves into a new empty directory, for a test group's setup; and removes it. */
int enter_directory(void **state);
int leave_directory(void **state);

/** Makes a file in the current directory. */
void write_file(const char *name, const void *bytes, size_t length);

#endif
