/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts_rig.h"

#include <string.h>

struct btap_session facts;
struct btap_diagnosis diagnosis;

void facts_begin(enum btap_transport transport)
{
    memset(&facts, 0, sizeof(facts));
    facts.transport = transport;
    facts.number = 1;
    facts.transactions = 2;
    facts.counts[BTAP_OK] = 1;
    facts.done[BTAP_GET] = 1;
}

struct btap_brief *facts_failing(enum btap_command command, enum btap_status status,
                                 enum btap_phase phase)
{
    struct btap_brief *failed = &facts.failures[facts.failures_length++];

    *failed = (struct btap_brief){
        .n = 2,
        .first_packet = 3,
        .last_packet = 4,
        .command = command,
        .status = status,
        .phase = phase,
        .clean = true,
    };
    facts.last = *failed;
    return failed;
}

void facts_refuse(enum btap_command command, enum btap_phase phase, uint32_t address)
{
    struct btap_brief *failed = facts_failing(command, BTAP_NACK, phase);

    failed->has = BTAP_HAS_ADDRESS;
    failed->address = address;
}

void facts_know_product(uint32_t pid)
{
    facts.pid_known = true;
    facts.pid = pid;
}

const char *facts_cause(void)
{
    btap_diagnose(&facts, &diagnosis);
    return diagnosis.findings_length > 0 ? diagnosis.findings[0].rule->id : "";
}

const struct btap_finding *facts_find(const char *rule)
{
    btap_diagnose(&facts, &diagnosis);
    for (uint32_t i = 0; i < diagnosis.findings_length; i++)
        if (strcmp(diagnosis.findings[i].rule->id, rule) == 0)
            return &diagnosis.findings[i];
    return NULL;
}
