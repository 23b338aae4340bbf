/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What can be captured on a machine, and what is missing for the rest. Nothing is sent to a device,
 * no port is opened.
 */
#ifndef SNIFFER_LIST_LIST_H
#define SNIFFER_LIST_LIST_H

#include <stdio.h>

#include "port/machine.h"

/** Prints one interface a line: as text, with what `boottap live` takes in front, or as JSON. */
void list_print(const struct machine *machine, bool json, FILE *to);

#endif
