/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "adapter/port.h"

struct btap_adapter_port *adapter_port(const struct adapter_io *io)
{
    return &io->adapter->ports[io->port];
}

bool adapter_choose_port(struct adapter_io *io, uint32_t port)
{
    if (port >= BTAP_ADAPTER_PORTS)
        return false;
    io->port = (uint8_t)port;
    return true;
}

static struct btap_origin origin(const struct adapter_io *io, uint32_t offset)
{
    struct btap_origin at = *io->at;

    at.offset += offset;
    return at;
}

static void emit(const struct adapter_io *io, const struct btap_serial_event *event)
{
    io->output->event(io->output->context, io->port, event);
}

void adapter_bytes(const struct adapter_io *io, enum btap_direction direction, uint32_t offset,
                   const uint8_t *bytes, uint32_t length)
{
    const struct btap_serial_chunk chunk = {
        .at = origin(io, offset),
        .direction = direction,
        .bytes = bytes,
        .length = length,
    };

    if (length > 0)
        io->output->chunk(io->output->context, io->port, &chunk);
}

void adapter_error(const struct adapter_io *io, uint32_t offset, enum btap_serial_event_kind kind)
{
    const struct btap_serial_event event = {
        .at = origin(io, offset),
        .kind = kind,
        .direction = BTAP_DEVICE_TO_HOST,
    };

    emit(io, &event);
}

void adapter_errors(const struct adapter_io *io, uint32_t offset, uint8_t status,
                    const struct adapter_error_bits *bits)
{
    if ((status & bits->overflow) != 0)
        adapter_error(io, offset, BTAP_SERIAL_OVERFLOW);
    if ((status & bits->received_break) != 0)
        adapter_error(io, offset, BTAP_SERIAL_BREAK);
    if ((status & bits->parity) != 0)
        adapter_error(io, offset, BTAP_SERIAL_PARITY_ERROR);
    if ((status & bits->framing) != 0)
        adapter_error(io, offset, BTAP_SERIAL_FRAMING_ERROR);
}

void adapter_host_break(const struct adapter_io *io)
{
    const struct btap_serial_event event = {
        .at = origin(io, 0),
        .kind = BTAP_SERIAL_BREAK,
        .direction = BTAP_HOST_TO_DEVICE,
    };

    emit(io, &event);
}

void adapter_lost(const struct adapter_io *io, enum btap_direction direction, uint32_t offset,
                  uint32_t count)
{
    const struct btap_serial_event event = {
        .at = origin(io, offset),
        .kind = BTAP_SERIAL_LOST,
        .direction = direction,
        .count = count,
    };

    if (count > 0)
        emit(io, &event);
}

void adapter_lines(const struct adapter_io *io, uint32_t offset, uint8_t lines, uint8_t mask)
{
    struct btap_adapter_port *port = adapter_port(io);
    const uint8_t now = (uint8_t)((port->lines & ~mask) | (lines & mask));
    const uint8_t known = port->lines_known | mask;

    if (now == port->lines && known == port->lines_known)
        return;
    port->lines = now;
    port->lines_known = known;
    emit(io, &(struct btap_serial_event){
                 .at = origin(io, offset),
                 .kind = BTAP_SERIAL_LINES,
                 .lines = now,
                 .lines_known = known,
             });
}

static uint8_t modem_lines(uint8_t status, const struct adapter_modem_bits *bits)
{
    return (uint8_t)(((status & bits->cts) != 0 ? BTAP_LINE_CTS : 0) |
                     ((status & bits->dsr) != 0 ? BTAP_LINE_DSR : 0) |
                     ((status & bits->ri) != 0 ? BTAP_LINE_RI : 0) |
                     ((status & bits->dcd) != 0 ? BTAP_LINE_DCD : 0));
}

void adapter_modem_lines(const struct adapter_io *io, uint32_t offset, uint8_t status,
                         const struct adapter_modem_bits *bits)
{
    adapter_lines(io, offset, modem_lines(status, bits), modem_lines(UINT8_MAX, bits));
}

static uint8_t host_lines(unsigned bits)
{
    return (uint8_t)(((bits & 1) != 0 ? BTAP_LINE_DTR : 0) | ((bits & 2) != 0 ? BTAP_LINE_RTS : 0));
}

void adapter_host_lines(const struct adapter_io *io, unsigned lines, unsigned mask)
{
    adapter_lines(io, 0, host_lines(lines), host_lines(mask));
}

void adapter_settings(const struct adapter_io *io, const struct btap_serial_settings *settings)
{
    struct btap_serial_settings *known = &adapter_port(io)->settings;

    if (settings->baud == known->baud && settings->data_bits == known->data_bits &&
        settings->parity == known->parity && settings->half_stop_bits == known->half_stop_bits)
        return;
    *known = *settings;
    emit(io, &(struct btap_serial_event){
                 .at = origin(io, 0),
                 .kind = BTAP_SERIAL_SETTINGS,
                 .direction = BTAP_HOST_TO_DEVICE,
                 .settings = *settings,
             });
}

void adapter_framing(struct btap_serial_settings *settings, uint32_t data_bits, uint32_t parity,
                     uint32_t stop_bits)
{
    static const enum btap_parity parities[] = {
        BTAP_PARITY_NONE, BTAP_PARITY_ODD, BTAP_PARITY_EVEN, BTAP_PARITY_MARK, BTAP_PARITY_SPACE,
    };

    settings->data_bits = data_bits >= 5 && data_bits <= 16 ? (uint8_t)data_bits : 0;
    settings->parity =
        parity < sizeof(parities) / sizeof(parities[0]) ? parities[parity] : BTAP_PARITY_UNKNOWN;
    settings->half_stop_bits = stop_bits <= 2 ? (uint8_t)(2 + stop_bits) : 0;
}

void adapter_raw_in(const struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    adapter_bytes(io, BTAP_DEVICE_TO_HOST, 0, transfer->data, transfer->captured);
    adapter_lost(io, BTAP_DEVICE_TO_HOST, transfer->captured,
                 transfer->length - transfer->captured);
}

void adapter_raw_out(const struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    adapter_bytes(io, BTAP_HOST_TO_DEVICE, 0, transfer->data, transfer->captured);
    adapter_lost(io, BTAP_HOST_TO_DEVICE, transfer->captured,
                 transfer->length - transfer->captured);
}

uint32_t adapter_usual_baud(uint32_t rate, uint32_t *error_ppm)
{
    static const uint32_t usual[] = {
        300,     600,     1200,    1800,    2400,    4800,    7200,    9600,
        14400,   19200,   28800,   38400,   56000,   57600,   76800,   115200,
        128000,  230400,  250000,  256000,  460800,  500000,  576000,  921600,
        1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000,
    };
    uint64_t least = UINT32_MAX;
    uint32_t nearest = rate;

    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        const uint64_t distance = rate > usual[i] ? rate - usual[i] : usual[i] - rate;
        const uint64_t ppm = distance * 1000000 / usual[i];

        if (ppm < least) {
            least = ppm;
            nearest = usual[i];
        }
    }
    if (error_ppm != NULL)
        *error_ppm = (uint32_t)least;
    return least <= ADAPTER_BAUD_TOLERANCE_PPM ? nearest : rate;
}
