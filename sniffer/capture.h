/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A whole capture through the decoders, and the options that say how to understand one: the same
 * for every command that reads captures.
 */
#ifndef SNIFFER_CAPTURE_H
#define SNIFFER_CAPTURE_H

#include "boottap/tap.h"
#include "filter.h"
#include "input.h"

/** One file on its way through the decoders. */
struct capture {
    struct input input;
    struct btap_tap tap;
};

/**
 * Reads a capture and tells the sink everything in it. Troubles are told in messages.
 *
 * @param capture large, not for the stack; its members may be read in the sink's callbacks and
 *        until the next call
 * @param path "-" for standard input
 * @return false if the file could not be read to its end; what comes before was told
 */
bool capture_read(struct capture *capture, const char *path, const struct btap_options *options,
                  const struct btap_sink *sink);

/** Says in a message that a capture, read to its end, held nothing to decode. */
void capture_tell_nothing_found(const struct input *input, const struct btap_counters *counters);

/** Values for struct option of getopt_long(), out of the way of the commands' own from 256. */
enum capture_option {
    CAPTURE_OPTION_SERIAL_DIRECTION = 512,
    CAPTURE_OPTION_TRANSFER_SIZE,
    CAPTURE_OPTION_DFU_ADDRESS,
};

/** Rows for the table of long options. */
#define CAPTURE_OPTIONS                                                                            \
    {"serial-direction", required_argument, NULL, CAPTURE_OPTION_SERIAL_DIRECTION},                \
        {"transfer-size", required_argument, NULL, CAPTURE_OPTION_TRANSFER_SIZE},                  \
    {                                                                                              \
        "dfu-address", required_argument, NULL, CAPTURE_OPTION_DFU_ADDRESS                         \
    }

/** Their lines of help. */
#define CAPTURE_OPTIONS_HELP                                                                       \
    "How to understand the capture:\n"                                                             \
    "      --serial-direction=VIEW  recorded (default), swapped, or merged: not to be trusted\n"   \
    "      --transfer-size=N    DFU: the device's wTransferSize, if the capture does not tell\n"   \
    "      --dfu-address=ADDR   DFU: address pointer before the host sets one (0x08000000)\n"

/**
 * Takes one of these options.
 *
 * @param[out] problem where false is returned: what is wrong with the value
 */
bool capture_option_take(struct btap_options *options, int option, const char *value,
                         char problem[FILTER_PROBLEM_SIZE]);

#endif
