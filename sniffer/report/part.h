/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The parts of a report's page, one function each.
 */
#ifndef SNIFFER_REPORT_PART_H
#define SNIFFER_REPORT_PART_H

#include "report/report.h"

/** One session on its way to the page. */
struct report_part {
    FILE *to;
    unsigned number; /**< from 1, in the page */
    const struct btap_session *facts;
    const struct btap_diagnosis *diagnosis;
    const struct report_course *course;    /**< NULL: not kept */
    const struct expectation *expectation; /**< NULL: no firmware is expected, or none was sent */
    const char *firmware;                  /**< name of the file, if expectation is not NULL */
    size_t room;                           /**< bytes of the page that the session may take */
};

/** Whether the times of the session's records mean something; where not, none are shown. */
static inline bool part_is_timed(const struct report_part *part)
{
    return (part->facts->lacks & BTAP_LACKS_TIMES) == 0;
}

/* What parts of a session may take of its room, in per cent. */
#define PART_LIST_SHARE     45
#define PART_TIMELINE_SHARE 25
#define PART_MAP_SHARE      20
#define PART_NOTES_SHARE    3

/** How many things find room: a share of the session's in per cent, by what each takes. */
unsigned part_fitting(const struct report_part *part, unsigned share, unsigned bytes);

/** Longest text that part_text() makes. */
#define PART_TEXT_SIZE (2 * BTAP_DIAGNOSIS_TEXT_SIZE)

/** A text as a value: it may be used until the end of the expression. */
struct part_text {
    char text[PART_TEXT_SIZE];
};

/** A text of the core in which no line ends between a number and its unit, or within that. */
struct part_text part_text(const char *text);

/** Kebab-case class of an activity, which has a colour of its own. */
const char *activity_class(enum activity activity);

/** The activity in words: `Erase`. */
const char *activity_label(enum activity activity);

/** The listed transaction that has number n, or where n is 0 shows a packet; NULL if none does. */
const struct list_item *part_item(const struct report_part *part, uint64_t n, uint64_t packet);

/** Whether the page lists a transaction, so that a link to it leads somewhere. */
bool part_lists(const struct report_part *part, uint64_t n);

/** Opens and closes a link to a transaction's row; nothing if the page does not list it. */
void part_link(const struct report_part *part, uint64_t n);
void part_link_end(const struct report_part *part, uint64_t n);

/** Writes a range: `0x08000000-0x080007ff`. */
void print_range(FILE *to, struct btap_range range);

/** Its line in the list of sessions: of it facts and diagnosis are needed. */
void part_entry(const struct report_part *part);

/** Verdict with its findings; whether the firmware is the expected one; figures. */
void part_verdict(const struct report_part *part);
void part_firmware(const struct report_part *part);
void part_figures(const struct report_part *part);

/** Oddities and weaknesses of the capture: one may know them, none explains a failure. */
void part_oddities(const struct report_part *part);

/** Where time went, the lanes, the addresses over time. course is not NULL. */
void part_timeline(const struct report_part *part);

/** The memory map. course is not NULL. */
void part_memory(const struct report_part *part);

/** The notes, counted, and the transactions. */
void part_remarks(const struct report_part *part);
void part_transactions(const struct report_part *part);

#endif
