/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USB-serial adapters: dispatch to the families, and what they share.
 */
#include "adapter/adapter.h"

#include <string.h>

_Static_assert(sizeof(struct btap_adapter) < 1024, "an adapter's state stays small");

/** Of a device that nothing is known of: what it transfers is taken as a UART's bytes. */
static const struct adapter_family unknown = {
    .name = "unknown",
    .in = adapter_raw_in,
    .out = adapter_raw_out,
};

static const struct adapter_family *family_of(enum btap_adapter_kind kind)
{
    switch (kind) {
    case BTAP_ADAPTER_CDC_ACM:
        return &adapter_cdc_acm;
    case BTAP_ADAPTER_FTDI:
        return &adapter_ftdi;
    case BTAP_ADAPTER_CP210X:
        return &adapter_cp210x;
    case BTAP_ADAPTER_CH34X:
        return &adapter_ch34x;
    case BTAP_ADAPTER_PL2303:
        return &adapter_pl2303;
    case BTAP_ADAPTER_UNKNOWN:
        break;
    }
    return &unknown;
}

const char *btap_adapter_kind_name(enum btap_adapter_kind kind)
{
    return family_of(kind)->name;
}

void btap_adapter_init(struct btap_adapter *adapter, const struct btap_usb_device *device)
{
    memset(adapter, 0, sizeof(*adapter));
    adapter->device = device;
}

struct btap_adapter_port *btap_adapter_port(const struct adapter_io *io)
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

static void tell(const struct adapter_io *io, const struct btap_serial_event *event)
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

    tell(io, &event);
}

void adapter_host_break(const struct adapter_io *io)
{
    const struct btap_serial_event event = {
        .at = origin(io, 0),
        .kind = BTAP_SERIAL_BREAK,
        .direction = BTAP_HOST_TO_DEVICE,
    };

    tell(io, &event);
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
        tell(io, &event);
}

void adapter_lines(const struct adapter_io *io, uint32_t offset, uint8_t lines, uint8_t mask)
{
    struct btap_adapter_port *port = btap_adapter_port(io);
    const uint8_t now = (uint8_t)((port->lines & ~mask) | (lines & mask));
    const uint8_t known = port->lines_known | mask;

    if (now == port->lines && known == port->lines_known)
        return;
    port->lines = now;
    port->lines_known = known;
    tell(io, &(struct btap_serial_event){
                 .at = origin(io, offset),
                 .kind = BTAP_SERIAL_LINES,
                 .lines = now,
                 .lines_known = known,
             });
}

void adapter_settings(const struct adapter_io *io, const struct btap_serial_settings *settings)
{
    struct btap_serial_settings *known = &btap_adapter_port(io)->settings;

    if (settings->baud == known->baud && settings->data_bits == known->data_bits &&
        settings->parity == known->parity && settings->half_stop_bits == known->half_stop_bits)
        return;
    *known = *settings;
    tell(io, &(struct btap_serial_event){
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

void btap_adapter_control(struct btap_adapter *adapter, const struct btap_usb_control *completion,
                          const struct btap_adapter_output *output)
{
    struct adapter_io io = {.adapter = adapter, .output = output, .at = &completion->at};
    const struct adapter_family *family;

    adapter_identify(adapter);
    if (!completion->setup_known || completion->status != BTAP_USB_OK || adapter->not_serial)
        return;
    adapter_learn_request(adapter, &completion->setup);
    family = family_of(adapter->kind);
    if (family->control != NULL)
        family->control(&io, completion);
}

/**
 * What an OUT transfer did not get across. USBPcap's completions carry no data and no length, so
 * that success with a length of 0 is plain success.
 */
static void take_out_completion(const struct adapter_io *io,
                                const struct btap_usb_transfer *transfer)
{
    if (transfer->status == BTAP_USB_OK && transfer->length == 0)
        return;
    if (transfer->length < transfer->submitted)
        adapter_lost(io, BTAP_HOST_TO_DEVICE, 0, transfer->submitted - transfer->length);
}

static void take_bulk(struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    const bool in = (transfer->endpoint & ADAPTER_ENDPOINT_IN) != 0;

    if (in && transfer->completion && transfer->length > 0)
        adapter_learn_payload(io->adapter, transfer);
    io->port = adapter_endpoint_port(io->adapter, transfer->endpoint);
    if (io->port == ADAPTER_NO_PORT)
        return;
    if (!in && transfer->completion)
        take_out_completion(io, transfer);
    else if (in == transfer->completion && transfer->length > 0)
        (in ? family_of(io->adapter->kind)->in : family_of(io->adapter->kind)->out)(io, transfer);
}

static void take_interrupt(struct adapter_io *io, const struct btap_usb_transfer *transfer)
{
    const struct adapter_family *family = family_of(io->adapter->kind);

    if ((transfer->endpoint & ADAPTER_ENDPOINT_IN) == 0 || !transfer->completion ||
        transfer->length == 0 || family->interrupt == NULL)
        return;
    io->port = adapter_interrupt_port(io->adapter, transfer->endpoint);
    if (io->port != ADAPTER_NO_PORT)
        family->interrupt(io, transfer);
}

void btap_adapter_transfer(struct btap_adapter *adapter, const struct btap_usb_transfer *transfer,
                           const struct btap_adapter_output *output)
{
    struct adapter_io io = {.adapter = adapter, .output = output, .at = &transfer->at};
    struct btap_usb_transfer sound = *transfer;

    adapter_identify(adapter);
    if (adapter->not_serial)
        return;
    if (sound.captured > sound.length)
        sound.captured = sound.length;
    if (sound.interrupt)
        take_interrupt(&io, &sound);
    else
        take_bulk(&io, &sound);
}
