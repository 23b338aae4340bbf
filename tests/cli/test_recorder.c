/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Recordings, their bytes written down by hand from draft-ietf-opsawg-pcapng and
 * draft-ietf-opsawg-pcap; what is left of them when the disk is full, the reader of a pipe goes or
 * the program is killed; rings and limits as dumpcap has them.
 */
#include "record/recorder.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "formats/reader/reader.h"
#include "program.h"
#include "test.h"

#define NS_PER_SECOND INT64_C(1000000000)

static const struct recorder_options plain = {.path = "x.pcapng", .application = "boottap 9"};

/** A serial line with everything that can be said of an interface. */
static const struct traffic_interface serial = {
    .linktype = BTAP_LINKTYPE_RTAC_SERIAL,
    .name = "ttyUSB0",
    .description = "FT232R",
    .filter = "all",
    .hardware = "0403:6001",
    .snap_length = 65535,
    .speed = 115200,
};

static const struct traffic_interface can = {
    .linktype = BTAP_LINKTYPE_CAN_SOCKETCAN,
    .name = "vcan0",
};

/* A record of RTAC serial: 4 bytes of seconds and of microseconds, the event, lines, 2 reserved
 * bytes, then what the line carried */
#define RTAC(event, payload) "\x00\x00\x00\x01\x00\x00\x00\x00" event "\x00\x00\x00" payload

/** Time 0x17A2B3C4D5E6F708 ns is in December 2023. */
#define TIME INT64_C(0x17A2B3C4D5E6F708)

/* A literal's bytes without the terminating zero */
#define BYTES(literal) (const uint8_t *)(literal), sizeof(literal) - 1

static struct recorder *open_recorder(const struct recorder_options *options)
{
    struct recorder *recorder = recorder_open(options);

    assert_non_null(recorder);
    return recorder;
}

/** Records so many bytes at a time, under way to the device. */
static enum recorder_state record_at(struct recorder *recorder, btap_ns time, uint32_t interface_id,
                                     const void *bytes, size_t length)
{
    const struct traffic_record record = {
        .interface_id = interface_id,
        .time = time,
        .direction = BTAP_HOST_TO_DEVICE,
        .bytes = bytes,
        .captured = (uint32_t)length,
        .length = (uint32_t)length,
    };

    return recorder_record(recorder, &record);
}

static void assert_recorded(struct recorder *recorder, btap_ns time)
{
    assert_int_equal(record_at(recorder, time, 0, BYTES(RTAC("\x01", "\x7f"))), RECORDER_RUNS);
}

/** What a file holds. Freed by the caller. */
static uint8_t *read_file(const char *path, size_t *length)
{
    struct stat status;
    FILE *file = fopen(path, "rb");
    uint8_t *bytes;

    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &status), 0);
    *length = (size_t)status.st_size;
    bytes = malloc(*length + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *length, file), *length);
    fclose(file);
    return bytes;
}

static size_t size_of(const char *path)
{
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    return (size_t)status.st_size;
}

/** Bytes that are expected, in the making. */
struct expected {
    size_t length;
    uint8_t bytes[4096];
};

static void expect(struct expected *expected, const void *bytes, size_t length)
{
    memcpy(expected->bytes + expected->length, bytes, length);
    expected->length += length;
}

static void expect32(struct expected *expected, uint32_t value)
{
    for (unsigned int i = 0; i < 4; i++)
        expected->bytes[expected->length++] = (uint8_t)(value >> 8 * i);
}

static void expect_text(struct expected *expected, uint16_t code, const char *text)
{
    const size_t length = strlen(text);

    expect32(expected, (uint32_t)length << 16 | code);
    expect(expected, text, length);
    while (expected->length % 4 != 0)
        expected->bytes[expected->length++] = 0;
}

/** Section 4.1: the comment, hardware and operating system (3), application. */
static void expect_section(struct expected *expected, const char *comment)
{
    const size_t start = expected->length;
    struct utsname system;
    char os[256];
    uint32_t length;

    assert_int_equal(uname(&system), 0);
    snprintf(os, sizeof(os), "%s %s", system.sysname, system.release);
    expect(expected, BYTES("\x0a\x0d\x0d\x0a\x00\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00"
                           "\xff\xff\xff\xff\xff\xff\xff\xff"));
    if (comment != NULL)
        expect_text(expected, 1, comment);
    expect_text(expected, 2, system.machine);
    expect_text(expected, 3, os);
    expect_text(expected, 4, "boottap 9");
    expect32(expected, 0);
    length = (uint32_t)(expected->length - start + 4);
    expect32(expected, length);
    for (unsigned int i = 0; i < 4; i++)
        expected->bytes[start + 4 + i] = (uint8_t)(length >> 8 * i);
}

/* The interface `serial`, with the options of section 4.2: if_name 2, if_description 3, if_speed 8,
 * if_tsresol 9, if_filter 11 (its first byte 0: a string), if_hardware 15 */
#define IDB_SERIAL                                                                                 \
    "\x01\x00\x00\x00\x5c\x00\x00\x00\xfa\x00\x00\x00\xff\xff\x00\x00"                             \
    "\x02\x00\x07\x00ttyUSB0\x00"                                                                  \
    "\x03\x00\x06\x00"                                                                             \
    "FT232R\x00\x00"                                                                               \
    "\x08\x00\x08\x00\x00\xc2\x01\x00\x00\x00\x00\x00"                                             \
    "\x09\x00\x01\x00\x09\x00\x00\x00"                                                             \
    "\x0b\x00\x04\x00\x00"                                                                         \
    "all"                                                                                          \
    "\x0f\x00\x09\x00"                                                                             \
    "0403:6001\x00\x00\x00"                                                                        \
    "\x00\x00\x00\x00\x5c\x00\x00\x00"
