/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The interface of the hosts: one file a protocol, which sends one command through the gate, waits
 * for what the device answers as a good host does, and tells the outcome. What they do follows the
 * application notes by itself; the decoder, which sees the same bytes, is their judge.
 */
#ifndef SNIFFER_REPLAY_HOST_H
#define SNIFFER_REPLAY_HOST_H

#include "replay/gate.h"

/** How a command came out. */
enum host_end {
    HOST_ANSWERED, /**< answer tells how; silence of the device too */
    HOST_GONE,     /**< the wire failed, or the device left it: a message said so */
    HOST_REFUSED,  /**< the command was not sent: the gate or the host cannot; a message said so */
};

/** What the device answered. */
struct host_answer {
    /** The request as sent, and status, phase, version, commands, pid, checksum, dfu_state, ... as
     * answered. */
    struct btap_transaction transaction;
    uint8_t *data; /**< what was read; allocated by the caller, HOST_DATA_MAX bytes */
    uint32_t length;
};

/** Bytes that one command reads at most: a DFU block, wTransferSize. */
#define HOST_DATA_MAX 65536

/** What a host may be told. */
struct host_options {
    bool as_recorded; /**< do not get over stray bytes and stalls: send what was sent */
    btap_ns patience; /**< longest wait for any answer; 0: the protocol's own (patience.h) */
};

/** Who the device is, as it said itself. */
struct host_identity {
    bool pid_known;
    uint32_t pid;
    const struct btap_usb_device *usb; /**< NULL for others */
};

struct host_kind;

/** First member of every kind's own struct. */
struct host {
    const struct host_kind *kind;
    struct gate *gate;
    const struct plan_device *device; /**< as the capture shows it; the target is the same one, or
                                         is refused */
    struct host_options options;
};

struct host_kind {
    enum btap_transport transport;
    /** @param gate, device kept; options copied */
    struct host *(*open)(struct gate *gate, const struct plan_device *device,
                         const struct host_options *options);
    /**
     * Brings the device to where it takes commands, if the plan does not begin with that: USART
     * Sync, FDCAN detection, CAN Sync, DFU dfuIDLE. Sends what only asks.
     *
     * @param first the plan's first command
     * @param[in,out] answer of the last command sent, with its data's room
     */
    enum host_end (*begin)(struct host *host, const struct plan_command *first,
                           struct host_answer *answer);
    /** Asks who the device is: Get ID; DFU by its descriptors, which are read already. */
    enum host_end (*identify)(struct host *host, struct host_identity *identity,
                              struct host_answer *answer);
    /** Sends a command and waits for its outcome. */
    enum host_end (*perform)(struct host *host, const struct plan_command *command,
                             struct host_answer *answer);
    /** Leaves the device between commands, after the last or an interrupted one. */
    void (*rest)(struct host *host);
    void (*close)(struct host *host);
};

extern const struct host_kind host_usart;
extern const struct host_kind host_dfu;
extern const struct host_kind host_fdcan;
extern const struct host_kind host_can;

/**
 * Whether a command can be sent as the protocol has it, and is this host's; what comes to a host
 * may be anything.
 *
 * @return false: HOST_REFUSED, a message says why
 */
bool host_can_send(const struct host *host, const struct plan_command *command);

/** Says why a command is not sent. @return HOST_REFUSED */
enum host_end host_refuse(const struct host *host, const struct plan_command *command,
                          const char *why);

/** A command of the replay's own that has no payload. */
struct plan_command host_own_command(enum btap_transport transport, enum btap_command command);

#endif
