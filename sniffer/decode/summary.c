/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Totals as text or JSON: one object a link, then one for the file.
 */
#include <inttypes.h>

#include "base/allocate.h"
#include "base/line.h"
#include "base/transaction_json.h"
#include "boottap/product.h"
#include "decode/output.h"
#include "decode/totals.h"

struct summary_output {
    struct output output;
    struct totals totals;
    bool several_files; /**< a file was printed before */
};

/** The tap's counters with their names, which are the keys in JSON too. */
struct counter {
    const char *name;
    uint64_t value;
};

#define COUNTERS 8

static void list_counters(const struct btap_counters *counters, struct counter list[COUNTERS])
{
    const struct counter named[COUNTERS] = {
        {"decoded", counters->decoded},         {"events", counters->events},
        {"foreign", counters->foreign},         {"malformed", counters->malformed},
        {"unsupported", counters->unsupported}, {"truncated", counters->truncated},
        {"unpaired", counters->unpaired},       {"evicted_links", counters->evicted_links},
    };

    for (size_t i = 0; i < COUNTERS; i++)
        list[i] = named[i];
}

static void print_label(FILE *to, const char *label)
{
    fprintf(to, "    %-30s ", label);
}

/** Whether the times of a link's records mean nothing. */
static bool lacks_times(const struct link_totals *link)
{
    return (link->link.lacks & BTAP_LACKS_TIMES) != 0;
}

static void print_flow(FILE *to, const char *label, const struct totals_flow *flow)
{
    const uint64_t rate = totals_rate(flow);

    if (flow->bytes == 0)
        return;
    print_label(to, label);
    fprintf(to, "%" PRIu64 " bytes", flow->bytes);
    if (rate > 0)
        fprintf(to, ", %" PRIu64 " bytes/s", rate);
    putc('\n', to);
}

static void print_erased(FILE *to, const struct link_totals *link)
{
    if (link->mass_erases > 0) {
        print_label(to, "mass erases");
        fprintf(to, "%" PRIu64 "\n", link->mass_erases);
    }
    if (link->erased_pages == 0)
        return;
    print_label(to, "erased");
    fprintf(to, "%" PRIu64 " page%s", link->erased_pages, link->erased_pages == 1 ? "" : "s");
    if (link->erased_bytes > 0)
        fprintf(to, ", %s%" PRIu64 " bytes", link->erased_unsized > 0 ? "at least " : "",
                link->erased_bytes);
    putc('\n', to);
}

static void print_identity(FILE *to, const struct link_totals *link)
{
    if (link->usb_known) {
        print_label(to, "USB device");
        fprintf(to, "%04x:%04x\n", link->usb_vendor, link->usb_product);
    }
    if (link->layout[0] != '\0') {
        print_label(to, "memory");
        print_line(to, "%s", link->layout);
    }
    if (link->pid_known) {
        print_label(to, "product");
        print_line(to, "%s (PID 0x%03" PRIx32 ")",
                   link->product != NULL ? link->product->name : "unknown", link->pid);
    } else if (link->product != NULL) {
        print_label(to, "product");
        print_line(to, "%s", link->product->name);
    }
    if (link->version_known) {
        print_label(to, "bootloader version");
        fprintf(to, "%u.%u\n", (unsigned)link->version >> 4, link->version & 0xfu);
    }
}

static uint64_t command_count(const struct link_totals *link, size_t command)
{
    uint64_t sum = 0;

    for (size_t status = 0; status < BTAP_STATUS_COUNT; status++)
        sum += link->counts[command][status];
    return sum;
}

static void print_counts(FILE *to, const struct link_totals *link)
{
    for (size_t command = 0; command < BTAP_COMMAND_COUNT; command++) {
        const char *separator = "";

        if (command_count(link, command) == 0)
            continue;
        print_label(to, btap_command_name((enum btap_command)command));
        for (size_t status = 0; status < BTAP_STATUS_COUNT; status++) {
            if (link->counts[command][status] == 0)
                continue;
            fprintf(to, "%s%" PRIu64 " %s", separator, link->counts[command][status],
                    btap_status_name((enum btap_status)status));
            separator = ", ";
        }
        putc('\n', to);
    }
}

