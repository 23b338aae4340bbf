/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap diagnose: did the flash work, and if not, why?
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/line.h"
#include "base/message.h"
#include "base/paragraph.h"
#include "base/transaction_json.h"
#include "capture/capture.h"
#include "cli/capture_options.h"
#include "cli/filter.h"
#include "command/command.h"
#include "firmware/check.h"
#include "sessions/sessions.h"

#define COLOUR_GOOD  "\033[32m"
#define COLOUR_BAD   "\033[31m"
#define COLOUR_WEAK  "\033[2m"
#define COLOUR_RESET "\033[0m"

/** Column of the words beside a label. */
#define TEXT_COLUMN 17

struct request {
    struct btap_options decoder;
    struct filter filter;
    struct option_paths paths;
    struct firmware_check *check; /**< against the firmware that is expected, if one is */
    bool json;
    bool quiet;
    bool colour;
};

/* The words of a session */

static const char *colour_of(enum btap_verdict verdict)
{
    return verdict == BTAP_VERDICT_FAILED || verdict == BTAP_VERDICT_CUT_SHORT ? COLOUR_BAD
                                                                               : COLOUR_GOOD;
}

/** A label and the column of the words beside it. */
static struct paragraph labelled(const struct request *request, const char *label)
{
    return (struct paragraph){
        .label = label,
        .before = request->colour ? COLOUR_WEAK : NULL,
        .after = request->colour ? COLOUR_RESET : NULL,
        .column = TEXT_COLUMN,
    };
}

/** Prints words beside a label. */
static void print_words(const struct request *request, const char *label, const char *words)
{
    const struct paragraph paragraph = labelled(request, label);

    paragraph_print(&paragraph, words, stdout);
}

static void print_optional(const struct request *request, const char *label, const char *words)
{
    if (words[0] != '\0')
        print_words(request, label, words);
}

static const char *packets_in_words(const struct btap_finding *finding, char *words, size_t size)
{
    size_t length = 0;

    words[0] = '\0';
    for (uint8_t i = 0; i < finding->packets_length; i++) {
        const int added = snprintf(words + length, size - length, "%s%" PRIu64, i > 0 ? ", " : "",
                                   finding->packets[i]);

        if (added < 0 || (size_t)added >= size - length)
            break;
        length += (size_t)added;
    }
    if (finding->occurrences > 1 && length < size)
        snprintf(words + length, size - length, " (%u times)", (unsigned)finding->occurrences);
    return words;
}

/** The verdict, what failed and why. */
static void print_verdict(const struct request *request, const struct session *session)
{
    const enum btap_verdict verdict = session->diagnosis.verdict;
    const struct paragraph paragraph = {
        .before = request->colour ? colour_of(verdict) : NULL,
        .after = request->colour ? COLOUR_RESET : NULL,
        .column = 2,
    };
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];

    paragraph_print(&paragraph,
                    btap_verdict_text(&session->facts, &session->diagnosis, words, sizeof(words)),
                    stdout);
}

/** Which session it is. @param name of its file; NULL where there is one file only */
static void print_place(const struct request *request, const struct session *session,
                        const char *name)
{
    const struct btap_session *facts = &session->facts;
    char link[BTAP_LINK_NAME_SIZE];
    char words[LINE_SIZE];

    snprintf(words, sizeof(words), "%s%s%s, session %" PRIu64 ", packets %" PRIu64 "-%" PRIu64,
             name != NULL ? name : "", name != NULL ? ": " : "",
             btap_link_name(&session->link, link, sizeof(link)), facts->number, facts->first_packet,
             facts->last_packet);
    print_words(request, "session", words);
}

static void print_device(const struct request *request, const struct btap_session *facts)
{
    const struct btap_product *product = facts->pid_known ? btap_product_by_pid(facts->pid) : NULL;
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];
    int length = 0;

    words[0] = '\0';
    if (facts->pid_known)
        length = snprintf(words, sizeof(words), "%s (PID 0x%03" PRIx32 ")",
                          product != NULL ? product->name : "unknown product", facts->pid);
    else if (facts->usb_vendor != 0)
        length =
            snprintf(words, sizeof(words), "USB %04x:%04x", facts->usb_vendor, facts->usb_product);
    if (facts->version != 0 && length >= 0)
        snprintf(words + length, sizeof(words) - (size_t)length, "%sbootloader protocol %u.%u",
                 length > 0 ? ", " : "", (unsigned)facts->version >> 4, facts->version & 0xfu);
    print_optional(request, "device", words);
}

