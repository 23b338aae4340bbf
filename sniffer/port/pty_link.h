/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The symbolic link by which a pseudo-terminal keeps one name from run to run.
 */
#ifndef SNIFFER_PORT_PTY_LINK_H
#define SNIFFER_PORT_PTY_LINK_H

#include <stdbool.h>

/**
 * Makes the link, at once whole. A symbolic link that leads to a pseudo-terminal or nowhere gives
 * way, and nothing else. Under sudo it belongs to the user who called it, but in /tmp and the
 * like, where nobody else could follow it then.
 *
 * @return false: a message says why
 */
bool pty_link_make(const char *link, const char *target);

/** Takes it away if it still leads there. */
void pty_link_remove(const char *link, const char *target);

#endif
