/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A CAN bus whose classic frames are mostly those of others, and error frames.
 */
#include "can_rig.h"

static void open_rig(struct can_rig *rig)
{
    can_rig_open_on(rig, BTAP_CAN);
}

/** Frames that must not be taken for a bootloader's, whatever else comes. */
static void assert_silent(const char *const *frames)
{
    struct can_rig rig;

    open_rig(&rig);
    can_rig_feed_all(&rig, frames);
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 0);
    assert_int_equal(rig.collector.notes_length, 0);
    assert_int_equal(rig.collector.spans_length, 0);
    can_rig_close(&rig);
}

/* Logs of cars have a single frame such as 000# or 002#, among thousands of others; CANopen has its
 * network management and its synchronisation there */
static void frames_of_others_are_silent(void **state)
{
    static const char *const one[] = {"000", NULL};
    static const char *const detection[] = {"111 5a", NULL};
    static const char *const between[] = {"000", "7e8 03 7f 22 31", "002", "7e8 03 7f 22 31",
                                          "000", "3a5 8*00",        NULL};
    static const char *const same[] = {"3a5 8*00", "000", "000", "000", NULL};
    static const char *const sync[] = {"3a5 8*00", "079", "079", "079", NULL};
    static const char *const canopen[] = {"080", "000 01 05", "181 8*00", "011 8*08", NULL};
    static const char *const answer[] = {"079 79", "031 79", "031 1f", "043 79", NULL};
    static const char *const base[] = {"579", "579 79", "500", "500 79", "502", "502 79", NULL};
    static const char *const dummies[] = {"3a5 8*00", "000 00", "002 00", "000 00", NULL};

    (void)state;
    assert_silent(one);
    assert_silent(detection);
    assert_silent(between);
    assert_silent(same);
    assert_silent(sync);
    assert_silent(canopen);
    assert_silent(answer);
    assert_silent(base);
    assert_silent(dummies);
}

/* What a session that nothing opens begins with is also what a byte of somebody's state may do on
 * the same identifier: to 0x79 and back, again and again. It takes more than that */
static void states_that_pass_through_an_ack_are_silent(void **state)
{
    static const char *const sync[] = {"079 00", "079 79", "079 00", "079 79", "079 00", NULL};
    static const char *const erase[] = {"043 ff", "043 79", "043 79", "043 ff",
                                        "043 79", "043 79", "043 79", NULL};
    static const char *const list[] = {"043 00", "043 79", "043 03", "043 79", "043 79", "043 00",
                                       "043 79", "043 04", "043 79", "043 79", NULL};
    static const char *const get[] = {"000 00", "000 79", "000 00", "000 79", "000 00", NULL};
    static const char *const get_id[] = {"002 00", "002 79", "002 05 13", "002 79", NULL};
    static const char *const long_frame[] = {"043 08", "043 79", "043 09", "043 8*01", NULL};
    static const char *const data_id[] = {"043 08", "043 79", "004 8*01", "043 79", NULL};
    static const char *const speed[] = {"003 03", "003 79", "003 79", "003 03", "003 79", NULL};
    static const char *const same[] = {"003 79", "003 79", "003 79", "043 79", "043 79", NULL};

    (void)state;
    assert_silent(sync);
    assert_silent(erase);
    assert_silent(list);
    assert_silent(get);
    assert_silent(get_id);
    assert_silent(long_frame);
    assert_silent(data_id);
    assert_silent(speed);
    assert_silent(same);
}

static void commands_far_apart_are_silent(void **state)
{
    struct can_rig rig;

    (void)state;
    open_rig(&rig);
    can_rig_feed_text(&rig, "000");
    rig.time += 11000000000;
    can_rig_feed_text(&rig, "002");
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 0);
    can_rig_close(&rig);
}

