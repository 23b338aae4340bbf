/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff/steps.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

#define FIRST_SLOTS 1024

/* A number of 64 bits, seven in a byte */
#define VARINT_MAX 10

void numbering_release(struct numbering *numbering)
{
    free(numbering->keys);
    free(numbering->numbers);
    *numbering = (struct numbering){.length = numbering->length};
}

/** The slot that holds a key, or the free one where it belongs. Keys are spread already. */
static uint32_t slot_of(const struct numbering *numbering, uint64_t key)
{
    uint32_t slot = (uint32_t)key & (numbering->slots - 1);

    while (numbering->numbers[slot] != 0 && numbering->keys[slot] != key)
        slot = (slot + 1) & (numbering->slots - 1);
    return slot;
}

static void grow_numbering(struct numbering *numbering)
{
    const struct numbering old = *numbering;

    numbering->slots = old.slots > 0 ? 2 * old.slots : FIRST_SLOTS;
    numbering->keys = allocate(numbering->slots * sizeof(*numbering->keys));
    numbering->numbers = allocate(numbering->slots * sizeof(*numbering->numbers));
    for (uint32_t i = 0; i < old.slots; i++) {
        uint32_t slot;

        if (old.numbers[i] == 0)
            continue;
        slot = slot_of(numbering, old.keys[i]);
        numbering->keys[slot] = old.keys[i];
        numbering->numbers[slot] = old.numbers[i];
    }
    free(old.keys);
    free(old.numbers);
}

uint32_t numbering_of(struct numbering *numbering, uint64_t key)
{
    uint32_t slot;

    if (numbering->length >= numbering->slots / 2)
        grow_numbering(numbering);
    slot = slot_of(numbering, key);
    if (numbering->numbers[slot] == 0) {
        numbering->keys[slot] = key;
        numbering->numbers[slot] = ++numbering->length;
    }
    return numbering->numbers[slot] - 1;
}

/*
 * All of a transaction before its list and notes, as words, whatever members it has. Most words are
 * 0: bits of a uint64_t tell which are not. They are nearly the same for all transactions of a
 * command, so what is written is the command and which bits are unlike its first transaction's.
 */
#define HEAD_SIZE  offsetof(struct btap_transaction, list)
#define HEAD_WORDS (HEAD_SIZE / sizeof(uint32_t))
#define HAS_CRC32  UINT64_C(1)
#define HAS_WORD   (UINT64_C(1) << 1)  /* of the first word, shifted by its index for another */
#define IS_THERE   (UINT64_C(1) << 63) /* always, so that no usual bits are 0 */

_Static_assert(HEAD_SIZE % sizeof(uint32_t) == 0, "whole words");
_Static_assert(HEAD_WORDS < 62, "a bit for each word, beside the two");

/** Room for the longest packed form. */
#define PACKED_MAX                                                                                 \
    ((HEAD_WORDS + 4 + BTAP_LIST_MAX + BTAP_NOTES_MAX * (BTAP_NOTE_ARGS + 3)) * VARINT_MAX)

static uint8_t *put(uint8_t *to, uint64_t value)
{
    while (value >= 0x80) {
        *to++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *to++ = (uint8_t)value;
    return to;
}

static uint64_t get(const uint8_t **from)
{
    uint64_t value = 0;

    for (unsigned shift = 0;; shift += 7) {
        const uint8_t byte = *(*from)++;

        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
}

/** Small distances as small numbers, whichever way they point. */
static uint64_t unsigned_of(int64_t value)
{
    return value < 0 ? ~((uint64_t)value << 1) : (uint64_t)value << 1;
}

static int64_t signed_of(uint64_t value)
{
    return (int64_t)(value & 1 ? ~(value >> 1) : value >> 1);
}

/* Times of a damaged capture may be further apart than 63 bits hold: they wrap, there and back. */

static uint64_t distance(btap_ns from, btap_ns to)
{
    return unsigned_of((int64_t)((uint64_t)to - (uint64_t)from));
}

static btap_ns away(btap_ns from, uint64_t distance)
{
    return (btap_ns)((uint64_t)from + (uint64_t)signed_of(distance));
}

static uint8_t *put_notes(uint8_t *to, const struct btap_transaction *transaction)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++) {
        const struct btap_note *note = &transaction->notes[i];

        to = put(to, note->id);
        for (unsigned arg = 0; arg < BTAP_NOTE_ARGS; arg++)
            to = put(to, note->arg[arg]);
        to = put(to, note->packet);
        to = put(to, distance(transaction->time, note->time));
    }
    return to;
}

