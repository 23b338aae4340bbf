/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * AN5405, AN3154: which frames belong to a command, and how it ends. Strict request and reply is
 * all that tells host from device: identifiers may be the same, directions are not recorded.
 */
#include "boottap/can.h"

#include <string.h>

#include "can/copies.h"
#include "can/held.h"
#include "can/payload.h"
#include "can/recognise.h"
#include "can/shape.h"
#include "can/undecoded.h"

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

_Static_assert(sizeof(struct btap_can) < 4096, "state of one decoder");

/** The link's frames are those of AN5405; else AN3154's, which are classic ones. */
static bool is_fd(const struct btap_can *can)
{
    return can->emitter.link->transport == BTAP_FDCAN;
}

static struct btap_transaction *transaction_of(struct btap_can *can)
{
    return &can->emitter.transaction;
}

static void note(struct btap_can *can, enum btap_note_id id, const struct btap_can_frame *frame,
                 uint32_t arg0, uint32_t arg1)
{
    emit_note(&can->emitter, id, &frame->at, arg0, arg1, 0);
}

void btap_can_init(struct btap_can *can, const struct btap_sink *sink, struct btap_link *link,
                   const struct btap_can_options *options)
{
    memset(can, 0, sizeof(*can));
    can->bootloader = options != NULL && options->bootloader;
    can->engaged = can->bootloader;
    emit_init(&can->emitter, sink, link);
}

static bool is_of_others(const struct btap_can *can, uint32_t id)
{
    return (can->of_others[id >> 5] >> (id & 31) & 1) != 0;
}

static void mark(uint32_t set[64], uint32_t id)
{
    set[id >> 5] |= 1u << (id & 31);
}

/** The frame at the end of those that are kept is no bootloader's. */
static void drop_last(struct btap_can *can)
{
    struct can_kept kept;
    const struct btap_can_frame *frame = can_held(can, (uint8_t)(can->held_length - 1), &kept);

    /* Until now only what hardly looks like a command counted. */
    if (can_is_likely(frame))
        can->foreign++;
    /* But for data of a lost command: that is on an identifier of the host's. */
    if (can_is_likely(frame) || can_shape(frame) == CAN_OTHER)
        mark(can->of_others, frame->id);
    if (!can->engaged && !can_is_likely(frame) && !can_has_opcode_inside(frame))
        mark(can->unlike, frame->id);
    can->held_length--;
}

/** Other nodes use these identifiers. */
static void drop_opening(struct btap_can *can)
{
    while (can->held_length > 0)
        drop_last(can);
    can->candidate = 0;
}

/** The candidate got no answer; commands before it that got one are kept. */
static void drop_candidate(struct btap_can *can)
{
    if (can->held_length == 0 || can_candidate_answered(can))
        return;
    drop_last(can);
    can->candidate = can_last_command(can);
}

static enum btap_command command_of(const struct btap_can_frame *frame, enum can_shape shape)
{
    return shape == CAN_DETECTION || can_is_padded_detection(frame) ? BTAP_SYNC
                                                                    : can_command(frame);
}

static bool is_special(enum btap_command command)
{
    return command == BTAP_SPECIAL || command == BTAP_EXTENDED_SPECIAL;
}

/** What the look of the command frame itself tells. */
static void note_command_frame(struct btap_can *can, const struct btap_can_frame *frame,
                               enum can_shape shape)
{
    const struct btap_transaction *transaction = transaction_of(can);
    uint32_t length = can_command_length(frame);
    const bool list = can->acknowledged && can_holds_page_list(frame);
    /* Sub-command and checksum of Special, sent apart: too late for this device */
    const bool data = (shape == CAN_UNFIT && !list) ||
                      (is_special(transaction->command) && frame->length == CAN_SUBCOMMAND_LENGTH);

    can->misplaced = can_has_opcode_inside(frame);
    can->malformed = data || shape == CAN_SHORT || can->misplaced || can_is_padded_detection(frame);
    if (transaction->command == BTAP_WRITE_PROTECT && frame->fd)
        length += transaction->list_announced;
    if (transaction->command == BTAP_SYNC && frame->id == CAN_ID_OTHER)
        note(can, BTAP_NOTE_DETECTION_ID, frame, 0, 0);
    if (can_is_padded_detection(frame))
        note(can, BTAP_NOTE_DETECTION_PADDED, frame, frame->length, 0);
    if (can_is_classic_detection(frame))
        note(can, BTAP_NOTE_CAN_CLASSIC, frame, 0, 0);
    if (can->misplaced)
        note(can, BTAP_NOTE_OPCODE_IN_DATA, frame, frame->data[0], frame->id);
    if (shape == CAN_SHORT)
        note(can, BTAP_NOTE_COMMAND_FRAME_SHORT, frame, frame->length, length);
    if (list)
        note(can, BTAP_NOTE_LIST_IN_COMMAND, frame, frame->length, 0);
    if (data)
        note(can, BTAP_NOTE_DATA_TAKEN_AS_COMMAND, frame, frame->length, length);
    if (frame->fd && (frame->id & ID_OPCODE) == CAN_OPCODE_ERASE_OTHER)
        note(can, BTAP_NOTE_ERASE_OPCODE_43, frame, 0, 0);
}

