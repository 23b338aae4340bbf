/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The options by which a person says what a capture does not.
 */
#ifndef SNIFFER_CLI_CAPTURE_OPTIONS_H
#define SNIFFER_CLI_CAPTURE_OPTIONS_H

#include "boottap/tap.h"
#include "cli/options.h"

/** What may stand for FILE, for a command's help. */
#define CAPTURE_FORMATS                                                                            \
    "a capture or another tool's log, as it is or packed with gzip, zstd or xz; - is standard "    \
    "input"

/** For a struct btap_options. */
extern const struct option_row capture_options[];

/** Their group. @param target offset of the struct */
#define CAPTURE_OPTIONS(target)                                                                    \
    {                                                                                              \
        "How to understand the capture:", capture_options, target, 0                               \
    }

#endif
