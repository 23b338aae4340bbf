/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A real port, through libserialport.
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

static enum sp_parity parity_of(enum btap_parity parity)
{
    switch (parity) {
    case BTAP_PARITY_NONE:
        return SP_PARITY_NONE;
    case BTAP_PARITY_ODD:
        return SP_PARITY_ODD;
    case BTAP_PARITY_EVEN:
        return SP_PARITY_EVEN;
    case BTAP_PARITY_MARK:
        return SP_PARITY_MARK;
    case BTAP_PARITY_SPACE:
        return SP_PARITY_SPACE;
    case BTAP_PARITY_UNKNOWN:
        break;
    }
    return SP_PARITY_INVALID; /* leaves it alone */
}

/** All at once: one by one a port would run for a moment with a mixture. */
static bool configure(void *handle, const struct btap_serial_settings *settings)
{
    const struct real *real = handle;
    struct sp_port_config *config;
    bool done;

    /* What a new configuration does not name, the lines among it, stays as it is. */
    if (!succeeded(sp_new_config(&config)))
        return false;
    sp_set_config_baudrate(config, (int)settings->baud);
    sp_set_config_bits(config, settings->data_bits);
    sp_set_config_parity(config, parity_of(settings->parity));
    sp_set_config_stopbits(config, settings->half_stop_bits > 2 ? 2 : 1);
    done = succeeded(sp_set_config(real->port, config));
    sp_free_config(config);
    return done;
}

const struct serial_backend serial_real = {
    .is_pty = false,
    .open = open_real,
    .close = close_real,
    .configure = configure,
};
