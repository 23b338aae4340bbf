/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The report of a replay: the recorded and the replayed session, made by hand, as text, JSON and
 * JUnit; and what is said of a plan that may not be sent.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "replay/consent.h"
#include "replay/report.h"
#include "replay/risk.h"
#include "said.h"
#include "test.h"

#define FLASH 0x08000000u

/** A plan, the replay of it, and what is printed. */
struct test {
    struct plan plan;
    struct side side;
    struct side_options side_options;
    struct compare_options compare;
    struct numbering same;
    struct numbering about;
    struct collector collector;
    struct btap_sink sink;
    struct btap_link link;
    uint64_t replayed; /**< transactions */
    struct answer_options answers;
    struct replay_result result;
    struct pairing pairing;
    char text[16384];
};

static struct test *start(void)
{
    struct test *test = calloc(1, sizeof(*test));

    test->plan.name = "good.pcap";
    test->plan.device.product = btap_product_by_pid(0x410);
    test->side_options.last_packet = UINT64_MAX;
    test->compare.comparison = btap_comparison_default();
    test->collector = (struct collector){.side = &test->side,
                                         .options = &test->side_options,
                                         .compare = &test->compare,
                                         .same = &test->same,
                                         .about = &test->about};
    test->sink = collector_sink(&test->collector);
    return test;
}

static void finish(struct test *test)
{
    pairing_release(&test->pairing);
    collector_release(&test->collector);
    side_release(&test->side);
    numbering_release(&test->same);
    numbering_release(&test->about);
    plan_release(&test->plan);
    free(test);
}

/** @param address 0: none */
static struct btap_transaction transaction_of(uint8_t opcode, uint32_t address, uint32_t length)
{
    const struct btap_command_info *info = btap_command_by_opcode(BTAP_USART, opcode);
    struct btap_transaction transaction = {
        .transport = BTAP_USART,
        .command = info->command,
        .has = BTAP_HAS_OPCODE,
        .opcode = opcode,
    };

    if (address != 0) {
        transaction.has |= BTAP_HAS_ADDRESS;
        transaction.address = address;
    }
    if (length != 0) {
        transaction.has |= BTAP_HAS_LENGTH;
        transaction.length = length;
        transaction.transferred = length;
    }
    return transaction;
}

/** Plans a command: number n of the capture, ten packets each. */
static void plan_it(struct test *test, const struct btap_transaction *transaction,
                    enum plan_origin origin)
{
    struct plan_command command = {.origin = origin, .transaction = *transaction};
    static const uint8_t bytes[256];

    if (origin == PLAN_RECORDED) {
        command.transaction.n = test->plan.length + 1;
        command.transaction.first_packet = 10 * command.transaction.n;
        command.transaction.last_packet = command.transaction.first_packet + 5;
    }
    if (btap_command_has(transaction->command, BTAP_TRAIT_WRITES)) {
        command.payload = bytes;
        command.payload_length = transaction->length;
    }
    plan_add(&test->plan, &command);
}

/** The decoder sees it: transaction n of the replay, 100 packets after its number. */
static void replay_it(struct test *test, const struct btap_transaction *transaction)
{
    struct btap_transaction seen = *transaction;

    seen.n = ++test->replayed;
    seen.first_packet = 100 + seen.n;
    seen.last_packet = seen.first_packet;
    test->sink.transaction(test->sink.context, &test->link, &seen);
}

/** Get, Write 256 bytes at 0x08000000 and 0x08000100, Go. */
static void plan_flash(struct test *test)
{
    const struct btap_transaction commands[] = {
        transaction_of(0x00, 0, 0),
        transaction_of(0x31, FLASH, 256),
        transaction_of(0x31, FLASH + 256, 256),
        transaction_of(0x21, FLASH, 0),
    };

    for (size_t i = 0; i < COUNT_OF(commands); i++)
        plan_it(test, &commands[i], PLAN_RECORDED);
}

static struct report report_of(struct test *test)
{
    pairing_release(&test->pairing);
    pairing_make(&test->pairing, &test->plan, test->result.sent, &test->side, &test->answers);
    return (struct report){
        .plan = &test->plan,
        .result = &test->result,
        .pairing = &test->pairing,
        .target = "serial:/dev/ttyUSB0",
        .context = 3,
    };
}

