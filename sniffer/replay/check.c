/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/check.h"

#include "replay/check_parts.h"

/** The opcode must be the command's own: devices take others for it too. */
static bool check_opcode(const struct check *check)
{
    const struct btap_transaction *transaction = check->transaction;
    const struct btap_command_info *info;

    if (!check_has(check, BTAP_HAS_OPCODE))
        return true;
    info = btap_command_by_opcode(transaction->transport, transaction->opcode);
    return (info != NULL && info->command == transaction->command) ||
           check_wrong(check, "code 0x%02x is in no note", transaction->opcode);
}

/** One that is sent must be known. */
static bool check_code_is_there(const struct check *check)
{
    const enum btap_command command = check->transaction->command;
    const bool sent = check->transaction->transport != BTAP_DFU
                          ? command != BTAP_SYNC
                          : command == BTAP_SET_ADDRESS || command == BTAP_ERASE ||
                                command == BTAP_READ_UNPROTECT;

    return !sent || check_has(check, BTAP_HAS_OPCODE) ||
           check_wrong(check, "the capture does not hold its code");
}

static bool check_by_wire(const struct check *check)
{
    switch (check->transaction->transport) {
    case BTAP_USART:
        return check_usart(check);
    case BTAP_DFU:
        return check_dfu(check);
    case BTAP_FDCAN:
        return check_fdcan(check);
    case BTAP_CAN:
        return check_can(check);
    case BTAP_TRANSPORT_COUNT:
        break;
    }
    return check_no_command(check);
}

bool check_command(const struct plan_device *device, const struct plan_command *command,
                   char *words)
{
    const struct check check = {device, command, &command->transaction, words};

    words[0] = '\0';
    if (command->payload_length > 0 &&
        !btap_command_has(command->transaction.command, BTAP_TRAIT_WRITES) &&
        command->transaction.command != BTAP_SPECIAL &&
        command->transaction.command != BTAP_EXTENDED_SPECIAL)
        return check_wrong(&check, "it has data, which this command has not");
    if (!check_opcode(&check))
        return false;
    return check_by_wire(&check) && check_code_is_there(&check);
}
