/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Packets of a USB cable, and the transfers that they come to. Internal to the core.
 */
#ifndef DECODER_LINK_PACKET_H
#define DECODER_LINK_PACKET_H

#include "boottap/detail/usb_packets.h"
#include "link/link.h"

/** Packet identifiers (USB 2.0 table 8-1), with their complement. */
enum link_pid {
    LINK_PID_OUT = 0xe1,
    LINK_PID_IN = 0x69,
    LINK_PID_SOF = 0xa5,
    LINK_PID_SETUP = 0x2d,
    LINK_PID_DATA0 = 0xc3,
    LINK_PID_DATA1 = 0x4b,
    LINK_PID_DATA2 = 0x87,
    LINK_PID_MDATA = 0x0f,
    LINK_PID_ACK = 0xd2,
    LINK_PID_NAK = 0x5a,
    LINK_PID_STALL = 0x1e,
    LINK_PID_NYET = 0x96,
    LINK_PID_PRE = 0x3c, /**< or ERR, the answer to a split token */
    LINK_PID_SPLIT = 0x78,
    LINK_PID_PING = 0xb4,
    LINK_PID_EXTENDED = 0xf0,
};

/** One packet. */
struct link_packet {
    enum link_pid pid;
    uint8_t address; /**< of a token */
    uint8_t endpoint;
    uint16_t crc;        /**< of a data packet; 0 where the record lacks it */
    const uint8_t *data; /**< of a data packet, behind its PID */
    uint32_t captured;
    uint32_t length;
};

/** Halves of transfers that one packet can complete. */
#define LINK_PACKET_URBS_MAX 2

/** Parses a record of LINKTYPE 288, 293, 294 or 295. @return false: no sound packet */
bool link_parse_packet(const struct btap_record *record, struct link_packet *packet);

/**
 * Joins a packet to those before it.
 *
 * A control transfer's submission comes with its setup packet, its completion, with the data of
 * either direction, with the last handshake; both halves of another transaction come with its
 * handshake, as a bulk transfer. What is answered with NAK, repeated, or has no handshake does not
 * come, nor do transactions of a hub for slower devices (SPLIT), which are counted.
 *
 * @param[out] urbs their data are valid until the next packet
 * @return how many of them are set
 */
size_t link_join_packet(struct btap_usb_packets *packets, const struct btap_record *record,
                        const struct link_packet *packet,
                        struct link_urb urbs[static LINK_PACKET_URBS_MAX]);

#endif
