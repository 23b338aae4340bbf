/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Recordings: pcapng or pcap files, written as the traffic comes. A record is in the file (handed
 * to the kernel in one write) when recorder_record() returns, so that whatever happens costs at
 * most the record in hand. A ring of files and limits are those of dumpcap.
 *
 * pcapng (draft-ietf-opsawg-pcapng): times in nanoseconds; interface names, descriptions, filters;
 * direction in epb_flags; the command line as comment of the section; at the end a statistics block
 * for each interface with the end time and the drops. Each file of a ring stands alone: it repeats
 * section and interfaces.
 */
#ifndef SNIFFER_RECORD_RECORDER_H
#define SNIFFER_RECORD_RECORDER_H

#include "traffic/traffic.h"

/** Operand that stands for standard output. */
#define RECORDER_STDOUT "-"

/** How to record. Zero but for path: one file without limits. */
struct recorder_options {
    bool late;               /**< a file stays what it was until recorder_begin() or a record */
    const char *path;        /**< `*.pcap`: pcap; else pcapng. "-": standard output, no ring */
    const char *application; /**< shb_userappl: `boottap 1.0`; not NULL */
    const char *comment;     /**< of the section: the command line; NULL: none */
    uint64_t ring_kb;    /**< -b filesize: next file after so many kB of 1000 bytes; 0: no ring */
    uint64_t ring_s;     /**< -b duration: likewise after so many seconds; 0 */
    uint64_t ring_files; /**< -b files: so many are kept; 0: all. Only with one of those above */
    uint64_t stop_kb;    /**< -a filesize, of all files together; 0: no limit */
    uint64_t stop_s;     /**< -a duration */
};

enum recorder_state {
    RECORDER_RUNS,
    RECORDER_FULL,   /**< end the recording: a limit of -a is reached, or nobody reads the pipe any
                          more; nothing more is written */
    RECORDER_FAILED, /**< writing failed: a message said so, once; what is in the file is readable,
                          nothing more is written */
};

struct recorder;

/**
 * Starts a recording. A message says what goes wrong.
 *
 * @return NULL: nothing was started
 */
struct recorder *recorder_open(const struct recorder_options *options);

/** What is late begins: the sources run. */
enum recorder_state recorder_begin(struct recorder *recorder);

/** Adds an interface; numbers count from 0. pcap: a second link type makes the recording fail. */
enum recorder_state recorder_interface(struct recorder *recorder,
                                       const struct traffic_interface *interface);

/** Adds a record of an interface that was added before. */
enum recorder_state recorder_record(struct recorder *recorder, const struct traffic_record *record);

/** When recorder_tick() is due, for -a and -b duration, and to see who reads a pipe go:
 * CLOCK_MONOTONIC, ns; INT64_MAX: never. */
btap_ns recorder_deadline(const struct recorder *recorder);

/** Does what is due by time. @param now CLOCK_MONOTONIC */
enum recorder_state recorder_tick(struct recorder *recorder, btap_ns now);

/** Drops of an interface, for the statistics at the end of every file. */
void recorder_statistics(struct recorder *recorder, uint32_t interface_id,
                         const struct traffic_statistics *statistics);

/** Name of the file in hand; NULL with standard output. */
const char *recorder_file(const struct recorder *recorder);

/** Gives up a recording. One that is late and did not begin leaves the file as it was. */
void recorder_abandon(struct recorder *recorder);

/**
 * Ends the recording: statistics, with until as their end time.
 *
 * @return false if it failed, now or before, or its reader did not get all
 */
bool recorder_close(struct recorder *recorder, btap_ns until);

#endif
