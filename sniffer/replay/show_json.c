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

static struct json_object *begin(const struct plan *plan, const char *type)
{
    struct json_object *object = json_line_new(type);

    json_add_link(object, &plan->link);
    return object;
}

static void add_permissions(struct json_object *object, const char *key, uint32_t permissions)
{
    struct json_object *array = json_add_array(object, key);

    for (unsigned bit = 0; bit < PLAN_PERMISSIONS; bit++)
        if ((permissions >> bit & 1) != 0)
            json_object_array_add(array, json_object_new_string(plan_permission_name(bit)));
}

static void add_bool(struct json_object *object, const char *key, bool value)
{
    json_object_object_add(object, key, json_object_new_boolean(value));
}

/** What is the replay's own was at no time and in no packet. */
static void drop_recording(struct json_object *object)
{
    static const char *const keys[] = {"n",           "time",   "time_ns",     "duration",
                                       "last_packet", "status", "first_packet"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        json_object_object_del(object, keys[i]);
}

static void print_command(FILE *to, const struct plan *plan, const struct plan_command *command,
                          const struct show_plan *how)
{
    const struct risk_lack lack =
        risk_lacks(how->allowed, how->confirmed, how->irreversible, command->needs, command->risk);
    struct json_object *object = begin(plan, "command");
    char words[RISK_WORDS_SIZE];

    json_add_transaction(object, &command->transaction, DIGITS);
    if (command->origin != PLAN_RECORDED)
        drop_recording(object);
    if (command->has_crc32)
        json_add_number(object, "crc32", command->crc32);
    json_add_text(object, "origin", origin_name(command->origin));
    risk_words(&plan->device, &command->transaction, words, sizeof(words));
    if (words[0] != '\0')
        json_add_text(object, "changes", words);
    if (reach_is_short(&command->transaction))
        json_add_text(object, "sent_until", btap_phase_name(reach_of(&command->transaction)));
    add_permissions(object, "needs", command->needs);
    json_add_text(object, "risk", risk_name(command->risk));
    add_bool(object, "allowed", risk_lacks_nothing(&lack));
    json_print(object, to);
}

static void add_device(struct json_object *plan_object, const struct plan *plan)
{
    const struct plan_device *device = &plan->device;
    struct json_object *object = json_add_object(plan_object, "device");

    if (device->pid_known)
        json_add_product(object, device->pid);
    if (device->version != 0)
        json_add_version(object, "version", device->version);
    if (device->settings.baud != 0)
        json_add_number(object, "baud", device->settings.baud);
    if (device->brs_known)
        add_bool(object, "brs", device->brs);
    if (device->usb_known && device->usb.descriptor_known) {
        json_add_number(object, "usb_vendor", device->usb.vendor);
        json_add_number(object, "usb_product", device->usb.product);
    }
    add_bool(object, "known", risk_knows_device(plan->transport, device));
}

static void add_totals(struct json_object *object, const struct plan *plan)
{
    const struct replay_totals totals = totals_of(plan);

    json_add_number(object, "commands", plan->length);
    json_add_number(object, "writes", totals.writes);
    json_add_number(object, "bytes_written", totals.bytes);
    json_add_number(object, "erases", totals.erases);
    json_add_number(object, "pages_erased", totals.pages);
    json_add_number(object, "banks_erased", totals.bank_erases);
    json_add_number(object, "mass_erases", totals.mass_erases);
    json_add_number(object, "protections", totals.protections);
    json_add_number(object, "confirm", totals.confirmed);
    json_add_number(object, "irreversible", totals.irreversible);
}

static void add_left_out(struct json_object *plan_object, const struct plan *plan)
{
    static const char *const keys[PLAN_LEFT_OUT_COUNT] = {
        [PLAN_RETRY] = "retry",     [PLAN_RECOVERY] = "recovery", [PLAN_UNWANTED] = "unwanted",
        [PLAN_SKIPPED] = "skipped", [PLAN_REPLACED] = "replaced",
    };
    struct json_object *object = json_add_object(plan_object, "left_out");

    for (unsigned reason = PLAN_SENT + 1; reason < PLAN_LEFT_OUT_COUNT; reason++)
        json_add_number(object, keys[reason], plan->left_out[reason]);
}

static void add_problems(struct json_object *object, const struct plan *plan)
{
    struct json_object *array = json_add_array(object, "problems");

    for (size_t i = 0; i < plan->problems_length && i < PLAN_PROBLEMS_MAX; i++) {
        struct json_object *problem = json_object_new_object();

        if (plan->problems[i].n != 0) {
            json_add_number(problem, "n", plan->problems[i].n);
            json_add_number(problem, "packet", plan->problems[i].packet);
        }
        json_add_text(problem, "text", plan->problems[i].words);
        json_object_array_add(array, problem);
    }
    if (plan->problems_length > PLAN_PROBLEMS_MAX)
        json_add_number(object, "problems_omitted", plan->problems_length - PLAN_PROBLEMS_MAX);
}

static void print_plan(FILE *to, const struct plan *plan, const struct show_plan *how)
{
    const struct risk_lack lack =
        totals_lack(plan, how->allowed, how->confirmed, how->irreversible);
    struct json_object *object = begin(plan, "plan");

    json_add_text(object, "file", plan->name);
    json_add_number(object, "session", plan->session);
    add_device(object, plan);
    add_totals(object, plan);
    add_left_out(object, plan);
    add_permissions(object, "needs", plan->needs);
    add_bool(object, "needs_yes", totals_need_yes(plan));
    add_bool(object, "needs_irreversible", plan->risk >= PLAN_IRREVERSIBLE);
    add_permissions(object, "lacks", lack.permissions);
    add_bool(object, "allowed", risk_lacks_nothing(&lack) && plan->problems_length == 0);
    add_problems(object, plan);
    json_print(object, to);
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
    struct json_object *object = json_object_new_object();
    struct json_object *problem = json_object_new_object();

    json_add_text(object, "type", "plan");
    json_add_number(object, "v", 1);
    json_add_text(object, "file", name);
    add_bool(object, "allowed", false);
    json_add_text(problem, "text", words);
    json_object_array_add(json_add_array(object, "problems"), problem);
    json_print(object, to);
}
