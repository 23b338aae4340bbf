/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the parts of the reader of STM32CubeProgrammer's logs share: the state, and what stands in a
 * line.
 */
#ifndef SNIFFER_FORMATS_CUBEPROG_LINE_H
#define SNIFFER_FORMATS_CUBEPROG_LINE_H

#include "boottap/event.h"
#include "formats/reader/log.h"

/** What the line in hand is known to go on with. */
enum cubeprog_after {
    CUBEPROG_NOTHING,
    CUBEPROG_SENT,     /**< bytes that were sent, on lines of their own */
    CUBEPROG_RECEIVED, /**< the same of an answer */
    CUBEPROG_SETTINGS, /**< stop bits */
};

/** A request whose outcome the next lines tell. */
struct cubeprog_request {
    bool open;
    bool told; /**< DNLOAD: its data have come */
    uint8_t request;
    uint16_t value;
    uint32_t length; /**< of data; of an UPLOAD: asked for */
    uint32_t room;
    uint8_t *data;
    uint64_t urb;
};

/** Fields of descriptors, as far as the log prints them. */
struct cubeprog_descriptors {
    bool functional; /**< wTransferSize is known */
    bool sent;
    uint32_t known; /**< set of the device descriptor's fields, by their place in it */
    uint8_t device[18];
    uint16_t transfer_size;
    uint8_t attributes;
    uint16_t bcd_dfu;
};

/** The state of a log. */
struct cubeprog {
    /* When */
    bool timed; /**< the line in hand tells the time, in milliseconds */
    int64_t clock_ms;
    int64_t days_ms;
    btap_ns time;   /**< of the line in hand; 0 without any */
    bool traffic;   /**< there were bytes, or requests */
    bool timed_out; /**< the tool waited in vain */

    /* UART */
    bool asked;      /**< bytes were sent since a command began */
    uint8_t newest;  /**< of the device's bytes since the host's last; 0: none */
    uint8_t lines;   /**< that are high */
    bool lines_told; /**< the log tells of them */
    enum cubeprog_after after;
    struct btap_serial_settings settings;

    /* USB */
    struct cubeprog_request request;
    struct cubeprog_descriptors descriptors;
    uint64_t urbs;
    uint8_t status; /**< of a GETSTATUS whose state is still to come */
    bool has_status;
    uint16_t block;       /**< of the next block of data */
    uint32_t upload_left; /**< bytes that an upload was to bring; 0: not told */
};

/** What stands behind some words of a line. @return NULL: they are not in it */
const char *cubeprog_behind(const char *line, const char *words);

/**
 * Reads bytes that a line ends with, `0x` before them or not.
 *
 * @param text changed: the bytes are written to where their digits stood
 * @return how many; 0: none, or something else stands there
 */
size_t cubeprog_bytes(char *text, uint8_t **bytes);

/** What a port's log tells of the time and the device. */
uint32_t cubeprog_lacks(const struct cubeprog *cube);

#endif
