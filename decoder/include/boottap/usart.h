/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Decoder of the USART protocol (AN3155): bytes of a serial line in, transactions out.
 */
#ifndef BOOTTAP_USART_H
#define BOOTTAP_USART_H

#include "boottap/detail/emitter.h"
#include "boottap/event.h"

BTAP_BEGIN_DECLARATIONS

/** A phase of a command; decoder/usart/steps.h. */
struct btap_usart_step;

/** How far the conversation is understood. */
enum btap_usart_state {
    BTAP_USART_FRESH,    /**< not yet; the host's next bytes are believed to begin a command */
    BTAP_USART_SEEKING,  /**< not: bytes are skipped until the device answers a command */
    BTAP_USART_STARTED,  /**< likewise after a Go, as an application runs; 0x7F is believed */
    BTAP_USART_IDLE,     /**< the device waits for a command */
    BTAP_USART_LEFTOVER, /**< likewise; the complement of an opcode refused early may follow */
    BTAP_USART_PAIR,     /**< an opcode seen, its complement is due */
    BTAP_USART_COMMAND,  /**< in a command, at one of its steps */
};

/** What the directions of the chunks mean. */
enum btap_usart_view {
    BTAP_USART_AS_GIVEN,
    BTAP_USART_SWAPPED, /**< found out: the host's bytes come as the device's */
    BTAP_USART_MERGED,  /**< found out: one direction carries both */
};

/** The line: who is who on it, and how the host set it up. */
struct btap_usart_line {
    enum btap_usart_view view;
    uint8_t directions; /**< set of the chunks' directions, 1 << direction */
    uint8_t levels;
    uint8_t levels_known;   /**< DTR and RTS, as far as events showed them */
    uint64_t moved_packet;  /**< where one of the two changed first; 0 if none did */
    uint64_t closed_packet; /**< where both were dropped, or the settings made, last; 0: never */
    struct btap_serial_settings settings;
    bool settings_wrong; /**< not 8E1, and not noted yet */
};

/** Host bytes that are kept to recognise their echo: longer than any packet but the second of
 * Extended Special. */
#define BTAP_USART_RING 512

/** Whether the host's bytes come back on the device's side. */
enum btap_usart_echo_mode {
    BTAP_USART_ECHO_UNKNOWN,
    BTAP_USART_ECHO_OFF,
    BTAP_USART_ECHO_ON,
};

/** The echo of a half-duplex line. */
struct btap_usart_echo {
    enum btap_usart_echo_mode mode;
    bool matched;  /**< some of the host's last bytes have come back */
    uint32_t due;  /**< host bytes that have not come back yet */
    uint32_t sent; /**< host bytes ever put into ring */
    uint8_t ring[BTAP_USART_RING];
};

/** Whether the device waits for a byte of the host behind each one that it sends. */
enum btap_usart_reply_mode {
    BTAP_USART_REPLY_UNKNOWN,
    BTAP_USART_REPLY_OFF, /**< until the next sync: two bytes came without one of the host between
                           */
    BTAP_USART_REPLY_ON,
};

/** The reply mode of an STM8's UART that has no parity (UM0560). */
struct btap_usart_reply {
    enum btap_usart_reply_mode mode;
    bool due;     /**< the device's last byte has no reply yet */
    uint8_t byte; /**< that byte; hosts send it back, or 0xFF: the device takes anything */
};

/** A byte that is kept with its place. */
struct btap_usart_byte {
    struct btap_origin at;
    enum btap_direction direction;
    uint8_t value;
};

/** The last two bytes of the host, outside of commands of either side; byte[1] is the newest. */
struct btap_usart_recent {
    struct btap_usart_byte byte[2];
    uint8_t pending;   /**< how many of them, the newest, have no span yet */
    uint32_t unbroken; /**< host bytes since the device's last */
};

/** Bytes counted for a note. */
struct btap_usart_count {
    uint32_t bytes;
    struct btap_origin first;
};

/** Bytes that belong to no command. */
struct btap_usart_skipped {
    struct btap_usart_count other;
    struct btap_usart_count text; /**< from the device: an application's */
    bool out_of_step;             /**< they follow a conversation that was understood */
    uint8_t katapult;             /**< bytes of Katapult's Connect that came last */
    struct btap_span run;         /**< neighbours that make one span; length 0: none */
};

/** Last host bytes of a group that are kept. */
#define BTAP_USART_TAIL 16