static void remember_request(struct btap_can *can, const struct btap_can_frame *frame)
{
    can->request_length = frame->length;
    memset(can->request, 0, sizeof(can->request));
    if (frame->captured > 0)
        memcpy(can->request, frame->data,
               frame->captured < sizeof(can->request) ? frame->captured : sizeof(can->request));
}

static bool is_request_again(const struct btap_can *can, const struct btap_can_frame *frame)
{
    const size_t length =
        frame->captured < sizeof(can->request) ? frame->captured : sizeof(can->request);

    return frame->id == can->emitter.transaction.request_id &&
           frame->length == can->request_length &&
           (length == 0 || memcmp(frame->data, can->request, length) == 0);
}

static void begin(struct btap_can *can, const struct btap_can_frame *frame)
{
    const enum can_shape shape = can_shape(frame);
    const enum btap_command command = command_of(frame, shape);
    struct btap_transaction *transaction = emit_begin(&can->emitter, command, &frame->at);

    transaction->request_id = (uint16_t)frame->id;
    transaction->has |= BTAP_HAS_CAN_ID;
    if (command == BTAP_SYNC) {
        can->detection = can->detection || frame->id != BTAP_CAN_CLASSIC_SYNC_ID;
    } else {
        transaction->opcode = (uint8_t)(frame->id & ID_OPCODE);
        transaction->has |= BTAP_HAS_OPCODE;
        can->base = (uint16_t)(frame->id & CAN_ID_BASE);
        can->base_known = true;
    }
    can->of_others[frame->id >> 5] &= ~(1u << (frame->id & 31));
    can->engaged = true;
    can->surplus_told = false;
    can->reply_told = false;
    can->data_frames = 0;
    can->last_of_host = true;
    can->swallowed = can->owed > 0;
    can->owed -= can->swallowed;
    remember_request(can, frame);
    can_start(can, frame);
    note_command_frame(can, frame, shape);
}

static void begin_held(struct btap_can *can)
{
    struct can_kept kept;

    begin(can, can_release(can, &kept));
}

/** How many data frames so many bytes fill, as ST's own code counts them: one for 64 or 8 bytes. */
static uint32_t frames_for(const struct btap_can *can, uint32_t bytes)
{
    const uint32_t most = can_frame_max(is_fd(can));

    return (bytes + most - 1) / most;
}

static void end(struct btap_can *can, enum btap_status status)
{
    const enum btap_phase phase = status == BTAP_OK ? BTAP_PHASE_NONE : can->step->phase;
    const struct btap_transaction *transaction = transaction_of(can);

    can->last_request = true;
    if (status == BTAP_NO_REPLY && can->step->kind == CAN_PAYLOAD && can->left != CAN_UNTIL_ANSWER)
        can->owed = (uint8_t)frames_for(can, can->left);
    can->last_unanswered = status == BTAP_NO_REPLY;
    can->last_request_id = transaction->request_id;
    /* The application that was started owns the bus now. */
    if (status == BTAP_OK && transaction->command == BTAP_GO)
        can->engaged = false;
    emit_end(&can->emitter, status, phase);
}

/** It has the answer that counts; not every device gives another one. */
static bool may_be_over(const struct btap_can *can)
{
    return can->emitter.open && can->step->optional && can->step[1].kind == CAN_END;
}

/** Frames that came before their time are all that is left: the device takes them as commands. */
static void take_up_held(struct btap_can *can)
{
    if (!can->emitter.open && can->held_length > 0)
        begin_held(can);
}

static bool lists_command(const struct btap_can *can, uint8_t opcode)
{
    return (can->commands[opcode >> 5] >> (opcode & 31) & 1) != 0;
}

static void explain_nack(struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = transaction_of(can);
    const enum btap_command command = transaction->command;
    const bool address = command == BTAP_READ_MEMORY || command == BTAP_WRITE_MEMORY;

    if (command == BTAP_SYNC && !can->malformed)
        note(can, is_fd(can) ? BTAP_NOTE_DETECTION_REFUSED : BTAP_NOTE_CAN_ALREADY_SYNCED, frame, 0,
             0);
    if (command == BTAP_SYNC || can->step->phase != BTAP_PHASE_COMMAND || can->malformed)
        return;
    if (transaction->request_id > ID_OPCODE && transaction->request_id != CAN_ID &&
        (can->version == 0 || can->version >= 0x21))
        note(can, BTAP_NOTE_CAN_ID_TOO_LARGE, frame, transaction->request_id, 0);
    else if (command == BTAP_COMMAND_UNKNOWN ||
             (can->commands_known && !lists_command(can, transaction->opcode)))
        note(can, BTAP_NOTE_UNSUPPORTED_COMMAND, frame, transaction->opcode, 0);
    else if (address)
        note(can, BTAP_NOTE_PROTECTED_OR_ADDRESS, frame, transaction->opcode, 0);
    else if (btap_command_has(command, BTAP_TRAIT_RESTRICTED))
        note(can,
             can->commands_known ? BTAP_NOTE_READ_PROTECTION_LIKELY : BTAP_NOTE_REFUSED_AT_ONCE,
             frame, transaction->opcode, 0);
}

