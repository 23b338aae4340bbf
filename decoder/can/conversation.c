/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "can/conversation.h"

#include <string.h>

#include "can/copies.h"
#include "can/recognise.h"
#include "can/shape.h"

#define ID_OPCODE 0xffu

/* A second answer to Go comes at once or not at all */
#define GO_ANSWER_WITHIN_NS ((btap_ns)1000000000)

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
    const struct btap_transaction *transaction = can_transaction(can);
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
        can_note(can, BTAP_NOTE_DETECTION_ID, frame, 0, 0);
    if (can_is_padded_detection(frame))
        can_note(can, BTAP_NOTE_DETECTION_PADDED, frame, frame->length, 0);
    if (can_is_classic_detection(frame))
        can_note(can, BTAP_NOTE_CAN_CLASSIC, frame, 0, 0);
    if (can->misplaced)
        can_note(can, BTAP_NOTE_OPCODE_IN_DATA, frame, frame->data[0], frame->id);
    if (shape == CAN_SHORT)
        can_note(can, BTAP_NOTE_COMMAND_FRAME_SHORT, frame, frame->length, length);
    if (list)
        can_note(can, BTAP_NOTE_LIST_IN_COMMAND, frame, frame->length, 0);
    if (data)
        can_note(can, BTAP_NOTE_DATA_TAKEN_AS_COMMAND, frame, frame->length, length);
    if (frame->fd && (frame->id & ID_OPCODE) == CAN_OPCODE_ERASE_OTHER)
        can_note(can, BTAP_NOTE_ERASE_OPCODE_43, frame, 0, 0);
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

void can_begin(struct btap_can *can, const struct btap_can_frame *frame)
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

void can_begin_held(struct btap_can *can)
{
    struct can_kept kept;

    can_begin(can, can_release(can, &kept));
}

/** How many data frames so many bytes fill, as ST's own code counts them: one for 64 or 8 bytes. */
static uint32_t frames_for(const struct btap_can *can, uint32_t bytes)
{
    const uint32_t most = can_frame_max(can_is_fd(can));

    return (bytes + most - 1) / most;
}

