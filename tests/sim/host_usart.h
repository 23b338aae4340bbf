/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A scripted AN3155 host in virtual time: it talks to a simulated device over a recorded line.
 */
#ifndef SIM_HOST_USART_H
#define SIM_HOST_USART_H

#include "sim.h"
#include "simulate/usart_device.h"
#include "wire.h"

#define USART_PENDING_MAX 64

struct usart_pending {
    sim_ns due;
    size_t length;
    size_t taken;
    uint8_t bytes[600];
};

struct usart_host {
    struct sim_clock clock;
    struct serial_wire *wire;
    struct usart_device *device;
    struct serial_settings settings;
    bool echo;         /**< half duplex: the host hears its own bytes */
    bool reply;        /**< sends each byte of the device back to it (an STM8's reply mode) */
    bool no_wait;      /**< sends a whole command without waiting for its answers */
    size_t unrecorded; /**< so many last bytes of what is sent next miss in the capture */
    size_t split;      /**< most bytes that go to the recorder at once; 0 any */
    sim_ns pause;      /**< between the bytes of a group */
    sim_ns timeout;
    size_t pending_length;
    struct usart_pending pending[USART_PENDING_MAX];
};

/** Connects a host to a device: config's callback becomes the host's. */
void usart_host_init(struct usart_host *host, struct serial_wire *wire, struct usart_device *device,
                     const struct usart_device_config *config);

/** Opens the port: settings as in host->settings (115200 8E1), DTR and RTS on. */
void usart_host_open(struct usart_host *host);

void usart_host_wait(struct usart_host *host, sim_ns time);
void usart_host_send(struct usart_host *host, const uint8_t *bytes, size_t length);

/** Takes bytes of the device within the time-out; returns how many came. */
size_t usart_host_receive(struct usart_host *host, uint8_t *bytes, size_t length);

/** Takes whatever the device still sends within a time. */
void usart_host_drain(struct usart_host *host, sim_ns time);

/** Waits for an ACK; anything else, or nothing, is false. */
bool usart_host_acknowledged(struct usart_host *host);

/* Commands as the note has them; false as soon as an answer is not ACK. */
bool usart_host_sync(struct usart_host *host);
bool usart_host_command(struct usart_host *host, uint8_t opcode);
bool usart_host_address(struct usart_host *host, uint32_t address);
bool usart_host_get(struct usart_host *host);
bool usart_host_get_version(struct usart_host *host);
bool usart_host_get_id(struct usart_host *host);
bool usart_host_read(struct usart_host *host, uint32_t address, size_t length);
bool usart_host_go(struct usart_host *host, uint32_t address);
bool usart_host_write(struct usart_host *host, uint32_t address, const uint8_t *bytes,
                      size_t length);
/** Erase 0x43 of pages first to last. */
bool usart_host_erase(struct usart_host *host, uint8_t first, uint8_t last);
/** Extended Erase 0x44 of pages first to last. */
bool usart_host_extended_erase(struct usart_host *host, uint16_t first, uint16_t last);
/** Extended Erase of everything or of a bank: 0xFFFF, 0xFFFE, 0xFFFD. */
bool usart_host_special_erase(struct usart_host *host, uint16_t code);
bool usart_host_write_protect(struct usart_host *host, uint8_t first, uint8_t last);
/** Write Unprotect, Readout Protect, Readout Unprotect. */
bool usart_host_protection(struct usart_host *host, uint8_t opcode);
bool usart_host_checksum(struct usart_host *host, uint32_t address, uint32_t words, bool full);
bool usart_host_special(struct usart_host *host, uint16_t subcommand, const uint8_t *bytes,
                        size_t length);
bool usart_host_extended_special(struct usart_host *host, uint16_t subcommand, const uint8_t *first,
                                 size_t first_length, const uint8_t *second, size_t second_length);

#endif
