/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether to print in colour: --color[=WHEN].
 */
#ifndef SNIFFER_BASE_COLOUR_H
#define SNIFFER_BASE_COLOUR_H

#include <stdbool.h>

/**
 * @param when always, never, or auto: where standard output is a terminal that can and NO_COLOR is
 *        not set; NULL as always, as other programs understand --color alone
 * @return false if it is none of these
 */
bool colour_by_name(const char *when, bool *colour);

#endif
