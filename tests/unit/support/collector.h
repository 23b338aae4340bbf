/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A sink that keeps everything it is told, for tests to look at.
 */
#ifndef BOOTTAP_COLLECTOR_H
#define BOOTTAP_COLLECTOR_H

#include "boottap/sink.h"

struct collected_note {
    uint64_t n;
    struct btap_note note;
};

struct collected_span {
    struct btap_span span; /**< bytes is NULL; they are in copy */
    uint8_t copy[16];      /**< the first of them */
};

struct collected_data {
    struct btap_data data; /**< bytes points to a copy */
};

/** Bytes of a record, as the decoder is given them; length 0: none. */
struct collected_source {
    uint64_t packet;
    uint32_t offset; /**< of bytes[0] in the record */
    uint32_t length;
    const uint8_t *bytes;
};

/**
 * A note must leave the values behind its first that its text does not show at 0, and spans and
 * data of the source's record must have its bytes; else the running test fails.
 */
struct collector {
    struct btap_sink sink;
    struct collected_source source; /**< set by who feeds the decoder, while it does */
    struct btap_transaction *transactions;
    size_t transactions_length;
    struct collected_note *notes;
    size_t notes_length;
    struct collected_span *spans;
    size_t spans_length;
    struct collected_data *data;
    size_t data_length;
};

/** Empties nothing: the collector must be new or released. */
void collector_init(struct collector *collector);
void collector_release(struct collector *collector);

/** How many notes of this id were told, in transactions or outside. */
size_t collector_count_notes(const struct collector *collector, enum btap_note_id id);

/** Whether a transaction carries a note of this id. */
bool transaction_has_note(const struct btap_transaction *transaction, enum btap_note_id id);

/**
 * Fails the running test unless both hold the same transactions and the same notes. Spans and
 * data are compared after joining neighbours, so that pieces make no difference.
 */
void collector_assert_same(const struct collector *a, const struct collector *b);

#endif
