/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap replay without a device: which commands of a capture it would send, with which bytes,
 * what stands against them, and what the plan says of it.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "program.h"
#include "replay/make.h"
#include "replay/totals.h"
#include "sim.h"
#include "small_captures.h"
#include "test.h"

#define RTAC   (&(const struct sim_capture_options){.linktype = SIM_RTAC})
#define USBMON (&(const struct sim_capture_options){.linktype = SIM_USBMON_MMAPPED})
#define CAN    (&(const struct sim_capture_options){.linktype = SIM_CAN})

/* Runs of the program */

static struct run run_replay(const char *arguments)
{
    char line[512];

    snprintf(line, sizeof(line), "replay %s", arguments);
    return run_program(line);
}

static void assert_has(const char *text, const char *expected)
{
    if (strstr(text, expected) == NULL)
        fail_msg("no '%s' in:\n%s", expected, text);
}

static void assert_lacks(const char *text, const char *unexpected)
{
    if (strstr(text, unexpected) != NULL)
        fail_msg("'%s' in:\n%s", unexpected, text);
}

/** The plan is printed, and it says so. */
static void assert_prints(const char *arguments, const char *expected)
{
    struct run run = run_replay(arguments);

    assert_int_equal(run.status, 0);
    assert_string_equal(run.err, "");
    assert_has(run.out, expected);
    assert_has(run.out, "Nothing was sent.\n");
    run_release(&run);
}

/** It is refused, in one line. */
static void assert_refuses(const char *arguments, const char *expected)
{
    struct run run = run_replay(arguments);

    assert_int_equal(run.status, 2);
    assert_int_equal(count_lines(run.err), 1);
    assert_has(run.err, expected);
    run_release(&run);
}

static void the_plan_of_a_flash(void **state)
{
    struct run run;

    (void)state;
    write_usart_session("flash.pcap", RTAC);
    run = run_replay("flash.pcap");
    assert_int_equal(run.status, 0);
    assert_has(run.out, "flash.pcap: serial, session 1, usart\n");
    assert_has(run.out, "Device: STM32F405/407/415/417 (PID 0x413)");
    assert_has(run.out, "  erase      Extended Erase 2 pages: 0 1: erases the 2 pages 0-1 "
                        "(0x08000000-0x08007fff)\n");
    assert_has(run.out, "  write      Write Memory 0x08000000 256 bytes: writes 256 bytes to flash "
                        "(0x08000000-0x080000ff)\n");
    assert_has(run.out, "To send: 5 commands, 1 write of 256 bytes, 2 pages erased\n"
                        "Needs: --allow=write,erase\n"
                        "Nothing was sent.\n");
    run_release(&run);
    assert_prints("-q flash.pcap", "Needs: --allow=write,erase\n");
}

static void permissions_are_those_of_what_is_left(void **state)
{
    struct run run;

    (void)state;
    write_usart_session("flash.pcap", RTAC);
    assert_prints("flash.pcap --until=2", "To send: 2 commands, which only ask and read\n");
    assert_prints("flash.pcap --command=read-memory",
                  "To send: 1 command, which only asks and reads\nLeft out: 4 not asked for\n");
    assert_prints("flash.pcap --from=3 --until=3", "Needs: --allow=erase\n");
    assert_prints("flash.pcap --skip=3", "Left out: 1 skipped\nNeeds: --allow=write\n");
    assert_prints("flash.pcap --address=0x08000000+4", "Needs: --allow=write\n");
    assert_prints("flash.pcap --allow=write", "Not allowed: erase\n");
    assert_prints("flash.pcap --allow=write,erase,go", "All of it is allowed.\n");
    run = run_replay("flash.pcap --until=2");
    assert_lacks(run.out, "--allow");
    run_release(&run);
    assert_refuses("flash.pcap --from=6", "nothing is left to send");
    assert_refuses("flash.pcap --skip=77", "--skip 77: the session has no such transaction");
}

/* AN3155 section 3.3: what is changed must be known to be the right device. */
static void get_id_is_added_before_the_first_change(void **state)
{
    struct run run;

    (void)state;
    write_usart_session("flash.pcap", RTAC);
    run = run_replay("flash.pcap --from=4");
    assert_has(run.out, "           +                      Get ID\n           4 ");
    assert_has(run.out, "To send: 3 commands");
    run_release(&run);
    run = run_replay("flash.pcap --from=5"); /* which only reads */
    assert_lacks(run.out, "Get ID\n");
    run_release(&run);
}

