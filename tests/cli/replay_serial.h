/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A serial wire with a simulated device at its other end, or with answers that a test makes up. Its
 * time is its own: what a device takes minutes for comes at once. All that passes is kept as text,
 * and goes through the decoder, which is the judge of what a host says of its commands.
 */
#ifndef CLI_REPLAY_SERIAL_H
#define CLI_REPLAY_SERIAL_H

#include "boottap/tap.h"
#include "replay/host.h"
#include "simulate/usart_device.h"

#define REPLAY_SERIAL_QUEUE 8192
#define REPLAY_SERIAL_SEEN  512

/** A byte on its way to the host. */
struct replay_serial_byte {
    int64_t due_us;
    uint8_t value;
};

struct replay_serial {
    struct wire wire; /**< first */
    struct usart_device device;
    const char *const *script; /**< answers in hexadecimal, one a message; NULL: the device's */
    size_t gone_after;         /**< the port vanishes with this byte of the host; 0: never */
    bool echoes;               /**< what the host sends comes back */
    bool parity_errors;        /**< each byte of the device comes with one */

    char text[65536]; /**< `> 7F < 79 `, and `L3 ` for lines that became active */
    const char *from; /**< who the last bytes of it are of */
    size_t sent;      /**< bytes of the host */
    bool closed;

    int64_t now_us;
    size_t head;
    size_t tail;
    struct replay_serial_byte queue[REPLAY_SERIAL_QUEUE];

    struct traffic_sink sink; /**< to be given to the gate */
    struct traffic_interface interface;
    uint64_t records;
    struct btap_sink consumer;
    struct btap_tap tap;
    size_t seen_length;
    struct btap_transaction *seen; /**< by the decoder */
};

/** @param product of the device; NULL: only a script answers. To be released */
struct replay_serial *replay_serial_new(const char *product);
void replay_serial_free(struct replay_serial *serial);

/** Makes the device misbehave. */
void replay_serial_fault(struct replay_serial *serial, enum usart_misbehaviour fault, int opcode,
                         enum usart_phase phase);

/** Sends bytes to the host now, in hexadecimal. */
void replay_serial_say(struct replay_serial *serial, const char *bytes);

/** Forgets the text so far. */
void replay_serial_clear(struct replay_serial *serial);

/**
 * Ends the traffic as a host does that waited in vain, and holds an answer against what the decoder
 * makes of the same bytes.
 */
void replay_serial_judge(struct replay_serial *serial, const struct btap_transaction *answer);

/** All is allowed. */
extern const struct gate_permit replay_serial_permit;

#endif
