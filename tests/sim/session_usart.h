/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A serial session of a scenario: capture, wire, host and device in one.
 */
#ifndef SIM_SESSION_USART_H
#define SIM_SESSION_USART_H

#include "host_usart.h"

struct usart_session {
    struct sim_capture *capture;
    struct rtac_wire rtac;
    struct adapter_wire adapter;
    struct usart_device device;
    struct usart_host host;
};

/** Starts the session over a serial recorder. config.product may be NULL: product by its name. */
struct usart_host *usart_session_begin(const char *path, const char *product,
                                       struct usart_device_config config, enum rtac_view view);

/** The same as boottap run records what a tool says to a port, in pcapng. */
struct usart_host *usart_session_begin_run(const char *path, const char *product,
                                           struct usart_device_config config);

/** The same through an adapter, recorded in one of the USB link types. */
struct usart_host *usart_session_begin_usb(const char *path, const char *product,
                                           struct usart_device_config config,
                                           enum adapter_kind kind, bool enumerated,
                                           enum sim_linktype linktype);

/** The session that runs; there is one at a time. */
struct usart_session *usart_session(void);

void usart_session_end(void);

#endif
