/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two transactions compared by meaning: what of them is compared, and what differs. Where and when
 * they stand in their captures does not count, unless it is asked for.
 */
#ifndef BOOTTAP_COMPARISON_H
#define BOOTTAP_COMPARISON_H

#include "boottap/transaction.h"

BTAP_BEGIN_DECLARATIONS

/**
 * What can be compared of a transaction. Times, polls and notes that are no warnings are left out
 * unless asked for: they differ between any two runs.
 */
enum btap_aspect {
    BTAP_ASPECT_TRANSPORT,
    BTAP_ASPECT_COMMAND,
    BTAP_ASPECT_OPCODE,
    BTAP_ASPECT_STATUS,
    BTAP_ASPECT_PHASE,
    BTAP_ASPECT_ADDRESS,
    BTAP_ASPECT_BLOCK, /**< where no address is known, which a DFU block number is a part of */
    BTAP_ASPECT_LENGTH,
    BTAP_ASPECT_TRANSFERRED,
    BTAP_ASPECT_CRC32, /**< of the payload */
    BTAP_ASPECT_ERASE,
    BTAP_ASPECT_LIST, /**< pages, sectors or commands */
    BTAP_ASPECT_VERSION,
    BTAP_ASPECT_OPTION_BYTES,
    BTAP_ASPECT_PID,
    BTAP_ASPECT_CHECKSUM,
    BTAP_ASPECT_POLYNOMIAL,
    BTAP_ASPECT_INITIAL,
    BTAP_ASPECT_SUBCOMMAND,
    BTAP_ASPECT_SENT_LENGTH,
    BTAP_ASPECT_SENT2_LENGTH,
    BTAP_ASPECT_RECEIVED_LENGTH,
    BTAP_ASPECT_SPECIAL_STATUS,
    BTAP_ASPECT_DFU_STATE,
    BTAP_ASPECT_DFU_STATUS,
    BTAP_ASPECT_ALTERNATE,
    BTAP_ASPECT_NEXT_PARTITION,
    BTAP_ASPECT_LOAD_ADDRESS,
    BTAP_ASPECT_LOAD_OFFSET,
    BTAP_ASPECT_NEEDS_DETACH,
    BTAP_ASPECT_REQUEST_ID,
    BTAP_ASPECT_REPLY_ID,
    BTAP_ASPECT_BIT_RATE,
    BTAP_ASPECT_WARNINGS, /**< ids of the notes that are warnings or errors */
    BTAP_ASPECT_NOTES,    /**< ids of all notes */
    BTAP_ASPECT_DURATION,
    BTAP_ASPECT_PAUSE, /**< from the end of the transaction before */
    BTAP_ASPECT_POLLS,
    BTAP_ASPECT_BUSY,
    BTAP_ASPECT_POLL_TIMEOUT,
    BTAP_ASPECT_COUNT,
};

/** Bit of an aspect in a set of them. */
#define BTAP_ASPECT_BIT(aspect) (UINT64_C(1) << (aspect))

/** A transaction with what is not in it. */
struct btap_compared {
    const struct btap_transaction *transaction; /**< not NULL */
    bool has_crc32;
    uint32_t crc32; /**< of the payload */
    btap_ns pause;  /**< from the end of the transaction before, 0 at the first; never negative */
};

/** How far a number may be from the first one and still be the same. */
struct btap_tolerance {
    uint64_t absolute; /**< in the aspect's unit: ns where it is a time */
    uint64_t relative; /**< in millionths of the first number; the larger of the two holds */
};

/** What counts. */
struct btap_comparison {
    uint64_t aspects;     /**< bits of those that are compared */
    uint64_t tolerated;   /**< bits of those among them that have a tolerance */
    bool any_list_order;  /**< the order of pages in an erase does not count */
    bool without_retries; /**< warnings that tell of a retry do not count */
    struct btap_tolerance tolerances[BTAP_ASPECT_COUNT];
};

/** Room for btap_aspect_text()'s longest answer with its terminating zero. */
#define BTAP_ASPECT_TEXT_SIZE BTAP_DESCRIBE_SIZE

/** All but times, polls and notes that are no warnings; no tolerances. */
struct btap_comparison btap_comparison_default(void);

/** Name of an aspect, the key of `boottap decode --json` where there is one; never NULL. */
const char *btap_aspect_name(enum btap_aspect aspect);

/** The aspect that a name stands for; false if there is none. */
bool btap_aspect_by_name(const char *name, enum btap_aspect *aspect);

/** Whether an aspect is an amount, which can be tolerated to differ by some. */
bool btap_aspect_is_amount(enum btap_aspect aspect);

/** Whether an aspect is a time, in nanoseconds. */
bool btap_aspect_is_time(enum btap_aspect aspect);

/** Whether a transaction is anything in an aspect. compared is not NULL. */
bool btap_aspect_is_present(enum btap_aspect aspect, const struct btap_compared *compared);

/**
 * What a transaction is in an aspect, in words; "-" where it is nothing.
 *
 * @param[out] text receives the words, zero-terminated, cut to size
 * @param size bytes at text, at least 1
 * @return text
 */
const char *btap_aspect_text(enum btap_aspect aspect, const struct btap_compared *compared,
                             char *text, size_t size);

/**
 * Number that is the same for transactions that are the same in every compared aspect that has no
 * tolerance, and differs for others but for one pair in 2^64.
 */
uint64_t btap_comparison_key(const struct btap_comparison *comparison,
                             const struct btap_compared *compared);

/**
 * The same for what the transaction is about: command, address, kind of erase. Two with the same
 * number are one step of a session, in which something may have changed.
 */
uint64_t btap_comparison_step(const struct btap_comparison *comparison,
                              const struct btap_compared *compared);

/** Bits of the aspects in which two transactions differ by more than is tolerated. */
uint64_t btap_comparison_differences(const struct btap_comparison *comparison,
                                     const struct btap_compared *first,
                                     const struct btap_compared *second);

BTAP_END_DECLARATIONS

#endif
