/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic/usb_record.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

#define NS_PER_S  1000000000
#define NS_PER_US 1000

enum {
    AT_ID = 0,
    AT_TYPE = 8, /* 'S', 'C', or 'E' for a submission that failed */
    AT_TRANSFER = 9,
    AT_ENDPOINT = 10,
    AT_DEVICE = 11,
    AT_BUS = 12,
    AT_SETUP_FLAG = 14, /* 0: the setup bytes are there; '-': they are not */
    AT_DATA_FLAG = 15,  /* 0: this half carries the data; else a letter that tells why not */
    AT_SECONDS = 16,
    AT_MICROSECONDS = 24,
    AT_STATUS = 28,
    AT_URB_LENGTH = 32,
    AT_CAPTURED = 36, /* bytes after the header */
    AT_SETUP = 40,
    AT_FLAGS = 56,

    SETUP_SIZE = 8,
    ENDPOINT_IN = 0x80,
};

static void put(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static uint8_t type_of(const struct usb_record *record)
{
    if (!record->completion)
        return 'S';
    return record->failed ? 'E' : 'C';
}

/** Why there are no data, as usbmon says it. */
static uint8_t data_flag(const struct usb_record *record)
{
    const bool in = (record->endpoint & ENDPOINT_IN) != 0;

    if (record->completion && record->failed)
        return 'E';
    if (in && !record->completion)
        return '<';
    if (!in && record->completion)
        return '>';
    return record->data == NULL && record->length > 0 ? 'D' : 0;
}

static void put_header(uint8_t *header, const struct usb_record *record)
{
    put(header + AT_ID, record->id, 8);
    header[AT_TYPE] = type_of(record);
    header[AT_TRANSFER] = record->transfer_type;
    header[AT_ENDPOINT] = record->endpoint;
    header[AT_DEVICE] = record->device;
    put(header + AT_BUS, record->bus, 2);
    header[AT_SETUP_FLAG] = '-';
    header[AT_DATA_FLAG] = data_flag(record);
    put(header + AT_SECONDS, (uint64_t)(record->time / NS_PER_S), 8);
    put(header + AT_MICROSECONDS, (uint64_t)(record->time % NS_PER_S / NS_PER_US), 4);
    put(header + AT_STATUS, (uint32_t)record->status, 4);
    put(header + AT_URB_LENGTH, record->length, 4);
    put(header + AT_CAPTURED, record->captured, 4);
    put(header + AT_FLAGS, record->flags, 4);
    if (record->setup != NULL) {
        header[AT_SETUP_FLAG] = 0;
        memcpy(header + AT_SETUP, record->setup, SETUP_SIZE);
    }
}

void usb_record_send(const struct traffic_sink *sink, uint32_t interface_id,
                     const struct usb_record *record, const char *comment)
{
    uint8_t *bytes = allocate(USB_RECORD_HEADER_SIZE + (size_t)record->captured);

    put_header(bytes, record);
    if (record->captured > 0)
        memcpy(bytes + USB_RECORD_HEADER_SIZE, record->data, record->captured);
    sink->record(sink->context, &(struct traffic_record){
                                    .interface_id = interface_id,
                                    .time = record->time,
                                    .bytes = bytes,
                                    .captured = USB_RECORD_HEADER_SIZE + record->captured,
                                    .length = USB_RECORD_HEADER_SIZE + record->data_length,
                                    .comment = comment,
                                });
    free(bytes);
}
