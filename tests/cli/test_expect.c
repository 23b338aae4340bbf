/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap diagnose --expect: every answer, with captures of small flashes.
 */
#include <stdio.h>
#include <string.h>

#include "host_usart.h"
#include "products.h"
#include "program.h"
#include "small_captures.h"
#include "test.h"

static struct usart_device device;
static struct usart_host host;
static struct rtac_wire wire;

/** A USART session at an F103, whose pages have 1 KiB. */
static struct sim_capture *begin(const char *path)
{
    const struct sim_capture_options options = {.linktype = SIM_RTAC};
    const struct usart_device_config config = {.product = usart_product_by_name("f103")};
    struct sim_capture *capture = sim_capture_open(path, &options);

    rtac_wire_init(&wire, capture, RTAC_BOTH);
    usart_host_init(&host, &wire.wire, &device, &config);
    usart_host_open(&host);
    assert_true(usart_host_sync(&host));
    assert_true(usart_host_get_id(&host));
    return capture;
}

static void write_text(uint32_t address, const char *text)
{
    assert_true(usart_host_write(&host, address, (const uint8_t *)text, strlen(text)));
}

/** Page 0 erased; "abcdefgh" at its start, read back; "ijkl" in page 1 if asked for. */
static void write_flash(const char *path, bool erased, bool verified, bool more)
{
    struct sim_capture *capture = begin(path);

    if (erased)
        assert_true(usart_host_erase(&host, 0, 0));
    write_text(0x08000000, "abcdefgh");
    if (more)
        write_text(0x08000400, "ijkl");
    if (verified)
        assert_true(usart_host_read(&host, 0x08000000, 8));
    sim_capture_close(capture);
}

/** As tools do: padded to the block, a stub in RAM, a block of 0xFF left out. */
static void write_tool(const char *path)
{
    struct sim_capture *capture = begin(path);

    assert_true(usart_host_erase(&host, 0, 0));
    write_text(0x08000000, "abcd");
    write_text(0x08000008, "ef\xff\xff");
    write_text(0x20001000, "stub");
    sim_capture_close(capture);
}

/** "abcd", 2044 bytes that fill the gap, "efgh". */
static void write_filled(const char *path, uint8_t filler)
{
    struct sim_capture *capture = begin(path);
    uint8_t block[256];

    assert_true(usart_host_erase(&host, 0, 2));
    for (uint32_t at = 0; at < 2048; at += sizeof(block)) {
        memset(block, filler, sizeof(block));
        if (at == 0)
            memcpy(block, "abcd", 4);
        assert_true(usart_host_write(&host, 0x08000000 + at, block, sizeof(block)));
    }
    write_text(0x08000800, "efgh");
    sim_capture_close(capture);
}

/** Written over old contents: 'a' AND 'b' is 0x60. */
static void write_over_old(const char *path)
{
    struct sim_capture *capture = begin(path);

    sim_memory_write(&device.memory, 0x08000000, (const uint8_t *)"aaaa", 4);
    write_text(0x08000000, "bbbb");
    assert_true(usart_host_read(&host, 0x08000000, 4));
    sim_capture_close(capture);
}

/** The sum of Get Checksum covers what was written, and 4 bytes of the erased page. */
static void write_summed(const char *path)
{
    const struct usart_device_config config = {.product = usart_product_by_name("u575")};
    const struct sim_capture_options options = {.linktype = SIM_RTAC};
    struct sim_capture *capture = sim_capture_open(path, &options);

    rtac_wire_init(&wire, capture, RTAC_BOTH);
    usart_host_init(&host, &wire.wire, &device, &config);
    usart_host_open(&host);
    assert_true(usart_host_sync(&host));
    assert_true(usart_host_get_id(&host));
    assert_true(usart_host_extended_erase(&host, 0, 0));
    write_text(0x08000000, "abcdefghijklmnop");
    assert_true(usart_host_checksum(&host, 0x08000000, 5, true));
    sim_capture_close(capture);
}

