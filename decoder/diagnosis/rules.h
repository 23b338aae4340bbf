/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All rules as one list.
 */
#ifndef DECODER_DIAGNOSIS_RULES_H
#define DECODER_DIAGNOSIS_RULES_H

#include "diagnosis/rule.h"

/** A rule by its place in all tables, in the order in which they are tried; NULL beyond. */
const struct diagnosis_rule *diagnosis_rule(size_t place);

/** The row that a rule's words stand in; NULL if they are in none. */
const struct diagnosis_rule *diagnosis_row(const struct btap_rule *rule);

#endif
