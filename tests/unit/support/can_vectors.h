/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Exchanges on CAN written as text, and what they must decode to: played whole, cut after every
 * frame, with frames of others at every place, and to a sink without callbacks.
 */
#ifndef BOOTTAP_CAN_VECTORS_H
#define BOOTTAP_CAN_VECTORS_H

#include "can_rig.h"

#define CAN_VECTOR_FRAMES       48
#define CAN_VECTOR_TRANSACTIONS 8

struct can_vector {
    const char *name;
    bool joined;     /**< something goes before it: alone, its first frame proves nothing */
    bool ends_early; /**< a proper prefix may be complete */
    bool alone;      /**< a command sent again is one of a session where nobody else sends */
    bool late;       /**< its first frames belong to a command that nobody saw */
    bool ambiguous;  /**< what follows its first frame is as good as a command of its own */
    const char *frames[CAN_VECTOR_FRAMES];
    const char *transactions[CAN_VECTOR_TRANSACTIONS];
    const char *loose; /**< notes that belong to no transaction */
};

struct can_vectors {
    enum btap_transport transport;
    const struct can_vector *list;
    size_t length;
};

/** Each decodes to its transactions; the bytes of command frames are all in spans. */
void can_vectors_decode(const struct can_vectors *vectors);
/** Cut after any of its frames, the last transaction is incomplete. */
void can_vectors_cut(const struct can_vectors *vectors);
/** Frames of other nodes between its frames change nothing but the count of them. */
void can_vectors_between_others(const struct can_vectors *vectors);
/**
 * Joined at any of its frames, with a read and a Go behind it: the exchanges whose first frame is
 * there are told as they are, and of the one that is cut nothing, or that it is incomplete. Only
 * for vectors of one exchange where nothing went wrong.
 */
void can_vectors_joined(const struct can_vectors *vectors);
/** Nobody asks for anything: the decoder must not read through a missing callback. */
void can_vectors_unheard(const struct can_vectors *vectors);

#endif
