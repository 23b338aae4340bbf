/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap annotate on files made by hand: what it adds, what it leaves alone, what it refuses.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program.h"
#include "small_captures.h"
#include "test.h"

/** A file read whole. */
struct contents {
    uint8_t *bytes;
    size_t length;
};

static struct contents read_file(const char *name)
{
    struct contents contents;
    struct stat status;
    FILE *file = fopen(name, "rb");

    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &status), 0);
    contents.length = (size_t)status.st_size;
    contents.bytes = malloc(contents.length + 1);
    assert_non_null(contents.bytes);
    assert_int_equal(fread(contents.bytes, 1, contents.length, file), contents.length);
    contents.bytes[contents.length] = '\0';
    fclose(file);
    return contents;
}

static void assert_file(const char *name, const void *expected, size_t length)
{
    struct contents contents = read_file(name);

    assert_int_equal(contents.length, length);
    assert_memory_equal(contents.bytes, expected, length);
    free(contents.bytes);
}

/** Where bytes stand in others; -1 if they do not. */
static long find(const struct contents *contents, const char *bytes, size_t length)
{
    for (size_t i = 0; i + length <= contents->length; i++)
        if (memcmp(contents->bytes + i, bytes, length) == 0)
            return (long)i;
    return -1;
}

static void assert_run(const char *command_line, int status, const char *error)
{
    struct run run = run_program(command_line);

    assert_string_equal(run.err, error);
    assert_string_equal(run.out, "");
    assert_int_equal(run.status, status);
    run_release(&run);
}

/** Nothing temporary is left beside out.pcapng. */
static void assert_nothing_left(void)
{
    DIR *directory = opendir(".");
    const struct dirent *entry;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL)
        assert_int_not_equal(strncmp(entry->d_name, "out.pcapng.", 11), 0);
    closedir(directory);
}

/* What is in a file of four records of RTAC serial, of a device that answers 0x7F with 0x79, then
 * Get Version (AN3155 section 3.2): 01 FE, answered 79 31 00 00 79. A record is time (8 bytes),
 * event (1 transmit, 2 receive), lines, 2 bytes of 0, data. */
#define RECORD(event)    "\x65\x53\xf1\x00\x00\x00\x00\x00" event "\x00\x00\x00"
#define TRANSMIT         "\x01"
#define RECEIVE          "\x02"
#define SYNC             RECORD(TRANSMIT) "\x7f"
#define SYNC_ACK         RECORD(RECEIVE) "\x79"
#define GET_VERSION      RECORD(TRANSMIT) "\x01\xfe"
#define GET_VERSION_DATA RECORD(RECEIVE) "\x79\x31\x00\x00\x79"

#define SHB                                                                                        \
    "\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00"                             \
    "\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00"
/* if_name tty, and an option that nobody knows (0x7777) */
#define IDB                                                                                        \
    "\x01\x00\x00\x00\x28\x00\x00\x00\xfa\x00\x00\x00\x00\x00\x04\x00"                             \
    "\x02\x00\x03\x00tty\x00\x77\x77\x02\x00hm\x00\x00\x00\x00\x00\x00\x28\x00\x00\x00"
#define EPB(total, ms, captured, bytes, options)                                                   \
    "\x06\x00\x00\x00" total "\x00\x00\x00\x00\x00\x00\x00\x00" ms "\x00\x00" captured             \
    "\x00\x00\x00" captured "\x00\x00\x00" bytes options total
#define NAME_RESOLUTION                                                                            \
    "\x04\x00\x00\x00\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x14\x00\x00\x00"
#define STATISTICS                                                                                 \
    "\x05\x00\x00\x00\x18\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00"             \
    "\x18\x00\x00\x00"

/* 1 ms apart; the second has a comment of its own */
#define PACKET_1 EPB("\x30\x00\x00\x00", "\xe8\x03", "\x0d", SYNC "\x00\x00\x00", "")
#define PACKET_2(total, comments)                                                                  \
    EPB(total, "\xd0\x07", "\x0d", SYNC_ACK "\x00\x00\x00",                                        \
        "\x01\x00\x04\x00mine" comments "\x00\x00\x00\x00")
