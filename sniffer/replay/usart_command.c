/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands of AN3155 section 3, as the host sends them. Every group of bytes that the host
 * sends is answered before the next one.
 */
#include <string.h>

#include "base/clock.h"
#include "replay/usart_exchange.h"

enum {
    /* AN3155 sections 3.7 and 3.8 */
    ERASE_ALL = 0xff,
    MASS_ERASE = 0xffff,
    BANK_1_ERASE = 0xfffe,
    BANK_2_ERASE = 0xfffd,
};

/** Some products answer two NACKs under read protection (AN3155 section 3.4, note); adapters hand
 * over what comes after some 16 ms. */
#define SECOND_NACK (50 * (btap_ns)CLOCK_NS_PER_MS)

/* AN3155 sections 3.1 to 3.3 */

static void get(struct exchange *exchange)
{
    struct btap_transaction *outcome = exchange->outcome;
    uint8_t head[2]; /* number of commands, version */
    uint8_t byte;

    if (!exchange_field(exchange, head, 1, BTAP_PHASE_REPLY))
        return;
    outcome->list_kind = BTAP_LIST_COMMANDS;
    outcome->list_announced = head[0];
    if (!exchange_field(exchange, head + 1, 1, BTAP_PHASE_REPLY))
        return;
    outcome->has |= BTAP_HAS_VERSION;
    outcome->version = head[1];
    while (outcome->list_length < outcome->list_announced) {
        if (!exchange_field(exchange, &byte, 1, BTAP_PHASE_REPLY))
            return;
        outcome->list[outcome->list_length++] = byte;
    }
    exchange_answered(exchange, BTAP_PHASE_REPLY, exchange_soon(exchange));
}

static void get_version(struct exchange *exchange)
{
    struct btap_transaction *outcome = exchange->outcome;

    if (!exchange_field(exchange, &outcome->version, 1, BTAP_PHASE_REPLY))
        return;
    outcome->has |= BTAP_HAS_VERSION;
    if (!exchange_field(exchange, outcome->option_bytes, sizeof(outcome->option_bytes),
                        BTAP_PHASE_REPLY))
        return;
    outcome->has |= BTAP_HAS_OPTION_BYTES;
    exchange_answered(exchange, BTAP_PHASE_REPLY, exchange_soon(exchange));
}

static void get_id(struct exchange *exchange)
{
    uint8_t bytes[UINT8_MAX + 1];
    uint8_t less_1;
    uint32_t pid = 0;

    if (!exchange_field(exchange, &less_1, 1, BTAP_PHASE_REPLY) ||
        !exchange_field(exchange, bytes, less_1 + 1u, BTAP_PHASE_REPLY))
        return;
    for (unsigned i = 0; i <= less_1; i++)
        pid = pid << 8 | bytes[i];
    exchange->outcome->has |= BTAP_HAS_PID;
    exchange->outcome->pid = pid;
    exchange_answered(exchange, BTAP_PHASE_REPLY, exchange_soon(exchange));
}

/* AN3155 sections 3.4 to 3.6 */

static void read_memory(struct exchange *exchange)
{
    const uint32_t length = exchange->request->length;
    uint8_t group[2];

    if (!exchange_address(exchange) ||
        !exchange_goes_on(exchange, BTAP_PHASE_ADDRESS, BTAP_PHASE_LENGTH))
        return;
    group[0] = (uint8_t)(length - 1);
    group[1] = group[0] ^ 0xff;
    if (!exchange_send(exchange, group, sizeof(group)))
        return;
    exchange->outcome->has |= BTAP_HAS_LENGTH;
    exchange->outcome->length = length;
    if (exchange_answered(exchange, BTAP_PHASE_LENGTH, exchange_soon(exchange)))
        exchange_data(exchange, length, BTAP_PHASE_DATA);
}

static void write_memory(struct exchange *exchange)
{
    const uint32_t length = exchange->request->length;
    struct btap_transaction *outcome = exchange->outcome;
    uint8_t group[USART_GROUP_MAX];

    if (!exchange_address(exchange) ||
        !exchange_goes_on(exchange, BTAP_PHASE_ADDRESS, BTAP_PHASE_LENGTH))
        return;
    group[0] = (uint8_t)(length - 1);
    memcpy(group + 1, exchange->command->payload, length);
    if (!exchange_send_group(exchange, group, 1 + length))
        return;
    outcome->has |= BTAP_HAS_LENGTH;
    outcome->length = length;
    outcome->transferred = length;
    exchange_answered(exchange, BTAP_PHASE_DATA, exchange_work(exchange));
}

/* AN3155 sections 3.7 to 3.9 */

/** Puts the list of the command, each entry of so many bytes. @return bytes */
static size_t put_list(struct exchange *exchange, uint8_t *bytes, size_t size)
{
    const struct btap_transaction *request = exchange->request;
    size_t length = 0;

    for (uint32_t i = 0; i < request->list_length; i++) {
        if (size == 2)
            bytes[length++] = (uint8_t)(request->list[i] >> 8);
        bytes[length++] = (uint8_t)request->list[i];
    }
    return length;
}

/** What was sent of a list. */
static void note_list(struct exchange *exchange)
{
    const struct btap_transaction *request = exchange->request;
    struct btap_transaction *outcome = exchange->outcome;

    outcome->erase = request->erase;
    if (request->erase != BTAP_ERASE_PAGES && request->command != BTAP_WRITE_PROTECT)
        return;
    outcome->list_kind =
        request->command == BTAP_WRITE_PROTECT ? BTAP_LIST_SECTORS : BTAP_LIST_PAGES;
    outcome->list_announced = request->list_length;
    outcome->list_length = request->list_length;
    memcpy(outcome->list, request->list, request->list_length * sizeof(request->list[0]));
}