static int make_captures(void **state)
{
    if (enter_directory(state) != 0)
        return -1;
    write_flash("verified.pcap", true, true, false);
    write_flash("erased.pcap", true, false, false);
    write_flash("unerased.pcap", false, false, false);
    write_flash("unerased-verified.pcap", false, true, false);
    write_flash("more.pcap", true, false, true);
    write_tool("tool.pcap");
    write_over_old("old.pcap");
    write_summed("summed.pcap");
    write_filled("filled-ff.pcap", 0xff);
    write_filled("filled-00.pcap", 0x00);
    write_filled("filled-55.pcap", 0x55);
    write_file("gap.hex",
               ":020000040800F2\n:040000006162636472\n:04080000656667685A\n:00000001FF\n", 68);
    write_file("good.bin", "abcdefgh", 8);
    write_file("other.bin", "abcXXfgh", 8);
    write_file("one.bin", "aXcdefg", 7);
    write_file("longer.bin", "abcdefghij", 10);
    write_file("tool.bin",
               "abcd\xff\xff\xff\xff"
               "ef",
               10);
    write_file("b.bin", "bbbb", 4);
    write_file("summed.bin", "abcdefghijklmnop", 16);
    /* 0d+08+61+62+63+64+65+66+67+68 = 0x339, so C6 */
    write_file("good.srec", "S30D080000006162636465666768C6\n", 31);
    return 0;
}

/** Runs diagnose; its answer about the firmware, lines joined, must be as wanted. */
static void assert_answer(const char *arguments, int status, const char *wanted)
{
    char command_line[256];
    char words[4096];
    struct run run;
    size_t length = 0;

    snprintf(command_line, sizeof(command_line), "diagnose -q --expect %s", arguments);
    run = run_program(command_line);
    for (const char *at = strstr(run.out, "  firmware"); at != NULL && *at != '\0'; at++)
        if ((*at != ' ' && *at != '\n') || (length > 0 && words[length - 1] != ' '))
            words[length++] = *at == '\n' ? ' ' : *at;
    while (length > 0 && words[length - 1] == ' ')
        length--;
    words[length] = '\0';
    assert_string_equal(words, wanted);
    assert_int_equal(run.status, status);
    run_release(&run);
}

#define PLACED " (the lowest address written is taken: the file tells none)"

static void what_was_sent_erased_and_verified_holds(void **state)
{
    (void)state;
    assert_answer("good.bin verified.pcap", 0,
                  "firmware exactly this was sent: 8 bytes at 0x08000000-0x08000007" PLACED
                  ", erased before, verified");
    assert_answer("good.srec verified.pcap", 0,
                  "firmware exactly this was sent: 8 bytes at 0x08000000-0x08000007, erased "
                  "before, verified");
    assert_answer("good.bin --expect-address 0x08000000 erased.pcap", 0,
                  "firmware exactly this was sent: 8 bytes at 0x08000000-0x08000007, erased "
                  "before, not verified");
    assert_answer("summed.bin summed.pcap", 0,
                  "firmware exactly this was sent: 16 bytes at 0x08000000-0x0800000f" PLACED
                  ", erased before, verified");
}

static void an_erase_or_a_verification_must_be_there(void **state)
{
    (void)state;
    assert_answer("good.bin unerased.pcap", 1,
                  "firmware exactly this was sent: 8 bytes at 0x08000000-0x08000007" PLACED
                  ", not erased before, not verified 0x08000000-0x08000007, 8 bytes: sent as in "
                  "the file, neither erased before in this session nor verified after");
    assert_answer("good.bin unerased-verified.pcap", 0,
                  "firmware exactly this was sent: 8 bytes at 0x08000000-0x08000007" PLACED
                  ", not erased before, verified");
}

static void differences_are_shown_with_their_place(void **state)
{
    (void)state;
    assert_answer(
        "other.bin erased.pcap", 1,
        "firmware not what was sent: 8 bytes at 0x08000000-0x08000007" PLACED
        ", 2 bytes differ; 6 sent as in the file, erased before, not verified "
        "0x08000003-0x08000004, 2 bytes: differ, the first is 0x58 in the file and 0x64 was sent");
    assert_answer("longer.bin erased.pcap", 1,
                  "firmware not what was sent: 10 bytes at 0x08000000-0x08000009" PLACED
                  ", 2 bytes were not sent; 8 sent as in the file, erased before, not verified "
                  "0x08000008-0x08000009, 2 bytes: not sent, the first is 0x69 in the file");
    assert_answer(
        "good.bin more.pcap", 1,
        "firmware not what was sent: 8 bytes at 0x08000000-0x08000007" PLACED
        ", 4 bytes more were sent; 8 sent as in the file, erased before, not verified "
        "0x08000400-0x08000403, 4 bytes: not in the file, the first that was sent is 0x69");
    assert_answer(
        "one.bin erased.pcap", 1,
        "firmware not what was sent: 7 bytes at 0x08000000-0x08000006" PLACED
        ", 1 byte differs, 1 byte more was sent; 6 sent as in the file, erased before, not "
        "verified 0x08000001-0x08000001, 1 byte: differs, 0x58 in the file and 0x62 was "
        "sent 0x08000007-0x08000007, 1 byte: not in the file, was sent as 0x68");
    assert_answer("b.bin old.pcap", 1,
                  "firmware exactly this was sent: 4 bytes at 0x08000000-0x08000003" PLACED
                  ", not erased before, 4 bytes were read back otherwise, not verified "
                  "0x08000000-0x08000003, 4 bytes: sent as in the file, but read back otherwise");
}

