/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The way of a capture file: input, decoders, filter, output.
 */
#ifndef SNIFFER_DECODE_DECODE_H
#define SNIFFER_DECODE_DECODE_H

#include "boottap/tap.h"
#include "cli/filter.h"
#include "decode/output.h"

struct decode_options {
    struct btap_options decoder;
    struct filter filter;
    struct output_options output;
    bool summary;
    uint64_t count; /**< transactions after which to stop; 0: no limit */
};

/**
 * Decodes files one after the other. A message says what is wrong with one; the next one follows.
 *
 * @param paths of captures, "-" for standard input
 * @return an exit status
 */
int decode_files(const struct decode_options *options, const char *const *paths, size_t length);

#endif
