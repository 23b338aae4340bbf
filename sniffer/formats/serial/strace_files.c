/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/serial/strace_files.h"

#include <ctype.h>
#include <string.h>

static struct strace_process *find_process(struct strace_files *files, uint64_t pid)
{
    for (size_t i = 0; i < files->processes_length; i++)
        if (files->processes[i].pid == pid)
            return &files->processes[i];
    if (files->processes_length == STRACE_PROCESSES_MAX)
        return NULL;
    files->processes[files->processes_length] = (struct strace_process){pid, files->program};
    return &files->processes[files->processes_length++];
}

uint32_t strace_program(struct strace_files *files, uint64_t pid)
{
    const struct strace_process *process = find_process(files, pid);

    return process != NULL ? process->program : files->program;
}

static struct strace_file *find(struct strace_files *files, uint32_t program, uint32_t fd)
{
    for (size_t i = 0; i < STRACE_FILES_MAX; i++)
        if (files->files[i].used && files->files[i].program == program && files->files[i].fd == fd)
            return &files->files[i];
    return NULL;
}

void strace_executed(struct strace_files *files, uint64_t pid)
{
    struct strace_process *process = find_process(files, pid);
    const uint32_t before = process != NULL ? process->program : files->program;

    files->program++;
    if (process != NULL)
        process->program = files->program;
    for (size_t i = 0; i < STRACE_FILES_MAX; i++) {
        const struct strace_file *file = &files->files[i];
        struct strace_file *copy;

        if (!file->used || file->program != before || file->kind != STRACE_PORT)
            continue;
        copy = strace_file(files, files->program, file->fd);
        if (copy == NULL)
            return;
        *copy = *file;
        copy->program = files->program;
    }
}

struct strace_file *strace_file(struct strace_files *files, uint32_t program, uint32_t fd)
{
    struct strace_file *file = find(files, program, fd);

    for (size_t i = 0; file == NULL && i < STRACE_FILES_MAX; i++)
        if (!files->files[i].used) {
            file = &files->files[i];
            *file = (struct strace_file){.used = true, .program = program, .fd = fd};
        }
    return file;
}

void strace_forget(struct strace_files *files, uint32_t program, uint32_t fd)
{
    struct strace_file *file = find(files, program, fd);

    if (file != NULL)
        file->used = false;
}

/** Whether a path is a serial port's, or a pseudo-terminal's that stands for one; not a console's.
 */
static bool is_port(const char *path)
{
    static const char *const starts[] = {"/dev/tty",    "/dev/pts/", "/dev/serial/",
                                         "/dev/rfcomm", "/dev/cu.",  "/dev/cua"};
    const char *rest;

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (strncmp(path, starts[i], strlen(starts[i])) != 0)
            continue;
        rest = path + strlen(starts[i]);
        return i > 0 || isalpha((unsigned char)*rest);
    }
    return false;
}

void strace_opened(struct strace_file *file, const char *path)
{
    const char *last = strrchr(path, '/');

    file->kind = is_port(path) ? STRACE_PORT : STRACE_FILE;
    if (strncmp(path, "/dev/pts/", strlen("/dev/pts/")) == 0)
        last = path + strlen("/dev");
    file->name[0] = '\0';
    strncat(file->name, last != NULL ? last + 1 : path, sizeof(file->name) - 1);
    /* Opening a port raises both. */
    file->lines = BTAP_LINE_DTR | BTAP_LINE_RTS;
    file->settings = (struct btap_serial_settings){0};
}
