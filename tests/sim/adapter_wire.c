/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A serial line through a USB-serial adapter, as Linux's drivers talk to it.
 */
#include "wire.h"

#include <string.h>

enum {
    BUS = 1,
    DEVICE = 5,
    CDC_BREAK = 0x04,
    CDC_FRAMING = 0x10,
    CDC_PARITY = 0x20,
    CDC_OVERRUN = 0x40,
    LSR_OVERRUN = 0x02,
    LSR_PARITY = 0x04,
    LSR_FRAMING = 0x08,
    LSR_BREAK = 0x10,
    FTDI_PACKET = 64,
    CP210X_ESCAPE = 0xEC,
};

/** From a submission to its completion, and from one request to the next. */
#define REQUEST_TIME (20 * SIM_US)
#define REQUEST_STEP (40 * SIM_US)

struct adapter_model {
    uint16_t vendor;
    uint16_t product;
    uint16_t bcd_device;
    uint8_t bulk_in;
    uint8_t bulk_out;
    uint8_t interrupt_in; /**< 0: none */
    uint8_t device_class;
    const uint8_t *configuration;
    size_t configuration_length;
};

/* Configuration descriptors: header, interfaces, endpoints (USB 2.0 section 9.6). */
static const uint8_t cdc_configuration[] = {
    9, 0x02, 67,   0,    2,    1,    0,  0x80, 50, /* configuration */
    9, 0x04, 0,    0,    1,    0x02, 2,  1,    0,  /* communication interface */
    5, 0x24, 0x00, 0x10, 0x01,                     /* header 1.10 */
    5, 0x24, 0x01, 0x00, 1,                        /* call management */
    4, 0x24, 0x02, 0x02,                           /* abstract control */
    5, 0x24, 0x06, 0,    1,                        /* union: 0 controls 1 */
    7, 0x05, 0x82, 0x03, 16,   0,    16,           /* interrupt IN */
    9, 0x04, 1,    0,    2,    0x0A, 0,  0,    0,  /* data interface */
    7, 0x05, 0x81, 0x02, 64,   0,    0,            /* bulk IN */
    7, 0x05, 0x01, 0x02, 64,   0,    0,            /* bulk OUT */
};

static const uint8_t ftdi_configuration[] = {
    9, 0x02, 32,   0,    1,  1,    0,    0x80, 45, /* configuration */
    9, 0x04, 0,    0,    2,  0xFF, 0xFF, 0xFF, 2,  /* the port */
    7, 0x05, 0x81, 0x02, 64, 0,    0,              /* bulk IN */
    7, 0x05, 0x02, 0x02, 64, 0,    0,              /* bulk OUT */
};

static const uint8_t cp210x_configuration[] = {
    9, 0x02, 32,   0,    1,  1,    0, 0x80, 50, /* configuration */
    9, 0x04, 0,    0,    2,  0xFF, 0, 0,    2,  /* the port */
    7, 0x05, 0x81, 0x02, 64, 0,    0,           /* bulk IN */
    7, 0x05, 0x01, 0x02, 64, 0,    0,           /* bulk OUT */
};

static const uint8_t ch34x_configuration[] = {
    9, 0x02, 39,   0,    1,  1,    0, 0x80, 49, /* configuration */
    9, 0x04, 0,    0,    3,  0xFF, 1, 2,    0,  /* the port */
    7, 0x05, 0x82, 0x02, 32, 0,    0,           /* bulk IN */
    7, 0x05, 0x02, 0x02, 32, 0,    0,           /* bulk OUT */
    7, 0x05, 0x81, 0x03, 8,  0,    1,           /* interrupt IN */
};

static const uint8_t pl2303_configuration[] = {
    9, 0x02, 39,   0,    1,  1,    0, 0x80, 50, /* configuration */
    9, 0x04, 0,    0,    3,  0xFF, 0, 0,    0,  /* the port */
    7, 0x05, 0x81, 0x03, 10, 0,    1,           /* interrupt IN */
    7, 0x05, 0x02, 0x02, 64, 0,    0,           /* bulk OUT */
    7, 0x05, 0x83, 0x02, 64, 0,    0,           /* bulk IN */
};

