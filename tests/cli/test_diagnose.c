/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap diagnose: its options, its output in words and JSON, its exit status.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_usart.h"
#include "products.h"
#include "program.h"
#include "small_captures.h"
#include "test.h"

static const struct sim_capture_options rtac = {.linktype = SIM_RTAC};
static const struct sim_capture_options usbmon = {.linktype = SIM_USBMON_MMAPPED};

/** Nobody answers: 0x7F three times. */
static void write_failed_session(const char *path)
{
    static struct usart_device device;
    static struct usart_host host;
    const struct usart_device_config config = {
        .product = usart_product_by_name("f405"),
        .faults_length = 1,
        .faults = {{.kind = USART_SILENCE, .opcode = -1, .phase = USART_SYNC}}};
    struct sim_capture *capture = sim_capture_open(path, &rtac);
    struct rtac_wire wire;

    rtac_wire_init(&wire, capture, RTAC_BOTH);
    usart_host_init(&host, &wire.wire, &device, &config);
    for (int i = 0; i < 3; i++)
        usart_host_sync(&host);
    sim_capture_close(capture);
}

/** Sync and Go, so many times: each a session. */
static void write_sessions(const char *path, unsigned count)
{
    static struct usart_device device;
    static struct usart_host host;
    const struct usart_device_config config = {.product = usart_product_by_name("f405")};
    struct sim_capture *capture = sim_capture_open(path, &rtac);
    struct rtac_wire wire;

    rtac_wire_init(&wire, capture, RTAC_BOTH);
    usart_host_init(&host, &wire.wire, &device, &config);
    for (unsigned i = 0; i < count; i++) {
        assert_true(usart_host_sync(&host));
        assert_true(usart_host_go(&host, 0x08000000));
        usart_device_reset(&device);
    }
    sim_capture_close(capture);
}

static void copy_cut(const char *from, const char *to, size_t less)
{
    static char bytes[65536];
    FILE *file = fopen(from, "rb");
    size_t length;

    assert_non_null(file);
    length = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    assert_true(length > less);
    write_file(to, bytes, length - less);
}

static int make_captures(void **state)
{
    if (enter_directory(state) != 0)
        return -1;
    write_usart_session("good.pcap", &rtac);
    write_dfu_session("dfu.pcap", &usbmon);
    write_failed_session("bad.pcap");
    copy_cut("good.pcap", "damaged.pcap", 3);
    return 0;
}

static void assert_status(const char *command_line, int status)
{
    struct run run = run_program(command_line);

    assert_int_equal(run.status, status);
    run_release(&run);
}

/** Makes one line of what was broken into several. */
static void join_lines(char *text)
{
    char *end = text;

    for (const char *from = text; *from != '\0'; from++)
        if (*from != '\n' && (*from != ' ' || end == text || end[-1] != ' '))
            *end++ = *from;
        else if (end > text && end[-1] != ' ')
            *end++ = ' ';
    *end = '\0';
}

static void assert_fits(const char *text, size_t width)
{
    for (const char *line = text; *line != '\0'; line += strspn(line, "\n")) {
        const size_t length = strcspn(line, "\n");

        if (length > width)
            fail_msg("%zu characters: %.*s", length, (int)length, line);
        line += length;
    }
}

static void the_exit_status_tells_the_verdict(void **state)
{
    (void)state;
    assert_status("diagnose good.pcap", 0);
    assert_status("diagnose -r dfu.pcap", 0);
    assert_status("diagnose bad.pcap", 1);
    assert_status("diagnose good.pcap bad.pcap", 1);
    assert_status("diagnose bad.pcap good.pcap", 1);
    assert_status("diagnose bad.pcap missing.pcap", 2);
    assert_status("diagnose missing.pcap good.pcap", 2);
    assert_status("diagnose", 2);
    assert_status("diagnose --verbose good.pcap", 2);
    assert_status("diagnose --link=usb:1.9 good.pcap", 1);
}

static void a_good_session_is_told_in_a_few_lines(void **state)
{
    struct run run = run_program("diagnose good.pcap");

    (void)state;
    assert_non_null(strstr(run.out, "\n  device         STM32F405/407/415/417 (PID 0x413)\n"));
    assert_fits(run.out, 80);
    join_lines(run.out);
    /* 256 bytes were written in one command, which has no rate; the F405's sectors 0 and 1 have 16
       KiB each. */
    assert_non_null(strstr(run.out,
                           "Worked: erased 2 pages at 0x08000000-0x08007fff, wrote 256 bytes at "
                           "0x08000000-0x080000ff, verified 256 of them by reading back; "));
    assert_string_equal(run.err, "");
    run_release(&run);
}