#define PACKET_3 EPB("\x30\x00\x00\x00", "\xb8\x0b", "\x0e", GET_VERSION "\x00\x00", "")
#define PACKET_4(total, options)                                                                   \
    EPB(total, "\xa0\x0f", "\x11", GET_VERSION_DATA "\x00\x00\x00", options)

/* 28 + 16 + 4 bytes of packet, 8 for `mine`, 4 for opt_endofopt, 4: 60 = 0x3c */
#define PLAIN_PACKET_2 PACKET_2("\x3c\x00\x00\x00", "")
/* 28 + 20 + 4 = 52 = 0x34 */
#define PLAIN_PACKET_4 PACKET_4("\x34\x00\x00\x00", "")

#define SESSION(shb)                                                                               \
    shb IDB NAME_RESOLUTION PACKET_1 PLAIN_PACKET_2 PACKET_3 STATISTICS PLAIN_PACKET_4

/* 55 = 0x37 characters: 60 bytes more, 120 = 0x78 */
#define SYNC_COMMENT       "boottap serial:tty #1 Sync: ok; packets 1-2, 0.001000 s"
#define COMMENTED_PACKET_2 PACKET_2("\x78\x00\x00\x00", "\x01\x00\x37\x00" SYNC_COMMENT "\x00")

#define WRITE(name, literal)    write_file(name, literal, sizeof(literal) - 1)
#define FIND(contents, literal) find(contents, literal, sizeof(literal) - 1)

/* Blocks, options and comments that are not ours are where they were, packets too. */
static void all_else_survives(void **state)
{
    struct contents out;
    long at;

    (void)state;
    WRITE("in.pcapng", SESSION(SHB));
    assert_run("annotate in.pcapng out.pcapng", 0, "");
    out = read_file("out.pcapng");
    at = FIND(&out, IDB NAME_RESOLUTION PACKET_1 COMMENTED_PACKET_2 PACKET_3 STATISTICS);
    assert_true(at > 28);
    assert_memory_equal(out.bytes, SHB, 4);
    assert_memory_equal(out.bytes + 8, &(SHB)[8], 16);
    /* The verdict is the header's first option; the last packet starts as it did. */
    assert_memory_equal(out.bytes + 28, "boottap serial:tty session 1: ", 30);
    at += (long)sizeof(IDB NAME_RESOLUTION PACKET_1 COMMENTED_PACKET_2 PACKET_3 STATISTICS) - 1;
    assert_memory_equal(out.bytes + at + 8, &(PLAIN_PACKET_4)[8], 40);
    at = FIND(&out, "boottap serial:tty #2 Get Version 3.1: ok; packets 3-4, 0.001000 s");
    assert_true(at > 0);
    assert_true(FIND(&out, "mine") < at);
    free(out.bytes);
    assert_nothing_left();
}

static void a_second_run_changes_nothing(void **state)
{
    struct contents once;

    (void)state;
    WRITE("in.pcapng", SESSION(SHB));
    assert_run("annotate in.pcapng once.pcapng", 0, "");
    assert_run("annotate once.pcapng twice.pcapng", 0, "");
    once = read_file("once.pcapng");
    assert_file("twice.pcapng", once.bytes, once.length);
    free(once.bytes);
}

/* 40 + 20 + 48 + 60 + 48 + 24 + 52 = 292 = 0x124 bytes follow the header. */
#define SHB_WITH_LENGTH                                                                            \
    "\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00"                             \
    "\x24\x01\x00\x00\x00\x00\x00\x00\x1c\x00\x00\x00"

/** The number in four bytes, the least first. */
static size_t number_at(const struct contents *contents, size_t at)
{
    const uint8_t *bytes = contents->bytes + at;

    return bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 24;
}

static void each_section_tells_its_new_length(void **state)
{
    struct contents out;
    size_t header;
    size_t second;

    (void)state;
    WRITE("in.pcapng", SESSION(SHB_WITH_LENGTH) SESSION(SHB_WITH_LENGTH));
    assert_run("annotate in.pcapng out.pcapng", 0, "");
    out = read_file("out.pcapng");
    header = number_at(&out, 4);
    assert_true(number_at(&out, 16) > 292);
    second = header + number_at(&out, 16);
    assert_memory_equal(out.bytes + second, SHB, 4);
    header = number_at(&out, second + 4);
    assert_int_equal(second + header + number_at(&out, second + 16), out.length);
    free(out.bytes);
}