/** What is printed of a report. */
static const char *printed(struct test *test, const struct report *report,
                           void (*print)(const struct report *report, FILE *to))
{
    FILE *to = fmemopen(test->text, sizeof(test->text), "w");

    print(report, to);
    fclose(to);
    return test->text;
}

static void replay_flash(struct test *test)
{
    const struct btap_transaction sync = transaction_of(0x7f, 0, 0);
    const struct btap_transaction get_id = transaction_of(0x02, 0, 0);
    struct btap_transaction get = transaction_of(0x00, 0, 0);
    const struct btap_transaction first = transaction_of(0x31, FLASH, 256);
    const struct btap_transaction second = transaction_of(0x31, FLASH + 256, 256);
    const struct btap_transaction go = transaction_of(0x21, FLASH, 0);

    /* A newer bootloader, which does not count */
    get.has |= BTAP_HAS_VERSION;
    get.version = 0x22;
    replay_it(test, &sync);
    replay_it(test, &get);
    replay_it(test, &get_id);
    replay_it(test, &first);
    replay_it(test, &second);
    replay_it(test, &go);
    test->result = (struct replay_result){.end = REPLAY_SAME, .sent = 4};
}

static void the_same(void **state)
{
    struct test *test = start();
    struct report report;

    (void)state;
    plan_flash(test);
    replay_flash(test);
    report = report_of(test);
    assert_true(report_is_same(&report));
    assert_string_equal(printed(test, &report, report_print_text),
                        "4 commands replayed, all answered as recorded\n");
    test->answers.strict = true;
    report = report_of(test);
    assert_false(report_is_same(&report));
    finish(test);
}

/** The second write is refused: the replay stops there. */
static void replay_until_refused(struct test *test)
{
    const struct btap_transaction sync = transaction_of(0x7f, 0, 0);
    const struct btap_transaction get = transaction_of(0x00, 0, 0);
    const struct btap_transaction first = transaction_of(0x31, FLASH, 256);
    struct btap_transaction second = transaction_of(0x31, FLASH + 256, 256);

    second.status = BTAP_NACK;
    second.phase = BTAP_PHASE_DATA;
    replay_it(test, &sync);
    replay_it(test, &get);
    replay_it(test, &first);
    replay_it(test, &second);
    test->result = (struct replay_result){
        .end = REPLAY_DIFFERENT,
        .sent = 3,
        .different = 1,
        .first_different = 2,
        .words = "transaction 3: status: ok -> nack (data)",
        .flash = "the flash memory is written in part",
    };
}

static void an_answer_that_differs(void **state)
{
    struct test *test = start();
    struct report report;

    (void)state;
    plan_flash(test);
    replay_until_refused(test);
    report = report_of(test);
    assert_false(report_is_same(&report));
    assert_string_equal(
        printed(test, &report, report_print_text),
        "--- good.pcap\tusart serial, 3 transactions\n"
        "+++ serial:/dev/ttyUSB0\tusart serial, 4 transactions\n"
        "First difference, after 2 transactions that are the same: what succeeds in A fails in B: "
        "Write Memory 0x08000100 256 bytes\n"
        "  status: ok | nack\n"
        "  phase: - | data\n"
        "  A transaction 3, packets 30-35: Write Memory 0x08000100 256 bytes, ok\n"
        "  A ends here\n"
        "  B transaction 4, packet 104: Write Memory 0x08000100 256 bytes, nack (data)\n"
        "  B ends here\n"
        "@@ -1,3 +2,3 @@\n"
        "        1  10-15            2  102            Get                                       "
        "ok\n"
        "        2  20-25            3  103            Write Memory 0x08000000 256 bytes         "
        "ok\n"
        "-       3  30-35                              Write Memory 0x08000100 256 bytes         "
        "ok\n"
        "+                           4  104            Write Memory 0x08000100 256 bytes         "
        "nack (data)\n"
        "!   status: ok | nack\n"
        "!   phase: - | data\n"
        "2 same, 1 changed, 0 only in A, 0 only in B\n"
        "3 of 4 commands replayed, 1 answered otherwise than recorded\n"
        "The first: transaction 3 (packets 30-35 of good.pcap, packet 104 of the replay): Write "
        "Memory 0x08000100 256 bytes: status: ok -> nack (data)\n");
    finish(test);
}

