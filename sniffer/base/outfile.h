/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A file that appears whole or not at all: written under another name beside it, then renamed. What
 * is no file (standard output, a device, a pipe) gets all at the end.
 */
#ifndef SNIFFER_BASE_OUTFILE_H
#define SNIFFER_BASE_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

/** Operand that stands for standard output. */
#define OUTFILE_STDOUT "-"

/** Callers write to stream, which can be positioned. */
struct outfile {
    FILE *stream;
    const char *name; /**< as named; `standard output` for "-" */
    FILE *onto;       /**< where all is copied to at the end; NULL: target is replaced */
    char *target;     /**< what is replaced, links followed; NULL for what is no file */
    char *temporary;
};

/**
 * Whether a path leads to the file that is read: writing there would destroy it.
 *
 * @param input path, or "-" for standard input; need not be there
 */
bool outfile_is_input(const char *path, const char *input);

/**
 * Whether outfile_open() would succeed, for who has much to do before. Leaves nothing behind.
 *
 * @return false: a message says why
 */
bool outfile_check(const char *path);

/**
 * Opens it. A message says what goes wrong.
 *
 * @param path kept; "-" for standard output
 * @return false: nothing to close
 */
bool outfile_open(struct outfile *outfile, const char *path);

/** Puts it in its place and closes it. @return false if that failed: a message says why, and
 * nothing was changed */
bool outfile_finish(struct outfile *outfile);

/** Closes it and leaves nothing of it. */
void outfile_discard(struct outfile *outfile);

#endif