/* A big-endian pcap file with nanoseconds, and one packet of 2 bytes of 9 on a link type (147)
 * that boottap does not read: the blocks are big-endian too. */
static void a_pcap_file_becomes_pcapng(void **state)
{
    static const char pcap[] = "\xa1\xb2\x3c\x4d\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00"
                               "\x00\x04\x00\x00\x00\x00\x00\x93"
                               "\x65\x53\xf1\x00\x3b\x9a\xc9\xff\x00\x00\x00\x02\x00\x00\x00\x09"
                               "ab";
    /* 0x6553f100 = 1700000000 s and 999999999 ns are 1700000000999999999 = 0x17979cfe 0x71c4c9ff */
    static const char expected[] =
        "\x0a\x0d\x0d\x0a\x00\x00\x00\x34\x1a\x2b\x3c\x4d\x00\x01\x00\x00"
        "\xff\xff\xff\xff\xff\xff\xff\xff"
        "\x00\x04\x00\x10"
        "boottap annotate\x00\x00\x00\x00\x00\x00\x00\x34"
        "\x00\x00\x00\x01\x00\x00\x00\x20\x00\x93\x00\x00\x00\x04\x00\x00"
        "\x00\x09\x00\x01\x09\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x20"
        "\x00\x00\x00\x06\x00\x00\x00\x24\x00\x00\x00\x00\x17\x97\x9c\xfe\x71\xc4\xc9\xff"
        "\x00\x00\x00\x02\x00\x00\x00\x09"
        "ab\x00\x00\x00\x00\x00\x24";

    (void)state;
    WRITE("in.pcap", pcap);
    assert_run(
        "annotate in.pcap out.pcapng", 0,
        "boottap: in.pcap: no bootloader traffic found in its 1 packet; nothing was added\n");
    assert_file("out.pcapng", expected, sizeof(expected) - 1);
}

/* Two interfaces, each with a block before its first frame; T is outbound (epb_flags 2). */
static void a_log_of_candump_becomes_pcapng(void **state)
{
    static const char log[] = "(1700000000.000001) can0 102##102FD T\n"
                              "(1700000000.000001) nonsense\n"
                              "(1700000000.000002) can1 002##179 R\n";
    struct contents out;
    long can0;
    long can1;

    (void)state;
    WRITE("in.log", log);
    assert_run(
        "annotate in.log out.pcapng", 2,
        "boottap: in.log: line 2 is not as a log of candump has it; skipped 1 such line\n"
        "boottap: in.log: no bootloader traffic found in its 2 packets; nothing was added\n");
    out = read_file("out.pcapng");
    can0 = FIND(&out, "\x02\x00\x04\x00"
                      "can0\x09\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00\x00");
    can1 = FIND(&out, "\x02\x00\x04\x00"
                      "can1\x09\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00\x00");
    assert_true(can0 > 0);
    assert_true(can1 > can0);
    assert_in_range(FIND(&out, "\x02\x00\x04\x00\x02\x00\x00\x00"), can0, can1);
    free(out.bytes);
}

static void quiet_leaves_notes_out(void **state)
{
    struct contents out;

    (void)state;
    /* The complement of 01 is FE */
    WRITE("in.pcapng",
          SHB IDB PACKET_1 PLAIN_PACKET_2 EPB("\x30\x00\x00\x00", "\xb8\x0b", "\x0e",
                                              RECORD(TRANSMIT) "\x01\xfd\x00\x00", "")
              EPB("\x30\x00\x00\x00", "\xa0\x0f", "\x0d", RECORD(RECEIVE) "\x1f\x00\x00\x00", ""));
    assert_run("annotate in.pcapng out.pcapng", 0, "");
    out = read_file("out.pcapng");
    assert_true(FIND(&out, "boottap serial:tty #2 warn complement-mismatch: ") > 0);
    free(out.bytes);
    assert_run("annotate -q -r in.pcapng -w out.pcapng", 0, "");
    out = read_file("out.pcapng");
    assert_int_equal(FIND(&out, "complement-mismatch: "), -1);
    assert_true(FIND(&out, "boottap serial:tty #2 ") > 0);
    free(out.bytes);
}

