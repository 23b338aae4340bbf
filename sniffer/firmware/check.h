/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --expect: the sessions of a capture are held against a firmware file. Listens beside whoever
 * decodes the capture.
 */
#ifndef SNIFFER_FIRMWARE_CHECK_H
#define SNIFFER_FIRMWARE_CHECK_H

#include "cli/options.h"
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

/** Its options, for a struct firmware_check. */
extern const struct option_row firmware_check_options[];

/** Reads the firmware, if one is expected. @return false if that failed; a message says why */
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
