/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/wire_usb_reads.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "port/wire_usb_status.h"

/* USB 2.0 section 9.6 */
enum {
    DEVICE_SIZE = 18,
    AT_STRINGS = 14, /* of manufacturer, product, serial number */
    AT_CONFIGURATIONS = 17,

    CONFIGURATION_SIZE = 9,
    AT_TOTAL = 2, /* bytes of all its descriptors */
    AT_VALUE = 5,
    AT_NAME = 6,

    STRING_SIZE_MAX = 255,
    ENGLISH = 0x0409,
    CONFIGURATIONS_MAX = 8, /* that Linux reads */
    TIMEOUT_MS = 2000,
};

void wire_usb_parse(struct btap_usb_device *device, const struct wire_control *control)
{
    const bool in = (control->setup.request_type & LIBUSB_ENDPOINT_IN) != 0;
    const struct btap_usb_control completion = {
        .setup_known = true,
        .setup = control->setup,
        .data = in ? control->data : NULL,
        .captured = in ? control->transferred : 0,
        .length = in ? control->transferred : 0,
        .status = control->status,
        .raw_status = control->raw_status,
    };

    btap_usb_device_control(device, &completion);
}

/** Asks for a descriptor. @return bytes, or an error of libusb; read is the last of the list */
static int ask(libusb_device_handle *handle, struct wire_usb_reads *reads, uint8_t type,
               uint8_t index, uint16_t language, uint16_t length)
{
    struct wire_control read = {
        .setup = {LIBUSB_ENDPOINT_IN, LIBUSB_REQUEST_GET_DESCRIPTOR, (uint16_t)(type << 8 | index),
                  language, length},
        .data = allocate(length),
        .timeout_ms = TIMEOUT_MS,
    };
    const int result =
        libusb_control_transfer(handle, read.setup.request_type, read.setup.request,
                                read.setup.value, read.setup.index, read.data, length, TIMEOUT_MS);

    wire_usb_set_status(&read, result);
    reads->list = grow(reads->list, reads->length, &reads->room, sizeof(*reads->list));
    reads->list[reads->length++] = read;
    return result;
}

static const uint8_t *latest(const struct wire_usb_reads *reads)
{
    return reads->list[reads->length - 1].data;
}

static void parse_latest(struct wire_usb_reads *reads)
{
    wire_usb_parse(&reads->device, &reads->list[reads->length - 1]);
}

/** Likewise, and it must come whole. @return 0, or an error of libusb */
static int demand(libusb_device_handle *handle, struct wire_usb_reads *reads, uint8_t type,
                  uint8_t index, uint16_t length)
{
    const int result = ask(handle, reads, type, index, 0, length);

    if (result >= 0 && result < (int)length)
        return LIBUSB_ERROR_IO;
    return result < 0 ? result : 0;
}

/** Asks for the configuration in force. @param[out] name of it: the number of a string */
static int read_configuration(libusb_device_handle *handle, struct wire_usb_reads *reads,
                              uint8_t count, uint8_t *name)
{
    int value;
    int result = libusb_get_configuration(handle, &value); /* the kernel knows it */

    for (uint8_t i = 0; result == 0 && i < count && i < CONFIGURATIONS_MAX; i++) {
        uint16_t total;

        result = demand(handle, reads, LIBUSB_DT_CONFIG, i, CONFIGURATION_SIZE);
        if (result != 0 || latest(reads)[AT_VALUE] != value)
            continue;
        *name = latest(reads)[AT_NAME];
        total = (uint16_t)(latest(reads)[AT_TOTAL] | latest(reads)[AT_TOTAL + 1] << 8);
        if (total < CONFIGURATION_SIZE)
            return LIBUSB_ERROR_IO;
        result = demand(handle, reads, LIBUSB_DT_CONFIG, i, total);
        if (result == 0)
            parse_latest(reads);
        return result;
    }
    return result != 0 ? result : LIBUSB_ERROR_NOT_FOUND;
}

/** Strings that were asked for, by their number. */
struct asked {
    uint16_t language;
    bool done[256];
};

/** @return false: the device has left */
static bool read_string(libusb_device_handle *handle, struct wire_usb_reads *reads,
                        struct asked *asked, uint8_t index)
{
    int result;

    if (index == 0 || asked->done[index])
        return true;
    asked->done[index] = true;
    result = ask(handle, reads, LIBUSB_DT_STRING, index, asked->language, STRING_SIZE_MAX);
    parse_latest(reads);
    return result != LIBUSB_ERROR_NO_DEVICE;
}

/** Names of the alternate settings first: they are the memory layouts. */
static bool read_strings(libusb_device_handle *handle, struct wire_usb_reads *reads,
                         const uint8_t *of_device, uint8_t of_configuration)
{
    struct asked asked = {.language = ENGLISH};
    int result = ask(handle, reads, LIBUSB_DT_STRING, 0, 0, STRING_SIZE_MAX);

    if (result >= 4)
        asked.language = (uint16_t)(latest(reads)[2] | latest(reads)[3] << 8);
    for (size_t i = 0; result != LIBUSB_ERROR_NO_DEVICE && i < reads->device.interfaces_length; i++)
        if (!read_string(handle, reads, &asked, reads->device.interfaces[i].string_index))
            result = LIBUSB_ERROR_NO_DEVICE;
    for (size_t i = 0; result != LIBUSB_ERROR_NO_DEVICE && i < 3; i++)
        if (!read_string(handle, reads, &asked, of_device[i]))
            result = LIBUSB_ERROR_NO_DEVICE;
    return result != LIBUSB_ERROR_NO_DEVICE && read_string(handle, reads, &asked, of_configuration);
}

int wire_usb_read(libusb_device_handle *handle, struct wire_usb_reads *reads)
{
    uint8_t strings[3];
    uint8_t count;
    uint8_t name = 0;
    int result;

    btap_usb_device_init(&reads->device);
    result = demand(handle, reads, LIBUSB_DT_DEVICE, 0, DEVICE_SIZE);
    if (result != 0)
        return result;
    parse_latest(reads);
    memcpy(strings, latest(reads) + AT_STRINGS, sizeof(strings));
    count = latest(reads)[AT_CONFIGURATIONS];
    result = read_configuration(handle, reads, count, &name);
    if (result != 0)
        return result;
    return read_strings(handle, reads, strings, name) ? 0 : LIBUSB_ERROR_NO_DEVICE;
}

void wire_usb_reads_release(struct wire_usb_reads *reads)
{
    for (size_t i = 0; i < reads->length; i++)
        free(reads->list[i].data);
    free(reads->list);
    *reads = (struct wire_usb_reads){.length = 0};
}