/** Parses a line of JSON. @return it; json_object_put() frees it */
static struct json_object *next_object(char **text)
{
    char *line = strtok_r(*text, "\n", text);

    return line != NULL ? json_tokener_parse(line) : NULL;
}

static const char *text_of(struct json_object *object, const char *key)
{
    struct json_object *value = NULL;

    assert_true(json_object_object_get_ex(object, key, &value));
    return json_object_get_string(value);
}

static void the_plan_as_json(void **state)
{
    static const struct {
        const char *command;
        const char *changes; /**< NULL: absent */
        const char *needs;
        const char *risk;
        const char *allowed;
    } expected[] = {
        {"sync", NULL, "[ ]", "none", "true"},
        {"get-id", NULL, "[ ]", "none", "true"},
        {"extended-erase", "erases the 2 pages 0-1 (0x08000000-0x08007fff)", "[ \"erase\" ]",
         "changes", "false"},
        {"write-memory", "writes 256 bytes to flash (0x08000000-0x080000ff)", "[ \"write\" ]",
         "changes", "true"},
        {"read-memory", NULL, "[ ]", "none", "true"},
    };
    struct json_object *object;
    struct run run;
    char *rest;

    (void)state;
    write_usart_session("flash.pcap", RTAC);
    run = run_replay("flash.pcap --json --allow=write");
    assert_int_equal(run.status, 0);
    assert_int_equal(count_lines(run.out), 6);
    rest = run.out;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        char number[8];

        object = next_object(&rest);
        snprintf(number, sizeof(number), "%zu", i + 1);
        assert_string_equal(text_of(object, "type"), "command");
        assert_string_equal(text_of(object, "v"), "1");
        assert_string_equal(text_of(object, "n"), number);
        assert_string_equal(text_of(object, "origin"), "recorded");
        assert_string_equal(text_of(object, "command"), expected[i].command);
        if (expected[i].changes == NULL)
            assert_false(json_object_object_get_ex(object, "changes", NULL));
        else
            assert_string_equal(text_of(object, "changes"), expected[i].changes);
        assert_string_equal(text_of(object, "needs"), expected[i].needs);
        assert_string_equal(text_of(object, "risk"), expected[i].risk);
        assert_string_equal(text_of(object, "allowed"), expected[i].allowed);
        json_object_put(object);
    }
    object = next_object(&rest);
    assert_string_equal(text_of(object, "type"), "plan");
    assert_string_equal(text_of(object, "commands"), "5");
    assert_string_equal(text_of(object, "bytes_written"), "256");
    assert_string_equal(text_of(object, "pages_erased"), "2");
    assert_string_equal(text_of(object, "needs"), "[ \"write\", \"erase\" ]");
    assert_string_equal(text_of(object, "lacks"), "[ \"erase\" ]");
    assert_string_equal(text_of(object, "needs_yes"), "false");
    assert_string_equal(text_of(object, "needs_irreversible"), "false");
    assert_string_equal(text_of(object, "allowed"), "false");
    assert_string_equal(text_of(object, "problems"), "[ ]");
    json_object_put(object);
    run_release(&run);
}

static void what_the_capture_does_not_hold_is_refused_by_number(void **state)
{
    (void)state;
    assert_refuses(BOOTTAP_CAPTURES "/usart-incomplete.pcap",
                   "transaction 2 (packet 5) cannot be sent: Write Memory: the capture ends before "
                   "its outcome (incomplete); --skip 2 leaves it out");
    assert_prints(BOOTTAP_CAPTURES "/usart-incomplete.pcap --skip=2", "To send: 1 command");
    assert_prints(BOOTTAP_CAPTURES "/usart-incomplete.pcap --skip=damaged", "To send: 1 command");
    /* 8 bytes less than announced */
    assert_refuses(BOOTTAP_CAPTURES "/usart-bytes-missing.pcap", "missing from the capture");
    write_dfu_block("block.pcap");
    assert_refuses("block.pcap", "no Set Address Pointer is in it");
}