static void what_tools_add_and_leave_out_is_no_difference(void **state)
{
    (void)state;
    assert_answer("tool.bin tool.pcap", 0,
                  "firmware exactly this was sent: 10 bytes at 0x08000000-0x08000009" PLACED
                  ", followed by 2 bytes of padding 0xff, erased before, not verified, 4 bytes not "
                  "sent are 0xff and were erased, 4 bytes went to RAM or option bytes");
}

/* stm32flash fills the gaps of a HEX file with 0xFF, objcopy -O binary those of an ELF file with 0.
 */
static void a_gap_of_the_file_may_be_filled(void **state)
{
    (void)state;
    assert_answer("gap.hex filled-ff.pcap", 0,
                  "firmware exactly this was sent: 8 bytes at 0x08000000-0x08000803, filled up "
                  "with 2044 bytes of padding 0xff, erased before, not verified");
    assert_answer("gap.hex filled-00.pcap", 0,
                  "firmware exactly this was sent: 8 bytes at 0x08000000-0x08000803, filled up "
                  "with 2044 bytes of padding 0x00, erased before, not verified");
    assert_answer("gap.hex filled-55.pcap", 1,
                  "firmware not what was sent: 8 bytes at 0x08000000-0x08000803, 2044 bytes more "
                  "were sent; 8 sent as in the file, erased before, not verified "
                  "0x08000004-0x080007ff, 2044 bytes: not in the file, the first that was sent is "
                  "0x55");
}

/* A block without descriptors and a pointer may have gone elsewhere. */
static void an_address_that_is_assumed_is_told(void **state)
{
    struct run run;

    (void)state;
    write_dfu_block("block.pcap");
    run = run_program("diagnose --json --expect=good.bin block.pcap");
    assert_non_null(strstr(run.out, "1 write to an address that the capture does not tell\""));
    assert_non_null(strstr(run.out, "\"addresses_assumed\":1,"));
    run_release(&run);
}

static void troubles_are_told(void **state)
{
    static const struct {
        const char *command_line;
        int status;
        const char *words;
    } cases[] = {
        {"diagnose --expect nothing.bin erased.pcap", 2, "nothing.bin: No such file"},
        {"diagnose --expect-address x --expect good.bin erased.pcap", 2, "'x' is no address"},
        {"diagnose --expect", 2, "option '--expect' needs an argument"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct run run = run_program(cases[i].command_line);

        assert_non_null(strstr(run.err, cases[i].words));
        assert_int_equal(run.status, cases[i].status);
        run_release(&run);
    }
}

static void json_has_the_answer(void **state)
{
    struct run run = run_program("diagnose --json --expect other.bin erased.pcap");

    (void)state;
    assert_int_equal(run.status, 1);
    assert_non_null(strstr(run.out, "\"expect\":{\"file\":\"other.bin\",\"holds\":false,"));
    assert_non_null(strstr(run.out, "\"sent\":6,\"blank\":0,\"padding\":0,\"elsewhere\":0,"
                                    "\"different\":2,\"missing\":0,"));
    assert_non_null(strstr(run.out, "\"differences\":[{\"kind\":\"different\",\"first\":134217731,"
                                    "\"last\":134217732,"));
    run_release(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sent_erased_and_verified_holds),
        cmocka_unit_test(an_erase_or_a_verification_must_be_there),
        cmocka_unit_test(differences_are_shown_with_their_place),
        cmocka_unit_test(what_tools_add_and_leave_out_is_no_difference),
        cmocka_unit_test(a_gap_of_the_file_may_be_filled),
        cmocka_unit_test(an_address_that_is_assumed_is_told),
        cmocka_unit_test(troubles_are_told),
        cmocka_unit_test(json_has_the_answer),
    };

    return cmocka_run_group_tests(tests, make_captures, leave_directory);
}
