/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How times are shown, by the letters of tshark's -t.
 */
#ifndef SNIFFER_BASE_TIME_FORMAT_H
#define SNIFFER_BASE_TIME_FORMAT_H

#include "base/line.h"
#include "boottap/types.h"

enum time_style {
    TIME_STYLE_RELATIVE,   /**< r: since the file's first packet */
    TIME_STYLE_DELTA,      /**< d: since the transaction shown before */
    TIME_STYLE_EPOCH,      /**< e: seconds since 1970 */
    TIME_STYLE_LOCAL,      /**< a: time of day, local */
    TIME_STYLE_LOCAL_DATE, /**< ad: date and time, local */
    TIME_STYLE_UTC,        /**< u: time of day, UTC */
    TIME_STYLE_UTC_DATE,   /**< ud: date and time, UTC */
};

/** State of the times of one file. */
struct time_format {
    enum time_style style;
    btap_ns first;    /**< of the file's first packet */
    btap_ns previous; /**< what TIME_STYLE_DELTA counts from */
    int64_t second;   /**< whose words are kept */
    char words[32];   /**< date and time of that second; "" none kept */
};

/** The style that tshark's letters stand for; false if there is none. */
bool time_style_by_name(const char *name, enum time_style *style);

/** Starts a file whose first packet has this time. */
void time_format_start(struct time_format *format, enum time_style style, btap_ns first);

/** Appends a time, aligned. @param digits after the point: 6 or 9 */
void time_format_append(struct time_format *format, struct line *line, btap_ns time, int digits);

/** Appends seconds, `-0.000123`: with spaces before them up to width. digits: 6 or 9 */
void line_seconds(struct line *line, btap_ns time, int digits, size_t width);

#endif