/** A cause or doubt with all that is to say about it. */
static void print_cause(const struct request *request, const struct btap_finding *finding,
                        enum btap_transport transport)
{
    const struct paragraph command_line = labelled(request, "command line");
    const struct btap_rule *rule = finding->rule;
    const char *copied = btap_rule_command_line(rule, transport);
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];
    char text[2 * BTAP_DIAGNOSIS_TEXT_SIZE];

    btap_finding_text(finding, words, sizeof(words));
    snprintf(text, sizeof(text), "%s [%s]", words, rule->id);
    print_words(request, rule->kind == BTAP_RULE_CAUSE ? "what happened" : "but", text);
    if (finding->packets_length > 0)
        print_words(request, "packets", packets_in_words(finding, words, sizeof(words)));
    print_optional(request, rule->certainty == BTAP_FACT ? "why" : "likely why", rule->why);
    print_optional(request, "what to do", rule->next);
    if (copied[0] != '\0')
        paragraph_print_unbroken(&command_line, copied, stdout);
    print_optional(request, "not excluded", rule->not_excluded);
}

static void print_remark(const struct request *request, const struct btap_finding *finding)
{
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];
    char packets[128];
    char text[2 * BTAP_DIAGNOSIS_TEXT_SIZE];
    const bool shown = finding->packets_length > 0;

    btap_finding_text(finding, words, sizeof(words));
    snprintf(text, sizeof(text), "%s [%s%s%s]", words, finding->rule->id, shown ? ", packet " : "",
             shown ? packets_in_words(finding, packets, sizeof(packets)) : "");
    print_words(request, finding->rule->kind == BTAP_RULE_CAPTURE ? "capture" : "harmless", text);
}

static bool is_remark(const struct btap_finding *finding)
{
    return finding->rule->kind == BTAP_RULE_ODDITY || finding->rule->kind == BTAP_RULE_CAPTURE;
}

/** What there was no room for. */
static void print_omitted(const struct request *request, const struct btap_session *facts,
                          const struct btap_diagnosis *diagnosis)
{
    char words[128];

    if (facts->failures_length > BTAP_FAILURES_MAX) {
        snprintf(words, sizeof(words), "%" PRIu32 " more failed commands",
                 facts->failures_length - BTAP_FAILURES_MAX);
        print_words(request, "not explained", words);
    }
    if (diagnosis->findings_omitted > 0) {
        snprintf(words, sizeof(words), "%" PRIu32 " more findings", diagnosis->findings_omitted);
        print_words(request, "left out", words);
    }
}

static void print_session(const struct request *request, const struct session *session,
                          const char *name)
{
    const struct btap_session *facts = &session->facts;
    const struct btap_diagnosis *diagnosis = &session->diagnosis;

    print_verdict(request, session);
    print_place(request, session, name);
    if (!request->quiet)
        print_device(request, facts);
    for (uint32_t i = 0; i < diagnosis->findings_length; i++) {
        if (!is_remark(&diagnosis->findings[i]))
            print_cause(request, &diagnosis->findings[i], facts->transport);
        else if (!request->quiet)
            print_remark(request, &diagnosis->findings[i]);
    }
    print_omitted(request, facts, diagnosis);
}

/* The same as JSON */

static void add_packets(struct json_object *object, const struct btap_finding *finding)
{
    struct json_object *array = json_add_array(object, "packets");

    for (uint8_t i = 0; i < finding->packets_length; i++)
        json_object_array_add(array, json_object_new_uint64(finding->packets[i]));
}

static void add_optional(struct json_object *object, const char *key, const char *words)
{
    if (words[0] != '\0')
        json_add_text(object, key, words);
}

