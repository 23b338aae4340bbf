/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the FDCAN host share: what is known of the device, and one command in hand with
 * the frames of both sides (AN5405 sections 2 and 3).
 *
 * Frames of the host carry the command's identifier, as recorded or the bare opcode, and the second
 * bit rate as recorded hosts had it. A data frame is always full, 64 bytes, the last one filled up
 * with 0xFF, the value of erased flash: so the note has it (3.6), ST's own code counts frames and
 * not bytes, and a programming unit that the data do not fill stays as it was.
 */
#ifndef SNIFFER_REPLAY_FDCAN_LINK_H
#define SNIFFER_REPLAY_FDCAN_LINK_H

#include "replay/host_answer.h"

struct fdcan_link {
    struct host host;
    bool heard;         /**< the device answered since it came up */
    bool detection;     /**< it answers nothing before the detection frame */
    bool resetting;     /**< it resets, by a command that has it do so */
    btap_ns back_by;    /**< then: CLOCK_MONOTONIC, when it is back at the latest */
    bool half;          /**< it may wait for data, which any frame might complete */
    uint8_t forms;      /**< bits of enum fdcan_link_form that its answers had */
    bool one_list_ack;  /**< Erase: the list follows the first answer */
    bool sectors_apart; /**< Write Protect: the sectors follow in frames of their own */
};

/** Which identifier a frame of the device has; bits. */
enum fdcan_link_form {
    FDCAN_LINK_OPCODE = 1 << 0,
    FDCAN_LINK_REQUEST = 1 << 1, /**< that of the command's frame */
    FDCAN_LINK_FIXED = 1 << 2,   /**< 0x111 (AN5405 section 2) */
};

/** A command on its way. */
struct fdcan_talk {
    struct fdcan_link *link;
    const struct plan_command *command;
    struct host_answer *answer;
    uint32_t id;             /**< of its frames */
    enum btap_phase closing; /**< of the answer that closes a reply, if not that of the reply */
    bool gone;               /**< the wire takes nothing any more; a message said so */
    struct wire_frame frame; /**< of the device, the last one */
    uint8_t position;        /**< bytes of it that are read */
};

/** AN5405 section 3, "Communication safety" */
#define FDCAN_LINK_ACK  0x79
#define FDCAN_LINK_NACK 0x1f

/** Begins the talk, and the answer with it; what came before is for no command, and dropped. The
 * command must be in hand at the gate. */
struct fdcan_talk fdcan_talk_begin(struct fdcan_link *link, const struct plan_command *command,
                                   struct host_answer *answer);

/** Ends the answer. @return false */
bool fdcan_talk_stop(struct fdcan_talk *talk, enum btap_status status, enum btap_phase phase);

/** Ends it where the device waits for what is not sent: nothing else may be. @return false */
bool fdcan_talk_lacks(struct fdcan_talk *talk, enum btap_phase phase);

/** How it came out, where a function below was false. */
enum host_end fdcan_talk_end(const struct fdcan_talk *talk);

/** For an answer without work, and for one with the command's work. */
btap_ns fdcan_talk_soon(const struct fdcan_talk *talk);
btap_ns fdcan_talk_work(const struct fdcan_talk *talk);

/** The shorter one of a wait and of what the user says. */
btap_ns fdcan_link_at_most(const struct fdcan_link *link, btap_ns time);

/** Sends a frame, filled up with 0xFF to a length that CAN FD has. @return false: gone */
bool fdcan_talk_send(struct fdcan_talk *talk, const uint8_t *bytes, size_t length);

/** What came of waiting for a frame. */
enum fdcan_talk_got {
    FDCAN_TALK_ACK,
    FDCAN_TALK_NACK,
    FDCAN_TALK_DATA, /**< neither: talk->frame */
    FDCAN_TALK_SILENCE,
    FDCAN_TALK_GONE,
};

/**
 * Waits for a frame of the device; those of other nodes are passed over.
 *
 * @param time how long; 0: only what has come already
 */
enum fdcan_talk_got fdcan_talk_next(struct fdcan_talk *talk, btap_ns time);

/** What a frame makes of a command that waits for an answer. @return whether it is ACK */
bool fdcan_talk_judge(struct fdcan_talk *talk, enum fdcan_talk_got got, enum btap_phase phase);

/** Waits for an answer. @return whether it is ACK; else the answer has ended */
bool fdcan_talk_answered(struct fdcan_talk *talk, enum btap_phase phase, btap_ns time);

/** What came of reading. */
enum fdcan_talk_read {
    FDCAN_TALK_READ,
    FDCAN_TALK_CLOSED, /**< the device closed its reply before: ACK */
    FDCAN_TALK_OVER,   /**< the answer has ended */
};

/** Reads bytes of the device's reply; fields go on from frame to frame. @param[out] got bytes */
enum fdcan_talk_read fdcan_talk_read(struct fdcan_talk *talk, uint8_t *bytes, uint32_t length,
                                     uint32_t *got, enum btap_phase phase);

/** The answer that closes a reply; the rest of the frame before is padding. @return ACK */
bool fdcan_talk_closed(struct fdcan_talk *talk, enum btap_phase phase);

/** Sends data in full frames. @return false: it was refused meanwhile, or gone */
bool fdcan_talk_send_data(struct fdcan_talk *talk, const uint8_t *bytes, uint32_t length);

/* fdcan_wake.c */

/** Sends the detection frame, which is in hand, and waits for its answer. */
enum host_end fdcan_wake_detect(struct fdcan_link *link, const struct plan_command *command,
                                struct host_answer *answer);

/** The same as a command of the host's own. */
enum host_end fdcan_wake_detect_own(struct fdcan_link *link, struct host_answer *answer);

/** Waits until a device that resets takes commands again. @return HOST_GONE: the wire is */
enum host_end fdcan_wake_return(struct fdcan_link *link, struct host_answer *answer);

/**
 * The command's first frame, and its first answer. A device that never said a word gets the
 * detection frame, and a command that changes nothing once more.
 */
bool fdcan_wake_open(struct fdcan_talk *talk, const uint8_t *bytes, size_t length);

/* fdcan_command.c */

/** Sends a command, which is in hand and no Sync. */
enum host_end fdcan_command_send(struct fdcan_link *link, const struct plan_command *command,
                                 struct host_answer *answer);

/* fdcan_special.c */

bool fdcan_special_send(struct fdcan_talk *talk);

#endif