/** RAM changes by itself: that it reads back as written proves nothing, and only flash counts. */
static void what_is_read_back_from_ram_is_not_verified(void **state)
{
    static struct usart_device device;
    static struct usart_host host;
    const struct usart_device_config config = {.product = usart_product_by_name("f405")};
    struct sim_capture *capture = sim_capture_open("ram.pcap", &rtac);
    struct rtac_wire wire;
    uint8_t bytes[64];
    struct run run;

    (void)state;
    sim_firmware(bytes, sizeof(bytes));
    rtac_wire_init(&wire, capture, RTAC_BOTH);
    usart_host_init(&host, &wire.wire, &device, &config);
    usart_host_open(&host);
    assert_true(usart_host_sync(&host));
    assert_true(usart_host_get_id(&host));
    assert_true(usart_host_write(&host, 0x20004000, bytes, sizeof(bytes)));
    assert_true(usart_host_read(&host, 0x20004000, sizeof(bytes)));
    sim_capture_close(capture);
    run = run_program("diagnose --json ram.pcap");
    assert_non_null(strstr(run.out, "\"written\":{\"commands\":1,\"bytes\":64,"));
    assert_non_null(strstr(run.out, "\"verified_bytes\":0,"));
    run_release(&run);
}

static void a_failed_one_says_what_why_and_what_to_do(void **state)
{
    struct run run = run_program("diagnose bad.pcap");

    (void)state;
    assert_fits(run.out, 80);
    /* The first words are what failed and why. */
    assert_int_equal(strncmp(run.out, "Failed: Sync: no answer to the capture's end. ", 46), 0);
    assert_non_null(strstr(run.out, "\n  session        serial, session 1, packets 1-3\n"));
    assert_non_null(
        strstr(run.out, "\n  what happened  0x7F gets no answer [no-answer-to-sync]\n"));
    assert_non_null(strstr(run.out, "\n  packets        1, 3\n"));
    assert_non_null(strstr(run.out, "\n  likely why     "));
    assert_non_null(strstr(run.out, "\n  what to do     "));
    assert_non_null(strstr(run.out, "\n  not excluded   "));
    run_release(&run);
}

static void files_are_named_where_there_are_several(void **state)
{
    struct run run = run_program("diagnose -q good.pcap dfu.pcap");

    (void)state;
    assert_non_null(strstr(run.out, "\n  session        good.pcap: serial, session 1, "));
    assert_non_null(strstr(run.out, "\n  session        dfu.pcap: usb:1.12, session 1, "));
    assert_null(strstr(run.out, "device"));
    run_release(&run);
    run = run_program("diagnose --json good.pcap dfu.pcap");
    assert_int_equal(count_lines(run.out), 2);
    assert_ptr_equal(strstr(run.out, "{\"type\":\"session\",\"v\":1,\"file\":\"good.pcap\","
                                     "\"transport\":\"usart\","),
                     run.out);
    run_release(&run);
}

/** The keys and their order are what docs/diagnose.md promises. */
static void json_keeps_its_shape(void **state)
{
    static const char *const keys[] = {
        "{\"type\":\"session\",\"v\":1,\"transport\":\"usart\"",
        "\"link\":\"serial\"",
        "\"session\":1",
        "\"verdict\":\"worked\"",
        "\"text\":\"Worked: ",
        "\"time\":",
        "\"time_ns\":",
        "\"duration\":",
        "\"first_packet\":",
        "\"last_packet\":",
        "\"transactions\":5",
        "\"pid\":1043",
        "\"product\":\"STM32F405",
        "\"erased\":{",
        "\"commands\":1",
        "\"bytes\":32768",
        "\"duration\":",
        "\"ranges\":[{\"first\":134217728",
        "\"last\":134250495}]}",
        "\"erased_pages\":2",
        "\"written\":{\"commands\":1",
        "\"bytes\":256",
        "\"read\":{",
        "\"verified_bytes\":256",
        "\"failures\":[]",
        "\"findings\":[]}",
    };
    struct run run = run_program("diagnose --json good.pcap");
    const char *at = run.out;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const char *found = strstr(at, keys[i]);

        if (found == NULL)
            fail_msg("%s is not there, or out of order, in %s", keys[i], run.out);
        else
            at = found;
    }
    run_release(&run);
    run = run_program("diagnose --json bad.pcap");
    assert_non_null(strstr(run.out, "\"failures\":[{\"n\":1,\"first_packet\":1,\"last_packet\":3,"
                                    "\"command\":\"sync\",\"status\":\"incomplete\","
                                    "\"phase\":\"sync\",\"text\":\"Sync\"}]"));
    assert_non_null(strstr(run.out, "\"findings\":[{\"rule\":\"no-answer-to-sync\",\"kind\":"
                                    "\"cause\",\"certainty\":\"likely\",\"what\":\"0x7F gets no "
                                    "answer\",\"why\":\""));
    assert_non_null(strstr(run.out, "\"occurrences\":1,\"packets\":[1,3]}"));
    run_release(&run);
}

