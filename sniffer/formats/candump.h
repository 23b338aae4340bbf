/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines of candump -L. The reader of such logs is reader_candump.
 */
#ifndef SNIFFER_FORMATS_CANDUMP_H
#define SNIFFER_FORMATS_CANDUMP_H

#include "boottap/link.h"
#include "boottap/record.h"

/** Size of the record that candump_record() makes: a SocketCAN FD frame. */
#define CANDUMP_RECORD_SIZE 72

/**
 * Makes a LINKTYPE_CAN_SOCKETCAN record of a line that candump -L wrote:
 * `(1436509052.249713) vcan0 123##1DEADBEEF`, with or without the direction that -x adds: T
 * becomes BTAP_HOST_TO_DEVICE, "sent by the recording machine"; R, received from anybody, tells
 * nothing.
 *
 * @param line not NULL, need not be zero-terminated; a line end is allowed
 * @param[out] bytes receives the frame, which record->bytes then points to: 72 bytes of an FD
 *        frame, 16 of a classic one. What it holds if false is returned means nothing
 * @param[out] interface receives the interface's name, cut, which record->interface points to;
 *        the same holds
 * @param[out] record everything but packet, which is the caller's; changed only on true
 * @return false if the line has not this form
 */
bool candump_record(const char *line, size_t length, uint8_t bytes[CANDUMP_RECORD_SIZE],
                    char interface[BTAP_INTERFACE_NAME_SIZE], struct btap_record *record);

#endif