static void a_snapshot_length_takes_bytes_away(void **state)
{
    (void)state;
    write_usart_session("cut.pcap",
                        &(const struct sim_capture_options){.linktype = SIM_RTAC, .snaplen = 64});
    assert_refuses("cut.pcap --command=write-memory", "transaction 4 (packet ");
}

static void several_sessions_must_be_chosen_from(void **state)
{
    struct run run;

    (void)state;
    remove("two.pcap");
    write_usart_session("one.pcap", RTAC);
    append_capture("one.pcap", "two.pcap");
    append_capture("one.pcap", "two.pcap");
    run = run_replay("two.pcap");
    assert_int_equal(run.status, 2);
    assert_has(run.err, "two.pcap: it has 2 sessions; choose one with --link and --session: link "
                        "serial session 1 (5 commands, packets ");
    assert_has(run.err, "; link serial session 2 (5 commands, packets ");
    assert_string_equal(run.out, "");
    run_release(&run);
    assert_prints("two.pcap --session=2", "two.pcap: serial, session 2, usart\n");
    assert_prints("two.pcap --session=1 --link=serial", "two.pcap: serial, session 1, usart\n");
    assert_refuses("two.pcap --session=3", "none of its sessions is the one asked for");
    assert_refuses("two.pcap --session=1 --link=can", "none of its sessions is the one asked for");
}

static void a_device_that_is_not_known_needs_a_yes(void **state)
{
    (void)state;
    assert_prints(BOOTTAP_CAPTURES "/usart-erase-forms.pcap --skip=6",
                  "--yes, or a yes on the terminal: it is not known which device it is for\n");
    assert_prints(BOOTTAP_CAPTURES "/usart-erase-forms.pcap --skip=6 --allow=erase --yes",
                  "All of it is allowed.\n");
}

/* AN3156 section 5.1: option bytes through an alternate setting of their own. */
static void option_bytes_need_an_option_of_their_own(void **state)
{
    struct run run = run_replay(BOOTTAP_CAPTURES "/dfu-option-bytes.pcap");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_has(run.out, "writes 16 bytes to the option bytes (0x1ffff800-0x1ffff80f)");
    assert_has(run.out, "  [irreversible]\n");
    assert_has(run.out, "--allow-irreversible: 1 command may be impossible to undo");
    run_release(&run);
    run = run_replay(BOOTTAP_CAPTURES "/dfu-option-bytes.pcap --allow=write --yes");
    assert_lacks(run.out, "All of it is allowed");
    run_release(&run);
    assert_prints(BOOTTAP_CAPTURES
                  "/dfu-option-bytes.pcap --allow=write --yes --allow-irreversible",
                  "All of it is allowed.\n");
}

static void protections_are_confirmed_one_by_one(void **state)
{
    struct run run = run_replay(BOOTTAP_CAPTURES "/fdcan-protection.pcap");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_has(run.out, "removes the read protection, which erases the whole flash; the device "
                        "resets  [confirm]\n");
    assert_has(run.out, "Needs: --allow=protect,unprotect\n"
                        "       --yes, or a yes on the terminal: 4 commands\n");
    run_release(&run);
}

/** AN3155 section 3.7: F103 under read protection refuses the opcode. */
static void what_was_refused_is_sent_as_far_as_it_went(void **state)
{
    (void)state;
    assert_prints(BOOTTAP_CAPTURES "/usart-read-protected.pcap",
                  "  erase      Erase: is sent as far as the capture holds it: opcode only; the "
                  "answer then was nack (command)\nTo send: 5 commands\nNeeds: --allow=erase\n");
    assert_prints(BOOTTAP_CAPTURES "/usart-read-protected.pcap --allow=erase",
                  "All of it is allowed.\n");
    assert_prints(BOOTTAP_CAPTURES "/usart-special.pcap",
                  "Special 0x1234: is sent as far as the capture holds it: opcode and sub-command: "
                  "what that does may be impossible to undo; the answer then was nack (subcommand)"
                  "  [irreversible]\n");
}

static void what_was_repeated_is_sent_once(void **state)
{
    (void)state;
    assert_prints(BOOTTAP_CAPTURES "/usart-retry.pcap", "Left out: 1 failed and repeated\n");
    assert_prints(BOOTTAP_CAPTURES "/usart-retry.pcap --as-recorded", "; the answer then was ");
}

