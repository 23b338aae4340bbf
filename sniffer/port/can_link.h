/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The CAN interfaces of a machine, and what is in the way of using one.
 */
#ifndef SNIFFER_PORT_CAN_LINK_H
#define SNIFFER_PORT_CAN_LINK_H

#include "port/can_rates.h"
#include "port/machine.h"

/** Bit rates of the bootloader (AN5405, "FDCAN settings": 80 and 20 quanta of 20 MHz). */
#define CAN_LINK_NOMINAL 250000
#define CAN_LINK_DATA    1000000

struct can_link {
    char name[16];
    bool up;
    bool fd; /**< takes FD frames */
    struct can_rates rates;
};

/** @return false: there is no such interface, or it is none of CAN */
bool can_link_find(const struct machine *machine, const char *name, struct can_link *link);

/** All of them, by name. */
void can_link_each(const struct machine *machine,
                   void (*each)(void *context, const struct can_link *link), void *context);

#define CAN_LINK_MISSING_SIZE 256

/**
 * What must be done before the bootloader's frames can be received.
 *
 * @param[out] words a line for people, CAN_LINK_MISSING_SIZE bytes
 * @return false: nothing
 */
bool can_link_missing(const struct can_link *link, char *words);

#endif
