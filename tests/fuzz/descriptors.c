/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: what a USB device tells of itself.
 *
 * One transfer of the input is: status, the four setup values that matter (request type, request,
 * wValue MSB first), number of bytes that came, the bytes.
 */
#include "boottap/usb_device.h"

#include <stdlib.h>
#include <string.h>

#include "checker.h"
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void take_transfer(struct btap_usb_device *device, struct input *input)
{
    struct btap_usb_control control = {.at = {.packet = 1}, .setup_known = true};
    const uint8_t *data;
    size_t captured;
    uint8_t *copy;

    control.status = input_u8(input) % (BTAP_USB_OTHER + 1);
    control.setup.request_type = input_u8(input);
    control.setup.request = input_u8(input);
    control.setup.value = input_u16(input);
    control.setup.length = 0xffff;
    captured = input_u8(input);
    control.length = (uint32_t)captured;
    data = input_bytes(input, &captured);
    copy = checker_copy(data, captured);
    control.captured = (uint32_t)captured;
    control.data = copy;
    btap_usb_device_control(device, &control);
    free(copy);
}

static void check_string(const struct btap_usb_string *string)
{
    const char *text = string->text;

    if (string->index == 0)
        return;
    CHECK(memchr(text, '\0', sizeof(string->text)) != NULL);
    for (; *text != '\0'; text++)
        CHECK(*text >= 0x20 && *text <= 0x7e);
}

static void check_device(const struct btap_usb_device *device)
{
    const char *layout = btap_usb_device_layout(device);

    CHECK(device->interfaces_length <= BTAP_USB_INTERFACES_MAX);
    CHECK(device->endpoints_length <= BTAP_USB_ENDPOINTS_MAX);
    for (size_t i = 0; i < BTAP_USB_STRINGS_MAX; i++)
        check_string(&device->strings[i]);
    for (unsigned index = 1; index < 256; index++)
        (void)btap_usb_device_string(device, (uint8_t)index);
    CHECK(layout == NULL || layout[0] == '@');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input input = {bytes, length};
    struct btap_usb_device device;

    btap_usb_device_init(&device);
    while (input.left > 0) {
        take_transfer(&device, &input);
        check_device(&device);
    }
    return 0;
}
