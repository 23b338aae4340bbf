/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A rule with its evidence. diagnosis_rules.c has the table.
 */
#ifndef DIAGNOSIS_RULES_H
#define DIAGNOSIS_RULES_H

#include "diagnosis_internal.h"

/** Notes that a rule may name. */
#define RULE_NOTES_MAX 4

/** A note's id as it stands in a rule; 0 is none. */
#define NOTE(id) (BTAP_NOTE_##id + 1)

/** Whether a rule's special condition holds. step is NULL for rules that need no failed command. */
typedef bool rule_condition(const struct btap_session *session, const struct btap_step *step,
                            struct btap_finding *finding);

/**
 * A rule holds where everything that it names is so. Causes are tried for each failed command,
 * from the top of the table down: the first that holds explains the command.
 */
struct diagnosis_rule {
    struct btap_rule text;
    bool stepless;       /**< about the session as a whole, not about a failed command */
    bool explains_all;   /**< a stepless cause that accounts for every failed command */
    uint32_t transports; /**< sets of bits 1 << value; 0 is any */
    uint32_t commands;
    uint32_t statuses;
    uint32_t phases;
    uint32_t dfu_statuses;              /**< the bStatus that the device gave as reason */
    bool clean;                         /**< nothing wrong was seen in the host's bytes */
    uint16_t step_note[RULE_NOTES_MAX]; /**< the failed command has one of these notes */
    uint16_t note[RULE_NOTES_MAX];      /**< the session has one of these notes */
    rule_condition *also;
};

extern const struct diagnosis_rule btap_diagnosis_rules[];
extern const size_t btap_diagnosis_rules_length;

#endif
