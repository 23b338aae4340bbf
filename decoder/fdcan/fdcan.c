/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * AN5405: which frames belong to a command, and how it ends. Strict request and reply is all that
 * tells host from device: identifiers may be the same, directions are not recorded.
 */
#include "boottap/fdcan.h"

#include <string.h>

#include "fdcan/copies.h"
#include "fdcan/payload.h"
#include "fdcan/recognise.h"
#include "fdcan/shape.h"
#include "fdcan/undecoded.h"

#define ID_OPCODE 0xffu
#define ID_MAX    0x7ffu

/* Linux can/error.h: classes that say more than "something is wrong" */
#define ERROR_NO_ACKNOWLEDGE 0x20u
#define ERROR_BUS_OFF        0x40u

/* A second answer to Go comes at once or not at all */
#define GO_ANSWER_WITHIN_NS ((btap_ns)1000000000)

/* Commands that were refused so long before the next one are no opening of a session */
#define OPENING_WITHIN_NS ((btap_ns)10000000000)

/* So many frames of others, and no bootloader's: errors on that bus are no flashing tool's */
#define BUS_OF_OTHERS 16

_Static_assert(sizeof(struct btap_fdcan) < 4096, "state of one decoder");

static struct btap_transaction *transaction_of(struct btap_fdcan *fdcan)
{
    return &fdcan->emitter.transaction;
}

static void note(struct btap_fdcan *fdcan, enum btap_note_id id, const struct btap_can_frame *frame,
                 uint32_t arg0, uint32_t arg1)
{
    emit_note(&fdcan->emitter, id, &frame->at, arg0, arg1, 0);
}

void btap_fdcan_init(struct btap_fdcan *fdcan, const struct btap_sink *sink, struct btap_link *link,
                     const struct btap_fdcan_options *options)
{
    memset(fdcan, 0, sizeof(*fdcan));
    fdcan->bootloader = options != NULL && options->bootloader;
    fdcan->engaged = fdcan->bootloader;
    emit_init(&fdcan->emitter, sink, link);
}

static bool hold(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    struct btap_fdcan_held *held;

    if (fdcan->held_length == BTAP_FDCAN_HELD_MAX)
        return false;
    held = &fdcan->held[fdcan->held_length++];
    held->frame = *frame;
    if (frame->id_bytes != NULL)
        memcpy(held->id_bytes, frame->id_bytes, sizeof(held->id_bytes));
    if (frame->captured > 0)
        memcpy(held->data, frame->data, frame->captured);
    return true;
}

/** Takes the oldest frame out, to *held, and points its frame to the copies there. */
static const struct btap_can_frame *release(struct btap_fdcan *fdcan, struct btap_fdcan_held *held)
{
    *held = fdcan->held[0];
    fdcan->held_length--;
    memmove(&fdcan->held[0], &fdcan->held[1], fdcan->held_length * sizeof(fdcan->held[0]));
    return fdcan_kept(held);
}

static bool is_of_others(const struct btap_fdcan *fdcan, uint32_t id)
{
    return (fdcan->of_others[id >> 5] >> (id & 31) & 1) != 0;
}

static void mark(uint32_t set[64], uint32_t id)
{
    set[id >> 5] |= 1u << (id & 31);
}

/** The frame at the end of those that are kept is no bootloader's. */
static void drop_last(struct btap_fdcan *fdcan)
{
    const struct btap_can_frame *frame = fdcan_kept(&fdcan->held[fdcan->held_length - 1]);

    /* Until now only what hardly looks like a command counted. */
    if (fdcan_is_likely(frame))
        fdcan->foreign++;
    /* But for data of a lost command: that is on an identifier of the host's. */
    if (fdcan_is_likely(frame) || fdcan_shape(frame) == FDCAN_OTHER)
        mark(fdcan->of_others, frame->id);
    if (!fdcan->engaged && !fdcan_is_likely(frame) && !fdcan_has_opcode_inside(frame))
        mark(fdcan->unlike, frame->id);
    fdcan->held_length--;
}

/** Other nodes use these identifiers. */
static void drop_opening(struct btap_fdcan *fdcan)
{
    while (fdcan->held_length > 0)
        drop_last(fdcan);
    fdcan->candidate = 0;
}

/** The candidate got no answer; commands before it that got one are kept. */
static void drop_candidate(struct btap_fdcan *fdcan)
{
    if (fdcan->held_length == 0 || fdcan_candidate_answered(fdcan))
        return;
    drop_last(fdcan);
    if (fdcan->candidate > 0)
        fdcan->candidate = (uint8_t)(fdcan->held_length - 2);
}

