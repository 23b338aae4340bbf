/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The active host: sends a plan to a device, command by command, and stops where the device answers
 * unlike the one in the capture.
 */
#ifndef SNIFFER_REPLAY_REPLAY_H
#define SNIFFER_REPLAY_REPLAY_H

#include "live/reset.h"
#include "replay/answers.h"
#include "replay/host.h"

struct replay_options {
    struct gate_permit permit;
    struct host_options host;
    bool go_on;          /**< --continue: past answers that differ; never past another PID */
    bool as_recorded;    /**< pacing too */
    bool accept_unknown; /**< confirmed: a product that is not in the table */
    struct reset reset;  /**< serial: before the first byte, and at the end */
    /**
     * Tells who the device is as soon as that is known, before anything that changes it is sent:
     * after the answer to the first Get ID, of the plan or the replay's own; DFU: after begin. It
     * may add commands at the end of the plan, which are sent too (--translate). NULL: nobody
     * wants to know.
     *
     * @return false: nothing more is to be sent, a message said why: REPLAY_REFUSED
     */
    bool (*identified)(void *context, const struct host_identity *identity);
    void *context; /**< of identified */
};

/** How a replay ended. */
enum replay_end {
    REPLAY_SAME,      /**< all was sent, and answered as recorded */
    REPLAY_DIFFERENT, /**< an answer was unlike the recorded one */
    REPLAY_WRONG_DEVICE,
    REPLAY_GONE,    /**< the device or the wire vanished */
    REPLAY_STOPPED, /**< by the user */
    REPLAY_REFUSED, /**< something could not be sent */
};

struct replay_result {
    enum replay_end end;
    size_t sent;            /**< commands of the plan */
    uint64_t different;     /**< answers that were unlike */
    size_t first_different; /**< index in the plan; valid if different is not 0 */
    char words[256];        /**< why it ended, for people; "" for REPLAY_SAME */
    char half[320];         /**< which command the device waits for more of, and what to do; "" */
    char flash[256];        /**< in what state the flash memory is, if it ended early; "" */
};

/**
 * Sends a plan. A device that takes a command which the recorded one refused, and of which the
 * capture has no more, waits for the rest: nothing is sent to it any more, also with go_on.
 *
 * @param gate open, with the permit of options
 * @param answers consumes each answer
 * @param stopped whether the user wants it to end; asked between commands
 */
void replay_run(const struct plan *plan, struct gate *gate, const struct replay_options *options,
                struct answers *answers, bool (*stopped)(void), struct replay_result *result);

#endif