static void add_findings(struct json_object *object, const struct btap_diagnosis *diagnosis,
                         enum btap_transport transport)
{
    struct json_object *array = json_add_array(object, "findings");
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];

    for (uint32_t i = 0; i < diagnosis->findings_length; i++) {
        const struct btap_finding *finding = &diagnosis->findings[i];
        struct json_object *entry = json_object_new_object();

        json_add_text(entry, "rule", finding->rule->id);
        json_add_text(entry, "kind", btap_rule_kind_name(finding->rule->kind));
        json_add_text(entry, "certainty", btap_certainty_name(finding->rule->certainty));
        json_add_text(entry, "what", btap_finding_text(finding, words, sizeof(words)));
        add_optional(entry, "why", finding->rule->why);
        add_optional(entry, "next", finding->rule->next);
        add_optional(entry, "command_line", btap_rule_command_line(finding->rule, transport));
        add_optional(entry, "not_excluded", finding->rule->not_excluded);
        json_add_number(entry, "occurrences", finding->occurrences);
        add_packets(entry, finding);
        json_object_array_add(array, entry);
    }
    if (diagnosis->findings_omitted > 0)
        json_add_number(object, "findings_omitted", diagnosis->findings_omitted);
}

static void add_failures(struct json_object *object, const struct btap_session *facts)
{
    struct json_object *array = json_add_array(object, "failures");

    for (uint32_t i = 0; i < facts->failures_length && i < BTAP_FAILURES_MAX; i++) {
        const struct btap_brief *failure = &facts->failures[i];
        struct json_object *entry = json_object_new_object();

        json_add_number(entry, "n", failure->n);
        json_add_number(entry, "first_packet", failure->first_packet);
        json_add_number(entry, "last_packet", failure->last_packet);
        json_add_text(entry, "command", btap_command_name(failure->command));
        json_add_text(entry, "status", btap_status_name(failure->status));
        json_add_text(entry, "phase", btap_phase_name(failure->phase));
        json_add_text(entry, "text", failure->words);
        json_object_array_add(array, entry);
    }
    if (facts->failures_length > BTAP_FAILURES_MAX)
        json_add_number(object, "failures_omitted", facts->failures_length - BTAP_FAILURES_MAX);
}

static void add_device(struct json_object *object, const struct btap_session *facts)
{
    if (facts->pid_known)
        json_add_product(object, facts->pid);
    if (facts->version != 0)
        json_add_version(object, "version", facts->version);
    if (facts->usb_vendor != 0) {
        json_add_number(object, "usb_vendor", facts->usb_vendor);
        json_add_number(object, "usb_product", facts->usb_product);
    }
}

/** Bytes and ranges of one kind of work; nothing if there was none. */
static void add_work(struct json_object *object, const char *key, const struct btap_work *work,
                     int digits)
{
    struct json_object *entry;
    struct json_object *array;

    if (work->commands == 0)
        return;
    entry = json_object_new_object();
    json_object_object_add(object, key, entry);
    json_add_number(entry, "commands", work->commands);
    json_add_number(entry, "bytes", work->bytes);
    json_add_seconds(entry, "duration", work->last - work->first, digits);
    array = json_add_array(entry, "ranges");
    for (uint32_t i = 0; i < work->ranges.length; i++) {
        struct json_object *range = json_object_new_object();

        json_add_number(range, "first", work->ranges.list[i].first);
        json_add_number(range, "last", work->ranges.list[i].last);
        json_object_array_add(array, range);
    }
    if (work->ranges.joined)
        json_object_object_add(entry, "ranges_joined", json_object_new_boolean(true));
}

static void add_done(struct json_object *object, const struct btap_session *facts, int digits)
{
    add_work(object, "erased", &facts->erased, digits);
    if (facts->erased_pages > 0)
        json_add_number(object, "erased_pages", facts->erased_pages);
    if (facts->mass_erases > 0)
        json_add_number(object, "mass_erases", facts->mass_erases);
    if (facts->bank_erases > 0)
        json_add_number(object, "bank_erases", facts->bank_erases);
    add_work(object, "written", &facts->written, digits);
    add_work(object, "read", &facts->read, digits);
    json_add_number(object, "verified_bytes", facts->verification.same);
    if (facts->verification.different > 0) {
        json_add_number(object, "different_bytes", facts->verification.different);
        json_add_number(object, "different_address", facts->verification.first_address);
    }
    if (facts->unerased > 0)
        json_add_number(object, "written_unerased_bytes", facts->unerased);
    if (facts->started)
        json_add_number(object, "start_address", facts->start_address);
}

