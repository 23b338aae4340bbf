/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The status line while a tool is flashing: what, where, how many bytes, how fast, what was
 * refused, and how long it will take where the firmware is known.
 */
#ifndef SNIFFER_WATCH_PROGRESS_H
#define SNIFFER_WATCH_PROGRESS_H

#include "sessions/sessions.h"

/** Room for progress_text()'s longest answer. */
#define PROGRESS_TEXT_SIZE 320

/**
 * What a session has done so far, in words.
 *
 * @param transaction its last one
 * @param expected bytes of the firmware; 0 not known
 * @param now ns since 1970
 * @return text
 */
const char *progress_text(const struct session_link *link,
                          const struct btap_transaction *transaction, uint64_t expected,
                          btap_ns now, char *text, size_t size);

#endif