/* A simple packet block takes no comment: it stays, and what is lost is told. */
static void comments_without_a_place_are_told(void **state)
{
    struct contents out;

    (void)state;
    WRITE("in.pcapng", SHB IDB "\x03\x00\x00\x00\x20\x00\x00\x00\x0d\x00\x00\x00" SYNC
                               "\x00\x00\x00\x20\x00\x00\x00"
                               "\x03\x00\x00\x00\x20\x00\x00\x00\x0d\x00\x00\x00" SYNC_ACK
                               "\x00\x00\x00\x20\x00\x00\x00");
    assert_run("annotate -q in.pcapng out.pcapng", 0,
               "boottap: in.pcapng: comments left out: 2, their blocks take none (simple packet "
               "blocks, or damaged options)\n");
    out = read_file("out.pcapng");
    assert_true(FIND(&out, "\x03\x00\x00\x00\x20\x00\x00\x00\x0d\x00\x00\x00" SYNC_ACK
                           "\x00\x00\x00\x20\x00\x00\x00") > 0);
    free(out.bytes);
}

/* A line that was recorded with both directions as one, in a single record: a Sync and 100 times
 * Get Version, all of which end in the packet. The first 64 comments are enough for a reader. */
static void a_packet_gets_64_comments(void **state)
{
    static const char header[] = "\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00"
                                 "\x00\x00\x00\x04\x00\xfa\x00\x00\x00";
    /* 12 + 2 + 100 * 7 = 714 = 0x2ca bytes */
    static const char record[] = "\x00\x00\x00\x00\x00\x00\x00\x00\xca\x02\x00\x00\xca\x02\x00"
                                 "\x00" SYNC "\x79";
    static const char get_version[] = "\x01\xfe\x79\x31\x00\x00\x79";
    FILE *file = fopen("merged.pcap", "wb");
    struct contents out;
    struct run run;

    (void)state;
    assert_non_null(file);
    fwrite(header, 1, sizeof(header) - 1, file);
    fwrite(record, 1, sizeof(record) - 1, file);
    for (int i = 0; i < 100; i++)
        fwrite(get_version, 1, sizeof(get_version) - 1, file);
    fclose(file);
    run = run_program("annotate -q --serial-direction=merged merged.pcap out.pcapng");
    assert_non_null(strstr(run.err, ", beyond 64 of one packet\n"));
    assert_int_equal(run.status, 0);
    run_release(&run);
    out = read_file("out.pcapng");
    assert_true(FIND(&out, "boottap serial #1 Sync: ok; packet 1, ") > 0);
    assert_true(FIND(&out, "boottap serial #64 Get Version 3.1: ok; packet 1, ") > 0);
    assert_int_equal(FIND(&out, "boottap serial #65 "), -1);
    free(out.bytes);
}

/* A host that asks and asks, and nobody answers: that a command is over shows with the next one,
 * and what is to be said of the one before has to be kept. 2 MiB of such words are. */
static void more_late_comments_than_are_kept_are_told(void **state)
{
    static const char header[] = "\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00"
                                 "\x00\x00\x00\x04\x00\xfa\x00\x00\x00";
    static const char record[] = "\x00\x00\x00\x00\x00\x00\x00\x00\x0e\x00\x00\x00\x0e\x00\x00"
                                 "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\xfe";
    FILE *file = fopen("unanswered.pcap", "wb");
    struct contents out;
    struct run run;

    (void)state;
    assert_non_null(file);
    fwrite(header, 1, sizeof(header) - 1, file);
    for (int i = 0; i < 40000; i++)
        fwrite(record, 1, sizeof(record) - 1, file);
    fclose(file);
    run = run_program("annotate unanswered.pcap out.pcapng");
    assert_non_null(strstr(run.err, ", on packets and sections that were over when it showed"));
    assert_int_equal(run.status, 0);
    run_release(&run);
    out = read_file("out.pcapng");
    assert_true(FIND(&out, "boottap serial #1 Get Version: no-reply") > 0);
    free(out.bytes);
}

