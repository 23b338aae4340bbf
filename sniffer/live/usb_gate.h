/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Between usbmon and the sink: lets the records of the wanted devices through.
 *
 * While the system enumerates a device sysfs does not know it yet. Its records, and all that are
 * behind them, wait until it does, so that a wanted device's enumeration is kept and every record
 * stays in its place; they wait for USB_GATE_PATIENCE at most.
 */
#ifndef SNIFFER_LIVE_USB_GATE_H
#define SNIFFER_LIVE_USB_GATE_H

#include "base/clock.h"
#include "live/usb_filter.h"
#include "traffic/traffic.h"

/** How long a device may take to be enumerated; longer ones are none that are wanted. */
#define USB_GATE_PATIENCE ((btap_ns)3 * CLOCK_NS_PER_SECOND)

/** How often sysfs is asked while something waits. */
#define USB_GATE_INTERVAL ((btap_ns)20 * CLOCK_NS_PER_MS)

/** Bytes that wait at most. */
#define USB_GATE_ROOM (4u << 20)

struct usb_gate;

/**
 * @param machine kept
 * @param filter copied
 */
struct usb_gate *usb_gate_open(const struct machine *machine, const struct usb_filter *filter);

/** Where the records go that are let through. sink is kept. */
void usb_gate_connect(struct usb_gate *gate, const struct traffic_sink *sink);

/**
 * Takes a record of usbmon.
 *
 * @param record at least USB_RECORD_HEADER_SIZE bytes
 * @param now CLOCK_MONOTONIC, ns
 */
void usb_gate_record(struct usb_gate *gate, const struct traffic_record *record, btap_ns now);

/** Lets through what waited long enough. @return when it is due again; INT64_MAX: nothing waits */
btap_ns usb_gate_tick(struct usb_gate *gate, btap_ns now);

/** Time of the first record that waits; INT64_MAX: none does. */
btap_ns usb_gate_held(const struct usb_gate *gate);

/** Lets through what is known to be wanted, forgets the rest, and frees the gate. */
void usb_gate_close(struct usb_gate *gate);

#endif
