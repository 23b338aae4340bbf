/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The device that a plan is for.
 */
#ifndef SNIFFER_REPLAY_DEVICE_H
#define SNIFFER_REPLAY_DEVICE_H

#include "boottap/product.h"
#include "boottap/usb_device.h"

/** Who the plan is for, as the capture shows it. */
struct plan_device {
    bool pid_known;
    uint32_t pid;
    const struct btap_product *product; /**< NULL: not known */
    uint8_t version;                    /**< protocol version, 0x31 = 3.1; 0 not known */
    bool reply_mode;                    /**< USART: the host replied to each byte of an STM8 */
    bool detection;                     /**< FDCAN: the host sent the detection frame first */
    bool brs;                           /**< FDCAN: its frames had the second bit rate */
    bool brs_known;
    struct btap_serial_settings settings; /**< serial: that the host set; 0 where not known */
    bool usb_known;
    struct btap_usb_device usb; /**< DFU; its layouts are compared with the target's */
};

#endif
