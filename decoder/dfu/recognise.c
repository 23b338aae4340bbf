/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether a device speaks DFU. Captures often start after its descriptors went by, and requests of
 * other classes look alike: HID GET_PROTOCOL is A1 03, an audio control is set with 21 01, a
 * smart-card reader has 21 01 and A1 02, a test instrument A1 05.
 */
#include <string.h>

#include "dfu/internal.h"

/* bmRequestType: class request to an interface */
#define CLASS_OUT 0x21
#define CLASS_IN  0xa1

/* DFU 1.1 tables 4.1 and 4.4: bInterfaceClass, bInterfaceSubClass */
#define APPLICATION_CLASS 0xfe
#define DFU_SUBCLASS      0x01

/* STMicroelectronics' "STM Device in DFU Mode" */
#define ST_VENDOR      0x0483
#define ST_DFU_PRODUCT 0xdf11

/** No control of another class is as long as this. */
#define LONG_TRANSFER 128

/* bRequest in the direction that it has (DFU 1.1 table 3.2) */
static const uint8_t request_types[DFU_REQUESTS] = {
    [DFU_DETACH] = CLASS_OUT,   [DFU_DNLOAD] = CLASS_OUT,    [DFU_UPLOAD] = CLASS_IN,
    [DFU_GETSTATUS] = CLASS_IN, [DFU_CLRSTATUS] = CLASS_OUT, [DFU_GETSTATE] = CLASS_IN,
    [DFU_ABORT] = CLASS_OUT,
};

static bool is_request(const struct btap_usb_setup *setup)
{
    return setup->request < DFU_REQUESTS && setup->request_type == request_types[setup->request];
}

bool btap_dfu_request_shape(const struct btap_usb_setup *setup, bool *certain)
{
    *certain = false;
    /* Other classes put a unit or entity into the upper half of wIndex. */
    if (!is_request(setup) || setup->index > UINT8_MAX)
        return false;
    switch ((enum dfu_request)setup->request) {
    case DFU_DNLOAD:
        *certain = setup->length >= LONG_TRANSFER;
        return true;
    case DFU_UPLOAD:
        *certain = setup->length >= LONG_TRANSFER && setup->value >= 2;
        return setup->length > 0;
    case DFU_GETSTATUS:
        *certain = setup->length == DFU_STATUS_LENGTH && setup->value == 0;
        return setup->length == DFU_STATUS_LENGTH;
    case DFU_GETSTATE:
        *certain = setup->length == 1 && setup->value == 0;
        return setup->length == 1;
    case DFU_CLRSTATUS:
    case DFU_ABORT:
        *certain = setup->length == 0 && setup->value == 0;
        return setup->length == 0;
    case DFU_DETACH:
        return setup->length == 0;
    case DFU_REQUESTS:
        break;
    }
    return false;
}

/** What the descriptors say to an interface. */
enum descriptors {
    SILENT,
    FOR_IT,
    AGAINST_IT,
};

static enum descriptors ask_descriptors(const struct btap_usb_device *device, uint16_t interface)
{
    if (device->descriptor_known && device->vendor == ST_VENDOR &&
        device->product == ST_DFU_PRODUCT)
        return FOR_IT;
    if (!device->configuration_known)
        return SILENT;
    for (uint8_t i = 0; i < device->interfaces_length; i++) {
        const struct btap_usb_interface *known = &device->interfaces[i];

        if (known->number == interface && known->interface_class == APPLICATION_CLASS &&
            known->interface_subclass == DFU_SUBCLASS)
            return FOR_IT;
    }
    return btap_usb_device_interfaces_known(device) ? AGAINST_IT : SILENT;
}

bool dfu_ours(const struct btap_dfu *dfu, const struct btap_usb_setup *setup)
{
    bool certain;

    if (dfu->certain && setup->index == dfu->interface)
        return is_request(setup);
    if (!btap_dfu_request_shape(setup, &certain))
        return false;
    switch (ask_descriptors(dfu->device, setup->index)) {
    case FOR_IT:
        return true;
    case SILENT:
        return !dfu->certain;
    case AGAINST_IT:
        break;
    }
    return false;
}