/** @param frame with which the host went on */
static void explain_silence(struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = transaction_of(can);

    if (can->step->kind == CAN_PAYLOAD)
        note(can, BTAP_NOTE_DATA_FRAMES_MISSING, frame, transaction->transferred,
             transaction->length);
    /* Where no node acknowledged the frame, no device heard it. */
    if (can->step->phase != BTAP_PHASE_COMMAND || (can->errors_told & ERROR_NO_ACKNOWLEDGE) != 0)
        return;
    if (can->swallowed)
        note(can, BTAP_NOTE_COMMAND_TAKEN_AS_DATA, frame, transaction->opcode, 0);
    else if (is_fd(can) && !can->answered && !can->detection && !can->silence_told) {
        can->silence_told = true;
        note(can, BTAP_NOTE_DETECTION_MISSING, frame, 0, 0);
    } else if (is_fd(can) && can->answered &&
               btap_command_has(transaction->command, BTAP_TRAIT_RESTRICTED)) {
        note(can, BTAP_NOTE_SILENT_PROTECTION, frame, transaction->opcode, 0);
    }
}

/** AN3154's devices may refuse data on its own identifier. */
static bool is_reply_id(const struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = &can->emitter.transaction;

    return can_is_reply_id(frame, transaction->request_id) ||
           ((transaction->has & BTAP_HAS_REPLY_ID) != 0 && frame->id == transaction->reply_id) ||
           (!frame->fd && frame->id == can->data_id && frame->captured > 0 &&
            frame->data[0] == CAN_NACK);
}

static void note_reply_id(struct btap_can *can, const struct btap_can_frame *frame)
{
    struct btap_transaction *transaction = transaction_of(can);

    if (!is_reply_id(can, frame))
        note(can, BTAP_NOTE_REPLY_ID_UNUSUAL, frame, frame->id, transaction->request_id);
    if ((transaction->has & BTAP_HAS_REPLY_ID) != 0)
        return;
    transaction->reply_id = (uint16_t)frame->id;
    transaction->has |= BTAP_HAS_REPLY_ID;
}

/** The data that the host did not wait with is now what the device waits for. */
static void consume_held(struct btap_can *can)
{
    struct can_kept kept;

    while (can->held_length > 0 && can_host_step(can->step))
        can_consume(can, can_release(can, &kept), BTAP_HOST_TO_DEVICE);
}

static void acknowledged(struct btap_can *can)
{
    if (can->step->each && can->unacknowledged > 0)
        can->unacknowledged--;
    /* Data that the host did not wait with is due its own answers. */
    if (can->step->each && (can->unacknowledged > 0 || can_resume(can)))
        return;
    can_advance(can);
    if (can->step->kind == CAN_END)
        end(can, BTAP_OK);
}

/** The answer that the open transaction waits for. */
static void take_answer(struct btap_can *can, const struct btap_can_frame *frame)
{
    const bool ack = frame->data[0] == CAN_ACK;
    const bool data_waits = ack && can->held_length > 0 && can_host_step(can->step + 1);

    can->answered = true;
    can->owed = 0;
    can->last_of_host = false;
    if (data_waits) {
        can_advance(can);
        consume_held(can);
    }
    emit_touch(&can->emitter, &frame->at);
    note_reply_id(can, frame);
    can_tell_answer(can, frame);
    if (ack && !data_waits)
        acknowledged(can);
    if (ack)
        return;
    explain_nack(can, frame);
    end(can, BTAP_NACK);
}

/** What is missing where an answer comes before the step is complete. */
static void note_cut_step(struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = transaction_of(can);

    switch (can->step->kind) {
    case CAN_PAYLOAD:
        if (frame->data[0] == CAN_ACK && can->data_frames == frames_for(can, transaction->length))
            emit_note(&can->emitter, BTAP_NOTE_DATA_FRAMES_NOT_FULL, &frame->at,
                      transaction->length, can->data_frames, transaction->transferred);
        else
            note(can, BTAP_NOTE_DATA_FRAMES_MISSING, frame, transaction->transferred,
                 transaction->length);
        return;
    case CAN_PAGES:
    case CAN_PAGES_8:
    case CAN_SECTORS:
        note(can, BTAP_NOTE_LIST_SHORT, frame, transaction->list_length,
             transaction->list_announced);
        return;
    case CAN_CONTENTS:
    case CAN_OPTIONS:
    case CAN_PID:
    case CAN_REPLY_SIZE:
    case CAN_STATUS_SIZE:
        note(can, BTAP_NOTE_REPLY_SHORT, frame, can->left, 0);
        return;
    case CAN_END:
    case CAN_ANSWER:
    case CAN_SUBCOMMAND:
    case CAN_SIZE:
    case CAN_PACKET:
    case CAN_SIZE2:
    case CAN_PACKET2:
    case CAN_COUNT:
    case CAN_VERSION:
    case CAN_OPCODES:
    case CAN_REPLY:
    case CAN_STATUS:
        return;
    }
}

