/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes that flash memory may not take as they were sent, though the bootloader acknowledges them.
 */
#ifndef DECODER_SESSION_RISKS_H
#define DECODER_SESSION_RISKS_H

#include "boottap/session.h"

/** Adds to a write's effect what endangers it, and counts it in the session. */
void session_risks_of_write(struct btap_session_tracker *tracker,
                            const struct btap_transaction *transaction, struct btap_effect *write);

/** Takes note of a read or an erase, which may endanger or save the writes after it. */
void session_risks_after(struct btap_session_tracker *tracker, const struct btap_effect *effect);

#endif