/* The interface `can` */
#define IDB_CAN                                                                                    \
    "\x01\x00\x00\x00\x2c\x00\x00\x00\xe3\x00\x00\x00\x00\x00\x00\x00"                             \
    "\x02\x00\x05\x00vcan0\x00\x00\x00"                                                            \
    "\x09\x00\x01\x00\x09\x00\x00\x00"                                                             \
    "\x00\x00\x00\x00\x2c\x00\x00\x00"
/* Time TIME, interface 0, 13 of 20 bytes, a comment, flags outbound */
#define EPB_COMMENTED                                                                              \
    "\x06\x00\x00\x00\x48\x00\x00\x00\x00\x00\x00\x00\xc4\xb3\xa2\x17\x08\xf7\xe6\xd5"             \
    "\x0d\x00\x00\x00\x14\x00\x00\x00" RTAC("\x01", "\x7f") "\x00\x00\x00"                         \
                                                            "\x01\x00\x05\x00"                     \
                                                            "words\x00\x00\x00"                    \
                                                            "\x02\x00\x04\x00\x02\x00\x00\x00"     \
                                                            "\x00\x00\x00\x00\x48\x00\x00\x00"
/* One nanosecond later, interface 1, 4 bytes, flags inbound */
#define EPB_INBOUND                                                                                \
    "\x06\x00\x00\x00\x30\x00\x00\x00\x01\x00\x00\x00\xc4\xb3\xa2\x17\x09\xf7\xe6\xd5"             \
    "\x04\x00\x00\x00\x04\x00\x00\x00"                                                             \
    "abcd"                                                                                         \
    "\x02\x00\x04\x00\x01\x00\x00\x00"                                                             \
    "\x00\x00\x00\x00\x30\x00\x00\x00"
/* Another one later, of no known direction */
#define EPB_BARE                                                                                   \
    "\x06\x00\x00\x00\x24\x00\x00\x00\x01\x00\x00\x00\xc4\xb3\xa2\x17\x0a\xf7\xe6\xd5"             \
    "\x01\x00\x00\x00\x01\x00\x00\x00"                                                             \
    "a\x00\x00\x00\x24\x00\x00\x00"
/* Statistics until TIME + 0x10000 (section 4.6). isb_starttime 2, whose value is the clock's, comes
 * first; then isb_endtime 3 and, where they are known, isb_ifrecv 4 and isb_ifdrop 5. */
#define ISB_COUNTED                                                                                \
    "\x05\x00\x00\x00\x4c\x00\x00\x00\x00\x00\x00\x00\xc4\xb3\xa2\x17\x08\xf7\xe7\xd5"             \
    "\x02\x00\x08\x00????????"                                                                     \
    "\x03\x00\x08\x00\xc4\xb3\xa2\x17\x08\xf7\xe7\xd5"                                             \
    "\x04\x00\x08\x00\x07\x00\x00\x00\x00\x00\x00\x00"                                             \
    "\x05\x00\x08\x00\x02\x00\x00\x00\x00\x00\x00\x00"                                             \
    "\x00\x00\x00\x00\x4c\x00\x00\x00"
#define ISB_BARE                                                                                   \
    "\x05\x00\x00\x00\x34\x00\x00\x00\x01\x00\x00\x00\xc4\xb3\xa2\x17\x08\xf7\xe7\xd5"             \
    "\x02\x00\x08\x00????????"                                                                     \
    "\x03\x00\x08\x00\xc4\xb3\xa2\x17\x08\xf7\xe7\xd5"                                             \
    "\x00\x00\x00\x00\x34\x00\x00\x00"
#define ISB_START_AT 24 /**< the value of isb_starttime */

/** Compares the start's upper half with the clock, and takes the expected bytes for the rest. */
static void blank_start(uint8_t *statistics, time_t from)
{
    const uint64_t upper =
        (uint64_t)statistics[ISB_START_AT] | (uint64_t)statistics[ISB_START_AT + 1] << 8 |
        (uint64_t)statistics[ISB_START_AT + 2] << 16 | (uint64_t)statistics[ISB_START_AT + 3] << 24;

    assert_in_range(upper, (uint64_t)from * NS_PER_SECOND >> 32,
                    (uint64_t)(time(NULL) + 1) * NS_PER_SECOND >> 32);
    memset(statistics + ISB_START_AT, '?', 8);
}

/** Three records on two interfaces, the second one added behind the first record. */
static void record_three(struct recorder *recorder)
{
    const struct traffic_record commented = {
        .time = TIME,
        .direction = BTAP_HOST_TO_DEVICE,
        .bytes = (const uint8_t *)RTAC("\x01", "\x7f"),
        .captured = 13,
        .length = 20,
        .comment = "words",
    };
    const struct traffic_record inbound = {
        .interface_id = 1,
        .time = TIME + 1,
        .direction = BTAP_DEVICE_TO_HOST,
        .bytes = (const uint8_t *)"abcd",
        .captured = 4,
        .length = 4,
    };
    const struct traffic_record bare = {
        .interface_id = 1,
        .time = TIME + 2,
        .bytes = (const uint8_t *)"a",
        .captured = 1,
        .length = 1,
    };

    assert_int_equal(recorder_interface(recorder, &serial), RECORDER_RUNS);
    assert_int_equal(recorder_record(recorder, &commented), RECORDER_RUNS);
    assert_int_equal(recorder_interface(recorder, &can), RECORDER_RUNS);
    assert_int_equal(recorder_record(recorder, &inbound), RECORDER_RUNS);
    assert_int_equal(recorder_record(recorder, &bare), RECORDER_RUNS);
}

