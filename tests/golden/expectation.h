/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a person expects of a capture: captures/expected/NAME.txt, whose grammar captures/README.md
 * tells.
 */
#ifndef GOLDEN_EXPECTATION_H
#define GOLDEN_EXPECTATION_H

#include "decoded.h"

/**
 * Compares what was decoded with the expectation. Every difference is told on stderr.
 *
 * @return how many there are
 */
size_t expectation_compare(const char *path, const struct decoded *decoded);

#endif
