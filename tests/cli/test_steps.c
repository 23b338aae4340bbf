/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Transactions packed and taken out again: whatever is in one comes back, members that are yet to
 * be thought of among it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "diff/steps.h"
#include "test.h"

/* List and notes come last; what is before them is compared byte by byte. */
#define HEAD_SIZE offsetof(struct btap_transaction, list)

#define LIST_LENGTH  3
#define NOTES_LENGTH 2

/** A transaction of which every byte before the list says something. */
static void fill(struct btap_transaction *transaction, uint8_t seed)
{
    memset(transaction, 0, sizeof(*transaction));
    for (size_t i = 0; i < HEAD_SIZE; i++)
        ((uint8_t *)transaction)[i] = (uint8_t)(1 + (seed + 37 * i) % 255);
    /* It is packed by what the first of its command was. */
    transaction->command = BTAP_WRITE_MEMORY;
    transaction->list_length = LIST_LENGTH;
    transaction->notes_length = NOTES_LENGTH;
    for (uint32_t i = 0; i < LIST_LENGTH; i++)
        transaction->list[i] = (uint16_t)(0xfffd + i);
    for (uint32_t i = 0; i < NOTES_LENGTH; i++)
        transaction->notes[i] = (struct btap_note){
            .id = BTAP_NOTE_HOST_RETRY,
            .packet = UINT64_MAX - i,
            .time = transaction->time + (i == 0 ? -1 : 1000000),
            .arg = {UINT32_MAX, 0, i},
        };
}

/** @param before the first of its command, by which it is packed */
static void assert_comes_back(const struct btap_compared *compared,
                              const struct btap_transaction *before)
{
    const struct btap_transaction *transaction = compared->transaction;
    struct unpacked *unpacked = allocate(sizeof(*unpacked));
    struct steps steps = {0};
    const struct btap_compared first = {.transaction = before};

    /* Behind another one, from whose time its own is counted */
    steps_add(&steps, &first, 0, 0);
    steps_add(&steps, compared, 1, 2);
    /* What was there before does not shine through. */
    memset(unpacked, 0xff, sizeof(*unpacked));
    steps_get(&steps, 1, unpacked);
    assert_memory_equal(&unpacked->transaction, transaction, HEAD_SIZE);
    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        assert_int_equal(unpacked->transaction.list[i], transaction->list[i]);
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++) {
        const struct btap_note *note = &unpacked->transaction.notes[i];

        assert_int_equal(note->id, transaction->notes[i].id);
        assert_int_equal(note->packet, transaction->notes[i].packet);
        assert_int_equal(note->time, transaction->notes[i].time);
        assert_memory_equal(note->arg, transaction->notes[i].arg, sizeof(note->arg));
    }
    assert_ptr_equal(unpacked->compared.transaction, &unpacked->transaction);
    assert_int_equal(unpacked->compared.has_crc32, compared->has_crc32);
    assert_int_equal(unpacked->compared.crc32, compared->crc32);
    assert_int_equal(unpacked->compared.pause, compared->pause);
    steps_release(&steps);
    free(unpacked);
}

static void every_byte_of_every_member_comes_back(void **state)
{
    struct btap_transaction *transaction = allocate(sizeof(*transaction));
    const struct btap_transaction nothing = {.command = BTAP_WRITE_MEMORY};

    (void)state;
    for (unsigned seed = 0; seed < 255; seed++) {
        const struct btap_compared compared = {transaction, true, 0xfedcba98, 1234567};

        fill(transaction, (uint8_t)seed);
        /* A time that a difference of two fits in */
        transaction->time = INT64_C(0x0102030405060708) + seed;
        assert_comes_back(&compared, transaction);
        assert_comes_back(&compared, &nothing);
    }
    free(transaction);
}

/** Each byte alone: its word is there though all others are 0. */
static void a_single_byte_comes_back(void **state)
{
    struct btap_transaction *transaction = allocate(sizeof(*transaction));
    struct btap_transaction *full = allocate(sizeof(*full));

    (void)state;
    fill(full, 0);
    full->time = 0;
    for (size_t i = 0; i < HEAD_SIZE; i++) {
        const struct btap_compared compared = {.transaction = transaction};

        memset(transaction, 0, sizeof(*transaction));
        ((uint8_t *)transaction)[i] = 1;
        if (transaction->list_length > BTAP_LIST_MAX ||
            transaction->notes_length > BTAP_NOTES_MAX ||
            transaction->command >= BTAP_COMMAND_COUNT)
            continue;
        full->command = transaction->command;
        assert_comes_back(&compared, transaction);
        assert_comes_back(&compared, full);
    }
    free(full);
    free(transaction);
}

static void a_time_before_the_first_one_comes_back(void **state)
{
    static struct btap_transaction early = {.first_packet = 2, .last_packet = 1, .time = 5};
    /* Further off than 32 bits of nanoseconds */
    static struct btap_transaction late = {
        .first_packet = 1, .last_packet = 9, .time = INT64_C(0x10000000000)};
    struct unpacked *unpacked = allocate(sizeof(*unpacked));
    struct steps steps = {0};

    (void)state;
    steps_add(&steps, &(struct btap_compared){.transaction = &late}, 0, 0);
    steps_add(&steps, &(struct btap_compared){.transaction = &early, .pause = 7}, 0, 0);
    steps_get(&steps, 1, unpacked);
    assert_int_equal(unpacked->transaction.time, 5);
    assert_int_equal(unpacked->transaction.first_packet, 2);
    assert_int_equal(unpacked->transaction.last_packet, 1);
    assert_int_equal(unpacked->compared.pause, 7);
    assert_false(unpacked->compared.has_crc32);
    steps_release(&steps);
    free(unpacked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_of_every_member_comes_back),
        cmocka_unit_test(a_single_byte_comes_back),
        cmocka_unit_test(a_time_before_the_first_one_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
