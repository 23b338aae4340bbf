/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a command reads and what it writes: no output may be an input or another output.
 */
#ifndef SNIFFER_CLI_FILES_H
#define SNIFFER_CLI_FILES_H

#include <stdbool.h>
#include <stddef.h>

/** A file of a command line. */
struct file_use {
    const char *what; /**< of an output, for the message: `the JUnit report` */
    const char *path; /**< "-": standard input or output; NULL: there is none */
    bool written;
};

/** Whether each file that is written is one of its own. Else misused() says which is not. */
bool files_are_apart(const struct file_use *files, size_t length);

/** The same for one output, and inputs that are a list of paths. */
bool files_spare(const struct file_use *output, const char *const *inputs, size_t length);

#endif
