/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A CAN bus that carries more than the bootloader: other nodes, error frames, the
 * application after Go, and frames at random.
 */
#include "can_rig.h"

/* No frame of a bootloader: nothing is told, everything is counted */
static void other_traffic_alone_is_skipped_and_counted(void **state)
{
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    for (int i = 0; i < 10; i++) {
        can_rig_feed_foreign(&rig);
        assert_false(can_rig_feed_text(&rig, "111 5b"));
        assert_false(can_rig_feed_text(&rig, "031 64*00"));
        assert_false(can_rig_feed_text(&rig, "079 79"));
        assert_false(can_rig_feed_text(&rig, "211 00 00 00 00 00"));
    }
    btap_can_finish(&rig.can);
    assert_int_equal(rig.can.foreign, 100);
    assert_int_equal(rig.collector.transactions_length, 0);
    assert_int_equal(rig.collector.notes_length, 0);
    assert_int_equal(rig.collector.spans_length, 0);
    can_rig_close(&rig);
}

/* A node that sends an identifier with an opcode's low byte again and again, and others between */
static void periodic_frames_that_look_like_commands_do_not_engage(void **state)
{
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    for (int i = 0; i < 10; i++) {
        can_rig_feed_text(&rig, "300 00");
        can_rig_feed_text(&rig, "482 00");
        can_rig_feed_text(&rig, "350 12 34");
        can_rig_feed_text(&rig, "0f4 8*79");
    }
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 0);
    assert_int_equal(rig.can.foreign, 40);
    can_rig_close(&rig);
}

/* Signals on identifiers with an opcode's low byte, which now and then look like a command */
static void changing_signals_do_not_engage(void **state)
{
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    for (unsigned i = 0; i < 512; i++) {
        /* 0x5A, 0x79 and 0x1F go by on each; at first it is zero, a command without payload */
        const uint8_t counter[64] = {(uint8_t)i};
        const uint8_t address[4] = {(uint8_t)(i * 7), (uint8_t)i, 0x00, 0x00};
        const struct btap_can_frame frames[] = {
            {.id = 0x111, .fd = true, .data = counter, .length = 1, .captured = 1},
            {.id = 0x002, .fd = true, .data = counter, .length = 8, .captured = 8},
            {.id = 0x051, .fd = true, .data = counter, .length = 5, .captured = 5},
            {.id = 0x392, .fd = true, .data = counter, .length = 1, .captured = 1},
            {.id = 0x021, .fd = true, .data = address, .length = 4, .captured = 4},
            {.id = 0x011, .fd = true, .data = counter, .length = 64, .captured = 64},
        };

        for (size_t f = 0; f < COUNT_OF(frames); f++)
            can_rig_feed(&rig, frames[f]);
    }
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 0);
    assert_int_equal(rig.collector.spans_length, 0);
    assert_int_equal(rig.can.foreign, 512 * 6);
    can_rig_close(&rig);
}

/* The only frame that looks like a command, once or again and again, on a bus with other nodes */
static void stray_commands_between_others_do_not_engage(void **state)
{
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    for (int i = 0; i < 10; i++) {
        can_rig_feed_text(&rig, "7e8 03 7f 22 31");
        can_rig_feed_text(&rig, "000");
    }
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 0);
    assert_int_equal(rig.can.foreign, 20);
    can_rig_close(&rig);
}

/* Eight bytes are no dummy byte: two commands that nobody answered must be exact */
static void padded_frames_without_answers_do_not_engage(void **state)
{
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    can_rig_feed_text(&rig, "3a5 8*00");
    can_rig_feed_text(&rig, "002 8*00");
    can_rig_feed_text(&rig, "021 08 00 00 00");
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 0);
    can_rig_close(&rig);
}

/* AN5405's figures have one dummy byte where a command carries nothing; two are none. */
static void one_dummy_byte_is_no_padding(void **state)
{
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    can_rig_feed_text(&rig, "3a5 8*00");
    can_rig_feed_text(&rig, "000 00");
    can_rig_feed_text(&rig, "002 00");
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 2);
    can_rig_close(&rig);
    can_rig_open(&rig);
    can_rig_feed_text(&rig, "3a5 8*00");
    can_rig_feed_text(&rig, "000 00 00");
    can_rig_feed_text(&rig, "002 00 00");
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 0);
    can_rig_close(&rig);
}

