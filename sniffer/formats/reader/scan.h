/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What readers of text read lines with, from left to right: each function moves the place on behind
 * what it read, and leaves it where it was if that does not stand there.
 */
#ifndef SNIFFER_FORMATS_READER_SCAN_H
#define SNIFFER_FORMATS_READER_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boottap/types.h"

#define SCAN_NS_PER_S   1000000000
#define SCAN_DAY        (86400 * (btap_ns)SCAN_NS_PER_S)
#define SCAN_DIGITS_MAX 18 /**< more do not fit a number of 64 bits in any case */

/** Exactly these words. */
bool scan_word(const char **at, const char *word);

/** The same, capitals or not. */
bool scan_word_any_case(const char **at, const char *word);

/** Spaces and tabs, if any. @return whether there were some */
bool scan_spaces(const char **at);

/** A decimal number of at most SCAN_DIGITS_MAX digits. */
bool scan_decimal(const char **at, uint64_t *number);

/** The same with no digits more or less. */
bool scan_digits(const char **at, unsigned digits, uint64_t *number);

/** Two hexadecimal digits, with no third one behind them. */
bool scan_hex_byte(const char **at, uint8_t *byte);

/** `.123` or `,123`: a fraction of a second; digits beyond nanoseconds are dropped. */
bool scan_fraction(const char **at, btap_ns *fraction);

/** `10:15:21`, `10:15:21.123456`, `1:15:21 PM`: since midnight. */
bool scan_clock(const char **at, btap_ns *of_day);

/** `2025-03-14`, `2025/03/14`. @param[out] midnight UTC, since 1970 */
bool scan_date(const char **at, btap_ns *midnight);

/**
 * ISO 8601: `2025-03-14T10:15:21.5`, with or without `Z` or the distance from UTC, `+01:00`, behind
 * it; a space may stand in place of the T.
 *
 * @param[out] time since 1970; UTC, if nothing else is told
 */
bool scan_date_time(const char **at, btap_ns *time);

/** `1741947321.5`, `0.000123`: seconds with a fraction. */
bool scan_seconds(const char **at, btap_ns *time);

/** The midnight of a date. @return false: there is no such date, or it is out of reach */
bool scan_midnight(uint64_t year, uint64_t month, uint64_t day, btap_ns *midnight);

/** Times of day of a log without dates: a clock that goes back far passed midnight. */
struct scan_days {
    bool has_last;
    btap_ns midnight; /**< of the day in hand; days count from 1970 */
    btap_ns last;
};

/** The time that a time of day is. */
btap_ns scan_day_time(struct scan_days *days, btap_ns of_day);

#endif
