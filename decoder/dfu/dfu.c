/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The life of a DFU transaction: which request begins one, which belongs to it, how it ends
 * (DFU 1.1 section 6.1, AN3156 sections 4 and 5).
 */
#include "boottap/dfu.h"

#include "dfu/internal.h"

#define NS_PER_MS 1000000

/* Standard request SET_CONFIGURATION (USB 2.0 section 9.4.7) */
#define SET_CONFIGURATION_TYPE    0x00
#define SET_CONFIGURATION_REQUEST 0x09

/** bmAttributes of the functional descriptor: bitManifestationTolerant. */
#define MANIFESTATION_TOLERANT 0x04

/** What a GETSTATUS answer's state means for the DNLOAD that it follows. */
enum verdict {
    ODD, /* not a state that it can lead to */
    WAIT,
    DONE,
    FAILED,
};

/** The three ways in which a DNLOAD goes on. */
enum kind {
    COMMAND,      /* AN3156 figures 7 to 10, and a block of a plain download */
    LEAVE,        /* AN3156 section 5.5: dfuMANIFEST, then the device is gone */
    MANIFESTATION /* DFU 1.1 section 7: a plain download ends */
};

static const enum verdict verdicts[][DFU_STATES] = {
    [COMMAND] = {[DFU_IDLE] = DONE,
                 [DFU_DNLOAD_SYNC] = WAIT,
                 [DFU_DNBUSY] = WAIT,
                 [DFU_DNLOAD_IDLE] = DONE,
                 [DFU_ERROR_STATE] = FAILED},
    [LEAVE] = {[DFU_DNLOAD_SYNC] = WAIT,
               [DFU_DNBUSY] = WAIT,
               [DFU_MANIFEST_SYNC] = WAIT,
               [DFU_MANIFEST] = DONE,
               [DFU_MANIFEST_WAIT_RESET] = DONE,
               [DFU_ERROR_STATE] = FAILED},
    [MANIFESTATION] = {[DFU_IDLE] = DONE,
                       [DFU_DNLOAD_SYNC] = WAIT,
                       [DFU_DNBUSY] = WAIT,
                       [DFU_MANIFEST_SYNC] = WAIT,
                       [DFU_MANIFEST] = WAIT,
                       [DFU_MANIFEST_WAIT_RESET] = DONE,
                       [DFU_ERROR_STATE] = FAILED},
};

/** Where a transaction is that ends for no reason of its own. */
static const enum btap_phase open_phases[] = {
    [BTAP_DFU_REQUESTED] = BTAP_PHASE_REQUEST,
    [BTAP_DFU_ACCEPTED] = BTAP_PHASE_STATUS,
    [BTAP_DFU_WORKING] = BTAP_PHASE_OPERATION,
};

/** The command of a request that is not DNLOAD or UPLOAD. */
static const enum btap_command commands[DFU_REQUESTS] = {
    [DFU_DETACH] = BTAP_DETACH,
    [DFU_GETSTATUS] = BTAP_GET_STATUS,
    [DFU_CLRSTATUS] = BTAP_CLEAR_STATUS,
    [DFU_GETSTATE] = BTAP_GET_STATE,
    [DFU_ABORT] = BTAP_ABORT,
};

static void start_session(struct btap_dfu *dfu)
{
    dfu->state = BTAP_DFU_STATE_UNKNOWN;
    dfu->present = false;
    dfu->transferred = false;
    dfu->cleared = false;
    dfu->exit_expected = false;
    dfu->pointer_set = false;
    dfu->pointer_uncertain = false;
    dfu->manifesting = false;
    dfu->image_first = 0;
    dfu->image_block = 0;
    dfu->image_last = 0;
    dfu->image_rounds = 0;
    dfu->asked_known = false;
    dfu->asked = 0;
    dfu->pointer = dfu->options.default_address;
}

