/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "levels/detect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

/** Longest run of equal bits within a character: more is a pause. */
#define RUN_MAX 9

/** How far a pulse may be from a whole number of bits, to be measured with. */
#define MISFIT_MAX 0.35

/** How far pulses may be from that on average; of pulses of any length it would be 0.25. */
#define MISFIT_MEAN_MAX 0.2

/** Deviation of a rate from the one that is meant: more, and UARTs would not understand it. */
#define DEVIATION_MAX 0.025

/** So many pulses, and most of them no longer than this part of others, are a clock. */
#define CLOCK_MIN    32
#define CLOCK_SPREAD 1.4

/** Of a hundred characters so many may be bad in a line that is believed; and of few. */
#define BAD_PERCENT_MAX  12
#define BAD_PERCENT_FEW  25
#define FEW              32
#define BAD_PERCENT_WELL 5

/** One break in so many characters is the host's doing; more, and the rate is another one. */
#define BREAK_PART 4

/** In the order of preference where they fit the same. */
static const struct {
    uint8_t data_bits;
    enum btap_parity parity;
} framings[] = {
    {8, BTAP_PARITY_EVEN},
    {8, BTAP_PARITY_NONE},
    {8, BTAP_PARITY_ODD},
    {7, BTAP_PARITY_NONE},
};

/* A format on trial */

static void judge(void *context, const struct uart_character *character)
{
    struct uart_fit *fit = context;

    if (character->errors == UART_BREAK) {
        fit->breaks++;
    } else if (character->errors != 0) {
        fit->bad++;
    } else {
        fit->good++;
        fit->structured |= character->edges >= 4;
        fit->parity_shows |= !character->parity_bit;
    }
}

struct uart_fit detect_fit(const struct levels_stretch *stretch, const struct uart *receiver)
{
    struct uart_fit fit = {0};
    const struct uart_sink sink = {&fit, judge};
    struct uart uart = *receiver;

    for (size_t i = 0; i < stretch->length; i++)
        uart_edge(&uart, &stretch->edges[i], &sink);
    uart_until(&uart, stretch->until_ps, &sink);
    uart_end(&uart, &sink);
    fit.bad += (uint32_t)(uart.glitches - receiver->glitches);
    fit.parity_shows &= uart.format.parity != BTAP_PARITY_NONE;
    return fit;
}

/** How bad it is, in a hundredth of a percent. */
static uint32_t badness(const struct uart_fit *fit)
{
    const bool breaks_count = fit->breaks > 1 && fit->breaks > fit->good / BREAK_PART;
    const uint64_t bad = fit->bad + (breaks_count ? (uint64_t)fit->breaks : 0);

    return fit->good == 0 ? 10000 : (uint32_t)(10000 * bad / (fit->good + bad));
}

bool detect_fits_perfectly(const struct uart_fit *fit)
{
    return fit->good > 0 && fit->bad == 0 && fit->breaks == 0;
}

bool detect_fits_well(const struct uart_fit *fit)
{
    return badness(fit) <= BAD_PERCENT_WELL * 100;
}

static bool believable(const struct uart_fit *fit)
{
    const uint32_t percent = fit->good < FEW ? BAD_PERCENT_FEW : BAD_PERCENT_MAX;

    return fit->structured && badness(fit) <= percent * 100;
}

/* The length of a bit */

