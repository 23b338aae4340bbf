/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"
#include "base/message.h"
#include "replay/dfu_link.h"

enum {
    /* USB 2.0 section 9.4.10 */
    STANDARD_INTERFACE = 0x01,
    SET_INTERFACE = 11,

    /* Requests after which a device that is not ready is left alone */
    TRIES_MAX = 10,
    /* Times that a device is asked that is at work for another host, before that is cleared */
    BUSY_TRIES = 4,
};

/** Longest wait between two looks at such a device. */
#define BUSY_WAIT_MAX (1 * (btap_ns)CLOCK_NS_PER_SECOND)

enum host_end dfu_ready_return(struct dfu_link *dfu)
{
    const struct wire *wire = gate_wire(dfu->host.gate);
    enum wire_result result;

    if (!dfu->leaving)
        return HOST_ANSWERED;
    result = gate_reopen(dfu->host.gate, clock_monotonic() + dfu->away_at_most);
    dfu->leaving = false;
    dfu->state = DFU_LINK_UNKNOWN;
    dfu->unsettled = false;
    dfu->unfinished = false;
    dfu->alternate_known = false;
    dfu->pointer_known = false;
    if (result != WIRE_QUIET)
        return result == WIRE_DONE ? HOST_ANSWERED : HOST_GONE;
    message("%s: the device did not come back in DFU mode within %lld s; see that its boot pins "
            "select the bootloader",
            wire->name,
            (long long)((dfu->away_at_most + CLOCK_NS_PER_SECOND - 1) / CLOCK_NS_PER_SECOND));
    return HOST_GONE;
}

enum host_end dfu_ready_alternate(struct dfu_link *dfu, uint8_t alternate)
{
    const struct wire *wire = gate_wire(dfu->host.gate);
    struct wire_control control = {
        .setup = {.request_type = STANDARD_INTERFACE,
                  .request = SET_INTERFACE,
                  .value = alternate,
                  .index = wire->usb_interface},
    };

    if (dfu->alternate_known && dfu->alternate == alternate)
        return HOST_ANSWERED;
    switch (dfu_link_transfer(dfu, &control)) {
    case DFU_LINK_DONE:
        if (dfu->alternate_known)
            dfu->pointer_known = false;
        break;
    case DFU_LINK_GONE:
        message("%s: the device left the bus", wire->name);
        return HOST_GONE;
    case DFU_LINK_DEAD:
        return HOST_GONE;
    case DFU_LINK_STALLED:
    case DFU_LINK_FAILED:
    case DFU_LINK_UNREADABLE:
        /* The first one is in force where nobody could choose another (USB 2.0 section 9.2.3). */
        if (alternate == 0 && !dfu->alternate_known)
            break;
        message("%s: the device refuses alternate setting %u (SET_INTERFACE), where the next "
                "command is to go",
                wire->name, alternate);
        return HOST_REFUSED;
    }
    dfu->alternate_known = true;
    dfu->alternate = alternate;
    return HOST_ANSWERED;
}

/** A request that moves the state. */
static enum dfu_link_reply move(struct dfu_link *dfu, enum dfu_link_request request)
{
    dfu->state = DFU_LINK_UNKNOWN;
    dfu->unsettled = false;
    dfu->unfinished = false;
    return dfu_link_plain(dfu, request, 0);
}

/**
 * GETSTATE where GETSTATUS would be a poll of the DNLOAD before, of which the decoder would make
 * another outcome than the one that was told.
 */
static enum dfu_link_reply ask(struct dfu_link *dfu, struct dfu_link_status *status)
{
    enum dfu_link_reply reply;

    if (dfu->unsettled) {
        reply = dfu_link_get_state(dfu);
        if (reply != DFU_LINK_STALLED && reply != DFU_LINK_UNREADABLE)
            return reply;
    }
    return dfu_link_get_status(dfu, dfu_link_patience(dfu), status);
}

/** Another host's work, or what it did not finish. */
static void wait_for_work(const struct dfu_link_status *status)
{
    const btap_ns wait = (btap_ns)status->poll_ms * CLOCK_NS_PER_MS;

    dfu_link_sleep(wait < BUSY_WAIT_MAX ? wait : BUSY_WAIT_MAX);
}

/** One step towards it. @param tries steps that were taken */
static enum dfu_link_reply step(struct dfu_link *dfu, unsigned tries,
                                struct dfu_link_status *status)
{
    switch ((enum dfu_link_state)dfu->state) {
    case DFU_LINK_DNLOAD_IDLE:
    case DFU_LINK_UPLOAD_IDLE:
        return move(dfu, DFU_LINK_ABORT);
    case DFU_LINK_ERROR:
        return move(dfu, DFU_LINK_CLRSTATUS);
    case DFU_LINK_DNLOAD_SYNC:
    case DFU_LINK_DNBUSY:
    case DFU_LINK_MANIFEST_SYNC:
    case DFU_LINK_MANIFEST:
    case DFU_LINK_MANIFEST_WAIT_RESET:
        if (dfu->unsettled || tries >= BUSY_TRIES)
            return move(dfu, DFU_LINK_CLRSTATUS);
        wait_for_work(status);
        return ask(dfu, status);
    case DFU_LINK_APP_IDLE:
    case DFU_LINK_APP_DETACH:
    case DFU_LINK_IDLE:
    case DFU_LINK_STATES:
    case DFU_LINK_UNKNOWN:
        break;
    }
    return ask(dfu, status);
}

static bool is_ready(const struct dfu_link *dfu, enum dfu_ready_for what)
{
    switch (what) {
    case DFU_READY_DNLOAD:
        return dfu->state == DFU_LINK_IDLE || dfu->state == DFU_LINK_DNLOAD_IDLE;
    case DFU_READY_UPLOAD:
        return dfu->state == DFU_LINK_IDLE || dfu->state == DFU_LINK_UPLOAD_IDLE;
    }
    return false;
}

/** In its application a device takes neither: that is its own answer to give. */
static bool is_application(const struct dfu_link *dfu)
{
    return dfu->state == DFU_LINK_APP_IDLE || dfu->state == DFU_LINK_APP_DETACH;
}

enum host_end dfu_ready_for(struct dfu_link *dfu, enum dfu_ready_for what)
{
    struct dfu_link_status status = {.state = DFU_LINK_UNKNOWN};

    for (unsigned tries = 0; tries < TRIES_MAX && !is_ready(dfu, what) && !is_application(dfu);
         tries++) {
        const enum dfu_link_reply reply = step(dfu, tries, &status);

        if (reply == DFU_LINK_DEAD)
            return HOST_GONE;
        if (reply == DFU_LINK_GONE) {
            message("%s: the device left the bus", gate_wire(dfu->host.gate)->name);
            return HOST_GONE;
        }
        if (reply == DFU_LINK_FAILED)
            break;
    }
    return HOST_ANSWERED;
}
