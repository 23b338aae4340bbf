/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The host of FDCAN (AN5405): the parts of host_kind; fdcan_link.h tells of the others.
 */
#include <stdlib.h>

#include "base/allocate.h"
#include "base/message.h"
#include "replay/fdcan_link.h"

static struct fdcan_link *link_of(struct host *host)
{
    return (struct fdcan_link *)host;
}

static struct host *open_fdcan(struct gate *gate, const struct plan_device *device,
                               const struct host_options *options)
{
    struct fdcan_link *link = allocate(sizeof(*link));

    link->host =
        (struct host){.kind = &host_fdcan, .gate = gate, .device = device, .options = *options};
    link->detection = device->detection;
    return &link->host;
}

static void close_fdcan(struct host *host)
{
    free(host);
}

/** Sends a command that is no detection frame. */
static enum host_end send(struct fdcan_link *link, const struct plan_command *command,
                          struct host_answer *answer)
{
    enum host_end end = HOST_ANSWERED;

    if (link->resetting && !link->host.options.as_recorded)
        end = fdcan_wake_return(link, answer);
    if (end != HOST_ANSWERED)
        return end;
    if (!gate_begin(link->host.gate, command))
        return HOST_REFUSED;
    end = fdcan_command_send(link, command, answer);
    gate_end(link->host.gate);
    return end;
}

static enum host_end perform(struct host *host, const struct plan_command *command,
                             struct host_answer *answer)
{
    struct fdcan_link *link = link_of(host);
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
    end = fdcan_wake_detect(link, command, answer);
    gate_end(host->gate);
    return end;
}

static enum host_end begin(struct host *host, const struct plan_command *first,
                           struct host_answer *answer)
{
    struct fdcan_link *link = link_of(host);
    const struct plan_command own = host_own_command(BTAP_FDCAN, BTAP_SYNC);
    enum host_end end;

    host_answer_begin(host, &own, answer);
    host_answer_end(host, answer, BTAP_OK, BTAP_PHASE_NONE);
    /* Where the recorded host did without it the device's silence may ask for it yet. */
    if (first->transaction.command == BTAP_SYNC || !host->device->detection)
        return HOST_ANSWERED;
    end = fdcan_wake_detect_own(link, answer);
    /* It was detected before, and takes that frame for a command that it does not have (AN5405
     * table 3): it is there. */
    if (end == HOST_ANSWERED && answer->transaction.status == BTAP_NACK)
        host_answer_end(host, answer, BTAP_OK, BTAP_PHASE_NONE);
    return end;
}

static enum host_end identify(struct host *host, struct host_identity *identity,
                              struct host_answer *answer)
{
    const struct plan_command own = host_own_command(BTAP_FDCAN, BTAP_GET_ID);
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
    const struct fdcan_link *link = link_of(host);

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
    .close = close_fdcan,
};
