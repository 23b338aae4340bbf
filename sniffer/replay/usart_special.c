/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Special and Extended Special (AN3155 sections 3.14 and 3.15). What the device sends has no
 * checksum.
 */
#include <string.h>

#include "replay/usart_exchange.h"

/** Bytes of the size of a packet. */
#define SIZE_SIZE 2

/** A size of two bytes, MSB first, before data of the device. */
static bool size_of(struct exchange *exchange, uint16_t *size, enum btap_phase phase)
{
    uint8_t bytes[SIZE_SIZE];

    if (!exchange_field(exchange, bytes, sizeof(bytes), phase))
        return false;
    *size = (uint16_t)(bytes[0] << 8 | bytes[1]);
    return true;
}

static bool subcommand(struct exchange *exchange)
{
    const uint16_t value = exchange->request->subcommand;
    uint8_t group[3] = {(uint8_t)(value >> 8), (uint8_t)value};

    if (!exchange_goes_on(exchange, BTAP_PHASE_COMMAND, BTAP_PHASE_SUBCOMMAND) ||
        !exchange_send_group(exchange, group, 2))
        return false;
    exchange->outcome->has |= BTAP_HAS_SUBCOMMAND;
    exchange->outcome->subcommand = value;
    return exchange_answered(exchange, BTAP_PHASE_SUBCOMMAND, exchange_soon(exchange));
}

static bool packet(struct exchange *exchange, const uint8_t *bytes, uint16_t length,
                   uint16_t *sent_length)
{
    uint8_t group[USART_GROUP_MAX] = {(uint8_t)(length >> 8), (uint8_t)length};

    if (bytes != NULL && length > 0)
        memcpy(group + SIZE_SIZE, bytes, length);
    if (!exchange_send_group(exchange, group, SIZE_SIZE + (size_t)length))
        return false;
    *sent_length = length;
    exchange->outcome->transferred += length;
    return exchange_answered(exchange, BTAP_PHASE_DATA, exchange_work(exchange));
}

static bool special_status(struct exchange *exchange)
{
    struct btap_transaction *outcome = exchange->outcome;
    uint16_t left;
    uint8_t rest;

    if (!size_of(exchange, &left, BTAP_PHASE_STATUS))
        return false;
    outcome->has |= BTAP_HAS_SPECIAL_STATUS;
    outcome->special_status_length = left;
    if (!exchange_field(exchange, outcome->special_status, btap_transaction_status_kept(outcome),
                        BTAP_PHASE_STATUS))
        return false;
    for (uint32_t i = btap_transaction_status_kept(outcome); i < left; i++)
        if (!exchange_field(exchange, &rest, 1, BTAP_PHASE_STATUS))
            return false;
    return exchange_answered(exchange, BTAP_PHASE_STATUS, exchange_work(exchange));
}

void usart_special(struct exchange *exchange)
{
    const struct btap_transaction *request = exchange->request;
    const uint8_t *payload = exchange->command->payload;
    struct btap_transaction *outcome = exchange->outcome;

    if (!subcommand(exchange) ||
        !exchange_goes_on(exchange, BTAP_PHASE_SUBCOMMAND, BTAP_PHASE_LENGTH) ||
        !packet(exchange, payload, request->sent_length, &outcome->sent_length))
        return;
    if (request->command == BTAP_EXTENDED_SPECIAL) {
        if (packet(exchange, payload != NULL ? payload + request->sent_length : NULL,
                   request->sent2_length, &outcome->sent2_length))
            special_status(exchange);
        return;
    }
    if (size_of(exchange, &outcome->received_length, BTAP_PHASE_REPLY) &&
        exchange_data(exchange, outcome->received_length, BTAP_PHASE_REPLY))
        special_status(exchange);
}
