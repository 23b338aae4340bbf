/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every capture format through the interface of readers: a file that grows byte by byte gives the
 * same records, none before it is complete.
 */
#include "formats/reader/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "formats/reader/first.h"
#include "program.h"
#include "test.h"

/* draft-ietf-opsawg-pcap: version 2.4, snap length 65535, link type 250; two records of 3 and 1
 * bytes at 1.000002 s and 4294967295.000000 s (the year 2106), 5 and 1 on the wire */
#define PCAP                                                                                       \
    "\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00"             \
    "\xfa\x00\x00\x00"                                                                             \
    "\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x05\x00\x00\x00"                             \
    "abc"                                                                                          \
    "\xff\xff\xff\xff\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00"                             \
    "d"
#define PCAP_START 24

/* The same as big-endian pcapng, its interface without options */
#define PCAPNG                                                                                     \
    "\x0a\x0d\x0d\x0a\x00\x00\x00\x1c\x1a\x2b\x3c\x4d\x00\x01\x00\x00"                             \
    "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x1c"                                             \
    "\x00\x00\x00\x01\x00\x00\x00\x14\x00\xfa\x00\x00\x00\x00\x00\x00\x00\x00\x00\x14"             \
    "\x00\x00\x00\x06\x00\x00\x00\x24\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0f\x42\x42"             \
    "\x00\x00\x00\x03\x00\x00\x00\x05"                                                             \
    "abc\x00\x00\x00\x00\x24"                                                                      \
    "\x00\x00\x00\x06\x00\x00\x00\x24\x00\x00\x00\x00\x00\x0f\x42\x3f\xff\xf0\xbd\xc0"             \
    "\x00\x00\x00\x01\x00\x00\x00\x01"                                                             \
    "d\x00\x00\x00\x00\x00\x00\x24"

#define CANDUMP                                                                                    \
    "(1.000002) can0 111##0616263\n"                                                               \
    "(4294967295.000000) can0 111##064\n"

static const struct sample {
    const struct reader_format *format;
    const char *bytes;
    size_t length;
    size_t start;   /**< so many bytes stand before the first record */
    size_t ends[2]; /**< so many bytes are read when a record is complete */
} samples[] = {
    {&reader_pcap, PCAP, sizeof(PCAP) - 1, PCAP_START, {43, 60}},
    {&reader_pcapng, PCAPNG, sizeof(PCAPNG) - 1, 0, {84, 120}},
    {&reader_candump, CANDUMP, sizeof(CANDUMP) - 1, 0, {29, 63}},
};

static void assert_record(const struct btap_record *record, size_t n)
{
    const size_t length = n == 0 ? 3 : 1;
    /* A SocketCAN FD frame has 8 bytes before its data. */
    const uint8_t *data = record->bytes + (record->linktype == BTAP_LINKTYPE_CAN_SOCKETCAN ? 8 : 0);

    assert_int_equal(record->time, n == 0 ? 1000002000 : INT64_C(4294967295000000000));
    assert_memory_equal(data, n == 0 ? "abc" : "d", length);
    if (record->linktype == BTAP_LINKTYPE_CAN_SOCKETCAN)
        return;
    assert_int_equal(record->linktype, BTAP_LINKTYPE_RTAC_SERIAL);
    assert_int_equal(record->captured, length);
    assert_int_equal(record->length, n == 0 ? 5 : 1);
}

static bool probes(const struct reader_format *format, const char *text)
{
    const struct first first = {(const uint8_t *)text, 40, 0};

    return format->kind.probe(&first);
}

static void each_format_is_known_by_its_first_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++)
        assert_true(probes(samples[i].format, samples[i].bytes));
    assert_false(probes(&reader_pcapng, PCAP));
    assert_false(probes(&reader_candump, PCAP));
    assert_false(probes(&reader_candump, PCAPNG));
    assert_false(probes(&reader_pcap, CANDUMP));
}

static enum reader_result expected_result(const struct sample *sample, size_t length,
                                          size_t records)
{
    const size_t begin = records > 0 ? sample->ends[records - 1] : sample->start;

    /* The header of a pcapng section and its interface are blocks, which end at 28 and 48. */
    if (sample->format == &reader_pcapng && records == 0 && (length == 28 || length == 48))
        return READER_END;
    return length == begin || sample->format == &reader_candump ? READER_END : READER_CUT_SHORT;
}

/** Adds byte after byte; after each, what is complete can be read, and nothing else. */
static void follow(const struct sample *sample)
{
    FILE *writer = fopen("growing", "wb");
    struct reader reader = {.growing = true};
    struct btap_record record;
    size_t records = 0;

    assert_non_null(writer);
    setvbuf(writer, NULL, _IONBF, 0);
    fwrite(sample->bytes, 1, sample->start, writer);
    reader.fd = open("growing", O_RDONLY);
    assert_true(reader.fd >= 0);
    assert_true(reader_start(&reader, sample->format));
    assert_int_equal(reader.format->next(&reader, &record), READER_END);
    for (size_t i = sample->start; i < sample->length; i++) {
        putc(sample->bytes[i], writer);
        if (records < 2 && i + 1 == sample->ends[records]) {
            assert_int_equal(reader.format->next(&reader, &record), READER_NEXT);
            assert_record(&record, records++);
        }
        assert_int_equal(reader.format->next(&reader, &record),
                         expected_result(sample, i + 1, records));
    }
    assert_int_equal(records, 2);
    reader_release(&reader);
    close(reader.fd);
    fclose(writer);
}

static void a_growing_file_is_read_as_far_as_it_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++)
        follow(&samples[i]);
}

/* A log that is not growing ends with its last line, though that has no line end. */
static void a_last_line_without_an_end(void **state)
{
    struct reader reader = {0};
    struct btap_record record;

    (void)state;
    write_file("log", CANDUMP, sizeof(CANDUMP) - 2);
    reader.fd = open("log", O_RDONLY);
    assert_true(reader.fd >= 0);
    assert_true(reader_start(&reader, &reader_candump));
    for (size_t n = 0; n < 2; n++) {
        assert_int_equal(reader.format->next(&reader, &record), READER_NEXT);
        assert_record(&record, n);
    }
    assert_int_equal(reader.format->next(&reader, &record), READER_END);
    assert_string_equal(reader.problem, "");
    reader_release(&reader);
    close(reader.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_format_is_known_by_its_first_bytes),
        cmocka_unit_test(a_growing_file_is_read_as_far_as_it_is_complete),
        cmocka_unit_test(a_last_line_without_an_end),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