void btap_dfu_init(struct btap_dfu *dfu, const struct btap_sink *sink, struct btap_link *link,
                   const struct btap_usb_device *device, const struct btap_dfu_options *options)
{
    emit_init(&dfu->emitter, sink, link);
    dfu->device = device;
    dfu->options = options != NULL
                       ? *options
                       : (struct btap_dfu_options){.default_address = BTAP_DFU_DEFAULT_ADDRESS};
    dfu->certain = false;
    dfu->replaying = false;
    dfu->payload_gone = false;
    dfu->held_length = 0;
    dfu->described = false;
    dfu->dialect_told = false;
    dfu->region_known = false;
    dfu->spoken_dialect = BTAP_DFU_DIALECT_UNKNOWN;
    dfu->largest_block = 0;
    dfu->assumed_size = 0;
    start_session(dfu);
}

/** Whether the device came up before the capture began: it may have had any command. */
static bool joined_late(const struct btap_dfu *dfu)
{
    return dfu->device->selected_configuration == 0;
}

static bool is_open(const struct btap_dfu *dfu)
{
    return dfu->emitter.open;
}

/** Whether the open transaction is a DNLOAD, to which GETSTATUS requests belong. */
static bool download_open(const struct btap_dfu *dfu)
{
    return is_open(dfu) && dfu->request == DFU_DNLOAD;
}

static enum kind open_kind(const struct btap_dfu *dfu)
{
    const struct btap_transaction *transaction = &dfu->emitter.transaction;

    if (transaction->command == BTAP_LEAVE)
        return LEAVE;
    return transaction->command == BTAP_DOWNLOAD && transaction->length == 0 ? MANIFESTATION
                                                                             : COMMAND;
}

/** What DNLOADs need to be judged by the clock. */
static bool lacks_times(const struct btap_dfu *dfu)
{
    return emit_lacks(&dfu->emitter, BTAP_LACKS_TIMES | BTAP_LACKS_POLL_TIMES);
}

/** AN3156 section 5.2: a Set Address Pointer is executed with the GETSTATUS that follows. */
static void move_pointer(struct btap_dfu *dfu, enum btap_status status)
{
    const struct btap_transaction *transaction = &dfu->emitter.transaction;
    /* Where the file need not hold the GETSTATUS, it was sent most likely. */
    const bool unlogged =
        emit_lacks(&dfu->emitter, BTAP_LACKS_REPLIES) && status == BTAP_INCOMPLETE;
    const bool triggered = dfu->poll != BTAP_DFU_POLL_NONE || unlogged;

    if (transaction->command != BTAP_SET_ADDRESS || !(transaction->has & BTAP_HAS_ADDRESS))
        return;
    if (status != BTAP_OK && status != BTAP_INCOMPLETE && status != BTAP_NO_REPLY)
        return;
    dfu->pointer_uncertain = status != BTAP_OK && !unlogged;
    if (!triggered)
        return;
    dfu->pointer = transaction->address;
    dfu->pointer_set = true;
}

static void end(struct btap_dfu *dfu, enum btap_status status, enum btap_phase phase)
{
    move_pointer(dfu, status);
    emit_end(&dfu->emitter, status, phase);
}

/** The device is gone, and should be: the open transaction ends well. */
static void end_by_exit(struct btap_dfu *dfu, const struct btap_origin *at)
{
    const struct btap_transaction *transaction = &dfu->emitter.transaction;

    if (transaction->command == BTAP_LEAVE && transaction->polls == 0)
        emit_note(&dfu->emitter, BTAP_NOTE_LEAVE_WITHOUT_GETSTATUS, at, 0, 0, 0);
    emit_note(&dfu->emitter, BTAP_NOTE_DEVICE_LEFT, at, 0, 0, 0);
    dfu->exit_expected = true;
    end(dfu, BTAP_OK, BTAP_PHASE_NONE);
}

/** DFU 1.1 section 7.1: a device that is not manifestation tolerant answers no more. */
static void end_manifestation(struct btap_dfu *dfu)
{
    if (!dfu->manifesting)
        return;
    dfu->manifesting = false;
    end(dfu, BTAP_OK, BTAP_PHASE_NONE);
}

/** Whether a transfer failed as it does where the device is no longer there. */
static bool absent(enum btap_usb_status status)
{
    return status == BTAP_USB_GONE || status == BTAP_USB_BUS_ERROR || status == BTAP_USB_TIMEOUT ||
           status == BTAP_USB_CANCELLED || status == BTAP_USB_OTHER;
}