static enum btap_command command_of(const struct btap_can_frame *frame, enum fdcan_shape shape)
{
    return shape == FDCAN_DETECTION || fdcan_is_padded_detection(frame) ? BTAP_SYNC
                                                                        : fdcan_command(frame->id);
}

static bool is_special(enum btap_command command)
{
    return command == BTAP_SPECIAL || command == BTAP_EXTENDED_SPECIAL;
}

/** What the look of the command frame itself tells. */
static void note_command_frame(struct btap_fdcan *fdcan, const struct btap_can_frame *frame,
                               enum fdcan_shape shape)
{
    const struct btap_transaction *transaction = transaction_of(fdcan);
    uint32_t length = fdcan_command_length(transaction->command);
    const bool list = fdcan->acknowledged && fdcan_holds_page_list(frame);
    /* Sub-command and checksum of Special, sent apart: too late for this device */
    const bool data = (shape == FDCAN_UNFIT && !list) || (is_special(transaction->command) &&
                                                          frame->length == FDCAN_SUBCOMMAND_LENGTH);

    fdcan->misplaced = fdcan_has_opcode_inside(frame);
    fdcan->malformed =
        data || shape == FDCAN_SHORT || fdcan->misplaced || fdcan_is_padded_detection(frame);
    if (transaction->command == BTAP_WRITE_PROTECT)
        length += transaction->list_announced;
    if (transaction->command == BTAP_SYNC && frame->id == FDCAN_ID_OTHER)
        note(fdcan, BTAP_NOTE_DETECTION_ID, frame, 0, 0);
    if (fdcan_is_padded_detection(frame))
        note(fdcan, BTAP_NOTE_DETECTION_PADDED, frame, frame->length, 0);
    if (fdcan->misplaced)
        note(fdcan, BTAP_NOTE_OPCODE_IN_DATA, frame, frame->data[0], frame->id);
    if (shape == FDCAN_SHORT)
        note(fdcan, BTAP_NOTE_COMMAND_FRAME_SHORT, frame, frame->length, length);
    if (list)
        note(fdcan, BTAP_NOTE_LIST_IN_COMMAND, frame, frame->length, 0);
    if (data)
        note(fdcan, BTAP_NOTE_DATA_TAKEN_AS_COMMAND, frame, frame->length, length);
    if ((frame->id & ID_OPCODE) == FDCAN_OPCODE_ERASE_OTHER)
        note(fdcan, BTAP_NOTE_ERASE_OPCODE_43, frame, 0, 0);
}

static void remember_request(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    fdcan->request_length = frame->length;
    memset(fdcan->request, 0, sizeof(fdcan->request));
    if (frame->captured > 0)
        memcpy(fdcan->request, frame->data,
               frame->captured < sizeof(fdcan->request) ? frame->captured : sizeof(fdcan->request));
}

static bool is_request_again(const struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const size_t length =
        frame->captured < sizeof(fdcan->request) ? frame->captured : sizeof(fdcan->request);

    return frame->id == fdcan->emitter.transaction.request_id &&
           frame->length == fdcan->request_length &&
           (length == 0 || memcmp(frame->data, fdcan->request, length) == 0);
}

static void begin(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const enum fdcan_shape shape = fdcan_shape(frame);
    const enum btap_command command = command_of(frame, shape);
    struct btap_transaction *transaction = emit_begin(&fdcan->emitter, command, &frame->at);

    transaction->request_id = (uint16_t)frame->id;
    transaction->has |= BTAP_HAS_CAN_ID;
    if (command == BTAP_SYNC) {
        fdcan->detection = true;
    } else {
        transaction->opcode = (uint8_t)(frame->id & ID_OPCODE);
        transaction->has |= BTAP_HAS_OPCODE;
        fdcan->base = (uint16_t)(frame->id & FDCAN_ID_BASE);
        fdcan->base_known = true;
    }
    fdcan->of_others[frame->id >> 5] &= ~(1u << (frame->id & 31));
    fdcan->engaged = true;
    fdcan->surplus_told = false;
    fdcan->reply_told = false;
    fdcan->data_frames = 0;
    fdcan->last_of_host = true;
    fdcan->swallowed = fdcan->owed > 0;
    fdcan->owed -= fdcan->swallowed;
    remember_request(fdcan, frame);
    fdcan_start(fdcan, frame);
    note_command_frame(fdcan, frame, shape);
}

static void begin_held(struct btap_fdcan *fdcan)
{
    struct btap_fdcan_held held;

    begin(fdcan, release(fdcan, &held));
}

