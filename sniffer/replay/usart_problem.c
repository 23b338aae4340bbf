/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a command of AN3155 section 3 needs to be sent.
 */
#include "replay/usart_host.h"

enum {
    /* AN3155 sections 3.4, 3.6 to 3.9 and 3.13 to 3.15 */
    MEMORY_MAX = 256,
    PAGES_MAX = 255,
    SECTORS_MAX = 256,
    SPECIAL_MAX = 128,
    EXTENDED_SPECIAL_MAX = 1024,
    WORD_SIZE = 4,
};

static bool list_fits(const struct btap_transaction *transaction, uint32_t most, uint16_t largest)
{
    if (transaction->list_length == 0 || transaction->list_length > most)
        return false;
    for (uint32_t i = 0; i < transaction->list_length; i++)
        if (transaction->list[i] > largest)
            return false;
    return true;
}

static const char *erase_problem(const struct btap_transaction *transaction, bool extended)
{
    switch (transaction->erase) {
    case BTAP_ERASE_MASS:
        return NULL;
    case BTAP_ERASE_BANK1:
    case BTAP_ERASE_BANK2:
        return extended ? NULL : "only Extended Erase knows banks";
    case BTAP_ERASE_PAGES:
        if (extended ? list_fits(transaction, BTAP_LIST_MAX, UINT16_MAX)
                     : list_fits(transaction, PAGES_MAX, UINT8_MAX))
            return NULL;
        return "it has no pages, or more than the command takes";
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_ADDRESS:
    case BTAP_ERASE_RESERVED:
        break;
    }
    return "what it erases is not known";
}

static const char *memory_problem(const struct btap_transaction *transaction)
{
    return (transaction->has & BTAP_HAS_ADDRESS) != 0 && transaction->length >= 1 &&
                   transaction->length <= MEMORY_MAX
               ? NULL
               : "it has no address, or a length other than 1 to 256 bytes";
}

static const char *write_problem(const struct plan_command *command)
{
    if (memory_problem(&command->transaction) != NULL)
        return memory_problem(&command->transaction);
    return command->payload != NULL && command->payload_length == command->transaction.length
               ? NULL
               : "its data are not known";
}

static const char *special_problem(const struct plan_command *command)
{
    const struct btap_transaction *transaction = &command->transaction;
    const uint32_t second =
        transaction->command == BTAP_EXTENDED_SPECIAL ? transaction->sent2_length : 0;

    if (transaction->sent_length > SPECIAL_MAX || second > EXTENDED_SPECIAL_MAX)
        return "it has more data than the command takes";
    return (transaction->has & BTAP_HAS_SUBCOMMAND) != 0 &&
                   command->payload_length == transaction->sent_length + second &&
                   (command->payload != NULL || command->payload_length == 0)
               ? NULL
               : "its sub-command or its data are not known";
}

static const char *checksum_problem(const struct btap_transaction *transaction)
{
    return (transaction->has & BTAP_HAS_ADDRESS) != 0 && transaction->length > 0 &&
                   transaction->length % WORD_SIZE == 0
               ? NULL
               : "it has no address, or a length that is no number of words";
}

const char *usart_argument_problem(const struct plan_command *command)
{
    const struct btap_transaction *transaction = &command->transaction;

    switch (transaction->command) {
    case BTAP_READ_MEMORY:
        return memory_problem(transaction);
    case BTAP_WRITE_MEMORY:
        return write_problem(command);
    case BTAP_GO:
        return (transaction->has & BTAP_HAS_ADDRESS) != 0 ? NULL : "it has no address";
    case BTAP_ERASE:
    case BTAP_EXTENDED_ERASE:
        return erase_problem(transaction, transaction->command == BTAP_EXTENDED_ERASE);
    case BTAP_WRITE_PROTECT:
        return list_fits(transaction, SECTORS_MAX, UINT8_MAX) ? NULL : "its sectors are not known";
    case BTAP_SPECIAL:
    case BTAP_EXTENDED_SPECIAL:
        return special_problem(command);
    case BTAP_GET_CHECKSUM:
        return checksum_problem(transaction);
    default:
        return NULL;
    }
}

/** A recorded command that the device refused early tells no more than what was sent. */
static bool ends_early(const struct plan_command *command)
{
    return command->origin == PLAN_RECORDED && command->transaction.status != BTAP_OK;
}

const char *usart_command_problem(const struct plan_command *command)
{
    const struct btap_transaction *transaction = &command->transaction;

    const struct btap_command_info *info = btap_command_by_opcode(BTAP_USART, transaction->opcode);

    if (transaction->transport != BTAP_USART || (transaction->has & BTAP_HAS_OPCODE) == 0 ||
        transaction->command != (info != NULL ? info->command : BTAP_COMMAND_UNKNOWN))
        return "it is no command of AN3155";
    return ends_early(command) ? NULL : usart_argument_problem(command);
}
