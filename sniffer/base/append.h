/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Text in a buffer that grows piece by piece.
 */
#ifndef SNIFFER_BASE_APPEND_H
#define SNIFFER_BASE_APPEND_H

#include <stddef.h>

/**
 * Appends what printf() would print; what has no room is cut off.
 *
 * @param text ends with a zero within size, before and after
 */
void append_format(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
