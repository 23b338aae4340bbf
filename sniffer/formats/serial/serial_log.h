/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What readers of logs of a serial line share: blocks of bytes of one side, and labels instead of
 * sides.
 */
#ifndef SNIFFER_FORMATS_SERIAL_SERIAL_LOG_H
#define SNIFFER_FORMATS_SERIAL_SERIAL_LOG_H

#include "formats/reader/log.h"
#include "traffic/serial_record.h"

/** Bytes of one record. */
#define SERIAL_LOG_BLOCK 4096

/** Labels that are told apart; the bytes of others count as nobody's. */
#define SERIAL_LOG_LABELS 8
/** Longest label, with its terminating zero. */
#define SERIAL_LOG_LABEL_SIZE 32

struct serial_log_label {
    char name[SERIAL_LOG_LABEL_SIZE];
    enum btap_direction direction;
    bool known;       /**< direction is settled */
    uint8_t first[2]; /**< its first bytes */
    size_t seen;      /**< how many of them there are */
};

/** What is held back until it shows whose it is. */
struct serial_log_held {
    uint8_t label;
    enum serial_record_event event; /**< SERIAL_RECORD_STATUS: none */
    btap_ns time;
    bool has_byte;
    uint8_t byte;
};

/** Start with zero. */
struct serial_log {
    /* Set by the format, if it wants to */
    const char *name; /**< of the interface; NULL: none */
    bool at_tool;
    uint32_t lacks;
    uint8_t lines; /**< that are active, as far as is known: enum btap_serial_line */

    /* The block in hand */
    bool open;
    enum btap_direction direction;
    btap_ns time;
    uint64_t announced; /**< bytes that it has by its header; 0: not told */
    uint64_t taken;     /**< of them */
    size_t length;      /**< of them, not sent yet */
    uint8_t bytes[SERIAL_LOG_BLOCK];

    uint64_t blocks;     /**< that were begun */
    uint64_t incomplete; /**< of them, some bytes are not known */

    size_t labels_length;
    struct serial_log_label labels[SERIAL_LOG_LABELS];
    bool settled;        /**< nothing is held back any more */
    const char *guessed; /**< the label taken for the host's; NULL: none */
    size_t held_length;
    size_t held_room;
    struct serial_log_held *held;
};

/** Ends the block in hand and begins one. @param announced bytes that it will have; 0: not told */
void serial_log_begin(struct serial_log *serial, struct log *log, enum btap_direction direction,
                      btap_ns time, uint64_t announced);

/** Adds to the block in hand; nothing where there is none. */
void serial_log_byte(struct serial_log *serial, struct log *log, uint8_t byte);

/** Whether the block in hand has all bytes that were announced. */
bool serial_log_is_full(const struct serial_log *serial);

/** Ends the block in hand: it becomes a record. */
void serial_log_end(struct serial_log *serial, struct log *log);

/** Hands an event over, behind the block in hand. @param settings NULL: none */
void serial_log_event(struct serial_log *serial, struct log *log, enum serial_record_event event,
                      btap_ns time, const struct btap_serial_settings *settings);

/**
 * Whether somebody who begins so is the host: 7F, or a command and its complement (AN3155 section
 * 1).
 *
 * @param seen bytes that he said; of the first two, those that there are stand in first
 */
bool serial_log_begins_as_host(const uint8_t first[2], size_t seen);

/**
 * A byte of whoever a label stands for.
 *
 * A label that is no mark (marks.h) is the host's if its first byte is 7F or its first two are a
 * command, where there is another label; until that shows, everything is held back.
 *
 * @param label "" is one, too
 * @param event an error in this byte; SERIAL_RECORD_STATUS: none
 * @param byte NULL: only the error
 */
void serial_log_labelled(struct serial_log *serial, struct log *log, const char *label,
                         btap_ns time, enum serial_record_event event, const uint8_t *byte);

/* What a format whose state begins with a struct serial_log is ended and released by. At the end
 * what is held is handed over, and what was guessed is told. */
void serial_log_at_end(struct log *log);
void serial_log_release(struct log *log);

/** Takes pairs of hexadecimal digits with single spaces between them, up to max. @return how many
 */
unsigned serial_log_hex(struct serial_log *serial, struct log *log, const char *at, unsigned max);

#endif
