/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the serial host sees of its line, whatever records it: a serial recorder, or the USB
 * traffic of an adapter.
 */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include "capture.h"

struct serial_settings {
    uint32_t baud;
    char parity; /**< 'N', 'E', 'O' */
    uint8_t data_bits;
    uint8_t stop_bits;
};

enum serial_error { SERIAL_PARITY, SERIAL_FRAMING, SERIAL_OVERRUN, SERIAL_BREAK, SERIAL_LOST };

/** A recorder of a serial line. Its functions write what happened at a time. */
struct serial_wire {
    void (*open)(struct serial_wire *wire, sim_ns at, const struct serial_settings *settings);
    void (*lines)(struct serial_wire *wire, sim_ns at, bool dtr, bool rts);
    void (*transmit)(struct serial_wire *wire, sim_ns at, const uint8_t *bytes, size_t length);
    void (*receive)(struct serial_wire *wire, sim_ns at, const uint8_t *bytes, size_t length);
    /** An error of the host's receiver; the bytes that it hit follow by receive(). */
    void (*error)(struct serial_wire *wire, sim_ns at, enum serial_error error);
};

/** How a serial recorder is connected. */
enum rtac_view {
    RTAC_BOTH,    /**< host on TX, device on RX */
    RTAC_SWAPPED, /**< the other way round */
    RTAC_MERGED,  /**< both on RX: half duplex, or a single probe on both lines */
};

struct rtac_wire {
    struct serial_wire wire;
    struct sim_capture *capture;
    enum rtac_view view;
    bool off;            /**< the recorder is not running */
    bool tells_settings; /**< in comments */
    uint8_t line_state;
};

void rtac_wire_init(struct rtac_wire *wire, struct sim_capture *capture, enum rtac_view view);

enum adapter_kind { ADAPTER_CDC_ACM, ADAPTER_FTDI, ADAPTER_CP210X, ADAPTER_CH34X, ADAPTER_PL2303 };

struct adapter_wire {
    struct serial_wire wire;
    struct sim_capture *capture;
    enum adapter_kind kind;
    bool enumerated;   /**< the capture holds the descriptors */
    bool error_events; /**< CP210x: event mode (program with INPCK) */
    uint64_t urbs;     /**< numbers them */
    uint64_t pending_in;
    bool dtr;
    bool rts;
    uint8_t pending_error; /**< FTDI: line status of the next packet */
};

/** The adapter leaves the bus: the read that is under way fails. */
void adapter_wire_unplug(struct adapter_wire *wire, sim_ns at);

void adapter_wire_init(struct adapter_wire *wire, struct sim_capture *capture,
                       enum adapter_kind kind, bool enumerated);

#endif
