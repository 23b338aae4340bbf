/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A DNLOAD and the GETSTATUS requests that have it executed and await it (AN3156 section 5, DFU 1.1
 * section 6.1).
 */
#include <string.h>

#include "base/clock.h"
#include "replay/dfu_link.h"
#include "replay/patience.h"

enum {
    ADDRESS_SIZE = 4,
    COMMAND_SIZE = 1 + ADDRESS_SIZE,

    /* DFU 1.1 table 4.2 */
    MANIFESTATION_TOLERANT = 0x04,

    /* dfu-util's; what the block of a Leave is does not matter */
    LEAVE_BLOCK = 2,

    /* L4: GETSTATUS is stalled at work. Each time twice as long a wait as before */
    STALLS_MAX = 5,
    /* Some devices say 0 and are at work all the same */
    POLLS_AT_ONCE = 3,
};

/** How a DNLOAD goes on. */
enum kind {
    COMMAND,
    LEAVE,         /* AN3156 section 5.5 */
    MANIFESTATION, /* DFU 1.1 section 7: the end of an image */
};

enum verdict {
    ODD, /* no state that it can lead to */
    WAIT,
    DONE,
    FAILED,
};

static const enum verdict verdicts[][DFU_LINK_STATES] = {
    [COMMAND] = {[DFU_LINK_IDLE] = DONE,
                 [DFU_LINK_DNLOAD_SYNC] = WAIT,
                 [DFU_LINK_DNBUSY] = WAIT,
                 [DFU_LINK_DNLOAD_IDLE] = DONE,
                 [DFU_LINK_ERROR] = FAILED},
    [LEAVE] = {[DFU_LINK_DNLOAD_SYNC] = WAIT,
               [DFU_LINK_DNBUSY] = WAIT,
               [DFU_LINK_MANIFEST_SYNC] = WAIT,
               [DFU_LINK_MANIFEST] = DONE,
               [DFU_LINK_MANIFEST_WAIT_RESET] = DONE,
               [DFU_LINK_ERROR] = FAILED},
    [MANIFESTATION] = {[DFU_LINK_IDLE] = DONE,
                       [DFU_LINK_DNLOAD_SYNC] = WAIT,
                       [DFU_LINK_DNBUSY] = WAIT,
                       [DFU_LINK_MANIFEST_SYNC] = WAIT,
                       [DFU_LINK_MANIFEST] = WAIT,
                       [DFU_LINK_MANIFEST_WAIT_RESET] = DONE,
                       [DFU_LINK_ERROR] = FAILED},
};

/** A DNLOAD on its way. */
struct download {
    struct dfu_link *dfu;
    const struct plan_command *command;
    struct host_answer *answer;
    enum kind kind;
    bool resets;   /**< the device leaves the bus where it succeeds */
    btap_ns until; /**< CLOCK_MONOTONIC: the end of patience */
    btap_ns wait;  /**< before the next poll */
    unsigned stalls;
    bool working; /**< an answer said so */
    bool busy_seen;
    btap_ns busy_since;
};

static enum kind kind_of(const struct btap_transaction *transaction)
{
    if (transaction->command == BTAP_LEAVE)
        return LEAVE;
    return transaction->command == BTAP_DOWNLOAD && transaction->length == 0 ? MANIFESTATION
                                                                             : COMMAND;
}

/** Name of the alternate setting in force: a memory layout; NULL if not known. */
static const char *layout_of(const struct dfu_link *dfu)
{
    const struct wire *wire = gate_wire(dfu->host.gate);
    const struct btap_usb_device *usb = wire->usb;

    if (usb == NULL || !usb->configuration_known)
        return NULL;
    for (uint8_t i = 0; i < usb->interfaces_length; i++)
        if (usb->interfaces[i].number == wire->usb_interface &&
            usb->interfaces[i].alternate == dfu->alternate)
            return btap_usb_device_string(usb, usb->interfaces[i].string_index);
    return NULL;
}

/** AN3156 section 5.1: after a write of the option bytes the device resets. */
static bool is_option_bytes(const struct dfu_link *dfu, uint32_t address)
{
    static const char name[] = "@Option Byte";
    const char *layout = layout_of(dfu);

    if (layout != NULL)
        return strncmp(layout, name, sizeof(name) - 1) == 0;
    /* Reference manuals: beside the system memory, or registers of the flash interface */
    return address >> 20 == 0x1ff || address >> 12 == 0x52002 || address >> 12 == 0x40022;
}

static bool has_reset(const struct dfu_link *dfu, const struct btap_transaction *transaction)
{
    switch (kind_of(transaction)) {
    case LEAVE:
    case MANIFESTATION:
        return true;
    case COMMAND:
        break;
    }
    if (transaction->command == BTAP_READ_UNPROTECT)
        return true;
    return transaction->command == BTAP_WRITE_MEMORY &&
           (transaction->has & BTAP_HAS_ADDRESS) != 0 && is_option_bytes(dfu, transaction->address);
}

