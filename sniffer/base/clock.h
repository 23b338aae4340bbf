/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The two clocks of the program.
 */
#ifndef SNIFFER_BASE_CLOCK_H
#define SNIFFER_BASE_CLOCK_H

#include "boottap/types.h"

#define CLOCK_NS_PER_SECOND 1000000000
#define CLOCK_NS_PER_MS     1000000

/** The time of day, ns since 1970: what records are stamped with. It may jump. */
btap_ns clock_now(void);

/** For deadlines: ns since some moment; it never jumps. */
btap_ns clock_monotonic(void);

#endif