static void close_command_list(struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = transaction_of(can);

    can->commands_known = true;
    if (transaction->list_length != transaction->list_announced)
        note(can, BTAP_NOTE_COMMAND_COUNT_WRONG, frame, transaction->list_announced,
             transaction->list_length);
}

/** An answer where data was due: it stands for the answer behind the data. */
static void take_early_answer(struct btap_can *can, const struct btap_can_frame *frame)
{
    if (can->step->kind == CAN_OPCODES)
        close_command_list(can, frame);
    else if (can->left != CAN_UNTIL_ANSWER)
        note_cut_step(can, frame);
    while (can->step->kind != CAN_ANSWER)
        can->step++;
    /* All that came of the data has its answers: this is the one to the whole. */
    if (can->step->each && can->data_frames > 0)
        can->step++;
    take_answer(can, frame);
}

static bool is_host_id(const struct btap_can *can, uint32_t id)
{
    return id <= ID_OPCODE || (id & CAN_ID_BASE) == can->base;
}

/** Whether the host begins something new with this frame. */
static bool is_command(const struct btap_can *can, const struct btap_can_frame *frame,
                       enum can_shape at_least)
{
    const enum can_shape shape = can_shape(frame);

    if (shape == CAN_DETECTION)
        return true;
    if (shape < CAN_TYPICAL && is_of_others(can, frame->id))
        return false;
    if (!can->base_known)
        return shape >= (can->bootloader ? at_least : CAN_PLAUSIBLE);
    return shape >= at_least && is_host_id(can, frame->id);
}

/** Bytes that were kept and that no device asked for. */
static void spill_held(struct btap_can *can)
{
    struct can_kept kept;

    while (can->held_length > 0)
        can_tell_whole(can, can_release(can, &kept), BTAP_HOST_TO_DEVICE, BTAP_FIELD_SKIPPED);
}

/** The host begins something new although the open transaction waits for an answer or data. */
static bool host_went_on(struct btap_can *can, const struct btap_can_frame *frame)
{
    const bool again = is_request_again(can, frame);

    spill_held(can);
    explain_silence(can, frame);
    end(can, BTAP_NO_REPLY);
    begin(can, frame);
    if (again && can->detection && transaction_of(can)->command == BTAP_SYNC)
        note(can, BTAP_NOTE_DETECTION_REPEATED, frame, 0, 0);
    else if (again)
        note(can, BTAP_NOTE_HOST_RETRY, frame, frame->id & ID_OPCODE, 0);
    return true;
}

/** A host that sends opcodes as data has one identifier for all commands. */
static bool is_misplaced_again(const struct btap_can *can, const struct btap_can_frame *frame)
{
    return can->misplaced && can_has_opcode_inside(frame);
}

/** The frame comes from the command's host: same identifier, or the bare opcode. */
static bool is_request_id(const struct btap_can *can, uint32_t id)
{
    const struct btap_transaction *transaction = &can->emitter.transaction;

    return id == transaction->request_id || id == transaction->opcode;
}

/** Data is sent on the command's identifier, or, AN3154, on any: most hosts take the one
 * recommended. */
static bool is_data_id(const struct btap_can *can, const struct btap_can_frame *frame)
{
    return is_request_id(can, frame->id) || (!frame->fd && frame->id == CAN_DATA_ID);
}

/** Bytes of the coming host step that are not among the frames kept for it. */
static uint32_t data_awaited(const struct btap_can *can)
{
    struct can_kept frame;
    uint32_t kept = 0;

    for (uint8_t i = 0; i < can->held_length; i++)
        kept += can_held(can, i, &frame)->length;
    return kept < can->emitter.transaction.length ? can->emitter.transaction.length - kept : 0;
}

/** Data that the host sends although the command is not acknowledged. */
static bool is_early_data(const struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_can_step *next = can->step + 1;
    const uint32_t awaited = data_awaited(can);

    if (next->kind == CAN_ANSWER && next->optional)
        next++;
    if (next->kind == CAN_PAYLOAD)
        return awaited > 0 && can_fits(frame, awaited);
    return can_host_step(next) && frame->length > 1 && !can_is_exact(frame);
}

/** Data beyond what was announced; the step before this answer was the host's. */
static bool is_surplus_data(const struct btap_can *can, const struct btap_can_frame *frame)
{
    return can->step->phase == BTAP_PHASE_DATA && frame->length > 1 && !can_is_exact(frame);
}

static bool keep_data(struct btap_can *can, const struct btap_can_frame *frame)
{
    enum btap_note_id id;

    if (!is_data_id(can, frame))
        return false;
    if (is_early_data(can, frame))
        id = BTAP_NOTE_DATA_BEFORE_ACK;
    else if (is_surplus_data(can, frame))
        id = BTAP_NOTE_DATA_FRAMES_SURPLUS;
    else
        return false;
    if (can->held_length == 0)
        note(can, id, frame, 0, 0);
    return can_hold(can, frame);
}

/** No command, by its look, and of one byte not even if it could be one. */
static bool is_bad_reply(const struct btap_can_frame *frame)
{
    const enum can_shape shape = can_shape(frame);

    if (frame->length == 1)
        return shape != CAN_DETECTION;
    return frame->length > 1 && shape < CAN_PLAUSIBLE && !can_is_exact(frame);
}

