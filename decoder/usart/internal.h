/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the USART decoder share: usart.c is the line, usart_seek.c the bytes outside
 * of commands, usart_walk.c the conversation, usart_command.c a command from its first bytes to
 * its outcome, usart_field.c what is in it, usart_steps.c the tables of the phases.
 */
#ifndef DECODER_USART_INTERNAL_H
#define DECODER_USART_INTERNAL_H

#include "boottap/usart.h"
#include "model/emit.h"

/* AN3155 section 1 and section 3, "Communication safety" */
enum {
    ACK = 0x79,
    NACK = 0x1f,
    SYNC_BYTE = 0x7f,
};

/** Fewer characters than this are no text, but bytes that happen to be printable. */
#define USART_TEXT_MIN 4

/** What a phase consists of, and who sends it. */
enum usart_kind {
    USART_END,
    USART_ANSWER,        /**< device: ACK or NACK */
    USART_HOST_VALUE,    /**< size bytes, MSB first */
    USART_HOST_LIST,     /**< items values of size bytes */
    USART_HOST_BLOCK,    /**< block bytes */
    USART_HOST_CHECKSUM, /**< XOR of the group; of a single byte its complement */
    USART_DEVICE_VALUE,
    USART_DEVICE_LIST,
    USART_DEVICE_BLOCK,
    USART_FORK,        /**< Get Checksum: the host sends on or the device answers */
    USART_DEVICE_CRC,  /**< Get Checksum: a second ACK or none, the CRC, its checksum */
    USART_DEVICE_REST, /**< whatever the device sends until the host goes on */
};

/** What a value means for the command. */
enum usart_meaning {
    USART_PLAIN,
    USART_TARGET, /**< an address */
    USART_READ_COUNT,
    USART_WRITE_COUNT,
    USART_PAGE_COUNT,          /**< Erase: N - 1, 0xFF for all */
    USART_EXTENDED_PAGE_COUNT, /**< Extended Erase: N - 1, 0xFFFx for special erases */
    USART_SECTOR_COUNT,
    USART_ENTRY, /**< of the list of pages or sectors */
    USART_COMMAND_COUNT,
    USART_LISTED_COMMAND,
    USART_PROTOCOL_VERSION,
    USART_OPTION_1,
    USART_OPTION_2,
    USART_PID_COUNT,
    USART_PID,
    USART_WORDS,
    USART_POLYNOMIAL,
    USART_INITIAL,
    USART_SUBCOMMAND,
    USART_SENT_SIZE,
    USART_SENT2_SIZE,
    USART_RECEIVED_SIZE,
    USART_STATUS_SIZE,
    USART_MEMORY, /**< blocks: memory contents */
    USART_STATUS, /**< blocks: Special's status */
};

struct btap_usart_step {
    uint8_t kind;    /**< enum usart_kind */
    uint8_t phase;   /**< enum btap_phase */
    uint8_t field;   /**< enum btap_field */
    uint8_t size;    /**< bytes of a value; 0: as block tells */
    uint8_t meaning; /**< enum usart_meaning */
};

/** Row of an opcode; NULL if AN3155 lists no such command. */
const struct btap_command_info *usart_command(uint8_t opcode);
/** The phases of a command of USART. */
const struct btap_usart_step *usart_steps(enum btap_command command);

/** Bytes of the chunk under way, from start on, and who sent them. */
struct usart_bytes {
    const uint8_t *bytes;
    uint32_t length; /**< at least 1 */
    enum btap_direction direction;
    struct btap_origin at; /**< of bytes[0] */
};

/* usart_seek.c */

static inline bool usart_is_answer(uint8_t value)
{
    return value == ACK || value == NACK;
}

