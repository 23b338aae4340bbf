/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CAN frames in the shape of LINKTYPE_CAN_SOCKETCAN records: the identifier big-endian, flags for
 * FD only.
 */
#ifndef SNIFFER_TRAFFIC_CAN_RECORD_H
#define SNIFFER_TRAFFIC_CAN_RECORD_H

#include <linux/can.h>

#include "traffic/traffic.h"

/**
 * Makes the record of a frame in its place, and hands it to the sink.
 *
 * @param frame as the kernel has it; what it holds afterwards means nothing to others
 * @param size CAN_MTU or CANFD_MTU, which tells that it is FD
 * @param direction BTAP_HOST_TO_DEVICE: sent by this machine
 */
void can_record_send(const struct traffic_sink *sink, uint32_t interface_id, btap_ns time,
                     enum btap_direction direction, struct canfd_frame *frame, size_t size);

/**
 * The same of an FD frame of whose flags nothing is known: none is set, as in the records of older
 * kernels, and the size alone tells that it is FD.
 */
void can_record_send_untold(const struct traffic_sink *sink, uint32_t interface_id, btap_ns time,
                            enum btap_direction direction, struct canfd_frame *frame);

#endif
