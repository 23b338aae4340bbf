/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One packet of a USB cable, LINKTYPE 288 and 293 to 295 (USB 2.0 sections 8.3 and 8.4): PID first,
 * CRC last, no SYNC.
 */
#include "link/packet.h"

enum {
    TOKEN_SIZE = 3,
    SPLIT_SIZE = 4,
    CRC16_SIZE = 2,
    DATA_OVERHEAD = 1 + CRC16_SIZE, /* PID and CRC */

    ADDRESS_MASK = 0x7f,
    ENDPOINT_SHIFT = 7,
    ENDPOINT_MASK = 0x0f,
};

/** A CRC of section 8.3.5. Bits are sent from the lowest on, so that all is mirrored here. */
struct crc {
    uint16_t polynomial;
    uint16_t ones;
    uint16_t residual; /**< what remains of sound bits with their CRC */
};

/* x^5 + x^2 + 1 over tokens, x^16 + x^15 + x^2 + 1 over data */
static const struct crc crc5 = {0x14, 0x1f, 0x06};
static const struct crc crc16 = {0xa001, 0xffff, 0xb001};

static bool is_sound(const struct crc *crc, const uint8_t *bytes, uint32_t length)
{
    uint16_t rest = crc->ones;

    for (uint32_t i = 0; i < length; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            const bool carry = ((rest ^ (bytes[i] >> bit)) & 1) != 0;

            rest = (uint16_t)(rest >> 1);
            if (carry)
                rest ^= crc->polynomial;
        }
    return rest == crc->residual;
}

static bool parse_token(const struct btap_record *record, struct link_packet *packet)
{
    const uint8_t *bytes = record->bytes;
    uint16_t word;

    if (record->captured != TOKEN_SIZE || !is_sound(&crc5, bytes + 1, TOKEN_SIZE - 1))
        return false;
    word = get_le16(bytes + 1);
    packet->address = word & ADDRESS_MASK;
    packet->endpoint = (word >> ENDPOINT_SHIFT) & ENDPOINT_MASK;
    return true;
}

/** Data whose end the record lacks cannot be checked. */
static bool parse_data(const struct btap_record *record, struct link_packet *packet)
{
    const uint8_t *bytes = record->bytes;

    if (record->length < DATA_OVERHEAD || record->length - DATA_OVERHEAD > BTAP_CABLE_PACKET_MAX)
        return false;
    packet->data = bytes + 1;
    packet->length = record->length - DATA_OVERHEAD;
    packet->captured = record->captured - 1;
    if (packet->captured > packet->length)
        packet->captured = packet->length;
    if (record->captured < record->length)
        return true;
    packet->crc = get_le16(bytes + record->captured - CRC16_SIZE);
    return is_sound(&crc16, bytes + 1, record->captured - 1);
}

bool link_parse_packet(const struct btap_record *record, struct link_packet *packet)
{
    if (record->captured < 1 || record->captured > record->length)
        return false;
    *packet = (struct link_packet){.pid = (enum link_pid)record->bytes[0]};
    switch (packet->pid) {
    case LINK_PID_OUT:
    case LINK_PID_IN:
    case LINK_PID_SOF:
    case LINK_PID_SETUP:
    case LINK_PID_PING:
    case LINK_PID_EXTENDED:
        return parse_token(record, packet);
    case LINK_PID_SPLIT:
        return record->captured == SPLIT_SIZE && is_sound(&crc5, record->bytes + 1, SPLIT_SIZE - 1);
    case LINK_PID_DATA0:
    case LINK_PID_DATA1:
    case LINK_PID_DATA2:
    case LINK_PID_MDATA:
        return parse_data(record, packet);
    case LINK_PID_ACK:
    case LINK_PID_NAK:
    case LINK_PID_STALL:
    case LINK_PID_NYET:
    case LINK_PID_PRE:
        return record->length == 1;
    }
    return false;
}
