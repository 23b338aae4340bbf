/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Live traffic on its way: recorded, decoded, shown as it happens, and judged at the end. What a
 * watch shows as JSON is what decode makes of the pcapng file that it recorded, to the last object:
 * records reach the tap as a reader of that file would hand them over.
 */
#ifndef SNIFFER_WATCH_WATCH_H
#define SNIFFER_WATCH_WATCH_H

#include "decode/show.h"
#include "diagnose/sessions.h"
#include "record/recorder.h"
#include "traffic/traffic.h"

/** Outputs of a watch at most: text and JSON. */
#define WATCH_SHOWS_MAX 2

struct watch_options {
    struct btap_options decoder;
    const struct btap_sink *beside; /**< gets data, notes and transactions too; NULL: nobody */
    const char *name;               /**< of what is watched, for messages */
    size_t shows_length;
    struct show_options shows[WATCH_SHOWS_MAX]; /**< what is printed as it happens */
    struct recorder_options record;             /**< path NULL: nothing is recorded */
    bool must_record; /**< a recording that fails ends the watch; else traffic goes on */
    bool announce;    /**< failed commands are told in messages, at once */
    bool progress;    /**< a status line on a terminal */
    bool quiet;       /**< of each session the verdict and its cause only */
    bool colour;      /**< on standard error */
    struct filter filter;
    uint64_t count; /**< end after so many that the filter of shows[0] lets through, though nothing
                         is shown; 0: no limit */
};

/** How a watch ended. */
struct watch_result {
    uint64_t transactions; /**< seen, shown or not */
    struct diagnose_result sessions;
    bool trouble; /**< recording or printing failed: a message said so */
};

struct watch;

/**
 * Starts to watch, and the recording.
 *
 * @param options kept
 * @param check opened; kept
 * @return NULL: a message says why; freed with watch_free()
 */
struct watch *watch_new(const struct watch_options *options, struct firmware_check *check);

/** What sources hand their traffic to. */
const struct traffic_sink *watch_sink(struct watch *watch);

/** A recording that is late begins: all sources run. */
void watch_begin(struct watch *watch);

/** Whether to go on: false as soon as -c or -a is reached, or nothing more can be shown or
 * recorded, or is read any more. */
bool watch_goes_on(const struct watch *watch);

/** When watch_tick() is due: CLOCK_MONOTONIC, ns; INT64_MAX: never. */
btap_ns watch_deadline(const struct watch *watch);

/** Does what is due. @param now CLOCK_MONOTONIC */
void watch_tick(struct watch *watch, btap_ns now);

/** Takes what a source knows of the losses on an interface, before the end. */
void watch_statistics(struct watch *watch, uint32_t interface_id,
                      const struct traffic_statistics *statistics);

/**
 * Ends the traffic: what is open is told. watch_finish() does it too, if it was not done.
 *
 * @param until the end of the traffic, ns since 1970
 */
void watch_end(struct watch *watch, btap_ns until);

/**
 * Ends: what is open is told, the recording is closed, sessions are judged on standard error.
 *
 * @param until the end of the traffic, ns since 1970
 */
struct watch_result watch_finish(struct watch *watch, btap_ns until);

/** The sessions, after watch_finish(). */
struct sessions *watch_sessions(struct watch *watch);

/** Frees a watch; what was recorded by one that was not finished is closed. */
void watch_free(struct watch *watch);

#endif
