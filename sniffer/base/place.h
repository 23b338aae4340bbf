/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where paths lead, and whether two of them lead to the same file.
 */
#ifndef SNIFFER_BASE_PLACE_H
#define SNIFFER_BASE_PLACE_H

#include <stdbool.h>

/** Operand that stands for standard input or standard output. */
#define PLACE_STANDARD "-"

/**
 * The file that a path leads to, symbolic links followed. It need not be there yet, but its
 * directory must.
 *
 * @return allocated; NULL: errno
 */
char *place_follow(const char *path);

/** One end of a comparison. */
struct place {
    const char *path; /**< "-": a standard stream */
    bool written;     /**< which one: output, else input */
};

/**
 * Whether two places are one file (or disk): by the same name, by links of either kind, as an open
 * descriptor (/dev/stdin, /proc/self/fd). Files that are not there yet are compared, too.
 * Terminals, pipes and devices like /dev/null are never the same: they keep nothing.
 */
bool place_is_same(struct place one, struct place other);

#endif