/* AN3156 section 5.1: a block's address is counted from the pointer that was set last. */
static void a_left_out_address_pointer_is_set_again(void **state)
{
    struct run run;

    (void)state;
    write_dfu_session("dfu.pcap", USBMON);
    run = run_replay("dfu.pcap --command=write-memory,leave -v");
    assert_int_equal(run.status, 0);
    assert_has(run.out, "           +                      Set Address Pointer 0x08000000\n");
    assert_has(run.out, "To send: 3 commands, 1 write of 2048 bytes, 1 start\n");
    run_release(&run);
    run = run_replay("dfu.pcap -v");
    assert_lacks(run.out, "           + ");
    run_release(&run);
}

static void runs_are_one_line(void **state)
{
    (void)state;
    assert_prints(
        BOOTTAP_CAPTURES "/usart-flash-f405.pcap",
        "         6-9       18  write      Write Memory 0x08000000-0x080003e7, 4 commands: "
        "writes 1000 bytes to flash (0x08000000-0x080003e7)\n");
    assert_prints(BOOTTAP_CAPTURES "/usart-flash-f405.pcap -v",
                  "           7       24  write      Write Memory 0x08000100 256 bytes");
    /* With the Set Address Pointer before each */
    assert_prints(
        BOOTTAP_CAPTURES "/kernel-dfu-download.pcap",
        "        7-12       47  write      Write Memory 0x08000000-0x080017ff, 3 commands");
}

static void options_that_make_no_sense_together(void **state)
{
    static const char *const lines[][2] = {
        {"", "no capture file is named"},
        {"flash.pcap flash.pcap", "more than one capture file"},
        {"flash.pcap --from=3 --until=2", "--from names a later"},
        {"flash.pcap -w out.pcapng", "without --to nothing is"},
        {"flash.pcap --junit=out.xml", "without --to nothing is"},
        {"flash.pcap --reset=rts", "--reset is for --to serial:"},
        {"flash.pcap --to=can:can0 --reset=rts", "--reset is for --to serial:"},
        {"flash.pcap --to=can:can0 -w flash.pcap", "would be written over 'flash.pcap'"},
        {"flash.pcap --to=can:can0 --junit=flash.pcap", "would be written over 'flash.pcap'"},
        {"flash.pcap --to=can:can0 -w - --json", "-w - wants standard output"},
        {"flash.pcap --to=can:can0 --junit=- --json", "both want standard output"},
        {"flash.pcap --to=can:can0 --junit=x -w x", "name the same file"},
        {"flash.pcap --translate", "--to TARGET"},
        {"flash.pcap --image-address=0", "--image-address is for --image"},
        {"flash.pcap --allow=all", "unknown permission 'all'; known are write, erase, go, leave, "
                                   "protect, unprotect, special"},
        {"flash.pcap --skip=0", "'0' is no number of a transaction"},
        {"flash.pcap --timeout=0", "'0' is no time"},
        {"flash.pcap --timeout=nan", "'nan' is no time"},
        {"flash.pcap --ignore=foo", "unknown field 'foo'"},
        {"flash.pcap --to=tcp:1", "'tcp:1' is no target"},
        {"none.pcap", "none.pcap"},
    };

    (void)state;
    write_usart_session("flash.pcap", RTAC);
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        assert_refuses(lines[i][0], lines[i][1]);
}

/* The plan itself */

static struct plan *make(const char *path)
{
    struct make_options *options = allocate(sizeof(*options));
    struct plan *plan = allocate(sizeof(*plan));

    options->choice.path = path;
    options->choice.decoder = btap_options_default();
    assert_true(make_plan(plan, options));
    free(options);
    return plan;
}

static void drop(struct plan *plan)
{
    plan_release(plan);
    free(plan);
}