/* Counters on the identifiers of one-byte commands go through 0x79 and 0x1F, alone and together */
static void counters_do_not_engage(void **state)
{
    struct can_rig rig;

    (void)state;
    open_rig(&rig);
    for (unsigned i = 0; i < 1024; i++) {
        const uint8_t counter[8] = {(uint8_t)i};
        const uint8_t address[8] = {(uint8_t)(i * 7), (uint8_t)i, 0x00, 0x00};
        const struct btap_can_frame frames[] = {
            {.id = 0x003, .data = counter, .length = 1, .captured = 1},
            {.id = 0x043, .data = counter, .length = 1, .captured = 1},
            {.id = 0x063, .data = counter, .length = 1, .captured = 1},
            {.id = 0x079, .data = counter, .length = 1, .captured = 1},
            {.id = 0x002, .data = counter, .length = 8, .captured = 8},
            {.id = 0x021, .data = address, .length = 4, .captured = 4},
            {.id = 0x011, .data = address, .length = 5, .captured = 5},
        };

        for (size_t f = 0; f < COUNT_OF(frames); f++)
            can_rig_feed(&rig, frames[f]);
    }
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 0);
    assert_int_equal(rig.collector.spans_length, 0);
    assert_int_equal(rig.can.foreign, 1024 * 7);
    can_rig_close(&rig);
}

/** A small generator: the same frames every time. */
static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* A car's bus: each identifier has its length, and signals that change */
static void random_signals_do_not_engage(void **state)
{
    uint32_t random = 1;
    struct can_rig rig;

    (void)state;
    open_rig(&rig);
    for (unsigned i = 0; i < 50000; i++) {
        const uint32_t id = next(&random) % 0x100;
        uint8_t data[8];
        struct btap_can_frame frame = {.id = id, .data = data, .length = (uint8_t)(id % 8 + 1)};

        for (size_t b = 0; b < sizeof(data); b++)
            data[b] = (uint8_t)next(&random);
        frame.captured = frame.length;
        can_rig_feed(&rig, frame);
    }
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 0);
    can_rig_close(&rig);
}

/* States of one byte on the identifiers of commands, of the values that answers and padding have */
static void random_states_do_not_engage(void **state)
{
    static const uint8_t ids[] = {0x00, 0x01, 0x02, 0x03, 0x43, 0x63, 0x73, 0x79, 0x82, 0x92};
    static const uint8_t values[] = {0x00, 0x79, 0x1f, 0xff, 0x03, 0x08};
    uint32_t random = 3154;

    (void)state;
    for (unsigned run = 0; run < 500; run++) {
        struct can_rig rig;

        open_rig(&rig);
        for (unsigned i = 0; i < 200; i++) {
            const uint8_t value = values[next(&random) % COUNT_OF(values)];
            struct btap_can_frame frame = {.data = &value, .length = 1, .captured = 1};

            frame.id = ids[next(&random) % COUNT_OF(ids)];
            can_rig_feed(&rig, frame);
        }
        btap_can_finish(&rig.can);
        assert_int_equal(rig.collector.transactions_length, 0);
        can_rig_close(&rig);
    }
}

/* Commands with 29-bit identifiers, which python-can sends unless it is told not to */
static void commands_with_29_bit_identifiers_are_noted_once(void **state)
{
    static const char *const frames[] = {"079", "000", "079", "002"};
    struct can_rig rig;

    (void)state;
    open_rig(&rig);
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        uint8_t data[64];
        struct btap_can_frame frame = can_rig_frame(&rig, frames[i], data);

        frame.extended = true;
        assert_false(can_rig_feed(&rig, frame));
    }
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions_length, 0);
    can_rig_assert_loose_notes(&rig, "can-extended-identifiers");
    can_rig_close(&rig);
}

/* A session that was joined in its middle: what proves nothing is decoded once it is clear */
static void joining_in_the_middle_works(void **state)
{
    static const char *const frames[] = {
        "004 8*11",           "031 79", "031 79",   "043 ff", "043 79", "043 79",
        "031 08 00 00 00 07", "031 79", "004 8*11", "031 79", "031 79", NULL};
    struct can_rig rig;

    (void)state;
    open_rig(&rig);
    can_rig_feed_all(&rig, frames);
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, rig.collector.transactions_length - 1,
                        "Write Memory 0x08000000 8 bytes | ok");
    can_rig_close(&rig);
}

