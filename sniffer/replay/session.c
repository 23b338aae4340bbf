/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/session.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "base/outfile.h"
#include "live/privileges.h"
#include "replay/consent.h"
#include "replay/rate.h"
#include "replay/report.h"
#include "replay/risk.h"

#define OPCODE_ERASE          0x43
#define OPCODE_EXTENDED_ERASE 0x44

/** A replay under way. */
struct session_work {
    struct plan *plan;
    struct replay_request *request;
    char cause[CONSENT_WORDS_SIZE]; /**< why nothing was sent; "": something was */
    struct replay_result result;
    struct pairing pairing;
    bool watched;
    bool unprinted; /**< the report did not reach standard output: a message said so */
    struct watch_result watched_result;
    bool translated; /**< the device said who it is, and the commands were fitted to it */
    char verdict[BTAP_DIAGNOSIS_TEXT_SIZE]; /**< "": no session failed */

    /* The replay's traffic, decoded */
    struct side side;
    struct side_options side_options;
    struct compare_options compare;
    struct numbering same;
    struct numbering about;
    struct collector collector;
    struct btap_sink sink;
    struct firmware_check check; /**< nothing is expected */
};

/* Before anything is sent */

static bool refuse(struct session_work *work, const char *cause)
{
    snprintf(work->cause, sizeof(work->cause), "%s", cause);
    return false;
}

/** Whether the wire is the plan's. */
static bool fits_wire(struct session_work *work)
{
    const struct target *target = &work->request->target;
    const enum btap_transport wanted = work->plan->transport;
    const enum btap_transport taken = target_transport(target, wanted);
    char words[256];

    if (work->request->translation != NULL || taken == wanted)
        return true;
    snprintf(words, sizeof(words),
             "the capture's commands are those of %s, and %s takes those of %s; --translate plays "
             "what they did to memory",
             btap_transport_name(wanted), target->name, btap_transport_name(taken));
    message("%s: %s", work->plan->name, words);
    return refuse(work, words);
}

/** Whether replay can speak as the capture's host did. */
static bool speaks_so(struct session_work *work)
{
    static const char words[] =
        "its host sends a byte for each one of the device (an STM8 in reply "
        "mode), which replay does not: play it with stm8gal";

    if (!work->plan->device.reply_mode)
        return true;
    message("%s: %s", work->plan->name, words);
    return refuse(work, words);
}

/** Whether the interface may stay as it is, whatever bit rate a command sets the bus to. */
static bool fits_rate(struct session_work *work)
{
    const struct target *target = &work->request->target;
    char words[RATE_WORDS_SIZE];

    if (rate_fits(work->plan, &machine_here, target, words))
        return true;
    message("%s: %s", target->name, words);
    return refuse(work, words);
}

/** Whether all stands for it that can be known before the device is opened. */
static bool may_begin(struct session_work *work)
{
    struct replay_request *request = work->request;
    const struct translation *translation = request->translation;
    uint32_t needs = 0;

    if (!speaks_so(work) || !fits_wire(work) || !fits_rate(work))
        return false;
    if (translation != NULL) {
        const enum btap_transport transport = target_transport(&request->target, BTAP_FDCAN);

        needs = translation_needs(translation, transport);
        if (request->to != NULL && !request->watch.quiet)
            translation_print(translation, transport, request->json, request->to);
        translation_begin(translation, work->plan, transport);
    }
    if (!consent_given(work->plan, needs, &request->replay.permit, work->cause) ||
        !consent_ask(work->plan, &request->replay.permit, work->cause))
        return false;
    /* Whoever said yes on the terminal to a device that the capture does not tell. */
    if (!risk_knows_device(work->plan->transport, &work->plan->device))
        request->replay.accept_unknown = request->replay.permit.confirmed;
    if (work->plan->length > 0 || translation != NULL)
        return true;
    message("%s: no command is left to be sent", work->plan->name);
    return refuse(work, "no command is left to be sent");
}