static const struct adapter_model models[] = {
    [ADAPTER_CDC_ACM] = {0x0483, 0x5740, 0x0200, 0x81, 0x01, 0x82, 0x02, cdc_configuration,
                         sizeof(cdc_configuration)},
    [ADAPTER_FTDI] = {0x0403, 0x6001, 0x0600, 0x81, 0x02, 0, 0x00, ftdi_configuration,
                      sizeof(ftdi_configuration)},
    [ADAPTER_CP210X] = {0x10C4, 0xEA60, 0x0100, 0x81, 0x01, 0, 0x00, cp210x_configuration,
                        sizeof(cp210x_configuration)},
    [ADAPTER_CH34X] = {0x1A86, 0x7523, 0x0264, 0x82, 0x02, 0x81, 0xFF, ch34x_configuration,
                       sizeof(ch34x_configuration)},
    [ADAPTER_PL2303] = {0x067B, 0x2303, 0x0300, 0x83, 0x02, 0x81, 0x00, pl2303_configuration,
                        sizeof(pl2303_configuration)},
};

static struct adapter_wire *self(struct serial_wire *wire)
{
    return (struct adapter_wire *)wire; /* its first member */
}

static uint64_t urb_id(uint64_t urb)
{
    return 0xFFFF888000000000u + urb * 0x100;
}

/** One half of a transfer; the id stays the same for both halves. */
static void record(struct adapter_wire *adapter, sim_ns at, bool completion,
                   enum sim_usb_transfer transfer, uint8_t endpoint, uint64_t id,
                   const uint8_t *setup, const uint8_t *data, size_t length)
{
    const struct sim_usb_record usb = {
        .at = at,
        .id = urb_id(id),
        .completion = completion,
        .transfer = transfer,
        .endpoint = endpoint,
        .device = DEVICE,
        .bus = BUS,
        .setup = setup,
        .length = (uint32_t)length,
        .data = data,
        .status = USB_OK,
    };
    sim_write_usb(adapter->capture, &usb);
}

/** A control transfer that succeeds; returns the time of the next one. */
static sim_ns control(struct adapter_wire *adapter, sim_ns at, uint8_t type, uint8_t request,
                      uint16_t value, uint16_t index, const uint8_t *data, size_t length)
{
    uint8_t setup[8] = {type, request};
    uint64_t id = adapter->urbs++;
    bool in = (type & 0x80) != 0;

    sim_put_le16(setup + 2, value);
    sim_put_le16(setup + 4, index);
    sim_put_le16(setup + 6, (uint16_t)length);
    record(adapter, at, false, USB_CONTROL, in ? 0x80 : 0x00, id, setup, in ? NULL : data, length);
    record(adapter, at + REQUEST_TIME, true, USB_CONTROL, in ? 0x80 : 0x00, id, NULL,
           in ? data : NULL, length);
    return at + REQUEST_STEP;
}

static void submit_in(struct adapter_wire *adapter, sim_ns at)
{
    adapter->pending_in = adapter->urbs++;
    record(adapter, at, false, USB_BULK, models[adapter->kind].bulk_in, adapter->pending_in, NULL,
           NULL, 512);
}

static void complete_in(struct adapter_wire *adapter, sim_ns at, const uint8_t *bytes,
                        size_t length)
{
    record(adapter, at, true, USB_BULK, models[adapter->kind].bulk_in, adapter->pending_in, NULL,
           bytes, length);
    submit_in(adapter, at);
}

static void interrupt_in(struct adapter_wire *adapter, sim_ns at, const uint8_t *bytes,
                         size_t length)
{
    uint64_t id = adapter->urbs++;
    uint8_t endpoint = models[adapter->kind].interrupt_in;

    record(adapter, at, false, USB_INTERRUPT, endpoint, id, NULL, NULL, 16);
    record(adapter, at, true, USB_INTERRUPT, endpoint, id, NULL, bytes, length);
}