static void print_note_counts(FILE *to, const struct link_totals *link)
{
    for (size_t id = 0; id < BTAP_NOTE_COUNT; id++)
        if (link->notes[id] > 0) {
            const enum btap_note_id note = (enum btap_note_id)id;

            print_label(to, btap_note_name(note));
            fprintf(to, "%" PRIu64 " (%s)\n", link->notes[id],
                    btap_severity_name(btap_note_severity(note)));
        }
}

static void print_link(const struct summary_output *summary, const struct link_totals *link)
{
    FILE *to = summary->output.options.to;
    char name[BTAP_LINK_NAME_SIZE];
    struct line line;

    line_start(&line);
    line_text(&line, "  ");
    line_escaped(&line, btap_link_name(&link->link, name, sizeof(name)));
    line_text(&line, "  ");
    line_text(&line, btap_transport_name(link->link.transport));
    line_print(&line, to);
    print_identity(to, link);
    print_label(to, "transactions");
    fprintf(to, "%" PRIu64 "\n", link->transactions);
    if (!lacks_times(link)) {
        line_start(&line);
        line_seconds(&line, link->last - link->first, summary->output.stream->digits, 0);
        line_text(&line, " s");
        print_label(to, "duration");
        line_print(&line, to);
    }
    print_flow(to, "written", &link->written);
    print_flow(to, "read", &link->read);
    print_erased(to, link);
    print_counts(to, link);
    if (summary->output.options.notes)
        print_note_counts(to, link);
}

static void print_file(struct summary_output *summary)
{
    const struct output *output = &summary->output;
    struct counter counters[COUNTERS];
    struct line line;

    line_start(&line);
    if (summary->several_files)
        line_break(&line);
    line_escaped(&line, output->stream->name);
    line_text(&line, ": ");
    line_decimal(&line, output->stream->packets, 0);
    line_text(&line, output->stream->packets == 1 ? " packet" : " packets");
    list_counters(&output->tap->counters, counters);
    for (size_t i = 0; i < COUNTERS; i++) {
        if (counters[i].value == 0)
            continue;
        line_text(&line, ", ");
        line_decimal(&line, counters[i].value, 0);
        line_text(&line, " ");
        line_text(&line, counters[i].name);
    }
    line_print(&line, output->options.to);
    for (size_t i = 0; i < summary->totals.links.length; i++)
        print_link(summary, summary->totals.links.list[i]);
    if (summary->totals.omitted > 0)
        fprintf(output->options.to, "  %" PRIu64 " transactions of further links left out\n",
                summary->totals.omitted);
    summary->several_files = true;
}

static void add_flow(struct json *json, const char *key, const char *rate_key,
                     const struct totals_flow *flow)
{
    json_add_number(json, key, flow->bytes);
    if (totals_rate(flow) > 0)
        json_add_number(json, rate_key, totals_rate(flow));
}

static void add_identity(struct json *json, const struct link_totals *link)
{
    if (link->usb_known) {
        json_add_number(json, "usb_vendor", link->usb_vendor);
        json_add_number(json, "usb_product", link->usb_product);
    }
    if (link->layout[0] != '\0')
        json_add_text(json, "memory", link->layout);
    if (link->pid_known)
        json_add_product(json, link->pid);
    else if (link->product != NULL)
        json_add_text(json, "product", link->product->name);
    if (link->version_known)
        json_add_version(json, "version", link->version);
}