/* The erase of a large flash takes longer than a host waits between commands: 30 s */
static void an_opening_lasts_as_long_as_its_erase(void **state)
{
    struct can_rig rig;

    (void)state;
    open_rig(&rig);
    can_rig_feed_text(&rig, "043 ff");
    can_rig_feed_text(&rig, "043 79");
    rig.time += 30000000000;
    can_rig_feed_text(&rig, "043 79");
    can_rig_feed_text(&rig, "021 08 00 00 00");
    can_rig_feed_text(&rig, "021 79");
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, "Erase mass | ok");
    can_rig_assert_line(&rig, 1, "Go 0x08000000 | ok");
    assert_int_equal(rig.collector.transactions_length, 2);
    can_rig_close(&rig);
}

/* Where "this bus is a bootloader's": what answers a command that nobody saw is none */
static void answers_before_the_first_command_are_none(void **state)
{
    static const char *const frames[] = {"043 79",    "043 79", "002", "002 79",
                                         "002 04 13", "002 79", NULL};
    static const struct btap_can_options options = {.bootloader = true};
    struct can_rig rig;

    (void)state;
    open_rig(&rig);
    btap_can_init(&rig.can, &rig.collector.sink, &rig.link, &options);
    can_rig_feed_all(&rig, frames);
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, "Get ID 0x413 | ok");
    assert_int_equal(rig.collector.transactions_length, 1);
    can_rig_close(&rig);
}

/* After Go the application owns the bus, until a bootloader answers again */
static void what_follows_go_is_the_applications(void **state)
{
    static const char *const frames[] = {"079",    "079 79", "021 08 00 00 00", "021 79",
                                         "043 05", "002",    "3a5 8*00",        "079",
                                         "079 79", "002",    "002 1f",          NULL};
    struct can_rig rig;

    (void)state;
    open_rig(&rig);
    can_rig_feed_all(&rig, frames);
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, "Sync | ok");
    can_rig_assert_line(&rig, 1, "Go 0x08000000 | ok");
    can_rig_assert_line(&rig, 2, "Sync | ok");
    can_rig_assert_line(&rig, 3, "Get ID | nack (command)");
    assert_int_equal(rig.collector.transactions_length, 4);
    can_rig_close(&rig);
}

/* Nobody acknowledges the host's frames */
static void error_frames_are_noted(void **state)
{
    const struct btap_can_frame no_ack = {.id = 0x20, .error = true, .length = 8};
    const struct btap_can_frame protocol = {.id = 0x08, .error = true, .length = 8};
    struct can_rig rig;

    (void)state;
    open_rig(&rig);
    can_rig_feed_text(&rig, "079");
    can_rig_feed(&rig, no_ack);
    can_rig_feed(&rig, no_ack);
    can_rig_feed(&rig, protocol);
    can_rig_assert_loose_notes(&rig, "can-no-acknowledge can-error");
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, "Sync | incomplete (sync)");
    can_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_others_are_silent),
        cmocka_unit_test(states_that_pass_through_an_ack_are_silent),
        cmocka_unit_test(commands_far_apart_are_silent),
        cmocka_unit_test(counters_do_not_engage),
        cmocka_unit_test(random_signals_do_not_engage),
        cmocka_unit_test(random_states_do_not_engage),
        cmocka_unit_test(commands_with_29_bit_identifiers_are_noted_once),
        cmocka_unit_test(joining_in_the_middle_works),
        cmocka_unit_test(an_opening_lasts_as_long_as_its_erase),
        cmocka_unit_test(answers_before_the_first_command_are_none),
        cmocka_unit_test(what_follows_go_is_the_applications),
        cmocka_unit_test(error_frames_are_noted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
