/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The option --device.
 */
#ifndef SNIFFER_CLI_DEVICE_OPTION_H
#define SNIFFER_CLI_DEVICE_OPTION_H

#include <stdbool.h>

/** const char *: the value, kept, as struct source_options wants it. @return as option_row.parse()
 */
bool option_device(void *text, const char *value);

#endif
