/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Programs that get rights of their own when they are started: setuid, setgid, file capabilities.
 * The kernel does not give these to a program that is followed, unless who follows has the right
 * to follow everything.
 */
#ifndef SNIFFER_TRACE_RIGHTS_H
#define SNIFFER_TRACE_RIGHTS_H

#include <stdbool.h>

/** Whether a program would not get its rights while this program follows it. */
bool rights_are_lost(const char *path);

#endif