static bool bad_reply(struct btap_can *can, const struct btap_can_frame *frame)
{
    emit_touch(&can->emitter, &frame->at);
    note_reply_id(can, frame);
    can_tell_answer(can, frame);
    if (frame->captured > 0)
        note(can, BTAP_NOTE_NOT_AN_ANSWER, frame, frame->data[0], 0);
    end(can, BTAP_BAD_REPLY);
    take_up_held(can);
    return true;
}

/** More data where the device's closing ACK is due. */
static bool surplus_reply(struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = transaction_of(can);

    /* A data packet that is padded to the end of its frame hides the status behind it. */
    if (transaction->command == BTAP_SPECIAL && transaction->special_status_length == 0 &&
        !can->reply_told) {
        can->reply_told = true;
        while (can->step->kind != CAN_REPLY)
            can->step--;
        can_advance(can);
        can_consume(can, frame, BTAP_DEVICE_TO_HOST);
        return true;
    }
    emit_touch(&can->emitter, &frame->at);
    can_tell_whole(can, frame, BTAP_DEVICE_TO_HOST, BTAP_FIELD_PADDING);
    if (!can->reply_told)
        note(can, BTAP_NOTE_REPLY_SURPLUS, frame, 0, 0);
    can->reply_told = true;
    return true;
}

/** An answer to the command before, by its identifier. */
static bool is_late_answer(const struct btap_can *can, const struct btap_can_frame *frame)
{
    return can->last_request && can_is_bare_answer(frame) &&
           can_is_reply_id(frame, can->last_request_id);
}

/** One note stands for all such answers until the next command. */
static bool late_answer(struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *last = transaction_of(can);

    /* More frames than it reads brought the data: it takes the rest for commands. */
    if (!can->surplus_told && !can->emitter.open && frame->data[0] == CAN_NACK &&
        last->command == BTAP_WRITE_MEMORY && can->data_frames > frames_for(can, last->length))
        emit_note(&can->emitter, BTAP_NOTE_DATA_FRAMES_NOT_FULL, &frame->at, last->length,
                  frames_for(can, last->length), frames_for(can, last->length) * can->data_length);
    else if (!can->surplus_told)
        note(can, can->last_unanswered ? BTAP_NOTE_LATE_ANSWER : BTAP_NOTE_SURPLUS_ANSWER, frame,
             frame->data[0], 0);
    can->surplus_told = true;
    can_tell_answer(can, frame);
    return true;
}

/** The answer that is due closes what the device sent. */
static bool after_reply(const struct btap_can *can)
{
    return can->step->phase == BTAP_PHASE_REPLY || can->step->phase == BTAP_PHASE_STATUS;
}

/** More data, where the device acknowledges each frame and has not yet acknowledged the last. */
static bool more_data(struct btap_can *can, const struct btap_can_frame *frame)
{
    if (!can->step->each || can->rest == 0 || frame->id != can->data_id ||
        !can_fits(frame, can->rest) || can_is_exact(frame))
        return false;
    if (can->unacknowledged == 1)
        note(can, BTAP_NOTE_DATA_BEFORE_ACK, frame, 0, 0);
    can_resume(can);
    can_consume(can, frame, BTAP_HOST_TO_DEVICE);
    return true;
}

/** While an answer is due. */
static bool in_answer(struct btap_can *can, const struct btap_can_frame *frame)
{
    const bool sync = is_fd(can) && transaction_of(can)->command == BTAP_SYNC;
    const bool on_reply_id = is_reply_id(can, frame);

    if (on_reply_id && can_is_answer(frame)) {
        take_answer(can, frame);
        take_up_held(can);
        return true;
    }
    if (can_is_bare_answer(frame)) {
        if (is_late_answer(can, frame))
            return late_answer(can, frame);
        take_answer(can, frame);
        take_up_held(can);
        return true;
    }
    if (more_data(can, frame))
        return true;
    if (can->step->optional && can_host_step(can->step + 1) && frame->length > 0 &&
        is_data_id(can, frame)) {
        can_advance(can);
        can_consume(can, frame, BTAP_HOST_TO_DEVICE);
        return true;
    }
    if (can->step->phase <= BTAP_PHASE_COMMAND &&
        (is_request_again(can, frame) || is_misplaced_again(can, frame)))
        return host_went_on(can, frame);
    if (keep_data(can, frame))
        return true;
    if (on_reply_id && frame->length > 1 && after_reply(can) && !can_is_exact(frame))
        return surplus_reply(can, frame);
    if (on_reply_id && is_bad_reply(frame))
        return bad_reply(can, frame);
    if (!is_command(can, frame, CAN_FIT))
        return false;
    if (sync && can_shape(frame) != CAN_DETECTION)
        return can_hold(can, frame);
    return host_went_on(can, frame);
}

