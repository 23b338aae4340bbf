/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records of USBPcap (desowin.org/usbpcap/captureformat.html), LINKTYPE_USBPCAP. Everything is
 * little-endian.
 */
#include "link/link.h"
#include "model/bytes.h"

enum {
    HEADER_SIZE = 27,
    CONTROL_HEADER_SIZE = 28,
    SETUP_SIZE = 8,

    AT_HEADER_LENGTH = 0, /* data begin there */
    AT_IRP = 2,
    AT_STATUS = 10,
    AT_INFO = 16,
    AT_BUS = 17,
    AT_DEVICE = 19,
    AT_ENDPOINT = 21,
    AT_TRANSFER = 22,
    AT_DATA_LENGTH = 23,
    AT_STAGE = 27,

    INFO_FROM_DEVICE = 0x01,

    STAGE_SETUP = 0,    /* since version 1.5.0.0 with the OUT data after the setup bytes */
    STAGE_DATA = 1,     /* before 1.5.0.0 */
    STAGE_STATUS = 2,   /* before 1.5.0.0 */
    STAGE_COMPLETE = 3, /* since 1.5.0.0, with the IN data */
};

/* USBD_STATUS values of the Windows header usb.h */
static const struct {
    uint32_t code;
    enum btap_usb_status status;
} statuses[] = {
    {0xc0000001, BTAP_USB_BUS_ERROR},                                   /* CRC */
    {0xc0000002, BTAP_USB_BUS_ERROR},                                   /* bit stuffing */
    {0xc0000003, BTAP_USB_BUS_ERROR},                                   /* data toggle */
    {0xc0000004, BTAP_USB_STALL},     {0xc0000005, BTAP_USB_BUS_ERROR}, /* device does not respond
                                                                         */
    {0xc0000006, BTAP_USB_BUS_ERROR},                                   /* PID check */
    {0xc0000007, BTAP_USB_BUS_ERROR},                                   /* unexpected PID */
    {0xc0000008, BTAP_USB_BABBLE},                                      /* data overrun */
    {0xc0000009, BTAP_USB_SHORT},                                       /* data underrun */
    {0xc0000011, BTAP_USB_BUS_ERROR},                                   /* transaction error */
    {0xc0000012, BTAP_USB_BABBLE},    {0xc0000030, BTAP_USB_STALL},     /* endpoint halted */
    {0x80000900, BTAP_USB_SHORT},     {0xc0006000, BTAP_USB_TIMEOUT},   {0xc0007000, BTAP_USB_GONE},
    {0xc0010000, BTAP_USB_CANCELLED},
};

static enum btap_usb_status status_of(uint32_t code)
{
    if (code < 0x80000000u) /* b31-30: 00 success, 01 pending, 1x error */
        return BTAP_USB_OK;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (statuses[i].code == code)
            return statuses[i].status;
    return BTAP_USB_OTHER;
}

/** Takes the setup bytes off the front of the data. */
static void split_setup(struct link_urb *urb)
{
    if (urb->captured < SETUP_SIZE) {
        urb->captured = 0;
        return;
    }
    link_urb_read_setup(urb, urb->data, urb->at.offset);
    urb->setup_known = true;
    urb->data += SETUP_SIZE;
    urb->at.offset += SETUP_SIZE;
    urb->captured -= SETUP_SIZE;
}

/** What the stage byte of a control transfer adds; false if it contradicts the rest. */
static bool read_stage(const struct btap_record *record, uint32_t header, struct link_urb *urb)
{
    bool from_device = urb->stage == LINK_URB_COMPLETE;

    if (header < CONTROL_HEADER_SIZE)
        return false;
    switch (record->bytes[AT_STAGE]) {
    case STAGE_SETUP:
        if (from_device || urb->length < SETUP_SIZE)
            return false;
        urb->length -= SETUP_SIZE;
        split_setup(urb);
        return true;
    case STAGE_DATA:
        urb->stage = LINK_URB_DATA;
        urb->endpoint = (uint8_t)((urb->endpoint & 0x0f) | (from_device ? 0x80 : 0));
        return true;
    case STAGE_STATUS:
    case STAGE_COMPLETE:
        return from_device;
    default:
        return false;
    }
}

bool link_parse_usbpcap(const struct btap_record *record, struct link_urb *urb)
{
    const uint8_t *bytes = record->bytes;
    uint32_t header;

    if (record->captured < HEADER_SIZE)
        return false;
    header = get_le16(bytes + AT_HEADER_LENGTH);
    if (header < HEADER_SIZE || header > record->captured)
        return false;
    urb->id = get_le64(bytes + AT_IRP);
    urb->stage = (bytes[AT_INFO] & INFO_FROM_DEVICE) != 0 ? LINK_URB_COMPLETE : LINK_URB_SUBMIT;
    urb->type = bytes[AT_TRANSFER] <= LINK_URB_BULK ? (enum link_urb_type)bytes[AT_TRANSFER]
                                                    : LINK_URB_OTHER;
    urb->interface_id = record->interface_id;
    urb->bus = get_le16(bytes + AT_BUS);
    urb->device = get_le16(bytes + AT_DEVICE);
    urb->endpoint = bytes[AT_ENDPOINT];
    urb->raw_status = (int32_t)get_le32(bytes + AT_STATUS);
    urb->status =
        urb->stage == LINK_URB_SUBMIT ? BTAP_USB_OK : status_of((uint32_t)urb->raw_status);
    urb->setup_known = false;
    urb->length = get_le32(bytes + AT_DATA_LENGTH);
    urb->at =
        (struct btap_origin){.packet = record->packet, .offset = header, .time = record->time};
    urb->data = bytes + header;
    urb->captured = record->captured - header;
    if (urb->captured > urb->length)
        urb->captured = urb->length;
    return urb->type != LINK_URB_CONTROL || read_stage(record, header, urb);
}