static enum host_end end(const struct download *download, enum btap_status status,
                         enum btap_phase phase)
{
    host_answer_end(&download->dfu->host, download->answer, status, phase);
    return HOST_ANSWERED;
}

/** The device leaves, as it should. */
static void expect_leave(const struct download *download)
{
    struct dfu_link *dfu = download->dfu;

    dfu->leaving = true;
    dfu->away_at_most = host_patience(
        &dfu->host, patience_for_work(&download->answer->transaction, dfu->host.device->product) +
                        patience_for_answer(BTAP_DFU));
}

/** An answer that leaves it open what the device does: nothing may be asked that looks like more
 * of it. */
static enum host_end give_up(const struct download *download, enum btap_status status,
                             enum btap_phase phase)
{
    download->dfu->unsettled = true;
    return end(download, status, phase);
}

/** Whether a transfer failed as it does where no device is any more. */
static bool is_absent(enum dfu_link_reply reply)
{
    return reply == DFU_LINK_GONE || reply == DFU_LINK_FAILED;
}

/** A GETSTATUS that failed. @return whether to poll again; else *outcome is set */
static bool poll_failed(struct download *download, enum dfu_link_reply reply,
                        enum host_end *outcome)
{
    const enum btap_phase phase = download->working ? BTAP_PHASE_OPERATION : BTAP_PHASE_STATUS;

    if (download->resets && is_absent(reply)) {
        expect_leave(download);
        *outcome = end(download, BTAP_OK, BTAP_PHASE_NONE);
        return false;
    }
    switch (reply) {
    case DFU_LINK_STALLED:
        if (download->busy_seen && download->stalls < STALLS_MAX) {
            download->stalls++;
            download->wait = download->wait > 0 ? 2 * download->wait : CLOCK_NS_PER_MS;
            return true;
        }
        *outcome = give_up(download, BTAP_STALL, BTAP_PHASE_STATUS);
        return false;
    case DFU_LINK_FAILED:
    case DFU_LINK_UNREADABLE:
        *outcome = give_up(download, BTAP_NO_REPLY, BTAP_PHASE_STATUS);
        return false;
    case DFU_LINK_DONE:
    case DFU_LINK_GONE:
    case DFU_LINK_DEAD:
        break;
    }
    *outcome = dfu_link_fail(download->dfu, download->answer, reply, phase);
    return false;
}

/**
 * In dfuMANIFEST a device that does not tolerate manifestation answers no more (DFU 1.1 section
 * 7.1): nobody asks it, but where the recorded host did, and found something.
 */
static bool is_manifested(const struct download *download)
{
    const struct wire *wire = gate_wire(download->dfu->host.gate);
    const struct btap_transaction *recorded = &download->command->transaction;

    return download->kind == MANIFESTATION && wire->usb != NULL && wire->usb->dfu.known &&
           (wire->usb->dfu.attributes & MANIFESTATION_TOLERANT) == 0 && recorded->status == BTAP_OK;
}

static void measure(struct download *download, const struct dfu_link_status *status)
{
    const btap_ns now = clock_monotonic();

    if (status->state == DFU_LINK_DNBUSY && !download->busy_seen) {
        download->busy_seen = true;
        download->busy_since = now;
    }
    if (download->busy_seen)
        download->answer->transaction.busy = now - download->busy_since;
}

static enum host_end done(struct download *download, uint8_t state)
{
    if (state == DFU_LINK_MANIFEST || state == DFU_LINK_MANIFEST_WAIT_RESET)
        expect_leave(download);
    return end(download, BTAP_OK, BTAP_PHASE_NONE);
}

/** A GETSTATUS that was answered. @return whether to poll again; else *outcome is set */
static bool poll_answered(struct download *download, const struct dfu_link_status *status,
                          enum host_end *outcome)
{
    enum verdict verdict = verdicts[download->kind][status->state];

    measure(download, status);
    dfu_link_tell_status(download->answer, status);
    if (status->state == DFU_LINK_MANIFEST && is_manifested(download))
        verdict = DONE;
    switch (verdict) {
    case WAIT:
        download->working = true;
        download->wait = (btap_ns)status->poll_ms * CLOCK_NS_PER_MS;
        if (download->wait == 0 && download->answer->transaction.polls > POLLS_AT_ONCE)
            download->wait = CLOCK_NS_PER_MS;
        return true;
    case DONE:
        *outcome = done(download, status->state);
        break;
    case FAILED:
        *outcome = end(download, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
        break;
    case ODD:
        *outcome = end(download, BTAP_BAD_REPLY, BTAP_PHASE_STATUS);
        break;
    }
    return false;
}

/** Waits as the device asked, though no longer than there is patience. @return false: that ended */
static bool wait_for_poll(const struct download *download)
{
    const btap_ns left = download->until - clock_monotonic();

    if (download->wait > 0 && left <= 0)
        return false;
    dfu_link_sleep(download->wait < left ? download->wait : left);
    return true;
}

static enum host_end poll_until_done(struct download *download)
{
    struct dfu_link *dfu = download->dfu;
    enum host_end outcome = HOST_ANSWERED;
    bool again = true;

