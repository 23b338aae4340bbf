/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/gate_check.h"

#include "replay/reach.h"

enum {
    /* AN3155 section 1 */
    SYNC_BYTE = 0x7f,
    /* AN3154 section 1 */
    CLASSIC_SYNC_ID = 0x79,
    /* AN5405 section 1 */
    DETECTION_ID = 0x111,
    DETECTION_ID_OTHER = 0x11, /* in the note's text */
    DETECTION_BYTE = 0x5a,
    /* USB 2.0 section 9.4, DFU 1.1 section 3 */
    STANDARD_OUT = 0x01, /* to an interface */
    STANDARD_IN = 0x80,
    GET_DESCRIPTOR = 6,
    SET_INTERFACE = 11,
    CLASS_OUT = 0x21,
    CLASS_IN = 0xa1,
    DETACH = 0,
    DNLOAD = 1,
    UPLOAD = 2,
    GETSTATUS = 3,
    CLRSTATUS = 4,
    GETSTATE = 5,
    ABORT = 6,

    SET_ADDRESS = 0x21,
    FIRST_BLOCK = 2, /* that carries data (AN3156 section 5) */
    ADDRESS_SIZE = 4,
};

static const char another[] = "it is another command than the one in hand";
static const char elsewhere[] = "it goes to another address than the command in hand";
static const char too_many[] = "the command in hand has no more messages";

