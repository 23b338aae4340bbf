/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions as JSON, an object a line. docs/diagnose.md describes the keys.
 */
#include "base/transaction_json.h"
#include "diagnose/diagnose.h"

static void add_packets(struct json *json, const struct btap_finding *finding)
{
    json_open_list(json, "packets");
    for (uint8_t i = 0; i < finding->packets_length; i++)
        json_add_number(json, NULL, finding->packets[i]);
    json_close_list(json);
}

static void add_optional(struct json *json, const char *key, const char *words)
{
    if (words[0] != '\0')
        json_add_text(json, key, words);
}

static void add_findings(struct json *json, const struct btap_diagnosis *diagnosis,
                         enum btap_transport transport)
{
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];

    json_open_list(json, "findings");
    for (uint32_t i = 0; i < diagnosis->findings_length; i++) {
        const struct btap_finding *finding = &diagnosis->findings[i];

        json_open_object(json, NULL);
        json_add_text(json, "rule", finding->rule->id);
        json_add_text(json, "kind", btap_rule_kind_name(finding->rule->kind));
        json_add_text(json, "certainty", btap_certainty_name(finding->rule->certainty));
        json_add_text(json, "what", btap_finding_text(finding, words, sizeof(words)));
        add_optional(json, "why", finding->rule->why);
        add_optional(json, "next", finding->rule->next);
        add_optional(json, "command_line", btap_rule_command_line(finding->rule, transport));
        add_optional(json, "not_excluded", finding->rule->not_excluded);
        json_add_number(json, "occurrences", finding->occurrences);
        add_packets(json, finding);
        json_close_object(json);
    }
    json_close_list(json);
    if (diagnosis->findings_omitted > 0)
        json_add_number(json, "findings_omitted", diagnosis->findings_omitted);
}

static void add_failures(struct json *json, const struct btap_session *facts)
{
    json_open_list(json, "failures");
    for (uint32_t i = 0; i < facts->failures_length && i < BTAP_FAILURES_MAX; i++) {
        const struct btap_brief *failure = &facts->failures[i];

        json_open_object(json, NULL);
        json_add_number(json, "n", failure->n);
        json_add_number(json, "first_packet", failure->first_packet);
        json_add_number(json, "last_packet", failure->last_packet);
        json_add_text(json, "command", btap_command_name(failure->command));
        json_add_text(json, "status", btap_status_name(failure->status));
        json_add_text(json, "phase", btap_phase_name(failure->phase));
        json_add_text(json, "text", failure->words);
        json_close_object(json);
    }
    json_close_list(json);
    if (facts->failures_length > BTAP_FAILURES_MAX)
        json_add_number(json, "failures_omitted", facts->failures_length - BTAP_FAILURES_MAX);
}

static void add_device(struct json *json, const struct btap_session *facts)
{
    const struct btap_product *product = btap_session_product(facts);

    if (facts->pid_known)
        json_add_product(json, facts->pid);
    else if (product != NULL)
        json_add_text(json, "product", product->name);
    if (facts->version != 0)
        json_add_version(json, "version", facts->version);
    if (facts->usb_vendor != 0) {
        json_add_number(json, "usb_vendor", facts->usb_vendor);
        json_add_number(json, "usb_product", facts->usb_product);
    }
}

static bool is_timed(const struct btap_session *facts)
{
    return (facts->lacks & BTAP_LACKS_TIMES) == 0;
}

/** Bytes and ranges of one kind of work; nothing if there was none. */
static void add_work(struct json *json, const char *key, const struct btap_work *work, bool timed,
                     int digits)
{
    if (work->commands == 0)
        return;
    json_open_object(json, key);
    json_add_number(json, "commands", work->commands);
    json_add_number(json, "bytes", work->bytes);
    if (timed)
        json_add_seconds(json, "duration", work->last - work->first, digits);
    json_open_list(json, "ranges");
    for (uint32_t i = 0; i < work->ranges.length; i++) {
        json_open_object(json, NULL);
        json_add_number(json, "first", work->ranges.list[i].first);
        json_add_number(json, "last", work->ranges.list[i].last);
        json_close_object(json);
    }
    json_close_list(json);
    if (work->ranges.joined)
        json_add_boolean(json, "ranges_joined", true);
    json_close_object(json);
}

static void add_done(struct json *json, const struct btap_session *facts, int digits)
{
    add_work(json, "erased", &facts->erased, is_timed(facts), digits);
    if (facts->erased_pages > 0)
        json_add_number(json, "erased_pages", facts->erased_pages);
    if (facts->mass_erases > 0)
        json_add_number(json, "mass_erases", facts->mass_erases);
    if (facts->bank_erases > 0)
        json_add_number(json, "bank_erases", facts->bank_erases);
    add_work(json, "written", &facts->written, is_timed(facts), digits);
    add_work(json, "read", &facts->read, is_timed(facts), digits);
    json_add_number(json, "verified_bytes", facts->verification.same);
    if (facts->verification.different > 0) {
        json_add_number(json, "different_bytes", facts->verification.different);
        json_add_number(json, "different_address", facts->verification.first_address);
    }
    if (facts->unerased > 0)
        json_add_number(json, "written_unerased_bytes", facts->unerased);
    if (facts->started)
        json_add_number(json, "start_address", facts->start_address);
}

void diagnose_print_json(const struct diagnose_output *output, const struct session *session,
                         const struct expectation *expectation)
{
    const int digits = output->digits;
    const struct btap_session *facts = &session->facts;
    const struct btap_diagnosis *diagnosis = &session->diagnosis;
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];
    struct json json;

    json_begin(&json, output->to, "session");
    if (output->name != NULL)
        json_add_text(&json, "file", output->name);
    json_add_link(&json, &session->link);
    json_add_number(&json, "session", facts->number);
    json_add_text(&json, "verdict", btap_verdict_name(diagnosis->verdict));
    json_add_text(&json, "text", btap_verdict_text(facts, diagnosis, words, sizeof(words)));
    if (is_timed(facts)) {
        json_add_time(&json, facts->time, digits);
        json_add_seconds(&json, "duration", facts->duration, digits);
    }
    json_add_number(&json, "first_packet", facts->first_packet);
    json_add_number(&json, "last_packet", facts->last_packet);
    json_add_number(&json, "transactions", facts->transactions);
    add_device(&json, facts);
    add_done(&json, facts, digits);
    add_failures(&json, facts);
    add_findings(&json, diagnosis, facts->transport);
    if (expectation != NULL)
        expect_add_json(&json, "expect", expectation, output->firmware);
    json_end(&json);
}
