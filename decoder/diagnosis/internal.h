/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the parts of the diagnosis share.
 */
#ifndef DECODER_DIAGNOSIS_INTERNAL_H
#define DECODER_DIAGNOSIS_INTERNAL_H

#include "boottap/diagnosis.h"

/** Whether a note is among those of a step. */
bool diagnosis_step_has(const struct btap_step *step, enum btap_note_id id);

/** Adds [first, last] and joins what touches. */
void diagnosis_ranges_add(struct btap_ranges *ranges, uint32_t first, uint32_t last);

/** How many bytes of [first, last] are in none of the ranges. @param[out] where the first of them
 */
uint64_t diagnosis_ranges_missing(const struct btap_ranges *ranges, uint32_t first, uint32_t last,
                                  uint32_t *where);

/** Holds the facts of a session against the rules: fills its findings. */
void diagnosis_judge(struct btap_session *session);

#endif
