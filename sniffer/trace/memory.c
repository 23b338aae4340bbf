/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tool's memory.
 */
#include "trace/memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/** Parts of a vector that are read at a time. */
#define VECTOR_PARTS 64

/** The least page of a machine: a string that ends in one may have nothing behind it. */
#define PAGE ((size_t)4096)

/** Where process_vm_readv() is forbidden and ptrace is not, as in some containers. */
static bool read_by_file(pid_t thread, uint64_t address, void *bytes, size_t length)
{
    char path[32];
    ssize_t got;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/mem", thread);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    got = pread(fd, bytes, length, (off_t)address);
    close(fd);
    return got == (ssize_t)length;
}

bool trace_read(const struct trace_call *call, uint64_t address, void *bytes, size_t length)
{
    const struct iovec to = {bytes, length};
    const struct iovec from = {(void *)(uintptr_t)address, length};

    return syscall(SYS_process_vm_readv, call->thread, &to, 1UL, &from, 1UL, 0UL) == (long)length ||
           read_by_file(call->thread, address, bytes, length);
}

size_t trace_read_vector_at(const struct trace_call *call, uint64_t vector, uint64_t count,
                            uint64_t offset, uint8_t *bytes, size_t length)
{
    struct iovec parts[VECTOR_PARTS] = {{NULL, 0}};
    size_t have = 0;

    if (count > TRACE_VECTORS_MAX)
        count = TRACE_VECTORS_MAX;
    for (uint64_t i = 0; i < count && have < length; i++) {
        const struct iovec *part = &parts[i % VECTOR_PARTS];
        size_t size = length - have;

        if (i % VECTOR_PARTS == 0) {
            const uint64_t left = count - i < VECTOR_PARTS ? count - i : VECTOR_PARTS;

            if (!trace_read(call, vector + i * sizeof(*part), parts, left * sizeof(*part)))
                return have;
        }
        if (offset >= part->iov_len) {
            offset -= part->iov_len;
            continue;
        }
        if (size > part->iov_len - offset)
            size = part->iov_len - (size_t)offset;
        if (!trace_read(call, (uintptr_t)part->iov_base + offset, bytes + have, size))
            return have;
        have += size;
        offset = 0;
    }
    return have;
}

size_t trace_read_vector(const struct trace_call *call, uint64_t vector, uint64_t count,
                         uint8_t *bytes, size_t length)
{
    return trace_read_vector_at(call, vector, count, 0, bytes, length);
}

bool memory_read_string(const struct trace_call *call, uint64_t address, char *text, size_t size)
{
    size_t have = 0;

    while (have < size) {
        size_t part = PAGE - (size_t)((address + have) % PAGE);

        if (part > size - have)
            part = size - have;
        if (!trace_read(call, address + have, text + have, part))
            return false;
        if (memchr(text + have, '\0', part) != NULL)
            return true;
        have += part;
    }
    return false;
}
