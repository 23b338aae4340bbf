/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * FTDI: FT232, FT2232, FT4232, X series. Each IN packet begins with two status bytes.
 */
#include "adapter/endpoints.h"
#include "adapter/family.h"
#include "model/bytes.h"

enum {
    SET_MODEM_CONTROL = 0x01,
    SET_BAUD_RATE = 0x03,
    SET_DATA = 0x04,
    GET_MODEM_STATUS = 0x05,
    SET_BIT_MODE = 0x0b,
};

/* bcdDevice of the chips that matter here */
enum {
    BCD_AM = 0x0200, /**< lower: SIO (8U100AX) */
    BCD_BM = 0x0400,
    BCD_2232C = 0x0500,
    BCD_232R = 0x0600,
};

enum {
    STATUS_SIZE = 2,
    FULL_SPEED_PACKET = 64,
    HIGH_SPEED_PACKET = 512,
};

/* Status byte 0 */
enum {
    PACKETS_OF_64 = 1 << 0,
    PACKETS_OF_512 = 1 << 1,
    ALWAYS_CLEAR = 3 << 2,
};
static const struct adapter_modem_bits modem_bits = {
    .cts = 1 << 4, .dsr = 1 << 5, .ri = 1 << 6, .dcd = 1 << 7};

/* Status byte 1 */
enum {
    LINE_OVERRUN = 1 << 1,
    LINE_PARITY = 1 << 2,
    LINE_FRAMING = 1 << 3,
    LINE_BREAK = 1 << 4,
    LINE_TRANSMITTER_IDLE = 3 << 5,
};

enum { DATA_BREAK = 1 << 14 };

bool adapter_ftdi_fits(const uint8_t *data)
{
    const int packets = data[0] & (PACKETS_OF_64 | PACKETS_OF_512);

    return (data[0] & ALWAYS_CLEAR) == 0 && (packets == PACKETS_OF_64 || packets == PACKETS_OF_512);
}

bool adapter_ftdi_fits_well(const uint8_t *data)
{
    return adapter_ftdi_fits(data) && data[1] == LINE_TRANSMITTER_IDLE;
}

static bool is_sio(const struct btap_usb_device *device)
{
    return device->descriptor_known && device->bcd_device < BCD_AM;
}

/** Chips that know no port in a baud rate request: wIndex holds divisor bits alone. */
static bool is_plain(const struct btap_usb_device *device)
{
    return device->descriptor_known && device->bcd_device >= BCD_AM &&
           (device->bcd_device < BCD_2232C || device->bcd_device == BCD_232R);
}

static uint32_t rate(uint32_t clock, uint16_t value, unsigned bit_16)
{
    static const uint8_t eighths[8] = {0, 4, 2, 1, 3, 5, 6, 7};
    const uint32_t whole = value & 0x3fff;
    uint32_t divisor = whole * 8 + eighths[(value >> 14) | bit_16 << 2];

    if (whole == 0)
        divisor = 8;
    else if (divisor == 8)
        divisor = 12;
    return (clock * 8 + divisor / 2) / divisor;
}

static uint32_t rate_plain(uint16_t value, uint16_t index)
{
    return rate(3000000, value, index & 1);
}

static uint32_t rate_with_port(uint16_t value, uint16_t index)
{
    return rate((index & 0x0200) != 0 ? 12000000 : 3000000, value, (index >> 8) & 1);
}

static uint32_t rate_sio(uint16_t value)
{
    static const uint32_t rates[] = {
        300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200,
    };

    return value < sizeof(rates) / sizeof(rates[0]) ? rates[value] : 0;
}

/** Port of a request; single-port chips are addressed as 0 or 1. */
static bool choose_port(struct adapter_io *io, uint16_t index)
{
    const unsigned port = index & 0xff;

    return adapter_choose_port(io, port == 0 ? 0 : port - 1);
}

/**
 * Whether a baud rate request names a port. An index of 1 is port A or bit 16 of the divisor, since
 * hosts send some chips the form that is meant for others: the nearer to a usual rate is right.
 */
static bool has_port(const struct btap_usb_device *device, uint16_t value, uint16_t index)
{
    uint32_t error_with_port;
    uint32_t error_plain;

    if (index != 1)
        return index > 1;
    (void)adapter_usual_baud(rate_with_port(value, index), &error_with_port);
    (void)adapter_usual_baud(rate_plain(value, index), &error_plain);
    if (error_with_port == error_plain ||
        (error_with_port > ADAPTER_BAUD_TOLERANCE_PPM && error_plain > ADAPTER_BAUD_TOLERANCE_PPM))
        return !is_plain(device);
    return error_with_port < error_plain;
}

static void set_baud_rate(struct adapter_io *io, uint16_t value, uint16_t index)
{
    const struct btap_usb_device *device = io->adapter->device;
    struct btap_serial_settings settings;
    const bool with_port = has_port(device, value, index);
    uint32_t baud;

    if (!choose_port(io, with_port ? index : 0))
        return;
    if (is_sio(device))
        baud = rate_sio(value);
    else
        baud = adapter_usual_baud(
            with_port ? rate_with_port(value, index) : rate_plain(value, index), NULL);
    settings = adapter_port(io)->settings;
    settings.baud = baud;
    adapter_settings(io, &settings);
}

