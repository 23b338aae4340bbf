/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/host_answer.h"

#include <string.h>

#include "base/clock.h"

/** Members of a transaction that the host determines. */
#define OF_REQUEST                                                                                 \
    (BTAP_HAS_OPCODE | BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH | BTAP_HAS_POLYNOMIAL |                  \
     BTAP_HAS_INITIAL | BTAP_HAS_SUBCOMMAND | BTAP_HAS_BLOCK | BTAP_HAS_CAN_ID)

static void copy_list(struct btap_transaction *to, const struct btap_transaction *from)
{
    if (from->list_kind != BTAP_LIST_PAGES && from->list_kind != BTAP_LIST_SECTORS)
        return;
    to->list_kind = from->list_kind;
    to->list_announced = from->list_announced;
    to->list_length = from->list_length;
    memcpy(to->list, from->list, btap_transaction_list_kept(from) * sizeof(to->list[0]));
}

void host_answer_begin(const struct host *host, const struct plan_command *command,
                       struct host_answer *answer)
{
    const struct btap_transaction *request = &command->transaction;

    answer->length = 0;
    answer->transaction = (struct btap_transaction){
        .transport = request->transport,
        .command = request->command,
        .status = BTAP_INCOMPLETE,
        .phase = BTAP_PHASE_COMMAND,
        .n = request->n,
        .first_packet = gate_packets(host->gate) + 1,
        .time = clock_now(),
        .has = request->has & OF_REQUEST,
        .opcode = request->opcode,
        .address = request->address,
        .length = request->length,
        .polynomial = request->polynomial,
        .initial = request->initial,
        .subcommand = request->subcommand,
        .sent_length = request->sent_length,
        .sent2_length = request->sent2_length,
        .block = request->block,
        .alternate = request->alternate,
        .request_id = request->request_id,
        .erase = request->erase,
    };
    copy_list(&answer->transaction, request);
}

void host_answer_end(const struct host *host, struct host_answer *answer, enum btap_status status,
                     enum btap_phase phase)
{
    struct btap_transaction *transaction = &answer->transaction;
    const btap_ns now = clock_now();

    transaction->status = status;
    transaction->phase = phase;
    transaction->last_packet = gate_packets(host->gate);
    transaction->duration = now > transaction->time ? now - transaction->time : 0;
}

void host_answer_list(struct host_answer *answer, uint16_t entry)
{
    struct btap_transaction *transaction = &answer->transaction;

    if (transaction->list_length < BTAP_LIST_MAX)
        transaction->list[transaction->list_length] = entry;
    transaction->list_length++;
}

btap_ns host_patience(const struct host *host, btap_ns usual)
{
    return host->options.patience > 0 ? host->options.patience : usual;
}
