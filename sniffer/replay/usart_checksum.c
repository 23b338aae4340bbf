/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Get Checksum (AN3155 section 3.13).
 */
#include "base/clock.h"
#include "replay/usart_exchange.h"

/** The reply to Get Checksum: a second ACK or none, as products differ; the CRC; its XOR. */
struct checksum_reply {
    uint8_t bytes[2 + USART_VALUE_SIZE];
    size_t length;
};

/** Bytes behind the ACK, if the first one is that and not a part of the CRC. */
static size_t behind_ack(const struct checksum_reply *reply)
{
    return reply->length > 0 && reply->bytes[0] == USART_ACK_BYTE ? reply->length - 1
                                                                  : reply->length;
}

static bool fits(const uint8_t *crc)
{
    return (crc[0] ^ crc[1] ^ crc[2] ^ crc[3]) == crc[4];
}

/** Whether it may be over: a NACK, which a CRC may begin with too, or a CRC that begins with 0x79.
 */
static bool may_be_over(const struct checksum_reply *reply)
{
    return (behind_ack(reply) == 1 && reply->bytes[reply->length - 1] == USART_NACK_BYTE) ||
           (reply->length == USART_VALUE_SIZE + 1 && fits(reply->bytes));
}

static bool take_crc(struct exchange *exchange, const uint8_t *crc)
{
    exchange->outcome->has |= BTAP_HAS_CHECKSUM;
    exchange->outcome->checksum = 0;
    for (int i = 0; i < USART_VALUE_SIZE; i++)
        exchange->outcome->checksum = exchange->outcome->checksum << 8 | crc[i];
    return fits(crc) || exchange_stop(exchange, BTAP_BAD_REPLY, BTAP_PHASE_CHECKSUM);
}

static void take_checksum(struct exchange *exchange, const struct checksum_reply *reply)
{
    if (behind_ack(reply) == USART_VALUE_SIZE + 1)
        take_crc(exchange, reply->bytes + reply->length - (USART_VALUE_SIZE + 1));
    else if (!may_be_over(reply))
        exchange_stop(exchange, BTAP_NO_REPLY, BTAP_PHASE_REPLY);
    else if (reply->length == USART_VALUE_SIZE + 1)
        take_crc(exchange, reply->bytes);
    else
        exchange_stop(exchange, BTAP_NACK, BTAP_PHASE_REPLY);
}

static void checksum_reply(struct exchange *exchange)
{
    struct checksum_reply reply = {.length = 0};
    btap_ns wait = exchange_work(exchange);

    while (behind_ack(&reply) < USART_VALUE_SIZE + 1) {
        size_t got;
        const enum wire_result result = usart_line_receive(
            &exchange->host->line, reply.bytes + reply.length, 1, &got, clock_monotonic() + wait);

        exchange->gone = result == WIRE_GONE;
        if (exchange->gone)
            return;
        if (result == WIRE_QUIET)
            break;
        reply.length += got;
        wait = may_be_over(&reply) && exchange_soon(exchange) > USART_REST_OF_REPLY
                   ? USART_REST_OF_REPLY
                   : exchange_soon(exchange);
    }
    take_checksum(exchange, &reply);
}

static bool words(struct exchange *exchange)
{
    if (!exchange_goes_on(exchange, BTAP_PHASE_ADDRESS, BTAP_PHASE_LENGTH) ||
        !exchange_send_value(exchange, exchange->request->length / USART_VALUE_SIZE))
        return false;
    exchange->outcome->has |= BTAP_HAS_LENGTH;
    exchange->outcome->length = exchange->request->length;
    return exchange_answered(exchange, BTAP_PHASE_LENGTH, exchange_soon(exchange));
}

static bool polynomial(struct exchange *exchange)
{
    if (!exchange_send_value(exchange, exchange->request->polynomial))
        return false;
    exchange->outcome->has |= BTAP_HAS_POLYNOMIAL;
    exchange->outcome->polynomial = exchange->request->polynomial;
    return exchange_answered(exchange, BTAP_PHASE_POLYNOMIAL, exchange_soon(exchange));
}

static bool initial(struct exchange *exchange)
{
    if (!exchange_goes_on(exchange, BTAP_PHASE_POLYNOMIAL, BTAP_PHASE_INITIAL) ||
        !exchange_send_value(exchange, exchange->request->initial))
        return false;
    exchange->outcome->has |= BTAP_HAS_INITIAL;
    exchange->outcome->initial = exchange->request->initial;
    return exchange_answered(exchange, BTAP_PHASE_INITIAL, exchange_work(exchange));
}

/** Without polynomial and initial value it is stm32flash's short form, which the device answers at
 * once. */
void usart_get_checksum(struct exchange *exchange)
{
    const bool is_short = (exchange->request->has & BTAP_HAS_POLYNOMIAL) == 0;

    if (exchange_address(exchange) && words(exchange) &&
        exchange_goes_on(exchange, BTAP_PHASE_LENGTH, BTAP_PHASE_POLYNOMIAL) &&
        (is_short || (polynomial(exchange) && initial(exchange))))
        checksum_reply(exchange);
}
