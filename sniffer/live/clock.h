/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The clocks of live traffic.
 */
#ifndef SNIFFER_LIVE_CLOCK_H
#define SNIFFER_LIVE_CLOCK_H

#include <time.h>

#include "boottap/types.h"

#define CLOCK_MS 1000000

static inline btap_ns clock_read(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (btap_ns)now.tv_sec * 1000000000 + now.tv_nsec;
}

/** Since 1970: when a record came. */
static inline btap_ns clock_of_records(void)
{
    return clock_read(CLOCK_REALTIME);
}

/** That of deadlines: nobody sets it. */
static inline btap_ns clock_of_deadlines(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

#endif