static void finish_list(struct exchange *exchange, uint8_t *group, size_t length)
{
    if (!exchange_send_group(exchange, group, length))
        return;
    note_list(exchange);
    exchange_answered(exchange, BTAP_PHASE_DATA, exchange_work(exchange));
}

/** Of all pages the checksum is the complement of the one byte before. */
static void erase_all(struct exchange *exchange)
{
    static const uint8_t group[] = {ERASE_ALL, 0x00};

    if (!exchange_send(exchange, group, sizeof(group)))
        return;
    note_list(exchange);
    exchange_answered(exchange, BTAP_PHASE_DATA, exchange_work(exchange));
}

/** Erase and Write Protect: numbers of one byte. */
static void short_list(struct exchange *exchange)
{
    uint8_t group[USART_GROUP_MAX];

    if (!exchange_goes_on(exchange, BTAP_PHASE_COMMAND, BTAP_PHASE_LENGTH))
        return;
    if (exchange->request->erase == BTAP_ERASE_MASS) {
        erase_all(exchange);
        return;
    }
    group[0] = (uint8_t)(exchange->request->list_length - 1);
    finish_list(exchange, group, 1 + put_list(exchange, group + 1, 1));
}

static uint16_t erase_code(const struct btap_transaction *request)
{
    switch (request->erase) {
    case BTAP_ERASE_MASS:
        return MASS_ERASE;
    case BTAP_ERASE_BANK1:
        return BANK_1_ERASE;
    case BTAP_ERASE_BANK2:
        return BANK_2_ERASE;
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_PAGES:
    case BTAP_ERASE_ADDRESS:
    case BTAP_ERASE_RESERVED:
        break;
    }
    return (uint16_t)(request->list_length - 1);
}

static void extended_erase(struct exchange *exchange)
{
    const bool by_pages = exchange->request->erase == BTAP_ERASE_PAGES;
    uint8_t group[USART_GROUP_MAX];
    uint16_t code;

    if (!exchange_goes_on(exchange, BTAP_PHASE_COMMAND, BTAP_PHASE_LENGTH))
        return;
    code = erase_code(exchange->request);
    group[0] = (uint8_t)(code >> 8);
    group[1] = (uint8_t)code;
    finish_list(exchange, group, 2 + (by_pages ? put_list(exchange, group + 2, 2) : 0));
}

/* AN3155 sections 3.10 to 3.12 */

static void protection(struct exchange *exchange)
{
    exchange_answered(exchange, BTAP_PHASE_OPERATION, exchange_work(exchange));
}

/* All of them */

static void go(struct exchange *exchange)
{
    exchange_address(exchange);
}

static bool opcode(struct exchange *exchange)
{
    const uint8_t pair[] = {exchange->request->opcode, (uint8_t)(exchange->request->opcode ^ 0xff)};

    return exchange_send(exchange, pair, sizeof(pair)) &&
           exchange_answered(exchange, BTAP_PHASE_COMMAND, exchange_soon(exchange));
}

/** What follows opcode and complement. */
static void (*const rest_of[BTAP_COMMAND_COUNT])(struct exchange *) = {
    [BTAP_GET] = get,
    [BTAP_GET_VERSION] = get_version,
    [BTAP_GET_ID] = get_id,
    [BTAP_READ_MEMORY] = read_memory,
    [BTAP_GO] = go,
    [BTAP_WRITE_MEMORY] = write_memory,
    [BTAP_ERASE] = short_list,
    [BTAP_EXTENDED_ERASE] = extended_erase,
    [BTAP_SPECIAL] = usart_special,
    [BTAP_EXTENDED_SPECIAL] = usart_special,
    [BTAP_WRITE_PROTECT] = short_list,
    [BTAP_WRITE_UNPROTECT] = protection,
    [BTAP_READOUT_PROTECT] = protection,
    [BTAP_READOUT_UNPROTECT] = protection,
    [BTAP_GET_CHECKSUM] = usart_get_checksum,
};

/** A second NACK would be taken for the answer to the next command. */
static void await_second_nack(struct exchange *exchange)
{
    const struct btap_command_info *info =
        btap_command_by_opcode(BTAP_USART, exchange->request->opcode);
    uint8_t byte;
    size_t got;

    if (exchange->outcome->status == BTAP_NACK && exchange->outcome->phase == BTAP_PHASE_COMMAND &&
        info != NULL && (info->traits & BTAP_TRAIT_RESTRICTED) != 0)
        usart_line_receive(&exchange->host->line, &byte, 1, &got,
                           clock_monotonic() + usart_at_most(exchange->host, SECOND_NACK));
}

enum host_end usart_command_send(struct usart_host *host, const struct plan_command *command,
                                 struct host_answer *answer)
{
    struct exchange exchange = {
        .host = host,
        .command = command,
        .request = &command->transaction,
        .answer = answer,
        .outcome = &answer->transaction,
    };

    usart_answer_begin(answer, &command->transaction);
    if (opcode(&exchange))
        rest_of[command->transaction.command](&exchange);
    if (!exchange.gone)
        await_second_nack(&exchange);
    return exchange.gone ? HOST_GONE : HOST_ANSWERED;
}
