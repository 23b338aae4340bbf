/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USB DFU conversations written down transfer by transfer, to be played to the decoder whole, in
 * part or with holes.
 */
#ifndef BOOTTAP_DFU_SESSION_H
#define BOOTTAP_DFU_SESSION_H

#include "boottap/dfu.h"
#include "collector.h"

#define SESSION_EVENTS_MAX 256

/* Where the player puts the bytes into each record, as a usbmon header of 64 bytes does. */
#define SESSION_SETUP_OFFSET 40
#define SESSION_DATA_OFFSET  64

/* bmRequestType and bRequest (DFU 1.1 table 3.2) */
#define CLASS_OUT 0x21
#define CLASS_IN  0xa1
#define DETACH    0
#define DNLOAD    1
#define UPLOAD    2
#define GETSTATUS 3
#define CLRSTATUS 4
#define GETSTATE  5
#define ABORT     6

/* bState (DFU 1.1 section 6.1.2) */
#define APP_IDLE            0
#define IDLE                2
#define DNLOAD_SYNC         3
#define DNBUSY              4
#define DNLOAD_IDLE         5
#define MANIFEST_SYNC       6
#define MANIFEST            7
#define MANIFEST_WAIT_RESET 8
#define UPLOAD_IDLE         9
#define ERROR_STATE         10

enum session_kind {
    SESSION_SUBMISSION,
    SESSION_COMPLETION,
    SESSION_DISCONNECTED,
};

struct session_event {
    enum session_kind kind;
    btap_ns time;
    struct btap_usb_setup setup;
    const uint8_t *data; /**< stays with the caller; NULL: small holds them */
    uint8_t small[128];
    uint32_t captured;
    uint32_t length;
    enum btap_usb_status status;
    void (*learn)(struct btap_usb_device *device); /**< what the device is known to be from here */
};

/** Event i is record i + 1. Each event is 1 ms after the one before it. */
struct session {
    size_t length;
    btap_ns time;
    struct btap_usb_device device; /**< known from the start */
    struct btap_dfu_options options;
    struct session_event events[SESSION_EVENTS_MAX];
};

#define SESSION_NOTHING_LOST SIZE_MAX

void session_init(struct session *session);
void session_wait(struct session *session, unsigned ms);

/** The device has this memory layout string. */
void session_know_layout(struct btap_usb_device *device, const char *text);

/* Halves. data may be NULL where length is 0; at most 128 bytes are copied, more stay in place. */
struct session_event *session_submit(struct session *session, uint8_t type, uint8_t request,
                                     uint16_t value, const uint8_t *data, uint16_t length);
struct session_event *session_complete(struct session *session, enum btap_usb_status status,
                                       const uint8_t *data, uint32_t length);
void session_disconnected(struct session *session);

/* Whole requests to interface 0. */
void session_out(struct session *session, uint8_t request, uint16_t value);
void session_fail_out(struct session *session, uint8_t request, uint16_t value,
                      enum btap_usb_status status);
void session_dnload(struct session *session, uint16_t block, const uint8_t *data, uint16_t length);
void session_fail_dnload(struct session *session, uint16_t block, const uint8_t *data,
                         uint16_t length, enum btap_usb_status status);
void session_upload(struct session *session, uint16_t block, uint16_t asked, const uint8_t *data,
                    uint32_t length);
void session_fail_upload(struct session *session, uint16_t block, uint16_t asked,
                         enum btap_usb_status status);
void session_getstatus(struct session *session, uint8_t status, uint8_t poll_ms, uint8_t state);
void session_fail_getstatus(struct session *session, enum btap_usb_status status);

/* DNLOAD, GETSTATUS = dfuDNBUSY, 10 ms, GETSTATUS = dfuDNLOAD-IDLE. */
void session_set_address(struct session *session, uint32_t address);
void session_erase(struct session *session, uint32_t address);
void session_write(struct session *session, uint16_t block, const uint8_t *data, uint16_t length);

/** Plays the first `events` events without the one numbered `lost`, from 0, and finishes. */
void session_play_part(const struct session *session, struct collector *collector, size_t events,
                       size_t lost);

/** Plays all and finishes. The collector must be new; the caller releases it. */
void session_play(const struct session *session, struct collector *collector);

/** Transaction n, which must be this command with this outcome. */
const struct btap_transaction *session_expect(const struct collector *collector, size_t n,
                                              enum btap_command command, enum btap_status status);

/** As session_expect(), and it ended in this phase. */
const struct btap_transaction *session_expect_end(const struct collector *collector, size_t n,
                                                  enum btap_command command,
                                                  enum btap_status status, enum btap_phase phase);

/** The only note of a transaction, which must have this id. */
const struct btap_note *session_only_note(const struct btap_transaction *of, enum btap_note_id id);

/** 4096 bytes, the n-th of which is n modulo 251. */
const uint8_t *session_pattern(void);

#endif
