/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What every part of the decoder core shares: time, direction, place in the capture.
 */
#ifndef BOOTTAP_TYPES_H
#define BOOTTAP_TYPES_H

#include "boottap/detail/language.h"

BTAP_BEGIN_DECLARATIONS

/** Nanoseconds since the Unix epoch, or a length of time in nanoseconds. */
typedef int64_t btap_ns;

/** The latest time that a record may have, in the year 2116; the earliest is 0. Half of the range:
 * what is a little later, and the distance between two times, is never beyond it. */
#define BTAP_TIME_MAX (INT64_C(1) << 62)

/** A time brought into the limits: 0 to BTAP_TIME_MAX. btap_tap_record() does so with every record.
 */
btap_ns btap_time_within(btap_ns time);

/**
 * The time of a record that its container tells as seconds and a part of one, within the limits.
 *
 * What a damaged or careless file says means the same in every front end: a part of less than 2 s
 * is added, any other is no part and counts as 0. Wireshark keeps no more of it than that.
 */
btap_ns btap_time_of(int64_t seconds, int64_t ns);

/** The sum of two lengths of time that are not negative; INT64_MAX where it is beyond. */
btap_ns btap_ns_sum(btap_ns a, btap_ns b);

/** Who sent the bytes. An input of the decoders; UNKNOWN lets them infer it from the protocol. */
enum btap_direction {
    BTAP_DIRECTION_UNKNOWN,
    BTAP_HOST_TO_DEVICE,
    BTAP_DEVICE_TO_HOST,
};

/** The protocols of the system-memory bootloader. */
enum btap_transport {
    BTAP_USART, /**< AN3155 */
    BTAP_DFU,   /**< AN3156 and the DFU 1.1 specification */
    BTAP_FDCAN, /**< AN5405 */
    BTAP_CAN,   /**< classic CAN, AN3154 */
    BTAP_TRANSPORT_COUNT,
};

/** How much a person should care; Wireshark's expert levels, in its order. */
enum btap_severity {
    BTAP_CHAT,  /**< a normal event worth telling */
    BTAP_NOTE,  /**< a quirk; nothing is wrong */
    BTAP_WARN,  /**< something unusual: a NACK, a retry, lost bytes */
    BTAP_ERROR, /**< an operation failed */
};

/** What the file that records come from cannot tell, as bits of a set: that it is missing there
 * says nothing of the wire. */
enum btap_lack {
    BTAP_LACKS_REPLIES = 1 << 0, /**< answers that the device gave may be missing */
    BTAP_LACKS_TIMES = 1 << 1,   /**< times tell the order at most: no rate, no wait, no silence */
    BTAP_LACKS_POLL_TIMES = 1 << 2, /**< DFU: bwPollTimeout is not told, and stands as 0 */
    BTAP_LACKS_DATA = 1 << 3,       /**< data of reads may be missing, or be cut */
};

/** All bits of enum btap_lack. */
#define BTAP_LACKS_ALL 0x0fu

/** Where bytes stand in the capture and when they were there. */
struct btap_origin {
    uint64_t packet; /**< record number in its file, from 1 as Wireshark counts */
    uint32_t offset; /**< of the first byte, from the start of the record's captured bytes */
    btap_ns time;    /**< of the record */
};

/** `replies`, `times`, `poll-times`, `data`. Never NULL: what is no single one gives "unknown". */
const char *btap_lack_name(enum btap_lack lack);

/** `usart`, `dfu`, `fdcan`, `can`. Never NULL: a value outside the enum gives "unknown". */
const char *btap_transport_name(enum btap_transport transport);

/** `chat`, `note`, `warn`, `error`. Never NULL: a value outside the enum gives "unknown". */
const char *btap_severity_name(enum btap_severity severity);

/** `host`, `device`, `unknown`: the sender. Never NULL. */
const char *btap_direction_name(enum btap_direction direction);

BTAP_END_DECLARATIONS

#endif