/** @param expectation NULL where there is none */
static void print_session_json(const struct request *request, const struct session *session,
                               const char *name, int digits, const struct expectation *expectation)
{
    const struct btap_session *facts = &session->facts;
    const struct btap_diagnosis *diagnosis = &session->diagnosis;
    struct json_object *object = json_object_new_object();
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];

    if (name != NULL)
        json_add_foreign_text(object, "file", name);
    json_add_link(object, &session->link);
    json_add_number(object, "session", facts->number);
    json_add_text(object, "verdict", btap_verdict_name(diagnosis->verdict));
    json_add_text(object, "text", btap_verdict_text(facts, diagnosis, words, sizeof(words)));
    json_add_seconds(object, "time", facts->time, digits);
    json_add_seconds(object, "duration", facts->duration, digits);
    json_add_number(object, "first_packet", facts->first_packet);
    json_add_number(object, "last_packet", facts->last_packet);
    json_add_number(object, "transactions", facts->transactions);
    add_device(object, facts);
    add_done(object, facts, digits);
    add_failures(object, facts);
    add_findings(object, diagnosis, facts->transport);
    if (expectation != NULL)
        json_object_object_add(object, "expect", expect_json(expectation, request->check->path));
    json_print(object, stdout);
}

/* The files */

struct diagnose {
    struct request request;
    struct capture capture;
    struct sessions sessions;
    struct firmware_check check;
};

static void print_expectation(const struct request *request, const struct expectation *expectation)
{
    char words[EXPECT_TEXT_SIZE];
    const size_t kept =
        expectation->runs_length < EXPECT_RUNS_MAX ? expectation->runs_length : EXPECT_RUNS_MAX;

    print_words(request, "firmware", expect_text(expectation, words, sizeof(words)));
    for (size_t i = 0; i < kept; i++)
        print_words(request, "", expect_run_text(&expectation->runs[i], words, sizeof(words)));
    if (expectation->runs_length > kept) {
        snprintf(words, sizeof(words), "and %zu more", expectation->runs_length - kept);
        print_words(request, "", words);
    }
}

/** Prints a session. @return an exit status */
static int tell_session(const struct request *request, struct diagnose *diagnose,
                        const struct session *session, const struct expectation *expectation)
{
    const char *name = request->paths.length > 1 ? diagnose->capture.input.name : NULL;

    if (request->json) {
        print_session_json(request, session, name, diagnose->capture.input.digits, expectation);
    } else {
        print_session(request, session, name);
        if (expectation != NULL)
            print_expectation(request, expectation);
    }
    if (session_failed(&session->diagnosis) || (expectation != NULL && !expect_holds(expectation)))
        return EXIT_FINDING;
    return EXIT_DONE;
}

/** Tells of the sessions that found no room. @return an exit status */
static int tell_omitted(const struct diagnose *diagnose)
{
    const struct sessions *sessions = &diagnose->sessions;

    if (sessions->omitted == 0)
        return EXIT_DONE;
    message("%s: %" PRIu64 " sessions after the first %d are left out, %" PRIu64 " of them failed",
            diagnose->capture.input.name, sessions->omitted, SESSIONS_MAX,
            sessions->omitted_failed);
    return sessions->omitted_failed > 0 ? EXIT_FINDING : EXIT_DONE;
}

/** @return an exit status */
static int tell_sessions(const struct request *request, struct diagnose *diagnose)
{
    const struct sessions *sessions = &diagnose->sessions;
    int status = tell_omitted(diagnose);
    size_t printed = 0;
    size_t checked = 0;

    for (size_t i = 0; i < sessions->length; i++) {
        const struct session *session = &sessions->list[i];
        const struct expectation *expectation;

        if (!filter_link(&request->filter, &session->link))
            continue;
        printed++;
        expectation = firmware_check_session(&diagnose->check, session);
        checked += expectation != NULL;
        if (tell_session(request, diagnose, session, expectation) == EXIT_FINDING)
            status = EXIT_FINDING;
    }
    if (printed == 0 && sessions->length > 0) {
        filter_tell_nothing_left(&request->filter, diagnose->capture.input.name);
        return EXIT_FINDING;
    }
    if (printed == 0) {
        capture_tell_nothing_found(&diagnose->capture.input, &diagnose->capture.tap.counters);
        return EXIT_FINDING;
    }
    if (request->check->path != NULL && checked == 0) {
        message("%s: no session wrote anything: %s was not flashed", diagnose->capture.input.name,
                request->check->path);
        return EXIT_FINDING;
    }
    return status;
}

