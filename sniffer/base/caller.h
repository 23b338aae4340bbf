/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who called a program that runs as root: by sudo, or as it is setuid root.
 */
#ifndef SNIFFER_BASE_CALLER_H
#define SNIFFER_BASE_CALLER_H

#include <stdbool.h>
#include <sys/types.h>

struct caller {
    uid_t uid;
    gid_t gid;
};

/** @return false: the program is not root, or root called it; it stays who it is */
bool caller_find(struct caller *caller);

/** From here on files are made and removed as the caller, if it is another one. */
void caller_take_files(void);

/** No longer. */
void caller_return_files(void);

#endif
