/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The CAN interfaces of a machine, and what is in the way of using one.
 */
#ifndef SNIFFER_PORT_CAN_LINK_H
#define SNIFFER_PORT_CAN_LINK_H

#include "port/can_rates.h"
#include "port/machine.h"

/** Bit rates of the FDCAN bootloader (AN5405, "FDCAN settings": 80 and 20 quanta of 20 MHz). */
#define CAN_LINK_NOMINAL 250000
#define CAN_LINK_DATA    1000000

/** Bit rate of the classic CAN bootloader (AN3154, "CAN settings"), before a Speed command. */
#define CAN_LINK_CLASSIC 125000

/** What an interface is wanted for. */
enum can_link_use {
    CAN_LINK_TO_LISTEN,  /**< to either bootloader */
    CAN_LINK_TO_FD,      /**< to send to, or be, the one of AN5405 */
    CAN_LINK_TO_CLASSIC, /**< the same of AN3154 */
};

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

#define CAN_LINK_MISSING_SIZE 320

/**
 * What must be done before the bootloader's frames can be received.
 *
 * @param[out] words a line for people, CAN_LINK_MISSING_SIZE bytes
 * @return false: nothing
 */
bool can_link_missing(const struct can_link *link, enum can_link_use use, char *words);

/** Whether an interface has the bit rates that the bootloader begins with, or none that is known.
 */
bool can_link_has_rates(const struct can_link *link, enum can_link_use use);

/**
 * Whether Speed of AN3154 may set the bus to a bit rate while the interface stays as it is: one
 * that is set to it, or is no bus.
 */
bool can_link_stays(const struct can_link *link, uint32_t rate);

#endif
