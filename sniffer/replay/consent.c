/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/consent.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/line.h"
#include "base/message.h"
#include "replay/risk.h"
#include "replay/show.h"
#include "replay/totals.h"

#define TERMINAL "/dev/tty"

/** Says what stands against a plan; the first is kept as the cause. */
static void object(const struct plan *plan, char *cause, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void object(const struct plan *plan, char *cause, const char *format, ...)
{
    char words[CONSENT_WORDS_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    message("%s: %s", plan->name, words);
    if (cause[0] == '\0')
        memcpy(cause, words, sizeof(words));
}

static bool has_problems(const struct plan *plan, char *cause)
{
    const struct plan_problem *first = &plan->problems[0];

    if (plan->problems_length == 0)
        return false;
    show_problems(plan);
    if (first->n > 0)
        snprintf(cause, CONSENT_WORDS_SIZE, "transaction %" PRIu64 " (packet %" PRIu64 "): %s",
                 first->n, first->packet, first->words);
    else
        snprintf(cause, CONSENT_WORDS_SIZE, "%s", first->words);
    return true;
}

/** `transaction 12: Readout Unprotect: erases all of the flash memory` */
static void describe(struct line *line, const struct plan *plan, size_t index)
{
    struct plan_command command;
    char words[BTAP_DESCRIBE_SIZE];
    char risk[RISK_WORDS_SIZE];

    plan_get(plan, index, &command);
    line_start(line);
    if (command.origin == PLAN_RECORDED)
        line_format(line, "transaction %" PRIu64, command.transaction.n);
    else
        line_format(line, "command %zu", index + 1);
    line_format(line, ": %s",
                btap_transaction_describe(&command.transaction, words, sizeof(words)));
    risk_words(&plan->device, &command.transaction, risk, sizeof(risk));
    if (risk[0] != '\0')
        line_format(line, ", which %s", risk);
    /* For messages, which want text that ends. */
    line->text[line->length] = '\0';
}

static void tell_missing(const struct plan *plan, uint32_t missing, char *cause)
{
    struct line line;

    line_start(&line);
    for (unsigned bit = 0; bit < PLAN_PERMISSIONS; bit++)
        if (missing & 1u << bit)
            line_format(&line, "%s%s", line.length > 0 ? "," : "", plan_permission_name(bit));
    line.text[line.length] = '\0';
    object(plan, cause, "needs --allow %s, which is not given: nothing was sent", line.text);
}

static bool may_be_final(const struct plan *plan, const struct gate_permit *permit, char *cause)
{
    bool any = false;

    for (size_t i = 0; i < plan->length && !permit->irreversible; i++) {
        struct line line;

        if (plan->items[i].risk != PLAN_IRREVERSIBLE)
            continue;
        describe(&line, plan, i);
        object(plan, cause, "%s: that may not be undone, and needs --allow-irreversible",
               line.text);
        any = true;
    }
    return any;
}

bool consent_given(const struct plan *plan, uint32_t needs, const struct gate_permit *permit,
                   char *cause)
{
    const uint32_t missing = (plan->needs | needs) & ~permit->allowed;

    cause[0] = '\0';
    if (has_problems(plan, cause))
        return false;
    if (missing != 0)
        tell_missing(plan, missing, cause);
    return !may_be_final(plan, permit, cause) && missing == 0;
}

static bool must_be_confirmed(const struct plan_item *item)
{
    return item->risk >= PLAN_CONFIRM;
}

/** Whether it changes a device of which the capture does not tell which it is. */
static bool is_for_any_device(const struct plan *plan)
{
    return plan->needs != 0 && !risk_knows_device(plan->transport, &plan->device);
}

#define ANY_DEVICE "the capture does not tell which device it is for, and the device is changed"

/** Asks on the terminal. @return whether the answer is yes */
static bool ask(const struct plan *plan, FILE *terminal)
{
    char answer[16] = "";

    for (size_t i = 0; i < plan->length; i++) {
        struct line line;

        if (!must_be_confirmed(&plan->items[i]))
            continue;
        describe(&line, plan, i);
        line_print(&line, terminal);
    }
    if (is_for_any_device(plan))
        print_line(terminal, "%s: %s", plan->name, ANY_DEVICE);
    fputs("Send this to the device? [y/N] ", terminal);
    fflush(terminal);
    return fgets(answer, sizeof(answer), terminal) != NULL &&
           (answer[0] == 'y' || answer[0] == 'Y');
}

bool consent_confirmed(const struct plan *plan, const struct gate_permit *permit, char *cause)
{
    if (permit->confirmed || !totals_need_yes(plan))
        return true;
    cause[0] = '\0';
    for (size_t i = 0; i < plan->length; i++) {
        struct line line;

        if (!must_be_confirmed(&plan->items[i]))
            continue;
        describe(&line, plan, i);
        object(plan, cause, "%s: that must be confirmed, on a terminal or by --yes", line.text);
    }
    if (is_for_any_device(plan))
        object(plan, cause, ANY_DEVICE ": that must be confirmed, on a terminal or by --yes");
    return false;
}

bool consent_ask(const struct plan *plan, struct gate_permit *permit, char *cause)
{
    FILE *terminal;

    cause[0] = '\0';
    if (permit->confirmed || !totals_need_yes(plan))
        return true;
    terminal = fopen(TERMINAL, "r+");
    if (terminal == NULL)
        return consent_confirmed(plan, permit, cause);
    permit->confirmed = ask(plan, terminal);
    fclose(terminal);
    if (!permit->confirmed)
        object(plan, cause, "not confirmed: nothing was sent");
    return permit->confirmed;
}