static uint8_t alternate_in_force(const struct btap_dfu *dfu, uint16_t interface)
{
    const struct btap_usb_device *device = dfu->device;

    return device->alternate_known && device->selected_interface == interface ? device
                                                                                    ->selected_alternate
                                                                              : 0;
}

static enum btap_note_id wrong_state_note(uint8_t state, uint8_t request)
{
    switch ((enum dfu_state)state) {
    case DFU_ERROR_STATE:
        return BTAP_NOTE_REQUEST_IN_ERROR_STATE;
    case DFU_DNLOAD_SYNC:
    case DFU_DNBUSY:
    case DFU_MANIFEST_SYNC:
    case DFU_MANIFEST:
    case DFU_MANIFEST_WAIT_RESET:
        return BTAP_NOTE_REQUEST_WHILE_BUSY;
    case DFU_DNLOAD_IDLE:
        return request == DFU_UPLOAD ? BTAP_NOTE_ABORT_MISSING : BTAP_NOTE_REQUEST_IN_WRONG_STATE;
    case DFU_UPLOAD_IDLE:
        return request == DFU_DNLOAD ? BTAP_NOTE_ABORT_MISSING : BTAP_NOTE_REQUEST_IN_WRONG_STATE;
    case DFU_APP_IDLE:
    case DFU_APP_DETACH:
    case DFU_IDLE:
    case DFU_STATES:
        break;
    }
    return BTAP_NOTE_REQUEST_IN_WRONG_STATE;
}

static void check_state(struct btap_dfu *dfu, const struct btap_usb_control *control,
                        enum btap_dfu_dialect dialect)
{
    const uint8_t state = dfu->state;
    enum btap_note_id id;
    bool allowed;

    dfu->next_state = dfu_next_state(state, &control->setup, dialect, &allowed);
    if (allowed)
        return;
    id = wrong_state_note(state, control->setup.request);
    emit_note(&dfu->emitter, id, &control->at, id == BTAP_NOTE_REQUEST_IN_WRONG_STATE ? state : 0,
              0, 0);
}

static void begin(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    const uint8_t request = control->setup.request;
    const bool block = request == DFU_DNLOAD || request == DFU_UPLOAD;
    const enum btap_dfu_dialect dialect = dfu_settle_dialect(dfu, control);
    struct btap_transaction *transaction = emit_begin(
        &dfu->emitter, block ? dfu_command(control, dialect) : commands[request], &control->at);

    transaction->alternate = alternate_in_force(dfu, control->setup.index);
    /* Hosts ask for the state before they transfer (AN3156 sections 4 and 5): that is missing. */
    dfu->pointer_uncertain |= block && !dfu->present && joined_late(dfu);
    dfu->present = true;
    dfu->request = request;
    dfu->step = BTAP_DFU_REQUESTED;
    dfu->poll = BTAP_DFU_POLL_NONE;
    dfu->resets = false;
    dfu->manifesting = false;
    dfu->early_told = false;
    dfu->busy_answers = 0;
    dfu_setup_spans(dfu, control);
    if (request == DFU_DNLOAD)
        dfu_take_download(dfu, control, dialect);
    else if (request == DFU_UPLOAD)
        dfu_take_upload(dfu, control);
    check_state(dfu, control, dialect);
}

/** The outcome of the open transaction's own request is not in the capture. */
static void end_unseen(struct btap_dfu *dfu, const struct btap_origin *at, enum btap_phase phase)
{
    emit_note(&dfu->emitter, BTAP_NOTE_COMPLETION_MISSING, at, 0, 0, 0);
    end(dfu, BTAP_INCOMPLETE, phase);
}

/** The host went on to another request while the device was at work, as far as is known. */
static void end_at_work(struct btap_dfu *dfu, const struct btap_usb_control *next)
{
    const btap_ns waited = next->at.time > dfu->answered ? next->at.time - dfu->answered : 0;

    emit_note(&dfu->emitter,
              next->setup.request == DFU_CLRSTATUS ? BTAP_NOTE_BUSY_CLEARED : BTAP_NOTE_STILL_BUSY,
              &next->at, (uint32_t)(waited / NS_PER_MS), dfu->wait_ms, !lacks_times(dfu));
    end(dfu, BTAP_NO_REPLY, BTAP_PHASE_OPERATION);
}

