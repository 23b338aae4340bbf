/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Setup bytes, GETSTATUS and GETSTATE answers (DFU 1.1 section 6.1), failures: their spans, values
 * and notes.
 */
#include "dfu/internal.h"

/* Meaning of bStatus (DFU 1.1 section 6.1.2); OK has none. */
static const enum btap_note_id error_notes[DFU_STATUSES] = {
    [1] = BTAP_NOTE_ERR_TARGET,       [2] = BTAP_NOTE_ERR_FILE,
    [3] = BTAP_NOTE_ERR_WRITE,        [4] = BTAP_NOTE_ERR_ERASE,
    [5] = BTAP_NOTE_ERR_CHECK_ERASED, [6] = BTAP_NOTE_ERR_PROG,
    [7] = BTAP_NOTE_ERR_VERIFY,       [8] = BTAP_NOTE_ERR_ADDRESS,
    [9] = BTAP_NOTE_ERR_NOTDONE,      [10] = BTAP_NOTE_ERR_FIRMWARE,
    [11] = BTAP_NOTE_ERR_VENDOR,      [12] = BTAP_NOTE_ERR_USBR,
    [13] = BTAP_NOTE_ERR_POR,         [14] = BTAP_NOTE_ERR_UNKNOWN,
    [15] = BTAP_NOTE_ERR_STALLEDPKT,
};

bool dfu_next_piece(const struct btap_usb_control *control, uint32_t *offset, uint32_t *left,
                    struct btap_usb_piece *piece)
{
    uint32_t begin = *offset;

    if (*left == 0)
        return false;
    *piece = (struct btap_usb_piece){control->at.packet, control->at.offset + begin, *left};
    for (uint32_t i = 0; i < control->pieces_length; i++) {
        const struct btap_usb_piece *one = &control->pieces[i];

        if (begin < one->length) {
            *piece = (struct btap_usb_piece){one->packet, one->offset + begin, one->length - begin};
            break;
        }
        begin -= one->length;
    }
    if (piece->length > *left)
        piece->length = *left;
    *offset += piece->length;
    *left -= piece->length;
    return true;
}

void dfu_span(struct btap_dfu *dfu, const struct btap_usb_control *control, enum btap_field field,
              uint32_t offset, uint32_t length, uint64_t value)
{
    struct btap_usb_piece piece;

    if (dfu->payload_gone)
        return;
    for (uint32_t from = offset; dfu_next_piece(control, &offset, &length, &piece); from = offset) {
        struct btap_span span = {
            .packet = piece.packet,
            .offset = piece.offset,
            .length = piece.length,
            .direction =
                control->setup.request_type & 0x80 ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE,
            .field = field,
            .bytes = control->data + from,
            .value = value,
            .last = length == 0,
        };

        emit_span(&dfu->emitter, &span);
    }
}

/** Span of 1 or 2 of the setup bytes, from where they stand in the packet of 8. */
static void setup_span(struct btap_dfu *dfu, const struct btap_usb_control *control,
                       enum btap_field field, uint32_t position, uint32_t length, uint16_t value)
{
    const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8)};
    struct btap_span span = {
        .packet = control->at.packet,
        .offset = control->setup_offset + position,
        .length = length,
        .direction = BTAP_HOST_TO_DEVICE,
        .field = field,
        .bytes = bytes,
        .value = value,
        .last = true,
    };

    emit_span(&dfu->emitter, &span);
}

void dfu_setup_spans(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    const struct btap_usb_setup *setup = &control->setup;

    if (!control->setup_here || !emit_wants_spans(&dfu->emitter))
        return;
    setup_span(dfu, control, BTAP_FIELD_REQUEST, 1, 1, setup->request);
    if (setup->request == DFU_DNLOAD || setup->request == DFU_UPLOAD)
        setup_span(dfu, control, BTAP_FIELD_BLOCK, 2, 2, setup->value);
    else if (setup->request == DFU_DETACH)
        setup_span(dfu, control, BTAP_FIELD_DETACH_TIMEOUT, 2, 2, setup->value);
    setup_span(dfu, control, BTAP_FIELD_INTERFACE, 4, 2, setup->index);
    setup_span(dfu, control, BTAP_FIELD_LENGTH, 6, 2, setup->length);
}

