/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace/threads.h"

#include <stdlib.h>

#include "base/allocate.h"

struct thread *threads_find(struct threads *threads, pid_t id)
{
    if (threads->last != NULL && threads->last->call.thread == id)
        return threads->last;
    for (size_t i = 0; i < threads->length; i++)
        if (threads->list[i]->call.thread == id) {
            threads->last = threads->list[i];
            return threads->last;
        }
    return NULL;
}

struct thread *threads_add(struct threads *threads, pid_t id, pid_t process)
{
    struct thread *thread = allocate(sizeof(*thread));

    thread->call.thread = id;
    thread->call.process = process;
    threads->list = grow(threads->list, threads->length, &threads->room, sizeof(struct thread *));
    threads->list[threads->length++] = thread;
    return thread;
}

void threads_remove(struct threads *threads, struct thread *thread, btap_ns time)
{
    for (size_t i = 0; i < threads->length; i++)
        if (threads->list[i] == thread) {
            threads->list[i] = threads->list[--threads->length];
            break;
        }
    threads->last = NULL;
    if (thread->file != NULL)
        open_file_release(thread->file, time);
    if (thread->files != NULL)
        files_release(thread->files, time);
    free(thread);
}
