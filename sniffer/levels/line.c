/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "levels/line.h"

#include <stdlib.h>

#include "base/allocate.h"

/** A pause that no character has, whatever its rate: behind it another rate may be spoken. */
#define PAUSE_PS (50 * LEVELS_PS_PER_S / 1000)

/** Rates that differ by no more are one rate. */
#define SAME_RATE 0.03

/** So many bad characters are no damage, but another framing. */
#define FRAMING_ERRORS_MIN 4

void levels_line_start(struct levels_line *line, bool high)
{
    line->started = true;
    line->high = high;
}

bool levels_line_high(const struct levels_line *line)
{
    return line->held_length > 0 ? line->held[line->held_length - 1].high : line->high;
}

bool levels_line_edge(struct levels_line *line, int64_t at_ps, bool high)
{
    if (levels_line_high(line) == high)
        return false;
    line->edges++;
    if (line->skip > 0) {
        line->skip--;
        line->high = high;
        return false;
    }
    if (line->held == NULL)
        line->held = allocate(LEVELS_HELD_MAX * sizeof(*line->held));
    line->held[line->held_length++] = (struct levels_edge){at_ps, high};
    return line->held_length == LEVELS_HELD_MAX;
}

static struct levels_event *add_event(struct levels_line *line)
{
    line->events =
        grow(line->events, line->events_length, &line->events_room, sizeof(*line->events));
    return &line->events[line->events_length++];
}

static void add_character(void *context, const struct uart_character *character)
{
    *add_event(context) = (struct levels_event){.character = *character};
}

static void speak(struct levels_line *line, const struct uart_format *format, bool parity_known,
                  bool high)
{
    line->is_uart = true;
    line->is_noise = false;
    line->parity_known = parity_known;
    uart_start(&line->uart, format, high);
    *add_event(line) = (struct levels_event){
        .settings = true,
        .parity_known = parity_known,
        .format = *format,
    };
}

/** The parity is no guess any more. */
static void learn_parity(struct levels_line *line, const struct uart_fit *fit)
{
    if (line->parity_known || !fit->parity_shows)
        return;
    line->parity_known = true;
    *add_event(line) = (struct levels_event){
        .settings = true,
        .parity_known = true,
        .format = line->uart.format,
    };
}

static void read_stretch(struct levels_line *line, const struct levels_stretch *stretch)
{
    const struct uart_sink sink = {line, add_character};

    for (size_t i = 0; i < stretch->length; i++)
        uart_edge(&line->uart, &stretch->edges[i], &sink);
    uart_until(&line->uart, stretch->until_ps, &sink);
}

/** Where parity is not seen, it is not known whether there is any. */
static bool parity_shows(const struct uart_format *format, const struct uart_fit *fit)
{
    return format->parity != BTAP_PARITY_EVEN || fit->parity_shows;
}

/** Whether what was spoken is given up for what fits better. */
static bool is_better(const struct levels_line *line, const struct uart_fit *now,
                      const struct uart_format *format, const struct uart_fit *fit)
{
    const double ratio = format->bit_ps / line->uart.format.bit_ps;

    if (fit->good <= now->good)
        return false;
    /* A damaged character often fits another framing: that takes more than one to change. */
    return !line->parity_known || ratio < 1 - SAME_RATE || ratio > 1 + SAME_RATE ||
           now->bad >= FRAMING_ERRORS_MIN;
}

/** Reads a stretch as what was spoken before, or as what fits it better. @return false: neither */
static bool take(struct levels_line *line, const struct levels_stretch *stretch,
                 const struct uart_format *hint)
{
    struct uart_format format;
    struct uart_fit fit;
    struct uart_fit now = {0};

    if (line->is_uart) {
        hint = &line->uart.format;
        now = detect_fit(stretch, &line->uart);
    }
    if (!detect_fits_well(&now) && detect_uart(stretch, hint, &format, &fit) &&
        (!line->is_uart || is_better(line, &now, &format, &fit))) {
        speak(line, &format, parity_shows(&format, &fit), stretch->high);
        now = fit;
    }
    if (!line->is_uart)
        return false;
    learn_parity(line, &now);
    read_stretch(line, stretch);
    return true;
}

/** Takes all at once, if it is one thing without a doubt. @return false: nothing was read */
static bool take_whole(struct levels_line *line, const struct levels_stretch *all,
                       const struct uart_format **hint, struct uart_format *found)
{
    struct uart_fit fit;

    if (line->is_uart) {
        fit = detect_fit(all, &line->uart);
    } else {
        if (!detect_uart(all, *hint, found, &fit))
            return false;
        *hint = found;
        if (detect_fits_perfectly(&fit))
            speak(line, found, parity_shows(found, &fit), all->high);
    }
    if (!detect_fits_perfectly(&fit))
        return false;
    learn_parity(line, &fit);
    read_stretch(line, all);
    return true;
}

/** Takes it in parts, which pauses are between. */
static bool take_parts(struct levels_line *line, const struct levels_stretch *all,
                       const struct uart_format *hint)
{
    struct levels_stretch part = {all->edges, 0, all->high, 0};
    bool taken = false;

    for (size_t i = 0; i < all->length; i++) {
        const int64_t end = i + 1 < all->length ? all->edges[i + 1].at_ps : all->until_ps;

        part.length++;
        if (end - all->edges[i].at_ps < PAUSE_PS && i + 1 < all->length)
            continue;
        part.until_ps = end;
        taken |= take(line, &part, hint);
        part = (struct levels_stretch){all->edges + i + 1, 0, all->edges[i].high, 0};
    }
    return taken;
}

/** The longer it was in vain, the less is looked at. */
static void give_up(struct levels_line *line)
{
    if (line->held_length < LEVELS_HELD_MAX)
        return;
    line->is_noise = true;
    line->vain += line->held_length;
    line->skip = line->vain;
}

bool levels_line_settle(struct levels_line *line, int64_t until_ps, bool ends,
                        const struct uart_format *hint)
{
    const struct uart_sink sink = {line, add_character};
    const struct levels_stretch all = {line->held, line->held_length, line->high, until_ps};
    struct uart_format found;

    if (all.length > 0) {
        if (!take_whole(line, &all, &hint, &found) && !take_parts(line, &all, hint)) {
            /* What is little may become clear with more. */
            if (!ends && all.length < LEVELS_HELD_MAX / 2)
                return false;
            give_up(line);
        }
        line->high = line->held[line->held_length - 1].high;
        line->held_length = 0;
    } else if (line->is_uart) {
        uart_until(&line->uart, until_ps, &sink);
    }
    if (ends && line->is_uart)
        uart_end(&line->uart, &sink);
    return line->is_uart;
}

void levels_line_release(struct levels_line *line)
{
    free(line->held);
    free(line->events);
    *line = (struct levels_line){0};
}
