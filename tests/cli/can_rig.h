/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A host on CAN and a simulated device, with the decoder as judge; and commands as a plan has them.
 */
#ifndef CAN_RIG_H
#define CAN_RIG_H

#include "can_wire.h"
#include "host_judge.h"

#define CAN_RIG_MS 1000000

struct rig {
    struct can_wire wire;
    struct judge judge;
    struct plan_device device;
    struct gate *gate;
    struct host *host;
    struct host_answer answer;
    uint8_t data[HOST_DATA_MAX];
};

/** How long the hosts of rigs wait that are started from now on. */
extern btap_ns can_rig_patience;

struct rig *can_rig_start(const struct host_kind *kind, const char *product,
                          const struct can_device_config *config, const struct plan_device *device,
                          bool as_recorded);
/** Has the decoder judge what the host told. */
void can_rig_finish(struct rig *rig);

struct plan_command can_rig_command(enum btap_transport transport, enum btap_command of);
struct plan_command can_rig_memory(struct plan_command made, uint32_t address, uint32_t length,
                                   const uint8_t *payload);
struct plan_command can_rig_erase(struct plan_command made, enum btap_erase what);
/** With a list of numbers that follow one another. */
struct plan_command can_rig_list(struct plan_command made, uint16_t first, uint16_t count);

enum host_end can_rig_perform(struct rig *rig, struct plan_command made);
/** Of the last command. */
void can_rig_outcome(const struct rig *rig, enum btap_status status, enum btap_phase phase);
/** Sends a command, which comes out so. */
void can_rig_answer(struct rig *rig, struct plan_command made, enum btap_status status,
                    enum btap_phase phase);
void can_rig_ok(struct rig *rig, struct plan_command made);
/** Frames of the host since this was asked last, as can_wire_log() has them. */
void can_rig_log(struct rig *rig, const char *expected);

#endif