/** Printable characters and what lines of text end with. */
bool usart_is_text(uint8_t value);
/** Skips the first of the bytes, unless it answers a command just before it. Returns 1. */
uint32_t usart_seek(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Keeps a byte that is not told yet; the oldest one gives way and is skipped. */
void usart_push(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Skips the bytes that are not told yet, but for the newest `keep` ones. */
void usart_drop_pending(struct btap_usart *usart, uint8_t keep);
/** Counts and tells bytes that belong to no command. */
void usart_skip(struct btap_usart *usart, const struct usart_bytes *bytes, uint32_t length);
/** Tells the span of the bytes skipped last. */
void usart_flush_run(struct btap_usart *usart);
/** Tells in notes how many bytes were skipped since the last time. */
void usart_flush_counts(struct btap_usart *usart);

/* usart_command.c */

/** The open transaction. */
static inline struct btap_transaction *usart_transaction_of(struct btap_usart *usart)
{
    return &usart->emitter.transaction;
}

/** Adds a note to the open transaction, or tells one that belongs to none. */
static inline void usart_note(struct btap_usart *usart, enum btap_note_id id,
                              const struct btap_origin *at, uint32_t arg0, uint32_t arg1)
{
    emit_note(&usart->emitter, id, at, arg0, arg1, 0);
}

/** Whether two bytes are a command of AN3155 and its complement. */
static inline bool usart_is_command(uint8_t opcode, uint8_t complement)
{
    return (opcode ^ complement) == 0xff && usart_command(opcode) != NULL;
}

/** Tells a span of the first bytes, to a sink that wants spans. */
void usart_tell_span(struct btap_usart *usart, const struct usart_bytes *bytes, uint32_t length,
                     enum btap_field field, uint64_t value, bool last, bool bad);

/** Tells a span of the first bytes. */
static inline void usart_tell(struct btap_usart *usart, const struct usart_bytes *bytes,
                              uint32_t length, enum btap_field field, uint64_t value, bool last,
                              bool bad)
{
    if (emit_wants_spans(&usart->emitter))
        usart_tell_span(usart, bytes, length, field, value, last, bad);
}

/** Tells a span of a byte that was kept. */
void usart_tell_kept(struct btap_usart *usart, const struct btap_usart_byte *kept,
                     enum btap_direction direction, enum btap_field field, bool bad);
/** Keeps one of the bytes. */
void usart_keep(struct btap_usart_byte *kept, const struct usart_bytes *bytes, uint32_t index);
/** Remembers bytes of the host that a step has taken. */
void usart_remember(struct btap_usart *usart, const struct usart_bytes *bytes, uint32_t length);
/** Ends the open transaction; the phase is BTAP_PHASE_NONE exactly if the status is BTAP_OK. */
void usart_end(struct btap_usart *usart, enum btap_status status, enum btap_phase phase);
/** Starts a step; steps with nothing to send are passed over. */
void usart_enter(struct btap_usart *usart, const struct btap_usart_step *step);
/** The phase that a refusal of the group before this answer belongs to. */
enum btap_phase usart_refused_phase(const struct btap_usart *usart);
/** Opens the transaction of a sync, whose bytes are still to be taken. */
void usart_begin_sync(struct btap_usart *usart, const struct btap_origin *at);
/** Takes one 0x7F of the open sync. */
void usart_take_sync(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Opens the transaction of a command; step is its first one. */
void usart_begin_command(struct btap_usart *usart, uint8_t opcode, const struct btap_origin *at);
/** Tells a pair that is none, once something came of it. */
void usart_tell_refused_pair(struct btap_usart *usart);
/** Notes a command that is the one before again, which failed. */
void usart_note_retry(struct btap_usart *usart, const struct btap_origin *at);
/** The command's first two bytes are complete. */
void usart_accept_pair(struct btap_usart *usart, const struct btap_origin *at);
/** The two bytes were no command after all. */
void usart_cancel(struct btap_usart *usart);
/** Whether there are too many stray bytes for an answer to follow: 'y' in a text is no ACK. */
bool usart_is_other_talk(const struct btap_usart *usart);
/** Ends the open transaction, as what came was no answer. */
void usart_end_bad_reply(struct btap_usart *usart);
/** Bytes of the list or block under way that are still due. */
uint32_t usart_bytes_due(const struct btap_usart *usart);
/** The host goes on although the device owes it something. */
void usart_give_up(struct btap_usart *usart, const struct btap_origin *at);
/** Tells the span of an ACK or NACK. */
void usart_tell_answer(struct btap_usart *usart, const struct usart_bytes *bytes);
/** The answer that is due: goes on, or ends the transaction. */
void usart_take_ack_or_nack(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Takes bytes where an answer is due. Returns how many. */
uint32_t usart_take_answer(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Begins the command or sync whose bytes are pending, and takes its answer. */
void usart_join(struct btap_usart *usart, const struct usart_bytes *answer);
/** Begins the command that the last two bytes of the host are; they were told as something else. */
void usart_restart(struct btap_usart *usart, const struct usart_bytes *answer);

/* usart_field.c */

/** Takes bytes of a value or of an entry of a list, from either side. */
uint32_t usart_take_value(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Takes bytes of a payload, from either side. */
uint32_t usart_take_block(struct btap_usart *usart, const struct usart_bytes *bytes);
/** AN3155 section 3: the XOR of the bytes before; for one byte alone that is its complement. */
uint32_t usart_take_checksum(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Takes all the bytes as the reply of a command that is not known. Returns how many. */
uint32_t usart_take_rest(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Takes a byte of the CRC that Get Checksum answers. Returns 1. */
uint32_t usart_take_crc(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Nothing more comes: what there is may be a NACK, or a CRC that begins like an ACK. */
bool usart_settle_crc(struct btap_usart *usart);
/** Get Checksum without polynomial and initial value: the device answers right away. */
void usart_fork_to_crc(struct btap_usart *usart, const struct btap_origin *at);

/* usart_walk.c */

/** Takes bytes of the host. Returns how many; 0 where the state changed instead. */
uint32_t usart_host(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Takes bytes of the device. Returns how many; 0 where the state changed instead. */
uint32_t usart_device(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Who is to send a byte, in the strict request and reply of the protocol. */
enum btap_direction usart_sender(const struct btap_usart *usart, uint8_t value);
/** Bytes of one direction are missing from the capture; 0: nobody knows how many. */
void usart_lose(struct btap_usart *usart, enum btap_direction direction, uint32_t count);
/** Ends what is under way with this status: the capture ends, or the adapter is gone. */
void usart_close(struct btap_usart *usart, enum btap_status status);

#endif
