/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USB submissions that wait for their completions, a part of the tap's state. It is here for its
 * size: what is in it is the link layer's own.
 */
#ifndef BOOTTAP_DETAIL_URB_TABLE_H
#define BOOTTAP_DETAIL_URB_TABLE_H

#include "boottap/event.h"

BTAP_BEGIN_DECLARATIONS

/** URBs under way that can be told apart; older ones give way. */
#define BTAP_URBS_MAX 64

/** A submission that waits for its completion. */
struct btap_urb_pending {
    uint64_t id; /**< usbmon's id, USBPcap's irpId, Darwin's ioID; reused by the kernel at once */
    uint32_t interface_id;
    uint16_t bus;
    uint16_t device;
    uint8_t endpoint; /**< 0 for control transfers, whose direction not every record tells */
    bool control;
    bool setup_known;
    bool untold;   /**< its data come in a later record (USBPcap before 1.5.0.0, Darwin) */
    bool consumed; /**< its completion was consumed with the data, only the status stage is to come
                    */
    uint8_t sent_length;
    uint8_t next;  /**< in its bucket, or in the list of free entries */
    uint8_t newer; /**< in the list by age */
    uint8_t older;
    struct btap_usb_setup setup;
    uint32_t setup_offset; /**< in its record */
    uint32_t length;
    uint64_t packet; /**< of the submission */
    btap_ns time;
    uint8_t sent[BTAP_URB_KEPT];
};

/** The submissions that wait, found by their key. Entries are named by index. */
struct btap_urb_table {
    uint8_t buckets[2 * BTAP_URBS_MAX];
    uint8_t free;
    uint8_t newest;
    uint8_t oldest;
    uint32_t length;
    struct btap_urb_pending entries[BTAP_URBS_MAX];
};

BTAP_END_DECLARATIONS

#endif
