/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Decoder of the FDCAN protocol (AN5405): CAN frames in, transactions out.
 *
 * A CAN bus has other traffic. The decoder takes part (is engaged) from a detection frame on, from
 * a command frame that is answered at once, or from two different commands in a row that hardly
 * anything else could be and whose identifiers nobody used otherwise. Where nothing else is on the
 * bus, one command is enough at its end, and the same one twice. A Go that the device accepted ends
 * it: the application now owns the bus.
 */
#ifndef BOOTTAP_FDCAN_H
#define BOOTTAP_FDCAN_H

#include "boottap/detail/emitter.h"
#include "boottap/event.h"

BTAP_BEGIN_DECLARATIONS

/** Frames that are kept until it is clear what they are: a Write's data sent too early, and one. */
#define BTAP_FDCAN_HELD_MAX 5

struct btap_fdcan_step;

/** A frame that is kept. */
struct btap_fdcan_held {
    struct btap_can_frame frame; /**< its pointers are set anew when it is used */
    uint8_t id_bytes[4];
    uint8_t data[64];
};

/**
 * State of one decoder, caller-owned, under 4 KiB. Its members are the decoder's own, but for
 * foreign, which may be read at any time.
 */
struct btap_fdcan {
    struct btap_emitter emitter;
    uint64_t foreign; /**< frames that were no bootloader traffic, error frames aside */

    bool engaged;
    bool answered;       /**< the device answered something on this link */
    bool detection;      /**< a detection frame was sent */
    bool commands_known; /**< Get was answered: commands tells the opcodes */
    uint8_t version;     /**< protocol version, from Get or Get Version; 0 unknown */
    bool base_known;
    uint16_t base; /**< identifier of the host's commands without the opcode */
    uint32_t commands[8];
    uint32_t of_others[64]; /**< 11-bit identifiers that other nodes turned out to use */
    uint32_t unlike[64];    /**< those that had frames unlike commands while not engaged */

    const struct btap_fdcan_step *step; /**< what the open transaction waits for */
    uint32_t left;                      /**< bytes until the step is complete */
    uint32_t value;                     /**< of a field so far */
    uint8_t value_length;
    uint8_t request_length;
    uint8_t request[8];       /**< start of the command frame, to know it again */
    bool data_as_command;     /**< that frame is the host's data rather */
    uint16_t last_request_id; /**< of the transaction before, whose answer may be late */
    bool last_request;        /**< there is such a one */

    bool last_unanswered; /**< and it was given up without an answer */

    bool surplus_told;     /**< of this run of answers that nothing waits for */
    bool large_page_told;  /**< of this transaction */
    bool reply_told;       /**< the same: of a reply with surplus */
    bool classic_told;     /**< once a link */
    bool classic_answered; /**< emitted, likewise */
    uint32_t classic_id;   /**< of the classic frame that was emitted */
    bool silence_told;     /**< the same, the missing detection frame */
    uint32_t errors_told;  /**< classes of error frames since the last bootloader frame */

    uint8_t held_length;
    struct btap_fdcan_held held[BTAP_FDCAN_HELD_MAX]; /**< oldest first */
};

/**
 * Starts a decoder.
 *
 * @param sink not NULL; kept, must outlive the decoder
 * @param link not NULL; kept, must outlive the decoder
 */
void btap_fdcan_init(struct btap_fdcan *fdcan, const struct btap_sink *sink,
                     struct btap_link *link);

/**
 * Decodes one frame. Frames must come in the order of their time. Frames that are no bootloader
 * traffic are skipped and counted.
 *
 * @param frame not NULL; not kept. Its direction is not used: on CAN it tells which machine
 *        recorded, not which one is the bootloader
 * @return whether the frame is, or may turn out to be, bootloader traffic; false for traffic of
 *         others and for error frames
 */
bool btap_fdcan_frame(struct btap_fdcan *fdcan, const struct btap_can_frame *frame);

/**
 * Ends the capture: an open transaction is reported, as BTAP_INCOMPLETE unless what is known
 * of it is enough.
 */
void btap_fdcan_finish(struct btap_fdcan *fdcan);

BTAP_END_DECLARATIONS

#endif