/** How many data frames so many bytes fill, as ST's own code counts them: one for 64 bytes. */
static uint32_t frames_for(uint32_t bytes)
{
    return (bytes + FDCAN_FRAME_MAX - 1) / FDCAN_FRAME_MAX;
}

static void end(struct btap_fdcan *fdcan, enum btap_status status)
{
    const enum btap_phase phase = status == BTAP_OK ? BTAP_PHASE_NONE : fdcan->step->phase;
    const struct btap_transaction *transaction = transaction_of(fdcan);

    fdcan->last_request = true;
    if (status == BTAP_NO_REPLY && fdcan->step->kind == FDCAN_PAYLOAD &&
        fdcan->left != FDCAN_UNTIL_ANSWER)
        fdcan->owed = (uint8_t)frames_for(fdcan->left);
    fdcan->last_unanswered = status == BTAP_NO_REPLY;
    fdcan->last_request_id = transaction->request_id;
    /* The application that was started owns the bus now. */
    if (status == BTAP_OK && transaction->command == BTAP_GO)
        fdcan->engaged = false;
    emit_end(&fdcan->emitter, status, phase);
}

/** Go has its first answer; not every device gives a second one. */
static bool may_be_over(const struct btap_fdcan *fdcan)
{
    return fdcan->emitter.open && fdcan->step->optional &&
           fdcan->emitter.transaction.command == BTAP_GO;
}

/** Frames that came before their time are all that is left: the device takes them as commands. */
static void take_up_held(struct btap_fdcan *fdcan)
{
    if (!fdcan->emitter.open && fdcan->held_length > 0)
        begin_held(fdcan);
}

static bool lists_command(const struct btap_fdcan *fdcan, uint8_t opcode)
{
    return (fdcan->commands[opcode >> 5] >> (opcode & 31) & 1) != 0;
}

static void explain_nack(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = transaction_of(fdcan);
    const enum btap_command command = transaction->command;
    const bool address = command == BTAP_READ_MEMORY || command == BTAP_WRITE_MEMORY;

    if (command == BTAP_SYNC && !fdcan->malformed)
        note(fdcan, BTAP_NOTE_DETECTION_REFUSED, frame, 0, 0);
    if (command == BTAP_SYNC || fdcan->step->phase != BTAP_PHASE_COMMAND || fdcan->malformed)
        return;
    if (transaction->request_id > ID_OPCODE && transaction->request_id != FDCAN_ID &&
        (fdcan->version == 0 || fdcan->version >= 0x21))
        note(fdcan, BTAP_NOTE_CAN_ID_TOO_LARGE, frame, transaction->request_id, 0);
    else if (command == BTAP_COMMAND_UNKNOWN ||
             (fdcan->commands_known && !lists_command(fdcan, transaction->opcode)))
        note(fdcan, BTAP_NOTE_UNSUPPORTED_COMMAND, frame, transaction->opcode, 0);
    else if (address)
        note(fdcan, BTAP_NOTE_PROTECTED_OR_ADDRESS, frame, transaction->opcode, 0);
    else if (btap_command_has(command, BTAP_TRAIT_RESTRICTED))
        note(fdcan,
             fdcan->commands_known ? BTAP_NOTE_READ_PROTECTION_LIKELY : BTAP_NOTE_REFUSED_AT_ONCE,
             frame, transaction->opcode, 0);
}

/** @param frame with which the host went on */
static void explain_silence(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = transaction_of(fdcan);

    if (fdcan->step->kind == FDCAN_PAYLOAD)
        note(fdcan, BTAP_NOTE_DATA_FRAMES_MISSING, frame, transaction->transferred,
             transaction->length);
    /* Where no node acknowledged the frame, no device heard it. */
    if (fdcan->step->phase != BTAP_PHASE_COMMAND ||
        (fdcan->errors_told & ERROR_NO_ACKNOWLEDGE) != 0)
        return;
    if (fdcan->swallowed)
        note(fdcan, BTAP_NOTE_COMMAND_TAKEN_AS_DATA, frame, transaction->opcode, 0);
    else if (!fdcan->answered && !fdcan->detection && !fdcan->silence_told) {
        fdcan->silence_told = true;
        note(fdcan, BTAP_NOTE_DETECTION_MISSING, frame, 0, 0);
    } else if (fdcan->answered && btap_command_has(transaction->command, BTAP_TRAIT_RESTRICTED)) {
        note(fdcan, BTAP_NOTE_SILENT_PROTECTION, frame, transaction->opcode, 0);
    }
}

static bool is_reply_id(const struct btap_fdcan *fdcan, uint32_t id)
{
    const struct btap_transaction *transaction = &fdcan->emitter.transaction;

    return fdcan_is_reply_id(id, transaction->request_id) ||
           ((transaction->has & BTAP_HAS_REPLY_ID) != 0 && id == transaction->reply_id);
}

