/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A USB device in user space: serves the kernel's vhci-hcd over USB/IP (the kernel's
 * Documentation/usb/usbip_protocol.rst) on a socket pair, without network or further tools.
 */
#ifndef SIMULATE_USBIP_H
#define SIMULATE_USBIP_H

#include <stdio.h>

#include "simulate/dfu_device.h"

/** A device's side of its transfers. Endpoint 0 speaks through control() only. */
struct usb_function {
    void *context;
    /** Gets a line for each request of the host as it comes; NULL: nowhere. Of endpoint 0 with the
     * setup bytes: nobody can ask the device for anything that is not there. */
    FILE *log;
    /** A control transfer. data: setup->length bytes of an OUT transfer, else NULL. */
    void (*control)(void *context, sim_ns now, const struct usb_setup *setup, const uint8_t *data,
                    struct dfu_answer *answer);
    /** OUT data of another endpoint; NULL where there is none. */
    void (*out)(void *context, sim_ns now, uint8_t endpoint, const uint8_t *bytes, size_t length);
    /**
     * The host asks for at most size bytes of an IN endpoint; NULL where there is none.
     *
     * @return false if there is nothing yet: it is asked again when due() comes
     */
    bool (*in)(void *context, sim_ns now, uint8_t endpoint, uint8_t *bytes, size_t size,
               size_t *length);
    /** When in() may have something next; NULL where there are no IN endpoints. */
    sim_ns (*due)(void *context, sim_ns now);
    /** It is plugged in; NULL: who serves it does not care. */
    void (*attached)(void *context);
    /** When it leaves the bus by itself, 0 never; NULL: it does not. */
    sim_ns (*leaves)(void *context);
};

enum usbip_end {
    USBIP_LEFT,        /**< the device left the bus, or the host unplugged it */
    USBIP_INTERRUPTED, /**< by a signal (base/interrupt.h) */
    USBIP_REFUSED,     /**< the kernel does not take it: errno */
};

/**
 * Plugs the device into a free high-speed port of the software bus, at full speed, and serves it
 * until it leaves the bus, the host unplugs it, or a signal comes.
 */
enum usbip_end usbip_serve(const struct usb_function *function);

/** The kernel's file that takes devices: where it is not there, neither is the software bus. */
#define USBIP_ATTACH "/sys/devices/platform/vhci_hcd.0/attach"

#endif
