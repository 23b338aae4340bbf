/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * usbmon's binary records (Linux Documentation/usb/usbmon.rst): LINKTYPE_USB_LINUX with a header
 * of 48 bytes, LINKTYPE_USB_LINUX_MMAPPED with 64. The header is in the byte order of the machine
 * that captured; the setup bytes and the data are little-endian as on the wire.
 */
#include "link/link.h"
#include "model/bytes.h"

enum {
    HEADER_SIZE = 48,
    MMAPPED_HEADER_SIZE = 64,
    ISO_DESCRIPTOR_SIZE = 16,

    AT_ID = 0,
    AT_TYPE = 8,
    AT_TRANSFER = 9,
    AT_ENDPOINT = 10,
    AT_DEVICE = 11,
    AT_BUS = 12,
    AT_SETUP_FLAG = 14, /* 0: the setup bytes are there */
    AT_DATA_FLAG = 15,  /* 0: data follow; else a letter that tells why not */
    AT_STATUS = 28,
    AT_URB_LENGTH = 32,
    AT_CAPTURED = 36, /* bytes after the header, isochronous descriptors included */
    AT_SETUP = 40,
    AT_ISO_DESCRIPTORS = 60,
};

/* Completion status as in Linux Documentation/driver-api/usb/error-codes.rst: negative errno */
static const struct {
    int32_t error;
    enum btap_usb_status status;
} statuses[] = {
    {0, BTAP_USB_OK},           {-2, BTAP_USB_CANCELLED}, /* ENOENT: by usb_kill_urb() */
    {-19, BTAP_USB_GONE},                                 /* ENODEV */
    {-32, BTAP_USB_STALL},                                /* EPIPE */
    {-62, BTAP_USB_BUS_ERROR},                            /* ETIME: no response */
    {-71, BTAP_USB_BUS_ERROR},                            /* EPROTO */
    {-75, BTAP_USB_BABBLE},                               /* EOVERFLOW */
    {-84, BTAP_USB_BUS_ERROR},                            /* EILSEQ: CRC */
    {-104, BTAP_USB_CANCELLED},                           /* ECONNRESET: by usb_unlink_urb() */
    {-108, BTAP_USB_GONE},                                /* ESHUTDOWN */
    {-110, BTAP_USB_TIMEOUT},                             /* ETIMEDOUT */
    {-121, BTAP_USB_SHORT},                               /* EREMOTEIO */
};

static enum btap_usb_status status_of(int32_t error)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (statuses[i].error == error)
            return statuses[i].status;
    return BTAP_USB_OTHER;
}

static bool stage_of(uint8_t type, enum link_urb_stage *stage)
{
    switch (type) {
    case 'S':
        *stage = LINK_URB_SUBMIT;
        return true;
    case 'C':
        *stage = LINK_URB_COMPLETE;
        return true;
    case 'E':
        *stage = LINK_URB_FAILED;
        return true;
    default:
        return false;
    }
}

/** How many of the bytes after the header are USB data; false if the header contradicts itself. */
static bool find_data(const struct btap_record *record, uint32_t header, struct link_urb *urb)
{
    const uint8_t *bytes = record->bytes;
    uint32_t stored = record->captured - header;
    uint32_t announced = get_32(bytes + AT_CAPTURED, record->big_endian);
    uint32_t skipped = 0;

    if (stored > announced)
        stored = announced;
    if (urb->type == LINK_URB_ISOCHRONOUS && header == MMAPPED_HEADER_SIZE) {
        uint32_t count = get_32(bytes + AT_ISO_DESCRIPTORS, record->big_endian);

        if (count > announced / ISO_DESCRIPTOR_SIZE)
            return false;
        skipped = count * ISO_DESCRIPTOR_SIZE;
        if (skipped > stored)
            skipped = stored;
    }
    urb->at.offset = header + skipped;
    urb->data = bytes + header + skipped;
    urb->captured = bytes[AT_DATA_FLAG] == 0 ? stored - skipped : 0;
    return true;
}

bool link_parse_usbmon(const struct btap_record *record, struct link_urb *urb)
{
    const uint8_t *bytes = record->bytes;
    uint32_t header =
        record->linktype == BTAP_LINKTYPE_USB_LINUX ? HEADER_SIZE : MMAPPED_HEADER_SIZE;
    bool big_endian = record->big_endian;

    if (record->captured < header || !stage_of(bytes[AT_TYPE], &urb->stage) ||
        bytes[AT_TRANSFER] > LINK_URB_BULK)
        return false;
    urb->id = get_64(bytes + AT_ID, big_endian);
    urb->type = (enum link_urb_type)bytes[AT_TRANSFER];
    urb->interface_id = record->interface_id;
    urb->bus = get_16(bytes + AT_BUS, big_endian);
    urb->device = bytes[AT_DEVICE];
    urb->endpoint = bytes[AT_ENDPOINT];
    urb->raw_status = (int32_t)get_32(bytes + AT_STATUS, big_endian);
    urb->status = urb->stage == LINK_URB_SUBMIT ? BTAP_USB_OK : status_of(urb->raw_status);
    urb->at = (struct btap_origin){.packet = record->packet, .time = record->time};
    urb->length = urb->stage == LINK_URB_FAILED ? 0 : get_32(bytes + AT_URB_LENGTH, big_endian);
    if (!find_data(record, header, urb))
        return false;

    /* Some converters leave the URB's length 0 where data follow. */
    if (urb->length < urb->captured)
        urb->length = urb->captured;
    urb->setup_known = urb->type == LINK_URB_CONTROL && bytes[AT_SETUP_FLAG] == 0;
    if (urb->setup_known)
        link_urb_read_setup(urb, bytes + AT_SETUP, AT_SETUP);
    return true;
}