static void standard_input_is_a_file_too(void **state)
{
    static char bytes[65536];
    FILE *file = fopen("bad.pcap", "rb");
    struct run_setup setup = {.input = bytes};
    struct run run;

    (void)state;
    assert_non_null(file);
    setup.input_length = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    run = run_program_with("diagnose -", &setup);
    assert_non_null(strstr(run.out, "[no-answer-to-sync]"));
    assert_int_equal(run.status, 1);
    run_release(&run);
}

static void colours_are_for_terminals(void **state)
{
    struct run run = run_program("diagnose bad.pcap");

    (void)state;
    assert_null(strchr(run.out, '\033'));
    run_release(&run);
    run = run_program("diagnose --color=always bad.pcap");
    assert_non_null(strstr(run.out, "\033[31mFailed: "));
    run_release(&run);
    run = run_program("diagnose --color=sometimes bad.pcap");
    assert_string_equal(run.err,
                        "boottap: diagnose: unknown use of colour 'sometimes'; known are always, "
                        "never, auto; try 'boottap help diagnose'\n");
    run_release(&run);
}

/** What stands before the damage is told, and the damage. */
static void a_damaged_capture_is_told_as_far_as_it_goes(void **state)
{
    struct run run = run_program("diagnose damaged.pcap");

    (void)state;
    assert_non_null(strstr(run.out, "wrote 256 bytes"));
    assert_non_null(strstr(run.err, "damaged.pcap"));
    run_release(&run);
}

/** A capture without packets: there is nothing to tell, and that is a finding. */
static void a_capture_without_traffic_is_a_finding(void **state)
{
    struct sim_capture *capture = sim_capture_open("empty.pcap", &rtac);
    struct run run;

    (void)state;
    sim_capture_close(capture);
    run = run_program("diagnose empty.pcap");
    assert_string_equal(run.out, "");
    assert_string_equal(run.err,
                        "boottap: empty.pcap: no bootloader traffic found in its 0 packets "
                        "(0 of other devices or protocols, 0 malformed)\n");
    assert_int_equal(run.status, 1);
    run_release(&run);
}

/** Bytes of which no command is decoded are no session: alone they are a finding, beside a session
 * they are another device's. */
static void traffic_that_is_not_decoded_is_a_finding(void **state)
{
#define OTHER "41 54 0D > 41 54 0D 0A 4F 4B\n"
    static const char other[] = OTHER;
    static const char beside[] = "7F > 79\n02 FD > 79 01 04 50 79\n[link other]\n" OTHER;
    struct run run;

    (void)state;
    write_file("other", other, sizeof(other) - 1);
    write_file("beside", beside, sizeof(beside) - 1);
    run = run_program("diagnose -q other");
    assert_non_null(strstr(run.out, "Not decoded"));
    assert_int_equal(run.status, 1);
    run_release(&run);
    run = run_program("diagnose -q beside");
    assert_non_null(strstr(run.out, "Not decoded"));
    assert_int_equal(run.status, 0);
    run_release(&run);
    assert_status("diagnose -q --link serial:other beside", 1);
    assert_status("diagnose -q good.pcap other", 1);
}