static sim_ns enumerate(struct adapter_wire *adapter, sim_ns at)
{
    const struct adapter_model *model = &models[adapter->kind];
    uint8_t device[18] = {18, 0x01, 0x00, 0x02, 0, 0, 0, 64};

    device[4] = model->device_class;
    sim_put_le16(device + 8, model->vendor);
    sim_put_le16(device + 10, model->product);
    sim_put_le16(device + 12, model->bcd_device);
    device[17] = 1;
    at = control(adapter, at, 0x80, 0x06, 0x0100, 0, device, sizeof(device));
    at = control(adapter, at, 0x80, 0x06, 0x0200, 0, model->configuration,
                 model->configuration_length);
    return control(adapter, at, 0x00, 0x09, 1, 0, NULL, 0);
}

static uint8_t parity_code(const struct serial_settings *settings)
{
    return settings->parity == 'E' ? 2 : settings->parity == 'O' ? 1 : 0;
}

static sim_ns set_line_coding(struct adapter_wire *adapter, sim_ns at,
                              const struct serial_settings *settings)
{
    uint8_t coding[7];

    sim_put_le32(coding, settings->baud);
    coding[4] = settings->stop_bits == 2 ? 2 : 0;
    coding[5] = parity_code(settings);
    coding[6] = settings->data_bits;
    return control(adapter, at, 0x21, 0x20, 0, 0, coding, sizeof(coding));
}

static sim_ns open_ftdi(struct adapter_wire *adapter, sim_ns at,
                        const struct serial_settings *settings)
{
    static const uint8_t idle[] = {0x01, 0x60};
    uint16_t divisor = settings->baud == 9600     ? 0x4138
                       : settings->baud == 57600  ? 0x0034
                       : settings->baud == 230400 ? 0x000D
                                                  : 0x001A;

    at = control(adapter, at, 0x40, 0x00, 0, 0, NULL, 0);
    at = control(adapter, at, 0x40, 0x04,
                 (uint16_t)(settings->data_bits | parity_code(settings) << 8), 0, NULL, 0);
    at = control(adapter, at, 0x40, 0x03, divisor, 0, NULL, 0);
    at = control(adapter, at, 0x40, 0x02, 0, 0, NULL, 0);
    submit_in(adapter, at);
    complete_in(adapter, at + REQUEST_TIME, idle, sizeof(idle));
    return at;
}

static sim_ns open_cp210x(struct adapter_wire *adapter, sim_ns at,
                          const struct serial_settings *settings)
{
    uint8_t baud[4];

    sim_put_le32(baud, settings->baud);
    at = control(adapter, at, 0x41, 0x00, 1, 0, NULL, 0);
    at = control(adapter, at, 0x41, 0x1E, 0, 0, baud, sizeof(baud));
    at = control(adapter, at, 0x41, 0x03,
                 (uint16_t)(settings->data_bits << 8 | parity_code(settings) << 4), 0, NULL, 0);
    if (adapter->error_events)
        at = control(adapter, at, 0x41, 0x15, CP210X_ESCAPE, 0, NULL, 0);
    return at;
}

static sim_ns open_ch34x(struct adapter_wire *adapter, sim_ns at,
                         const struct serial_settings *settings)
{
    static const uint8_t version[] = {0x31, 0x00};
    uint16_t baud = settings->baud == 9600 ? 0xB282 : settings->baud == 57600 ? 0x9883 : 0xCC83;
    uint16_t format = settings->parity == 'E' ? 0x00DB : settings->parity == 'O' ? 0x00CB : 0x00C3;

    at = control(adapter, at, 0xC0, 0x5F, 0, 0, version, sizeof(version));
    at = control(adapter, at, 0x40, 0xA1, 0, 0, NULL, 0);
    at = control(adapter, at, 0x40, 0x9A, 0x1312, baud, NULL, 0);
    return control(adapter, at, 0x40, 0x9A, 0x2518, format, NULL, 0);
}