/** The same, where the file need not hold the GETSTATUS that told the outcome. */
static void end_unlogged(struct btap_dfu *dfu, const struct btap_origin *at)
{
    emit_note(&dfu->emitter, BTAP_NOTE_ANSWER_NOT_LOGGED, at, 0, 0, 0);
    dfu->state = BTAP_DFU_STATE_UNKNOWN;
    end(dfu, BTAP_INCOMPLETE, open_phases[dfu->step]);
}

/** Whether the outcome of the open DNLOAD may have been told without being in the file. */
static bool may_be_unlogged(const struct btap_dfu *dfu)
{
    return emit_lacks(&dfu->emitter, BTAP_LACKS_REPLIES) && dfu->step != BTAP_DFU_REQUESTED &&
           (dfu->poll == BTAP_DFU_POLL_NONE || dfu->poll == BTAP_DFU_POLL_ANSWERED);
}

/** Another request follows that does not belong to the open transaction. */
static void give_up(struct btap_dfu *dfu, const struct btap_usb_control *next)
{
    if (dfu->step == BTAP_DFU_REQUESTED) {
        end_unseen(dfu, &next->at, BTAP_PHASE_REQUEST);
        return;
    }
    if (may_be_unlogged(dfu)) {
        end_unlogged(dfu, &next->at);
        return;
    }
    switch (dfu->poll) {
    case BTAP_DFU_POLL_NONE:
        emit_note(&dfu->emitter, BTAP_NOTE_NOT_TRIGGERED, &next->at, 0, 0, 0);
        end(dfu, BTAP_NO_REPLY, BTAP_PHASE_STATUS);
        break;
    case BTAP_DFU_POLL_PENDING:
        end_unseen(dfu, &next->at, BTAP_PHASE_STATUS);
        break;
    case BTAP_DFU_POLL_ANSWERED:
        end_at_work(dfu, next);
        break;
    case BTAP_DFU_POLL_STALLED:
        end(dfu, BTAP_STALL, BTAP_PHASE_STATUS);
        break;
    case BTAP_DFU_POLL_FAILED:
    case BTAP_DFU_POLL_UNREADABLE:
        end(dfu, BTAP_NO_REPLY, BTAP_PHASE_STATUS);
        break;
    }
}

static void count_poll(struct btap_dfu *dfu)
{
    dfu->emitter.transaction.polls++;
    dfu->emitter.transaction.has |= BTAP_HAS_POLLS;
}

static void note_early_poll(struct btap_dfu *dfu, const struct btap_origin *at)
{
    const btap_ns waited = at->time - dfu->answered;

    if (dfu->poll != BTAP_DFU_POLL_ANSWERED || dfu->early_told || lacks_times(dfu) || waited < 0 ||
        waited >= (btap_ns)dfu->wait_ms * NS_PER_MS)
        return;
    dfu->early_told = true;
    emit_note(&dfu->emitter, BTAP_NOTE_POLLED_EARLY, at, (uint32_t)(waited / NS_PER_MS),
              dfu->wait_ms, 0);
}

static void submit_poll(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    dfu->manifesting = false;
    emit_touch(&dfu->emitter, &control->at);
    dfu_setup_spans(dfu, control);
    if (dfu->step == BTAP_DFU_REQUESTED) {
        emit_note(&dfu->emitter, BTAP_NOTE_COMPLETION_MISSING, &control->at, 0, 0, 0);
        dfu->step = BTAP_DFU_ACCEPTED;
    }
    note_early_poll(dfu, &control->at);
    count_poll(dfu);
    dfu->poll = BTAP_DFU_POLL_PENDING;
}

static void fail_poll(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    const enum btap_phase phase =
        dfu->step == BTAP_DFU_WORKING ? BTAP_PHASE_OPERATION : BTAP_PHASE_STATUS;
    const bool manifesting = dfu->state == DFU_MANIFEST;

    dfu->state = BTAP_DFU_STATE_UNKNOWN;
    if (control->status == BTAP_USB_STALL) {
        /* In dfuMANIFEST it is what was started that does not answer. */
        if (!manifesting)
            emit_note(&dfu->emitter, BTAP_NOTE_GETSTATUS_STALLED, &control->at, 0, 0, 0);
        dfu->poll = BTAP_DFU_POLL_STALLED;
    } else if (dfu->resets && absent(control->status)) {
        end_by_exit(dfu, &control->at);
    } else if (control->status == BTAP_USB_GONE) {
        end(dfu, BTAP_DISCONNECTED, phase);
    } else {
        dfu_note_failure(dfu, control);
        dfu->poll = BTAP_DFU_POLL_FAILED;
    }
}

