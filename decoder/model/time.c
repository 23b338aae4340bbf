/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Times of damaged captures: the one place that says what becomes of them.
 */
#include <stdbool.h>

#include "boottap/types.h"

#define NS_PER_SECOND 1000000000

btap_ns btap_time_within(btap_ns time)
{
    if (time < 0)
        return 0;
    return time < BTAP_TIME_MAX ? time : BTAP_TIME_MAX;
}

btap_ns btap_time_of(int64_t seconds, int64_t ns)
{
    const int64_t limit = BTAP_TIME_MAX / NS_PER_SECOND;
    const bool is_part = ns >= 0 && ns < 2 * (int64_t)NS_PER_SECOND;

    if (seconds < 0 || seconds > limit)
        return seconds < 0 ? 0 : BTAP_TIME_MAX;
    return btap_time_within(seconds * NS_PER_SECOND + (is_part ? ns : 0));
}

btap_ns btap_ns_sum(btap_ns a, btap_ns b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}
