/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What readers of CAN logs share: frames as a log tells them, into records of SocketCAN.
 */
#ifndef SNIFFER_FORMATS_CAN_CAN_LOG_H
#define SNIFFER_FORMATS_CAN_CAN_LOG_H

#include <linux/can.h>
#include <linux/can/error.h>

#include "boottap/link.h"
#include "formats/reader/queue.h"
#include "formats/reader/words.h"

/** What a line tells of a frame. Start with zero. */
struct can_told {
    btap_ns time;
    /** BTAP_HOST_TO_DEVICE: sent by the machine that recorded; what it received comes from
     * anybody. */
    enum btap_direction direction;
    bool fd;
    bool flags_untold;                        /**< FD: whether the rate was switched is not told */
    struct canfd_frame frame;                 /**< as the kernel has it */
    char interface[BTAP_INTERFACE_NAME_SIZE]; /**< "": not told */
};

/** The largest identifiers. */
#define CAN_LOG_STANDARD_MAX 0x7ffu
#define CAN_LOG_EXTENDED_MAX 0x1fffffffu

/** Takes the interface's name, cut. */
void can_log_interface(struct can_told *told, struct word name);

/** Takes the direction of `Tx` and `Rx`, capitals or not. @return false: it is none of them */
bool can_log_direction(struct can_told *told, struct word word);

/** @return false: there is no such identifier */
bool can_log_id(struct can_told *told, uint64_t id, bool extended);

/**
 * Takes the length code, which may be over 8 for a classic frame of 8 bytes. Set fd before.
 *
 * @return false: there is no such code
 */
bool can_log_dlc(struct can_told *told, uint64_t dlc);

/**
 * Takes a length in bytes. Set fd before.
 *
 * @return false: no frame has it
 */
bool can_log_length(struct can_told *told, uint64_t length);

/** Takes as many bytes as the length says, of words from a place on. @return false: no bytes */
bool can_log_data(struct can_told *told, const struct words *words, size_t from, unsigned base);

/** Makes it a remote frame, whose length was told before. FD has none: it is a classic one then. */
void can_log_remote(struct can_told *told);

/** Makes it an error frame. @param classes of linux/can/error.h */
void can_log_error(struct can_told *told, uint32_t classes);

/** The same: somebody destroyed a frame on the bus, and no more is told. */
void can_log_bus_error(struct can_told *told);

/** Makes the record. @param lacks what the log cannot tell: a set of enum btap_lack */
void can_log_put(struct queue *queue, const struct can_told *told, uint32_t lacks);

#endif