/** From the first answer in dfuDNBUSY to this one. */
static void measure_busy(struct btap_dfu *dfu, const struct btap_origin *at, uint8_t state)
{
    if (state == DFU_DNBUSY && dfu->busy_answers++ == 0)
        dfu->busy_since = at->time;
    if (dfu->busy_answers > 0 && at->time > dfu->busy_since)
        dfu->emitter.transaction.busy = at->time - dfu->busy_since;
}

/** What the way to a good end shows of the device. */
static void note_manners(struct btap_dfu *dfu, const struct btap_origin *at)
{
    const struct btap_transaction *transaction = &dfu->emitter.transaction;

    if (transaction->command == BTAP_ERASE && dfu->busy_answers > 1 && !lacks_times(dfu) &&
        transaction->busy > (btap_ns)transaction->poll_timeout_ms * NS_PER_MS)
        emit_note(&dfu->emitter, BTAP_NOTE_BUSY_LONGER_THAN_STATED, at,
                  (uint32_t)(transaction->busy / NS_PER_MS), transaction->poll_timeout_ms, 0);
    if (transaction->command != BTAP_DOWNLOAD && open_kind(dfu) == COMMAND &&
        transaction->polls == 1 && dfu->busy_answers == 0)
        emit_note(&dfu->emitter, BTAP_NOTE_NO_BUSY_STATE, at, 0, 0, 0);
}

/** DFU 1.1 section 7: from these states the device resets. */
static bool leads_to_exit(uint8_t state)
{
    return state == DFU_MANIFEST || state == DFU_MANIFEST_WAIT_RESET;
}

static enum verdict judge(const struct btap_dfu *dfu, uint8_t state)
{
    const struct btap_dfu_functional *functional = &dfu->device->dfu;
    const enum kind kind = open_kind(dfu);

    /* DFU 1.1 section 7.1: such a device does not answer any more. */
    if (kind == MANIFESTATION && state == DFU_MANIFEST && functional->known &&
        !(functional->attributes & MANIFESTATION_TOLERANT))
        return DONE;
    return verdicts[kind][state];
}