/* Nobody's data: the reply goes on behind it. */
static void an_empty_frame_is_no_part_of_a_reply(void **state)
{
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    can_rig_feed_text(&rig, "011 08 00 00 00 3f");
    can_rig_feed_text(&rig, "011 79");
    assert_false(can_rig_feed_text(&rig, "011"));
    can_rig_feed_text(&rig, "011 64*a5");
    can_rig_feed_text(&rig, "011 79");
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, "Read Memory 0x08000000 64 bytes | ok");
    can_rig_close(&rig);
}

/** How many transactions an erase of so many pages is that nothing goes before. */
static size_t erases_of(const char *frame)
{
    struct can_rig rig;
    size_t length;

    can_rig_open(&rig);
    can_rig_feed_text(&rig, frame);
    can_rig_feed_text(&rig, "044 79");
    btap_can_finish(&rig.can);
    length = rig.collector.transactions_length;
    can_rig_close(&rig);
    return length;
}

/* No STM32 has more than 4096 pages: 4096 are plausible, 4097 are somebody else's frame. Codes of
 * AN5405 section 3.7 are 0xfffd to 0xffff. */
static void only_a_possible_count_of_pages_engages(void **state)
{
    (void)state;
    assert_int_equal(erases_of("044 00 00"), 0);
    assert_int_equal(erases_of("044 00 01"), 1);
    assert_int_equal(erases_of("044 10 00"), 1);
    assert_int_equal(erases_of("044 10 01"), 0);
    assert_int_equal(erases_of("044 ff fc"), 0);
    assert_int_equal(erases_of("044 ff fd"), 1);
    assert_int_equal(erases_of("044 ff ff"), 1);
}

/* An answer comes at once: 1.1 s later it is something else */
static void late_answer_does_not_engage(void **state)
{
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    can_rig_feed_text(&rig, "392 00");
    rig.time += 1100000000;
    can_rig_feed_text(&rig, "392 1f");
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 0);
    can_rig_close(&rig);
}

/* A counter of another node that passes 0x1F, and one that looks like Readout Protect */
static void other_nodes_learnt_before_a_session_stay_foreign(void **state)
{
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    can_rig_feed_text(&rig, "082 00");
    can_rig_feed_text(&rig, "073 00");
    can_rig_feed_all(&rig, can_rig_preamble);
    for (unsigned i = 0; i < 40; i++) {
        uint8_t count = (uint8_t)i;
        const struct btap_can_frame counter = {
            .id = 0x0f3, .fd = true, .data = &count, .length = 1, .captured = 1};

        assert_false(can_rig_feed(&rig, counter));
        can_rig_feed_text(&rig, "082 00");
        can_rig_feed_text(&rig, "073 00");
    }
    can_rig_feed_all(&rig, can_rig_preamble);
    can_rig_feed_text(&rig, "082 00");
    can_rig_feed_text(&rig, "082 79");
    can_rig_feed_text(&rig, "082 79");
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, can_rig_preamble_line);
    can_rig_assert_line(&rig, 1, can_rig_preamble_line);
    can_rig_assert_line(&rig, 2, "Readout Protect | ok");
    assert_int_equal(rig.collector.transactions_length, 3);
    assert_int_equal(rig.can.foreign, 122);
    can_rig_close(&rig);
}