static void the_hosts_bytes_are_in_the_plan(void **state)
{
    struct plan_command *command = allocate(sizeof(*command));
    uint8_t bytes[2048];
    struct plan *plan;

    (void)state;
    sim_firmware(bytes, sizeof(bytes));
    write_usart_session("flash.pcap", RTAC);
    plan = make("flash.pcap");
    assert_int_equal(plan->length, 5);
    assert_int_equal(plan->payload_length, 256);
    plan_get(plan, 3, command);
    assert_int_equal(command->transaction.command, BTAP_WRITE_MEMORY);
    assert_int_equal(command->payload_length, 256);
    assert_memory_equal(command->payload, bytes, 256);
    assert_true(command->has_crc32);
    plan_get(plan, 4, command);
    assert_null(command->payload);
    assert_true(command->has_crc32);
    drop(plan);

    write_fdcan_session("fdcan.pcap", CAN);
    plan = make("fdcan.pcap");
    plan_get(plan, 1, command);
    assert_int_equal(command->payload_length, 64);
    assert_memory_equal(command->payload, bytes, 64);
    drop(plan);

    write_dfu_session("dfu.pcap", USBMON);
    plan = make("dfu.pcap");
    assert_int_equal(plan->payload_length, 2048);
    assert_memory_equal(plan->payload, bytes, 2048);
    drop(plan);
    free(command);
}

/* usart-special.pcap: DE AD BE EF, nothing, (refused), then 48 and 256 bytes. */
static void data_of_special_are_in_the_plan(void **state)
{
    static const uint8_t first[] = {0xde, 0xad, 0xbe, 0xef};
    struct plan_command *command = allocate(sizeof(*command));
    struct plan *plan = make(BOOTTAP_CAPTURES "/usart-special.pcap");

    (void)state;
    assert_int_equal(plan->problems_length, 0);
    plan_get(plan, 2, command); /* behind Sync and the Get ID that is added */
    assert_int_equal(command->payload_length, sizeof(first));
    assert_memory_equal(command->payload, first, sizeof(first));
    plan_get(plan, 3, command);
    assert_int_equal(command->payload_length, 0);
    plan_get(plan, 4, command);
    assert_int_equal(command->transaction.phase, BTAP_PHASE_SUBCOMMAND);
    assert_int_equal(command->payload_length, 0);
    assert_int_equal(command->risk, PLAN_IRREVERSIBLE);
    plan_get(plan, 5, command);
    assert_int_equal(command->transaction.command, BTAP_EXTENDED_SPECIAL);
    assert_int_equal(command->payload_length,
                     command->transaction.sent_length + command->transaction.sent2_length);
    assert_true(command->payload_length > 0);
    drop(plan);
    free(command);
}

static void what_the_capture_tells_of_its_device(void **state)
{
    struct plan *plan;

    (void)state;
    write_usart_session("flash.pcap", RTAC);
    plan = make("flash.pcap");
    assert_int_equal(plan->device.pid, 0x413);
    assert_int_equal(plan->device.settings.baud, 0);
    assert_false(plan->device.usb_known);
    drop(plan);

    plan = make(BOOTTAP_CAPTURES "/adapter-ftdi.pcap");
    assert_int_equal(plan->device.settings.baud, 115200);
    assert_int_equal(plan->device.settings.parity, BTAP_PARITY_EVEN);
    drop(plan);

    write_fdcan_session("fdcan.pcap", CAN);
    plan = make("fdcan.pcap");
    assert_int_equal(plan->device.pid, 0x469);
    assert_true(plan->device.brs_known);
    assert_true(plan->device.brs);
    assert_false(plan->device.detection);
    drop(plan);

    plan = make(BOOTTAP_CAPTURES "/fdcan-flash-no-flags.pcap");
    assert_false(plan->device.brs_known);
    drop(plan);
    plan = make(BOOTTAP_CAPTURES "/fdcan-detection.pcap");
    assert_true(plan->device.detection);
    drop(plan);

    write_dfu_session("dfu.pcap", USBMON);
    plan = make("dfu.pcap");
    assert_true(plan->device.usb_known);
    assert_int_equal(plan->device.usb.vendor, 0x0483);
    assert_int_equal(plan->device.usb.product, 0xdf11);
    drop(plan);
}

static struct plan_command own(enum btap_command command, const uint8_t *bytes, uint32_t length)
{
    return (struct plan_command){
        .origin = PLAN_FITTED,
        .transaction = {.transport = BTAP_USART,
                        .command = command,
                        .has = BTAP_HAS_OPCODE | BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH,
                        .opcode = command == BTAP_WRITE_MEMORY ? 0x31 : 0x11,
                        .address = 0x1fffc000,
                        .length = length},
        .payload = bytes,
        .payload_length = length,
        .pause = 5,
    };
}

