/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * TARGET of `boottap replay --to`: `serial:PORT[,BAUD]`, `can:IFACE[,classic]`,
 * `usb:VID:PID[,SERIAL or BUS-PORT]`.
 */
#ifndef SNIFFER_REPLAY_TARGET_H
#define SNIFFER_REPLAY_TARGET_H

#include "port/wire.h"

struct target {
    enum wire_medium medium;
    const char *name; /**< as the user wrote it */
    char place[256];  /**< port or interface; USB: serial number or bus-port, "" none */
    uint32_t baud;    /**< 0: not named */
    bool classic;     /**< CAN: the device has the bootloader of classic CAN */
    uint16_t usb_vendor;
    uint16_t usb_product;
};

/** @param text kept. @return false: it is none; misused() has said why */
bool target_parse(struct target *target, const char *text);

/**
 * The transport that a target takes commands of: its wire must be the capture's.
 *
 * @param wanted the capture's: a CAN interface may lead to either bootloader
 */
enum btap_transport target_transport(const struct target *target, enum btap_transport wanted);

/**
 * Opens it: a lock keeps other replays off. Nothing is sent but what tells who a USB device is
 * (GET_DESCRIPTOR).
 *
 * @param transport of the commands that it will take
 * @param settings serial: rate and framing wanted; baud of the target wins
 * @return NULL: a message says why, and what to do
 */
struct wire *target_open(const struct target *target, enum btap_transport transport,
                         const struct btap_serial_settings *settings);

#endif