/* python-can sends 29-bit identifiers unless it is told not to; J1939 has others */
static void commands_with_29_bit_identifiers_are_noted_once(void **state)
{
    static const struct {
        const char *frames[4];
        uint32_t base;
        const char *notes;
    } cases[] = {
        {{"000", "000", "111 5a"}, 0, "can-extended-identifiers"},
        {{"000", "002", "011 08 00 00 00 ff"}, 0, "can-extended-identifiers"},
        {{"000", NULL}, 0, NULL},
        {{"000", "002"}, 0x18fee000, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct can_rig rig;

        can_rig_open(&rig);
        for (size_t f = 0; f < COUNT_OF(cases[i].frames) && cases[i].frames[f] != NULL; f++) {
            uint8_t data[64];
            struct btap_can_frame frame = can_rig_frame(&rig, cases[i].frames[f], data);

            frame.extended = true;
            frame.id |= cases[i].base;
            assert_false(can_rig_feed(&rig, frame));
        }
        btap_can_finish(&rig.can);
        assert_int_equal(rig.collector.transactions_length, 0);
        can_rig_assert_loose_notes(&rig, cases[i].notes);
        can_rig_close(&rig);
    }
}

/* Where only others talk, errors are none of a flashing tool's */
static void errors_on_a_bus_of_others_are_not_noted(void **state)
{
    const struct btap_can_frame no_ack = {.id = 0x20, .error = true, .length = 8};
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    for (int i = 0; i < 4; i++)
        can_rig_feed_foreign(&rig);
    can_rig_feed(&rig, no_ack);
    assert_int_equal(rig.collector.notes_length, 0);
    can_rig_feed_all(&rig, can_rig_preamble);
    can_rig_feed(&rig, no_ack);
    can_rig_assert_loose_notes(&rig, "can-no-acknowledge");
    btap_can_finish(&rig.can);
    can_rig_close(&rig);
}

/* Answers alone prove nothing: what looks like a command has a wrong length, or values that make no
 * sense, and another node's counter passes 0x1F or 0x79 behind it */
static void answers_to_frames_of_others_do_not_engage(void **state)
{
    static const char *const frames[][5] = {
        {"021", "021 1f"},                                  /* one short frame */
        {"021", "021 1f", "031 64*00", "3a5 00"},           /* no second one */
        {"044 10 01", "044 79", "044 00 00 00", "044 00"},  /* no more pages exist than 4096 */
        {"011 e0 04 20 00 03", "011 79", "011 11*50"},      /* 4 bytes are not 11 */
        {"111 00", "111 01", "111 02", "111 1f"},           /* a counter */
        {"111 00", "3a5 00", "111 02", "3a5 01", "111 00"}, /* others are there */
        {"111 5a 01 00", "111 1f"},                         /* no padding */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        struct can_rig rig;

        can_rig_open(&rig);
        for (size_t f = 0; f < COUNT_OF(frames[i]) && frames[i][f] != NULL; f++)
            can_rig_feed_text(&rig, frames[i][f]);
        btap_can_finish(&rig.can);
        if (rig.collector.transactions_length != 0)
            fail_msg("%s ... is taken for a bootloader's", frames[i][0]);
        can_rig_close(&rig);
    }
}

/* The same with "this bus is a bootloader's" */
static void a_bus_of_a_bootloader_is_decoded_from_its_first_frame(void **state)
{
    static const struct btap_can_options options = {.bootloader = true};
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    btap_can_init(&rig.can, &rig.collector.sink, &rig.link, &options);
    can_rig_feed_text(&rig, "021");
    can_rig_feed_text(&rig, "021 1f");
    can_rig_feed_text(&rig, "044 ff ff");
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, "Go | nack (command) | command-frame-short");
    can_rig_assert_line(&rig, 1, "Erase mass | incomplete (command)");
    assert_int_equal(rig.collector.transactions_length, 2);
    can_rig_close(&rig);
}

/* A recorder that writes down its own machine's frames twice, 0.1 ms apart; contents that repeat
 * themselves are sent once more all the same */
static void frames_that_are_recorded_twice_count_once(void **state)
{
    static const struct {
        const char *frame;
        bool twice;
    } frames[] = {
        {"002", true},        {"002 79", false},
        {"002 04 69", false}, {"002 79", false},
        {"044 ff ff", true},  {"044 79", false},
        {"044 79", false},    {"031 08 00 00 00 7f", true},
        {"031 79", false},    {"031 64*ff", true},
        {"031 64*ff", true},  {"031 79", false},
    };
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        can_rig_feed_text(&rig, frames[i].frame);
        if (!frames[i].twice)
            continue;
        rig.time -= 1900000;
        can_rig_feed_text(&rig, frames[i].frame);
    }
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, "Get ID 0x469 | ok");
    can_rig_assert_line(&rig, 1, "Erase mass | ok | recorded-twice");
    can_rig_assert_line(&rig, 2, "Write Memory 0x08000000 128 bytes | ok");
    assert_int_equal(rig.collector.transactions_length, 3);
    can_rig_close(&rig);
}

/* A host that asks again two milliseconds later asks again */
static void a_repeated_command_is_not_a_copy(void **state)
{
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    can_rig_feed_all(&rig, can_rig_preamble);
    can_rig_feed_text(&rig, "000");
    can_rig_feed_text(&rig, "000");
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 1, "Get | no-reply (command)");
    can_rig_assert_line(&rig, 2, "Get | incomplete (command) | host-retry");
    can_rig_close(&rig);
}

