/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Traffic of a serial line in the shape of RTAC serial records
 * (www.tcpdump.org/linktypes/LINKTYPE_RTAC_SERIAL.html): when, what, the state of the lines, bytes.
 */
#ifndef SNIFFER_TRAFFIC_SERIAL_RECORD_H
#define SNIFFER_TRAFFIC_SERIAL_RECORD_H

#include "traffic/traffic.h"

#define SERIAL_RECORD_HEADER_SIZE 12

/** Event types of the format. */
enum serial_record_event {
    /** Lines or settings; with bytes: they crossed the line, and who sent them is not known. */
    SERIAL_RECORD_STATUS = 0x00,
    SERIAL_RECORD_TRANSMITTED = 0x01, /**< by the host */
    SERIAL_RECORD_RECEIVED = 0x02,
    SERIAL_RECORD_LOST = 0x05, /**< bytes were missed in recording */
    SERIAL_RECORD_FRAMING_ERROR = 0x07,
    SERIAL_RECORD_PARITY_ERROR = 0x08,
    SERIAL_RECORD_BREAK = 0x09,
    SERIAL_RECORD_OVERFLOW = 0x0a,
};

struct serial_record {
    enum serial_record_event event;
    uint8_t lines; /**< that are active, enum btap_serial_line; 0: not known */
    btap_ns time;
    const uint8_t *bytes; /**< NULL: none */
    size_t length;
    uint32_t missing; /**< behind bytes: so many more crossed the line that are not known */
    /** Rate and framing from here on, for a comment; NULL: not known, or as before. */
    const struct btap_serial_settings *settings;
    /** One of the comments of record.h that say something of a serial line, where there are no
     * settings; NULL: none. */
    const char *comment;
};

/** The event of bytes that went there. */
enum serial_record_event serial_record_event_of(enum btap_direction direction);

/** Hands a record to the sink; bytes that are too many for one, in several. */
void serial_record_send(const struct traffic_sink *sink, uint32_t interface_id,
                        const struct serial_record *record);

#endif