/** While the host's data is due. */
static bool in_host_step(struct btap_can *can, const struct btap_can_frame *frame)
{
    const bool on_request_id = is_request_id(can, frame->id);
    const bool raw = can_raw_step(can->step);
    const bool known = can->left != CAN_UNTIL_ANSWER;
    const bool fits = known && can_fits(frame, can->left);
    /* Where all frames have come, one byte is the device's answer. */
    const bool last_byte = raw && can->left == 1 && is_data_id(can, frame) &&
                           (can->step->kind != CAN_PAYLOAD ||
                            can->data_frames < frames_for(can, can->emitter.transaction.length));

    if (can_is_bare_answer(frame) && is_reply_id(can, frame) && !last_byte) {
        take_early_answer(can, frame);
        take_up_held(can);
        return true;
    }
    if ((on_request_id && (!raw || fits || !can_is_exact(frame))) ||
        (!frame->fd && frame->id == CAN_DATA_ID && frame->length > 0)) {
        can_consume(can, frame, BTAP_HOST_TO_DEVICE);
        return true;
    }
    if (is_command(can, frame, CAN_FIT))
        return host_went_on(can, frame);
    /* Some hosts send data on an identifier of its own, which the device does not look at. */
    if (!fits || !is_host_id(can, frame->id))
        return false;
    can_consume(can, frame, BTAP_HOST_TO_DEVICE);
    return true;
}

/** ST's own code sends what is left of a read after its full classic frames a byte a frame. */
static uint32_t rest_in_bytes(const struct btap_can *can)
{
    return can->step->kind == CAN_CONTENTS && !is_fd(can) ? can_frame_max(false) - 1u : 1;
}

/** While the device's data is due. */
static bool in_device_step(struct btap_can *can, const struct btap_can_frame *frame)
{
    const bool on_reply_id = is_reply_id(can, frame);
    const bool opcodes = can->step->kind == CAN_OPCODES;
    const bool fits = can_fits(frame, opcodes ? 1 : can->left);

    if (on_reply_id && can_is_bare_answer(frame) && can->left > rest_in_bytes(can)) {
        take_early_answer(can, frame);
        return true;
    }
    if (on_reply_id && frame->length > 0 && (fits || !can_is_exact(frame))) {
        can_consume(can, frame, BTAP_DEVICE_TO_HOST);
        return true;
    }
    return is_command(can, frame, CAN_FIT) && host_went_on(can, frame);
}

static bool in_command(struct btap_can *can, const struct btap_can_frame *frame)
{
    if (can_host_step(can->step))
        return in_host_step(can, frame);
    if (can_device_step(can->step))
        return in_device_step(can, frame);
    return in_answer(can, frame);
}

/** The last frame that is kept came so long before this one that they are of no session. */
static bool is_opening_over(const struct btap_can *can, const struct btap_can_frame *frame)
{
    struct can_kept kept;

    return can->held_length > 0 &&
           frame->at.time - can_held(can, (uint8_t)(can->held_length - 1), &kept)->at.time >
               OPENING_WITHIN_NS;
}

/** The frame becomes the candidate; of what is kept before it the oldest gives way. */
static bool keep_candidate(struct btap_can *can, const struct btap_can_frame *frame)
{
    struct can_kept oldest;

    drop_candidate(can);
    if (is_opening_over(can, frame))
        drop_opening(can);
    /* A likely one needs no room for its answer: that proves it. */
    if (can->held_length > can_held_max(can) - (can_is_likely(frame) ? 1 : 2))
        for (int i = 0; i < 2; i++)
            mark(can->unlike, can_release(can, &oldest)->id);
    can->candidate = can->held_length;
    can->foreign_before = can->foreign + !can_is_likely(frame);
    can_hold(can, frame);
    can_mark_command(can, can->candidate);
    can->last_of_host = true;
    return can_is_likely(frame);
}

/** The frame goes on with the candidate, and of what is kept the oldest gives way. */
static bool keep_going(struct btap_can *can, const struct btap_can_frame *frame)
{
    struct can_kept oldest;

    if (can->held_length == can_held_max(can)) {
        can_release(can, &oldest);
        can->candidate = (uint8_t)(can->candidate - (can->candidate > 0));
    }
    can_hold(can, frame);
    return can_is_likely(frame);
}

/** Something else than commands is sent on this identifier. */
static bool unlike_command(struct btap_can *can, const struct btap_can_frame *frame)
{
    struct can_kept kept;

    mark(can->unlike, frame->id);
    if (can->held_length > 0 && can_candidate(can, &kept)->id == frame->id)
        drop_opening(can);
    return false;
}

/** The answer that not every device gives is overdue, or the host has begun something new. */
static bool is_over(const struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = &can->emitter.transaction;
    btap_ns elapsed;

    if (!may_be_over(can))
        return false;
    elapsed = frame->at.time - transaction->time;
    /* A count of pages may look like an answer, and the answer is what is due. */
    if (!frame->fd && can_is_bare_answer(frame) && is_reply_id(can, frame))
        return false;
    return is_command(can, frame, CAN_FIT) ||
           (transaction->command == BTAP_GO && elapsed > transaction->duration &&
            elapsed - transaction->duration > GO_ANSWER_WITHIN_NS);
}

/** What became of commands that hardly look like some, in a trial. */
struct verdict {
    bool unlikely; /**< the last command is such a one */
    bool strict;   /**< and it is as good as the rest of another command */
    bool failed;   /**< one is none: something that came does not fit it */
};

