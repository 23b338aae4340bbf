/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The descriptors of the processes that strace followed: which of them are serial ports.
 */
#ifndef SNIFFER_FORMATS_SERIAL_STRACE_FILES_H
#define SNIFFER_FORMATS_SERIAL_STRACE_FILES_H

#include "boottap/event.h"
#include "boottap/link.h"
#include "formats/serial/strace_call.h"

/** Open descriptors that are kept, of all programs. */
#define STRACE_FILES_MAX 512

/** Processes that are kept. */
#define STRACE_PROCESSES_MAX 256

/** What a descriptor is. */
enum strace_kind {
    STRACE_NOT_SEEN, /**< its opening is not in the log */
    STRACE_FILE,
    STRACE_PORT,
};

struct strace_file {
    bool used;
    uint32_t program; /**< whose descriptor it is */
    uint32_t fd;
    enum strace_kind kind;
    char name[BTAP_INTERFACE_NAME_SIZE];
    uint8_t lines; /**< that are active: enum btap_serial_line */
    struct btap_serial_settings settings;
};

struct strace_process {
    uint64_t pid;
    uint32_t program;
};

/** Start with zero. */
struct strace_files {
    uint32_t program; /**< the one that was started last */
    size_t processes_length;
    struct strace_process processes[STRACE_PROCESSES_MAX];
    struct strace_file files[STRACE_FILES_MAX];
};

/** The program that a process runs; one that was not seen before runs the newest. */
uint32_t strace_program(struct strace_files *files, uint64_t pid);

/** A process starts a program, which keeps its ports. */
void strace_executed(struct strace_files *files, uint64_t pid);

/** The descriptor's entry; a new one where it was not seen yet. NULL: no room. */
struct strace_file *strace_file(struct strace_files *files, uint32_t program, uint32_t fd);

/** It was closed, or means something else from here on. */
void strace_forget(struct strace_files *files, uint32_t program, uint32_t fd);

/** Opened as a path: a serial port, or another file. */
void strace_opened(struct strace_file *file, const char *path);

#endif
