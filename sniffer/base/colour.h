/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Colours, and whether to print in them: --color[=WHEN].
 */
#ifndef SNIFFER_BASE_COLOUR_H
#define SNIFFER_BASE_COLOUR_H

#include <stdbool.h>

/* A terminal's control sequences */
#define RED   "\033[31m"
#define GREEN "\033[32m"
#define CYAN  "\033[36m"
#define BOLD  "\033[1m"
#define RESET "\033[0m"

/** Whether to print in colour on a descriptor: it is a terminal that can, and NO_COLOR is not set.
 */
bool colour_on(int fd);

/**
 * @param when always, never, or auto: where standard output is a terminal that can and NO_COLOR is
 *        not set; NULL as always, as other programs understand --color alone
 * @return false if it is none of these
 */
bool colour_by_name(const char *when, bool *colour);

#endif