void can_end(struct btap_can *can, enum btap_status status)
{
    const enum btap_phase phase = status == BTAP_OK ? BTAP_PHASE_NONE : can->step->phase;
    const struct btap_transaction *transaction = can_transaction(can);

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

bool can_may_be_over(const struct btap_can *can)
{
    return can->emitter.open && can->step->optional && can->step[1].kind == CAN_END;
}

/** Frames that came before their time are all that is left: the device takes them as commands. */
static void take_up_held(struct btap_can *can)
{
    if (!can->emitter.open && can->held_length > 0)
        can_begin_held(can);
}

static bool lists_command(const struct btap_can *can, uint8_t opcode)
{
    return (can->commands[opcode >> 5] >> (opcode & 31) & 1) != 0;
}

static void explain_nack(struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = can_transaction(can);
    const enum btap_command command = transaction->command;
    const bool address = command == BTAP_READ_MEMORY || command == BTAP_WRITE_MEMORY;

    if (command == BTAP_SYNC && !can->malformed)
        can_note(can, can_is_fd(can) ? BTAP_NOTE_DETECTION_REFUSED : BTAP_NOTE_CAN_ALREADY_SYNCED,
                 frame, 0, 0);
    if (command == BTAP_SYNC || can->step->phase != BTAP_PHASE_COMMAND || can->malformed)
        return;
    if (transaction->request_id > ID_OPCODE && transaction->request_id != CAN_ID &&
        (can->version == 0 || can->version >= 0x21))
        can_note(can, BTAP_NOTE_CAN_ID_TOO_LARGE, frame, transaction->request_id, 0);
    else if (command == BTAP_COMMAND_UNKNOWN ||
             (can->commands_known && !lists_command(can, transaction->opcode)))
        can_note(can, BTAP_NOTE_UNSUPPORTED_COMMAND, frame, transaction->opcode, 0);
    else if (address)
        can_note(can, BTAP_NOTE_PROTECTED_OR_ADDRESS, frame, transaction->opcode, 0);
    else if (btap_command_has(command, BTAP_TRAIT_RESTRICTED))
        can_note(can,
                 can->commands_known ? BTAP_NOTE_READ_PROTECTION_LIKELY : BTAP_NOTE_REFUSED_AT_ONCE,
                 frame, transaction->opcode, 0);
}

/** @param frame with which the host went on */
static void explain_silence(struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = can_transaction(can);

    if (can->step->kind == CAN_PAYLOAD)
        can_note(can, BTAP_NOTE_DATA_FRAMES_MISSING, frame, transaction->transferred,
                 transaction->length);
    /* Where no node acknowledged the frame, no device heard it. */
    if (can->step->phase != BTAP_PHASE_COMMAND ||
        (can->errors_told & CAN_ERROR_NO_ACKNOWLEDGE) != 0)
        return;
    if (can->swallowed)
        can_note(can, BTAP_NOTE_COMMAND_TAKEN_AS_DATA, frame, transaction->opcode, 0);
    else if (can_is_fd(can) && !can->answered && !can->detection && !can->silence_told) {
        can->silence_told = true;
        can_note(can, BTAP_NOTE_DETECTION_MISSING, frame, 0, 0);
    } else if (can_is_fd(can) && can->answered &&
               btap_command_has(transaction->command, BTAP_TRAIT_RESTRICTED)) {
        can_note(can, BTAP_NOTE_SILENT_PROTECTION, frame, transaction->opcode, 0);
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
    struct btap_transaction *transaction = can_transaction(can);

    if (!is_reply_id(can, frame))
        can_note(can, BTAP_NOTE_REPLY_ID_UNUSUAL, frame, frame->id, transaction->request_id);
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
        can_end(can, BTAP_OK);
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
    can_end(can, BTAP_NACK);
}

/** What is missing where an answer comes before the step is complete. */
static void note_cut_step(struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = can_transaction(can);

    switch (can->step->kind) {
    case CAN_PAYLOAD:
        if (frame->data[0] == CAN_ACK && can->data_frames == frames_for(can, transaction->length))
            emit_note(&can->emitter, BTAP_NOTE_DATA_FRAMES_NOT_FULL, &frame->at,
                      transaction->length, can->data_frames, transaction->transferred);
        else
            can_note(can, BTAP_NOTE_DATA_FRAMES_MISSING, frame, transaction->transferred,
                     transaction->length);
        return;
    case CAN_PAGES:
    case CAN_PAGES_8:
    case CAN_SECTORS:
        can_note(can, BTAP_NOTE_LIST_SHORT, frame, transaction->list_length,
                 transaction->list_announced);
        return;
    case CAN_CONTENTS:
    case CAN_OPTIONS:
    case CAN_PID:
    case CAN_REPLY_SIZE:
    case CAN_STATUS_SIZE:
        can_note(can, BTAP_NOTE_REPLY_SHORT, frame, can->left, 0);
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
    const struct btap_transaction *transaction = can_transaction(can);

    can->commands_known = true;
    if (transaction->list_length != transaction->list_announced)
        can_note(can, BTAP_NOTE_COMMAND_COUNT_WRONG, frame, transaction->list_announced,
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

bool can_is_host_id(const struct btap_can *can, uint32_t id)
{
    return id <= ID_OPCODE || (id & CAN_ID_BASE) == can->base;
}

bool can_is_command(const struct btap_can *can, const struct btap_can_frame *frame,
                    enum can_shape at_least)
{
    const enum can_shape shape = can_shape(frame);

    if (shape == CAN_DETECTION)
        return true;
    if (shape < CAN_TYPICAL && can_is_of_others(can, frame->id))
        return false;
    if (!can->base_known)
        return shape >= (can->bootloader ? at_least : CAN_PLAUSIBLE);
    return shape >= at_least && can_is_host_id(can, frame->id);
}

void can_spill_held(struct btap_can *can)
{
    struct can_kept kept;

    while (can->held_length > 0)
        can_tell_whole(can, can_release(can, &kept), BTAP_HOST_TO_DEVICE, BTAP_FIELD_SKIPPED);
}

bool can_host_went_on(struct btap_can *can, const struct btap_can_frame *frame)
{
    const bool again = is_request_again(can, frame);

    can_spill_held(can);
    explain_silence(can, frame);
    can_end(can, BTAP_NO_REPLY);
    can_begin(can, frame);
    if (again && can->detection && can_transaction(can)->command == BTAP_SYNC)
        can_note(can, BTAP_NOTE_DETECTION_REPEATED, frame, 0, 0);
    else if (again)
        can_note(can, BTAP_NOTE_HOST_RETRY, frame, frame->id & ID_OPCODE, 0);
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
        can_note(can, id, frame, 0, 0);
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
        can_note(can, BTAP_NOTE_NOT_AN_ANSWER, frame, frame->data[0], 0);
    can_end(can, BTAP_BAD_REPLY);
    take_up_held(can);
    return true;
}

/** More data where the device's closing ACK is due. */
static bool surplus_reply(struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = can_transaction(can);

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
        can_note(can, BTAP_NOTE_REPLY_SURPLUS, frame, 0, 0);
    can->reply_told = true;
    return true;
}

bool can_is_late_answer(const struct btap_can *can, const struct btap_can_frame *frame)
{
    return can->last_request && can_is_bare_answer(frame) &&
           can_is_reply_id(frame, can->last_request_id);
}

bool can_late_answer(struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *last = can_transaction(can);

    /* More frames than it reads brought the data: it takes the rest for commands. */
    if (!can->surplus_told && !can->emitter.open && frame->data[0] == CAN_NACK &&
        last->command == BTAP_WRITE_MEMORY && can->data_frames > frames_for(can, last->length))
        emit_note(&can->emitter, BTAP_NOTE_DATA_FRAMES_NOT_FULL, &frame->at, last->length,
                  frames_for(can, last->length), frames_for(can, last->length) * can->data_length);
    else if (!can->surplus_told)
        can_note(can, can->last_unanswered ? BTAP_NOTE_LATE_ANSWER : BTAP_NOTE_SURPLUS_ANSWER,
                 frame, frame->data[0], 0);
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
        can_note(can, BTAP_NOTE_DATA_BEFORE_ACK, frame, 0, 0);
    can_resume(can);
    can_consume(can, frame, BTAP_HOST_TO_DEVICE);
    return true;
}

/** While an answer is due. */
static bool in_answer(struct btap_can *can, const struct btap_can_frame *frame)
{
    const bool sync = can_is_fd(can) && can_transaction(can)->command == BTAP_SYNC;
    const bool on_reply_id = is_reply_id(can, frame);

    if (on_reply_id && can_is_answer(frame)) {
        take_answer(can, frame);
        take_up_held(can);
        return true;
    }
    if (can_is_bare_answer(frame)) {
        if (can_is_late_answer(can, frame))
            return can_late_answer(can, frame);
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
        return can_host_went_on(can, frame);
    if (keep_data(can, frame))
        return true;
    if (on_reply_id && frame->length > 1 && after_reply(can) && !can_is_exact(frame))
        return surplus_reply(can, frame);
    if (on_reply_id && is_bad_reply(frame))
        return bad_reply(can, frame);
    if (!can_is_command(can, frame, CAN_FIT))
        return false;
    if (sync && can_shape(frame) != CAN_DETECTION)
        return can_hold(can, frame);
    return can_host_went_on(can, frame);
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
    if (can_is_command(can, frame, CAN_FIT))
        return can_host_went_on(can, frame);
    /* Some hosts send data on an identifier of its own, which the device does not look at. */
    if (!fits || !can_is_host_id(can, frame->id))
        return false;
    can_consume(can, frame, BTAP_HOST_TO_DEVICE);
    return true;
}

/** ST's own code sends what is left of a read after its full classic frames a byte a frame. */
static uint32_t rest_in_bytes(const struct btap_can *can)
{
    return can->step->kind == CAN_CONTENTS && !can_is_fd(can) ? can_frame_max(false) - 1u : 1;
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
    return can_is_command(can, frame, CAN_FIT) && can_host_went_on(can, frame);
}

bool can_in_command(struct btap_can *can, const struct btap_can_frame *frame)
{
    if (can_host_step(can->step))
        return in_host_step(can, frame);
    if (can_device_step(can->step))
        return in_device_step(can, frame);
    return in_answer(can, frame);
}

bool can_is_over(const struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = &can->emitter.transaction;
    btap_ns elapsed;

    if (!can_may_be_over(can))
        return false;
    elapsed = frame->at.time - transaction->time;
    /* A count of pages may look like an answer, and the answer is what is due. */
    if (!frame->fd && can_is_bare_answer(frame) && is_reply_id(can, frame))
        return false;
    return can_is_command(can, frame, CAN_FIT) ||
           (transaction->command == BTAP_GO && elapsed > transaction->duration &&
            elapsed - transaction->duration > GO_ANSWER_WITHIN_NS);
}