static int diagnose_file(const struct request *request, struct diagnose *diagnose, const char *path)
{
    const struct btap_sink sink = sessions_sink(&diagnose->sessions);
    int status;
    bool whole;

    sessions_init(&diagnose->sessions, &diagnose->capture.tap);
    diagnose->sessions.keep_effects = diagnose->check.path != NULL;
    whole = capture_read(&diagnose->capture, path, &request->decoder, &sink);
    sessions_finish(&diagnose->sessions);
    status =
        whole || diagnose->sessions.length > 0 ? tell_sessions(request, diagnose) : EXIT_TROUBLE;
    sessions_release(&diagnose->sessions);
    return whole ? status : EXIT_TROUBLE;
}

static int diagnose_files(const struct request *request, struct diagnose *diagnose)
{
    int status = EXIT_DONE;

    interrupt_catch();
    for (size_t i = 0; i < request->paths.length && interrupt_signal == 0; i++) {
        const int one = diagnose_file(request, diagnose, request->paths.list[i]);

        if (one > status)
            status = one;
    }
    interrupt_die();
    return status;
}

/* The command line */

static const struct option_row printed_rows[] = {
    {0, "json", NULL, "JSON, one object a session", option_set, offsetof(struct request, json)},
    {'q', "quiet", NULL, "the verdict and its cause only", option_set,
     offsetof(struct request, quiet)},
    {0, "link", "LIST", "only these links: usb:1.5, serial, can:can0", filter_add_links,
     offsetof(struct request, filter)},
    OPTION_COLOUR(offsetof(struct request, colour)),
    {0},
};

static const struct option_row files_rows[] = {
    {'r', "read", "FILE", "the same as FILE", option_path, offsetof(struct request, paths)},
    {0},
};

static const struct option_group groups[] = {
    {"", printed_rows, offsetof(struct diagnose, request), 0},
    {NULL, firmware_check_options, offsetof(struct diagnose, check), 0},
    CAPTURE_OPTIONS(offsetof(struct diagnose, request.decoder)),
    {"", files_rows, offsetof(struct diagnose, request), 0},
    {0},
};

static bool add_operand(void *diagnose, const char *path)
{
    return option_path(&((struct diagnose *)diagnose)->request.paths, path);
}

static const struct command_line line = {
    .name = "diagnose",
    .summary = "say whether a flash worked, and if not, why",
    .usage = "[OPTION]... [-r] FILE...",
    .about = "Says for each session in capture files whether it worked; if not, what failed, the "
             "packets\n"
             "that prove it, why, what to do next, and what the bytes cannot exclude.\n"
             "FILE is " CAPTURE_FORMATS ".\n",
    .groups = groups,
    .ending = "'boottap help rules' lists the causes and oddities that are known, 'boottap help "
              "RULE'\n"
              "explains the one that stands in brackets.\n"
              "\n"
              "Exit status: 0 every session worked or shows no fault, 1 one failed, breaks off, "
              "did not\n"
              "write what was expected, or there is none, 2 wrong usage, or a file could not be "
              "read.\n",
    .operand = add_operand,
};

static int run(int argc, char **argv)
{
    struct diagnose *diagnose = allocate(sizeof(*diagnose));
    struct request *request = &diagnose->request;
    int status;

    request->decoder = btap_options_default();
    request->check = &diagnose->check;
    request->paths.list = allocate((size_t)argc * sizeof(*request->paths.list));
    option_colour(&request->colour, "auto");
    if (options_parse(&line, argc, argv, diagnose, &status) &&
        (request->paths.length > 0 || misused("no capture file is named")) &&
        firmware_check_open(&diagnose->check))
        status = diagnose_files(request, diagnose);
    firmware_check_release(&diagnose->check);
    free(request->paths.list);
    free(diagnose);
    return status;
}

const struct command diagnose_command = {.line = &line, .run = run};
