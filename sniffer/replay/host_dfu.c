/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The host of DFU: DfuSe (AN3156) and plain DFU 1.1. It does what dfu-util does, and no more
 * transfers, but that it:
 *  - brings the device to where it takes the next transfer, if it is not there;
 *  - sets the address pointer where the device's is another one than the command was recorded
 *    with: the command that set it may not be sent;
 *  - waits as long as this device says, not the recorded one.
 */
#include <stdlib.h>

#include "base/allocate.h"
#include "replay/dfu_link.h"
#include "replay/limits.h"

static struct dfu_link *link_of(struct host *host)
{
    return (struct dfu_link *)host;
}

static struct host *open_dfu(struct gate *gate, const struct plan_device *device,
                             const struct host_options *options)
{
    struct dfu_link *dfu = allocate(sizeof(*dfu));

    dfu->host =
        (struct host){.kind = &host_dfu, .gate = gate, .device = device, .options = *options};
    dfu->state = DFU_LINK_UNKNOWN;
    return &dfu->host;
}

static void close_dfu(struct host *host)
{
    free(host);
}

/* What can be sent at all */

/** Whether it fits the device, whose blocks may be smaller than those of the recorded one. */
static bool is_too_large(const struct dfu_link *dfu, const struct btap_transaction *transaction)
{
    const uint32_t most = dfu_link_transfer_size(dfu);

    return btap_command_has(transaction->command, BTAP_TRAIT_WRITES | BTAP_TRAIT_READS) &&
           most > 0 && transaction->length > most;
}

/** A plain device takes the bytes of a DfuSe command for firmware. */
static bool is_foreign(const struct dfu_link *dfu, enum btap_command command)
{
    const struct btap_usb_device *usb = gate_wire(dfu->host.gate)->usb;
    const bool is_dfuse = command == BTAP_SET_ADDRESS || command == BTAP_ERASE ||
                          command == BTAP_READ_UNPROTECT || command == BTAP_WRITE_MEMORY;

    return is_dfuse && usb != NULL && usb->dfu.known && usb->dfu.bcd_dfu != BTAP_BCD_DFUSE;
}

static enum host_end check(const struct dfu_link *dfu, const struct plan_command *command)
{
    if (is_foreign(dfu, command->transaction.command))
        return host_refuse(&dfu->host, command,
                           "the device speaks plain DFU (bcdDFU is not 0x011a) and would take it "
                           "for firmware; it needs a capture of plain DFU");
    if (is_too_large(dfu, &command->transaction))
        return host_refuse(&dfu->host, command,
                           "the device takes no block as large as that (wTransferSize); capture "
                           "with a smaller one, or give the firmware by --image");
    return host_can_send(&dfu->host, command) ? HOST_ANSWERED : HOST_REFUSED;
}

/* The address pointer: AN3156 section 5.2 */

/** Sets it, as a command of the replay's own. */
static enum host_end set_pointer(struct dfu_link *dfu, uint32_t address, struct host_answer *answer)
{
    struct plan_command own = host_own_command(BTAP_DFU, BTAP_SET_ADDRESS);
    enum host_end end;

    own.transaction.address = address;
    own.transaction.has |= BTAP_HAS_ADDRESS;
    own.transaction.alternate = dfu->alternate;
    if (!gate_begin(dfu->host.gate, &own))
        return HOST_REFUSED;
    end = dfu_ready_for(dfu, DFU_READY_DNLOAD);
    host_answer_begin(&dfu->host, &own, answer);
    if (end == HOST_ANSWERED)
        end = dfu_download(dfu, &own, answer);
    gate_end(dfu->host.gate);
    return end;
}

/** A pointer that could not be set is how the command that needs it came out. */
static void answer_by_pointer(const struct dfu_link *dfu, const struct plan_command *command,
                              struct host_answer *answer)
{
    const struct btap_transaction *own = &answer->transaction;
    const struct dfu_link_status status = {own->dfu_status, own->dfu_state, own->dfu_string, 0};
    const bool told = (own->has & BTAP_HAS_DFU_STATUS) != 0;
    const enum btap_status came_to = own->status;
    const enum btap_phase phase = own->phase;
    const uint64_t first_packet = own->first_packet;

    host_answer_begin(&dfu->host, command, answer);
    answer->transaction.first_packet = first_packet;
    if (told)
        dfu_link_tell_status(answer, &status);
    host_answer_end(&dfu->host, answer, came_to, phase);
}

static uint32_t offset_of(const struct dfu_link *dfu, const struct btap_transaction *transaction)
{
    return transaction->block < CHECK_FIRST_BLOCK
               ? 0
               : (transaction->block - CHECK_FIRST_BLOCK) * dfu_link_transfer_size(dfu);
}

/** A device that counts in other blocks than the recorded one gets each at its own address. */
static void fit_block(const struct dfu_link *dfu, struct btap_transaction *transaction)
{
    const struct btap_dfu_functional *recorded = &dfu->host.device->usb.dfu;

    if (dfu->host.device->usb_known && recorded->known &&
        recorded->transfer_size != dfu_link_transfer_size(dfu) &&
        transaction->block > CHECK_FIRST_BLOCK)
        transaction->block = CHECK_FIRST_BLOCK;
}

