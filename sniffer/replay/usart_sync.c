/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How the device is brought to take commands. One byte 0x7F synchronises a device that was reset
 * (AN3155 section 1); for one that is synchronised it is half a command, and a second 0x7F, which
 * is not its complement, gives a NACK. In the middle of a command 0x7F is data; where a few of it
 * might complete what the user did not ask for, nothing is sent.
 */
#include "base/clock.h"
#include "base/message.h"
#include "replay/patience.h"
#include "replay/usart_host.h"

/** Between two 0x7F, as stm32flash has it; so many of them: a person may have to press a button. */
#define TRY   (500 * (btap_ns)CLOCK_NS_PER_MS)
#define TRIES 10

/** @param wants_nack an ACK may be the late answer to another command: only NACK tells */
static enum line_reply send_sync(struct usart_host *host, bool wants_nack)
{
    static const uint8_t byte = USART_SYNC_BYTE;
    const btap_ns each = usart_at_most(host, TRY);
    enum line_reply reply = LINE_QUIET;

    for (unsigned i = 0; i < TRIES || clock_monotonic() < host->returns; i++) {
        if (!usart_line_send(&host->line, &byte, 1))
            return LINE_GONE;
        reply = usart_line_answer(&host->line, clock_monotonic() + each);
        if (reply == LINE_GONE || reply == LINE_TALK || reply == LINE_NACK ||
            (reply == LINE_ACK && !wants_nack))
            return reply;
        /* It was sent once, and once more to tell half a command from silence. */
        if (host->host.options.as_recorded && i > 0)
            break;
    }
    return reply;
}

static void note_synchronised(struct usart_host *host, struct btap_transaction *transaction)
{
    transaction->status = BTAP_NACK;
    transaction->phase = BTAP_PHASE_SYNC;
    transaction->notes_length = 1;
    transaction->notes[0] = (struct btap_note){
        .id = BTAP_NOTE_ALREADY_SYNCED,
        .packet = gate_packets(host->host.gate),
        .time = clock_now(),
    };
}

static enum host_end take_reply(struct usart_host *host, enum line_reply reply,
                                struct btap_transaction *transaction)
{
    switch (reply) {
    case LINE_ACK:
        break;
    case LINE_NACK:
        note_synchronised(host, transaction);
        break;
    case LINE_QUIET:
    case LINE_OTHER:
    case LINE_TALK:
        transaction->status = reply == LINE_QUIET ? BTAP_NO_REPLY : BTAP_BAD_REPLY;
        transaction->phase = BTAP_PHASE_SYNC;
        host->synchronised = false;
        return HOST_ANSWERED;
    case LINE_GONE:
        return HOST_GONE;
    }
    host->synchronised = true;
    host->doubt = DOUBT_NONE;
    host->returns = 0;
    return HOST_ANSWERED;
}

static enum host_end synchronise(struct usart_host *host, struct host_answer *answer,
                                 bool wants_nack)
{
    const struct plan_command sync = host_own_command(BTAP_USART, BTAP_SYNC);

    usart_answer_begin(answer, &sync.transaction);
    return take_reply(host, send_sync(host, wants_nack), &answer->transaction);
}

enum host_end usart_sync(struct usart_host *host, struct host_answer *answer)
{
    return synchronise(host, answer, false);
}

static enum host_end own(struct usart_host *host, struct host_answer *answer, bool wants_nack)
{
    const struct plan_command sync = host_own_command(BTAP_USART, BTAP_SYNC);
    enum host_end end;

    if (!gate_begin(host->host.gate, &sync))
        return HOST_REFUSED;
    end = synchronise(host, answer, wants_nack);
    gate_end(host->host.gate);
    return end;
}

enum host_end usart_sync_own(struct usart_host *host, struct host_answer *answer)
{
    return own(host, answer, false);
}

/** What a command takes behind its code, for what bytes 0x7F would be in it. */
enum takes {
    TAKES_NOTHING, /**< it takes no bytes, or only reads by them */
    TAKES_VALUE,
    TAKES_LIST, /**< any byte might complete it, or be count and data of a write */
};

