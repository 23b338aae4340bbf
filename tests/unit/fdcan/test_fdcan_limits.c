/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the FDCAN decoder draws a line, both sides of it: AN5405 sections 3.7, 3.12 and 3.13, the
 * address space of STM32, times in nanoseconds.
 */
#include <stdio.h>

#include "can_rig.h"

#define SECOND 1000000000

/** How many transactions these two frames are, the second so many nanoseconds behind the first. */
static size_t transactions_of(const char *first, const char *second, btap_ns apart)
{
    struct can_rig rig;
    size_t length;

    can_rig_open(&rig);
    can_rig_feed_text(&rig, first);
    rig.time = apart;
    can_rig_feed_text(&rig, second);
    btap_can_finish(&rig.can);
    length = rig.collector.transactions_length;
    can_rig_close(&rig);
    return length;
}

static void an_answer_convinces_for_a_second(void **state)
{
    (void)state;
    assert_int_equal(transactions_of("011 08 00 00 00 ff", "011 1f", SECOND), 1);
    assert_int_equal(transactions_of("011 08 00 00 00 ff", "011 1f", SECOND + 1), 0);
}

/* OpenBL answers Go twice, ACK for the command and ACK or NACK for the address */
static void second_answer_to_go(btap_ns behind_the_first, const char *expected)
{
    struct can_rig rig;

    can_rig_open(&rig);
    can_rig_feed_text(&rig, "021 08 00 00 00");
    rig.time = 5000;
    can_rig_feed_text(&rig, "021 79");
    rig.time = 5000 + behind_the_first;
    can_rig_feed_text(&rig, "021 1f");
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, expected);
    can_rig_close(&rig);
}

static void go_waits_a_second_for_its_second_answer(void **state)
{
    (void)state;
    second_answer_to_go(SECOND, "Go 0x08000000 | nack (address)");
    second_answer_to_go(SECOND + 1, "Go 0x08000000 | ok");
}

/* A time that runs backwards is no second that has passed. */
static void go_waits_where_time_runs_backwards(void **state)
{
    (void)state;
    second_answer_to_go(-4000, "Go 0x08000000 | nack (address)");
}

/* AN2606: flash and system memory at 0x08 to 0x0f and 0x1f, RAM from 0x20 on, in the regions of
 * Arm's SRAM (up to 0x3f); option bytes' registers at 0x40022... and, H7, 0x52002...; external
 * memory of quad and octo SPI at 0x70 and 0x90. Of other addresses an ACK alone proves nothing. */
static void only_addresses_of_memories_engage(void **state)
{
    static const struct {
        unsigned first;
        unsigned last;
    } memories[] = {{0x08, 0x0f}, {0x1f, 0x1f}, {0x20, 0x3f}, {0x40, 0x40},
                    {0x52, 0x52}, {0x70, 0x70}, {0x90, 0x90}};

    (void)state;
    for (unsigned high = 0; high <= 0xff; high++) {
        size_t expected = 0;
        char frame[32];

        for (size_t i = 0; i < COUNT_OF(memories); i++)
            expected += high >= memories[i].first && high <= memories[i].last;
        snprintf(frame, sizeof(frame), "021 %02x 00 00 00", high);
        if (transactions_of(frame, "021 79", 1000) != expected)
            fail_msg("%s, acknowledged", frame);
        if (transactions_of(frame, "021 1f", 1000) != 1)
            fail_msg("%s, refused", frame);
    }
}

/** Plays frames behind the preamble; the transaction behind it must be this line. */
static void assert_played(const char *const *frames, const char *expected)
{
    struct can_rig rig;

    can_rig_open(&rig);
    can_rig_feed_all(&rig, can_rig_preamble);
    can_rig_feed_all(&rig, frames);
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 1, expected);
    can_rig_close(&rig);
}

#define PLAYED(expected, ...)                                                                      \
    do {                                                                                           \
        static const char *const frames[] = {__VA_ARGS__, NULL};                                   \
        assert_played(frames, expected);                                                           \
    } while (0)

/* An STM32H743 has sectors 0 to 15; a second bank's numbers may begin behind a gap. No STM32 with
 * FDCAN has more than 1024 pages: 1023 is the last number where the product is not known. */
