/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The words and arrows by which logs of a serial line tell who sent a byte.
 */
#ifndef SNIFFER_FORMATS_SERIAL_MARKS_H
#define SNIFFER_FORMATS_SERIAL_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "boottap/types.h"

/** Longest mark that may be named. */
#define MARKS_SIZE 32

/**
 * Names the two marks of the logs that are read from now on; what is known by itself stays known.
 *
 * @param pair the host's mark, a comma, the device's: `ttyS0,ttyS1`
 * @return false: it is no such pair, and nothing changed
 */
bool marks_set(const char *pair);

/** Whether marks_set() was called. */
bool marks_are_set(void);

/**
 * Who sends where a whole mark stands, capitals or not: `TX`, `-->`, `Device`.
 *
 * @param mark length bytes, which need no terminating zero
 */
enum btap_direction marks_find(const char *mark, size_t length);

/** The same for a label, one word of which may be a mark: `UART TX`, `rx-data`. */
enum btap_direction marks_in(const char *label);

#endif