static void pcapng_is_as_the_draft_has_it(void **state)
{
    const struct traffic_statistics statistics = {.known = true, .received = 7, .dropped = 2};
    const time_t from = time(NULL);
    struct recorder_options options = plain;
    struct recorder *recorder;
    struct expected expected = {0};
    uint8_t *bytes;
    size_t length;

    (void)state;
    options.comment = "boottap live vcan0";
    recorder = open_recorder(&options);
    assert_string_equal(recorder_file(recorder), "x.pcapng");
    record_three(recorder);
    recorder_statistics(recorder, 0, &statistics);
    recorder_statistics(recorder, 9, &statistics);
    assert_true(recorder_close(recorder, TIME + 0x10000));

    expect_section(&expected, "boottap live vcan0");
    expect(&expected, BYTES(IDB_SERIAL EPB_COMMENTED IDB_CAN EPB_INBOUND EPB_BARE));
    bytes = read_file("x.pcapng", &length);
    assert_int_equal(length, expected.length + 0x4c + 0x34);
    blank_start(bytes + expected.length, from);
    blank_start(bytes + expected.length + 0x4c, from);
    expect(&expected, BYTES(ISB_COUNTED ISB_BARE));
    assert_memory_equal(bytes, expected.bytes, expected.length);
    free(bytes);
}

/* if_description marks where a tool's system calls were recorded. */
#define IDB_AT_TOOL                                                                                \
    "\x01\x00\x00\x00\x44\x00\x00\x00\xfa\x00\x00\x00\x00\x00\x00\x00"                             \
    "\x02\x00\x05\x00ttyS0\x00\x00\x00"                                                            \
    "\x03\x00\x12\x00"                                                                             \
    "boottap run: ttyS0\x00\x00"                                                                   \
    "\x09\x00\x01\x00\x09\x00\x00\x00"                                                             \
    "\x00\x00\x00\x00\x44\x00\x00\x00"

static void what_a_tool_read_is_marked_so(void **state)
{
    struct traffic_interface interface = {
        .linktype = BTAP_LINKTYPE_RTAC_SERIAL,
        .name = "ttyS0",
        .at_tool = true,
    };
    struct recorder *recorder = open_recorder(&plain);
    struct expected expected = {0};
    uint8_t *bytes;
    size_t length;

    (void)state;
    recorder_interface(recorder, &interface);
    interface.description = "ttyS0";
    recorder_interface(recorder, &interface);
    interface.description = "boottap run: ttyS0";
    recorder_interface(recorder, &interface);
    expect_section(&expected, NULL);
    expect(&expected, BYTES(IDB_AT_TOOL IDB_AT_TOOL IDB_AT_TOOL));
    bytes = read_file("x.pcapng", &length);
    assert_int_equal(length, expected.length);
    assert_memory_equal(bytes, expected.bytes, expected.length);
    free(bytes);
    assert_true(recorder_close(recorder, 0));
}

/* Nanoseconds, version 2.4, snap length 65535, link type 250 */
#define PCAP_HEADER                                                                                \
    "\x4d\x3c\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00"             \
    "\xfa\x00\x00\x00"
/* TIME is 1703121267 s and 83114248 ns; 13 of 20 bytes. Then 1 of 1 byte, a second later */
#define PCAP_RECORDS                                                                               \
    "\x73\x91\x83\x65\x08\x39\xf4\x04\x0d\x00\x00\x00\x14\x00\x00\x00" RTAC(                       \
        "\x01", "\x7f") "\x74\x91\x83\x65\x08\x39\xf4\x04\x01\x00\x00\x00\x01\x00\x00\x00"         \
                        "a"

static void assert_file(const char *path, const uint8_t *expected, size_t expected_length)
{
    size_t length;
    uint8_t *bytes = read_file(path, &length);

    assert_int_equal(length, expected_length);
    assert_memory_equal(bytes, expected, length);
    free(bytes);
}

