/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "trace/calls.h"

struct files_entry {
    int fd;
    struct open_file *file;
};

struct open_file *open_file_hold(struct open_file *file)
{
    file->references++;
    return file;
}

void open_file_release(struct open_file *file, btap_ns time)
{
    if (--file->references > 0)
        return;
    file->traced->kind->close(file->traced, time);
    free(file);
}

struct files *files_create(void)
{
    struct files *files = allocate(sizeof(*files));

    files->references = 1;
    return files;
}

static void add(struct files *files, int fd, struct open_file *file)
{
    files->entries = grow(files->entries, files->length, &files->room, sizeof(*files->entries));
    files->entries[files->length++] = (struct files_entry){fd, file};
}

struct files *files_copy(const struct files *files)
{
    struct files *copy = files_create();

    memcpy(copy->plain, files->plain, sizeof(copy->plain));
    for (size_t i = 0; i < files->length; i++)
        add(copy, files->entries[i].fd, open_file_hold(files->entries[i].file));
    return copy;
}

struct files *files_share(struct files *files)
{
    files->references++;
    return files;
}

void files_release(struct files *files, btap_ns time)
{
    if (--files->references > 0)
        return;
    for (size_t i = 0; i < files->length; i++)
        open_file_release(files->entries[i].file, time);
    free(files->entries);
    free(files);
}

static void set_plain(struct files *files, int fd, bool plain)
{
    const uint8_t bit = (uint8_t)(1u << (fd & 7));

    if (fd < 0 || fd >= FILES_PLAIN_MAX)
        return;
    if (plain)
        files->plain[fd / 8] |= bit;
    else
        files->plain[fd / 8] &= (uint8_t)~bit;
}

static bool is_plain(const struct files *files, int fd)
{
    return fd < 0 || (fd < FILES_PLAIN_MAX && (files->plain[fd / 8] >> (fd & 7) & 1) != 0);
}

/** Looks at a descriptor of which nothing is known. */
static struct open_file *look_at(struct files *files, const struct kinds *kinds,
                                 const struct trace_call *call, int fd)
{
    struct stat status;
    struct trace_file *traced = kinds_open(kinds, call, fd, &status);
    struct open_file *file;

    set_plain(files, fd, traced == NULL);
    if (traced == NULL)
        return NULL;
    file = allocate(sizeof(*file));
    *file = (struct open_file){traced, 1, status.st_dev, status.st_ino};
    add(files, fd, file);
    return file;
}

struct open_file *files_find(struct files *files, const struct kinds *kinds,
                             const struct trace_call *call, int fd)
{
    if (is_plain(files, fd))
        return NULL;
    for (size_t i = 0; i < files->length; i++)
        if (files->entries[i].fd == fd)
            return files->entries[i].file;
    return look_at(files, kinds, call, fd);
}

struct open_file *files_close(struct files *files, int fd)
{
    set_plain(files, fd, false);
    for (size_t i = 0; i < files->length; i++)
        if (files->entries[i].fd == fd) {
            struct open_file *file = files->entries[i].file;

            files->entries[i] = files->entries[--files->length];
            return file;
        }
    return NULL;
}

/** Forgets a descriptor whose number is another's now. */
static void forget(struct files *files, int fd, btap_ns time)
{
    struct open_file *file = files_close(files, fd);

    if (file != NULL)
        open_file_release(file, time);
}

void files_opened(struct files *files, const struct kinds *kinds, const struct trace_call *call)
{
    const int fd = (int)call->result;

    forget(files, fd, call->time);
    if (call_opens_file(call))
        look_at(files, kinds, call, fd);
    else
        set_plain(files, fd, true);
}

void files_duplicated(struct files *files, const struct kinds *kinds, const struct trace_call *call)
{
    const int from = (int)call->arguments[0];
    const int to = (int)call->result;
    struct open_file *file;

    if (from == to)
        return;
    file = files_find(files, kinds, call, from);
    forget(files, to, call->time);
    if (file != NULL)
        add(files, to, open_file_hold(file));
    else
        set_plain(files, to, true);
}

void files_close_range(struct files *files, unsigned int first, unsigned int last, btap_ns time)
{
    for (unsigned int fd = first; fd <= last && fd < FILES_PLAIN_MAX; fd++)
        set_plain(files, (int)fd, false);
    for (size_t i = files->length; i-- > 0;) {
        const unsigned int fd = (unsigned int)files->entries[i].fd;

        if (fd >= first && fd <= last)
            forget(files, (int)fd, time);
    }
}

void files_executed(struct files *files, const struct trace_call *call)
{
    memset(files->plain, 0, sizeof(files->plain));
    for (size_t i = files->length; i-- > 0;) {
        const struct files_entry entry = files->entries[i];
        char link[48];
        struct stat status;

        snprintf(link, sizeof(link), "/proc/%d/fd/%d", call->thread, entry.fd);
        if (stat(link, &status) != 0 || status.st_dev != entry.file->device ||
            status.st_ino != entry.file->inode)
            forget(files, entry.fd, call->time);
    }
}