static void note_reply_id(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    struct btap_transaction *transaction = transaction_of(fdcan);

    if (!is_reply_id(fdcan, frame->id))
        note(fdcan, BTAP_NOTE_REPLY_ID_UNUSUAL, frame, frame->id, transaction->request_id);
    if ((transaction->has & BTAP_HAS_REPLY_ID) != 0)
        return;
    transaction->reply_id = (uint16_t)frame->id;
    transaction->has |= BTAP_HAS_REPLY_ID;
}

/** The data that the host did not wait with is now what the device waits for. */
static void consume_held(struct btap_fdcan *fdcan)
{
    struct btap_fdcan_held held;

    while (fdcan->held_length > 0 && fdcan_host_step(fdcan->step))
        fdcan_consume(fdcan, release(fdcan, &held), BTAP_HOST_TO_DEVICE);
}

static void acknowledged(struct btap_fdcan *fdcan)
{
    fdcan_advance(fdcan);
    if (fdcan->step->kind == FDCAN_END)
        end(fdcan, BTAP_OK);
}

/** The answer that the open transaction waits for. */
static void take_answer(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const bool ack = frame->data[0] == FDCAN_ACK;
    const bool data_waits = ack && fdcan->held_length > 0 && fdcan_host_step(fdcan->step + 1);

    fdcan->answered = true;
    fdcan->owed = 0;
    fdcan->last_of_host = false;
    if (data_waits) {
        fdcan_advance(fdcan);
        consume_held(fdcan);
    }
    emit_touch(&fdcan->emitter, &frame->at);
    note_reply_id(fdcan, frame);
    fdcan_tell_answer(fdcan, frame);
    if (ack && !data_waits)
        acknowledged(fdcan);
    if (ack)
        return;
    explain_nack(fdcan, frame);
    end(fdcan, BTAP_NACK);
}

/** What is missing where an answer comes before the step is complete. */
static void note_cut_step(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = transaction_of(fdcan);

    switch (fdcan->step->kind) {
    case FDCAN_PAYLOAD:
        if (frame->data[0] == FDCAN_ACK && fdcan->data_frames == frames_for(transaction->length))
            emit_note(&fdcan->emitter, BTAP_NOTE_DATA_FRAMES_NOT_FULL, &frame->at,
                      transaction->length, fdcan->data_frames, transaction->transferred);
        else
            note(fdcan, BTAP_NOTE_DATA_FRAMES_MISSING, frame, transaction->transferred,
                 transaction->length);
        return;
    case FDCAN_PAGES:
    case FDCAN_SECTORS:
        note(fdcan, BTAP_NOTE_LIST_SHORT, frame, transaction->list_length,
             transaction->list_announced);
        return;
    case FDCAN_CONTENTS:
    case FDCAN_OPTIONS:
    case FDCAN_PID:
    case FDCAN_REPLY_SIZE:
    case FDCAN_STATUS_SIZE:
        note(fdcan, BTAP_NOTE_REPLY_SHORT, frame, fdcan->left, 0);
        return;
    case FDCAN_END:
    case FDCAN_ANSWER:
    case FDCAN_SUBCOMMAND:
    case FDCAN_SIZE:
    case FDCAN_PACKET:
    case FDCAN_SIZE2:
    case FDCAN_PACKET2:
    case FDCAN_COUNT:
    case FDCAN_VERSION:
    case FDCAN_OPCODES:
    case FDCAN_REPLY:
    case FDCAN_STATUS:
        return;
    }
}

static void close_command_list(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = transaction_of(fdcan);

    fdcan->commands_known = true;
    if (transaction->list_length != transaction->list_announced)
        note(fdcan, BTAP_NOTE_COMMAND_COUNT_WRONG, frame, transaction->list_announced,
             transaction->list_length);
}

/** An answer where data was due: it stands for the answer behind the data. */
static void take_early_answer(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    if (fdcan->step->kind == FDCAN_OPCODES)
        close_command_list(fdcan, frame);
    else if (fdcan->left != FDCAN_UNTIL_ANSWER)
        note_cut_step(fdcan, frame);
    while (fdcan->step->kind != FDCAN_ANSWER)
        fdcan->step++;
    take_answer(fdcan, frame);
}

static bool is_host_id(const struct btap_fdcan *fdcan, uint32_t id)
{
    return id <= ID_OPCODE || (id & FDCAN_ID_BASE) == fdcan->base;
}

