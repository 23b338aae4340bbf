/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Decoder of the two CAN protocols: FDCAN (AN5405) on a link whose transport is BTAP_FDCAN, classic
 * CAN (AN3154) on one that is BTAP_CAN. CAN frames in, transactions out.
 *
 * A CAN bus has other traffic. The decoder takes part (is engaged) from a detection frame of AN5405
 * on, from a command frame that is answered at once, or from two different commands in a row that
 * hardly anything else could be and whose identifiers nobody used otherwise. Where nothing else is
 * on the bus, one command is enough at its end (AN3154: the synchronisation), and the same one
 * twice. Commands whose values or length make no sense count with what follows their answer, or
 * once the one before was refused too; so do those that may as well be the rest of another one,
 * where a capture begins amid a session. They are kept until then with all that belongs to them,
 * and told if it fits: what is cut at the beginning is not. A Go that the device accepted ends it:
 * the application now owns the bus.
 *
 * What is seen and not decoded is told by a note: 29-bit identifiers.
 */
#ifndef BOOTTAP_CAN_H
#define BOOTTAP_CAN_H

#include "boottap/detail/emitter.h"
#include "boottap/event.h"
#include "boottap/product.h"

BTAP_BEGIN_DECLARATIONS

/**
 * Frames that are kept until it is clear what they are. CAN FD: a Write's data sent too early, and
 * one. Classic: the first commands of a capture that nothing opens, each with all its answers.
 */
#define BTAP_CAN_HELD_FD      5
#define BTAP_CAN_HELD_CLASSIC 15

struct btap_can_step;

struct btap_can_options {
    bool bootloader; /**< the bus is a bootloader's: engaged from the first frame on */
};

/** Commands in frames that are not decoded: with 29-bit identifiers. */
struct btap_can_undecoded {
    uint32_t id;           /**< of the last command */
    uint64_t foreign;      /**< frames of others until then, itself included */
    uint64_t alone;        /**< commands so far, if nothing else was on the bus */
    bool known;            /**< there is a last command */
    bool told;             /**< that there are such commands; once a link */
    struct btap_origin at; /**< of the last command */
};

/** A frame that is kept; its bytes follow it. */
struct btap_can_held {
    struct btap_origin at;
    uint32_t id_offset;
    uint16_t id;
    uint8_t length;
    uint8_t captured;
    uint8_t id_bytes[4];
    bool id_known; /**< id_bytes are those of the record */
    bool brs;
    bool brs_known;
    bool command; /**< it waited for its answer */
};

/** Room for a kept frame of at most so many bytes. */
#define BTAP_CAN_HELD_SIZE(bytes) (sizeof(struct btap_can_held) + (bytes))
#define BTAP_CAN_HELD_ROOM        (BTAP_CAN_HELD_CLASSIC * BTAP_CAN_HELD_SIZE(8))

/**
 * State of one decoder, caller-owned, under 4 KiB. Its members are the decoder's own, but for
 * foreign, which may be read at any time.
 */
struct btap_can {
    struct btap_emitter emitter;
    uint64_t last_packet; /**< with a frame of the link's own format */
    uint64_t foreign;     /**< frames that were no bootloader traffic, error frames aside */

    bool bootloader; /**< option: whatever may be a command is one */
    bool engaged;
    bool answered;                      /**< the device answered something on this link */
    bool detection;                     /**< a detection frame was sent */
    bool commands_known;                /**< Get was answered: commands tells the opcodes */
    const struct btap_product *product; /**< as Get ID answered; NULL unknown */
    uint8_t version;                    /**< protocol version, from Get or Get Version; 0 unknown */
    bool brs_known;                     /**< brs is that of the host's last command frame */
    bool brs;
    bool base_known;
    uint16_t base; /**< identifier of the host's commands without the opcode */
    uint32_t commands[8];
    uint32_t of_others[64]; /**< 11-bit identifiers that other nodes turned out to use */
    uint32_t unlike[64];    /**< those that had frames unlike commands while not engaged */

    const struct btap_can_step *step; /**< what the open transaction waits for */
    uint32_t left;                    /**< bytes until the step is complete */
    uint32_t value;                   /**< of a field so far */
    uint8_t value_length;
    uint8_t request_length;
    uint8_t request[8]; /**< start of the command frame, to know it again */
    bool acknowledged;  /**< the command that was kept until now is */
    bool misplaced;     /**< it holds the opcode as data */
    bool malformed;     /**< that frame is none of its command, so that a refusal tells no more */
    uint16_t last_request_id; /**< of the transaction before, whose answer may be late */
    bool last_request;        /**< there is such a one */

    bool last_unanswered; /**< and it was given up without an answer */

    bool surplus_told;      /**< of this run of answers that nothing waits for */
    bool large_page_told;   /**< of this transaction */
    bool reply_told;        /**< the same: of a reply with surplus */
    bool silence_told;      /**< once a link: the missing detection frame */
    uint32_t errors_told;   /**< classes of error frames since the last bootloader frame */
    uint16_t data_frames;   /**< of this transaction's payload */
    uint8_t data_length;    /**< bytes of the last of them */
    uint16_t data_id;       /**< identifier of the host's last frame */
    uint32_t rest;          /**< bytes of the step that go on when its last frame is acknowledged */
    uint8_t unacknowledged; /**< data frames that wait for an answer each */
    uint8_t owed;           /**< frames that the device still waits for, of a Write given up */
    bool swallowed;         /**< it may have taken this command for one of them */
    bool last_of_host;      /**< the last frame was the host's */

    /* A recorder that writes frames down twice */
    bool doubled;      /**< it does */
    bool doubled_told; /**< once a link */
    bool last_doubled; /**< the last frame was such a copy */
    uint32_t last_sum; /**< over the last frame */
    btap_ns last_time; /**< its time */
    btap_ns copy_gap;  /**< time from a frame to its copy */

    struct btap_can_undecoded extended;

    uint64_t foreign_before; /**< foreign, when the candidate came */
    uint8_t candidate;       /**< between commands: place of the one that waits for its answer */
    uint8_t held_length;
    uint8_t held[BTAP_CAN_HELD_ROOM]; /**< oldest first */
};

/**
 * Starts a decoder.
 *
 * @param sink not NULL; kept, must outlive the decoder
 * @param link not NULL; kept, must outlive the decoder; its transport is BTAP_FDCAN or BTAP_CAN
 * @param options NULL for the defaults, all zero; copied
 */
void btap_can_init(struct btap_can *can, const struct btap_sink *sink, struct btap_link *link,
                   const struct btap_can_options *options);

/**
 * Decodes one frame. Frames must come in the order of their time. Frames that are no bootloader
 * traffic are skipped and counted, those of the other protocol's format too: the two decoders of a
 * bus are both to be fed with its frames, and only one of them with each error frame.
 *
 * @param frame not NULL; not kept. Its direction is not used: on CAN it tells which machine
 *        recorded, not which one is the bootloader
 * @return whether the frame is, or may turn out to be, bootloader traffic; false for traffic of
 *         others and for error frames
 */
bool btap_can_feed(struct btap_can *can, const struct btap_can_frame *frame);

/**
 * Ends the capture: an open transaction is reported, as BTAP_INCOMPLETE unless what is known
 * of it is enough, or the tap knows that the recorder ran on for longer than tools wait:
 * BTAP_NO_REPLY.
 */
void btap_can_finish(struct btap_can *can);

BTAP_END_DECLARATIONS

#endif
