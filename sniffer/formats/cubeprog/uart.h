/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What STM32CubeProgrammer's logs tell of a serial port.
 */
#ifndef SNIFFER_FORMATS_CUBEPROG_UART_H
#define SNIFFER_FORMATS_CUBEPROG_UART_H

#include "formats/reader/log.h"

/** Takes a line. @return whether it is one of a serial port's log */
bool cubeprog_uart(struct log *log, char *line);

/** The log ends: what is held back comes out. */
void cubeprog_uart_end(struct log *log);

#endif