/** Redirects messages into the file `messages`. @return for end_messages() */
static int begin_messages(void)
{
    const int kept = dup(STDERR_FILENO);
    const int file = open("messages", O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(kept >= 0 && file >= 0);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    close(file);
    return kept;
}

static void end_messages(int kept, const char *expected)
{
    dup2(kept, STDERR_FILENO);
    close(kept);
    assert_file("messages", (const uint8_t *)expected, strlen(expected));
}

static void pcap_is_as_the_draft_has_it(void **state)
{
    const struct traffic_record first = {
        .time = TIME,
        .direction = BTAP_HOST_TO_DEVICE,
        .bytes = (const uint8_t *)RTAC("\x01", "\x7f"),
        .captured = 13,
        .length = 20,
        .comment = "there is no place for this",
    };
    struct recorder_options options = plain;
    struct recorder *recorder;

    (void)state;
    options.path = "x.pcap";
    recorder = open_recorder(&options);
    assert_int_equal(recorder_interface(recorder, &serial), RECORDER_RUNS);
    assert_int_equal(recorder_record(recorder, &first), RECORDER_RUNS);
    assert_int_equal(recorder_interface(recorder, &serial), RECORDER_RUNS);
    assert_int_equal(record_at(recorder, TIME + NS_PER_SECOND, 1, BYTES("a")), RECORDER_RUNS);
    assert_true(recorder_close(recorder, TIME + 2 * NS_PER_SECOND));
    assert_file("x.pcap", BYTES(PCAP_HEADER PCAP_RECORDS));
}

static void pcap_without_traffic_is_a_capture_too(void **state)
{
    struct recorder_options options = plain;

    (void)state;
    options.path = "x.pcap";
    assert_true(recorder_close(open_recorder(&options), 0));
    assert_int_equal(size_of("x.pcap"), 24);
}

static void pcap_refuses_a_second_link_type(void **state)
{
    struct recorder_options options = plain;
    struct recorder *recorder;
    int kept;

    (void)state;
    options.path = "x.pcap";
    recorder = open_recorder(&options);
    kept = begin_messages();
    assert_int_equal(recorder_interface(recorder, &serial), RECORDER_RUNS);
    assert_recorded(recorder, TIME);
    assert_int_equal(recorder_interface(recorder, &can), RECORDER_FAILED);
    assert_int_equal(record_at(recorder, TIME, 1, BYTES("a")), RECORDER_FAILED);
    assert_false(recorder_close(recorder, TIME));
    end_messages(kept,
                 "boottap: x.pcap: a pcap file holds one kind of traffic only; record several "
                 "to a .pcapng file; nothing more is recorded, what was recorded before is "
                 "kept\n");
    assert_int_equal(size_of("x.pcap"), 24 + 16 + 13);
}

/** Starts a reader on bytes in memory. */
static void start_reader(struct reader *reader, const struct reader_format *format,
                         const uint8_t *bytes, size_t length)
{
    *reader = (struct reader){.fd = open("/dev/null", O_RDONLY), .have = length, .size = length};
    reader->buffer = malloc(length + 1);
    assert_non_null(reader->buffer);
    memcpy(reader->buffer, bytes, length);
    reader->record = reader->buffer;
    assert_true(reader_start(reader, format));
}

static void end_reader(struct reader *reader)
{
    close(reader->fd);
    reader_release(reader);
}

/** Reads a recording. @return its records @param[out] until what its statistics tell */
static size_t count_records(const struct reader_format *format, const uint8_t *bytes, size_t length,
                            btap_ns *until)
{
    struct btap_record record;
    enum reader_result result;
    struct reader reader;
    size_t count = 0;

    start_reader(&reader, format, bytes, length);
    while ((result = reader.format->next(&reader, &record)) == READER_NEXT)
        assert_int_equal(record.time, TIME + (btap_ns)count++);
    assert_true(result == READER_END || result == READER_CUT_SHORT);
    if (until != NULL)
        *until = reader.until;
    end_reader(&reader);
    return count;
}

/** Records of several sections, each of which begins at TIME. */
static size_t count_of_sections(const uint8_t *bytes, size_t length, btap_ns *until)
{
    struct btap_record record;
    struct reader reader;
    size_t count = 0;

    start_reader(&reader, &reader_pcapng, bytes, length);
    while (reader.format->next(&reader, &record) == READER_NEXT)
        count++;
    *until = reader.until;
    end_reader(&reader);
    return count;
}

static size_t count_in_file(const char *path, btap_ns *until)
{
    size_t length;
    uint8_t *bytes = read_file(path, &length);
    const size_t count = count_records(&reader_pcapng, bytes, length, until);

    free(bytes);
    return count;
}

#define PREFIX_RECORDS 5

/** Every prefix of a file holds the records that end in it, from where its first record may be. */
static void check_prefixes(const char *path, const struct reader_format *format, size_t start,
                           const size_t ends[PREFIX_RECORDS])
{
    size_t length;
    uint8_t *bytes = read_file(path, &length);

    for (size_t cut = start; cut <= length; cut++) {
        size_t whole = 0;

        while (whole < PREFIX_RECORDS && ends[whole] <= cut)
            whole++;
        assert_int_equal(count_records(format, bytes, cut, NULL), whole);
    }
    free(bytes);
}

/** Each record is in the file as soon as it was handed over. */
static void a_recording_cut_anywhere_has_the_records_before(void **state)
{
    static const struct {
        const char *path;
        const struct reader_format *format;
        size_t start;
    } files[] = {{"x.pcapng", &reader_pcapng, 0}, {"x.pcap", &reader_pcap, 24}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct recorder_options options = plain;
        size_t ends[PREFIX_RECORDS];
        struct recorder *recorder;

        options.path = files[i].path;
        recorder = open_recorder(&options);
        for (size_t n = 0; n < PREFIX_RECORDS; n++) {
            if (n % 2 == 0)
                recorder_interface(recorder, &serial);
            assert_recorded(recorder, TIME + (btap_ns)n);
            ends[n] = size_of(files[i].path);
        }
        assert_true(recorder_close(recorder, TIME + NS_PER_SECOND));
        check_prefixes(files[i].path, files[i].format, files[i].start, ends);
    }
}

/** Limits the size of files. @return the limit before */
static rlim_t limit_files(rlim_t size)
{
    struct rlimit limit;
    rlim_t before;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    before = limit.rlim_cur;
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    return before;
}

/** Every size that a disk may be full at leaves the records that were written whole, and says so
 * once; nor does SIGXFSZ end the program. */
static void a_full_disk_costs_the_record_in_hand(void **state)
{
    struct recorder *recorder = open_recorder(&plain);
    size_t start;

    (void)state;
    recorder_interface(recorder, &serial);
    start = size_of("x.pcapng");
    recorder_close(recorder, TIME);
    for (size_t room = 0; room < 200; room++) {
        const int kept = begin_messages();
        enum recorder_state state_now = RECORDER_RUNS;
        size_t recorded = 0;
        rlim_t before;
        btap_ns until;

        recorder = open_recorder(&plain);
        recorder_interface(recorder, &serial);
        before = limit_files(start + room);
        while (recorded < 10 && state_now == RECORDER_RUNS) {
            state_now = record_at(recorder, TIME + (btap_ns)recorded, 0, BYTES(RTAC("\x01", "a")));
            recorded += state_now == RECORDER_RUNS;
        }
        assert_int_equal(state_now, RECORDER_FAILED);
        limit_files(before);
        /* There is room again; but what went by in the meantime is not in the file. */
        assert_int_equal(record_at(recorder, TIME + 99, 0, BYTES("a")), RECORDER_FAILED);
        assert_false(recorder_close(recorder, TIME + NS_PER_SECOND));
        end_messages(kept, "boottap: x.pcapng: File too large; nothing more is recorded, what was "
                           "recorded before is kept\n");
        assert_int_equal(count_in_file("x.pcapng", &until), recorded);
        /* It was recorded until its last record, and no longer. */
        if (recorded > 0)
            assert_int_equal(until, TIME + (btap_ns)recorded - 1);
    }
}

static void what_cannot_be_opened_is_said(void **state)
{
    static const struct {
        struct recorder_options options;
        const char *message;
    } cases[] = {
        {{.path = "/dev/full"},
         "boottap: /dev/full: No space left on device; nothing more is recorded, what was recorded "
         "before is kept\n"},
        {{.path = "."}, "boottap: .: a directory; name a file in it\n"},
        {{.path = "none/x.pcapng"}, "boottap: none/x.pcapng: No such file or directory\n"},
        {{.path = "x.pcapng", .ring_files = 2},
         "boottap: x.pcapng: -b files needs -b filesize or -b duration, which say when the next "
         "file begins\n"},
        {{.path = "-", .ring_kb = 2},
         "boottap: standard output: a ring of files (-b) cannot go to standard output; name a "
         "file\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct recorder_options options = cases[i].options;
        const int kept = begin_messages();

        options.application = "boottap 9";
        assert_null(recorder_open(&options));
        end_messages(kept, cases[i].message);
    }
}

/** Whoever reads a pipe and goes ends the recording, and not the program. */
static void a_closed_pipe_ends_the_recording(void **state)
{
    struct recorder_options options = plain;
    struct recorder *recorder;
    char path[32];
    char first[4];
    int ends[2];
    int kept;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof(path), "/dev/fd/%d", ends[1]);
    options.path = path;
    kept = begin_messages();
    recorder = open_recorder(&options);
    close(ends[1]);
    recorder_interface(recorder, &serial);
    assert_recorded(recorder, TIME);
    assert_int_equal(read(ends[0], first, sizeof(first)), 4);
    assert_memory_equal(first, "\x0a\x0d\x0d\x0a", 4);
    close(ends[0]);
    assert_int_equal(record_at(recorder, TIME, 0, BYTES("a")), RECORDER_FULL);
    assert_int_equal(recorder_interface(recorder, &can), RECORDER_FULL);
    assert_int_equal(recorder_deadline(recorder), INT64_MAX);
    assert_true(recorder_close(recorder, TIME));
    end_messages(kept, "");
}

/** He need not wait for the next record; ticks see him go. */
static void a_closed_pipe_is_seen_without_traffic(void **state)
{
    struct recorder_options options = plain;
    struct recorder *recorder;
    char path[32];
    btap_ns first;
    int ends[2];
    int kept;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof(path), "/dev/fd/%d", ends[1]);
    options.path = path;
    recorder = open_recorder(&options);
    close(ends[1]);
    recorder_interface(recorder, &serial);
    first = recorder_deadline(recorder);
    assert_int_equal(recorder_tick(recorder, first), RECORDER_RUNS);
    assert_int_equal(recorder_deadline(recorder), first + NS_PER_SECOND / 2);
    close(ends[0]);
    kept = begin_messages();
    assert_int_equal(recorder_tick(recorder, first + NS_PER_SECOND), RECORDER_FULL);
    assert_int_equal(recorder_deadline(recorder), INT64_MAX);
    assert_true(recorder_close(recorder, TIME));
    end_messages(kept, "");
}