/** Whether the host begins something new with this frame. */
static bool is_command(const struct btap_fdcan *fdcan, const struct btap_can_frame *frame,
                       enum fdcan_shape at_least)
{
    const enum fdcan_shape shape = fdcan_shape(frame);

    if (shape == FDCAN_DETECTION)
        return true;
    if (shape < FDCAN_TYPICAL && is_of_others(fdcan, frame->id))
        return false;
    if (!fdcan->base_known)
        return shape >= (fdcan->bootloader ? at_least : FDCAN_PLAUSIBLE);
    return shape >= at_least && is_host_id(fdcan, frame->id);
}

/** Bytes that were kept and that no device asked for. */
static void spill_held(struct btap_fdcan *fdcan)
{
    struct btap_fdcan_held held;

    while (fdcan->held_length > 0)
        fdcan_tell_whole(fdcan, release(fdcan, &held), BTAP_HOST_TO_DEVICE, BTAP_FIELD_SKIPPED);
}

/** The host begins something new although the open transaction waits for an answer or data. */
static bool host_went_on(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const bool again = is_request_again(fdcan, frame);

    spill_held(fdcan);
    explain_silence(fdcan, frame);
    end(fdcan, BTAP_NO_REPLY);
    begin(fdcan, frame);
    if (again && transaction_of(fdcan)->command == BTAP_SYNC)
        note(fdcan, BTAP_NOTE_DETECTION_REPEATED, frame, 0, 0);
    else if (again)
        note(fdcan, BTAP_NOTE_HOST_RETRY, frame, transaction_of(fdcan)->opcode, 0);
    return true;
}

/** A host that sends opcodes as data has one identifier for all commands. */
static bool is_misplaced_again(const struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    return fdcan->misplaced && fdcan_has_opcode_inside(frame);
}

/** The frame comes from the command's host: same identifier, or the bare opcode. */
static bool is_request_id(const struct btap_fdcan *fdcan, uint32_t id)
{
    const struct btap_transaction *transaction = &fdcan->emitter.transaction;

    return id == transaction->request_id || id == transaction->opcode;
}

/** Bytes of the coming host step that are not among the frames kept for it. */
static uint32_t data_awaited(const struct btap_fdcan *fdcan)
{
    uint32_t kept = 0;

    for (uint8_t i = 0; i < fdcan->held_length; i++)
        kept += fdcan->held[i].frame.length;
    return kept < fdcan->emitter.transaction.length ? fdcan->emitter.transaction.length - kept : 0;
}

/** Data that the host sends although the command is not acknowledged. */
static bool is_early_data(const struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const struct btap_fdcan_step *next = fdcan->step + 1;
    const uint32_t awaited = data_awaited(fdcan);

    if (next->kind == FDCAN_ANSWER && next->optional)
        next++;
    if (next->kind == FDCAN_PAYLOAD)
        return awaited > 0 && fdcan_fits(frame, awaited);
    return fdcan_host_step(next) && frame->length > 1 && !fdcan_is_exact(frame);
}

/** Data beyond what was announced; the step before this answer was the host's. */
static bool is_surplus_data(const struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    return fdcan->step->phase == BTAP_PHASE_DATA && frame->length > 1 && !fdcan_is_exact(frame);
}

static bool keep_data(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    enum btap_note_id id;

    if (!is_request_id(fdcan, frame->id))
        return false;
    if (is_early_data(fdcan, frame))
        id = BTAP_NOTE_DATA_BEFORE_ACK;
    else if (is_surplus_data(fdcan, frame))
        id = BTAP_NOTE_DATA_FRAMES_SURPLUS;
    else
        return false;
    if (fdcan->held_length == 0)
        note(fdcan, id, frame, 0, 0);
    return hold(fdcan, frame);
}

/** No command, by its look, and of one byte not even if it could be one. */
static bool is_bad_reply(const struct btap_can_frame *frame)
{
    const enum fdcan_shape shape = fdcan_shape(frame);

    if (frame->length == 1)
        return shape != FDCAN_DETECTION;
    return frame->length > 1 && shape < FDCAN_PLAUSIBLE && !fdcan_is_exact(frame);
}

static bool bad_reply(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    emit_touch(&fdcan->emitter, &frame->at);
    note_reply_id(fdcan, frame);
    fdcan_tell_answer(fdcan, frame);
    if (frame->captured > 0)
        note(fdcan, BTAP_NOTE_NOT_AN_ANSWER, frame, frame->data[0], 0);
    end(fdcan, BTAP_BAD_REPLY);
    take_up_held(fdcan);
    return true;
}

