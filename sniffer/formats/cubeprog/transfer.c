/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Transfers as usbmon records them, and the descriptors that are among them: of these a log prints
 * one field a line, `|_idVendor : 0x0483`.
 */
#include "formats/cubeprog/transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "traffic/usb_record.h"

/** Where the device is, as no line tells: any place but a root hub's. */
enum { BUS = 1, DEVICE = 2 };

enum {
    CONTROL = 2,
    ENDPOINT_IN = 0x80,
    STANDARD_IN = 0x80,

    GET_DESCRIPTOR = 6,
    DEVICE_DESCRIPTOR = 1,
    CONFIGURATION_DESCRIPTOR = 2,
};

static uint32_t interface_of(struct log *log)
{
    const struct cubeprog *cube = log->state;

    queue_lacks(&log->queue, cubeprog_lacks(cube));
    return queue_interface(&log->queue, BTAP_LINKTYPE_USB_LINUX_MMAPPED, "", false,
                           BTAP_LACKS_REPLIES | BTAP_LACKS_POLL_TIMES | BTAP_LACKS_DATA |
                               cubeprog_lacks(cube));
}

static void put(struct log *log, struct usb_record *record)
{
    struct cubeprog *cube = log->state;

    record->transfer_type = CONTROL;
    record->bus = BUS;
    record->device = DEVICE;
    record->time = cube->time;
    usb_record_send(&log->queue.sink, interface_of(log), record, NULL);
    cube->traffic = true;
}

uint64_t cubeprog_submit(struct log *log, const uint8_t setup[8], const uint8_t *data,
                         uint32_t length)
{
    struct cubeprog *cube = log->state;
    const bool in = (setup[0] & ENDPOINT_IN) != 0;

    cube->urbs++;
    put(log, &(struct usb_record){
                 .id = cube->urbs,
                 .endpoint = in ? ENDPOINT_IN : 0,
                 .setup = setup,
                 .status = -EINPROGRESS,
                 .length = length,
                 .data = data,
                 .captured = data != NULL ? length : 0,
                 .data_length = data != NULL ? length : 0,
             });
    return cube->urbs;
}

void cubeprog_complete(struct log *log, uint64_t urb, bool in, int status, const uint8_t *data,
                       uint32_t length)
{
    put(log, &(struct usb_record){
                 .id = urb,
                 .completion = true,
                 .endpoint = in ? ENDPOINT_IN : 0,
                 .status = status,
                 .length = length,
                 .data = data,
                 .captured = data != NULL ? length : 0,
                 .data_length = in ? length : 0,
             });
}

void cubeprog_setup(uint8_t setup[8], uint8_t type, uint8_t request, uint16_t value,
                    uint32_t length)
{
    const uint8_t bytes[8] = {
        type, request, (uint8_t)value,  (uint8_t)(value >> 8),
        0,    0,       (uint8_t)length, (uint8_t)(length >> 8),
    };

    memcpy(setup, bytes, sizeof(bytes));
}

void cubeprog_read(struct log *log, uint8_t type, uint8_t request, uint16_t value,
                   const uint8_t *data, uint32_t length)
{
    uint8_t setup[8];

    cubeprog_setup(setup, type, request, value, length);
    cubeprog_complete(log, cubeprog_submit(log, setup, NULL, length), true, 0, data, length);
}

/* Descriptors */

static const struct {
    const char *name;
    uint8_t at;
    uint8_t size;
} device_fields[] = {
    {"bcdUSB", 2, 2},          {"bDeviceClass", 4, 1},   {"bDeviceSubClass", 5, 1},
    {"bDeviceProtocol", 6, 1}, {"bMaxPacketSize", 7, 1}, {"idVendor", 8, 2},
    {"idProduct", 10, 2},      {"bcdDevice", 12, 2},     {"iManufacturer", 14, 1},
    {"iProduct", 15, 1},       {"iSerialNumber", 16, 1}, {"bNumConfigurations", 17, 1},
};

bool cubeprog_field(struct cubeprog *cube, const char *line)
{
    struct cubeprog_descriptors *descriptors = &cube->descriptors;
    const char *name = cubeprog_behind(line, "|_");
    const char *colon = name != NULL ? strchr(name, ':') : NULL;
    unsigned long value;

    if (colon == NULL)
        return name != NULL;
    value = strtoul(colon + 1, NULL, 0);
    for (size_t i = 0; i < sizeof(device_fields) / sizeof(device_fields[0]); i++) {
        if (strncmp(name, device_fields[i].name, strlen(device_fields[i].name)) != 0)
            continue;
        descriptors->device[device_fields[i].at] = (uint8_t)value;
        if (device_fields[i].size == 2)
            descriptors->device[device_fields[i].at + 1] = (uint8_t)(value >> 8);
        descriptors->known |= 1u << i;
    }
    if (strncmp(name, "wTransferSize", strlen("wTransferSize")) == 0) {
        descriptors->transfer_size = (uint16_t)value;
        descriptors->functional = true;
    } else if (strncmp(name, "bcdDFUVersion", strlen("bcdDFUVersion")) == 0) {
        descriptors->bcd_dfu = (uint16_t)value;
    } else if (strncmp(name, "bmAttributes", strlen("bmAttributes")) == 0) {
        descriptors->attributes = (uint8_t)value;
    }
    return true;
}

/** Configuration, interface and functional descriptor (DFU 1.1 section 4.2), of what is known. */
static void put_configuration(struct log *log, const struct cubeprog_descriptors *descriptors)
{
    const uint16_t size = descriptors->transfer_size;
    const uint16_t bcd = descriptors->bcd_dfu != 0 ? descriptors->bcd_dfu : 0x011a;
    const uint8_t bytes[] = {
        9,
        2,
        27,
        0,
        1,
        1,
        0,
        0xc0,
        50, /* configuration */
        9,
        4,
        0,
        0,
        0,
        0xfe,
        1,
        2,
        0, /* interface */
        9,
        0x21,
        descriptors->attributes,
        0xff,
        0,
        (uint8_t)size,
        (uint8_t)(size >> 8),
        (uint8_t)bcd,
        (uint8_t)(bcd >> 8),
    };

    cubeprog_read(log, STANDARD_IN, GET_DESCRIPTOR, CONFIGURATION_DESCRIPTOR << 8, bytes,
                  sizeof(bytes));
}

void cubeprog_describe(struct log *log)
{
    struct cubeprog *cube = log->state;
    struct cubeprog_descriptors *descriptors = &cube->descriptors;
    const bool identified = descriptors->device[9] != 0 || descriptors->device[8] != 0;

    if (descriptors->sent || !identified)
        return;
    descriptors->device[0] = sizeof(descriptors->device);
    descriptors->device[1] = DEVICE_DESCRIPTOR;
    descriptors->sent = true;
    cubeprog_read(log, STANDARD_IN, GET_DESCRIPTOR, DEVICE_DESCRIPTOR << 8, descriptors->device,
                  sizeof(descriptors->device));
    if (descriptors->functional)
        put_configuration(log, descriptors);
}