/** The field under way, and the group of bytes between two answers that it is in. */
struct btap_usart_frame {
    uint32_t value; /**< of the field */
    uint32_t left;  /**< bytes of the field that are still due */
    uint32_t first; /**< value that the group begins with */
    uint32_t bytes; /**< host bytes of the group */
    uint8_t sum;    /**< their XOR */
    uint8_t checksum;
    bool mismatch; /**< the checksum, or an opcode's complement, is wrong */
    bool gap;      /**< bytes are missing from the capture */
    uint8_t tail_length;
    uint8_t tail[BTAP_USART_TAIL];
    struct btap_usart_count strays; /**< device bytes where an answer was due */
    uint32_t stray_text;            /**< how many of them are text */
    uint8_t first_stray;
    bool stray_held; /**< it has no span yet: it may be text, or not */
    uint8_t extra_length;
    struct btap_usart_byte extra[2]; /**< host bytes where the device owes an answer: strays, or the
                                          next command */
};

/** The command under way, beside its transaction. */
struct btap_usart_command {
    const struct btap_usart_step *step;
    uint32_t items;     /**< list entries that are still due */
    uint32_t block;     /**< bytes of the next block */
    uint32_t address;   /**< of the next payload byte */
    uint64_t parameter; /**< its first group, to know a repetition; 0: none yet */
    bool unlogged;      /**< an answer that the file does not hold was noted */
    uint8_t crc_length; /**< Get Checksum's reply: ACK or none, CRC, checksum */
    uint8_t crc[6];
    struct btap_usart_byte held; /**< its 0x1F, which is NACK or the CRC's first byte */
};

/** The command before. */
struct btap_usart_previous {
    enum btap_command command;
    enum btap_status status;
    enum btap_phase phase;
    uint8_t opcode;
    bool sound; /**< it was sent whole, up to where it ended, and its last checksum was right */
    bool unanswered;    /**< a command was given up since; its answer may yet come */
    bool surplus_noted; /**< one note between two commands is enough */
    uint64_t parameter;
};

/** What is known of the device. */
struct btap_usart_device {
    bool engaged;          /**< it has answered since it was reset: its bootloader is running */
    uint8_t version;       /**< 0: not known */
    bool unprotected;      /**< its read protection was removed, or a command worked that it
                                disables */
    bool supported_known;  /**< a complete Get was seen */
    uint32_t supported[8]; /**< set of the opcodes that Get lists */
};

/** State of one decoder, caller-owned, under 4 KiB. Its members are the decoder's own. */
struct btap_usart {
    struct btap_emitter emitter;
    enum btap_usart_state state;
    const struct btap_serial_chunk *chunk; /**< under way; NULL between calls */
    struct btap_usart_line line;
    struct btap_usart_echo echo;
    struct btap_usart_reply reply;
    struct btap_usart_recent recent;
    struct btap_usart_skipped skipped;
    struct btap_usart_frame frame;
    struct btap_usart_command command;
    struct btap_usart_previous previous;
    struct btap_usart_device device;
};

/**
 * Starts a decoder.
 *
 * @param sink not NULL; kept, must outlive the decoder
 * @param link not NULL; kept, must outlive the decoder
 */
void btap_usart_init(struct btap_usart *usart, const struct btap_sink *sink,
                     struct btap_link *link);

/**
 * Decodes bytes. Chunks must come in the order of their time; how a stream is cut into chunks
 * makes no difference to what is decoded.
 *
 * Chunks of unknown direction are understood as the strict request and reply that the protocol
 * is. Where the chunks' directions are swapped, or all bytes come in one of them, the
 * first answered command shows it, and a note says so.
 *
 * @param chunk not NULL; not kept
 */
void btap_usart_chunk(struct btap_usart *usart, const struct btap_serial_chunk *chunk);

/**
 * Consumes an event of the line: an error, lost bytes, modem lines, the host's settings.
 *
 * @param event not NULL; not kept
 */
void btap_usart_event(struct btap_usart *usart, const struct btap_serial_event *event);

/**
 * The adapter left the bus: an open transaction ends as BTAP_DISCONNECTED, and what comes
 * then begins anew.
 *
 * @param at not NULL; the record that shows it
 */
void btap_usart_disconnected(struct btap_usart *usart, const struct btap_origin *at);

/** Ends the capture: an open transaction ends as BTAP_INCOMPLETE, or as BTAP_NO_REPLY where the tap
 * knows that the recorder ran on for longer than tools wait. Nothing may come after it. */
void btap_usart_finish(struct btap_usart *usart);

/**
 * What the events so far show of the serial port.
 *
 * @param usart not NULL; may be asked in the sink's callbacks too
 */
struct btap_serial_port btap_usart_port(const struct btap_usart *usart);

/**
 * Whose turn it is, as the protocol is strict request and reply (AN3155 section 3): for recorders
 * of the two lines of a port, where the times of reading do not tell which bytes came first.
 *
 * @param usart not NULL
 * @return BTAP_DIRECTION_UNKNOWN where no conversation is under way, or where either may go on
 */
enum btap_direction btap_usart_turn(const struct btap_usart *usart);

BTAP_END_DECLARATIONS

#endif
