/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A real port, opened by libserialport. Rate and framing are set by the kernel's interface
 * (port/termios2.h): the library would set DTR and RTS anew with them.
 */
#include <errno.h>
#include <libserialport.h>
#include <stdlib.h>

#include "base/allocate.h"
#include "port/backend.h"

struct real {
    struct sp_port *port;
};

static void close_real(void *handle)
{
    struct real *real = handle;
    const int cause = errno;

    sp_close(real->port);
    sp_free_port(real->port);
    free(real);
    errno = cause;
}

/** Sets errno where the library has an error of its own, and none of the system's. */
static bool succeeded(enum sp_return result)
{
    if (result == SP_OK)
        return true;
    if (result != SP_ERR_FAIL)
        errno = result == SP_ERR_MEM ? ENOMEM : EINVAL;
    return false;
}

static void *open_real(const char *path, enum serial_access access, int *fd)
{
    const enum sp_mode mode = access == SERIAL_TALKS ? SP_MODE_READ_WRITE : SP_MODE_READ;
    struct sp_port *port;
    struct real *real;

    if (!succeeded(sp_get_port_by_name(path, &port)))
        return NULL;
    if (!succeeded(sp_open(port, mode))) {
        const int cause = errno;

        sp_free_port(port);
        errno = cause;
        return NULL;
    }
    real = allocate(sizeof(*real));
    real->port = port;
    if (succeeded(sp_get_port_handle(port, fd)))
        return real;
    close_real(real);
    return NULL;
}

const struct serial_backend serial_real = {
    .is_pty = false,
    .open = open_real,
    .close = close_real,
};
