/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/gate.h"

#include <stdlib.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "base/message.h"
#include "replay/gate_check.h"
#include "replay/gate_record.h"
#include "replay/risk.h"

struct gate {
    struct wire *wire;
    struct gate_permit permit;
    const struct plan_device *device;
    const struct plan_command *command; /**< in hand; NULL: none */
    bool shut;                          /**< a message came that may not pass */
    struct gate_check check;
    struct gate_record record;
};

bool gate_covers(const struct gate_permit *permit, uint32_t needs, enum plan_risk risk)
{
    const struct risk_lack lack =
        risk_lacks(permit->allowed, permit->confirmed, permit->irreversible, needs, risk);

    return risk_lacks_nothing(&lack);
}

struct gate *gate_new(struct wire *wire, const struct gate_permit *permit,
                      const struct plan_device *device, const struct traffic_sink *sink)
{
    struct gate *gate = allocate(sizeof(*gate));

    gate->wire = wire;
    gate->permit = *permit;
    gate->device = device;
    gate_record_start(&gate->record, wire, sink);
    return gate;
}

void gate_free(struct gate *gate)
{
    if (gate == NULL)
        return;
    wire_close(gate->wire);
    free(gate);
}

const struct wire *gate_wire(const struct gate *gate)
{
    return gate->wire;
}

uint64_t gate_packets(const struct gate *gate)
{
    return gate->record.packets;
}

bool gate_begin(struct gate *gate, const struct plan_command *command)
{
    const struct btap_transaction *transaction = &command->transaction;
    char words[BTAP_DESCRIBE_SIZE];

    gate->check.messages = 0;
    gate->command = NULL;
    /* What the plan says of it is not believed. */
    if (!gate_covers(&gate->permit, risk_needs(transaction), risk_of(gate->device, transaction))) {
        message("%s: '%s' is not allowed, and is not sent", gate->wire->name,
                btap_transaction_describe(transaction, words, sizeof(words)));
        return false;
    }
    gate->command = command;
    return true;
}

void gate_end(struct gate *gate)
{
    gate->command = NULL;
}

/** Such a message is a mistake in this program: nothing it says can be relied on after that. */
static void shut(struct gate *gate, const char *why)
{
    char words[BTAP_DESCRIBE_SIZE];

    if (gate->command == NULL)
        message("%s: a message is not sent: %s; this is a mistake in boottap, please report it",
                gate->wire->name, why);
    else
        message("%s: a message of '%s' is not sent: %s; this is a mistake in boottap, please "
                "report it",
                gate->wire->name,
                btap_transaction_describe(&gate->command->transaction, words, sizeof(words)), why);
    gate->shut = true;
}

enum wire_result gate_send(struct gate *gate, const struct wire_message *message)
{
    const btap_ns time = clock_now();
    enum wire_result result;
    const char *wrong;

    if (gate->shut)
        return WIRE_GONE;
    wrong = gate_check_message(&gate->check, gate->wire, gate->command, message);
    if (wrong != NULL) {
        shut(gate, wrong);
        return WIRE_GONE;
    }
    result = wire_send(gate->wire, message);
    if (result != WIRE_DONE)
        return result;
    gate_check_sent(&gate->check, message);
    gate_record_sent(&gate->record, message, time);
    return WIRE_DONE;
}

enum wire_result gate_receive(struct gate *gate, struct wire_received *received, btap_ns deadline)
{
    const enum wire_result result = wire_receive(gate->wire, received, deadline);

    if (result == WIRE_DONE)
        gate_record_received(&gate->record, received);
    return result;
}

enum wire_result gate_reopen(struct gate *gate, btap_ns deadline)
{
    const enum wire_result result = wire_reopen(gate->wire, deadline);

    gate->check = (struct gate_check){.messages = 0};
    if (result == WIRE_DONE)
        gate_record_reads(&gate->record);
    return result;
}