static void a_plan_is_added_to_and_cut(void **state)
{
    static const uint8_t bytes[] = {1, 2, 3, 4};
    struct plan_command command = own(BTAP_READ_MEMORY, NULL, 0);
    struct plan plan = {0};

    (void)state;
    plan_add(&plan, &command);
    assert_int_equal(plan.needs, 0);
    assert_int_equal(plan.risk, PLAN_ASKS);
    command = own(BTAP_WRITE_MEMORY, bytes, 4);
    plan_add(&plan, &command);
    plan_add(&plan, &command);
    assert_int_equal(plan.length, 3);
    assert_int_equal(plan.payload_length, 8);
    assert_int_equal(plan.needs, PLAN_WRITE);
    assert_int_equal(plan.risk, PLAN_IRREVERSIBLE);
    plan_get(&plan, 2, &command);
    assert_memory_equal(command.payload, bytes, 4);
    assert_int_equal(command.pause, 5);
    assert_int_equal(command.origin, PLAN_FITTED);
    plan_cut(&plan, 1);
    assert_int_equal(plan.length, 1);
    assert_int_equal(plan.payload_length, 0);
    assert_int_equal(plan.needs, 0);
    assert_int_equal(plan.risk, PLAN_ASKS);
    plan_get(&plan, 0, &command);
    assert_int_equal(command.transaction.command, BTAP_READ_MEMORY);
    assert_int_equal(command.payload_length, 0);
    plan_release(&plan);
}

static void more_problems_than_are_kept_are_counted(void **state)
{
    struct plan plan = {0};

    (void)state;
    for (unsigned i = 0; i < PLAN_PROBLEMS_MAX + 3; i++)
        plan_refuse(&plan, i, 100 + i, "problem %u", i);
    assert_int_equal(plan.problems_length, PLAN_PROBLEMS_MAX + 3);
    assert_string_equal(plan.problems[PLAN_PROBLEMS_MAX - 1].words, "problem 15");
    assert_int_equal(plan.problems[2].packet, 102);
    plan_release(&plan);
}

/* What comes from no capture is checked, too. */
static void fitted_commands_are_checked(void **state)
{
    static const uint8_t bytes[300];
    struct plan_command command = own(BTAP_WRITE_MEMORY, bytes, 256);
    struct plan plan = {.transport = BTAP_USART};

    (void)state;
    plan_add(&plan, &command);
    make_check(&plan);
    assert_int_equal(plan.problems_length, 0);
    command = own(BTAP_WRITE_MEMORY, bytes, 257);
    plan_add(&plan, &command);
    make_check(&plan);
    assert_int_equal(plan.problems_length, 1);
    assert_string_equal(plan.problems[0].words,
                        "command 2, Write Memory: 257 bytes; it can have 1 to 256");
    plan_release(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plan_of_a_flash),
        cmocka_unit_test(permissions_are_those_of_what_is_left),
        cmocka_unit_test(get_id_is_added_before_the_first_change),
        cmocka_unit_test(the_plan_as_json),
        cmocka_unit_test(what_the_capture_does_not_hold_is_refused_by_number),
        cmocka_unit_test(a_snapshot_length_takes_bytes_away),
        cmocka_unit_test(several_sessions_must_be_chosen_from),
        cmocka_unit_test(a_device_that_is_not_known_needs_a_yes),
        cmocka_unit_test(option_bytes_need_an_option_of_their_own),
        cmocka_unit_test(protections_are_confirmed_one_by_one),
        cmocka_unit_test(what_was_refused_is_sent_as_far_as_it_went),
        cmocka_unit_test(what_was_repeated_is_sent_once),
        cmocka_unit_test(a_left_out_address_pointer_is_set_again),
        cmocka_unit_test(runs_are_one_line),
        cmocka_unit_test(options_that_make_no_sense_together),
        cmocka_unit_test(the_hosts_bytes_are_in_the_plan),
        cmocka_unit_test(data_of_special_are_in_the_plan),
        cmocka_unit_test(what_the_capture_tells_of_its_device),
        cmocka_unit_test(a_plan_is_added_to_and_cut),
        cmocka_unit_test(more_problems_than_are_kept_are_counted),
        cmocka_unit_test(fitted_commands_are_checked),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