/** Two lines of JSON: the difference, and what came of the replay. */
static void json(void **state)
{
    struct test *test = start();
    struct report report;
    struct json_object *object;
    const char *second;

    (void)state;
    plan_flash(test);
    replay_until_refused(test);
    report = report_of(test);
    printed(test, &report, report_print_json);
    assert_int_equal(count_lines(test->text), 2);
    second = strchr(test->text, '\n') + 1;
    assert_string_equal(
        second, "{\"type\":\"replay\",\"v\":1,\"capture\":\"good.pcap\","
                "\"target\":\"serial:/dev/ttyUSB0\",\"end\":\"different\",\"planned\":4,\"sent\":3,"
                "\"different\":1,\"first_different\":{"
                "\"a\":{\"n\":3,\"first_packet\":30,\"last_packet\":35},"
                "\"b\":{\"n\":4,\"first_packet\":104,\"last_packet\":104}},"
                "\"words\":\"transaction 3: status: ok -> nack (data)\","
                "\"flash\":\"the flash memory is written in part\"}\n");
    object = json_tokener_parse(test->text);
    assert_string_equal(json_object_get_string(json_object_object_get(object, "change")),
                        "changed");
    assert_string_equal(json_object_get_string(json_object_object_get(object, "differences")),
                        "[ { \"field\": \"status\", \"a\": \"ok\", \"b\": \"nack\" }, "
                        "{ \"field\": \"phase\", \"b\": \"data\" } ]");
    json_object_put(object);
    finish(test);
}

static void junit(void **state)
{
    struct test *test = start();
    struct report report;

    (void)state;
    plan_flash(test);
    replay_until_refused(test);
    report = report_of(test);
    report.verdict = "the flash failed";
    printed(test, &report, report_print_junit);
    assert_non_null(strstr(test->text, "<testsuite name=\"replay\" tests=\"6\" failures=\"3\""));
    assert_non_null(
        strstr(test->text, "<testcase classname=\"boottap.replay\" name=\"get\" time=\"0."));
    assert_non_null(strstr(test->text,
                           "      <failure message=\"transaction 3, Write Memory 0x08000100 256 "
                           "bytes: status: ok -&gt; nack (data)\">transaction 3, Write Memory "
                           "0x08000100 256 bytes: status: ok -&gt; nack (data)</failure>"));
    assert_non_null(strstr(
        test->text,
        "name=\"end\" time=\"0.000000\">\n      <failure message=\"3 of 4 commands were sent: "
        "transaction 3: status: ok -&gt; nack (data); the flash "
        "memory is written in part\">3 of 4"));
    assert_non_null(
        strstr(test->text, "<failure message=\"the flash failed\">the flash failed</failure>"));
    /* Nothing was sent at all. */
    report = (struct report){.plan = &test->plan,
                             .result = &test->result,
                             .target = "serial:/dev/ttyUSB0",
                             .cause = "needs --allow write"};
    printed(test, &report, report_print_junit);
    assert_non_null(strstr(test->text, "<testsuite name=\"replay\" tests=\"2\" failures=\"2\""));
    assert_non_null(strstr(
        test->text, "<failure message=\"needs --allow write\">needs --allow write</failure>"));
    finish(test);
}

/** A recorded failure that comes again is the same, and passes. */
static void the_same_failure(void **state)
{
    struct test *test = start();
    struct btap_transaction write = transaction_of(0x31, FLASH, 256);
    struct report report;

    (void)state;
    write.status = BTAP_NACK;
    write.phase = BTAP_PHASE_ADDRESS;
    plan_it(test, &write, PLAN_RECORDED);
    replay_it(test, &write);
    test->result = (struct replay_result){.end = REPLAY_SAME, .sent = 1};
    report = report_of(test);
    report.verdict = "the flash failed";
    assert_string_equal(printed(test, &report, report_print_text),
                        "1 command replayed, all answered as recorded\n");
    printed(test, &report, report_print_junit);
    assert_non_null(strstr(test->text, "failures=\"0\""));
    finish(test);
}

