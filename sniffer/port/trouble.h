/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Why a port cannot be opened, and what to do: one message.
 */
#ifndef SNIFFER_PORT_TROUBLE_H
#define SNIFFER_PORT_TROUBLE_H

#include <stdbool.h>

/**
 * Says why a port was not opened.
 *
 * @param path as the user named it
 * @param device where it leads to; the same where that is not there
 * @param cause errno of opening it
 */
void trouble_explain(const char *path, const char *device, int cause);

/** Says so if another program has the port open too, and takes a part of its bytes. */
void trouble_warn_of_others(const char *path, const char *device);

#endif
