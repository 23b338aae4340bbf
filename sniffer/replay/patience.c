/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the figures come from: the datasheets (STM32F405 and F42x at the supply that is slowest:
 * 32 s for a mass erase of 1 MiB, 4 s for a sector of 128 KiB; other series are faster), stm32flash
 * (35 s for a mass erase, 5 s a page), hosts of FDCAN (30 s for Readout Unprotect). They are
 * longest waits: a device that is done says so. None is below what btap_transaction_waited() takes
 * for a host that gave up.
 */
#include "replay/patience.h"

#include "base/clock.h"

#define SECOND ((btap_ns)CLOCK_NS_PER_SECOND)

#define ANSWER       (5 * SECOND)
#define WRITE        (5 * SECOND)
#define PAGE         (5 * SECOND)
#define ERASE        (40 * SECOND) /* and any work of which nothing more is known */
#define ERASE_MIB    (35 * SECOND) /* each after the first */
#define CHECKSUM_MIB (10 * SECOND)

#define MIB (1024 * 1024)

/** Flash of a product that is not known: few have more. */
#define FLASH_UNKNOWN (2u * MIB)

static btap_ns whole_flash(const struct btap_product *product)
{
    const uint32_t size =
        product != NULL && product->flash_size > 0 ? product->flash_size : FLASH_UNKNOWN;

    return ERASE + (btap_ns)((size - 1) / MIB) * ERASE_MIB;
}

/** So long a page or sector takes each, but all of them no longer than all of the flash. */
static btap_ns pages(uint32_t count, const struct btap_product *product)
{
    const btap_ns most = whole_flash(product);
    const btap_ns wanted = (btap_ns)count * PAGE;

    if (wanted > most)
        return most;
    return wanted > ERASE ? wanted : ERASE;
}

static btap_ns erase(const struct btap_transaction *transaction, const struct btap_product *product)
{
    switch (transaction->erase) {
    case BTAP_ERASE_PAGES:
        return pages(transaction->list_length, product);
    case BTAP_ERASE_ADDRESS:
        return pages(1, product);
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_MASS:
    case BTAP_ERASE_BANK1:
    case BTAP_ERASE_BANK2:
    case BTAP_ERASE_RESERVED:
        break;
    }
    return whole_flash(product);
}

/** No memory is larger than the flash, whatever the command says. */
static btap_ns checksum(uint32_t length, const struct btap_product *product)
{
    const btap_ns most = whole_flash(product);
    const btap_ns wanted = (1 + (btap_ns)(length / MIB)) * CHECKSUM_MIB;

    return wanted < most ? wanted : most;
}

btap_ns patience_for_work(const struct btap_transaction *transaction,
                          const struct btap_product *product)
{
    const enum btap_command command = transaction->command;

    if (btap_command_has(command, BTAP_TRAIT_ERASES))
        return erase(transaction, product);
    if (btap_command_has(command, BTAP_TRAIT_WIPES))
        return whole_flash(product);
    if (command == BTAP_GET_CHECKSUM)
        return checksum(transaction->length, product);
    if (btap_command_has(command, BTAP_TRAIT_WRITES))
        return WRITE;
    if (btap_command_has(command, BTAP_TRAIT_PROTECTS) || command == BTAP_SPECIAL ||
        command == BTAP_EXTENDED_SPECIAL)
        return ERASE;
    return ANSWER;
}

btap_ns patience_for_answer(enum btap_transport transport)
{
    (void)transport; /* none is known to be slower */
    return ANSWER;
}
