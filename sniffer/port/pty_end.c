/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The end of a pseudo-terminal that another program (Renode, QEMU, socat) offers as a serial port.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/allocate.h"
#include "port/backend.h"

struct pty_end {
    int fd;
};

static void close_end(void *handle)
{
    struct pty_end *end = handle;

    close(end->fd);
    free(end);
}

static void *open_end(const char *path, enum serial_access access, int *fd)
{
    const int mode = access == SERIAL_TALKS ? O_RDWR : O_RDONLY;
    struct pty_end *end;

    *fd = open(path, mode | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (*fd < 0)
        return NULL;
    end = allocate(sizeof(*end));
    end->fd = *fd;
    return end;
}

const struct serial_backend serial_pty = {
    .is_pty = true,
    .open = open_end,
    .close = close_end,
};