void dfu_note_cut(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    /* Of a file that lacks data no snapshot length is to blame. */
    if (control->captured == control->length ||
        (!dfu->replaying && emit_lacks(&dfu->emitter, BTAP_LACKS_DATA)))
        return;
    emit_note(&dfu->emitter, dfu->replaying ? BTAP_NOTE_DATA_NOT_KEPT : BTAP_NOTE_TRUNCATED,
              &control->at, control->captured, control->length, 0);
}

static void status_spans(struct btap_dfu *dfu, const struct btap_usb_control *control,
                         const struct dfu_answer *answer)
{
    if (!emit_wants_spans(&dfu->emitter))
        return;
    dfu_span(dfu, control, BTAP_FIELD_DFU_STATUS, 0, 1, answer->status);
    dfu_span(dfu, control, BTAP_FIELD_POLL_TIMEOUT, 1, 3, answer->poll_timeout_ms);
    dfu_span(dfu, control, BTAP_FIELD_DFU_STATE, 4, 1, answer->state);
    dfu_span(dfu, control, BTAP_FIELD_STATUS_STRING, 5, 1, control->data[5]);
}

bool dfu_take_status(struct btap_dfu *dfu, const struct btap_usb_control *control,
                     struct dfu_answer *answer)
{
    struct btap_transaction *transaction = &dfu->emitter.transaction;
    const uint8_t *data = control->data;

    dfu_note_cut(dfu, control);
    if (!dfu_status_plausible(data, control->captured, control->length)) {
        if (control->captured == control->length)
            emit_note(&dfu->emitter, BTAP_NOTE_ANSWER_MALFORMED, &control->at, DFU_GETSTATUS,
                      control->length, 0);
        dfu->state = BTAP_DFU_STATE_UNKNOWN;
        return false;
    }
    *answer = (struct dfu_answer){
        .status = data[0],
        .poll_timeout_ms = data[1] | (uint32_t)data[2] << 8 | (uint32_t)data[3] << 16,
        .state = data[4],
    };
    status_spans(dfu, control, answer);
    dfu->state = answer->state;
    transaction->has |= BTAP_HAS_DFU_STATUS;
    transaction->dfu_status = answer->status;
    transaction->dfu_state = answer->state;
    transaction->dfu_string = data[5];
    if (answer->poll_timeout_ms > transaction->poll_timeout_ms)
        transaction->poll_timeout_ms = answer->poll_timeout_ms;
    return true;
}

bool dfu_take_state(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    dfu_note_cut(dfu, control);
    if (control->captured != 1 || control->length != 1 || control->data[0] >= DFU_STATES) {
        if (control->captured == control->length)
            emit_note(&dfu->emitter, BTAP_NOTE_ANSWER_MALFORMED, &control->at, DFU_GETSTATE,
                      control->length, 0);
        dfu->state = BTAP_DFU_STATE_UNKNOWN;
        return false;
    }
    dfu_span(dfu, control, BTAP_FIELD_DFU_STATE, 0, 1, control->data[0]);
    dfu->state = control->data[0];
    return true;
}

void dfu_note_error(struct btap_dfu *dfu, const struct btap_origin *at, uint8_t status)
{
    if (status != DFU_STATUS_OK)
        emit_note(&dfu->emitter, error_notes[status], at, 0, 0, 0);
}

void dfu_note_failure(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    enum btap_note_id id = BTAP_NOTE_TRANSFER_FAILED;
    uint32_t raw_status = 0;

    switch (control->status) {
    case BTAP_USB_CANCELLED:
        id = BTAP_NOTE_TRANSFER_CANCELLED;
        break;
    case BTAP_USB_TIMEOUT:
        id = BTAP_NOTE_TRANSFER_TIMEOUT;
        break;
    case BTAP_USB_BUS_ERROR:
        id = BTAP_NOTE_BUS_ERROR;
        break;
    case BTAP_USB_BABBLE:
        id = BTAP_NOTE_BABBLE;
        break;
    case BTAP_USB_OK:
    case BTAP_USB_STALL:
    case BTAP_USB_GONE:
    case BTAP_USB_SHORT:
    case BTAP_USB_OTHER:
        raw_status = (uint32_t)control->raw_status;
        break;
    }
    emit_note(&dfu->emitter, id, &control->at, raw_status, 0, 0);
}
