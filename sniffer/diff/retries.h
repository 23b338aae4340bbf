/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What failed and was repeated at once.
 */
#ifndef SNIFFER_DIFF_RETRIES_H
#define SNIFFER_DIFF_RETRIES_H

#include "diff/steps.h"

/**
 * Finds the repetition of a failed transaction: the next one that is about the same, with nothing
 * between but what leads from a failure to a repetition.
 *
 * @param steps numbered by btap_comparison_step()
 * @param index of the failed one
 * @param room for one transaction
 * @return its index; the given one if there is none
 */
size_t retries_repetition(const struct steps *steps, size_t index, struct unpacked *room);

#endif
