/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The sessions of a capture, link by link, each with its verdict. What is read back is compared
 * with what was written before in the session.
 */
#ifndef SNIFFER_SESSIONS_SESSIONS_H
#define SNIFFER_SESSIONS_SESSIONS_H

#include "boottap/diagnosis.h"
#include "boottap/sink.h"
#include "boottap/tap.h"

/** A session that is over. */
struct session {
    struct btap_link link; /**< a copy: the link itself may be gone */
    struct btap_session facts;
    struct btap_diagnosis diagnosis;
};

/** Sessions of a file that are kept. */
#define SESSIONS_MAX 1000

struct sessions_link;

/** The sessions of one file. Readers use list and length, after sessions_finish(). */
struct sessions {
    const struct btap_tap *tap;
    size_t length;
    size_t size;
    struct session *list;    /**< in the order in which they ended */
    uint64_t omitted;        /**< sessions after the first SESSIONS_MAX */
    uint64_t omitted_failed; /**< of them: failed or cut short */
    size_t links_length;
    size_t links_size;
    struct sessions_link **links;
    struct sessions_link *recent;
};

/** @param tap whose sink calls the functions below; not NULL, kept */
void sessions_init(struct sessions *sessions, const struct btap_tap *tap);

/* For a sink: context is a struct sessions. They may be called from another sink's functions. */
void sessions_data(void *context, const struct btap_link *link, const struct btap_data *data);
void sessions_note(void *context, const struct btap_link *link, uint64_t n,
                   const struct btap_note *note);
void sessions_transaction(void *context, const struct btap_link *link,
                          const struct btap_transaction *transaction);

/** Ends the capture; call it after the tap's end. Sorts the list by the time of the sessions. */
void sessions_finish(struct sessions *sessions);

/** How many sessions are over, those left out too. */
uint64_t sessions_count(const struct sessions *sessions);

void sessions_release(struct sessions *sessions);

/** Whether it failed or is cut short. */
bool session_failed(const struct btap_diagnosis *diagnosis);

#endif