/** More data where the device's closing ACK is due. */
static bool surplus_reply(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = transaction_of(fdcan);

    /* A data packet that is padded to the end of its frame hides the status behind it. */
    if (transaction->command == BTAP_SPECIAL && transaction->special_status_length == 0 &&
        !fdcan->reply_told) {
        fdcan->reply_told = true;
        while (fdcan->step->kind != FDCAN_REPLY)
            fdcan->step--;
        fdcan_advance(fdcan);
        fdcan_consume(fdcan, frame, BTAP_DEVICE_TO_HOST);
        return true;
    }
    emit_touch(&fdcan->emitter, &frame->at);
    fdcan_tell_whole(fdcan, frame, BTAP_DEVICE_TO_HOST, BTAP_FIELD_PADDING);
    if (!fdcan->reply_told)
        note(fdcan, BTAP_NOTE_REPLY_SURPLUS, frame, 0, 0);
    fdcan->reply_told = true;
    return true;
}

/** An answer to the command before, by its identifier. */
static bool is_late_answer(const struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    return fdcan->last_request && fdcan_is_bare_answer(frame) &&
           fdcan_is_reply_id(frame->id, fdcan->last_request_id);
}

/** One note stands for all such answers until the next command. */
static bool late_answer(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const struct btap_transaction *last = transaction_of(fdcan);

    /* More frames than it reads brought the data: it takes the rest for commands. */
    if (!fdcan->surplus_told && !fdcan->emitter.open && frame->data[0] == FDCAN_NACK &&
        last->command == BTAP_WRITE_MEMORY && fdcan->data_frames > frames_for(last->length))
        emit_note(&fdcan->emitter, BTAP_NOTE_DATA_FRAMES_NOT_FULL, &frame->at, last->length,
                  frames_for(last->length), frames_for(last->length) * fdcan->data_length);
    else if (!fdcan->surplus_told)
        note(fdcan, fdcan->last_unanswered ? BTAP_NOTE_LATE_ANSWER : BTAP_NOTE_SURPLUS_ANSWER,
             frame, frame->data[0], 0);
    fdcan->surplus_told = true;
    fdcan_tell_answer(fdcan, frame);
    return true;
}

/** The answer that is due closes what the device sent. */
static bool after_reply(const struct btap_fdcan *fdcan)
{
    return fdcan->step->phase == BTAP_PHASE_REPLY || fdcan->step->phase == BTAP_PHASE_STATUS;
}

/** While an answer is due. */
static bool in_answer(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const bool sync = transaction_of(fdcan)->command == BTAP_SYNC;
    const bool on_reply_id = is_reply_id(fdcan, frame->id);

    if (on_reply_id && fdcan_is_answer(frame)) {
        take_answer(fdcan, frame);
        take_up_held(fdcan);
        return true;
    }
    if (fdcan_is_bare_answer(frame)) {
        if (is_late_answer(fdcan, frame))
            return late_answer(fdcan, frame);
        take_answer(fdcan, frame);
        take_up_held(fdcan);
        return true;
    }
    if (fdcan->step->optional && fdcan_host_step(fdcan->step + 1) && frame->length > 0 &&
        is_request_id(fdcan, frame->id)) {
        fdcan_advance(fdcan);
        fdcan_consume(fdcan, frame, BTAP_HOST_TO_DEVICE);
        return true;
    }
    if (fdcan->step->phase <= BTAP_PHASE_COMMAND &&
        (is_request_again(fdcan, frame) || is_misplaced_again(fdcan, frame)))
        return host_went_on(fdcan, frame);
    if (keep_data(fdcan, frame))
        return true;
    if (on_reply_id && frame->length > 1 && after_reply(fdcan) && !fdcan_is_exact(frame))
        return surplus_reply(fdcan, frame);
    if (on_reply_id && is_bad_reply(frame))
        return bad_reply(fdcan, frame);
    if (!is_command(fdcan, frame, FDCAN_FIT))
        return false;
    if (sync && fdcan_shape(frame) != FDCAN_DETECTION)
        return hold(fdcan, frame);
    return host_went_on(fdcan, frame);
}

