/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Facts of a session that a test sets by hand, and what btap_diagnose() makes of them.
 */
#ifndef SUPPORT_FACTS_RIG_H
#define SUPPORT_FACTS_RIG_H

#include "boottap/diagnosis.h"

#define SECOND ((btap_ns)1000000000)
#define FLASH  0x08000000u
/* RM0090: 1 MiB, sectors 0 to 11; RM0038: an L1, whose bootloader erases no whole memory */
#define PID_F405 0x413
#define PID_L1   0x416

extern struct btap_session facts;
extern struct btap_diagnosis diagnosis;

/** Starts with a session in which Get was answered. */
void facts_begin(enum btap_transport transport);

/** A failed command, whose bytes were right; the last one, too. */
struct btap_brief *facts_failing(enum btap_command command, enum btap_status status,
                                 enum btap_phase phase);

/** One that was refused at an address. */
void facts_refuse(enum btap_command command, enum btap_phase phase, uint32_t address);

void facts_know_product(uint32_t pid);

/** The first of what btap_diagnose() finds; "" for nothing. */
const char *facts_cause(void);

/** A finding by its rule; NULL if there is none. */
const struct btap_finding *facts_find(const char *rule);

#endif
