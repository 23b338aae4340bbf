/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record.h"

#include <string.h>
#include <wiretap/wtap.h>

#include "ws_compat.h"

/**
 * What stands before each CAN frame of a candump log where Wireshark is older than 4.4: a tag that
 * names the dissector, and the tags' end.
 */
static const struct {
    guint8 bytes[24];
    guint length;
} candump_tags[] = {
    {"\0\x0c\0\x08"
     "canfd\0\0\0"
     "\0\0\0",
     16},
    {"\0\x0c\0\x10"
     "can-hostendian\0\0"
     "\0\0\0",
     24},
};

/** The LINKTYPE_ value of a Wireshark encapsulation; 0 for those that the core does not read. */
static guint32 linktype_of(int encapsulation)
{
    switch (encapsulation) {
    case WTAP_ENCAP_SLL:
        return BTAP_LINKTYPE_LINUX_SLL;
    case WTAP_ENCAP_SLL2:
        return BTAP_LINKTYPE_LINUX_SLL2;
    case WTAP_ENCAP_USB_LINUX:
        return BTAP_LINKTYPE_USB_LINUX;
    case WTAP_ENCAP_USB_LINUX_MMAPPED:
        return BTAP_LINKTYPE_USB_LINUX_MMAPPED;
    case WTAP_ENCAP_USBPCAP:
        return BTAP_LINKTYPE_USBPCAP;
    case WTAP_ENCAP_USB_DARWIN:
        return BTAP_LINKTYPE_USB_DARWIN;
    case WTAP_ENCAP_USB_2_0:
        return BTAP_LINKTYPE_USB_2_0;
    case WTAP_ENCAP_USB_2_0_LOW_SPEED:
        return BTAP_LINKTYPE_USB_2_0_LOW_SPEED;
    case WTAP_ENCAP_USB_2_0_FULL_SPEED:
        return BTAP_LINKTYPE_USB_2_0_FULL_SPEED;
    case WTAP_ENCAP_USB_2_0_HIGH_SPEED:
        return BTAP_LINKTYPE_USB_2_0_HIGH_SPEED;
    case WTAP_ENCAP_SOCKETCAN:
        return BTAP_LINKTYPE_CAN_SOCKETCAN;
    case WTAP_ENCAP_RTAC_SERIAL:
        return BTAP_LINKTYPE_RTAC_SERIAL;
    default:
        return 0;
    }
}

/** The encapsulation; -1 for what is no packet. */
static int encapsulation_of(const packet_info *pinfo)
{
    return pinfo->rec->rec_type == REC_TYPE_PACKET ? pinfo->rec->rec_header.packet_header.pkt_encap
                                                   : -1;
}

tvbuff_t *record_of_frame(packet_info *pinfo, tvbuff_t *frame)
{
    if (encapsulation_of(pinfo) != WTAP_ENCAP_WIRESHARK_UPPER_PDU)
        return frame;
    for (size_t i = 0; i < array_length(candump_tags); i++)
        if (tvb_memeql(frame, 0, candump_tags[i].bytes, candump_tags[i].length) == 0)
            return tvb_new_subset_remaining(frame, (gint)candump_tags[i].length);
    return frame;
}

/** Outbound is "sent by the recording machine", inbound "received from anybody"; only on CAN do the
 * bytes not tell. */
static enum btap_direction direction_of(const packet_info *pinfo, guint32 linktype)
{
    guint32 flags;

    if (linktype != BTAP_LINKTYPE_CAN_SOCKETCAN && linktype != BTAP_LINKTYPE_LINUX_SLL &&
        linktype != BTAP_LINKTYPE_LINUX_SLL2)
        return BTAP_DIRECTION_UNKNOWN;
    return wtap_block_get_uint32_option_value(pinfo->rec->block, OPT_PKT_FLAGS, &flags) ==
                       WTAP_OPTTYPE_SUCCESS &&
                   PACK_FLAGS_DIRECTION(flags) == PACK_FLAGS_DIRECTION_OUTBOUND
               ? BTAP_HOST_TO_DEVICE
               : BTAP_DIRECTION_UNKNOWN;
}

/** What the packet's comments say. */
static void take_comments(struct btap_record *record, const packet_info *pinfo)
{
    char *comment;

    for (guint i = 0; wtap_block_get_nth_string_option_value(pinfo->rec->block, OPT_COMMENT, i,
                                                             &comment) == WTAP_OPTTYPE_SUCCESS;
         i++)
        btap_record_comment(record, comment, (guint32)strlen(comment));
}

/** What the description of the record's interface says. */
static void take_description(struct btap_record *record, const packet_info *pinfo)
{
    const char *description = ws_interface_description(pinfo);

    if (description != NULL)
        btap_record_description(record, description, strlen(description));
}

/** SocketCAN has the identifier in network order, those exported PDUs have it in this host's. */
static const guint8 *with_network_order(packet_info *pinfo, tvbuff_t *bytes)
{
    guint8 *copy = tvb_memdup(pinfo->pool, bytes, 0, tvb_captured_length(bytes));
    guint32 identifier;

    memcpy(&identifier, copy, sizeof(identifier));
    identifier = GUINT32_TO_BE(identifier);
    memcpy(copy, &identifier, sizeof(identifier));
    return copy;
}

bool record_fill(struct btap_record *record, packet_info *pinfo, tvbuff_t *bytes)
{
    const wtap_packet_header *header = &pinfo->rec->rec_header.packet_header;
    const bool has_interface = (pinfo->rec->presence_flags & WTAP_HAS_INTERFACE_ID) != 0;
    const guint captured = tvb_captured_length(bytes);
    const bool is_exported = encapsulation_of(pinfo) == WTAP_ENCAP_WIRESHARK_UPPER_PDU &&
                             tvb_offset_from_real_beginning(bytes) > 0 &&
                             captured >= sizeof(guint32);
    const guint32 linktype =
        is_exported ? BTAP_LINKTYPE_CAN_SOCKETCAN : linktype_of(encapsulation_of(pinfo));

    if (linktype == 0)
        return false;
    /* Wiretap hands headers that are in the capturing host's byte order over in this host's. */
    *record = (struct btap_record){
        .linktype = linktype,
        .interface_id = has_interface ? header->interface_id : 0,
        .interface = has_interface ? ws_interface_name(pinfo) : NULL,
        .direction = direction_of(pinfo, linktype),
        .packet = pinfo->num,
        .time = btap_time_of(pinfo->abs_ts.secs, pinfo->abs_ts.nsecs),
        .big_endian = G_BYTE_ORDER == G_BIG_ENDIAN,
        .bytes = captured > 0 ? tvb_get_ptr(bytes, 0, (gint)captured) : NULL,
        .captured = captured,
        .length = tvb_reported_length(bytes),
    };
    if (has_interface)
        take_description(record, pinfo);
    take_comments(record, pinfo);
    if (is_exported)
        record->bytes = with_network_order(pinfo, bytes);
    return true;
}