/**
 * Has the pointer where the command needs it. One that failed is the command's answer.
 *
 * @param[in,out] command its block may be another one after it
 * @param[out] ready whether the command is to be sent
 * @param[out] moved whether the device is in another state for it than the recorded one was
 */
static enum host_end prepare_pointer(struct dfu_link *dfu, struct plan_command *command,
                                     struct host_answer *answer, bool *ready, bool *moved)
{
    struct btap_transaction *transaction = &command->transaction;
    const bool memory =
        transaction->command == BTAP_WRITE_MEMORY || transaction->command == BTAP_READ_MEMORY;
    uint32_t pointer;
    enum host_end end;

    *ready = true;
    *moved = false;
    if ((!memory && transaction->command != BTAP_LEAVE) ||
        (transaction->has & BTAP_HAS_ADDRESS) == 0)
        return HOST_ANSWERED;
    if (memory)
        fit_block(dfu, transaction);
    /* C071: without a pointer it does not leave, and is to refuse it again. */
    if (!memory && transaction->status == BTAP_DFU_ERROR && !dfu->pointer_known)
        return HOST_ANSWERED;
    pointer = transaction->address - (memory ? offset_of(dfu, transaction) : 0);
    if (dfu->pointer_known && dfu->pointer == pointer)
        return HOST_ANSWERED;
    end = set_pointer(dfu, pointer, answer);
    *ready = end == HOST_ANSWERED && answer->transaction.status == BTAP_OK;
    *moved = *ready;
    if (!*ready)
        answer_by_pointer(dfu, command, answer);
    return end;
}

/* Performing */

/** What a command is on the bus; none but these come so far. */
enum transfer {
    NO_TRANSFER, /* a request of its own */
    DNLOAD,
    UPLOAD,
};

static enum transfer transfer_of(enum btap_command command)
{
    static const enum transfer transfers[BTAP_COMMAND_COUNT] = {
        [BTAP_GET] = UPLOAD,          [BTAP_READ_MEMORY] = UPLOAD,    [BTAP_UPLOAD] = UPLOAD,
        [BTAP_SET_ADDRESS] = DNLOAD,  [BTAP_ERASE] = DNLOAD,          [BTAP_LEAVE] = DNLOAD,
        [BTAP_WRITE_MEMORY] = DNLOAD, [BTAP_READ_UNPROTECT] = DNLOAD, [BTAP_DOWNLOAD] = DNLOAD,
    };

    return transfers[command];
}

static enum host_end request(struct dfu_link *dfu, const struct plan_command *command,
                             struct host_answer *answer)
{
    const enum btap_command what = command->transaction.command;

    if (what == BTAP_GET_STATE)
        return dfu_request_get_state(dfu, answer);
    if (what == BTAP_CLEAR_STATUS)
        return dfu_request_clear_status(dfu, command, answer);
    if (what == BTAP_ABORT)
        return dfu_request_abort(dfu, answer);
    if (what == BTAP_DETACH)
        return dfu_request_detach(dfu, answer);
    return dfu_request_get_status(dfu, answer);
}

/** Sends a command that is in hand. */
static enum host_end dispatch(struct dfu_link *dfu, const struct plan_command *command,
                              struct host_answer *answer)
{
    switch (transfer_of(command->transaction.command)) {
    case DNLOAD:
        return dfu_download(dfu, command, answer);
    case UPLOAD:
        return dfu_request_upload(dfu, command, answer);
    case NO_TRANSFER:
        break;
    }
    return request(dfu, command, answer);
}

/** Whether a command is a DNLOAD or UPLOAD, and which. */
static bool transfers(enum btap_command command, enum dfu_ready_for *what)
{
    switch (transfer_of(command)) {
    case DNLOAD:
        *what = DFU_READY_DNLOAD;
        return true;
    case UPLOAD:
        *what = DFU_READY_UPLOAD;
        return true;
    case NO_TRANSFER:
        break;
    }
    return false;
}

/** A transfer that was recorded as refused at once is not helped: it may have been the host's
 * fault, and is to be refused again. */
static bool wants_help(const struct dfu_link *dfu, const struct btap_transaction *transaction)
{
    return !dfu->host.options.as_recorded &&
           (transaction->status != BTAP_STALL || transaction->phase != BTAP_PHASE_REQUEST);
}

/**
 * The command is in hand: brings the device to where it takes it, and sends it.
 *
 * @param moved whether the replay itself has brought it where it may not take it
 */
static enum host_end send(struct dfu_link *dfu, const struct plan_command *command, bool moved,
                          struct host_answer *answer)
{
    enum host_end end = HOST_ANSWERED;
    enum dfu_ready_for what;