/** While the host's data is due. */
static bool in_host_step(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const bool on_request_id = is_request_id(fdcan, frame->id);
    const bool raw = fdcan_raw_step(fdcan->step);
    const bool known = fdcan->left != FDCAN_UNTIL_ANSWER;
    const bool fits = known && fdcan_fits(frame, fdcan->left);
    /* Where all frames have come, one byte is the device's answer. */
    const bool last_byte = raw && fdcan->left == 1 && on_request_id &&
                           (fdcan->step->kind != FDCAN_PAYLOAD ||
                            fdcan->data_frames < frames_for(fdcan->emitter.transaction.length));

    if (fdcan_is_bare_answer(frame) && is_reply_id(fdcan, frame->id) && !last_byte) {
        take_early_answer(fdcan, frame);
        take_up_held(fdcan);
        return true;
    }
    if (on_request_id && (!raw || fits || !fdcan_is_exact(frame))) {
        fdcan_consume(fdcan, frame, BTAP_HOST_TO_DEVICE);
        return true;
    }
    if (is_command(fdcan, frame, FDCAN_FIT))
        return host_went_on(fdcan, frame);
    /* Some hosts send data on an identifier of its own, which the device does not look at. */
    if (!fits || !is_host_id(fdcan, frame->id))
        return false;
    fdcan_consume(fdcan, frame, BTAP_HOST_TO_DEVICE);
    return true;
}

/** While the device's data is due. */
static bool in_device_step(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const bool on_reply_id = is_reply_id(fdcan, frame->id);
    const bool opcodes = fdcan->step->kind == FDCAN_OPCODES;
    const bool fits = fdcan_fits(frame, opcodes ? 1 : fdcan->left);

    if (on_reply_id && fdcan_is_bare_answer(frame) && fdcan->left > 1) {
        take_early_answer(fdcan, frame);
        return true;
    }
    if (on_reply_id && frame->length > 0 && (fits || !fdcan_is_exact(frame))) {
        fdcan_consume(fdcan, frame, BTAP_DEVICE_TO_HOST);
        return true;
    }
    return is_command(fdcan, frame, FDCAN_FIT) && host_went_on(fdcan, frame);
}

static bool in_command(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    if (fdcan_host_step(fdcan->step))
        return in_host_step(fdcan, frame);
    if (fdcan_device_step(fdcan->step))
        return in_device_step(fdcan, frame);
    return in_answer(fdcan, frame);
}

/** The frame becomes the candidate; of what is kept before it the oldest gives way. */
static bool keep_candidate(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    struct btap_fdcan_held oldest;

    drop_candidate(fdcan);
    if (fdcan->held_length > 0 &&
        frame->at.time - fdcan_kept(&fdcan->held[0])->at.time > OPENING_WITHIN_NS)
        drop_opening(fdcan);
    if (fdcan->held_length > BTAP_FDCAN_HELD_MAX - 2)
        for (int i = 0; i < 2; i++)
            mark(fdcan->unlike, release(fdcan, &oldest)->id);
    fdcan->candidate = fdcan->held_length;
    hold(fdcan, frame);
    fdcan->last_of_host = true;
    return fdcan_is_likely(frame);
}

/** Something else than commands is sent on this identifier. */
static bool unlike_command(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    mark(fdcan->unlike, frame->id);
    if (fdcan->held_length > 0 && fdcan_candidate(fdcan)->id == frame->id)
        drop_opening(fdcan);
    return false;
}

/** Decodes what was kept until it was clear that it is a bootloader's. */
static void decode_opening(struct btap_fdcan *fdcan)
{
    struct btap_fdcan_held opening[BTAP_FDCAN_HELD_MAX];
    const uint8_t length = fdcan->held_length;

    memcpy(opening, fdcan->held, length * sizeof(opening[0]));
    fdcan->held_length = 0;
    fdcan->candidate = 0;
    for (uint8_t i = 0; i < length; i++) {
        const struct btap_can_frame *frame = fdcan_kept(&opening[i]);

        if (!fdcan_is_likely(frame))
            fdcan->foreign--;
        if (may_be_over(fdcan) && is_command(fdcan, frame, FDCAN_FIT))
            end(fdcan, BTAP_OK);
        if (fdcan->emitter.open)
            in_command(fdcan, frame);
        else
            begin(fdcan, frame);
    }
}

static bool not_engaged(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    if (fdcan_shape(frame) == FDCAN_DETECTION && !fdcan_has_unlike(fdcan, frame->id)) {
        drop_candidate(fdcan);
        decode_opening(fdcan);
        if (fdcan->emitter.open)
            return host_went_on(fdcan, frame);
        begin(fdcan, frame);
        return true;
    }
    if (fdcan_may_answer(fdcan, frame))
        return hold(fdcan, frame) && fdcan_is_likely(frame);
    if (fdcan_is_likely(frame) || fdcan_may_open(fdcan, frame))
        return keep_candidate(fdcan, frame);
    return unlike_command(fdcan, frame);
}