static void page_numbers_of_no_product_are_noted(void **state)
{
    static const char *const awake[] = {"111 5a", "111 79",          "044 00 02", "044 79",
                                        "044 79", "044 03 ff 04 00", "044 79",    NULL};
    struct can_rig rig;

    (void)state;
    PLAYED("Erase 1 page: 31 | ok", "044 00 01", "044 79", "044 79", "044 00 1f", "044 79");
    PLAYED("Erase 1 page: 32 | ok | page-number-large", "044 00 01", "044 79", "044 79",
           "044 00 20", "044 79");

    can_rig_open(&rig);
    can_rig_feed_all(&rig, awake);
    can_rig_assert_line(&rig, 1, "Erase 2 pages: 1023 1024 | ok | page-number-large");
    assert_int_equal(rig.collector.transactions[1].notes[0].arg[0], 1024);
    can_rig_close(&rig);
}

/* 3.7: from 0xfff0 on the count is a code */
static void the_first_reserved_erase_code(void **state)
{
    (void)state;
    PLAYED("Erase reserved | nack (operation) | reserved-erase-code", "044 ff f0", "044 79",
           "044 1f");
    PLAYED("Erase reserved | nack (operation) | reserved-erase-code", "044 ff fc", "044 79",
           "044 1f");
    PLAYED("Erase 65519 pages | nack (data) | list-short", "044 ff ef", "044 79", "044 79",
           "044 1f");
}

/* 3.12: 128 bytes at most; 3.13: 128 in the first packet, 1024 in the second */
static void sizes_of_special_packets(void **state)
{
    (void)state;
    PLAYED("Special 0x0102 | ok", "050 01 02", "050 79", "050 79", "050 00 80", "050 64*aa",
           "050 64*aa", "050 79", "050 00 00", "050 00 00", "050 79");
    PLAYED("Special 0x0102 | nack (data) | size-over-limit", "050 01 02", "050 79", "050 79",
           "050 00 81", "050 1f");
    PLAYED("Extended Special 0x0102 | nack (data) | size-over-limit", "051 01 02", "051 79",
           "051 79", "051 00 81", "051 1f");
    PLAYED("Extended Special 0x0102 | ok", "051 01 02", "051 79", "051 79", "051 00 00", "051 79",
           "051 04 00", "051 64*cc", "051 64*cc", "051 64*cc", "051 64*cc", "051 64*cc",
           "051 64*cc", "051 64*cc", "051 64*cc", "051 64*cc", "051 64*cc", "051 64*cc",
           "051 64*cc", "051 64*cc", "051 64*cc", "051 64*cc", "051 64*cc", "051 79", "051 00 00",
           "051 79");
}

/* ISO 11898-1: lengths above 8 are 12, 16, 20, 24, 32, 48 and 64; a host pads to the next one. Data
 * on another identifier must have that length to be the command's. */
static void data_of_another_identifier_fits_its_frame(void **state)
{
    static const struct {
        unsigned bytes;
        unsigned frame;
    } cases[] = {{1, 1},   {7, 7},   {8, 8},   {9, 12},  {12, 12}, {13, 16},
                 {16, 16}, {17, 20}, {20, 20}, {21, 24}, {24, 24}, {25, 32},
                 {32, 32}, {33, 48}, {48, 48}, {49, 64}, {64, 64}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (unsigned length = 2; length < 64; length++) {
            const bool fits = length == cases[i].frame;
            char command[32];
            char data[32];
            struct can_rig rig;

            if (length > 8 && length != 12 && length != 16 && length != 20 && length != 24 &&
                length != 32 && length != 48)
                continue;
            snprintf(command, sizeof(command), "031 20 00 40 00 %02x", cases[i].bytes - 1);
            snprintf(data, sizeof(data), "004 %u*11", length);
            can_rig_open(&rig);
            can_rig_feed_text(&rig, command);
            can_rig_feed_text(&rig, "031 79");
            if (can_rig_feed_text(&rig, data) != fits)
                fail_msg("%s, %s", command, data);
            btap_can_finish(&rig.can);
            can_rig_close(&rig);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_convinces_for_a_second),
        cmocka_unit_test(go_waits_a_second_for_its_second_answer),
        cmocka_unit_test(go_waits_where_time_runs_backwards),
        cmocka_unit_test(only_addresses_of_memories_engage),
        cmocka_unit_test(page_numbers_of_no_product_are_noted),
        cmocka_unit_test(the_first_reserved_erase_code),
        cmocka_unit_test(sizes_of_special_packets),
        cmocka_unit_test(data_of_another_identifier_fits_its_frame),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