/* Linux can/error.h: 0x20 no acknowledgement, 0x40 bus off, 0x08 protocol violation */
static void error_frames_are_noted_once_a_run(void **state)
{
    const struct btap_can_frame no_ack = {.id = 0x20, .error = true, .length = 8};
    const struct btap_can_frame bus_off = {.id = 0x48, .error = true, .length = 8};
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    for (int i = 0; i < 5; i++)
        assert_false(can_rig_feed(&rig, no_ack));
    can_rig_feed(&rig, bus_off);
    can_rig_feed(&rig, bus_off);
    can_rig_assert_loose_notes(&rig, "can-no-acknowledge can-bus-off can-error");
    assert_int_equal(rig.collector.notes[2].note.arg[0], 0x08);
    assert_int_equal(rig.can.foreign, 0);

    can_rig_feed_text(&rig, "002");
    can_rig_feed(&rig, no_ack);
    can_rig_feed_text(&rig, "002");
    btap_can_finish(&rig.can);
    assert_int_equal(collector_count_notes(&rig.collector, BTAP_NOTE_CAN_NO_ACKNOWLEDGE), 2);
    can_rig_close(&rig);
}

/* A second answer to Go comes at once; a second later the application talks */
static void go_with_one_ack_ends_when_time_has_passed(void **state)
{
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    can_rig_feed_text(&rig, "021 08 00 00 00");
    can_rig_feed_text(&rig, "021 79");
    assert_int_equal(rig.collector.transactions_length, 0);
    rig.time += 1100000000;
    assert_false(can_rig_feed_text(&rig, "3a5 8*00"));
    can_rig_assert_line(&rig, 0, "Go 0x08000000 | ok");
    assert_int_equal(rig.collector.transactions[0].last_packet, 2);
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 1);
    can_rig_close(&rig);
}

/* The application's own frames, though they look like commands, are not a session */
static void application_after_go_is_foreign(void **state)
{
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    can_rig_feed_text(&rig, "021 08 00 00 00");
    can_rig_feed_text(&rig, "021 79");
    can_rig_feed_text(&rig, "021 79");
    for (int i = 0; i < 5; i++)
        can_rig_feed_text(&rig, "082 00");
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 1);
    can_rig_close(&rig);
}

/* Only what hardly anything else sends counts before any answer */
static void one_unanswered_command_is_incomplete(void **state)
{
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    assert_true(can_rig_feed_text(&rig, "002"));
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, "Get ID | incomplete (command)");
    assert_int_equal(rig.can.foreign, 0);
    can_rig_close(&rig);
}

/* What hosts open a session with, or what holds an address, is telling; the other commands may be
 * anybody's frames. */
static void only_telling_commands_stand_alone(void **state)
{
    static const struct {
        const char *frame;
        size_t transactions;
    } cases[] = {
        {"000", 1},
        {"001", 1},
        {"002", 1},
        {"011 08 00 00 00 ff", 1},
        {"021 08 00 00 00", 1},
        {"031 08 00 00 00 ff", 1},
        {"044 ff ff", 0},
        {"050 12 34", 0},
        {"051 12 34", 0},
        {"063 01", 0},
        {"073", 0},
        {"082", 0},
        {"092", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct can_rig rig;

        can_rig_open(&rig);
        can_rig_feed_text(&rig, cases[i].frame);
        btap_can_finish(&rig.can);
        if (rig.collector.transactions_length != cases[i].transactions)
            fail_msg("%s", cases[i].frame);
        can_rig_close(&rig);
    }
}

/* A directory of silent devices: one note is enough */
static void missing_detection_is_noted_once(void **state)
{
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    for (int i = 0; i < 20; i++)
        can_rig_feed_text(&rig, i % 2 == 0 ? "000" : "002");
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 20);
    assert_int_equal(collector_count_notes(&rig.collector, BTAP_NOTE_DETECTION_MISSING), 1);
    can_rig_close(&rig);
}

