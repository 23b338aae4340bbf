/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Parts of the serial sources that need no port: marks among received bytes, sequences of --reset,
 * queues, records.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/queue.h"
#include "live/reset.h"
#include "port/marks.h"
#include "test.h"
#include "traffic/serial_record.h"

/* Marks: termios(3), PARMRK. */

/** Takes bytes apart in pieces of a size: data as it is, errors as <xx>. */
static void take_apart(const uint8_t *bytes, size_t length, size_t cut, char *found)
{
    struct marks marks = {0};
    struct mark mark;

    *found = '\0';
    for (size_t start = 0; start < length; start += cut) {
        const size_t end = start + cut < length ? start + cut : length;

        for (size_t at = start; at < end;) {
            const size_t used = marks_next(&marks, bytes + at, end - at, &mark);

            assert_in_range(used, 1, end - at);
            at += used;
            for (size_t i = 0; i < mark.length; i++)
                found +=
                    sprintf(found, mark.kind == MARK_ERROR ? "<%02x>" : "%02x ", mark.bytes[i]);
            assert_true(mark.kind == MARK_NONE ? at == end : mark.length > 0);
        }
    }
}

static void assert_marks(const char *bytes, size_t length, const char *expected)
{
    char found[128];

    for (size_t cut = 1; cut <= length; cut++) {
        take_apart((const uint8_t *)bytes, length, cut, found);
        assert_string_equal(found, expected);
    }
}

static void marks_wherever_they_are_cut(void **state)
{
    (void)state;
    assert_marks("\x79\x1f", 2, "79 1f ");
    assert_marks("\xff\xff", 2, "ff ");
    assert_marks("\xff\xff\xff\xff", 4, "ff ff ");
    assert_marks("\x00\xff\xff\x00", 4, "00 ff 00 ");
    assert_marks("\xff\x00\x79", 3, "<79>");
    assert_marks("\xff\x00\x00", 3, "<00>");
    assert_marks("\xff\x00\xff", 3, "<ff>");
    assert_marks("\xff\x00\xff\xff\x00\x00", 6, "<ff><00>");
    assert_marks("\x31\xff\x00\xce\xff\xff\x79", 7, "31 <ce>ff 79 ");
    /* What no kernel writes; nothing of it is lost but the mark. */
    assert_marks("\xff\x42\x43", 3, "42 43 ");
    /* The end is missing. */
    assert_marks("\x31\xff", 2, "31 ");
    assert_marks("\x31\xff\x00", 3, "31 ");
}

static void good_bytes_come_in_one_piece(void **state)
{
    static const uint8_t bytes[] = {1, 2, 3, 0xff, 0xff, 4};
    struct marks marks = {0};
    struct mark mark;

    (void)state;
    assert_int_equal(marks_next(&marks, bytes, sizeof(bytes), &mark), 3);
    assert_int_equal(mark.kind, MARK_DATA);
    assert_ptr_equal(mark.bytes, bytes);
    assert_int_equal(mark.length, 3);
}

/* Sequences */

static void assert_sequence(const char *text, const char *expected)
{
    char found[256] = "";
    struct reset reset;

    assert_true(reset_parse(text, &reset));
    for (size_t i = 0; i < reset.length; i++) {
        const struct reset_step *step = &reset.steps[i];

        if (i == reset.exit)
            strcat(found, ": ");
        if (step->mask != 0)
            sprintf(found + strlen(found), "%s=%d ", step->mask == BTAP_LINE_DTR ? "dtr" : "rts",
                    step->lines != 0);
        if (step->pause != 0)
            sprintf(found + strlen(found), "%d ", (int)(step->pause / 1000000));
    }
    assert_string_equal(found, expected);
}

/* As `stm32flash -h` tells of -i. */
static void sequences_of_stm32flash(void **state)
{
    (void)state;
    assert_sequence("rts,-dtr,dtr", "rts=1 100 dtr=0 100 dtr=1 ");
    assert_sequence("-rts&dtr", "rts=0 dtr=1 ");
    assert_sequence("dtr", "dtr=1 ");
    assert_sequence(",,,,,:rts&-dtr,,,", "100 100 100 100 100 : rts=1 dtr=0 100 100 100 ");
    assert_sequence("-dtr&rts,-rts:-rts&dtr", "dtr=0 rts=1 100 rts=0 : rts=0 dtr=1 ");
    assert_sequence(":dtr", ": dtr=1 ");
}

static void what_is_no_sequence(void **state)
{
    static const char *const texts[] = {"",     "brk",  "DTR",    "dtr rts", "--dtr", "-",
                                        "dtrx", "7,-7", "dtr:::", ":",       "&",     "dtr,-"};
    char many[RESET_STEPS_MAX + 2];
    struct reset reset;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (reset_parse(texts[i], &reset))
            fail_msg("taken for a sequence: %s", texts[i]);
    memset(many, ',', sizeof(many));
    many[RESET_STEPS_MAX] = '\0';
    assert_true(reset_parse(many, &reset));
    many[RESET_STEPS_MAX] = ',';
    many[RESET_STEPS_MAX + 1] = '\0';
    assert_false(reset_parse(many, &reset));
}

