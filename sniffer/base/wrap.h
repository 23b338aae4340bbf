/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Help, in lines that fit 80 columns.
 */
#ifndef SNIFFER_BASE_WRAP_H
#define SNIFFER_BASE_WRAP_H

#include <stdio.h>

/** Characters in a line. */
#define WRAP_WIDTH 80

/**
 * Prints text. Lines that start without a space are one paragraph. Others stand for themselves; one
 * that is too long goes on under its last column, where two spaces or more set columns apart, or
 * else under its start.
 */
void wrap_print(const char *text, FILE *to);

#endif