/**
 * What is as good as the rest of another command is one only if nothing is odd. Others may have got
 * no answer at all, and hosts of CAN FD send what the note does not have.
 */
static bool fits(const struct btap_transaction *transaction, bool strict)
{
    if (transaction->status == BTAP_NACK)
        return true;
    if (strict)
        return transaction->status == BTAP_OK && transaction->notes_length == 0;
    return transaction->status == BTAP_OK ||
           (transaction->status == BTAP_NO_REPLY && transaction->phase == BTAP_PHASE_COMMAND);
}

static void try_transaction(void *context, const struct btap_link *link,
                            const struct btap_transaction *transaction)
{
    struct verdict *verdict = context;

    (void)link;
    if (verdict->unlikely && !fits(transaction, verdict->strict))
        verdict->failed = true;
}

static void try_note(void *context, const struct btap_link *link, uint64_t n,
                     const struct btap_note *told)
{
    struct verdict *verdict = context;

    (void)link;
    (void)told;
    if (verdict->unlikely && n == 0)
        verdict->failed = true;
}

/** Decodes one of the frames that were kept. @return false if it has no place */
static bool decode_kept(struct btap_can *can, const struct btap_can_frame *frame)
{
    if (is_over(can, frame))
        end(can, BTAP_OK);
    if (can->emitter.open)
        return in_command(can, frame);
    if (!is_fd(can) && is_late_answer(can, frame))
        return late_answer(can, frame);
    begin(can, frame);
    return true;
}

/** Decodes a frame in a trial. */
static void try_frame(struct btap_can *trial, const struct btap_can_frame *frame,
                      struct verdict *verdict)
{
    const struct btap_transaction *transaction = transaction_of(trial);
    const bool has_place = decode_kept(trial, frame);

    if (trial->emitter.open && transaction->first_packet == frame->at.packet) {
        verdict->strict = !frame->fd || can_may_be_rest(frame);
        verdict->unlikely = !can_is_likely(frame) || can_may_be_rest(frame);
    }
    if (verdict->unlikely && verdict->strict &&
        (!has_place || (trial->emitter.open && transaction->notes_length > 0)))
        verdict->failed = true;
}

/**
 * Whether what is kept is all of commands that went well, the first of them in frame first.
 *
 * @param next the frame behind; NULL at the end
 */
static bool is_healthy_from(const struct btap_can *can, uint8_t first,
                            const struct btap_can_frame *next)
{
    struct verdict verdict = {.failed = false};
    const struct btap_sink sink = {
        .context = &verdict, .transaction = try_transaction, .note = try_note};
    struct btap_link link = *can->emitter.link;
    struct btap_can trial = *can;

    trial.emitter.link = &link;
    trial.emitter.sink = &sink;
    trial.held_length = 0;
    trial.candidate = 0;
    for (uint8_t i = first; i < can->held_length && !verdict.failed; i++) {
        struct can_kept kept;

        try_frame(&trial, can_held(can, i, &kept), &verdict);
    }
    /* The detection frame begins a session, whatever is open. */
    if (next != NULL && can_shape(next) == CAN_DETECTION)
        return !verdict.failed && !(trial.emitter.open && verdict.unlikely);
    if (next != NULL)
        try_frame(&trial, next, &verdict);
    return !verdict.failed;
}

/** A command can begin with it. A bare answer is more likely what is left of an exchange. */
static bool is_start(const struct btap_can_frame *frame)
{
    return can_is_likely(frame) || (can_is_opener(frame) && !can_is_bare_answer(frame));
}

/**
 * Where the opening begins. A capture that begins amid a command shows its last answers and data,
 * of which single bytes are as good as the count of an Erase: what does not fit is left out.
 *
 * @param next the frame behind; NULL at the end
 * @return held_length if nothing fits
 */
static uint8_t opening_start(const struct btap_can *can, const struct btap_can_frame *next)
{
    uint8_t first = 0;

    for (; !can->engaged && first < can->held_length; first++) {
        struct can_kept kept;

        if (is_start(can_held(can, first, &kept)) && is_healthy_from(can, first, next))
            break;
    }
    return first;
}

/**
 * Decodes what was kept until it was clear that it is a bootloader's.
 *
 * @param next the frame behind; NULL at the end
 * @return false if it is not: there is none that fits
 */
static bool decode_opening(struct btap_can *can, const struct btap_can_frame *next)
{
    uint8_t opening[BTAP_CAN_HELD_ROOM];
    const uint8_t first = opening_start(can, next);
    const uint8_t length = can->held_length;

    if (first == length)
        return false;
    memcpy(opening, can->held, sizeof(opening));
    can->held_length = 0;
    can->candidate = 0;
    for (uint8_t i = 0; i < length; i++) {
        struct can_kept kept;
        const struct btap_can_frame *frame = can_held_in(can, opening, i, &kept);

        /* Until now only what hardly looks like a command counted. */
        if (i < first) {
            can->foreign += can_is_likely(frame);
            continue;
        }
        can->foreign -= !can_is_likely(frame);
        decode_kept(can, frame);
    }
    return true;
}

