/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Silicon Labs CP210x (AN571). In event mode, which parity checking programs switch on, the IN
 * data hold escape sequences with the line status of single bytes.
 */
#include "adapter/family.h"
#include "model/bytes.h"

enum {
    IFC_ENABLE = 0x00,
    SET_BAUDDIV = 0x01,
    SET_LINE_CTL = 0x03,
    SET_BREAK = 0x05,
    SET_MHS = 0x07,
    GET_MDMSTS = 0x08,
    GET_COMM_STATUS = 0x10,
    EMBED_EVENTS = 0x15,
    SET_BAUDRATE = 0x1e,
};

/** Of the divisors of SET_BAUDDIV. */
enum { DIVISOR_CLOCK = 3686400 };

/** Where the bytes of event mode stand. */
enum event_state {
    EVENT_DATA,
    EVENT_ESCAPE,      /**< after the escape byte */
    EVENT_STATUS,      /**< line status follows, then its byte of data */
    EVENT_STATUS_DATA, /**< that byte follows */
    EVENT_STATUS_ONLY, /**< line status follows */
    EVENT_MODEM,       /**< modem status follows */
};

/* Second byte of an escape sequence */
enum {
    SEQUENCE_LITERAL = 0x00,
    SEQUENCE_STATUS_DATA = 0x01,
    SEQUENCE_STATUS = 0x02,
    SEQUENCE_MODEM = 0x03,
};

/** Line status of event mode, as in a 16550. */
static const struct adapter_error_bits line_status_bits = {
    .overflow = 1 << 1, .received_break = 1 << 4, .parity = 1 << 2, .framing = 1 << 3};

/** ulErrors of GET_COMM_STATUS; an overflow of the hardware, or of the queue. */
static const struct adapter_error_bits comm_status_bits = {
    .overflow = 3 << 2, .received_break = 1 << 0, .parity = 1 << 4, .framing = 1 << 1};

/** In GET_MDMSTS and in event mode. */
static const struct adapter_modem_bits modem_bits = {
    .cts = 1 << 4, .dsr = 1 << 5, .ri = 1 << 6, .dcd = 1 << 7};

static void set_event_mode(struct btap_adapter_port *port, uint8_t escape)
{
    port->cp210x.escape = escape;
    port->cp210x.state = EVENT_DATA;
}

static void enable(struct btap_adapter_port *port, bool on)
{
    port->cp210x.errors_read = false;
    if (!on)
        set_event_mode(port, 0);
}

static void set_baud(const struct adapter_io *io, uint32_t baud)
{
    struct btap_serial_settings settings = adapter_port(io)->settings;

    settings.baud = baud;
    adapter_settings(io, &settings);
}

/**
 * The rate that the host wants. Drivers ask the older chips for what those make of a usual rate:
 * 24 MHz by a whole divisor.
 */
static uint32_t wanted_baud(uint32_t asked)
{
    const uint32_t usual = adapter_usual_baud(asked, NULL);
    uint32_t divisor;

    if (usual == 0)
        return asked;
    divisor = (24000000 + usual / 2) / usual;
    return divisor > 0 && 24000000 / divisor == asked ? usual : asked;
}

static void set_line_control(const struct adapter_io *io, uint16_t value)
{
    struct btap_serial_settings settings = adapter_port(io)->settings;

    adapter_framing(&settings, (value >> 8) & 0x0f, (value >> 4) & 0x0f, value & 0x0f);
    adapter_settings(io, &settings);
}

static void control_out(const struct adapter_io *io, const struct btap_usb_control *completion)
{
    const uint16_t value = completion->setup.value;

    switch (completion->setup.request) {
    case IFC_ENABLE:
        enable(adapter_port(io), value != 0);
        break;
    case SET_BAUDDIV:
        if (value != 0)
            set_baud(io, adapter_usual_baud((DIVISOR_CLOCK + value / 2U) / value, NULL));
        break;
    case SET_LINE_CTL:
        set_line_control(io, value);
        break;
    case SET_BREAK:
        if (value != 0)
            adapter_host_break(io);
        break;
    case SET_MHS:
        adapter_host_lines(io, value, value >> 8);
        break;
    case EMBED_EVENTS:
        set_event_mode(adapter_port(io), (uint8_t)value);
        break;
    case SET_BAUDRATE:
        if (completion->sent_length >= 4)
            set_baud(io, wanted_baud(get_le32(completion->sent)));
        break;
    default:
        break;
    }
}

