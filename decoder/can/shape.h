/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a CAN frame looks like on its own, an FD one to AN5405, a classic one to AN3154. A bus
 * carries other traffic, hosts and devices share identifiers, and no direction is told: the look
 * is what tells commands apart. Internal to the CAN decoder.
 */
#ifndef DECODER_CAN_SHAPE_H
#define DECODER_CAN_SHAPE_H

#include "boottap/command.h"
#include "boottap/event.h"

#define CAN_ACK  0x79 /* AN5405 section 3, "Communication safety" */
#define CAN_NACK 0x1f

/** AN5405 section 2: the identifier of the device's frames, and of the detection frame. */
#define CAN_ID 0x111u
/** Section 1 has this one for the detection frame, table 3 the one above. */
#define CAN_ID_OTHER 0x011u

/** AN3154: the identifier recommended for the data frames of Write Memory. */
#define CAN_DATA_ID 0x04u

/** Not in AN5405, but ST's own device code takes it as Erase. */
#define CAN_OPCODE_ERASE_OTHER 0x43u
/** The bits of an identifier that hosts add to the opcode, the same in every command. */
#define CAN_ID_BASE 0x700u

/** Sub-command and checksum of Special, by the note's text in a frame of their own (3.12). */
#define CAN_SUBCOMMAND_LENGTH 3u

/** How much a frame looks like a command; every step includes those before it. */
enum can_shape {
    CAN_OTHER,     /**< the low byte of its identifier is no opcode */
    CAN_UNFIT,     /**< an opcode, but more payload than that command has */
    CAN_SHORT,     /**< an opcode, and less payload */
    CAN_FIT,       /**< as much payload as the command has, padding aside */
    CAN_PLAUSIBLE, /**< with values that make sense */
    CAN_TYPICAL,   /**< and hardly anything but a bootloader's host sends such a frame */
    CAN_DETECTION, /**< the detection frame of AN5405 section 1 */
};

/** A detection frame that is longer than its one byte; its shape is CAN_TYPICAL. */
bool can_is_padded_detection(const struct btap_can_frame *frame);

/** An Erase by pages that has the list in the command's frame too, in one or two bytes a page. */
bool can_holds_page_list(const struct btap_can_frame *frame);

/** On the identifier of AN5405 section 2, and where the opcode should be it is in the payload. */
bool can_has_opcode_inside(const struct btap_can_frame *frame);

/** Looks at identifier and payload; frame->fd is left to the caller. */
enum can_shape can_shape(const struct btap_can_frame *frame);

/**
 * The command that an identifier stands for, or BTAP_COMMAND_UNKNOWN: FD, by its low byte; classic,
 * by all of it, and the detection frame of AN5405, which no classic device knows.
 */
enum btap_command can_command(const struct btap_can_frame *frame);
/** Payload bytes of a command's frame, as AN5405 section 3 and AN3154 have them. */
uint8_t can_command_length(const struct btap_can_frame *frame);
/** The detection frame of AN5405 as a classic frame. */
bool can_is_classic_detection(const struct btap_can_frame *frame);
/** Largest payload of a frame. */
uint8_t can_frame_max(bool fd);
/**
 * Whether a frame can be the next of some that carry left bytes: a full one, or one of the
 * smallest payload length that holds them.
 */
bool can_fits(const struct btap_can_frame *frame, uint32_t left);

/** An answer: ACK or NACK alone, or, FD, with nothing but padding behind it. */
bool can_is_answer(const struct btap_can_frame *frame);

/** ACK or NACK with nothing behind it: what a frame that should hold data can end a reply with. */
bool can_is_bare_answer(const struct btap_can_frame *frame);

/**
 * Whether a frame that may as well be data is a command: its payload must be exactly a command's,
 * for data may look like a padded one.
 */
bool can_is_exact(const struct btap_can_frame *frame);

/**
 * A classic command without payload in a frame that has some: by AN2662 the length of such a frame
 * is not important. Signals of others look like it too.
 */
bool can_is_padded_empty(const struct btap_can_frame *frame);

/**
 * A likely command of CAN FD that may as well be the rest of an exchange, so that an ACK behind it
 * proves nothing: a Get Version with a byte or two of padding, or the option bytes of its reply,
 * which are 00 00; an Erase of so many pages, or a list of one page; Write Protect, or its list;
 * Special, or one of its sizes and replies.
 */
bool can_may_be_rest(const struct btap_can_frame *frame);

/** Pages that an Erase says that it names; 0: it does not say. */
uint32_t can_pages(const struct btap_can_frame *frame);

/** Whether a frame's identifier is one that answers a command may have. */
bool can_is_reply_id(const struct btap_can_frame *frame, uint32_t request_id);

#endif
