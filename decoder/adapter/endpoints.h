/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which of an adapter's UARTs an endpoint or interface is for. Internal to the core.
 */
#ifndef DECODER_ADAPTER_ENDPOINTS_H
#define DECODER_ADAPTER_ENDPOINTS_H

#include "boottap/adapter.h"

#define ADAPTER_ENDPOINT_IN 0x80

/** Not a port: of an endpoint or interface that carries no UART's bytes. */
#define ADAPTER_NO_PORT 0xff

/** Whether descriptors tell what the endpoints are. */
bool adapter_endpoints_known(const struct btap_adapter *adapter);

/** The descriptor of an endpoint; NULL if not known. */
const struct btap_usb_endpoint *adapter_endpoint(const struct btap_adapter *adapter,
                                                 uint8_t address);

/** Port of a bulk endpoint, or ADAPTER_NO_PORT. */
uint8_t adapter_endpoint_port(struct btap_adapter *adapter, uint8_t address);

/** Port of an interrupt endpoint, 0 where no descriptors tell, or ADAPTER_NO_PORT. */
uint8_t adapter_interrupt_port(const struct btap_adapter *adapter, uint8_t address);

/** Port of a CDC-ACM communication interface, or ADAPTER_NO_PORT. */
uint8_t adapter_interface_port(struct btap_adapter *adapter, uint8_t interface);

/** Whether an interface is a CDC-ACM's. */
bool adapter_has_acm(const struct btap_usb_device *device);

/** Whether an interface may be a UART's although no class says so. */
bool adapter_may_have_serial(const struct btap_usb_device *device);

/** Forgets which endpoint belongs to which port: the device is another one than it seemed. */
void adapter_forget_routes(struct btap_adapter *adapter);

#endif
