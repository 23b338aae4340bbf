/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: what USB-serial adapters make of transfers.
 *
 * One step of the input is its kind, modulo 5, then, 16-bit values MSB first:
 *   0 vendor, product, bcdDevice, bcdUSB (16 bits each)
 *   1 interface: number, class, subclass
 *   2 endpoint: address, interface, attributes, wMaxPacketSize (16 bits)
 *   3 control transfer: status, request type, request, wValue, wIndex (16 bits), length, data
 *   4 transfer: b0 interrupt, b1 completion; endpoint, status, missing bytes, length, data
 */
#include "boottap/adapter.h"

#include <stdlib.h>

#include "checker.h"
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/** The transfer under way and what was told of it. */
struct run {
    struct btap_usb_device device;
    struct btap_adapter adapter;
    const uint8_t *data;
    uint32_t captured;
    uint32_t length; /**< of the transfer, or what it was submitted with */
    uint64_t told;   /**< bytes of it, those that are lost too */
};

static void on_chunk(void *context, uint8_t port, const struct btap_serial_chunk *chunk)
{
    struct run *run = context;

    CHECK(port < BTAP_ADAPTER_PORTS);
    CHECK(chunk->length > 0);
    CHECK(chunk->direction != BTAP_DIRECTION_UNKNOWN);
    CHECK(chunk->at.offset + (uint64_t)chunk->length <= run->captured);
    /* The escape byte of event mode may have come with the transfer before. */
    CHECK(chunk->bytes == run->data + chunk->at.offset || chunk->length == 1);
    run->told += chunk->length;
    CHECK(run->told <= run->length);
}

static void on_event(void *context, uint8_t port, const struct btap_serial_event *event)
{
    struct run *run = context;

    CHECK(port < BTAP_ADAPTER_PORTS);
    CHECK(event->at.offset <= run->captured);
    CHECK((event->lines & ~event->lines_known) == 0);
    CHECK(event->settings.parity <= BTAP_PARITY_SPACE);
    CHECK(event->settings.half_stop_bits <= 4 && event->settings.half_stop_bits != 1);
    if (event->kind != BTAP_SERIAL_LOST)
        return;
    CHECK(event->count > 0);
    run->told += event->count;
    CHECK(run->told <= run->length);
}

static void take_device(struct btap_usb_device *device, struct input *input)
{
    device->descriptor_known = true;
    device->vendor = input_u16(input);
    device->product = input_u16(input);
    device->bcd_device = input_u16(input);
    device->bcd_usb = input_u16(input);
}

static void take_interface(struct btap_usb_device *device, struct input *input)
{
    struct btap_usb_interface interface = {0};

    interface.number = input_u8(input);
    interface.interface_class = input_u8(input);
    interface.interface_subclass = input_u8(input);
    if (device->interfaces_length < BTAP_USB_INTERFACES_MAX)
        device->interfaces[device->interfaces_length++] = interface;
    device->configuration_known = true;
}

static void take_endpoint(struct btap_usb_device *device, struct input *input)
{
    struct btap_usb_endpoint endpoint;

    endpoint.address = input_u8(input);
    endpoint.interface = input_u8(input);
    endpoint.attributes = input_u8(input);
    endpoint.max_packet_size = input_u16(input);
    if (device->endpoints_length < BTAP_USB_ENDPOINTS_MAX)
        device->endpoints[device->endpoints_length++] = endpoint;
}

static void take_control(struct run *run, struct input *input,
                         const struct btap_adapter_output *output)
{
    struct btap_usb_control control = {.at = {.packet = 1}, .setup_known = true};
    const uint8_t *data;
    size_t length;
    uint8_t *copy;

    control.status = input_u8(input) % (BTAP_USB_OTHER + 1);
    control.setup.request_type = input_u8(input);
    control.setup.request = input_u8(input);
    control.setup.value = input_u16(input);
    control.setup.index = input_u16(input);
    length = input_u8(input);
    control.setup.length = (uint16_t)length;
    data = input_bytes(input, &length);
    copy = checker_copy(data, length);
    if ((control.setup.request_type & 0x80) != 0) {
        control.data = copy;
        control.captured = (uint32_t)length;
        control.length = (uint32_t)length;
    } else {
        control.sent = copy;
        control.sent_length = (uint8_t)(length < BTAP_URB_KEPT ? length : BTAP_URB_KEPT);
    }
    run->captured = control.captured;
    btap_adapter_control(&run->adapter, &control, output);
    free(copy);
}

static void take_transfer(struct run *run, struct input *input,
                          const struct btap_adapter_output *output)
{
    struct btap_usb_transfer transfer = {.at = {.packet = 1}};
    const uint8_t flags = input_u8(input);
    const uint8_t *data;
    uint32_t missing;
    size_t captured;
    uint8_t *copy;

    transfer.interrupt = (flags & 1) != 0;
    transfer.completion = (flags & 2) != 0;
    transfer.endpoint = input_u8(input);
    transfer.status = input_u8(input) % (BTAP_USB_OTHER + 1);
    missing = input_u8(input);
    captured = input_u8(input);
    data = input_bytes(input, &captured);
    copy = checker_copy(data, captured);
    transfer.data = copy;
    transfer.captured = (uint32_t)captured;
    transfer.length = transfer.captured + missing;
    transfer.submitted = transfer.length + missing;
    run->data = copy;
    run->captured = transfer.captured;
    run->length = transfer.submitted;
    run->told = 0;
    btap_adapter_transfer(&run->adapter, &transfer, output);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = {bytes, length};
    struct run run = {0};
    const struct btap_adapter_output output = {&run, on_chunk, on_event};

    btap_usb_device_init(&run.device);
    btap_adapter_init(&run.adapter, &run.device);
    while (input.left > 0) {
        switch (input_u8(&input) % 5) {
        case 0:
            take_device(&run.device, &input);
            break;
        case 1:
            take_interface(&run.device, &input);
            break;
        case 2:
            take_endpoint(&run.device, &input);
            break;
        case 3:
            take_control(&run, &input, &output);
            break;
        default:
            take_transfer(&run, &input, &output);
            break;
        }
    }
    return 0;
}