static void standard_input_and_output(void **state)
{
    const struct run_setup setup = {.input = SESSION(SHB),
                                    .input_length = sizeof(SESSION(SHB)) - 1};
    struct run run = run_program_with("annotate - -", &setup);

    (void)state;
    assert_string_equal(run.err, "");
    assert_int_equal(run.status, 0);
    WRITE("in.pcapng", SESSION(SHB));
    assert_run("annotate in.pcapng out.pcapng", 0, "");
    assert_file("out.pcapng", run.out, run.length);
    run_release(&run);
}

static void a_full_disk_is_told(void **state)
{
    const struct run_setup full = {.output = "/dev/full"};
    struct run run;

    (void)state;
    WRITE("in.pcapng", SESSION(SHB));
    run = run_program_with("annotate in.pcapng -", &full);
    assert_string_equal(run.err, "boottap: standard output: No space left on device\n");
    assert_int_equal(run.status, 2);
    run_release(&run);
}

static void what_can_be_read_of_a_damaged_file_is_written(void **state)
{
    struct contents out;

    (void)state;
    write_file("cut.pcapng", SESSION(SHB), sizeof(SESSION(SHB)) - 2);
    assert_run("annotate --partial cut.pcapng out.pcapng", 2,
               "boottap: cut.pcapng: packet 4: the file was cut short; everything before it was "
               "read\n"
               "boottap: out.pcapng: is partial: cut.pcapng could not be read to its end\n");
    out = read_file("out.pcapng");
    assert_true(FIND(&out, SYNC_COMMENT) > 0);
    free(out.bytes);
    WRITE("odd.pcapng", SESSION(SHB) "\x06\x00\x00\x00\x0d\x00\x00\x00\x00\x00\x00\x00");
    assert_run("annotate --partial odd.pcapng out.pcapng", 2,
               "boottap: odd.pcapng: packet 5: a block of an impossible length; everything before "
               "it was read\n"
               "boottap: out.pcapng: is partial: odd.pcapng could not be read to its end\n");
    out = read_file("out.pcapng");
    assert_true(FIND(&out, "Get Version") > 0);
    free(out.bytes);
}

/** A file that is no capture is refused, and the output stays what it was. */
static void assert_refused(const void *bytes, size_t length, const char *expected)
{
    write_file("in", bytes, length);
    write_file("out.pcapng", "before", 6);
    assert_run("annotate in out.pcapng", 2, expected);
    assert_file("out.pcapng", "before", 6);
    assert_nothing_left();
}

static void what_is_no_capture_is_refused(void **state)
{
    (void)state;
    assert_refused("", 0, "boottap: in: the file is empty\n");
    assert_refused("\n", 1,
                   "boottap: in: truncated dump file; tried to read 4 file header bytes, only got "
                   "1; the capture's header is damaged\n");
    assert_refused("\x7f"
                   "ELF",
                   4,
                   "boottap: in: an ELF file, a program, which boottap does not read; to hold a "
                   "capture to it, give it with --expect\n");
    assert_refused(
        "hello, this is but text\n", 24,
        "boottap: in: text of a kind that boottap does not know; it reads pcap, pcapng and "
        "other tools' logs\n");
    assert_refused("\x1f\x8b\x08\x00", 4,
                   "boottap: in: its compressed data is cut short, or still being written\n");
    assert_refused("\xd4\xc3\xb2\xa1\x02\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04"
                   "\x00\xfa\x00\x00\x00",
                   24, "boottap: in: a pcap file of another version than 2.4\n");
    assert_refused("\n\r\r\n\x1c\x00\x00\x00\x00\x00\x00\x00", 12,
                   "boottap: in: a section header without byte order\n");
}

