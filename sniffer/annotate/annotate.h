/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Puts what the decoders and the diagnosis say into the packets' comments of a pcapng file.
 */
#ifndef SNIFFER_ANNOTATE_ANNOTATE_H
#define SNIFFER_ANNOTATE_ANNOTATE_H

#include <stdbool.h>

#include "boottap/tap.h"

struct annotate_options {
    struct btap_options decoder;
    bool notes;   /**< with notes */
    bool partial; /**< a capture that is not read to its end replaces an output, too */
};

/**
 * Writes a capture with comments. Messages say what goes wrong.
 *
 * @param from a capture, "-" for standard input
 * @param to "-" for standard output
 * @return an exit status
 */
int annotate_file(const struct annotate_options *options, const char *from, const char *to);

#endif
