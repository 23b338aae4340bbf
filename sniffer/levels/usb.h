/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Packets of a full-speed USB cable (USB 2.0 chapter 7), from the levels of D+ and D-: NRZI with
 * stuffed bits between SYNC and the end of the packet. The clock is recovered at each edge, so that
 * four samples a bit, 50 MHz, will do.
 */
#ifndef SNIFFER_LEVELS_USB_H
#define SNIFFER_LEVELS_USB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Longest packet: PID, 1023 bytes of an isochronous transfer, CRC; a byte to see that it is
 * longer. */
#define LEVELS_USB_MAX 1027

/** State of the two lines (section 7.1.7.1). */
enum levels_usb_state {
    LEVELS_USB_J, /**< D+ is high: idle */
    LEVELS_USB_K,
    LEVELS_USB_SE0, /**< both are low */
    LEVELS_USB_SE1, /**< both are high, which is none of the states */
};

/** Takes packets, from the PID on, with their CRC. */
struct levels_usb_sink {
    void *context;
    void (*packet)(void *context, int64_t at_ps, const uint8_t *bytes, size_t length);
};

/** Start with zero: D+ and D- low. */
struct levels_usb {
    bool dp;
    bool dm;
    enum levels_usb_state state; /**< that lasts, as far as is sure */
    int64_t since_ps;
    bool changing;              /**< another one began, and may not last */
    enum levels_usb_state next; /**< that one */
    int64_t next_ps;
    bool receiving; /**< between an idle line and the end of a packet */
    bool synced;    /**< behind SYNC */
    uint8_t zeros;  /**< of SYNC */
    uint8_t ones;   /**< in a row: after six a zero is stuffed */
    int64_t start_ps;
    size_t bits;
    uint64_t packets;
    uint64_t damaged; /**< packets whose bits are no whole bytes, or not stuffed as they must be */
    uint8_t bytes[LEVELS_USB_MAX];
};

/** The lines have these levels from here on. @param at_ps none earlier than those before */
void levels_usb_level(struct levels_usb *usb, int64_t at_ps, bool dp, bool dm,
                      const struct levels_usb_sink *sink);

#endif
