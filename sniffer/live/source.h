/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The interface that every source of live traffic is read through. A kind of source is one file,
 * which defines a struct source_kind, and a row of the table in sources.c.
 *
 * Sources never block but in open, use one thread, and say in messages what is wrong.
 */
#ifndef SNIFFER_LIVE_SOURCE_H
#define SNIFFER_LIVE_SOURCE_H

#include <poll.h>

#include "traffic/traffic.h"

/** What the command line says of all sources. */
struct source_options {
    const char *device; /**< --device: VID:PID, BUS.DEV or dfu; NULL: all. Checked by the parser */
    const char *reset;  /**< --reset: of proxy; NULL: none. Checked by the parser */
};

enum source_state {
    SOURCE_RUNS,
    SOURCE_ENDED, /**< there is nothing more, and nothing is wrong */
    SOURCE_GONE,  /**< the port, adapter, bus or interface vanished, or failed: a message said so */
};

/** Descriptors that one source waits for at most. */
#define SOURCE_POLL_MAX 4

/** No deadline. */
#define SOURCE_NO_DEADLINE INT64_MAX

struct source_kind;

/** First member of every kind's own struct. */
struct source {
    const struct source_kind *kind;
    const char *name; /**< the operand, for messages; kept */
};

struct source_kind {
    /** Whether an operand names a source of this kind. */
    bool (*names)(const char *operand);
    /**
     * Opens what needs privileges. Nothing is sent, nothing is read yet.
     *
     * @param operand kept
     * @param options not NULL; its strings are kept
     * @return NULL: a message says what is wrong and what to do; freed by close
     */
    struct source *(*open)(const char *operand, const struct source_options *options);
    /**
     * Adds the source's interfaces, and the records that stand before its traffic; traffic counts
     * from here on.
     *
     * @param sink kept, outlives the source
     * @return false: a message says what is wrong
     */
    bool (*start)(struct source *source, const struct traffic_sink *sink);
    /**
     * What to wait for.
     *
     * @param[out] fds SOURCE_POLL_MAX of them
     * @param[out] deadline when read() is to be called at the latest, CLOCK_MONOTONIC in ns; set
     *             by the caller to SOURCE_NO_DEADLINE
     * @return how many of fds were set
     */
    size_t (*poll)(struct source *source, struct pollfd *fds, btap_ns *deadline);
    /** Hands all that came to the sink, and does what is due. It may be called at any time. */
    enum source_state (*read)(struct source *source);
    /**
     * Time of the first record that is held back, so that its place among those of other sources is
     * kept. NULL: this kind holds none back.
     *
     * @return INT64_MAX: none is
     */
    btap_ns (*held)(struct source *source);
    /** What is known of the losses of an interface that start() or read() added. */
    void (*statistics)(struct source *source, uint32_t interface_id,
                       struct traffic_statistics *statistics);
    /** Hands over what was held back, closes and frees everything. */
    void (*close)(struct source *source);
};

/* The kinds, a file each */
extern const struct source_kind source_usbmon; /**< usbmonN */
extern const struct source_kind source_can;    /**< a CAN interface */
extern const struct source_kind source_serial; /**< serial:PORT[,BAUD] */
extern const struct source_kind source_tap;    /**< tap:HOSTPORT,DEVPORT[,BAUD] */
extern const struct source_kind source_proxy;  /**< proxy:PORT[,LINK] */

/**
 * Opens the source that an operand names.
 *
 * @return NULL: a message says why
 */
struct source *source_open(const char *operand, const struct source_options *options);

/** Whether an operand is of a kind that sends bytes to a device (those of the tool: proxy). */
bool source_sends(const char *operand);

#endif
