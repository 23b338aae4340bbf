/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>

#include "base/allocate.h"
#include "base/colour.h"
#include "base/line.h"
#include "base/message.h"
#include "replay/reach.h"
#include "replay/runs.h"
#include "replay/show.h"
#include "replay/totals.h"

/* Columns */
#define NUMBER_WIDTH 12
#define PACKET_WIDTH 9
#define NEEDS        23
#define WORDS        34

/* What is sent */

static void add_numbers(struct line *line, const struct plan_run *run)
{
    size_t start = line->length;

    if (run->begin.origin != PLAN_RECORDED)
        line_text(line, "+");
    else if (run->commands > 1)
        line_format(line, "%" PRIu64 "-%" PRIu64, run->n, run->end.transaction.n);
    else
        line_decimal(line, run->n, 0);
    line_right_align(line, start, NUMBER_WIDTH);
    start = line->length;
    if (run->begin.origin == PLAN_RECORDED)
        line_decimal(line, run->packet, 0);
    line_right_align(line, start, PACKET_WIDTH);
}

/** A run's commands in words: `Write Memory 0x08000000-0x08004fff, 80 commands`. */
static void add_run(struct line *line, const struct plan_run *run)
{
    const struct btap_transaction *begin = &run->begin.transaction;
    const struct btap_transaction *end = &run->end.transaction;

    line_text(line, btap_command_label(begin->command));
    if (begin->command == BTAP_DOWNLOAD || begin->command == BTAP_UPLOAD)
        line_format(line, " blocks %u-%u", begin->block, end->block);
    else
        line_format(line, " 0x%08" PRIx32 "-0x%08" PRIx32, begin->address,
                    end->address + (run->bytes > 0 ? end->length - 1 : 0));
    line_format(line, ", %zu commands", run->commands);
}

static void add_changes(struct line *line, const struct plan *plan, const struct plan_run *run)
{
    struct btap_transaction whole = run->begin.transaction;
    char words[RISK_WORDS_SIZE];

    if (run->bytes > 0 && run->bytes <= UINT32_MAX)
        whole.length = (uint32_t)run->bytes;
    risk_words(&plan->device, &whole, words, sizeof(words));
    if (words[0] == '\0') /* a read may be short, too */
        reach_words(&whole, words, sizeof(words));
    if (words[0] == '\0')
        return;
    line_text(line, ": ");
    if (run->commands > 1 && run->bytes == 0)
        line_format(line, "erases %zu pages", run->commands);
    else
        line_text(line, words);
}

static void add_risk(struct line *line, enum plan_risk risk, bool colour)
{
    const char *words = risk == PLAN_IRREVERSIBLE ? "  [irreversible]"
                        : risk == PLAN_CONFIRM    ? "  [confirm]"
                                                  : NULL;

    if (words == NULL)
        return;
    if (colour)
        line_control(line, RED);
    line_text(line, words);
    if (colour)
        line_control(line, RESET);
}

static void add_answer(struct line *line, const struct btap_transaction *transaction)
{
    char outcome[BTAP_DESCRIBE_SIZE];

    if (transaction->status == BTAP_OK)
        return;
    line_text(line, "; the answer then was ");
    line_text(line, btap_transaction_outcome(transaction, outcome, sizeof(outcome)));
}

static void print_run(FILE *to, const struct plan *plan, const struct plan_run *run, bool colour)
{
    char text[BTAP_DESCRIBE_SIZE];
    struct line line;

    line_start(&line);
    add_numbers(&line, run);
    line_to_column(&line, NEEDS);
    line_text(&line, totals_permissions(run->begin.needs, text, sizeof(text)));
    line_to_column(&line, WORDS);
    if (run->commands > 1)
        add_run(&line, run);
    else
        line_escaped(&line, btap_transaction_describe(&run->begin.transaction, text, sizeof(text)));
    add_changes(&line, plan, run);
    add_answer(&line, &run->begin.transaction);
    add_risk(&line, run->begin.risk, colour);
    line_print(&line, to);
}