static void get_notes(const uint8_t **from, struct btap_transaction *transaction)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++) {
        struct btap_note *note = &transaction->notes[i];

        note->id = (enum btap_note_id)get(from);
        for (unsigned arg = 0; arg < BTAP_NOTE_ARGS; arg++)
            note->arg[arg] = (uint32_t)get(from);
        note->packet = get(from);
        note->time = away(transaction->time, get(from));
    }
}

static uint8_t *pack(uint8_t *to, const struct btap_compared *compared, struct steps *steps)
{
    const struct btap_transaction *transaction = compared->transaction;
    uint64_t present = IS_THERE | (compared->has_crc32 ? HAS_CRC32 : 0);
    uint32_t words[HEAD_WORDS];
    struct btap_transaction head;

    memcpy(&head, transaction, HEAD_SIZE);
    head.last_packet -= head.first_packet;
    head.time = (btap_ns)distance(steps->base, head.time);
    head.command = (enum btap_command)0;
    memcpy(words, &head, HEAD_SIZE);
    for (size_t i = 0; i < HEAD_WORDS; i++)
        present |= words[i] != 0 ? HAS_WORD << i : 0;
    if (steps->usual[transaction->command] == 0)
        steps->usual[transaction->command] = present;
    to = put(to, transaction->command);
    to = put(to, present ^ steps->usual[transaction->command]);
    for (size_t i = 0; i < HEAD_WORDS; i++)
        if (words[i] != 0)
            to = put(to, words[i]);
    to = put(to, unsigned_of(compared->pause));
    if (compared->has_crc32)
        to = put(to, compared->crc32);
    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        to = put(to, transaction->list[i]);
    return put_notes(to, transaction);
}

static void unpack(const uint8_t *from, const struct steps *steps, struct unpacked *unpacked)
{
    struct btap_transaction *transaction = &unpacked->transaction;
    const enum btap_command command = (enum btap_command)get(&from);
    const uint64_t present = get(&from) ^ steps->usual[command];
    uint32_t words[HEAD_WORDS] = {0};

    for (size_t i = 0; i < HEAD_WORDS; i++)
        words[i] = present & HAS_WORD << i ? (uint32_t)get(&from) : 0;
    /* Of list and notes only what is there is looked at. */
    memcpy(transaction, words, HEAD_SIZE);
    transaction->command = command;
    transaction->last_packet += transaction->first_packet;
    transaction->time = away(steps->base, (uint64_t)transaction->time);
    unpacked->compared = (struct btap_compared){
        .transaction = transaction,
        .has_crc32 = (present & HAS_CRC32) != 0,
        .pause = signed_of(get(&from)),
    };
    if (unpacked->compared.has_crc32)
        unpacked->compared.crc32 = (uint32_t)get(&from);
    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        transaction->list[i] = (uint16_t)get(&from);
    get_notes(&from, transaction);
}

void steps_add(struct steps *steps, const struct btap_compared *compared, uint32_t same,
               uint32_t about)
{
    uint8_t packed[PACKED_MAX];
    size_t length;

    steps->steps = grow(steps->steps, steps->length, &steps->capacity, sizeof(*steps->steps));
    if (steps->length == 0)
        steps->base = compared->transaction->time;
    steps->steps[steps->length++] = (struct step){steps->packed_length, same, about};
    length = (size_t)(pack(packed, compared, steps) - packed);
    if (steps->packed_capacity - steps->packed_length < length) {
        steps->packed_capacity += steps->packed_capacity / 2 + length;
        steps->packed = reallocate(steps->packed, steps->packed_capacity);
    }
    memcpy(steps->packed + steps->packed_length, packed, length);
    steps->packed_length += length;
}

void steps_get(const struct steps *steps, size_t index, struct unpacked *unpacked)
{
    unpack(steps->packed + steps->steps[index].place, steps, unpacked);
}

void steps_release(struct steps *steps)
{
    free(steps->steps);
    free(steps->packed);
    *steps = (struct steps){0};
}