/* The device is known */

/** The opcode of erases that the device's answer to Get lists; 0: it did not say. */
static uint8_t listed_erase(const struct session_work *work)
{
    struct unpacked *room = allocate(sizeof(*room));
    uint8_t opcode = 0;

    for (size_t i = 0; i < work->side.length; i++)
        for (size_t j = 0; j < work->side.links[i]->length; j++) {
            const struct btap_transaction *get = &room->transaction;

            steps_get(work->side.links[i], j, room);
            for (uint32_t k = 0; get->command == BTAP_GET && get->list_kind == BTAP_LIST_COMMANDS &&
                                 k < btap_transaction_list_kept(get);
                 k++)
                if (get->list[k] == OPCODE_ERASE || get->list[k] == OPCODE_EXTENDED_ERASE)
                    opcode = (uint8_t)get->list[k];
        }
    free(room);
    return opcode;
}

/** Fits the commands of a translation to the device, and checks them before any is sent. It is too
 * late to ask: the device waits. */
static bool translate(struct session_work *work)
{
    const struct replay_request *request = work->request;

    translation_finish(request->translation, work->plan, listed_erase(work));
    return consent_given(work->plan, 0, &request->replay.permit, work->cause) &&
           consent_confirmed(work->plan, &request->replay.permit, work->cause);
}

static bool on_identified(void *context, const struct host_identity *identity)
{
    struct session_work *work = context;
    struct plan_device *device = &work->plan->device;

    if (!identity->pid_known)
        return true;
    device->pid_known = true;
    device->pid = identity->pid;
    device->product = btap_product_by_pid(identity->pid);
    work->translated = true;
    return translate(work);
}

/** A USB device has said who it is when it is open. */
static bool knows_usb(struct session_work *work, const struct wire *wire)
{
    struct plan_device *device = &work->plan->device;

    if (work->request->translation == NULL || wire->usb == NULL)
        return true;
    device->usb_known = true;
    device->usb = *wire->usb;
    work->translated = true;
    return translate(work);
}

/* The replay */

static bool is_stopped(void)
{
    /* Signals are held back but while the program waits. */
    interrupt_poll(NULL, 0, 0);
    return interrupt_signal != 0;
}

static void arrange_watch(struct session_work *work)
{
    struct replay_request *request = work->request;
    struct watch_options *watch = &request->watch;

    work->side_options = (struct side_options){.last_packet = UINT64_MAX};
    work->compare = (struct compare_options){.comparison = btap_comparison_default()};
    work->collector = (struct collector){
        .side = &work->side,
        .options = &work->side_options,
        .compare = &work->compare,
        .same = &work->same,
        .about = &work->about,
    };
    work->sink = collector_sink(&work->collector);
    watch->name = request->target.name;
    watch->beside = &work->sink;
    watch->progress = !request->json;
    watch->shows_length = 0;
    if (!request->json || request->to == NULL)
        return;
    watch->shows_length = 1;
    watch->shows[0] = (struct show_options){
        .output = {.to = request->to, .json = true, .notes = true},
        .name = "standard output",
    };
}

/** The device did not say who it is in a way that is understood. */
static void refuse_unknown(struct session_work *work)
{
    work->result.end = REPLAY_REFUSED;
    refuse(work, "the device's product is not known, and so its memory layout: nothing is sent "
                 "that changes it");
    message("%s: %s", work->request->target.name, work->cause);
}

static void send(struct session_work *work, struct wire *wire, struct watch *watch)
{
    struct replay_request *request = work->request;
    struct answers answers;
    struct gate *gate =
        gate_new(wire, &request->replay.permit, &work->plan->device, watch_sink(watch));

    answers_init(&answers, &request->answers);
    if (request->translation != NULL && wire->usb == NULL) {
        request->replay.identified = on_identified;
        request->replay.context = work;
    }
    replay_run(work->plan, gate, &request->replay, &answers, is_stopped, &work->result);
    gate_free(gate);
    answers_release(&answers);
    if (request->translation != NULL && !work->translated && work->result.end == REPLAY_SAME)
        refuse_unknown(work);
}

