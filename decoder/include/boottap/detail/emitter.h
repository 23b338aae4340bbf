/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The first member of every decoder's state. It is here for its size: callers own the states, and
 * what is in them is the decoder's own.
 */
#ifndef BOOTTAP_DETAIL_EMITTER_H
#define BOOTTAP_DETAIL_EMITTER_H

#include "boottap/sink.h"

BTAP_BEGIN_DECLARATIONS

/** What a decoder emits to, and the transaction that it builds. */
struct btap_emitter {
    const struct btap_sink *sink;
    struct btap_link *link;
    bool open;     /**< a transaction is under way */
    bool unsure;   /**< it may turn out to be none, and its notes wait */
    btap_ns until; /**< the recorder ran till then; 0: not told */
    struct btap_transaction transaction;
};

BTAP_END_DECLARATIONS

#endif