static sim_ns open_pl2303(struct adapter_wire *adapter, sim_ns at,
                          const struct serial_settings *settings)
{
    static const uint8_t two = 0x02;
    static const uint8_t zero = 0x00;

    at = control(adapter, at, 0xC0, 0x01, 0x8484, 0, &two, 1);
    at = control(adapter, at, 0x40, 0x01, 0x0404, 0, NULL, 0);
    at = control(adapter, at, 0xC0, 0x01, 0x8484, 0, &two, 1);
    at = control(adapter, at, 0xC0, 0x01, 0x8383, 0, &zero, 1);
    at = control(adapter, at, 0xC0, 0x01, 0x8484, 0, &two, 1);
    at = control(adapter, at, 0x40, 0x01, 0x0404, 1, NULL, 0);
    at = control(adapter, at, 0xC0, 0x01, 0x8484, 0, &two, 1);
    at = control(adapter, at, 0xC0, 0x01, 0x8383, 0, &zero, 1);
    at = control(adapter, at, 0x40, 0x01, 0, 1, NULL, 0);
    at = control(adapter, at, 0x40, 0x01, 1, 0, NULL, 0);
    at = control(adapter, at, 0x40, 0x01, 2, 0x44, NULL, 0);
    return set_line_coding(adapter, at, settings);
}

static void write_open(struct serial_wire *wire, sim_ns at, const struct serial_settings *settings)
{
    struct adapter_wire *adapter = self(wire);

    if (adapter->enumerated)
        at = enumerate(adapter, at);
    switch (adapter->kind) {
    case ADAPTER_CDC_ACM:
        at = set_line_coding(adapter, at, settings);
        break;
    case ADAPTER_FTDI:
        open_ftdi(adapter, at, settings);
        return;
    case ADAPTER_CP210X:
        at = open_cp210x(adapter, at, settings);
        break;
    case ADAPTER_CH34X:
        at = open_ch34x(adapter, at, settings);
        break;
    case ADAPTER_PL2303:
        at = open_pl2303(adapter, at, settings);
        break;
    }
    submit_in(adapter, at);
}

static void write_lines(struct serial_wire *wire, sim_ns at, bool dtr, bool rts)
{
    struct adapter_wire *adapter = self(wire);
    uint16_t bits = (uint16_t)((dtr ? 1 : 0) | (rts ? 2 : 0));

    switch (adapter->kind) {
    case ADAPTER_CDC_ACM:
    case ADAPTER_PL2303:
        control(adapter, at, 0x21, 0x22, bits, 0, NULL, 0);
        break;
    case ADAPTER_FTDI:
        control(adapter, at, 0x40, 0x01, (uint16_t)(0x0300 | bits), 0, NULL, 0);
        break;
    case ADAPTER_CP210X:
        control(adapter, at, 0x41, 0x07, (uint16_t)(0x0300 | bits), 0, NULL, 0);
        break;
    case ADAPTER_CH34X:
        control(adapter, at, 0x40, 0xA4, (uint16_t) ~((dtr ? 0x20 : 0) | (rts ? 0x40 : 0)), 0, NULL,
                0);
        break;
    }
}

static void write_transmit(struct serial_wire *wire, sim_ns at, const uint8_t *bytes, size_t length)
{
    struct adapter_wire *adapter = self(wire);
    uint8_t endpoint = models[adapter->kind].bulk_out;
    uint64_t id = adapter->urbs++;

    record(adapter, at, false, USB_BULK, endpoint, id, NULL, bytes, length);
    record(adapter, at + REQUEST_TIME, true, USB_BULK, endpoint, id, NULL, NULL, length);
}

/** Two status bytes in front of each packet's payload. */
static size_t pack_ftdi(struct adapter_wire *adapter, uint8_t *packed, const uint8_t *bytes,
                        size_t length)
{
    size_t packed_length = 0;

    for (size_t at = 0; at < length; at += FTDI_PACKET - 2) {
        size_t part = length - at < FTDI_PACKET - 2 ? length - at : FTDI_PACKET - 2;
        packed[packed_length++] = 0x01;
        packed[packed_length++] = (uint8_t)(0x60 | adapter->pending_error);
        adapter->pending_error = 0;
        memcpy(packed + packed_length, bytes + at, part);
        packed_length += part;
    }
    return packed_length;
}

