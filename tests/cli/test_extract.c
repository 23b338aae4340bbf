/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap extract on whole captures: every option, several sessions, the map.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_usart.h"
#include "program.h"
#include "sessions.h"
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

static int make_captures(void **state)
{
    const struct sim_capture_options usbmon = {.linktype = SIM_USBMON_MMAPPED};

    if (enter_directory(state) != 0)
        return -1;
    write_two_sessions("two.pcap");
    write_overlap("overlap.pcap");
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
                     "and --link:\nserial, session 1, packets ");
    assert_run_says("extract -q two.pcap --session 3 -o out.bin", 1, "",
                    "boottap: two.pcap: no memory was written in this session\n");
}

static void only_one_session_read(void **state)
{
    (void)state;
    assert_run_says("extract -q --reads two.pcap -o - --format bin", 0, "bbbb", "");
    assert_run_says("extract -q --reads two.pcap --link serial -o - --format bin", 0, "bbbb", "");
    assert_run_says("extract -q --reads two.pcap --link can:can0 -o - --format bin", 1, "",
                    "boottap: two.pcap: no memory was read in this capture\n");
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
                    "boottap: extract: overlap.pcap is the capture itself; name another file\n");
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
        {"extract two.pcap --nonsense", "option '--nonsense' is unknown"},
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
        cmocka_unit_test(the_output_tells_the_format),
        cmocka_unit_test(the_capture_is_never_overwritten),
        cmocka_unit_test(wrong_usage_is_told),
    };

    return cmocka_run_group_tests(tests, make_captures, leave_directory);
}