static void nothing_is_written_over_the_input(void **state)
{
    (void)state;
    WRITE("in.pcapng", SESSION(SHB));
    assert_run("annotate in.pcapng in.pcapng", 2,
               "boottap: annotate: the copy would be written over 'in.pcapng', which is read; try "
               "'boottap help annotate'\n");
    assert_int_equal(symlink("in.pcapng", "link"), 0);
    assert_run("annotate in.pcapng ./link", 2,
               "boottap: annotate: the copy would be written over 'in.pcapng', which is read; try "
               "'boottap help annotate'\n");
    assert_file("in.pcapng", SESSION(SHB), sizeof(SESSION(SHB)) - 1);
    assert_int_equal(unlink("link"), 0);
}

/* A device stays what it is, and is written to. */
static void only_a_file_is_replaced(void **state)
{
    struct stat status;

    (void)state;
    WRITE("in.pcapng", SESSION(SHB));
    assert_run("annotate in.pcapng /dev/null", 0, "");
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_run("annotate in.pcapng /dev/full", 2, "boottap: /dev/full: No space left on device\n");
    assert_run("annotate in.pcapng .", 2, "boottap: .: Is a directory\n");
    assert_run("annotate in.pcapng nowhere/out.pcapng", 2,
               "boottap: nowhere/out.pcapng: No such file or directory\n");
    assert_run("annotate missing out.pcapng", 2, "boottap: missing: No such file or directory\n");
    assert_run("annotate . out.pcapng", 2,
               "boottap: .: a directory; name the capture files in it\n");
}

/** A file that a link leads to is replaced, not the link; it keeps its rights. */
static void a_link_is_followed(void **state)
{
    struct stat status;
    struct contents out;

    (void)state;
    WRITE("in.pcapng", SESSION(SHB));
    write_file("kept", "before", 6);
    assert_int_equal(chmod("kept", 0640), 0);
    assert_int_equal(symlink("kept", "link"), 0);
    assert_run("annotate in.pcapng link", 0, "");
    assert_int_equal(lstat("link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(stat("kept", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    out = read_file("kept");
    assert_true(FIND(&out, SYNC_COMMENT) > 0);
    free(out.bytes);
    assert_int_equal(unlink("link"), 0);
    umask(022);
    assert_run("annotate in.pcapng new.pcapng", 0, "");
    assert_int_equal(stat("new.pcapng", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0644);
}

static void assert_misused(const char *command_line, const char *expected)
{
    struct run run = run_program(command_line);

    assert_int_equal(strncmp(run.err, "boottap: annotate: ", 19), 0);
    assert_non_null(strstr(run.err, expected));
    assert_non_null(strstr(run.err, "; try 'boottap help annotate'\n"));
    assert_int_equal(run.status, 2);
    run_release(&run);
}

static void wrong_usage(void **state)
{
    (void)state;
    assert_misused("annotate", "no capture file is named");
    assert_misused("annotate in", "no file to write is named");
    assert_misused("annotate a b c", "two files to write are named, 'b' and 'c'");
    assert_misused("annotate -r a -r b c", "two captures to read are named, 'a' and 'b'");
    assert_misused("annotate -Z a b", "unknown option '-Z'");
    assert_misused("annotate --nonsense a b", "unknown option '--nonsense'");
    assert_misused("annotate a -w", "option '-w' needs an argument");
    assert_misused("annotate --transfer-size=0 a b", "'0' is no transfer size");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_else_survives),
        cmocka_unit_test(a_second_run_changes_nothing),
        cmocka_unit_test(each_section_tells_its_new_length),
        cmocka_unit_test(a_pcap_file_becomes_pcapng),
        cmocka_unit_test(a_log_of_candump_becomes_pcapng),
        cmocka_unit_test(quiet_leaves_notes_out),
        cmocka_unit_test(comments_without_a_place_are_told),
        cmocka_unit_test(a_packet_gets_64_comments),
        cmocka_unit_test(more_late_comments_than_are_kept_are_told),
        cmocka_unit_test(standard_input_and_output),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(what_can_be_read_of_a_damaged_file_is_written),
        cmocka_unit_test(what_is_no_capture_is_refused),
        cmocka_unit_test(nothing_is_written_over_the_input),
        cmocka_unit_test(only_a_file_is_replaced),
        cmocka_unit_test(a_link_is_followed),
        cmocka_unit_test(wrong_usage),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
