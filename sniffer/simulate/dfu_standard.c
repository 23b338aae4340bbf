/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What every USB device answers: USB 2.0 chapter 9, and the descriptors of DFU 1.1 section 4.
 */
#include "simulate/dfu_standard.h"

#include <string.h>

enum {
    STRING_MANUFACTURER = 1,
    STRING_PRODUCT = 2,
    STRING_SERIAL = 3,
    STRING_ALTERNATE = 4, /* and following */
};

void usb_setup_parse(struct usb_setup *setup, const uint8_t bytes[8])
{
    setup->request_type = bytes[0];
    setup->request = bytes[1];
    setup->value = sim_le16(bytes + 2);
    setup->index = sim_le16(bytes + 4);
    setup->length = sim_le16(bytes + 6);
}

void usb_setup_pack(uint8_t bytes[8], const struct usb_setup *setup)
{
    bytes[0] = setup->request_type;
    bytes[1] = setup->request;
    sim_put_le16(bytes + 2, setup->value);
    sim_put_le16(bytes + 4, setup->index);
    sim_put_le16(bytes + 6, setup->length);
}

static uint8_t alternates(const struct dfu_product *product)
{
    uint8_t count = 0;
    while (count < DFU_ALTERNATES_MAX && product->alternates[count])
        count++;
    return count;
}

size_t dfu_device_descriptor(const struct dfu_device *device, uint8_t bytes[18])
{
    static const uint8_t fixed[18] = {18, 0x01, 0x00, 0x01, 0, 0, 0, 64};
    const struct dfu_product *product = device->config.product;

    memcpy(bytes, fixed, 18);
    sim_put_le16(bytes + 8, product->vendor);
    sim_put_le16(bytes + 10, product->product);
    sim_put_le16(bytes + 12, product->bcd_device);
    bytes[14] = STRING_MANUFACTURER;
    bytes[15] = STRING_PRODUCT;
    bytes[16] = STRING_SERIAL;
    bytes[17] = 1;
    return 18;
}

size_t dfu_device_configuration(const struct dfu_device *device, uint8_t *bytes, size_t size)
{
    const struct dfu_product *product = device->config.product;
    uint8_t all[9 + 9 * DFU_ALTERNATES_MAX + 9];
    size_t length = 9;

    for (uint8_t i = 0; i < alternates(product); i++, length += 9) {
        const uint8_t interface[9] = {9,
                                      0x04,
                                      0,
                                      i,
                                      0,
                                      0xFE,
                                      0x01,
                                      (uint8_t)(device->config.application ? 1 : 2),
                                      (uint8_t)(STRING_ALTERNATE + i)};
        memcpy(all + length, interface, 9);
    }
    all[length] = 9;
    all[length + 1] = 0x21;
    all[length + 2] = product->attributes;
    sim_put_le16(all + length + 3, 255);
    sim_put_le16(all + length + 5, product->transfer_size);
    sim_put_le16(all + length + 7, product->bcd_dfu);
    length += 9;
    memcpy(all, (const uint8_t[]){9, 0x02, (uint8_t)length, 0, 1, 1, 0, 0xC0, 50}, 9);
    if (length > size)
        length = size;
    memcpy(bytes, all, length);
    return length;
}

static size_t string_descriptor(const struct dfu_device *device, uint8_t index, uint8_t *bytes)
{
    const struct dfu_product *product = device->config.product;
    const char *text = "";
    size_t length;

    if (index == 0) {
        memcpy(bytes, (const uint8_t[]){4, 0x03, 0x09, 0x04}, 4);
        return 4;
    }
    if (index == STRING_MANUFACTURER)
        text = "STMicroelectronics";
    else if (index == STRING_PRODUCT)
        text = device->config.product->bcd_dfu == DFU_BCD_DFUSE ? "STM32  BOOTLOADER"
                                                                : "DFU bootloader";
    else if (index == STRING_SERIAL)
        text = product->serial;
    else if (index < STRING_ALTERNATE + alternates(product))
        text = product->alternates[index - STRING_ALTERNATE];
    else if (index == DFU_WORDS && device->config.words)
        text = device->config.words;
    else
        return 0;
    bytes[1] = 0x03;
    length = strlen(text);
    if (index == STRING_SERIAL && product->serial_not_utf16) {
        memcpy(bytes + 2, text, length);
        bytes[0] = (uint8_t)(2 + length);
        return bytes[0];
    }
    for (size_t i = 0; i < length; i++)
        sim_put_le16(bytes + 2 + 2 * i, (uint8_t)text[i]);
    bytes[0] = (uint8_t)(2 + 2 * length);
    return bytes[0];
}

void dfu_answer_bytes(struct dfu_answer *answer, const struct usb_setup *setup,
                      const uint8_t *bytes, size_t length)
{
    answer->length = length < setup->length ? length : setup->length;
    memcpy(answer->data, bytes, answer->length);
}

static void on_descriptor(struct dfu_device *device, const struct usb_setup *setup,
                          struct dfu_answer *answer)
{
    uint8_t bytes[256];
    size_t length = 0;

    switch (setup->value >> 8) {
    case 1:
        length = dfu_device_descriptor(device, bytes);
        break;
    case 2:
        length = dfu_device_configuration(device, bytes, sizeof(bytes));
        break;
    case 3:
        length = string_descriptor(device, (uint8_t)setup->value, bytes);
        break;
    }
    if (length == 0)
        answer->outcome = DFU_STALLED;
    else
        dfu_answer_bytes(answer, setup, bytes, length);
}

void dfu_device_standard(struct dfu_device *device, const struct usb_setup *setup,
                         struct dfu_answer *answer)
{
    static const uint8_t no_status[2] = {0, 0};

    switch (setup->request) {
    case 0x00: /* GET_STATUS */
        dfu_answer_bytes(answer, setup, no_status, 2);
        break;
    case 0x05: /* SET_ADDRESS */
        break;
    case 0x06: /* GET_DESCRIPTOR */
        on_descriptor(device, setup, answer);
        break;
    case 0x08: /* GET_CONFIGURATION */
        dfu_answer_bytes(answer, setup, &device->configuration, 1);
        break;
    case 0x09: /* SET_CONFIGURATION */
        if (device->config.set_configuration_stalls)
            answer->outcome = DFU_STALLED;
        else
            device->configuration = (uint8_t)setup->value;
        break;
    case 0x0A: /* GET_INTERFACE */
        dfu_answer_bytes(answer, setup, &device->alternate, 1);
        break;
    case 0x0B: /* SET_INTERFACE */
        if (setup->value < alternates(device->config.product) &&
            !device->config.set_interface_stalls)
            device->alternate = (uint8_t)setup->value;
        else
            answer->outcome = DFU_STALLED;
        break;
    default:
        answer->outcome = DFU_STALLED;
        break;
    }
}
