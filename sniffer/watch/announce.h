/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Failed commands, told at the moment they fail.
 */
#ifndef SNIFFER_WATCH_ANNOUNCE_H
#define SNIFFER_WATCH_ANNOUNCE_H

#include "sessions/sessions.h"

/** Tells a transaction that is a failure of its session, after the session's facts took it. */
void announce_transaction(const struct session_link *link,
                          const struct btap_transaction *transaction);

#endif
