/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "wire.h"

static struct rtac_wire *self(struct serial_wire *wire)
{
    return (struct rtac_wire *)wire; /* its first member */
}

static void put(struct rtac_wire *rtac, sim_ns at, enum sim_rtac event, const uint8_t *bytes,
                size_t length)
{
    if (!rtac->off)
        sim_write_rtac(rtac->capture, at, event, rtac->line_state, bytes, length);
}

/** The format has no settings: opening shows as the line state, settings as the comment that
 * boottap run writes. */
static void write_open(struct serial_wire *wire, sim_ns at, const struct serial_settings *settings)
{
    const struct rtac_wire *rtac = self(wire);
    char comment[64];

    snprintf(comment, sizeof(comment), "boottap serial: %u %u%c%u", (unsigned)settings->baud,
             settings->data_bits, settings->parity, settings->stop_bits);
    if (rtac->tells_settings)
        sim_write_rtac_comment(rtac->capture, at, rtac->line_state, comment);
    else
        put(self(wire), at, RTAC_STATUS, NULL, 0);
}

static void write_lines(struct serial_wire *wire, sim_ns at, bool dtr, bool rts)
{
    self(wire)->line_state = (uint8_t)((dtr ? RTAC_DTR : 0) | (rts ? RTAC_RTS : 0));
    put(self(wire), at, RTAC_STATUS, NULL, 0);
}

static void write_transmit(struct serial_wire *wire, sim_ns at, const uint8_t *bytes, size_t length)
{
    enum sim_rtac event = self(wire)->view == RTAC_BOTH ? RTAC_TX : RTAC_RX;
    put(self(wire), at, event, bytes, length);
}

static void write_receive(struct serial_wire *wire, sim_ns at, const uint8_t *bytes, size_t length)
{
    enum sim_rtac event = self(wire)->view == RTAC_SWAPPED ? RTAC_TX : RTAC_RX;
    put(self(wire), at, event, bytes, length);
}

static void write_error(struct serial_wire *wire, sim_ns at, enum serial_error error)
{
    static const enum sim_rtac events[] = {
        [SERIAL_PARITY] = RTAC_PARITY,    [SERIAL_FRAMING] = RTAC_FRAMING,
        [SERIAL_OVERRUN] = RTAC_OVERFLOW, [SERIAL_BREAK] = RTAC_BREAK,
        [SERIAL_LOST] = RTAC_LOST,
    };
    put(self(wire), at, events[error], NULL, 0);
}

void rtac_wire_init(struct rtac_wire *wire, struct sim_capture *capture, enum rtac_view view)
{
    *wire = (struct rtac_wire){
        .wire = {write_open, write_lines, write_transmit, write_receive, write_error},
        .capture = capture,
        .view = view,
    };
}
