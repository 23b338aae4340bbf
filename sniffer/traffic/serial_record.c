/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic/serial_record.h"

#include <string.h>

/** Most bytes in one record. */
#define BYTES_MAX 4096

#define NS_PER_S  1000000000
#define NS_PER_US 1000

static uint8_t *put_be32(uint8_t *at, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(value >> shift);
    return at;
}

static uint8_t line_bits(uint8_t lines)
{
    return (uint8_t)((lines & BTAP_LINE_CTS ? 0x01 : 0) | (lines & BTAP_LINE_DCD ? 0x02 : 0) |
                     (lines & BTAP_LINE_DSR ? 0x04 : 0) | (lines & BTAP_LINE_RTS ? 0x08 : 0) |
                     (lines & BTAP_LINE_DTR ? 0x10 : 0) | (lines & BTAP_LINE_RI ? 0x20 : 0));
}

enum serial_record_event serial_record_event_of(enum btap_direction direction)
{
    switch (direction) {
    case BTAP_HOST_TO_DEVICE:
        return SERIAL_RECORD_TRANSMITTED;
    case BTAP_DEVICE_TO_HOST:
        return SERIAL_RECORD_RECEIVED;
    case BTAP_DIRECTION_UNKNOWN:
        break;
    }
    return SERIAL_RECORD_STATUS;
}

static enum btap_direction direction_of(enum serial_record_event event)
{
    switch (event) {
    case SERIAL_RECORD_TRANSMITTED:
        return BTAP_HOST_TO_DEVICE;
    case SERIAL_RECORD_RECEIVED:
        return BTAP_DEVICE_TO_HOST;
    case SERIAL_RECORD_STATUS:
    case SERIAL_RECORD_LOST:
    case SERIAL_RECORD_FRAMING_ERROR:
    case SERIAL_RECORD_PARITY_ERROR:
    case SERIAL_RECORD_BREAK:
    case SERIAL_RECORD_OVERFLOW:
        break;
    }
    return BTAP_DIRECTION_UNKNOWN;
}

/** @param length of bytes, BYTES_MAX or less @param missing behind them */
static void send_one(const struct traffic_sink *sink, uint32_t interface_id,
                     const struct serial_record *record, const uint8_t *bytes, size_t length,
                     uint32_t missing)
{
    uint8_t packet[SERIAL_RECORD_HEADER_SIZE + BYTES_MAX];
    char comment[BTAP_SERIAL_COMMENT_SIZE];
    struct traffic_record live = {
        .interface_id = interface_id,
        .time = record->time,
        .direction = direction_of(record->event),
        .bytes = packet,
        .captured = SERIAL_RECORD_HEADER_SIZE + (uint32_t)length,
        .length = SERIAL_RECORD_HEADER_SIZE + (uint32_t)length + missing,
        .comment = record->comment,
    };
    uint8_t *at = put_be32(packet, (uint32_t)(record->time / NS_PER_S));

    at = put_be32(at, (uint32_t)(record->time % NS_PER_S / NS_PER_US));
    *at++ = (uint8_t)record->event;
    *at++ = line_bits(record->lines);
    *at++ = 0;
    *at++ = 0;
    if (length > 0)
        memcpy(at, bytes, length);
    if (record->settings != NULL)
        live.comment = btap_serial_comment(record->settings, comment, sizeof(comment));
    sink->record(sink->context, &live);
}

void serial_record_send(const struct traffic_sink *sink, uint32_t interface_id,
                        const struct serial_record *record)
{
    const uint8_t *bytes = record->bytes;
    size_t left = record->length;

    do {
        const size_t length = left < BYTES_MAX ? left : BYTES_MAX;

        send_one(sink, interface_id, record, bytes, length, length == left ? record->missing : 0);
        bytes = length < left ? bytes + length : NULL;
        left -= length;
    } while (left > 0);
}
