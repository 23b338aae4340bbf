/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tables of descriptors, one for all threads of a process, and the open file descriptions that they
 * lead to, as far as these are followed.
 *
 * A descriptor that the table does not know is looked at when a call uses it; so what was
 * inherited, or came by a way that is not followed, is found when it matters.
 */
#ifndef SNIFFER_TRACE_FILES_H
#define SNIFFER_TRACE_FILES_H

#include "trace/kinds.h"

/** Descriptors below it are remembered as not followed; others are looked at each time. */
#define FILES_PLAIN_MAX 1024

/** An open file description that is followed. */
struct open_file {
    struct trace_file *traced;
    unsigned int references; /**< descriptors, and calls in hand */
    dev_t device;
    ino_t inode;
};

struct files_entry;

struct files {
    unsigned int references; /**< threads */
    uint8_t plain[FILES_PLAIN_MAX / 8];
    struct files_entry *entries;
    size_t length;
    size_t room;
};

/** A table of which nothing is known. */
struct files *files_create(void);

/** The table of a new process. */
struct files *files_copy(const struct files *files);

/** The table of a new thread: the same. */
struct files *files_share(struct files *files);

/** A thread ended. @param time of its descriptors' end, if it was the last one */
void files_release(struct files *files, btap_ns time);

/** What a descriptor leads to. @return NULL: it is not followed */
struct open_file *files_find(struct files *files, const struct kinds *kinds,
                             const struct trace_call *call, int fd);

/** A call gave a new descriptor. */
void files_opened(struct files *files, const struct kinds *kinds, const struct trace_call *call);

/** A call gave a descriptor of the same description as another. */
void files_duplicated(struct files *files, const struct kinds *kinds,
                      const struct trace_call *call);

/** Takes a descriptor out. @return what it led to, now the caller's; NULL: it was not followed */
struct open_file *files_close(struct files *files, int fd);

/** Takes the descriptors from first to last out. */
void files_close_range(struct files *files, unsigned int first, unsigned int last, btap_ns time);

/** Another program was executed: some descriptors closed. */
void files_executed(struct files *files, const struct trace_call *call);

struct open_file *open_file_hold(struct open_file *file);
void open_file_release(struct open_file *file, btap_ns time);

#endif
