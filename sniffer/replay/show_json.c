/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * docs/replay.md has the keys.
 */
#include <stdlib.h>

#include "base/allocate.h"
#include "base/json.h"
#include "base/transaction_json.h"
#include "replay/reach.h"
#include "replay/show.h"
#include "replay/totals.h"

/** Digits of times. */
#define DIGITS 9

static const char *origin_name(enum plan_origin origin)
{
    switch (origin) {
    case PLAN_RECORDED:
        return "recorded";
    case PLAN_ADDED:
        return "added";
    case PLAN_FITTED:
        return "fitted";
    }
    return "unknown";
}

static const char *risk_name(enum plan_risk risk)
{
    switch (risk) {
    case PLAN_ASKS:
        return "none";
    case PLAN_CHANGES:
        return "changes";
    case PLAN_CONFIRM:
        return "confirm";
    case PLAN_IRREVERSIBLE:
        return "irreversible";
    }
    return "unknown";
}

static void begin(struct json *json, FILE *to, const struct plan *plan, const char *type)
{
    json_begin(json, to, type);
    json_add_link(json, &plan->link);
}

static void add_permissions(struct json *json, const char *key, uint32_t permissions)
{
    json_open_list(json, key);
    for (unsigned bit = 0; bit < PLAN_PERMISSIONS; bit++)
        if ((permissions >> bit & 1) != 0)
            json_add_text(json, NULL, plan_permission_name(bit));
    json_close_list(json);
}

static void print_command(FILE *to, const struct plan *plan, const struct plan_command *command,
                          const struct show_plan *how)
{
    const struct risk_lack lack =
        risk_lacks(how->allowed, how->confirmed, how->irreversible, command->needs, command->risk);
    char words[RISK_WORDS_SIZE];
    struct json json;

    begin(&json, to, plan, "command");
    /* What is the replay's own was at no time and in no packet. */
    if (command->origin == PLAN_RECORDED)
        json_add_transaction(&json, &command->transaction, DIGITS);
    else
        json_add_command(&json, &command->transaction);
    if (command->has_crc32)
        json_add_number(&json, "crc32", command->crc32);
    json_add_text(&json, "origin", origin_name(command->origin));
    risk_words(&plan->device, &command->transaction, words, sizeof(words));
    if (words[0] != '\0')
        json_add_text(&json, "changes", words);
    if (reach_is_short(&command->transaction))
        json_add_text(&json, "sent_until", btap_phase_name(reach_of(&command->transaction)));
    add_permissions(&json, "needs", command->needs);
    json_add_text(&json, "risk", risk_name(command->risk));
    json_add_boolean(&json, "allowed", risk_lacks_nothing(&lack));
    json_end(&json);
}

static void add_device(struct json *json, const struct plan *plan)
{
    const struct plan_device *device = &plan->device;

    json_open_object(json, "device");
    if (device->pid_known)
        json_add_product(json, device->pid);
    if (device->version != 0)
        json_add_version(json, "version", device->version);
    if (device->settings.baud != 0)
        json_add_number(json, "baud", device->settings.baud);
    if (device->brs_known)
        json_add_boolean(json, "brs", device->brs);
    if (device->usb_known && device->usb.descriptor_known) {
        json_add_number(json, "usb_vendor", device->usb.vendor);
        json_add_number(json, "usb_product", device->usb.product);
    }
    json_add_boolean(json, "known", risk_knows_device(plan->transport, device));
    json_close_object(json);
}

static void add_totals(struct json *json, const struct plan *plan)
{
    const struct replay_totals totals = totals_of(plan);

    json_add_number(json, "commands", plan->length);
    json_add_number(json, "writes", totals.writes);
    json_add_number(json, "bytes_written", totals.bytes);
    json_add_number(json, "erases", totals.erases);
    json_add_number(json, "pages_erased", totals.pages);
    json_add_number(json, "banks_erased", totals.bank_erases);
    json_add_number(json, "mass_erases", totals.mass_erases);
    json_add_number(json, "protections", totals.protections);
    json_add_number(json, "confirm", totals.confirmed);
    json_add_number(json, "irreversible", totals.irreversible);
}

static void add_left_out(struct json *json, const struct plan *plan)
{
    static const char *const keys[PLAN_LEFT_OUT_COUNT] = {
        [PLAN_RETRY] = "retry",     [PLAN_RECOVERY] = "recovery", [PLAN_UNWANTED] = "unwanted",
        [PLAN_SKIPPED] = "skipped", [PLAN_REPLACED] = "replaced",
    };

    json_open_object(json, "left_out");
    for (unsigned reason = PLAN_SENT + 1; reason < PLAN_LEFT_OUT_COUNT; reason++)
        json_add_number(json, keys[reason], plan->left_out[reason]);
    json_close_object(json);
}

static void add_problems(struct json *json, const struct plan *plan)
{
    json_open_list(json, "problems");
    for (size_t i = 0; i < plan->problems_length && i < PLAN_PROBLEMS_MAX; i++) {
        json_open_object(json, NULL);
        if (plan->problems[i].n != 0) {
            json_add_number(json, "n", plan->problems[i].n);
            json_add_number(json, "packet", plan->problems[i].packet);
        }
        json_add_text(json, "text", plan->problems[i].words);
        json_close_object(json);
    }
    json_close_list(json);
    if (plan->problems_length > PLAN_PROBLEMS_MAX)
        json_add_number(json, "problems_omitted", plan->problems_length - PLAN_PROBLEMS_MAX);
}

static void print_plan(FILE *to, const struct plan *plan, const struct show_plan *how)
{
    const struct risk_lack lack =
        totals_lack(plan, how->allowed, how->confirmed, how->irreversible);
    struct json json;

    begin(&json, to, plan, "plan");
    json_add_text(&json, "file", plan->name);
    json_add_number(&json, "session", plan->session);
    add_device(&json, plan);
    add_totals(&json, plan);
    add_left_out(&json, plan);
    add_permissions(&json, "needs", plan->needs);
    json_add_boolean(&json, "needs_yes", totals_need_yes(plan));
    json_add_boolean(&json, "needs_irreversible", plan->risk >= PLAN_IRREVERSIBLE);
    add_permissions(&json, "lacks", lack.permissions);
    json_add_boolean(&json, "allowed", risk_lacks_nothing(&lack) && plan->problems_length == 0);
    add_problems(&json, plan);
    json_end(&json);
}

void show_plan_json(FILE *to, const struct plan *plan, const struct show_plan *how)
{
    struct plan_command *command = allocate(sizeof(*command));

    for (size_t i = 0; i < plan->length && !how->totals_only; i++) {
        plan_get(plan, i, command);
        print_command(to, plan, command, how);
    }
    free(command);
    print_plan(to, plan, how);
}

void show_no_plan_json(FILE *to, const char *name, const char *words)
{
    struct json json;

    json_begin(&json, to, "plan");
    json_add_text(&json, "file", name);
    json_add_boolean(&json, "allowed", false);
    json_open_list(&json, "problems");
    json_open_object(&json, NULL);
    json_add_text(&json, "text", words);
    json_close_object(&json);
    json_close_list(&json);
    json_end(&json);
}
