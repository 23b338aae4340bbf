/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/usart_host.h"

btap_ns usart_patience(const struct usart_host *host, btap_ns own)
{
    return host->host.options.patience != 0 ? host->host.options.patience : own;
}

btap_ns usart_at_most(const struct usart_host *host, btap_ns own)
{
    const btap_ns patience = usart_patience(host, own);

    return patience < own ? patience : own;
}

void usart_answer_begin(struct host_answer *answer, const struct btap_transaction *transaction)
{
    answer->length = 0;
    answer->transaction = (struct btap_transaction){
        .transport = BTAP_USART,
        .command = transaction->command,
        .has = BTAP_HAS_OPCODE,
        .opcode = transaction->opcode,
    };
}
