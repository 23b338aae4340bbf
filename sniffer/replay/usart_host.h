/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The parts of the USART host (AN3155): what it knows of the device between two commands, how it
 * gets it to take commands, and the commands themselves.
 */
#ifndef SNIFFER_REPLAY_USART_HOST_H
#define SNIFFER_REPLAY_USART_HOST_H

#include "replay/host.h"
#include "replay/usart_line.h"

/** What a command without an answer leaves behind: the device may wait for more of it. */
enum usart_doubt {
    DOUBT_NONE,     /**< it waits for a command */
    DOUBT_HARMLESS, /**< a few bytes 0x7F complete nothing that does something */
    DOUBT_HALF,     /**< any byte might complete what was not meant */
};

struct usart_host {
    struct host host;
    struct usart_line line;
    bool synchronised; /**< the device took 0x7F since it was reset last */
    enum usart_doubt doubt;
    bool doubt_told;
    bool half;            /**< its rest is in no capture: it was not sent to its end */
    bool nothing_follows; /**< an answer to the command in doubt is the end of it */
    btap_ns returns; /**< CLOCK_MONOTONIC: when a device that resets is back at the latest; 0 */
    char doubtful[BTAP_DESCRIBE_SIZE]; /**< the command in doubt, in words */
};

/** The longest wait: what the user says, or the protocol's own. */
btap_ns usart_patience(const struct usart_host *host, btap_ns own);

/** The shorter one of a wait, and of what the user says. */
btap_ns usart_at_most(const struct usart_host *host, btap_ns own);

/** Begins an answer to a command, of which nothing was sent yet. */
void usart_answer_begin(struct host_answer *answer, const struct btap_transaction *transaction);

/* usart_sync.c */

/** Sync, which is in hand: 0x7F until it is answered. NACK: the device was synchronised before. */
enum host_end usart_sync(struct usart_host *host, struct host_answer *answer);

/** The same as a command of the host's own. @param answer of it */
enum host_end usart_sync_own(struct usart_host *host, struct host_answer *answer);

/**
 * Gets the device to wait for a command: after a reset, or where it is in doubt. Another command
 * may be in hand afterwards, or none.
 *
 * @return HOST_GONE: it cannot be had; a message said why
 */
enum host_end usart_sync_ready(struct usart_host *host, const struct plan_command *command);

/** Whether the device may wait for more of a command that ended like this. */
enum usart_doubt usart_sync_doubt(const struct btap_transaction *answer);

/** host_kind.rest */
void usart_sync_rest(struct host *one);

/* usart_command.c */

/** Sends a command, which is in hand and no Sync, to a device that waits for one. */
enum host_end usart_command_send(struct usart_host *host, const struct plan_command *command,
                                 struct host_answer *answer);

#endif