static void add_counts(struct json *json, const struct link_totals *link)
{
    json_open_object(json, "commands");
    for (size_t command = 0; command < BTAP_COMMAND_COUNT; command++) {
        if (command_count(link, command) == 0)
            continue;
        json_open_object(json, btap_command_name((enum btap_command)command));
        for (size_t status = 0; status < BTAP_STATUS_COUNT; status++)
            if (link->counts[command][status] > 0)
                json_add_number(json, btap_status_name((enum btap_status)status),
                                link->counts[command][status]);
        json_close_object(json);
    }
    json_close_object(json);
}

static void add_note_counts(struct json *json, const struct link_totals *link)
{
    json_open_object(json, "notes");
    for (size_t id = 0; id < BTAP_NOTE_COUNT; id++)
        if (link->notes[id] > 0)
            json_add_number(json, btap_note_name((enum btap_note_id)id), link->notes[id]);
    json_close_object(json);
}

static void print_link_json(const struct summary_output *summary, const struct link_totals *link)
{
    const struct output *output = &summary->output;
    struct json json;

    json_begin(&json, output->options.to, "link-totals");
    if (output->options.several_files)
        json_add_text(&json, "file", output->stream->name);
    json_add_link(&json, &link->link);
    add_identity(&json, link);
    json_add_number(&json, "transactions", link->transactions);
    if (!lacks_times(link)) {
        json_add_time(&json, link->first, output->stream->digits);
        json_add_seconds(&json, "duration", link->last - link->first, output->stream->digits);
    }
    add_flow(&json, "written", "write_rate", &link->written);
    add_flow(&json, "read", "read_rate", &link->read);
    json_add_number(&json, "erased_pages", link->erased_pages);
    json_add_number(&json, "erased_bytes", link->erased_bytes);
    json_add_number(&json, "mass_erases", link->mass_erases);
    add_counts(&json, link);
    if (output->options.notes)
        add_note_counts(&json, link);
    json_end(&json);
}

static void print_file_json(struct summary_output *summary)
{
    const struct output *output = &summary->output;
    struct counter counters[COUNTERS];
    struct json json;

    for (size_t i = 0; i < summary->totals.links.length; i++)
        print_link_json(summary, summary->totals.links.list[i]);
    json_begin(&json, output->options.to, "file-totals");
    json_add_text(&json, "file", output->stream->name);
    json_add_number(&json, "packets", output->stream->packets);
    list_counters(&output->tap->counters, counters);
    for (size_t i = 0; i < COUNTERS; i++)
        json_add_number(&json, counters[i].name, counters[i].value);
    if (summary->totals.omitted > 0)
        json_add_number(&json, "transactions_omitted", summary->totals.omitted);
    json_end(&json);
}

static void summary_transaction(struct output *output, const struct btap_link *link,
                                const struct btap_transaction *transaction,
                                const struct collected *collected)
{
    struct summary_output *summary = (struct summary_output *)output;

    (void)collected;
    totals_transaction(&summary->totals, link, transaction,
                       link->kind == BTAP_LINK_USB ? btap_tap_usb_device(output->tap, link) : NULL);
}

static void summary_skipped(struct output *output, const struct btap_link *link)
{
    struct summary_output *summary = (struct summary_output *)output;

    totals_skip(&summary->totals, link);
}

static void summary_note(struct output *output, const struct btap_link *link, uint64_t n,
                         const struct btap_note *note)
{
    struct summary_output *summary = (struct summary_output *)output;

    totals_note(&summary->totals, link, n, note);
}

static void summary_end_file(struct output *output)
{
    struct summary_output *summary = (struct summary_output *)output;

    if (output->options.json)
        print_file_json(summary);
    else
        print_file(summary);
    totals_release(&summary->totals);
}

struct output *output_summary_new(const struct output_options *options)
{
    struct summary_output *summary = allocate(sizeof(*summary));

    summary->output = (struct output){
        .options = *options,
        .transaction = summary_transaction,
        .skipped = summary_skipped,
        .note = summary_note,
        .end_file = summary_end_file,
    };
    return &summary->output;
}
