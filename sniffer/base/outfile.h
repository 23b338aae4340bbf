/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A file that appears whole or not at all: written under another name beside it, then renamed. It
 * keeps owner, group, rights, attributes and the symbolic links of the one that it replaces. Where
 * no other file can take its place (a directory that may not be written, an owner who cannot be
 * kept) its contents are replaced at the end. What is no file (standard output, a device, a pipe)
 * gets all at the end. A signal that asks to end (base/interrupt.h) leaves what is there.
 */
#ifndef SNIFFER_BASE_OUTFILE_H
#define SNIFFER_BASE_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

/** Operand that stands for standard output. */
#define OUTFILE_STDOUT "-"

/** Callers write to stream, which can be positioned, and may set part_of. */
struct outfile {
    FILE *stream;
    const char *path;
    const char *name;    /**< for messages; `standard output` for "-" */
    const char *part_of; /**< the input, of which it shows a part only; NULL: all */
    FILE *onto;          /**< where all is copied to at the end; NULL: target is replaced */
    char *target;        /**< what is replaced, links followed; NULL for what is no file */
    char *temporary;     /**< NULL: target's contents are replaced */
};

/**
 * Whether a signal asked to end: then an output is not written, which a message says. Opening and
 * finishing ask it, too.
 */
bool outfile_is_interrupted(const char *path);

/**
 * Whether an output may show a part of its input only: what is there must not give way to that
 * unasked. Else a message says so.
 *
 * @param asked --partial
 */
bool outfile_takes_part(const char *path, const char *input, bool asked);

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

/** Puts it in its place and closes it; says in a message if it is partial. @return false if that
 * failed: a message says why, and nothing was changed */
bool outfile_finish(struct outfile *outfile);

/** Closes it and leaves nothing of it. */
void outfile_discard(struct outfile *outfile);

/**
 * Why not all that was written to a stream got to its place, in words.
 * @param stream one that fflush() or ferror() says so of. A stream forgets the reason; to learn it
 * a line end is written, behind what is broken already.
 */
const char *outfile_failure(FILE *stream);

#endif
