/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the bootloaders of a series of STM32 have in common (AN3155 section 3.1, AN5405
 * section 3.1), as far as hosts see it. Protocol versions, and which parts have a DFU, an FDCAN
 * or a CAN bootloader, are those usual in a series: single parts may differ (AN2606 lists them).
 * Internal to the room.
 */
#ifndef SIMULATE_SERIES_H
#define SIMULATE_SERIES_H

#include "boottap/product.h"
#include "simulate/bytes.h"

struct sim_series {
    const char *name;
    uint8_t usart_version; /**< of the protocol, as Get tells it */
    uint8_t fdcan_version;
    uint16_t transfer_size; /**< of DFU */
    bool has_otp;           /**< DFU shows OTP and Device Feature as alternate settings */
    bool has_special;       /**< the Special commands */
    bool no_readout;        /**< no readout protection: AN3155 section 3.1 for the H5 */
    bool has_checksum;      /**< Get Checksum */
};

/** @return NULL: its bootloader is not one of AN3155, AN3156 and AN5405 */
const struct sim_series *series_of(const struct btap_product *product);

/** Whether the bootloader of a product speaks USB DFU, FDCAN, or classic CAN. */
bool series_has_dfu(const struct btap_product *product);
bool series_has_fdcan(const struct btap_product *product);
bool series_has_can(const struct btap_product *product);

#endif
