/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The verdict on each session of a link that failed or is cut short, in the words of the core.
 */
#ifndef STM32BOOT_VERDICT_H
#define STM32BOOT_VERDICT_H

#include <epan/packet.h>

#include "boottap/diagnosis.h"
#include "boottap/tap.h"

/** A part of what is found: what happened, why, what to do. */
struct shown_words {
    struct shown_words *next;
    const char *text;
};

/** What is to be told of a session; in Wireshark's file scope. */
struct shown_verdict {
    struct shown_verdict *next;
    enum btap_verdict verdict;
    const char *text;
    struct shown_words *words; /**< of its causes and doubts, the likeliest first */
};

/** Consumes a verdict. @param packet the last one of its session */
typedef void verdict_handler(void *context, guint64 packet, struct shown_verdict *verdict);

/** The sessions of a link. */
struct verdict_tracker;

/** @param handler called for sessions that failed or are cut short. @return in the file scope */
struct verdict_tracker *verdict_tracker_new(enum btap_transport transport, verdict_handler *handler,
                                            void *context);

/** Consumes a finished transaction of the link. @param tap whose sink calls this */
void verdict_transaction(struct verdict_tracker *tracker, const struct btap_tap *tap,
                         const struct btap_link *link, const struct btap_transaction *transaction);

/** The number of the link's newest session; 0 before the first. */
guint32 verdict_session(const struct verdict_tracker *tracker);

/** Consumes a note of the link that belongs to no transaction. */
void verdict_note(struct verdict_tracker *tracker, const struct btap_tap *tap,
                  const struct btap_link *link, const struct btap_note *note);

/** Ends the capture. */
void verdict_finish(struct verdict_tracker *tracker, const struct btap_tap *tap,
                    const struct btap_link *link);

#endif
