/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CDC-ACM: ST-LINK's virtual COM port, CH343 and kin, much firmware (CDC PSTN 1.2 section 6).
 */
#include "adapter/endpoints.h"
#include "adapter/family.h"
#include "model/bytes.h"

#include <string.h>

enum {
    SET_LINE_CODING = 0x20,
    SET_CONTROL_LINE_STATE = 0x22,
    SEND_BREAK = 0x23,
};

enum { LINE_CODING_SIZE = 7 };

enum { VENDOR_WCH = 0x1a86 };

/* Notifications (CDC 1.2 section 6.3): a setup packet's layout, then wLength bytes */
enum {
    NOTIFICATION_HEADER_SIZE = 8,
    SERIAL_STATE = 0x20,
};

/* Bits of SERIAL_STATE */
enum {
    STATE_DCD = 1 << 0,
    STATE_DSR = 1 << 1,
    STATE_BREAK = 1 << 2,
    STATE_RING = 1 << 3,
    STATE_FRAMING = 1 << 4,
    STATE_PARITY = 1 << 5,
    STATE_OVERRUN = 1 << 6,
};

static void set_line_coding(const struct adapter_io *io, const struct btap_usb_control *completion)
{
    struct btap_serial_settings settings;

    if (completion->sent_length < LINE_CODING_SIZE)
        return;
    settings.baud = get_le32(completion->sent);
    adapter_framing(&settings, completion->sent[6], completion->sent[5], completion->sent[4]);
    adapter_settings(io, &settings);
}

static void set_control_lines(const struct adapter_io *io, uint16_t value)
{
    const int lines =
        ((value & 1) != 0 ? BTAP_LINE_DTR : 0) | ((value & 2) != 0 ? BTAP_LINE_RTS : 0);

    adapter_lines(io, 0, (uint8_t)lines, BTAP_LINE_DTR | BTAP_LINE_RTS);
}

static void control(struct adapter_io *io, const struct btap_usb_control *completion)
{
    const struct btap_usb_device *device = io->adapter->device;
    const struct btap_usb_setup *setup = &completion->setup;

    if (setup->request_type == ADAPTER_VENDOR_DEVICE_OUT) {
        if (device->descriptor_known && device->vendor == VENDOR_WCH)
            adapter_ch343_control(io, completion);
        return;
    }
    if (setup->request_type != ADAPTER_CLASS_INTERFACE_OUT ||
        !adapter_choose_port(io, adapter_interface_port(io->adapter, (uint8_t)setup->index)))
        return;
    if (setup->request == SET_LINE_CODING)
        set_line_coding(io, completion);
    else if (setup->request == SET_CONTROL_LINE_STATE)
        set_control_lines(io, setup->value);
    else if (setup->request == SEND_BREAK && setup->value != 0)
        adapter_host_break(io);
}

static void take_state(const struct adapter_io *io, unsigned state)
{
    static const struct {
        uint8_t bit;
        enum btap_serial_event_kind kind;
    } errors[] = {
        {STATE_OVERRUN, BTAP_SERIAL_OVERFLOW},
        {STATE_BREAK, BTAP_SERIAL_BREAK},
        {STATE_PARITY, BTAP_SERIAL_PARITY_ERROR},
        {STATE_FRAMING, BTAP_SERIAL_FRAMING_ERROR},
    };
    const int lines = ((state & STATE_DCD) != 0 ? BTAP_LINE_DCD : 0) |
                      ((state & STATE_DSR) != 0 ? BTAP_LINE_DSR : 0) |
                      ((state & STATE_RING) != 0 ? BTAP_LINE_RI : 0);

    adapter_lines(io, 0, (uint8_t)lines, BTAP_LINE_DCD | BTAP_LINE_DSR | BTAP_LINE_RI);
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if ((state & errors[i].bit) != 0)
            adapter_error(io, 0, errors[i].kind);
}

/** The endpoint tells the port better than wIndex, which much firmware leaves 0. */
static void take_notification(struct adapter_io *io, const uint8_t *bytes)
{
    if (bytes[1] != SERIAL_STATE)
        return;
    if (adapter_endpoints_known(io->adapter) ||
        adapter_choose_port(io, adapter_interface_port(io->adapter, bytes[4])))
        take_state(io, bytes[NOTIFICATION_HEADER_SIZE]);
}

/**
 * Collects a notification, which comes in pieces where the endpoint's packets are small. A packet
 * that can only be a beginning drops one whose end is not in the capture.
 */
static void interrupt(struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    struct btap_adapter_port *port = adapter_port(io);
    const bool begins = transfer->captured > 0 && transfer->data[0] == ADAPTER_CLASS_INTERFACE_IN;
    uint32_t *length = &port->notification.length;
    uint8_t *bytes = port->notification.bytes;
    uint32_t total;

    if (transfer->captured < transfer->length || (*length == 0 && !begins)) {
        *length = 0;
        return;
    }
    if (begins && *length >= NOTIFICATION_HEADER_SIZE)
        *length = 0;
    if (*length < BTAP_CDC_NOTIFICATION_SIZE) {
        const uint32_t room = BTAP_CDC_NOTIFICATION_SIZE - *length;

        memcpy(bytes + *length, transfer->data, transfer->length < room ? transfer->length : room);
    }
    *length += transfer->length;
    if (*length < NOTIFICATION_HEADER_SIZE)
        return;
    total = NOTIFICATION_HEADER_SIZE + (uint32_t)get_le16(bytes + 6);
    if (*length < total)
        return;
    *length = 0;
    if (total == BTAP_CDC_NOTIFICATION_SIZE)
        take_notification(io, bytes);
}

const struct adapter_family adapter_cdc_acm = {
    .name = "cdc-acm",
    .control = control,
    .in = adapter_raw_in,
    .out = adapter_raw_out,
    .interrupt = interrupt,
};
