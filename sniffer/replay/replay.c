/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/replay.h"

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "base/status_line.h"
#include "replay/flash_state.h"
#include "replay/identity.h"
#include "replay/reach.h"

/** So often a person sees how far it is, and is listened to in a pause. */
#define SHOW_INTERVAL (100 * (btap_ns)CLOCK_NS_PER_MS)

struct run {
    const struct plan *plan;
    struct gate *gate;
    const struct replay_options *options;
    struct answers *answers;
    bool (*stopped)(void);
    struct replay_result *result;
    struct host *host;
    struct host_answer answer;
    bool identified; /**< the device is the plan's */
    size_t known;    /**< commands of the plan that were looked at: it may grow */
    uint64_t alternates;
    struct flash_state flash;
    btap_ns shown;
};

static bool end(struct run *run, enum replay_end how, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** @return false: nothing more is sent */
static bool end(struct run *run, enum replay_end how, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(run->result->words, sizeof(run->result->words), format, arguments);
    va_end(arguments);
    run->result->end = how;
    return false;
}

/** `transaction 12, 'Write Memory 0x08000400 256 bytes'`. */
static const char *name_of(const struct plan_command *command, char *words, size_t size)
{
    char described[BTAP_DESCRIBE_SIZE];

    btap_transaction_describe(&command->transaction, described, sizeof(described));
    if (command->transaction.n > 0)
        snprintf(words, size, "transaction %" PRIu64 ", '%s'", command->transaction.n, described);
    else
        snprintf(words, size, "'%s'", described);
    return words;
}

#define NAME_SIZE (BTAP_DESCRIBE_SIZE + 48)

/* Time */

/** @return false: the user wants it to end */
static bool wait_for(const struct run *run, btap_ns time)
{
    const btap_ns until = clock_monotonic() + time;

    for (;;) {
        const btap_ns left = until - clock_monotonic();
        const btap_ns slice = left < SHOW_INTERVAL ? left : SHOW_INTERVAL;

        if (run->stopped())
            return false;
        if (left <= 0)
            return true;
        poll(NULL, 0, (int)(slice / CLOCK_NS_PER_MS) + 1);
    }
}

static void show(struct run *run, size_t index, const struct plan_command *command)
{
    const btap_ns now = clock_monotonic();
    char described[BTAP_DESCRIBE_SIZE];
    char words[BTAP_DESCRIBE_SIZE + 64];

    if (now - run->shown < SHOW_INTERVAL)
        return;
    run->shown = now;
    snprintf(words, sizeof(words), "%zu of %zu: %s", index + 1, run->plan->length,
             btap_transaction_describe(&command->transaction, described, sizeof(described)));
    status_line_show(words);
}

/* DTR and RTS */

/** Moves them, to the end also where the user wants it to end: half of it is another sequence. */
static bool move_lines(struct run *run, size_t first, size_t last)
{
    for (size_t i = first; i < last; i++) {
        const struct reset_step *step = &run->options->reset.steps[i];
        const struct wire_message lines = {
            .kind = WIRE_LINES, .lines = step->lines, .mask = step->mask};

        if (step->mask != 0 && gate_send(run->gate, &lines) != WIRE_DONE)
            return false;
        if (step->pause > 0)
            poll(NULL, 0, (int)(step->pause / CLOCK_NS_PER_MS));
    }
    return true;
}

/** Starts the bootloader. */
static bool enter(struct run *run)
{
    return move_lines(run, 0, run->options->reset.exit) ||
           end(run, REPLAY_GONE, "DTR and RTS cannot be moved");
}

/* Who the device is */

/** Looks at what is new in the plan. */
static void look_at_plan(struct run *run)
{
    for (; run->known < run->plan->length; run->known++) {
        struct plan_command command;

        plan_get(run->plan, run->known, &command);
        flash_state_plan(&run->flash, &command.transaction);
        if (command.transaction.alternate < 64)
            run->alternates |= UINT64_C(1) << command.transaction.alternate;
    }
}

static bool take_identity(struct run *run, const struct host_identity *identity)
{
    const struct replay_options *options = run->options;
    char words[sizeof(run->result->words)];
    const enum identity_verdict verdict = identity_judge(
        run->plan, run->alternates, identity, gate_wire(run->gate), words, sizeof(words));

    if (verdict == IDENTITY_OTHER)
        return end(run, REPLAY_WRONG_DEVICE, "%s", words);
    if (verdict == IDENTITY_UNKNOWN && !options->accept_unknown)
        return end(run, REPLAY_REFUSED, "%s", words);
    if (run->identified)
        return true;
    run->identified = true;
    if (identity->pid_known)
        run->flash.product = btap_product_by_pid(identity->pid);
    if (options->identified != NULL && !options->identified(options->context, identity))
        return end(run, REPLAY_REFUSED, "nothing is sent to this device");
    look_at_plan(run);
    return true;
}

/** Asks the device who it is. */
static bool identify(struct run *run)
{
    struct host_identity identity = {.pid_known = false};

    switch (run->host->kind->identify(run->host, &identity, &run->answer)) {
    case HOST_ANSWERED:
        return take_identity(run, &identity);
    case HOST_GONE:
        return end(run, REPLAY_GONE, "the device did not tell who it is");
    case HOST_REFUSED:
        break;
    }
    return end(run, REPLAY_REFUSED, "the device is not asked who it is");
}

/** The answer to a Get ID of the plan tells it as well. */
static bool look_for_identity(struct run *run)
{
    const struct btap_transaction *answer = &run->answer.transaction;
    const struct host_identity identity = {.pid_known = true, .pid = answer->pid};

    if (answer->status != BTAP_OK || (answer->has & BTAP_HAS_PID) == 0)
        return true;
    /* It changes nothing yet, so that a product that is not known is none of its business. */
    if (btap_product_by_pid(answer->pid) == NULL && !run->options->accept_unknown &&
        (!run->plan->device.pid_known || run->plan->device.pid == answer->pid))
        return true;
    return take_identity(run, &identity);
}

/** The plan's device is that of its last Get ID; a capture that was put together has several. */
static bool is_recorded_product(struct run *run, const struct btap_transaction *recorded)
{
    const struct btap_transaction *answer = &run->answer.transaction;

    if (((recorded->has & answer->has) & BTAP_HAS_PID) == 0 || recorded->pid == answer->pid)
        return true;
    return end(run, REPLAY_WRONG_DEVICE,
               "this is another device: product id 0x%03" PRIx32 ", in transaction %" PRIu64
               " of the capture 0x%03" PRIx32,
               answer->pid, recorded->n, recorded->pid);
}

/* Beginning */

/** What a host begins with where the plan has nothing yet. */
static struct plan_command first_command(const struct plan *plan)
{
    struct plan_command first;

    if (plan->length > 0) {
        plan_get(plan, 0, &first);
        return first;
    }
    return host_own_command(plan->transport,
                            plan->transport == BTAP_DFU ? BTAP_GET_STATUS : BTAP_GET_ID);
}

static bool begin(struct run *run)
{
    const struct plan_command first = first_command(run->plan);
    const struct btap_transaction *answer = &run->answer.transaction;
    char outcome[BTAP_DESCRIBE_SIZE];

    switch (run->host->kind->begin(run->host, &first, &run->answer)) {
    case HOST_ANSWERED:
        break;
    case HOST_GONE:
        return end(run, REPLAY_GONE, "the device is gone before the first command");
    case HOST_REFUSED:
        return end(run, REPLAY_REFUSED, "the device cannot be brought to take commands");
    }
    if (answer->status != BTAP_OK && !btap_transaction_is_harmless(answer))
        return end(run, REPLAY_GONE, "no bootloader answers: %s %s; is it started (BOOT0, reset)?",
                   btap_command_label(answer->command),
                   btap_transaction_outcome(answer, outcome, sizeof(outcome)));
    if (run->plan->transport == BTAP_DFU ||
        (run->plan->length == 0 && run->options->identified != NULL))
        return identify(run);
    return true;
}

/* The commands of the plan */

/** The device took what is not sent to its end: any byte might be taken for more of it. */
static void tell_half(struct run *run, const struct plan_command *command)
{
    char name[NAME_SIZE];

    snprintf(
        run->result->half, sizeof(run->result->half),
        "%.120s waits half-sent: the device takes it, unlike the recorded one, and the capture "
        "holds no more of it; nothing more is sent; reset the device",
        name_of(command, name, sizeof(name)));
}

/** @return whether to go on */
static bool compare(struct run *run, size_t index, const struct plan_command *command)
{
    struct replay_result *result = run->result;
    char words[sizeof(result->words)] = "";
    char name[NAME_SIZE];

    if (answers_take(run->answers, command, &run->answer, words, sizeof(words)))
        return true;
    if (result->different++ == 0)
        result->first_different = index;
    if (run->answer.transaction.status == BTAP_INCOMPLETE)
        tell_half(run, command);
    else if (run->options->go_on)
        return true;
    return end(run, REPLAY_DIFFERENT, "%.120s: %.120s", name_of(command, name, sizeof(name)),
               words);
}

/** Whether no answer came as the user did not want to wait for it. @return false: it ends */
static bool is_waited_for(struct run *run, const struct plan_command *command)
{
    char name[NAME_SIZE];

    if (!interrupt_again || run->answer.transaction.status != BTAP_NO_REPLY)
        return true;
    return end(run, REPLAY_STOPPED,
               "stopped while %s was waited for: the device may be in the "
               "midst of it, and must be reset",
               name_of(command, name, sizeof(name)));
}

/** An erase that is silent before its list: which pages it has in hand only the plan tells. */
static bool is_silent_before_list(const struct plan_command *command,
                                  const struct btap_transaction *answer)
{
    return command->transaction.erase == BTAP_ERASE_PAGES && answer->list_length == 0 &&
           answer->status == BTAP_NO_REPLY && !reach_is_short(&command->transaction);
}

static void take_flash(struct run *run, const struct plan_command *command)
{
    struct btap_transaction outcome = run->answer.transaction;

    if (is_silent_before_list(command, &outcome)) {
        outcome = command->transaction;
        outcome.status = BTAP_NO_REPLY;
        outcome.phase = run->answer.transaction.phase;
    }
    flash_state_take(&run->flash, &outcome);
}

static bool take_answer(struct run *run, size_t index, const struct plan_command *command)
{
    take_flash(run, command);
    if (!is_waited_for(run, command))
        return false;
    run->result->sent++;
    if (command->transaction.command == BTAP_GET_ID &&
        !(look_for_identity(run) && is_recorded_product(run, &command->transaction)))
        return false;
    return compare(run, index, command);
}

static bool perform(struct run *run, size_t index, const struct plan_command *command)
{
    struct btap_transaction lost = command->transaction;
    char name[NAME_SIZE];
    enum host_end how;

    if (!gate_begin(run->gate, command))
        return end(run, REPLAY_REFUSED, "%s is not allowed", name_of(command, name, sizeof(name)));
    show(run, index, command);
    how = run->host->kind->perform(run->host, command, &run->answer);
    gate_end(run->gate);
    switch (how) {
    case HOST_ANSWERED:
        return take_answer(run, index, command);
    case HOST_GONE:
        lost.status = BTAP_DISCONNECTED;
        lost.phase = BTAP_PHASE_DATA;
        flash_state_take(&run->flash, &lost);
        return end(run, REPLAY_GONE, "the device is gone at %s",
                   name_of(command, name, sizeof(name)));
    case HOST_REFUSED:
        break;
    }
    return end(run, REPLAY_REFUSED, "%s is not sent", name_of(command, name, sizeof(name)));
}

/** What asks only may go to any device. */
static bool is_for_this_device(struct run *run, const struct plan_command *command)
{
    return (command->needs == 0 && command->risk == PLAN_ASKS) || run->identified || identify(run);
}

static bool play(struct run *run, size_t index)
{
    struct plan_command command;
    char name[NAME_SIZE];

    plan_get(run->plan, index, &command);
    if (!is_for_this_device(run, &command))
        return false;
    if (!wait_for(run, run->options->as_recorded ? command.pause : 0))
        return end(run, REPLAY_STOPPED, "stopped before %s", name_of(&command, name, sizeof(name)));
    return perform(run, index, &command);
}

static bool play_all(struct run *run)
{
    look_at_plan(run);
    if (!enter(run) || !begin(run))
        return false;
    for (size_t i = 0; i < run->plan->length; i++)
        if (!play(run, i))
            return false;
    return true;
}

/* Ending */

static void finish(struct run *run, bool all)
{
    struct replay_result *result = run->result;

    if (all && result->different > 0)
        end(run, REPLAY_DIFFERENT, "%" PRIu64 " of %zu answers are unlike the recorded ones",
            result->different, result->sent);
    if (!all)
        flash_state_words(&run->flash, result->flash, sizeof(result->flash));
    if (result->end == REPLAY_GONE)
        return;
    if (result->half[0] == '\0')
        run->host->kind->rest(run->host);
    move_lines(run, run->options->reset.exit, run->options->reset.length);
}

static const struct host_kind *kind_of(enum btap_transport transport)
{
    switch (transport) {
    case BTAP_USART:
        return &host_usart;
    case BTAP_DFU:
        return &host_dfu;
    case BTAP_FDCAN:
        return &host_fdcan;
    case BTAP_CAN:
        return &host_can;
    case BTAP_TRANSPORT_COUNT:
        break;
    }
    return NULL;
}

void replay_run(const struct plan *plan, struct gate *gate, const struct replay_options *options,
                struct answers *answers, bool (*stopped)(void), struct replay_result *result)
{
    struct run run = {
        .plan = plan,
        .gate = gate,
        .options = options,
        .answers = answers,
        .stopped = stopped,
        .result = result,
        .flash = {.product = plan->device.product,
                  .usb = gate_wire(gate)->usb,
                  .usb_interface = gate_wire(gate)->usb_interface},
    };

    *result = (struct replay_result){.end = REPLAY_SAME};
    run.answer.data = allocate(HOST_DATA_MAX);
    run.host = kind_of(plan->transport)->open(gate, &plan->device, &options->host);
    finish(&run, play_all(&run));
    status_line_clear();
    run.host->kind->close(run.host);
    flash_state_release(&run.flash);
    free(run.answer.data);
}
