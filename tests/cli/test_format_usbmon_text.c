/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines as Linux Documentation/usb/usbmon.rst and drivers/usb/mon/mon_text.c have them, and the
 * usbmon records (the same document) that they come to.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "formats/reader/reader.h"
#include "test.h"

#define RECORDS_MAX 16

/** What a text comes to. */
struct outcome {
    size_t length;
    enum reader_result end;
    struct btap_record records[RECORDS_MAX];
    uint8_t bytes[RECORDS_MAX][512];
    char problem[256];
    char remark[256];
};

static void keep(struct outcome *outcome, const struct btap_record *record)
{
    uint8_t *bytes = outcome->bytes[outcome->length];

    assert_true(outcome->length < RECORDS_MAX && record->captured <= sizeof(outcome->bytes[0]));
    memcpy(bytes, record->bytes, record->captured);
    outcome->records[outcome->length] = *record;
    outcome->records[outcome->length++].bytes = bytes;
}

static void read_text(const char *text, struct outcome *outcome)
{
    struct reader reader = {.fd = memfd_create("text", 0)};
    struct btap_record record;

    *outcome = (struct outcome){0};
    assert_true(reader.fd >= 0);
    assert_int_equal(write(reader.fd, text, strlen(text)), strlen(text));
    assert_int_equal(lseek(reader.fd, 0, SEEK_SET), 0);
    assert_true(reader_start(&reader, &reader_usbmon_text));
    assert_int_equal(reader.digits, 6);
    while ((outcome->end = reader.format->next(&reader, &record)) == READER_NEXT)
        keep(outcome, &record);
    strcpy(outcome->problem, reader.problem);
    strcpy(outcome->remark, reader.remark);
    close(reader.fd);
    reader_release(&reader);
}

static void assert_bytes(const struct outcome *outcome, size_t n, uint32_t at, const char *bytes,
                         size_t length)
{
    assert_true(at + length <= outcome->records[n].captured);
    assert_memory_equal(outcome->bytes[n] + at, bytes, length);
}

/** With a string literal. */
#define ASSERT_BYTES(outcome, n, at, literal)                                                      \
    assert_bytes(outcome, n, at, literal, sizeof(literal) - 1)

static void a_control_transfer(void **state)
{
    struct outcome outcome;

    (void)state;
    read_text("ffff8899a1b2c300 2370066737 S Ci:1:025:0 s 80 06 0100 0000 0012 18 <\n"
              "ffff8899a1b2c300 2370066980 C Ci:1:025:0 0 18 = 12010002 00000040 830411df 00220102 "
              "0301\n",
              &outcome);
    assert_int_equal(outcome.length, 2);
    assert_int_equal(outcome.end, READER_END);
    assert_string_equal(outcome.problem, "");
    assert_string_equal(outcome.remark, "");

    assert_int_equal(outcome.records[0].linktype, 220);
    assert_int_equal(outcome.records[0].lacks, BTAP_LACKS_DATA);
    assert_int_equal(outcome.records[0].time, INT64_C(2370066737000));
    assert_int_equal(outcome.records[0].captured, 64);
    assert_int_equal(outcome.records[0].length, 64);
    ASSERT_BYTES(&outcome, 0, 0,
                 "\x00\xc3\xb2\xa1\x99\x88\xff\xff"   /* id */
                 "S\x02\x80\x19\x01\x00\x00<"         /* device 25, bus 1, setup */
                 "\x42\x09\0\0\0\0\0\0\xb1\x04\x01\0" /* 2370 s, 66737 us */
    );
    ASSERT_BYTES(&outcome, 0, 28,
                 "\x8d\xff\xff\xff\x12\0\0\0\0\0\0\0" /* -115, 18, none here */
                 "\x80\x06\x00\x01\x00\x00\x12\x00");

    assert_int_equal(outcome.records[1].time, INT64_C(2370066980000));
    assert_int_equal(outcome.records[1].captured, 64 + 18);
    assert_int_equal(outcome.records[1].length, 64 + 18);
    ASSERT_BYTES(&outcome, 1, 8, "C\x02\x80\x19\x01\x00-\0");
    ASSERT_BYTES(&outcome, 1, 28, "\0\0\0\0\x12\0\0\0\x12\0\0\0");
    ASSERT_BYTES(&outcome, 1, 64,
                 "\x12\x01\x00\x02\x00\x00\x00\x40\x83\x04\x11\xdf\x00\x22\x01"
                 "\x02\x03\x01");
}

