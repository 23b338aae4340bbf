/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a host does not send.
 */
#include "base/message.h"
#include "replay/check.h"
#include "replay/host.h"

enum host_end host_refuse(const struct host *host, const struct plan_command *command,
                          const char *why)
{
    char words[BTAP_DESCRIBE_SIZE];

    message("%s: '%s' is not sent: %s", gate_wire(host->gate)->name,
            btap_transaction_describe(&command->transaction, words, sizeof(words)), why);
    return HOST_REFUSED;
}

bool host_can_send(const struct host *host, const struct plan_command *command)
{
    char why[CHECK_WORDS_SIZE];

    if (command->transaction.transport != host->kind->transport) {
        host_refuse(host, command, "it is no command of this wire");
        return false;
    }
    if (check_command(host->device, command, why))
        return true;
    host_refuse(host, command, why);
    return false;
}