/** Event mode: the escape byte is doubled up, an error goes with its byte. */
static size_t pack_cp210x(struct adapter_wire *adapter, uint8_t *packed, const uint8_t *bytes,
                          size_t length)
{
    size_t packed_length = 0;

    for (size_t at = 0; at < length; at++) {
        if (adapter->pending_error) {
            packed[packed_length++] = CP210X_ESCAPE;
            packed[packed_length++] = 0x01;
            packed[packed_length++] = adapter->pending_error;
            packed[packed_length++] = bytes[at];
            adapter->pending_error = 0;
            continue;
        }
        packed[packed_length++] = bytes[at];
        if (bytes[at] == CP210X_ESCAPE)
            packed[packed_length++] = 0x00;
    }
    return packed_length;
}

static void write_receive(struct serial_wire *wire, sim_ns at, const uint8_t *bytes, size_t length)
{
    struct adapter_wire *adapter = self(wire);
    uint8_t packed[2048];

    if (adapter->kind == ADAPTER_FTDI)
        complete_in(adapter, at, packed, pack_ftdi(adapter, packed, bytes, length));
    else if (adapter->kind == ADAPTER_CP210X && adapter->error_events)
        complete_in(adapter, at, packed, pack_cp210x(adapter, packed, bytes, length));
    else
        complete_in(adapter, at, bytes, length);
}

static uint8_t lsr_bit(enum serial_error error)
{
    return error == SERIAL_OVERRUN  ? LSR_OVERRUN
           : error == SERIAL_PARITY ? LSR_PARITY
           : error == SERIAL_BREAK  ? LSR_BREAK
                                    : LSR_FRAMING;
}

static uint8_t cdc_bit(enum serial_error error)
{
    return error == SERIAL_OVERRUN  ? CDC_OVERRUN
           : error == SERIAL_PARITY ? CDC_PARITY
           : error == SERIAL_BREAK  ? CDC_BREAK
                                    : CDC_FRAMING;
}

static void write_error(struct serial_wire *wire, sim_ns at, enum serial_error error)
{
    struct adapter_wire *adapter = self(wire);
    uint8_t notification[10] = {0xA1, 0x20, 0, 0, 0, 0, 2, 0, cdc_bit(error), 0};
    const uint8_t ch34x[] = {error == SERIAL_OVERRUN  ? 0x02
                             : error == SERIAL_PARITY ? 0x04
                                                      : 0x44,
                             0x00, 0xFF, 0xEE};

    switch (adapter->kind) {
    case ADAPTER_FTDI:
    case ADAPTER_CP210X:
        adapter->pending_error = lsr_bit(error);
        break;
    case ADAPTER_CDC_ACM:
    case ADAPTER_PL2303:
        interrupt_in(adapter, at, notification, sizeof(notification));
        break;
    case ADAPTER_CH34X:
        interrupt_in(adapter, at, ch34x, sizeof(ch34x));
        break;
    }
}

void adapter_wire_unplug(struct adapter_wire *wire, sim_ns at)
{
    const struct sim_usb_record usb = {
        .at = at,
        .id = urb_id(wire->pending_in),
        .completion = true,
        .transfer = USB_BULK,
        .endpoint = models[wire->kind].bulk_in,
        .device = DEVICE,
        .bus = BUS,
        .status = USB_GONE,
    };

    sim_write_usb(wire->capture, &usb);
}

void adapter_wire_init(struct adapter_wire *wire, struct sim_capture *capture,
                       enum adapter_kind kind, bool enumerated)
{
    *wire = (struct adapter_wire){
        .wire = {write_open, write_lines, write_transmit, write_receive, write_error},
        .capture = capture,
        .kind = kind,
        .enumerated = enumerated,
    };
}
