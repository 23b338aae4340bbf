/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions as JSON, an object a line. docs/diagnose.md describes the keys.
 */
#include "base/transaction_json.h"
#include "diagnose/diagnose.h"

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

void diagnose_print_json(const struct diagnose_output *output, const struct session *session,
                         const struct expectation *expectation)
{
    const int digits = output->digits;
    const struct btap_session *facts = &session->facts;
    const struct btap_diagnosis *diagnosis = &session->diagnosis;
    struct json_object *object = json_line_new("session");
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];

    if (output->name != NULL)
        json_add_text(object, "file", output->name);
    json_add_link(object, &session->link);
    json_add_number(object, "session", facts->number);
    json_add_text(object, "verdict", btap_verdict_name(diagnosis->verdict));
    json_add_text(object, "text", btap_verdict_text(facts, diagnosis, words, sizeof(words)));
    json_add_time(object, facts->time, digits);
    json_add_seconds(object, "duration", facts->duration, digits);
    json_add_number(object, "first_packet", facts->first_packet);
    json_add_number(object, "last_packet", facts->last_packet);
    json_add_number(object, "transactions", facts->transactions);
    add_device(object, facts);
    add_done(object, facts, digits);
    add_failures(object, facts);
    add_findings(object, diagnosis, facts->transport);
    if (expectation != NULL)
        json_object_object_add(object, "expect", expect_json(expectation, output->firmware));
    json_print(object, output->to);
}
