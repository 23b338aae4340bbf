/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes that the reader of a pipe has not taken yet. A thread waits for the reader, so that nothing
 * else does: what comes from a wire, or passes through to one, must not stand still for that.
 */
#ifndef SNIFFER_RECORD_BACKLOG_H
#define SNIFFER_RECORD_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** So many bytes wait at most. */
#define BACKLOG_SIZE ((size_t)4 << 20)

/** What is kept free of it for what must not be left out. */
#define BACKLOG_RESERVE ((size_t)256 << 10)

struct backlog;

/**
 * Starts the thread, which takes no signals. Until bytes wait the caller may write to fd itself.
 *
 * @param fd kept open by the caller
 * @return NULL: there is no thread to be had
 */
struct backlog *backlog_start(int fd);

/** Whether all was written that was added, and nothing failed. */
bool backlog_is_empty(struct backlog *backlog);

/** Why the thread does not write any more, an errno; 0: it does. */
int backlog_error(struct backlog *backlog);

/** Adds bytes. @return false: they do not fit, and none were added */
bool backlog_add(struct backlog *backlog, const uint8_t *bytes, size_t length);

/** How many bytes backlog_add() takes. */
size_t backlog_room(struct backlog *backlog);

/**
 * Waits until all is written, and ends the thread. A signal that asks to end (base/interrupt.h)
 * leaves the reader half a second, and a write that then still waits one more; such a write ends
 * with its file or with the program.
 *
 * @return bytes that were not written
 */
size_t backlog_end(struct backlog *backlog);

#endif
