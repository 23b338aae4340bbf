/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A whole capture through the decoders: the same for every command that reads captures.
 */
#ifndef SNIFFER_CAPTURE_CAPTURE_H
#define SNIFFER_CAPTURE_CAPTURE_H

#include "boottap/tap.h"
#include "capture/input.h"

/** One file on its way through the decoders. */
struct capture {
    struct input input;
    struct btap_tap tap;
};

/**
 * Reads a capture; the sink consumes everything in it. Says in messages what is wrong.
 *
 * @param capture large, not for the stack; its members may be read in the sink's callbacks and
 *        until the next call
 * @param path "-" for standard input
 * @return false if the file could not be read to its end; the sink got what comes before
 */
bool capture_read(struct capture *capture, const char *path, const struct btap_options *options,
                  const struct btap_sink *sink);

/** Says in a message that a capture, read to its end, held nothing to decode. */
void capture_tell_nothing_found(const struct input *input, const struct btap_counters *counters);

#endif
