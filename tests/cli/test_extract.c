/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap extract on whole captures: every option, several sessions, the map.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_dfu.h"
#include "host_usart.h"
#include "products.h"
#include "program.h"
#include "small_captures.h"
#include "test.h"

static struct usart_device device;
static struct usart_host host;

/** A USART session at an F103 with 1 KiB pages. */
static struct sim_capture *begin(const char *path, struct rtac_wire *wire)
{
    const struct sim_capture_options options = {.linktype = SIM_RTAC};
    const struct usart_device_config config = {.product = usart_product_by_name("f103")};
    struct sim_capture *capture = sim_capture_open(path, &options);

    rtac_wire_init(wire, capture, RTAC_BOTH);
    usart_host_init(&host, &wire->wire, &device, &config);
    usart_host_open(&host);
    assert_true(usart_host_sync(&host));
    assert_true(usart_host_get_id(&host));
    return capture;
}

/** Two sessions: "aaaa" and "bbbb" with a gap of 4 and, read only, "bbbb"; then Go and "cccc". */
static void write_two_sessions(const char *path)
{
    struct rtac_wire wire;
    struct sim_capture *capture = begin(path, &wire);

    assert_true(usart_host_erase(&host, 0, 0));
    assert_true(usart_host_write(&host, 0x08000000, (const uint8_t *)"aaaa", 4));
    assert_true(usart_host_write(&host, 0x08000008, (const uint8_t *)"bbbb", 4));
    assert_true(usart_host_read(&host, 0x08000008, 4));
    assert_true(usart_host_go(&host, 0x08000000));
    usart_device_reset(&device);
    assert_true(usart_host_sync(&host));
    assert_true(usart_host_write(&host, 0x08000400, (const uint8_t *)"cccc", 4));
    sim_capture_close(capture);
}

/** "aaaa", then "aaXX" over it without an erase, then a write that the device refuses. */
static void write_overlap(const char *path)
{
    struct rtac_wire wire;
    struct sim_capture *capture = begin(path, &wire);

    assert_true(usart_host_write(&host, 0x08000000, (const uint8_t *)"aaaa", 4));
    assert_true(usart_host_write(&host, 0x08000000, (const uint8_t *)"aaXX", 4));
    assert_false(usart_host_write(&host, 0x60000000, (const uint8_t *)"aaaa", 4));
    sim_capture_close(capture);
}

/** Flash and, through alternate setting 1, option bytes: "flash" and "option". */
static void write_alternates(const char *path)
{
    static struct dfu_device dfu_device;
    static struct dfu_host dfu;
    const struct sim_capture_options options = {.linktype = SIM_USBMON_MMAPPED};
    const struct dfu_device_config config = {.product = dfu_product_by_name("f405")};
    struct sim_capture *capture = sim_capture_open(path, &options);

    dfu_host_init(&dfu, capture, &dfu_device, &config);
    dfu_host_enumerate(&dfu);
    dfu_host_start(&dfu, 0);
    assert_true(dfu_host_set_address(&dfu, 0x08000000));
    assert_true(dfu_host_write(&dfu, 2, (const uint8_t *)"flash", 5));
    dfu_host_start(&dfu, 1);
    assert_true(dfu_host_set_address(&dfu, 0x1fffc000));
    dfu_host_write(&dfu, 2, (const uint8_t *)"option", 6);
    sim_capture_close(capture);
}

static int make_captures(void **state)
{
    const struct sim_capture_options usbmon = {.linktype = SIM_USBMON_MMAPPED};

    if (enter_directory(state) != 0)
        return -1;
    write_two_sessions("two.pcap");
    write_overlap("overlap.pcap");
    write_alternates("alternates.pcap");
    write_dfu_block("block.pcap");
    write_dfu_session("dfu.pcap", &usbmon);
    return 0;
}

static void assert_run_says(const char *command_line, int status, const char *out, const char *err)
{
    struct run run = run_program(command_line);

    assert_string_equal(run.out, out);
    assert_string_equal(run.err, err);
    assert_int_equal(run.status, status);
    run_release(&run);
}

static void assert_says_some(const char *command_line, int status, const char *err)
{
    struct run run = run_program(command_line);

    assert_int_equal(run.status, status);
    if (strstr(run.err, err) == NULL)
        fail_msg("%s: no '%s' in: %s", command_line, err, run.err);
    run_release(&run);
}