    while (again) {
        struct dfu_link_status status;
        enum dfu_link_reply reply;
        btap_ns left;

        if (!wait_for_poll(download))
            return give_up(download, BTAP_NO_REPLY, BTAP_PHASE_OPERATION);
        /* F405: where it erases all of the flash it does not even answer this. */
        left = download->until - clock_monotonic();
        download->answer->transaction.polls++;
        download->answer->transaction.has |= BTAP_HAS_POLLS;
        reply = dfu_link_get_status(
            dfu, left > dfu_link_patience(dfu) ? left : dfu_link_patience(dfu), &status);
        again = reply == DFU_LINK_DONE ? poll_answered(download, &status, &outcome)
                                       : poll_failed(download, reply, &outcome);
    }
    return outcome;
}

static void put_le32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < ADDRESS_SIZE; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

/** Fills in what a command sends: AN3156 sections 5.1 to 5.5. @param bytes COMMAND_SIZE */
static void fill(const struct plan_command *command, uint8_t *bytes, struct wire_control *control)
{
    const struct btap_transaction *transaction = &command->transaction;
    const bool addressed =
        transaction->command == BTAP_SET_ADDRESS || transaction->erase == BTAP_ERASE_ADDRESS;

    if (btap_command_has(transaction->command, BTAP_TRAIT_WRITES)) {
        control->setup.value = transaction->block;
        control->setup.length = (uint16_t)command->payload_length;
        /* It is only read from. */
        control->data = (uint8_t *)(uintptr_t)command->payload;
    } else if (transaction->command == BTAP_LEAVE) {
        control->setup.value = LEAVE_BLOCK;
    } else {
        bytes[0] = transaction->opcode;
        put_le32(bytes + 1, transaction->address);
        control->setup.length = addressed ? COMMAND_SIZE : 1;
        control->data = bytes;
    }
}

/** What a command does to the address pointer: an erase may move it. */
static void follow_pointer(struct dfu_link *dfu, const struct btap_transaction *transaction)
{
    if (transaction->command == BTAP_SET_ADDRESS) {
        dfu->pointer_known = transaction->status == BTAP_OK;
        dfu->pointer = transaction->address;
    } else if (transaction->command == BTAP_ERASE || transaction->command == BTAP_READ_UNPROTECT) {
        dfu->pointer_known = false;
    }
}

static enum host_end request_failed(struct download *download, enum dfu_link_reply reply,
                                    enum btap_usb_status status)
{
    /* GD32: gone before it has answered. */
    if (download->kind == LEAVE && (reply == DFU_LINK_GONE || status == BTAP_USB_BUS_ERROR)) {
        expect_leave(download);
        return end(download, BTAP_OK, BTAP_PHASE_NONE);
    }
    return dfu_link_fail(download->dfu, download->answer, reply, BTAP_PHASE_REQUEST);
}

/** A device that stayed busy until the recorded host gave up may do so again: no full patience. */
static btap_ns patience_of(const struct dfu_link *dfu, const struct btap_transaction *transaction)
{
    const btap_ns usual = patience_for_work(transaction, dfu->host.device->product);
    const btap_ns recorded = 2 * transaction->duration;

    if (transaction->status == BTAP_NO_REPLY && transaction->phase == BTAP_PHASE_OPERATION &&
        recorded < usual)
        return host_patience(&dfu->host, recorded);
    return host_patience(&dfu->host, usual);
}

enum host_end dfu_download(struct dfu_link *dfu, const struct plan_command *command,
                           struct host_answer *answer)
{
    const struct btap_transaction *transaction = &command->transaction;
    uint8_t bytes[COMMAND_SIZE];
    struct wire_control control = {.setup = dfu_link_setup(dfu, DFU_LINK_DNLOAD, 0, 0)};
    struct download download = {
        .dfu = dfu,
        .command = command,
        .answer = answer,
        .kind = kind_of(transaction),
        .resets = has_reset(dfu, transaction),
        .until = clock_monotonic() + patience_of(dfu, transaction),
    };
    enum dfu_link_reply reply;
    enum host_end outcome;

    fill(command, bytes, &control);
    dfu->state = DFU_LINK_UNKNOWN;
    dfu->unsettled = false;
    reply = dfu_link_transfer(dfu, &control);
    if (reply != DFU_LINK_DONE)
        return request_failed(&download, reply, control.status);
    answer->transaction.transferred = command->payload_length;
    outcome = poll_until_done(&download);
    follow_pointer(dfu, &answer->transaction);
    dfu->unfinished = download.kind == COMMAND && transaction->command == BTAP_DOWNLOAD;
    return outcome;
}
