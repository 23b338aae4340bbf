/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap decode on whole captures: every option.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "small_captures.h"
#include "test.h"

static int make_captures(void **state)
{
    const struct sim_capture_options usbmon = {.linktype = SIM_USBMON_MMAPPED};
    const struct sim_capture_options rtac = {.linktype = SIM_RTAC};
    const struct sim_capture_options rtac_ns = {.linktype = SIM_RTAC, .nanoseconds = true};
    const struct sim_capture_options can = {.linktype = SIM_CAN};
    const struct sim_capture_options sll = {.linktype = SIM_SLL};
    const struct sim_capture_options sll2 = {.linktype = SIM_SLL2};
    const struct sim_capture_options candump = {.linktype = SIM_CANDUMP};

    if (enter_directory(state) != 0)
        return -1;
    write_usart_session("usart.pcap", &rtac);
    write_usart_session("usart-ns.pcap", &rtac_ns);
    write_dfu_session("dfu.pcap", &usbmon);
    write_dfu_block("block.pcap");
    write_fdcan_session("fdcan.pcap", &can);
    write_fdcan_session("sll.pcap", &sll);
    write_fdcan_session("sll2.pcap", &sll2);
    write_fdcan_session("fdcan.log", &candump);
    return 0;
}

/** Runs the program, which must succeed without a word on standard error. */
static struct run succeed(const char *command_line)
{
    struct run run = run_program(command_line);

    assert_string_equal(run.err, "");
    assert_int_equal(run.status, 0);
    return run;
}

static void assert_output_lines(const char *command_line, size_t expected)
{
    struct run run = succeed(command_line);

    assert_int_equal(count_lines(run.out), expected);
    run_release(&run);
}

static void assert_output_has(const char *command_line, const char *expected)
{
    struct run run = succeed(command_line);

    assert_non_null(strstr(run.out, expected));
    run_release(&run);
}

/** What the filter is of links is said. */
static void assert_nothing_left(const char *command_line, const char *links)
{
    struct run run = run_program(command_line);
    char expected[128];

    snprintf(expected, sizeof(expected),
             "boottap: usart.pcap: none of its transactions is one of those asked for%s\n", links);
    assert_string_equal(run.err, expected);
    assert_string_equal(run.out, "");
    assert_int_equal(run.status, 0);
    run_release(&run);
}

/* The commands as usart_host sends them; times are the simulation's. */
static void a_usart_session_is_five_lines(void **state)
{
    static const char *const expected[] = {
        "Sync ",
        "Get ID 0x413 (STM32F405/407/415/417) ",
        "Extended Erase 2 pages: 0 1 ",
        "Write Memory 0x08000000 256 bytes ",
        "Read Memory 0x08000000 256 bytes ",
    };
    struct run run = succeed("decode usart.pcap");
    const char *line = run.out;

    (void)state;
    assert_int_equal(count_lines(run.out), COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_int_equal(strtoul(line, NULL, 10), i + 1);
        line = strstr(line, expected[i]);
        assert_non_null(line);
        line = strchr(line, '\n') + 1;
    }
    run_release(&run);
}

static void operands_and_options_come_in_any_order(void **state)
{
    (void)state;
    assert_output_lines("decode usart.pcap -q", 5);
    assert_output_lines("decode -r usart.pcap", 5);
    assert_output_lines("decode --read=usart.pcap", 5);
    assert_output_lines("decode -- usart.pcap", 5);
    /* Two headings and an empty line between the files */
    assert_output_lines("decode usart.pcap -q -r usart-ns.pcap", 13);
    assert_output_lines("decode -rusart.pcap -- usart-ns.pcap", 13);
}

/** The bytes of a file. */
static size_t read_file(const char *name, char *bytes, size_t size)
{
    FILE *file = fopen(name, "rb");
    size_t length;

    assert_non_null(file);
    length = fread(bytes, 1, size, file);
    fclose(file);
    return length;
}

/** Standard input, a pipe, gives the same as the file. */
static void assert_same_from_stdin(const char *name)
{
    static char bytes[60000];
    const struct run_setup setup = {.input = bytes,
                                    .input_length = read_file(name, bytes, sizeof(bytes))};
    char command_line[64];
    struct run from_file;
    struct run from_pipe;

    snprintf(command_line, sizeof(command_line), "decode --json %s", name);
    from_file = succeed(command_line);
    from_pipe = run_program_with("decode --json -", &setup);
    assert_string_equal(from_pipe.err, "");
    assert_string_equal(from_pipe.out, from_file.out);
    assert_int_equal(from_pipe.status, 0);
    run_release(&from_file);
    run_release(&from_pipe);
}

static void standard_input_is_read_like_a_file(void **state)
{
    struct run run;

    (void)state;
    assert_same_from_stdin("usart.pcap");
    assert_same_from_stdin("usart-ns.pcap");
    assert_same_from_stdin("fdcan.log");
    run = run_program("decode -");
    assert_string_equal(run.err, "boottap: standard input: the file is empty\n");
    assert_int_equal(run.status, 2);
    run_release(&run);
}

