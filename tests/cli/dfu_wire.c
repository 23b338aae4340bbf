/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dfu_wire.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "products.h"
#include "test.h"

enum {
    CLASS_OUT = 0x21,
    CLASS_IN = 0xa1,
    STANDARD_IN = 0x80,
    GET_DESCRIPTOR = 6,
    SET_INTERFACE = 11,
};

static const char *const requests[] = {"DETACH",    "DNLOAD",   "UPLOAD", "GETSTATUS",
                                       "CLRSTATUS", "GETSTATE", "ABORT"};

static void append(struct dfu_wire *wire, const char *text)
{
    const size_t length = strlen(wire->log);

    assert_true(length + strlen(text) + 1 < sizeof(wire->log));
    strcpy(wire->log + length, text);
}

static void write_down(struct dfu_wire *wire, const struct wire_control *control)
{
    const struct btap_usb_setup *setup = &control->setup;
    char text[80];

    if (setup->request_type == CLASS_OUT || setup->request_type == CLASS_IN)
        append(wire, requests[setup->request]);
    else
        append(wire, setup->request == SET_INTERFACE ? "SET_INTERFACE" : "GET_DESCRIPTOR");
    if (setup->request == SET_INTERFACE || setup->request == DFU_DNLOAD ||
        setup->request == DFU_UPLOAD) {
        snprintf(text, sizeof(text), " %u", setup->value);
        append(wire, text);
    }
    if (setup->request == DFU_UPLOAD) {
        snprintf(text, sizeof(text), " *%u", setup->length);
        append(wire, text);
    }
    for (unsigned i = 0; setup->request == DFU_DNLOAD && i < setup->length && i < 8; i++) {
        snprintf(text, sizeof(text), "%s%02x", i == 0 ? " " : "", control->data[i]);
        append(wire, text);
    }
    append(wire, control->status == BTAP_USB_STALL  ? " STALL\n"
                 : control->status == BTAP_USB_GONE ? " GONE\n"
                                                    : "\n");
}

static const struct {
    enum btap_usb_status status;
    int32_t raw;
} outcomes[] = {
    [DFU_DONE] = {BTAP_USB_OK, 0},
    [DFU_STALLED] = {BTAP_USB_STALL, -EPIPE},
    [DFU_LEFT_BUS] = {BTAP_USB_GONE, -ESHUTDOWN},
    [DFU_BUS_ERROR] = {BTAP_USB_BUS_ERROR, -EPROTO},
    [DFU_NO_ANSWER] = {BTAP_USB_CANCELLED, -ENOENT},
    [DFU_TIMED_OUT] = {BTAP_USB_TIMEOUT, -ETIMEDOUT},
    [DFU_BABBLED] = {BTAP_USB_BABBLE, -EOVERFLOW},
    [DFU_CUT_SHORT] = {BTAP_USB_SHORT, -EREMOTEIO},
};

static void transfer(struct dfu_wire *wire, struct wire_control *control)
{
    const struct btap_usb_setup *from = &control->setup;
    const struct usb_setup setup = {from->request_type, from->request, from->value, from->index,
                                    from->length};
    static struct dfu_answer answer;

    wire->now += CLOCK_NS_PER_MS;
    dfu_device_request(&wire->device, wire->now, &setup, control->data, &answer);
    control->status = outcomes[answer.outcome].status;
    control->raw_status = outcomes[answer.outcome].raw;
    control->transferred = 0;
    if (answer.outcome != DFU_DONE)
        return;
    if ((from->request_type & 0x80) == 0) {
        control->transferred = from->length;
        return;
    }
    control->transferred = (uint32_t)answer.length;
    if (answer.length > 0)
        memcpy(control->data, answer.data, answer.length);
}

static enum wire_result send(struct wire *wire, const struct wire_message *message)
{
    struct dfu_wire *self = (struct dfu_wire *)wire;

    assert_int_equal(message->kind, WIRE_CONTROL);
    assert_true(message->control->timeout_ms > 0);
    if (message->control->timeout_ms > self->longest_timeout_ms)
        self->longest_timeout_ms = message->control->timeout_ms;
    if (self->device.gone)
        return WIRE_GONE;
    transfer(self, message->control);
    write_down(self, message->control);
    return WIRE_DONE;
}

static enum wire_result reopen(struct wire *wire, btap_ns deadline)
{
    struct dfu_wire *self = (struct dfu_wire *)wire;
    const struct dfu_device_config config = self->device.config;
    const struct sim_memory memory = self->device.memory;

    assert_true(deadline > clock_monotonic());
    self->reopened++;
    if (!self->comes_back)
        return WIRE_QUIET;
    dfu_device_init(&self->device, &config);
    self->device.memory = memory;
    append(self, "back\n");
    return WIRE_DONE;
}

static void close_wire(struct wire *wire)
{
    (void)wire;
}

static const struct wire_kind kind = {
    .medium = WIRE_USB, .send = send, .reopen = reopen, .close = close_wire};

/** One GET_DESCRIPTOR, which both the host and the recording know of. */
static void read_descriptor(struct dfu_wire *wire, uint16_t value, uint16_t language)
{
    struct wire_control *control = &wire->reads[wire->wire.usb_reads_length];
    struct btap_usb_control seen;

    assert_true(wire->wire.usb_reads_length < DFU_WIRE_READS_MAX);
    *control = (struct wire_control){
        .setup = {STANDARD_IN, GET_DESCRIPTOR, value, language, 255},
        .data = wire->read_bytes[wire->wire.usb_reads_length++],
    };
    transfer(wire, control);
    seen = (struct btap_usb_control){
        .setup_known = true,
        .setup = control->setup,
        .data = control->data,
        .captured = control->transferred,
        .length = control->transferred,
        .status = control->status,
    };
    btap_usb_device_control(&wire->usb, &seen);
}

void dfu_wire_open(struct dfu_wire *wire, const char *product,
                   const struct dfu_device_config *config)
{
    struct dfu_device_config own = *config;

    memset(wire, 0, sizeof(*wire));
    wire->product = *dfu_product_by_name(product);
    wire->product.erase_poll_ms = 1;
    wire->product.write_poll_ms = 1;
    wire->product.mass_erase_poll_ms = 1;
    wire->product.mass_erase_ms = 1;
    own.product = &wire->product;
    dfu_device_init(&wire->device, &own);
    wire->wire = (struct wire){.kind = &kind,
                               .name = "usb:1.5",
                               .usb = &wire->usb,
                               .usb_bus = 1,
                               .usb_address = 5,
                               .usb_serial = wire->product.serial,
                               .usb_reads = wire->reads};
    btap_usb_device_init(&wire->usb);
    read_descriptor(wire, 0x0100, 0);
    read_descriptor(wire, 0x0200, 0);
    for (uint16_t i = 0; i < DFU_ALTERNATES_MAX && wire->product.alternates[i] != NULL; i++)
        read_descriptor(wire, (uint16_t)(0x0304 + i), 0x0409);
}

const char *dfu_wire_log(struct dfu_wire *wire)
{
    static char log[sizeof(wire->log)];

    memcpy(log, wire->log, sizeof(log));
    wire->log[0] = '\0';
    return log;
}
