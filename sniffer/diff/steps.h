/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The transactions of one link, kept small.
 */
#ifndef SNIFFER_DIFF_STEPS_H
#define SNIFFER_DIFF_STEPS_H

#include "boottap/comparison.h"
#include "boottap/link.h"

/** Numbers for keys: the same key, the same number, from 0 on without gaps. */
struct numbering {
    uint32_t length; /**< numbers given */
    uint32_t slots;  /**< a power of two, or 0 */
    uint64_t *keys;
    uint32_t *numbers; /**< one more than the number; 0: the slot is free */
};

/** Forgets the keys, but not how many numbers were given. */
void numbering_release(struct numbering *numbering);

/** The number of a key; a new one if it has none yet. */
uint32_t numbering_of(struct numbering *numbering, uint64_t key);

/** One transaction. */
struct step {
    uint64_t place; /**< of its packed form */
    uint32_t same;  /**< number of btap_comparison_key() */
    uint32_t about; /**< number of btap_comparison_step() */
};

/** All zero: none yet. */
struct steps {
    struct btap_link link;
    size_t length;
    size_t capacity;
    struct step *steps;
    btap_ns base; /**< what packed times count from */
    /** Which words the first transaction of each command (0 to BTAP_COMMAND_COUNT - 1) has; 0: none
     * yet. */
    uint64_t usual[BTAP_COMMAND_COUNT];
    uint8_t *packed;
    size_t packed_length;
    size_t packed_capacity;
};

/** A transaction taken out again. */
struct unpacked {
    struct btap_transaction transaction;
    struct btap_compared compared; /**< points to transaction */
};

/** Appends a transaction. The program ends if memory does. */
void steps_add(struct steps *steps, const struct btap_compared *compared, uint32_t same,
               uint32_t about);

/** Takes a transaction out. unpacked must stay where it is. */
void steps_get(const struct steps *steps, size_t index, struct unpacked *unpacked);

void steps_release(struct steps *steps);

#endif
