/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/reach.h"

#include <stdio.h>

#define BIT(phase) (1u << BTAP_PHASE_##phase)

/** AN3155 section 3: phases that end with an answer of the device, after which the host sends more.
 */
static const uint32_t usart_ends[BTAP_COMMAND_COUNT] = {
    [BTAP_READ_MEMORY] = BIT(COMMAND) | BIT(ADDRESS),
    [BTAP_WRITE_MEMORY] = BIT(COMMAND) | BIT(ADDRESS),
    [BTAP_GO] = BIT(COMMAND),
    [BTAP_ERASE] = BIT(COMMAND),
    [BTAP_EXTENDED_ERASE] = BIT(COMMAND),
    [BTAP_WRITE_PROTECT] = BIT(COMMAND),
    [BTAP_SPECIAL] = BIT(COMMAND) | BIT(SUBCOMMAND),
    [BTAP_EXTENDED_SPECIAL] = BIT(COMMAND) | BIT(SUBCOMMAND),
    [BTAP_GET_CHECKSUM] = BIT(COMMAND) | BIT(ADDRESS) | BIT(LENGTH) | BIT(POLYNOMIAL),
};

/** AN5405 section 3: the same; the command's frame holds all but lists and data. */
static const uint32_t fdcan_ends[BTAP_COMMAND_COUNT] = {
    [BTAP_WRITE_MEMORY] = BIT(COMMAND),
    [BTAP_ERASE] = BIT(COMMAND) | BIT(LENGTH),
    [BTAP_SPECIAL] = BIT(COMMAND) | BIT(SUBCOMMAND),
    [BTAP_EXTENDED_SPECIAL] = BIT(COMMAND) | BIT(SUBCOMMAND),
};

/** AN3154 section 3: the same, and the sectors of Write Protect follow. */
static const uint32_t can_ends[BTAP_COMMAND_COUNT] = {
    [BTAP_WRITE_MEMORY] = BIT(COMMAND),
    [BTAP_ERASE] = BIT(COMMAND) | BIT(LENGTH),
    [BTAP_WRITE_PROTECT] = BIT(COMMAND),
};

/** An erase of banks or all has no list. */
static uint32_t of_frames(const uint32_t *ends, const struct btap_transaction *transaction)
{
    return transaction->command != BTAP_ERASE || transaction->erase == BTAP_ERASE_PAGES
               ? ends[transaction->command]
               : 0;
}

static bool has_frames(const struct btap_transaction *transaction)
{
    return transaction->transport == BTAP_FDCAN || transaction->transport == BTAP_CAN;
}

static uint32_t ends_of(const struct btap_transaction *transaction)
{
    switch (transaction->transport) {
    case BTAP_USART:
        return usart_ends[transaction->command];
    case BTAP_FDCAN:
        return of_frames(fdcan_ends, transaction);
    case BTAP_CAN:
        return of_frames(can_ends, transaction);
    case BTAP_DFU:
    case BTAP_TRANSPORT_COUNT:
        break;
    }
    return 0;
}

/** Whether the device was there, and did not go on. */
static bool was_refused(enum btap_status status)
{
    return status == BTAP_NACK || status == BTAP_NO_REPLY || status == BTAP_BAD_REPLY;
}

enum btap_phase reach_of(const struct btap_transaction *transaction)
{
    return was_refused(transaction->status) && (ends_of(transaction) >> transaction->phase & 1) != 0
               ? transaction->phase
               : BTAP_PHASE_NONE;
}

static bool is_special(enum btap_command command)
{
    return command == BTAP_SPECIAL || command == BTAP_EXTENDED_SPECIAL;
}

bool reach_is_harmless(const struct btap_transaction *transaction)
{
    const enum btap_phase reach = reach_of(transaction);

    if (reach == BTAP_PHASE_NONE || reach == BTAP_PHASE_SUBCOMMAND)
        return false;
    return !has_frames(transaction) ||
           (transaction->status == BTAP_NACK && !is_special(transaction->command));
}

/** What of a command is sent. */
static const char *part_of(const struct btap_transaction *transaction)
{
    const enum btap_phase reach = reach_of(transaction);

    if (has_frames(transaction))
        return "without what follows the command's frame";
    if (reach == BTAP_PHASE_COMMAND)
        return "opcode only";
    if (reach == BTAP_PHASE_SUBCOMMAND)
        return "opcode and sub-command";
    if (reach == BTAP_PHASE_ADDRESS)
        return "opcode and address";
    return reach == BTAP_PHASE_LENGTH ? "up to its length" : "up to its polynomial";
}

const char *reach_words(const struct btap_transaction *transaction, char *words, size_t size)
{
    words[0] = '\0';
    if (reach_is_short(transaction))
        snprintf(words, size, "is sent as far as the capture holds it: %s", part_of(transaction));
    return words;
}
