/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dfu_case.h"

struct session session;
struct collector collector;

int dfu_case_start(void **state)
{
    (void)state;
    session_init(&session);
    return 0;
}

int dfu_case_start_joined(void **state)
{
    dfu_case_start(state);
    session_getstatus(&session, 0, 0, IDLE);
    return 0;
}

int dfu_case_stop(void **state)
{
    (void)state;
    collector_release(&collector);
    return 0;
}

void dfu_case_play(void)
{
    session_play(&session, &collector);
}

const struct btap_transaction *dfu_case_expect(size_t n, enum btap_command command,
                                               enum btap_status status, enum btap_phase phase)
{
    return session_expect_end(&collector, n, command, status, phase);
}
