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
    BTAP_TRANSPORT_COUNT,
};

/** How much a person should care; Wireshark's expert levels, in its order. */
enum btap_severity {
    BTAP_CHAT,  /**< a normal event worth telling */
    BTAP_NOTE,  /**< a quirk; nothing is wrong */
    BTAP_WARN,  /**< something unusual: a NACK, a retry, lost bytes */
    BTAP_ERROR, /**< an operation failed */
};

/** Where bytes stand in the capture and when they were there. */
struct btap_origin {
    uint64_t packet; /**< record number in its file, from 1 as Wireshark counts */
    uint32_t offset; /**< of the first byte, from the start of the record's captured bytes */
    btap_ns time;    /**< of the record */
};

/** `usart`, `dfu`, `fdcan`. Never NULL: a value outside the enum gives "unknown". */
const char *btap_transport_name(enum btap_transport transport);

/** `chat`, `note`, `warn`, `error`. Never NULL: a value outside the enum gives "unknown". */
const char *btap_severity_name(enum btap_severity severity);

/** `host`, `device`, `unknown`: the sender. Never NULL. */
const char *btap_direction_name(enum btap_direction direction);

BTAP_END_DECLARATIONS

#endif
