/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff/steps.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

#define FIRST_SLOTS    1024
#define FIRST_CAPACITY 256

/* A number of 64 bits, seven in a byte */
#define VARINT_MAX 10

void numbering_release(struct numbering *numbering)
{
    free(numbering->keys);
    free(numbering->numbers);
    *numbering = (struct numbering){0};
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

/** Members that are packed as numbers; most of them are 0 in most transactions. */
#define MEMBER(name)                                                                               \
    {                                                                                              \
        offsetof(struct btap_transaction, name), sizeof(((struct btap_transaction *)NULL)->name)   \
    }

static const struct member {
    size_t offset;
    size_t size;
} members[] = {
    MEMBER(transport),
    MEMBER(command),
    MEMBER(status),
    MEMBER(phase),
    MEMBER(n),
    MEMBER(duration),
    MEMBER(has),
    MEMBER(opcode),
    MEMBER(address),
    MEMBER(length),
    MEMBER(transferred),
    MEMBER(version),
    MEMBER(option_bytes),
    MEMBER(pid),
    MEMBER(checksum),
    MEMBER(polynomial),
    MEMBER(initial),
    MEMBER(subcommand),
    MEMBER(sent_length),
    MEMBER(sent2_length),
    MEMBER(received_length),
    MEMBER(special_status_length),
    MEMBER(block),
    MEMBER(dfu_status),
    MEMBER(dfu_state),
    MEMBER(alternate),
    MEMBER(polls),
    MEMBER(busy),
    MEMBER(poll_timeout_ms),
    MEMBER(request_id),
    MEMBER(reply_id),
    MEMBER(erase),
    MEMBER(list_kind),
    MEMBER(list_announced),
    MEMBER(list_length),
    MEMBER(notes_length),
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

_Static_assert(MEMBERS < 63, "which members are packed is said by the bits of a uint64_t");

/* Bits beside those of the members */
#define HAS_CRC32          (UINT64_C(1) << 62)
#define HAS_SPECIAL_STATUS (UINT64_C(1) << 63)

/** Room for the longest packed form. */
#define PACKED_MAX                                                                                 \
    ((MEMBERS + 6 + BTAP_LIST_MAX + BTAP_NOTES_MAX * (BTAP_NOTE_ARGS + 3)) * VARINT_MAX +          \
     BTAP_SPECIAL_STATUS_MAX)

static uint64_t member_of(const struct btap_transaction *transaction, const struct member *member)
{
    uint64_t value = 0;

    /* The order of the bytes is the machine's own, here and in set_member(). */
    memcpy(&value, (const char *)transaction + member->offset, member->size);
    return value;
}

static void set_member(struct btap_transaction *transaction, const struct member *member,
                       uint64_t value)
{
    memcpy((char *)transaction + member->offset, &value, member->size);
}

static uint8_t *put(uint8_t *to, uint64_t value)
{
    while (value >= 0x80) {
        *to++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *to++ = (uint8_t)value;
    return to;
}

static uint64_t take(const uint8_t **from)
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
static uint8_t *put_signed(uint8_t *to, int64_t value)
{
    return put(to, value < 0 ? ~((uint64_t)value << 1) : (uint64_t)value << 1);
}

static int64_t take_signed(const uint8_t **from)
{
    const uint64_t value = take(from);

    return (int64_t)(value & 1 ? ~(value >> 1) : value >> 1);
}

static uint8_t *put_notes(uint8_t *to, const struct btap_transaction *transaction)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++) {
        const struct btap_note *note = &transaction->notes[i];

        to = put(to, note->id);
        for (unsigned arg = 0; arg < BTAP_NOTE_ARGS; arg++)
            to = put(to, note->arg[arg]);
        to = put(to, note->packet);
        to = put_signed(to, note->time - transaction->time);
    }
    return to;
}

static void take_notes(const uint8_t **from, struct btap_transaction *transaction)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++) {
        struct btap_note *note = &transaction->notes[i];

        note->id = (enum btap_note_id)take(from);
        for (unsigned arg = 0; arg < BTAP_NOTE_ARGS; arg++)
            note->arg[arg] = (uint32_t)take(from);
        note->packet = take(from);
        note->time = transaction->time + take_signed(from);
    }
}