static void print_commands(FILE *to, const struct plan *plan, const struct show_plan *how)
{
    struct plan_run *run = allocate(sizeof(*run));
    struct line line;

    line_start(&line);
    line_format(&line, "%*s%*s", NUMBER_WIDTH, "n", PACKET_WIDTH, "packet");
    line_to_column(&line, NEEDS);
    line_text(&line, "needs");
    line_to_column(&line, WORDS);
    line_text(&line, "command: what it changes");
    line_print(&line, to);
    for (size_t i = 0; i < plan->length; i += run->length) {
        (how->every_command ? runs_take : runs_find)(plan, i, run);
        print_run(to, plan, run, how->colour);
    }
    free(run);
}

/* For whom it is */

static void add_settings(struct line *line, const struct btap_serial_settings *settings)
{
    static const char parities[] = {
        [BTAP_PARITY_UNKNOWN] = '?', [BTAP_PARITY_NONE] = 'N', [BTAP_PARITY_ODD] = 'O',
        [BTAP_PARITY_EVEN] = 'E',    [BTAP_PARITY_MARK] = 'M', [BTAP_PARITY_SPACE] = 'S'};

    if (settings->baud != 0)
        line_format(line, ", at %" PRIu32 " baud", settings->baud);
    if (settings->data_bits != 0 && settings->parity <= BTAP_PARITY_SPACE)
        line_format(line, " %u%c%s", settings->data_bits, parities[settings->parity],
                    settings->half_stop_bits == 4   ? "2"
                    : settings->half_stop_bits == 3 ? "1.5"
                                                    : "1");
}

static void add_usb(struct line *line, const struct plan_device *device)
{
    const struct btap_usb_device *usb = &device->usb;

    if (!device->usb_known || !usb->descriptor_known) {
        line_text(line, "a USB device of which the capture has no descriptors");
        return;
    }
    line_format(line, "USB %04x:%04x", usb->vendor, usb->product);
    for (size_t i = 0; i < BTAP_USB_STRINGS_MAX; i++)
        if (usb->strings[i].index != 0 && usb->strings[i].text[0] == '@') {
            line_text(line, ", ");
            line_escaped(line, usb->strings[i].text);
        }
}

static void add_product(struct line *line, const struct plan_device *device)
{
    if (!device->pid_known && device->product != NULL)
        line_text(line, device->product->name);
    else if (!device->pid_known)
        line_text(line, "not known: the session has no answer to Get ID");
    else
        line_format(line, "%s (PID 0x%03" PRIx32 ")",
                    device->product != NULL ? device->product->name : "unknown product",
                    device->pid);
    if (device->version != 0)
        line_format(line, ", protocol %u.%u", device->version >> 4, device->version & 0xf);
    if (device->reply_mode)
        line_text(line, ", in reply mode, which replay does not have: this cannot be sent");
}

static void print_device(FILE *to, const struct plan *plan)
{
    const struct plan_device *device = &plan->device;
    struct line line;

    line_start(&line);
    line_text(&line, "Device: ");
    switch (plan->transport) {
    case BTAP_USART:
        add_product(&line, device);
        add_settings(&line, &device->settings);
        break;
    case BTAP_CAN:
        add_product(&line, device);
        break;
    case BTAP_FDCAN:
        add_product(&line, device);
        if (device->brs_known)
            line_text(&line, device->brs ? ", with bit-rate switch" : ", without bit-rate switch");
        break;
    case BTAP_DFU:
        add_usb(&line, device);
        break;
    case BTAP_TRANSPORT_COUNT:
        break;
    }
    line_print(&line, to);
}

/* What it amounts to */

static void add_count(struct line *line, uint64_t count, const char *one, const char *more)
{
    if (count > 0)
        line_format(line, ", %" PRIu64 " %s", count, count == 1 ? one : more);
}

static void print_totals(FILE *to, const struct plan *plan, const struct replay_totals *totals)
{
    struct line line;

    line_start(&line);
    line_format(&line, "To send: %zu command%s", plan->length, plan->length == 1 ? "" : "s");
    if (totals->writes > 0)
        line_format(&line, ", %" PRIu64 " write%s of %" PRIu64 " byte%s", totals->writes,
                    totals->writes == 1 ? "" : "s", totals->bytes, totals->bytes == 1 ? "" : "s");
    add_count(&line, totals->pages, "page erased", "pages erased");
    add_count(&line, totals->bank_erases, "bank erased", "banks erased");
    add_count(&line, totals->mass_erases, "erase of the whole flash", "erases of the whole flash");
    add_count(&line, totals->protections, "change of protection", "changes of protection");
    add_count(&line, totals->starts, "start", "starts");
    add_count(&line, totals->specials, "special command", "special commands");
    if (plan->needs == 0)
        line_text(&line,
                  plan->length == 1 ? ", which only asks and reads" : ", which only ask and read");
    line_print(&line, to);
}