/** Commands, addresses and statuses that JSON tells, one after the other. */
static void outline(const char *command_line, char *words, size_t size)
{
    struct run run = succeed(command_line);
    size_t length = 0;

    words[0] = '\0';
    for (const char *line = strtok(run.out, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        struct json_object *object = json_tokener_parse(line);

        assert_non_null(object);
        length +=
            (size_t)snprintf(words + length, size - length, "%s %s %s\n",
                             json_object_get_string(json_object_object_get(object, "command")),
                             json_object_get_string(json_object_object_get(object, "address")),
                             json_object_get_string(json_object_object_get(object, "status")));
        assert_true(length < size);
        json_object_put(object);
    }
    run_release(&run);
}

static void every_can_format_gives_the_same(void **state)
{
    static const char *const names[] = {"fdcan.pcap", "sll.pcap", "sll2.pcap", "fdcan.log"};
    char command_line[64];
    char words[512];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(command_line, sizeof(command_line), "decode --json %s", names[i]);
        outline(command_line, words, sizeof(words));
        /* 134217728 is 0x08000000; json-c's text of no object is NULL */
        assert_string_equal(words, "get-id (null) ok\nwrite-memory 134217728 ok\n");
    }
}

/* Every line must parse strictly, and be an object. */
static void json_is_valid(void **state)
{
    static const char *const command_lines[] = {
        "decode --json usart.pcap dfu.pcap fdcan.log",
        "decode --json -x usart.pcap dfu.pcap fdcan.log",
        "decode --json --summary usart.pcap dfu.pcap fdcan.log",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(command_lines); i++) {
        struct run run = succeed(command_lines[i]);
        size_t objects = 0;

        for (char *line = strtok(run.out, "\n"); line != NULL; line = strtok(NULL, "\n")) {
            struct json_tokener *tokener = json_tokener_new_ex(16);
            struct json_object *object;

            json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
            object = json_tokener_parse_ex(tokener, line, (int)strlen(line) + 1);
            assert_int_equal(json_tokener_get_error(tokener), json_tokener_success);
            assert_true(json_object_is_type(object, json_type_object));
            assert_non_null(json_object_object_get(object, "file"));
            json_object_put(object);
            json_tokener_free(tokener);
            objects++;
        }
        assert_true(objects >= 6);
        run_release(&run);
    }
}

static void filters_choose_transactions(void **state)
{
    (void)state;
    assert_output_lines("decode --command write-memory usart.pcap", 1);
    assert_output_lines("decode --command=write-memory,get-id usart.pcap", 2);
    assert_output_lines("decode --command sync --command get-id usart.pcap", 2);
    assert_nothing_left("decode --status nack usart.pcap", "");
    assert_output_lines("decode --status ok usart.pcap", 5);
    assert_output_lines("decode --address 0x080000ff usart.pcap", 2);
    assert_nothing_left("decode --address 0x08000100-0x08ffffff usart.pcap", "");
    assert_output_lines("decode --transport usart usart.pcap", 5);
    assert_nothing_left("decode --transport dfu,fdcan usart.pcap", "");
    assert_output_lines("decode --link serial usart.pcap", 5);
    assert_nothing_left("decode --link can:can0 usart.pcap", " (--link=can:can0)");
    assert_output_has("decode --summary --command write-memory usart.pcap",
                      "    transactions                   1\n");
}

static void count_stops_early(void **state)
{
    (void)state;
    assert_output_lines("decode -c 2 usart.pcap", 2);
    assert_output_lines("decode -c2 --command read-memory,write-memory usart.pcap", 2);
    /* Of both files: two headings and the line between, five and one transactions */
    assert_output_lines("decode -c 6 usart.pcap usart.pcap", 9);
    assert_output_has("decode -c 1 --summary usart.pcap", "    transactions                   1\n");
}

static void nanosecond_captures_show_nine_digits(void **state)
{
    (void)state;
    assert_output_has("decode --json -c1 usart-ns.pcap", "\"time\":1767225600.011000000,");
    assert_output_has("decode --json -c1 usart.pcap", "\"time\":1767225600.011000,");
}

/* Virtual time starts at 2026-01-01 00:00:00 UTC, and 11 ms pass before the first command. */
static void times_come_in_every_style(void **state)
{
    (void)state;
    assert_output_has("decode -c1 usart.pcap", "     1      0.0");
    assert_output_has("decode -c1 -t e usart.pcap", "     1  1767225600.011000  ");
    assert_output_has("decode -c1 --time=ud usart.pcap", "     1  2026-01-01 00:00:00.011000  ");
    assert_output_has("decode -c1 -tu usart.pcap", "     1  00:00:00.011000  ");
}

static void fields_are_shown_with_their_bytes(void **state)
{
    (void)state;
    assert_output_has("decode -x usart.pcap", "> Command                     11           "
                                              "0x11 Read Memory\n");
    assert_output_has("decode --fields usart.pcap", "< Answer                      79           "
                                                    "0x79 ACK\n");
    assert_output_has("decode -x --json usart.pcap", "\"bytes\":\"11\",\"value\":17,\"text\":"
                                                     "\"0x11 Read Memory\"}");
}

