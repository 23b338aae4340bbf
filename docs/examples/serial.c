/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Decodes what a flashing tool and an STM32 said on a serial line. Build it with
 *     cc serial.c $(pkg-config --cflags --libs boottap)
 */
#include <stdio.h>

#include <boottap/boottap.h>

static void print_transaction(void *context, const struct btap_link *link,
                              const struct btap_transaction *transaction)
{
    char what[BTAP_DESCRIBE_SIZE], outcome[BTAP_DESCRIBE_SIZE], name[BTAP_LINK_NAME_SIZE];

    (void)context;
    printf("%s: %s: %s\n", btap_link_name(link, name, sizeof(name)),
           btap_transaction_describe(transaction, what, sizeof(what)),
           btap_transaction_outcome(transaction, outcome, sizeof(outcome)));
}

/** Hands bytes to the decoder; how they are cut into chunks makes no difference. */
static void send(struct btap_usart *usart, enum btap_direction from, btap_ns time,
                 const uint8_t *bytes, uint32_t length)
{
    const struct btap_serial_chunk chunk = {
        .at = {.packet = 1, .time = time},
        .direction = from,
        .bytes = bytes,
        .length = length,
    };

    btap_usart_chunk(usart, &chunk);
}

int main(void)
{
    static const uint8_t sync[] = {0x7f}, ack[] = {0x79}, nack[] = {0x1f};
    static const uint8_t get_id[] = {0x02, 0xfd}, id[] = {0x79, 0x01, 0x04, 0x10, 0x79};
    static const uint8_t erase[] = {0x43, 0xbc};
    const struct btap_sink sink = {.transaction = print_transaction};
    struct btap_link link = {.kind = BTAP_LINK_SERIAL, .transport = BTAP_USART};
    struct btap_usart usart;

    btap_usart_init(&usart, &sink, &link);
    send(&usart, BTAP_HOST_TO_DEVICE, 1000, sync, sizeof(sync));
    send(&usart, BTAP_DEVICE_TO_HOST, 2000, ack, sizeof(ack));
    send(&usart, BTAP_HOST_TO_DEVICE, 3000, get_id, sizeof(get_id));
    send(&usart, BTAP_DEVICE_TO_HOST, 4000, id, sizeof(id));
    send(&usart, BTAP_HOST_TO_DEVICE, 5000, erase, sizeof(erase));
    send(&usart, BTAP_DEVICE_TO_HOST, 6000, nack, sizeof(nack));
    btap_usart_finish(&usart);
    return 0;
}