static enum takes takes_of(enum btap_command command)
{
    static const enum takes takes[BTAP_COMMAND_COUNT] = {
        [BTAP_WRITE_MEMORY] = TAKES_LIST,  [BTAP_GO] = TAKES_VALUE,
        [BTAP_SPECIAL] = TAKES_VALUE,      [BTAP_EXTENDED_SPECIAL] = TAKES_VALUE,
        [BTAP_ERASE] = TAKES_LIST,         [BTAP_EXTENDED_ERASE] = TAKES_LIST,
        [BTAP_WRITE_PROTECT] = TAKES_LIST, [BTAP_COMMAND_UNKNOWN] = TAKES_LIST,
    };

    return takes[command];
}

enum usart_doubt usart_sync_doubt(const struct btap_transaction *answer)
{
    const bool nothing_sent = answer->status == BTAP_INCOMPLETE;

    if (answer->status != BTAP_NO_REPLY && answer->status != BTAP_BAD_REPLY && !nothing_sent)
        return DOUBT_NONE;
    switch (takes_of(answer->command)) {
    case TAKES_NOTHING:
        return DOUBT_HARMLESS;
    case TAKES_VALUE:
        return answer->phase == BTAP_PHASE_COMMAND ||
                       (nothing_sent && (answer->phase == BTAP_PHASE_ADDRESS ||
                                         answer->phase == BTAP_PHASE_SUBCOMMAND))
                   ? DOUBT_HARMLESS
                   : DOUBT_HALF;
    case TAKES_LIST:
        break;
    }
    return DOUBT_HALF;
}

static void tell_half(struct usart_host *host)
{
    if (!host->doubt_told)
        message("%s: '%s' got no answer, and the device may still wait for more of it: nothing "
                "else is sent; reset the device",
                gate_wire(host->host.gate)->name, host->doubtful);
    host->doubt_told = true;
}

/** Something may have come since: the late answer. */
static bool look_for_late_answer(struct usart_host *host)
{
    uint8_t last;

    if (!usart_line_drain(&host->line, &last))
        return false;
    if (last == USART_NACK_BYTE || (last == USART_ACK_BYTE && host->nothing_follows))
        host->doubt = DOUBT_NONE;
    return true;
}

static enum host_end resynchronise(struct usart_host *host, bool wants_nack)
{
    struct host_answer answer = {.length = 0};
    const enum host_end end = own(host, &answer, wants_nack);

    if (end != HOST_ANSWERED || host->synchronised)
        return end;
    message("%s: the device does not answer 0x7f any more; reset it into its bootloader",
            gate_wire(host->host.gate)->name);
    return HOST_GONE;
}

enum host_end usart_sync_ready(struct usart_host *host, const struct plan_command *command)
{
    if (!look_for_late_answer(host))
        return HOST_GONE;
    /* Then the bytes that were recorded are sent to whatever state the device is in; but they must
     * not complete what was judged by what was sent of it. */
    if (host->host.options.as_recorded && (host->doubt == DOUBT_NONE || !host->half))
        return HOST_ANSWERED;
    if (host->doubt == DOUBT_HALF) {
        tell_half(host);
        return HOST_GONE;
    }
    if (command->transaction.command == BTAP_SYNC)
        return HOST_ANSWERED;
    if (host->doubt == DOUBT_HARMLESS) {
        host->synchronised = false;
        return resynchronise(host, true);
    }
    return host->synchronised ? HOST_ANSWERED : resynchronise(host, false);
}

void usart_sync_rest(struct host *one)
{
    struct usart_host *host = (struct usart_host *)one; /* its first member */
    struct host_answer answer = {.length = 0};

    if (host->doubt == DOUBT_NONE || !look_for_late_answer(host) || host->doubt == DOUBT_NONE)
        return;
    if (host->doubt == DOUBT_HALF)
        tell_half(host);
    else if (host->synchronised)
        own(host, &answer, true);
}