static void colour_is_for_terminals(void **state)
{
    struct run run = succeed("decode usart.pcap");

    (void)state;
    assert_null(strchr(run.out, '\033'));
    run_release(&run);
    run = succeed("decode --color=never usart.pcap");
    assert_null(strchr(run.out, '\033'));
    run_release(&run);
    assert_output_has("decode --color=always usart.pcap", "\033[32mok\033[0m");
    assert_output_has("decode --color usart.pcap", "\033[32mok\033[0m");
}

/* AN3156 section 4.4: address = pointer + (block - 2) x transfer size; block 3 here. */
static void what_the_capture_does_not_tell_can_be_said(void **state)
{
    (void)state;
    assert_output_has("decode --transfer-size 1024 block.pcap", "Write Memory 0x08000400 512");
    assert_output_has("decode --transfer-size=2048 block.pcap", "Write Memory 0x08000800 512");
    assert_output_has("decode --transfer-size 2048 --dfu-address 0x08004000 block.pcap",
                      "Write Memory 0x08004800 512");
}

/* The decoder notices directions that are the wrong way round, and needs none. */
static void the_direction_of_a_serial_line_can_be_said(void **state)
{
    (void)state;
    assert_output_lines("decode --serial-direction=recorded usart.pcap", 5);
    assert_output_lines("decode --serial-direction=merged usart.pcap", 5);
    assert_output_has("decode --serial-direction=swapped usart.pcap", "note directions-swapped: ");
}

/* A short command that is refused proves nothing, and an erase that nobody answers neither. */
static void a_bus_can_be_said_to_be_a_bootloaders(void **state)
{
    static const char log[] = "(1700000000.000000) can0 021##1\n"
                              "(1700000000.000300) can0 021##11F\n"
                              "(1700000005.000000) can0 044##1FFFF\n";
    struct run run;

    (void)state;
    write_file("bus.log", log, sizeof(log) - 1);
    run = run_program("decode bus.log");
    assert_string_equal(run.out, "");
    run_release(&run);
    assert_output_has("decode -q --can-bootloader bus.log", " Go ");
    assert_output_has("decode -q --can-bootloader bus.log", " Erase mass ");
}

/* Half of a session stands in a pipe that stays open; what was begun is told all the same. */
static void an_interrupt_flushes_and_dies_of_the_signal(void **state)
{
    static char bytes[60000];
    struct run_setup setup = {.input = bytes,
                              .interrupt_after = "Write Memory 0x08000000 256 bytes"};
    struct run run;

    (void)state;
    setup.input_length = read_file("usart.pcap", bytes, sizeof(bytes)) - 300;
    run = run_program_with("decode -l -", &setup);
    assert_string_equal(run.err, "");
    assert_int_equal(run.status, 128 + 2);
    assert_non_null(strstr(run.out, "Write Memory 0x08000000 256 bytes         ok"));
    assert_non_null(strstr(run.out, "incomplete ("));
    run_release(&run);
}

static void several_files_are_told_apart(void **state)
{
    (void)state;
    assert_output_has("decode usart.pcap dfu.pcap", "\n\n==> dfu.pcap <==\n     1 ");
    assert_output_has("decode --json usart.pcap dfu.pcap",
                      "{\"type\":\"transaction\",\"v\":1,\"file\":\"dfu.pcap\",\"transport\":"
                      "\"dfu\",\"link\":\"usb:");
    assert_output_has("decode --summary usart.pcap dfu.pcap", "\ndfu.pcap: ");
}

static void help_and_version(void **state)
{
    (void)state;
    assert_output_has("--version", "boottap 0.");
    assert_output_has("help", "  decode     show the bootloader transactions");
    assert_output_has("--help", "Usage: boottap COMMAND");
    assert_output_has("help decode", "Usage: boottap decode");
    assert_output_has("decode --help", "Usage: boottap decode");
    assert_output_has("help notes", "truncated-packet                 the record holds N of N");
    assert_output_has("help fields", "address                 Address\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_usart_session_is_five_lines),
        cmocka_unit_test(operands_and_options_come_in_any_order),
        cmocka_unit_test(standard_input_is_read_like_a_file),
        cmocka_unit_test(every_can_format_gives_the_same),
        cmocka_unit_test(json_is_valid),
        cmocka_unit_test(filters_choose_transactions),
        cmocka_unit_test(count_stops_early),
        cmocka_unit_test(nanosecond_captures_show_nine_digits),
        cmocka_unit_test(times_come_in_every_style),
        cmocka_unit_test(fields_are_shown_with_their_bytes),
        cmocka_unit_test(colour_is_for_terminals),
        cmocka_unit_test(what_the_capture_does_not_tell_can_be_said),
        cmocka_unit_test(the_direction_of_a_serial_line_can_be_said),
        cmocka_unit_test(a_bus_can_be_said_to_be_a_bootloaders),
        cmocka_unit_test(an_interrupt_flushes_and_dies_of_the_signal),
        cmocka_unit_test(several_files_are_told_apart),
        cmocka_unit_test(help_and_version),
    };

    return cmocka_run_group_tests(tests, make_captures, leave_directory);
}
