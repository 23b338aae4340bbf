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
static const struct adapter_modem_bits state_lines = {.dcd = 1 << 0, .dsr = 1 << 1, .ri = 1 << 3};
static const struct adapter_error_bits state_errors = {
    .overflow = 1 << 6, .received_break = 1 << 2, .parity = 1 << 5, .framing = 1 << 4};

void adapter_cdc_request(struct adapter_io *io, const struct btap_usb_control *completion,
                         uint32_t (*wanted_baud)(const struct btap_usb_device *device,
                                                 uint32_t sent))
{
    const struct btap_usb_setup *setup = &completion->setup;
    const uint8_t *coding = completion->sent;
    struct btap_serial_settings settings;

    if (setup->request == SET_LINE_CODING && completion->sent_length >= LINE_CODING_SIZE) {
        settings.baud = get_le32(coding);
        if (wanted_baud != NULL)
            settings.baud = wanted_baud(io->adapter->device, settings.baud);
        adapter_framing(&settings, coding[6], coding[5], coding[4]);
        adapter_settings(io, &settings);
    } else if (setup->request == SET_CONTROL_LINE_STATE) {
        adapter_host_lines(io, setup->value, 3);
    } else if (setup->request == SEND_BREAK && setup->value != 0) {
        adapter_host_break(io);
    }
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
    if (setup->request_type == ADAPTER_CLASS_INTERFACE_OUT &&
        adapter_choose_port(io, adapter_interface_port(io->adapter, (uint8_t)setup->index)))
        adapter_cdc_request(io, completion, NULL);
}

/** The endpoint tells the port better than wIndex, which much firmware leaves 0. */
static void take_notification(struct adapter_io *io, const uint8_t *bytes)
{
    if (bytes[1] != SERIAL_STATE)
        return;
    if (!adapter_endpoints_known(io->adapter) &&
        !adapter_choose_port(io, adapter_interface_port(io->adapter, bytes[4])))
        return;
    adapter_modem_lines(io, 0, bytes[NOTIFICATION_HEADER_SIZE], &state_lines);
    adapter_errors(io, 0, bytes[NOTIFICATION_HEADER_SIZE], &state_errors);
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
