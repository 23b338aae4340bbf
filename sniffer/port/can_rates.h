/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the kernel tells of a CAN interface by netlink, and nowhere else: its kind and bit rates.
 */
#ifndef SNIFFER_PORT_CAN_RATES_H
#define SNIFFER_PORT_CAN_RATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct can_rates {
    char kind[16];    /**< `can`: a controller; `vcan`, `vxcan`, `slcan`; "": not known */
    uint32_t nominal; /**< bits a second; 0: not set, or none as with vcan */
    uint32_t data;    /**< of the data phase of FD frames; 0 likewise */
};

/** Asks the kernel. @return false: it does not tell; rates are zero */
bool can_rates_ask(const char *interface, struct can_rates *rates);

/**
 * Reads an answer of the kernel to RTM_GETLINK.
 *
 * @return false: it is none
 */
bool can_rates_read(const void *answer, size_t length, struct can_rates *rates);

#endif
