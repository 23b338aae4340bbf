/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The threads that are followed, of the tool and of all that it started.
 */
#ifndef SNIFFER_TRACE_THREADS_H
#define SNIFFER_TRACE_THREADS_H

#include "trace/calls.h"
#include "trace/files.h"

struct thread {
    struct trace_call call; /**< the one in hand, or the last one */
    bool in_call;           /**< between the stops at a call's entry and its end */
    enum call_role role;    /**< of the call in hand; CALL_OTHER: it is not looked at */
    bool waited_for;        /**< order_begin() was told of it */
    struct open_file *file; /**< that it is about, held */
    struct files *files;    /**< NULL: it waits until its parent tells of it */
};

struct threads {
    struct thread **list;
    size_t length;
    size_t room;
    struct thread *last; /**< found last; NULL: none */
};

/** @return NULL: not known */
struct thread *threads_find(struct threads *threads, pid_t id);

/** Adds one; its files are for the caller to set. */
struct thread *threads_add(struct threads *threads, pid_t id, pid_t process);

/** Ends one: what it holds is released. */
void threads_remove(struct threads *threads, struct thread *thread, btap_ns time);

#endif
