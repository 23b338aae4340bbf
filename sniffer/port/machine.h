/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the system tells of its hardware, in files: sysfs and the nodes of devices. Where they stand
 * is a value, so that tests bring a machine of their own.
 */
#ifndef SNIFFER_PORT_MACHINE_H
#define SNIFFER_PORT_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct can_rates;

struct machine {
    const char *sys; /**< `/sys` */
    const char *dev; /**< `/dev` */
    /** Asks for the kind and the bit rates of a CAN interface; can_rates_ask(). */
    bool (*can_rates)(const char *interface, struct can_rates *rates);
};

/** This machine. */
extern const struct machine machine_here;

/** Room for a path of a node or an attribute. */
#define MACHINE_PATH_SIZE 320

/** Longest text that is read of an attribute; a USB string has 126 characters of up to 3 bytes. */
#define MACHINE_TEXT_SIZE 400

/**
 * Reads an attribute: the first line of the file directory/name.
 *
 * @param[out] text receives it; "" where there is none
 * @return false: there is no such attribute, or it is empty
 */
bool machine_text(const char *directory, const char *name, char text[MACHINE_TEXT_SIZE]);

/** Reads a number of this base. @return false: there is none */
bool machine_number(const char *directory, const char *name, int base, uint32_t *number);

/** Calls each(name) for what stands in a directory, by name, numbers in their order. */
void machine_each(const char *directory, void (*each)(void *context, const char *name),
                  void *context);

#endif