static void follow_answer(struct btap_dfu *dfu, const struct btap_origin *at,
                          const struct dfu_answer *answer)
{
    measure_busy(dfu, at, answer->state);
    switch (judge(dfu, answer->state)) {
    case WAIT:
        dfu->step = BTAP_DFU_WORKING;
        break;
    case DONE:
        note_manners(dfu, at);
        dfu->exit_expected = leads_to_exit(answer->state);
        dfu->step = BTAP_DFU_WORKING;
        dfu->manifesting = answer->state == DFU_MANIFEST && open_kind(dfu) == MANIFESTATION;
        if (!dfu->manifesting)
            end(dfu, BTAP_OK, BTAP_PHASE_NONE);
        break;
    case FAILED:
        dfu_note_error(dfu, at, answer->status);
        end(dfu, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
        break;
    case ODD:
        emit_note(&dfu->emitter, BTAP_NOTE_UNEXPECTED_STATE, at, answer->state, 0, 0);
        end(dfu, BTAP_BAD_REPLY, BTAP_PHASE_STATUS);
        break;
    }
}

static void complete_poll(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    struct dfu_answer answer;

    if (dfu->poll != BTAP_DFU_POLL_PENDING)
        count_poll(dfu);
    dfu->manifesting = false;
    emit_touch(&dfu->emitter, &control->at);
    if (control->status != BTAP_USB_OK) {
        fail_poll(dfu, control);
        return;
    }
    if (!dfu_take_status(dfu, control, &answer)) {
        dfu->poll = BTAP_DFU_POLL_UNREADABLE;
        return;
    }
    dfu->poll = BTAP_DFU_POLL_ANSWERED;
    dfu->answered = control->at.time;
    dfu->wait_ms = answer.poll_timeout_ms;
    follow_answer(dfu, &control->at, &answer);
}

static void fail_request(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    const enum btap_command command = dfu->emitter.transaction.command;
    const bool leaving =
        (command == BTAP_LEAVE || command == BTAP_DETACH) &&
        (control->status == BTAP_USB_GONE || control->status == BTAP_USB_BUS_ERROR);

    if (control->status == BTAP_USB_STALL) {
        if (command == BTAP_CLEAR_STATUS && dfu->state < DFU_STATES &&
            dfu->state != DFU_ERROR_STATE)
            emit_note(&dfu->emitter, BTAP_NOTE_CLEAR_STATUS_STALLED, &control->at, 0, 0, 0);
        end(dfu, BTAP_STALL, BTAP_PHASE_REQUEST);
    } else if (leaving || (dfu->exit_expected && absent(control->status))) {
        end_by_exit(dfu, &control->at);
    } else if (control->status == BTAP_USB_GONE) {
        end(dfu, BTAP_DISCONNECTED, BTAP_PHASE_REQUEST);
    } else {
        dfu_note_failure(dfu, control);
        end(dfu, BTAP_NO_REPLY, BTAP_PHASE_REQUEST);
    }
    dfu->state = BTAP_DFU_STATE_UNKNOWN;
}

/** An answer that makes no sense, be it for a record that was cut. */
static void end_malformed(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    end(dfu, control->captured < control->length ? BTAP_INCOMPLETE : BTAP_BAD_REPLY,
        BTAP_PHASE_REPLY);
}

/** A state to which nothing in the capture leads: what led there may have set the pointer. */
static void note_unseen_command(struct btap_dfu *dfu, const struct btap_origin *at, uint8_t before)
{
    const bool joined = before == BTAP_DFU_STATE_UNKNOWN && !dfu->transferred && joined_late(dfu);

    switch ((enum dfu_state)dfu->state) {
    case DFU_DNBUSY:
        if (!joined && before != DFU_IDLE && before != DFU_DNLOAD_IDLE)
            return;
        emit_note(&dfu->emitter, BTAP_NOTE_COMMAND_MISSING, at, 0, 0, 0);
        dfu->pointer_uncertain = true;
        return;
    case DFU_DNLOAD_SYNC:
    case DFU_DNLOAD_IDLE:
    case DFU_UPLOAD_IDLE:
        dfu->pointer_uncertain |= joined;
        return;
    case DFU_APP_IDLE:
    case DFU_APP_DETACH:
    case DFU_IDLE:
    case DFU_MANIFEST_SYNC:
    case DFU_MANIFEST:
    case DFU_MANIFEST_WAIT_RESET:
    case DFU_ERROR_STATE:
    case DFU_STATES:
        return;
    }
}

/** A device that said dfuMANIFEST to Leave, and answers as before. */
static void note_return(struct btap_dfu *dfu, const struct btap_origin *at, uint8_t before)
{
    if (before != DFU_MANIFEST || dfu->state != DFU_IDLE || at->time < dfu->answered ||
        emit_lacks(&dfu->emitter, BTAP_LACKS_TIMES))
        return;
    emit_note(&dfu->emitter, BTAP_NOTE_BACK_IN_BOOTLOADER, at,
              (uint32_t)((at->time - dfu->answered) / NS_PER_MS), 0, 0);
}

/** A GETSTATUS that belongs to no DNLOAD. */
static void take_lone_status(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    const uint8_t before = dfu->state;
    struct dfu_answer answer;

    if (!dfu_take_status(dfu, control, &answer)) {
        end_malformed(dfu, control);
        return;
    }
    if (answer.status == DFU_ERR_FIRMWARE && !dfu->transferred && !dfu->cleared)
        emit_note(&dfu->emitter, BTAP_NOTE_FIRMWARE_CORRUPT_AT_START, &control->at, 0, 0, 0);
    else
        dfu_note_error(dfu, &control->at, answer.status);
    note_unseen_command(dfu, &control->at, before);
    note_return(dfu, &control->at, before);
    dfu->exit_expected = leads_to_exit(answer.state);
    end(dfu, BTAP_OK, BTAP_PHASE_NONE);
}

static void take_lone_state(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    if (!dfu_take_state(dfu, control)) {
        end_malformed(dfu, control);
        return;
    }
    dfu->emitter.transaction.has |= BTAP_HAS_DFU_STATE;
    dfu->emitter.transaction.dfu_state = dfu->state;
    end(dfu, BTAP_OK, BTAP_PHASE_NONE);
}

static void take_upload_done(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    const bool memory = dfu->emitter.transaction.command != BTAP_GET;

    dfu_take_uploaded(dfu, control);
    dfu->transferred = true;
    /* After Get and after the last, short block devices differ. */
    dfu->state = memory && control->length == control->setup.length ? dfu->next_state
                                                                    : BTAP_DFU_STATE_UNKNOWN;
    end(dfu, BTAP_OK, BTAP_PHASE_NONE);
}

static void complete_request(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    emit_touch(&dfu->emitter, &control->at);
    if (control->status != BTAP_USB_OK) {
        fail_request(dfu, control);
        return;
    }
    switch ((enum dfu_request)control->setup.request) {
    case DFU_GETSTATUS:
        take_lone_status(dfu, control);
        return;
    case DFU_GETSTATE:
        take_lone_state(dfu, control);
        return;
    case DFU_UPLOAD:
        take_upload_done(dfu, control);
        return;
    case DFU_DNLOAD:
        dfu->step = BTAP_DFU_ACCEPTED;
        dfu->transferred = true;
        dfu->state = dfu->next_state;
        return;
    case DFU_DETACH:
    case DFU_CLRSTATUS:
    case DFU_ABORT:
    case DFU_REQUESTS:
        break;
    }
    dfu->exit_expected = control->setup.request == DFU_DETACH;
    dfu->cleared |= control->setup.request == DFU_CLRSTATUS;
    dfu->state = dfu->next_state;
    end(dfu, BTAP_OK, BTAP_PHASE_NONE);
}

static void submit(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    if (download_open(dfu) && control->setup.request == DFU_GETSTATUS) {
        submit_poll(dfu, control);
        return;
    }
    /* GETSTATE neither triggers a command nor ends it, unless an answer was missed that did. */
    if (download_open(dfu) && control->setup.request == DFU_GETSTATE &&
        dfu->poll != BTAP_DFU_POLL_PENDING) {
        emit_touch(&dfu->emitter, &control->at);
        dfu_setup_spans(dfu, control);
        return;
    }
    end_manifestation(dfu);
    if (is_open(dfu))
        give_up(dfu, control);
    begin(dfu, control);
}

/** A completion whose submission the decoder did not get: made up for from what it tells. */
static void submit_late(struct btap_dfu *dfu, const struct btap_usb_control *completion)
{
    const bool out = completion->setup.request == DFU_DNLOAD;
    struct btap_usb_control control = *completion;

    control.data = out ? completion->sent : NULL;
    control.captured = out ? completion->sent_length : 0;
    control.length = control.captured;
    dfu->payload_gone = true;
    submit(dfu, &control);
    dfu->payload_gone = false;
    emit_note(&dfu->emitter, BTAP_NOTE_SUBMISSION_MISSING, &completion->at, 0, 0, 0);
}

/** Whether a completion is that of the open transaction's own request. */
static bool completes_own(const struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    return is_open(dfu) && dfu->step == BTAP_DFU_REQUESTED &&
           dfu->request == control->setup.request;
}

static void complete(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    if (!completes_own(dfu, control)) {
        if (download_open(dfu) && control->setup.request == DFU_GETSTATUS) {
            complete_poll(dfu, control);
            return;
        }
        if (download_open(dfu) && control->setup.request == DFU_GETSTATE) {
            emit_touch(&dfu->emitter, &control->at);
            if (control->status == BTAP_USB_OK)
                (void)dfu_take_state(dfu, control);
            return;
        }
        submit_late(dfu, control);
    }
    complete_request(dfu, control);
}

/** It is DFU: so were the held requests to the same interface. */
static void convince(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    dfu->certain = true;
    dfu->interface = control->setup.index;
    dfu->replaying = true;
    for (uint8_t i = 0; i < dfu->held_length; i++) {
        const struct btap_usb_control held = dfu_unhold(&dfu->held[i]);

        if (held.setup.index != dfu->interface)
            continue;
        if (dfu->held[i].completion)
            complete(dfu, &held);
        else
            submit(dfu, &held);
    }
    dfu->replaying = false;
    dfu->held_length = 0;
}

/** Makes certain, as far as this half can. @return whether it is */
static bool recognise(struct btap_dfu *dfu, const struct btap_usb_control *control, bool completion)
{
    if (dfu->certain)
        return true;
    if (!dfu_convinces(dfu, control, completion)) {
        dfu_hold(dfu, control, completion);
        return false;
    }
    convince(dfu, control);
    return true;
}

bool btap_dfu_leaving(const struct btap_dfu *dfu)
{
    return is_open(dfu) && dfu->resets && dfu->step != BTAP_DFU_REQUESTED;
}

/** The device is no longer there, or starts anew. */
static void depart(struct btap_dfu *dfu, const struct btap_origin *at)
{
    end_manifestation(dfu);
    if (is_open(dfu)) {
        const enum btap_command command = dfu->emitter.transaction.command;

        emit_touch(&dfu->emitter, at);
        if (btap_dfu_leaving(dfu) || command == BTAP_LEAVE || command == BTAP_DETACH)
            end_by_exit(dfu, at);
        else
            end(dfu, BTAP_DISCONNECTED, open_phases[dfu->step]);
    }
    dfu->held_length = 0;
    start_session(dfu);
}

/** A completion without its setup packet: only GETSTATUS answers can be told by their looks. */
static void guess(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    if (!download_open(dfu) || dfu->poll == BTAP_DFU_POLL_PENDING ||
        control->status != BTAP_USB_OK ||
        !dfu_status_plausible(control->data, control->captured, control->length))
        return;
    emit_note(&dfu->emitter, BTAP_NOTE_SUBMISSION_MISSING, &control->at, 0, 0, 0);
    complete_poll(dfu, control);
}

static void take_other(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    dfu->described = false;
    dfu->region_known = false;
    if (control->status == BTAP_USB_GONE)
        btap_dfu_disconnected(dfu, &control->at);
    else if (control->setup.request_type == SET_CONFIGURATION_TYPE &&
             control->setup.request == SET_CONFIGURATION_REQUEST && control->status == BTAP_USB_OK)
        depart(dfu, &control->at);
}

void btap_dfu_submission(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    if (!control->setup_known || !dfu_ours(dfu, &control->setup))
        return;
    if (recognise(dfu, control, false))
        submit(dfu, control);
}

void btap_dfu_completion(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    if (!control->setup_known)
        guess(dfu, control);
    else if (!dfu_ours(dfu, &control->setup))
        take_other(dfu, control);
    else if (recognise(dfu, control, true))
        complete(dfu, control);
}

void btap_dfu_disconnected(struct btap_dfu *dfu, const struct btap_origin *at)
{
    end_manifestation(dfu);
    if (dfu->present && !is_open(dfu))
        emit_note(&dfu->emitter, dfu->exit_expected ? BTAP_NOTE_DEVICE_LEFT : BTAP_NOTE_DEVICE_GONE,
                  at, 0, 0, 0);
    depart(dfu, at);
}

void btap_dfu_finish(struct btap_dfu *dfu)
{
    end_manifestation(dfu);
    if (!is_open(dfu))
        return;
    /* A GETSTATUS that was answered so, as the last of all, is what the tool gave up at. */
    if (dfu->step != BTAP_DFU_REQUESTED && dfu->poll == BTAP_DFU_POLL_STALLED)
        end(dfu, BTAP_STALL, BTAP_PHASE_STATUS);
    else if (dfu->step != BTAP_DFU_REQUESTED && dfu->poll == BTAP_DFU_POLL_FAILED)
        end(dfu, BTAP_NO_REPLY, BTAP_PHASE_STATUS);
    else if (may_be_unlogged(dfu))
        end_unlogged(dfu, &(struct btap_origin){.packet = dfu->emitter.transaction.first_packet,
                                                .time = dfu->emitter.transaction.time});
    else
        end(dfu, BTAP_INCOMPLETE, open_phases[dfu->step]);
}