/** Reads a device's descriptors, and that of an interface with this class: FE/01/02 is DFU. */
static void write_descriptors(const char *path, uint8_t class, uint8_t protocol)
{
    const uint8_t bytes[] = {9, 2, 18, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, class, 1, protocol, 0};
    static const uint8_t setup[] = {0x80, 0x06, 0x00, 0x02, 0x00, 0x00, 0xff, 0x00};
    struct sim_capture *capture = sim_capture_open(path, &usbmon);
    struct sim_usb_record usb = {
        .at = SIM_EPOCH,
        .id = 1,
        .transfer = USB_CONTROL,
        .endpoint = 0x80,
        .device = 7,
        .bus = 3,
        .setup = setup,
        .length = 255,
    };

    sim_write_usb(capture, &usb);
    usb.completion = true;
    usb.setup = NULL;
    usb.length = sizeof(bytes);
    usb.data = bytes;
    sim_write_usb(capture, &usb);
    sim_capture_close(capture);
}

static void assert_cause(const char *path, const char *place, const char *rule)
{
    char command_line[64];
    struct run run;

    snprintf(command_line, sizeof(command_line), "diagnose %s", path);
    run = run_program(command_line);
    assert_non_null(strstr(run.out, place));
    assert_non_null(strstr(run.out, rule));
    assert_string_equal(run.err, "");
    assert_int_equal(run.status, 1);
    run_release(&run);
}

/** DFU 1.1 section 4.2.3: protocol 2 is DFU mode, 1 run-time mode. */
static void a_usb_capture_without_dfu_says_why(void **state)
{
    (void)state;
    write_descriptors("mode.pcap", 0xfe, 2);
    assert_cause("mode.pcap", "\n  session        usb:3.7, session 1, packets 2-2\n",
                 "[dfu-never-asked]");
    write_descriptors("run-time.pcap", 0xfe, 1);
    assert_cause("run-time.pcap", "\n  session        usb:3.0, session 1, packets 1-1\n",
                 "[no-dfu-device]");
    write_descriptors("mouse.pcap", 0x03, 2);
    assert_cause("mouse.pcap", "\n  session        usb:3.0, session 1, packets 1-1\n",
                 "[no-dfu-device]");
}

/** What stands in brackets can be looked up. */
static void a_rule_is_explained(void **state)
{
    struct run run = run_program("help no-answer-to-sync");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_fits(run.out, 80);
    assert_int_equal(strncmp(run.out, "no-answer-to-sync (cause, likely)\n", 34), 0);
    join_lines(run.out);
    assert_non_null(strstr(run.out, " what it says 0x7F gets no answer when a command failed on "
                                    "USART: Sync; its status is no-reply or incomplete"));
    assert_non_null(strstr(run.out, " likely why "));
    assert_non_null(strstr(run.out, " what to do "));
    assert_non_null(strstr(run.out, " not excluded "));
    run_release(&run);
    run = run_program("help no-such-rule");
    assert_int_equal(run.status, 2);
    assert_string_equal(run.err, "boottap: no help for 'no-such-rule'; try 'boottap help'\n");
    run_release(&run);
}

static void sessions_beyond_the_bound_are_counted(void **state)
{
    const size_t all = 20000;
    struct run run;
    char words[128];
    size_t kept;

    (void)state;
    write_sessions("many.pcap", all);
    run = run_program("diagnose --json many.pcap");
    kept = count_lines(run.out);
    assert_true(kept > 2000 && kept < all);
    snprintf(words, sizeof(words),
             "boottap: many.pcap: %zu sessions after the first %zu are left out, 0 of them "
             "failed\n",
             all - kept, kept);
    assert_string_equal(run.err, words);
    assert_int_equal(run.status, 0);
    run_release(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_exit_status_tells_the_verdict),
        cmocka_unit_test(a_good_session_is_told_in_a_few_lines),
        cmocka_unit_test(what_is_read_back_from_ram_is_not_verified),
        cmocka_unit_test(a_failed_one_says_what_why_and_what_to_do),
        cmocka_unit_test(files_are_named_where_there_are_several),
        cmocka_unit_test(json_keeps_its_shape),
        cmocka_unit_test(standard_input_is_a_file_too),
        cmocka_unit_test(colours_are_for_terminals),
        cmocka_unit_test(a_damaged_capture_is_told_as_far_as_it_goes),
        cmocka_unit_test(a_capture_without_traffic_is_a_finding),
        cmocka_unit_test(traffic_that_is_not_decoded_is_a_finding),
        cmocka_unit_test(a_usb_capture_without_dfu_says_why),
        cmocka_unit_test(a_rule_is_explained),
        cmocka_unit_test(sessions_beyond_the_bound_are_counted),
    };

    return cmocka_run_group_tests(tests, make_captures, leave_directory);
}