static uint32_t be32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint32_t le32(const uint8_t *bytes)
{
    return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

/* Serial: AN3155 section 3 */

/** Messages of a command at most, one a group between two answers; 0: opcode and complement are all
 * of it. */
static const uint8_t groups_of[BTAP_COMMAND_COUNT] = {
    [BTAP_GO] = 2,
    [BTAP_ERASE] = 2,
    [BTAP_EXTENDED_ERASE] = 2,
    [BTAP_WRITE_PROTECT] = 2,
    [BTAP_READ_MEMORY] = 3,
    [BTAP_WRITE_MEMORY] = 3,
    [BTAP_SPECIAL] = 3,
    [BTAP_EXTENDED_SPECIAL] = 4,
    [BTAP_GET_CHECKSUM] = 5,
};

/** The same where a command is not sent to its end: up to a phase. */
static const uint8_t groups_until[BTAP_PHASE_COUNT] = {
    [BTAP_PHASE_COMMAND] = 1, [BTAP_PHASE_ADDRESS] = 2,    [BTAP_PHASE_SUBCOMMAND] = 2,
    [BTAP_PHASE_LENGTH] = 3,  [BTAP_PHASE_POLYNOMIAL] = 4,
};

static unsigned groups_most(const struct btap_transaction *transaction)
{
    return reach_is_short(transaction) ? groups_until[reach_of(transaction)]
                                       : groups_of[transaction->command];
}

static const char *check_sync(const struct wire_message *message)
{
    return message->length == 1 && message->bytes[0] == SYNC_BYTE ? NULL : another;
}

static bool begins(const struct btap_transaction *transaction, const struct wire_message *message)
{
    return message->length == 2 && message->bytes[0] == transaction->opcode &&
           (message->bytes[0] ^ message->bytes[1]) == 0xff;
}

static const char *check_bytes(const struct gate_check *check,
                               const struct btap_transaction *transaction,
                               const struct wire_message *message)
{
    const unsigned groups = groups_most(transaction);

    if (transaction->command == BTAP_SYNC)
        return check_sync(message);
    /* A command that has no more may be tried again. */
    if (check->messages == 0 || groups == 0)
        return begins(transaction, message) ? NULL : another;
    if (check->messages >= groups)
        return too_many;
    if (check->messages == 1 && (transaction->has & BTAP_HAS_ADDRESS) != 0 &&
        (message->length != ADDRESS_SIZE + 1 || be32(message->bytes) != transaction->address))
        return elsewhere;
    return NULL;
}

/* CAN: AN5405 and AN3154, section 3 of both */

/** Whether frames of the host may follow the first one. */
static const bool has_more_frames[BTAP_COMMAND_COUNT] = {
    [BTAP_WRITE_MEMORY] = true,     [BTAP_ERASE] = true,         [BTAP_SPECIAL] = true,
    [BTAP_EXTENDED_SPECIAL] = true, [BTAP_WRITE_PROTECT] = true,
};

/** Frames of a command that is not sent to its end: its first one, and a sub-command's own. */
static unsigned frames_most(const struct btap_transaction *transaction)
{
    return reach_of(transaction) == BTAP_PHASE_SUBCOMMAND ? 2 : 1;
}

static bool is_sync(const struct btap_transaction *transaction, const struct wire_frame *frame)
{
    if (transaction->transport == BTAP_CAN)
        return frame->id == CLASSIC_SYNC_ID && frame->length == 0;
    return (frame->id == DETECTION_ID || frame->id == DETECTION_ID_OTHER) && frame->length > 0 &&
           frame->data[0] == DETECTION_BYTE;
}

static const char *check_frame(const struct gate_check *check,
                               const struct btap_transaction *transaction,
                               const struct wire_frame *frame)
{
    if (frame->extended || frame->error || frame->length > WIRE_FRAME_MAX ||
        (transaction->transport == BTAP_CAN && frame->fd))
        return "no bootloader reads such a frame";
    if (reach_is_short(transaction) && check->messages >= frames_most(transaction))
        return too_many;
    if (check->messages > 0 && has_more_frames[transaction->command])
        return NULL;
    if (transaction->command == BTAP_SYNC)
        return is_sync(transaction, frame) ? NULL : another;
    if ((uint8_t)frame->id != transaction->opcode)
        return another;
    if ((transaction->has & BTAP_HAS_ADDRESS) != 0 &&
        (frame->length < ADDRESS_SIZE || be32(frame->data) != transaction->address))
        return elsewhere;
    return NULL;
}

/* USB: DFU 1.1 section 3, AN3156 section 5 */

static bool is_dfuse(const struct wire *wire)
{
    return wire->usb == NULL || !wire->usb->dfu.known || wire->usb->dfu.bcd_dfu == BTAP_BCD_DFUSE;
}

/** A command of DfuSe: its code, then for two of them an address, the lowest byte first. */
static const char *check_dfuse_command(const struct btap_transaction *transaction,
                                       const struct wire_control *control)
{
    const bool has_address = (transaction->has & BTAP_HAS_ADDRESS) != 0;

    if ((transaction->has & BTAP_HAS_OPCODE) == 0 || control->data[0] != transaction->opcode)
        return another;
    if (control->setup.length == 1)
        return transaction->command == BTAP_ERASE && transaction->erase != BTAP_ERASE_MASS
                   ? elsewhere
                   : NULL;
    return control->setup.length == 1 + ADDRESS_SIZE && has_address &&
                   le32(control->data + 1) == transaction->address
               ? NULL
               : elsewhere;
}

/** Where DfuSe puts a block depends on what was sent before: it must be where the plan has it. */
static const char *check_block(const struct gate_check *check, const struct wire *wire,
                               const struct btap_transaction *transaction, uint16_t block)
{
    const uint32_t size = wire->usb != NULL ? wire->usb->dfu.transfer_size : 0;

    if (transaction->command != BTAP_WRITE_MEMORY)
        return another;
    if (block < FIRST_BLOCK)
        return "block 1 is reserved";
    if ((transaction->has & BTAP_HAS_ADDRESS) == 0)
        return NULL;
    if (!check->pointer_known)
        return "the address pointer of the device is not known";
    return check->pointer + (uint32_t)(block - FIRST_BLOCK) * size == transaction->address
               ? NULL
               : elsewhere;
}

static const char *check_download(const struct gate_check *check, const struct wire *wire,
                                  const struct btap_transaction *transaction,
                                  const struct wire_control *control)
{
    /* The end of a plain image, or of DFU mode */
    if (control->setup.length == 0)
        return transaction->command == BTAP_LEAVE ||
                       (transaction->command == BTAP_DOWNLOAD && transaction->length == 0)
                   ? NULL
                   : another;
    if (!is_dfuse(wire))
        return transaction->command == BTAP_DOWNLOAD ? NULL : another;
    if (control->setup.value == 0)
        return check_dfuse_command(transaction, control);
    return check_block(check, wire, transaction, control->setup.value);
}

static const char *check_upload(enum btap_command command)
{
    return command == BTAP_GET || command == BTAP_READ_MEMORY || command == BTAP_UPLOAD ? NULL
                                                                                        : another;
}

/** @param transaction NULL: no command is in hand */
static const char *check_control(const struct gate_check *check, const struct wire *wire,
                                 const struct btap_transaction *transaction,
                                 const struct wire_control *control)
{
    const struct btap_usb_setup *setup = &control->setup;

    if ((setup->request_type == STANDARD_IN && setup->request == GET_DESCRIPTOR) ||
        (setup->request_type == STANDARD_OUT && setup->request == SET_INTERFACE))
        return NULL;
    if (transaction == NULL)
        return "no command is in hand";
    if (setup->request_type == CLASS_IN) {
        if (setup->request == GETSTATUS || setup->request == GETSTATE)
            return NULL;
        return setup->request == UPLOAD ? check_upload(transaction->command) : another;
    }
    if (setup->request_type != CLASS_OUT)
        return "it is no request of DFU";
    if (setup->request == CLRSTATUS || setup->request == ABORT)
        return NULL;
    if (setup->request == DETACH)
        return transaction->command == BTAP_DETACH ? NULL : another;
    return setup->request == DNLOAD ? check_download(check, wire, transaction, control) : another;
}

/* All of them */

static enum wire_medium medium_of(enum wire_message_kind kind)
{
    switch (kind) {
    case WIRE_BYTES:
    case WIRE_LINES:
        return WIRE_SERIAL;
    case WIRE_FRAME:
        return WIRE_CAN;
    case WIRE_CONTROL:
        return WIRE_USB;
    }
    return WIRE_SERIAL;
}

static bool carries(enum wire_medium medium, enum btap_transport transport)
{
    switch (medium) {
    case WIRE_SERIAL:
        return transport == BTAP_USART;
    case WIRE_CAN:
        return transport == BTAP_FDCAN || transport == BTAP_CAN;
    case WIRE_USB:
        return transport == BTAP_DFU;
    }
    return false;
}

const char *gate_check_message(const struct gate_check *check, const struct wire *wire,
                               const struct plan_command *command,
                               const struct wire_message *message)
{
    const struct btap_transaction *transaction = command != NULL ? &command->transaction : NULL;

    if (medium_of(message->kind) != wire->kind->medium ||
        (command != NULL && !carries(wire->kind->medium, transaction->transport)))
        return "it is for another kind of wire";
    if (message->kind == WIRE_CONTROL)
        return check_control(check, wire, transaction, message->control);
    if (message->kind == WIRE_LINES)
        return command == NULL ? NULL : "DTR and RTS are moved between commands";
    if (command == NULL)
        return "no command is in hand";
    return message->kind == WIRE_BYTES ? check_bytes(check, transaction, message)
                                       : check_frame(check, transaction, message->frame);
}

void gate_check_sent(struct gate_check *check, const struct wire_message *message)
{
    const struct wire_control *control = message->control;

    check->messages++;
    if (message->kind != WIRE_CONTROL || control->setup.request_type != CLASS_OUT ||
        control->setup.request != DNLOAD || control->setup.value != 0 || control->setup.length == 0)
        return;
    /* An erase may move the pointer, a leave is the end of it. */
    check->pointer_known = control->setup.length == 1 + ADDRESS_SIZE &&
                           control->data[0] == SET_ADDRESS && control->status == BTAP_USB_OK;
    if (check->pointer_known)
        check->pointer = le32(control->data + 1);
}
