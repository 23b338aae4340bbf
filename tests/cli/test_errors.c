/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the program says about files that it cannot read, and that it goes on with the others.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program.h"
#include "small_captures.h"
#include "test.h"

/* pcap file header: magic, version 2.4, zone 0, accuracy 0, snap length 262144, link type */
#define PCAP_HEADER(linktype)                                                                      \
    "\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x00" linktype    \
    "\x00\x00\x00"
#define RTAC "\xfa"

static const struct sim_capture_options usbmon = {.linktype = SIM_USBMON_MMAPPED};

/** A run that ends with exit status 2, one line on standard error, and nothing on its output. */
static void assert_refused(const char *command_line, const char *expected)
{
    struct run run = run_program(command_line);

    assert_string_equal(run.err, expected);
    assert_string_equal(run.out, "");
    assert_int_equal(run.status, 2);
    run_release(&run);
}

/** A file of these bytes is refused with these words. */
static void assert_content_refused(const void *bytes, size_t length, const char *expected)
{
    write_file("file", bytes, length);
    assert_refused("decode file", expected);
}

static void a_file_that_is_not_there(void **state)
{
    (void)state;
    assert_refused("decode missing.pcap", "boottap: missing.pcap: No such file or directory\n");
}

static void an_empty_file(void **state)
{
    (void)state;
    assert_content_refused("", 0, "boottap: file: the file is empty\n");
}

static void a_directory(void **state)
{
    (void)state;
    assert_int_equal(mkdir("directory", 0700), 0);
    assert_refused("decode directory",
                   "boottap: directory: a directory; name the capture files in it\n");
}

static void not_a_capture(void **state)
{
    (void)state;
    assert_content_refused(
        "\x7f"
        "ELF\x02\x01\x01",
        7,
        "boottap: file: an ELF file, a program, which boottap does not read; to hold a "
        "capture to it, give it with --expect\n");
    assert_content_refused(
        "\x7f\x01\x02\x03\x04", 5,
        "boottap: file: not a capture; boottap reads pcap, pcapng and other tools' logs\n");
}

#define TEXT_REFUSED                                                                               \
    "boottap: file: text of a kind that boottap does not know; it reads pcap, pcapng and other "   \
    "tools' logs\n"

#define TEXT_OF_BYTES                                                                              \
    "boottap: file: bytes in hexadecimal, and nothing that tells which side sent them: name what " \
    "stands before them with --marks HOST,DEVICE, or begin lines with 'TX: ' and 'RX: '\n"

static void a_text_file(void **state)
{
    (void)state;
    assert_content_refused("hello, this is but text\n", 24, TEXT_REFUSED);
    assert_content_refused("10:15:21 bridge 7F\n10:15:22 target 79\nend of it\n", 48,
                           TEXT_OF_BYTES);
    assert_content_refused("7F\n79 01 04 50 79\n", 18, TEXT_OF_BYTES);
    assert_content_refused("the price is 20\nand then\nit was 1024\n", 37, TEXT_REFUSED);
    /* A letter outside of ASCII behind the first bytes makes it no other kind of file. */
    assert_content_refused("can0 \xc3\xa9\n", 8, TEXT_REFUSED);
}

