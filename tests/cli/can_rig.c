/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "can_rig.h"

#include <stdlib.h>

#include "base/allocate.h"
#include "test.h"

btap_ns can_rig_patience = 30 * (btap_ns)CAN_RIG_MS;

struct rig *can_rig_start(const struct host_kind *kind, const char *product,
                          const struct can_device_config *config, const struct plan_device *device,
                          bool as_recorded)
{
    const struct host_options options = {.patience = can_rig_patience, .as_recorded = as_recorded};
    struct rig *rig = allocate(sizeof(*rig));

    can_wire_open(&rig->wire, product, config);
    judge_start(&rig->judge);
    rig->device = *device;
    rig->gate = gate_new(&rig->wire.wire, &judge_permit, &rig->device, &rig->judge.sink);
    rig->host = kind->open(rig->gate, &rig->device, &options);
    rig->answer.data = rig->data;
    return rig;
}

void can_rig_finish(struct rig *rig)
{
    rig->host->kind->rest(rig->host);
    judge_settle(&rig->judge);
    rig->host->kind->close(rig->host);
    gate_free(rig->gate);
    free(rig);
}

struct plan_command can_rig_command(enum btap_transport transport, enum btap_command of)
{
    struct plan_command made = host_own_command(transport, of);

    made.origin = PLAN_RECORDED;
    if (of != BTAP_SYNC) {
        made.transaction.has |= BTAP_HAS_CAN_ID;
        made.transaction.request_id = made.transaction.opcode;
    }
    return made;
}

struct plan_command can_rig_memory(struct plan_command made, uint32_t address, uint32_t length,
                                   const uint8_t *payload)
{
    made.transaction.has |= BTAP_HAS_ADDRESS | (length > 0 ? BTAP_HAS_LENGTH : 0);
    made.transaction.address = address;
    made.transaction.length = length;
    made.payload = payload;
    made.payload_length = payload != NULL ? length : 0;
    return made;
}

struct plan_command can_rig_erase(struct plan_command made, enum btap_erase what)
{
    made.transaction.erase = what;
    return made;
}

struct plan_command can_rig_list(struct plan_command made, uint16_t first, uint16_t count)
{
    const bool pages = made.transaction.command == BTAP_ERASE;

    made.transaction.erase = pages ? BTAP_ERASE_PAGES : BTAP_ERASE_NONE;
    made.transaction.list_kind = pages ? BTAP_LIST_PAGES : BTAP_LIST_SECTORS;
    made.transaction.list_announced = count;
    made.transaction.list_length = count;
    for (uint16_t i = 0; i < count; i++)
        made.transaction.list[i] = (uint16_t)(first + i);
    return made;
}

enum host_end can_rig_perform(struct rig *rig, struct plan_command made)
{
    const enum host_end end = rig->host->kind->perform(rig->host, &made, &rig->answer);

    if (end == HOST_ANSWERED)
        judge_keep(&rig->judge, &rig->answer);
    return end;
}

void can_rig_outcome(const struct rig *rig, enum btap_status status, enum btap_phase phase)
{
    assert_string_equal(btap_status_name(rig->answer.transaction.status), btap_status_name(status));
    assert_string_equal(btap_phase_name(rig->answer.transaction.phase), btap_phase_name(phase));
}

void can_rig_answer(struct rig *rig, struct plan_command made, enum btap_status status,
                    enum btap_phase phase)
{
    assert_int_equal(can_rig_perform(rig, made), HOST_ANSWERED);
    can_rig_outcome(rig, status, phase);
}

void can_rig_ok(struct rig *rig, struct plan_command made)
{
    can_rig_answer(rig, made, BTAP_OK, BTAP_PHASE_NONE);
}

void can_rig_log(struct rig *rig, const char *expected)
{
    assert_string_equal(can_wire_log(&rig->wire), expected);
}
