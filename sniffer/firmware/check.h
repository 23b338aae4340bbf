/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --expect: the sessions of a capture are held against a firmware file. Listens beside whoever
 * decodes the capture.
 */
#ifndef SNIFFER_FIRMWARE_CHECK_H
#define SNIFFER_FIRMWARE_CHECK_H

#include "firmware/expect.h"
#include "sessions/sessions.h"

/** Start with zero. Readers may look at path. */
struct firmware_check {
    const char *path; /**< of the firmware; NULL: none is expected, and nothing is done */
    bool address_known;
    uint32_t address; /**< where a firmware without addresses begins */
    struct firmware firmware;
    struct expectation expectation;
};

/** Values for struct option of getopt_long(), out of the way of the commands' own. */
enum firmware_check_option {
    FIRMWARE_CHECK_OPTION_EXPECT = 640,
    FIRMWARE_CHECK_OPTION_ADDRESS,
};

/** Rows for the table of long options. */
#define FIRMWARE_CHECK_OPTIONS                                                                     \
    {"expect", required_argument, NULL, FIRMWARE_CHECK_OPTION_EXPECT},                             \
    {                                                                                              \
        "expect-address", required_argument, NULL, FIRMWARE_CHECK_OPTION_ADDRESS                   \
    }

/** Their lines of help. */
#define FIRMWARE_CHECK_OPTIONS_HELP                                                                \
    "      --expect=FIRMWARE    .bin, .hex, .srec, .dfu or .elf: was exactly this sent, was all "  \
    "of\n"                                                                                         \
    "                           it erased before, was it verified, what differs and where\n"       \
    "      --expect-address=ADDR  where a FIRMWARE without addresses begins; without this "        \
    "option\n"                                                                                     \
    "                           the lowest address that was written is taken\n"

/** Takes one of these options. @return false: wrong, told by misused() */
bool firmware_check_take(struct firmware_check *check, int option, const char *value);

/** Reads the firmware, if one is expected. @return false if that failed, told in a message */
bool firmware_check_open(struct firmware_check *check);

/**
 * Holds a session whose effect was kept against the firmware.
 *
 * @return what came of it, valid until the next call; NULL if it tried to write nothing, or no
 *         firmware is expected
 */
const struct expectation *firmware_check_session(struct firmware_check *check,
                                                 const struct session *session);

/** Forgets the firmware. */
void firmware_check_release(struct firmware_check *check);

#endif