static bool between_commands(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    if (!fdcan->engaged)
        return not_engaged(fdcan, frame);
    if (is_late_answer(fdcan, frame))
        return late_answer(fdcan, frame);
    if (is_command(fdcan, frame, fdcan_is_bare_answer(frame) ? FDCAN_FIT : FDCAN_SHORT)) {
        drop_candidate(fdcan);
        begin(fdcan, frame);
        return true;
    }
    if (fdcan_is_likely(frame) || (is_host_id(fdcan, frame->id) && !is_of_others(fdcan, frame->id)))
        return keep_candidate(fdcan, frame);
    return false;
}

/** Go's second answer is overdue, or the host has begun something new. */
static bool is_go_over(const struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = &fdcan->emitter.transaction;
    btap_ns elapsed;

    if (!may_be_over(fdcan))
        return false;
    elapsed = frame->at.time - transaction->time;
    return is_command(fdcan, frame, FDCAN_FIT) ||
           (elapsed > transaction->duration &&
            elapsed - transaction->duration > GO_ANSWER_WITHIN_NS);
}

/**
 * Whether the device answers the detection frame itself is not documented, so that the command
 * behind it is kept until an answer to it shows that the device is awake.
 */
static void settle_detection(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    if (fdcan_is_answer(frame) && fdcan_is_reply_id(frame->id, fdcan->held[0].frame.id)) {
        note(fdcan, BTAP_NOTE_DETECTION_UNANSWERED, frame, 0, 0);
        end(fdcan, BTAP_OK);
        begin_held(fdcan);
    } else if (is_command(fdcan, frame, FDCAN_FIT)) {
        end(fdcan, BTAP_NO_REPLY);
        begin_held(fdcan);
    }
}

/** What the frames before were, in the light of this one. */
static void settle(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    if (is_go_over(fdcan, frame))
        end(fdcan, BTAP_OK);
    if (fdcan->held_length == 0)
        return;
    if (!fdcan->emitter.open) {
        fdcan->acknowledged = fdcan_is_answer(frame) && frame->data[0] == FDCAN_ACK;
        if (fdcan_confirms(fdcan, frame))
            decode_opening(fdcan);
    } else if (transaction_of(fdcan)->command == BTAP_SYNC) {
        settle_detection(fdcan, frame);
    }
}

static void error_frame(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const bool of_others = fdcan->foreign > BUS_OF_OTHERS && !fdcan->engaged &&
                           !fdcan->classic.told && !fdcan->extended.told;
    const uint32_t fresh = of_others ? 0 : frame->id & ~fdcan->errors_told;
    const uint32_t other = fresh & ~(ERROR_NO_ACKNOWLEDGE | ERROR_BUS_OFF);

    fdcan->errors_told |= fresh;
    if ((fresh & ERROR_NO_ACKNOWLEDGE) != 0)
        note(fdcan, BTAP_NOTE_CAN_NO_ACKNOWLEDGE, frame, 0, 0);
    if ((fresh & ERROR_BUS_OFF) != 0)
        note(fdcan, BTAP_NOTE_CAN_BUS_OFF, frame, 0, 0);
    if (other != 0)
        note(fdcan, BTAP_NOTE_CAN_ERROR, frame, other, 0);
}

bool btap_fdcan_frame(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    bool ours = false;

    if (frame->error) {
        error_frame(fdcan, frame);
        return false;
    }
    if (frame->fd && !frame->extended && !frame->remote && frame->id <= ID_MAX) {
        if (fdcan_is_copy(fdcan, frame))
            return true;
        settle(fdcan, frame);
        ours = fdcan->emitter.open ? in_command(fdcan, frame) : between_commands(fdcan, frame);
    } else if (!frame->remote) {
        fdcan_undecoded(fdcan, frame);
    }
    if (ours)
        fdcan->errors_told = 0;
    else
        fdcan->foreign++;
    return ours;
}

void btap_fdcan_finish(struct btap_fdcan *fdcan)
{
    fdcan_undecoded_finish(fdcan);
    if (!fdcan->emitter.open && !fdcan->engaged && fdcan->held_length > 0 && fdcan->foreign == 0 &&
        fdcan_shape(fdcan_candidate(fdcan)) == FDCAN_TYPICAL)
        begin_held(fdcan);
    if (fdcan->emitter.open && transaction_of(fdcan)->command == BTAP_SYNC &&
        fdcan->held_length > 0) {
        end(fdcan, emit_status_at_end(&fdcan->emitter));
        begin_held(fdcan);
    }
    if (!fdcan->emitter.open) {
        drop_opening(fdcan);
        return;
    }
    spill_held(fdcan);
    if (may_be_over(fdcan))
        end(fdcan, BTAP_OK);
    else
        end(fdcan,
            fdcan_host_step(fdcan->step) ? BTAP_INCOMPLETE : emit_status_at_end(&fdcan->emitter));
}
