/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One record of a capture, as its container holds it, and the link types that are read.
 */
#ifndef BOOTTAP_RECORD_H
#define BOOTTAP_RECORD_H

#include "boottap/types.h"

BTAP_BEGIN_DECLARATIONS

/** The LINKTYPE_ values that the core reads (www.tcpdump.org/linktypes.html). */
enum btap_linktype {
    BTAP_LINKTYPE_LINUX_SLL = 113,
    BTAP_LINKTYPE_USB_LINUX = 189,
    BTAP_LINKTYPE_USB_LINUX_MMAPPED = 220,
    BTAP_LINKTYPE_CAN_SOCKETCAN = 227,
    BTAP_LINKTYPE_USBPCAP = 249,
    BTAP_LINKTYPE_RTAC_SERIAL = 250,
    BTAP_LINKTYPE_LINUX_SLL2 = 276,
};

/** One record of a capture. */
struct btap_record {
    uint32_t
        linktype; /**< LINKTYPE_ value; others than enum btap_linktype are counted and skipped */
    uint32_t interface_id; /**< of the interface in its capture; 0 where there is one only */
    const char *interface; /**< its name, zero-terminated; NULL if not known. Not kept */
    uint64_t packet;       /**< record number, from 1 */
    btap_ns time;
    bool big_endian; /**< byte order of headers that are in the capturing host's order */
    enum btap_direction direction; /**< where the container says it (pcapng flags, candump -x) */
    const uint8_t *bytes;          /**< captured bytes; may be NULL if captured is 0. Not kept */
    uint32_t captured;             /**< bytes at bytes */
    uint32_t length; /**< bytes on the wire, at least captured unless the file is damaged */
};

/** Whether the core reads records of this LINKTYPE_ value. */
bool btap_linktype_supported(uint32_t linktype);

/** Name of a supported link type, `RTAC_SERIAL`; NULL for others. */
const char *btap_linktype_name(uint32_t linktype);

BTAP_END_DECLARATIONS

#endif
