/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What real ports and pseudo-terminals differ in. Internal to the room.
 */
#ifndef SNIFFER_PORT_BACKEND_H
#define SNIFFER_PORT_BACKEND_H

#include "port/serial_options.h"

/** errno says what went wrong where open returns NULL. */
struct serial_backend {
    bool is_pty;
    /** Opens it without waiting. @param[out] fd @return the back end's own handle */
    void *(*open)(const char *path, enum serial_access access, int *fd);
    void (*close)(void *handle);
};

extern const struct serial_backend serial_real; /**< libserialport */
extern const struct serial_backend serial_pty;  /**< termios */

#endif