/** The verdict of the first session that failed. */
static void take_verdict(struct session_work *work, struct sessions *sessions)
{
    for (size_t i = 0; i < sessions->length && work->verdict[0] == '\0'; i++) {
        const struct session *session = sessions_at(sessions, i);

        if (session_failed(&session->diagnosis))
            btap_verdict_text(&session->facts, &session->diagnosis, work->verdict,
                              sizeof(work->verdict));
    }
}

static struct report report_of(const struct session_work *work)
{
    return (struct report){
        .plan = work->plan,
        .result = &work->result,
        .pairing = work->watched ? &work->pairing : NULL,
        .target = work->request->target.name,
        .cause = work->cause[0] != '\0' ? work->cause : NULL,
        .verdict = work->verdict[0] != '\0' ? work->verdict : NULL,
        .context = work->request->context,
        .colour = work->request->colour,
        .quiet = work->request->watch.quiet,
    };
}

/** Says why it ended early, and in what state that leaves the flash memory. */
static void tell_end(const char *target, const struct replay_result *result)
{
    switch (result->end) {
    case REPLAY_SAME:
        return;
    case REPLAY_DIFFERENT:
        /* The report has said what. */
        if (result->half[0] != '\0')
            message("%s: %s", target, result->half);
        if (result->flash[0] != '\0')
            message("%s: %s", target, result->flash);
        return;
    case REPLAY_WRONG_DEVICE:
    case REPLAY_GONE:
    case REPLAY_STOPPED:
    case REPLAY_REFUSED:
        break;
    }
    if (result->words[0] != '\0')
        message("%s: %s%s%s", target, result->words, result->flash[0] != '\0' ? "; " : "",
                result->flash);
}

/** Says it here, while it is known why. */
static void flush_report(struct session_work *work, FILE *to)
{
    if (fflush(to) == 0 && ferror(to) == 0)
        return;
    message("standard output: %s", outfile_failure(to));
    work->unprinted = true;
}

/** Prints what came of it, before the verdict. */
static void print_report(struct session_work *work)
{
    const struct replay_request *request = work->request;
    const struct replay_result *result = &work->result;
    const struct report report = report_of(work);

    if (request->to != NULL && request->json)
        report_print_json(&report, request->to);
    else if (request->to != NULL)
        report_print_text(&report, request->to);
    if (request->to != NULL)
        flush_report(work, request->to);
    tell_end(request->target.name, result);
}

/** For programs: messages have told people. */
static void print_refusal(const struct session_work *work)
{
    const struct report report = report_of(work);

    if (work->request->to != NULL && work->request->json)
        report_print_json(&report, work->request->to);
}

/** Sends, watches, compares, judges. */
static void play(struct session_work *work, struct wire *wire, struct watch *watch)
{
    btap_ns until;

    send(work, wire, watch);
    until = clock_now();
    watch_end(watch, until);
    pairing_make(&work->pairing, work->plan, work->result.sent, &work->side,
                 &work->request->answers);
    work->watched = true;
    print_report(work);
    work->watched_result = watch_finish(watch, until);
    take_verdict(work, watch_sessions(watch));
}

/** Opens the device and plays. */
static void open_and_play(struct session_work *work)
{
    struct replay_request *request = work->request;
    struct wire *wire =
        target_open(&request->target, work->plan->transport, &work->plan->device.settings);
    struct watch *watch;

    if (wire == NULL) {
        refuse(work, "the device could not be opened");
        return;
    }
    /* A USB device that comes back must be opened again, by who may. */
    if ((wire->usb == NULL && !privileges_drop()) || !knows_usb(work, wire)) {
        if (work->cause[0] == '\0')
            refuse(work, "privileges could not be given up");
        wire_close(wire);
        return;
    }
    arrange_watch(work);
    watch = watch_new(&request->watch, &work->check);
    if (watch == NULL) {
        refuse(work, "the recording could not be written");
        wire_close(wire);
        return;
    }
    play(work, wire, watch);
    watch_free(watch);
}

