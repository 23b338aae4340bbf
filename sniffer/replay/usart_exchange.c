/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/usart_exchange.h"

#include "base/clock.h"
#include "replay/patience.h"
#include "replay/reach.h"

bool exchange_stop(struct exchange *exchange, enum btap_status status, enum btap_phase phase)
{
    exchange->outcome->status = status;
    exchange->outcome->phase = phase;
    return false;
}

btap_ns exchange_soon(const struct exchange *exchange)
{
    return usart_patience(exchange->host, patience_for_answer(BTAP_USART));
}

btap_ns exchange_work(const struct exchange *exchange)
{
    return usart_patience(
        exchange->host, patience_for_work(exchange->request, exchange->host->host.device->product));
}

bool exchange_answered(struct exchange *exchange, enum btap_phase phase, btap_ns patience)
{
    switch (usart_line_answer(&exchange->host->line, clock_monotonic() + patience)) {
    case LINE_ACK:
        return true;
    case LINE_NACK:
        return exchange_stop(exchange, BTAP_NACK, phase);
    case LINE_QUIET:
        return exchange_stop(exchange, BTAP_NO_REPLY, phase);
    case LINE_OTHER:
    case LINE_TALK:
        return exchange_stop(exchange, BTAP_BAD_REPLY, phase);
    case LINE_GONE:
        break;
    }
    exchange->gone = true;
    return false;
}

bool exchange_send(struct exchange *exchange, const uint8_t *bytes, size_t length)
{
    exchange->gone = !usart_line_send(&exchange->host->line, bytes, length);
    return !exchange->gone;
}

bool exchange_send_group(struct exchange *exchange, uint8_t *bytes, size_t length)
{
    bytes[length] = 0;
    for (size_t i = 0; i < length; i++)
        bytes[length] ^= bytes[i];
    return exchange_send(exchange, bytes, length + 1);
}

static void put_be32(uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < USART_VALUE_SIZE; i++)
        bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

bool exchange_send_value(struct exchange *exchange, uint32_t value)
{
    uint8_t group[USART_VALUE_SIZE + 1];

    put_be32(group, value);
    return exchange_send_group(exchange, group, USART_VALUE_SIZE);
}

bool exchange_goes_on(struct exchange *exchange, enum btap_phase behind, enum btap_phase next)
{
    return reach_of(exchange->request) != behind || exchange_stop(exchange, BTAP_INCOMPLETE, next);
}

bool exchange_address(struct exchange *exchange)
{
    struct btap_transaction *outcome = exchange->outcome;

    if (!exchange_goes_on(exchange, BTAP_PHASE_COMMAND, BTAP_PHASE_ADDRESS) ||
        !exchange_send_value(exchange, exchange->request->address))
        return false;
    outcome->has |= BTAP_HAS_ADDRESS;
    outcome->address = exchange->request->address;
    return exchange_answered(exchange, BTAP_PHASE_ADDRESS, exchange_soon(exchange));
}

/** Receives what comes of a reply, size bytes at most. @return 0: the command does not go on */
static size_t some(struct exchange *exchange, uint8_t *bytes, size_t size, enum btap_phase phase)
{
    size_t length = 0;
    const enum wire_result result = usart_line_receive(&exchange->host->line, bytes, size, &length,
                                                       clock_monotonic() + exchange_soon(exchange));

    exchange->gone = result == WIRE_GONE;
    if (result == WIRE_QUIET)
        exchange_stop(exchange, BTAP_NO_REPLY, phase);
    return result == WIRE_DONE ? length : 0;
}

bool exchange_field(struct exchange *exchange, uint8_t *bytes, size_t length, enum btap_phase phase)
{
    while (length > 0) {
        const size_t got = some(exchange, bytes, length, phase);

        if (got == 0)
            return false;
        bytes += got;
        length -= got;
    }
    return true;
}

bool exchange_data(struct exchange *exchange, uint32_t length, enum btap_phase phase)
{
    struct host_answer *answer = exchange->answer;

    while (answer->length < length) {
        const size_t got =
            some(exchange, answer->data + answer->length, length - answer->length, phase);

        if (got == 0)
            return false;
        answer->length += (uint32_t)got;
        exchange->outcome->transferred += (uint32_t)got;
    }
    return true;
}