/** The first answer may tell errors from before the port was opened; event mode tells them all. */
static void take_comm_status(const struct adapter_io *io, uint8_t errors)
{
    struct btap_adapter_port *port = adapter_port(io);

    if (port->cp210x.errors_read && port->cp210x.escape == 0)
        adapter_errors(io, 0, errors, &comm_status_bits);
    port->cp210x.errors_read = true;
}

static void control(struct adapter_io *io, const struct btap_usb_control *completion)
{
    const struct btap_usb_setup *setup = &completion->setup;

    if (!adapter_choose_port(io, setup->index))
        return;
    if (setup->request_type == ADAPTER_VENDOR_INTERFACE_OUT) {
        control_out(io, completion);
    } else if (setup->request_type == ADAPTER_VENDOR_INTERFACE_IN && completion->captured > 0) {
        if (setup->request == GET_MDMSTS)
            adapter_modem_lines(io, 0, completion->data[0], &modem_bits);
        else if (setup->request == GET_COMM_STATUS)
            take_comm_status(io, completion->data[0]);
    }
}

static enum event_state after_escape(const struct adapter_io *io,
                                     const struct btap_usb_transfer *transfer, uint32_t at)
{
    const struct btap_adapter_port *port = adapter_port(io);

    switch (transfer->data[at]) {
    case SEQUENCE_LITERAL:
        /* Its byte may be the last of the transfer before; then the state shows which it is. */
        if (at > 0)
            adapter_bytes(io, BTAP_DEVICE_TO_HOST, at - 1, transfer->data + at - 1, 1);
        else
            adapter_bytes(io, BTAP_DEVICE_TO_HOST, 0, &port->cp210x.escape, 1);
        return EVENT_DATA;
    case SEQUENCE_STATUS_DATA:
        return EVENT_STATUS;
    case SEQUENCE_STATUS:
        return EVENT_STATUS_ONLY;
    case SEQUENCE_MODEM:
        return EVENT_MODEM;
    default:
        return EVENT_DATA;
    }
}

/** One byte of a sequence, after its escape byte. */
static enum event_state take_sequence(const struct adapter_io *io,
                                      const struct btap_usb_transfer *transfer, uint32_t at)
{
    struct btap_adapter_port *port = adapter_port(io);
    const uint8_t byte = transfer->data[at];

    switch ((enum event_state)port->cp210x.state) {
    case EVENT_ESCAPE:
        return after_escape(io, transfer, at);
    case EVENT_STATUS:
        port->cp210x.line_status = byte;
        return EVENT_STATUS_DATA;
    case EVENT_STATUS_DATA:
        adapter_errors(io, at, port->cp210x.line_status, &line_status_bits);
        adapter_bytes(io, BTAP_DEVICE_TO_HOST, at, transfer->data + at, 1);
        return EVENT_DATA;
    case EVENT_STATUS_ONLY:
        adapter_errors(io, at, byte, &line_status_bits);
        return EVENT_DATA;
    case EVENT_MODEM:
        adapter_modem_lines(io, at, byte, &modem_bits);
        return EVENT_DATA;
    case EVENT_DATA:
        break;
    }
    return EVENT_DATA;
}

static void take_events(const struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    struct btap_adapter_port *port = adapter_port(io);
    uint32_t plain = 0; /* where bytes begin that are not emitted yet */

    for (uint32_t at = 0; at < transfer->captured; at++) {
        if (port->cp210x.state != EVENT_DATA) {
            port->cp210x.state = (uint8_t)take_sequence(io, transfer, at);
            plain = at + 1;
        } else if (transfer->data[at] == port->cp210x.escape) {
            adapter_bytes(io, BTAP_DEVICE_TO_HOST, plain, transfer->data + plain, at - plain);
            port->cp210x.state = EVENT_ESCAPE;
        }
    }
    if (port->cp210x.state == EVENT_DATA)
        adapter_bytes(io, BTAP_DEVICE_TO_HOST, plain, transfer->data + plain,
                      transfer->captured - plain);
}

static void take_in(const struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    struct btap_adapter_port *port = adapter_port(io);

    if (port->cp210x.escape == 0) {
        adapter_raw_in(io, transfer);
        return;
    }
    if (transfer->captured > 0)
        take_events(io, transfer);
    if (transfer->captured < transfer->length) {
        port->cp210x.state = EVENT_DATA;
        adapter_lost(io, BTAP_DEVICE_TO_HOST, transfer->captured,
                     transfer->length - transfer->captured);
    }
}

const struct adapter_family adapter_cp210x = {
    .name = "cp210x",
    .control = control,
    .in = take_in,
    .out = adapter_raw_out,
};
