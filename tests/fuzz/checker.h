/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A sink that aborts when a decoder breaks a promise of the headers, whatever the input was.
 */
#ifndef BOOTTAP_FUZZ_CHECKER_H
#define BOOTTAP_FUZZ_CHECKER_H

#include "boottap/sink.h"
#include "boottap/tap.h"

#define CHECKER_PACKETS 4096 /**< records of one input */
#define CHECKER_LINKS   1024 /**< links of one input, evicted ones too */

/** Aborts with the text of the condition, so that the fuzzer keeps the input. */
#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            checker_failed(#condition, __FILE__, __LINE__);                                        \
    } while (0)

_Noreturn void checker_failed(const char *condition, const char *file, int line);

/** A record that was handed to the decoder; its bytes live in the fuzzer's input. */
struct checker_packet {
    const uint8_t *bytes;
    uint32_t length;
    btap_ns time;
};

struct checker_link {
    const struct btap_link *link;
    uint64_t told; /**< n of its newest finished transaction */
};

enum checker_kind {
    CHECKER_SPANS,
    CHECKER_DATA,
    CHECKER_NOTES,
    CHECKER_TRANSACTIONS,
    CHECKER_KINDS,
};

struct checker {
    struct btap_sink sink;
    uint64_t packets; /**< begun so far; the number of the newest one */
    struct checker_packet packet[CHECKER_PACKETS + 1];
    size_t links_length;
    struct checker_link links[CHECKER_LINKS];
    uint64_t transactions;
    /** Hash of what was told, by kind: equal for equal results, however a stream was cut. */
    uint64_t outcome[CHECKER_KINDS];
};

void checker_init(struct checker *checker);

/** Aborts unless both were told the same. */
void checker_assert_same(const struct checker *a, const struct checker *b);

/**
 * Numbers the record that comes next.
 *
 * @return its number; 0 if the input has had enough records
 */
uint64_t checker_packet(struct checker *checker, const uint8_t *bytes, uint32_t length,
                        btap_ns time);

/** A copy of exactly this length, so that reading past it is seen; NULL for length 0. */
uint8_t *checker_copy(const uint8_t *bytes, size_t length);

#endif
