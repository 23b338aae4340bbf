/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/can/asc_date.h"

/** How months begin; German ones in Latin-1 and in UTF-8. */
static const struct {
    const char *begins;
    unsigned number;
} months[] = {
    {"Jan", 1},    {"J\xe4n", 1},     {"J\xc3\xa4n", 1}, {"Feb", 2},  {"Mar", 3},
    {"M\xe4r", 3}, {"M\xc3\xa4r", 3}, {"Mrz", 3},        {"Apr", 4},  {"May", 5},
    {"Mai", 5},    {"Jun", 6},        {"Jul", 7},        {"Aug", 8},  {"Sep", 9},
    {"Oct", 10},   {"Okt", 10},       {"Nov", 11},       {"Dec", 12}, {"Dez", 12},
};

static unsigned month_of(struct word word)
{
    for (size_t i = 0; i < sizeof(months) / sizeof(months[0]); i++)
        if (word_starts(word, months[i].begins))
            return months[i].number;
    return 0;
}

/** The hour of a clock with 12 of them. @return false: it is none */
static bool take_half(struct moment *moment, bool afternoon)
{
    if (moment->hour < 1 || moment->hour > 12)
        return false;
    moment->hour = moment->hour % 12 + (afternoon ? 12 : 0);
    return true;
}

bool asc_date(const struct words *words, size_t at, btap_ns *time)
{
    /* Of a day of the week there may be none. */
    const size_t month = at + (month_of(words->at[at]) == 0 ? 1 : 0);
    const struct word *half = &words->at[month + 3];
    const bool halved = word_is(*half, "am") || word_is(*half, "pm");
    struct moment moment = {.month = month_of(words->at[month])};
    uint64_t day;
    uint64_t year;

    if (!word_number(words->at[month + 1], 10, 31, &day) ||
        !moment_clock(words->at[month + 2], &moment) ||
        !word_number(words->at[month + (halved ? 4 : 3)], 10, 9999, &year) ||
        (halved && !take_half(&moment, word_is(*half, "pm"))))
        return false;
    moment.day = (unsigned)day;
    moment.year = (unsigned)year;
    return moment_time(&moment, time);
}