/* What does not fit 32 bytes is missing, and told. */
static void data_that_are_cut(void **state)
{
    struct outcome outcome;

    (void)state;
    read_text("a1 1 S Co:1:025:0 s 21 01 0002 0000 0800 2048 = 00500020 ddc30008 e1c30008 "
              "e5c30008 e9c30008 edc30008 f1c30008 00000000\n"
              "a1 2 C Co:1:025:0 -32 0\n"
              "a1 3 S Co:1:025:0 s 21 01 0002 0000 0005 5 D\n",
              &outcome);
    assert_int_equal(outcome.length, 3);
    assert_int_equal(outcome.records[0].captured, 64 + 32);
    assert_int_equal(outcome.records[0].length, 64 + 2048);
    ASSERT_BYTES(&outcome, 0, 32, "\x00\x08\0\0\x20\0\0\0"); /* 2048, 32 of them */
    ASSERT_BYTES(&outcome, 1, 28, "\xe0\xff\xff\xff\0\0\0\0");
    ASSERT_BYTES(&outcome, 2, 14, "\0D"); /* with setup, without data */
    assert_int_equal(outcome.records[2].captured, 64);
}

/* Each of the four types in both directions, the forms of 1t, an error, more than one status */
static void other_lines(void **state)
{
    struct outcome outcome;

    (void)state;
    read_text("a1 10 S Bo:2:005:2 -115 2 = 31ce\n"
              "a2 11 C Bi:2:005:1 -2 0\n"
              "a3 12 C Ii:2:005:3 0:8 2 = 0102\n"
              "a4 13 S Ci:025:00 s a1 03 0000 0000 0006 6 <\n"
              "a5 14 E Bo:2:005:2 -19 0\n"
              "a6 15 S Ci:2:005:0 Z __ __ ____ ____ ____ 6 <\n"
              "a7 16 C Zi:2:005:4 0:1:1600:0 3 0:0:180 0:192:180 0:384:180 576 = 00112233\n"
              "a8 17 S Ci:2:005:0 - 6 <\n",
              &outcome);
    assert_int_equal(outcome.length, 8);
    assert_string_equal(outcome.problem, "");
    ASSERT_BYTES(&outcome, 0, 8, "S\x03\x02\x05\x02\0-\0");
    ASSERT_BYTES(&outcome, 0, 64, "\x31\xce");
    ASSERT_BYTES(&outcome, 1, 8, "C\x03\x81\x05\x02\0-\0");
    ASSERT_BYTES(&outcome, 1, 28, "\xfe\xff\xff\xff");
    ASSERT_BYTES(&outcome, 2, 8, "C\x01\x83\x05\x02\0-\0");
    ASSERT_BYTES(&outcome, 3, 8, "S\x02\x80\x19\0\0\0<");
    ASSERT_BYTES(&outcome, 3, 40, "\xa1\x03\0\0\0\0\x06\0");
    ASSERT_BYTES(&outcome, 4, 8, "E\x03\x02\x05\x02\0-E");
    ASSERT_BYTES(&outcome, 4, 28, "\xed\xff\xff\xff");
    ASSERT_BYTES(&outcome, 5, 8, "S\x02\x80\x05\x02\0-<");
    ASSERT_BYTES(&outcome, 6, 8, "C\0\x84\x05\x02\0-");
    assert_int_equal(outcome.records[6].captured, 64);
    ASSERT_BYTES(&outcome, 7, 8, "S\x02\x80\x05\x02\0-<");
}

/* 2^32 us = 4294.967296 s; a line that is late stands where it belongs. */
static void the_clock(void **state)
{
    struct outcome outcome;

    (void)state;
    read_text("a1 4294967290 S Bi:2:005:1 -115 64 <\n"
              "a1 10 C Bi:2:005:1 0 0\n"
              "a1 4 C Bi:2:005:1 0 0\n"
              "a1 20 C Bi:2:005:1 0 0\n"
              "a1 C Bi:2:005:1 0 0\n",
              &outcome);
    assert_int_equal(outcome.length, 5);
    assert_int_equal(outcome.records[0].time, INT64_C(4294967290000));
    assert_int_equal(outcome.records[1].time, INT64_C(4294967306000));
    assert_int_equal(outcome.records[2].time, INT64_C(4294967300000));
    assert_int_equal(outcome.records[3].time, INT64_C(4294967316000));
    assert_int_equal(outcome.records[3].lacks, BTAP_LACKS_DATA);
    assert_int_equal(outcome.records[4].time, INT64_C(4294967316000));
    assert_int_equal(outcome.records[4].lacks, BTAP_LACKS_DATA | BTAP_LACKS_TIMES);
}

