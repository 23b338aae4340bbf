/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USB as macOS records it, LINKTYPE_USB_DARWIN: a header of 32 bytes for the submission of a
 * transfer and another for its completion, which carries the data of both directions. Everything is
 * little-endian.
 */
#include "link/link.h"
#include "model/bytes.h"

enum {
    HEADER_SIZE = 32,
    SETUP_SIZE = 8,

    AT_HEADER_LENGTH = 2, /* data begin there */
    AT_REQUEST = 3,
    AT_LENGTH = 4, /* of the data: asked for, or what went over */
    AT_STATUS = 8,
    AT_ID = 16,
    AT_LOCATION = 24, /* its highest byte is the bus */
    AT_DEVICE = 29,
    AT_ENDPOINT = 30,
    AT_TRANSFER = 31,

    REQUEST_SUBMIT = 0,
    REQUEST_COMPLETE = 1,

    LOCATION_BUS_SHIFT = 24,
};

/* IOReturn values: those of IOKit, of IOUSBFamily (0xe0004...) and of IOUSBHostFamily */
static const struct {
    uint32_t code;
    enum btap_usb_status status;
} statuses[] = {
    {0x00000000, BTAP_USB_OK},        {0xe00002c0, BTAP_USB_GONE}, /* no device */
    {0xe00002d6, BTAP_USB_TIMEOUT},                                /* timeout */
    {0xe00002d7, BTAP_USB_GONE},                                   /* offline */
    {0xe00002d9, BTAP_USB_GONE},                                   /* not attached */
    {0xe00002e7, BTAP_USB_SHORT},                                  /* underrun */
    {0xe00002e8, BTAP_USB_BABBLE},                                 /* overrun */
    {0xe00002eb, BTAP_USB_CANCELLED},                              /* aborted */
    {0xe00002ed, BTAP_USB_BUS_ERROR},                              /* not responding */
    {0xe0004001, BTAP_USB_BUS_ERROR},                              /* CRC */
    {0xe0004002, BTAP_USB_BUS_ERROR},                              /* bit stuffing */
    {0xe0004003, BTAP_USB_BUS_ERROR},                              /* data toggle */
    {0xe0004006, BTAP_USB_BUS_ERROR},                              /* PID check */
    {0xe0004007, BTAP_USB_BUS_ERROR},                              /* wrong PID */
    {0xe000400c, BTAP_USB_BABBLE},                                 /* buffer overrun */
    {0xe0004010, BTAP_USB_BUS_ERROR},                              /* link */
    {0xe000404b, BTAP_USB_BUS_ERROR},                              /* split transaction */
    {0xe000404f, BTAP_USB_STALL},                                  /* pipe stalled */
    {0xe0004051, BTAP_USB_TIMEOUT},                                /* transaction timeout */
    {0xe0005000, BTAP_USB_STALL}, /* pipe stalled, since macOS 10.11 */
};

static enum btap_usb_status status_of(uint32_t code)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (statuses[i].code == code)
            return statuses[i].status;
    return BTAP_USB_OTHER;
}

static enum link_urb_type type_of(uint8_t transfer)
{
    static const enum link_urb_type types[] = {LINK_URB_CONTROL, LINK_URB_ISOCHRONOUS,
                                               LINK_URB_BULK, LINK_URB_INTERRUPT};

    return transfer < sizeof(types) / sizeof(types[0]) ? types[transfer] : LINK_URB_OTHER;
}

/** What follows the header: data in a completion, the setup bytes in a control submission. */
static void take_data(struct link_urb *urb)
{
    if (urb->stage == LINK_URB_COMPLETE) {
        if (urb->captured > urb->length)
            urb->captured = urb->length;
        return;
    }
    if (urb->type == LINK_URB_CONTROL) {
        urb->setup_known = urb->captured >= SETUP_SIZE;
        if (urb->setup_known)
            link_urb_read_setup(urb, urb->data, urb->at.offset);
        urb->length = 0;
    }
    urb->captured = 0;
}

bool link_parse_darwin(const struct btap_record *record, struct link_urb *urb)
{
    const uint8_t *bytes = record->bytes;
    uint32_t header;

    if (record->captured < HEADER_SIZE || bytes[AT_REQUEST] > REQUEST_COMPLETE)
        return false;
    header = bytes[AT_HEADER_LENGTH];
    if (header < HEADER_SIZE || header > record->captured)
        return false;
    *urb = (struct link_urb){
        .id = get_le64(bytes + AT_ID),
        .stage = bytes[AT_REQUEST] == REQUEST_SUBMIT ? LINK_URB_SUBMIT : LINK_URB_COMPLETE,
        .type = type_of(bytes[AT_TRANSFER]),
        .late = true,
        .interface_id = record->interface_id,
        .bus = (uint16_t)(get_le32(bytes + AT_LOCATION) >> LOCATION_BUS_SHIFT),
        .device = bytes[AT_DEVICE],
        .endpoint = bytes[AT_ENDPOINT],
        .raw_status = (int32_t)get_le32(bytes + AT_STATUS),
        .length = get_le32(bytes + AT_LENGTH),
        .at = {.packet = record->packet, .offset = header, .time = record->time},
        .data = bytes + header,
        .captured = record->captured - header,
    };
    if (urb->stage == LINK_URB_COMPLETE)
        urb->status = status_of((uint32_t)urb->raw_status);
    take_data(urb);
    return true;
}