/* Numerical Recipes' LCG; the seed is fixed */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/** A frame that is likely to lead somewhere: identifiers and bytes of the protocol. */
static struct btap_can_frame random_frame(uint32_t *seed, uint8_t data[64])
{
    static const uint16_t ids[] = {0x000, 0x001, 0x002, 0x011, 0x021, 0x031, 0x043,
                                   0x044, 0x050, 0x051, 0x063, 0x073, 0x082, 0x092,
                                   0x111, 0x511, 0x004, 0x0a1, 0x3a5};
    static const uint8_t lengths[] = {0, 1, 1, 1, 1, 2, 2, 3, 4, 5, 5, 8, 20, 64, 64};
    static const uint8_t bytes[] = {0x79, 0x1f, 0x5a, 0x00, 0x01, 0x08, 0x20, 0xff, 0xfe, 0x02};
    struct btap_can_frame frame = {.data = data};

    frame.id = ids[next_random(seed) % COUNT_OF(ids)];
    frame.fd = next_random(seed) % 20 != 0;
    frame.error = next_random(seed) % 200 == 0;
    frame.length = lengths[next_random(seed) % COUNT_OF(lengths)];
    frame.captured = frame.length;
    if (next_random(seed) % 50 == 0)
        frame.captured = (uint8_t)(next_random(seed) % (frame.length + 1u));
    for (uint8_t i = 0; i < frame.captured; i++)
        data[i] =
            i < 2 || next_random(seed) % 4 == 0 ? bytes[next_random(seed) % COUNT_OF(bytes)] : 0x00;
    return frame;
}

static void random_frames_keep_the_invariants(void **state)
{
    uint32_t seed = 5405;

    (void)state;
    for (int run = 0; run < 40; run++) {
        struct can_rig rig;
        const struct collector *collector = &rig.collector;

        can_rig_open(&rig);
        for (int i = 0; i < 1000; i++) {
            uint8_t data[64];

            /* A Go that is acknowledged ends the session: there is to be another one. */
            if (i % 100 == 0)
                can_rig_feed_all(&rig, can_rig_preamble);
            can_rig_feed(&rig, random_frame(&seed, data));
        }
        btap_can_finish(&rig.can);
        assert_true(collector->transactions_length > 20);
        for (size_t i = 0; i < collector->transactions_length; i++) {
            const struct btap_transaction *transaction = &collector->transactions[i];

            assert_int_equal(transaction->n, i + 1);
            assert_true((transaction->status == BTAP_OK) ==
                        (transaction->phase == BTAP_PHASE_NONE));
            assert_true(transaction->first_packet <= transaction->last_packet);
            assert_true(transaction->transferred <= 256);
            assert_true(transaction->duration >= 0);
        }
        assert_true(collector->notes_length < 3000);
        can_rig_close(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_traffic_alone_is_skipped_and_counted),
        cmocka_unit_test(periodic_frames_that_look_like_commands_do_not_engage),
        cmocka_unit_test(changing_signals_do_not_engage),
        cmocka_unit_test(stray_commands_between_others_do_not_engage),
        cmocka_unit_test(padded_frames_without_answers_do_not_engage),
        cmocka_unit_test(one_dummy_byte_is_no_padding),
        cmocka_unit_test(an_empty_frame_is_no_part_of_a_reply),
        cmocka_unit_test(only_a_possible_count_of_pages_engages),
        cmocka_unit_test(late_answer_does_not_engage),
        cmocka_unit_test(other_nodes_learnt_before_a_session_stay_foreign),
        cmocka_unit_test(commands_with_29_bit_identifiers_are_noted_once),
        cmocka_unit_test(errors_on_a_bus_of_others_are_not_noted),
        cmocka_unit_test(answers_to_frames_of_others_do_not_engage),
        cmocka_unit_test(a_bus_of_a_bootloader_is_decoded_from_its_first_frame),
        cmocka_unit_test(frames_that_are_recorded_twice_count_once),
        cmocka_unit_test(a_repeated_command_is_not_a_copy),
        cmocka_unit_test(error_frames_are_noted_once_a_run),
        cmocka_unit_test(go_with_one_ack_ends_when_time_has_passed),
        cmocka_unit_test(application_after_go_is_foreign),
        cmocka_unit_test(one_unanswered_command_is_incomplete),
        cmocka_unit_test(only_telling_commands_stand_alone),
        cmocka_unit_test(missing_detection_is_noted_once),
        cmocka_unit_test(random_frames_keep_the_invariants),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