/* A mail program broke the line; the record waits for the rest, as long as it may come. */
static void a_broken_line(void **state)
{
    struct outcome outcome;

    (void)state;
    read_text("> a1 1 S Co:1:025:0 s 21 01 0002 0000 0008 8 = 00500020\n"
              "> ddc30008\n"
              "> a2 2 S Bo:1:025:2 -115 8 = 00112233\n"
              "> a2 3 C Bo:1:025:2 0 8 >\n"
              "face\n",
              &outcome);
    assert_int_equal(outcome.length, 3);
    assert_int_equal(outcome.records[0].captured, 64 + 8);
    ASSERT_BYTES(&outcome, 0, 64, "\x00\x50\x00\x20\xdd\xc3\x00\x08");
    assert_int_equal(outcome.records[1].captured, 64 + 4);
    assert_int_equal(outcome.records[1].length, 64 + 8);
    ASSERT_BYTES(&outcome, 1, 36, "\x04\0\0\0");
}

static void lines_that_are_damaged(void **state)
{
    static const char *const lines[] = {
        "a1 1 S Ci:1:025:0 s a1 03 0000 0000\n",
        "a1 1 S Ci:1:025:0 s a1 103 0000 0000 0006 6 <\n",
        "a1 1 S Ci:1:025:0 x a1 03 0000 0000 0006 6 <\n",
        "a1 1 C Ci:1:025:0 0 6 = 0048000\n",
        "a1 1 C Ci:1:025:0 0 6 = 00480000 0400000000\n",
        "a1 1 C Ci:1:025:0 0 -6\n",
        "a1 1 C Ci:1:025:0 0\n",
        "a1 1 C Ci:1:025:0\n",
        "a1 1 C Bo:1:025:2 0 4294967296 >\n",
        "a1 1 C Bo:1:025:2 0 5 > more\n",
        "a1 1 C Ci:1:025:0 0 6 = 0048zz00 0400\n",
        "a1 1 S Ci:1:025:0 Zz __ __ ____ ____ ____ 6 <\n",
    };
    struct outcome outcome;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        read_text(lines[i], &outcome);
        assert_int_equal(outcome.length, 0);
        assert_string_equal(outcome.problem,
                            "line 1 is not as text of usbmon has it; skipped 1 such line");
    }
}

static void lines_of_something_else(void **state)
{
    static const char *const lines[] = {
        "a1 1 X Ci:1:025:0 0 6\n",
        "a1 1 S Xi:1:025:0 0 6\n",
        "a1 1 S Cx:1:025:0 0 6\n",
        "a1 1 S Ci:1:128:0 0 6\n",
        "a1 1 S Ci:1:025:16 0 6\n",
        "a1 1 S Ci:025 0 6\n",
        "a1 4294967296 S Ci:1:025:0 0 6\n",
        "a1 1 S Ci:1:2:3:4 0 6\n",
        "a1 1 SC Ci:1:025:0 0 6\n",
        "fffff8899a1b2c300 1 S Ci:1:025:0 0 6\n",
        "a1\n",
        "a1 1\n",
        "a1 1 S\n",
        "face 1234\n",
        "= 1\n",
    };
    struct outcome outcome;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        read_text(lines[i], &outcome);
        assert_int_equal(outcome.length, 0);
        assert_string_equal(outcome.problem, "");
        assert_string_not_equal(outcome.remark, "");
    }
}

static bool probes(const char *text)
{
    const struct first first = first_from((const uint8_t *)text, strlen(text));

    return reader_usbmon_text.kind.probe(&first);
}

static void told_by_its_lines(void **state)
{
    (void)state;
    assert_true(probes("ffff8899a1b2c300 2370066737 S Ci:1:025:0 s 80 06"));
    assert_true(probes("d5ea89a0 3575914555 C Ii:001:01 0 1 D"));
    assert_true(probes("On Friday somebody wrote:\n> ffff88 1 C Bo:1:025:2 0 2 >\n"));
    assert_true(probes("ffff8899a1b2c300 E Bo:1:025:2 -19 0"));
    assert_false(probes("ffff8899a1b2c300 2370066737 Ci:1:025:0 s 80 06"));
    assert_false(probes("[ 1.5] usb 1-2: new full-speed USB device number 25 using xhci_hcd\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_control_transfer),
        cmocka_unit_test(data_that_are_cut),
        cmocka_unit_test(other_lines),
        cmocka_unit_test(the_clock),
        cmocka_unit_test(a_broken_line),
        cmocka_unit_test(lines_that_are_damaged),
        cmocka_unit_test(lines_of_something_else),
        cmocka_unit_test(told_by_its_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
