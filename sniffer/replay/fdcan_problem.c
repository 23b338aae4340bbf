/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a command of AN5405 section 3 needs to be sent.
 */
#include "replay/fdcan_link.h"

enum {
    MEMORY_MAX = 256,                 /* 3.4, 3.6 */
    SECTORS_MAX = WIRE_FRAME_MAX - 1, /* 3.8: behind their number in one frame */
    SPECIAL_MAX = 128,                /* 3.12 */
    EXTENDED_MAX = 1024,              /* 3.13 */
};

/** A recorded command that the device refused early tells no more than what was sent. */
static bool ends_early(const struct plan_command *command)
{
    return command->origin == PLAN_RECORDED && command->transaction.status != BTAP_OK;
}

static const char *memory_problem(const struct plan_command *command)
{
    const struct btap_transaction *transaction = &command->transaction;

    if ((transaction->has & BTAP_HAS_ADDRESS) == 0 || transaction->length < 1 ||
        transaction->length > MEMORY_MAX)
        return "it has no address, or a length other than 1 to 256 bytes";
    if (transaction->command == BTAP_WRITE_MEMORY &&
        command->payload_length != transaction->length && !ends_early(command))
        return "its data are not known";
    return NULL;
}

static const char *erase_problem(const struct plan_command *command)
{
    const struct btap_transaction *transaction = &command->transaction;

    switch (transaction->erase) {
    case BTAP_ERASE_MASS:
    case BTAP_ERASE_BANK1:
    case BTAP_ERASE_BANK2:
        return NULL;
    case BTAP_ERASE_PAGES:
        if (transaction->list_announced == 0 || transaction->list_announced > BTAP_LIST_MAX)
            return "it has no pages, or more than the command takes";
        return transaction->list_length == transaction->list_announced || ends_early(command)
                   ? NULL
                   : "its pages are not known";
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_ADDRESS:
    case BTAP_ERASE_RESERVED:
        break;
    }
    return "what it erases is not known";
}

static const char *sectors_problem(const struct btap_transaction *transaction)
{
    if (transaction->list_length == 0 || transaction->list_length > SECTORS_MAX ||
        transaction->list_length != transaction->list_announced)
        return "its sectors are not known, or more than 63";
    for (uint32_t i = 0; i < transaction->list_length; i++)
        if (transaction->list[i] > UINT8_MAX)
            return "the command takes sectors up to 255";
    return NULL;
}

static const char *special_problem(const struct plan_command *command)
{
    const struct btap_transaction *transaction = &command->transaction;
    const bool extended = transaction->command == BTAP_EXTENDED_SPECIAL;
    const uint32_t second = extended ? transaction->sent2_length : 0;

    if ((transaction->has & BTAP_HAS_SUBCOMMAND) == 0)
        return "its sub-command is not known";
    if (ends_early(command))
        return NULL;
    if (transaction->sent_length > SPECIAL_MAX || second > EXTENDED_MAX)
        return "it has more data than the command takes";
    return command->payload_length == transaction->sent_length + second ? NULL
                                                                        : "its data are not known";
}

const char *fdcan_command_problem(const struct plan_command *command)
{
    switch (command->transaction.command) {
    case BTAP_SYNC:
    case BTAP_GET:
    case BTAP_GET_VERSION:
    case BTAP_GET_ID:
    case BTAP_WRITE_UNPROTECT:
    case BTAP_READOUT_PROTECT:
    case BTAP_READOUT_UNPROTECT:
        return NULL;
    case BTAP_READ_MEMORY:
    case BTAP_WRITE_MEMORY:
        return memory_problem(command);
    case BTAP_GO:
        return (command->transaction.has & BTAP_HAS_ADDRESS) != 0 ? NULL : "it has no address";
    case BTAP_ERASE:
        return erase_problem(command);
    case BTAP_WRITE_PROTECT:
        return sectors_problem(&command->transaction);
    case BTAP_SPECIAL:
    case BTAP_EXTENDED_SPECIAL:
        return special_problem(command);
    default:
        return "it is no command of AN5405";
    }
}
