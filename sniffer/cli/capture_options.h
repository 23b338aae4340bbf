/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The options by which a person tells what a capture does not.
 */
#ifndef SNIFFER_CLI_CAPTURE_OPTIONS_H
#define SNIFFER_CLI_CAPTURE_OPTIONS_H

#include "boottap/tap.h"
#include "cli/capture_options.h"
#include "cli/filter.h"

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
