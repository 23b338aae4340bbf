/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/host.h"

/** Row of a command on a transport; NULL if it has no code there. */
static const struct btap_command_info *find(enum btap_transport transport,
                                            enum btap_command command)
{
    for (unsigned opcode = 0; opcode <= UINT8_MAX; opcode++) {
        const struct btap_command_info *info = btap_command_by_opcode(transport, (uint8_t)opcode);

        if (info != NULL && info->command == command)
            return info;
    }
    return NULL;
}

struct plan_command host_own_command(enum btap_transport transport, enum btap_command command)
{
    const struct btap_command_info *info = find(transport, command);
    struct plan_command own = {.origin = PLAN_ADDED};

    own.transaction.transport = transport;
    own.transaction.command = command;
    if (info != NULL) {
        own.transaction.has = BTAP_HAS_OPCODE;
        own.transaction.opcode = (uint8_t)info->opcode;
    }
    return own;
}