static void set_data(const struct adapter_io *io, uint16_t value)
{
    struct btap_adapter_port *port = adapter_port(io);
    struct btap_serial_settings settings = port->settings;
    const bool break_on = (value & DATA_BREAK) != 0;

    adapter_framing(&settings, value & 0xff, (value >> 8) & 7, (value >> 11) & 7);
    adapter_settings(io, &settings);
    if (break_on && !port->ftdi.break_on)
        adapter_host_break(io);
    port->ftdi.break_on = break_on;
}

static void control(struct adapter_io *io, const struct btap_usb_control *completion)
{
    const struct btap_usb_setup *setup = &completion->setup;

    if (setup->request_type == ADAPTER_VENDOR_DEVICE_OUT && setup->request == SET_BAUD_RATE) {
        set_baud_rate(io, setup->value, setup->index);
        return;
    }
    if (!choose_port(io, setup->index))
        return;
    if (setup->request_type == ADAPTER_VENDOR_DEVICE_OUT) {
        if (setup->request == SET_MODEM_CONTROL)
            adapter_host_lines(io, setup->value, setup->value >> 8);
        else if (setup->request == SET_DATA)
            set_data(io, setup->value);
        else if (setup->request == SET_BIT_MODE)
            adapter_port(io)->ftdi.not_uart = (setup->value & 0xff00) != 0;
    } else if (setup->request_type == ADAPTER_VENDOR_DEVICE_IN &&
               setup->request == GET_MODEM_STATUS && completion->captured > 0) {
        adapter_modem_lines(io, 0, completion->data[0], &modem_bits);
    }
}

/**
 * Errors are emitted once a packet, for its bytes, none in particular. Without bytes they only
 * repeat what was emitted. A break counts where the packet ends in the 00 that it is received as;
 * it comes before parity and framing errors, which it causes.
 */
static void take_errors(const struct adapter_io *io, uint32_t offset, uint8_t status, uint8_t last)
{
    if ((status & LINE_OVERRUN) != 0)
        adapter_error(io, offset, BTAP_SERIAL_OVERFLOW);
    if ((status & LINE_BREAK) != 0 && last == 0)
        adapter_error(io, offset, BTAP_SERIAL_BREAK);
    else if ((status & LINE_PARITY) != 0)
        adapter_error(io, offset, BTAP_SERIAL_PARITY_ERROR);
    else if ((status & LINE_FRAMING) != 0)
        adapter_error(io, offset, BTAP_SERIAL_FRAMING_ERROR);
}

static void take_packet(const struct adapter_io *io, uint32_t offset, const uint8_t *packet,
                        uint32_t length)
{
    adapter_modem_lines(io, offset, packet[0], &modem_bits);
    if (length <= STATUS_SIZE)
        return;
    take_errors(io, offset + 1, packet[1], packet[length - 1]);
    adapter_bytes(io, BTAP_DEVICE_TO_HOST, offset + STATUS_SIZE, packet + STATUS_SIZE,
                  length - STATUS_SIZE);
}

/** Size of the packets that the transfer is made of. */
static uint32_t packet_size(const struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    const struct btap_usb_endpoint *endpoint = adapter_endpoint(io->adapter, transfer->endpoint);
    /* b11-12 are for isochronous endpoints (USB 2.0 section 9.6.6). */
    const uint32_t size = endpoint != NULL ? endpoint->max_packet_size & 0x07ff : 0;

    if (size > STATUS_SIZE)
        return size;
    return transfer->captured > 0 && (transfer->data[0] & PACKETS_OF_512) != 0 ? HIGH_SPEED_PACKET
                                                                               : FULL_SPEED_PACKET;
}

/** Bytes in a transfer beside the status bytes. */
static uint32_t payload(uint32_t length, uint32_t packet)
{
    const uint32_t rest = length % packet;

    return length / packet * (packet - STATUS_SIZE) + (rest > STATUS_SIZE ? rest - STATUS_SIZE : 0);
}

static void take_in(const struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    const uint32_t packet = packet_size(io, transfer);

    if (adapter_port(io)->ftdi.not_uart)
        return;
    for (uint32_t at = 0; transfer->captured - at >= STATUS_SIZE;) {
        const uint32_t left = transfer->captured - at;
        const uint32_t length = left < packet ? left : packet;

        take_packet(io, at, transfer->data + at, length);
        at += length;
    }
    adapter_lost(io, BTAP_DEVICE_TO_HOST, transfer->captured,
                 payload(transfer->length, packet) - payload(transfer->captured, packet));
}

/** SIO: a byte in front of every packet tells its length (b2-7). */
static void take_sio_out(const struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    uint32_t at = 0;

    while (at < transfer->captured) {
        const uint32_t announced = transfer->data[at] >> 2;
        const uint32_t left = transfer->captured - at - 1;
        const uint32_t length = announced < left ? announced : left;

        adapter_bytes(io, BTAP_HOST_TO_DEVICE, at + 1, transfer->data + at + 1, length);
        at += 1 + length;
    }
    adapter_lost(io, BTAP_HOST_TO_DEVICE, transfer->captured,
                 transfer->length - transfer->captured);
}

static void take_out(const struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    if (adapter_port(io)->ftdi.not_uart)
        return;
    if (is_sio(io->adapter->device))
        take_sio_out(io, transfer);
    else
        adapter_raw_out(io, transfer);
}

const struct adapter_family adapter_ftdi = {
    .name = "ftdi",
    .control = control,
    .in = take_in,
    .out = take_out,
};
