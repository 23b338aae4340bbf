/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The loop of live capture: waits for sources, hands what they bring to a watch, in time order, and
 * ends on a signal, a limit, or the end of the sources.
 */
#ifndef SNIFFER_WATCH_LOOP_H
#define SNIFFER_WATCH_LOOP_H

#include <signal.h>

#include "live/source.h"
#include "watch/watch.h"

/** Sources at once. */
#define LOOP_SOURCES_MAX 16

/** How a loop ended. */
enum loop_result {
    LOOP_ENDED,
    LOOP_GONE,       /**< a source vanished or failed: a message said so */
    LOOP_NOT_STARTED /**< likewise, before anything was recorded or shown: the watch is to be freed
                          unfinished */
};

/**
 * Runs until it ends, and closes the sources.
 *
 * @param sources opened; closed at the end
 * @param tell whether messages say that the sources are listened to
 * @param waiting the signal mask for waiting, of interrupt_catch_waiting()
 */
enum loop_result loop_run(struct watch *watch, struct source *const *sources, size_t length,
                          bool tell, const sigset_t *waiting);

#endif