static void print_left_out(FILE *to, const struct plan *plan)
{
    struct line line;
    bool any = false;

    line_start(&line);
    line_text(&line, "Left out: ");
    for (unsigned reason = PLAN_SENT + 1; reason < PLAN_LEFT_OUT_COUNT; reason++) {
        if (plan->left_out[reason] == 0)
            continue;
        line_format(&line, "%s%" PRIu64 " %s", any ? ", " : "", plan->left_out[reason],
                    plan_left_out_words((enum plan_left_out)reason));
        any = true;
    }
    if (any)
        line_print(&line, to);
}

static void print_needs(FILE *to, const struct plan *plan, const struct replay_totals *totals)
{
    char text[TOTALS_PERMISSIONS_SIZE];

    if (plan->needs == 0)
        return;
    fprintf(to, "Needs: --allow=%s\n", totals_permissions(plan->needs, text, sizeof(text)));
    if (totals->confirmed > 0)
        fprintf(to, "       --yes, or a yes on the terminal: %" PRIu64 " command%s\n",
                totals->confirmed, totals->confirmed == 1 ? "" : "s");
    else if (totals_need_yes(plan))
        fputs("       --yes, or a yes on the terminal: it is not known which device it is for\n",
              to);
    if (totals->irreversible > 0)
        fprintf(to,
                "       --allow-irreversible: %" PRIu64
                " command%s may be impossible to undo, and lock or break the device\n",
                totals->irreversible, totals->irreversible == 1 ? "" : "s");
}

static void print_lack(FILE *to, const struct plan *plan, const struct show_plan *how)
{
    const struct risk_lack lack =
        totals_lack(plan, how->allowed, how->confirmed, how->irreversible);
    char text[TOTALS_PERMISSIONS_SIZE];

    if (how->allowed == 0 || plan->needs == 0)
        return;
    if (lack.permissions != 0)
        fprintf(to, "Not allowed: %s\n", totals_permissions(lack.permissions, text, sizeof(text)));
    else if (risk_lacks_nothing(&lack) && plan->problems_length == 0)
        fputs("All of it is allowed.\n", to);
}

void show_plan_text(FILE *to, const struct plan *plan, const struct show_plan *how)
{
    const struct replay_totals totals = totals_of(plan);
    struct line line;

    line_start(&line);
    line_escaped(&line, plan->name);
    line_text(&line, ": ");
    line_link(&line, &plan->link);
    line_format(&line, ", session %" PRIu64 ", %s", plan->session,
                btap_transport_name(plan->transport));
    line_print(&line, to);
    print_device(to, plan);
    if (!how->totals_only)
        print_commands(to, plan, how);
    print_totals(to, plan, &totals);
    print_left_out(to, plan);
    print_needs(to, plan, &totals);
    print_lack(to, plan, how);
    fputs("Nothing was sent.\n", to);
}

void show_problems(const struct plan *plan)
{
    const size_t kept =
        plan->problems_length < PLAN_PROBLEMS_MAX ? plan->problems_length : PLAN_PROBLEMS_MAX;

    for (size_t i = 0; i < kept; i++) {
        const struct plan_problem *problem = &plan->problems[i];

        if (problem->n == 0)
            message("%s: %s", plan->name, problem->words);
        else
            message("%s: transaction %" PRIu64 " (packet %" PRIu64
                    ") cannot be sent: %s; --skip %" PRIu64 " leaves it out",
                    plan->name, problem->n, problem->packet, problem->words, problem->n);
    }
    if (plan->problems_length > kept)
        message("%s: %zu more transactions cannot be sent; --skip damaged leaves all of them out",
                plan->name, plan->problems_length - kept);
}
