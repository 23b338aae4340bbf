/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The host of the USART protocol (AN3155).
 */
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "base/message.h"
#include "replay/check.h"
#include "replay/patience.h"
#include "replay/reach.h"
#include "replay/usart_host.h"

/** A device that resets takes commands again within. */
#define RESTART (5 * (btap_ns)CLOCK_NS_PER_SECOND)

static struct usart_host *self(struct host *host)
{
    return (struct usart_host *)host; /* its first member */
}

static struct host *usart_open(struct gate *gate, const struct plan_device *device,
                               const struct host_options *options)
{
    struct usart_host *host = allocate(sizeof(*host));

    host->host = (struct host){&host_usart, gate, device, *options};
    host->line.gate = gate;
    return &host->host;
}

static enum host_end usart_begin(struct host *one, const struct plan_command *first,
                                 struct host_answer *answer)
{
    struct usart_host *host = self(one);
    uint8_t ignored;

    if (!usart_line_drain(&host->line, &ignored))
        return HOST_GONE;
    if (first->transaction.command != BTAP_SYNC)
        return usart_sync_own(host, answer);
    usart_answer_begin(answer, &first->transaction);
    return HOST_ANSWERED;
}

static bool is_option_write(const struct usart_host *host,
                            const struct btap_transaction *transaction)
{
    const struct btap_product *product = host->host.device->product;

    return transaction->command == BTAP_WRITE_MEMORY && product != NULL &&
           product->option_bytes.last != 0 && transaction->address >= product->option_bytes.first &&
           transaction->address <= product->option_bytes.last;
}

/** What a command that ended well leaves of the conversation. */
static void follow_success(struct usart_host *host, const struct btap_transaction *outcome)
{
    const bool wipes = btap_command_has(outcome->command, BTAP_TRAIT_WIPES);

    if (btap_command_has(outcome->command, BTAP_TRAIT_LEAVES)) {
        host->synchronised = false;
    } else if (btap_command_has(outcome->command, BTAP_TRAIT_PROTECTS) ||
               is_option_write(host, outcome)) {
        /* It resets; some erase only after their last answer (AN3155 section 3.12). */
        host->synchronised = false;
        host->returns =
            clock_monotonic() +
            usart_patience(host,
                           wipes ? RESTART + patience_for_work(outcome, host->host.device->product)
                                 : RESTART);
    }
}

/** What a command that got no answer does. */
static void follow_doubt(struct usart_host *host, const struct btap_transaction *request,
                         const struct btap_transaction *outcome)
{
    host->doubt = usart_sync_doubt(outcome);
    host->half = reach_is_short(request);
    host->doubt_told = false;
    host->nothing_follows =
        outcome->phase == BTAP_PHASE_OPERATION ||
        (outcome->phase == BTAP_PHASE_DATA && outcome->command != BTAP_SPECIAL &&
         outcome->command != BTAP_EXTENDED_SPECIAL);
    btap_transaction_describe(outcome, host->doubtful, sizeof(host->doubtful));
}

static void note_place(struct host_answer *answer, uint64_t packet, btap_ns time, uint64_t last)
{
    answer->transaction.first_packet = packet;
    answer->transaction.last_packet = last;
    answer->transaction.time = time;
    answer->transaction.duration = clock_now() > time ? clock_now() - time : 0;
}

/** A command that is in hand. */
static enum host_end exchange(struct usart_host *host, const struct plan_command *command,
                              struct host_answer *answer)
{
    const btap_ns time = clock_now();
    const uint64_t packet = gate_packets(host->host.gate) + 1;
    enum host_end end;

    if (command->transaction.command == BTAP_SYNC) {
        end = usart_sync(host, answer);
    } else {
        end = usart_command_send(host, command, answer);
        if (end == HOST_ANSWERED && answer->transaction.status == BTAP_OK)
            follow_success(host, &answer->transaction);
        else if (end == HOST_ANSWERED)
            follow_doubt(host, &command->transaction, &answer->transaction);
    }
    note_place(answer, packet, time, gate_packets(host->host.gate));
    return end;
}

static enum host_end usart_perform(struct host *one, const struct plan_command *command,
                                   struct host_answer *answer)
{
    struct usart_host *host = self(one);
    enum host_end end;

    if (!host_can_send(one, command))
        return HOST_REFUSED;
    usart_answer_begin(answer, &command->transaction);
    end = usart_sync_ready(host, command);
    if (end != HOST_ANSWERED)
        return end;
    /* A Sync may have been in hand meanwhile. */
    if (!gate_begin(one->gate, command))
        return HOST_REFUSED;
    return exchange(host, command, answer);
}

static enum host_end usart_identify(struct host *one, struct host_identity *identity,
                                    struct host_answer *answer)
{
    const struct plan_command get_id = host_own_command(BTAP_USART, BTAP_GET_ID);
    const enum host_end end = usart_perform(one, &get_id, answer);

    gate_end(one->gate);
    *identity = (struct host_identity){
        .pid_known = end == HOST_ANSWERED && answer->transaction.status == BTAP_OK,
        .pid = answer->transaction.pid,
    };
    return end;
}

static void usart_close(struct host *host)
{
    free(host);
}

const struct host_kind host_usart = {
    .transport = BTAP_USART,
    .open = usart_open,
    .begin = usart_begin,
    .identify = usart_identify,
    .perform = usart_perform,
    .rest = usart_sync_rest,
    .close = usart_close,
};
