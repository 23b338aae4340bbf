/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/reader/scan.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/digits.h"

#define SECONDS_MAX     UINT64_C(9223372035) /* more nanoseconds do not fit btap_ns */
#define FRACTION_DIGITS 9
#define HOURS           24
#define NOON            12
#define SIXTY           60
#define YEAR_MAX        2261
#define MONTHS          12
#define DAYS_TO_1970    719162 /* from the first day of year 1 */

bool scan_word(const char **at, const char *word)
{
    const size_t length = strlen(word);

    if (strncmp(*at, word, length) != 0)
        return false;
    *at += length;
    return true;
}

bool scan_word_any_case(const char **at, const char *word)
{
    const size_t length = strlen(word);

    if (strncasecmp(*at, word, length) != 0)
        return false;
    *at += length;
    return true;
}

bool scan_spaces(const char **at)
{
    const size_t length = strspn(*at, " \t");

    *at += length;
    return length > 0;
}

bool scan_decimal(const char **at, uint64_t *number)
{
    const size_t digits = strspn(*at, "0123456789");

    return digits > 0 && digits <= SCAN_DIGITS_MAX && scan_digits(at, (unsigned)digits, number);
}

bool scan_digits(const char **at, unsigned digits, uint64_t *number)
{
    uint64_t value = 0;

    if (strspn(*at, "0123456789") != digits)
        return false;
    for (unsigned i = 0; i < digits; i++)
        value = value * 10 + digit_value((*at)[i]);
    *number = value;
    *at += digits;
    return true;
}

bool scan_hex_byte(const char **at, uint8_t *byte)
{
    const unsigned high = digit_value((*at)[0]);
    const unsigned low = high < 16 ? digit_value((*at)[1]) : 16;

    if (low > 15 || digit_value((*at)[2]) < 16)
        return false;
    *byte = (uint8_t)(high << 4 | low);
    *at += 2;
    return true;
}

bool scan_fraction(const char **at, btap_ns *fraction)
{
    const char *digit = *at + 1;
    btap_ns value = 0;
    int digits = 0;

    if ((**at != '.' && **at != ',') || !isdigit((unsigned char)*digit))
        return false;
    for (; isdigit((unsigned char)*digit); digit++, digits++)
        if (digits < FRACTION_DIGITS)
            value = value * 10 + (btap_ns)digit_value(*digit);
    for (; digits < FRACTION_DIGITS; digits++)
        value *= 10;
    *fraction = value;
    *at = digit;
    return true;
}

/** The half of the day that stands behind a time, if it does. @return false: no such hour */
static bool scan_half(const char **at, uint64_t *hour)
{
    const char *end = *at;
    bool afternoon;

    scan_spaces(&end);
    afternoon = scan_word_any_case(&end, "PM");
    if (!afternoon && !scan_word_any_case(&end, "AM"))
        return true;
    if (isalnum((unsigned char)*end))
        return true;
    if (*hour == 0 || *hour > NOON)
        return false;
    *hour = *hour % NOON + (afternoon ? NOON : 0);
    *at = end;
    return true;
}

bool scan_clock(const char **at, btap_ns *of_day)
{
    const char *end = *at;
    btap_ns fraction = 0;
    uint64_t hour;
    uint64_t minute;
    uint64_t second;

    if (!scan_decimal(&end, &hour) || !scan_word(&end, ":") || !scan_digits(&end, 2, &minute) ||
        !scan_word(&end, ":") || !scan_digits(&end, 2, &second))
        return false;
    /* A leap second is one. */
    if (hour >= HOURS || minute >= SIXTY || second > SIXTY)
        return false;
    scan_fraction(&end, &fraction);
    if (!scan_half(&end, &hour))
        return false;
    *of_day = (btap_ns)((hour * SIXTY + minute) * SIXTY + second) * SCAN_NS_PER_S + fraction;
    *at = end;
    return true;
}

static bool is_leap(uint64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool scan_midnight(uint64_t year, uint64_t month, uint64_t day, btap_ns *midnight)
{
    static const uint16_t before[MONTHS + 1] = {0,   31,  59,  90,  120, 151, 181,
                                                212, 243, 273, 304, 334, 365};
    const uint64_t past = year - 1;
    uint64_t days;

    if (year < 1970 || year > YEAR_MAX || month < 1 || month > MONTHS || day < 1 ||
        day > (uint64_t)(before[month] - before[month - 1]) + (month == 2 && is_leap(year)))
        return false;
    days = past * 365 + past / 4 - past / 100 + past / 400 + before[month - 1] + day - 1 +
           (month > 2 && is_leap(year));
    *midnight = (btap_ns)(days - DAYS_TO_1970) * SCAN_DAY;
    return true;
}

bool scan_date(const char **at, btap_ns *midnight)
{
    const char *end = *at;
    uint64_t year;
    uint64_t month;
    uint64_t day;
    char between;

    if (!scan_digits(&end, 4, &year) || (*end != '-' && *end != '/'))
        return false;
    between = *end++;
    if (!scan_digits(&end, 2, &month) || *end++ != between || !scan_digits(&end, 2, &day) ||
        !scan_midnight(year, month, day, midnight))
        return false;
    *at = end;
    return true;
}

/** `Z`, `+01:00` or nothing: how far a clock is ahead of UTC. */
static btap_ns scan_zone(const char **at)
{
    const char *end = *at;
    const bool behind = *end == '-';
    uint64_t hours;
    uint64_t minutes;
    btap_ns ahead;

    if (scan_word(at, "Z") || (!behind && *end != '+'))
        return 0;
    end++;
    if (!scan_digits(&end, 2, &hours) || !scan_word(&end, ":") || !scan_digits(&end, 2, &minutes))
        return 0;
    *at = end;
    ahead = (btap_ns)((hours * SIXTY + minutes) * SIXTY) * SCAN_NS_PER_S;
    return behind ? -ahead : ahead;
}

bool scan_date_time(const char **at, btap_ns *time)
{
    const char *end = *at;
    btap_ns midnight;
    btap_ns of_day;

    if (!scan_date(&end, &midnight) || (!scan_word(&end, "T") && !scan_word(&end, " ")) ||
        !scan_clock(&end, &of_day))
        return false;
    of_day -= scan_zone(&end);
    if (midnight + of_day < 0)
        return false;
    *time = midnight + of_day;
    *at = end;
    return true;
}

bool scan_seconds(const char **at, btap_ns *time)
{
    const char *end = *at;
    btap_ns fraction;
    uint64_t seconds;

    if (!scan_decimal(&end, &seconds) || seconds > SECONDS_MAX || !scan_fraction(&end, &fraction))
        return false;
    *time = (btap_ns)seconds * SCAN_NS_PER_S + fraction;
    *at = end;
    return true;
}

btap_ns scan_day_time(struct scan_days *days, btap_ns of_day)
{
    if (days->has_last && of_day + SCAN_DAY / 2 < days->last &&
        days->midnight < (btap_ns)(SECONDS_MAX - 2 * UINT64_C(86400)) * SCAN_NS_PER_S)
        days->midnight += SCAN_DAY;
    days->has_last = true;
    days->last = of_day;
    return days->midnight + of_day;
}