static uint64_t packed_members(const struct btap_compared *compared)
{
    uint64_t present = 0;

    for (size_t i = 0; i < MEMBERS; i++)
        if (member_of(compared->transaction, &members[i]) != 0)
            present |= UINT64_C(1) << i;
    if (compared->has_crc32)
        present |= HAS_CRC32;
    if (compared->transaction->has & BTAP_HAS_SPECIAL_STATUS)
        present |= HAS_SPECIAL_STATUS;
    return present;
}

static uint8_t *pack(uint8_t *to, const struct btap_compared *compared, btap_ns base)
{
    const struct btap_transaction *transaction = compared->transaction;
    const uint64_t present = packed_members(compared);

    to = put(to, present);
    to = put(to, transaction->first_packet);
    to = put(to, transaction->last_packet - transaction->first_packet);
    to = put_signed(to, transaction->time - base);
    to = put_signed(to, compared->pause);
    for (size_t i = 0; i < MEMBERS; i++)
        if (present & UINT64_C(1) << i)
            to = put(to, member_of(transaction, &members[i]));
    if (present & HAS_CRC32)
        to = put(to, compared->crc32);
    if (present & HAS_SPECIAL_STATUS) {
        memcpy(to, transaction->special_status, BTAP_SPECIAL_STATUS_MAX);
        to += BTAP_SPECIAL_STATUS_MAX;
    }
    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        to = put(to, transaction->list[i]);
    return put_notes(to, transaction);
}

static void unpack(const uint8_t *from, btap_ns base, struct unpacked *unpacked)
{
    struct btap_transaction *transaction = &unpacked->transaction;
    const uint64_t present = take(&from);

    transaction->first_packet = take(&from);
    transaction->last_packet = transaction->first_packet + take(&from);
    transaction->time = base + take_signed(&from);
    unpacked->compared.pause = take_signed(&from);
    for (size_t i = 0; i < MEMBERS; i++)
        if (present & UINT64_C(1) << i)
            set_member(transaction, &members[i], take(&from));
    unpacked->compared.has_crc32 = (present & HAS_CRC32) != 0;
    if (present & HAS_CRC32)
        unpacked->compared.crc32 = (uint32_t)take(&from);
    if (present & HAS_SPECIAL_STATUS) {
        memcpy(transaction->special_status, from, BTAP_SPECIAL_STATUS_MAX);
        from += BTAP_SPECIAL_STATUS_MAX;
    }
    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        transaction->list[i] = (uint16_t)take(&from);
    take_notes(&from, transaction);
}

void steps_add(struct steps *steps, const struct btap_compared *compared, uint32_t same,
               uint32_t about)
{
    const uint8_t *end;

    if (steps->length == steps->capacity) {
        steps->capacity = steps->capacity > 0 ? 2 * steps->capacity : FIRST_CAPACITY;
        steps->steps = reallocate(steps->steps, steps->capacity * sizeof(*steps->steps));
    }
    if (steps->packed_capacity - steps->packed_length < PACKED_MAX) {
        steps->packed_capacity += steps->packed_capacity / 2 + PACKED_MAX;
        steps->packed = reallocate(steps->packed, steps->packed_capacity);
    }
    if (steps->length == 0)
        steps->base = compared->transaction->time;
    steps->steps[steps->length++] = (struct step){steps->packed_length, same, about};
    end = pack(steps->packed + steps->packed_length, compared, steps->base);
    steps->packed_length = (size_t)(end - steps->packed);
}

void steps_get(const struct steps *steps, size_t index, struct unpacked *unpacked)
{
    /* Of list and notes only what is there is looked at. */
    memset(&unpacked->transaction, 0, offsetof(struct btap_transaction, list));
    unpacked->compared = (struct btap_compared){.transaction = &unpacked->transaction};
    unpack(steps->packed + steps->steps[index].place, steps->base, unpacked);
}

void steps_release(struct steps *steps)
{
    free(steps->steps);
    free(steps->packed);
    *steps = (struct steps){0};
}
