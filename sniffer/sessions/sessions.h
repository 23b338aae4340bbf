/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The sessions of a capture, link by link, with all that is known of each: its facts, its
 * diagnosis, and what it did to memory. One pass cuts them for everybody.
 */
#ifndef SNIFFER_SESSIONS_SESSIONS_H
#define SNIFFER_SESSIONS_SESSIONS_H

#include "boottap/diagnosis.h"
#include "boottap/sink.h"
#include "boottap/tap.h"
#include "sessions/effect.h"
#include "sessions/links.h"

/** A session that is over. */
struct session {
    struct btap_link link; /**< a copy: the link itself may be gone */
    struct btap_session facts;
    struct btap_diagnosis diagnosis;
    struct effect *effect; /**< NULL if it has no transactions, or effects are not kept */
    void *own;             /**< the observer's */
};

/** A link while its traffic goes by. */
struct session_link {
    struct btap_link link;
    const struct btap_usb_device *device; /**< behind a USB link; NULL if not known */
    struct payload payload;               /**< of the transaction in hand */
    struct effect *effect;                /**< of the session in hand; NULL before a transaction */
    struct btap_effect write;             /**< of the transaction in hand: what endangers it */
    void *own; /**< the observer's, of the session in hand; NULL at first */

    struct sessions *sessions;
    struct btap_session_tracker tracker;
    struct btap_session_sink sink;
};

/** Follows the sessions beside their list. Any member but context may be NULL. */
struct session_observer {
    void *context;
    /** A finished transaction of the session in hand, after its effects. */
    void (*transaction)(void *context, struct session_link *link,
                        const struct btap_transaction *transaction);
    /** One thing that a transaction did to memory; before transaction is called for it. */
    void (*effect)(void *context, struct session_link *link,
                   const struct btap_transaction *transaction, const struct btap_effect *effect);
    /** A note that belongs to no transaction, of the session in hand. */
    void (*note)(void *context, struct session_link *link, const struct btap_note *note);
    /** Frees what link->own of a session points to that found no room; never with NULL. */
    void (*drop)(void *own);
};

/** Bytes of a file's sessions that are kept: a quarter of the program's memory. A session takes 0.5
 * to 20 kB, by what happened in it, beside the memory that it wrote. */
#define SESSIONS_BYTES_MAX ((size_t)4 << 20)

/** A session as it is kept. */
struct kept_session {
    uint64_t first_packet;
    uint8_t *packed;       /**< for sessions_at() */
    struct effect *effect; /**< as in struct session */
    void *own;
};

/** Links whose sessions were counted, that are remembered when they are given up for others. */
#define SESSIONS_COUNTS_MAX 4096

/** The sessions of one file. Readers use its members after sessions_finish(). */
struct sessions {
    const struct btap_tap *tap;
    const struct session_observer *observer; /**< NULL if there is none */
    bool keep_effects;                       /**< what was done to memory stays with its session */
    bool keep_reads;                         /**< what was read too */
    size_t kept_max;                         /**< sessions that are kept at most */
    size_t bytes;                            /**< that they take */
    size_t pages;                            /**< of memory that may still be kept; counted down */
    uint64_t summable;                       /**< bytes that may still be summed up; counted down */
    size_t length;
    size_t room;
    struct kept_session *list; /**< by the packet with which they begin; for sessions_at() */
    struct session *shown;     /**< what sessions_at() returned; NULL: nothing yet */
    uint64_t omitted;          /**< sessions that ended when there was no more room */
    uint64_t omitted_failed;   /**< of them: failed or cut short */
    bool omitted_wrote;        /**< one of them wrote, or tried to */
    uint64_t omitted_transactions;
    size_t effects_length;
    struct effect **effects; /**< those that were kept, in the order of the list */
    struct links links;      /**< a struct session_link each, not more than LINKS_KEPT_MAX */
    struct links counts;     /**< of links that were given up, how far they got */
};

/** @param tap whose sink calls the functions below; not NULL, kept */
void sessions_init(struct sessions *sessions, const struct btap_tap *tap);

/** A sink that calls the functions below. */
struct btap_sink sessions_sink(struct sessions *sessions);

/* For a sink: context is a struct sessions. They may be called from another sink's functions. */
void sessions_data(void *context, const struct btap_link *link, const struct btap_data *data);
void sessions_note(void *context, const struct btap_link *link, uint64_t n,
                   const struct btap_note *note);
void sessions_transaction(void *context, const struct btap_link *link,
                          const struct btap_transaction *transaction);

/** Ends the capture; call it after the tap's end. */
void sessions_finish(struct sessions *sessions);

/** A session of the list. @return valid until the next call */
const struct session *sessions_at(struct sessions *sessions, size_t place);

/** How many sessions are over, those left out too. */
uint64_t sessions_count(const struct sessions *sessions);

void sessions_release(struct sessions *sessions);

/** Whether it failed or is cut short. */
bool session_failed(const struct btap_diagnosis *diagnosis);

#endif