    if (transfers(command->transaction.command, &what) &&
        (moved || wants_help(dfu, &command->transaction)))
        end = dfu_ready_for(dfu, what);
    host_answer_begin(&dfu->host, command, answer);
    if (end != HOST_ANSWERED) {
        host_answer_end(&dfu->host, answer, BTAP_DISCONNECTED, BTAP_PHASE_REQUEST);
        return end;
    }
    return dispatch(dfu, command, answer);
}

/**
 * A host that asks a device which it had leave: the decoder takes the silence for the end of the
 * leave, and no state comes back.
 */
static bool is_farewell(const struct dfu_link *dfu, const struct btap_transaction *transaction)
{
    return dfu->leaving && transaction->command == BTAP_GET_STATUS &&
           transaction->status == BTAP_OK && (transaction->has & BTAP_HAS_DFU_STATUS) == 0;
}

/** Asks once more; one that is gone already has answered by that. */
static enum host_end take_leave(struct dfu_link *dfu, const struct plan_command *command,
                                struct host_answer *answer)
{
    struct dfu_link_status status;

    if (!gate_begin(dfu->host.gate, command))
        return HOST_REFUSED;
    host_answer_begin(&dfu->host, command, answer);
    if (dfu_link_get_status(dfu, dfu_link_patience(dfu), &status) == DFU_LINK_DONE)
        dfu_link_tell_status(answer, &status);
    host_answer_end(&dfu->host, answer, BTAP_OK, BTAP_PHASE_NONE);
    gate_end(dfu->host.gate);
    return HOST_ANSWERED;
}

static enum host_end perform(struct host *host, const struct plan_command *command,
                             struct host_answer *answer)
{
    struct dfu_link *dfu = link_of(host);
    struct plan_command fitted = *command;
    enum host_end end;
    bool ready = true;
    bool moved = false;

    host_answer_begin(host, command, answer);
    if (is_farewell(dfu, &command->transaction))
        return take_leave(dfu, command, answer);
    end = check(dfu, command);
    if (end == HOST_ANSWERED)
        end = dfu_ready_return(dfu);
    if (end == HOST_ANSWERED)
        end = dfu_ready_alternate(dfu, command->transaction.alternate);
    if (end == HOST_ANSWERED)
        end = prepare_pointer(dfu, &fitted, answer, &ready, &moved);
    if (end == HOST_GONE && answer->transaction.status == BTAP_INCOMPLETE)
        host_answer_end(host, answer, BTAP_DISCONNECTED, BTAP_PHASE_REQUEST);
    if (end != HOST_ANSWERED || !ready)
        return end;
    if (!gate_begin(host->gate, &fitted))
        return HOST_REFUSED;
    end = send(dfu, &fitted, moved, answer);
    gate_end(host->gate);
    return end;
}

/* Before the first command, and after the last one */

static enum host_end begin(struct host *host, const struct plan_command *first,
                           struct host_answer *answer)
{
    struct dfu_link *dfu = link_of(host);
    struct plan_command own = host_own_command(BTAP_DFU, BTAP_GET_STATUS);
    enum dfu_ready_for what = DFU_READY_DNLOAD;
    enum host_end end = dfu_ready_alternate(dfu, first->transaction.alternate);

    own.transaction.alternate = dfu->alternate;
    host_answer_begin(host, &own, answer);
    host_answer_end(host, answer, BTAP_OK, BTAP_PHASE_NONE);
    if (end != HOST_ANSWERED || transfer_of(first->transaction.command) == NO_TRANSFER)
        return end;
    if (!gate_begin(host->gate, &own))
        return HOST_REFUSED;
    host_answer_begin(host, &own, answer);
    end = dfu_request_get_status(dfu, answer);
    transfers(first->transaction.command, &what);
    if (end == HOST_ANSWERED && answer->transaction.status == BTAP_OK)
        end = dfu_ready_for(dfu, what);
    gate_end(host->gate);
    return end;
}

/** By its descriptors, which were read when it was opened. */
static enum host_end identify(struct host *host, struct host_identity *identity,
                              struct host_answer *answer)
{
    (void)answer;
    *identity = (struct host_identity){.usb = gate_wire(host->gate)->usb};
    return HOST_ANSWERED;
}

/**
 * DfuSe takes any command after any other, so that it is between commands already, and hosts begin
 * with an ABORT. An image of plain DFU that is not complete is given up.
 */
static void rest(struct host *host)
{
    struct dfu_link *dfu = link_of(host);
    const struct plan_command own = host_own_command(BTAP_DFU, BTAP_ABORT);

    if (!dfu->unfinished || dfu->leaving || host->options.as_recorded)
        return;
    if (!gate_begin(host->gate, &own))
        return;
    (void)dfu_link_plain(dfu, DFU_LINK_ABORT, 0);
    dfu->unfinished = false;
    gate_end(host->gate);
}

const struct host_kind host_dfu = {
    .transport = BTAP_DFU,
    .open = open_dfu,
    .begin = begin,
    .identify = identify,
    .perform = perform,
    .rest = rest,
    .close = close_dfu,
};
