/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A command whose answer is due when the recording ends: incomplete while a tool may still wait,
 * no-reply after (tools wait less than 5 s, for an erase less than 40 s: stm32flash 35 s).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "program.h"
#include "record/recorder.h"

#define START 1700000000000000000
#define MS    1000000

/** Of an RTAC serial record; 0 CAN. */
#define SENT     0x01
#define RECEIVED 0x02

struct piece {
    uint8_t event;
    size_t length;
    uint8_t bytes[16];
};

static void put_piece(struct recorder *recorder, const struct piece *piece, btap_ns time)
{
    uint8_t bytes[12 + sizeof(piece->bytes)] = {[8] = piece->event};
    struct traffic_record record = {.time = time, .bytes = bytes};

    memcpy(bytes + 12, piece->bytes, piece->length);
    record.captured = record.length = 12 + (uint32_t)piece->length;
    if (piece->event == 0) {
        record.bytes = piece->bytes;
        record.captured = record.length = (uint32_t)piece->length;
    }
    assert_int_equal(recorder_record(recorder, &record), RECORDER_RUNS);
}

/** Records pieces a millisecond apart, and goes on for a time after the last. */
static void record_until(const struct piece *pieces, size_t length, btap_ns after)
{
    const struct recorder_options options = {.path = "end.pcapng", .application = "test"};
    const struct traffic_interface interface = {
        .linktype = pieces[0].event == 0 ? BTAP_LINKTYPE_CAN_SOCKETCAN : BTAP_LINKTYPE_RTAC_SERIAL,
        .name = "line",
    };
    struct recorder *recorder = recorder_open(&options);

    assert_non_null(recorder);
    assert_int_equal(recorder_interface(recorder, &interface), RECORDER_RUNS);
    for (size_t i = 0; i < length; i++)
        put_piece(recorder, &pieces[i], START + (btap_ns)i * MS);
    assert_true(recorder_close(recorder, START + (btap_ns)(length - 1) * MS + after));
}

static void assert_status(const struct piece *pieces, size_t length, int64_t after_ms,
                          const char *status)
{
    char wanted[32];
    const char *last;
    struct run run;

    record_until(pieces, length, after_ms * MS);
    run = run_program("decode --json end.pcapng");
    assert_int_equal(run.status, 0);
    last = strrchr(run.out, '{'); /* of the notes, if there are any */
    for (const char *line = run.out; (line = strstr(line, "{\"type\":\"transaction\"")) != NULL;
         line++)
        last = line;
    snprintf(wanted, sizeof(wanted), "\"status\":\"%s\"", status);
    assert_non_null(strstr(last, wanted));
    run_release(&run);
}

#define ASSERT_STATUS(pieces, after_ms, status)                                                    \
    assert_status(pieces, sizeof(pieces) / sizeof((pieces)[0]), after_ms, status)

static void sync(void **state)
{
    static const struct piece pieces[] = {{SENT, 1, {0x7f}}};

    (void)state;
    ASSERT_STATUS(pieces, 4999, "incomplete");
    ASSERT_STATUS(pieces, 5000, "no-reply");
}

static void erase_takes_longer(void **state)
{
    /* AN3155 section 3.7: Erase, ACK, 0xFF 0x00 for all pages. */
    static const struct piece pieces[] = {
        {SENT, 1, {0x7f}},     {RECEIVED, 1, {0x79}},   {SENT, 2, {0x43, 0xbc}},
        {RECEIVED, 1, {0x79}}, {SENT, 2, {0xff, 0x00}},
    };

    (void)state;
    ASSERT_STATUS(pieces, 39999, "incomplete");
    ASSERT_STATUS(pieces, 40000, "no-reply");
}

static void the_hosts_turn(void **state)
{
    /* Read Memory was acknowledged; the host sends no address. */
    static const struct piece pieces[] = {
        {SENT, 1, {0x7f}},
        {RECEIVED, 1, {0x79}},
        {SENT, 2, {0x11, 0xee}},
        {RECEIVED, 1, {0x79}},
    };

    (void)state;
    ASSERT_STATUS(pieces, 100000, "incomplete");
}

static void can_frame(void **state)
{
    /* AN5405: Get, identifier 0, is answered by ACK; here first so, and then not. */
    static const struct piece pieces[] = {
        {0, 8, {0, 0, 0, 0x00, 0, 0x04}},
        {0, 9, {0, 0, 0, 0x00, 1, 0x04, 0, 0, 0x79}},
        {0, 9, {0, 0, 0, 0x00, 1, 0x04, 0, 0, 0x01}},
        {0, 9, {0, 0, 0, 0x00, 1, 0x04, 0, 0, 0x22}},
        {0, 9, {0, 0, 0, 0x00, 1, 0x04, 0, 0, 0x00}},
        {0, 9, {0, 0, 0, 0x00, 1, 0x04, 0, 0, 0x79}},
        {0, 8, {0, 0, 0, 0x02, 0, 0x04}},
    };

    (void)state;
    ASSERT_STATUS(pieces, 4999, "incomplete");
    ASSERT_STATUS(pieces, 5000, "no-reply");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sync),
        cmocka_unit_test(erase_takes_longer),
        cmocka_unit_test(the_hosts_turn),
        cmocka_unit_test(can_frame),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
