/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a person meets first: a file without a command, a word mistyped, help, versions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "boottap/diagnosis.h"
#include "boottap/note.h"
#include "boottap/transaction.h"
#include "command/command.h"
#include "program.h"
#include "small_captures.h"
#include "test.h"

static const struct sim_capture_options serial_capture = {.linktype = SIM_RTAC};

#define TAKEN_AS_DIAGNOSE                                                                          \
    "boottap: no command is named: this is what 'boottap diagnose' says; 'boottap help' lists "    \
    "what else there is\n"

static void errors_between_words_are_counted(void **state)
{
    (void)state;
    assert_int_equal(suggest_distance("", ""), 0);
    assert_int_equal(suggest_distance("diagnose", "diagnose"), 0);
    assert_int_equal(suggest_distance("Diagnose", "diagnose"), 0);
    assert_int_equal(suggest_distance("diagnoes", "diagnose"), 1); /* two changed places */
    assert_int_equal(suggest_distance("dignose", "diagnose"), 1);  /* one is missing */
    assert_int_equal(suggest_distance("decoode", "decode"), 1);    /* one is too many */
    assert_int_equal(suggest_distance("dekode", "decode"), 1);     /* one is another */
    assert_int_equal(suggest_distance("ca", "abc"), 3);            /* nothing changed twice */
    assert_int_equal(suggest_distance("", "diff"), 4);
    assert_int_equal(suggest_distance("diff", ""), 4);
}

static void assert_refused(const char *command, const char *expected)
{
    struct run run = run_program(command);

    assert_string_equal(run.err, expected);
    assert_string_equal(run.out, "");
    assert_int_equal(run.status, 2);
    run_release(&run);
}

static void mistyped_words_are_understood(void **state)
{
    (void)state;
    assert_refused("diagnoes", "boottap: unknown command 'diagnoes' (did you mean 'boottap "
                               "diagnose'?); try 'boottap help'\n");
    assert_refused("anno a", "boottap: unknown command 'anno' (did you mean 'boottap "
                             "annotate'?); try 'boottap help'\n");
    assert_refused("--decode a.pcap", "boottap: unknown option '--decode' (did you mean 'boottap "
                                      "decode'?); try 'boottap help'\n");
    assert_refused("sniff can0", "boottap: unknown command 'sniff'; try 'boottap help'\n");
    assert_refused("decode --jsn a", "boottap: decode: unknown option '--jsn' (did you mean "
                                     "'--json'?); try 'boottap help decode'\n");
    assert_refused("decode --s a", "boottap: decode: option '--s' may be '--summary' or "
                                   "'--status'; try 'boottap help decode'\n");
    assert_refused("decode --status=nak a",
                   "boottap: decode: unknown status 'nak' (did you mean 'nack'?); known are ok, "
                   "nack, error, stall, no-reply, bad-reply, disconnected, incomplete; try "
                   "'boottap help decode'\n");
    assert_refused("diff a b --ignore=adress",
                   "boottap: diff: unknown field 'adress' (did you mean 'address'?); 'boottap "
                   "help compared' names them; try 'boottap help diff'\n");
    assert_refused("help port-without-parit",
                   "boottap: no help for 'port-without-parit' (did you mean 'boottap help "
                   "port-without-parity'?); try 'boottap help'\n");
}

static void mistyped_values_are_understood(void **state)
{
    (void)state;
    assert_refused("decode --serial-direction=swaped a",
                   "boottap: decode: unknown serial direction 'swaped' (did you mean 'swapped'?); "
                   "known are recorded, swapped, merged; try 'boottap help decode'\n");
    assert_refused("decode -t UD a", "boottap: decode: unknown time format 'UD' (did you mean "
                                     "'ud'?); known are r, d, e, a, ad, u, ud; try 'boottap help "
                                     "decode'\n");
    assert_refused("decode --color=nevr a",
                   "boottap: decode: unknown use of colour 'nevr' (did you mean 'never'?); known "
                   "are always, never, auto; try 'boottap help decode'\n");
    assert_refused("extract a -o b --format=ihex",
                   "boottap: extract: unknown format 'ihex' (did you mean 'hex'?); known are bin, "
                   "hex, srec, dfu; try 'boottap help extract'\n");
    assert_refused("live -a filsize:100 can0",
                   "boottap: live: unknown limit 'filsize:100' (did you mean 'filesize'?); known "
                   "are filesize:KB, duration:SECONDS; try 'boottap help live'\n");
    assert_refused("live -b file:3 can0",
                   "boottap: live: unknown limit 'file:3' (did you mean 'filesize'?); known are "
                   "filesize:KB, files:N, duration:SECONDS; try 'boottap help live'\n");
    assert_refused("live seril:/dev/null",
                   "boottap: seril:/dev/null: no such interface (did you mean 'serial'?); known "
                   "are usbmonN, a CAN interface, serial:PORT[,BAUD], tap:HOSTPORT,DEVPORT[,BAUD], "
                   "proxy:PORT[,LINK]\n");
    assert_refused("simulate usat --on a",
                   "boottap: simulate: unknown device 'usat' (did you mean 'usart'?); known are "
                   "usart, dfu, fdcan, can; try 'boottap help simulate'\n");
    assert_refused("simulate usart --on a --product STM32F4O5RG",
                   "boottap: product 'STM32F4O5RG' is not known (did you mean 'STM32F405'?); "
                   "'boottap simulate usart --product list' shows them\n");
    assert_refused(
        "simulate usart --on a --product ATtiny",
        "boottap: product 'ATtiny' is not known; 'boottap simulate usart --product list' "
        "shows them\n");
}

