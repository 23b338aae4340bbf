/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USB-serial adapters: dispatch to the families.
 */
#include "boottap/adapter.h"

#include <string.h>

#include "adapter/endpoints.h"
#include "adapter/family.h"
#include "adapter/identity.h"

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