/** What the run, and what shows of it in its traffic, come to. */
static int status_of(const struct session_work *work)
{
    const struct report report = report_of(work);

    if (!work->watched || work->watched_result.trouble || work->unprinted)
        return EXIT_TROUBLE;
    switch (work->result.end) {
    case REPLAY_SAME:
        return report_is_same(&report) ? EXIT_DONE : EXIT_FINDING;
    case REPLAY_DIFFERENT:
    case REPLAY_WRONG_DEVICE:
    case REPLAY_GONE:
    case REPLAY_STOPPED:
        return EXIT_FINDING;
    case REPLAY_REFUSED:
        break;
    }
    return EXIT_TROUBLE;
}

/** @return false if it could not be written */
static bool write_junit(const struct session_work *work)
{
    const struct report report = report_of(work);
    struct outfile out;

    if (work->request->junit == NULL)
        return true;
    if (!outfile_open(&out, work->request->junit))
        return false;
    report_print_junit(&report, out.stream);
    return outfile_finish(&out);
}

static void release(struct session_work *work)
{
    pairing_release(&work->pairing);
    collector_release(&work->collector);
    side_release(&work->side);
    numbering_release(&work->same);
    numbering_release(&work->about);
    free(work);
}

/** Whether a recording can be begun, as far as it can be known before the device is opened: to open
 * a serial port already moves its lines. A file that is there is written over in its place. */
static bool can_record(const char *path)
{
    struct stat status;

    return path == NULL || strcmp(path, RECORDER_STDOUT) == 0 ||
           (stat(path, &status) == 0 && !S_ISDIR(status.st_mode)) || outfile_check(path);
}

/** Whether standard output is for a recording, or a report, alone. */
static bool output_is_taken(const struct replay_request *request)
{
    const char *recording = request->watch.record.path;

    return (recording != NULL && strcmp(recording, RECORDER_STDOUT) == 0) ||
           (request->junit != NULL && strcmp(request->junit, OUTFILE_STDOUT) == 0);
}

static struct session_work *begin(struct plan *plan, struct replay_request *request)
{
    struct session_work *work = allocate(sizeof(*work));

    work->plan = plan;
    work->request = request;
    work->result.end = REPLAY_REFUSED;
    if (output_is_taken(request))
        request->to = NULL;
    return work;
}

/** Reports and ends. @return an exit status */
static int end(struct session_work *work)
{
    int status;

    if (!work->watched)
        print_refusal(work);
    status = status_of(work);
    if (!write_junit(work))
        status = EXIT_TROUBLE;
    release(work);
    return status;
}

/** Whether all can be written that is asked for. */
static bool can_write(struct session_work *work)
{
    struct replay_request *request = work->request;

    if (request->junit != NULL && !outfile_check(request->junit)) {
        refuse(work, message_last());
        request->junit = NULL;
        return false;
    }
    return can_record(request->watch.record.path) || refuse(work, message_last());
}

int replay_to(struct plan *plan, struct replay_request *request)
{
    struct session_work *work = begin(plan, request);
    sigset_t waiting;

    /* The device is left between commands, whatever happens to who reads and writes. */
    signal(SIGPIPE, SIG_IGN);
    if (can_write(work) && may_begin(work)) {
        interrupt_catch_waiting(&waiting);
        open_and_play(work);
    }
    return end(work);
}

void replay_refuse(struct plan *plan, struct replay_request *request, const char *words)
{
    struct session_work *work = begin(plan, request);

    refuse(work, words);
    end(work);
}
