/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/gate_record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "boottap/record.h"
#include "traffic/can_record.h"
#include "traffic/serial_record.h"
#include "traffic/usb_record.h"

enum {
    CONTROL = 2, /* transfer type of usbmon */
    ENDPOINT_0_IN = 0x80,
    SETUP_SIZE = 8,
};

/** A clock that is set back is gone along with; what two clocks differ in is not. */
#define STEP_BACK (1 * (btap_ns)CLOCK_NS_PER_SECOND)

/* What was there before the last record was written, and is read after it, gets its time: records
 * come in the order of their times. */
static btap_ns in_order(struct gate_record *record, btap_ns time)
{
    if (time < record->last && record->last - time < STEP_BACK)
        time = record->last;
    record->last = time;
    return time;
}

static void count_record(void *context, const struct traffic_record *one)
{
    struct gate_record *record = context;

    record->packets++;
    record->sink->record(record->sink->context, one);
}

static struct traffic_sink counting(struct gate_record *record)
{
    return (struct traffic_sink){.context = record, .record = count_record};
}

/* Serial */

static void send_serial(struct gate_record *record, struct serial_record *one)
{
    const struct traffic_sink sink = counting(record);

    one->time = in_order(record, one->time);
    one->lines = record->lines;
    serial_record_send(&sink, record->interface_id, one);
}

static void serial_sent(struct gate_record *record, const struct wire_message *message,
                        btap_ns time)
{
    struct serial_record one = {.event = SERIAL_RECORD_TRANSMITTED,
                                .time = time,
                                .bytes = message->bytes,
                                .length = message->length};

    if (message->kind == WIRE_LINES) {
        one = (struct serial_record){.event = SERIAL_RECORD_STATUS, .time = time};
        record->lines =
            (uint8_t)((record->lines & ~message->mask) | (message->lines & message->mask));
    }
    send_serial(record, &one);
}

/** An error, then the byte that came with it. */
static void serial_received(struct gate_record *record, const struct wire_received *received)
{
    struct serial_record one = {.time = received->time};

    if (received->parity_error || received->framing_error) {
        one.event =
            received->parity_error ? SERIAL_RECORD_PARITY_ERROR : SERIAL_RECORD_FRAMING_ERROR;
        send_serial(record, &one);
    }
    if (received->length == 0)
        return;
    one.event = SERIAL_RECORD_RECEIVED;
    one.bytes = received->bytes;
    one.length = received->length;
    send_serial(record, &one);
}

/** On a pseudo-terminal settings prove nothing. */
static void serial_start(struct gate_record *record)
{
    struct serial_record one = {
        .event = SERIAL_RECORD_STATUS, .time = clock_now(), .settings = &record->wire->settings};

    if (!record->wire->is_pty)
        send_serial(record, &one);
}

/* CAN */

static void send_frame(struct gate_record *record, const struct wire_frame *frame, btap_ns time,
                       enum btap_direction direction)
{
    const struct traffic_sink sink = counting(record);
    struct canfd_frame shaped = {
        .can_id =
            frame->id | (frame->extended ? CAN_EFF_FLAG : 0) | (frame->error ? CAN_ERR_FLAG : 0),
        .len = frame->length,
        .flags = frame->brs ? CANFD_BRS : 0,
    };

    memcpy(shaped.data, frame->data, frame->length);
    can_record_send(&sink, record->interface_id, in_order(record, time), direction, &shaped,
                    frame->fd ? CANFD_MTU : CAN_MTU);
}

/* USB */

static void put_setup(uint8_t *bytes, const struct btap_usb_setup *setup)
{
    const uint16_t words[] = {setup->value, setup->index, setup->length};

    bytes[0] = setup->request_type;
    bytes[1] = setup->request;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        bytes[2 + 2 * i] = (uint8_t)words[i];
        bytes[3 + 2 * i] = (uint8_t)(words[i] >> 8);
    }
}

/** Both halves of a transfer. */
static void send_control(struct gate_record *record, const struct wire_control *control,
                         btap_ns begun, btap_ns ended)
{
    const struct traffic_sink sink = counting(record);
    const bool in = (control->setup.request_type & ENDPOINT_0_IN) != 0;
    uint8_t setup[SETUP_SIZE];
    struct usb_record half = {
        .id = ++record->urbs,
        .transfer_type = CONTROL,
        .endpoint = in ? ENDPOINT_0_IN : 0,
        .device = record->wire->usb_address,
        .bus = record->wire->usb_bus,
        .setup = setup,
        .status = -EINPROGRESS,
        .length = control->setup.length,
        .time = in_order(record, begun),
        .data = in ? NULL : control->data,
        .captured = in ? 0 : control->setup.length,
        .data_length = in ? 0 : control->setup.length,
    };

    put_setup(setup, &control->setup);
    usb_record_send(&sink, record->interface_id, &half, NULL);
    half.completion = true;
    half.setup = NULL;
    half.status = control->raw_status;
    half.length = control->transferred;
    half.time = in_order(record, ended);
    half.data = in ? control->data : NULL;
    half.captured = in ? control->transferred : 0;
    half.data_length = half.captured;
    usb_record_send(&sink, record->interface_id, &half, NULL);
}

void gate_record_reads(struct gate_record *record)
{
    const btap_ns now = clock_now();

    for (size_t i = 0; i < record->wire->usb_reads_length; i++)
        send_control(record, &record->wire->usb_reads[i], now, now);
}

/* All of them */

static uint32_t linktype_of(enum wire_medium medium)
{
    switch (medium) {
    case WIRE_SERIAL:
        return BTAP_LINKTYPE_RTAC_SERIAL;
    case WIRE_CAN:
        return BTAP_LINKTYPE_CAN_SOCKETCAN;
    case WIRE_USB:
        return BTAP_LINKTYPE_USB_LINUX_MMAPPED;
    }
    return 0;
}

void gate_record_start(struct gate_record *record, const struct wire *wire,
                       const struct traffic_sink *sink)
{
    const enum wire_medium medium = wire->kind->medium;
    char name[24];
    const struct traffic_interface interface = {
        .linktype = linktype_of(medium),
        .name = medium == WIRE_USB ? name : wire->name,
        .description = "what boottap replay sent, and what it received",
        .speed = medium == WIRE_SERIAL ? wire->settings.baud : 0,
    };

    /* Named as who listens to that bus names it. */
    snprintf(name, sizeof(name), "usbmon%u", wire->usb_bus);
    *record = (struct gate_record){.wire = wire, .sink = sink};
    record->interface_id = sink->interface(sink->context, &interface);
    if (medium == WIRE_SERIAL)
        serial_start(record);
    gate_record_reads(record);
}

void gate_record_sent(struct gate_record *record, const struct wire_message *message, btap_ns time)
{
    switch (message->kind) {
    case WIRE_BYTES:
    case WIRE_LINES:
        serial_sent(record, message, time);
        break;
    case WIRE_FRAME:
        send_frame(record, message->frame, time, BTAP_HOST_TO_DEVICE);
        break;
    case WIRE_CONTROL:
        send_control(record, message->control, time, clock_now());
        break;
    }
}

void gate_record_received(struct gate_record *record, const struct wire_received *received)
{
    if (record->wire->kind->medium == WIRE_SERIAL)
        serial_received(record, received);
    else
        send_frame(record, &received->frame, received->time, BTAP_DEVICE_TO_HOST);
}
