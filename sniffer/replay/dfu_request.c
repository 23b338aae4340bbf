/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands of DFU that are one request: all but DNLOAD.
 *
 * A recorded Clear Status is sent only to a device in dfuERROR: others refuse it, or go to
 * dfuERROR by it. Where it is not sent its answer is the recorded one: the device was not asked,
 * and is where the command should bring it.
 */
#include "replay/dfu_link.h"

enum {
    /* dfu-util's, in ms */
    DETACH_TIMEOUT = 1000,

    GET_SIZE = 4, /* AN3156 section 4.2 */
};

enum host_end dfu_request_get_status(struct dfu_link *dfu, struct host_answer *answer)
{
    struct dfu_link_status status;
    const enum dfu_link_reply reply = dfu_link_get_status(dfu, dfu_link_patience(dfu), &status);

    if (reply != DFU_LINK_DONE)
        return dfu_link_fail(dfu, answer, reply, BTAP_PHASE_REQUEST);
    dfu_link_tell_status(answer, &status);
    host_answer_end(&dfu->host, answer, BTAP_OK, BTAP_PHASE_NONE);
    return HOST_ANSWERED;
}

enum host_end dfu_request_get_state(struct dfu_link *dfu, struct host_answer *answer)
{
    const enum dfu_link_reply reply = dfu_link_get_state(dfu);

    if (reply != DFU_LINK_DONE)
        return dfu_link_fail(dfu, answer, reply, BTAP_PHASE_REQUEST);
    answer->transaction.has |= BTAP_HAS_DFU_STATE;
    answer->transaction.dfu_state = dfu->state;
    host_answer_end(&dfu->host, answer, BTAP_OK, BTAP_PHASE_NONE);
    return HOST_ANSWERED;
}

static enum host_end simple(struct dfu_link *dfu, enum dfu_link_request request, uint16_t value,
                            struct host_answer *answer)
{
    const enum dfu_link_reply reply = dfu_link_plain(dfu, request, value);

    dfu->state = DFU_LINK_UNKNOWN;
    dfu->unsettled = false;
    dfu->unfinished = false;
    if (reply != DFU_LINK_DONE)
        return dfu_link_fail(dfu, answer, reply, BTAP_PHASE_REQUEST);
    host_answer_end(&dfu->host, answer, BTAP_OK, BTAP_PHASE_NONE);
    return HOST_ANSWERED;
}

enum host_end dfu_request_abort(struct dfu_link *dfu, struct host_answer *answer)
{
    const bool idle = dfu->state == DFU_LINK_DNLOAD_IDLE || dfu->state == DFU_LINK_UPLOAD_IDLE ||
                      dfu->state == DFU_LINK_IDLE;
    const enum host_end end = simple(dfu, DFU_LINK_ABORT, 0, answer);

    if (idle && answer->transaction.status == BTAP_OK)
        dfu->state = DFU_LINK_IDLE;
    return end;
}

enum host_end dfu_request_detach(struct dfu_link *dfu, struct host_answer *answer)
{
    const enum dfu_link_reply reply = dfu_link_plain(dfu, DFU_LINK_DETACH, DETACH_TIMEOUT);

    dfu->state = DFU_LINK_UNKNOWN;
    if (reply != DFU_LINK_DONE && reply != DFU_LINK_GONE)
        return dfu_link_fail(dfu, answer, reply, BTAP_PHASE_REQUEST);
    dfu->leaving = true;
    dfu->away_at_most = dfu_link_patience(dfu);
    host_answer_end(&dfu->host, answer, BTAP_OK, BTAP_PHASE_NONE);
    return HOST_ANSWERED;
}

/** The answer of a command that need not be sent: see above. */
static enum host_end answer_as_recorded(struct dfu_link *dfu, const struct plan_command *command,
                                        struct host_answer *answer)
{
    host_answer_end(&dfu->host, answer, command->transaction.status, command->transaction.phase);
    return HOST_ANSWERED;
}

enum host_end dfu_request_clear_status(struct dfu_link *dfu, const struct plan_command *command,
                                       struct host_answer *answer)
{
    struct dfu_link_status status;
    enum dfu_link_reply reply = DFU_LINK_DONE;

    if (dfu->host.options.as_recorded)
        return simple(dfu, DFU_LINK_CLRSTATUS, 0, answer);
    if (dfu->state == DFU_LINK_UNKNOWN)
        reply = dfu->unsettled ? dfu_link_get_state(dfu)
                               : dfu_link_get_status(dfu, dfu_link_patience(dfu), &status);
    if (reply == DFU_LINK_GONE || reply == DFU_LINK_DEAD)
        return dfu_link_fail(dfu, answer, reply, BTAP_PHASE_REQUEST);
    /* H743 stays busy until it is cleared. */
    if (dfu->state == DFU_LINK_ERROR || (dfu->state == DFU_LINK_DNBUSY && dfu->unsettled))
        return simple(dfu, DFU_LINK_CLRSTATUS, 0, answer);
    return answer_as_recorded(dfu, command, answer);
}

/* UPLOAD: AN3156 section 4, DFU 1.1 section 6.2 */

static uint16_t upload_length(const struct btap_transaction *transaction)
{
    if (transaction->command != BTAP_GET)
        return (uint16_t)transaction->length;
    /* Some fill up what is asked for with zeros. */
    return transaction->transferred > 0 && transaction->transferred <= UINT16_MAX
               ? (uint16_t)transaction->transferred
               : GET_SIZE;
}

/** AN3156 section 4.2: the codes; OpenBL fills up with zeros. */
static void take_commands(struct host_answer *answer)
{
    uint32_t length = answer->length;

    while (length > 1 && answer->data[length - 1] == 0)
        length--;
    answer->transaction.list_kind = BTAP_LIST_COMMANDS;
    for (uint32_t i = 0; i < length; i++)
        host_answer_list(answer, answer->data[i]);
    answer->transaction.list_announced = length;
}

enum host_end dfu_request_upload(struct dfu_link *dfu, const struct plan_command *command,
                                 struct host_answer *answer)
{
    const struct btap_transaction *transaction = &command->transaction;
    const bool get = transaction->command == BTAP_GET;
    struct wire_control control = {
        .setup = dfu_link_setup(dfu, DFU_LINK_UPLOAD, get ? 0 : transaction->block,
                                upload_length(transaction)),
        .data = answer->data,
    };
    const enum dfu_link_reply reply = dfu_link_transfer(dfu, &control);

    dfu->state = DFU_LINK_UNKNOWN;
    dfu->unsettled = false;
    if (reply != DFU_LINK_DONE)
        return dfu_link_fail(dfu, answer, reply, BTAP_PHASE_REQUEST);
    answer->length = control.transferred;
    answer->transaction.transferred = control.transferred;
    if (get)
        take_commands(answer);
    else if (control.transferred == control.setup.length)
        dfu->state = DFU_LINK_UPLOAD_IDLE;
    dfu->unfinished =
        transaction->command == BTAP_UPLOAD && control.transferred == control.setup.length;
    host_answer_end(&dfu->host, answer, BTAP_OK, BTAP_PHASE_NONE);
    return HOST_ANSWERED;
}