static int compare(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a;
    const int64_t right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

/** The lengths of all pulses between two edges, the shortest first; the caller frees them. */
static int64_t *pulses_of(const struct levels_stretch *stretch)
{
    int64_t *pulses = allocate(stretch->length * sizeof(*pulses));

    for (size_t i = 1; i < stretch->length; i++)
        pulses[i - 1] = stretch->edges[i].at_ps - stretch->edges[i - 1].at_ps;
    qsort(pulses, stretch->length - 1, sizeof(*pulses), compare);
    return pulses;
}

/**
 * The length of a bit that all pulses fit best which can be so many bits, as nearly as the first
 * guess allows.
 *
 * @return 0: they are not of whole bits of about that length
 */
static double refine(const int64_t *pulses, size_t length, double bit)
{
    double misfit = 0;
    size_t used = 0;

    for (int pass = 0; pass < 3; pass++) {
        double weighted = 0;
        double weight = 0;

        misfit = 0;
        used = 0;
        for (size_t i = 0; i < length && (double)pulses[i] < (RUN_MAX + 0.5) * bit; i++) {
            const double bits = (double)pulses[i] / bit;
            const double whole = round(bits);

            if (whole < 1)
                continue;
            misfit += fabs(bits - whole);
            used++;
            if (fabs(bits - whole) <= MISFIT_MAX) {
                weighted += whole * (double)pulses[i];
                weight += whole * whole;
            }
        }
        if (weight == 0)
            return 0;
        bit = weighted / weight;
    }
    return misfit <= MISFIT_MEAN_MAX * (double)used ? bit : 0;
}

/** Whether all pulses but those between bursts are of one length. */
static bool is_clock(const int64_t *pulses, size_t length)
{
    const size_t tenth = length / 10;

    return length >= CLOCK_MIN && (double)pulses[tenth * 9] < CLOCK_SPREAD * (double)pulses[tenth];
}

/** The level at which the line stayed longest is that of the idle line. */
static bool idles_low(const struct levels_stretch *stretch)
{
    int64_t longest = 0;
    bool high = stretch->high;

    for (size_t i = 0; i < stretch->length; i++) {
        const int64_t end =
            i + 1 < stretch->length ? stretch->edges[i + 1].at_ps : stretch->until_ps;

        if (end - stretch->edges[i].at_ps > longest) {
            longest = end - stretch->edges[i].at_ps;
            high = stretch->edges[i].high;
        }
    }
    return !high;
}

/* The search */

struct search {
    const struct levels_stretch *stretch;
    const int64_t *pulses;
    size_t pulses_length;
    bool inverted; /**< what is tried first */
    bool found;
    struct uart_format format; /**< the best one */
    struct uart_fit fit;
};

/** @return whether nothing better can be found */
static bool try_format(struct search *search, const struct uart_format *format)
{
    struct uart receiver;
    struct uart_fit fit;

    uart_start(&receiver, format, search->stretch->high);
    fit = detect_fit(search->stretch, &receiver);
    if (!believable(&fit) || (search->found && badness(&fit) >= badness(&search->fit)))
        return false;
    search->found = true;
    search->format = *format;
    search->fit = fit;
    return badness(&fit) == 0;
}

static bool try_bit(struct search *search, double guess)
{
    const double bit = refine(search->pulses, search->pulses_length, guess);

    if (bit < (double)LEVELS_PS_PER_S / DETECT_BAUD_MAX ||
        bit > (double)LEVELS_PS_PER_S / DETECT_BAUD_MIN)
        return false;
    for (int inverted = 0; inverted < 2; inverted++)
        for (size_t i = 0; i < sizeof(framings) / sizeof(framings[0]); i++) {
            const struct uart_format format = {bit, framings[i].data_bits, framings[i].parity,
                                               search->inverted != (inverted != 0)};

            if (try_format(search, &format))
                return true;
        }
    return false;
}

/** The shortest pulses may be glitches: longer ones are tried as well. */
static void try_pulses(struct search *search)
{
    static const unsigned percents[] = {0, 1, 5, 10, 20, 35, 50};
    int64_t before;

    for (unsigned bits = 1; bits <= 3; bits++) {
        before = 0;
        for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
            const int64_t pulse = search->pulses[search->pulses_length * percents[i] / 100];

            if (pulse - before > before / 16 && try_bit(search, (double)pulse / bits))
                return;
            before = pulse;
        }
    }
}

bool detect_uart(const struct levels_stretch *stretch, const struct uart_format *hint,
                 struct uart_format *format, struct uart_fit *fit)
{
    struct search search = {.stretch = stretch};
    int64_t *pulses;

    if (stretch->length < 4)
        return false;
    pulses = pulses_of(stretch);
    search.pulses = pulses;
    search.pulses_length = stretch->length - 1;
    search.inverted = idles_low(stretch);
    if (!is_clock(pulses, search.pulses_length) && (hint == NULL || !try_format(&search, hint)))
        try_pulses(&search);
    free(pulses);
    if (search.found) {
        *format = search.format;
        *fit = search.fit;
    }
    return search.found;
}

/* Rates */

static const uint32_t standard_rates[] = {
    300,     600,     1200,    2400,    4800,    9600,     14400,   19200,   28800,
    31250,   38400,   57600,   76800,   115200,  128000,   230400,  250000,  256000,
    460800,  500000,  576000,  921600,  1000000, 1152000,  1500000, 2000000, 2500000,
    3000000, 3500000, 4000000, 6000000, 8000000, 12000000,
};

/** To three digits. */
static uint32_t rounded(double rate)
{
    uint32_t unit = 1;

    while (rate / unit >= 1000)
        unit *= 10;
    return (uint32_t)lround(rate / unit) * unit;
}

uint32_t detect_baud(const struct uart_format *format)
{
    const double rate = (double)LEVELS_PS_PER_S / format->bit_ps;
    double nearest = DEVIATION_MAX;
    uint32_t baud = rounded(rate);

    for (size_t i = 0; i < sizeof(standard_rates) / sizeof(standard_rates[0]); i++) {
        const double off = fabs(rate / standard_rates[i] - 1);

        if (off <= nearest) {
            nearest = off;
            baud = standard_rates[i];
        }
    }
    return baud;
}
