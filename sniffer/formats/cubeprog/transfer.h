/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Control transfers out of STM32CubeProgrammer's logs.
 */
#ifndef SNIFFER_FORMATS_CUBEPROG_TRANSFER_H
#define SNIFFER_FORMATS_CUBEPROG_TRANSFER_H

#include "formats/cubeprog/line.h"

/** Makes a setup packet (USB 2.0 section 9.3); wIndex is 0. */
void cubeprog_setup(uint8_t setup[8], uint8_t type, uint8_t request, uint16_t value,
                    uint32_t length);

/** The first half of a transfer. @param data NULL: none. @return the number of its URB */
uint64_t cubeprog_submit(struct log *log, const uint8_t setup[8], const uint8_t *data,
                         uint32_t length);

/** The other half. @param data NULL: none, or the log does not hold them */
void cubeprog_complete(struct log *log, uint64_t urb, bool in, int status, const uint8_t *data,
                       uint32_t length);

/** A transfer that reads what the log prints, both halves. */
void cubeprog_read(struct log *log, uint8_t type, uint8_t request, uint16_t value,
                   const uint8_t *data, uint32_t length);

/** Keeps a field of a descriptor. @return whether the line is one */
bool cubeprog_field(struct cubeprog *cube, const char *line);

/** Before the first request: who the device is, if the log told it. */
void cubeprog_describe(struct log *log);

#endif
