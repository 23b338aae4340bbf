/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Decoder of the USART protocol (AN3155): bytes of a serial line in, transactions out.
 */
#ifndef BOOTTAP_USART_H
#define BOOTTAP_USART_H

#include "boottap/detail/emitter.h"
#include "boottap/event.h"

BTAP_BEGIN_DECLARATIONS

/** One phase of a command; the tables are decoder/usart_steps.c. */
struct btap_usart_step;

/** How far the conversation is understood. */
enum btap_usart_state {
    BTAP_USART_SEEKING, /**< not: bytes are skipped until the device answers a command */
    BTAP_USART_IDLE,    /**< the device waits for a command */
    BTAP_USART_PAIR,    /**< first byte of a command seen, its complement is due */
    BTAP_USART_STEPS,   /**< in a command, at step */
};

/** What the directions of the chunks mean. */
enum btap_usart_view {
    BTAP_USART_AS_TOLD,
    BTAP_USART_SWAPPED, /**< found out: the host's bytes come as the device's */
    BTAP_USART_MERGED,  /**< found out: one direction carries both */
};

/** Whether the host's bytes come back on the device's side. */
enum btap_usart_echo {
    BTAP_USART_ECHO_UNKNOWN,
    BTAP_USART_ECHO_OFF,
    BTAP_USART_ECHO_ON,
};

/** A byte that is kept with its place. */
struct btap_usart_byte {
    struct btap_origin at;
    enum btap_direction direction;
    uint8_t value;
};

/** Bytes that fit nowhere, counted until they are told in a note. */
struct btap_usart_count {
    uint32_t bytes;
    struct btap_origin first;
};

/** Neighbouring bytes that will make one span. */
struct btap_usart_run {
    uint64_t packet;
    uint32_t offset;
    uint32_t length; /**< 0: none */
    enum btap_direction direction;
    enum btap_field field;
};

/** A command's first group of bytes after the opcode, enough to know it again. */
struct btap_usart_parameter {
    bool known;
    uint8_t sum;    /**< XOR of all the group's bytes */
    uint32_t value; /**< the value it begins with: address, count, sub-command */
};

/** What is remembered of the command before. */
struct btap_usart_previous {
    bool known;
    uint8_t opcode;
    enum btap_command command;
    enum btap_status status;
    enum btap_phase phase;
    struct btap_usart_parameter parameter;
    bool mismatch; /**< of the checksum that was answered last */
    bool early;    /**< refused before the host had sent all */
};

/** Host bytes that are kept to recognise their echo: longer than any packet but the second of
 * Extended Special. */
#define BTAP_USART_RING 512
/** Last host bytes of a command that are kept. */
#define BTAP_USART_TAIL 16

/** State of one decoder, caller-owned, under 4 KiB. Its members are the decoder's own. */
struct btap_usart {
    struct btap_emitter emitter;
    enum btap_usart_state state;
    bool engaged;      /**< the device has answered: its side of the conversation is followed */
    bool fresh;        /**< SEEKING: the host's next bytes are believed to begin a command */
    bool lost;         /**< SEEKING after having been engaged */
    uint32_t unbroken; /**< host bytes since the device's last */
    const struct btap_serial_chunk *chunk; /**< under way; NULL between calls */

    /* The command under way */
    const struct btap_usart_step *step;
    uint32_t value;   /**< of the field under way */
    uint32_t left;    /**< bytes of the field or block that are still due */
    uint32_t items;   /**< list entries that are still due */
    uint32_t block;   /**< bytes of the next block */
    uint32_t address; /**< of the next payload byte */
    struct btap_usart_parameter parameter;
    uint32_t group_bytes; /**< host bytes since the last answer */
    uint8_t group_xor;
    bool mismatch;       /**< the group's checksum is wrong */
    uint8_t checksum;    /**< the group's checksum as sent */
    bool gap;            /**< bytes of this command are missing from the capture */
    bool oversize;       /**< Special: more bytes announced than the device takes */
    bool swallowed_half; /**< the device holds an unanswered 0x7F as half a command */
    uint32_t syncs;      /**< Sync: 0x7F sent so far */
    uint32_t strays;     /**< device bytes where an answer was due */
    uint8_t first_stray;
    struct btap_origin stray_at;
    uint32_t stray_text; /**< how many of them are text */
    uint8_t tail_length;
    uint8_t tail[BTAP_USART_TAIL];
    struct btap_usart_byte held; /**< Get Checksum: 0x1F that is NACK or the CRC's first byte */
    uint8_t crc_length;
    uint8_t crc[5];
    bool crc_acknowledged;

    /* The last two bytes of the host (SEEKING: of either side); [1] is the newest */
    struct btap_usart_byte recent[2];
    uint8_t pending; /**< how many of them, the newest, are not told yet */

    /* Between commands */
    struct btap_usart_previous previous;
    bool unanswered;   /**< a command was given up; its answer may yet come */
    bool surplus_told; /**< one note a gap is enough */
    uint8_t katapult;  /**< bytes of Katapult's Connect among those skipped last */
    bool leftover;     /**< the complement of a command that was refused early may follow */
    uint8_t leftover_value;
    struct btap_usart_count skipped;
    struct btap_usart_count text;
    struct btap_usart_run run;

    /* What is known of the device */
    uint8_t version;       /**< 0: not known */
    bool supported_known;  /**< a complete Get was seen */
    uint32_t supported[8]; /**< set of the opcodes that Get lists */

    /* The line */
    enum btap_usart_view view;
    uint8_t directions; /**< set of the directions that chunks told, 1 << direction */
    uint8_t lines;
    uint8_t lines_known;         /**< DTR and RTS, as far as events told them */
    uint64_t lines_moved_packet; /**< where one of the two changed first; 0 if none did */
    struct btap_serial_settings settings;
    bool settings_wrong; /**< not 8E1, and not told yet */
    enum btap_usart_echo echo;
    bool echo_told;
    bool echo_matched; /**< some of the host's last bytes have come back */
    uint32_t echo_due; /**< host bytes that have not come back yet */
    uint32_t ring_end; /**< host bytes ever put into ring */
    uint8_t ring[BTAP_USART_RING];
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
 * is. Where the directions that chunks tell are swapped, or all bytes come in one of them, the
 * first answered command shows it, and a note says so.
 *
 * @param chunk not NULL; not kept
 */
void btap_usart_chunk(struct btap_usart *usart, const struct btap_serial_chunk *chunk);

/**
 * Takes an event of the line: an error, lost bytes, modem lines, the host's settings.
 *
 * @param event not NULL; not kept
 */
void btap_usart_event(struct btap_usart *usart, const struct btap_serial_event *event);

/**
 * The adapter left the bus: an open transaction is reported as BTAP_DISCONNECTED, and what comes
 * then begins anew.
 *
 * @param at not NULL; the record that tells it
 */
void btap_usart_disconnected(struct btap_usart *usart, const struct btap_origin *at);

/** Ends the capture: an open transaction is reported as BTAP_INCOMPLETE. */
void btap_usart_finish(struct btap_usart *usart);

/** What the capture tells so far of the serial port. @param usart not NULL */
struct btap_serial_port btap_usart_port(const struct btap_usart *usart);

BTAP_END_DECLARATIONS

#endif
