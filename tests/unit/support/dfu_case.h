/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One DFU conversation and what was told of it, for test programs that play one a test.
 */
#ifndef BOOTTAP_DFU_CASE_H
#define BOOTTAP_DFU_CASE_H

#include "dfu_session.h"
#include "test.h"

extern struct session session;
extern struct collector collector;

/** Set-up: a conversation without events. */
int dfu_case_start(void **state);
/** Set-up: a conversation that begins with a GETSTATUS, transaction 1. */
int dfu_case_start_joined(void **state);
/** Tear-down */
int dfu_case_stop(void **state);

/** session_play() of this conversation. */
void dfu_case_play(void);
/** session_expect_end() of what was told. */
const struct btap_transaction *dfu_case_expect(size_t n, enum btap_command command,
                                               enum btap_status status, enum btap_phase phase);

#endif