/** The device vanishes in the middle of a command: it is the one under way that shows it. */
static void a_device_that_vanishes(void **state)
{
    struct test *test = start();
    const struct btap_transaction get = transaction_of(0x00, 0, 0);
    struct btap_transaction write = transaction_of(0x31, FLASH, 256);
    struct report report;

    (void)state;
    plan_flash(test);
    write.status = BTAP_DISCONNECTED;
    write.phase = BTAP_PHASE_DATA;
    replay_it(test, &get);
    replay_it(test, &write);
    test->result = (struct replay_result){.end = REPLAY_GONE, .sent = 1, .words = "gone"};
    report = report_of(test);
    printed(test, &report, report_print_text);
    assert_non_null(strstr(test->text, "\n1 of 4 commands replayed, 1 answered otherwise"));
    assert_non_null(strstr(test->text,
                           "\nThe first: transaction 2 (packets 20-25 of good.pcap, packet 102 of "
                           "the replay): Write Memory 0x08000000 256 bytes: status: ok -> "
                           "disconnected (data)\n"));
    finish(test);
}

/** One that was under way and left no trace is no difference; one that was answered is. */
static void what_leaves_no_trace(void **state)
{
    struct test *test = start();
    const struct btap_transaction get = transaction_of(0x00, 0, 0);
    struct report report;

    (void)state;
    plan_flash(test);
    replay_it(test, &get);
    test->result = (struct replay_result){.end = REPLAY_STOPPED, .sent = 1};
    report = report_of(test);
    assert_string_equal(printed(test, &report, report_print_text),
                        "1 of 4 commands replayed, answered as recorded up to there\n");
    test->result.sent = 2;
    report = report_of(test);
    printed(test, &report, report_print_text);
    assert_non_null(strstr(test->text, "The first: transaction 2 (packets 20-25 of good.pcap): "
                                       "Write Memory 0x08000000 256 bytes: it does not show in "
                                       "the replay's traffic\n"));
    finish(test);
}

/** A device that is not in dfuERROR gets no CLRSTATUS, and misses none. */
static void what_the_device_did_not_need(void **state)
{
    struct test *test = start();
    const struct btap_transaction status = {.transport = BTAP_DFU, .command = BTAP_GET_STATUS};
    const struct btap_transaction clear = {.transport = BTAP_DFU, .command = BTAP_CLEAR_STATUS};
    struct report report;

    (void)state;
    plan_it(test, &status, PLAN_RECORDED);
    plan_it(test, &clear, PLAN_RECORDED);
    plan_it(test, &status, PLAN_RECORDED);
    replay_it(test, &status);
    replay_it(test, &status);
    test->result = (struct replay_result){.end = REPLAY_SAME, .sent = 3};
    report = report_of(test);
    assert_false(pairing_differs(&test->pairing));
    assert_non_null(strstr(printed(test, &report, report_print_text), "all answered as recorded"));
    finish(test);
}

/** What was not planned and does more than ask is told. */
static void what_was_not_to_be_sent(void **state)
{
    struct test *test = start();
    const struct btap_transaction get = transaction_of(0x00, 0, 0);
    const struct btap_transaction write = transaction_of(0x31, FLASH, 256);
    struct report report;

    (void)state;
    plan_it(test, &get, PLAN_RECORDED);
    replay_it(test, &get);
    replay_it(test, &write);
    test->result = (struct replay_result){.end = REPLAY_SAME, .sent = 1};
    report = report_of(test);
    assert_false(report_is_same(&report));
    printed(test, &report, report_print_text);
    assert_non_null(strstr(test->text, "The first: transaction 2 (packet 102 of the replay): "
                                       "Write Memory 0x08000000 256 bytes: it was not to be "
                                       "sent\n"));
    finish(test);
}

/** Commands of an image have no place in a capture. */
static void fitted_commands(void **state)
{
    struct test *test = start();
    struct btap_transaction write = transaction_of(0x31, FLASH, 256);
    struct report report;

    (void)state;
    plan_it(test, &write, PLAN_FITTED);
    replay_it(test, &write);
    test->result = (struct replay_result){.end = REPLAY_SAME, .sent = 1};
    report = report_of(test);
    assert_string_equal(printed(test, &report, report_print_text),
                        "1 command replayed, all done\n");
    finish(test);
    test = start();
    plan_it(test, &write, PLAN_FITTED);
    write.status = BTAP_NACK;
    write.phase = BTAP_PHASE_DATA;
    replay_it(test, &write);
    test->result = (struct replay_result){.end = REPLAY_DIFFERENT, .sent = 1, .different = 1};
    report = report_of(test);
    printed(test, &report, report_print_text);
    assert_non_null(strstr(test->text, "  A transaction 1: Write Memory 0x08000000 256 bytes, ok"));
    assert_non_null(strstr(test->text, "The first: command 1 (packet 101 of the replay): Write "
                                       "Memory 0x08000000 256 bytes: status: ok -> nack (data)\n"));
    finish(test);
}