static void a_session_is_chosen_by_number(void **state)
{
    (void)state;
    assert_run_says("extract -q two.pcap --session 2 -o - --format=bin", 0, "cccc", "");
    assert_run_says("extract -q two.pcap --session=1 --address=0x08000000+8 -o - --format=bin", 0,
                    "aaaa", "");
    assert_says_some("extract -q two.pcap -o out.bin", 2,
                     "boottap: two.pcap: 2 sessions wrote memory; choose one with --session "
                     "and --link, or take --all:\nserial, session 1, packets ");
    assert_run_says("extract -q two.pcap --session 3 -o out.bin", 1, "",
                    "boottap: two.pcap: no memory was written in this session\n");
}

static void only_one_session_read(void **state)
{
    (void)state;
    assert_run_says("extract -q --reads two.pcap -o - --format bin", 0, "bbbb", "");
    assert_run_says("extract -q --reads two.pcap --link serial -o - --format bin", 0, "bbbb", "");
    assert_run_says("extract -q --reads two.pcap --link can:can0 -o - --format bin", 1, "",
                    "boottap: two.pcap: none of its transactions is one of those asked for "
                    "(--link=can:can0)\n");
}

static void gaps_are_filled_on_request(void **state)
{
    (void)state;
    assert_run_says("extract -q two.pcap --session 1 --fill=0x2d -o - --format=bin", 0,
                    "aaaa----bbbb", "");
    assert_run_says("extract -q two.pcap --session 1 -o - --format=bin", 2, "",
                    "boottap: extract: a binary has no place for gaps, and there is 1, the first "
                    "at 0x08000004 of 4 bytes; fill them with --fill=0xff, choose a part with "
                    "--address, or write hex, srec or dfu\n");
    /* 04+61*4 = 188, so 78; 04+08+62*4 = 194, so 6C */
    assert_run_says("extract -q two.pcap --session 1 -o - --format=hex", 0,
                    ":020000040800F2\n:040000006161616178\n:04000800626262626C\n:00000001FF\n", "");
}

/* CRCs as zlib computes them of the same bytes, apart. */
static void the_map_tells_regions_gaps_and_more(void **state)
{
    struct run run = run_program("extract --map two.pcap --session 1");
    const char *regions = strchr(run.out, '\n');

    (void)state;
    assert_int_equal(run.status, 0);
    assert_non_null(regions);
    assert_string_equal(
        regions,
        "\n  region   0x08000000-0x08000003          4 bytes  crc32 0xad98e545, erased before, "
        "not read back\n"
        "  gap      0x08000004-0x08000007          4 bytes\n"
        "  region   0x08000008-0x0800000b          4 bytes  crc32 0x0f4ff68b, erased before, "
        "read back\n");
    run_release(&run);
    assert_says_some("extract overlap.pcap -o out.bin", 0,
                     "  region   0x08000000-0x08000003          4 bytes  crc32 0xfc19e0f7, not "
                     "erased before, not read back\n"
                     "  repeated 0x08000000-0x08000001          2 bytes  written again, the same\n"
                     "  overlap  0x08000002-0x08000003          2 bytes  written again without an "
                     "erase, other contents; the last are taken\n"
                     "  failed   1 write, not taken: transaction 5, packet ");
}

static struct json_object *map_of(const char *command_line)
{
    struct run run = run_program(command_line);
    struct json_object *object = json_tokener_parse(run.out);

    assert_int_equal(run.status, 0);
    assert_int_equal(count_lines(run.out), 1);
    assert_non_null(object);
    run_release(&run);
    return object;
}

static void assert_member(struct json_object *object, const char *key, const char *expected)
{
    struct json_object *member = json_object_object_get(object, key);

    assert_non_null(member);
    assert_string_equal(json_object_to_json_string_ext(member, JSON_C_TO_STRING_PLAIN), expected);
}

/* 0x08000000 is 134217728; the CRCs above are 2912478533 and 256898699. */
static void the_map_for_a_program(void **state)
{
    struct json_object *object = map_of("extract --json two.pcap --session 1");

    (void)state;
    assert_member(object, "link", "\"serial\"");
    assert_member(object, "session", "1");
    assert_member(object, "contents", "\"written\"");
    assert_member(object, "regions",
                  "[{\"first\":134217728,\"last\":134217731,\"length\":4,\"crc32\":2912478533,"
                  "\"erased\":4,\"read_same\":0,\"read_different\":0,\"checksummed\":0},"
                  "{\"first\":134217736,\"last\":134217739,\"length\":4,\"crc32\":256898699,"
                  "\"erased\":4,\"read_same\":4,\"read_different\":0,\"checksummed\":0}]");
    assert_member(object, "gaps", "[{\"first\":134217732,\"last\":134217735,\"length\":4}]");
    assert_member(object, "failed", "0");
    json_object_put(object);

    object = map_of("extract --map --json overlap.pcap");
    assert_member(object, "repeated", "[{\"first\":134217728,\"last\":134217729,\"length\":2}]");
    assert_member(object, "overlaps", "[{\"first\":134217730,\"last\":134217731,\"length\":2}]");
    assert_member(object, "wiped", "[]");
    assert_member(object, "failed", "1");
    assert_member(json_object_object_get(object, "first_failed"), "address", "1610612736");
    assert_member(json_object_object_get(object, "first_failed"), "status", "\"nack\"");
    json_object_put(object);

    object = map_of("extract --json --reads two.pcap --session 1");
    assert_member(object, "contents", "\"read\"");
    assert_member(object, "regions",
                  "[{\"first\":134217736,\"last\":134217739,\"length\":4,\"crc32\":256898699}]");
    assert_member(object, "changed", "[]");
    json_object_put(object);
}

