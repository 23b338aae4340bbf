/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The hosts of FDCAN (AN5405) and classic CAN (AN3154): the parts of host_kind; can_talk.h tells of
 * the others.
 */
#include <stdlib.h>

#include "base/allocate.h"
#include "base/message.h"
#include "replay/can_talk.h"

static struct can_host *link_of(struct host *host)
{
    return (struct can_host *)host;
}

static struct host *open_host(const struct host_kind *kind, const struct can_dialect *dialect,
                              struct gate *gate, const struct plan_device *device,
                              const struct host_options *options)
{
    struct can_host *link = allocate(sizeof(*link));

    link->host = (struct host){.kind = kind, .gate = gate, .device = device, .options = *options};
    link->dialect = dialect;
    link->detection = device->detection || dialect->detection_answered;
    return &link->host;
}

static struct host *open_fdcan(struct gate *gate, const struct plan_device *device,
                               const struct host_options *options)
{
    return open_host(&host_fdcan, &can_dialect_of_fdcan, gate, device, options);
}

static struct host *open_can(struct gate *gate, const struct plan_device *device,
                             const struct host_options *options)
{
    return open_host(&host_can, &can_dialect_of_can, gate, device, options);
}

static void close_host(struct host *host)
{
    free(host);
}

/**
 * Whether the device may wait for data after a command that got no answer: its answer may be what
 * is lost. The recorded device that said as little took the next command all the same.
 */
static bool leaves_half(const struct plan_command *command, const struct btap_transaction *told)
{
    const struct btap_transaction *recorded = &command->transaction;
    const bool takes_data = told->command == BTAP_WRITE_MEMORY || told->command == BTAP_SPECIAL ||
                            told->command == BTAP_EXTENDED_SPECIAL ||
                            told->command == BTAP_WRITE_PROTECT || told->erase == BTAP_ERASE_PAGES;

    return takes_data && (told->status == BTAP_NO_REPLY || told->status == BTAP_BAD_REPLY) &&
           told->phase < BTAP_PHASE_DATA &&
           (recorded->status != told->status || recorded->phase != told->phase);
}

/** Sends a command, which is in hand. */
static enum host_end send_command(struct can_host *link, const struct plan_command *command,
                                  struct host_answer *answer)
{
    struct can_talk talk = can_talk_begin(link, command, answer);

    (void)link->dialect->senders[command->transaction.command](&talk);
    link->half = link->half || leaves_half(command, &answer->transaction);
    return can_talk_end(&talk);
}

/** Sends a command that is no detection frame. */
static enum host_end send(struct can_host *link, const struct plan_command *command,
                          struct host_answer *answer)
{
    enum host_end end = HOST_ANSWERED;

    if (link->resetting && !link->host.options.as_recorded)
        end = can_wake_return(link, answer);
    if (end != HOST_ANSWERED)
        return end;
    if (!gate_begin(link->host.gate, command))
        return HOST_REFUSED;
    end = send_command(link, command, answer);
    gate_end(link->host.gate);
    return end;
}

static enum host_end perform(struct host *host, const struct plan_command *command,
                             struct host_answer *answer)
{
    struct can_host *link = link_of(host);
    enum host_end end;

    host_answer_begin(host, command, answer);
    if (link->half)
        return host_refuse(host, command,
                           "the device may wait for data of a command before, and take it for "
                           "those; reset the device");
    if (!host_can_send(host, command))
        return HOST_REFUSED;
    if (command->transaction.command != BTAP_SYNC)
        return send(link, command, answer);
    if (!gate_begin(host->gate, command))
        return HOST_REFUSED;
    end = can_wake_detect(link, command, answer);
    gate_end(host->gate);
    return end;
}

static enum host_end begin(struct host *host, const struct plan_command *first,
                           struct host_answer *answer)
{
    struct can_host *link = link_of(host);
    const struct plan_command own = host_own_command(link->dialect->transport, BTAP_SYNC);
    enum host_end end;

    host_answer_begin(host, &own, answer);
    host_answer_end(host, answer, BTAP_OK, BTAP_PHASE_NONE);
    /* Where the recorded host did without it the device's silence may ask for it yet. */
    if (first->transaction.command == BTAP_SYNC || !link->detection)
        return HOST_ANSWERED;
    end = can_wake_detect_own(link, answer);
    /* It was detected before, and takes that frame for a command that it does not have (AN5405
     * table 3, AN3154 section 1): it is there. */
    if (end == HOST_ANSWERED && answer->transaction.status == BTAP_NACK)
        host_answer_end(host, answer, BTAP_OK, BTAP_PHASE_NONE);
    return end;
}

static enum host_end identify(struct host *host, struct host_identity *identity,
                              struct host_answer *answer)
{
    const struct plan_command own =
        host_own_command(link_of(host)->dialect->transport, BTAP_GET_ID);
    const enum host_end end = perform(host, &own, answer);

    *identity = (struct host_identity){
        .pid_known = end == HOST_ANSWERED && (answer->transaction.has & BTAP_HAS_PID) != 0,
        .pid = answer->transaction.pid,
    };
    return end;
}

/** A command that ended is over, and one that did not may wait for data: any frame might complete
 * them, so that nothing is sent. */
static void rest(struct host *host)
{
    const struct can_host *link = link_of(host);

    if (link->half)
        message("%s: the device may wait for data of a command that was not completed; reset it",
                gate_wire(host->gate)->name);
}

const struct host_kind host_fdcan = {
    .transport = BTAP_FDCAN,
    .open = open_fdcan,
    .begin = begin,
    .identify = identify,
    .perform = perform,
    .rest = rest,
    .close = close_host,
};

const struct host_kind host_can = {
    .transport = BTAP_CAN,
    .open = open_can,
    .begin = begin,
    .identify = identify,
    .perform = perform,
    .rest = rest,
    .close = close_host,
};