static void compressed_files(void **state)
{
    static const struct {
        const char *magic;
        const char *expected;
    } cases[] = {
        {"\x1f\x8b\x08\x08",
         "boottap: file: its compressed data is cut short, or still being written\n"},
        {"\x28\xb5\x2f\xfd",
         "boottap: file: its compressed data is cut short, or still being written\n"},
        {"BZh9", "boottap: file: compressed with bzip2, which boottap does not read; decompress it "
                 "first, or: bzcat FILE | boottap "
                 "decode -\n"},
        {"\x04\x22\x4d\x18", "boottap: file: compressed with lz4, which boottap does not read; "
                             "decompress it first, or: lz4cat FILE | boottap "
                             "decode -\n"},
        {"PK\x03\x04", "boottap: file: a zip archive, which boottap does not read; unpack it, and "
                       "name the capture that is in it\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_content_refused(cases[i].magic, 4, cases[i].expected);
}

/* Link type 1 is Ethernet. */
static void a_link_type_that_is_not_read(void **state)
{
    (void)state;
    assert_content_refused(
        PCAP_HEADER("\x01"), 24,
        "boottap: file: link type EN10MB (Ethernet) is not one that boottap "
        "reads; it reads LINUX_SLL, USB_LINUX, USB_LINUX_MMAPPED, "
        "CAN_SOCKETCAN, USBPCAP, RTAC_SERIAL, USB_DARWIN, LINUX_SLL2, USB_2_0, "
        "USB_2_0_LOW_SPEED, USB_2_0_FULL_SPEED, USB_2_0_HIGH_SPEED; this is a capture of "
        "a network: capture on the port, USB bus or CAN interface that the "
        "device is at, which 'boottap list' names\n");
}

/* Link types 147 to 162 are for private use; libpcap has names for them. 70 nobody has. */
static void a_link_type_without_a_name(void **state)
{
    (void)state;
    assert_content_refused(PCAP_HEADER("\x46"), 24,
                           "boottap: file: link type 70 is not one that boottap reads; it reads "
                           "LINUX_SLL, USB_LINUX, USB_LINUX_MMAPPED, CAN_SOCKETCAN, USBPCAP, "
                           "RTAC_SERIAL, USB_DARWIN, LINUX_SLL2, USB_2_0, "
                           "USB_2_0_LOW_SPEED, USB_2_0_FULL_SPEED, USB_2_0_HIGH_SPEED\n");
}

static void a_header_cut_short(void **state)
{
    struct run run;

    (void)state;
    write_file("file", PCAP_HEADER(RTAC), 10);
    run = run_program("decode file");
    assert_int_equal(strncmp(run.err, "boottap: file: truncated dump file; ", 36), 0);
    assert_non_null(strstr(run.err, "; the capture's header is damaged\n"));
    assert_int_equal(run.status, 2);
    run_release(&run);
}

/* The session's last record goes; everything before it is shown, and the others are read too. */
static void a_truncated_last_record_costs_only_itself(void **state)
{
    struct stat status;
    struct run whole;
    struct run cut;

    (void)state;
    write_dfu_session("dfu.pcap", &usbmon);
    whole = run_program("decode dfu.pcap");
    assert_int_equal(whole.status, 0);
    assert_int_equal(stat("dfu.pcap", &status), 0);
    assert_int_equal(truncate("dfu.pcap", status.st_size - 1), 0);
    cut = run_program("decode dfu.pcap dfu.pcap");
    assert_int_equal(cut.status, 2);
    assert_int_equal(count_lines(cut.err), 2);
    assert_non_null(strstr(cut.err, "boottap: dfu.pcap: packet "));
    assert_non_null(strstr(cut.err, ": truncated dump file; tried to read "));
    assert_non_null(
        strstr(cut.err, "; the file was cut short; everything before this packet was read\n"));
    /* Two files: a heading each, and an empty line between them */
    assert_int_equal(count_lines(cut.out), 2 * count_lines(whole.out) + 3);
    assert_non_null(strstr(cut.out, "incomplete (status)"));
    run_release(&whole);
    run_release(&cut);
}

/* A record that claims more than any snap length: packet 1 is damaged. */
static void a_damaged_record(void **state)
{
    static const char bytes[] = PCAP_HEADER(RTAC) "\x00\x00\x00\x00\x00\x00\x00\x00"
                                                  "\xff\xff\xff\x7f\xff\xff\xff\x7f";
    struct run run;

    (void)state;
    write_file("file", bytes, sizeof(bytes) - 1);
    run = run_program("decode file");
    assert_int_equal(strncmp(run.err, "boottap: file: packet 1: ", 25), 0);
    assert_non_null(strstr(run.err, "; what follows is damaged; everything before it was read\n"));
    assert_int_equal(count_lines(run.err), 1);
    assert_int_equal(run.status, 2);
    run_release(&run);
}

static void no_bootloader_traffic_is_no_error(void **state)
{
    struct run run;

    (void)state;
    write_file("file", PCAP_HEADER(RTAC), 24);
    run = run_program("decode file");
    assert_string_equal(run.err, "boottap: file: no bootloader traffic found in its 0 packets (0 "
                                 "of other devices or protocols, 0 malformed)\n");
    assert_string_equal(run.out, "");
    assert_int_equal(run.status, 0);
    run_release(&run);
}

static void the_other_files_are_still_read(void **state)
{
    struct run run;

    (void)state;
    write_dfu_session("dfu.pcap", &usbmon);
    run = run_program("decode missing.pcap dfu.pcap");
    assert_string_equal(run.err, "boottap: missing.pcap: No such file or directory\n");
    assert_non_null(strstr(run.out, "==> dfu.pcap <=="));
    assert_non_null(strstr(run.out, "Write Memory 0x08000000 2048 bytes"));
    assert_int_equal(run.status, 2);
    run_release(&run);
}

static void malformed_lines_of_a_candump_log_are_skipped(void **state)
{
    static const char log[] = "(1436509052.249713) can0 102##1\n"
                              "\n"
                              "# a comment\n"
                              "(1436509052.2497) nonsense\n"
                              "also nonsense\n"
                              "(1436509052.250000) can0 002##179\n";
    struct run run;

    (void)state;
    write_file("log", log, sizeof(log) - 1);
    run = run_program("decode log --summary");
    assert_string_equal(run.err, "boottap: log: line 4 is not as a log of candump has it; "
                                 "skipped 1 such line\n");
    assert_non_null(strstr(run.out, "log: 2 packets"));
    assert_int_equal(run.status, 2);
    run_release(&run);
}

static void a_hostile_file_name_reaches_no_terminal(void **state)
{
    (void)state;
    assert_refused("decode \033[2J\xff", "boottap: \\x1b[2J\\xff: No such file or directory\n");
}

static void a_full_disk_is_told(void **state)
{
    const struct run_setup full = {.output = "/dev/full"};
    struct run run;

    (void)state;
    write_dfu_session("dfu.pcap", &usbmon);
    run = run_program_with("decode dfu.pcap", &full);
    assert_string_equal(run.err, "boottap: standard output: No space left on device\n");
    assert_int_equal(run.status, 2);
    run_release(&run);
    run = run_program_with("decode -l dfu.pcap", &full);
    assert_string_equal(run.err, "boottap: standard output: No space left on device\n");
    assert_int_equal(run.status, 2);
    run_release(&run);
    run = run_program_with("--version", &full);
    assert_string_equal(run.err, "boottap: standard output: No space left on device\n");
    assert_int_equal(run.status, 2);
    run_release(&run);
}

static void a_reader_that_left_is_no_error(void **state)
{
    const struct run_setup closed = {.closed_pipe = true};
    struct run run;

    (void)state;
    write_dfu_session("dfu.pcap", &usbmon);
    run = run_program_with("decode dfu.pcap", &closed);
    assert_string_equal(run.err, "");
    assert_int_not_equal(run.status, 2);
    run_release(&run);
}

/** A run that ends with exit status 2 and this line, and the hint where to read more. */
static void assert_misused(const char *command_line, const char *expected)
{
    struct run run = run_program(command_line);

    assert_int_equal(strncmp(run.err, "boottap: decode: ", 17), 0);
    assert_non_null(strstr(run.err, expected));
    assert_non_null(strstr(run.err, "; try 'boottap help decode'\n"));
    assert_int_equal(count_lines(run.err), 1);
    assert_string_equal(run.out, "");
    assert_int_equal(run.status, 2);
    run_release(&run);
}

static void wrong_usage(void **state)
{
    (void)state;
    assert_refused("", "boottap: no command is named; try 'boottap help'\n");
    assert_refused("sniff can0", "boottap: unknown command 'sniff'; try 'boottap help'\n");
    assert_refused("--nonsense", "boottap: unknown option '--nonsense'; try 'boottap help'\n");
    assert_refused("help nonsense", "boottap: no help for 'nonsense'; try 'boottap help'\n");
    assert_misused("decode", "no capture file is named");
    assert_misused("decode --nonsense file", "unknown option '--nonsense'");
    assert_misused("decode -Z file", "unknown option '-Z'");
    assert_misused("decode --json=yes file", "option '--json' takes no argument");
    assert_misused("decode file -t", "option '-t' needs an argument");
    /* What a script's unset variable makes of a command line. */
    assert_misused("decode file --link=", "the argument of option '--link' is empty");
    assert_misused("decode file --count=", "the argument of option '--count' is empty");
    assert_misused("decode file --command", "option '--command' needs an argument");
    assert_misused("decode -t z file", "unknown time format 'z'; known are r, d, e, a, ad, u, ud");
    assert_misused("decode -c 0 file", "'0' is no count of transactions");
    assert_misused("decode -c ten file", "'ten' is no count of transactions");
    assert_misused("decode --color=red file", "unknown use of colour 'red'");
    assert_misused("decode --serial-direction=up file",
                   "unknown serial direction 'up'; known are recorded, swapped, merged");
    assert_misused("decode --transfer-size 65536 file", "'65536' is no transfer size");
    assert_misused("decode --dfu-address 0x100000000 file", "'0x100000000' is no address");
    assert_misused("decode --summary -x file", "--summary shows no fields");
    assert_misused("decode - -", "standard input (-) is named twice");
}

static void unknown_names_in_filters_are_refused_with_the_known_ones(void **state)
{
    (void)state;
    assert_misused("decode --transport usart,spi file",
                   "unknown transport 'spi'; known are usart, dfu, fdcan");
    assert_misused("decode --status good file",
                   "unknown status 'good'; known are ok, nack, error, stall, no-reply, bad-reply, "
                   "disconnected, incomplete");
    assert_misused("decode --command write file",
                   "unknown command 'write' (did you mean 'write-memory'?); known are unknown, "
                   "sync, get, get-version, get-id, ");
    assert_misused("decode --address 0x08000000-0x07ffffff file",
                   "'0x08000000-0x07ffffff' is no address range; valid are "
                   "0x08000000-0x0801ffff, 0x08000000+2048, 0x08000000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_is_not_there),
        cmocka_unit_test(an_empty_file),
        cmocka_unit_test(a_directory),
        cmocka_unit_test(not_a_capture),
        cmocka_unit_test(a_text_file),
        cmocka_unit_test(compressed_files),
        cmocka_unit_test(a_link_type_that_is_not_read),
        cmocka_unit_test(a_link_type_without_a_name),
        cmocka_unit_test(a_header_cut_short),
        cmocka_unit_test(a_truncated_last_record_costs_only_itself),
        cmocka_unit_test(a_damaged_record),
        cmocka_unit_test(no_bootloader_traffic_is_no_error),
        cmocka_unit_test(the_other_files_are_still_read),
        cmocka_unit_test(malformed_lines_of_a_candump_log_are_skipped),
        cmocka_unit_test(a_hostile_file_name_reaches_no_terminal),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(a_reader_that_left_is_no_error),
        cmocka_unit_test(wrong_usage),
        cmocka_unit_test(unknown_names_in_filters_are_refused_with_the_known_ones),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
