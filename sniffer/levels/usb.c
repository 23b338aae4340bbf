/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "levels/usb.h"

#include <string.h>

/** Length of a bit at 12 Mbit/s. */
#define BIT_PS 83333

/** Where one line changes before the other, that lasts no longer. */
#define SKEW_PS 62000

/** A state that lasts longer is none of a packet: six ones and what the clock is off by. */
#define RUN_MAX 8

/** SYNC has seven zeros, of which hubs may swallow some. */
#define SYNC_MIN 3

/** Ones in a row, behind which a zero is stuffed (section 7.1.9). */
#define STUFF 6

static enum levels_usb_state state_of(bool dp, bool dm)
{
    if (dp)
        return dm ? LEVELS_USB_SE1 : LEVELS_USB_J;
    return dm ? LEVELS_USB_K : LEVELS_USB_SE0;
}

static void damaged(struct levels_usb *usb)
{
    if (usb->synced)
        usb->damaged++;
    usb->receiving = false;
    usb->synced = false;
}

static void begin(struct levels_usb *usb, int64_t at_ps)
{
    usb->receiving = true;
    usb->synced = false;
    usb->zeros = 0;
    usb->ones = 0;
    usb->bits = 0;
    usb->start_ps = at_ps;
    memset(usb->bytes, 0, sizeof(usb->bytes));
}

static void end(struct levels_usb *usb, const struct levels_usb_sink *sink)
{
    /* Behind a hub a bit may follow the last one (section 7.1.9.1). */
    if (usb->receiving && usb->synced && usb->bits >= 8 && usb->bits % 8 <= 1) {
        usb->packets++;
        sink->packet(sink->context, usb->start_ps, usb->bytes, usb->bits / 8);
    } else {
        damaged(usb);
    }
    usb->receiving = false;
}

static void add_bit(struct levels_usb *usb, bool one)
{
    if (usb->ones == STUFF) {
        usb->ones = 0;
        if (one)
            damaged(usb);
        return;
    }
    usb->ones = (uint8_t)(one ? usb->ones + 1 : 0);
    if (usb->bits / 8 == sizeof(usb->bytes)) {
        damaged(usb);
        return;
    }
    usb->bytes[usb->bits / 8] = (uint8_t)(usb->bytes[usb->bits / 8] | one << usb->bits % 8);
    usb->bits++;
}

/** A bit of SYNC or behind it. The one that ends SYNC counts for stuffing. */
static void take_bit(struct levels_usb *usb, bool one)
{
    if (!usb->receiving)
        return;
    if (usb->synced) {
        add_bit(usb, one);
    } else if (!one) {
        usb->zeros++;
    } else {
        usb->synced = usb->zeros >= SYNC_MIN;
        usb->receiving = usb->synced;
        usb->ones = 1;
    }
}

/** A state is over: it began with a zero, and each bit that it lasted longer is a one. */
static void take_state(struct levels_usb *usb, enum levels_usb_state state, int64_t from_ps,
                       int64_t to_ps, const struct levels_usb_sink *sink)
{
    const int64_t bits = (to_ps - from_ps + BIT_PS / 2) / BIT_PS;

    switch (state) {
    case LEVELS_USB_SE0:
        end(usb, sink);
        return;
    case LEVELS_USB_SE1:
        damaged(usb);
        return;
    case LEVELS_USB_J:
    case LEVELS_USB_K:
        break;
    }
    if (bits > RUN_MAX) {
        damaged(usb);
        return;
    }
    if (!usb->receiving && state == LEVELS_USB_K)
        begin(usb, from_ps);
    for (int64_t i = 0; i < bits; i++)
        take_bit(usb, i > 0);
}

void levels_usb_level(struct levels_usb *usb, int64_t at_ps, bool dp, bool dm,
                      const struct levels_usb_sink *sink)
{
    const enum levels_usb_state state = state_of(dp, dm);

    usb->dp = dp;
    usb->dm = dm;
    if (!usb->changing) {
        usb->changing = state != usb->state;
        usb->next = state;
        usb->next_ps = at_ps;
        return;
    }
    if (state == usb->next)
        return;
    if (at_ps - usb->next_ps >= SKEW_PS ||
        ((usb->next == LEVELS_USB_J || usb->next == LEVELS_USB_K) &&
         at_ps - usb->next_ps >= SKEW_PS / 2)) {
        take_state(usb, usb->state, usb->since_ps, usb->next_ps, sink);
        usb->state = usb->next;
        usb->since_ps = usb->next_ps;
        usb->next_ps = at_ps;
    } else {
        /* The change is where one line was on its way and the other was not. */
        usb->next_ps += (at_ps - usb->next_ps) / 2;
        usb->changing = state != usb->state;
    }
    usb->next = state;
}