/** A message must begin so. */
static void assert_refusal_begins(const char *command, const char *expected)
{
    struct run run = run_program(command);

    if (strncmp(run.err, expected, strlen(expected)) != 0)
        fail_msg("%s says: %s", command, run.err);
    assert_int_equal(run.status, 2);
    run_release(&run);
}

static void mistyped_faults_and_targets_are_understood(void **state)
{
    (void)state;
    write_usart_session("a.pcap", &serial_capture);
    assert_refusal_begins("simulate usart --on a --fault nak@get",
                          "boottap: fault 'nak@get': no kind 'nak' here (did you mean 'nack'?); "
                          "known: ");
    assert_refusal_begins("simulate usart --on a --fault nack@write-memry",
                          "boottap: fault 'nack@write-memry': no command 'write-memry' here (did "
                          "you mean 'write-memory'?); known: ");
    assert_refusal_begins("replay a.pcap --to seril:/dev/null",
                          "boottap: replay: 'seril:/dev/null' is no target (did you mean "
                          "'serial'?); it must be serial:PORT[,BAUD], ");
}

/** A command line without a command must do what another one does. */
static void assert_diagnoses(const char *bare, const char *command, const char *input)
{
    const struct run_setup setup = {.input = input,
                                    .input_length = input != NULL ? strlen(input) : 0};
    struct run run = run_program_with(bare, &setup);
    struct run expected = run_program_with(command, &setup);
    char err[1024];

    snprintf(err, sizeof(err), "%s%s", TAKEN_AS_DIAGNOSE, expected.err);
    assert_string_equal(run.err, err);
    assert_string_equal(run.out, expected.out);
    assert_int_equal(run.status, expected.status);
    run_release(&run);
    run_release(&expected);
}

static void a_file_alone_is_diagnosed(void **state)
{
    (void)state;
    write_usart_session("a.pcap", &serial_capture);
    write_usart_session("capture", &serial_capture);
    assert_diagnoses("a.pcap", "diagnose a.pcap", NULL);
    assert_diagnoses("capture", "diagnose capture", NULL);
    assert_diagnoses("a.pcap capture", "diagnose a.pcap capture", NULL);
    assert_diagnoses("--json a.pcap", "diagnose --json a.pcap", NULL);
    assert_diagnoses("-q a.pcap", "diagnose -q a.pcap", NULL);
    assert_diagnoses("a.pcap --json", "diagnose a.pcap --json", NULL);
    assert_diagnoses("-r a.pcap", "diagnose -r a.pcap", NULL);
    assert_diagnoses("-r missing", "diagnose -r missing", NULL);
    assert_diagnoses("missing.pcap", "diagnose missing.pcap", NULL);
    assert_diagnoses("-", "diagnose -", "(1.000000) can0 000##4\n");
}

static void assert_lines_fit(const char *text)
{
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        if (strcspn(line, "\n") > 80)
            fail_msg("%.*s", (int)strcspn(line, "\n"), line);
        assert_int_equal(line[strcspn(line, "\n")], '\n');
    }
}

/** Every line of a command's output fits. */
static void assert_fits(const char *command)
{
    struct run run = run_program(command);

    assert_string_equal(run.err, "");
    assert_int_equal(run.status, 0);
    assert_true(run.length > 0);
    assert_lines_fit(run.out);
    run_release(&run);
}

static void assert_help_fits(const char *name)
{
    char command[128];

    snprintf(command, sizeof(command), "help %s", name);
    assert_fits(command);
}

/** Puts one space in the place of every space and line. */
static void squeeze(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++)
        if (*from != '\n' && (*from != ' ' || (from[1] != ' ' && from[1] != '\n')))
            *to++ = *from;
        else if (*from == '\n' && from[1] != ' ')
            *to++ = ' ';
    *to = '\0';
}

/** Help must fit, and have a pattern to its last word; N stands for what printf() would put. */
static void assert_says_all(char *help, const char *pattern)
{
    char expected[1024] = "what it says ";
    size_t length = strlen(expected);

    assert_lines_fit(help);
    while (*pattern != '\0') {
        if (*pattern == '%' && *++pattern != '%') {
            pattern += strcspn(pattern, "uxX") + 1;
            expected[length++] = 'N';
        } else {
            expected[length++] = *pattern++;
        }
        assert_true(length < sizeof(expected) - 1);
    }
    expected[length] = '\0';
    squeeze(help);
    if (strstr(help, expected) == NULL)
        fail_msg("lacks: %s\n%s", expected, help);
}

