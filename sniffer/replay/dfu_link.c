/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/dfu_link.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "replay/patience.h"

enum {
    /* bmRequestType of class requests to an interface (DFU 1.1 section 3) */
    CLASS_OUT = 0x21,
    CLASS_IN = 0xa1,

    STATUS_SIZE = 6,
    STATUSES = 16,
};

/** Longest wait that a control transfer can be told of: some days. */
#define TIMEOUT_MAX_MS 0x0fffffff

static uint32_t in_ms(btap_ns time)
{
    const btap_ns ms = time / CLOCK_NS_PER_MS;

    if (ms < 1)
        return 1;
    return ms > TIMEOUT_MAX_MS ? TIMEOUT_MAX_MS : (uint32_t)ms;
}

static enum dfu_link_reply reply_of(enum btap_usb_status status)
{
    switch (status) {
    case BTAP_USB_OK:
        return DFU_LINK_DONE;
    case BTAP_USB_STALL:
        return DFU_LINK_STALLED;
    case BTAP_USB_GONE:
        return DFU_LINK_GONE;
    case BTAP_USB_CANCELLED:
    case BTAP_USB_TIMEOUT:
    case BTAP_USB_BUS_ERROR:
    case BTAP_USB_BABBLE:
    case BTAP_USB_SHORT:
    case BTAP_USB_OTHER:
        break;
    }
    return DFU_LINK_FAILED;
}

enum dfu_link_reply dfu_link_transfer(struct dfu_link *dfu, struct wire_control *control)
{
    const struct wire_message message = {.kind = WIRE_CONTROL, .control = control};

    if (control->timeout_ms == 0)
        control->timeout_ms = in_ms(dfu_link_patience(dfu));
    if (gate_send(dfu->host.gate, &message) != WIRE_DONE)
        return DFU_LINK_DEAD;
    return reply_of(control->status);
}

struct btap_usb_setup dfu_link_setup(const struct dfu_link *dfu, enum dfu_link_request request,
                                     uint16_t value, uint16_t length)
{
    const bool in =
        request == DFU_LINK_UPLOAD || request == DFU_LINK_GETSTATUS || request == DFU_LINK_GETSTATE;

    return (struct btap_usb_setup){
        .request_type = in ? CLASS_IN : CLASS_OUT,
        .request = (uint8_t)request,
        .value = value,
        .index = gate_wire(dfu->host.gate)->usb_interface,
        .length = length,
    };
}

enum dfu_link_reply dfu_link_plain(struct dfu_link *dfu, enum dfu_link_request request,
                                   uint16_t value)
{
    struct wire_control control = {.setup = dfu_link_setup(dfu, request, value, 0)};

    return dfu_link_transfer(dfu, &control);
}

enum dfu_link_reply dfu_link_get_status(struct dfu_link *dfu, btap_ns timeout,
                                        struct dfu_link_status *status)
{
    uint8_t bytes[STATUS_SIZE] = {0};
    struct wire_control control = {
        .setup = dfu_link_setup(dfu, DFU_LINK_GETSTATUS, 0, sizeof(bytes)),
        .data = bytes,
        .timeout_ms = in_ms(timeout),
    };
    const enum dfu_link_reply reply = dfu_link_transfer(dfu, &control);

    dfu->state = DFU_LINK_UNKNOWN;
    if (reply != DFU_LINK_DONE)
        return reply;
    if (control.transferred != sizeof(bytes) || bytes[0] >= STATUSES || bytes[4] >= DFU_LINK_STATES)
        return DFU_LINK_UNREADABLE;
    *status = (struct dfu_link_status){
        .status = bytes[0],
        .poll_ms = bytes[1] | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3] << 16,
        .state = bytes[4],
        .string = bytes[5],
    };
    dfu->state = status->state;
    return DFU_LINK_DONE;
}

enum dfu_link_reply dfu_link_get_state(struct dfu_link *dfu)
{
    uint8_t state = 0;
    struct wire_control control = {
        .setup = dfu_link_setup(dfu, DFU_LINK_GETSTATE, 0, 1),
        .data = &state,
    };
    const enum dfu_link_reply reply = dfu_link_transfer(dfu, &control);

    dfu->state = DFU_LINK_UNKNOWN;
    if (reply != DFU_LINK_DONE)
        return reply;
    if (control.transferred != 1 || state >= DFU_LINK_STATES)
        return DFU_LINK_UNREADABLE;
    dfu->state = state;
    return DFU_LINK_DONE;
}

btap_ns dfu_link_patience(const struct dfu_link *dfu)
{
    return host_patience(&dfu->host, patience_for_answer(BTAP_DFU));
}

void dfu_link_sleep(btap_ns time)
{
    const btap_ns until = clock_monotonic() + time;

    /* Rounded up: a device that is asked before its time may refuse to answer. */
    for (btap_ns left = time; left > 0; left = until - clock_monotonic())
        interrupt_poll(NULL, 0, (int)in_ms(left + CLOCK_NS_PER_MS - 1));
}

uint32_t dfu_link_transfer_size(const struct dfu_link *dfu)
{
    const struct btap_usb_device *usb = gate_wire(dfu->host.gate)->usb;

    return usb != NULL && usb->dfu.known ? usb->dfu.transfer_size : 0;
}

void dfu_link_tell_status(struct host_answer *answer, const struct dfu_link_status *status)
{
    struct btap_transaction *transaction = &answer->transaction;

    transaction->has |= BTAP_HAS_DFU_STATUS;
    transaction->dfu_status = status->status;
    transaction->dfu_state = status->state;
    transaction->dfu_string = status->string;
    if (status->poll_ms > transaction->poll_timeout_ms)
        transaction->poll_timeout_ms = status->poll_ms;
}

enum host_end dfu_link_fail(struct dfu_link *dfu, struct host_answer *answer,
                            enum dfu_link_reply reply, enum btap_phase phase)
{
    char words[BTAP_DESCRIBE_SIZE];

    dfu->state = DFU_LINK_UNKNOWN;
    switch (reply) {
    case DFU_LINK_STALLED:
        host_answer_end(&dfu->host, answer, BTAP_STALL, phase);
        return HOST_ANSWERED;
    case DFU_LINK_UNREADABLE:
        host_answer_end(&dfu->host, answer, BTAP_BAD_REPLY, BTAP_PHASE_REPLY);
        return HOST_ANSWERED;
    case DFU_LINK_DONE:
    case DFU_LINK_FAILED:
        host_answer_end(&dfu->host, answer, BTAP_NO_REPLY, phase);
        return HOST_ANSWERED;
    case DFU_LINK_GONE:
        message("%s: the device left the bus in the middle of '%s'; look at its cable and power",
                gate_wire(dfu->host.gate)->name,
                btap_transaction_describe(&answer->transaction, words, sizeof(words)));
        break;
    case DFU_LINK_DEAD:
        break;
    }
    host_answer_end(&dfu->host, answer, BTAP_DISCONNECTED, phase);
    return HOST_GONE;
}
