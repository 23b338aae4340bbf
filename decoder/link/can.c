/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CAN frames as Linux records them: LINKTYPE_CAN_SOCKETCAN, and the same structure behind a
 * Linux cooked header (www.tcpdump.org/linktypes).
 */
#include <string.h>

#include "link/link.h"

#define COOKED_SIZE        16u
#define COOKED2_SIZE       20u
#define FRAME_HEADER_SIZE  8u
#define FRAME_FD_SIZE      72u /* a whole struct canfd_frame, as sockets deliver it */
#define CLASSIC_LENGTH_MAX 8u
#define FD_LENGTH_MAX      64u

/* Bits of the identifier word */
#define ID_EXTENDED      0x80000000u
#define ID_REMOTE        0x40000000u
#define ID_ERROR         0x20000000u
#define ID_EXTENDED_MASK 0x1fffffffu
#define ID_STANDARD_MASK 0x7ffu

/* Byte 4 of the frame: payload length, or this bit of a CAN XL frame */
#define LENGTH_XL 0x80u
/* Byte 5: bit-rate switch, error state, "this is FD". Only FD frames have any of them */
#define FLAGS_FD 0x07u
#define FLAG_BRS 0x01u
#define FLAG_FDF 0x04u

/* Cooked header */
#define ARPHRD_CAN      280u
#define PROTOCOL_CAN    0x000cu
#define PROTOCOL_CAN_FD 0x000du
#define PACKET_OUTGOING 4u

/** What the bytes before the frame tell. */
struct envelope {
    uint32_t size;
    bool can;      /**< a CAN interface, and not CAN XL */
    bool cooked;   /**< there is such a header */
    bool fd;       /**< by its protocol field */
    bool outgoing; /**< sent by the recording machine */
};

static struct envelope cooked(uint32_t size, uint32_t hardware, uint32_t protocol, uint32_t type)
{
    return (struct envelope){
        .size = size,
        .can = hardware == ARPHRD_CAN && (protocol == PROTOCOL_CAN || protocol == PROTOCOL_CAN_FD),
        .cooked = true,
        .fd = protocol == PROTOCOL_CAN_FD,
        .outgoing = type == PACKET_OUTGOING,
    };
}

/** @return false if the record ends within the header */
static bool parse_envelope(const struct btap_record *record, struct envelope *envelope,
                           uint32_t *interface_id)
{
    const uint8_t *bytes = record->bytes;

    *interface_id = record->interface_id;
    switch (record->linktype) {
    case BTAP_LINKTYPE_LINUX_SLL:
        if (record->captured < COOKED_SIZE)
            return false;
        *envelope = cooked(COOKED_SIZE, get_be16(bytes + 2), get_be16(bytes + 14), get_be16(bytes));
        return true;
    case BTAP_LINKTYPE_LINUX_SLL2:
        if (record->captured < COOKED2_SIZE)
            return false;
        *interface_id = get_be32(bytes + 4);
        *envelope = cooked(COOKED2_SIZE, get_be16(bytes + 8), get_be16(bytes), bytes[10]);
        return true;
    default:
        *envelope = (struct envelope){.can = true};
        return true;
    }
}

/** The identifier word: big-endian, but for cooked records in the recording machine's order. */
static uint32_t read_id(const struct btap_record *record, const struct envelope *envelope)
{
    const uint8_t *bytes = record->bytes + envelope->size;

    return get_32(bytes, record->big_endian || !envelope->cooked);
}

/**
 * Some kernels leave the FD flag out, and libpcap up to 1.10.3 clears it; a length that only FD
 * has, or the size of the structure, then tells.
 */
static bool is_fd(const struct btap_record *record, const struct envelope *envelope,
                  const uint8_t *header)
{
    if (envelope->cooked)
        return envelope->fd;
    return (header[5] & FLAGS_FD) != 0 || header[4] > CLASSIC_LENGTH_MAX ||
           record->length == FRAME_FD_SIZE;
}

/** The payload, of which the snapshot length may have cut a part. */
static bool parse_payload(const struct btap_record *record, uint32_t start, uint8_t length,
                          struct btap_can_frame *frame)
{
    const uint32_t here = record->captured - start;

    if (frame->remote)
        length = 0;
    if (length > (frame->fd ? FD_LENGTH_MAX : CLASSIC_LENGTH_MAX))
        return false;
    if (here < length && record->length <= record->captured)
        return false;
    frame->length = length;
    frame->captured = (uint8_t)(here < length ? here : length);
    frame->data = record->bytes + start;
    frame->at = (struct btap_origin){record->packet, start, record->time};
    return true;
}

bool link_parse_can(const struct btap_record *record, struct btap_can_frame *frame, bool *is_can,
                    uint32_t *interface_id)
{
    struct envelope envelope;
    const uint8_t *header;
    uint32_t id;

    *is_can = false;
    if (!parse_envelope(record, &envelope, interface_id))
        return false;
    if (!envelope.can)
        return true;
    if (record->captured - envelope.size < FRAME_HEADER_SIZE)
        return false;
    header = record->bytes + envelope.size;
    if ((header[4] & LENGTH_XL) != 0)
        return true;
    *is_can = true;

    id = read_id(record, &envelope);
    memset(frame, 0, sizeof(*frame));
    frame->error = (id & ID_ERROR) != 0;
    frame->remote = !frame->error && (id & ID_REMOTE) != 0;
    frame->extended = !frame->error && (id & ID_EXTENDED) != 0;
    frame->id = id & (frame->error || frame->extended ? ID_EXTENDED_MASK : ID_STANDARD_MASK);
    frame->id_offset = envelope.size;
    frame->id_bytes = header;
    frame->fd = !frame->error && is_fd(record, &envelope, header);
    frame->brs = frame->fd && (header[5] & FLAG_BRS) != 0;
    /* Without the FD flag, the others may have been left out too. */
    frame->brs_known = frame->fd && (header[5] & (FLAG_BRS | FLAG_FDF)) != 0;
    frame->direction = envelope.outgoing ? BTAP_HOST_TO_DEVICE : record->direction;
    return parse_payload(record, envelope.size + FRAME_HEADER_SIZE, header[4], frame);
}