static bool not_engaged(struct btap_can *can, const struct btap_can_frame *frame)
{
    if (can_shape(frame) == CAN_DETECTION && !can_has_unlike(can, frame->id)) {
        drop_candidate(can);
        if (!decode_opening(can, frame))
            drop_opening(can);
        if (can->emitter.open)
            return host_went_on(can, frame);
        begin(can, frame);
        return true;
    }
    if (can_may_answer(can, frame) || can_goes_along(can, frame))
        return keep_going(can, frame);
    if (can_is_likely(frame) || can_may_open(can, frame))
        return keep_candidate(can, frame);
    return unlike_command(can, frame);
}

static bool between_commands(struct btap_can *can, const struct btap_can_frame *frame)
{
    if (!can->engaged)
        return not_engaged(can, frame);
    if (is_late_answer(can, frame))
        return late_answer(can, frame);
    /* The rest of a command that nobody saw, on a bus that is a bootloader's. */
    if (can->emitter.link->transactions == 0 && can_is_bare_answer(frame))
        return false;
    if (is_command(can, frame, can_is_bare_answer(frame) ? CAN_FIT : CAN_SHORT)) {
        drop_candidate(can);
        begin(can, frame);
        return true;
    }
    if (can_is_likely(frame) || (is_host_id(can, frame->id) && !is_of_others(can, frame->id)))
        return keep_candidate(can, frame);
    return false;
}

/**
 * Whether the device answers the detection frame itself is not documented, so that the command
 * behind it is kept until an answer to it shows that the device is awake.
 */
static void settle_detection(struct btap_can *can, const struct btap_can_frame *frame)
{
    struct can_kept kept;

    if (can_is_answer(frame) && can_is_reply_id(frame, can_held(can, 0, &kept)->id)) {
        note(can, BTAP_NOTE_DETECTION_UNANSWERED, frame, 0, 0);
        end(can, BTAP_OK);
        begin_held(can);
    } else if (is_command(can, frame, CAN_FIT)) {
        end(can, BTAP_NO_REPLY);
        begin_held(can);
    }
}

/** What the frames before were, in the light of this one. */
static void settle(struct btap_can *can, const struct btap_can_frame *frame)
{
    if (is_over(can, frame))
        end(can, BTAP_OK);
    if (can->held_length == 0)
        return;
    if (!can->emitter.open) {
        can->acknowledged = can_is_answer(frame) && frame->data[0] == CAN_ACK;
        if (can_confirms(can, frame))
            decode_opening(can, frame);
    } else if (is_fd(can) && transaction_of(can)->command == BTAP_SYNC) {
        settle_detection(can, frame);
    }
}

static void error_frame(struct btap_can *can, const struct btap_can_frame *frame)
{
    const bool of_others = can->foreign > BUS_OF_OTHERS && !can->engaged && !can->extended.told;
    const uint32_t fresh = of_others ? 0 : frame->id & ~can->errors_told;
    const uint32_t other = fresh & ~(ERROR_NO_ACKNOWLEDGE | ERROR_BUS_OFF);

    can->errors_told |= fresh;
    if ((fresh & ERROR_NO_ACKNOWLEDGE) != 0)
        note(can, BTAP_NOTE_CAN_NO_ACKNOWLEDGE, frame, 0, 0);
    if ((fresh & ERROR_BUS_OFF) != 0)
        note(can, BTAP_NOTE_CAN_BUS_OFF, frame, 0, 0);
    if (other != 0)
        note(can, BTAP_NOTE_CAN_ERROR, frame, other, 0);
}

bool btap_can_feed(struct btap_can *can, const struct btap_can_frame *frame)
{
    bool ours = false;

    if (frame->error) {
        error_frame(can, frame);
        return false;
    }
    if (frame->fd != is_fd(can) || frame->remote || frame->id > ID_MAX) {
        can->foreign++;
        return false;
    }
    can->last_packet = frame->at.packet;
    if (!frame->extended) {
        if (can_is_copy(can, frame))
            return true;
        settle(can, frame);
        ours = can->emitter.open ? in_command(can, frame) : between_commands(can, frame);
    } else {
        can_undecoded(can, frame);
    }
    if (ours)
        can->errors_told = 0;
    else
        can->foreign++;
    return ours;
}

void btap_can_finish(struct btap_can *can)
{
    struct can_kept kept;
    bool joined = false;

    if (!can->emitter.open && !can->engaged && can->held_length > 0 && can->foreign == 0 &&
        can_is_enough_alone(can_candidate(can, &kept)))
        begin_held(can);
    if (can->emitter.open && is_fd(can) && transaction_of(can)->command == BTAP_SYNC &&
        can->held_length > 0) {
        end(can, emit_status_at_end(&can->emitter));
        begin_held(can);
    }
    if (!can->emitter.open && can->held_length > 0 && can_candidate_answered(can) &&
        can_is_likely(can_candidate(can, &kept)))
        joined = decode_opening(can, NULL);
    if (!can->emitter.open) {
        drop_opening(can);
        return;
    }
    spill_held(can);
    if (may_be_over(can))
        end(can, BTAP_OK);
    else if (joined)
        end(can, BTAP_INCOMPLETE);
    else
        end(can, can_host_step(can->step) ? BTAP_INCOMPLETE : emit_status_at_end(&can->emitter));
}