/** Standard output may be a file that has something in it already. */
static void standard_output_goes_on_where_it_is(void **state)
{
    struct recorder_options options = plain;
    const int kept = dup(STDOUT_FILENO);
    const int file = open("x.out", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    struct recorder *recorder;
    rlim_t before;
    size_t length;
    uint8_t *bytes;
    int messages;

    (void)state;
    assert_true(kept >= 0 && file >= 0);
    assert_int_equal(write(file, "before", 6), 6);
    options.path = RECORDER_STDOUT;
    dup2(file, STDOUT_FILENO);
    close(file);
    messages = begin_messages();
    recorder = recorder_open(&options);
    recorder_interface(recorder, &serial);
    record_at(recorder, TIME, 0, BYTES("abcd"));
    before = limit_files(size_of("x.out") + 20);
    record_at(recorder, TIME + 1, 0, BYTES("abcd"));
    limit_files(before);
    assert_null(recorder_file(recorder));
    assert_false(recorder_close(recorder, TIME));
    dup2(kept, STDOUT_FILENO);
    close(kept);
    end_messages(messages, "boottap: standard output: File too large; nothing more is recorded, "
                           "what was recorded before is kept\n");
    bytes = read_file("x.out", &length);
    assert_memory_equal(bytes, "before", 6);
    assert_int_equal(count_records(&reader_pcapng, bytes + 6, length - 6, NULL), 1);
    free(bytes);
}

/** A socket of packets keeps what was written at once apart. */
static void each_record_is_one_write(void **state)
{
    struct recorder_options options = plain;
    const int kept = dup(STDOUT_FILENO);
    struct recorder *recorder;
    char packet[4096];
    int ends[2];

    (void)state;
    assert_true(kept >= 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    options.path = RECORDER_STDOUT;
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
    recorder = recorder_open(&options);
    recorder_interface(recorder, &can);
    record_at(recorder, TIME, 0, BYTES("abcd"));
    recorder_close(recorder, TIME);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    assert_true(read(ends[0], packet, sizeof(packet)) > 28);
    assert_memory_equal(packet, "\x0a\x0d\x0d\x0a", 4);
    assert_int_equal(read(ends[0], packet, sizeof(packet)), sizeof(IDB_CAN) - 1);
    assert_memory_equal(packet, IDB_CAN, sizeof(IDB_CAN) - 1);
    assert_int_equal(read(ends[0], packet, sizeof(packet)), 48);
    assert_int_equal(packet[0], 6);
    assert_int_equal(read(ends[0], packet, sizeof(packet)), 52);
    assert_int_equal(packet[0], 5);
    assert_int_equal(read(ends[0], packet, sizeof(packet)), 0);
    close(ends[0]);
}

/** What a command says, without what Wireshark's programs say to root. Freed by the caller. */
static char *output_of(const char *command)
{
    char *text = calloc(1, 16384);
    char line[1024];
    FILE *pipe = popen(command, "r");

    assert_true(text != NULL && pipe != NULL);
    while (fgets(line, sizeof(line), pipe) != NULL)
        if (strncmp(line, "Running as user", 15) != 0 && strlen(text) + strlen(line) < 16384)
            strcat(text, line);
    assert_int_equal(pclose(pipe), 0);
    return text;
}

static void assert_says(const char *text, const char *words)
{
    if (strstr(text, words) == NULL)
        fail_msg("'%s' is not in:\n%s", words, text);
}

/** Wireshark's own programs open the files and find in them what is there. */
static void wireshark_opens_recordings(void **state)
{
    static const uint8_t frame[] = {0, 0, 1, 0x11, 1, 4, 0, 0, 0x21};
    const struct traffic_statistics statistics = {.known = true, .received = 9, .dropped = 5};
    struct recorder_options options = plain;
    struct traffic_record record = {
        .time = TIME,
        .direction = BTAP_HOST_TO_DEVICE,
        .bytes = (const uint8_t *)RTAC("\x01", "\x7f"),
        .captured = 13,
        .length = 13,
        .comment = "boottap serial: 115200 8E1",
    };
    struct recorder *recorder;
    char *text;

    (void)state;
    if (system("command -v tshark capinfos > found") != 0)
        skip();
    options.comment = "boottap live x";
    recorder = open_recorder(&options);
    recorder_interface(recorder, &serial);
    recorder_record(recorder, &record);
    recorder_interface(recorder, &can);
    record = (struct traffic_record){
        .interface_id = 1,
        .time = TIME + 1,
        .direction = BTAP_DEVICE_TO_HOST,
        .bytes = frame,
        .captured = sizeof(frame),
        .length = sizeof(frame),
    };
    recorder_record(recorder, &record);
    recorder_statistics(recorder, 0, &statistics);
    recorder_close(recorder, TIME + NS_PER_SECOND);

    text = output_of("tshark -r x.pcapng -T fields -e frame.number -e frame.interface_name "
                     "-e frame.interface_description -e frame.packet_flags_direction "
                     "-e frame.comment -e frame.time_epoch -e rtacser.eventtype -e can.id 2>&1");
    assert_string_equal(text, "1\tttyUSB0\tFT232R\t0x00000002\tboottap serial: 115200 8E1\t"
                              "1703121267.083114248\t0x01\t\n"
                              "2\tvcan0\t\t0x00000001\t\t1703121267.083114249\t\t273\n");
    free(text);
    text = output_of("capinfos x.pcapng 2>&1");
    assert_says(text, "Number of packets:   2\n");
    assert_says(text, "Capture application: boottap 9\n");
    assert_says(text, "Capture comment:     boottap live x\n");
    assert_says(text, "Name = ttyUSB0\n");
    assert_says(text, "Description = FT232R\n");
    assert_says(text, "Hardware = 0403:6001\n");
    assert_says(text, "Speed = 115200\n");
    assert_says(text, "Filter string = all\n");
    assert_says(text, "Time precision = nanoseconds (9)\n");
    assert_says(text, "Number of stat entries = 1\n");
    free(text);
}

/** Files that were put behind one another: what a recorder that was killed does not tell, an older
 * recording does not tell for it. */
static void the_last_section_tells_how_long_was_recorded(void **state)
{
    struct recorder *recorder = open_recorder(&plain);
    uint8_t *twice;
    uint8_t *bytes;
    size_t length;
    size_t whole;
    btap_ns until;

    (void)state;
    recorder_interface(recorder, &serial);
    recorder_interface(recorder, &can);
    assert_recorded(recorder, TIME);
    whole = size_of("x.pcapng");
    assert_true(recorder_close(recorder, TIME + 5));
    bytes = read_file("x.pcapng", &length);
    twice = malloc(2 * length);
    assert_non_null(twice);
    memcpy(twice, bytes, length);
    memcpy(twice + length, bytes, length);
    assert_int_equal(count_of_sections(twice, 2 * length, &until), 2);
    assert_int_equal(until, TIME + 5);
    assert_int_equal(count_of_sections(twice, length + whole, &until), 2);
    assert_int_equal(until, 0);
    free(twice);
    free(bytes);
}

/** Whether decode's answer to a recording has words. */
static void assert_decoded(const char *words)
{
    struct run run = run_program("decode x.pcapng");

    assert_int_equal(run.status, 0);
    assert_says(run.out, words);
    run_release(&run);
}

/** Records a 0x7F that nobody answers, and goes on until a time. */
static void record_sync(btap_ns until)
{
    struct recorder *recorder = open_recorder(&plain);

    recorder_interface(recorder, &serial);
    assert_recorded(recorder, TIME);
    assert_true(recorder_close(recorder, until));
}

/* stm32flash waits 5 s for the answer to 0x7F at most. */
static void the_end_time_tells_silence_from_a_stopped_recorder(void **state)
{
    (void)state;
    record_sync(TIME + 20 * NS_PER_SECOND);
    assert_decoded(" no-reply (sync) ");
    record_sync(TIME + NS_PER_SECOND);
    assert_decoded(" incomplete (sync) ");
}

/** What a child does that is killed: it tells in *told how many records it has handed over. */
static void record_for_ever(volatile size_t *told)
{
    struct recorder *recorder = open_recorder(&plain);

    recorder_interface(recorder, &serial);
    for (size_t n = 0;; n++) {
        record_at(recorder, TIME + (btap_ns)n, 0, BYTES(RTAC("\x01", "\x31\xce")));
        *told = n + 1;
    }
}

static void kill_minus_nine_costs_the_record_in_hand(void **state)
{
    void *shared =
        mmap(NULL, sizeof(size_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    volatile size_t *told = shared;

    (void)state;
    assert_ptr_not_equal(shared, MAP_FAILED);
    for (useconds_t moment = 0; moment < 25; moment++) {
        pid_t child;
        size_t read_back;

        *told = 0;
        child = fork();
        assert_true(child >= 0);
        if (child == 0)
            record_for_ever(told);
        while (*told == 0)
            usleep(100);
        usleep(moment * 97);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        read_back = count_in_file("x.pcapng", NULL);
        assert_in_range(read_back, *told, *told + 1);
    }
    munmap(shared, sizeof(size_t));
}

/* Rings and limits */

/** Names of files that begin with a prefix, sorted. @return how many, at most 8 */
static size_t list_files(const char *prefix, char names[8][64])
{
    struct dirent **entries;
    const int all = scandir(".", &entries, NULL, alphasort);
    size_t length = 0;

    assert_true(all >= 0);
    for (int i = 0; i < all; i++) {
        if (strncmp(entries[i]->d_name, prefix, strlen(prefix)) == 0 && length < 8)
            snprintf(names[length++], 64, "%.63s", entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return length;
}

/** Whether a name is PREFIX_NNNNN_YYYYMMDDhhmmss.SUFFIX, of today. */
static void assert_ring_name(const char *name, const char *prefix, unsigned int number,
                             const char *suffix)
{
    const time_t now = time(NULL);
    struct tm parts;
    char today[16];
    char start[64];

    assert_non_null(localtime_r(&now, &parts));
    strftime(today, sizeof(today), "%Y%m", &parts);
    snprintf(start, sizeof(start), "%s_%05u_%s", prefix, number, today);
    assert_int_equal(strncmp(name, start, strlen(start)), 0);
    assert_int_equal(strlen(name), strlen(prefix) + 1 + 5 + 1 + 14 + strlen(suffix));
    assert_string_equal(name + strlen(name) - strlen(suffix), suffix);
}

/** Records so many packets of 1000 bytes, with what is around them some more. */
static void record_kilobytes(struct recorder *recorder, size_t count)
{
    static const uint8_t bytes[1000] = {0};

    for (size_t n = 0; n < count; n++)
        assert_int_equal(record_at(recorder, TIME + (btap_ns)n, 0, bytes, sizeof(bytes)),
                         RECORDER_RUNS);
}

static void a_ring_keeps_so_many_files(void **state)
{
    struct recorder_options options = plain;
    struct recorder *recorder;
    char names[8][64];

    (void)state;
    options.path = "ring.one.pcapng";
    options.ring_kb = 3;
    options.ring_files = 2;
    recorder = open_recorder(&options);
    recorder_interface(recorder, &serial);
    /* A file has 3000 bytes with the third record: 7 records are 3 files, 3 + 3 + 1. */
    record_kilobytes(recorder, 7);
    assert_int_equal(list_files("ring.one", names), 2);
    assert_ring_name(names[0], "ring.one", 2, ".pcapng");
    assert_ring_name(names[1], "ring.one", 3, ".pcapng");
    assert_string_equal(recorder_file(recorder), names[1]);
    assert_true(recorder_close(recorder, TIME + NS_PER_SECOND));
    unlink(names[0]);
    unlink(names[1]);
}

/** Of what is in a file of a ring. @return until when it was recorded */
static btap_ns stands_alone(const char *path, btap_ns first, size_t expected_count)
{
    struct btap_record record;
    struct reader reader;
    btap_ns until;
    size_t length;
    size_t count = 0;
    uint8_t *bytes = read_file(path, &length);

    start_reader(&reader, &reader_pcapng, bytes, length);
    while (reader.format->next(&reader, &record) == READER_NEXT) {
        assert_int_equal(record.time, first + (btap_ns)count++);
        assert_string_equal(record.interface, "ttyUSB0");
        assert_int_equal(record.direction, BTAP_HOST_TO_DEVICE);
    }
    assert_int_equal(count, expected_count);
    until = reader.until;
    end_reader(&reader);
    free(bytes);
    return until;
}

static void assert_stands_alone(const char *path, btap_ns first, size_t expected_count,
                                btap_ns expected_until)
{
    assert_int_equal(stands_alone(path, first, expected_count), expected_until);
}

/** Likewise, until a moment of CLOCK_MONOTONIC, which the file tells as the time of day. */
static void assert_stands_alone_about(const char *path, btap_ns first, size_t expected_count,
                                      btap_ns moment)
{
    const btap_ns until = stands_alone(path, first, expected_count);
    const btap_ns expected = clock_now() + (moment - clock_monotonic());

    assert_true(until > expected - NS_PER_SECOND && until < expected + NS_PER_SECOND);
}

static void each_file_of_a_ring_stands_alone(void **state)
{
    struct recorder_options options = plain;
    struct recorder *recorder;
    char names[8][64];

    (void)state;
    options.path = "ring";
    options.ring_kb = 3;
    recorder = open_recorder(&options);
    recorder_interface(recorder, &serial);
    record_kilobytes(recorder, 7);
    assert_true(recorder_close(recorder, TIME + NS_PER_SECOND));
    assert_int_equal(list_files("ring_", names), 3);
    for (unsigned int i = 0; i < 3; i++)
        assert_ring_name(names[i], "ring", i + 1, "");
    /* One ends when the next record comes. */
    assert_stands_alone(names[0], TIME, 3, TIME + 3);
    assert_stands_alone(names[1], TIME + 3, 3, TIME + 6);
    assert_stands_alone(names[2], TIME + 6, 1, TIME + NS_PER_SECOND);
    for (size_t i = 0; i < 3; i++)
        unlink(names[i]);
}

static void a_ring_goes_on_by_time(void **state)
{
    struct recorder_options options = plain;
    struct recorder *recorder;
    char names[8][64];
    btap_ns first;

    (void)state;
    options.path = "timed.pcapng";
    options.ring_s = 2;
    options.stop_s = 5;
    recorder = open_recorder(&options);
    first = recorder_deadline(recorder);
    /* A clock that is set while it runs moves nothing. */
    assert_true(first > clock_monotonic() && first <= clock_monotonic() + 2 * NS_PER_SECOND);
    recorder_interface(recorder, &serial);
    assert_recorded(recorder, TIME);
    assert_int_equal(recorder_tick(recorder, first - 1), RECORDER_RUNS);
    assert_int_equal(list_files("timed_", names), 1);
    assert_int_equal(recorder_tick(recorder, first), RECORDER_RUNS);
    assert_int_equal(list_files("timed_", names), 2);
    assert_stands_alone_about(names[0], TIME, 1, first);
    /* The next one is due 2 s later, the end 5 s after the start. */
    assert_int_equal(recorder_deadline(recorder), first + 2 * NS_PER_SECOND);
    assert_int_equal(recorder_tick(recorder, first + 2 * NS_PER_SECOND), RECORDER_RUNS);
    assert_int_equal(list_files("timed_", names), 3);
    assert_int_equal(recorder_deadline(recorder), first + 3 * NS_PER_SECOND);
    assert_int_equal(recorder_tick(recorder, first + 3 * NS_PER_SECOND), RECORDER_FULL);
    assert_int_equal(recorder_deadline(recorder), INT64_MAX);
    assert_int_equal(record_at(recorder, TIME, 0, BYTES("a")), RECORDER_FULL);
    /* It was recorded until the limit, whenever it is closed. */
    assert_true(recorder_close(recorder, first + 9 * NS_PER_SECOND));
    assert_stands_alone_about(names[1], 0, 0, first + 2 * NS_PER_SECOND);
    assert_stands_alone_about(names[2], 0, 0, first + 3 * NS_PER_SECOND);
    for (size_t i = 0; i < 3; i++)
        unlink(names[i]);
}

static void a_limit_of_size_ends_the_recording(void **state)
{
    static const uint8_t bytes[1000] = {0};
    struct recorder_options options = plain;
    struct recorder *recorder;

    (void)state;
    options.stop_kb = 3;
    recorder = open_recorder(&options);
    recorder_interface(recorder, &serial);
    assert_int_equal(recorder_deadline(recorder), INT64_MAX);
    record_kilobytes(recorder, 2);
    assert_int_equal(record_at(recorder, TIME + 2, 0, bytes, sizeof(bytes)), RECORDER_FULL);
    assert_int_equal(record_at(recorder, TIME + 3, 0, bytes, sizeof(bytes)), RECORDER_FULL);
    assert_true(recorder_close(recorder, TIME + 9));
    assert_stands_alone("x.pcapng", TIME, 3, TIME + 2);
}

/* Longer comments than an option can hold are cut in front of a character, longer packets where
 * readers would take them for damage. */
static void what_is_too_long_is_cut(void **state)
{
    struct traffic_record record = {.time = TIME};
    struct recorder *recorder = open_recorder(&plain);
    char *comment = malloc(65536 + 3);
    uint8_t *packet = calloc(1, 300000);
    struct btap_record back;
    struct reader reader;
    uint8_t *bytes;
    size_t length;

    (void)state;
    assert_true(comment != NULL && packet != NULL);
    memset(comment, 'x', 65534);
    snprintf(comment + 65534, 5, "\xe2\x82\xac!");
    record.bytes = packet;
    record.captured = 300000;
    record.length = 300001;
    record.comment = comment;
    recorder_interface(recorder, &serial);
    assert_int_equal(recorder_record(recorder, &record), RECORDER_RUNS);
    assert_true(recorder_close(recorder, TIME));
    bytes = read_file("x.pcapng", &length);
    start_reader(&reader, &reader_pcapng, bytes, length);
    assert_int_equal(reader.format->next(&reader, &back), READER_NEXT);
    assert_int_equal(back.captured, 262144);
    assert_int_equal(back.length, 300001);
    assert_memory_equal(back.bytes + 262144, "\x01\x00\xfe\xff", 4);
    assert_memory_equal(back.bytes + 262144 + 4 + 65533, "x\x00\x00\x00", 4);
    assert_int_equal(reader.format->next(&reader, &back), READER_END);
    end_reader(&reader);
    free(bytes);
    free(packet);
    free(comment);
}

static void an_existing_file_is_replaced_and_keeps_its_rights(void **state)
{
    struct stat status;

    (void)state;
    write_file("old.pcapng", "0123456789", 10);
    assert_int_equal(chmod("old.pcapng", 0640), 0);
    {
        struct recorder_options options = plain;

        options.path = "old.pcapng";
        assert_true(recorder_close(open_recorder(&options), 0));
    }
    assert_int_equal(stat("old.pcapng", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_int_equal(count_in_file("old.pcapng", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcapng_is_as_the_draft_has_it),
        cmocka_unit_test(what_a_tool_read_is_marked_so),
        cmocka_unit_test(pcap_is_as_the_draft_has_it),
        cmocka_unit_test(pcap_without_traffic_is_a_capture_too),
        cmocka_unit_test(pcap_refuses_a_second_link_type),
        cmocka_unit_test(a_recording_cut_anywhere_has_the_records_before),
        cmocka_unit_test(a_full_disk_costs_the_record_in_hand),
        cmocka_unit_test(what_cannot_be_opened_is_said),
        cmocka_unit_test(a_closed_pipe_ends_the_recording),
        cmocka_unit_test(a_closed_pipe_is_seen_without_traffic),
        cmocka_unit_test(standard_output_goes_on_where_it_is),
        cmocka_unit_test(each_record_is_one_write),
        cmocka_unit_test(wireshark_opens_recordings),
        cmocka_unit_test(the_last_section_tells_how_long_was_recorded),
        cmocka_unit_test(the_end_time_tells_silence_from_a_stopped_recorder),
        cmocka_unit_test(kill_minus_nine_costs_the_record_in_hand),
        cmocka_unit_test(a_ring_keeps_so_many_files),
        cmocka_unit_test(each_file_of_a_ring_stands_alone),
        cmocka_unit_test(a_ring_goes_on_by_time),
        cmocka_unit_test(a_limit_of_size_ends_the_recording),
        cmocka_unit_test(what_is_too_long_is_cut),
        cmocka_unit_test(an_existing_file_is_replaced_and_keeps_its_rights),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
