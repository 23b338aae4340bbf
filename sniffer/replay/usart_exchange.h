/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A command of AN3155 on its way, and the phases that commands are made of. Each phase tells
 * whether the command goes on; where it does not, the outcome is set, or the wire is gone.
 */
#ifndef SNIFFER_REPLAY_USART_EXCHANGE_H
#define SNIFFER_REPLAY_USART_EXCHANGE_H

#include "replay/usart_host.h"

/** Bytes of an address or another value of 32 bits. */
#define USART_VALUE_SIZE 4

/** What more of a reply comes within, where it may be all of it. */
#define USART_REST_OF_REPLY (100 * (btap_ns)1000000)

/** A command on its way. */
struct exchange {
    struct usart_host *host;
    const struct plan_command *command;
    const struct btap_transaction *request; /**< of command */
    struct host_answer *answer;
    struct btap_transaction *outcome; /**< of answer */
    bool gone;
};

/** Ends the command. @return false */
bool exchange_stop(struct exchange *exchange, enum btap_status status, enum btap_phase phase);

/**
 * Goes on behind a phase, if the command is sent further (reach.h).
 *
 * @param next where it ends if not
 */
bool exchange_goes_on(struct exchange *exchange, enum btap_phase behind, enum btap_phase next);

/** How long the answer to a part may take: one that is no work of the device, and the last one. */
btap_ns exchange_soon(const struct exchange *exchange);
btap_ns exchange_work(const struct exchange *exchange);

/** Waits for ACK. */
bool exchange_answered(struct exchange *exchange, enum btap_phase phase, btap_ns patience);

/** Sends bytes as they are. */
bool exchange_send(struct exchange *exchange, const uint8_t *bytes, size_t length);

/** Sends bytes and their XOR behind them, for which there is room. */
bool exchange_send_group(struct exchange *exchange, uint8_t *bytes, size_t length);

/** Sends a value, MSB first, and its XOR. */
bool exchange_send_value(struct exchange *exchange, uint32_t value);

/** The address, and the answer to it. */
bool exchange_address(struct exchange *exchange);

/** Receives all bytes of a field of a reply. */
bool exchange_field(struct exchange *exchange, uint8_t *bytes, size_t length,
                    enum btap_phase phase);

/** Receives data into the answer, which count as they come. */
bool exchange_data(struct exchange *exchange, uint32_t length, enum btap_phase phase);

/* AN3155 section 3.13, usart_checksum.c; sections 3.14 and 3.15, usart_special.c: what follows
 * opcode and complement. */
void usart_get_checksum(struct exchange *exchange);
void usart_special(struct exchange *exchange);

#endif
