/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A wire to a simulated device in DFU mode, in this process. Its clock goes on by 1 ms with each
 * control transfer, however long the host waits.
 */
#ifndef DFU_WIRE_H
#define DFU_WIRE_H

#include "port/wire.h"
#include "simulate/dfu_device.h"

#define DFU_WIRE_READS_MAX 8

struct dfu_wire {
    struct wire wire;
    struct dfu_product product; /**< with times that fit a test */
    struct dfu_device device;
    struct btap_usb_device usb;
    struct wire_control reads[DFU_WIRE_READS_MAX];
    uint8_t read_bytes[DFU_WIRE_READS_MAX][256];
    sim_ns now;      /**< the device's clock */
    bool comes_back; /**< after it has left */
    unsigned reopened;
    uint32_t longest_timeout_ms;
    char log[16384]; /**< of what was sent, see dfu_wire_open() */
};

/**
 * Plugs a device in. Its operations take 1 ms.
 *
 * The log has a line for each transfer, `DNLOAD 2 0102` (block, data; cut after 8 bytes),
 * `UPLOAD 2 *64`, `GETSTATUS`, `SET_INTERFACE 1`, with ` STALL` or ` GONE` behind.
 *
 * @param product name of one; config its product is set
 */
void dfu_wire_open(struct dfu_wire *wire, const char *product,
                   const struct dfu_device_config *config);

/** The log so far; it begins anew. */
const char *dfu_wire_log(struct dfu_wire *wire);

#endif
