/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What STM32CubeProgrammer's logs tell of USB DFU.
 */
#ifndef SNIFFER_FORMATS_CUBEPROG_USB_H
#define SNIFFER_FORMATS_CUBEPROG_USB_H

#include "formats/cubeprog/line.h"

/** Takes a line. @return whether it is one of a USB device's log */
bool cubeprog_usb(struct log *log, char *line);

/** The log ends: what is held back comes out. */
void cubeprog_usb_end(struct log *log);

void cubeprog_usb_release(struct cubeprog *cube);

#endif
