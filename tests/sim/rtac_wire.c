/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire.h"

static struct rtac_wire *self(struct serial_wire *wire)
{
    return (struct rtac_wire *)wire; /* its first member */
}

static void write_open(struct serial_wire *wire, sim_ns at, const struct serial_settings *settings)
{
    /* The format has no settings; opening shows as the line state. */
    (void)settings;
    sim_write_rtac(self(wire)->capture, at, RTAC_STATUS, self(wire)->line_state, NULL, 0);
}

static void write_lines(struct serial_wire *wire, sim_ns at, bool dtr, bool rts)
{
    self(wire)->line_state = (uint8_t)((dtr ? RTAC_DTR : 0) | (rts ? RTAC_RTS : 0));
    sim_write_rtac(self(wire)->capture, at, RTAC_STATUS, self(wire)->line_state, NULL, 0);
}

static void write_transmit(struct serial_wire *wire, sim_ns at, const uint8_t *bytes, size_t length)
{
    enum sim_rtac event = self(wire)->view == RTAC_BOTH ? RTAC_TX : RTAC_RX;
    sim_write_rtac(self(wire)->capture, at, event, self(wire)->line_state, bytes, length);
}

static void write_receive(struct serial_wire *wire, sim_ns at, const uint8_t *bytes, size_t length)
{
    enum sim_rtac event = self(wire)->view == RTAC_SWAPPED ? RTAC_TX : RTAC_RX;
    sim_write_rtac(self(wire)->capture, at, event, self(wire)->line_state, bytes, length);
}

static void write_error(struct serial_wire *wire, sim_ns at, enum serial_error error)
{
    static const enum sim_rtac events[] = {
        [SERIAL_PARITY] = RTAC_PARITY,    [SERIAL_FRAMING] = RTAC_FRAMING,
        [SERIAL_OVERRUN] = RTAC_OVERFLOW, [SERIAL_BREAK] = RTAC_BREAK,
        [SERIAL_LOST] = RTAC_LOST,
    };
    sim_write_rtac(self(wire)->capture, at, events[error], self(wire)->line_state, NULL, 0);
}

void rtac_wire_init(struct rtac_wire *wire, struct sim_capture *capture, enum rtac_view view)
{
    *wire = (struct rtac_wire){
        .wire = {write_open, write_lines, write_transmit, write_receive, write_error},
        .capture = capture,
        .view = view,
    };
}