bool dfu_status_plausible(const uint8_t *bytes, uint32_t captured, uint32_t length)
{
    return length == DFU_STATUS_LENGTH && captured == DFU_STATUS_LENGTH &&
           bytes[0] < DFU_STATUSES && bytes[4] < DFU_STATES;
}

bool dfu_is_command(const struct btap_usb_control *control)
{
    const uint16_t length = control->setup.length;
    const struct btap_command_info *info;

    if (control->setup.value != 0 || control->captured == 0)
        return false;
    info = btap_command_by_opcode(BTAP_DFU, control->data[0]);
    if (info == NULL)
        return false;
    /* AN3156 sections 5.2 to 5.4: an address, which an erase of all is without, or nothing */
    return (length == 5 && (info->command == BTAP_SET_ADDRESS || info->command == BTAP_ERASE)) ||
           (length == 1 && (info->command == BTAP_ERASE || info->command == BTAP_READ_UNPROTECT));
}

static bool convincing_answer(const struct btap_usb_control *control)
{
    if (control->status != BTAP_USB_OK)
        return false;
    if (control->setup.request == DFU_GETSTATUS)
        return dfu_status_plausible(control->data, control->captured, control->length);
    /* Not appIDLE and appDETACH: a test instrument's status byte (USBTMC) may be 1. */
    return control->setup.request == DFU_GETSTATE && control->captured == 1 &&
           control->length == 1 && control->data[0] >= DFU_IDLE && control->data[0] < DFU_STATES;
}

bool dfu_convinces(const struct btap_dfu *dfu, const struct btap_usb_control *control,
                   bool completion)
{
    bool shape;

    if (ask_descriptors(dfu->device, control->setup.index) == FOR_IT)
        return true;
    if (completion)
        return convincing_answer(control);
    if (control->setup.request != DFU_DNLOAD && control->setup.request != DFU_UPLOAD)
        return false;
    return btap_dfu_request_shape(&control->setup, &shape) &&
           (shape || (control->setup.request == DFU_DNLOAD && dfu_is_command(control)));
}

/** Forgets the oldest request, both halves. */
static void forget_oldest(struct btap_dfu *dfu)
{
    uint8_t halves = 1;

    while (halves < dfu->held_length && dfu->held[halves].completion)
        halves++;
    dfu->held_length = (uint8_t)(dfu->held_length - halves);
    memmove(&dfu->held[0], &dfu->held[halves], dfu->held_length * sizeof(dfu->held[0]));
}

void dfu_hold(struct btap_dfu *dfu, const struct btap_usb_control *control, bool completion)
{
    uint32_t kept =
        control->captured < BTAP_DFU_HELD_BYTES ? control->captured : BTAP_DFU_HELD_BYTES;
    struct btap_dfu_half *half;

    if (control->pieces_length > 0 && kept > control->pieces[0].length)
        kept = control->pieces[0].length;
    if (dfu->held_length == BTAP_DFU_HELD_MAX)
        forget_oldest(dfu);
    half = &dfu->held[dfu->held_length++];
    *half = (struct btap_dfu_half){
        .at = control->at,
        .setup = control->setup,
        .completion = completion,
        .setup_here = control->setup_here,
        .setup_offset = control->setup_offset,
        .length = control->length,
        .status = control->status,
        .raw_status = control->raw_status,
        .in_pieces = control->pieces_length > 0,
        .kept_length = (uint8_t)kept,
    };
    if (half->in_pieces)
        half->piece = control->pieces[0];
    if (half->kept_length > 0)
        memcpy(half->kept, control->data, half->kept_length);
}

struct btap_usb_control dfu_unhold(const struct btap_dfu_half *half)
{
    return (struct btap_usb_control){
        .at = half->at,
        .setup_known = true,
        .setup_here = half->setup_here,
        .setup_offset = half->setup_offset,
        .setup = half->setup,
        .data = half->kept,
        .captured = half->kept_length,
        .pieces = &half->piece,
        .pieces_length = half->in_pieces,
        .length = half->length,
        .status = half->status,
        .raw_status = half->raw_status,
    };
}
