/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a report shows of a capture beside the diagnosis: of each session its course over time, its
 * effect on memory, its transactions. Collected in one pass, in memory that does not grow with the
 * length of the capture.
 */
#ifndef SNIFFER_REPORT_REPORT_H
#define SNIFFER_REPORT_REPORT_H

#include <stdio.h>

#include "boottap/tap.h"
#include "firmware/check.h"
#include "report/list.h"
#include "report/memory.h"
#include "report/timeline.h"
#include "sessions/sessions.h"

/** Sessions that are kept and shown; of further ones it is said that they are left out. */
#define REPORT_SESSIONS_MAX 64
/** About how large a page may be. */
#define REPORT_BYTES_MAX 1600000
/** Pages of memory that are kept: 8 MiB, twice the largest flash. */
#define REPORT_PAGES_MAX 8192
/** Events of a session that have a mark on the timeline. */
#define REPORT_MARKS_MAX 256
/** Failed commands of a session that the memory map names. */
#define REPORT_REFUSALS_MAX 32

/** A note of BTAP_WARN or above, on the timeline. */
struct report_mark {
    btap_ns time;
    uint64_t n; /**< its transaction; 0 none */
    struct btap_note note;
};

/** A command that failed at an address, perhaps several times. */
struct report_refusal {
    uint64_t n; /**< of the first */
    uint64_t count;
    enum btap_command command;
    enum btap_status status;
    struct btap_range range;
};

/** The course of one session. */
struct report_course {
    struct report *report;
    size_t place; /**< in the report's courses */
    const struct btap_product *product;
    char layout[BTAP_LAYOUT_NAME_SIZE]; /**< name of the DfuSe memory; "" unknown */
    struct timeline timeline;
    struct memory memory;
    struct list list;
    size_t marks_length;
    struct report_mark marks[REPORT_MARKS_MAX];
    size_t refusals_length;
    struct report_refusal refusals[REPORT_REFUSALS_MAX];
};

struct report {
    struct sessions sessions; /**< their own is a struct report_course */
    struct session_observer observer;
    uint64_t transactions;
    size_t courses_length;
    struct report_course *courses[REPORT_SESSIONS_MAX]; /**< of sessions in hand, too */
};

/** Starts a report. @param tap that decodes the capture; not NULL, kept */
void report_init(struct report *report, const struct btap_tap *tap);

/** The sink that collects into a report. */
struct btap_sink report_sink(struct report *report);

/** Ends the capture; call it after the tap's end. */
void report_finish(struct report *report);

void report_release(struct report *report);

/** What the page says about the capture as a whole. */
struct report_capture {
    const char *name;
    const char *command_line; /**< that makes the page */
    uint64_t packets;
    btap_ns first;
    bool complete; /**< it was read to its end */
    uint64_t malformed;
    uint64_t truncated;
    struct firmware_check *check; /**< not NULL; its path may be */
};

/**
 * Writes the page, once: what is kept of the sessions is cut down to what finds room in it.
 *
 * @param to can be positioned. ferror() says whether that succeeded.
 */
void report_write(FILE *to, struct report *report, const struct report_capture *capture);

#endif