static void assert_holds(const char *name, const char *expected)
{
    char bytes[64] = "";
    FILE *file = fopen(name, "rb");

    assert_non_null(file);
    bytes[fread(bytes, 1, sizeof(bytes) - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(bytes, expected);
}

static void each_session_gets_a_file_of_its_own(void **state)
{
    (void)state;
    assert_run_says("extract -q two.pcap --all --fill=0x2d -o out.bin", 0, "", "");
    assert_holds("out-1.bin", "aaaa----bbbb");
    assert_holds("out-2.bin", "cccc");
    assert_run_says("extract -q overlap.pcap --all -o ./a.b/out --format=bin", 2, "",
                    "boottap: ./a.b/out-1: No such file or directory\n");
    assert_says_some("extract two.pcap --all --session=1 -o a.bin", 2, "exclude each other");
    assert_says_some("extract two.pcap --all -o - --format=bin", 2, "cannot go to standard output");
}

/* Write Memory of four bytes to each of two interfaces whose names differ in what no file name
 * has (AN5405 section 3.6: command, ACK, data, ACK). */
static void links_of_one_name_get_files_of_their_own(void **state)
{
    static const char log[] = "(1.000000) can:0 031##10800000003\n"
                              "(1.000100) can:0 031##179\n"
                              "(1.000200) can-0 031##10800000003\n"
                              "(1.000300) can-0 031##179\n"
                              "(1.000400) can:0 031##161616161\n"
                              "(1.000500) can-0 031##162626262\n"
                              "(1.000600) can:0 031##179\n"
                              "(1.000700) can-0 031##179\n";

    (void)state;
    write_file("links.log", log, sizeof(log) - 1);
    assert_run_says("extract -q links.log --all -o link.bin", 0, "", "");
    assert_holds("link-can-can-0-1.bin", "aaaa");
    assert_holds("link-can-can-0-1.2.bin", "bbbb");
}

static void a_file_that_cannot_be_written_whole_stays_as_it_was(void **state)
{
    (void)state;
    write_file("old.bin", "old", 3);
    assert_says_some("extract -q two.pcap --session=1 -o old.bin", 2, "no place for gaps");
    assert_holds("old.bin", "old");
    assert_run_says("extract -q two.pcap --session=2 -o old.bin", 0, "", "");
    assert_holds("old.bin", "cccc");
}

/* UM0391 section 2: a prefix of 11 bytes, then targets of 274 bytes, elements of 8 and the data. */
static void each_alternate_setting_is_a_target(void **state)
{
    static const char first[] = "Target\x00\x01\x00\x00\x00"
                                "boottap extract";
    static const char second[] = "Target\x01\x01\x00\x00\x00"
                                 "boottap extract";
    struct run run = run_program("extract -q alternates.pcap -o - --format=dfu");
    const char *at = run.out;

    (void)state;
    assert_int_equal(run.status, 0);
    /* 274 + 8 + 5 = 287 = 0x11f, 274 + 8 + 6 = 288; 11 + 287 + 288 = 586 = 0x24a; + 16 of suffix */
    assert_int_equal(run.length, 602);
    assert_memory_equal(at, "DfuSe\x01\x4a\x02\x00\x00\x02", 11);
    at += 11;
    assert_memory_equal(at, first, sizeof(first));
    assert_memory_equal(at + 266, "\x0d\x00\x00\x00\x01\x00\x00\x00", 8);
    assert_memory_equal(at + 274,
                        "\x00\x00\x00\x08\x05\x00\x00\x00"
                        "flash",
                        13);
    at += 287;
    assert_memory_equal(at, second, sizeof(second));
    assert_memory_equal(at + 266, "\x0e\x00\x00\x00\x01\x00\x00\x00", 8);
    assert_memory_equal(at + 274,
                        "\x00\xc0\xff\x1f\x06\x00\x00\x00"
                        "option",
                        14);
    run_release(&run);
    /* 0x08000005 to 0x1fffc000: no file of 384 MiB, even where it is asked for */
    assert_says_some("extract -q alternates.pcap -o out.bin", 2, "no place for gaps");
    assert_says_some("extract -q alternates.pcap -o out.bin --fill=0xff", 2,
                     "would be more than 256 MiB");
    assert_run_says("extract -q alternates.pcap --address=0x1fffc000+16 -o - --format=bin", 0,
                    "option", "");
}

/* Block 3 of 512 bytes, without descriptors and a pointer: one block after 0x08000000. */
static void an_address_that_is_assumed_is_told(void **state)
{
    struct json_object *object = map_of("extract --json block.pcap");

    (void)state;
    assert_member(object, "addresses_assumed", "1");
    json_object_put(object);
    assert_says_some("extract block.pcap -o out.bin", 0,
                     "  assumed  1 command at an address that the capture does not tell for "
                     "certain\n");
}

static void nothing_to_extract(void **state)
{
    (void)state;
    assert_run_says("extract --map two.pcap --link=can", 1, "",
                    "boottap: two.pcap: none of its transactions is one of those asked for "
                    "(--link=can)\n");
    assert_run_says("extract -q overlap.pcap --reads -o out.bin", 1, "",
                    "boottap: overlap.pcap: no memory was read in this capture\n");
}

static void the_output_tells_the_format(void **state)
{
    struct run run;

    (void)state;
    assert_run_says("extract -q dfu.pcap -o out.s37", 0, "", "");
    assert_run_says("extract -q dfu.pcap -o out.dfu", 0, "", "");
    run = run_program("extract -q dfu.pcap -o - --format dfu");
    /* 11 + 274 + 8 + 2048 + 16 */
    assert_int_equal(run.length, 2357);
    assert_memory_equal(run.out, "DfuSe\x01", 6);
    run_release(&run);
    assert_says_some("extract dfu.pcap -o out", 2, "'out' does not tell a format");
    assert_says_some("extract dfu.pcap -o out.elf", 2, "ELF files are not written");
}

static void the_capture_is_never_overwritten(void **state)
{
    (void)state;
    assert_run_says("extract -q overlap.pcap -o overlap.pcap --format=bin", 2, "",
                    "boottap: extract: the image would be written over 'overlap.pcap', which is "
                    "read; try 'boottap help extract'\n");
    assert_run_says("extract -q overlap.pcap -o - --format=bin", 0, "aaXX", "");
}

static void wrong_usage_is_told(void **state)
{
    static const struct {
        const char *command_line;
        const char *words;
    } cases[] = {
        {"extract", "no capture file is named"},
        {"extract two.pcap", "no file to write is named"},
        {"extract two.pcap overlap.pcap -o a.bin", "two captures are named"},
        {"extract two.pcap --format=elf -o a", "unknown format 'elf'"},
        {"extract two.pcap --fill=256 -o a.bin", "'256' is no byte"},
        {"extract two.pcap --session=0 -o a.bin", "'0' is no session"},
        {"extract two.pcap --map -o - --format=bin", "cannot both go to standard output"},
        {"extract two.pcap -o", "option '-o' needs an argument"},
        {"extract two.pcap -z", "unknown option '-z'"},
        {"extract two.pcap --nonsense", "unknown option '--nonsense'"},
        {"extract two.pcap --transfer-size=0 -o a.bin", "'0' is no transfer size"},
        {"extract nothing.pcap -o a.bin", "nothing.pcap: No such file or directory"},
        {"extract -q overlap.pcap -o nowhere/a.bin", "nowhere/a.bin: No such file or directory"},
        {"extract -q overlap.pcap --format=bin -o /dev/full", "/dev/full: No space left on device"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_says_some(cases[i].command_line, 2, cases[i].words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_chosen_by_number),
        cmocka_unit_test(only_one_session_read),
        cmocka_unit_test(gaps_are_filled_on_request),
        cmocka_unit_test(the_map_tells_regions_gaps_and_more),
        cmocka_unit_test(the_map_for_a_program),
        cmocka_unit_test(each_session_gets_a_file_of_its_own),
        cmocka_unit_test(links_of_one_name_get_files_of_their_own),
        cmocka_unit_test(a_file_that_cannot_be_written_whole_stays_as_it_was),
        cmocka_unit_test(each_alternate_setting_is_a_target),
        cmocka_unit_test(an_address_that_is_assumed_is_told),
        cmocka_unit_test(nothing_to_extract),
        cmocka_unit_test(the_output_tells_the_format),
        cmocka_unit_test(the_capture_is_never_overwritten),
        cmocka_unit_test(wrong_usage_is_told),
    };

    return cmocka_run_group_tests(tests, make_captures, leave_directory);
}
