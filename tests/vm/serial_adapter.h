/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A USB-serial adapter with a simulated STM32 bootloader behind it, as a USB function.
 */
#ifndef VM_SERIAL_ADAPTER_H
#define VM_SERIAL_ADAPTER_H

#include "simulate/usart_device.h"
#include "simulate/usbip.h"

enum serial_adapter_kind { SERIAL_FTDI, SERIAL_CDC_ACM };

/** The largest answer that may wait for the host to fetch it. */
#define SERIAL_QUEUE_SIZE 8192

struct serial_adapter {
    enum serial_adapter_kind kind;
    struct usart_device device;
    bool even_parity;
    uint8_t line_coding[7]; /**< CDC PSTN 1.2 section 6.3.11 */
    bool line_errors;       /**< FTDI: some packets come with errors; set after init */
    unsigned int packets;   /**< FTDI: with data, so far */
    sim_ns ready_at;        /**< when the queue's newest byte has come over the line */
    sim_ns latency_at;      /**< FTDI: when an empty packet is due */
    size_t queue_length;
    uint8_t queue[SERIAL_QUEUE_SIZE];
};

/** config.emit and context are set here. */
void serial_adapter_init(struct serial_adapter *adapter, enum serial_adapter_kind kind,
                         const struct usart_device_config *config);

struct usb_function serial_adapter_function(struct serial_adapter *adapter);

#endif