/* Consent */

/** Calls a function of consent. @return what it answers; what it says is in messages */
static bool said(bool (*ask)(const struct plan *plan, struct gate_permit *permit, char *cause),
                 const struct plan *plan, const struct gate_permit *permit, char *messages,
                 size_t size)
{
    struct gate_permit own = *permit;
    char cause[CONSENT_WORDS_SIZE];
    bool answer;

    said_begin();
    answer = ask(plan, &own, cause);
    snprintf(messages, size, "%s", said_end());
    return answer;
}

static bool given(const struct plan *plan, struct gate_permit *permit, char *cause)
{
    const bool answer = consent_given(plan, 0, permit, cause);

    assert_int_equal(answer, cause[0] == '\0');
    return answer;
}

static bool confirmed(const struct plan *plan, struct gate_permit *permit, char *cause)
{
    return consent_confirmed(plan, permit, cause);
}

static void each_permission_that_is_missing(void **state)
{
    struct test *test = start();
    struct gate_permit permit = {.allowed = PLAN_ERASE};
    char messages[4096];

    (void)state;
    plan_flash(test);
    assert_false(said(given, &test->plan, &permit, messages, sizeof(messages)));
    assert_string_equal(messages, "boottap: good.pcap: needs --allow write,go, which is not given: "
                                  "nothing was sent\n");
    permit.allowed = PLAN_WRITE | PLAN_GO;
    assert_true(said(given, &test->plan, &permit, messages, sizeof(messages)));
    assert_string_equal(messages, "");
    finish(test);
}

static void each_problem(void **state)
{
    struct test *test = start();
    const struct gate_permit permit = {.allowed = PLAN_WRITE | PLAN_GO};
    char messages[4096];

    (void)state;
    plan_flash(test);
    plan_refuse(&test->plan, 7, 61, "its data are not all in the capture");
    plan_refuse(&test->plan, 0, 0, "%d is odd", 3);
    assert_false(said(given, &test->plan, &permit, messages, sizeof(messages)));
    assert_string_equal(messages, "boottap: good.pcap: transaction 7 (packet 61) cannot be sent: "
                                  "its data are not all in the capture; --skip 7 leaves it out\n"
                                  "boottap: good.pcap: 3 is odd\n");
    finish(test);
}

/** Option bytes: a write there counts as one that may not be undone. */
static void what_may_not_be_undone(void **state)
{
    struct test *test = start();
    const struct btap_transaction options = transaction_of(0x31, 0x1ffff800, 16);
    struct gate_permit permit = {.allowed = PLAN_WRITE};
    char messages[4096];

    (void)state;
    plan_it(test, &options, PLAN_RECORDED);
    assert_false(said(given, &test->plan, &permit, messages, sizeof(messages)));
    assert_non_null(strstr(messages, "transaction 1: Write Memory 0x1ffff800 16 bytes, which "));
    assert_non_null(strstr(messages, "needs --allow-irreversible\n"));
    permit.irreversible = true;
    assert_true(said(given, &test->plan, &permit, messages, sizeof(messages)));
    /* And it is confirmed. */
    assert_false(said(confirmed, &test->plan, &permit, messages, sizeof(messages)));
    assert_non_null(strstr(messages, "transaction 1: Write Memory 0x1ffff800 16 bytes, which "));
    assert_non_null(strstr(messages, "that must be confirmed, on a terminal or by --yes\n"));
    permit.confirmed = true;
    assert_true(said(confirmed, &test->plan, &permit, messages, sizeof(messages)));
    assert_string_equal(messages, "");
    finish(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same),
        cmocka_unit_test(an_answer_that_differs),
        cmocka_unit_test(json),
        cmocka_unit_test(junit),
        cmocka_unit_test(the_same_failure),
        cmocka_unit_test(a_device_that_vanishes),
        cmocka_unit_test(what_leaves_no_trace),
        cmocka_unit_test(what_the_device_did_not_need),
        cmocka_unit_test(what_was_not_to_be_sent),
        cmocka_unit_test(fitted_commands),
        cmocka_unit_test(each_permission_that_is_missing),
        cmocka_unit_test(each_problem),
        cmocka_unit_test(what_may_not_be_undone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
