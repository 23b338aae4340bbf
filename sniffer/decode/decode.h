/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The way of a capture file: input, decoders, filter, output.
 */
#ifndef SNIFFER_DECODE_DECODE_H
#define SNIFFER_DECODE_DECODE_H

#include "boottap/tap.h"
#include "decode/show.h"

struct decode_options {
    struct btap_options decoder;
    struct show_options show;
    const char *hex_out; /**< where the sessions go in hexadecimal; NULL: nowhere */
};

/**
 * Decodes files one after the other. A message says what is wrong with one; the next one follows.
 *
 * @param paths of captures, "-" for standard input
 * @return an exit status
 */
int decode_files(const struct decode_options *options, const char *const *paths, size_t length);

#endif
