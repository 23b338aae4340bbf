/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark's frames as the records that the decoder core reads.
 */
#ifndef STM32BOOT_RECORD_H
#define STM32BOOT_RECORD_H

#include <epan/packet.h>

#include "boottap/tap.h"

/**
 * The part of a frame that the core counts offsets in: all of it, or the CAN frame in an exported
 * PDU.
 *
 * @param frame its first data source
 */
tvbuff_t *record_of_frame(packet_info *pinfo, tvbuff_t *frame);

/**
 * Makes a record of it.
 *
 * @param[out] record its bytes and its interface's name are valid as long as the packet is
 * @param bytes from record_of_frame()
 * @return false for what the core does not read
 */
bool record_fill(struct btap_record *record, packet_info *pinfo, tvbuff_t *bytes);

#endif