/* As the decoder's lists have them. */
static const char *const note_texts[] = {
#define BTAP_NOTE_DEF(id, name, severity, text) [BTAP_NOTE_##id] = text,
#include "boottap/notes_dfu.def"
#include "boottap/notes_fdcan.def"
#include "boottap/notes_link.def"
#include "boottap/notes_usart.def"
#undef BTAP_NOTE_DEF
};

static void every_note_is_explained_to_its_end(void **state)
{
    (void)state;
    for (unsigned i = 0; i < BTAP_NOTE_COUNT; i++) {
        char *help = NULL;
        size_t length = 0;
        FILE *to = open_memstream(&help, &length);

        assert_non_null(to);
        assert_true(print_note(btap_note_name((enum btap_note_id)i), to));
        fclose(to);
        assert_says_all(help, note_texts[i]);
        free(help);
    }
}

static void every_rule_is_explained_to_its_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < btap_rules_length(); i++) {
        char *help = NULL;
        size_t length = 0;
        FILE *to = open_memstream(&help, &length);

        assert_non_null(to);
        print_rule(btap_rule_at(i), to);
        fclose(to);
        assert_says_all(help, btap_rule_at(i)->what);
        free(help);
    }
}

static void values_in_help_are_explained(void **state)
{
    struct run run = run_program("help skipped-bytes");

    (void)state;
    assert_string_equal(
        run.out, "skipped-bytes (a note of decode, note)\n"
                 "  what it says   N bytes belong to no command\n"
                 "  N              a number, which is printed in its place; each N has its own\n");
    run_release(&run);
    /* A note and the rule about it have one name. */
    run = run_program("help back-in-bootloader");
    assert_non_null(strstr(run.out, "back-in-bootloader (doubt, likely)\n"));
    assert_non_null(strstr(run.out, "\nback-in-bootloader (a note of decode, "));
    run_release(&run);
    /* A percent sign is no value. */
    run = run_program("help leaves-without-answer");
    assert_non_null(strstr(run.out, "100 % means"));
    assert_null(strstr(run.out, "\n  N "));
    run_release(&run);
}

static void help_fits_a_terminal(void **state)
{
    static const char *const topics[] = {"notes", "rules", "fields", "compared"};
    char command[128];

    (void)state;
    assert_fits("help");
    assert_fits("--help");
    assert_fits("version");
    for (size_t i = 0; i < COUNT_OF(topics); i++)
        assert_help_fits(topics[i]);
    for (size_t i = 0; i < COMMANDS; i++) {
        assert_help_fits(commands[i]->line->name);
        snprintf(command, sizeof(command), "%s --help", commands[i]->line->name);
        assert_fits(command);
    }
    for (unsigned i = 0; i < BTAP_STATUS_COUNT; i++)
        assert_help_fits(btap_status_name((enum btap_status)i));
}

/** What the options of a command are told to be for stays whole, however it is broken. */
static void help_keeps_every_word(void **state)
{
    struct run run = run_program("help decode");

    (void)state;
    assert_non_null(strstr(run.out, "\n  -t, --time=FORMAT        r since the first packet"));
    assert_non_null(strstr(run.out, "\n                           before, e since 1970,"));
    run_release(&run);
    run = run_program("help nack");
    assert_string_equal(
        run.out, "nack (how a transaction ended)\n"
                 "  what it says   The device refused the command, an argument or its data: it\n"
                 "                 answered NACK.\n");
    run_release(&run);
    run = run_program("help device-left");
    assert_string_equal(
        run.out, "device-left (a note of decode, chat)\n"
                 "  what it says   the device left the bus, as it must after this command\n");
    run_release(&run);
}

static void version_names_the_libraries(void **state)
{
    static const char *const spellings[] = {"version", "--version", "-V"};
    static const char *const libraries[] = {
        "boottap 0.", "libpcap version ", "libserialport ", "libusb",
        "zlib ",      "liblzma ",         "libzstd ",       "libzip "};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        struct run run = run_program(spellings[i]);

        for (size_t j = 0; j < COUNT_OF(libraries); j++)
            if (strstr(run.out, libraries[j]) == NULL)
                fail_msg("%s lacks %s", spellings[i], libraries[j]);
        assert_int_equal(run.status, 0);
        run_release(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_between_words_are_counted),
        cmocka_unit_test(mistyped_words_are_understood),
        cmocka_unit_test(mistyped_values_are_understood),
        cmocka_unit_test(mistyped_faults_and_targets_are_understood),
        cmocka_unit_test(a_file_alone_is_diagnosed),
        cmocka_unit_test(every_note_is_explained_to_its_end),
        cmocka_unit_test(every_rule_is_explained_to_its_end),
        cmocka_unit_test(values_in_help_are_explained),
        cmocka_unit_test(help_fits_a_terminal),
        cmocka_unit_test(help_keeps_every_word),
        cmocka_unit_test(version_names_the_libraries),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
