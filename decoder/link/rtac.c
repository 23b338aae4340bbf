/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RTAC serial records (www.tcpdump.org/linktypes/LINKTYPE_RTAC_SERIAL.html): 4 bytes of seconds and
 * 4 of microseconds, which repeat the record's time, then what is read here, then payload.
 */
#include "link/link.h"

enum {
    EVENT_AT = 8,
    LINES_AT = 9,
    PAYLOAD_AT = 12, /**< after 2 reserved bytes */
};

/* Event types */
enum {
    STATUS_CHANGE = 0x00,
    DATA_TX_START = 0x01,
    DATA_RX_START = 0x02,
    DATA_TX_END = 0x03,
    DATA_RX_END = 0x04,
    CAPTURE_DATA_LOST = 0x05,
    CAPTURE_COMPLETE = 0x06,
    FRAMING_ERROR = 0x07,
    PARITY_ERROR = 0x08,
    SERIAL_BREAK = 0x09,
    SERIAL_OVERFLOW = 0x0a,
};

/** Errors are met in receiving; STATUS_CHANGE is what some writers use for either direction. */
static const struct {
    enum btap_direction direction;
    bool no_payload; /**< errors may carry the bytes that they are about */
    bool error;      /**< or a loss, of this kind */
    enum btap_serial_event_kind kind;
} events[SERIAL_OVERFLOW + 1] = {
    [DATA_TX_START] = {.direction = BTAP_HOST_TO_DEVICE},
    [DATA_RX_START] = {.direction = BTAP_DEVICE_TO_HOST},
    [DATA_TX_END] = {.direction = BTAP_HOST_TO_DEVICE},
    [DATA_RX_END] = {.direction = BTAP_DEVICE_TO_HOST},
    [CAPTURE_DATA_LOST] = {BTAP_DIRECTION_UNKNOWN, true, true, BTAP_SERIAL_LOST},
    [CAPTURE_COMPLETE] = {.no_payload = true},
    [FRAMING_ERROR] = {BTAP_DEVICE_TO_HOST, false, true, BTAP_SERIAL_FRAMING_ERROR},
    [PARITY_ERROR] = {BTAP_DEVICE_TO_HOST, false, true, BTAP_SERIAL_PARITY_ERROR},
    [SERIAL_BREAK] = {BTAP_DEVICE_TO_HOST, false, true, BTAP_SERIAL_BREAK},
    [SERIAL_OVERFLOW] = {BTAP_DEVICE_TO_HOST, false, true, BTAP_SERIAL_OVERFLOW},
};

/** The byte also tells MBOK (b6), which is no line of the port's. */
static uint8_t serial_lines(uint8_t state)
{
    return (uint8_t)((state & 0x01 ? BTAP_LINE_CTS : 0) | (state & 0x02 ? BTAP_LINE_DCD : 0) |
                     (state & 0x04 ? BTAP_LINE_DSR : 0) | (state & 0x08 ? BTAP_LINE_RTS : 0) |
                     (state & 0x10 ? BTAP_LINE_DTR : 0) | (state & 0x20 ? BTAP_LINE_RI : 0));
}

/** There is no place for rate and framing, and for what the tool says, but the comment of a record
 * that tells the status. */
static bool parse_comment(const struct btap_record *record, struct link_rtac *rtac)
{
    rtac->event = (struct btap_serial_event){
        .at = {.packet = record->packet, .offset = EVENT_AT, .time = record->time},
        .kind = BTAP_SERIAL_SETTINGS,
        .direction = BTAP_HOST_TO_DEVICE,
    };
    return link_parse_serial_word(record->comment, record->comment_length, &rtac->event.kind) ||
           link_parse_serial_comment(record->comment, record->comment_length,
                                     &rtac->event.settings);
}

bool link_parse_rtac(const struct btap_record *record, struct link_rtac *rtac)
{
    uint8_t type;

    /* The members that the flags leave out stay as they are: clearing them all costs more than the
       rest of this function. */
    rtac->has_chunk = false;
    rtac->has_event = false;
    rtac->has_lines = false;
    if (record->captured < PAYLOAD_AT || record->bytes[EVENT_AT] > SERIAL_OVERFLOW)
        return false;
    type = record->bytes[EVENT_AT];
    rtac->has_lines = true;
    rtac->lines = serial_lines(record->bytes[LINES_AT]);
    rtac->lines_known = BTAP_LINE_CTS | BTAP_LINE_DCD | BTAP_LINE_DSR | BTAP_LINE_RTS |
                        BTAP_LINE_DTR | BTAP_LINE_RI;
    /* Some writers get the length on the wire wrong: what was captured was there. */
    if ((record->length > PAYLOAD_AT || record->captured > PAYLOAD_AT) &&
        !events[type].no_payload) {
        rtac->has_chunk = true;
        rtac->chunk = (struct btap_serial_chunk){
            .at = {.packet = record->packet, .offset = PAYLOAD_AT, .time = record->time},
            .direction = events[type].direction,
            .bytes = record->bytes + PAYLOAD_AT,
            .length = record->captured - PAYLOAD_AT,
        };
    }
    if (events[type].error) {
        rtac->has_event = true;
        rtac->event = (struct btap_serial_event){
            .at = {.packet = record->packet, .offset = EVENT_AT, .time = record->time},
            .kind = events[type].kind,
            .direction = events[type].direction,
        };
    } else if (record->comment_length > 0 && type == STATUS_CHANGE) {
        rtac->has_event = parse_comment(record, rtac);
    }
    return true;
}
