/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The end of a pseudo-terminal that another program (Renode, QEMU, socat) offers as a serial port.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/allocate.h"
#include "port/backend.h"
#include "port/termios2.h"

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

/** The kernel refuses parity where nothing else changes, and drops it elsewhere. */
static bool configure(void *handle, const struct btap_serial_settings *settings)
{
    const struct pty_end *end = handle;
    struct btap_serial_settings without = *settings;

    without.parity = BTAP_PARITY_NONE;
    return termios2_configure(end->fd, &without);
}

const struct serial_backend serial_pty = {
    .is_pty = true,
    .open = open_end,
    .close = close_end,
    .configure = configure,
};
