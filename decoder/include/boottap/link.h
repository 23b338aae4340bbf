/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One conversation between a host and a bootloader: a serial port, a USB device, a CAN interface.
 */
#ifndef BOOTTAP_LINK_H
#define BOOTTAP_LINK_H

#include "boottap/types.h"

BTAP_BEGIN_DECLARATIONS

enum btap_link_kind {
    BTAP_LINK_SERIAL,     /**< a serial line recorded as such */
    BTAP_LINK_USB,        /**< a USB device in DFU mode */
    BTAP_LINK_USB_SERIAL, /**< one UART of a USB-serial adapter */
    BTAP_LINK_CAN,        /**< a CAN interface */
};

/** Longest name of an interface that is kept, with its terminating zero (Linux: IFNAMSIZ). */
#define BTAP_INTERFACE_NAME_SIZE 16

/** Room for btap_link_name()'s longest answer with its terminating zero. */
#define BTAP_LINK_NAME_SIZE 40

/**
 * Identity of a link and the count of its transactions. Owned by whoever owns the decoder; a
 * decoder keeps a pointer to it and passes it on to the sink, where it stays valid and at the
 * same address as long as the decoder lives.
 */
struct btap_link {
    enum btap_link_kind kind;
    enum btap_transport transport;
    uint32_t interface_id; /**< number of the interface in the capture; 0 where there is one only */
    uint16_t bus;          /**< USB: bus number */
    uint16_t device;       /**< USB: device address */
    uint8_t port;          /**< USB serial: which UART of the adapter, from 0 */
    /** Its records hold what a tool's system calls carried, and not what the line did. */
    bool at_tool;
    uint32_t lacks; /**< what its records cannot tell: a set of enum btap_lack */
    char interface[BTAP_INTERFACE_NAME_SIZE]; /**< name of the interface, or "" if not known */
    uint64_t transactions;                    /**< begun so far; the n of the newest one */
};

/**
 * Name of a link as users see it: `serial`, `serial:1`, `usb:1.28`, `usb:1.5.0` (an adapter's
 * UART), `usb:1.28@1` (of an interface other than the capture's first, number 1), `can`,
 * `can:vcan0`, `can:3` (by number where only that is known).
 *
 * @param link not NULL
 * @param[out] name receives the name, zero-terminated, cut to size
 * @param size bytes at name, at least 1; BTAP_LINK_NAME_SIZE is always enough
 * @return name
 */
const char *btap_link_name(const struct btap_link *link, char *name, size_t size);

/**
 * Whether two links are the same conversation: of the same transport, at the same place. How many
 * transactions they have does not count, nor how they were recorded.
 *
 * @param a not NULL
 * @param b not NULL
 */
bool btap_link_same(const struct btap_link *a, const struct btap_link *b);

BTAP_END_DECLARATIONS

#endif
