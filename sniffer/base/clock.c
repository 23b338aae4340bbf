/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"

#include <time.h>

static btap_ns read_clock(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (btap_ns)time.tv_sec * CLOCK_NS_PER_SECOND + time.tv_nsec;
}

btap_ns clock_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

btap_ns clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}
