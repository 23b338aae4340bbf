/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Files that must not outlive the program: whatever signal ends it, they go first. Only what ends
 * it at once (SIGKILL, a crash) leaves them.
 */
#ifndef SNIFFER_BASE_TEMPORARY_H
#define SNIFFER_BASE_TEMPORARY_H

#include <stdbool.h>

/**
 * Creates a file and opens it for reading and writing.
 *
 * @param path a pattern as for mkstemp(), which becomes the name; must last until
 *        temporary_forget()
 * @return a descriptor, closed on exec; -1: errno
 */
int temporary_create(char *path);

/** Creates a directory likewise. @return false: errno */
bool temporary_create_directory(char *path);

/** Adds a file that somebody else creates or will create. */
void temporary_add(const char *path);

/** To be called when it is gone or has got another name. */
void temporary_forget(const char *path);

/** Removes all of them, the newest first: what lies in a directory was added after it. May be
 * called in a signal handler. */
void temporary_remove_all(void);

#endif