/* Queues */

static void a_queue_gives_what_it_got(void **state)
{
    struct queue *queue = calloc(1, sizeof(*queue));
    uint8_t bytes[1000];
    uint8_t next_in = 0;
    uint8_t next_out = 0;

    (void)state;
    /* Round its end many times, nearly full all the while. */
    for (int round = 0; round < 1000; round++) {
        while (queue_room(queue) >= sizeof(bytes)) {
            for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = next_in++;
            queue_add(queue, bytes, sizeof(bytes));
        }
        for (size_t i = 0; i < 777; i++)
            assert_int_equal(queue_first(queue)[i], next_out++);
        queue_drop(queue, 777);
    }
    queue_drop(queue, queue->length);
    assert_int_equal(queue_room(queue), QUEUE_SIZE);
    free(queue);
}

/* Records */

struct sent {
    size_t length;
    struct traffic_record records[8];
    uint8_t bytes[8][64];
    uint32_t captured[8];
    char comment[64];
};

static void on_record(void *context, const struct traffic_record *record)
{
    struct sent *sent = context;
    const size_t size = sizeof(sent->bytes[0]);

    assert_in_range(sent->length, 0, COUNT_OF(sent->records) - 1);
    memcpy(sent->bytes[sent->length], record->bytes,
           record->captured < size ? record->captured : size);
    if (record->comment != NULL)
        strcpy(sent->comment, record->comment);
    sent->records[sent->length++] = *record;
}

/* www.tcpdump.org/linktypes/LINKTYPE_RTAC_SERIAL.html: seconds and microseconds, event, UART state
 * (b0 CTS, b1 DCD, b2 DSR, b3 RTS, b4 DTR, b5 RI), two bytes of 0, bytes. */
static void a_record_of_each_kind(void **state)
{
    static const struct btap_serial_settings settings = {115200, 8, BTAP_PARITY_EVEN, 2};
    static const uint8_t ack[] = {0x79};
    struct sent sent = {0};
    const struct traffic_sink sink = {.context = &sent, .record = on_record};
    struct serial_record record = {
        .event = SERIAL_RECORD_RECEIVED,
        .lines = BTAP_LINE_DTR | BTAP_LINE_CTS,
        .time = INT64_C(0x01020304) * 1000000000 + 5 * 1000 + 6,
        .bytes = ack,
        .length = 1,
    };

    (void)state;
    serial_record_send(&sink, 3, &record);
    assert_memory_equal(sent.bytes[0], "\x01\x02\x03\x04\0\0\0\x05\x02\x11\0\0\x79", 13);
    assert_int_equal(sent.records[0].captured, 13);
    assert_int_equal(sent.records[0].length, 13);
    assert_int_equal(sent.records[0].interface_id, 3);
    assert_int_equal(sent.records[0].direction, BTAP_DEVICE_TO_HOST);
    assert_int_equal(sent.records[0].time, record.time);
    record.event = SERIAL_RECORD_TRANSMITTED;
    record.lines = BTAP_LINE_RTS | BTAP_LINE_DCD | BTAP_LINE_DSR | BTAP_LINE_RI;
    serial_record_send(&sink, 0, &record);
    assert_memory_equal(sent.bytes[1] + 8, "\x01\x2e\0\0\x79", 5);
    assert_int_equal(sent.records[1].direction, BTAP_HOST_TO_DEVICE);
    record = (struct serial_record){.event = SERIAL_RECORD_STATUS, .settings = &settings};
    serial_record_send(&sink, 0, &record);
    assert_int_equal(sent.records[2].captured, 12);
    assert_int_equal(sent.records[2].direction, BTAP_DIRECTION_UNKNOWN);
    assert_string_equal(sent.comment, "boottap serial: 115200 8E1");
}

static void many_bytes_take_several_records(void **state)
{
    static uint8_t bytes[10000];
    struct sent sent = {0};
    const struct traffic_sink sink = {.context = &sent, .record = on_record};
    const struct serial_record record = {
        .event = SERIAL_RECORD_TRANSMITTED, .bytes = bytes, .length = sizeof(bytes)};

    (void)state;
    bytes[4096] = 1;
    bytes[8192] = 2;
    serial_record_send(&sink, 0, &record);
    assert_int_equal(sent.length, 3);
    assert_int_equal(sent.records[0].captured, 12 + 4096);
    assert_int_equal(sent.records[2].captured, 12 + 10000 - 8192);
    assert_int_equal(sent.bytes[0][12], 0);
    assert_int_equal(sent.bytes[1][12], 1);
    assert_int_equal(sent.bytes[2][12], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_wherever_they_are_cut),
        cmocka_unit_test(good_bytes_come_in_one_piece),
        cmocka_unit_test(sequences_of_stm32flash),
        cmocka_unit_test(what_is_no_sequence),
        cmocka_unit_test(a_queue_gives_what_it_got),
        cmocka_unit_test(a_record_of_each_kind),
        cmocka_unit_test(many_bytes_take_several_records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
