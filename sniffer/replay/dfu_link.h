/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the DFU host share: the requests of DFU 1.1, and what is known of the device.
 */
#ifndef SNIFFER_REPLAY_DFU_LINK_H
#define SNIFFER_REPLAY_DFU_LINK_H

#include "replay/host_answer.h"

/** bRequest (DFU 1.1 table 3.2). */
enum dfu_link_request {
    DFU_LINK_DETACH,
    DFU_LINK_DNLOAD,
    DFU_LINK_UPLOAD,
    DFU_LINK_GETSTATUS,
    DFU_LINK_CLRSTATUS,
    DFU_LINK_GETSTATE,
    DFU_LINK_ABORT,
};

/** bState (DFU 1.1 section 6.1.2). */
enum dfu_link_state {
    DFU_LINK_APP_IDLE,
    DFU_LINK_APP_DETACH,
    DFU_LINK_IDLE,
    DFU_LINK_DNLOAD_SYNC,
    DFU_LINK_DNBUSY,
    DFU_LINK_DNLOAD_IDLE,
    DFU_LINK_MANIFEST_SYNC,
    DFU_LINK_MANIFEST,
    DFU_LINK_MANIFEST_WAIT_RESET,
    DFU_LINK_UPLOAD_IDLE,
    DFU_LINK_ERROR,
    DFU_LINK_STATES,
    DFU_LINK_UNKNOWN = 0xff, /**< nobody asked since */
};

/** What came of a request. */
enum dfu_link_reply {
    DFU_LINK_DONE,
    DFU_LINK_STALLED,
    DFU_LINK_GONE,       /**< the device left the bus */
    DFU_LINK_FAILED,     /**< no answer, or a damaged one */
    DFU_LINK_UNREADABLE, /**< GETSTATUS, GETSTATE: answered, but not with that */
    DFU_LINK_DEAD,       /**< the wire takes nothing any more; a message said so */
};

/** What GETSTATUS answers (DFU 1.1 section 6.1.2). */
struct dfu_link_status {
    uint8_t status;
    uint8_t state;
    uint8_t string;
    uint32_t poll_ms;
};

struct dfu_link {
    struct host host;
    uint8_t state;  /**< enum dfu_link_state, of which nothing was sent since that changes it */
    bool unsettled; /**< the outcome of a DNLOAD never came: GETSTATUS would be taken for its own */
    bool alternate_known;
    uint8_t alternate;  /**< in force */
    bool pointer_known; /**< by a Set Address Pointer that nothing came after which may move it */
    uint32_t pointer;
    bool unfinished;      /**< plain DFU: an image is on its way */
    bool leaving;         /**< the device leaves the bus, by a command that has it do so */
    btap_ns away_at_most; /**< then: how long */
};

/** Sends a request; state and pointer are the caller's matter. */
enum dfu_link_reply dfu_link_transfer(struct dfu_link *dfu, struct wire_control *control);

/** A request without data. @param timeout longest wait */
enum dfu_link_reply dfu_link_plain(struct dfu_link *dfu, enum dfu_link_request request,
                                   uint16_t value);

/** GETSTATUS; the state is known after it. @param timeout longest wait */
enum dfu_link_reply dfu_link_get_status(struct dfu_link *dfu, btap_ns timeout,
                                        struct dfu_link_status *status);

/** GETSTATE, likewise. */
enum dfu_link_reply dfu_link_get_state(struct dfu_link *dfu);

/** Setup bytes of a class request to the interface. */
struct btap_usb_setup dfu_link_setup(const struct dfu_link *dfu, enum dfu_link_request request,
                                     uint16_t value, uint16_t length);

/** For any answer that needs no work. */
btap_ns dfu_link_patience(const struct dfu_link *dfu);

void dfu_link_sleep(btap_ns time);

/** wTransferSize; 0 if the device does not say. */
uint32_t dfu_link_transfer_size(const struct dfu_link *dfu);

/** Puts what GETSTATUS answered into an answer. */
void dfu_link_tell_status(struct host_answer *answer, const struct dfu_link_status *status);

/**
 * Ends an answer by a request that failed. The device that left is told, and HOST_GONE.
 *
 * @param phase where it was
 */
enum host_end dfu_link_fail(struct dfu_link *dfu, struct host_answer *answer,
                            enum dfu_link_reply reply, enum btap_phase phase);

/* dfu_ready.c */

/** Waits for a device that left to come back; nothing is known of it then. */
enum host_end dfu_ready_return(struct dfu_link *dfu);

/** SET_INTERFACE where another alternate setting is in force, or not known which. */
enum host_end dfu_ready_alternate(struct dfu_link *dfu, uint8_t alternate);

/** What the device is to take next. */
enum dfu_ready_for {
    DFU_READY_DNLOAD, /**< dfuIDLE or dfuDNLOAD-IDLE */
    DFU_READY_UPLOAD, /**< dfuIDLE or dfuUPLOAD-IDLE */
};

/**
 * Brings the device to where it takes a DNLOAD or UPLOAD (AN3156 sections 4 and 5): CLRSTATUS in
 * dfuERROR and where it stays dfuDNBUSY (H743: twice), ABORT between transfers. A device that does
 * not get there is left alone: it says so itself when the request comes. A command must be in
 * hand.
 */
enum host_end dfu_ready_for(struct dfu_link *dfu, enum dfu_ready_for what);

/* dfu_request.c; the command must be in hand at the gate */

enum host_end dfu_request_get_status(struct dfu_link *dfu, struct host_answer *answer);
enum host_end dfu_request_get_state(struct dfu_link *dfu, struct host_answer *answer);
enum host_end dfu_request_abort(struct dfu_link *dfu, struct host_answer *answer);

/** DFU 1.1 section 5.1: the device leaves, or waits for a reset of the bus. */
enum host_end dfu_request_detach(struct dfu_link *dfu, struct host_answer *answer);

/** CLRSTATUS, to a device in dfuERROR only; else the answer is the recorded one. */
enum host_end dfu_request_clear_status(struct dfu_link *dfu, const struct plan_command *command,
                                       struct host_answer *answer);

/** Get, Read Memory, Upload (AN3156 section 4, DFU 1.1 section 6.2). */
enum host_end dfu_request_upload(struct dfu_link *dfu, const struct plan_command *command,
                                 struct host_answer *answer);

/* dfu_download.c */

/** Sends a DNLOAD and polls until its outcome. The command must be in hand at the gate. */
enum host_end dfu_download(struct dfu_link *dfu, const struct plan_command *command,
                           struct host_answer *answer);

#endif
